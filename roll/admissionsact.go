package roll

import (
	"context"
	"slices"
	"strings"

	"coopcloud.tech/goodstanding/member"
	"coopcloud.tech/goodstanding/store"
)

// application is one that waits for a yes or no. What nobody has confirmed is there
// for nobody.
func (a *act) application(ctx context.Context, id string) (store.Application, error) {
	row, ok, err := a.tx.Application(ctx, id)
	switch {
	case err != nil:
		return row, err
	case !ok || row.Confirmed == 0:
		a.refuse("there is no such application")
	case row.Outcome != store.Undecided:
		a.refuse("it was %s on %s", row.Outcome, a.date(row.Decided))
	}
	return row, nil
}

// decided says to who may know whether an application was decided about in this way
// already, so that pressing a button twice is the same as once.
func (r *Roll) decided(ctx context.Context, who member.Actor, id string, o store.ApplicationOutcome) (row store.Application, is bool, err error) {
	err = r.db.View(ctx, func(tx *store.Tx) error {
		a, err := r.newAct(ctx, tx, By{Actor: who}, nil)
		if err != nil {
			return err
		}
		row, is, err = tx.Application(ctx, id)
		is = is && row.Outcome == o && Admits(a.actor)
		return err
	})
	return row, is, err
}

// AcceptApplication takes an application up: what applies becomes a member that is
// not admitted yet, under the name given ("": the one that was typed), and who
// represents it its delegate, who can sign in (domain.md, section 8: a yes to a
// person who asks). Doing so twice gives the same member.
func (r *Roll) AcceptApplication(ctx context.Context, by By, id, name string) (member.ID, Report, error) {
	if row, is, err := r.decided(ctx, by.Actor, id, store.Accepted); is || err != nil {
		return row.Member, Report{}, actError("accept the application", err)
	}
	m := member.ID(r.newID("m"))
	report, err := r.enter(ctx, by, actionAcceptApplication, "accept the application", string(m), func(a *act) error {
		if !a.admitter() {
			return nil
		}
		row, err := a.application(ctx, id)
		if err != nil || a.refused() {
			return err
		}
		n := NewMember{Name: name, Kind: row.Kind, Website: row.Website, Summary: row.Summary, Applied: true, Contacts: []Contact{{Email: row.Email, Matrix: row.Matrix}}}
		if n.trim(); n.Name == "" {
			n.Name = row.Name
		}
		a.refuseAll(n.faults())
		a.nameFree(n.Name)
		p, known, err := a.tx.PersonByEmail(ctx, row.Email)
		if err != nil {
			return err
		}
		if known && a.actor.ID == string(p.ID) {
			a.refuse("the application came from your own address: another treasurer or facilitator has to accept it")
		}
		if a.refused() {
			return nil
		}
		if err := a.add(ctx, m, n, a.now); err != nil {
			return err
		}
		if err := a.represent(ctx, &row, p, known, m); err != nil {
			return err
		}
		a.payload["application"] = row.ID
		row.Decided, row.DecidedBy, row.Outcome, row.Member = a.now, a.actor.ID, store.Accepted, m
		return a.tx.SetApplication(ctx, row)
	})
	if err != nil {
		return "", Report{}, err
	}
	return m, report, nil
}

// represent makes who represents an applicant its delegate. Who is known by the
// address already is that person.
func (a *act) represent(ctx context.Context, row *store.Application, p store.Person, known bool, m member.ID) error {
	if !known {
		p = store.Person{ID: member.PersonID(a.r.newID("p")), Email: row.Email, Name: row.Representative}
		if err := a.tx.SetPerson(ctx, p); err != nil {
			return err
		}
		if err := a.tx.SetWish(ctx, store.Wish{Recipient: string(p.ID), Language: row.Language}); err != nil {
			return err
		}
	}
	a.payload["person"] = p.ID
	return a.setDelegate(ctx, p.ID, m, store.DelegateAdded)
}

// DeclineApplication says no to an application, with the reason that By gives.
// Nobody is told by a mail: what there is to say is better said by a person. Doing
// so twice is the same as once.
func (r *Roll) DeclineApplication(ctx context.Context, by By, id string) error {
	if _, is, err := r.decided(ctx, by.Actor, id, store.Declined); is || err != nil {
		return actError("decline the application", err)
	}
	_, err := r.enter(ctx, by, actionDeclineApplication, "decline the application", id, func(a *act) error {
		if !a.admitter() {
			return nil
		}
		row, err := a.application(ctx, id)
		if err != nil || a.refused() {
			return err
		}
		row.Decided, row.DecidedBy, row.Outcome, row.Reason = a.now, a.actor.ID, store.Declined, a.author.Reason
		return a.tx.SetApplication(ctx, row)
	})
	return err
}

// FindApplication is the id of a confirmed application that a word names: its id,
// or the name of who applies, where one alone waits that has it.
func (r *Roll) FindApplication(ctx context.Context, who member.Actor, word string) (string, error) {
	all, err := r.Admissions(ctx, who)
	if err != nil {
		return "", err
	}
	word = strings.TrimSpace(word)
	var same, nearest []string
	for _, one := range slices.Concat(all.Waiting, all.Decided) {
		if one.ID == word {
			return word, nil
		}
		if strings.EqualFold(one.Name, word) {
			same = append(same, one.ID)
		}
		nearest = append(nearest, one.ID)
	}
	switch {
	case len(same) == 1:
		return same[0], nil
	case len(same) > 1:
		return "", &Ambiguous{What: "application", Word: word, Matches: same}
	}
	return "", &NotFound{What: "application", Word: shorten(word), Nearest: nearest[:min(len(nearest), 3)]}
}
