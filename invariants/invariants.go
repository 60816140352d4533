package invariants

import (
	"context"
	"fmt"
	"sync"
	"time"

	"coopcloud.tech/goodstanding/chair"
	"coopcloud.tech/goodstanding/internal/instant"
	"coopcloud.tech/goodstanding/roll"
	"coopcloud.tech/goodstanding/store"
)

// Name names an invariant: a word of a closed set, also the label of its metric.
type Name string

// The invariants.
const (
	AuditChain     Name = "audit_chain"     // what people did is one whole chain
	DecisionChains Name = "decision_chains" // each decision is a whole chain, and played again comes to what is stored
	Electorates    Name = "electorates"     // who had a place, and whose vote counted, is what the register says of then
	References     Name = "references"      // what a row names is there
	Uniqueness     Name = "uniqueness"      // what there is once is there once; the file is whole
	Counters       Name = "counters"        // no fact is newer than the counters
	Notices        Name = "notices"         // due = sent + failed + held + waiting + not sent, and the ledger says so, too
	Standings      Name = "standings"       // assessed again, recorded standings come out the same
)

// rule is what is known of an invariant beside its check.
type rule struct {
	name Name
	// words are the invariant in words, things what is looked at.
	words, things string
	// repairable says that what is broken follows from something else, unless its
	// check says otherwise (store.Check.Lasting).
	repairable bool
}

var rules = []rule{
	{AuditChain, "nobody changed what people did", "entries", false},
	{DecisionChains, "no decision was changed, and each comes to its outcome again", "entries", false},
	{Electorates, "who could vote is what the register says of then", "electorates and counts", false},
	{References, "everything that is named is there", "rows", false},
	{Uniqueness, "what there is once is there once", "links and snapshots", false},
	{Counters, "nothing is newer than the counters", "counters", true},
	{Notices, "notices due = sent + failed + held + waiting + not sent", "notices", true},
	{Standings, "recorded standings follow from the facts", "standings", true},
}

// Names are all invariants, in the order in which they are checked and told.
func Names() []Name {
	out := make([]Name, len(rules))
	for i, r := range rules {
		out[i] = r.name
	}
	return out
}

// mostFaults is how many faults of one invariant are told.
const mostFaults = 5

// Result is what checking one invariant found.
type Result struct {
	Name  Name
	Words string // what holds, or should
	// Checked is how many Things were looked at.
	Checked int64
	Things  string
	// Faults are the first that were found, in words; none when the invariant holds.
	Faults []string
	// More is how many faults there are beside those.
	More       int
	Repairable bool
}

// OK says that the invariant holds.
func (r *Result) OK() bool { return len(r.Faults) == 0 }

// Todo says what to do about an invariant that is broken; "" for one that holds.
func (r *Result) Todo() string {
	switch {
	case r.OK():
		return ""
	case r.Repairable:
		return "goodstanding verify --repair makes it anew from the log"
	case r.Name == Electorates:
		return "find out who changed the register, and compare with the last backup"
	}
	return "it cannot be made anew: stop goodstanding, keep the database, and restore the last backup in which it holds"
}

// add counts faults and keeps the first.
func (r *Result) add(faults ...string) {
	for _, f := range faults {
		if len(r.Faults) < mostFaults {
			r.Faults = append(r.Faults, f)
			continue
		}
		r.More++
	}
}

// Report is what a look at all invariants found.
type Report struct {
	At      instant.Instant
	Results []Result // in the order of Names
	// Audit and Decisions are the chains, one by one.
	Audit     store.AuditReport
	Decisions []chair.Verified
}

// OK says that all invariants hold.
func (r *Report) OK() bool { return len(r.Broken()) == 0 }

// Broken are the invariants that do not hold.
func (r *Report) Broken() (out []Name) {
	for i := range r.Results {
		if !r.Results[i].OK() {
			out = append(out, r.Results[i].Name)
		}
	}
	return out
}

// Options are what a checker needs.
type Options struct {
	DB    *store.DB
	Roll  *roll.Roll
	Chair *chair.Chair
	Now   func() instant.Instant
}

// Checker checks and repairs. It is safe for concurrent use.
type Checker struct {
	o Options

	mu    sync.Mutex
	known map[string]string // decisions whose electorates fit, by id, with the hash of their end
}

// New makes a checker.
func New(o Options) *Checker { return &Checker{o: o, known: map[string]string{}} }

// recent is how far back standings are assessed again by a brief look.
const recent = 7 * 24 * time.Hour

// Check looks at all invariants. A brief look is for who looks every day: it leaves
// out the electorates of decisions in which nothing happened since this checker saw
// them hold, and of the recorded standings it takes those of the last week and the
// last one of each member.
func (c *Checker) Check(ctx context.Context, brief bool) (Report, error) {
	report := Report{At: c.o.Now()}
	checks := map[Name]func(context.Context, *Report, *Result, bool) error{
		AuditChain: c.audit, DecisionChains: c.decisions, Electorates: c.places, Standings: c.standings,
		References: c.rows((*store.Tx).CheckReferences), Uniqueness: c.rows((*store.Tx).CheckUnique),
		Counters: c.rows((*store.Tx).CheckCounters), Notices: c.rows((*store.Tx).CheckNotices),
	}
	for _, r := range rules {
		found := Result{Name: r.name, Words: r.words, Things: r.things, Repairable: r.repairable}
		if err := checks[r.name](ctx, &report, &found, brief); err != nil {
			return Report{}, fmt.Errorf("verify that %s: %w", r.words, err)
		}
		report.Results = append(report.Results, found)
	}
	return report, nil
}

func (c *Checker) audit(ctx context.Context, report *Report, found *Result, _ bool) error {
	err := c.o.DB.View(ctx, func(tx *store.Tx) (err error) {
		report.Audit, err = tx.VerifyAudit(ctx)
		return err
	})
	found.Checked = report.Audit.Rows
	if !report.Audit.OK() {
		found.add(fmt.Sprintf("at entry %d: %s", report.Audit.BrokenAt, report.Audit.Why))
	}
	return err
}

func (c *Checker) decisions(ctx context.Context, report *Report, found *Result, _ bool) (err error) {
	if report.Decisions, err = c.o.Chair.Verify(ctx); err != nil {
		return err
	}
	for _, v := range report.Decisions {
		found.Checked += v.Entries
		switch {
		case !v.ChainReport.OK():
			found.add(fmt.Sprintf("%s at entry %d: %s", called(v.Decision, v.Number), v.BrokenAt, v.Why))
		case !v.OK():
			found.add(called(v.Decision, v.Number) + ": " + v.Wrong)
		}
	}
	return nil
}

// called is how a decision is told: by number, or before it has one by id.
func called(id string, number int64) string {
	if number > 0 {
		return fmt.Sprintf("decision %d", number)
	}
	return "draft " + id
}

func (c *Checker) places(ctx context.Context, _ *Report, found *Result, brief bool) error {
	c.mu.Lock()
	defer c.mu.Unlock()
	if !brief {
		clear(c.known)
	}
	all, err := c.o.Chair.VerifyPlaces(ctx, c.known)
	if err != nil {
		return err
	}
	for _, p := range all {
		found.Checked += p.Checked
		if p.Wrong != "" {
			found.add(called(p.Decision, p.Number) + ", " + p.Wrong)
			continue
		}
		c.known[p.Decision] = p.Head
	}
	return nil
}

// rows is a check of the store's.
func (c *Checker) rows(check func(*store.Tx, context.Context) (store.Check, error)) func(context.Context, *Report, *Result, bool) error {
	return func(ctx context.Context, _ *Report, found *Result, _ bool) error {
		return c.o.DB.View(ctx, func(tx *store.Tx) error {
			done, err := check(tx, ctx)
			found.Checked, found.Faults, found.More = done.Checked, nil, 0
			found.add(done.Faults...)
			found.Repairable = found.Repairable && !done.Lasting
			return err
		})
	}
}

func (c *Checker) standings(ctx context.Context, report *Report, found *Result, brief bool) error {
	since := instant.Instant(0)
	if brief {
		since = report.At.Add(-recent)
	}
	done, err := c.o.Roll.Replay(ctx, since)
	if err != nil {
		return err
	}
	found.Checked = done.Standings
	for i := range done.Wrong {
		found.add(done.Wrong[i].String())
	}
	for _, id := range done.Missing {
		found.add(fmt.Sprintf("of the member %s nothing is recorded", id))
	}
	return nil
}
