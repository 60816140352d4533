package roll

import (
	"context"

	"coopcloud.tech/goodstanding/internal/instant"
	"coopcloud.tech/goodstanding/notify"
	"coopcloud.tech/goodstanding/store"
)

// noticesStarted is since when notices are on; 0 while they are off.
func noticesStarted(ctx context.Context, tx *store.Tx) (instant.Instant, error) {
	text, on, err := tx.Setting(ctx, store.SettingNotices)
	return startedAt(text, on), err
}

// startedAt is that by the setting.
func startedAt(text string, on bool) instant.Instant {
	if !on {
		return 0
	}
	since, err := instant.Parse(text)
	if err != nil || since == 0 {
		return 1 // on, and nobody knows since when: a setting that was written by hand
	}
	return since
}

// Notices say in which state notices are written in one transaction. The zero value
// asks once, when it is asked first.
type Notices struct {
	since instant.Instant
	asked bool
}

// NoticesBy is Notices by store.SettingNotices as it was read before the transaction; on
// says whether it was there.
func NoticesBy(text string, on bool) Notices { return Notices{since: startedAt(text, on), asked: true} }

// State is in which state a notice is written about something that happened at an
// instant: what happened before a treasurer started the notices stays untold
// (domain.md, section 6, "Notices start off").
func (n *Notices) State(ctx context.Context, tx *store.Tx, at instant.Instant) (notify.State, error) {
	if !n.asked {
		since, err := noticesStarted(ctx, tx)
		if err != nil {
			return notify.BeforeStart, err
		}
		n.since, n.asked = since, true
	}
	if n.since == 0 || at < n.since {
		return notify.BeforeStart, nil
	}
	return notify.Waiting, nil
}

// noticeState is in which state notices are written about what happens now.
func noticeState(ctx context.Context, tx *store.Tx) (notify.State, error) {
	return new(Notices).State(ctx, tx, instant.Max)
}
