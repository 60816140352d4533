package eligibility_test

import (
	"fmt"
	"slices"
	"strings"
	"testing"

	"coopcloud.tech/goodstanding/eligibility"
	"coopcloud.tech/goodstanding/internal/instant"
)

// promised is one line that says which charges the recurring contributions promise.
type promised struct {
	where         string
	before, known instant.Instant
	want          []string // one text a charge, in order
}

// promise reads "promised before DATE [by what was known on DATE]: AMOUNT on DATE DATE …; AMOUNT on …",
// or "nothing"; without "by what was known" it is asked by everything that the story tells.
func (s *story) promise(head, rest, where string) error {
	p := promised{where: where, known: instant.Max}
	w := clause(head)
	w.must("promised before")
	p.before = w.when()
	if w.has("by what was known on") {
		p.known = w.noon()
	}
	if err := w.done(); err != nil {
		return err
	}
	for _, part := range strings.Split(rest, ";") {
		w := clause(part)
		if w.has("nothing") {
			if err := w.done(); err != nil {
				return err
			}
			continue
		}
		amount := w.amount()
		w.must("on")
		p.want = append(p.want, promiseOf(eligibility.Renewal{At: w.when(), Amount: amount}))
		for len(w.left) > 0 {
			p.want = append(p.want, promiseOf(eligibility.Renewal{At: w.when(), Amount: amount}))
		}
		if err := w.done(); err != nil {
			return err
		}
	}
	slices.Sort(p.want)
	s.promised = append(s.promised, p)
	return nil
}

func promiseOf(r eligibility.Renewal) string { return short(r.At) + " " + r.Amount.String() }

func promisesOf(rs []eligibility.Renewal) []string {
	out := make([]string, 0, len(rs))
	for _, r := range rs {
		out = append(out, promiseOf(r))
	}
	slices.Sort(out)
	return out
}

// failure says how what is promised differs, with file and line; "" for not at all.
func (p promised) failure(s *story) string {
	got := promisesOf(s.policies.Renewals(&s.facts, p.known, p.before))
	if slices.Equal(got, p.want) {
		return ""
	}
	return fmt.Sprintf("%s: promised before %s\nwanted %s\n   got %s", p.where, short(p.before), listed(p.want), listed(got))
}

func listed(promises []string) string {
	if len(promises) == 0 {
		return "nothing"
	}
	return strings.Join(promises, ", ")
}

// What the stories say of charges to come is so, to the day, and the oracle says it, too.
func TestStoriesPromise(t *testing.T) {
	told := 0
	for _, s := range allStories(t) {
		for _, p := range s.promised {
			told++
			if msg := p.failure(s); msg != "" {
				t.Errorf("%s\n\t(%s)", msg, s.title)
			}
			if got := newOracle(s.policies, &s.facts, 0, p.known).promised(p.before); !slices.Equal(got, p.want) {
				t.Errorf("%s (%s): the oracle says\n%s, want\n%s", p.where, s.title, listed(got), listed(p.want))
			}
		}
	}
	if told < 40 {
		t.Errorf("only %d lines say what is promised", told)
	}
}

// A line about charges to come is read strictly, and fails where it is not so.
func TestAPromiseCanFail(t *testing.T) {
	const told = `# A member who pays every month
admitted 2026-01-10
contribution c1 monthly active from 2026-01-10
charge c1 GBP 10.00 on 2026-01-10
snapshots daily from 2026-01-01 until 2026-02-01
`
	saysOf(t, told, func(s *story) string { return s.promised[0].failure(s) }, map[string]string{
		"promised before 2026-03-02: GBP 10.00 on 2026-02-01 2026-03-01": "",
		"promised before 2026-03-02: GBP 10.00 on 2026-02-01":            "x.txt:6: promised before 2026-03-02\nwanted 2026-02-01 GBP 10.00\n   got 2026-02-01 GBP 10.00, 2026-03-01 GBP 10.00",
		"promised before 2026-03-02: nothing":                            "x.txt:6: promised before 2026-03-02\nwanted nothing\n   got 2026-02-01 GBP 10.00, 2026-03-01 GBP 10.00",
		"promised before 2026-02-01: GBP 5.00 on 2026-02-01":             "x.txt:6: promised before 2026-02-01\nwanted 2026-02-01 GBP 5.00\n   got nothing",
	})
	refused(t, told, map[string]string{
		"promised before soon: nothing":                          `x.txt:6: "soon" is no date: write 2026-02-01 or 2026-02-01T09:30`,
		"promised before 2026-03-01 and after: nothing":          `x.txt:6: unknown word "and"`,
		"promised before 2026-03-01: nothing else":               `x.txt:6: unknown word "else"`,
		"promised before 2026-03-01: GBP 10.00 until 2026-03-01": `x.txt:6: "until" stands where "on" should`,
		"promised before 2026-03-01: GBP 10.00 on":               `x.txt:6: a date is missing at the end`,
		"promised before 2026-03-01: GBP 10.00 on 2026-03-01 or": `x.txt:6: "or" is no date: write 2026-02-01 or 2026-02-01T09:30`,
	})
}

// saysOf adds one line after another to a story, and holds what the failure says of it to
// what it must say.
func saysOf(t *testing.T, told string, failure func(*story) string, lines map[string]string) {
	t.Helper()
	for line, want := range lines {
		stories, err := parseStories("x.txt", told+line+"\n")
		if err != nil {
			t.Errorf("%s: %v", line, err)
		} else if got := failure(stories[0]); got != want {
			t.Errorf("%s\n got %s\nwant %s", line, got, want)
		}
	}
}

// refused adds one line after another to a story, each of which must be refused so.
func refused(t *testing.T, told string, lines map[string]string) {
	t.Helper()
	for line, want := range lines {
		if _, err := parseStories("x.txt", told+line+"\n"); err == nil || err.Error() != want {
			t.Errorf("%s\n got %v\nwant %s", line, err, want)
		}
	}
}
