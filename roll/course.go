package roll

import (
	"coopcloud.tech/goodstanding/eligibility"
	"coopcloud.tech/goodstanding/internal/instant"
	"coopcloud.tech/goodstanding/internal/money"
)

// CoursePoint is how many admitted members stood how at an instant, by what is known
// now. Who has applied or left is not counted.
type CoursePoint struct {
	At     instant.Instant
	States map[eligibility.State]int
	Total  int
}

// courseDay is the day of the month on which a course looks at the roll: when the
// renewals of its first days have come, or are late (open-collective.md: upstream
// charges from the 1st to the 5th).
const courseDay = 15

// Course is how the members stood on the 15th of each month before this one, at
// midnight UTC, and now: at most so many points, the last one now, the first one not
// before somebody was a member.
func (b *Book) Course(now instant.Instant, most int) []CoursePoint {
	var at []instant.Instant
	y, m, _ := now.Time().Date()
	for k := most - 1; k > 0; k-- {
		at = append(at, instant.Date(y, m, courseDay).AddMonths(-k))
	}
	at = append(at, now)
	out := make([]CoursePoint, len(at))
	for i := range out {
		out[i] = CoursePoint{At: at[i], States: map[eligibility.State]int{}}
	}
	for i := range b.facts {
		for j, state := range b.rules.policies.States(&b.facts[i], b.known, at...) {
			if state != eligibility.StateApplied && state != eligibility.StateLeft {
				out[j].States[state]++
				out[j].Total++
			}
		}
	}
	for len(out) > 1 && out[0].Total == 0 {
		out = out[1:]
	}
	return out
}

// MoneyMonth is what came in as dues in a month, and what was expected in it, by
// currency in minor units. The month is one of the calendar in UTC, as charges are
// made.
type MoneyMonth struct {
	From               instant.Instant
	Received, Expected map[money.Currency]int64
}

// MoneyByMonth are the dues of the last months, of which this one is the last, and
// what is expected in those to come.
//
// Received is each charge of a member's account that counts as dues, in the month of
// the charge, and each entered payment, in the month in which it came; what was given
// back is left out. Expected are the renewals that the members' recurring contributions
// promise: in the month in which the last charge's coverage ends, with its amount. So a
// first charge was not expected, and a payment that is entered never is.
func (b *Book) MoneyByMonth(now instant.Instant, past, coming int) []MoneyMonth {
	y, m, _ := now.Time().Date()
	first := instant.Date(y, m, 1).AddMonths(1 - past)
	out := make([]MoneyMonth, past+coming)
	for i := range out {
		out[i] = MoneyMonth{From: first.AddMonths(i), Received: map[money.Currency]int64{}, Expected: map[money.Currency]int64{}}
	}
	end := first.AddMonths(len(out))
	month := func(t instant.Instant) *MoneyMonth {
		if t < first || t >= end {
			return nil
		}
		fy, fm, _ := first.Time().Date()
		ty, tm, _ := t.Time().Date()
		return &out[12*(ty-fy)+int(tm)-int(fm)]
	}
	for i := range b.facts {
		f := &b.facts[i]
		for _, p := range b.rules.policies.Paid(f, b.known) {
			at := p.From
			if p.Ref.Kind == eligibility.RefPayment {
				at = b.received[p.Ref.ID]
			}
			if in := month(at); in != nil && p.Back == 0 {
				in.Received[p.Amount.Currency] += p.Amount.Minor
			}
		}
		for _, p := range b.rules.policies.Renewals(f, b.known, end) {
			if in := month(p.At); in != nil {
				in.Expected[p.Amount.Currency] += p.Amount.Minor
			}
		}
	}
	return out
}
