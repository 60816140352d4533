package letter

import (
	"errors"
	"slices"
	"time"

	"coopcloud.tech/goodstanding/internal/instant"
	"coopcloud.tech/goodstanding/notify"
)

// Sample is a letter's data with invented people, for previews: one member,
// everything filled in.
func Sample(k notify.Kind, lang string) Data {
	zone, err := time.LoadLocation("Europe/London")
	if err != nil {
		zone = time.UTC // only without the embedded zones
	}
	d := Data{
		Kind: k, Language: lang, Zone: zone, Now: instant.Date(2026, time.June, 15).Add(10*time.Hour + 4*time.Minute),
		Federation: "Example Federation", FederationURL: "https://federation.example.org", RollURL: "https://roll.example.org/me",
		PayURL: "https://opencollective.com/example-federation/contribute", Treasurers: "treasurers@example.org", Minimum: "£10.00 a month",
		To: "Ada Marsh", Members: []Member{sampleMembers[0]},
		Person: "Noor Haddad", By: "Brendan Oyelaran", Role: "facilitator", Given: true, Answer: "favour",
		ConfirmURL: "https://roll.example.org/confirm/q7Jm2vX4", ConfirmTo: instant.Date(2026, time.June, 22).Add(9 * time.Hour),
		SignInURL: "https://roll.example.org/sign-in", JoiningURL: "https://roll.example.org/admissions", ReviewBy: instant.Date(2026, time.July, 14).Add(-time.Hour),
		Entry: "A waiver from 1 June 2026 until 1 December 2026: we share the cost of the server this year.",
	}
	if k.Optional() {
		d.Unsubscribe = "https://roll.example.org/me/notices"
	}
	d.Decision, d.Opportunity, d.Application, d.Motion = sampleDecision(), sampleOpportunity(), sampleApplication(), sampleMotion()
	d.Digest, d.Trouble = sampleDigest(), sampleTrouble(k)
	fit(&d)
	return d
}

// fit changes what differs from kind to kind.
func fit(d *Data) {
	for i := range d.Members {
		fitMember(d.Kind, &d.Members[i])
	}
	switch d.Kind {
	case notify.DecisionMoreTime:
		d.Decision.Why = "Two of our members are travelling, and would like to read the whole write-up first."
	case notify.DecisionAmended:
		d.Decision.Why, d.Decision.Revision = "a new text", 2
	case notify.DecisionEscalated:
		d.Decision.Why = "This touches what every member pays, so every member should be asked."
	case notify.DecisionResult:
		d.Decision.State, d.Decision.Outcome, d.Decision.WaitedFor = "passed", "passed", 0
	case notify.NotVoted:
		d.Decision.Waited = []string{"Northwind Hosting"}
	case notify.PolicyAdded:
		d.Entry = "seed-2027"
	}
}

func fitMember(k notify.Kind, m *Member) {
	switch k {
	case notify.Lapsed:
		m.Happened, m.Vote, m.Listing, m.RightsUntil = m.RightsUntil, false, false, 0
	case notify.BackInStanding:
		m.Happened, m.PaidThrough, m.Vote = instant.Date(2026, time.June, 15), instant.Date(2026, time.July, 1), true
	case notify.PayingTooLittle, notify.NotYetPaid:
		m.Vote, m.Listing, m.RightsUntil, m.PaidThrough = false, false, 0, 0
	case notify.Paused, notify.Suspended:
		m.Reason = "Everybody there is on parental leave until the autumn."
		if k == notify.Suspended {
			m.Reason, m.ChangesAt = "While two complaints are being looked into.", instant.Date(2026, time.June, 22)
		}
	case notify.BallotCast, notify.DelegateAdded, notify.DelegateRemoved:
		m.Happened = instant.Date(2026, time.June, 15).Add(8*time.Hour + 20*time.Minute)
	case notify.PauseComing:
		m.ChangesAt, m.Reason = instant.Date(2026, time.June, 22), "Nobody has answered a letter or a large decision since last summer."
	}
}

var sampleMembers = []Member{
	{Name: "Northwind Hosting", Happened: instant.Date(2026, time.June, 1), PaidThrough: instant.Date(2026, time.June, 1),
		RightsUntil: instant.Date(2026, time.June, 22), WaiverUntil: instant.Date(2026, time.July, 1), Vote: true, Listing: true,
		State: "Payment late. Rights stay until 22 June 2026"},
	{Name: "Inland Print Shop", Happened: instant.Date(2026, time.May, 28), PaidThrough: instant.Date(2026, time.May, 28),
		RightsUntil: instant.Date(2026, time.June, 18), WaiverUntil: instant.Date(2026, time.July, 15), Vote: true, State: "Payment late. Rights stay until 18 June 2026"},
	{Name: "Casa Taller", Happened: instant.Date(2026, time.June, 2), PaidThrough: instant.Date(2026, time.June, 2),
		RightsUntil: instant.Date(2026, time.June, 23), WaiverUntil: instant.Date(2026, time.August, 1), State: "Pays less than the minimum"},
}

func sampleDecision() *Decision {
	return &Decision{
		Number: 12, Title: "Share one backup server", Size: "large", State: "open",
		Changes: "We rent one server for the backups of all members and pay it from the common fund.",
		Affects: "Every member that keeps data of others", Proposer: "Inland Print Shop",
		Channel: "#backups:example.org", Link: "https://docs.example.org/backups", URL: "https://roll.example.org/decisions/12",
		Deadline: "the end of Thursday 25 June 2026 (Europe/London)", Opened: instant.Date(2026, time.June, 11), Ends: instant.Date(2026, time.June, 26).Add(-time.Hour),
		Rule:    []string{"every member waited for has answered", "nobody blocks", "more members are in favour than against", "every concern has been answered"},
		Answers: []Sign{{"favour", "👍"}, {"against", "👎"}, {"abstain", "🤷"}, {"block", "🛑"}},
		Seats:   11, Electorate: "9f2c4b71d0a85e63c1f7b2984de06a35f81c7d4490be2a6f5d3187c0e4b9a216",
		Head:    "41be70d9a3c85f12e60b97d4c2f8a1356e9d0b74f3a2c81d57e64b90af18c3d2",
		Reasons: []string{"11 of 11 have answered", "9 in favour, 1 against"}, Tally: []Count{{"favour", 9}, {"against", 1}, {"abstain", 1}, {"block", 0}},
		Waited: []string{"Casa Taller", "Inland Print Shop", "Northwind Hosting"}, WaitedFor: 3, Revision: 1,
	}
}

func sampleOpportunity() *Opportunity {
	return &Opportunity{Title: "Move a housing co-operative's files to Nextcloud",
		Summary: "A housing co-operative of 40 flats looks for a member to move its files and calendars.\n\nThey would like to begin in August, and somebody there knows the present system well.",
		Contact: "hello@example.org", URL: "https://housing.example.org/tender", Budget: "about £3,000", By: "Northwind Hosting",
		Closes: instant.Date(2026, time.July, 11).Add(-time.Hour), PublicFrom: instant.Date(2026, time.June, 22).Add(-time.Hour)}
}

func sampleApplication() *Application {
	return &Application{Name: "Saltmarsh Web Co-op", Representative: "Noor Haddad",
		Summary: "Four people who build and host websites for charities on the coast. We own the co-operative together.",
		Sponsor: "Northwind Hosting"}
}

func sampleMotion() *Motion {
	return &Motion{Change: "add", About: "Casa Taller", By: "Brendan Oyelaran", Reason: "Its membership form was lost on our side.", Decision: 12,
		Until: instant.Date(2026, time.July, 15).Add(-time.Hour), URL: "https://roll.example.org/me"}
}

func sampleDigest() *Digest {
	return &Digest{Since: instant.Date(2026, time.June, 12), Expected: []string{"£110.00"}, Received: []string{"£95.00", "€20.00"},
		Lapsing: []Member{sampleMembers[1], sampleMembers[0]}, Changed: []string{"Casa Taller: pays less than the minimum since 13 June 2026", "Fern Repair Café: back in good standing"},
		ToSortOut: []string{"A payer is linked to nobody: Juniper Works"}, Open: 3, Holds: nil, Sync: "The last complete reading was 12 minutes ago",
		Waiting: []string{"2 mails about dues, since members were imported"}, AuditHead: "c05d1f3e88a94b27b6fe03d9127ac4515de0839b7c44f1a2609e8d37b15fa6c0"}
}

func sampleTrouble(k notify.Kind) *Trouble {
	t := &Trouble{Since: instant.Date(2026, time.June, 15).Add(3 * time.Hour), AsOf: instant.Date(2026, time.June, 14).Add(21*time.Hour + 30*time.Minute),
		Names: []string{"Casa Taller", "Inland Print Shop", "Northwind Hosting"}, Command: "goodstanding status"}
	switch k {
	case notify.Brake, notify.HoldReminder:
		t.Cause, t.Command = "three contributions failed within one hour", `goodstanding holds acknowledge hold_0007 --reason "…"`
		if k == notify.HoldReminder {
			t.Since = instant.Date(2026, time.June, 8).Add(3 * time.Hour)
		}
	case notify.AuthenticationFailure:
		t.Command = "goodstanding check-config --connect"
	case notify.SchemaDrift:
		t.Detail = "OrderStatus AWAITING_REVIEW"
	case notify.Stale:
		t.Cause = "Open Collective answers with errors since 14 June 2026"
	case notify.PolicyFault:
		t.Cause, t.Command = "EUR is counted, but this collective is kept in GBP", "goodstanding policy check policy.yaml"
	}
	return t
}

// SampleOfSeveral is the same as one letter about three members, for the kinds
// that travel together.
func SampleOfSeveral(k notify.Kind, lang string) Data {
	d := Sample(k, lang)
	if TogetherIn(k) {
		d.Members = slices.Clone(sampleMembers)
		fit(&d)
	}
	return d
}

// samples are the data that a catalogue is tried on: one member and several,
// everything filled in and nothing that may be missing.
func samples(k notify.Kind, lang string) []Data {
	one := Sample(k, lang)
	several := SampleOfSeveral(k, lang)
	several.Decision.Overdue, several.Decision.Size = true, "medium"
	several.Given, several.To = false, several.Person
	several.Motion.Change, several.Motion.Decision = "pause", 0
	bare := Data{Kind: k, Language: lang, Now: one.Now, Federation: one.Federation, Person: one.Person, ConfirmURL: one.ConfirmURL, ReviewBy: one.ReviewBy, Entry: one.Entry,
		Members:  []Member{{Name: one.Members[0].Name, Happened: one.Now, WaiverUntil: one.Now}},
		Decision: &Decision{Number: 1, Title: "A", Size: "medium", Ends: one.Now, Outcome: "stopped"}, Opportunity: &Opportunity{Title: "A", Summary: "B"},
		Application: &Application{Name: "A", Individual: true}, Motion: &Motion{Change: "out", About: "A", Decision: 1},
		Digest: &Digest{}, Trouble: &Trouble{Since: one.Now}}
	return []Data{one, several, bare}
}

// try writes every letter of a language with the samples, and tells what does
// not come out.
func (c *Catalogue) try(lang string, f files, faults *Faults) {
	told := func(name string, err error) {
		if err == nil {
			return
		}
		if p, ok := errors.AsType[*pageError](err); ok {
			file, line := p.find(name, f)
			faults.add(lang+"/"+file, line, "%s", p)
			return
		}
		faults.addError(lang+"/"+name, errors.Unwrap(err)) // without what was to be written
	}
	for _, k := range notify.Kinds() {
		for _, d := range samples(k, lang) {
			_, err := c.Render(d)
			told(string(k)+".md", err)
			if Announced(k) {
				_, _, err = c.Announcement(d)
				told(roomPrefix+string(k)+".md", err)
			}
		}
	}
}
