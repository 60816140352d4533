package roll

import (
	"context"
	"fmt"

	"coopcloud.tech/goodstanding/internal/instant"
	"coopcloud.tech/goodstanding/notify"
	"coopcloud.tech/goodstanding/policy"
	"coopcloud.tech/goodstanding/store"
)

// NoticeState is in which state a notice is written about something that happened
// at an instant: what happened before a treasurer started the notices stays
// untold (domain.md, section 6, "Notices start off").
func NoticeState(ctx context.Context, tx *store.Tx, at instant.Instant) (notify.State, error) {
	text, started, err := tx.Setting(ctx, store.SettingNotices)
	if err != nil || !started {
		return notify.BeforeStart, err
	}
	since, err := instant.Parse(text)
	if err != nil {
		return "", fmt.Errorf("read when the notices were started: %w", err)
	}
	if at < since {
		return notify.BeforeStart, nil
	}
	return notify.Waiting, nil
}

// Version is a stored version of the policy by its id, whether it is in force or
// not; ok is false where there is none.
func (r *Roll) Version(ctx context.Context, tx *store.Tx, id string) (v policy.Version, ok bool, err error) {
	ru, err := r.rulesOf(ctx, tx)
	if err != nil {
		return v, false, fmt.Errorf("read the policy: %w", err)
	}
	for _, v := range ru.versions {
		if v.ID() == id {
			return v, true, nil
		}
	}
	return v, false, nil
}
