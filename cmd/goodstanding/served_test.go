package main

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"
	"sync"
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
		engine, place, latest := schemaOf(t, dsn)
		s := w.serve()
		s.until("it leads", func() bool { return s.metric("goodstanding_leads") == "1" })
		undo(t, dsn, latest)
		want := fmt.Sprintf(" has schema %d and this program works with schema %d, but a daemon works with it: "+
			"stop every daemon, make a backup, then bring it up to date (goodstanding migrate); until then use the program that the daemon runs, "+
			"and where that is this one start it again", latest-1, latest)
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
		if took := time.Since(began); took > 3*shared.every {
			t.Errorf("it waited %v for a daemon that had said goodbye", took)
		}
		w.must("verify")
	})
}

// TestAFollowerOfTheVersionBefore leads once the one that led has stopped, on PostgreSQL:
// it, too, is a daemon that works.
func TestAFollowerOfTheVersionBefore(t *testing.T) {
	w := newWorld(t)
	w.env["GOODSTANDING_DATABASE"] = dbtest.PostgresDSN(t)
	w.must("sync")
	one := w.serve()
	one.until("it leads", func() bool { return one.metric("goodstanding_leads") == "1" })
	two := w.serve()
	_, _, latest := schemaOf(t, w.env["GOODSTANDING_DATABASE"])
	undo(t, w.env["GOODSTANDING_DATABASE"], latest)
	one.stop()
	has(t, w.fails(exitDatabase, "migrate"), "but a daemon works with it")
	two.stop()
	has(t, w.must("migrate"), fmt.Sprintf("schema %d", latest))
}

// TestManyOfANewVersionAtOnce bring the database up to date, and none refuses another.
func TestManyOfANewVersionAtOnce(t *testing.T) {
	eachEngine(t, func(t *testing.T, w *world) {
		dsn := w.env["GOODSTANDING_DATABASE"]
		_, _, latest := schemaOf(t, dsn)
		w.serve().stop() // which leaves a lease that it has given up
		undo(t, dsn, latest)
		var all sync.WaitGroup
		for range 3 {
			all.Go(func() {
				if s := w.run("status"); s.code != exitOK {
					t.Errorf("exit code %d\n%s%s", s.code, s.out, s.err)
				}
			})
		}
		s := w.serve()
		all.Wait()
		s.until("it leads", func() bool { return s.metric("goodstanding_leads") == "1" })
		has(t, w.must("migrate"), fmt.Sprintf("schema %d", latest))
	})
}

// schemaOf is how a database is reached without the program, and the newest schema.
func schemaOf(t *testing.T, dsn string) (engine, place string, latest int64) {
	t.Helper()
	engine, place = "postgres", dsn
	if file, is := strings.CutPrefix(dsn, "sqlite://"); is {
		engine, place = "sqlite", file
	}
	latest, err := migrations.Latest(engine)
	if err != nil {
		t.Fatal(err)
	}
	return engine, place, latest
}

// undo takes the newest step of a database back.
func undo(t *testing.T, dsn string, latest int64) {
	t.Helper()
	statements, known := undoing[latest]
	if !known {
		t.Fatalf("say in undoing how step %d is taken back", latest)
	}
	dbtest.TamperAt(t, dsn, append(slices.Clip(statements), fmt.Sprintf(`DELETE FROM %s WHERE version_id = %d`, migrations.Table, latest))...)
}

// TestTheLockIsWaitedFor, for a little: a command that changes the schema has it for no longer.
func TestTheLockIsWaitedFor(t *testing.T) {
	db := dbtest.SQLite(t)()
	first, err := lockStore(t.Context(), db)
	if err != nil {
		t.Fatal(err)
	}
	time.AfterFunc(lockTries*lockPause/4, first.release)
	second, err := lockStore(t.Context(), db)
	if err != nil {
		t.Fatalf("it was let go: %v", err)
	}
	defer second.release()
	began := time.Now()
	_, err = lockStore(t.Context(), db)
	if _, is := errors.AsType[*alreadyServed](err); !is || time.Since(began) < lockTries*lockPause/2 {
		t.Errorf("%v after %v", err, time.Since(began))
	}
	ctx, cancel := context.WithCancelCause(t.Context())
	stopped := errors.New("stopped")
	cancel(stopped)
	if _, err = lockStore(ctx, db); !errors.Is(err, stopped) {
		t.Errorf("who does not wait any more: %v", err)
	}
}

// TestALeaseThatNobodyKeeps is waited for once, where its holder was killed, and for as
// long as a follower may need, where it was given up; one that was over for long is not;
// one that is kept, or taken, says that a daemon works.
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
		takes := func(seen store.Lease, holder string) store.Lease {
			l, ok, err := db.TakeLease(t.Context(), seen, holder, now.Add(p.lasts))
			if err != nil || !ok {
				t.Error(ok, err)
			}
			return l
		}
		givesUp := func(l store.Lease) store.Lease {
			t.Helper()
			if err := db.GiveUpLease(t.Context(), l); err != nil {
				t.Fatal(err)
			}
			l.Until = 0
			return l
		}
		l := takes(store.Lease{Name: store.LeaderLease}, "one")
		kept(false, p.lasts, ages)
		// while has something done, and then the lease kept, while it is watched.
		while := func(f func()) {
			t.Helper()
			stop, stopped := make(chan struct{}), make(chan struct{})
			go func() {
				defer close(stopped)
				for first := true; ; first = false {
					select {
					case <-stop:
						return
					case <-time.After(p.every / 4):
					}
					if first {
						f()
						continue
					}
					var err error
					if l, _, err = db.KeepLease(t.Context(), l, l.Until+1); err != nil {
						t.Error(err)
					}
				}
			}()
			kept(true, 0, ages)
			close(stop)
			<-stopped
		}
		while(func() {})
		l = givesUp(l)
		kept(false, p.every+p.every/4, ages)
		p.every = 200 * time.Millisecond
		while(func() { l = takes(l, "two") }) // by a follower
		p.every, p.patience = time.Hour, 2    // whoever waits now does not come back
		now = l.Until.Add(longOver + time.Second)
		kept(false, 0, ages)
	})
}
