package roll

import (
	"context"
	"fmt"

	"coopcloud.tech/goodstanding/internal/instant"
	"coopcloud.tech/goodstanding/store"
)

// Published says that the provider list is public.
func (r *Roll) Published(ctx context.Context) (on bool, err error) {
	err = r.db.View(ctx, func(tx *store.Tx) error {
		since, err := PublishedSince(ctx, tx)
		on = since != 0
		return err
	})
	if err != nil {
		return false, fmt.Errorf("look whether the provider list is public: %w", err)
	}
	return on, nil
}

// PublishedSince is since when the provider list is public; 0 while it is not,
// also after it was taken back.
func PublishedSince(ctx context.Context, tx *store.Tx) (instant.Instant, error) {
	value, _, err := tx.Setting(ctx, settingPublished)
	if err != nil || value == "" {
		return 0, err
	}
	since, err := instant.Parse(value)
	if err != nil {
		return 0, fmt.Errorf("the setting %s: %w", settingPublished, err)
	}
	return since, nil
}
