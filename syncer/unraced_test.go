//go:build !race

package syncer

const raced = false
