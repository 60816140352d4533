package store_test

import (
	"context"
	"os"
	"sync/atomic"
	"testing"
	"time"

	"coopcloud.tech/goodstanding/internal/dbtest"
	"coopcloud.tech/goodstanding/store"
)

// A process that writes without a pause lets another in after each write that
// the other waited for: it cannot keep it out until that gives up.
func TestWritersOfTwoProcessesTakeTurns(t *testing.T) {
	dbtest.Each(t, func(t *testing.T, open func() *store.DB) {
		busy, other := open(), open()
		slow := func(context.Context, *store.Tx) error { time.Sleep(20 * time.Millisecond); return nil }
		var written atomic.Int64
		stop, stopped := make(chan struct{}), make(chan struct{})
		go func() {
			defer close(stopped)
			for {
				select {
				case <-stop:
					return
				default:
					write(t, busy, store.Entries, noon, slow)
					written.Add(1)
				}
			}
		}()
		for written.Load() < 3 {
			time.Sleep(time.Millisecond)
		}
		const writes = 10
		before := written.Load()
		for range writes {
			write(t, other, store.Entries, noon, nothing)
		}
		between := written.Load() - before
		close(stop)
		<-stopped
		// One that is under way, and one for which it was the other's turn, each time.
		if between > 3*writes {
			t.Errorf("%d writes of one process came between %d of the other", between, writes)
		}
		if between == 0 {
			t.Error("the busy process stood still")
		}
	})
}

// Where the turn cannot be had, it is gone without: it
// keeps nobody from writing.
func TestWithoutATurnItIsWrittenAllTheSame(t *testing.T) {
	dsn := dbtest.SQLiteDSN(t)
	path := dsn[len("sqlite://"):]
	if err := os.Mkdir(path+".turn", 0o700); err != nil {
		t.Fatal(err)
	}
	db, err := store.Open(t.Context(), dsn, store.Options{})
	if err != nil {
		t.Fatal(err)
	}
	defer db.Close()
	write(t, db, store.Entries, noon, nothing)
}
