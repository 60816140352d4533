package store_test

import (
	"testing"
	"time"

	"coopcloud.tech/goodstanding/internal/dbtest"
	"coopcloud.tech/goodstanding/store"
)

// impatient opens a database whose server ends a transaction after half a second in
// which nothing was said.
func impatient(t *testing.T, beat time.Duration) *store.DB {
	t.Helper()
	db, err := store.Open(t.Context(), dbtest.PostgresDSN(t)+"&idle_in_transaction_session_timeout=500", store.Options{})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = db.Close() })
	store.Beat(db, beat)
	return db
}

// TestATransactionInWhichMuchIsWorkedOut goes on, though the server ends those in which
// nothing is said, as it does where this says nothing either.
func TestATransactionInWhichMuchIsWorkedOut(t *testing.T) {
	workOut := func(tx *store.Tx) error {
		if err := store.Say(t, tx, `SELECT 1`); err != nil {
			return err
		}
		time.Sleep(1500 * time.Millisecond)
		return store.Say(t, tx, `SELECT 1`)
	}
	for _, beat := range []time.Duration{50 * time.Millisecond, 0} {
		db := impatient(t, beat)
		for name, err := range map[string]error{
			"writes": db.InTx(t.Context(), store.Entries, noon, workOut),
			"reads":  db.View(t.Context(), workOut),
		} {
			if beat == 0 {
				faultOf(t, err, store.Unreachable, "does not answer")
			} else if err != nil {
				t.Errorf("one that %s: %v", name, err)
			}
		}
	}
}

// TestWhatIsSaidDoesNotMixWithWhatIsRead: however often something is said.
func TestWhatIsSaidDoesNotMixWithWhatIsRead(t *testing.T) {
	db := impatient(t, 50*time.Microsecond)
	err := db.InTx(t.Context(), store.NoStream, noon, func(tx *store.Tx) error {
		for range 50 {
			got, err := store.Numbers(t, tx, 2000)
			if err == nil {
				err = store.Selected(t, tx, `SELECT n FROM generate_series(1, 2000) n`)
			}
			if err == nil {
				err = store.Say(t, tx, `SELECT 1`)
			}
			if err != nil {
				return err
			}
			for i, n := range got {
				if n != int64(i+1) {
					t.Fatalf("at place %d is %d", i, n)
				}
			}
			time.Sleep(time.Millisecond)
		}
		return nil
	})
	if err != nil {
		t.Error(err)
	}
}

// TestSomethingIsSaidInTime before the server ends a transaction in which nothing is.
func TestSomethingIsSaidInTime(t *testing.T) {
	db := dbtest.Postgres(t)()
	limit, err := time.ParseDuration(store.Show(t, db, "idle_in_transaction_session_timeout"))
	if every := store.Every(db); err != nil || every <= 0 || 2*every > limit*2/3 {
		t.Errorf("something is said after %s at most, the server waits for %s: %v", 2*every, limit, err)
	}
}
