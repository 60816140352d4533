package roll

import (
	"context"
	"fmt"
	"slices"
	"strings"

	"coopcloud.tech/goodstanding/eligibility"
	"coopcloud.tech/goodstanding/internal/instant"
	"coopcloud.tech/goodstanding/member"
	"coopcloud.tech/goodstanding/policy"
	"coopcloud.tech/goodstanding/store"
)

// Contact is where a member can be told something: one of the two, or both.
type Contact struct {
	Email  string
	Matrix string // @name:example.org
}

// NewMember is a member to be added.
type NewMember struct {
	Name string
	// PublicName is the name an individual chose to be shown under; "" for none.
	PublicName string
	// Handle is the short name for the command line; "" makes one of the name.
	Handle           string
	Kind             member.Kind
	Website, Summary string
	// Applied adds an applicant, to be admitted later.
	Applied bool
	// Since is when it was admitted, or applied; 0 is now.
	Since instant.Instant
	// Decision is the number of the decision that admitted it; "" for none.
	Decision string
	Contacts []Contact
}

func (m *NewMember) trim() {
	for _, s := range []*string{&m.Name, &m.PublicName, &m.Handle, &m.Website, &m.Summary, &m.Decision} {
		*s = strings.TrimSpace(*s)
	}
	m.Contacts = slices.Clone(m.Contacts)
	for i := range m.Contacts {
		m.Contacts[i].Email = strings.TrimSpace(m.Contacts[i].Email)
		m.Contacts[i].Matrix = strings.TrimSpace(m.Contacts[i].Matrix)
	}
}

// faults are everything that is wrong with the words themselves.
func (m *NewMember) faults() []string {
	var faults []string
	if m.Name == "" {
		faults = append(faults, "a name is needed")
	}
	if m.Kind != member.Organisation && m.Kind != member.Individual {
		faults = append(faults, fmt.Sprintf("%q is no kind of member: write organisation or individual", shorten(string(m.Kind))))
	}
	if looksLikeAddress(m.PublicName) {
		faults = append(faults, "the public name looks like an e-mail address, which must not be shown")
	}
	faults = append(faults, nameFaults("the name", m.Name)...)
	faults = append(faults, nameFaults("the public name", m.PublicName)...)
	faults = append(faults, handleFaults(m.Handle)...)
	faults = append(faults, websiteFaults(m.Website)...)
	faults = append(faults, textFaults("the summary", m.Summary, longestText, true)...)
	faults = append(faults, decisionFaults(m.Decision)...)
	faults = append(faults, dateFaults("the admission", m.Since)...)
	for i, c := range m.Contacts {
		faults = append(faults, contactFaults(fmt.Sprintf("contact %d", i+1), c)...)
	}
	return faults
}

func contactFaults(what string, c Contact) []string {
	if c.Email == "" && c.Matrix == "" {
		return []string{what + " has neither an e-mail address nor a Matrix id"}
	}
	return append(emailFaults(what, c.Email), matrixFaults(what, c.Matrix)...)
}

// Add adds a member to the roll, admitted or as an applicant, and returns its
// id. It is for treasurers and the operator. A name that another member has is
// refused: it is the same member, or needs a name that tells the two apart.
func (r *Roll) Add(ctx context.Context, by By, m NewMember) (member.ID, Report, error) {
	m.trim()
	id := member.ID(r.newID("m"))
	report, err := r.enter(ctx, by, actionAdd, "add the member", string(id), func(a *act) error {
		if !a.keeper() {
			return nil
		}
		a.refuseAll(m.faults())
		a.nameFree(m.Name)
		for _, other := range a.members {
			if m.Handle != "" && other.Detail.Handle == m.Handle {
				a.refuse("the handle %s belongs to another member: choose another, or leave it out", m.Handle)
			}
		}
		since := a.orNow(m.Since)
		if !m.Applied {
			if err := a.admissible(ctx, since, m.Decision); err != nil {
				return err
			}
		}
		if a.refused() {
			return nil
		}
		return a.add(ctx, id, m, since)
	})
	if err != nil {
		return "", Report{}, err
	}
	return id, report, nil
}

// nameFree refuses a name that another member has.
func (a *act) nameFree(name string) {
	for _, other := range a.members {
		if other.MergedInto == "" && name != "" && strings.EqualFold(other.Detail.Name, name) {
			a.refuse("%s has that name already: if it is the same, use admit; else add what tells the two apart", a.handle(other.ID))
		}
	}
}

// add writes a member with its names, contacts and first event.
func (a *act) add(ctx context.Context, id member.ID, m NewMember, since instant.Instant) error {
	if m.Handle == "" {
		m.Handle = a.freeHandle(m.Name, string(m.Kind))
	}
	info := store.MemberInfo{
		MemberRow: store.MemberRow{ID: id, Kind: m.Kind, AdmittedBy: m.Decision, By: a.author},
		Detail: store.MemberDetail{Member: id, Handle: m.Handle, Name: m.Name, PublicName: m.PublicName,
			Website: m.Website, Summary: m.Summary},
	}
	if err := a.tx.AddMembers(ctx, info.MemberRow); err != nil {
		return err
	}
	if err := a.tx.SetMemberDetail(ctx, info.Detail); err != nil {
		return err
	}
	a.members = append(a.members, info)
	if a.handles != nil {
		a.handles[m.Handle] = true
	}
	for _, c := range m.Contacts {
		row := store.Contact{ID: a.r.newID("c"), Member: id, Email: c.Email, Matrix: c.Matrix}
		if err := a.tx.SetContact(ctx, row); err != nil {
			return err
		}
	}
	kind := eligibility.Admitted
	if m.Applied {
		kind = eligibility.Applied
	}
	a.payload["at"] = since
	a.payload["applied"] = m.Applied
	a.decision(m.Decision)
	return a.event(ctx, id, kind, since)
}

// event adds one event to a membership.
func (a *act) event(ctx context.Context, id member.ID, kind eligibility.MembershipKind, at instant.Instant) error {
	return a.tx.AddMembership(ctx, store.MembershipRow{ID: a.r.newID("e"), Member: id, Kind: kind, At: at, By: a.author})
}

// decision notes the number of a decision in the audit row.
func (a *act) decision(number string) {
	if number != "" {
		a.payload["decision"] = number
	}
}

// freeHandle is the name as a handle, with a number where it is taken.
func (a *act) freeHandle(name, otherwise string) string {
	base := member.Handle(name)
	if base == "" {
		base = otherwise
	}
	if a.handles == nil {
		a.handles = make(map[string]bool, len(a.members))
		for _, m := range a.members {
			a.handles[m.Detail.Handle] = true
		}
	}
	handle := base
	for n := 2; a.handles[handle]; n++ {
		handle = fmt.Sprintf("%s-%d", base, n)
	}
	return handle
}

// Admit admits an applicant, or one that left, from since on (0: now). It is
// for treasurers and the operator; where the policy admits by decision, the
// number of one is needed. A leaving that was planned for later is taken back.
func (r *Roll) Admit(ctx context.Context, by By, id member.ID, since instant.Instant, decision string) (Report, error) {
	decision = strings.TrimSpace(decision)
	return r.enter(ctx, by, actionAdmit, "admit the member", string(id), func(a *act) error {
		if !a.keeper() {
			return nil
		}
		a.refuseAll(append(decisionFaults(decision), dateFaults("the admission", since)...))
		at := a.orNow(since)
		if err := a.admissible(ctx, at, decision); err != nil {
			return err
		}
		if _, ok := a.member(id); !ok {
			return nil
		}
		h := a.history(id)
		leaving := h.planned(a.now, eligibility.Left)
		a.notAdmittedAlready(id, at, len(leaving) > 0)
		if a.refused() {
			return nil
		}
		a.own(id)
		a.payload["at"] = at
		a.decision(decision)
		if err := a.takeBack(ctx, leaving); err != nil || h.admitted(a.now) {
			return err
		}
		return a.tx.AddMembership(ctx, store.MembershipRow{ID: a.r.newID("e"), Member: id,
			Kind: eligibility.Admitted, At: at, Decision: decision, By: a.author})
	})
}

// notAdmittedAlready refuses an admission that would change nothing: of a
// member that does not mean to leave, or from before what happened last.
func (a *act) notAdmittedAlready(id member.ID, at instant.Instant, leaving bool) {
	switch door, ok := a.history(id).door(a.now); {
	case !ok:
	case door.Kind == eligibility.Admitted && !leaving:
		a.refuse("%s is a member since %s", a.handle(id), a.date(door.At))
	case door.Kind == eligibility.Left && at < door.At:
		a.refuse("%s left on %s: a new membership begins then or later", a.handle(id), a.date(door.At))
	case door.Kind == eligibility.Applied && at < door.At:
		a.refuse("%s applied on %s: the membership begins then or later", a.handle(id), a.date(door.At))
	}
}

// takeBack takes back events that were planned.
func (a *act) takeBack(ctx context.Context, events []store.MembershipRow) error {
	voids := make([]store.VoidRow, len(events))
	for i, e := range events {
		voids[i] = store.VoidRow{Event: e.ID, By: a.author}
	}
	return a.tx.VoidMembership(ctx, voids...)
}

// admissible refuses an admission without a decision where the policy in force
// then wants one (domain.md, section 4, "admission").
func (a *act) admissible(ctx context.Context, since instant.Instant, decision string) error {
	ru, err := a.r.rulesOf(ctx, a.tx)
	if err != nil {
		return err
	}
	v, ok := ru.inForce(since, instant.Max)
	if ok && v.Admission == policy.AdmissionDecision && decision == "" {
		a.refuse("by policy %s members are admitted by decision: name its number with --decision", v.ID())
	}
	return nil
}
