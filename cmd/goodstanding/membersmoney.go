package main

import (
	"context"
	"fmt"

	"coopcloud.tech/goodstanding/internal/money"
	"coopcloud.tech/goodstanding/member"
	"coopcloud.tech/goodstanding/roll"
)

type waiveCmd struct {
	change
	memberArg
	From     when   `placeholder:"DATE" help:"From this day on; else now"`
	Until    when   `placeholder:"DATE" help:"Up to this day; else until it is ended"`
	Decision string `placeholder:"NUMBER" help:"Number of a decision that asked for it"`
	End      string `placeholder:"WAIVER" help:"End this waiver instead, at --until or now"`
}

// Help shows how to use it.
func (waiveCmd) Help() string {
	return `
Dues forgiven for a time: solidarity, labour, in kind. Private: only the member
and treasurers see it. goodstanding members show lists the waivers' ids.

  goodstanding waive bea --until 2027-06-01 --reason "between jobs"
  goodstanding waive bea --end w_… --reason "pays again"`
}

// Run waives.
func (c waiveCmd) Run(ctx context.Context, a *app) error {
	return a.about(ctx, c.Member, func(d *desk) (roll.By, error) { return d.because(ctx, c.change) }, func(d *desk, by roll.By, id member.ID) error {
		if c.End != "" {
			report, err := d.roll.EndWaiver(ctx, by, id, c.End, c.Until.Instant)
			if err != nil {
				return err
			}
			return d.done(report, nil, "The waiver of %s ends%s.", d.name(ctx, id), d.onDay(c.Until.Instant))
		}
		waiver, report, err := d.roll.Waive(ctx, by, id, c.From.Instant, c.Until.Instant, c.Decision)
		if err != nil {
			return err
		}
		until := " until it is ended"
		if c.Until.Instant != 0 {
			until = " until " + day(c.Until.Instant, d.cfg.Federation.Zone)
		}
		return d.done(report, map[string]any{"waiver": waiver}, "The dues of %s are waived%s (%s).", d.name(ctx, id), until, waiver)
	})
}

type payCmd struct {
	change
	Member    string `arg:"" optional:"" help:"The member"`
	Amount    string `placeholder:"AMOUNT" help:"What came in, such as \"GBP 120.00\""`
	Received  when   `placeholder:"DATE" help:"When it came in"`
	Months    int    `placeholder:"N" help:"For this many months, from the day it came in or from --from"`
	From      when   `placeholder:"DATE" help:"For the time from this day …"`
	To        when   `placeholder:"DATE" help:"… to this one: whole calendar months"`
	Charge    string `placeholder:"ID" help:"Let this charge of Open Collective, which the rules ignore, count as dues"`
	Reference string `placeholder:"TEXT" help:"The bank's own; one seen before is refused"`
	Undo      string `placeholder:"PAYMENT" help:"Reverse this payment instead"`
	Import    string `placeholder:"FILE" help:"Enter many from a CSV file: member, amount, received, months (or from and to), reference, reason; - reads standard input"`
	DryRun    bool   `help:"With --import: say what would be entered, and enter nothing"`
}

// Help shows how to use it.
func (payCmd) Help() string {
	return `
The amount is weighed over the months: GBP 120.00 for 12 months counts as
GBP 10.00 a month. A mistake is reversed, never edited.

  goodstanding pay alfa --amount "GBP 120.00" --received 2026-05-03 --months 12 --reason "bank transfer"
  goodstanding pay alfa --charge 1b2c… --months 6 --reason "sent as a one-off by mistake"
  goodstanding pay --undo pay_… --reason "wrong member"
  goodstanding pay --import statement.csv --reason "bank statement of May"`
}

// Run enters, reverses or imports payments.
func (c payCmd) Run(ctx context.Context, a *app) error {
	switch {
	case c.Undo != "" && (c.Member != "" || c.Import != ""), c.Import != "" && c.Member != "":
		return &usageError{"MEMBER, --undo and --import exclude each other"}
	case c.Undo != "":
		return a.at(ctx, needStore, func(d *desk) error { return c.undo(ctx, d) })
	case c.Import != "":
		return a.at(ctx, needStore, func(d *desk) error { return c.imports(ctx, d) })
	case c.Member == "":
		return &usageError{"name the member: goodstanding pay MEMBER --amount … (or --undo, or --import)"}
	}
	entry, err := c.entry()
	if err != nil {
		return err
	}
	return a.about(ctx, c.Member, func(d *desk) (roll.By, error) { return d.because(ctx, c.change) }, func(d *desk, by roll.By, id member.ID) error {
		entry.Member = id
		payment, report, err := d.roll.Pay(ctx, by, entry)
		if err != nil {
			return err
		}
		return d.done(report, map[string]any{"payment": payment}, "Entered for %s (%s).", d.name(ctx, id), payment)
	})
}

// entry is the payment as the flags give it.
func (c payCmd) entry() (roll.PaymentEntry, error) {
	e := roll.PaymentEntry{Received: c.Received.Instant, Months: c.Months, From: c.From.Instant, To: c.To.Instant, Charge: c.Charge, Reference: c.Reference}
	if c.Amount == "" {
		return e, nil // with --charge it is the charge's own; else the roll refuses
	}
	amount, err := money.Parse(c.Amount)
	if err != nil {
		return e, &usageError{"--amount: " + err.Error()}
	}
	e.Amount = amount
	return e, nil
}

func (c payCmd) undo(ctx context.Context, d *desk) error {
	by, err := d.because(ctx, c.change)
	if err != nil {
		return err
	}
	report, err := d.roll.UndoPayment(ctx, by, c.Undo)
	if err != nil {
		return err
	}
	return d.done(report, nil, "The payment %s is reversed.", clean(c.Undo))
}

// imports shows what a file of payments would enter, asks, and enters it.
func (c payCmd) imports(ctx context.Context, d *desk) error {
	text, err := d.app.input(c.Import)
	if err != nil {
		return err
	}
	by, err := d.by(ctx, c.change)
	if err != nil {
		return err
	}
	plan, _, err := d.roll.ImportPayments(ctx, by, reader(text), true)
	if err != nil {
		return err
	}
	if !d.app.cli.JSON {
		d.importTable(plan)
	}
	if c.DryRun {
		return d.imported(plan, roll.Report{}, "Nothing was entered: a dry run.")
	}
	if err := d.app.confirm(fmt.Sprintf("Enter %s?", many(len(plan.Rows), "payment", "payments"))); err != nil {
		return err
	}
	plan, report, err := d.roll.ImportPayments(ctx, by, reader(text), false)
	if err != nil {
		return err
	}
	return d.imported(plan, report, "Entered "+many(len(plan.Rows), "payment", "payments")+".")
}
