package store

import "context"

// The names of settings.
const (
	SettingCollective = "collective"         // the pinned account id of the collective
	SettingNotices    = "notices_started_at" // RFC 3339; absent while notices are off
	SettingInstance   = "instance"           // a random id of this store
	SettingRoomRead   = "room_read"          // up to where the room was read, see package reactions
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

// SetSetting stores a setting. See the Setting… constants for the names.
func (tx *Tx) SetSetting(ctx context.Context, name, value string) error {
	return put(ctx, tx, "setting", upsert("name", "value"), settingRow{Name: name, Value: value})
}
