package web

import (
	"fmt"
	"net/http"
	"strings"

	"coopcloud.tech/goodstanding/eligibility"
	"coopcloud.tech/goodstanding/member"
	"coopcloud.tech/goodstanding/policy"
	"coopcloud.tech/goodstanding/roll"
)

// setUpPage is how far the federation's register is set up, and how it runs.
type setUpPage struct {
	Tabs     []tab
	Steps    []setUpStep
	ToDo     []toDoLine
	Source   string
	AsOf     moment
	Stale    bool
	Late     int64 // writes from a clock that was behind
	Next     moment
	NextWho  string
	Attempts []attemptLine
	Rules    string
	Fault    string // of the rules in force; "" for none
	Topics   []rulesTopic
	Versions []rulesVersion
	Log      []logLine
}

// setUpStep is one step of setting up; none is required.
type setUpStep struct {
	Done        bool
	Words, Note string
	Href        string // "" where no page does it
}

// toDoLine is a next step, with the page or the command that takes it.
type toDoLine struct{ Words, Href, Command string }

type attemptLine struct {
	At       moment
	Words    string
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
	mostLog      = 100
)

// setUp shows them.
func (b *board) setUp() error {
	ctx := b.v.r.Context()
	st, err := b.p.o.Roll.Status(ctx)
	if err != nil {
		return err
	}
	page := setUpPage{Tabs: tabs(setUpPath), Steps: b.steps(&st), Source: st.Name, AsOf: b.minute(st.AsOf), Stale: st.Stale, Late: st.LateClocks, Next: b.minute(st.NextChange), Fault: st.PolicyErr}
	if page.Source == "" {
		page.Source = st.Collective
	}
	page.NextWho = some(st.NextChangeNames, 5)
	for _, todo := range st.ToDo {
		page.ToDo = append(page.ToDo, toDo(todo))
	}
	attempts, err := b.p.o.Roll.Attempts(ctx, mostAttempts)
	if err != nil {
		return err
	}
	for _, a := range attempts {
		words := strings.ReplaceAll(a.Outcome, "_", " ")
		if a.Detail != "" {
			words += " (" + strings.ReplaceAll(a.Detail, "_", " ") + ")"
		}
		page.Attempts = append(page.Attempts, attemptLine{b.minute(a.At), words, a.Outcome == "complete", a.Requests})
	}
	if err := b.rulesOf(&page, st.Policy); err != nil {
		return err
	}
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
	read := "not yet: goodstanding sync"
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
	unknown := st.States[eligibility.StateUnknown]
	return []setUpStep{
		{st.Snapshot > 0 && !st.Stale, "Open Collective is read", read, "#sync"},
		{st.Members > 0, "The members are here", fmt.Sprintf("%s, %d in good standing", many(st.Members, "member", "members"), good), boardPath},
		{len(st.Unmatched) == 0, "Who pays is a member or a supporter", fmt.Sprintf("%s to nobody, %s", many(len(st.Unmatched), "payer belongs", "payers belong"), many(st.Supporters, "supporter", "supporters")), deskPath + "?kind=" + string(roll.DeskUnmatched)},
		{unknown == 0, "Members are linked to their accounts", few(unknown, "member of whom we cannot say yet", "members of whom we cannot say yet"), boardPath + "?state=unknown"},
		{st.Policy.ID() != "" && st.PolicyErr == "", "Rules are in force", strings.Join(append([]string{st.Policy.ID()}, st.Dues...), ": "), "#rules"},
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

// toDo takes a next step of the status apart: what the page of these does needs no
// command.
func toDo(text string) toDoLine {
	words, command, _ := strings.Cut(text, ": goodstanding ")
	line := toDoLine{Words: words}
	for _, one := range []struct{ begins, href string }{
		{"holds", holdsPath}, {"notices", noticesPath}, {"desk", deskPath}, {"link", boardPath + "?state=unknown"}, {"providers", approvalPath}, {"members applications", AdmissionsPath},
	} {
		if strings.HasPrefix(command, one.begins) {
			line.Href = one.href
			return line
		}
	}
	if command != "" {
		line.Command = "goodstanding " + command
	}
	return line
}

// rulesOf says the rules in force in words, and lists all versions.
func (b *board) rulesOf(page *setUpPage, now policy.Version) error {
	if page.Rules = now.ID(); page.Rules == "" {
		return nil
	}
	page.Topics = b.topics(now)
	versions, err := b.p.o.Roll.Policies(b.v.r.Context())
	if err != nil {
		return err
	}
	page.Versions = b.versions(versions, now.ID(), b.p.o.Now())
	return nil
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
