package arrange

import (
	"cmp"
	"slices"
	"testing"

	"pgregory.net/rapid"
)

type row struct {
	key, place int
	Rest       [20]string // makes it as large as a row of the roll
}

// TestBy holds the sorting to the library's stable one, on rows with few keys, so
// that many are equal.
func TestBy(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		keys := rapid.SliceOf(rapid.IntRange(0, 9)).Draw(t, "keys")
		var rows []row
		for place, key := range keys {
			rows = append(rows, row{key: key, place: place})
		}
		want := slices.Clone(rows)
		byKey := func(a, b row) int { return cmp.Compare(a.key, b.key) }
		slices.SortStableFunc(want, byKey)
		By(rows, byKey)
		if !slices.Equal(rows, want) {
			t.Fatalf("By(%v) = %v, want %v", keys, rows, want)
		}
	})
}

// BenchmarkBy sorts rows of a size that the roll has, beside the library's own.
func BenchmarkBy(b *testing.B) {
	var mixed []row
	for i := range 5000 {
		mixed = append(mixed, row{key: i * 7919 % 5000})
	}
	byKey := func(a, b row) int { return cmp.Compare(a.key, b.key) }
	for name, by := range map[string]func([]row){
		"by":     func(r []row) { By(r, byKey) },
		"slices": func(r []row) { slices.SortFunc(r, byKey) },
	} {
		b.Run(name, func(b *testing.B) {
			for b.Loop() {
				by(slices.Clone(mixed))
			}
		})
	}
}
