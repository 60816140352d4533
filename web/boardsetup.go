package web

import (
	"fmt"
	"net/http"
	"strings"
	"time"

	"coopcloud.tech/goodstanding/eligibility"
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
	Fault   string // of the rules in force; "" for none
	Log     []logLine
}

// setUpStep is one step of setting up; none is required.
type setUpStep struct {
	Done        bool
	Words, Note string
	Href        string // "" where no page does it
}

// toDoLine is a next step, with the page that takes it; "" where no page does.
type toDoLine struct{ Words, Href string }

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
	page := setUpPage{Tabs: b.tabs(setUpPath), Steps: b.steps(&st), Source: st.Name, AsOf: b.minute(st.AsOf), Stale: st.Stale, Late: st.LateClocks, Next: b.minute(st.NextChange), Fault: st.PolicyErr}
	if page.Source == "" {
		page.Source = st.Collective
	}
	page.NextWho = some(st.NextChangeNames, 5)
	for _, todo := range st.ToDo {
		page.ToDo = append(page.ToDo, toDo(todo))
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
	return b.page(http.StatusOK, "boardsetup", "Set-up", page)
}

// steps are those of setting up, in the order in which one comes to them.
func (b *board) steps(st *roll.Status) []setUpStep {
	read := "not yet"
	if st.Snapshot > 0 {
		read = fmt.Sprintf("reading no. %d", st.Snapshot)
	}
	mails := fmt.Sprintf("off, %d to come", st.NoticesToCome)
	if st.NoticesStarted {
		mails = "on since " + b.day(st.NoticesSince).Words
	}
	list := "not public"
	if st.ProvidersPublished {
		list = "public"
	}
	if n := len(st.ToApprove); n > 0 {
		list += ", " + many(n, "entry waits for a yes", "entries wait for a yes")
	}
	good := 0
	for state, n := range st.States {
		if state.GoodStanding() {
			good += n
		}
	}
	payers := many(st.Supporters, "supporter", "supporters")
	if n := len(st.Unmatched); n > 0 {
		payers = many(n, "payer belongs", "payers belong") + " to nobody, each with whom it looks like; " + payers
	}
	unknown := st.States[eligibility.StateUnknown]
	return []setUpStep{
		{st.Snapshot > 0 && !st.Stale, "Open Collective is read", read, "#sync"},
		{st.Members > 0, "The members are here", fmt.Sprintf("%s, %d in good standing", many(st.Members, "member", "members"), good), boardPath},
		{st.Snapshot > 0 && len(st.Unmatched) == 0, "Who pays is linked to a member, or marked as a supporter", payers, payersPath},
		{unknown == 0, "Members are linked to their accounts", few(unknown, "member of whom we cannot say yet", "members of whom we cannot say yet"), boardPath + "?state=unknown"},
		{st.Policy.ID() != "" && st.PolicyErr == "", "Rules are in force", strings.Join(append([]string{st.Policy.ID()}, st.Dues...), ": "), boardRulesPath},
		{len(st.NoDelegate) == 0, "Every member has a delegate", few(len(st.NoDelegate), "member has none", "members have none"), deskPath + "?kind=" + string(roll.DeskNoDelegate)},
		{len(st.Holds) == 0, "Nothing is held", few(len(st.Holds), "hold stands", "holds stand"), holdsPath},
		{st.Desk == 0, "Nothing is to be sorted out", few(st.Desk, "entry", "entries"), deskPath},
		{st.NoticesStarted, "Notices are on", mails, noticesPath},
		{st.ProvidersPublished && len(st.ToApprove) == 0, "The list of providers is public", list, approvalPath},
	}
}

// few counts what should not be there; nothing is said of none.
func few(n int, one, more string) string {
	if n == 0 {
		return ""
	}
	return many(n, one, more)
}

// toDoPages are where next steps are taken, by how the status names them to those who
// use the command line.
var toDoPages = []struct{ begins, href string }{
	{"holds", holdsPath}, {"notices", noticesPath}, {"desk", deskPath}, {"link", boardPath + "?state=unknown"}, {"policy", boardRulesPath}, {"members adopt", payersPath}, {"providers", approvalPath}, {"members applications", AdmissionsPath},
	{"sync", "#sync"}, {"people add EMAIL --name NAME --delegate-of", deskPath + "?kind=" + string(roll.DeskNoDelegate)},
}

// toDo is a next step of the status with the page that takes it, and without the
// command.
func toDo(text string) toDoLine {
	words, command, _ := strings.Cut(text, ": goodstanding ")
	for _, one := range toDoPages {
		if command != "" && strings.HasPrefix(command, one.begins) {
			return toDoLine{words, one.href}
		}
	}
	return toDoLine{Words: words}
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
			h.Next, h.NextIn = b.minute(next), inTime(next.Sub(now))
		}
	}
	if st.Policy.ID() != "" {
		h.Brake = "It stops one reading that would take rights from " + policy.BrakeWords(st.Policy.Eligibility.Brake) + "."
	}
	attempts, err := b.p.o.Roll.Attempts(b.v.r.Context(), mostAttempts)
	if err != nil {
		return h, err
	}
	whole := false
	for _, a := range attempts {
		line := attemptLine{At: b.minute(a.At), Words: roll.PullWords(a.Outcome), Detail: strings.ReplaceAll(a.Detail, "_", " "), Complete: a.PullComplete(), Requests: a.Requests}
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
			h.Drift = append(h.Drift, entries[i].Sentence)
		default:
			h.MoreOf++
		}
	}
	return h, err
}

// inTime says how long something takes to come, in one unit.
func inTime(d time.Duration) string {
	switch {
	case d < time.Minute:
		return "within a minute"
	case d < 2*time.Hour:
		return "in " + many(int(d/time.Minute), "minute", "minutes")
	}
	return "in " + many(int(d/time.Hour), "hour", "hours")
}

func (b *board) logLine(l *roll.AuditLine) logLine {
	line := logLine{Seq: l.Seq, At: b.minute(l.At), Who: l.Who, What: capital(strings.ReplaceAll(l.Action, "_", " ")), About: l.About, Why: l.Why}
	if line.About == "" {
		line.About = l.Subject
	}
	if l.Member {
		line.Href = memberAddress(&roll.Row{ID: member.ID(l.Subject)})
	}
	if l.Closed {
		line.Why = "for contact people to read"
	}
	return line
}

// some names a few of many.
func some(names []string, most int) string {
	if len(names) <= most {
		return strings.Join(names, ", ")
	}
	return fmt.Sprintf("%s and %d more", strings.Join(names[:most], ", "), len(names)-most)
}
