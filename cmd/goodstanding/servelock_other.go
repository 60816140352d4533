//go:build !unix

package main

import (
	"errors"
	"os"
)

// lockFile refuses: without a lock that the system lets go of by itself, two
// daemons could run on one file.
func lockFile(*os.File) error {
	return errors.New("this system has no advisory locks that goodstanding knows: serve on PostgreSQL here")
}
