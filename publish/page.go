package publish

import (
	"crypto/sha256"
	"encoding/hex"
	"fmt"
	"path"
	"regexp"
	"strconv"
	"strings"

	"coopcloud.tech/goodstanding/decisions"
	"coopcloud.tech/goodstanding/internal/instant"
	"coopcloud.tech/goodstanding/member"
)

// Page is a decision with what its page says beside it.
type Page struct {
	ID       string
	Decision decisions.Decision
	Outcome  decisions.Outcome // as it stands, or as it is
	Events   []decisions.Event
	// Names are those under which everybody may read who answered; nil where the
	// answers are for members alone.
	Names map[member.ID]string
	// Entries and Head are how long its chain is, and where it ends.
	Entries int64
	Head    string
}

// folders are where pages stand: the folder is the state.
var folders = map[decisions.State]string{
	decisions.Draft: "drafts", decisions.Logged: "logged", decisions.Opened: "in-progress", decisions.Overdue: "in-progress", decisions.Elsewhere: "in-progress",
	decisions.Stalled: "stalled", decisions.Passed: "passed", decisions.Stopped: "stopped", decisions.NotPassed: "not-carried", decisions.Withdrawn: "withdrawn",
}

// Folders lists all folders, in the order in which the index has them.
func Folders() []string {
	return []string{"in-progress", "stalled", "drafts", "passed", "not-carried", "stopped", "withdrawn", "logged"}
}

// Public says whether anything of the decision may be published: of one for
// members alone its number and its outcome, once it has a number.
func (p *Page) Public() bool {
	return p.Decision.Number > 0 || p.Decision.Proposal.Visibility == decisions.Public
}

// Name is the name of its file, the same in every folder.
func (p *Page) Name() string {
	if p.Decision.Number > 0 {
		return fmt.Sprintf("%03d.md", p.Decision.Number)
	}
	return p.ID + ".md"
}

// Former are the names under which its file may stand from before: a draft has
// its id's, until it is opened.
func (p *Page) Former() []string {
	if p.Decision.Number == 0 {
		return []string{p.Name()}
	}
	return []string{p.Name(), p.ID + ".md"}
}

// Path is the folder and the name of its file, with a slash between them.
func (p *Page) Path() string { return path.Join(folders[p.Decision.State], p.Name()) }

// mark ends each file that this program writes: the hash of all that stands
// before it.
const mark = "<!-- goodstanding sha256:"

var marked = regexp.MustCompile(`(?m)^<!-- goodstanding sha256:([0-9a-f]{64}) -->\n*`)

func sealed(text string) string {
	sum := sha256.Sum256([]byte(text))
	return text + mark + hex.EncodeToString(sum[:]) + " -->\n"
}

// Ours says of a file whether this program wrote it, and whether nobody has
// changed it since.
func Ours(text []byte) (written, untouched bool) {
	s := string(text)
	at := strings.LastIndex(s, mark)
	if at < 0 || at > 0 && s[at-1] != '\n' {
		return false, false
	}
	return true, sealed(s[:at]) == s
}

// Markdown is the whole page: the same bytes as long as nothing changed.
func (p *Page) Markdown() string {
	d := &p.Decision
	w := &writer{p: p, d: d}
	if d.Proposal.Visibility != decisions.Public {
		w.line("---").line("title: %s", titleText(numbered(d.Number))).line("---").gap()
		w.line("## Record").gap().line("%s It is %s.", forMembers, d.State.Words()).gap()
		return sealed(w.String())
	}
	title := flat(fromInline.Replace(d.Proposal.Title))
	switch {
	case d.Number > 0:
		title = numbered(d.Number) + ": " + title
	case d.State == decisions.Draft:
		title = "Draft: " + title
	}
	w.line("---").line("title: %s", titleText(title)).line("---").gap()
	w.header()
	first, rest := harmless(d.Proposal.Changes), wholeSummary
	if before, after, two := strings.Cut(first, "\n\n"); two {
		first, rest = before, after
	}
	w.gap().line("## Summary").gap().text(first).line("## Details").gap().text(rest).line("## Record").gap()
	w.record()
	return sealed(w.String())
}

// forMembers stands for a text that the public does not read, wholeSummary for
// details where there are none.
const (
	forMembers   = "This decision is for members to read."
	wholeSummary = "*The summary says all of it.*"
)

func numbered(n int) string { return fmt.Sprintf("Resolution %03d", n) }

// titleText is a title for the front matter, which sites put into their pages as
// it is.
func titleText(s string) string {
	return strconv.Quote(strings.NewReplacer("<", "&lt;", ">", "&gt;", "{", "&#123;").Replace(s))
}

type writer struct {
	strings.Builder
	p *Page
	d *decisions.Decision
}

func (w *writer) line(format string, args ...any) *writer {
	w.WriteString(strings.TrimRight(fmt.Sprintf(format, args...), " ") + "\n")
	return w
}

func (w *writer) gap() *writer {
	w.WriteString("\n")
	return w
}

// text is a text of several lines, with a gap behind it; nothing for an empty one.
func (w *writer) text(s string) *writer {
	if s != "" {
		w.WriteString(s + "\n\n")
	}
	return w
}

func (w *writer) day(at instant.Instant) string { return decisions.DayOf(at, w.d.Zone).String() }

func (w *writer) minute(at instant.Instant) string {
	return at.Time().In(w.d.Zone).Format("2 January 2006, 15:04") + " (" + w.d.Zone.String() + ")"
}

// endings are the words of the header for what a state is since.
var endings = map[decisions.State]string{
	decisions.Passed: "Passed on", decisions.Stopped: "Stopped on", decisions.NotPassed: "Not carried on", decisions.Withdrawn: "Withdrawn on", decisions.Stalled: "Stalled on",
}

func (w *writer) header() {
	date, deadline, ended := w.days()
	field := func(key, value string) { w.line("- %s: %s", key, value) }
	field("Topic", OneLine(w.d.Proposal.Title))
	if date != "" {
		field("Date", date)
	}
	field("Deadline", deadline)
	if key := endings[w.d.State]; key != "" && ended != "" {
		field(key, ended)
	}
	field("Size", capital(string(w.d.Size())))
	for _, f := range []struct{ key, value string }{
		{"Affects", OneLine(w.d.Proposal.Affects)}, {"Discussion", OneLine(w.d.Proposal.Channel)}, {"Write-up", writeUp(w.d.Proposal.Link)},
	} {
		if f.value != "" {
			field(f.key, f.value)
		}
	}
}

// days are the date of the proposal, the deadline, and since when it is what it is.
func (w *writer) days() (date, deadline, ended string) {
	d := w.d
	if d.Imported != nil {
		date = d.Imported.Date.String()
	}
	if d.Untaken() {
		return date, d.Imported.Deadline.String(), d.Imported.Ended.String()
	}
	deadline = d.Deadline.String()
	if deadline == "" {
		deadline = d.Proposal.Deadline.String()
	}
	for _, ev := range w.p.Events {
		begins := ev.Kind == decisions.Open || ev.Kind == decisions.Log || ev.Kind == decisions.Propose
		if begins && (date == "" || ev.Kind != decisions.Propose) && d.Imported == nil {
			date = w.day(ev.At)
		}
		if ev.Kind == decisions.Withdraw || ev.Kind == decisions.Stall {
			ended = w.day(ev.At)
		}
	}
	if d.Outcome != nil {
		ended = w.day(d.Outcome.At)
	}
	return date, deadline, ended
}

var webAddress = regexp.MustCompile(`^https?://[A-Za-z0-9._~:/?#@!$&'()*+,;=%-]+$`)

func writeUp(s string) string {
	if s = strings.TrimSpace(s); webAddress.MatchString(s) {
		return "<" + s + ">"
	}
	return OneLine(s)
}

func capital(s string) string {
	if s == "" {
		return s
	}
	return strings.ToUpper(s[:1]) + s[1:]
}
