package eligibility_test

import (
	"fmt"
	"sort"
	"strings"

	"coopcloud.tech/goodstanding/eligibility"
	"coopcloud.tech/goodstanding/internal/instant"
)

// expectation is one line that says what a standing must be.
type expectation struct {
	where    string
	at       []instant.Instant // every instant the line is about
	known    instant.Instant   // 0: what was known at each instant itself
	forecast bool
	checks   []check
}

// check compares one thing; its answer is "" or what is there instead, in words
// that are never empty.
type check struct {
	words string
	wrong func(eligibility.Standing) string
}

func isQuestion(head string) bool {
	return strings.HasPrefix(head, "on ") || strings.HasPrefix(head, "forecast on ") || strings.HasPrefix(head, "every ")
}

// expect reads "on WHEN [by what was known WHEN | by what is known now]:
// ANSWER; ANSWER", also with "forecast on", or "every day|hour from WHEN until WHEN".
func (s *story) expect(head, rest, where string) error {
	e := expectation{where: where}
	w := clause(head)
	e.forecast = w.has("forecast")
	if w.has("every") {
		e.at = span(w)
	} else {
		w.must("on")
		e.at = []instant.Instant{w.noon()}
	}
	switch {
	case w.has("by what was known on"):
		e.known = w.noon()
	case w.has("by what is known now"):
		e.known = instant.Max
	}
	if err := w.done(); err != nil {
		return err
	}
	for i, part := range strings.Split(rest, ";") {
		w := clause(part)
		c := check{words: strings.TrimSpace(part)}
		if i == 0 && len(w.left) == 1 {
			c.wrong = differs(stateWord(w).String(), func(s eligibility.Standing) string { return s.State.String() })
		} else {
			c.wrong = answerCheck(w)
		}
		if err := w.done(); err != nil {
			return err
		}
		e.checks = append(e.checks, c)
	}
	s.expected = append(s.expected, e)
	return nil
}

// span reads "day from D until D" (noons) or "hour from D until D".
func span(w *words) (out []instant.Instant) {
	step := oneOf(w, "step", map[string]instant.Instant{"day": instant.Day, "hour": instant.Day / 24})
	w.must("from")
	from := w.when()
	w.must("until")
	until := w.when()
	if step == instant.Day {
		from += instant.Day / 2
	}
	for t := from; w.fault == nil && t < until; t += step {
		out = append(out, t)
	}
	if len(out) == 0 {
		w.fail("the span is empty")
	}
	return out
}

// answerCheck reads one answer behind the state.
func answerCheck(w *words) func(eligibility.Standing) string {
	switch {
	case w.has("because"):
		want := strings.Join(w.left, " ")
		checkCodes(w)
		return differs(want, func(s eligibility.Standing) string { return strings.TrimPrefix(codes(s), "because ") })
	case w.has("resting on"):
		want := append([]string{}, w.left...)
		w.left = nil
		sort.Strings(want)
		return differs(strings.Join(want, " "), cited)
	case w.has("facts of"):
		code := w.word("a reason code")
		want := append([]string{}, w.left...)
		w.left = nil
		sort.Strings(want)
		return differs(strings.Join(want, " "), func(s eligibility.Standing) string {
			for _, r := range s.Reasons {
				if r.Code.String() == code {
					return cited(eligibility.Standing{Reasons: []eligibility.Reason{r}})
				}
			}
			return code + " is no reason"
		})
	case w.has("paid through"):
		return differs(dateOr(w, "never"), func(s eligibility.Standing) string { return shortOr(s.PaidThrough, "never") })
	case w.has("touching"):
		r := oneOf(w, "right", rightWords)
		want := strings.Join(w.left, " ")
		checkCodes(w)
		return differs(want, func(s eligibility.Standing) string {
			return strings.TrimPrefix(codes(eligibility.Standing{Reasons: s.ReasonsFor(r)}), "because ")
		})
	case w.has("since"):
		return reasonDate(w, func(r eligibility.Reason) instant.Instant { return r.Since })
	case w.has("until"):
		return reasonDate(w, func(r eligibility.Reason) instant.Instant { return r.Until })
	case w.has("changes at once"):
		return differs("at once", func(s eligibility.Standing) string {
			if s.ChangesAt == s.At+1 {
				return "at once"
			}
			return shortOr(s.ChangesAt, "never")
		})
	case w.has("changes"):
		return differs(dateOr(w, "never"), func(s eligibility.Standing) string { return shortOr(s.ChangesAt, "never") })
	case w.has("as of"):
		return differs(dateOr(w, "never"), func(s eligibility.Standing) string { return shortOr(s.AsOf, "never") })
	case w.has("counts"):
		return differs(w.word("a fraction"), func(s eligibility.Standing) string { return s.Covered.String() })
	case w.has("policy"):
		want := strings.Join(w.left, " ")
		w.left = nil
		return differs(want, func(s eligibility.Standing) string { return s.Policy })
	}
	return rightCheck(w)
}

// reasonDate reads "CODE DATE" or "CODE no date".
func reasonDate(w *words, of func(eligibility.Reason) instant.Instant) func(eligibility.Standing) string {
	code := w.word("a reason code")
	return differs(dateOr(w, "no date"), func(s eligibility.Standing) string {
		for _, r := range s.Reasons {
			if r.Code.String() == code {
				return shortOr(of(r), "no date")
			}
		}
		return code + " is no reason"
	})
}

// rightCheck reads "vote yes", "vote no" or "vote yes until DATE".
func rightCheck(w *words) func(eligibility.Standing) string {
	r := oneOf(w, "answer", rightWords)
	want := w.word("yes or no")
	if want != "yes" && want != "no" && w.fault == nil {
		w.fail("%q stands where yes or no should", want)
	}
	if !w.has("until") {
		return differs(want, func(s eligibility.Standing) string { return yes(s.Has(r)) })
	}
	want += " until " + shortOr(w.when(), "ever")
	return differs(want, func(s eligibility.Standing) string {
		return yes(s.Has(r)) + " until " + shortOr(s.Verdict(r).Until, "no date")
	})
}

func differs(want string, have func(eligibility.Standing) string) func(eligibility.Standing) string {
	return func(s eligibility.Standing) string {
		switch h := have(s); h {
		case want:
			return ""
		case "":
			return "nothing"
		default:
			return h
		}
	}
}

// checkCodes takes the rest of the clause as reason codes.
func checkCodes(w *words) {
	known := map[string]bool{}
	for c := eligibility.CodeCovered; c.String() != ""; c++ {
		known[c.String()] = true
	}
	for _, word := range w.left {
		if !known[word] {
			w.fail("%q is no reason code", word)
		}
	}
	w.left = nil
}

// cited are all facts that the reasons cite, sorted.
func cited(s eligibility.Standing) string {
	set := map[string]bool{}
	for _, r := range s.Reasons {
		for _, f := range r.Facts {
			set[f.String()] = true
		}
	}
	out := make([]string, 0, len(set))
	for f := range set {
		out = append(out, f)
	}
	sort.Strings(out)
	return strings.Join(out, " ")
}

func dateOr(w *words, none string) string {
	if w.has(none) {
		return none
	}
	return short(w.when())
}

func shortOr(t instant.Instant, none string) string {
	if t == 0 {
		return none
	}
	return short(t)
}

// ask answers the expectation's question at one instant.
func (e expectation) ask(s *story, at instant.Instant) eligibility.Standing {
	known := e.known
	if known == 0 {
		known = at
	}
	if e.forecast {
		return s.policies.Forecast(&s.facts, at, known)
	}
	return s.policies.Assess(&s.facts, at, known)
}

// failures are the checks that do not hold, each with file and line.
func (e expectation) failures(s *story) (out []string) {
	for _, at := range e.at {
		got := e.ask(s, at)
		for _, c := range e.checks {
			if have := c.wrong(got); have != "" {
				out = append(out, fmt.Sprintf("%s: on %s wanted %q, got %q\n\t%s %s", e.where, short(at), c.words,
					have, answerOf(got), codes(got)))
			}
		}
	}
	return out
}
