package bench

import (
	"fmt"
	"maps"
	"slices"
	"strings"
	"testing"
)

// unchanged is what one pull that finds nothing new writes: rows by table, and bytes of
// the write-ahead log. 1,000 payers are members.
func unchanged(tb testing.TB) (written map[string]float64, wal spread) {
	tb.Helper()
	const rounds = 7
	h := pulling(tb, 1000)
	h.pull(0) // what is written to a page for the first time is no pull's
	tables := func() map[string]int64 {
		h.exec(`SELECT pg_stat_force_next_flush()`)
		rows, err := h.plain.Query(`SELECT relname, n_tup_ins + n_tup_upd + n_tup_del FROM pg_stat_user_tables`)
		if err != nil {
			tb.Fatal(err)
		}
		all := map[string]int64{}
		for rows.Next() {
			var name string
			var n int64
			if err := rows.Scan(&name, &n); err != nil {
				tb.Fatal(err)
			}
			all[name] = n
		}
		return all
	}
	log := func() (at int64) {
		if err := h.plain.QueryRow(`SELECT pg_wal_lsn_diff(pg_current_wal_insert_lsn(), '0/0')`).Scan(&at); err != nil {
			tb.Fatal(err)
		}
		return at
	}
	var all []float64
	h.settle()
	before := tables()
	for range rounds {
		from := log()
		h.pull(0)
		all = append(all, float64(log()-from))
	}
	h.settle()
	written = map[string]float64{}
	for name, n := range tables() {
		if n != before[name] {
			written[name] = float64(n-before[name]) / rounds
		}
	}
	return written, spreadOf(all)
}

func measureUnchangedLog(tb testing.TB) measured {
	_, wal := unchanged(tb)
	return wal.atMost(2048, " bytes")
}

func measureUnchangedRows(tb testing.TB) measured {
	written, _ := unchanged(tb)
	rows := 0.0
	for _, n := range written {
		rows += n
	}
	return measured{fmt.Sprintf("%s, in %s", number(rows), strings.Join(slices.Sorted(maps.Keys(written)), ", ")), rows <= 1}
}
