package main

import (
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"time"

	"coopcloud.tech/goodstanding/internal/instant"
)

// The name of a backup in a folder says when it was made, in UTC, and nothing
// else. Names sort as the times do.
const backupStamp = "2006-01-02T15-04-05Z"

var backupNames = regexp.MustCompile(`^goodstanding-\d{4}-\d\d-\d\dT\d\d-\d\d-\d\dZ\.jsonl\.gz$`)

func backupName(dir string, now instant.Instant) string {
	return filepath.Join(dir, "goodstanding-"+now.Time().UTC().Format(backupStamp)+".jsonl.gz")
}

// temporaryBackup is what a backup is called while it is written.
const temporaryBackup = ".goodstanding-backup-*"

// abandonedBackups are the names that os.CreateTemp makes of it.
var abandonedBackups = regexp.MustCompile(`^\.goodstanding-backup-\d+$`)

// abandonedAfter is how long nothing was written to a half backup whose writer is gone
// for certain. One that is being written is written to all the time.
const abandonedAfter = 24 * time.Hour

// removeAbandoned removes from a folder what backups that were killed have left there:
// half files with names and addresses, that nobody would look for. Their age is told by
// the file that was just made, since the folder's clock may be another one. What cannot
// be removed stays, and is no fault of the backup.
func removeAbandoned(made string) (removed []string) {
	dir := filepath.Dir(made)
	newest, err := os.Stat(made)
	if err != nil {
		return nil
	}
	entries, _ := os.ReadDir(dir)
	for _, e := range entries {
		if !e.Type().IsRegular() || !abandonedBackups.MatchString(e.Name()) {
			continue
		}
		info, err := e.Info()
		if err != nil || newest.ModTime().Sub(info.ModTime()) < abandonedAfter {
			continue
		}
		if path := filepath.Join(dir, e.Name()); os.Remove(path) == nil {
			removed = append(removed, path)
		}
	}
	return removed
}

// writeBackup lets f write a file that is never seen half, that only its owner may
// read, and that takes no other's place unless that is wished.
func writeBackup(path string, overwrite bool, f func(io.Writer) error) (err error) {
	exists := &usageError{path + " exists: name another file, or say --overwrite"}
	switch info, err := os.Lstat(path); {
	case err == nil && info.IsDir():
		return &usageError{path + " is a folder: name a file in it, or write --to " + path}
	case err == nil && !overwrite:
		return exists
	}
	tmp, err := os.CreateTemp(filepath.Dir(path), temporaryBackup) // mode 0600
	if err != nil {
		return unwritable("the backup "+path, path, err)
	}
	defer func() { _ = os.Remove(tmp.Name()) }() // after it was moved there is nothing to remove
	if err := f(tmp); err != nil {
		return errors.Join(err, tmp.Close())
	}
	if err := errors.Join(tmp.Sync(), tmp.Close()); err != nil {
		return fmt.Errorf("the backup cannot be written to %s: %w", path, err)
	}
	if err := moveBackup(tmp.Name(), path, overwrite); err != nil {
		if errors.Is(err, fs.ErrExist) {
			return exists
		}
		return fmt.Errorf("the backup cannot be moved to %s: %w", path, err)
	}
	return nil
}

// moveBackup gives the file its name, and makes that last.
func moveBackup(from, to string, overwrite bool) error {
	move := os.Rename
	if !overwrite {
		move = os.Link // which refuses a name that was taken meanwhile
	}
	err := move(from, to)
	if err != nil && !overwrite && !errors.Is(err, fs.ErrExist) {
		err = os.Rename(from, to) // a file system without a second name for a file
	}
	if err != nil {
		return err
	}
	dir, err := os.Open(filepath.Dir(to))
	if err != nil {
		return err
	}
	_ = dir.Sync() // not every file system can
	return dir.Close()
}

// keepNewest removes all backups of a folder but the newest n, and never the one
// that was just made, whatever the clock says. Other files stay.
func keepNewest(dir, made string, n int) (removed []string, err error) {
	entries, err := os.ReadDir(dir)
	if err != nil {
		return nil, err
	}
	var names []string
	for _, e := range entries {
		if e.Type().IsRegular() && backupNames.MatchString(e.Name()) && e.Name() != filepath.Base(made) {
			names = append(names, e.Name())
		}
	}
	slices.Sort(names)
	removed = []string{}
	for _, name := range names[:max(0, len(names)-(n-1))] {
		if err := os.Remove(filepath.Join(dir, name)); err != nil {
			return removed, err
		}
		removed = append(removed, filepath.Join(dir, name))
	}
	return removed, nil
}
