//go:build !unix

package store

import (
	"errors"
	"os"
)

// tryTurn knows no such lock here: writers of several processes get in as
// SQLite lets them.
func tryTurn(*os.File) (bool, error) { return false, errors.ErrUnsupported }

func leaveTurn(*os.File) error { return nil }
