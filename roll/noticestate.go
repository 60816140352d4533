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
	if err != nil || !on {
		return 0, err
	}
	since, err := instant.Parse(text)
	if err != nil || since == 0 {
		return 1, nil // on, and nobody knows since when: a setting that was written by hand
	}
	return since, nil
}

// NoticeState is in which state a notice is written about something that happened
// at an instant: what happened before a treasurer started the notices stays
// untold (domain.md, section 6, "Notices start off").
func NoticeState(ctx context.Context, tx *store.Tx, at instant.Instant) (notify.State, error) {
	since, err := noticesStarted(ctx, tx)
	if err != nil || since == 0 || at < since {
		return notify.BeforeStart, err
	}
	return notify.Waiting, nil
}

// noticeState is in which state notices are written about what happens now.
func noticeState(ctx context.Context, tx *store.Tx) (notify.State, error) {
	return NoticeState(ctx, tx, instant.Max)
}
