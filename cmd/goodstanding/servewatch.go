package main

import (
	"context"
	"math"
	"time"

	"github.com/rs/zerolog"

	"coopcloud.tech/goodstanding/internal/instant"
	"coopcloud.tech/goodstanding/internal/metrics"
	"coopcloud.tech/goodstanding/store"
)

// watcher looks at the database every second: it sees what others write, tells
// the loops, and keeps the metrics up to date.
type watcher struct {
	parts
	books   *books
	leads   func() bool
	changed func()
	toSend  func() // there is a notice that may go: who decides writes some without a counter
	log     zerolog.Logger

	known  store.Counters
	hinted instant.Instant // the newest hint that another daemon passed on
	shown  instant.Instant // when the metrics were last read
	ready  int64           // notices that might go at the last look
	newest instant.Instant // when the newest of them was written
}

// showEvery is how often metrics are read while nothing is written: standings
// change with time, and notices without a counter.
const showEvery = 30 * time.Second

// step looks once.
func (w *watcher) step(ctx context.Context) (instant.Instant, error) {
	within, cancel := context.WithTimeout(ctx, slowDatabase)
	defer cancel()
	counters, err := w.books.db.Counters(within)
	w.metrics.Database(err == nil)
	if err != nil {
		return 0, err
	}
	now := w.now()
	if err := w.look(within, now); err != nil {
		return 0, err
	}
	if err := w.pass(within, now); err != nil {
		return 0, err
	}
	moved := counters != w.known
	if counters.Entries != w.known.Entries || w.shown == 0 {
		if err := w.noteErased(within); err != nil {
			return 0, err
		}
	}
	if moved && w.shown != 0 {
		w.changed()
	}
	if moved || w.shown == 0 || now >= w.shown.Add(showEvery) {
		book, err := w.books.current(within)
		if err != nil {
			return 0, err
		}
		reading, err := metrics.Read(within, w.books.db, book, now)
		if err != nil {
			return 0, err
		}
		w.metrics.Show(reading)
		w.shown, w.known = now, counters
	}
	return now.Add(watchEvery), nil
}

// noteErased logs what was erased since the daemon began, wherever that was done: a host
// keeps its log apart from the database, which an older backup may take the place of.
func (w *watcher) noteErased(ctx context.Context) error {
	after := w.erased.Load()
	if after < 0 {
		after = math.MaxInt64
	}
	erasures, last, err := w.books.roll.Erasures(ctx, after)
	if err != nil {
		return err
	}
	for _, e := range erasures {
		w.log.Warn().Str("action", e.Action).Str("id", e.ID).Stringer("at", e.At).Str("again", e.Again()).Msg("erased: where an older backup is restored, erase it again")
	}
	w.erased.Store(last)
	return nil
}

// look pokes who sends when there is more that may go than at the last look.
func (w *watcher) look(ctx context.Context, now instant.Instant) error {
	var n int64
	var newest instant.Instant
	var hinted instant.Instant
	err := w.books.db.View(ctx, func(tx *store.Tx) (err error) {
		if n, newest, err = tx.Ready(ctx, now); err == nil {
			hinted, err = tx.Hinted(ctx)
		}
		return err
	})
	if err != nil {
		return err
	}
	if hinted > w.hinted && w.leads() {
		w.hinted = hinted
		w.hints.giveAs(hinted) // the puller finds out whether it was read since
	}
	if n > w.ready || newest > w.newest {
		w.toSend()
	}
	w.ready, w.newest = n, newest
	return nil
}

// pass passes a hint on to the daemon that leads, which looks for it every second.
func (w *watcher) pass(ctx context.Context, now instant.Instant) error {
	if w.leads() {
		return nil
	}
	at := w.hints.pass()
	if at == 0 {
		return nil
	}
	err := w.books.db.InTx(ctx, store.NoStream, now, func(tx *store.Tx) error { return tx.SetHinted(ctx, at) })
	if err != nil {
		w.hints.giveAs(at)
	}
	return err
}
