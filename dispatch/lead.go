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
	// beatEvery is how often it is noted that sending is at work.
	beatEvery = time.Minute
	// longestGap is after how long a silence what fell due in it waits for a
	// treasurer's word: the database may be a backup, and what it says may be known.
	longestGap = 3 * 24 * time.Hour
)

// lead makes sure that notices may go now, and that the database is where
// it was when a treasurer started the notices.
func (d *Dispatcher) lead(ctx context.Context) (leads bool, err error) {
	var l led
	err = d.o.DB.InTx(ctx, store.NoStream, d.o.Now(), func(tx *store.Tx) (err error) {
		l, err = d.leadIn(ctx, tx)
		return err
	})
	if err != nil {
		return false, fmt.Errorf("look at the notices: %w", err)
	}
	switch l.batch {
	case notify.ByCopy:
		d.o.Log.Warn().Int("held", l.held).Msg("the database is not where it was when the notices were started: it is a copy, or a restored backup; " +
			"nothing is sent until a treasurer starts the notices again (goodstanding notices start)")
	case notify.ByGap:
		d.o.Log.Warn().Int("held", l.held).Msg("nothing was sent for more than three days: what fell due meanwhile waits for a treasurer (goodstanding notices release)")
	}
	if l.held > 0 {
		d.o.Observe(string(notify.HeldState), l.held)
	}
	if l.beat != nil {
		err = d.o.DB.KeepMark(*l.beat)
	}
	return l.leads && err == nil, err
}

// led is what the transaction of lead came to.
type led struct {
	leads bool
	batch notify.Batch // in which notices wait from now on; "" for none
	held  int          // how many those are
	beat  *store.Mark  // to be kept; nil for none
}

func (d *Dispatcher) leadIn(ctx context.Context, tx *store.Tx) (l led, err error) {
	started, on, err := tx.Setting(ctx, store.SettingNotices)
	if err != nil || !on {
		return l, err
	}
	now := tx.Now()
	if l.held, l.batch, err = atHome(ctx, tx); err != nil || l.batch == notify.ByCopy {
		return l, err
	}
	l.leads = true
	alive, err := tx.Alive(ctx)
	if err != nil {
		return l, err
	}
	if since := max(alive, startedAt(started)); since != 0 && now > since.Add(longestGap) {
		l.batch = notify.ByGap
		if l.held, err = tx.HoldWaiting(ctx, notify.ByGap, now); err != nil {
			return l, err
		}
	}
	if now >= alive && now < alive.Add(beatEvery) {
		return l, nil
	}
	beat, err := tx.Beat(ctx)
	l.beat = &beat
	return l, err
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
