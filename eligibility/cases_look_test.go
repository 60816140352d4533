package eligibility_test

import (
	"fmt"
	"testing"

	"coopcloud.tech/goodstanding/internal/instant"
)

// look is one line that says when the member is to be looked at again.
type look struct {
	where       string
	known, want instant.Instant
}

// look reads "next look after DATE: DATE", or "never": by what was known on the first
// day, the first instant at which anything about the member begins, ends or starts to
// matter.
func (s *story) look(head, rest, where string) error {
	l := look{where: where, want: instant.Max}
	w := clause(head)
	w.must("next look after")
	l.known = w.noon()
	if err := w.done(); err != nil {
		return err
	}
	if w = clause(rest); !w.has("never") {
		l.want = w.when()
	}
	s.looks = append(s.looks, l)
	return w.done()
}

// failure says how the next look differs, with file and line; "" for not at all.
func (l look) failure(s *story) string {
	if got := s.policies.CalmUntil(&s.facts, l.known); got != l.want {
		return fmt.Sprintf("%s: next look wanted %s, got %s", l.where, lookOf(l.want), lookOf(got))
	}
	return ""
}

func lookOf(t instant.Instant) string {
	if t == instant.Max {
		return "never"
	}
	return shortOr(t, "at once")
}

// The next look at a member is on the day on which something can change: no later, and
// no earlier.
func TestStoriesAreLookedAtAgain(t *testing.T) {
	told := 0
	for _, s := range allStories(t) {
		for _, l := range s.looks {
			told++
			if msg := l.failure(s); msg != "" {
				t.Errorf("%s (%s)", msg, s.title)
			}
		}
	}
	if told < 40 {
		t.Errorf("only %d lines say when the next look is", told)
	}
}

// A line about the next look is read strictly, and fails where it is not so.
func TestANextLookCanFail(t *testing.T) {
	const told = "# A member who paid once\nadmitted 2026-01-10\ncharge c1 GBP 10.00 on 2026-01-10\nsnapshots daily from 2026-01-01 until 2026-02-01\n"
	saysOf(t, told, func(s *story) string { return s.looks[0].failure(s) }, map[string]string{
		"next look after 2026-01-20: 2026-02-01": "",
		"next look after 2026-01-20: 2026-02-02": "x.txt:5: next look wanted 2026-02-02, got 2026-02-01",
		"next look after 2026-01-20: never":      "x.txt:5: next look wanted never, got 2026-02-01",
		"next look after 2025-12-31: 2026-02-01": "x.txt:5: next look wanted 2026-02-01, got at once",
	})
	refused(t, told, map[string]string{
		"next look after soon: 2026-02-01":           `x.txt:5: "soon" is no date: write 2026-02-01 or 2026-02-01T09:30`,
		"next look after 2026-01-20 or so: never":    `x.txt:5: unknown word "or"`,
		"next look after 2026-01-20: tomorrow":       `x.txt:5: "tomorrow" is no date: write 2026-02-01 or 2026-02-01T09:30`,
		"next look after 2026-01-20: 2026-02-01 too": `x.txt:5: unknown word "too"`,
	})
}

// The states that the pictures are drawn from are those that the roll says.
func TestStoriesInPictures(t *testing.T) {
	for _, s := range allStories(t) {
		for _, e := range s.expected {
			if e.forecast {
				continue
			}
			for i, at := range e.at {
				if len(e.at) > 300 && i%11 != 0 {
					continue
				}
				want := e.ask(s, at)
				if got := s.policies.States(&s.facts, want.Known, at); len(got) != 1 || got[0] != want.State {
					t.Errorf("%s (%s): on %s a picture says %v, the roll %s", e.where, s.title, short(at), got, want.State)
				}
			}
		}
	}
}
