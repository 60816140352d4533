package roll

import (
	"context"
	"fmt"
	"maps"
	"slices"
	"strings"

	"coopcloud.tech/goodstanding/member"
	"coopcloud.tech/goodstanding/store"
)

// Person is someone who may sign in, with what he or she may do now.
type Person struct {
	ID          member.PersonID
	Name, Email string
	Roles       []member.Role
	Delegates   []DelegateOf
}

// DelegateOf is a member that a person may act for.
type DelegateOf struct {
	Member       member.ID
	Handle, Name string
}

// NewPerson is somebody to be added.
type NewPerson struct {
	Email, Name string
	Roles       []member.Role
	DelegateOf  []member.ID
}

// People lists everybody who may sign in, by name.
func (r *Roll) People(ctx context.Context) ([]Person, error) {
	var out []Person
	err := r.db.View(ctx, func(tx *store.Tx) error {
		people, err := tx.People(ctx)
		if err != nil {
			return err
		}
		members, err := tx.Members(ctx)
		if err != nil {
			return err
		}
		names := map[member.ID]store.MemberDetail{}
		for _, m := range members {
			names[m.ID] = m.Detail
		}
		out = nil
		for _, p := range people {
			if p.Name == "" && p.Email == "" && len(p.Roles)+len(p.Delegates) == 0 {
				continue // erased
			}
			one := Person{ID: p.ID, Name: p.Name, Email: p.Email, Roles: p.Roles}
			for _, d := range p.Delegates {
				one.Delegates = append(one.Delegates, DelegateOf{Member: d.Member, Handle: names[d.Member].Handle, Name: names[d.Member].Name})
			}
			out = append(out, one)
		}
		return nil
	})
	if err != nil {
		return nil, fmt.Errorf("list the people: %w", err)
	}
	sortByName(out, func(p Person) string { return p.Name + "\x00" + string(p.ID) })
	return out, nil
}

// AddPerson adds somebody who may sign in, with roles and delegations. It is
// for treasurers and the operator; a member's delegates add its delegates.
func (r *Roll) AddPerson(ctx context.Context, by By, p NewPerson) (member.PersonID, error) {
	p.Email, p.Name = strings.TrimSpace(p.Email), strings.TrimSpace(p.Name)
	id := member.PersonID(r.newID("p"))
	_, err := r.enter(ctx, by, actionAddPerson, "add the person", string(id), func(a *act) error {
		if !a.mayAdd(p) {
			return nil
		}
		a.refuseAll(p.faults())
		for _, m := range p.DelegateOf {
			if _, ok := a.member(m); ok {
				a.notLeft(m)
			}
		}
		if err := a.addressFree(ctx, p.Email); err != nil || a.refused() {
			return err
		}
		if err := a.tx.SetPerson(ctx, store.Person{ID: id, Email: p.Email, Name: p.Name}); err != nil {
			return err
		}
		return a.give(ctx, id, p.Roles, p.DelegateOf)
	})
	if err != nil {
		return "", err
	}
	return id, nil
}

func (p *NewPerson) faults() []string {
	var faults []string
	if p.Email == "" {
		faults = append(faults, "an e-mail address is needed")
	}
	if p.Name == "" {
		faults = append(faults, "a name is needed")
	}
	faults = append(faults, emailFaults("what is given", p.Email)...)
	faults = append(faults, nameFaults("the name", p.Name)...)
	for _, role := range p.Roles {
		faults = append(faults, roleFaults(role)...)
	}
	return faults
}

func roleFaults(role member.Role) []string {
	if _, ok := member.ParseRole(string(role)); ok {
		return nil
	}
	return []string{fmt.Sprintf("%q is no role: write treasurer, facilitator or contact_person", shorten(string(role)))}
}

// mayAdd lets keepers through, and delegates who add one of their own.
func (a *act) mayAdd(p NewPerson) bool {
	mine := len(p.DelegateOf) > 0 && len(p.Roles) == 0
	for _, m := range p.DelegateOf {
		mine = mine && a.actor.DelegateOf(m)
	}
	return mine || a.keeper()
}

func (a *act) addressFree(ctx context.Context, email string) error {
	other, taken, err := a.tx.PersonByEmail(ctx, email)
	if taken {
		a.refuse("%s has this e-mail address already: use people role for what %s may do", other.ID, other.ID)
	}
	return err
}

// give writes roles and delegations for a person who has none yet.
func (a *act) give(ctx context.Context, id member.PersonID, roles []member.Role, members []member.ID) error {
	roles, members = slices.Compact(slices.Sorted(slices.Values(roles))), slices.Compact(slices.Sorted(slices.Values(members)))
	for _, role := range roles {
		if err := a.setRole(ctx, id, role, true); err != nil {
			return err
		}
	}
	for _, m := range members {
		if err := a.setDelegate(ctx, id, m, store.DelegateAdded); err != nil {
			return err
		}
	}
	a.payload["roles"], a.payload["delegate_of"] = roles, members
	return nil
}

// AskedOnPage is the reason of who has himself or herself erased on the page. These are
// the program's own words, so they name nobody, whatever people are called.
const AskedOnPage = "asked for on the page"

// RemovePerson takes all roles and delegations from a person and erases name
// and address; what he or she did stays in the audit chain, by id. It is for
// the operator, for the person, and for treasurers where the person is delegate
// of nobody. The last treasurer is removed only by the operator. The reason must
// not name the person, because that is what is left to be read.
func (r *Roll) RemovePerson(ctx context.Context, by By, id member.PersonID) error {
	_, err := r.enter(ctx, by, actionRemovePerson, "remove the person", string(id), func(a *act) error {
		p, known := a.person(id)
		if !a.mayRemove(id, p) {
			return nil
		}
		if !known {
			a.refuse("there is no person %s", id)
		}
		if slices.Contains(p.Roles, member.Treasurer) {
			a.notLastTreasurer()
		}
		if err := a.reasonNamesNot(ctx, p); err != nil || a.refused() {
			return err
		}
		for _, role := range p.Roles {
			if err := a.setRole(ctx, id, role, false); err != nil {
				return err
			}
		}
		for _, d := range p.Delegates {
			if err := a.setDelegate(ctx, id, d.Member, store.DelegateRemoved); err != nil {
				return err
			}
		}
		if err := a.forgetConsents(ctx, p); err != nil {
			return err
		}
		if err := a.forgetContacts(ctx, p); err != nil {
			return err
		}
		return a.tx.ErasePerson(ctx, id)
	})
	return err
}

// reasonNamesNot refuses a reason that says who is removed.
func (a *act) reasonNamesNot(ctx context.Context, p store.PersonInfo) error {
	if a.by.Reason == AskedOnPage {
		return nil
	}
	ids, err := a.tx.PersonMatrixes(ctx)
	a.reasonNamesNone([]string{p.Name, p.Email, ids[p.ID]})
	return err
}

// erasedPerson stands for somebody who was removed.
const erasedPerson = "somebody who was erased since"

// forgetConsents takes a person's name out of the consents that it gave, which hold it
// as it was told then. Who gave them stands in the log, by id.
func (a *act) forgetConsents(ctx context.Context, p store.PersonInfo) error {
	consents, err := consentsOf(ctx, a.tx, p, a.people)
	if err != nil {
		return err
	}
	for _, c := range consents {
		c.GivenBy = erasedPerson
		if err := a.tx.SetConsent(ctx, c); err != nil {
			return err
		}
	}
	return nil
}

// consentsOf are the consents that hold a person's name, by member: those that the person
// entered, by the log; and of those that somebody else entered as told, such as from a
// list, the ones that tell its name, if the person is that member's delegate or the only
// one of that name. Two people may have one name.
func consentsOf(ctx context.Context, tx *store.Tx, p store.PersonInfo, people []store.PersonInfo) ([]store.Consent, error) {
	consents, err := tx.Consents(ctx)
	if err != nil || p.Name == "" {
		return nil, err
	}
	names, called := map[string]string{}, map[string]int{}
	for _, one := range people {
		names[string(one.ID)] = one.Name
		called[one.Name]++
	}
	var out []store.Consent
	for _, id := range slices.Sorted(maps.Keys(consents)) {
		c := consents[id]
		if c.GivenBy != p.Name && called[c.GivenBy] > 0 {
			continue
		}
		actor, err := agreedBy(ctx, tx, id)
		if err != nil {
			return nil, err
		}
		acts := slices.ContainsFunc(p.Delegates, func(d store.Delegation) bool { return d.Member == id })
		own := actor == string(p.ID) && (c.GivenBy == p.Name || called[c.GivenBy] == 0) // or a name that the person had before
		if own || c.GivenBy == p.Name && names[actor] != c.GivenBy && (acts || called[p.Name] == 1) {
			out = append(out, c)
		}
	}
	return out, nil
}

// agreedBy is who said last that a member agrees to be listed, by the audit chain: that
// holds each time, where the log of facts holds the first alone. It is "" where that is
// known from a list only.
func agreedBy(ctx context.Context, tx *store.Tx, id member.ID) (actor string, err error) {
	rows, err := tx.AuditRows(ctx, store.AuditQuery{Subject: string(id)})
	for _, r := range rows {
		if r.Action == actionConsent {
			actor = r.Actor
		}
	}
	return actor, err
}

// forgetContacts takes a person out of the contacts of opportunities: they hold an
// address that is no longer to be written to.
func (a *act) forgetContacts(ctx context.Context, p store.PersonInfo) error {
	matrix, err := a.tx.PersonMatrixes(ctx)
	if err != nil {
		return err
	}
	own := func(o *store.Opportunity) bool { return o.Person == p.ID }
	return a.forgetContact(ctx, erasedPerson, own, []string{p.Name, p.Email, matrix[p.ID]})
}

func (a *act) mayRemove(id member.PersonID, p store.PersonInfo) bool {
	if a.actor.Operator || a.actor.ID == string(id) {
		return true
	}
	if a.actor.Has(member.Treasurer) && len(p.Delegates) == 0 {
		return true
	}
	if a.actor.Has(member.Treasurer) {
		a.refuse("a delegate is removed by the member's own delegates first, by the person, or by the operator")
		return false
	}
	return a.keeper()
}
