package web

import (
	"slices"
	"strings"
	"time"

	"coopcloud.tech/goodstanding/eligibility"
	"coopcloud.tech/goodstanding/internal/instant"
	"coopcloud.tech/goodstanding/roll"
)

// timeLine is when a member paid and what that paid for. The table of evidence
// beside it says the same.
type timeLine struct {
	Title         string
	Width, Height int
	Spans         []lineSpan
	Paid          []lineDot
	Months        []lineMonth
	Today         int
	TodayAt       int // where its label stands
	Keys          []lineKey
	From, Until   string // the first and the last month
}

// lineSpan is a stretch of time; the class says of what sort.
type lineSpan struct {
	Class    string
	X, Width int
}

// lineDot is a payment, or one that was given back.
type lineDot struct {
	Class string
	X     int
}

type lineMonth struct {
	X     int
	Label string
	Year  bool // the first of a year, or the first that is shown
}

type lineKey struct{ Class, Words string }

// The measures of a time line, in its own units.
const (
	lineWidth  = 360
	lineHeight = 84
	lineLeast  = 2 // so that a short stretch is seen
)

// How much of the past and of the time to come a line shows at most.
const (
	linePast   = 12 // months
	lineAhead  = 13
	lineBehind = 1 // after the last thing it shows
)

// timeLine draws what an explanation tells of money; nil where it tells of none.
func (m *mine) timeLine(x *roll.Explanation) *timeLine {
	spans, dots := spansOf(x)
	if len(spans) == 0 && len(dots) == 0 {
		return nil
	}
	now := x.Standing.At
	local := now.Time().In(m.p.o.Zone)
	month := func(n int) time.Time {
		return time.Date(local.Year(), local.Month()+time.Month(n), 1, 0, 0, 0, 0, m.p.o.Zone)
	}
	first, last := 0, 1
	for first > -linePast && slices.ContainsFunc(spans, func(s stretch) bool { return s.from < instant.Of(month(first)) }) {
		first--
	}
	for last < lineAhead && slices.ContainsFunc(spans, func(s stretch) bool { return s.until != 0 && s.until > instant.Of(month(last)) }) {
		last++
	}
	last += lineBehind
	from, until := instant.Of(month(first)), instant.Of(month(last))
	l := &timeLine{Width: lineWidth, Height: lineHeight, From: m.v.lang.MonthYear(month(first)), Until: m.v.lang.MonthYear(month(last - 1))}
	at := func(t instant.Instant) int {
		t = min(max(t, from), until)
		return int(float64(lineWidth) * float64(t-from) / float64(until-from))
	}
	l.Today = at(now)
	l.TodayAt = min(max(l.Today, 16), lineWidth-16)
	l.months(m, first, last, month, at)
	l.draw(spans, dots, from, until, at)
	l.name(spans, m)
	return l
}

func (l *timeLine) months(m *mine, first, last int, month func(int) time.Time, at func(instant.Instant) int) {
	step := 1 + (last-first-1)/11 // so that labels do not run into each other
	for n := first; n < last; n++ {
		t := month(n)
		one := lineMonth{X: at(instant.Of(t)), Year: t.Month() == time.January || n == first}
		if (n-first)%step == 0 {
			one.Label = m.v.lang.ShortMonth(t.Month())
		}
		l.Months = append(l.Months, one)
	}
}

func (l *timeLine) draw(spans []stretch, dots []payment, from, until instant.Instant, at func(instant.Instant) int) {
	for _, s := range spans {
		end := s.until
		if end == 0 {
			end = until
		}
		if end <= from || s.from >= until {
			continue
		}
		x := at(s.from)
		l.Spans = append(l.Spans, lineSpan{s.class, x, max(lineLeast, at(end)-x)})
	}
	for _, d := range dots {
		if d.at >= from && d.at < until {
			l.Paid = append(l.Paid, lineDot{d.class, at(d.at)})
		}
	}
}

// sorts are the stretches and dots in words.
var sorts = []lineKey{{"l-paid", "time that was paid for"}, {"l-forgiven", "dues waived"}, {"l-grace", "days of grace"}, {"l-payment", "a payment"}, {"l-back", "given back"}}

// name says in words what the picture shows, and what its signs mean.
func (l *timeLine) name(spans []stretch, m *mine) {
	there := map[string]bool{}
	for _, s := range l.Spans {
		there[s.Class] = true
	}
	for _, d := range l.Paid {
		there[d.Class] = true
	}
	for _, k := range sorts {
		if there[k.Class] {
			l.Keys = append(l.Keys, lineKey{k.Class, m.say(k.Words)})
		}
	}
	var parts []string
	for _, s := range following(spans) {
		words := m.say(stretchWords[s.class])
		if s.until != 0 {
			words = m.sayf("%s from %s until %s", words, m.day(s.from).Words, m.day(s.until).Words)
		} else {
			words = m.sayf("%s from %s", words, m.day(s.from).Words)
		}
		parts = append(parts, words)
	}
	l.Title = m.sayf("Time line from %s to %s: %s; %s", l.From, l.Until, strings.Join(parts, ", "), l.paidWords(m))
}

var stretchWords = map[string]string{"l-paid": "paid for", "l-forgiven": "dues waived", "l-grace": "days of grace"}

// paidWords counts the payments that the picture shows, and those given back.
func (l *timeLine) paidWords(m *mine) string {
	back := 0
	for _, d := range l.Paid {
		if d.Class == "l-back" {
			back++
		}
	}
	words := m.count(len(l.Paid)-back, "payment in it", "payments in it")
	if back > 0 {
		words += ", " + m.sayf("%d given back", back)
	}
	return words
}

// stretch is a span of one sort; until 0 is open.
type stretch struct {
	class       string
	from, until instant.Instant
}

type payment struct {
	class string
	at    instant.Instant
}

// spansOf are what payments and waivers cover, and the days of grace. What was
// given back covers until then.
func spansOf(x *roll.Explanation) (spans []stretch, dots []payment) {
	back := map[string]instant.Instant{}
	for _, f := range x.Facts {
		if f.Charge != "" {
			back[eligibility.RefCharge.String()+":"+f.Charge] = f.From
			dots = append(dots, payment{"l-back", f.From})
		}
	}
	for _, f := range slices.Backward(x.Facts) { // the oldest first
		switch {
		case f.Amount != nil:
			dots = append(dots, payment{"l-payment", f.From})
			until := f.Until
			if end, ok := back[f.Ref]; ok && end < until {
				until = end
			}
			if until > f.From {
				spans = append(spans, stretch{"l-paid", f.From, until})
			}
		case strings.HasPrefix(f.Ref, eligibility.RefWaiver.String()+":"):
			spans = append(spans, stretch{"l-forgiven", f.From, f.Until})
		}
	}
	if g, ok := x.Standing.Reason(eligibility.CodeGrace); ok && x.Standing.State == eligibility.StateGrace {
		ended := instant.Instant(0)
		for _, s := range spans {
			if s.until <= x.Standing.At {
				ended = max(ended, s.until)
			}
		}
		if ended != 0 {
			spans = append(spans, stretch{"l-grace", ended, g.Until})
		}
	}
	return spans, dots
}

// following are stretches of one sort that follow each other as one.
func following(spans []stretch) (out []stretch) {
	for _, s := range spans {
		i := len(out) - 1
		if i >= 0 && out[i].class == s.class && out[i].until != 0 && s.from <= out[i].until.Add(36*time.Hour) {
			if s.until == 0 || s.until > out[i].until {
				out[i].until = s.until
			}
			continue
		}
		out = append(out, s)
	}
	return out
}
