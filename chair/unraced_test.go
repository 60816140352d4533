//go:build !race

package chair

const raced = false
