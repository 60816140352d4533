package store_test

import (
	"database/sql"
	"errors"
	"fmt"
	"math/rand/v2"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"coopcloud.tech/goodstanding/internal/dbtest"
	"coopcloud.tech/goodstanding/migrations"
	"coopcloud.tech/goodstanding/store"
)

// Every schema there ever was is filled, each table of it, and goes to the next one
// step by step, on both engines: nothing that was there before is lost or changed.
// Who sends had a lease of its own before schema 14: that one is let go, on purpose.
func TestEveryUpgradeKeepsEveryRow(t *testing.T) {
	latest, err := migrations.Latest("sqlite")
	if err != nil {
		t.Fatal(err)
	}
	liteDSN, postDSN := "sqlite://"+filepath.Join(t.TempDir(), "old.db"), dbtest.EmptyPostgresDSN(t)
	var all []filled
	tables := make(map[string]bool)
	for version := int64(1); version <= latest; version++ {
		store.OpenAt(t, liteDSN, version)
		store.OpenAt(t, postDSN, version)
		lite, post := raw(t, "sqlite", liteDSN), raw(t, "postgres", postDSN)
		if version == 14 {
			all = slices.DeleteFunc(all, func(r filled) bool { return r.table == "lease" })
		}
		kept(t, version, "sqlite", lite, all)
		kept(t, version, "postgres", post, all)
		f := &filler{t: t, db: lite, r: rand.New(rand.NewPCG(uint64(version), 5)), n: int(version) * 100000}
		for _, row := range f.fill(2) {
			if _, err := post.Exec(row.insert(), row.values...); err != nil {
				t.Fatalf("schema %d, table %s: %v", version, row.table, err)
			}
			all = append(all, row)
			tables[row.table] = true
		}
	}
	if want := tableNames(t, raw(t, "sqlite", liteDSN)); len(tables)+len(single)+1 != len(want) {
		t.Errorf("filled were %d tables of %d: %v", len(tables), len(want), want)
	}
	for driver, dsn := range map[string]string{"sqlite": liteDSN, "postgres": postDSN} {
		db, err := store.Open(t.Context(), dsn, store.Options{Version: "1.2.3"})
		if err != nil {
			t.Fatal(err)
		}
		defer db.Close()
		kept(t, latest, driver, raw(t, driver, dsn), all)
	}
}

func tableNames(t *testing.T, lite *sql.DB) []string {
	return lines(t, lite, `SELECT name FROM sqlite_schema WHERE type = 'table' AND name NOT LIKE 'sqlite_%'`)
}

// kept looks for every row, with the columns that it had.
func kept(t *testing.T, version int64, driver string, db *sql.DB, rows []filled) {
	t.Helper()
	have := make(map[string][]string)
	for _, r := range rows {
		of := r.table + " " + strings.Join(r.columns, ", ")
		if have[of] == nil {
			have[of] = lines(t, db, `SELECT `+strings.Join(r.columns, ", ")+` FROM `+r.table)
		}
		parts := make([]string, len(r.values))
		for i, v := range r.values {
			parts[i] = fmt.Sprint(v)
		}
		if want := strings.Join(parts, " "); !slices.Contains(have[of], want) {
			t.Fatalf("%s: going to schema %d lost this row of %s: %s", driver, version, r.table, want)
		}
	}
}

// open opens a database and brings it up to date.
func open(t *testing.T, dsn string) *store.DB {
	t.Helper()
	db, err := store.Open(t.Context(), dsn, store.Options{Version: "1.2.3"})
	if err != nil {
		t.Fatal(err)
	}
	return db
}

// TestAnUpgradeWaitsForWhoReads: a step that changes a table which a backup reads gives
// up after a while on PostgreSQL, says so, leaves nothing behind, and works afterwards.
// Step 18 changes the table room_sign.
func TestAnUpgradeWaitsForWhoReads(t *testing.T) {
	dsn := dbtest.EmptyPostgresDSN(t)
	store.OpenAt(t, dsn, 17).Close()
	reader, err := raw(t, "postgres", dsn).Begin()
	if err == nil {
		_, err = reader.Exec(`LOCK TABLE room_sign IN ACCESS SHARE MODE`)
	}
	if err != nil {
		t.Fatal(err)
	}
	_, err = store.Open(t.Context(), dsn+"&lock_timeout=100", store.Options{})
	f, ok := errors.AsType[*store.Fault](err)
	const want = " could not be brought up to date now, because another program reads or changes it, such as a backup: wait for its end and do it again; the step left nothing behind"
	if !ok || f.Problem != store.Busy || !strings.HasPrefix(f.Error(), "the database ") || !strings.HasSuffix(f.Error(), want) {
		t.Errorf("got  %v\nwant … %s", err, want)
	}
	if got := lines(t, raw(t, "postgres", dsn), `SELECT CAST(max(version_id) AS TEXT) FROM `+migrations.Table); len(got) != 1 || got[0] != "17" {
		t.Errorf("it is at schema %v", got)
	}
	if err := reader.Rollback(); err != nil {
		t.Fatal(err)
	}
	db := open(t, dsn)
	defer db.Close()
	if schema, err := db.SchemaVersion(t.Context()); err != nil || schema != latestSchema(t) {
		t.Errorf("afterwards: schema %d, %v", schema, err)
	}
}
