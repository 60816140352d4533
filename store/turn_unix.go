//go:build unix

package store

import (
	"errors"
	"os"

	"golang.org/x/sys/unix"
)

// tryTurn takes the lock on a file, or says that another has it.
func tryTurn(f *os.File) (had bool, err error) {
	err = unix.Flock(int(f.Fd()), unix.LOCK_EX|unix.LOCK_NB)
	if errors.Is(err, unix.EWOULDBLOCK) || errors.Is(err, unix.EINTR) {
		return false, nil
	}
	return err == nil, err
}

func leaveTurn(f *os.File) error { return unix.Flock(int(f.Fd()), unix.LOCK_UN) }
