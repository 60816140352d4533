package main

import (
	"context"
	"errors"
	"sync"
	"time"

	"coopcloud.tech/goodstanding/internal/instant"
	"coopcloud.tech/goodstanding/internal/loop"
	"coopcloud.tech/goodstanding/reactions"
	"coopcloud.tech/goodstanding/store"
	"coopcloud.tech/goodstanding/syncer"
)

// The longest pauses of the loops; each has its own next instant before that.
const (
	longestPull = time.Hour
	longestKeep = time.Hour
)

// work is what one daemon does at a time: the loops that read Open Collective,
// assess, close and remind, send, and read the room. Whatever they write goes
// through a database that is fenced by the lease: every room that they use is made
// on that one. lost ends them all once a write was refused for it.
func (s *shift) work(ctx context.Context, db *store.DB, lost func()) {
	d := s.desk.on(db)
	c := d.chair()
	var all sync.WaitGroup
	run := func(step loop.Step, o loop.Options) {
		o.Now, o.Random = s.now, s.random
		all.Go(func() { loop.Run(ctx, s.endedBy(step, lost), o) })
	}
	upstream := syncer.New(db, d.roll, s.client, syncer.Options{
		Slug: d.cfg.OCSlug, Now: s.now, NewID: d.app.env.NewID, Zone: d.cfg.Federation.Zone, Logger: d.log,
		Close: closesDue(c),
	})
	pull := &puller{parts: s.parts, books: s.books, pull: upstream.Pull, every: d.cfg.Every, upcoming: s.upcoming}
	defer s.upcoming.Store(0)
	run(pull.step, loop.Options{Max: longestPull, Jitter: 0.1, Poke: s.hints.wake, Hurry: pull.hurry, Backoff: pullPause(d.cfg.Every), Failed: func(err error, n int, pause time.Duration) {
		pull.expect(s.now().Add(pause))
		s.pullFailed(err, n, pause)
	}})
	keep := &keeper{parts: s.parts, books: s.books, assess: d.roll.Assess}
	run(keep.step, loop.Options{Max: longestKeep, Jitter: 0.1, Poke: s.pokeKeep, Backoff: upToAMinute, Failed: s.keepFailed})
	closing := &closer{parts: s.parts, desk: d, chair: c}
	run(closing.step, loop.Options{Max: longestClose, Backoff: upToAMinute, Failed: s.closeFailed})
	if s.matrix != nil {
		r := reactions.New(reactions.Options{DB: db, Chair: c, Client: s.matrix, Now: s.now, PublicURL: d.cfg.PublicURL, Log: d.log})
		run(s.readRoom(r), s.reading())
	}
	sender, err := s.newSender(d, c)
	if err != nil { // nothing that it needs can be missing
		d.log.Error().Err(err).Msg("no notices can be sent")
		all.Wait()
		return
	}
	run(sender.Step, loop.Options{Max: longestSend, Poke: s.pokeSend, Backoff: upToAMinute, Failed: s.sendFailed})
	all.Wait()
	s.sender = sender
}

// on is the desk on the same database by another handle.
func (d *desk) on(db *store.DB) *desk {
	other := *d
	other.db, other.roll = db, d.app.rollOn(db, d.cfg)
	return &other
}

// endedBy is a step that says when a write was refused because another leads.
func (s *shift) endedBy(step loop.Step, lost func()) loop.Step {
	return func(ctx context.Context) (instant.Instant, error) {
		next, err := step(ctx)
		if _, is := errors.AsType[*store.LeaseLost](err); is {
			s.desk.log.Warn().Msg("what this daemon was about was not written: another leads by now")
			lost()
		}
		return next, err
	}
}

// upToAMinute is the pause after the nth failure in a row.
func upToAMinute(_ error, n int) time.Duration { return loop.Exponential(time.Second, time.Minute, n) }

func (s *shift) pullFailed(err error, n int, pause time.Duration) {
	s.desk.log.Warn().Err(err).Str("outcome", syncer.OutcomeOf(err)).Int("in_a_row", n).Stringer("next_in", pause.Round(time.Second)).
		Msg("Open Collective could not be read: the roll is as it was")
}

func (s *shift) keepFailed(err error, n int, pause time.Duration) {
	s.desk.log.Warn().Err(err).Int("in_a_row", n).Stringer("next_in", pause.Round(time.Second)).Msg("the standings could not be written")
}
