package syncer

import (
	"io"
	"slices"
	"strconv"
	"strings"
	"testing"
	"time"

	"coopcloud.tech/goodstanding/internal/dbtest"
	"coopcloud.tech/goodstanding/store"
)

// A snapshot that shows nothing new writes three rows and touches no other: the attempt,
// the snapshot, and the counter by which every other process sees it in the look that it
// takes anyway. The other one has the newest snapshot then, uses nothing that it kept
// from before, and has lost nothing.
func TestAnotherProcessSeesAnUnchangedSnapshot(t *testing.T) {
	for engine, dsn := range map[string]string{"sqlite": dbtest.SQLiteDSN(t), "postgres": dbtest.PostgresDSN(t)} {
		t.Run(engine, func(t *testing.T) {
			w, other := newWorld(t, engine, dsn), newWorld(t, engine, dsn)
			u := loose(w)
			birch := monthly("birch", at("2026-05-02"))
			u.orders, u.charges = append(u.orders, birch), append(u.charges, paidBy(birch, birch.Created))
			here, there := w.syncer(u), other.syncer(u)
			here.assess, there.assess = w.roll.AfterSnapshot, other.roll.AfterSnapshot
			there.newID = func(prefix string) string { return prefix + "_there" }
			w.pull(here)
			tables, counters := w.tables(), w.counters()

			w.later(time.Hour)
			other.now = w.now
			if r := other.pull(there); r.Changed != 0 || r.Snapshot != 2 {
				t.Fatalf("snapshot %d changed %d rows", r.Snapshot, r.Changed)
			}
			if got := otherwise(tables, w.tables()); got != "counter +0, pull +1, snapshot +1" {
				t.Errorf("written were %s", got)
			}
			now := w.counters()
			if now.Pulls.Seq != counters.Pulls.Seq+1 || now.Pulls.Known < w.now || now.Entries != counters.Entries {
				t.Errorf("the counters went from %+v to %+v", counters, now)
			}
			st := w.stored()
			if st.last.Number != 2 || st.last.Start != w.now || st.last.Known != now.Pulls.Known {
				t.Errorf("the newest snapshot is %+v", st.last)
			}
			if attempt := w.pulls()[0]; attempt.ID != st.last.Pull || attempt.Outcome != OutcomeComplete || attempt.Known != st.last.Known {
				t.Errorf("the newest attempt is %+v", attempt)
			}
			if here.kept.take(now.Pulls) != nil {
				t.Error("what was kept before another process pulled is used after it")
			}
		})
	}
}

func (w *world) counters() store.Counters {
	w.t.Helper()
	c, err := w.db.Counters(w.t.Context())
	if err != nil {
		w.t.Fatal(err)
	}
	return c
}

// tables are all tables with the number and the hash of their rows.
func (w *world) tables() []store.BackupTable {
	w.t.Helper()
	m, err := w.db.Backup(w.t.Context(), io.Discard, w.now, nil)
	if err != nil {
		w.t.Fatal(err)
	}
	return m.Tables
}

// otherwise is which tables are not as they were, and how many rows more they have.
func otherwise(before, after []store.BackupTable) string {
	var parts []string
	for i, t := range after {
		if t != before[i] {
			parts = append(parts, t.Table+" +"+strconv.FormatInt(t.Rows-before[i].Rows, 10))
		}
	}
	slices.Sort(parts)
	return strings.Join(parts, ", ")
}
