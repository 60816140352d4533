//go:build race

package chair

// Under the race detector SQLite takes ten times as long: what is about counts
// is done less often there, and whole without it (see the Makefile).
const raced = true
