package eligibility_test

import (
	"fmt"
	"strconv"
	"strings"
	"time"

	"coopcloud.tech/goodstanding/internal/instant"
	"coopcloud.tech/goodstanding/internal/money"
)

// words reads one clause of a story word by word. The first fault sticks; what
// is read after it is empty.
type words struct {
	left  []string
	fault error
}

func clause(text string) *words { return &words{left: strings.Fields(text)} }

func (w *words) fail(format string, args ...any) {
	if w.fault == nil {
		w.fault = fmt.Errorf(format, args...)
		w.left = nil
	}
}

// word takes the next word; what names it in the fault when there is none.
func (w *words) word(what string) string {
	if len(w.left) == 0 {
		w.fail("%s is missing at the end", what)
		return ""
	}
	next := w.left[0]
	w.left = w.left[1:]
	return next
}

// has takes the phrase if it comes next.
func (w *words) has(phrase string) bool {
	want := strings.Fields(phrase)
	if len(w.left) < len(want) {
		return false
	}
	for i, x := range want {
		if w.left[i] != x {
			return false
		}
	}
	w.left = w.left[len(want):]
	return true
}

// must takes the phrase or fails.
func (w *words) must(phrase string) {
	switch {
	case w.has(phrase):
	case len(w.left) == 0:
		w.fail("%q is missing at the end", phrase)
	default:
		w.fail("%q stands where %q should", w.left[0], phrase)
	}
}

// done fails when words are left that nobody asked for.
func (w *words) done() error {
	if len(w.left) > 0 {
		w.fail("unknown word %q", w.left[0])
	}
	return w.fault
}

// when reads a day (midnight UTC) or a day and a time, 2026-02-01T09:30.
func (w *words) when() instant.Instant {
	t, _ := w.clock("a date")
	return t
}

// noon is when, but a day alone is its noon: the middle of what people ask about.
func (w *words) noon() instant.Instant {
	t, clock := w.clock("a date")
	if !clock {
		t += instant.Day / 2
	}
	return t
}

func (w *words) clock(what string) (t instant.Instant, clock bool) {
	s := w.word(what)
	if w.fault != nil {
		return 0, false
	}
	for _, layout := range []string{time.DateOnly, "2006-01-02T15:04", "2006-01-02T15:04:05"} {
		if d, err := time.Parse(layout, s); err == nil {
			return instant.Of(d), layout != time.DateOnly
		}
	}
	w.fail("%q is no date: write 2026-02-01 or 2026-02-01T09:30", s)
	return 0, false
}

// amount reads "GBP 10.00".
func (w *words) amount() money.Money {
	code := w.word("an amount")
	m, err := money.Parse(code + " " + w.word("an amount"))
	if err != nil {
		w.fail("%w", err)
	}
	return m
}

// days reads "21d" or "24h".
func (w *words) days() time.Duration {
	s := w.word("a number of days")
	n, err := strconv.Atoi(strings.TrimRight(s, "dh"))
	switch {
	case w.fault != nil:
	case err == nil && strings.HasSuffix(s, "d"):
		return time.Duration(n) * dayLong
	case err == nil && strings.HasSuffix(s, "h"):
		return time.Duration(n) * time.Hour
	default:
		w.fail("%q is no length of time: write 21d or 24h", s)
	}
	return 0
}

// oneOf reads one word of a table.
func oneOf[T any](w *words, what string, table map[string]T) T {
	s := w.word(what)
	v, ok := table[s]
	if !ok && w.fault == nil {
		w.fail("%q is no %s", s, what)
	}
	return v
}
