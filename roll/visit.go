package roll

import (
	"context"
	"fmt"

	"coopcloud.tech/goodstanding/eligibility"
	"coopcloud.tech/goodstanding/member"
	"coopcloud.tech/goodstanding/store"
)

// The words of the audit chain for signing in and out; never reused or renamed.
const (
	actionSignIn    = "sign_in"
	actionSignOut   = "sign_out"
	actionPrintLink = "print_sign_in_link"
)

// wayWords say how somebody signed in, for the audit log.
var wayWords = map[store.Way]string{
	store.ByMail: "by a mailed link", store.ByOpenID: "by the sign-in service", store.ByPrinted: "by a link that the operator printed",
}

// Visitor is a person who may sign in, as a transaction sees it; ok is false
// for somebody who is unknown, was removed or was erased.
func Visitor(ctx context.Context, tx *store.Tx, id member.PersonID) (p store.PersonInfo, ok bool, err error) {
	people, err := tx.People(ctx)
	if err != nil {
		return p, false, fmt.Errorf("look for a person: %w", err)
	}
	for _, one := range people {
		if one.ID == id && (one.Name != "" || one.Email != "") {
			return one, true, nil
		}
	}
	return p, false, nil
}

// SignIn enters that a person has signed in, in the transaction that begins the
// session (stream Entries). Signing in ends the pauses of the members that the
// person is delegate of, where others asked for them, and takes back those that
// others have asked for and that have not begun: one that a member asks for
// itself stays until the member ends it (domain.md, section 8).
func (r *Roll) SignIn(ctx context.Context, tx *store.Tx, p store.PersonInfo, way store.Way) (Report, error) {
	report, err := r.signIn(ctx, tx, p, way)
	if err != nil {
		return Report{}, fmt.Errorf("sign in: %w", err)
	}
	return report, nil
}

// noteVisit enters what changes nothing but who may come in.
func noteVisit(ctx context.Context, tx *store.Tx, by By, action string, id member.PersonID, payload map[string]any) (store.By, error) {
	author, err := author(ctx, tx, by)
	if err != nil {
		return author, err
	}
	return author, audit(ctx, tx, entry{by: by, action: action, subject: string(id), payload: payload}, author)
}

func (r *Roll) signIn(ctx context.Context, tx *store.Tx, p store.PersonInfo, way store.Way) (Report, error) {
	by := By{Actor: ActorOf(p), Reason: "signed in " + wayWords[way]}
	author, err := noteVisit(ctx, tx, by, actionSignIn, p.ID, map[string]any{"way": string(way)})
	if err != nil {
		return Report{}, err
	}
	a, err := r.newAct(ctx, tx, by, nil)
	if err != nil {
		return Report{}, err
	}
	a.author, a.now = author, tx.Now()
	ended := false
	for _, m := range a.actor.Delegates {
		one, err := a.endPausesByOthers(ctx, m)
		if err != nil {
			return Report{}, err
		}
		ended = ended || one
	}
	if !ended {
		return Report{}, nil // no standing rests on who is signed in
	}
	return r.afterEntry(ctx, tx, because{})
}

// endPausesByOthers ends the pause of a member, and those planned, that nobody
// asked for who was its delegate then.
func (a *act) endPausesByOthers(ctx context.Context, id member.ID) (ended bool, err error) {
	h := a.history(id)
	theirs := func(rows ...store.MembershipRow) (out []store.MembershipRow, err error) {
		for _, row := range rows {
			own, err := a.tx.WasDelegate(ctx, row.Member, member.PersonID(row.Actor), row.Known)
			if err != nil {
				return nil, err
			}
			if !own {
				out = append(out, row)
			}
		}
		return out, nil
	}
	planned, err := theirs(h.planned(a.now, eligibility.Paused)...)
	if err != nil {
		return false, err
	}
	if err := a.takeBack(ctx, planned); err != nil {
		return false, err
	}
	ended = len(planned) > 0
	if pause, paused := h.paused(a.now); paused {
		now, err := theirs(pause)
		if err != nil {
			return false, err
		}
		if len(now) > 0 {
			ended = true
			if err := a.event(ctx, id, eligibility.Resumed, a.now); err != nil {
				return false, err
			}
		}
	}
	if !ended {
		return false, nil
	}
	return true, a.alsoAudit(ctx, actionResume, string(id), map[string]any{"at": a.now, "signed_in": true})
}

// SignOut enters that sessions of a person were ended, in the transaction that
// ends them. Who ends them is the person, or a treasurer or the operator.
func (r *Roll) SignOut(ctx context.Context, tx *store.Tx, by By, id member.PersonID, sessions int) error {
	if _, err := noteVisit(ctx, tx, by, actionSignOut, id, map[string]any{"sessions": sessions}); err != nil {
		return fmt.Errorf("sign out: %w", err)
	}
	return nil
}

// MayEndSessions refuses whoever may not end the sessions of a person: the
// person may, treasurers and the operator.
func (r *Roll) MayEndSessions(ctx context.Context, tx *store.Tx, by By, id member.PersonID) error {
	return r.mayVisit(ctx, tx, by, "end the sessions", func(a *act) {
		if a.actor.ID == string(id) || a.keeper() {
			a.knownPerson(id)
		}
	})
}

// PrintLink enters that the operator printed a link by which a person can sign
// in, in the transaction that makes it. Nobody else may (domain.md, section 8,
// "The first people").
func (r *Roll) PrintLink(ctx context.Context, tx *store.Tx, by By, id member.PersonID) error {
	err := r.mayVisit(ctx, tx, by, "print a sign-in link", func(a *act) {
		if !a.actor.Operator {
			a.refuse("only the operator may, on the host of the program: leave --as out")
			return
		}
		a.knownPerson(id)
	})
	if err != nil {
		return err
	}
	if _, err := noteVisit(ctx, tx, by, actionPrintLink, id, nil); err != nil {
		return fmt.Errorf("print a sign-in link: %w", err)
	}
	return nil
}

func (r *Roll) mayVisit(ctx context.Context, tx *store.Tx, by By, what string, check func(*act)) error {
	a, err := r.newAct(ctx, tx, by, nil)
	if err != nil {
		return fmt.Errorf("%s: %w", what, err)
	}
	a.refuseAll(by.check())
	if check(a); a.refused() {
		return &Refused{What: what, Reasons: a.reasons}
	}
	return nil
}
