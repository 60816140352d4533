package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"math"
	"strings"

	"coopcloud.tech/goodstanding/member"
	"coopcloud.tech/goodstanding/roll"
)

// change is what every change takes: why. Who is a flag of every command.
type change struct {
	Reason string `group:"change" placeholder:"TEXT" help:"Why, for the audit log"`
}

// second is for changes that take two people.
type second struct {
	Second string `group:"change" placeholder:"NAME" help:"The second person, where the rules want two"`
}

// noReason stands in the log where nobody said why and the rules do not ask.
const noReason = "no reason given"

// by says who does it and why; without a reason it says so.
func (d *desk) by(ctx context.Context, c change) (roll.By, error) {
	actor, err := d.roll.ActorAs(ctx, d.app.cli.As, d.app.env.Login)
	if err != nil {
		return roll.By{}, err
	}
	reason := strings.TrimSpace(c.Reason)
	if reason == "" {
		reason = noReason
	}
	return roll.By{Actor: actor, Reason: reason}, nil
}

// because is by for changes that need a reason: on a terminal it is asked for,
// else the roll refuses.
func (d *desk) because(ctx context.Context, c change) (roll.By, error) {
	if strings.TrimSpace(c.Reason) == "" && d.app.env.Terminal && !d.app.cli.Yes {
		answer, err := d.app.ask("Why? (for the audit log) ")
		if err != nil {
			return roll.By{}, err
		}
		c.Reason = answer
	}
	by, err := d.by(ctx, c)
	if strings.TrimSpace(c.Reason) == "" {
		by.Reason = ""
	}
	return by, err
}

// two is because, with the second person.
func (d *desk) two(ctx context.Context, c change, s second) (roll.By, error) {
	by, err := d.because(ctx, c)
	if err != nil || s.Second == "" {
		return by, err
	}
	other, err := d.roll.ActorAs(ctx, s.Second, d.app.env.Login)
	if err != nil {
		return by, err
	}
	by.Second = &other
	return by, nil
}

// confirm asks whether to go on, on a terminal; elsewhere, and with --yes, it
// goes on.
func (a *app) confirm(question string) error {
	if a.cli.Yes || !a.env.Terminal {
		return nil
	}
	answer, err := a.ask(question + " [y/N] ")
	if err != nil {
		return err
	}
	switch strings.ToLower(answer) {
	case "y", "yes":
		return nil
	}
	return declined{}
}

// ask reads one line; the end of the input is an empty one.
func (a *app) ask(prompt string) (string, error) {
	a.note.write(prompt)
	var line []byte
	for b := make([]byte, 1); ; { // one byte at a time, so that the next question finds its answer
		n, err := a.env.Stdin.Read(b)
		if n == 1 && b[0] != '\n' {
			line = append(line, b[0])
		}
		if n == 1 && b[0] == '\n' || errors.Is(err, io.EOF) {
			return strings.TrimSpace(string(line)), nil
		}
		if err != nil {
			return "", fmt.Errorf("read the answer: %w", err)
		}
	}
}

// done says what a change did: a sentence, then the standings that changed.
// With --json it prints both.
func (d *desk) done(report roll.Report, answer map[string]any, format string, args ...any) error {
	a := d.app
	if a.cli.JSON {
		if answer == nil {
			answer = map[string]any{}
		}
		answer["transitions"] = mapped(report.Transitions, transitionOf)
		return a.out.json(answer)
	}
	a.out.line(format, args...)
	d.transitions(a.out, report)
	return a.out.err
}

// erased makes a change that erases somebody, and says what to keep of it beside the
// backups, an older one of which has it still.
func (d *desk) erased(ctx context.Context, answer map[string]any, said string, erase func() error) error {
	_, before, err := d.roll.Erasures(ctx, math.MaxInt64)
	if err != nil {
		return err
	}
	if err := erase(); err != nil {
		return err
	}
	erasures, _, err := d.roll.Erasures(ctx, before)
	if err != nil {
		return err
	}
	var lines []string
	for _, e := range erasures {
		lines = append(lines, e.Again())
	}
	answer["again"] = lines
	return d.done(roll.Report{}, answer, "%s\nKeep beside the backups, for whoever restores an older one:\n  %s", said, strings.Join(lines, "\n  "))
}

// name is how a member is called in an answer.
func (d *desk) name(ctx context.Context, id member.ID) string {
	v, err := d.roll.View(ctx, roll.Query{Members: []member.ID{id}})
	if err != nil || len(v.Rows) == 0 {
		return string(id)
	}
	return clean(v.Rows[0].Name)
}
