package main

import (
	"encoding/json"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"coopcloud.tech/goodstanding/internal/dbtest"
	"coopcloud.tech/goodstanding/internal/instant"
	"coopcloud.tech/goodstanding/store"
)

// movesOver carries the world's data to the other engine and back by backups: roll,
// tallies and hashes are the same, byte for byte, on each stop.
func (w *world) movesOver() {
	w.t.Helper()
	said := func() string {
		var all strings.Builder
		for _, line := range []string{"roll --json", "decisions list --all --json", "decisions show 2 --history", "verify --chains", "notices list --json", "people list --json"} {
			all.WriteString(w.must(strings.Fields(line)...))
		}
		return all.String()
	}
	before := said()
	for i, engine := range []string{"postgres", "sqlite"} {
		file := filepath.Join(w.dir, fmt.Sprintf("over-%d.jsonl.gz", i))
		has(w.t, w.must("backup", file), "Backed up to "+w.plain(file)+": ", " rows of ", ". SHA-256 ")
		if engine == "postgres" {
			w.env["GOODSTANDING_DATABASE"] = dbtest.EmptyPostgresDSN(w.t)
		} else {
			w.env["GOODSTANDING_DATABASE"] = "sqlite://" + filepath.Join(w.dir, "over.db")
		}
		var restored restoreAnswer
		if err := json.Unmarshal([]byte(w.must("restore", file, "--json")), &restored); err != nil || !restored.Verified.OK || len(restored.Tallies) != 5 ||
			restored.Tallies[1].Favour != 3 || restored.Tallies[1].State != "passed" || restored.Members["waived"] != 3 {
			w.t.Errorf("restored: %v %+v", err, restored)
		}
		if after := said(); after != before {
			w.t.Errorf("on %s it says otherwise:\n%s", engine, difference(before, after))
		}
	}
}

// TestARestoreSaysWhatItFound: what it was made of, who is in good standing, what was
// counted, whether everything holds, and that nothing is sent.
func TestARestoreSaysWhatItFound(t *testing.T) {
	w := adopted(t)
	file := filepath.Join(w.dir, "roll.jsonl.gz")
	w.must("backup", file)
	if info, err := os.Stat(file); err != nil || info.Mode().Perm() != 0o600 {
		t.Errorf("%v, %v", info, err)
	}
	w.env["GOODSTANDING_DATA"] = filepath.Join(w.dir, "elsewhere")
	out := w.must("restore", file)
	has(t, out, "Restored into sqlite://DIR/elsewhere/goodstanding.db: ", " tables, as they were on ", "Made by version dev on sqlite with schema ", "Members ",
		"in good standing", "audit_chain      ok ", "standings        ok ", "what people did ",
		"Nothing is sent from here before a treasurer starts the notices: goodstanding notices start")
	if strings.Contains(out, "broken") {
		t.Error(out)
	}
	has(t, w.fails(exitRefused, "restore", file), "the database DIR/elsewhere/goodstanding.db is not empty (there is something in the table ")
	has(t, w.fails(exitRefused, "restore", w.file("notes.txt", "minutes")), "the backup is refused, and nothing was restored: the file is not a backup of goodstanding")
	has(t, w.fails(exitUsage, "restore", filepath.Join(w.dir, "none")), "the backup DIR/none cannot be read (no such file or directory): correct the path")

	w.env["GOODSTANDING_DATA"] = filepath.Join(w.dir, "third")
	text, err := os.ReadFile(file)
	if err != nil {
		t.Fatal(err)
	}
	w.stdin = string(text)
	has(t, w.must("restore", "-"), "Restored into sqlite://DIR/third/goodstanding.db: ")
}

// TestABackupIsWrittenWithCare: nothing is overwritten unasked, what goes to standard
// output is the backup alone, and what cannot be meant is refused.
func TestABackupIsWrittenWithCare(t *testing.T) {
	w := adopted(t)
	file := filepath.Join(w.dir, "roll.jsonl.gz")
	w.must("backup", file)
	if got := w.fails(exitUsage, "backup", file); got != "DIR/roll.jsonl.gz exists: name another file, or say --overwrite" {
		t.Error(got)
	}
	w.must("backup", file, "--overwrite")
	piped := w.run("backup", "-")
	if text, err := os.ReadFile(file); err != nil || piped.code != exitOK || piped.out != string(text) {
		t.Errorf("%v, exit code %d: standard output holds something else", err, piped.code)
	}
	has(t, piped.err, "Backed up to standard output: ")
	if left, err := filepath.Glob(filepath.Join(w.dir, ".goodstanding-backup-*")); err != nil || len(left) > 0 {
		t.Errorf("left behind: %v, %v", left, err)
	}
	for args, want := range map[string]string{
		"backup":                    "where to is missing: name a file, or a folder with --to",
		"backup x --to y":           "a file and --to cannot be combined: name one of them",
		"backup x --keep 3":         "--keep says how many backups stay in the folder of --to: write --to DIR --keep 14",
		"backup --to y --keep=-1":   "--keep says how many backups stay in the folder of --to: write --to DIR --keep 14",
		"backup --to y --overwrite": "--overwrite is for a file that is named",
		"backup --ended --to y":     "--ended makes no backup: write it alone",
	} {
		if got := w.fails(exitUsage, strings.Fields(args)...); got != want {
			t.Errorf("%s: %s", args, got)
		}
	}
	if got := w.fails(exitUsage, "backup", w.dir, "--overwrite"); got != "DIR is a folder: name a file in it, or write --to DIR" {
		t.Error(got)
	}
	w.terminal = true
	if got := w.fails(exitUsage, "backup", "-"); got != "a backup is nothing to read on a terminal: name a file, or send it on with |" {
		t.Error(got)
	}
	shown := w.run("backup", file, "--overwrite")
	has(t, shown.err, "\rBacking up: 0%", "\r\x1b[K")
	w.terminal = false
	w.env["GOODSTANDING_DATA"] = filepath.Join(w.dir, "nowhere")
	if err := os.Mkdir(w.env["GOODSTANDING_DATA"], 0o700); err != nil {
		t.Fatal(err)
	}
	has(t, w.fails(exitDatabase, "backup", "-"), "there is no database of goodstanding at sqlite://DIR/nowhere/goodstanding.db: look at GOODSTANDING_DATABASE and GOODSTANDING_DATA")
}

// TestWhatAKilledBackupLeftIsRemoved by the next one into the folder: nothing that
// another process may be writing, and nothing of another kind.
func TestWhatAKilledBackupLeftIsRemoved(t *testing.T) {
	w := adopted(t)
	if err := os.MkdirAll(filepath.Join(w.dir, "backups", ".goodstanding-backup-7"), 0o700); err != nil {
		t.Fatal(err)
	}
	aged := func(age time.Duration, names ...string) {
		for _, name := range names {
			path := w.file("backups/"+name, "half")
			if err := os.Chtimes(path, time.Time{}, time.Now().Add(-age)); err != nil {
				t.Fatal(err)
			}
		}
	}
	aged(25*time.Hour, ".goodstanding-backup-1", ".goodstanding-backup-22", ".goodstanding-backup-x", "goodstanding-backup-3", ".goodstanding-backup-4.gz")
	aged(23*time.Hour, ".goodstanding-backup-5")
	dir := filepath.Join(w.dir, "backups")
	has(t, w.must("backup", filepath.Join(dir, "one.gz")), "Removed: 2 half files that a killed backup had left.")
	entries, err := os.ReadDir(dir)
	if err != nil {
		t.Fatal(err)
	}
	var left []string
	for _, e := range entries {
		left = append(left, e.Name())
	}
	if got := strings.Join(left, " "); got != ".goodstanding-backup-4.gz .goodstanding-backup-5 .goodstanding-backup-7 .goodstanding-backup-x goodstanding-backup-3 one.gz" {
		t.Errorf("left are %s", got)
	}
	aged(25*time.Hour, ".goodstanding-backup-5")
	has(t, w.must("backup", "--to", dir, "--json"), `/.goodstanding-backup-5"`)
	if out := w.must("backup", filepath.Join(dir, "two.gz")); strings.Contains(out, "Removed") {
		t.Error(out)
	}
}

// TestAKeptBackupIsNoted, so that it is told when no more come, and no other is: a backup
// before an upgrade is not one of many. One that could not be noted is made all the same.
func TestAKeptBackupIsNoted(t *testing.T) {
	w := adopted(t)
	dsn := "sqlite://" + filepath.Join(w.dir, "data", databaseName)
	noted := func(want instant.Instant) {
		t.Helper()
		db, err := store.Open(t.Context(), dsn, store.Options{Version: "test"})
		if err != nil {
			t.Fatal(err)
		}
		defer db.Close()
		err = db.View(t.Context(), func(tx *store.Tx) error {
			at, err := tx.BackedUp(t.Context())
			if at != want {
				t.Errorf("the last backup was made at %s, want %s", at, want)
			}
			return err
		})
		if err != nil {
			t.Fatal(err)
		}
	}
	w.must("backup", filepath.Join(w.dir, "one.jsonl.gz"))
	w.must("backup", "--to", w.dir)
	noted(0)
	w.clock = w.clock.Add(time.Hour)
	w.must("backup", "--to", w.dir, "--keep", "3")
	first := w.clock
	noted(first)
	dbtest.TamperAt(t, dsn, `CREATE TRIGGER no_notes BEFORE UPDATE ON setting BEGIN SELECT RAISE(ABORT, 'no notes today'); END`)
	w.clock = w.clock.Add(time.Hour)
	said := w.run("backup", "--to", w.dir, "--keep", "3")
	if said.code != exitOK {
		t.Errorf("exit code %d", said.code)
	}
	has(t, said.out, "Backed up to ")
	has(t, said.err, "The backup is whole. That it was made could not be noted, so that an alert may say it was not: ", "no notes today")
	noted(first)
	dbtest.TamperAt(t, dsn, `DROP TRIGGER IF EXISTS no_notes`)
	has(t, w.must("backup", "--ended"), "No backup is expected any more, until the next one with --keep.")
	noted(0)
	dbtest.TamperAt(t, dsn, `DELETE FROM goodstanding_schema WHERE version_id = (SELECT max(version_id) FROM goodstanding_schema)`)
	said = w.run("backup", "--ended")
	if said.code == exitOK {
		t.Error("exit code 0, and nothing was noted")
	}
	has(t, said.err, "nothing was noted: the database has another schema than this program: bring it up to date first (goodstanding migrate)")
}

// TestTheNewestBackupsAreKept, and nothing else in the folder is touched.
func TestTheNewestBackupsAreKept(t *testing.T) {
	w := adopted(t)
	dir := filepath.Join(w.dir, "backups")
	if err := os.Mkdir(dir, 0o700); err != nil {
		t.Fatal(err)
	}
	for _, name := range []string{"goodstanding-2020.jsonl.gz", "goodstanding-2020-01-01T00-00-00Z.jsonl.gz.part", "letters.txt"} {
		w.file("backups/"+name, "mine")
	}
	w.clock = instant.Date(2026, time.March, 1)
	for range 4 {
		w.must("backup", "--to", dir)
		w.clock = w.clock.Add(24 * time.Hour)
	}
	has(t, w.must("backup", "--to", dir, "--keep", "3"), "Backed up to DIR/backups/goodstanding-2026-03-05T00-00-00Z.jsonl.gz: ", "Removed: 2 backups before the newest 3.")
	names := func() (out []string) {
		entries, err := os.ReadDir(dir)
		if err != nil {
			t.Fatal(err)
		}
		for _, e := range entries {
			out = append(out, e.Name())
		}
		return out
	}
	want := []string{"goodstanding-2020-01-01T00-00-00Z.jsonl.gz.part", "goodstanding-2020.jsonl.gz", "goodstanding-2026-03-03T00-00-00Z.jsonl.gz",
		"goodstanding-2026-03-04T00-00-00Z.jsonl.gz", "goodstanding-2026-03-05T00-00-00Z.jsonl.gz", "letters.txt"}
	if got := names(); !slices.Equal(got, want) {
		t.Errorf("kept are %v", got)
	}
	w.clock = instant.Date(2026, time.February, 1) // a clock that was set back
	w.must("backup", "--to", dir, "--keep", "1")
	if got := names(); !slices.Contains(got, "goodstanding-2026-02-01T00-00-00Z.jsonl.gz") || len(got) != 4 {
		t.Errorf("kept are %v", got)
	}
}
