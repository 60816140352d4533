package store

import (
	"context"
	"fmt"
	"maps"
	"strconv"
	"strings"

	"coopcloud.tech/goodstanding/internal/instant"
)

// Where a store is at home. A restored backup and a copy know of mails as waiting
// that were sent long ago, or that the original sends: so the store remembers
// where it stood when a treasurer started the notices, and nothing goes out from
// anywhere else (domain.md, section 6, "Notices start off").
//
// SQLite: the file's inode and the instant at which that was made, and a mark in a
// file beside it, which says how far the store had come. Another file has another
// inode, or another birth; a file with older content in its place is behind its
// mark, since that is written before each mail leaves. The number of the device is
// none of it: with many file systems it is another after each start of the host.
//
// PostgreSQL: the cluster's identifier, where it may be read, and the numbers of
// the database and of the table of settings. A restart keeps them, and so does a
// failover; a dump that is loaded, beside or in place, makes new ones. A copy of a
// whole cluster, or of the disk of a whole host, cannot be told from the original.

// The settings about home.
const (
	SettingHome  = "notices_home"     // where the store is at home; absent before the first start
	SettingAlive = "notices_alive_at" // microseconds: when sending was last seen at work
	settingSends = "notices_sends"    // how often an attempt to send was begun, where marks are kept
)

// At says whether a store is at home.
type At uint8

// Where a store can be.
const (
	AtNowhere   At = iota // it was never at home anywhere
	AtHome                //
	AtElsewhere           // it is a copy, or older than it was
)

// Sending is what is looked at before anything leaves.
type Sending struct {
	On bool // a treasurer has started the notices
	At At   // where the store is, while they are on
	// set are the settings that this rests on.
	set map[string]string
}

// Sending reads whether anything may leave.
func (tx *Tx) Sending(ctx context.Context) (s Sending, err error) {
	if s.set, err = tx.ofHome(ctx); err != nil {
		return s, err
	}
	if _, s.On = s.set[SettingNotices]; s.On {
		s.At, err = tx.home(ctx, s.set)
	}
	return s, wrap("find out whether the database is at home", err)
}

// SendingStill is Sending where nobody else has written since that was read (Seen): a
// file can be put in the place of another all the same, a table cannot.
func (tx *Tx) SendingStill(ctx context.Context, s Sending) (Sending, error) {
	if !s.On || !tx.engine.marks() {
		return s, nil
	}
	var err error
	s.At, err = tx.home(ctx, s.set)
	return s, wrap("find out whether the database is at home", err)
}

// Home says where the store is, as the transaction sees it.
func (tx *Tx) Home(ctx context.Context) (At, error) {
	set, err := tx.ofHome(ctx)
	if err != nil {
		return AtElsewhere, err
	}
	at, err := tx.home(ctx, set)
	return at, wrap("find out whether the database is at home", err)
}

// home says where the store is by the settings about that.
func (tx *Tx) home(ctx context.Context, set map[string]string) (At, error) {
	have, err := tx.markOf(set)
	if err != nil {
		return AtElsewhere, err
	}
	beside, there, err := tx.engine.readMark()
	if err != nil {
		return AtElsewhere, err
	}
	recorded, ok := set[SettingHome]
	if !ok {
		if there && beside.Instance == have.Instance && beside.ahead(have) {
			return AtElsewhere, nil
		}
		return AtNowhere, nil
	}
	here, err := tx.engine.place(ctx, tx.q)
	if err != nil {
		return AtElsewhere, err
	}
	if !samePlace(recorded, here) || tx.engine.marks() && (!there || beside.ahead(have)) {
		return AtElsewhere, nil
	}
	return AtHome, nil
}

// homeByPlace is home without the mark: older content in the file's place is taken for it.
func (tx *Tx) homeByPlace(ctx context.Context, set map[string]string) (At, error) {
	recorded, ok := set[SettingHome]
	if !ok {
		return AtNowhere, nil
	}
	here, err := tx.engine.place(ctx, tx.q)
	if err != nil || !samePlace(recorded, here) {
		return AtElsewhere, err
	}
	return AtHome, nil
}

// ofHome are the settings about home and the notices, those that are set.
func (tx *Tx) ofHome(ctx context.Context) (map[string]string, error) {
	rows, err := selectRows[settingRow](ctx, tx, `SELECT name, value FROM setting WHERE name IN ($1, $2, $3, $4)`,
		SettingNotices, SettingHome, SettingInstance, settingSends)
	set := make(map[string]string, len(rows))
	for _, r := range rows {
		set[r.Name] = r.Value
	}
	return set, wrap("read a setting", err)
}

// AcceptHome makes the place where the store is its home, and forgets since when
// nothing was sent, and what it may lack (Loss). It is for the start of the notices by a
// treasurer, and for the
// first one ever.
func (tx *Tx) AcceptHome(ctx context.Context) error {
	if tx.readOnly {
		return fmt.Errorf("accept a home: %w", ErrWrongStream)
	}
	here, err := tx.engine.place(ctx, tx.q)
	if err != nil {
		return fmt.Errorf("accept a home: %w", err)
	}
	if _, ok, err := tx.Setting(ctx, SettingInstance); err != nil {
		return err
	} else if !ok {
		if err := tx.SetSetting(ctx, SettingInstance, NewID("in")); err != nil {
			return err
		}
	}
	if err := tx.SetSetting(ctx, SettingHome, here); err != nil {
		return err
	}
	if err := tx.erase(ctx, `DELETE FROM setting WHERE name = $1`, settingLoss); err != nil {
		return err
	}
	if err := tx.SetSetting(ctx, SettingAlive, strconv.FormatInt(int64(tx.now), 10)); err != nil {
		return err
	}
	m, err := tx.mark(ctx)
	if err != nil {
		return err
	}
	// Before the commit: a mark without a home is no harm, a home without its mark
	// looks like a copy.
	return tx.engine.replaceMark(m)
}

// NoticesOff turns the notices off until a treasurer starts them again.
func (tx *Tx) NoticesOff(ctx context.Context) error {
	return tx.erase(ctx, `DELETE FROM setting WHERE name = $1`, SettingNotices)
}

// Mark is how far a store has come.
type Mark struct{ m mark }

// CountSend counts an attempt to send, by what was read in this transaction, and says
// how far the store has come with it. It has to be kept (DB.KeepMark) after the commit
// and before anything leaves. after is what Sending would read then. Where no marks are
// kept nothing is counted.
func (tx *Tx) CountSend(ctx context.Context, s Sending) (after Sending, m Mark, err error) {
	if !tx.engine.marks() {
		return s, Mark{}, nil
	}
	if m.m, err = tx.markOf(s.set); err != nil {
		return s, Mark{}, err
	}
	m.m.Sends++
	sends := strconv.FormatInt(m.m.Sends, 10)
	s.set = maps.Clone(s.set)
	s.set[settingSends] = sends
	return s, m, tx.SetSetting(ctx, settingSends, sends)
}

// Beat notes that sending is at work, and says how far the store has come.
func (tx *Tx) Beat(ctx context.Context) (Mark, error) {
	if err := tx.SetSetting(ctx, SettingAlive, strconv.FormatInt(int64(tx.now), 10)); err != nil {
		return Mark{}, err
	}
	m, err := tx.mark(ctx)
	return Mark{m}, err
}

// Alive is when sending was last seen at work; 0 for never.
func (tx *Tx) Alive(ctx context.Context) (instant.Instant, error) {
	text, _, err := tx.Setting(ctx, SettingAlive)
	if err != nil {
		return 0, err
	}
	n, err := number(SettingAlive, text)
	return instant.Instant(n), err
}

// KeepMark notes beside the database how far it has come, where that is done.
func (db *DB) KeepMark(m Mark) error {
	return wrap("note beside the database how far it has come", db.engine.addMark(m.m))
}

func (tx *Tx) mark(ctx context.Context) (mark, error) {
	set, err := tx.ofHome(ctx)
	if err != nil {
		return mark{}, err
	}
	return tx.markOf(set)
}

func (tx *Tx) markOf(set map[string]string) (mark, error) {
	sends, err := number(settingSends, set[settingSends])
	return mark{Instance: set[SettingInstance], Known: tx.newest, Sends: sends}, err
}

// number is a setting that holds one; 0 for none.
func number(name, text string) (int64, error) {
	if text == "" {
		return 0, nil
	}
	n, err := strconv.ParseInt(text, 10, 64)
	if err != nil {
		return 0, fmt.Errorf("the setting %s is no number: it was changed by hand; write one into the database", name)
	}
	return n, nil
}

// samePlace compares two places by what both tell: what may not be read today
// moves nobody.
func samePlace(a, b string) bool {
	x, y := strings.Fields(a), strings.Fields(b)
	if len(x) == 0 || len(y) == 0 || x[0] != y[0] {
		return false
	}
	told := map[string]string{}
	for _, f := range x[1:] {
		key, value, _ := strings.Cut(f, "=")
		told[key] = value
	}
	for _, f := range y[1:] {
		key, value, _ := strings.Cut(f, "=")
		if before, both := told[key]; both && before != value {
			return false
		}
	}
	return true
}

// place is where the database is, as words.
func (e engine) place(ctx context.Context, q conn) (string, error) {
	if e.dialect == sqliteDialect {
		return filePlace(e.where)
	}
	var may bool
	if err := q.GetContext(ctx, &may, `SELECT has_function_privilege('pg_control_system()', 'execute')`); err != nil {
		return "", err
	}
	var system, numbers string
	if may {
		if err := q.GetContext(ctx, &system, `SELECT 'system=' || system_identifier FROM pg_control_system()`); err != nil {
			return "", err
		}
	}
	err := q.GetContext(ctx, &numbers, `SELECT 'database=' || oid || ' table=' || 'setting'::regclass::oid FROM pg_database WHERE datname = current_database()`)
	return strings.TrimSpace("postgres " + system + " " + numbers), err
}
