package main

import (
	"context"
	"fmt"
	"os"
)

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
		f, err := create(c.To, 0o644)
		if err != nil {
			return err
		}
		_, err = f.Write(text)
		if e := f.Close(); err == nil {
			err = e
		}
		if err != nil {
			_ = os.Remove(c.To) // half a record is worse than none
			return fmt.Errorf("write the record: %w", err)
		}
		a.out.line("Wrote %s. Its chain ends with %s", c.To, record.Head)
		return a.out.err
	})
}
