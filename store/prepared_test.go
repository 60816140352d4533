package store

import (
	"context"
	"errors"
	"fmt"
	"path/filepath"
	"strings"
	"testing"
)

// A statement that is asked for again is ready the third time, and reads and writes
// what the one before did: what others wrote meanwhile, too, and a table that changed.
func TestPrepared(t *testing.T) {
	ctx, dsn := t.Context(), "sqlite://"+filepath.Join(t.TempDir(), "test.db")
	var dbs []*DB
	for range 2 {
		db, err := Open(ctx, dsn, Options{})
		if err != nil {
			t.Fatal(err)
		}
		defer db.Close()
		dbs = append(dbs, db)
	}
	before := ""
	in := func(db *DB, f func(tx *Tx) error) {
		t.Helper()
		if err := db.InTx(ctx, NoStream, 1, f); err != nil {
			t.Fatal(err)
		}
	}
	for i := range 12 {
		in(dbs[i/2%2], func(tx *Tx) error {
			value, _, err := tx.Setting(ctx, "counted")
			if value != before {
				t.Errorf("time %d: it reads %q, want %q", i, value, before)
			}
			before = fmt.Sprint(i)
			return errors.Join(err, tx.SetSetting(ctx, "counted", before))
		})
		if i == 8 {
			in(dbs[0], func(tx *Tx) error {
				_, err := tx.q.Tx.ExecContext(ctx, `ALTER TABLE setting ADD COLUMN more TEXT`)
				return err
			})
		}
	}
	p := dbs[0].prepared
	query := `SELECT name, value FROM setting WHERE name = $1`
	if p.ready[query] == nil {
		t.Errorf("not ready: %s", query)
	}
	if err := dbs[0].InTx(ctx, NoStream, 1, func(tx *Tx) error {
		for range 2 { // one that fails is the same error as ever, and made ready by nobody
			_, err := tx.q.ExecContext(ctx, `UPDATE nowhere SET x = 1`)
			if err == nil || !strings.Contains(err.Error(), "no such table") {
				t.Errorf("a table that is not there: %v", err)
			}
		}
		return nil
	}); err != nil || p.ready[`UPDATE nowhere SET x = 1`] != nil {
		t.Errorf("after a statement that cannot be carried out: %v", err)
	}
}

// Statements of any length and number are asked for; those kept are bounded.
func TestPreparedIsBounded(t *testing.T) {
	p := newPrepared()
	for range 2 {
		for i := range 2 * mostPrepared {
			p.find(fmt.Sprint("SELECT ", i))
		}
	}
	p.find(strings.Repeat("x", longestPrepared+1))
	if len(p.asked) != mostPrepared || len(p.due) != mostPrepared {
		t.Errorf("%d are noted, %d are due, want %d", len(p.asked), len(p.due), mostPrepared)
	}
	var none *prepared
	if none.find("SELECT 1") != nil {
		t.Error("none has one")
	}
	none.prepare(context.Background(), nil)
}
