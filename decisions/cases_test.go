package decisions_test

import (
	"bufio"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"testing"
	"time"

	"coopcloud.tech/goodstanding/decisions"
	"coopcloud.tech/goodstanding/internal/instant"
	"coopcloud.tech/goodstanding/member"
	"coopcloud.tech/goodstanding/policy"
)

// TestCases makes the cases of testdata come true; their README tells the
// language. Each is also held against the oracle, event by event.
func TestCases(t *testing.T) {
	files, err := filepath.Glob("testdata/*.txt")
	if err != nil || len(files) == 0 {
		t.Fatalf("no cases: %v", err)
	}
	for _, file := range files {
		for _, c := range readCases(t, file) {
			t.Run(c.title, func(t *testing.T) { c.run(t) })
		}
	}
}

// storyCase is one case: a title and lines.
type storyCase struct {
	title string
	lines []line
}

type line struct {
	where string
	text  string
}

func readCases(t *testing.T, file string) (out []storyCase) {
	t.Helper()
	f, err := os.Open(file)
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = f.Close() }()
	in := bufio.NewScanner(f)
	for n := 1; in.Scan(); n++ {
		text := strings.TrimSpace(in.Text())
		where := fmt.Sprintf("%s:%d", file, n)
		switch title, is := strings.CutPrefix(text, "case "); {
		case text == "" || strings.HasPrefix(text, "#"):
		case is:
			out = append(out, storyCase{title: title})
		case len(out) == 0:
			t.Fatalf("%s: a line before the first case", where)
		default:
			last := &out[len(out)-1]
			last.lines = append(last.lines, line{where, text})
		}
	}
	if err := in.Err(); err != nil {
		t.Fatal(err)
	}
	return out
}

// run plays a case. A decision is asked about only through Step and Judge, as
// the chair does.
func (c *storyCase) run(t *testing.T) {
	w := newAssembly(t)
	asked := 0
	for i := 0; i < len(c.lines); i++ {
		l := c.lines[i]
		w.where = l.where
		if text, is := strings.CutPrefix(l.text, "= "); is {
			w.expect(w.now, text)
			asked++
			continue
		}
		if text, is := strings.CutPrefix(l.text, "on "); is {
			at, rest, ok := strings.Cut(text, ": ")
			if !ok {
				w.fail("an expectation is written on INSTANT: ANSWER; ANSWER")
			}
			w.expect(w.when(at), rest)
			asked++
			continue
		}
		var refused []string
		if i+1 < len(c.lines) {
			if text, is := strings.CutPrefix(c.lines[i+1].text, "refused: "); is {
				refused = answersIn(text)
				i++
			}
		}
		w.do(l.text, refused)
		asked += len(refused)
	}
	if asked+w.checked == 0 {
		t.Errorf("%s asks nothing", c.title)
	}
	w.oracle.compare(w)
}

// assembly is a federation around one decision.
type assembly struct {
	t       *testing.T
	where   string
	zone    *time.Location
	policy  string
	rules   decisions.Rules
	now     instant.Instant
	history map[member.ID][]change
	d       decisions.Decision
	log     []decisions.Event
	text    int
	checked int
	oracle  *oracle
}

// change is what the roll says of a member from an instant on.
type change struct {
	at instant.Instant
	decisions.Verdict
}

func newAssembly(t *testing.T) *assembly {
	w := &assembly{t: t, zone: time.UTC, history: map[member.ID][]change{}, d: decisions.New(time.UTC)}
	w.setRules("seed-2022")
	return w
}

func (w *assembly) fail(format string, args ...any) {
	w.t.Helper()
	w.t.Fatalf("%s: %s", w.where, fmt.Sprintf(format, args...))
}

func (w *assembly) setRules(name string) {
	w.t.Helper()
	file, err := policy.Preset(name)
	if err != nil {
		var text []byte
		path := filepath.Join("..", "policy", "testdata", name+".yaml")
		if text, err = os.ReadFile(path); err == nil {
			file, err = policy.Parse(name, text)
		}
	}
	if err != nil {
		w.fail("rules %s: %v", name, err)
	}
	w.policy, w.rules = name, file.Versions[len(file.Versions)-1].Decisions
}

// when reads an instant: a date is its noon in UTC.
func (w *assembly) when(s string) instant.Instant {
	w.t.Helper()
	if d, err := decisions.ParseDay(s); err == nil {
		return instant.Date(d.Year, d.Month, d.Date).Add(12 * time.Hour)
	}
	if t, err := time.ParseInLocation("2006-01-02T15:04:05", s, w.zone); err == nil {
		return instant.Of(t)
	}
	t, err := time.ParseInLocation("2006-01-02T15:04", s, w.zone)
	if err != nil {
		w.fail("%q is no instant: write 2026-02-26 or 2026-02-26T18:00", s)
	}
	return instant.Of(t)
}

// look is what the roll says at an instant.
func (w *assembly) look(at instant.Instant) (decisions.Roll, error) {
	r := decisions.Roll{}
	for id, all := range w.history {
		for _, c := range all {
			if c.at <= at {
				r[id] = c.Verdict
			}
		}
	}
	return r, nil
}

func (w *assembly) verdict(id member.ID, at instant.Instant) decisions.Verdict {
	r, _ := w.look(at)
	return r[id]
}

func (w *assembly) party(name string) decisions.Party {
	id := member.ID(name)
	p := decisions.Party{Person: member.PersonID("p-" + name), Member: id, Verdict: w.verdict(id, w.now)}
	p.Facilitator, p.Operator, p.Program = strings.HasPrefix(name, "fac"), name == "op", name == "program"
	return p
}

// apply gives an event to the decision, as the chair would.
func (w *assembly) apply(ev decisions.Event) error {
	w.t.Helper()
	ev.At = w.now
	events, next, err := w.d.Step(ev, w.look)
	w.oracle.take(w, ev)
	w.log = append(w.log, events...)
	w.d = next
	if again, folded := decisions.Fold(w.zone, w.log); folded != nil || again.State != next.State || again.Ends() != next.Ends() {
		w.fail("the log alone gives %s and not %s: %v", again.State, next.State, folded)
	}
	return err
}

func (w *assembly) do(text string, refused []string) {
	w.t.Helper()
	words := fields(text)
	if len(words) > 0 && words[0][0] >= '0' && words[0][0] <= '9' {
		at := w.when(words[0])
		if at < w.now {
			w.fail("%s is before what was told last", words[0])
		}
		w.now, words = at, words[1:]
	}
	if len(words) == 0 {
		return
	}
	if w.set(words) || w.live(words) || w.warned(words) {
		return
	}
	events := w.events(words)
	if len(events) == 0 {
		w.fail("nobody understands %q", text)
	}
	for _, ev := range events {
		err := w.apply(ev)
		w.refusal(text, err, refused)
	}
}

// warned is "m01 would be warned "…"", of an opening.
func (w *assembly) warned(words []string) bool {
	w.t.Helper()
	if len(words) != 5 || strings.Join(words[1:4], " ") != "would be warned" {
		return false
	}
	ev := decisions.Event{Kind: decisions.Open, At: w.now, By: w.party(words[0]), Rules: &w.rules}
	if got := strings.Join(w.d.Warnings(&ev), "; "); got != strings.Trim(words[4], `"`) {
		w.fail("warns %q", got)
	}
	w.checked++
	return true
}

// refusal holds what was refused against what the case says.
func (w *assembly) refusal(text string, err error, refused []string) {
	w.t.Helper()
	var r *decisions.Refusal
	switch {
	case err == nil && len(refused) == 0:
		return
	case err == nil:
		w.fail("%q was not refused", text)
	case !errors.As(err, &r):
		w.fail("%q: %v is no refusal", text, err)
	case len(refused) == 0:
		w.fail("%q: %v", text, err)
	}
	var codes []string
	for _, reason := range r.Reasons {
		codes = append(codes, string(reason.Code))
	}
	for _, want := range refused {
		if quoted, is := strings.CutPrefix(want, `"`); is {
			if full := strings.TrimSuffix(quoted, `"`); err.Error() != full {
				w.fail("says %q, want %q", err, full)
			}
			continue
		}
		if got := strings.Join(codes, " "); got != want {
			w.fail("%q is refused by %q, want %q (%v)", text, got, want, err)
		}
	}
}

// answersIn splits at semicolons outside quotation marks.
func answersIn(s string) (out []string) {
	quoted, from := false, 0
	for i := range s {
		switch {
		case s[i] == '"':
			quoted = !quoted
		case !quoted && strings.HasPrefix(s[i:], "; "):
			out, from = append(out, s[from:i]), i+2
		}
	}
	return append(out, s[from:])
}

// fields splits at spaces and keeps what stands between quotation marks.
func fields(s string) (out []string) {
	for s = strings.TrimSpace(s); s != ""; s = strings.TrimSpace(s) {
		if s[0] == '"' {
			end := strings.Index(s[1:], `"`)
			if end < 0 {
				return append(out, s)
			}
			out = append(out, s[:end+2])
			s = s[end+2:]
			continue
		}
		word, rest, _ := strings.Cut(s, " ")
		out, s = append(out, word), rest
	}
	return out
}

// set understands what a case is played by.
func (w *assembly) set(words []string) bool {
	switch words[0] {
	case "rules":
		w.setRules(words[1])
		if slices.Contains(words, "strict") {
			w.rules.NoticeTooShort = decisions.Refuse
		}
	case "zone":
		zone, err := time.LoadLocation(words[1])
		if err != nil {
			w.fail("%v", err)
		}
		w.zone, w.d = zone, decisions.New(zone)
	case "members":
		w.live(append(slices.Clone(words[1:]), "admitted"))
	default:
		return false
	}
	return true
}

// live understands what happens to members.
func (w *assembly) live(words []string) bool {
	verdicts := map[string]decisions.Verdict{
		"admitted":  {Vote: true, Membership: decisions.Admitted},
		"pays":      {Vote: true, Membership: decisions.Admitted},
		"resumes":   {Vote: true, Membership: decisions.Admitted},
		"restored":  {Vote: true, Membership: decisions.Admitted},
		"late":      {Vote: true, Membership: decisions.Admitted, Grace: true},
		"lapses":    {Membership: decisions.Admitted, Why: "Dues not paid. Pay on Open Collective."},
		"applies":   {Membership: decisions.Applied, Why: "Has applied."},
		"paused":    {Membership: decisions.Paused, Why: "Taking a break."},
		"suspended": {Membership: decisions.Suspended, Why: "Suspended."},
		"leaves":    {Membership: decisions.Left, Why: "Left."},
	}
	v, ok := verdicts[words[len(words)-1]]
	if !ok {
		return false
	}
	for _, name := range w.names(words[:len(words)-1]) {
		v.Since = w.now
		w.history[member.ID(name)] = append(w.history[member.ID(name)], change{w.now, v})
	}
	return true
}

// names writes out m01…m04.
func (w *assembly) names(words []string) (out []string) {
	w.t.Helper()
	for _, name := range words {
		first, last, many := strings.Cut(name, "…")
		if !many {
			out = append(out, name)
			continue
		}
		stem := strings.TrimRight(first, "0123456789")
		width := len(first) - len(stem)
		from, err1 := strconv.Atoi(first[len(stem):])
		to, err2 := strconv.Atoi(strings.TrimPrefix(last, stem))
		if err1 != nil || err2 != nil || to < from {
			w.fail("%q is no list of names", name)
		}
		for i := from; i <= to; i++ {
			out = append(out, fmt.Sprintf("%s%0*d", stem, width, i))
		}
	}
	return out
}
