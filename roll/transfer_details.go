package roll

import (
	"slices"
	"strings"

	"coopcloud.tech/goodstanding/eligibility"
	"coopcloud.tech/goodstanding/internal/instant"
	"coopcloud.tech/goodstanding/member"
	"coopcloud.tech/goodstanding/store"
)

// compareContacts finds the addresses that a row adds. One address and one
// Matrix id of a member without contacts are one contact.
func (p *importPlan) compareContacts(row *plannedRow) {
	add := func(email, matrix string) {
		row.contacts = append(row.contacts, store.Contact{ID: p.r.newID("c"), Member: row.id, Email: email, Matrix: matrix})
	}
	if len(row.was.contacts) == 0 && len(row.emails) == 1 && len(row.matrix) == 1 {
		add(row.emails[0], row.matrix[0])
		return
	}
	has := func(list []store.Contact, is func(store.Contact) bool) bool { return slices.ContainsFunc(list, is) }
	for _, e := range row.emails {
		same := func(c store.Contact) bool { return strings.EqualFold(c.Email, e) }
		if !has(row.was.contacts, same) && !has(row.contacts, same) {
			add(e, "")
		}
	}
	for _, m := range row.matrix {
		same := func(c store.Contact) bool { return c.Matrix == m }
		if !has(row.was.contacts, same) && !has(row.contacts, same) {
			add("", m)
		}
	}
}

// compareDelegates finds the delegates that a row adds, and the people that
// are new with them. A person who is known keeps the name that stands.
func (p *importPlan) compareDelegates(row *plannedRow) {
	for _, d := range row.delegates {
		key := strings.ToLower(d.email)
		person, known := p.inv.persons[key]
		if known && slices.ContainsFunc(p.inv.delegates[row.id], func(have store.Person) bool { return have.ID == person.ID }) {
			continue
		}
		if known && p.actor.Has(member.Treasurer) && string(person.ID) == p.actor.ID {
			row.fault("delegates", "a treasurer cannot make himself a delegate: another treasurer or a delegate of the member can")
			continue
		}
		if !known {
			person = store.Person{ID: member.PersonID(p.r.newID("p")), Email: d.email, Name: d.name}
			p.inv.persons[key] = person
			row.persons = append(row.persons, person)
		}
		p.inv.delegates[row.id] = append(p.inv.delegates[row.id], person)
		row.mandates = append(row.mandates, store.DelegateRow{
			ID: p.r.newID("d"), Member: row.id, Person: person.ID, Event: store.DelegateAdded})
	}
}

// compareProfile lays the fields of the row over the profile that stands.
func (p *importPlan) compareProfile(row *plannedRow) {
	whole := row.was.profile.over(row.profile)
	for _, f := range whole.gaps() {
		row.fault("profile_"+f.field, "%s", f.text)
	}
	if !whole.equal(row.was.profile) {
		stored := storedProfile(row.id, whole)
		row.entry = &stored
	}
	if !row.profile.empty() && !row.was.conditions.on(eligibility.HasProfile) {
		p.addCondition(row, eligibility.HasProfile, clock(p.now, row.was.conditions[eligibility.HasProfile].At))
	}
}

func (p *importPlan) addCondition(row *plannedRow, kind eligibility.ProfileKind, at instant.Instant) {
	row.events = append(row.events, store.ProfileEvent{ID: p.r.newID("e"), Member: row.id, Kind: kind, On: true, At: at})
}

// compareConsent takes the member's word over. A list does not bring back what
// was withdrawn later: old files would publish names against their owners' will.
func (p *importPlan) compareConsent(row *plannedRow) {
	if row.consentDate == 0 {
		return
	}
	was, last := row.was.consent, row.was.conditions[eligibility.Consents]
	if last.ID != "" && !last.On && row.consentDate <= last.At {
		row.fault("consent_date", "the consent was withdrawn on %s: only a newer one brings it back", last.At.Day())
		return
	}
	given := store.Consent{Member: row.id, Words: row.consentWords, Given: row.consentDate, GivenBy: row.consentedBy}
	if given.GivenBy == "" && last.On {
		given.GivenBy = was.GivenBy
	}
	if !last.On || given != was {
		row.consent = &given
	}
	if !last.On || given.Given != was.Given {
		p.addCondition(row, eligibility.Consents, row.consentDate)
	}
}

// compareApproval takes over that a treasurer or facilitator said yes once; a
// yes that was taken back later stays so.
func (p *importPlan) compareApproval(row *plannedRow) {
	last := row.was.conditions[eligibility.Approved]
	switch {
	case row.approved == 0 || last.On:
	case last.ID != "" && row.approved <= last.At:
		row.fault("approved", "the yes was taken back on %s: only a newer one counts", last.At.Day())
	default:
		p.addCondition(row, eligibility.Approved, row.approved)
	}
}

// on says that the newest event turned the condition on.
func (c conditions) on(kind eligibility.ProfileKind) bool { return c[kind].On }

func storedProfile(id member.ID, p Profile) store.Profile {
	return store.Profile{Member: id, URL: p.URL, Summary: p.Summary, ContactLabel: p.ContactLabel, ContactHref: p.ContactHref,
		Logo: p.Logo, Place: p.Place, Services: p.Services, Languages: p.Languages}
}
