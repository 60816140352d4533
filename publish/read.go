package publish

import (
	"fmt"
	"path"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"unicode/utf8"

	"coopcloud.tech/goodstanding/decisions"
)

// The bounds of what is read: a page of a hundred printed sheets, and more files
// than a federation decides in a lifetime.
const (
	MostBytes = 1 << 20
	MostFiles = 5000
	// mostNumber bounds a number: a year or a date is none.
	mostNumber = 9999
)

// File is what a file says of one decision, as far as it is understood.
type File struct {
	Path     string
	Text     string // the file as it is
	Number   int
	Proposal decisions.Proposal
	Imported decisions.Imported
	Told     string // what it tells of its result
	Notes    []Note
}

// Note is one thing that had to be guessed, in words.
type Note struct {
	Flag decisions.Flag
	Text string
}

// NoDecision says why a file is none of a decision.
type NoDecision struct{ Path, Why string }

func (e *NoDecision) Error() string { return e.Path + ": " + e.Why }

// Read takes a file apart. p is its path with slashes; its last folder is the
// state. The error is a *NoDecision: whatever else is odd is a note.
func Read(p string, text []byte) (File, error) {
	f := File{Path: p, Text: string(text)}
	no := func(format string, args ...any) (File, error) {
		return File{}, &NoDecision{p, fmt.Sprintf(format, args...)}
	}
	switch {
	case len(text) > MostBytes:
		return no("it is larger than 1 MiB")
	case !utf8.Valid(text):
		return no("it is not UTF-8 text")
	case strings.TrimSpace(string(text)) == "":
		return no("it is empty")
	}
	f.Proposal.Kind, f.Proposal.Visibility = decisions.General, decisions.Public
	r := &reader{f: &f, header: map[string]string{}}
	r.read(marked.ReplaceAllString(tidy(string(text))+"\n", ""))
	if !r.numbered() {
		return no("neither its name nor its title has a number: call it 012.md, or begin its title with Resolution 012")
	}
	r.state()
	r.dates()
	r.topic()
	r.size()
	r.body()
	f.Proposal.Affects, f.Proposal.Channel = r.one("affects"), r.one("channel")
	f.Proposal.Link = strings.TrimSuffix(strings.TrimPrefix(r.header["link"], "<"), ">")
	if f.Proposal.Link == r.header["link"] {
		f.Proposal.Link = r.one("link")
	}
	for _, n := range f.Notes {
		if !slices.Contains(f.Imported.Flags, n.Flag) {
			f.Imported.Flags = append(f.Imported.Flags, n.Flag)
		}
	}
	return f, nil
}

type reader struct {
	f      *File
	title  string // of the front matter, or the first heading
	header map[string]string
	// kept are lines before the first section that no key begins.
	kept                     []string
	summary, details, record string
	sections                 bool
}

func (r *reader) note(flag decisions.Flag, format string, args ...any) {
	r.f.Notes = append(r.f.Notes, Note{flag, fmt.Sprintf(format, args...)})
}

// one is a line of the header as people wrote it.
func (r *reader) one(key string) string { return flat(fromInline.Replace(r.header[key])) }

// read divides the text into front matter, header and sections.
func (r *reader) read(text string) {
	lines := strings.Split(text, "\n")
	lines = r.frontMatter(lines)
	i := 0
	for ; i < len(lines) && !strings.HasPrefix(lines[i], "## "); i++ {
		r.headerLine(lines[i])
	}
	to := &r.details
	fenced := ""
	for ; i < len(lines); i++ {
		l := lines[i]
		if m := fence.FindStringSubmatch(l); m != nil {
			switch {
			case fenced == "":
				fenced = m[1]
			case strings.HasPrefix(m[1], fenced):
				fenced = ""
			}
		}
		if name, ok := strings.CutPrefix(l, "## "); ok && fenced == "" && to != &r.record {
			switch keyOf(strings.Trim(name, "# :*_")) {
			case summary:
				to, r.sections = &r.summary, true
				continue
			case details:
				to, r.sections = &r.details, true
				continue
			case record:
				to = &r.record
				continue
			}
		}
		*to += l + "\n"
	}
}

// frontMatter reads the title between two lines of dashes.
func (r *reader) frontMatter(lines []string) []string {
	if len(lines) == 0 || strings.TrimSpace(lines[0]) != "---" {
		return lines
	}
	end := slices.IndexFunc(lines[1:], func(l string) bool { return strings.TrimSpace(l) == "---" })
	if end < 0 {
		return lines[1:]
	}
	for _, l := range lines[1 : end+1] {
		key, value, ok := strings.Cut(l, ":")
		if ok && strings.EqualFold(strings.TrimSpace(key), "title") && r.title == "" {
			r.title = unquote(strings.TrimSpace(value))
		}
	}
	return lines[end+2:]
}

// unquote is a YAML text without its quotation marks.
func unquote(s string) string {
	if len(s) >= 2 && s[0] == '"' && s[len(s)-1] == '"' {
		if u, err := strconv.Unquote(s); err == nil {
			return fromInline.Replace(u)
		}
		return fromInline.Replace(s[1 : len(s)-1])
	}
	if len(s) >= 2 && s[0] == '\'' && s[len(s)-1] == '\'' {
		return strings.ReplaceAll(s[1:len(s)-1], "''", "'")
	}
	return s
}

var passedOn = regexp.MustCompile(`(?i)^\s*(?:[-*+]\s+)?passed on\s+([^:]+)$`)

func (r *reader) headerLine(l string) {
	if strings.TrimSpace(l) == "" {
		if len(r.kept) > 0 {
			r.kept = append(r.kept, "")
		}
		return
	}
	if name, ok := strings.CutPrefix(l, "# "); ok {
		if r.title == "" {
			r.title = strings.TrimSpace(strings.TrimRight(name, "# "))
			return
		}
	}
	if m := passedOn.FindStringSubmatch(l); m != nil { // as some write it, without a colon
		l = "Passed on: " + m[1]
	}
	m := headerLine.FindStringSubmatch(l)
	if m == nil || m[4] != ":" || !known(m[2]) {
		r.kept = append(r.kept, l)
		return
	}
	key := keys[keyOf(m[2])]
	if _, twice := r.header[key]; twice {
		r.note(decisions.SaidTwice, "%q stands twice: the first one was taken", flat(m[2]))
		return
	}
	r.header[key] = strings.TrimSpace(m[5])
	if key == "ended" {
		r.header["ended by"] = keyOf(m[2])
	}
}

var (
	numberInName  = regexp.MustCompile(`(?i)^(?:resolution|decision|proposal|res|r|no)?[-_ .#]*0*([1-9][0-9]*)(?:[-_ .].*)?$`)
	numberInTitle = regexp.MustCompile(`(?i)^\s*(?:resolution|decision|proposal|res|r|no|#)[-_ .#]*0*([1-9][0-9]*)\s*(?:[:.–—-]\s*|\s|$)`)
	dateInName    = regexp.MustCompile(`^[12][0-9]{3}[-_. ]?[01][0-9](?:[-_. ]?[0-3][0-9])?(?:[-_. ]|$)`)
)

func numberIn(re *regexp.Regexp, s string) int {
	m := re.FindStringSubmatch(s)
	if m == nil {
		return 0
	}
	n, err := strconv.Atoi(m[1])
	if err != nil || n > mostNumber {
		return 0
	}
	return n
}

func (r *reader) numbered() bool {
	base := strings.TrimSuffix(path.Base(r.f.Path), path.Ext(r.f.Path))
	name := 0
	if !dateInName.MatchString(base) {
		name = numberIn(numberInName, base)
	}
	title := numberIn(numberInTitle, r.title)
	if title == 0 {
		title = numberIn(numberInName, r.header["number"])
	}
	r.f.Number = name
	switch {
	case name == 0:
		r.f.Number = title
	case title != 0 && title != name:
		r.note(decisions.NumberDoubtful, "the file's name says %d and its title %d: the name was taken", name, title)
	}
	if n := r.f.Number; n >= 1900 && n < 2200 {
		r.note(decisions.NumberDoubtful, "the number %d looks like a year", n)
	}
	return r.f.Number > 0
}

// states are the words for states, of folders and of the header.
var states = map[string]decisions.State{
	"draft": decisions.Draft, "drafts": decisions.Draft, "proposed": decisions.Draft, "proposals": decisions.Draft,
	"in progress": decisions.Elsewhere, "open": decisions.Elsewhere, "overdue": decisions.Elsewhere, "voting": decisions.Elsewhere,
	"stalled": decisions.Stalled, "passed": decisions.Passed, "accepted": decisions.Passed, "approved": decisions.Passed,
	"stopped": decisions.Stopped, "blocked": decisions.Stopped, "not carried": decisions.NotPassed, "rejected": decisions.NotPassed, "withdrawn": decisions.Withdrawn,
}

func (r *reader) state() {
	folder := path.Base(path.Dir(r.f.Path))
	said, saidIs := states[keyOf(r.one("state"))]
	by, byIs := stateBy(r.header["ended by"], r.header["ended"])
	state, is := states[keyOf(folder)]
	switch {
	case is && saidIs && said != state:
		r.note(decisions.StateDoubtful, "it stands in %s and says that it is %s: the folder was taken", folder, said.Words())
	case is && byIs && by != state:
		r.note(decisions.StateDoubtful, "it stands in %s and says since when it is %s: the folder was taken", folder, by.Words())
	case is:
	case saidIs:
		state = said
	case byIs:
		state = by
		r.note(decisions.StateGuessed, "no folder says how it stands: taken as %s, since it says since when", state.Words())
	default:
		state = decisions.Elsewhere
		r.note(decisions.StateGuessed, "no folder says how it stands: taken as in progress")
	}
	if keyOf(folder) == "proposed" && is {
		r.note(decisions.StateGuessed, "proposed was taken as a draft")
	}
	r.f.Imported.State = state
}

// stateBy is the state whose beginning a line of the header tells.
func stateBy(key, value string) (decisions.State, bool) {
	if value == "" {
		return "", false
	}
	for s, words := range endings {
		if keyOf(words) == key {
			return s, true
		}
	}
	if key == "passed" || key == "adopted on" {
		return decisions.Passed, true
	}
	return "", false
}

func (r *reader) dates() {
	i := &r.f.Imported
	i.Date, i.Deadline, i.Ended = r.date("date", "date"), r.date("deadline", "deadline"), r.date("ended", "date of its end")
	if i.Date.IsZero() {
		r.note(decisions.NoDate, "it does not say when it was proposed")
	}
	if endings[i.State] == "" {
		i.Ended = decisions.Day{} // that it was said is noted with the state
	}
	switch {
	case i.State == decisions.Elsewhere && i.Deadline.IsZero():
		r.note(decisions.NoDeadline, "in progress without a deadline")
	case i.State.Final() && i.Ended.IsZero():
		r.note(decisions.NoEnd, "it does not say since when it is %s", i.State.Words())
	}
}

func (r *reader) date(key, what string) decisions.Day {
	value := strings.Trim(r.one(key), `"'*_ .`)
	switch strings.ToLower(value) {
	case "", "-", "–", "none", "n/a", "tbd", "tba", "?":
		return decisions.Day{}
	}
	day, order, ok := readDay(value)
	switch {
	case !ok:
		r.note(decisions.DateUnread, "the %s %q is no date that is understood: left out", what, shortened(value))
	case order != "":
		r.note(order, "the %s %q was read as %s", what, value, day.Words())
	}
	return day
}

func shortened(s string) string {
	if r := []rune(s); len(r) > 40 {
		return string(r[:40]) + "…"
	}
	return s
}

func (r *reader) topic() {
	t := r.one("topic")
	rest := r.title
	if m := numberInTitle.FindStringIndex(r.title); m != nil {
		rest = r.title[m[1]:]
	}
	if rest = flat(fromInline.Replace(strings.TrimPrefix(rest, "Draft: "))); t == "" {
		t = rest
		switch {
		case t == "":
			t = numbered(r.f.Number)
			r.note(decisions.NoTopic, "it has no topic: called %s", t)
		default:
			r.note(decisions.NoTopic, "it has no line for the topic: the title was taken")
		}
	}
	r.f.Proposal.Title = t
}

var sizeWord = regexp.MustCompile(`(?i)\b(small|medium|large)\b`)

func (r *reader) size() {
	said := strings.ToLower(strings.Trim(r.one("size"), "*_ ."))
	found := sizeWord.FindAllString(said, -1)
	switch {
	case len(found) == 0:
		r.f.Proposal.Size = decisions.Large
		if said == "" {
			r.note(decisions.NoSize, "it has no size: taken as large")
		} else {
			r.note(decisions.SizeGuessed, "the size %q is not known: taken as large", shortened(said))
		}
		return
	case len(found) > 1 || found[0] != said:
		r.note(decisions.SizeGuessed, "the size %q was taken as %s", shortened(said), found[len(found)-1])
	}
	r.f.Proposal.Size = decisions.Size(found[len(found)-1])
}

// body puts the text together, and what the file tells of its result.
func (r *reader) body() {
	f := r.f
	rec := strings.Trim(r.record, "\n")
	if rest, ok := strings.CutPrefix(rec, forMembers); ok && !r.sections {
		f.Proposal.Visibility, f.Proposal.Title = decisions.Members, numbered(f.Number)
		f.Notes = slices.DeleteFunc(f.Notes, func(n Note) bool { return n.Flag == decisions.NoTopic })
		rec = strings.TrimSpace(rest)
		if strings.HasPrefix(rec, "It is ") && !strings.Contains(rec, "\n") {
			rec = "" // its state, which the folder says
		}
	}
	if rest, ok := strings.CutPrefix(rec, fromFile); ok {
		rec = ""
		if told, ok := strings.CutPrefix(strings.TrimSpace(rest), fileTold); ok {
			rec = unquoted(strings.Trim(told, "\n"))
		}
	}
	if f.Told = plain(rec); f.Told != "" {
		f.Told = plain(unquoted(quoted(f.Told)))
	}
	kept := strings.Trim(strings.Join(r.kept, "\n"), "\n")
	if kept != "" && (len(r.header) > 0 || r.sections) {
		r.note(decisions.LineKept, "%q before the first section was kept with the text", shortened(firstLine(kept)))
	}
	parts := []string{}
	for _, part := range []string{kept, r.summary, r.details} {
		part = strings.Trim(part, "\n")
		if part != "" && part != wholeSummary {
			parts = append(parts, part)
		}
	}
	f.Proposal.Changes = harmlessTwice(strings.Join(parts, "\n\n"))
	if f.Proposal.Changes == "" && f.Proposal.Visibility == decisions.Public {
		r.note(decisions.NoText, "it has no text")
	}
}

// harmlessTwice is a text as it reads when it was published once: so that
// publishing and reading it again changes nothing more.
func harmlessTwice(text string) string { return plain(harmless(plain(text))) }

func firstLine(s string) string {
	line, _, _ := strings.Cut(s, "\n")
	return line
}
