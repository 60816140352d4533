//go:build race

package syncer

// raced: the race detector makes every row many times slower.
const raced = true
