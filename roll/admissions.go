package roll

import (
	"context"
	"slices"
	"strings"

	"coopcloud.tech/goodstanding/eligibility"
	"coopcloud.tech/goodstanding/internal/instant"
	"coopcloud.tech/goodstanding/member"
	"coopcloud.tech/goodstanding/store"
)

// The words of the audit chain for what becomes of applications; never reused or
// renamed.
const (
	actionAcceptApplication  = "accept_application"
	actionDeclineApplication = "decline_application"
)

// admitters are the offices that read applications and decide about them. Where
// domain.md is silent: what an applicant typed is not the members' to read; they
// read the proposal by which it is admitted.
var admitters = []member.Role{member.Treasurer, member.Facilitator}

// Admits says whether somebody reads applications, and accepts or declines them.
func Admits(who member.Actor) bool {
	return who.Operator || slices.ContainsFunc(admitters, who.Has)
}

// Application is an application that was confirmed, as those read it who decide
// about it.
type Application struct {
	store.Application
	SponsorIs member.ID // the member that goes by the sponsor's name; "" for none
	By        string    // who decided about it, in words
	Why       string    // why it was declined
}

// Applicant is a member that has applied and is not admitted yet.
type Applicant struct {
	Member       member.ID
	Handle, Name string
	Kind         member.Kind
	Website      string
	Summary      string
	Since        instant.Instant
	Delegates    []string // by name
	// Application is what it typed; nil for one that was entered otherwise, or whose
	// application was removed since.
	Application *Application
}

// Admissions are all who would join.
type Admissions struct {
	Waiting    []Application // for a yes or no, the oldest first
	Applicants []Applicant   // since when they have applied, the first first
	Decided    []Application // that was accepted or declined lately, the last one first
}

// Admissions reads who would join. Treasurers, facilitators and the operator may.
func (r *Roll) Admissions(ctx context.Context, who member.Actor) (out Admissions, err error) {
	err = r.db.View(ctx, func(tx *store.Tx) error {
		a, err := r.newAct(ctx, tx, By{Actor: who}, nil)
		if err != nil {
			return err
		}
		a.now = r.now()
		if a.admitter(); a.refused() {
			return &Refused{What: "read the applications", Reasons: a.reasons}
		}
		out, err = a.admissions(ctx)
		return err
	})
	return out, actError("read the applications", err)
}

// admitter lets those through who decide about applications.
func (a *act) admitter() bool {
	if Admits(a.actor) {
		return true
	}
	a.refuse("only a treasurer, a facilitator or the operator may")
	return false
}

func (a *act) admissions(ctx context.Context) (out Admissions, err error) {
	rows, err := a.tx.Applications(ctx)
	if err != nil {
		return out, err
	}
	labels, err := a.tx.ActorLabels(ctx)
	if err != nil {
		return out, err
	}
	of := map[member.ID]*Application{}
	for _, row := range rows {
		if row.Confirmed == 0 {
			continue
		}
		one := Application{Application: row, SponsorIs: a.sponsor(row.Sponsor), By: labels[row.DecidedBy]}
		if row.Outcome == store.Undecided {
			out.Waiting = append(out.Waiting, one)
			continue
		}
		texts, err := a.tx.Texts(ctx, row.Reason)
		if err != nil {
			return out, err
		}
		one.Why = texts[row.Reason]
		out.Decided = append(out.Decided, one)
		if row.Member != "" {
			of[row.Member] = &one
		}
	}
	slices.SortStableFunc(out.Decided, func(x, y Application) int { return int(min(max(y.Decided-x.Decided, -1), 1)) })
	for _, m := range a.members {
		if door, ok := a.history(m.ID).door(a.now); ok && door.Kind == eligibility.Applied && m.MergedInto == "" {
			out.Applicants = append(out.Applicants, a.applicant(m, door.At, of[m.ID]))
		}
	}
	slices.SortStableFunc(out.Applicants, func(x, y Applicant) int { return int(min(max(x.Since-y.Since, -1), 1)) })
	return out, nil
}

func (a *act) applicant(m store.MemberInfo, since instant.Instant, typed *Application) Applicant {
	out := Applicant{Member: m.ID, Handle: m.Detail.Handle, Name: m.Detail.Name, Kind: m.Kind, Website: m.Detail.Website, Summary: m.Detail.Summary, Since: since, Application: typed}
	for _, p := range a.people {
		if p.Name != "" && slices.ContainsFunc(p.Delegates, func(d store.Delegation) bool { return d.Member == m.ID }) {
			out.Delegates = append(out.Delegates, p.Name)
		}
	}
	return out
}

// sponsor is the member of that name, where it is admitted; "" for none.
func (a *act) sponsor(name string) member.ID {
	for _, m := range a.members {
		if name != "" && (strings.EqualFold(m.Detail.Name, name) || strings.EqualFold(m.Detail.PublicName, name)) && a.history(m.ID).admitted(a.now) {
			return m.ID
		}
	}
	return ""
}

// Applicant is one that has applied and is not admitted, for whoever proposes to
// admit it: without what is for the offices alone. The error is a *NotFound for
// any other.
func (r *Roll) Applicant(ctx context.Context, id member.ID) (out Applicant, err error) {
	err = r.db.View(ctx, func(tx *store.Tx) error {
		a, err := r.newAct(ctx, tx, By{}, nil)
		if err != nil {
			return err
		}
		a.now = r.now()
		all, err := a.admissions(ctx)
		if err != nil {
			return err
		}
		i := slices.IndexFunc(all.Applicants, func(x Applicant) bool { return x.Member == id })
		if i < 0 {
			return &NotFound{What: "applicant", Word: string(id)}
		}
		if out = all.Applicants[i]; out.Application != nil {
			typed := out.Application.Application
			out.Application = &Application{SponsorIs: out.Application.SponsorIs, Application: store.Application{ID: typed.ID, Kind: typed.Kind, Name: typed.Name, Website: typed.Website,
				Summary: typed.Summary, Involvement: typed.Involvement, Sponsor: typed.Sponsor, Representative: typed.Representative}}
		}
		return nil
	})
	return out, findError("find the applicant", err)
}

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
