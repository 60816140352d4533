package store

import (
	"fmt"

	"golang.org/x/sys/unix"
)

// filePlace is a file's inode, and when that was made, where the file system says.
func filePlace(path string) (string, error) {
	var s unix.Statx_t
	if err := unix.Statx(unix.AT_FDCWD, path, 0, unix.STATX_INO|unix.STATX_BTIME, &s); err != nil {
		return "", fmt.Errorf("look at the file %s: %w", path, err)
	}
	place := fmt.Sprintf("sqlite inode=%d", s.Ino)
	if s.Mask&unix.STATX_BTIME != 0 {
		place += fmt.Sprintf(" born=%d.%09d", s.Btime.Sec, s.Btime.Nsec)
	}
	return place, nil
}
