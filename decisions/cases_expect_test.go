package decisions_test

import (
	"slices"
	"strconv"
	"strings"

	"coopcloud.tech/goodstanding/decisions"
	"coopcloud.tech/goodstanding/internal/instant"
	"coopcloud.tech/goodstanding/member"
)

// seen is a decision as it reads at an instant: what is due by then is closed,
// and nothing is written.
type seen struct {
	*assembly
	d decisions.Decision
	o decisions.Outcome
}

func (w *assembly) read(at instant.Instant) seen {
	w.t.Helper()
	_, d, err := w.d.CloseDue(at, w.look)
	if err != nil {
		w.fail("%v", err)
	}
	s := seen{assembly: w, d: d}
	switch {
	case d.Outcome != nil:
		s.o = *d.Outcome
	case d.State.Running():
		r, _ := w.look(at)
		s.o = d.Judge(r, at)
	}
	return s
}

// expect holds what a decision reads like against "STATE; ANSWER; …".
func (w *assembly) expect(at instant.Instant, text string) {
	w.t.Helper()
	s := w.read(at)
	w.oracle.check(w, at, &s)
	for i, part := range answersIn(text) {
		words := fields(part)
		if i == 0 {
			if got := s.d.State.Words(); got != part {
				w.fail("it is %s, want %s: %+v", got, part, s.o)
			}
			continue
		}
		ask, ok := answers[words[0]]
		if !ok {
			w.fail("nobody understands %q", part)
		}
		if got, want := ask(&s, words[1:]), strings.Join(words[1:], " "); got != want {
			w.fail("%s %s, want %s: %s %+v", words[0], got, want, s.d.State, s.o)
		}
	}
}

func number(n int) string { return strconv.Itoa(n) }

func list(ids []member.ID) string {
	if len(ids) == 0 {
		return "nobody"
	}
	out := make([]string, len(ids))
	for i, id := range ids {
		out[i] = string(id)
	}
	return strings.Join(out, " ")
}

// answers are what an expectation can ask; they get its words, so that a list
// can be written short.
var answers = map[string]func(s *seen, words []string) string{
	"would":     func(s *seen, _ []string) string { return strings.TrimPrefix(s.o.Stands(), "would ") },
	"waiting":   func(s *seen, _ []string) string { return strings.TrimPrefix(s.o.Stands(), "waiting ") },
	"favour":    func(s *seen, _ []string) string { return number(s.o.Tally.Favour) },
	"against":   func(s *seen, _ []string) string { return number(s.o.Tally.Against) },
	"abstain":   func(s *seen, _ []string) string { return number(s.o.Tally.Abstain) },
	"block":     func(s *seen, _ []string) string { return number(s.o.Tally.Block) },
	"cast":      func(s *seen, _ []string) string { return number(s.o.Tally.Cast()) },
	"of":        func(s *seen, _ []string) string { return number(s.o.Tally.Electorate()) },
	"grace":     func(s *seen, _ []string) string { return number(s.o.Tally.Grace) },
	"seats":     func(s *seen, _ []string) string { return number(len(s.d.Electorate)) },
	"number":    func(s *seen, _ []string) string { return number(s.d.Number) },
	"revision":  func(s *seen, _ []string) string { return number(s.d.Revision) },
	"size":      func(s *seen, _ []string) string { return string(s.d.Size()) },
	"missing":   func(s *seen, words []string) string { return same(s, s.o.Tally.Waiting, words) },
	"unable":    func(s *seen, words []string) string { return same(s, s.o.Tally.Unable, words) },
	"old":       func(s *seen, words []string) string { return same(s, s.o.Tally.Unconfirmed, words) },
	"struck":    func(s *seen, words []string) string { return same(s, s.o.Tally.Discounted, words) },
	"objecting": func(s *seen, words []string) string { return same(s, s.o.Tally.Objections, words) },
	"deadline":  func(s *seen, _ []string) string { return s.d.Deadline.String() },
	"closed":    func(s *seen, _ []string) string { return s.o.At.Time().In(s.zone).Format("2006-01-02T15:04") },
	"says":      func(s *seen, _ []string) string { return `"` + s.o.Sensitivity + `"` },
	"otherwise": func(s *seen, _ []string) string {
		if s.o.Otherwise == nil {
			return "the same"
		}
		return "favour " + number(s.o.Otherwise.Favour) + " of " + number(s.o.Otherwise.Electorate())
	},
	"unheard": func(s *seen, _ []string) string { return strconv.FormatBool(s.o.Unheard) },
	"unanswered": func(s *seen, _ []string) string {
		var out []string
		for _, n := range s.o.Tally.Unanswered {
			out = append(out, number(n))
		}
		return strings.Join(out, " ")
	},
	"lacks": func(s *seen, _ []string) string {
		var out []string
		for _, l := range s.o.Lines {
			if !l.Holds {
				out = append(out, `"`+l.Condition.String()+": "+l.Text+`"`)
			}
		}
		if out == nil {
			return "nothing"
		}
		return strings.Join(out, " ")
	},
}

// same is the list as written, where it says the same members.
func same(s *seen, got []member.ID, words []string) string {
	want := s.names(words)
	if slices.Equal(want, []string{"nobody"}) {
		want = nil
	}
	if len(want) == len(got) && !slices.ContainsFunc(got, func(id member.ID) bool { return !slices.Contains(want, string(id)) }) {
		return strings.Join(words, " ")
	}
	return list(got)
}
