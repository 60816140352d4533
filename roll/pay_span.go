package roll

import (
	"fmt"

	"coopcloud.tech/goodstanding/internal/instant"
)

// mostMonths bounds what one payment pays for.
const mostMonths = 120

// paidSpan is what an entered payment pays for.
type paidSpan struct {
	months      int
	from, until instant.Instant
}

// span is what the payment pays for: whole calendar months, the same day of the
// month at both ends, clamped to the month's end (domain.md, section 2).
func (p *PaymentEntry) span(why *reasons) paidSpan {
	why.refuseAll(dateFaults("the start", p.From))
	why.refuseAll(dateFaults("the end", p.To))
	switch {
	case p.Months != 0 && p.To != 0:
		why.refuse("say either for how many months it pays or until when, not both")
	case p.Months < 0 || p.Months > mostMonths:
		why.refuse("it can pay for 1 to %d months", mostMonths)
	case p.Months > 0 && p.From == 0 && p.Received == 0: // the missing day is told already
	case p.Months > 0:
		from := p.From
		if from == 0 {
			from = p.Received - p.Received%instant.Day
		}
		return paidSpan{p.Months, from, from.AddMonths(p.Months)}
	case p.From == 0 || p.To == 0:
		why.refuse("say what it pays for: --months N, or --from DATE --to DATE")
	case p.To <= p.From:
		why.refuse("what it pays for must end after it starts")
	default:
		return wholeMonths(p.From, p.To, why)
	}
	return paidSpan{}
}

// wholeMonths is the span if it is one of whole calendar months; else the
// refusal names the nearest.
func wholeMonths(from, to instant.Instant, why *reasons) paidSpan {
	n := 1
	for n <= mostMonths && from.AddMonths(n) < to {
		n++
	}
	switch {
	case n > mostMonths:
		why.refuse("it can pay for 1 to %d months", mostMonths)
		return paidSpan{}
	case from.AddMonths(n) == to:
		return paidSpan{n, from, to}
	}
	nearest := inMonths(from, n)
	if n > 1 {
		nearest = inMonths(from, n-1) + ", and " + nearest
	}
	why.refuse("%s to %s is no number of whole months; nearest: %s; the end is the first day that is no longer paid for",
		dayText(from), dayText(to), nearest)
	return paidSpan{}
}

func inMonths(from instant.Instant, n int) string {
	months := "months"
	if n == 1 {
		months = "month"
	}
	return fmt.Sprintf("%s to %s (%d %s)", dayText(from), dayText(from.AddMonths(n)), n, months)
}
