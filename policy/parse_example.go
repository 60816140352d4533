package policy

import (
	"slices"
	"strings"

	"go.yaml.in/yaml/v3"

	"coopcloud.tech/goodstanding/eligibility"
	"coopcloud.tech/goodstanding/internal/instant"
	"coopcloud.tech/goodstanding/member"
)

// always is the earliest effective time a fact of an example has.
const always = instant.Instant(1)

// exampleAccount is the one account of an example's member.
const exampleAccount member.AccountID = "account"

// example reads one example and builds the facts of its story.
func (f field) example() (e Example, ok bool) {
	o, ok := f.object("name", "at", "member", "membership", "profile", "charges", "contributions", "waivers", "payments", "want")
	if !ok {
		return e, false
	}
	e.Line, e.Column = f.at.Line, f.at.Column
	name := o.need("name", "name: followed by a few words")
	e.Name, _ = name.text("a few words")
	if e.Name == "" && name.is(yaml.ScalarNode, "") {
		name.fault("the name is empty; write a few words")
	}
	e.At, _ = o.need("at", "at: followed by a date such as 2022-06-10").date()
	s := story{Facts: &e.story, at: e.At}
	s.Member = "example"
	s.Kind, _ = choose(o.may("member"), member.Organisation, memberKinds)
	s.Snapshots = eligibility.Snapshots{{Number: 1, Start: e.At, Known: e.At}}
	s.Links = []eligibility.Link{{ID: "link", Account: exampleAccount, Known: e.At}}
	s.membership(o.may("membership"))
	s.profile(o.may("profile"))
	s.charges(o.may("charges"))
	s.contributions(o.may("contributions"))
	s.waivers(o.may("waivers"))
	s.payments(o.may("payments"))
	e.Want = o.need("want", "want: {state: current, vote: true}").want()
	return e, true
}

// story gathers the facts of one example.
type story struct {
	*eligibility.Facts
	at     instant.Instant
	paypal map[string]bool // by charge: PayPal collects it
}

// past reads a date that lies not after the example's instant.
func (s *story) past(f field) (t instant.Instant, ok bool) {
	t, ok = f.date()
	if ok && s.at != 0 && t > s.at {
		f.fault("%s is after at (%s): an example knows nothing of its future", inDate(t), inDate(s.at))
		return 0, false
	}
	return t, ok
}

// membershipEvents are the events of a membership as an example names them.
var membershipEvents = []option[eligibility.MembershipKind]{
	{"applied", eligibility.Applied}, {"admitted", eligibility.Admitted},
	{"paused", eligibility.Paused}, {"resumed", eligibility.Resumed},
	{"suspended", eligibility.Suspended}, {"restored", eligibility.Restored},
	{"left", eligibility.Left},
}

// membership reads what happened to the membership. A member whose example
// names neither applying nor admission has been admitted since always.
func (s *story) membership(f field) {
	o, begun := object{field: f}, false
	if !f.absent() {
		o, _ = f.object(wordsOf(membershipEvents)...)
	}
	for _, ev := range membershipEvents {
		t, ok := s.past(o.may(ev.word))
		if !ok {
			continue
		}
		begun = begun || ev.means == eligibility.Applied || ev.means == eligibility.Admitted
		s.Membership = append(s.Membership, eligibility.MembershipFact{ID: ev.word, Kind: ev.means, At: t, Known: s.at})
	}
	if !begun {
		s.Membership = append(s.Membership, eligibility.MembershipFact{ID: "admitted", Kind: eligibility.Admitted, At: always, Known: s.at})
	}
}

var profileParts = []option[eligibility.ProfileKind]{
	{"written", eligibility.HasProfile}, {"consent", eligibility.Consents}, {"approved", eligibility.Approved},
}

// profile reads which conditions of a listing beside the dues are met; all of
// them when the example does not say.
func (s *story) profile(f field) {
	parts := []eligibility.ProfileKind{eligibility.HasProfile, eligibility.Consents, eligibility.Approved}
	if !f.absent() {
		parts = nil
		items, _ := f.items("[written, consent, approved]; [] means none")
		for _, item := range items {
			if p, ok := choose(item, 0, profileParts); ok {
				parts = append(parts, p)
			}
		}
	}
	for _, p := range parts {
		s.Profile = append(s.Profile, eligibility.ProfileFact{ID: wordFor(profileParts, p), Kind: p, On: true, At: always, Known: s.at})
	}
}

var stateWords = func() (out []option[eligibility.State]) {
	for st := eligibility.StateLeft; st.String() != ""; st++ {
		out = append(out, option[eligibility.State]{st.String(), st})
	}
	return out
}()

func (f field) want() (w Want) {
	o, ok := f.object(slices.Concat([]string{"state"}, rightWords[:], []string{"paid_through"})...)
	if !ok {
		return w
	}
	if len(f.value.Content) == 0 {
		f.fault("nothing is wanted; write at least one of state, %s, paid_through", strings.Join(rightWords[:], ", "))
	}
	w.State, _ = choose(o.may("state"), eligibility.StateNone, stateWords)
	for i, name := range rightWords {
		right := o.may(name)
		if yes, ok := right.boolean(false); ok && !right.absent() {
			w.Rights = append(w.Rights, WantRight{eligibility.Right(i), yes})
		}
	}
	w.PaidThrough = o.may("paid_through").wantInstant()
	return w
}

func (f field) wantInstant() *WantInstant {
	if f.absent() {
		return nil
	}
	s, ok := f.text("a date such as 2022-07-01, or never")
	if s == "never" {
		return &WantInstant{}
	}
	if ok {
		t, ok := f.date()
		return map[bool]*WantInstant{true: {At: t, Day: len(s) == len("2022-07-01")}}[ok]
	}
	return nil
}
