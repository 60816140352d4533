package main

import (
	"context"

	"coopcloud.tech/goodstanding/member"
	"coopcloud.tech/goodstanding/roll"
)

type pauseCmd struct {
	change
	second
	memberArg
	From        when `placeholder:"DATE" help:"From this day on; else as soon as the rules allow"`
	KeepListing bool `help:"The member stays in the provider list, by its own choice"`
}

// Help shows how to use it.
func (pauseCmd) Help() string {
	return `
A pause takes the vote away. A delegate of the member pauses it at once;
otherwise it takes a facilitator, a --second person of another member, a reason
and seven days of notice. Neither a treasurer nor the operator can alone.

  goodstanding members pause alfa --as "Ada Example" --reason "winter break"
  goodstanding members pause alfa --as Fay --second Sol --reason "no answer since May"`
}

// Run pauses.
func (c pauseCmd) Run(ctx context.Context, a *app) error {
	return a.about(ctx, c.Member, func(d *desk) (roll.By, error) { return d.two(ctx, c.change, c.second) }, func(d *desk, by roll.By, id member.ID) error {
		report, err := d.roll.Pause(ctx, by, id, c.From.Instant, c.KeepListing)
		if err != nil {
			return err
		}
		return d.done(report, nil, "%s takes a break%s.", d.name(ctx, id), d.onDay(c.From.Instant))
	})
}

type resumeCmd struct {
	change
	second
	memberArg
	From when `placeholder:"DATE" help:"From this day on; else now"`
}

// Help shows how to use it.
func (resumeCmd) Help() string {
	return `
  goodstanding members resume alfa --as "Ada Example"`
}

// Run resumes.
func (c resumeCmd) Run(ctx context.Context, a *app) error {
	who := func(d *desk) (roll.By, error) {
		if c.Reason == "" {
			c.Reason = noReason
		}
		return d.two(ctx, c.change, c.second)
	}
	return a.about(ctx, c.Member, who, func(d *desk, by roll.By, id member.ID) error {
		report, err := d.roll.Resume(ctx, by, id, c.From.Instant)
		if err != nil {
			return err
		}
		return d.done(report, nil, "%s is back%s.", d.name(ctx, id), d.onDay(c.From.Instant))
	})
}

type suspendCmd struct {
	change
	second
	memberArg
	From  when `placeholder:"DATE" help:"From this day on; else now"`
	Until when `placeholder:"DATE" help:"Up to this day; else, with two contact people, without an end"`
}

// Help shows how to use it.
func (suspendCmd) Help() string {
	return `
Two contact people suspend, or one for at most seven days. The reason is read by
contact people alone. Neither a treasurer nor the operator can.

  goodstanding members suspend alfa --as Cim --second Dot --reason "…"
  goodstanding members suspend alfa --as Cim --reason "…"            seven days`
}

// Run suspends.
func (c suspendCmd) Run(ctx context.Context, a *app) error {
	return a.about(ctx, c.Member, func(d *desk) (roll.By, error) { return d.two(ctx, c.change, c.second) }, func(d *desk, by roll.By, id member.ID) error {
		report, err := d.roll.Suspend(ctx, by, id, c.From.Instant, c.Until.Instant)
		if err != nil {
			return err
		}
		return d.done(report, nil, "%s is suspended%s.", d.name(ctx, id), d.onDay(c.From.Instant))
	})
}

type restoreCmd struct {
	change
	second
	memberArg
	From when `placeholder:"DATE" help:"From this day on; else now"`
}

// Help shows how to use it.
func (restoreCmd) Help() string {
	return `
Two contact people end a suspension.

  goodstanding members restore alfa --as Cim --second Dot --reason "settled"`
}

// Run restores.
func (c restoreCmd) Run(ctx context.Context, a *app) error {
	return a.about(ctx, c.Member, func(d *desk) (roll.By, error) { return d.two(ctx, c.change, c.second) }, func(d *desk, by roll.By, id member.ID) error {
		report, err := d.roll.Restore(ctx, by, id, c.From.Instant)
		if err != nil {
			return err
		}
		return d.done(report, nil, "%s is no longer suspended%s.", d.name(ctx, id), d.onDay(c.From.Instant))
	})
}
