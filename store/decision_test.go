package store_test

import (
	"bytes"
	"context"
	"fmt"
	"strings"
	"sync"
	"testing"

	"coopcloud.tech/goodstanding/internal/dbtest"
	"coopcloud.tech/goodstanding/store"
)

// decision begins a decision with so many entries.
func decision(t testing.TB, db *store.DB, id string, number int64, entries int) {
	t.Helper()
	write(t, db, store.Decisions, noon, func(ctx context.Context, tx *store.Tx) error {
		if _, err := tx.AddDecision(ctx, id, "Europe/London"); err != nil {
			return err
		}
		for i := range entries {
			if err := addTo(ctx, tx, id, number, i); err != nil {
				return err
			}
		}
		return nil
	})
}

func addTo(ctx context.Context, tx *store.Tx, id string, number int64, i int) error {
	head, ok, err := tx.LockDecision(ctx, id)
	if err != nil || !ok {
		return fmt.Errorf("locked %v: %w", ok, err)
	}
	err = dbtest.AppendDecision(ctx, tx, head, store.NewDecisionEntry{At: days(i), Kind: "cast", Number: number, State: "open", Due: days(20),
		Public: map[string]any{"z": i, "a": "x"}, Private: map[string]any{"member": fmt.Sprintf("mb_%d", i)}})
	return err
}

func verifyDecision(t testing.TB, db *store.DB, id string) (r store.ChainReport) {
	t.Helper()
	view(t, db, func(ctx context.Context, tx *store.Tx) (err error) {
		r, err = tx.VerifyDecision(ctx, id)
		return err
	})
	return r
}

func TestDecisionsComeBack(t *testing.T) {
	dbtest.Each(t, func(t *testing.T, open func() *store.DB) {
		db := open()
		decision(t, db, "de_2", 7, 3)
		decision(t, db, "de_1", 0, 1)
		decision(t, db, "de_3", 3, 1)
		view(t, db, func(ctx context.Context, tx *store.Tx) error {
			row, ok, err1 := tx.Decision(ctx, "de_2")
			if !ok || row.Zone != "Europe/London" || len(row.Secret) != 64 {
				t.Errorf("%+v", row)
			}
			_, ok, err2 := tx.Decision(ctx, "de_9")
			if ok {
				t.Error("a decision that nobody began")
			}
			entries, err3 := tx.DecisionEntries(ctx, "de_2")
			if len(entries) != 3 || entries[1].Public != `{"a":"x","z":1}` || entries[1].Private != `{"member":"mb_1"}` ||
				entries[1].Prev != entries[0].Hash || entries[2].At != days(2) || entries[0].Salt == entries[1].Salt {
				t.Errorf("%+v", entries)
			}
			heads, err4 := tx.DecisionHeads(ctx)
			var order []string
			for _, h := range heads {
				order = append(order, h.Decision)
			}
			if got := strings.Join(order, " "); got != "de_1 de_3 de_2" {
				t.Errorf("in the order %s", got)
			}
			same(t, "a head", heads[2], store.DecisionHead{Decision: "de_2", Seq: 3, At: days(2), Number: 7, State: "open", Due: days(20), Hash: entries[2].Hash})
			head, ok, err5 := tx.DecisionNumbered(ctx, 7)
			if !ok || head != heads[2] {
				t.Errorf("number 7 is %+v", head)
			}
			if _, ok, _ = tx.DecisionNumbered(ctx, 0); ok {
				t.Error("0 is a number")
			}
			next, err6 := tx.NextDecisionNumber(ctx)
			if next != 8 {
				t.Errorf("the next number is %d", next)
			}
			early, err7 := tx.DueDecisions(ctx, days(20)-1)
			due, err8 := tx.DueDecisions(ctx, days(20))
			if len(early) != 0 || len(due) != 3 {
				t.Errorf("%d due early, %d due", len(early), len(due))
			}
			for _, err := range []error{err1, err2, err3, err4, err5, err6, err7, err8} {
				if err != nil {
					return err
				}
			}
			return nil
		})
	})
}

func TestTamperingWithADecisionIsFound(t *testing.T) {
	off := map[string]string{"sqlite": `DROP TRIGGER decision_entry_append_only_update; DROP TRIGGER decision_entry_append_only_delete`,
		"postgres": `DROP TRIGGER decision_entry_append_only ON decision_entry`}
	dbtest.Each(t, func(t *testing.T, open func() *store.DB) {
		for _, c := range []struct {
			statement string
			at        int64
			why       string
		}{
			{`UPDATE decision_head SET seq = seq`, 0, ""},
			{`UPDATE decision_entry SET public = '{"a":"x","z":9}' WHERE seq = 3`, 3, "its content does not fit its hash"},
			{`UPDATE decision_entry SET private = '{"member":"mb_9"}' WHERE seq = 2`, 2, "its content does not fit its hash"},
			{`UPDATE decision_entry SET salt = '00000000000000000000000000000000' WHERE seq = 2`, 2, "its content does not fit its hash"},
			{`UPDATE decision_entry SET at = at + 1 WHERE seq = 1`, 1, "its content does not fit its hash"},
			{`UPDATE decision_entry SET kind = 'retract' WHERE seq = 4`, 4, "its content does not fit its hash"},
			{`UPDATE decision_entry SET state = 'passed' WHERE seq = 4`, 4, "its content does not fit its hash"},
			{`UPDATE decision_entry SET number = 8 WHERE seq = 4`, 4, "its content does not fit its hash"},
			{`UPDATE decision_entry SET due = 0 WHERE seq = 4`, 4, "its content does not fit its hash"},
			{`UPDATE decision_entry SET prev = salt || salt WHERE seq = 3`, 3, "it does not follow the entry before"},
			{`DELETE FROM decision_entry WHERE seq = 2`, 2, "entry 2 is missing"},
			{`DELETE FROM decision_entry WHERE seq = 4`, 4, "entry 4 is missing"},
			{`UPDATE decision_head SET state = 'passed'`, 4, "the head row names another end"},
			{`UPDATE decision_head SET due = 0`, 4, "the head row names another end"},
			{`UPDATE decision_head SET seq = 3`, 4, "the head row names another end"},
			{`DELETE FROM decision_head`, 1, "its head row is missing"},
		} {
			db := dbtest.SQLite(t)()
			if strings.HasSuffix(t.Name(), "postgres") {
				db = dbtest.Postgres(t)()
			}
			decision(t, db, "de_1", 7, 4)
			store.Exec(t, db, off[db.Engine()])
			store.Exec(t, db, c.statement)
			if r := verifyDecision(t, db, "de_1"); r.BrokenAt != c.at || r.Why != c.why || r.OK() != (c.at == 0) {
				t.Errorf("%s: %+v, want entry %d: %s", c.statement, r, c.at, c.why)
			}
		}
	})
}

// Writers of two "processes" add to the same decision: every one gets through,
// and the chain has no fork.
func TestOneDecisionManyWriters(t *testing.T) {
	dbtest.Each(t, func(t *testing.T, open func() *store.DB) {
		dbs := []*store.DB{open(), open()}
		decision(t, dbs[0], "de_1", 7, 1)
		const writers, each = 6, 10
		var group sync.WaitGroup
		errs := make(chan error, writers*each)
		for w := range writers {
			group.Go(func() {
				for range each {
					errs <- dbs[w%2].InTx(t.Context(), store.Decisions, noon, func(tx *store.Tx) error { return addTo(t.Context(), tx, "de_1", 7, 1) })
				}
			})
		}
		group.Wait()
		close(errs)
		for err := range errs {
			if err != nil {
				t.Error(err)
			}
		}
		if r := verifyDecision(t, dbs[1], "de_1"); !r.OK() || r.Entries != 1+writers*each {
			t.Errorf("%+v", r)
		}
	})
}

// Two decisions that are numbered at the same time get different numbers.
func TestNumbersAreGivenOnce(t *testing.T) {
	dbtest.Each(t, func(t *testing.T, open func() *store.DB) {
		dbs := []*store.DB{open(), open()}
		const n = 12
		for i := range n {
			decision(t, dbs[0], fmt.Sprintf("de_%02d", i), 0, 1)
		}
		var group sync.WaitGroup
		for i := range n {
			group.Go(func() {
				err := dbs[i%2].InTx(t.Context(), store.Decisions, noon, func(tx *store.Tx) error {
					return number(t.Context(), tx, fmt.Sprintf("de_%02d", i))
				})
				if err != nil {
					t.Error(err)
				}
			})
		}
		group.Wait()
		view(t, dbs[1], func(ctx context.Context, tx *store.Tx) error {
			heads, err := tx.DecisionHeads(ctx)
			for i, h := range heads {
				if h.Number != int64(i+1) {
					t.Errorf("number %d is at place %d", h.Number, i)
				}
			}
			return err
		})
	})
}

// A log that is replayed has the same decisions, entry by entry, with their ends.
func TestDecisionsAreReplayed(t *testing.T) {
	dbtest.Each(t, func(t *testing.T, open func() *store.DB) {
		db, again := open(), dbtest.SQLite(t)()
		decision(t, db, "de_1", 7, 3)
		decision(t, db, "de_2", 0, 1)
		var log, log2 bytes.Buffer
		if err := db.ExportLog(t.Context(), &log); err != nil {
			t.Fatal(err)
		}
		text := log.String()
		if err := again.ReplayLog(t.Context(), strings.NewReader(text)); err != nil {
			t.Fatal(err)
		}
		if err := again.ExportLog(t.Context(), &log2); err != nil || log2.String() != text {
			t.Errorf("%v: the log differs", err)
		}
		if r := verifyDecision(t, again, "de_1"); !r.OK() || r.Entries != 3 {
			t.Errorf("%+v", r)
		}
		var a, b []store.DecisionHead
		for _, x := range []struct {
			db *store.DB
			to *[]store.DecisionHead
		}{{db, &a}, {again, &b}} {
			view(t, x.db, func(ctx context.Context, tx *store.Tx) (err error) {
				*x.to, err = tx.DecisionHeads(ctx)
				return err
			})
		}
		same(t, "the heads", b, a)
	})
}

// A pull writes no decision, and a View none either.
func TestWhoMayWriteDecisions(t *testing.T) {
	db := dbtest.SQLite(t)()
	decision(t, db, "de_1", 7, 1)
	err := db.InTx(t.Context(), store.Pulls, noon, func(tx *store.Tx) error { return addTo(t.Context(), tx, "de_1", 7, 1) })
	if err == nil || !strings.Contains(err.Error(), store.ErrWrongStream.Error()) {
		t.Errorf("in a pull: %v", err)
	}
	err = db.View(t.Context(), func(tx *store.Tx) error {
		_, _, err := tx.LockDecision(t.Context(), "de_1")
		return err
	})
	if err == nil || !strings.Contains(err.Error(), store.ErrWrongStream.Error()) {
		t.Errorf("in a view: %v", err)
	}
	if r := verifyDecision(t, db, "de_1"); !r.OK() || r.Entries != 1 {
		t.Errorf("%+v", r)
	}
}
