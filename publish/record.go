package publish

import (
	"cmp"
	"fmt"
	"slices"
	"strings"

	"coopcloud.tech/goodstanding/decisions"
	"coopcloud.tech/goodstanding/internal/arrange"
	"coopcloud.tech/goodstanding/internal/instant"
	"coopcloud.tech/goodstanding/internal/tongue"
)

// fromFile begins the record of an imported decision, fileTold what stands
// behind it where the file told of a result.
const (
	fromFile = "This decision was taken over from a file. Nothing was counted here."
	fileTold = "The file told this of its result:"
)

// record is what the decision came to, and how. It names only who answered, and
// only where everybody may read that.
func (w *writer) record() {
	d := w.d
	switch {
	case d.Untaken():
		w.line(fromFile)
		if d.Told != "" {
			w.gap().line(fileTold).gap().line("%s", quoted(d.Told))
		}
		w.gap()
		return
	case d.State == decisions.Draft:
		w.line("This is a draft. Nobody has been asked yet.").gap()
		return
	case d.State == decisions.Logged:
		w.line("A small decision, which is only noted.").gap()
		return
	}
	w.line("%s", w.standing()).gap()
	switch d.Proposal.Kind {
	case decisions.Admit:
		w.line("When it passes, the applicant becomes a member.").gap()
	case decisions.Policy:
		w.line("When it passes, the rules `%s` are in force.", OneLine(d.Proposal.Version)).gap()
	}
	if d.State.Running() || d.Outcome != nil {
		w.count()
	}
	w.concerns()
	w.formerTexts()
	w.history()
	if d.Told != "" {
		w.line("### Before it was taken up here").gap().line(fileTold).gap().line("%s", quoted(d.Told)).gap()
	}
	if d.Revision > 0 {
		w.line("%s could answer. The SHA-256 of their sorted ids is `%s`.", many(len(d.Electorate), "member", "members"), d.Electorate.Hash()).gap()
	}
	w.line("The decision's chain has %s and ends with `%s`.", many(int(w.p.Entries), "entry", "entries"), w.p.Head).gap()
}

// standing is how the decision stands, in a sentence.
func (w *writer) standing() string {
	d, o := w.d, &w.p.Outcome
	switch d.State {
	case decisions.Opened:
		return fmt.Sprintf("Open until the end of %s (%s). As it stands: %s.", d.Deadline.Words(), d.Zone, o.Stands())
	case decisions.Overdue:
		return fmt.Sprintf("Overdue since the end of %s (%s). As it stands: %s.", d.Deadline.Words(), d.Zone, o.Stands())
	case decisions.Stalled:
		return "Stalled: it rests until somebody reopens it."
	case decisions.Withdrawn:
		return "Withdrawn by its proposer."
	}
	return fmt.Sprintf("%s since %s.", capital(d.State.Words()), w.minute(o.At))
}

// count is the tally, weighed by the rule, and who answered what.
func (w *writer) count() {
	o, t := &w.p.Outcome, &w.p.Outcome.Tally
	w.line("| In favour | Against | Abstain | Block | Objections | Waited for |").line("| --- | --- | --- | --- | --- | --- |")
	w.line("| %d | %d | %d | %d | %d | %d |", t.Favour, t.Against, t.Abstain, t.Block, len(t.Objections), len(t.Waiting)).gap()
	w.line("It passes if all of this holds (rules `%s`):", OneLine(w.d.Policy)).gap()
	w.line("| Rule | Holds | Count |").line("| --- | --- | --- |")
	for _, l := range o.Lines {
		holds := "no"
		if l.Holds {
			holds = "yes"
		}
		w.line("| %s | %s | %s |", l.Condition.Sentence(), holds, OneLine(l.Text))
	}
	w.gap().line("It %s.", o.Sensitivity).gap()
	if o.Unheard {
		w.line("The members were not told in time, so silence does not carry it.").gap()
	}
	if o.Otherwise != nil {
		w.line("If all counted who had a place at the deadline: %d in favour, %d against, %d abstain, %d block, %d waited for.",
			o.Otherwise.Favour, o.Otherwise.Against, o.Otherwise.Abstain, o.Otherwise.Block, len(o.Otherwise.Waiting)).gap()
	}
	w.answers()
}

// Answer is what a member answered, as everybody may read it.
type Answer struct {
	Name   string
	Answer decisions.Answer
	At     instant.Instant
	// Concern is the number of the concern that it carries; 0 for none.
	Concern int
	// Note says why it does not count; "" where it does.
	Note string
}

// Answers is who answered what, by name, where everybody may read that.
func (p *Page) Answers() []Answer {
	var out []Answer
	for id, b := range p.Decision.Ballots {
		name, ok := p.Names[id]
		if !ok {
			continue
		}
		a := Answer{Name: name, Answer: b.Answer, At: b.At, Concern: b.Concern}
		switch {
		case slices.Contains(p.Outcome.Tally.Discounted, id):
			a.Note = "not counted"
		case b.Revision != p.Decision.Revision:
			a.Note = "to a former text: counts when confirmed"
		}
		out = append(out, a)
	}
	arrange.By(out, func(a, b Answer) int {
		return cmp.Or(cmp.Compare(a.Name, b.Name), cmp.Compare(a.Answer, b.Answer), cmp.Compare(a.At, b.At))
	})
	return out
}

func (w *writer) answers() {
	answers := w.p.Answers()
	if len(answers) == 0 {
		return
	}
	w.line("### Answers").gap().line("| Member | Answer |").line("| --- | --- |")
	for _, a := range answers {
		answer := string(a.Answer)
		if a.Concern > 0 {
			answer += fmt.Sprintf(" (concern %d)", a.Concern)
		}
		if a.Note != "" {
			answer += ", " + a.Note
		}
		w.line("| %s | %s |", OneLine(a.Name), answer)
	}
	w.gap()
}

// concerns are all that were raised since the opening, with their answers, and
// without who raised them: who objects need not have voted.
func (w *writer) concerns() {
	if len(w.d.Concerns) == 0 {
		return
	}
	w.line("### Concerns").gap()
	for _, c := range w.d.Concerns {
		stands := ""
		if !slices.Contains(w.p.Outcome.Tally.Concerns, c.Number) && w.p.Outcome.At != 0 {
			stands = ", which does not stand any more"
		}
		w.line("Concern %d of %s%s:", c.Number, w.day(c.At), stands).gap().line("%s", quoted(c.Words)).gap()
		if c.Answered != 0 {
			w.line("Answer of %s:", w.day(c.Answered)).gap().line("%s", quoted(c.Answer)).gap()
		}
	}
}

// formerTexts are the texts that were decided on before the one above.
func (w *writer) formerTexts() {
	n := len(w.d.Revisions) - 1
	if n < 1 {
		return
	}
	w.line("### Former texts").gap()
	for i, t := range w.d.Revisions[:n] {
		w.line("Text %d, %s:", i+1, OneLine(t.Title)).gap().line("%s", quoted(t.Changes)).gap()
	}
}

// told are the events that the history has; what members answered stands above.
var told = map[decisions.EventKind]string{
	decisions.Import: "taken over from a file", decisions.Log: "noted", decisions.Open: "opened", decisions.Announce: "announced", decisions.Amend: "amended",
	decisions.CallMaterial: "the editorial amendment was called material", decisions.MoreTime: "more time was asked for", decisions.Escalate: "called for a larger size",
	decisions.Withdraw: "withdrawn", decisions.Stall: "stalled", decisions.Reopen: "reopened", decisions.End: "ended", decisions.Join: "a member joined the electorate",
	decisions.AddSeat: "a place was added to the electorate", decisions.RemoveSeat: "a place was taken from the electorate",
	decisions.Settle: "settled whether somebody who has gone counts",
}

// quiet are events whose words may name somebody who did not answer.
var quiet = []decisions.EventKind{decisions.AddSeat, decisions.RemoveSeat, decisions.Settle, decisions.Import}

// Happening is one line of a decision's history.
type Happening struct {
	At instant.Instant
	// What happened, in words; Words are those of whoever did it, "" for none.
	What, Words string
}

// History is what happened to a decision but for what members answered, the
// oldest first. It names nobody.
func (p *Page) History() []Happening { return p.HistoryIn(tongue.English()) }

// HistoryIn is History in a language, but for the words of people.
func (p *Page) HistoryIn(t *tongue.Tongue) (out []Happening) {
	d := decisions.New(p.Decision.Zone)
	for _, ev := range p.Events {
		next, err := d.Apply(ev)
		if err != nil { // a chain that cannot have happened is verify's to tell
			break
		}
		before := d
		d = next
		what := t.Say(told[ev.Kind])
		switch {
		case ev.Kind == decisions.Amend && ev.Editorial:
			what = t.Say("amended editorially")
		case ev.Kind == decisions.Close && d.State != before.State:
			what = d.State.WordsIn(t)
		}
		if what == "" {
			continue
		}
		if d.State == decisions.Opened && d.Deadline != before.Deadline {
			what += ", " + t.Sayf("until the end of %s", d.Deadline.WordsIn(t))
		}
		h := Happening{At: ev.At, What: what}
		if !slices.Contains(quiet, ev.Kind) {
			h.Words = ev.Words
		}
		out = append(out, h)
	}
	if d.State != p.Decision.State { // its deadline is past, and nobody has written yet what that led to
		out = append(out, Happening{At: d.Ends(), What: p.Decision.State.WordsIn(t)})
	}
	return out
}

func (w *writer) history() {
	w.line("### What happened").gap().line("| Date | What | Words |").line("| --- | --- | --- |")
	for _, h := range w.p.History() {
		w.line("| %s | %s | %s |", w.day(h.At), h.What, OneLine(h.Words))
	}
	w.gap()
}

func many(n int, one, more string) string {
	if n == 1 {
		return "1 " + one
	}
	return fmt.Sprintf("%d %s", n, more)
}

// headings are those of the index, by folder.
func headings(folder string) string { return capital(strings.ReplaceAll(folder, "-", " ")) }

// Index is the page that lists all others, by folder; address says where a page
// is: beside the index it is (*Page).Path.
func Index(pages []Page, address func(*Page) string) string {
	w := &writer{}
	w.line("---").line("title: %q", "Resolutions").line("---").gap()
	if !slices.ContainsFunc(pages, func(p Page) bool { return p.Public() }) {
		w.line("There is nothing yet.").gap()
	}
	for _, folder := range Folders() {
		head := false
		for i := range pages {
			p := &pages[i]
			if !p.Public() || folders[p.Decision.State] != folder {
				continue
			}
			if !head {
				w.line("## %s", headings(folder)).gap().line("| No. | Topic | Size | Date | Deadline | State |").line("| --- | --- | --- | --- | --- | --- |")
				head = true
			}
			w.row(p, address(p))
		}
		if head {
			w.gap()
		}
	}
	return sealed(w.String())
}

func (w *writer) row(p *Page, address string) {
	w.p, w.d = p, &p.Decision
	number := "–"
	if w.d.Number > 0 {
		number = fmt.Sprintf("%03d", w.d.Number)
	}
	state := w.d.State.Words()
	if w.d.Imported != nil {
		state += ", imported"
	}
	if w.d.Proposal.Visibility != decisions.Public {
		w.line("| [%s](%s) | for members | | | | %s |", number, address, state)
		return
	}
	date, deadline, ended := w.days()
	if ended != "" && !w.d.Untaken() || w.d.State.Final() && ended != "" {
		state += " (" + ended + ")"
	}
	w.line("| [%s](%s) | %s | %s | %s | %s | %s |", number, address, OneLine(w.d.Proposal.Title), w.d.Size(), date, deadline, state)
}
