// Package arrange sorts rows.
//
// slices.SortFunc is compiled anew for every type of row, some 15 KB each. Sorting
// the rows' places instead is compiled once. It takes half as long again for large
// rows, so where a pull's rows are first read (syncer/normalise.go, the client's own
// lists) they are sorted by the library.
package arrange

import "slices"

// By sorts rows as compare says, which is negative where a comes before b; rows of
// which compare gives zero stay in their order.
func By[T any](rows []T, compare func(a, b T) int) {
	order := places(len(rows), func(i, j int) int { return compare(rows[i], rows[j]) })
	if order == nil {
		return
	}
	was := append([]T(nil), rows...)
	for to, from := range order {
		rows[to] = was[from]
	}
}

// places says of each place which one its row comes from; nil where all n rows are
// in order.
func places(n int, compare func(i, j int) int) []int {
	i := 1
	for i < n && compare(i-1, i) <= 0 {
		i++
	}
	if i >= n {
		return nil
	}
	all := make([]int, n)
	for i := range all {
		all[i] = i
	}
	slices.SortFunc(all, func(i, j int) int {
		if c := compare(i, j); c != 0 {
			return c
		}
		return i - j
	})
	return all
}
