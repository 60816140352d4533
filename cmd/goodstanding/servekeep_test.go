package main

import (
	"context"
	"testing"
	"time"

	"coopcloud.tech/goodstanding/internal/instant"
	"coopcloud.tech/goodstanding/internal/loop"
	"coopcloud.tech/goodstanding/notify"
	"coopcloud.tech/goodstanding/roll"
	"coopcloud.tech/goodstanding/store"
)

// keeping runs the daemon's keeper for a while and counts what it writes and how
// often it looks.
func (x *paced) keeping(ctx context.Context, t *testing.T, long time.Duration) (writes, looks int) {
	t.Helper()
	k := &keeper{parts: x.p.parts, books: &books{db: x.db, roll: x.roll}}
	k.assess = func(ctx context.Context) (roll.Report, error) {
		writes++
		return x.roll.Assess(ctx)
	}
	until, cancel := context.WithTimeout(ctx, long)
	defer cancel()
	loop.Run(until, func(ctx context.Context) (instant.Instant, error) {
		looks++
		return k.step(ctx)
	}, loop.Options{Max: longestKeep, Now: x.now, Failed: func(err error, _ int, _ time.Duration) { t.Error(err) }})
	return writes, looks
}

func (x *paced) noticesOf(ctx context.Context, t *testing.T, k notify.Kind) (rows []store.OutboxRow) {
	t.Helper()
	err := x.db.View(ctx, func(tx *store.Tx) (err error) {
		rows, err = tx.Notices(ctx, store.OutboxQuery{Kind: k})
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
	return rows
}

// TestTheTreasurersAreToldThatTheRollIsStale although nothing else happens: no
// reading, no write, no poke. Once, when it becomes so, and to no member.
func TestTheTreasurersAreToldThatTheRollIsStale(t *testing.T) {
	inBubble(t, rare, func(ctx context.Context, x *paced) {
		x.step(ctx, t)
		x.adopt(ctx, t)
		before := len(x.noticesOf(ctx, t, ""))
		stale := x.p.seen.Add(24 * time.Hour)
		if x.keeping(ctx, t, stale.Sub(x.now())-time.Minute); len(x.noticesOf(ctx, t, notify.Stale)) != 0 {
			t.Error("told a minute too early")
		}
		writes, looks := x.keeping(ctx, t, 108*time.Hour) // a grace ends in the last half day
		rows := x.noticesOf(ctx, t, notify.Stale)
		if len(rows) != 1 || rows[0].Recipient != "treasurers" || rows[0].DueAt < stale || rows[0].DueAt > stale.Add(2*time.Second) {
			t.Fatalf("told %+v, want once at %s", rows, stale)
		}
		if after := len(x.noticesOf(ctx, t, "")); after != before+1 {
			t.Errorf("%d notices more, want the one to the treasurers", after-before)
		}
		if writes != 2 { // at its start, and then
			t.Errorf("the keeper wrote %d times in days in which nothing was read", writes)
		}
		if looks < 12*60 || looks > 24*60 {
			t.Errorf("it looked %d times: a right whose end waits for a reading is looked at once a minute", looks)
		}
	})
}

// Whoever is told that the roll is stale when it is not stops listening.
func TestNobodyIsToldWhileTheRollIsRead(t *testing.T) {
	inBubble(t, 6*time.Hour, func(ctx context.Context, x *paced) {
		x.step(ctx, t)
		x.adopt(ctx, t)
		end := x.beside(ctx)
		x.keeping(ctx, t, 3*24*time.Hour)
		end()
		if rows := x.noticesOf(ctx, t, notify.Stale); len(rows) != 0 || len(x.began) < 12 {
			t.Errorf("%d readings, told %+v", len(x.began), rows)
		}
	})
}

// A daemon that was down while the roll became stale tells it when it starts.
func TestStaleIsToldAfterAStart(t *testing.T) {
	inBubble(t, rare, func(ctx context.Context, x *paced) {
		x.step(ctx, t)
		time.Sleep(40 * time.Hour)
		x.keeping(ctx, t, time.Second)
		if rows := x.noticesOf(ctx, t, notify.Stale); len(rows) != 1 || rows[0].Occasion != "stale//snapshot:1" {
			t.Errorf("told %+v", rows)
		}
	})
}
