package store_test

import (
	"math"
	"strings"
	"testing"

	"coopcloud.tech/goodstanding/internal/dbtest"
	"coopcloud.tech/goodstanding/store"
)

// What is written at once is read as it was written by both engines, however many rows:
// texts of any sign, numbers of any size, and columns in which all rows have the same, or
// half of them, or all but the last, or each its own.
func TestManyRowsAreReadAsTheyWereWritten(t *testing.T) {
	texts := []string{"", "a", "{", "}", `"`, `\`, `\x00`, "NULL", "é, ü", "\n\t", "a,b", "'; --", "$1", "💚", strings.Repeat("x", 3000)}
	numbers := []int64{0, 1, -1, math.MaxInt64, math.MinInt64, 1 << 32}
	picks := map[string]func(i, n int) int{
		"all the same": func(int, int) int { return 0 },
		"all the last": func(int, int) int { return len(texts) - 1 },
		"but the last": func(i, n int) int { return i / max(n-1, 1) },
		"half of them": func(i, n int) int { return 2 * i / n },
		"each its own": func(i, _ int) int { return i },
	}
	dbtest.Each(t, func(t *testing.T, open func() *store.DB) {
		db := open()
		store.Exec(t, db, `CREATE TABLE listed (no BIGINT NOT NULL, body TEXT NOT NULL, n BIGINT NOT NULL, is_on BIGINT NOT NULL, marks TEXT NOT NULL)`)
		var all, want []store.Listed
		for what, pick := range picks {
			for _, n := range []int{1, 2, 3, 499, 1201} {
				var rows []store.Listed
				for i := range n {
					p := pick(i, n)
					no := int64(len(want) + i)
					if p == 0 && what == "all the same" { // these rows are the same altogether
						no = int64(len(want))
					}
					rows = append(rows, store.Listed{No: no, Body: texts[p%len(texts)], N: numbers[p%len(numbers)], On: p%2 == 1, Marks: []string{texts[p%len(texts)], "b"}[:p%3]})
				}
				want = append(want, rows...)
				all = store.Written(t, db, rows)
				if len(all) != len(want) {
					t.Fatalf("%s, %d rows: %d are there, want %d", what, n, len(all), len(want))
				}
			}
		}
		same(t, "the rows", all, want)
	})
}
