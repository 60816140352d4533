package store_test

import (
	"bytes"
	"context"
	"os"
	"strings"
	"testing"

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
