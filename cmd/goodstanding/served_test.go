package main

import (
	"fmt"
	"strings"
	"testing"
	"time"

	"coopcloud.tech/goodstanding/internal/dbtest"
	"coopcloud.tech/goodstanding/internal/instant"
	"coopcloud.tech/goodstanding/migrations"
	"coopcloud.tech/goodstanding/store"
)

// undoing takes the newest step of the schema back, as a version before it had it.
var undoing = map[int64][]string{
	18: {`ALTER TABLE room_sign DROP COLUMN sent`, `ALTER TABLE room_sign DROP COLUMN newest`},
}

// TestNoUpgradeUnderADaemon: so long as a daemon of the version before serves, no command
// and no second daemon of a new one changes the schema under it; what changes nothing
// works. Once it has stopped, the next one does.
func TestNoUpgradeUnderADaemon(t *testing.T) {
	eachEngine(t, func(t *testing.T, w *world) {
		dsn := w.env["GOODSTANDING_DATABASE"]
		engine, place := "postgres", dsn
		if file, is := strings.CutPrefix(dsn, "sqlite://"); is {
			engine, place = "sqlite", file
		}
		latest, err := migrations.Latest(engine)
		if err != nil {
			t.Fatal(err)
		}
		s := w.serve()
		s.until("it leads", func() bool { return s.metric("goodstanding_leads") == "1" })
		undo, known := undoing[latest]
		if !known {
			t.Fatalf("say in undoing how step %d is taken back", latest)
		}
		dbtest.TamperAt(t, dsn, append(undo, fmt.Sprintf(`DELETE FROM %s WHERE version_id = %d`, migrations.Table, latest))...)
		want := fmt.Sprintf(" has schema %d and this program works with schema %d, but a daemon of the version before works with it: "+
			"stop every daemon, make a backup, then bring it up to date (goodstanding migrate); until then use the program that the daemon runs", latest-1, latest)
		for _, line := range []string{"status", "migrate", "serve"} {
			if got := w.fails(exitDatabase, strings.Fields(line)...); !strings.HasPrefix(got, "the database ") || !strings.HasSuffix(got, want) {
				t.Errorf("%s: got  %s\nwant … %s", line, got, want)
			}
		}
		w.must("backup", w.dir+"/before.jsonl.gz")
		if n := count(t, engine, place, `SELECT max(version_id) FROM `+migrations.Table); n != latest-1 {
			t.Errorf("under the daemon the schema became %d", n)
		}
		s.stop()
		began := time.Now()
		has(t, w.must("migrate"), fmt.Sprintf("schema %d", latest))
		if took := time.Since(began); took > shared.every {
			t.Errorf("it waited %v for a daemon that had said goodbye", took)
		}
		w.must("verify")
	})
}

// TestALeaseThatNobodyKeeps is waited for once, where its holder was killed; one that was
// over for long, or given up, is not; one that is kept says that a daemon works.
func TestALeaseThatNobodyKeeps(t *testing.T) {
	dbtest.Each(t, func(t *testing.T, open func() *store.DB) {
		db := open()
		now := instant.Date(2026, time.May, 1)
		p := pace{every: 20 * time.Millisecond, lasts: 80 * time.Millisecond, patience: 5}
		kept := func(want bool, atLeast, atMost time.Duration) {
			t.Helper()
			began := time.Now()
			is, err := leaseIsKept(t.Context(), db, p, func() instant.Instant { return now })
			if took := time.Since(began); err != nil || is != want || took < atLeast || took > atMost {
				t.Errorf("%v, %v after %v; want %v after %v to %v", is, err, took, want, atLeast, atMost)
			}
		}
		const ages = time.Minute
		kept(false, 0, ages)
		l, ok, err := db.TakeLease(t.Context(), store.Lease{Name: store.LeaderLease}, "one", now.Add(p.lasts))
		if err != nil || !ok {
			t.Fatal(ok, err)
		}
		kept(false, p.lasts, ages)
		stop, stopped := make(chan struct{}), make(chan struct{})
		go func() {
			defer close(stopped)
			for until := l.Until; ; {
				select {
				case <-stop:
					return
				case <-time.After(p.every / 4):
				}
				until++
				if _, _, err := db.KeepLease(t.Context(), l, until); err != nil {
					t.Error(err)
				}
			}
		}()
		kept(true, 0, ages)
		close(stop)
		<-stopped
		p.every, p.patience = time.Hour, 2 // whoever waits now does not come back
		now = now.Add(longOver + time.Second)
		kept(false, 0, ages)
		now = now.Add(-longOver)
		if err := db.GiveUpLease(t.Context(), l); err != nil {
			t.Fatal(err)
		}
		kept(false, 0, ages)
	})
}
