package main

import (
	"context"
	"strings"
	"time"

	"coopcloud.tech/goodstanding/internal/instant"
	"coopcloud.tech/goodstanding/member"
	"coopcloud.tech/goodstanding/roll"
)

// pause waits, for whoever reads along.
func pause(ctx context.Context, d time.Duration) {
	select {
	case <-ctx.Done():
	case <-time.After(d):
	}
}

// When the program looks for the first time, and when the demo ends.
var (
	demoBegins = instant.Date(2026, time.February, 19).Add(9 * time.Hour)
	demoEnds   = instant.Date(2026, time.June, 24)
)

// play shows the story.
func (s *show) play(ctx context.Context) error {
	s.p.wrap(0, "Half a year of a small federation, read from a fake Open Collective on this machine over HTTP, as it would be read there. "+
		"Its members are invented; the clock is the story's.")
	if err := s.stage.AdvanceTo(demoBegins); err != nil {
		return err
	}
	s.told = nil // how everybody began is part of the first reading
	for _, part := range []func(context.Context) error{s.first, s.adopt, s.people, s.table, s.status, s.days, s.last} {
		if err := part(ctx); err != nil {
			return err
		}
		s.pace(ctx, reading)
	}
	return nil
}

// How long the demo stops on a terminal: for something to read, and for a day on
// which nothing happens.
const (
	reading = time.Second
	calm    = 50 * time.Millisecond
)

// first reads the collective for the first time.
func (s *show) first(ctx context.Context) error {
	s.heading("The first reading, %s", minute(s.script.Now(), s.d.cfg.Federation.Zone))
	s.command("sync")
	report, err := s.sync.Pull(ctx)
	if err != nil {
		return err
	}
	s.d.printSync(s.p, report)
	return nil
}

// adopt takes the payers over.
func (s *show) adopt(ctx context.Context) error {
	s.heading("Who pays becomes a member")
	s.command("members adopt --all")
	did, err := s.takeOver(ctx, roll.Adopt{All: true}, "the demo begins with everybody who pays")
	if err != nil {
		return err
	}
	if len(did.LeftOut) > 0 {
		s.d.adoptionTable(s.p, roll.Adoption{LeftOut: did.LeftOut})
	}
	return nil
}

func (s *show) takeOver(ctx context.Context, whom roll.Adopt, reason string) (roll.Adoption, error) {
	by, err := s.d.by(ctx, change{Reason: reason})
	if err != nil {
		return roll.Adoption{}, err
	}
	did, _, err := s.d.roll.Adopt(ctx, by, whom)
	if err != nil {
		return did, err
	}
	s.p.line("%s", adoptedWords(did))
	return did, nil
}

// table shows the treasurer's table.
func (s *show) table(ctx context.Context) error {
	s.heading("The treasurer's table")
	s.command("roll")
	v, err := s.d.roll.View(ctx, roll.Query{})
	if err != nil {
		return err
	}
	s.d.rollTable(s.p, v)
	return nil
}

func (s *show) status(ctx context.Context) error {
	s.heading("Everything on one screen")
	s.command("status")
	st, err := s.d.roll.Status(ctx)
	if err != nil {
		return err
	}
	(&statusScreen{d: s.d, p: s.p, st: &st}).print()
	return nil
}

// betweenLooks is how long the demo lets pass while nothing happens. The daemon
// looks every half hour.
const betweenLooks = 4 * instant.Day

// days lets the story run: the program looks every few days in the morning, the
// morning after something happened, and whenever a standing may change.
func (s *show) days(ctx context.Context) error {
	for ctx.Err() == nil {
		book, err := s.d.roll.Book(ctx)
		if err != nil {
			return err
		}
		now := s.script.Now()
		next := morning(now + betweenLooks)
		if soon := s.script.Next(); soon != 0 && morning(soon) > now {
			next = min(next, morning(soon))
		}
		if c := nextChange(book, now, now); c > now && c < next {
			next = c
		}
		if soon := s.nextScene(); soon > now {
			next = min(next, soon)
		}
		if next > demoEnds {
			return nil
		}
		if err := s.stage.AdvanceTo(next); err != nil {
			return err
		}
		if err := s.look(ctx); err != nil {
			return err
		}
		if err := s.act(ctx); err != nil {
			return err
		}
	}
	return ctx.Err()
}

// morning is nine o'clock UTC on the day, or on the next one where that has passed.
func morning(t instant.Instant) instant.Instant {
	at := t / instant.Day * instant.Day
	if at = at.Add(9 * time.Hour); at < t {
		at += instant.Day
	}
	return at
}

// look reads once and shows what happened, when anything did.
func (s *show) look(ctx context.Context) error {
	told := s.told
	s.told = nil
	report, err := s.sync.Pull(ctx)
	if err != nil {
		s.failed(told, err)
		s.pace(ctx, reading)
		return ctx.Err()
	}
	s.down = 0
	lines := paidTogether(report.Difference())
	if len(told)+len(lines)+len(report.Roll.Transitions) == 0 {
		s.pace(ctx, calm)
		return nil
	}
	s.day(told)
	for _, l := range lines {
		s.p.line("  %s", clean(l))
	}
	s.d.transitions(s.p, report.Roll)
	for _, payer := range report.NewPayers {
		if payer.Slug == "juniper" { // the treasurer knows who that is; of the casino nobody has heard
			s.command("members adopt juniper")
			if _, err := s.takeOver(ctx, roll.Adopt{Accounts: []member.AccountID{payer.Account}}, "a new payer"); err != nil {
				return err
			}
		}
	}
	s.pace(ctx, reading)
	return nil
}

// day begins a day on which something happened.
func (s *show) day(told []string) {
	s.heading("%s", minute(s.script.Now(), s.d.cfg.Federation.Zone))
	for _, w := range told {
		s.p.line("%s %s", s.p.dim("On Open Collective:"), clean(w))
	}
}

// failed says that a look failed, and what that does: nothing.
func (s *show) failed(told []string, err error) {
	s.day(told)
	if s.down++; s.down == 1 || len(told) > 0 {
		s.p.wrap(2, clean(err.Error()))
	}
	s.p.line("  %s", s.p.good("Nobody's standing changes."))
}

// paidTogether says of many that paid on one day how many they are.
func paidTogether(lines []string) (out []string) {
	paid := 0
	for _, l := range lines {
		if who, what, ok := strings.Cut(l, " paid "); ok && who != "" && !strings.Contains(what, " ") {
			paid++
			continue
		}
		out = append(out, l)
	}
	if paid > 0 {
		out = append(out, many(paid, "member paid", "members paid")+" as usual")
	}
	return out
}
