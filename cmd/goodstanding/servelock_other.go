//go:build !unix

package main

import "os"

// lockFile refuses: without a lock that the system lets go of by itself, two
// daemons could run on one file.
func lockFile(*os.File) error {
	return errNoLocks
}
