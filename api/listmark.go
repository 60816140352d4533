package api

import (
	"context"
	"fmt"

	"coopcloud.tech/goodstanding/internal/instant"
	"coopcloud.tech/goodstanding/store"
)

// The settings that say what the provider list holds and since when. Whoever
// renders a new list writes them; all replicas read them.
const (
	settingListDigest  = "providers_digest"
	settingListChanged = "providers_changed_at"
)

// listMark is a state of the provider list.
type listMark struct {
	digest  string // SHA-256 of the entries; "" for none yet
	changed instant.Instant
}

func readListMark(ctx context.Context, tx *store.Tx) (m listMark, err error) {
	all, err := tx.Settings(ctx, settingListDigest, settingListChanged)
	text := all[settingListChanged]
	if err != nil || text == "" {
		return listMark{}, err
	}
	m.digest = all[settingListDigest]
	if m.changed, err = instant.Parse(text); err != nil {
		return listMark{}, fmt.Errorf("the setting %s: %w", settingListChanged, err)
	}
	return m, nil
}

// unsaved says that the list is another than the database knows of.
func (s *snapshot) unsaved() bool {
	return s.public != nil && s.published != 0 && s.public.list != s.mark.list
}

// save writes down since when the list is what it is. What cannot be written
// is tried again at the next look; the list itself does not wait for it.
func (a *API) save(ctx context.Context, s *snapshot) {
	if !s.unsaved() {
		return
	}
	var stored listMark
	current := false
	err := a.o.DB.InTx(ctx, store.NoStream, a.o.Now(), func(tx *store.Tx) error {
		counters, err := tx.Counters(ctx)
		if err != nil {
			return err
		}
		// A book that is out of date must not undo what a newer one has shown.
		if current = counters == s.mark.counters && counters == s.book.Counters; !current {
			return nil
		}
		if stored, err = readListMark(ctx, tx); err != nil || stored.digest == s.public.list.digest {
			return err
		}
		stored = s.public.list
		if err := tx.SetSetting(ctx, settingListDigest, stored.digest); err != nil {
			return err
		}
		return tx.SetSetting(ctx, settingListChanged, stored.changed.String())
	})
	switch {
	case err != nil:
		a.o.Log.Warn().Err(err).Msg("since when the provider list is what it is could not be written down; it is tried again")
	case current:
		s.mark.list = stored
		if s.public.list != stored { // another replica was first
			if err := a.render(s, nil, max(a.o.Now(), stored.changed)); err != nil {
				a.o.Log.Error().Err(err).Msg("the answers cannot be worked out anew: they go on as they were")
			}
		}
	}
}
