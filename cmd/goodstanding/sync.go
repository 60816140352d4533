package main

import (
	"context"
	"errors"
	"slices"
	"strings"
	"time"

	"coopcloud.tech/goodstanding/eligibility"
	"coopcloud.tech/goodstanding/internal/instant"
	"coopcloud.tech/goodstanding/roll"
	"coopcloud.tech/goodstanding/syncer"
)

// syncCmd is goodstanding sync.
type syncCmd struct {
	DryRun bool `help:"Say what would change, and store nothing"`
	Wait   bool `help:"Wait as long as Open Collective asks for, instead of giving up after 10 seconds"`
}

// Help shows how to use it.
func (syncCmd) Help() string {
	return `
Reads Open Collective once, completely or not at all, and says in plain words
what changed there and what that does to the roll. It tries at most three times
and ends within 10 seconds unless --wait; when it fails (exit code 4) the roll
is as it was.

  goodstanding sync
  goodstanding sync --dry-run
  goodstanding sync --wait --json`
}

// The bounds of a sync that nobody waits for (issue 2, point 8), and of one
// that is waited for: some rate limits last an hour.
var (
	hasty   = syncer.RetryPlan{Tries: 3, Within: 10 * time.Second}
	patient = syncer.RetryPlan{Tries: 3}
)

// Run pulls.
func (c syncCmd) Run(ctx context.Context, a *app) error {
	return a.at(ctx, needUpstream, func(d *desk) error {
		if d.cfg.OCToken == "" && !a.cli.JSON {
			a.note.wrap(0, noToken)
		}
		s, err := d.syncer()
		if err != nil {
			return err
		}
		report, err := c.pull(ctx, a, s)
		if err != nil {
			return err
		}
		if a.cli.JSON {
			return a.out.json(d.syncJSON(report))
		}
		d.printSync(a.out, report)
		return a.out.err
	})
}

func (c syncCmd) pull(ctx context.Context, a *app, s *syncer.Syncer) (syncer.Report, error) {
	tell := func(string) {}
	if a.env.Terminal {
		a.note.line("%s", a.note.dim("Reading Open Collective …"))
		tell = func(words string) { a.note.line("%s", a.note.dim(words)) }
	}
	if c.DryRun {
		limit := ctx
		if !c.Wait {
			var cancel context.CancelFunc
			limit, cancel = context.WithTimeout(ctx, hasty.Within)
			defer cancel()
		}
		report, err := s.DryRun(limit)
		return report, inTime(ctx, limit, err)
	}
	plan := hasty
	if c.Wait {
		plan = patient
	}
	return s.PullWithRetry(ctx, plan, tell)
}

// inTime says that the time ran out, instead of what that broke.
func inTime(ctx, limit context.Context, err error) error {
	if err != nil && ctx.Err() == nil && errors.Is(limit.Err(), context.DeadlineExceeded) {
		return &syncer.OutOfTime{Within: hasty.Within}
	}
	return err
}

// printSync says what a pull read and did.
func (d *desk) printSync(p *printer, r syncer.Report) {
	c := r.Counts
	verb := "Read"
	if r.DryRun {
		verb = "Read, without storing anything:"
	}
	p.line("%s %s (%s) in %s: %s, %s, %s, %s.", verb, p.bold(clean(r.Collective.Slug)), r.Collective.Currency, many(r.Requests, "request", "requests"),
		many(c.Orders, "contribution", "contributions"), many(c.Charges, "charge", "charges"),
		many(c.Refunds, "refund", "refunds"), many(c.Accounts, "payer", "payers"))
	if r.NotAdmin {
		p.line("%s", p.warn("The token's owner is no administrator of the collective: e-mail addresses are missing, nothing else. "+
			"An administrator of the collective (not of its host) makes the token."))
	}
	d.printDifference(p, r)
	for _, w := range r.Warnings {
		p.line("%s %s", p.warn("Note:"), clean(w))
	}
	d.drift(p, r.Drift)
	d.transitions(p, r.Roll)
}

func (d *desk) printDifference(p *printer, r syncer.Report) {
	lines := r.Difference()
	switch {
	case r.First:
		p.line("This is the first reading of this store.")
	case len(lines) == 0:
		p.line("Nothing changed on Open Collective.")
	default:
		p.line("%s", p.bold("What changed on Open Collective"))
	}
	for _, l := range lines {
		p.line("  %s", clean(l))
	}
}

func (d *desk) drift(p *printer, words []syncer.Drift) {
	for _, w := range words {
		word := w.Word
		if word == "" {
			word = "none"
		}
		p.line("%s Open Collective says %s %q, which this version does not know (%s): what was known before goes on; look for a newer version.",
			p.warn("Note:"), w.What, clean(clip(word)), many(len(w.IDs), "time", "times"))
	}
}

// transitions says what a change did to the roll.
func (d *desk) transitions(p *printer, r roll.Report) {
	if len(r.Transitions) > 0 {
		p.line("%s", p.bold("What that does to the roll"))
		t := &table{columns: []column{{title: "MEMBER", least: 8}, {title: "WAS", least: 6}, {title: "IS"}, {title: "RIGHTS"}, {title: "WHY", least: 20}}}
		for _, x := range r.Transitions {
			t.add(clean(x.Name), roll.WordsOf(x.From), paintState(p, x.To, roll.WordsOf(x.To)), rightsWords(p, x.Changes), clean(d.duesWhy(x)))
		}
		t.print(p)
	}
	if r.Hold != "" {
		p.line("%s", p.bad("Hold "+r.Hold+" keeps "+many(r.Held, "member", "members")+" as they were: goodstanding holds show"))
	}
}

// duesWhy leaves out what a listing lacks beside the dues, unless the listing
// changed: that stands in explain, and here it would hide what happened.
func (d *desk) duesWhy(x roll.Transition) string {
	for _, c := range x.Changes {
		if c.What == eligibility.Listing.String() {
			return x.Why
		}
	}
	var dull []string
	for _, code := range []eligibility.Code{eligibility.CodeNoProfile, eligibility.CodeNoConsent, eligibility.CodeNotApproved} {
		dull = append(dull, eligibility.Reason{Code: code}.Text(d.cfg.Federation.Zone))
	}
	parts := strings.Split(x.Why, "; ")
	return strings.Join(slices.DeleteFunc(parts, func(s string) bool { return slices.Contains(dull, s) }), "; ")
}

// rightsWords are the rights that came or went.
func rightsWords(p *printer, changes []eligibility.Change) string {
	var out []string
	for _, c := range changes {
		switch {
		case c.What == "state" || c.What == "reason":
		case c.Worse:
			out = append(out, p.bad("-"+c.What))
		default:
			out = append(out, p.good("+"+c.What))
		}
	}
	return strings.Join(out, " ")
}

// syncAnswer is sync --json.
type syncAnswer struct {
	Snapshot    int64              `json:"snapshot"`
	Start       instant.Instant    `json:"start"`
	First       bool               `json:"first"`
	DryRun      bool               `json:"dry_run"`
	Requests    int                `json:"requests"`
	Collective  string             `json:"collective"`
	Anonymous   bool               `json:"anonymous"`
	NotAdmin    bool               `json:"not_admin"`
	Counts      syncCounts         `json:"counts"`
	Changed     int                `json:"changed_rows"`
	Difference  []string           `json:"difference"`
	Warnings    []string           `json:"warnings"`
	NewPayers   []accountAnswer    `json:"new_payers"`
	Transitions []transitionAnswer `json:"transitions"`
	Hold        string             `json:"hold"`
	Held        int                `json:"held"`
}

type syncCounts struct {
	Orders   int `json:"orders"`
	Charges  int `json:"charges"`
	Refunds  int `json:"refunds"`
	Accounts int `json:"accounts"`
}

// transitionAnswer is one change of a member's standing in JSON.
type transitionAnswer struct {
	Member  string            `json:"member"`
	Name    string            `json:"name"`
	At      instant.Instant   `json:"at"`
	From    eligibility.State `json:"from"`
	To      eligibility.State `json:"to"`
	Changes []changeAnswer    `json:"changes"`
	Why     string            `json:"why"`
}

type changeAnswer struct {
	What   string `json:"what"`
	Before string `json:"before"`
	After  string `json:"after"`
}

func transitionOf(t roll.Transition) transitionAnswer {
	return transitionAnswer{string(t.Member), t.Name, t.At, t.From, t.To, mapped(t.Changes, func(c eligibility.Change) changeAnswer {
		return changeAnswer{c.What, c.Before, c.After}
	}), t.Why}
}

func (d *desk) syncJSON(r syncer.Report) syncAnswer {
	return syncAnswer{
		r.Snapshot, r.Start, r.First, r.DryRun, r.Requests, r.Collective.Slug, r.Anonymous, r.NotAdmin,
		syncCounts{r.Counts.Orders, r.Counts.Charges, r.Counts.Refunds, r.Counts.Accounts}, r.Changed,
		filled(r.Difference()), filled(r.Warnings),
		mapped(r.NewPayers, func(p syncer.Payer) accountAnswer { return accountAnswer{string(p.Account), p.Slug} }),
		mapped(r.Roll.Transitions, transitionOf), r.Roll.Hold, r.Roll.Held,
	}
}
