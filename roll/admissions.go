package roll

import (
	"cmp"
	"context"
	"slices"
	"strings"

	"coopcloud.tech/goodstanding/eligibility"
	"coopcloud.tech/goodstanding/internal/arrange"
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

// admitters are the roles that read applications and decide about them. Where
// domain.md is silent: members read of an application what the proposal says by which
// it is admitted, and whoever proposes begins with what Roll.Applicant gives.
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
	var why []store.TextID
	for _, row := range rows {
		why = append(why, row.Reason)
	}
	texts, err := a.tx.Texts(ctx, why...)
	if err != nil {
		return out, err
	}
	of := map[member.ID]*Application{}
	for _, row := range rows {
		if row.Confirmed == 0 {
			continue
		}
		one := Application{Application: row, SponsorIs: a.sponsor(row.Sponsor), By: labels[row.DecidedBy], Why: texts[row.Reason]}
		if row.Outcome == store.Undecided {
			out.Waiting = append(out.Waiting, one)
			continue
		}
		out.Decided = append(out.Decided, one)
		if row.Member != "" {
			of[row.Member] = &one
		}
	}
	arrange.By(out.Decided, func(x, y Application) int { return cmp.Compare(y.Decided, x.Decided) })
	for _, m := range a.members {
		if door, ok := a.history(m.ID).door(a.now); ok && door.Kind == eligibility.Applied && m.MergedInto == "" {
			out.Applicants = append(out.Applicants, a.applicant(m, door.At, of[m.ID]))
		}
	}
	arrange.By(out.Applicants, func(x, y Applicant) int { return cmp.Compare(x.Since, y.Since) })
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
// admit it: nobody's name but its own, no address, and of its application how it
// would take part and whom it gave as sponsor. The error is a *NotFound for any other.
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
		out = all.Applicants[i]
		out.Delegates = nil
		if typed := out.Application; typed != nil {
			out.Application = &Application{Application: store.Application{Involvement: typed.Involvement, Sponsor: typed.Sponsor}}
		}
		return nil
	})
	return out, findError("find the applicant", err)
}
