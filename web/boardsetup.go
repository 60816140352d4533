package web

import (
	"net/http"
	"slices"
	"strings"
	"time"

	"coopcloud.tech/goodstanding/eligibility"
	"coopcloud.tech/goodstanding/internal/tongue"
	"coopcloud.tech/goodstanding/member"
	"coopcloud.tech/goodstanding/policy"
	"coopcloud.tech/goodstanding/roll"
)

// setUpPage is how far the federation's register is set up, and how it runs.
type setUpPage struct {
	Tabs    []tab
	Steps   []setUpStep
	ToDo    []toDoLine
	Source  string
	AsOf    moment
	Stale   bool
	Late    int64 // writes from a clock that was behind
	Next    moment
	NextWho string
	Sync    syncHealth
	Rules   string
	Fault   phrase // of the rules in force; the zero value for none
	Log     []logLine
}

// setUpStep is one step of setting up; none is required.
type setUpStep struct {
	Done        bool
	Words, Note string
	Href        string // "" where no page does it
}

// toDoLine is a next step, with the page that takes it; "" where no page does.
type toDoLine struct{ Words, Lang, Href string }

// syncHealth is how reading Open Collective goes.
type syncHealth struct {
	Ago      string // how old the last complete reading is; "" before the first
	Next     moment // when the next attempt is; the zero value where that is not known
	NextIn   string
	Attempts []attemptLine
	Failed   int // attempts in a row since the last complete one
	Holds    int // that stand
	Brake    string
	Drift    []string // what Open Collective says that this version does not know, the first ones
	MoreOf   int      // of Drift
}

type attemptLine struct {
	At       moment
	Words    string
	Detail   string
	Complete bool
	Requests int
}

type logLine struct {
	Seq                   int64
	At                    moment
	Who, What, About, Why string
	Href                  string
}

// The bounds of what the page lists.
const (
	mostAttempts = 10
	mostDrift    = 5
	mostLog      = 100
)

// setUp shows them.
func (b *board) setUp() error {
	ctx := b.v.r.Context()
	st, err := b.p.o.Roll.Status(ctx)
	if err != nil {
		return err
	}
	page := setUpPage{Tabs: b.tabs(setUpPath), Steps: b.steps(&st), Source: st.Name, AsOf: b.minute(st.AsOf), Stale: st.Stale, Late: st.LateClocks, Next: b.minute(st.NextChange)}
	if st.PolicyErr != "" {
		page.Fault = told(b.v.lang, st.PolicyErr)
	}
	if page.Source == "" {
		page.Source = st.Collective
	}
	page.NextWho = b.some(st.NextChangeNames, 5)
	for _, todo := range st.ToDo {
		page.ToDo = append(page.ToDo, toDo(b.v.lang, todo))
	}
	if page.Sync, err = b.sync(&st); err != nil {
		return err
	}
	page.Rules = st.Policy.ID()
	log, err := b.p.o.Roll.AuditLog(ctx, mostLog)
	if err != nil {
		return err
	}
	for i := range log {
		page.Log = append(page.Log, b.logLine(&log[i]))
	}
	return b.page(http.StatusOK, "boardsetup", b.say("Set-up"), page)
}

// steps are those of setting up, in the order in which one comes to them.
func (b *board) steps(st *roll.Status) []setUpStep {
	read := b.say("not yet")
	if st.Snapshot > 0 {
		read = b.sayf("reading no. %d", st.Snapshot)
	}
	mails := b.sayf("off, %d to come", st.NoticesToCome)
	if st.NoticesStarted {
		mails = b.sayf("on since %s", b.day(st.NoticesSince).Words)
	}
	good := 0
	for state, n := range st.States {
		if state.GoodStanding() {
			good += n
		}
	}
	known, unknowns := b.each(st, st.States[eligibility.StateUnknown], "member of whom we cannot say yet", "members of whom we cannot say yet")
	voiced, voiceless := b.each(st, len(st.NoDelegate), "member has none", "members have none")
	return []setUpStep{
		{st.Snapshot > 0 && !st.Stale, b.say("Open Collective is read"), read, "#sync"},
		{st.Members > 0, b.say("The members are here"), b.sayf("%s, %d in good standing", b.count(st.Members, "member", "members"), good), boardPath},
		{st.Snapshot > 0 && len(st.Unmatched) == 0, b.say("Who pays is linked to a member, or marked as a supporter"), b.payersNote(st), payersPath},
		{known, b.say("Members are linked to their accounts"), unknowns, boardPath + "?state=unknown"},
		{st.Policy.ID() != "" && st.PolicyErr == "", b.say("Rules are in force"), b.rulesNote(st), boardRulesPath},
		{voiced, b.say("Every member has a delegate"), voiceless, deskPath + "?kind=" + string(roll.DeskNoDelegate)},
		{len(st.Holds) == 0, b.say("Nothing is held"), b.few(len(st.Holds), "hold stands", "holds stand"), holdsPath},
		{st.Desk == 0, b.say("Nothing is to be sorted out"), b.few(st.Desk, "entry to sort out", "entries to sort out"), deskPath},
		{st.NoticesStarted, b.say("Notices are on"), mails, noticesPath},
		{st.ProvidersPublished && len(st.ToApprove) == 0, b.say("The list of providers is public"), b.listNote(st), approvalPath},
	}
}

// each is a step that n members lack. Of no members nothing is said that would be true
// of all of them.
func (b *board) each(st *roll.Status, n int, one, more string) (done bool, note string) {
	if st.Members == 0 {
		return false, b.say("there are no members yet")
	}
	return n == 0, b.few(n, one, more)
}

func (b *board) payersNote(st *roll.Status) string {
	note := b.count(st.Supporters, "supporter", "supporters")
	if n := len(st.Unmatched); n > 0 {
		note = b.count(n, "payer belongs to nobody, with whom it looks like", "payers belong to nobody, each with whom it looks like") + "; " + note
	}
	return note
}

func (b *board) rulesNote(st *roll.Status) string {
	id := st.Policy.ID()
	if id == "" {
		return ""
	}
	return id + ": " + policy.MinimumIn(b.v.lang, st.Policy.Eligibility.Minimums)
}

func (b *board) listNote(st *roll.Status) string {
	note := b.say("not public")
	if st.ProvidersPublished {
		note = b.say("public")
	}
	if n := len(st.ToApprove); n > 0 {
		note += ", " + b.count(n, "entry waits for a yes", "entries wait for a yes")
	}
	return note
}

// few counts what should not be there; nothing is said of none.
func (b *board) few(n int, one, more string) string {
	if n == 0 {
		return ""
	}
	return b.count(n, one, more)
}

// toDoPages are where next steps are taken, by how the status names them to those who
// use the command line.
var toDoPages = []struct{ begins, href string }{
	{"holds", holdsPath}, {"notices", noticesPath}, {"desk", deskPath}, {"link", boardPath + "?state=unknown"}, {"policy", boardRulesPath}, {"members adopt", payersPath}, {"providers", approvalPath}, {"members applications", AdmissionsPath},
	{"sync", "#sync"}, {"people add EMAIL --name NAME --delegate-of", deskPath + "?kind=" + string(roll.DeskNoDelegate)},
}

// toDo is a next step of the status with the page that takes it, and without the
// command.
func toDo(t *tongue.Tongue, text string) toDoLine {
	said := told(t, text)
	words, _, _ := strings.Cut(said.Text, ": goodstanding ")
	_, command, _ := strings.Cut(text, ": goodstanding ")
	for _, one := range toDoPages {
		if command != "" && strings.HasPrefix(command, one.begins) {
			return toDoLine{words, said.Lang, one.href}
		}
	}
	return toDoLine{Words: words, Lang: said.Lang}
}

// sync is how reading Open Collective goes.
func (b *board) sync(st *roll.Status) (syncHealth, error) {
	now := b.p.o.Now()
	h := syncHealth{Holds: len(st.Holds)}
	if st.AsOf != 0 {
		h.Ago = b.ago(now.Sub(st.AsOf))
	}
	if b.p.o.NextReading != nil {
		if next := b.p.o.NextReading(); next != 0 {
			h.Next, h.NextIn = b.minute(next), b.inTime(next.Sub(now))
		}
	}
	if st.Policy.ID() != "" {
		h.Brake = b.sayf("It stops one reading that would take rights from %s.", policy.BrakeIn(b.v.lang, st.Policy.Eligibility.Brake))
	}
	attempts, err := b.p.o.Roll.Attempts(b.v.r.Context(), mostAttempts)
	if err != nil {
		return h, err
	}
	whole := false
	for _, a := range attempts {
		line := attemptLine{At: b.minute(a.At), Words: b.say(roll.PullWords(a.Outcome)), Detail: pullDetail(b.v.lang, a.Detail), Complete: a.PullComplete(), Requests: a.Requests}
		if whole = whole || line.Complete; !whole {
			h.Failed++
		}
		h.Attempts = append(h.Attempts, line)
	}
	entries, err := b.p.o.Roll.Desk(b.v.r.Context(), true)
	for i := range entries {
		switch {
		case entries[i].Kind != roll.DeskUnknownWord:
		case len(h.Drift) < mostDrift:
			h.Drift = append(h.Drift, entries[i].SentenceIn(b.v.lang))
		default:
			h.MoreOf++
		}
	}
	return h, err
}

// pullDetail is what an attempt to read Open Collective was noted with: a word, or of a
// contradiction the words of its kinds, too.
func pullDetail(t *tongue.Tongue, detail string) string {
	word, kinds, more := strings.Cut(strings.ReplaceAll(detail, "_", " "), ": ")
	said := t.Say("pull|" + word)
	if !more {
		return said
	}
	words := strings.Split(kinds, ", ")
	for i := range words {
		words[i] = t.Say("pull|" + words[i])
	}
	return said + ": " + strings.Join(words, ", ")
}

// inTime says how long something takes to come, in one unit.
func (b *board) inTime(d time.Duration) string {
	switch {
	case d < time.Minute:
		return b.say("within a minute")
	case d < 2*time.Hour:
		return b.sayf("in %s", b.count(int(d/time.Minute), "minute", "minutes"))
	}
	return b.sayf("in %s", b.count(int(d/time.Hour), "hour", "hours"))
}

// programWrote are the reasons and names that the program writes into the audit log
// itself.
var programWrote = []string{
	"signed in by a mailed link", "signed in by the sign-in service", "signed in by a link that the operator printed", "signed out",
	"on the page", "confirmed on the page", roll.AskedOnPage, "looked at on the page", "no reason given", "casting a vote ended the pause", "to vote in another tool", "told over the API",
	"named as first treasurer in the program's settings", "confirmed by the link that was mailed to the applicant",
	"confirmed by the link that was mailed to the member's contact", "an applicant", "the member's contact",
}

// ofProgram says what the program wrote itself in the language of the page; what
// people wrote stays as it is.
func (b *board) ofProgram(text string) string {
	if slices.Contains(programWrote, text) {
		return b.say(text)
	}
	return text
}

func (b *board) logLine(l *roll.AuditLine) logLine {
	line := logLine{Seq: l.Seq, At: b.minute(l.At), Who: b.ofProgram(l.Who), What: capital(b.say("log|" + strings.ReplaceAll(l.Action, "_", " "))), About: l.About, Why: b.ofProgram(l.Why)}
	if line.About == "" {
		line.About = l.Subject
	}
	if l.Member {
		line.Href = memberAddress(&roll.Row{ID: member.ID(l.Subject)})
	}
	if l.Closed {
		line.Why = b.say("for contact people to read")
	}
	return line
}

// some names a few of many.
func (b *board) some(names []string, most int) string {
	if len(names) <= most {
		return strings.Join(names, ", ")
	}
	return b.sayf("%s and %d more", strings.Join(names[:most], ", "), len(names)-most)
}
