package store_test

import (
	"bytes"
	"compress/gzip"
	"context"
	"errors"
	"fmt"
	"io"
	"math/rand/v2"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"coopcloud.tech/goodstanding/internal/dbtest"
	"coopcloud.tech/goodstanding/migrations"
	"coopcloud.tech/goodstanding/store"
)

// emptyDSN is a new database without any table, by engine.
func emptyDSN(t testing.TB, engine string) string {
	t.Helper()
	if engine == "postgres" {
		return dbtest.EmptyPostgresDSN(t)
	}
	return "sqlite://" + filepath.Join(t.TempDir(), "new.db")
}

func backup(t testing.TB, db *store.DB) ([]byte, store.Manifest) {
	t.Helper()
	var b bytes.Buffer
	m, err := db.Backup(t.Context(), &b, noon, nil)
	if err != nil {
		t.Fatalf("back up: %v", err)
	}
	return b.Bytes(), m
}

func restore(t testing.TB, dsn string, file []byte) *store.DB {
	t.Helper()
	db, _, err := store.Restore(t.Context(), dsn, bytes.NewReader(file), store.Options{Version: "1.2.3"}, nil)
	if err != nil {
		t.Fatalf("restore into %s: %v", dsn, err)
	}
	t.Cleanup(func() { db.Close() })
	return db
}

// filledDB has the schema of a version and rows in all of its tables.
func filledDB(t testing.TB, version int64) (*store.DB, []filled) {
	t.Helper()
	dsn := emptyDSN(t, "sqlite")
	db := store.OpenAt(t, dsn, version)
	f := &filler{t: t, db: raw(t, "sqlite", dsn), r: rand.New(rand.NewPCG(uint64(version), 9))}
	return db, f.fill(3)
}

func latestSchema(t testing.TB) int64 {
	t.Helper()
	latest, err := migrations.Latest("sqlite")
	if err != nil {
		t.Fatal(err)
	}
	return latest
}

// leftOut stay behind: they are the running program's.
var leftOut = []string{"session", "sign_in_link", "lease", "fence"}

// Made on one engine a backup restores into the other, and back, with the same
// rows in every table; nothing else is in it.
func TestABackupIsTheSameOnBothEngines(t *testing.T) {
	first, rows := filledDB(t, latestSchema(t))
	if noted, err := first.NoteBackup(t.Context(), noon.Add(-24*time.Hour), noon); err != nil || !noted {
		t.Fatal(noted, err)
	}
	file, manifest := backup(t, first)
	post := restore(t, emptyDSN(t, "postgres"), file)
	onPost, _ := backup(t, post)
	lite := restore(t, emptyDSN(t, "sqlite"), onPost)
	for _, db := range []*store.DB{post, lite} {
		view(t, db, func(ctx context.Context, tx *store.Tx) error {
			at, err := tx.BackedUp(ctx)
			if at != noon { // when the file was made, and not the one before
				t.Errorf("%s: restored, it says that it was backed up at %s", db.Engine(), at)
			}
			return err
		})
		_, again := backup(t, db)
		if len(again.Tables) != len(manifest.Tables) || len(manifest.Tables) < 40 {
			t.Fatalf("%s: %d tables of %d", db.Engine(), len(again.Tables), len(manifest.Tables))
		}
		for i, want := range manifest.Tables {
			if want.Table == "setting" { // says who restored it
				want.Rows, want.SHA256 = again.Tables[i].Rows, again.Tables[i].SHA256
			}
			if again.Tables[i] != want {
				t.Errorf("%s has %+v, want %+v", db.Engine(), again.Tables[i], want)
			}
		}
	}
	text := store.Dump(t, lite)
	for _, r := range rows {
		line := fmt.Sprintf("%v", r.values[0])
		if left := slices.Contains(leftOut, r.table); left == strings.Contains(text, line+" ") && len(line) > 8 {
			t.Errorf("the row %s of %s: in the backup %t", line, r.table, !left)
		}
		if slices.Contains(leftOut, r.table) && strings.Contains(text, "("+r.table+")") {
			t.Errorf("%s came back", r.table)
		}
	}
}

// A backup of an older schema goes through the migrations, on both engines, and
// what it held is all there.
func TestAnOlderBackupIsRestored(t *testing.T) {
	latest := latestSchema(t)
	for _, version := range []int64{1, latest / 2, latest - 1} {
		full, rows := filledDB(t, version)
		old, err := store.OpenAsItIs(t.Context(), full.Where(), store.Options{Version: "0.0.1"}) // as a newer program opens it for a backup
		if err != nil {
			t.Fatal(err)
		}
		defer old.Close()
		if noted, err := old.NoteBackup(t.Context(), noon, noon); err != nil || noted { // which leaves an older schema alone
			t.Error(noted, err)
		}
		view(t, old, func(ctx context.Context, tx *store.Tx) error {
			at, err := tx.BackedUp(ctx)
			if at != 0 {
				t.Errorf("schema %d was written to, by a backup", version)
			}
			return err
		})
		file, manifest := backup(t, old)
		if manifest.Schema != version || manifest.Program != "0.0.1" {
			t.Errorf("the backup says %+v", manifest)
		}
		rows = slices.DeleteFunc(rows, func(r filled) bool { return slices.Contains(leftOut, r.table) })
		for _, engine := range []string{"sqlite", "postgres"} {
			dsn := emptyDSN(t, engine)
			db := restore(t, dsn, file)
			if have, err := db.SchemaVersion(t.Context()); err != nil || have != latest {
				t.Errorf("%s: restored from schema %d it has schema %d, %v", engine, version, have, err)
			}
			kept(t, latest, engine, raw(t, engine, dsn), rows)
		}
	}
}

// Looked at as it is, a database of an older schema is refused with what to do, and
// stays as it was, on both engines.
func TestLookingBringsNothingUpToDate(t *testing.T) {
	latest := latestSchema(t)
	for _, engine := range []string{"sqlite", "postgres"} {
		dsn := emptyDSN(t, engine)
		before := store.Dump(t, store.OpenAt(t, dsn, latest-1))
		db, err := store.OpenAsItIs(t.Context(), dsn, store.Options{Version: "1.2.3"})
		if err != nil {
			t.Fatal(err)
		}
		defer db.Close()
		schema, err := db.UpToDate(t.Context())
		f, ok := errors.AsType[*store.Fault](err)
		want := fmt.Sprintf(" has schema %d, and this program works with schema %d: make a backup, then bring it up to date (goodstanding migrate)", latest-1, latest)
		if !ok || f.Problem != store.OlderSchema || !strings.HasPrefix(f.Error(), "the database ") || !strings.HasSuffix(f.Error(), want) || schema != latest-1 {
			t.Errorf("%s: schema %d, %v", engine, schema, err)
		}
		if after := store.Dump(t, db); after != before || before == "" {
			t.Errorf("%s: it was changed:\n%s", engine, after)
		}
		if db, err = store.Open(t.Context(), dsn, store.Options{}); err != nil {
			t.Fatal(err)
		}
		defer db.Close()
		if schema, err := db.UpToDate(t.Context()); err != nil || schema != latest {
			t.Errorf("%s: brought up to date: schema %d, %v", engine, schema, err)
		}
	}
}

// The migrations that a restore runs in its own transaction make what those make
// that run otherwise.
func TestARestoreMakesTheSameSchema(t *testing.T) {
	old, _ := filledDB(t, 1)
	file, _ := backup(t, old)
	dsn := emptyDSN(t, "sqlite")
	restore(t, dsn, file)
	const schema = `SELECT sql FROM sqlite_schema WHERE sql IS NOT NULL AND name NOT LIKE 'sqlite_%' ORDER BY type DESC, tbl_name, name`
	got, want := lines(t, raw(t, "sqlite", dsn), schema), lines(t, raw(t, "sqlite", dbtest.SQLiteDSN(t)), schema)
	if !slices.Equal(got, want) {
		t.Errorf("the schema differs:\n%s", strings.Join(got, "\n"))
	}
	const applied = `SELECT version_id, is_applied FROM goodstanding_schema ORDER BY id`
	if got, want := lines(t, raw(t, "sqlite", dsn), applied), lines(t, raw(t, "sqlite", dbtest.SQLiteDSN(t)), applied); !slices.Equal(got, want) {
		t.Errorf("the migrations noted are %v, want %v", got, want)
	}
}

// unpacked and packed are for changing what a backup says.
func unpacked(t testing.TB, file []byte) string {
	t.Helper()
	r, err := gzip.NewReader(bytes.NewReader(file))
	if err != nil {
		t.Fatal(err)
	}
	text, err := io.ReadAll(r)
	if err != nil {
		t.Fatal(err)
	}
	return string(text)
}

func packed(text string) []byte {
	var b bytes.Buffer
	w := gzip.NewWriter(&b)
	_, _ = io.WriteString(w, text)
	_ = w.Close()
	return b.Bytes()
}

// What is cut off, changed, of a newer schema or something else is refused, says
// what is wrong, and leaves nothing behind: the whole file restores then.
func TestADamagedBackupIsRefused(t *testing.T) {
	source := dbtest.SQLite(t)()
	newWorld(3).play(t, source, 60)
	file, _ := backup(t, source)
	text := unpacked(t, file)
	all := strings.SplitAfter(text, "\n")
	const refused, changed = "nothing was restored: ", ": the file was changed"
	cases := []struct {
		name string
		file []byte
		want string
	}{
		{"empty", nil, refused + "the file is not a backup of goodstanding"},
		{"something else", []byte("%PDF-1.7 minutes"), refused + "the file is not a backup of goodstanding"},
		{"a log", packed(export(t, source)), refused + "the file is not a backup of goodstanding"},
		{"cut off", file[:len(file)/2], refused + "the file ends too early: it was not copied whole"},
		{"without its last bytes", file[:len(file)-4], refused + "the file ends too early: it was not copied whole"},
		{"a bit turned", flipped(file, len(file)/2), ""},
		{"a bit of the checksum turned", flipped(file, len(file)-6), refused + "the file is damaged: it cannot be unpacked"},
		{"without its last line", packed(strings.Join(all[:len(all)-2], "")), refused + "the file ends too early: it was not copied whole"},
		{"more at the end", packed(text + "{}\n"), "something follows the end of the backup"},
		{"a changed row", packed(strings.Replace(text, `"complete"`, `"invented"`, 1)), "the rows of pull are not those that were backed up" + changed},
		{"a row less", packed(without1(text, `"complete"`)), "pull ends after "},
		{"a row twice", packed(strings.Replace(text, lineWith(text, `"complete"`), strings.Repeat(lineWith(text, `"complete"`), 2), 1)), changed},
		{"another program's word", packed(strings.Replace(text, `"engine":"sqlite"`, `"engine":"sqlitf"`, 1)), "the file is not what was backed up: it was changed"},
		{"a fraction", packed(strings.Replace(text, `"complete"`, `4.5`, 1)), "the column outcome of pull is neither a whole number nor a text" + changed},
		{"a foreign table", packed(strings.ReplaceAll(text, `"table":"pull"`, `"table":"cat"`)), `has no table "cat"` + changed},
		{"a foreign column", packed(strings.Replace(text, `["counts",`, `["kounts",`, 1)), "the table pull has the columns counts, "},
		{"a newer schema", packed(strings.Replace(text, fmt.Sprintf(`"program":"test","schema":%d`, latestSchema(t)), `"program":"9.9.0","schema":99`, 1)),
			refused + fmt.Sprintf("it was made by version 9.9.0 of goodstanding with schema 99, and this program knows schemas up to %d: use that version or a newer one", latestSchema(t))},
	}
	for _, engine := range []string{"sqlite", "postgres"} {
		dsn := emptyDSN(t, engine)
		for i, c := range cases {
			if engine == "postgres" && i%4 != 3 {
				continue // the reading is the same, and each makes a schema first
			}
			db, _, err := store.Restore(t.Context(), dsn, bytes.NewReader(c.file), store.Options{}, nil)
			if err == nil {
				db.Close()
			}
			bad, ok := errors.AsType[*store.BadBackup](err)
			if !ok || !strings.HasPrefix(bad.Error(), "the backup is refused") || !strings.Contains(bad.Error(), c.want) {
				t.Errorf("%s, %s: %v, want %q", engine, c.name, err, c.want)
			}
		}
		if driver := raw(t, engine, dsn); len(lines(t, driver, store.TableNames(engine))) > 1 {
			t.Errorf("%s: what was refused left %v", engine, lines(t, driver, store.TableNames(engine)))
		}
		db := restore(t, dsn, file)
		_, want := factsOf(t, source)
		if _, got := factsOf(t, db); !bytes.Equal(got, want) {
			t.Errorf("%s: the facts differ", engine)
		}
		goesOn(t, db)
	}
}

func flipped(file []byte, at int) []byte {
	out := slices.Clone(file)
	out[at] ^= 0x10
	return out
}

func lineWith(text, part string) string {
	for l := range strings.Lines(text) {
		if strings.Contains(l, part) {
			return l
		}
	}
	return ""
}

func without1(text, part string) string { return strings.Replace(text, lineWith(text, part), "", 1) }

// A backup does not go into a database that is in use, nor an old one into a newer
// schema; one that only has its tables takes it.
func TestARestoreWantsAnEmptyDatabase(t *testing.T) {
	dbtest.Each(t, func(t *testing.T, open func() *store.DB) {
		db := open()
		file, _ := backup(t, db)
		dsn := emptyDSN(t, db.Engine())
		fresh, err := store.Open(t.Context(), dsn, store.Options{Version: "test"})
		if err != nil {
			t.Fatal(err)
		}
		old, _ := filledDB(t, 1)
		older, _ := backup(t, old)
		refuses := func(file []byte, want string) {
			t.Helper()
			again, _, err := store.Restore(t.Context(), dsn, bytes.NewReader(file), store.Options{}, nil)
			if err == nil {
				again.Close()
			}
			if in, ok := errors.AsType[*store.NotEmpty](err); !ok || !strings.Contains(in.Error(), want) {
				t.Errorf("got %v, want %q", err, want)
			}
		}
		refuses(older, fmt.Sprintf(" has schema %d already, and the backup is of schema 1: give it a new database, without any table; nothing was changed", latestSchema(t)))
		restore(t, dsn, file)
		write(t, fresh, store.NoStream, noon, func(ctx context.Context, tx *store.Tx) error {
			return tx.SetPerson(ctx, store.Person{ID: "pe_1", Name: "Mika"})
		})
		refuses(file, " is not empty (there is something in the table person): a backup is restored into a new database; nothing was changed")
	})
}

// While a backup is written others write: it holds what was there when it began.
func TestABackupSeesOneInstant(t *testing.T) {
	dbtest.Each(t, func(t *testing.T, open func() *store.DB) {
		db := open()
		newWorld(3).play(t, db, 60)
		var during int
		progress := func(done, _ int64) {
			if during++; during > 1 {
				return
			}
			write(t, db, store.Entries, noon, func(ctx context.Context, tx *store.Tx) error {
				_, _, err := tx.Audit(ctx, store.Entry{Actor: "pe_1", Action: "test", Subject: "late"})
				return err
			})
		}
		var b bytes.Buffer
		if _, err := db.Backup(t.Context(), &b, noon, progress); err != nil || during == 0 {
			t.Fatalf("%v, told %d times", err, during)
		}
		if text := unpacked(t, b.Bytes()); strings.Contains(text, `"late"`) {
			t.Error("the backup holds what was written after it had begun")
		}
		goesOn(t, restore(t, emptyDSN(t, db.Engine()), b.Bytes()))
	})
}

// What SQLite may hold and JSON has no form for comes back byte by byte.
func TestABackupKeepsEveryByte(t *testing.T) {
	db := dbtest.SQLite(t)()
	store.Exec(t, db, `CREATE TABLE _replica_lock (id INTEGER)`) // another program's, which has no part in it
	store.Exec(t, db, `INSERT INTO setting (name, value) VALUES ('odd', CAST(x'61ff62' AS TEXT))`)
	file, _ := backup(t, db)
	view(t, restore(t, emptyDSN(t, "sqlite"), file), func(ctx context.Context, tx *store.Tx) error {
		value, _, err := tx.Setting(ctx, "odd")
		if value != "a\xffb" {
			t.Errorf("it came back as %q", value)
		}
		return err
	})
	view(t, db, func(ctx context.Context, tx *store.Tx) error {
		_, err := tx.CheckCounters(ctx)
		return err
	})
}

// A restored database is at home nowhere until somebody starts the notices there:
// neither if the notices were on, nor if they never were.
func TestARestoredDatabaseIsNotAtHome(t *testing.T) {
	dbtest.Each(t, func(t *testing.T, open func() *store.DB) {
		for _, home := range []bool{true, false} {
			db := open()
			write(t, db, store.NoStream, noon, func(ctx context.Context, tx *store.Tx) error {
				if !home {
					return nil
				}
				return tx.AcceptHome(ctx)
			})
			file, _ := backup(t, db)
			again := restore(t, emptyDSN(t, db.Engine()), file)
			at := func() (at store.At) {
				view(t, again, func(ctx context.Context, tx *store.Tx) (err error) {
					at, err = tx.Home(ctx)
					return err
				})
				return at
			}
			if at() != store.AtElsewhere {
				t.Errorf("home %t: restored it is at %d", home, at())
			}
			write(t, again, store.NoStream, noon, func(ctx context.Context, tx *store.Tx) error { return tx.AcceptHome(ctx) })
			if at() != store.AtHome {
				t.Errorf("accepted it is at %d", at())
			}
		}
	})
}

// A database that gives back something else than was stored keeps nothing.
func TestARestoreReadsBack(t *testing.T) {
	source := dbtest.SQLite(t)()
	write(t, source, store.NoStream, noon, func(ctx context.Context, tx *store.Tx) error {
		return tx.SetPerson(ctx, store.Person{ID: "pe_1", Name: "Mika"})
	})
	file, _ := backup(t, source)
	dsn := dbtest.SQLiteDSN(t)
	if _, err := raw(t, "sqlite", dsn).Exec(`CREATE TRIGGER bad AFTER INSERT ON person BEGIN UPDATE person SET name = 'Nika'; END`); err != nil {
		t.Fatal(err)
	}
	_, _, err := store.Restore(t.Context(), dsn, bytes.NewReader(file), store.Options{}, nil)
	if err == nil || !strings.HasSuffix(err.Error(), " gives other rows of person back than were stored: look at its disk") {
		t.Errorf("got %v", err)
	}
	if got := lines(t, raw(t, "sqlite", dsn), `SELECT name FROM person`); len(got) != 0 {
		t.Errorf("it kept %v", got)
	}
}

// dozing takes nothing for a while, once, as a slow program does behind a pipe.
type dozing struct {
	nap  time.Duration
	took int
}

func (d *dozing) Write(b []byte) (int, error) {
	time.Sleep(d.nap)
	d.nap = 0
	d.took += len(b)
	return len(b), nil
}

// A server elsewhere ends a session that takes nothing of its answer, but for a backup
// whose file is taken slowly: what waits in it is more than the buffers between hold.
func TestABackupWaitsForWhoTakesIt(t *testing.T) {
	dsn := dbtest.PostgresOverTCP(t) + "&tcp_user_timeout=1000"
	db, err := store.Open(t.Context(), dsn, store.Options{Version: "test"})
	if err != nil {
		t.Fatal(err)
	}
	defer db.Close()
	const rows = `INSERT INTO setting (name, value) SELECT 'filler ' || i, (SELECT string_agg(md5(i || ' ' || j), '') FROM generate_series(1, 100) j) FROM generate_series(1, 8000) i`
	if _, err := raw(t, "postgres", dsn).Exec(rows); err != nil {
		t.Fatal(err)
	}
	taker := &dozing{nap: 4 * time.Second}
	if m, err := db.Backup(t.Context(), taker, noon, nil); err != nil || m.Rows() < 8000 || taker.took < 10_000_000 {
		t.Errorf("%d rows in %d bytes: %v", m.Rows(), taker.took, err)
	}
}
