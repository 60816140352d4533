package main

import (
	"context"
	"fmt"
	"strings"

	"coopcloud.tech/goodstanding/internal/instant"
	"coopcloud.tech/goodstanding/notify"
	"coopcloud.tech/goodstanding/roll"
)

type noticeStartCmd struct {
	change
	DryRun bool `help:"Say what would go to whom, and change nothing"`
}

// Help says what a start does.
func (noticeStartCmd) Help() string {
	return `
Until somebody starts them no notice goes to anybody. Starting lets go what is
still to come, each at its moment and only if it is still true then. What was due
before is never sent.

In a restored database, or a copy, a start also says that the federation goes on
from here: what was being decided is closed again at its deadline, by the answers
that are here.

  goodstanding notices start --dry-run
  goodstanding notices start`
}

// Run shows the plan and starts.
func (c noticeStartCmd) Run(ctx context.Context, a *app) error {
	return a.at(ctx, needStore, func(d *desk) error {
		plan, err := d.roll.NoticesPlan(ctx)
		if err != nil {
			return err
		}
		if !c.DryRun { // a file with older content in its place is known for one only once it is noted
			if err := d.chair().NoteLoss(ctx); err != nil {
				return err
			}
		}
		lacking, err := d.lacking(ctx)
		if err != nil {
			return err
		}
		if !a.cli.JSON {
			d.printPlan(&plan)
			printLacking(a.out, lacking, "The database was put back from a backup, or is a copy. A start says that the federation goes on from here: then these are closed at their deadlines by the answers that are here, those that are past at once, but an overdue one by the next answer, or by whoever ends it. "+
				"To ask anew first, a facilitator lets one rest and reopens it with a new deadline.")
		}
		answer := planOf(plan)
		answer.Lacking = lacking
		switch {
		case c.DryRun && a.cli.JSON:
			return a.out.json(answer)
		case c.DryRun:
			a.out.line("Nothing was changed: a dry run.")
			return a.out.err
		}
		by, err := d.by(ctx, c.change)
		if err != nil {
			return err
		}
		if plan.Started == 0 {
			if err := a.confirm("Start the notices?"); err != nil {
				return err
			}
		}
		n, report, err := d.roll.StartNotices(ctx, by)
		if err != nil {
			return err
		}
		if d.cfg.SignIn.SMTP == nil {
			a.note.line("No mail goes before a mail server is set: %sSMTP_URL.", prefix)
		}
		return d.done(report, map[string]any{"notices": n, "plan": answer}, "Notices are on: %s.", momentWords(n))
	})
}

func momentWords(n int) string {
	switch n {
	case 0:
		return "nothing waits yet"
	case 1:
		return "1 waits for its moment"
	}
	return fmt.Sprintf("%d wait for their moments", n)
}

func waitingWords(n int) string {
	if n == 1 {
		return "1 waits"
	}
	return fmt.Sprintf("%d wait", n)
}

// printPlan says what a start would let go, what not, and what waits.
func (d *desk) printPlan(plan *roll.NoticesPlan) {
	p, zone := d.app.out, d.cfg.Federation.Zone
	switch {
	case plan.Started != 0:
		p.line("Notices are on since %s.", minute(plan.Started, zone))
	case len(plan.Go) == 0:
		p.line("Notices are off. Started now, nothing goes before something happens.")
	default:
		p.line("Notices are off. Started now, these go, each when it is due and only if it is still true then:")
		d.printGoing(plan.Go)
	}
	if plan.Missed > 0 {
		p.line("Never sent, because %s before that: %s.", dueWords(plan.Missed), many(plan.Missed, "notice", "notices"))
	}
	for _, b := range plan.Batches {
		d.printBatch(&b)
	}
}

func dueWords(n int) string {
	if n == 1 {
		return "it was due"
	}
	return "they were due"
}

func (d *desk) printBatch(b *roll.NoticeBatch) {
	p := d.app.out
	p.wrap(0, fmt.Sprintf("%s for a yes or no in the batch %s, because %s:", waitingWords(len(b.Notices)), b.Batch, b.Words))
	d.printGoing(b.Notices)
}

// printGoing lists what would go: one line for each moment, kind and member, with
// all whom it goes to.
func (d *desk) printGoing(list []roll.Notice) {
	t := &table{columns: []column{{title: "DUE"}, {title: "NOTICE", least: 10}, {title: "ABOUT", least: 10}, {title: "TO", least: 12}}}
	for i := 0; i < len(list); {
		first, names := &list[i], []string(nil)
		for ; i < len(list) && list[i].DueAt == first.DueAt && list[i].Kind == first.Kind && list[i].About == first.About; i++ {
			names = append(names, clean(list[i].To))
		}
		t.add(day(first.DueAt, d.cfg.Federation.Zone), first.Words, clean(first.About), strings.Join(names, ", "))
	}
	t.print(d.app.out)
}

type noticeStopCmd struct{ change }

// Help says what a stop does.
func (noticeStopCmd) Help() string {
	return `
What waits does not go, as if it had been written while notices were off; what is
being sent this very moment goes. Another start lets go what is still to come.

  goodstanding notices stop --reason "started by mistake"`
}

// Run stops.
func (c noticeStopCmd) Run(ctx context.Context, a *app) error {
	return a.at(ctx, needStore, func(d *desk) error {
		by, err := d.by(ctx, c.change)
		if err != nil {
			return err
		}
		n, report, err := d.roll.StopNotices(ctx, by)
		if err != nil {
			return err
		}
		return d.done(report, map[string]any{"notices": n}, "Notices are off: %s back.", heldBack(n))
	})
}

func heldBack(n int) string {
	if n == 1 {
		return "1 is held"
	}
	return fmt.Sprintf("%d are held", n)
}

// batchArg names a batch.
type batchArg struct {
	Batch string `arg:"" optional:"" help:"The batch; else all that wait"`
}

type noticeReleaseCmd struct {
	change
	batchArg
}

// Help says what a batch is.
func (noticeReleaseCmd) Help() string {
	return `
What an import, an adoption, a link, a merge or new rules would tell waits as one
batch, and so does what a restored backup or a long silence has left. Released,
it goes if it is still true.

  goodstanding notices release import
  goodstanding notices release

` + batchList()
}

func batchList() string {
	return strings.Join(broken("Batches: "+strings.Join(mapped(notify.Batches(), func(b notify.Batch) string { return string(b) }), ", "), 80), "\n")
}

// Run releases.
func (c noticeReleaseCmd) Run(ctx context.Context, a *app) error {
	return a.answering(ctx, c.Batch, "Let these go?", func(d *desk) error {
		by, err := d.by(ctx, c.change)
		if err != nil {
			return err
		}
		n, report, err := d.roll.ReleaseNotices(ctx, by, notify.Batch(c.Batch))
		if err != nil {
			return err
		}
		return d.done(report, map[string]any{"notices": n}, "Released: %s now for the next mails.", waitingWords(n))
	})
}

type noticeDropCmd struct {
	change
	batchArg
}

// Help shows how to use it.
func (noticeDropCmd) Help() string {
	return `
What is dropped is never sent; the ledger says so.

  goodstanding notices drop import --reason "they were told at the meeting"

` + batchList()
}

// Run drops.
func (c noticeDropCmd) Run(ctx context.Context, a *app) error {
	return a.answering(ctx, c.Batch, "Never send these?", func(d *desk) error {
		by, err := d.because(ctx, c.change)
		if err != nil {
			return err
		}
		n, report, err := d.roll.DropNotices(ctx, by, notify.Batch(c.Batch))
		if err != nil {
			return err
		}
		return d.done(report, map[string]any{"notices": n}, "Dropped: %s, and never sent.", many(n, "notice", "notices"))
	})
}

// answering shows the batches that are meant, asks, and lets f answer for them.
func (a *app) answering(ctx context.Context, batch, question string, f func(d *desk) error) error {
	return a.at(ctx, needStore, func(d *desk) error {
		plan, err := d.roll.NoticesPlan(ctx)
		if err != nil {
			return err
		}
		meant := 0
		for _, b := range plan.Batches {
			if batch != "" && batch != string(b.Batch) {
				continue
			}
			if meant++; !a.cli.JSON {
				d.printBatch(&b)
			}
		}
		if meant > 0 {
			if err := a.confirm(question); err != nil {
				return err
			}
		}
		return f(d)
	})
}

// planAnswer is what a start would do, in JSON.
type planAnswer struct {
	Started instant.Instant `json:"started"` // null while notices are off
	Go      []noticeAnswer  `json:"go"`
	Missed  int             `json:"missed"`
	Batches []batchAnswer   `json:"batches"`
	// Lacking are decisions that a start lets be closed again, though answers may be missing.
	Lacking []lackingAnswer `json:"lacking"`
}

type batchAnswer struct {
	Batch   notify.Batch   `json:"batch"`
	Words   string         `json:"words"`
	Notices []noticeAnswer `json:"notices"`
}

func planOf(p roll.NoticesPlan) planAnswer {
	return planAnswer{p.Started, mapped(p.Go, noticeOf), p.Missed, mapped(p.Batches, func(b roll.NoticeBatch) batchAnswer {
		return batchAnswer{b.Batch, b.Words, mapped(b.Notices, noticeOf)}
	}), nil}
}
