package main

import "context"

type recordCmd struct {
	decisionArg
	To string `placeholder:"FILE" help:"Write it there instead of printing it; an existing file is left alone"`
}

// Help says what for.
func (recordCmd) Help() string {
	return `
The record holds every entry of the decision's chain, and names no one who did
not answer. Anybody can count it again with a program that shares no code with
this one, and compare its end with the one that was announced:

  goodstanding decisions record 12 --to 012.json
  verify-record 012.json --head HASH`
}

// Run writes.
func (c recordCmd) Run(ctx context.Context, a *app) error {
	return a.at(ctx, needStore, func(d *desk) error {
		ch := d.chair()
		id, err := ch.Find(ctx, c.Decision)
		if err != nil {
			return err
		}
		if _, err := ch.CloseDue(ctx); err != nil {
			return err
		}
		record, err := ch.Record(ctx, id)
		if err != nil {
			return err
		}
		text, err := record.JSON()
		if err != nil {
			return err
		}
		if c.To == "" {
			a.out.write(string(text))
			return a.out.err
		}
		if err := writtenText(c.To, 0o644, text); err != nil {
			return err
		}
		a.out.line("Wrote %s. Its chain ends with %s", c.To, record.Head)
		return a.out.err
	})
}
