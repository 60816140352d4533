package main

import (
	"context"
	"time"

	"coopcloud.tech/goodstanding/internal/instant"
	"coopcloud.tech/goodstanding/invariants"
	"coopcloud.tech/goodstanding/store"
)

// The invariants are looked at when the daemon starts, so that their metrics are
// there, and then once a day in the hour in which least happens.
const (
	quietHour = 4 // of the federation's time zone
	// longestInspect bounds one look.
	longestInspect = 10 * time.Minute
	// lookAgain is how soon what is broken is looked at again: whoever mended it, in
	// whichever process, need not wait for the night before the metrics say so.
	lookAgain = 10 * time.Minute
)

// inspector looks every day, and more often at what is broken, whether what must always hold does. It only reads, each
// invariant in a transaction of its own; on SQLite nobody who writes waits for it.
type inspector struct {
	parts
	zone  *time.Location
	check func(context.Context, bool) (invariants.Report, error)
	desk  *desk
}

// step looks, unless that was done already since the last quiet hour began, and all
// held: a daemon that reads its settings again need not look again.
func (i *inspector) step(ctx context.Context) (instant.Instant, error) {
	now := i.now()
	if last := instant.Instant(i.inspected.Load()); last != 0 && now < i.nextLook(last) {
		return i.nextLook(last), nil
	}
	within, cancel := context.WithTimeout(ctx, longestInspect)
	defer cancel()
	report, err := i.check(within, true)
	if err != nil {
		return 0, err
	}
	holds, broken := make(map[string]bool, len(report.Results)), false
	for _, r := range report.Results {
		holds[string(r.Name)] = r.OK()
		if !r.OK() {
			broken = true
			i.desk.log.Error().Str("invariant", string(r.Name)).Int("faults", len(r.Faults)+r.More).Str("first", r.Faults[0]).
				Msg("an invariant is broken: look at goodstanding verify")
		}
	}
	i.metrics.Inspected(now, holds)
	i.inspected.Store(int64(now))
	i.broken.Store(broken)
	return i.nextLook(now), nil
}

// nextLook is when to look after the look at an instant.
func (i *inspector) nextLook(last instant.Instant) instant.Instant {
	if i.broken.Load() {
		return min(last.Add(lookAgain), nextQuiet(last, i.zone))
	}
	return nextQuiet(last, i.zone)
}

// nextQuiet is the start of the first quiet hour after an instant.
func nextQuiet(after instant.Instant, zone *time.Location) instant.Instant {
	t := after.Time().In(zone)
	quiet := time.Date(t.Year(), t.Month(), t.Day(), quietHour, 0, 0, 0, zone)
	if !quiet.After(t) {
		quiet = time.Date(t.Year(), t.Month(), t.Day()+1, quietHour, 0, 0, 0, zone)
	}
	return instant.Of(quiet)
}

func (s *shift) inspectFailed(err error, n int, pause time.Duration) {
	s.desk.log.Warn().Err(err).Int("in_a_row", n).Stringer("next_in", pause.Round(time.Second)).Msg("the invariants could not be looked at")
}

// atHome says that the database is not a copy, or a backup that was put back: from
// one nothing is said in the room, and no sign that is set there is taken, before
// somebody has started the notices.
func (s *shift) atHome(ctx context.Context) (bool, error) {
	at := store.AtElsewhere
	err := s.desk.db.View(ctx, func(tx *store.Tx) (err error) {
		at, err = tx.Home(ctx)
		return err
	})
	return at != store.AtElsewhere, err
}
