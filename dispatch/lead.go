package dispatch

import (
	"context"
	"fmt"
	"time"

	"coopcloud.tech/goodstanding/internal/instant"
	"coopcloud.tech/goodstanding/notify"
	"coopcloud.tech/goodstanding/store"
)

const (
	lease = "notices"
	// beatEvery is how often it is noted that sending is at work.
	beatEvery = time.Minute
	// longestGap is after how long a silence what fell due in it waits for a
	// treasurer's word: the database may be a backup, and what it says may be known.
	longestGap = 3 * 24 * time.Hour
)

// lead makes sure that this process may send now, and that the database is where
// it was when a treasurer started the notices. Where it may not, next is when to
// ask again; 0 for when that is not known.
func (d *Dispatcher) lead(ctx context.Context) (leads bool, next instant.Instant, err error) {
	var beat *store.Mark
	held, batch := 0, notify.Batch("")
	now := d.o.Now()
	err = d.o.DB.InTx(ctx, store.NoStream, now, func(tx *store.Tx) error {
		leads, next, beat, held, batch = false, 0, nil, 0, ""
		started, on, err := tx.Setting(ctx, store.SettingNotices)
		if err != nil || !on {
			return err
		}
		l, mine, err := tx.TakeLease(ctx, lease, d.holder, now.Add(leaseFor))
		if err != nil || !mine {
			next = l.Until
			return err
		}
		if held, batch, err = atHome(ctx, tx); err != nil || batch == notify.ByCopy {
			return err
		}
		leads = true
		alive, err := tx.Alive(ctx)
		if err != nil {
			return err
		}
		if since := max(alive, startedAt(started)); since != 0 && now > since.Add(longestGap) {
			batch = notify.ByGap
			if held, err = tx.HoldWaiting(ctx, notify.ByGap, now); err != nil {
				return err
			}
		}
		if now >= alive && now < alive.Add(beatEvery) {
			return nil
		}
		m, err := tx.Beat(ctx)
		beat = &m
		return err
	})
	if err != nil {
		return false, 0, fmt.Errorf("look at the notices: %w", err)
	}
	switch batch {
	case notify.ByCopy:
		d.o.Log.Warn().Int("held", held).Msg("the database is not where it was when the notices were started: it is a copy, or a restored backup; " +
			"nothing is sent until a treasurer starts the notices again (goodstanding notices start)")
	case notify.ByGap:
		d.o.Log.Warn().Int("held", held).Msg("nothing was sent for more than three days: what fell due meanwhile waits for a treasurer (goodstanding notices release)")
	}
	if held > 0 {
		d.o.Observe(string(notify.HeldState), held)
	}
	if beat != nil {
		err = d.o.DB.KeepMark(*beat)
	}
	return leads && err == nil, next, err
}

// startedAt is when the notices were started, as the setting says it; 0 where that
// cannot be read.
func startedAt(setting string) instant.Instant {
	t, err := time.Parse(time.RFC3339Nano, setting)
	if err != nil {
		return 0
	}
	return instant.Of(t)
}

// atHome holds everything and turns the notices off where the database is a copy,
// or older than it was. The first time it is at home where it is.
func atHome(ctx context.Context, tx *store.Tx) (held int, batch notify.Batch, err error) {
	at, err := tx.Home(ctx)
	switch {
	case err != nil || at == store.AtHome:
		return 0, "", err
	case at == store.AtNowhere:
		return 0, "", tx.AcceptHome(ctx)
	}
	if held, err = tx.HoldWaiting(ctx, notify.ByCopy, instant.Max); err != nil {
		return 0, "", err
	}
	return held, notify.ByCopy, tx.NoticesOff(ctx)
}
