package store

import (
	"context"
	"strconv"

	"coopcloud.tech/goodstanding/internal/instant"
)

// The names of settings.
const (
	SettingCollective = "collective"         // the pinned account id of the collective
	SettingNotices    = "notices_started_at" // RFC 3339; absent while notices are off
	SettingInstance   = "instance"           // a random id of this store
	SettingRoomRead   = "room_read"          // up to where the room was read, see package reactions
	SettingRoomLast   = "room_last"          // the newest event that was read there
	settingHinted     = "hinted_at"          // microseconds: the newest webhook that a daemon took which does not lead
	settingBackedUp   = "backed_up_at"       // microseconds: the newest of the backups that are kept; 0 where none is expected any more
	settingMigratedBy = "migrated_by"        // program version that last changed the schema
)

type settingRow struct {
	Name  string `db:"name"`
	Value string `db:"value"`
}

// Setting reads a setting; ok is false when it was never set.
func (tx *Tx) Setting(ctx context.Context, name string) (value string, ok bool, err error) {
	row, ok, err := selectOne[settingRow](ctx, tx, `SELECT name, value FROM setting WHERE name = $1`, name)
	return row.Value, ok, wrap("read a setting", err)
}

// Settings are some settings by their names; one that was never set is absent.
func (tx *Tx) Settings(ctx context.Context, names ...string) (map[string]string, error) {
	rows, err := selectRows[settingRow](ctx, tx, `SELECT name, value FROM setting WHERE name IN (`+placeholders(len(names))+`)`, asArgs(names)...)
	all := make(map[string]string, len(rows))
	for _, r := range rows {
		all[r.Name] = r.Value
	}
	return all, wrap("read settings", err)
}

// SetSetting stores a setting. See the Setting… constants for the names.
func (tx *Tx) SetSetting(ctx context.Context, name, value string) error {
	return put(ctx, tx, "setting", upsert("name", "value"), settingRow{Name: name, Value: value})
}

// Hinted is when a webhook hinted last at news of Open Collective, to a daemon that
// does not read it; 0 for never.
func (tx *Tx) Hinted(ctx context.Context) (instant.Instant, error) {
	text, _, err := tx.Setting(ctx, settingHinted)
	if err != nil {
		return 0, err
	}
	n, err := number(settingHinted, text)
	return instant.Instant(n), err
}

// BackedUp is when the newest of the backups was made that somebody makes again and
// again; 0 where there was none, or none is expected any more.
func (tx *Tx) BackedUp(ctx context.Context) (instant.Instant, error) {
	text, _, err := tx.Setting(ctx, settingBackedUp)
	if err != nil {
		return 0, err
	}
	n, err := number(settingBackedUp, text)
	return instant.Instant(n), err
}

// SetBackedUp notes such a backup; 0 says that none is expected any more.
func (tx *Tx) SetBackedUp(ctx context.Context, at instant.Instant) error {
	return tx.SetSetting(ctx, settingBackedUp, strconv.FormatInt(int64(at), 10))
}

// SetHinted notes such a hint for the daemon that reads Open Collective.
func (tx *Tx) SetHinted(ctx context.Context, at instant.Instant) error {
	return tx.SetSetting(ctx, settingHinted, strconv.FormatInt(int64(at), 10))
}
