package policy

import (
	"fmt"
	"strings"
	"time"

	"coopcloud.tech/goodstanding/decisions"
	"coopcloud.tech/goodstanding/eligibility"
	"coopcloud.tech/goodstanding/internal/instant"
	"coopcloud.tech/goodstanding/internal/money"
)

// Admission says how somebody becomes a member (domain.md, section 4).
type Admission string

// The ways to become a member.
const (
	AdmissionOpen      Admission = "open"      // whoever applies
	AdmissionTreasurer Admission = "treasurer" // the treasurer admits
	AdmissionDecision  Admission = "decision"  // a passed large decision does
)

// NotVoted says when members waited for are reminded of a large decision.
type NotVoted struct {
	After          decisions.Fraction // of the time between opening and deadline
	BeforeDeadline time.Duration
	OverdueEvery   time.Duration
}

// Notices says when members are told about their dues (domain.md, sections 4
// and 6). All are whole days.
type Notices struct {
	PaymentLate     time.Duration // after the coverage ended
	BeforeGraceEnds time.Duration // before the rights end
	WaiverEnds      time.Duration // before the waiver ends
	NotVoted        NotVoted
}

// Version is one dated version of the rules, complete with all defaults.
type Version struct {
	// Eligibility is what standings rest on. Its Known is 0: the store sets
	// it when the version is first loaded.
	Eligibility eligibility.Policy
	Decisions   decisions.Rules
	Notices     Notices
	Admission   Admission
	DecidedBy   string          // number of the decision that made it; "" for none
	ReviewBy    instant.Instant // start of the day by which it is to be reviewed; 0 for never
	Text        string          // canonical YAML, a policy file with this version alone
	SHA256      string          // of Text, in hexadecimal
}

// ID is the name of the version, never used for other rules.
func (v Version) ID() string { return v.Eligibility.ID }

// From is the instant from which the version is in force.
func (v Version) From() instant.Instant { return v.Eligibility.From }

// Enacted is the version as a decision put it in force: with the decision's
// number, from an instant on, unless it says a later one itself. A date by which
// it was to be reviewed that is past by then is left out.
func (v Version) Enacted(decision string, at instant.Instant) Version {
	v.DecidedBy, v.Eligibility.From = decision, max(v.Eligibility.From, at)
	if v.ReviewBy <= v.Eligibility.From {
		v.ReviewBy = 0
	}
	v.seal()
	return v
}

// SameRules says whether two versions are the same in everything but
// comments, spaces, order and spelling. Other rules under a known id are
// refused (domain.md, section 4).
func SameRules(a, b Version) bool { return canonical(a) == canonical(b) }

// CurrencyFault is the fault of a policy under which no payment to the
// collective could count (domain.md, section 4).
type CurrencyFault struct {
	Policy     string // id of the version
	Counted    []money.Currency
	Collective money.Currency
}

func (f *CurrencyFault) Error() string {
	var counted []string
	for _, c := range f.Counted {
		counted = append(counted, c.String())
	}
	verb := "is"
	if len(counted) > 1 {
		verb = "are"
	}
	return fmt.Sprintf("policy %s: %s %s counted, but this collective is kept in %s: no payment could count; add a minimum such as %s 10.00 monthly",
		f.Policy, join(counted, "and"), verb, f.Collective, f.Collective)
}

// CheckCurrency fails with a *CurrencyFault when the version names no minimum
// in the currency of the collective.
func CheckCurrency(v Version, collective money.Currency) error {
	if v.Eligibility.HasMinimum(collective) {
		return nil
	}
	f := &CurrencyFault{Policy: v.ID(), Collective: collective}
	for _, m := range v.Eligibility.Minimums {
		if n := len(f.Counted); n == 0 || f.Counted[n-1] != m.Amount.Currency {
			f.Counted = append(f.Counted, m.Amount.Currency)
		}
	}
	return f
}

// join lists words as English does: "a", "a and b", "a, b and c".
func join(words []string, last string) string {
	switch n := len(words); n {
	case 0:
		return ""
	case 1:
		return words[0]
	default:
		return strings.Join(words[:n-1], ", ") + " " + last + " " + words[n-1]
	}
}
