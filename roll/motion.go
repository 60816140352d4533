package roll

import (
	"context"
	"fmt"

	"coopcloud.tech/goodstanding/internal/instant"
	"coopcloud.tech/goodstanding/member"
	"coopcloud.tech/goodstanding/store"
)

// The words of the audit chain for motions; never reused or renamed.
const (
	actionMove         = "ask_for_second"
	actionWithdrawMove = "withdraw_motion"
)

// MotionPause is the kind of a motion to pause a member; the others are the chair's
// changes of an electorate.
const MotionPause = "pause"

// motionFor is how long a motion waits for a second person. domain.md is silent
// about it: who asks does not speak for the second person months later.
const motionFor = 30 * instant.Day

// NewMotion is what a facilitator asks for that a second person of another member
// has to agree to (domain.md, sections 5 and 8). Why is By.Reason.
type NewMotion struct {
	Kind     string
	Decision string    // whose electorate; "" for a pause
	About    member.ID // whom it is about
	Member   member.ID // for whom the facilitator acts; "" for none
}

// Move asks for a change that a second person has to agree to. A facilitator may. A
// change of an electorate is looked at by the chair before (chair.Move). What is asked
// for already, and waits, is refused. Whoever may agree is told.
func (r *Roll) Move(ctx context.Context, by By, n NewMotion) (string, error) {
	id := r.newID("mo")
	_, err := r.enter(ctx, by, actionMove, "ask for that", string(n.About), func(a *act) error {
		if !a.actor.Has(member.Facilitator) {
			a.refuse("only a facilitator may ask for that")
			return nil
		}
		a.movable(&n)
		waiting, err := a.tx.Motions(ctx)
		if err != nil {
			return err
		}
		for _, m := range waiting {
			if m.Kind == n.Kind && m.Decision == n.Decision && m.About == n.About && a.now < m.At+motionFor {
				a.refuse("that is asked for already, on %s, and waits for a second person", a.date(m.At))
			}
		}
		if a.refused() {
			return nil
		}
		a.payload["motion"], a.payload["kind"] = id, n.Kind
		if n.Decision != "" {
			a.payload["decision"] = n.Decision
		}
		m := store.Motion{ID: id, Kind: n.Kind, Decision: n.Decision, About: n.About, Reason: by.reason(),
			Person: member.PersonID(a.actor.ID), Member: n.Member, At: a.now}
		a.tellMotion(m)
		return a.tx.SetMotion(ctx, m)
	})
	if err != nil {
		return "", err
	}
	return id, nil
}

// movable adds the reasons against what is asked for, as far as it is the register's.
func (a *act) movable(n *NewMotion) {
	if n.Member != "" && !a.actor.DelegateOf(n.Member) {
		a.refuse("you are no delegate of %s", a.handle(n.Member))
	}
	if _, ok := a.member(n.About); !ok || n.Kind != MotionPause {
		return
	}
	if a.actor.DelegateOf(n.About) {
		a.refuse("you are its delegate: you can pause it alone, on your own page")
		return
	}
	if a.admittedAt(n.About, a.now) {
		a.notPausedAlready(a.history(n.About), a.now+pauseNotice, false, false)
	}
}

// Motions are those that wait for a second person, the oldest first.
func (r *Roll) Motions(ctx context.Context) (out []store.Motion, err error) {
	now := r.now()
	err = r.db.View(ctx, func(tx *store.Tx) error {
		out = nil
		all, err := tx.Motions(ctx)
		for _, m := range all {
			if now < m.At+motionFor {
				out = append(out, m)
			}
		}
		return err
	})
	if err != nil {
		return nil, fmt.Errorf("list what waits for a second person: %w", err)
	}
	return out, nil
}

// Motion is one that waits for a second person, in a transaction; the error is a
// *Refused where it does not.
func (r *Roll) Motion(ctx context.Context, tx *store.Tx, id string) (store.Motion, error) {
	m, ok, err := tx.Motion(ctx, id)
	switch {
	case err != nil:
		return m, err
	case !ok:
		return m, &NotFound{What: "motion", Word: id}
	case m.Outcome == store.MotionCarried:
		return m, &Refused{What: "agree", Reasons: []string{"somebody has agreed already, and it is done"}}
	case m.Ended != 0:
		return m, &Refused{What: "agree", Reasons: []string{"who asked for it has taken it back"}}
	case r.now() >= m.At+motionFor:
		return m, &Refused{What: "agree", Reasons: []string{"it has waited for more than 30 days: a facilitator can ask for it anew"}}
	}
	return m, nil
}

// WaitingMotion is Motion in a transaction of its own.
func (r *Roll) WaitingMotion(ctx context.Context, id string) (m store.Motion, err error) {
	err = r.db.View(ctx, func(tx *store.Tx) (err error) {
		m, err = r.Motion(ctx, tx, id)
		return err
	})
	return m, findError("read a motion", err)
}

// motion is one that waits; it refuses any other.
func (a *act) motion(ctx context.Context, id string) (m store.Motion, waits bool, err error) {
	m, err = a.r.Motion(ctx, a.tx, id)
	if no, refused := Reasons(err); refused {
		a.refuseAll(no)
		return m, false, nil
	}
	return m, err == nil, err
}

// Carried notes, in the transaction that does it, that a second person agreed.
func Carried(ctx context.Context, tx *store.Tx, m store.Motion) error {
	m.Ended, m.Outcome = tx.Now(), store.MotionCarried
	return tx.SetMotion(ctx, m)
}

// WithdrawMotion takes back what was asked for. Who asked may, and any facilitator.
func (r *Roll) WithdrawMotion(ctx context.Context, by By, id string) error {
	_, err := r.enter(ctx, by, actionWithdrawMove, "take that back", id, func(a *act) error {
		m, waits, err := a.motion(ctx, id)
		if err != nil || !waits {
			return err
		}
		if !a.actor.Has(member.Facilitator) && member.PersonID(a.actor.ID) != m.Person {
			a.refuse("only who asked for it, or a facilitator, may")
			return nil
		}
		if a.refused() {
			return nil
		}
		m.Ended, m.Outcome = a.now, store.MotionWithdrawn
		return a.tx.SetMotion(ctx, m)
	})
	return err
}

// SecondPause pauses a member because a second person agrees to what a facilitator
// asked for (domain.md, section 8): after seven days of notice, which begin now. The
// reason is the facilitator's; By.Reason is not looked at.
func (r *Roll) SecondPause(ctx context.Context, by By, id string) (Report, error) {
	m, err := r.WaitingMotion(ctx, id)
	if err != nil {
		return Report{}, err
	}
	by.Second, by.Reason = &member.Actor{ID: string(m.Person)}, m.Reason
	return r.enter(ctx, by, actionPause, "pause the member", string(m.About), func(a *act) error {
		m, waits, err := a.motion(ctx, id)
		if err != nil || !waits {
			return err
		}
		if m.Kind != MotionPause {
			a.refuse("it is no pause that is asked for")
			return nil
		}
		if a.actor.DelegateOf(m.About) {
			a.refuse("you are its delegate: you can pause it alone, on your own page")
			return nil
		}
		a.payload["motion"] = id
		if err := a.pause(ctx, m.About, 0, false); err != nil || a.refused() {
			return err
		}
		return Carried(ctx, a.tx, m)
	})
}

// MaySecond says whether a person may agree to a motion at all: who is not the one
// that asked, and acts for a member that is none of that person's own. Whether it may
// be done is looked at when somebody agrees.
func (b *Book) MaySecond(m *store.Motion, who member.Actor) bool {
	asker, _ := b.Person(m.Person)
	return maySecond(m, ActorOf(asker), who, nil)
}
