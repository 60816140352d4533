package bench

import (
	"database/sql"
	"fmt"
	"os"
	"path/filepath"
	"reflect"
	"slices"
	"strings"
	"testing"

	"coopcloud.tech/goodstanding/internal/instant"
	"coopcloud.tech/goodstanding/internal/money"
	"coopcloud.tech/goodstanding/syncer/opencollective"
)

// Applying is what a pull does once it has read: holding the snapshot against what is
// stored, and writing what differs. Nobody is a member here: assessing has figures of
// its own.

// applied are the tables that a snapshot is written to, with their keys.
var applied = []struct{ table, key string }{
	{"account_obs", "id, snapshot"}, {"contribution_obs", "id, snapshot"}, {"charge", "id"}, {"coverage", "charge"}, {"account_detail", "account"},
}

// renewed is a snapshot in which so many payers have paid again.
func renewed(snap *opencollective.Snapshot, n, round int) *opencollective.Snapshot {
	out := *snap
	out.Orders, out.Charges, out.Refunds = slices.Clone(snap.Orders), slices.Clone(snap.Charges), slices.Clone(snap.Refunds)
	for i := range n {
		o := &out.Orders[i*len(out.Orders)/n]
		at := o.LastCharged + instant.Instant(round+1)*60_000_000
		o.LastCharged, o.Updated = at, at
		out.Charges = append(out.Charges, opencollective.Charge{ID: fmt.Sprintf("again-%d-%d", round, i), Kind: "CONTRIBUTION", Created: at,
			Amount: money.Money{Minor: 1000, Currency: o.Amount.Currency}, Order: o.ID, OrderLegacyID: o.LegacyID, Account: o.Payer.ID})
	}
	return &out
}

// reflected makes all texts of a value anew: a pull decodes its own, and to compare a text
// with itself takes no time.
func reflected(v reflect.Value) {
	switch v.Kind() {
	case reflect.String:
		v.SetString(strings.Clone(v.String()))
	case reflect.Slice, reflect.Array:
		for i := range v.Len() {
			reflected(v.Index(i))
		}
	case reflect.Struct:
		for i := range v.NumField() {
			if v.Field(i).CanSet() {
				reflected(v.Field(i))
			}
		}
	}
}

// measureSteady holds applying a snapshot of which one in a thousand differs to COPY of
// all rows of that snapshot, by the server from its own disk into tables with a key.
func measureSteady(tb testing.TB) measured {
	const n, changed = 100_000, 100
	s := &shown{snapshot: snapshotOf(tb, n)}
	h := newHouse(tb, postgres, taped(tb, n).asked, s)
	s.clock = h.clock
	h.pull(rowsEach * n)
	copied := copying(tb, h.plain)
	round := 0
	ours := func() float64 {
		s.snapshot = renewed(s.snapshot, changed, round)
		reflected(reflect.ValueOf(s.snapshot).Elem())
		round++
		return wall(func() { h.pull(3 * changed) }) // a contribution, a charge and its coverage each
	}
	return ratio(5, ours, copied).atMost(0.3, "x")
}

// copying prepares the other side: the rows in files of the server's, and tables for them.
func copying(tb testing.TB, db *sql.DB) func() float64 {
	tb.Helper()
	dir, err := os.MkdirTemp("", "gs-copy-") // the server is another user
	if err == nil {
		err = os.Chmod(dir, 0o777)
	}
	if err != nil {
		tb.Fatal(err)
	}
	tb.Cleanup(func() { _ = os.RemoveAll(dir) })
	exec := func(format string, args ...any) {
		tb.Helper()
		if _, err := db.Exec(fmt.Sprintf(format, args...)); err != nil {
			tb.Fatal(err)
		}
	}
	for _, t := range applied {
		exec(`COPY %s TO '%s'`, t.table, filepath.Join(dir, t.table))
		exec(`CREATE TABLE copy_%[1]s (LIKE %[1]s, PRIMARY KEY (%[2]s))`, t.table, t.key)
	}
	return func() float64 {
		for _, t := range applied {
			exec(`TRUNCATE copy_%s`, t.table)
		}
		return wall(func() {
			for _, t := range applied {
				exec(`COPY copy_%s FROM '%s'`, t.table, filepath.Join(dir, t.table))
			}
		})
	}
}

// measureCold holds the first pull of a crowd to writing the same rows one after the
// other by prepared statements, in one transaction, into tables as they are.
func measureCold(tb testing.TB, e engine, n, rounds int, how string) spread {
	tb.Helper()
	snap := snapshotOf(tb, n)
	first := func() *house {
		s := &shown{snapshot: snap}
		h := newHouse(tb, e, taped(tb, n).asked, s)
		s.clock = h.clock
		return h
	}
	filled := first()
	filled.pull(rowsEach * n)
	rows := stored(tb, filled.plain)
	ours := func() float64 {
		h := first()
		return wall(func() { h.pull(rowsEach * n) })
	}
	reference := func() float64 {
		h := first()
		if how == upsert { // who replaces rows has no log that refuses it
			for _, t := range rows {
				h.exec(`ALTER TABLE ` + t.name + ` DISABLE TRIGGER USER`)
			}
		}
		return wall(func() { oneByOne(tb, h.plain, rows, how) })
	}
	var all []float64
	for i := range rounds {
		var a, b float64
		if i%2 == 0 {
			a, b = ours(), reference()
		} else {
			b, a = reference(), ours()
		}
		all = append(all, b/a)
	}
	return spreadOf(all)
}

// rowsOf is one table with its rows.
type rowsOf struct {
	name, key string
	columns   []string
	rows      [][]any
}

// stored reads what a snapshot was written to, what is referred to first.
func stored(tb testing.TB, db *sql.DB) []rowsOf {
	tb.Helper()
	var all []rowsOf
	for _, a := range append([]struct{ table, key string }{{"pull", "id"}, {"snapshot", "number"}}, applied...) {
		t := rowsOf{name: a.table, key: a.key}
		found, err := db.Query(`SELECT * FROM ` + t.name)
		if err != nil {
			tb.Fatal(err)
		}
		if t.columns, err = found.Columns(); err != nil {
			tb.Fatal(err)
		}
		for found.Next() {
			row, into := make([]any, len(t.columns)), make([]any, len(t.columns))
			for i := range row {
				into[i] = &row[i]
			}
			if err := found.Scan(into...); err != nil {
				tb.Fatal(err)
			}
			t.rows = append(t.rows, row)
		}
		if err := found.Err(); err != nil {
			tb.Fatal(err)
		}
		all = append(all, t)
	}
	return all
}

// oneByOne writes rows one after the other, each by its table's prepared statement.
// With upsert it replaces a row that is there, as a plain synchroniser does.
func oneByOne(tb testing.TB, db *sql.DB, tables []rowsOf, how string) {
	tb.Helper()
	tx, err := db.Begin()
	if err != nil {
		tb.Fatal(err)
	}
	for _, t := range tables {
		marks, set := make([]string, len(t.columns)), make([]string, len(t.columns))
		for i, c := range t.columns {
			marks[i], set[i] = fmt.Sprintf("$%d", i+1), c+" = excluded."+c
		}
		text := fmt.Sprintf(`INSERT INTO %s (%s) VALUES (%s)`, t.name, strings.Join(t.columns, ", "), strings.Join(marks, ", "))
		if how == upsert {
			text += fmt.Sprintf(` ON CONFLICT (%s) DO UPDATE SET %s`, t.key, strings.Join(set, ", "))
		}
		statement, err := tx.Prepare(text)
		if err != nil {
			tb.Fatal(err)
		}
		for _, row := range t.rows {
			if _, err := statement.Exec(row...); err != nil {
				tb.Fatal(err)
			}
		}
		_ = statement.Close()
	}
	if err := tx.Commit(); err != nil {
		tb.Fatal(err)
	}
}

// cold is the size of the crowd that is first read: one row after the other takes as
// long for each of a hundred thousand.
const cold = 20_000

const (
	upsert = "upsert"
	insert = "insert"
)

func measureColdPostgres(tb testing.TB) measured {
	return measureCold(tb, postgres, cold, 3, upsert).atLeast(3, "x")
}

func measureColdSQLite(tb testing.TB) measured {
	s := measureCold(tb, sqlite, cold, 3, insert)
	return spread{1 / s.median, 1 / s.most, 1 / s.least}.atMost(2, "x")
}
