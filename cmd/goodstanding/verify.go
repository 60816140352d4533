package main

import (
	"context"
	"fmt"

	"coopcloud.tech/goodstanding/chair"
	"coopcloud.tech/goodstanding/internal/instant"
	"coopcloud.tech/goodstanding/invariants"
)

type verifyCmd struct {
	change
	Chains bool `help:"List the chains, one by one"`
	Repair bool `help:"Make anew what is wrong and follows from the log; chains and facts never"`
}

// Help says what it looks at.
func (verifyCmd) Help() string {
	return `
Looks whether what must always hold does hold, and changes nothing: the hash chain
of everything that people did and that of every decision are recomputed from the
beginning, each decision is played again, and what is stored beside them is held
against what it follows from. Exit code 1 when anything is wrong. The daemon looks
every day and tells its metrics.

With --repair what is wrong and follows from the log is made anew (counters, where a
notice stands, recorded standings), with an entry in the audit log; no member is
told anything. Where anything else is wrong nothing is touched: that takes a backup.

  goodstanding verify
  goodstanding verify --chains
  goodstanding verify --repair --reason "after the crash of 3 May"`
}

// verifyAnswer is what was found, in JSON.
type verifyAnswer struct {
	OK         bool              `json:"ok"`
	At         instant.Instant   `json:"at"`
	Invariants []invariantAnswer `json:"invariants"`
	// Repaired counts what was made anew, by invariant.
	Repaired  map[invariants.Name]int `json:"repaired,omitempty"`
	Audit     chainAnswer             `json:"audit"`
	Decisions []verifiedAnswer        `json:"decisions"`
}

type invariantAnswer struct {
	Name    invariants.Name `json:"name"`
	OK      bool            `json:"ok"`
	Words   string          `json:"words"`
	Checked int64           `json:"checked"`
	Things  string          `json:"things"`
	Faults  []string        `json:"faults"`
	More    int             `json:"more,omitempty"`
	Todo    string          `json:"todo,omitempty"`
}

type chainAnswer struct {
	OK       bool   `json:"ok"`
	Entries  int64  `json:"entries"`
	Head     string `json:"head"`
	BrokenAt int64  `json:"broken_at,omitempty"`
	Why      string `json:"why,omitempty"`
}

type verifiedAnswer struct {
	ID     string `json:"id"`
	Number int64  `json:"number,omitempty"`
	chainAnswer
}

// checker is what checks the desk's database.
func (d *desk) checker() *invariants.Checker {
	return invariants.New(invariants.Options{DB: d.db, Roll: d.roll, Chair: d.chair(), Now: d.app.env.Now})
}

// Run verifies, and repairs.
func (c verifyCmd) Run(ctx context.Context, a *app) error {
	cfg, err := a.config(needStore)
	if err != nil {
		return err
	}
	d, err := a.open(ctx, cfg)
	if err != nil {
		return err
	}
	defer d.close()
	checker := d.checker()
	report, err := checker.Check(ctx, false)
	if err != nil {
		return err
	}
	var done []invariants.Repaired
	if c.Repair && !report.OK() {
		if done, err = c.repair(ctx, d, checker, &report); err != nil {
			return err
		}
		if report, err = checker.Check(ctx, false); err != nil {
			return err
		}
	}
	return c.answer(a, &report, done)
}

// repair shows what is wrong, asks, and makes anew what can be.
func (c verifyCmd) repair(ctx context.Context, d *desk, checker *invariants.Checker, report *invariants.Report) ([]invariants.Repaired, error) {
	a := d.app
	if !a.cli.JSON {
		printInvariants(a.out, report)
	}
	by, err := d.by(ctx, c.change)
	if err != nil {
		return nil, err
	}
	if err := a.confirm("Make anew what follows from the log?"); err != nil {
		return nil, err
	}
	done, err := checker.Repair(ctx, by, report)
	if err != nil {
		return nil, err
	}
	for _, r := range done {
		if !a.cli.JSON {
			a.out.line("Made anew: %s (%d).", r.Name, r.Count)
		}
	}
	return done, nil
}

func (c verifyCmd) answer(a *app, report *invariants.Report, done []invariants.Repaired) error {
	if a.cli.JSON {
		if err := a.out.json(verifyJSON(report, done)); err != nil {
			return err
		}
	} else {
		printInvariants(a.out, report)
		if c.Chains {
			a.out.line("")
			printChains(a.out, report)
		}
		if c.Repair && report.OK() && len(done) == 0 {
			a.out.line("Nothing had to be repaired.")
		}
	}
	if !report.OK() {
		return silent{exitFailed}
	}
	return a.out.err
}

func verifyJSON(report *invariants.Report, done []invariants.Repaired) verifyAnswer {
	audit := report.Audit
	out := verifyAnswer{OK: report.OK(), At: report.At, Audit: chainAnswer{audit.OK(), audit.Rows, audit.Head, audit.BrokenAt, audit.Why}, Decisions: []verifiedAnswer{}}
	for _, r := range report.Results {
		out.Invariants = append(out.Invariants, invariantAnswer{r.Name, r.OK(), r.Words, r.Checked, r.Things, append([]string{}, r.Faults...), r.More, r.Todo()})
	}
	for _, v := range report.Decisions {
		out.Decisions = append(out.Decisions, verifiedAnswer{v.Decision, v.Number, verifiedOf(v)})
	}
	for _, r := range done {
		if out.Repaired == nil {
			out.Repaired = map[invariants.Name]int{}
		}
		out.Repaired[r.Name] = r.Count
	}
	return out
}

func verifiedOf(v chair.Verified) chainAnswer {
	out := chainAnswer{v.OK(), v.Entries, v.Head, v.BrokenAt, v.Why}
	if v.Wrong != "" {
		out.Why = v.Wrong
	}
	return out
}

// printInvariants prints one line for each, and under it what is wrong.
func printInvariants(p *printer, report *invariants.Report) {
	t := &table{columns: []column{{title: "INVARIANT"}, {title: "STATE"}, {title: "CHECKED", right: true}, {title: "WHAT HOLDS", least: 20}}}
	for _, r := range report.Results {
		state := p.good("ok")
		if !r.OK() {
			state = p.bad("broken")
		}
		t.add(string(r.Name), state, fmt.Sprint(r.Checked), r.Words)
	}
	t.below = func(i int) {
		r := &report.Results[i]
		for _, f := range r.Faults {
			p.wrap(2, f)
		}
		if r.More > 0 {
			p.line("  and %d more", r.More)
		}
		if !r.OK() {
			p.wrap(2, "What to do: "+r.Todo()+".")
		}
	}
	t.print(p)
}

// printChains prints one line for each chain.
func printChains(p *printer, report *invariants.Report) {
	t := &table{columns: []column{{title: "CHAIN"}, {title: "ENTRIES", right: true}, {title: "WHOLE"}, {title: "ENDS WITH"}}}
	add := func(name string, c chainAnswer) {
		whole := "yes"
		switch {
		case c.BrokenAt > 0:
			whole = p.warn(fmt.Sprintf("no, at entry %d: %s", c.BrokenAt, c.Why))
		case !c.OK:
			whole = p.warn("no: " + c.Why)
		}
		t.add(name, fmt.Sprint(c.Entries), whole, c.Head)
	}
	out := verifyJSON(report, nil)
	add("what people did", out.Audit)
	for _, d := range out.Decisions {
		add(chainName(d.ID, d.Number), d.chainAnswer)
	}
	t.print(p)
}

// chainName is how a decision is called, which has no number as a draft.
func chainName(id string, number int64) string {
	if number > 0 {
		return fmt.Sprintf("decision %d", number)
	}
	return "draft " + id
}
