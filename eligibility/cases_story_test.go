package eligibility_test

import (
	"fmt"
	"os"
	"sort"
	"strings"

	"coopcloud.tech/goodstanding/eligibility"
	"coopcloud.tech/goodstanding/internal/instant"
)

// story is one story of testdata: policies, the facts about one member, and
// what is expected of them.
type story struct {
	title     string
	policies  eligibility.Policies
	facts     eligibility.Facts
	intervals map[string]eligibility.Interval // of each contribution
	listedAt  map[int]instant.Instant         // charge index: when its contribution was listed, 0 for never
	notLinked bool
	expected  []expectation
	promised  []promised
	looks     []look
}

func newStory(title string) *story {
	return &story{title: title, facts: eligibility.Facts{Member: "m-1", Kind: "organisation"},
		intervals: map[string]eligibility.Interval{}, listedAt: map[int]instant.Instant{}}
}

// readStories reads a file of stories; every fault names file and line.
func readStories(path string) ([]*story, error) {
	text, err := os.ReadFile(path)
	if err != nil {
		return nil, err
	}
	return parseStories(path, string(text))
}

func parseStories(path, text string) ([]*story, error) {
	var out []*story
	for i, line := range strings.Split(text, "\n") {
		line = strings.TrimSpace(line)
		where := fmt.Sprintf("%s:%d", path, i+1)
		switch {
		case line == "":
			continue
		case strings.HasPrefix(line, "# "):
			out = append(out, newStory(strings.TrimPrefix(line, "# ")))
			continue
		case len(out) == 0:
			return nil, fmt.Errorf("%s: a story begins with its title: # Title", where)
		}
		if err := out[len(out)-1].line(line, where); err != nil {
			return nil, fmt.Errorf("%s: %w", where, err)
		}
	}
	for _, s := range out {
		if len(s.expected)+len(s.promised)+len(s.looks) == 0 {
			return nil, fmt.Errorf("%s: the story %q expects nothing", path, s.title)
		}
		s.finish()
	}
	return out, nil
}

// line reads one line: a policy, an expectation or a fact.
func (s *story) line(line, where string) error {
	if head, rest, ok := strings.Cut(line, ": "); ok && isQuestion(head) {
		return s.expect(head, rest, where)
	}
	if head, rest, ok := strings.Cut(line, ": "); ok && strings.HasPrefix(head, "promised before ") {
		return s.promise(head, rest, where)
	}
	if head, rest, ok := strings.Cut(line, ": "); ok && strings.HasPrefix(head, "next look after ") {
		return s.look(head, rest, where)
	}
	if strings.HasPrefix(line, "policy ") {
		return s.policy(strings.TrimPrefix(line, "policy "))
	}
	w := clause(line)
	verb := w.word("a line")
	read, ok := factLines[verb]
	if !ok {
		return fmt.Errorf("unknown word %q at the beginning of a line", verb)
	}
	read(s, w)
	return w.done()
}

// policy reads "NAME [from DATE] [known DATE] [with CLAUSE; CLAUSE]".
func (s *story) policy(text string) error {
	head, clauses, amended := strings.Cut(text, " with ")
	w := clause(head)
	make := oneOf(w, "preset", presets)
	if w.fault != nil {
		return w.fault
	}
	p := make()
	if len(s.policies) > 0 {
		p.ID = fmt.Sprintf("%s (%d)", p.ID, len(s.policies)+1)
	}
	if w.has("from") {
		p.From = w.when()
		p.Known = p.From
	}
	if w.has("known") {
		p.Known = w.when()
	}
	if err := w.done(); err != nil {
		return err
	}
	for _, c := range strings.Split(clauses, ";") {
		if !amended {
			break
		}
		if err := amend(&p, clause(c)); err != nil {
			return err
		}
	}
	s.policies = append(s.policies, p)
	return nil
}

// finish fills in what a story need not say: the policy, the link of the
// member's account, and when each fact of upstream was learned.
func (s *story) finish() {
	if len(s.facts.Links) == 0 && !s.notLinked {
		s.facts.Links = []eligibility.Link{{ID: "l1", Account: "account"}}
	}
	if len(s.policies) == 0 {
		s.policies = eligibility.Policies{presets["seed-2022"]()}
	}
	sort.Slice(s.facts.Snapshots, func(i, j int) bool { return s.facts.Snapshots[i].Start < s.facts.Snapshots[j].Start })
	for i := range s.facts.Snapshots {
		s.facts.Snapshots[i].Number = int64(i + 1)
	}
	for i := range s.facts.Charges {
		c := &s.facts.Charges[i]
		c.Known = s.seen(c.From)
		c.FixedKnown = c.Known
		if listed, unlisted := s.listedAt[i]; unlisted {
			c.FixedKnown = 0
			if listed != 0 {
				c.FixedKnown = s.seen(listed)
			}
		}
	}
	for i := range s.facts.Refunds {
		s.facts.Refunds[i].Known = s.seen(s.facts.Refunds[i].At)
	}
	for i := range s.facts.Contributions {
		c := &s.facts.Contributions[i]
		c.Known = s.seen(c.Effective)
		c.ProcessedAt = s.firstCharge(c.ID, c.Effective)
	}
}

// seen is when the program learned what upstream showed from t on: with the
// first snapshot from then on, at once where none follows.
func (s *story) seen(t instant.Instant) instant.Instant {
	for _, x := range s.facts.Snapshots {
		if x.Start >= t {
			return x.Known
		}
	}
	return t
}

// firstCharge is a contribution's first success by t, 0 for none.
func (s *story) firstCharge(contribution string, t instant.Instant) instant.Instant {
	var first instant.Instant
	for _, c := range s.facts.Charges {
		if c.Contribution == contribution && c.From <= t && (first == 0 || c.From < first) {
			first = c.From
		}
	}
	return first
}
