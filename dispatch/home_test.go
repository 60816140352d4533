package dispatch

import (
	"bytes"
	"context"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/rs/zerolog"

	"coopcloud.tech/goodstanding/internal/dbtest"
	"coopcloud.tech/goodstanding/internal/instant"
	"coopcloud.tech/goodstanding/notify"
	"coopcloud.tech/goodstanding/store"
)

// copied makes a copy of a town's database, or puts an older state of it back. It
// is given what saved gave while the notice still waited, and finds the town after
// the mail has left.
type copied struct {
	name  string
	saved func(t *testing.T, tw *town) []byte
	back  func(t *testing.T, tw *town, saved []byte) (dsn string)
}

func file(tw *town) string { return strings.TrimPrefix(tw.dsn, "sqlite://") }

func content(t *testing.T, tw *town) []byte {
	b, err := os.ReadFile(file(tw))
	tw.ok(err)
	return b
}

// backup is what goodstanding backup writes.
func backup(t *testing.T, tw *town) []byte {
	db, err := store.OpenAsItIs(t.Context(), tw.dsn, store.Options{})
	tw.ok(err)
	defer db.Close()
	var b bytes.Buffer
	_, err = db.Backup(t.Context(), &b, tw.now, nil)
	tw.ok(err)
	return b.Bytes()
}

// restored puts a backup into a new database.
func restored(t *testing.T, tw *town, saved []byte, dsn string) string {
	db, _, err := store.Restore(t.Context(), dsn, bytes.NewReader(saved), store.Options{Version: "test"}, nil)
	tw.ok(err)
	tw.ok(db.Close())
	return dsn
}

var copies = map[string][]copied{
	"sqlite": {
		{"a backup in its place, with its mark", backup, func(t *testing.T, tw *town, saved []byte) string {
			tw.ok(os.Remove(file(tw)))
			return restored(t, tw, saved, tw.dsn)
		}},
		{"a backup on PostgreSQL", backup, func(t *testing.T, tw *town, saved []byte) string {
			return restored(t, tw, saved, dbtest.EmptyPostgresDSN(t))
		}},
		{"a file beside it", content, func(t *testing.T, tw *town, saved []byte) string {
			to := filepath.Join(filepath.Dir(file(tw)), "restored.db")
			tw.ok(os.WriteFile(to, saved, 0o600))
			return "sqlite://" + to
		}},
		{"written over it", content, func(t *testing.T, tw *town, saved []byte) string {
			tw.ok(os.WriteFile(file(tw), saved, 0o600))
			return tw.dsn
		}},
		{"moved to its place", content, func(t *testing.T, tw *town, saved []byte) string {
			tw.ok(os.WriteFile(file(tw)+".new", saved, 0o600))
			tw.ok(os.Rename(file(tw)+".new", file(tw)))
			return tw.dsn
		}},
		{"removed and written anew, with its mark", content, func(t *testing.T, tw *town, saved []byte) string {
			tw.ok(os.Remove(file(tw)))
			tw.ok(os.Remove(file(tw) + ".home"))
			tw.ok(os.WriteFile(file(tw), saved, 0o600))
			return tw.dsn
		}},
		{"the folder", func(t *testing.T, tw *town) []byte {
			mark, err := os.ReadFile(file(tw) + ".home")
			tw.ok(err)
			return append(append(content(t, tw), "\nmark\n"...), mark...)
		}, func(t *testing.T, tw *town, saved []byte) string {
			i := bytes.LastIndex(saved, []byte("\nmark\n"))
			to := filepath.Join(t.TempDir(), "test.db")
			tw.ok(os.WriteFile(to, saved[:i], 0o600))
			tw.ok(os.WriteFile(to+".home", saved[i+len("\nmark\n"):], 0o600))
			return "sqlite://" + to
		}},
	},
	"postgres": {
		{"a backup beside it", backup, func(t *testing.T, tw *town, saved []byte) string {
			return restored(t, tw, saved, dbtest.EmptyPostgresDSN(t))
		}},
		{"a backup on SQLite", backup, func(t *testing.T, tw *town, saved []byte) string {
			return restored(t, tw, saved, "sqlite://"+filepath.Join(t.TempDir(), "restored.db"))
		}},
		{"a template", func(t *testing.T, tw *town) []byte { return []byte(dbtest.Copy(t, tw.dsn)) },
			func(t *testing.T, tw *town, saved []byte) string { return string(saved) }},
		{"a dump beside it", func(t *testing.T, tw *town) []byte { return dbtest.DumpPostgres(t, tw.dsn, false) },
			func(t *testing.T, tw *town, saved []byte) string {
				to := dbtest.EmptyPostgresDSN(t)
				dbtest.LoadPostgres(t, to, saved)
				return to
			}},
		{"a dump in its place", func(t *testing.T, tw *town) []byte { return dbtest.DumpPostgres(t, tw.dsn, true) },
			func(t *testing.T, tw *town, saved []byte) string {
				dbtest.LoadPostgres(t, tw.dsn, saved)
				return tw.dsn
			}},
	},
}

// Nothing goes from a copy, or from a backup that was put back, without a
// treasurer's word; with it, it does. The original goes on.
func TestNothingGoesFromACopy(t *testing.T) {
	for engine, dsn := range map[string]func(testing.TB) string{"sqlite": dbtest.SQLiteDSN, "postgres": dbtest.PostgresDSN} {
		for _, c := range copies[engine] {
			t.Run(engine+", "+c.name, func(t *testing.T) {
				tw := newTown(t, dsn(t))
				tw.payer("Red Shed")
				tw.step(tw.dispatcher()) // nothing is due: it is at home here
				tw.late()
				tw.ok(tw.db.Close())
				saved := c.saved(t, tw)
				tw.open()
				tw.step(tw.dispatcher())
				tw.is("the original", tw.became(notify.PaymentLate), "sent")
				tw.ok(tw.db.Close())

				tw.dsn = c.back(t, tw, saved)
				tw.open()
				tw.later(time.Hour)
				var log bytes.Buffer
				d := tw.dispatcher(func(o *Options) { o.Log = zerolog.New(&log) })
				for range 3 {
					tw.step(d)
				}
				tw.is("the copy", tw.became(notify.PaymentLate), "held release:copy")
				if taken, _ := tw.mails.counts(); taken != 1 {
					t.Errorf("%d mails went, want the original's: %s", taken, tw.mails.texts())
				}
				if !strings.Contains(log.String(), "it is a copy, or a restored backup; nothing is sent until a treasurer starts the notices again (goodstanding notices start)") {
					t.Errorf("the log says %s", log.String())
				}
				tw.write(store.Entries, func(ctx context.Context, tx *store.Tx) error {
					if _, on, err := tx.Setting(ctx, store.SettingNotices); err != nil || on {
						t.Errorf("the notices are on: %v", err)
					}
					if _, err := tx.StartNotices(ctx); err != nil {
						return err
					}
					_, err := tx.ReleaseBatch(ctx, notify.ByCopy)
					return err
				})
				tw.step(d)
				tw.is("released", tw.became(notify.PaymentLate), "sent")
				tw.wholeLedger()
			})
		}
	}
}

// No alarm where nothing happened: a restart, another process, a database that is
// packed, a clock that was wrong.
func TestARestartIsNoCopy(t *testing.T) {
	eachTown(t, func(t *testing.T, tw *town) {
		tw.payer("Red Shed")
		tw.step(tw.dispatcher())
		for range 2 {
			tw.ok(tw.db.Close())
			tw.open()
			tw.step(tw.dispatcher())
		}
		tw.late()
		tw.later(-time.Hour)
		tw.step(tw.dispatcher())
		tw.is("the ledger", tw.became(notify.PaymentLate), "sent")
		tw.later(20 * time.Minute)
		tw.snapshot()
		tw.step(tw.dispatcher())
		tw.write(store.NoStream, func(ctx context.Context, tx *store.Tx) error {
			if at, err := tx.Home(ctx); err != nil || at != store.AtHome {
				t.Errorf("it is not at home: %d, %v", at, err)
			}
			return nil
		})
	})
}

// What fell due in more than three days of silence waits for a word; what is due
// later goes. Less is no silence.
func TestAfterDaysOfSilenceATreasurerDecides(t *testing.T) {
	eachTown(t, func(t *testing.T, tw *town) {
		tw.payer("Red Shed")
		tw.at(instant.Date(2026, 7, 6))
		tw.snapshot()
		d := tw.dispatcher()
		tw.step(d)
		tw.at(instant.Date(2026, 7, 6).Add(longestGap + time.Hour))
		tw.snapshot()
		tw.step(tw.dispatcher())
		tw.is("what fell due", tw.became(notify.PaymentLate), "held release:gap")
		for day := instant.Date(2026, 7, 11); day < instant.Date(2026, 7, 17); day += 2 * instant.Day {
			tw.at(day)
			tw.snapshot()
			tw.step(d)
		}
		tw.is("what is due later", tw.became(notify.BeforeGraceEnds), "sent")
		tw.is("still", tw.became(notify.PaymentLate), "held release:gap")
	})
}
