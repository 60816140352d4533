package store_test

import (
	"bytes"
	"context"
	"os"
	"strings"
	"testing"
	"time"

	"coopcloud.tech/goodstanding/internal/dbtest"
	"coopcloud.tech/goodstanding/internal/instant"
	"coopcloud.tech/goodstanding/store"
)

func lossOf(t *testing.T, db *store.DB) (l store.Loss) {
	t.Helper()
	view(t, db, func(ctx context.Context, tx *store.Tx) (err error) {
		l, err = tx.Loss(ctx)
		return err
	})
	return l
}

// backupAt is a backup that was begun at an instant.
func backupAt(t *testing.T, db *store.DB, at instant.Instant) []byte {
	t.Helper()
	var b bytes.Buffer
	if _, err := db.Backup(t.Context(), &b, at, nil); err != nil {
		t.Fatal(err)
	}
	return b.Bytes()
}

// What a database may lack: nothing where it is at home or was never at home; since its
// backup where it was restored, and so on from one restore to the next; nothing more once
// somebody has accepted it.
func TestWhatADatabaseLacks(t *testing.T) {
	dbtest.Each(t, func(t *testing.T, open func() *store.DB) {
		db := open()
		if l := lossOf(t, db); l != (store.Loss{}) {
			t.Errorf("a new one lacks %+v", l)
		}
		note := func(db *store.DB, at instant.Instant, f func(tx *store.Tx) error) {
			t.Helper()
			if err := db.InTx(t.Context(), store.NoStream, at, f); err != nil {
				t.Fatal(err)
			}
		}
		noted := func(tx *store.Tx) error { return tx.NoteLoss(t.Context()) }
		accepted := func(tx *store.Tx) error { return tx.AcceptHome(t.Context()) }
		note(db, noon, accepted)
		note(db, noon, noted)
		if l := lossOf(t, db); l != (store.Loss{}) {
			t.Errorf("at home it lacks %+v", l)
		}
		once := restore(t, emptyDSN(t, db.Engine()), backupAt(t, db, noon))
		note(once, noon+5, noted)
		if l := lossOf(t, once); l != (store.Loss{Open: true, From: noon, Until: noon}) {
			t.Errorf("restored it lacks %+v", l)
		}
		again := restore(t, emptyDSN(t, db.Engine()), backupAt(t, once, noon+9))
		if l := lossOf(t, again); l != (store.Loss{Open: true, From: noon, Until: noon + 9}) {
			t.Errorf("restored from what was restored it lacks %+v", l)
		}
		note(again, noon+20, accepted)
		if l := lossOf(t, again); l != (store.Loss{}) {
			t.Errorf("accepted it lacks %+v", l)
		}
		anew := restore(t, emptyDSN(t, db.Engine()), backupAt(t, again, noon+30))
		if l := lossOf(t, anew); l != (store.Loss{Open: true, From: noon + 30, Until: noon + 30}) {
			t.Errorf("restored after that it lacks %+v", l)
		}

		// A mark that cannot be read is no loss.
		if file, ok := strings.CutPrefix(db.Where(), "sqlite://"); ok {
			if err := os.WriteFile(file+".home", []byte("nonsense"), 0o600); err != nil {
				t.Fatal(err)
			}
			if l := lossOf(t, db); l != (store.Loss{}) {
				t.Errorf("with a mark that cannot be read it lacks %+v", l)
			}
		}

		// A copy says nothing of its age: from when it was noticed on nothing is lacking.
		set := func(name, value string) {
			note(db, noon+40, func(tx *store.Tx) error { return tx.SetSetting(t.Context(), name, value) })
		}
		set(store.SettingHome, "elsewhere")
		if l := lossOf(t, db); l != (store.Loss{Open: true, Until: instant.Max}) {
			t.Errorf("a copy lacks %+v", l)
		}
		note(db, noon+50, noted)
		note(db, noon+60, noted)
		if l := lossOf(t, db); l != (store.Loss{Open: true, Until: noon + 50}) {
			t.Errorf("a copy that was noticed lacks %+v", l)
		}
		if l := lossOf(t, restore(t, emptyDSN(t, db.Engine()), backupAt(t, db, noon+70))); l != (store.Loss{Open: true, Until: noon + 70}) {
			t.Errorf("restored from a copy it lacks %+v", l)
		}
		set("answers_lost", "soon")
		view(t, db, func(ctx context.Context, tx *store.Tx) error {
			_, err := tx.Loss(ctx)
			if err == nil || err.Error() != "the setting answers_lost is not two numbers: it was changed by hand; write two instants in microseconds into the database" {
				t.Errorf("%v", err)
			}
			return nil
		})
	})
}

// A copy that nobody had noticed is noticed by its backup: what is restored from that
// lacks what the copy lacked.
func TestTheBackupOfACopy(t *testing.T) {
	dbtest.Each(t, func(t *testing.T, open func() *store.DB) {
		db := open()
		if err := db.InTx(t.Context(), store.NoStream, noon, func(tx *store.Tx) error { return tx.SetSetting(t.Context(), store.SettingHome, "elsewhere") }); err != nil {
			t.Fatal(err)
		}
		again := restore(t, emptyDSN(t, db.Engine()), backupAt(t, db, noon+9))
		if l := lossOf(t, again); l != (store.Loss{Open: true, Until: noon + 9}) {
			t.Errorf("it lacks %+v", l)
		}
	})
}

// Where a clock was ahead, what came before the backup has later instants than the clock
// that made it; and so it is in a copy.
func TestALossByAClockThatIsBehind(t *testing.T) {
	dbtest.Each(t, func(t *testing.T, open func() *store.DB) {
		db, ctx := open(), t.Context()
		in := func(stream store.Stream, at instant.Instant, f func(tx *store.Tx) error) {
			t.Helper()
			if err := db.InTx(ctx, stream, at, f); err != nil {
				t.Fatal(err)
			}
		}
		want := func(at, until instant.Instant) {
			t.Helper()
			if l := lossOf(t, restore(t, emptyDSN(t, db.Engine()), backupAt(t, db, at))); l != (store.Loss{Open: true, From: at, Until: until}) {
				t.Errorf("it lacks %+v, want until %s", l, until)
			}
		}
		in(store.Entries, noon+100, func(*store.Tx) error { return nil })
		want(noon+50, noon+100)
		in(store.Decisions, noon+200, func(tx *store.Tx) error {
			if _, err := tx.AddDecision(ctx, "de_1", "Europe/London"); err != nil {
				return err
			}
			head, _, err := tx.LockDecision(ctx, "de_1")
			if err != nil {
				return err
			}
			return dbtest.AppendDecision(ctx, tx, head, store.NewDecisionEntry{Kind: "open", At: noon + 200, Number: 1, State: "open",
				Due: noon.Add(100 * time.Hour), Public: map[string]any{}, Private: map[string]any{}})
		})
		want(noon+50, noon+200)
		in(store.NoStream, noon+60, func(tx *store.Tx) error { return tx.SetSetting(ctx, store.SettingHome, "elsewhere") })
		if err := db.NoteLoss(ctx, noon+60); err != nil {
			t.Fatal(err)
		}
		if l := lossOf(t, db); l != (store.Loss{Open: true, Until: noon + 200}) {
			t.Errorf("the copy lacks %+v", l)
		}
	})
}

// A database from which a mail leaves while somebody reads is no copy: what is read is
// older than the mark then. One with older content in its place is noticed by whoever
// may write, and read as what it is after that.
func TestAReaderBesideASenderSeesNoCopy(t *testing.T) {
	ctx, db := t.Context(), dbtest.SQLite(t)()
	in := func(f func(tx *store.Tx) error) {
		t.Helper()
		if err := db.InTx(ctx, store.NoStream, noon, f); err != nil {
			t.Fatal(err)
		}
	}
	in(func(tx *store.Tx) error { return tx.AcceptHome(ctx) })
	sends := func() {
		t.Helper()
		var m store.Mark
		in(func(tx *store.Tx) error {
			s, err := tx.Sending(ctx)
			if err == nil {
				_, m, err = tx.CountSend(ctx, s)
			}
			return err
		})
		if err := db.KeepMark(m); err != nil {
			t.Fatal(err)
		}
	}
	view(t, db, func(ctx context.Context, tx *store.Tx) error {
		sends()
		if l, err := tx.Loss(ctx); err != nil || l != (store.Loss{}) {
			t.Errorf("beside a sender it lacks %+v, %v", l, err)
		}
		return nil
	})
	if err := db.NoteLoss(ctx, noon+5); err != nil || lossOf(t, db) != (store.Loss{}) {
		t.Errorf("it lacks %+v, %v", lossOf(t, db), err)
	}
	in(func(tx *store.Tx) error { return tx.SetSetting(ctx, "notices_sends", "0") })
	if err := db.NoteLoss(ctx, noon+9); err != nil || lossOf(t, db) != (store.Loss{Open: true, Until: noon + 9}) {
		t.Errorf("behind its mark it lacks %+v, %v", lossOf(t, db), err)
	}
}
