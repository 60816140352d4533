package main

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"fmt"
	"io"

	"coopcloud.tech/goodstanding/internal/instant"
	"coopcloud.tech/goodstanding/store"
)

type backupCmd struct {
	File      string `arg:"" optional:"" help:"The file to write, or - for standard output"`
	To        string `placeholder:"DIR" help:"Write a file named by the time into this folder instead"`
	Keep      int    `placeholder:"N" help:"With --to: keep the newest N there, and remove those before"`
	Overwrite bool   `help:"Take the place of a file that exists"`
	Ended     bool   `help:"Make none: no more are made with --keep, so that none is missed"`
}

// Help says what a backup is.
func (backupCmd) Help() string {
	return `
Writes everything that the database holds into one file, at any time: others go on
working meanwhile, and the file shows one instant. It is the same from SQLite and
from PostgreSQL, and restore reads it on either. Only who is signed in, and the
links to sign in by, are not in it.

The file holds names and addresses: keep it as safe as the database itself. A
folder for --to belongs to one federation.

With --keep it is noted when the backup was made: where none follows for two days, an
alert says so. Whoever makes them in another way from then on says --ended, once.

  goodstanding backup /backups/roll.jsonl.gz
  goodstanding backup --to /backups --keep 14
  goodstanding backup -      # for a pipe, such as into age`
}

// check refuses what does not fit together.
func (c backupCmd) check(terminal bool) error {
	switch {
	case c.Ended && (c.File != "" || c.To != "" || c.Keep != 0 || c.Overwrite):
		return &usageError{"--ended makes no backup: write it alone"}
	case c.Ended:
		return nil
	case c.File == "" && c.To == "":
		return &usageError{"where to is missing: name a file, or a folder with --to"}
	case c.File != "" && c.To != "":
		return &usageError{"a file and --to cannot be combined: name one of them"}
	case c.Keep < 0 || c.Keep > 0 && c.To == "":
		return &usageError{"--keep says how many backups stay in the folder of --to: write --to DIR --keep 14"}
	case c.Overwrite && (c.To != "" || c.File == "-"):
		return &usageError{"--overwrite is for a file that is named"}
	case c.File == "-" && terminal:
		return &usageError{"a backup is nothing to read on a terminal: name a file, or send it on with |"}
	}
	return nil
}

// Run makes a backup.
func (c backupCmd) Run(ctx context.Context, a *app) error {
	if err := c.check(a.env.Terminal); err != nil {
		return err
	}
	cfg, err := a.config(needNothing)
	if err != nil {
		return err
	}
	db, err := store.OpenAsItIs(ctx, string(cfg.Database), store.Options{Version: version()})
	if err != nil {
		return err
	}
	defer db.Close()
	now := a.env.Now()
	if c.Ended {
		return c.end(ctx, a, db, now)
	}
	if c.File == "-" {
		made, err := a.backUp(ctx, db, now, a.env.Stdout)
		if err == nil && !a.cli.JSON {
			a.note.line("%s", made.words("standard output"))
		}
		return err
	}
	path := c.File
	if c.To != "" {
		path = backupName(c.To, now)
	}
	var made backedUp
	err = writeBackup(path, c.Overwrite, func(w io.Writer) error {
		made, err = a.backUp(ctx, db, now, w)
		return err
	})
	if err != nil {
		return err
	}
	if c.Keep > 0 {
		if _, err := db.NoteBackup(ctx, now, now); err != nil {
			a.note.line("The backup is whole. That it was made could not be noted, so that an alert may say it was not: %s", cause(err))
		}
	}
	return c.finish(a, path, made)
}

// end says that no kept backup is expected any more.
func (c backupCmd) end(ctx context.Context, a *app, db *store.DB, now instant.Instant) error {
	switch noted, err := db.NoteBackup(ctx, 0, now); {
	case err != nil:
		return err
	case !noted:
		return errors.New("nothing was noted: the database has another schema than this program: bring it up to date first (goodstanding migrate)")
	}
	if a.cli.JSON {
		return a.out.json(map[string]any{"ended": true})
	}
	a.out.line("No backup is expected any more, until the next one with --keep.")
	return a.out.err
}

// finish removes what is too many, and says what was done.
func (c backupCmd) finish(a *app, path string, made backedUp) error {
	abandoned := removeAbandoned(path)
	removed := []string{}
	if c.Keep > 0 {
		var err error
		if removed, err = keepNewest(c.To, path, c.Keep); err != nil {
			return fmt.Errorf("the backup %s is whole, but older ones could not be removed: %s", path, cause(err))
		}
	}
	if a.cli.JSON {
		return a.out.json(backupAnswer{path, made.bytes, made.sum, append(removed, abandoned...), made.manifest})
	}
	a.out.line("%s", made.words(path))
	if len(removed) > 0 {
		a.out.line("Removed: %s before the newest %d.", many(len(removed), "backup", "backups"), c.Keep)
	}
	if len(abandoned) > 0 {
		a.out.line("Removed: %s that a killed backup had left.", many(len(abandoned), "half file", "half files"))
	}
	return a.out.err
}

// backupAnswer is what was written, in JSON.
type backupAnswer struct {
	File     string         `json:"file"`
	Bytes    int64          `json:"bytes"`
	SHA256   string         `json:"sha256"`
	Removed  []string       `json:"removed"`
	Manifest store.Manifest `json:"manifest"`
}

// backedUp is a backup that was written.
type backedUp struct {
	manifest store.Manifest
	bytes    int64
	sum      string // SHA-256 of the file
}

func (b *backedUp) words(path string) string {
	return fmt.Sprintf("Backed up to %s: %s of %d tables, schema %d, %s. SHA-256 %s", path, many(int(b.manifest.Rows()), "row", "rows"),
		len(b.manifest.Tables), b.manifest.Schema, sizeWords(b.bytes), b.sum)
}

// sizeWords is a size for people.
func sizeWords(n int64) string {
	switch {
	case n >= 10<<20:
		return fmt.Sprintf("%d MiB", n>>20)
	case n >= 10<<10:
		return fmt.Sprintf("%d KiB", n>>10)
	}
	return many(int(n), "byte", "bytes")
}

// backUp writes a backup.
func (a *app) backUp(ctx context.Context, db *store.DB, now instant.Instant, w io.Writer) (made backedUp, err error) {
	sum := sha256.New()
	counted := &countingWriter{w: io.MultiWriter(w, sum)}
	made.manifest, err = db.Backup(ctx, counted, now, a.progress("Backing up"))
	made.bytes, made.sum = counted.n, hex.EncodeToString(sum.Sum(nil))
	return made, err
}

// countingWriter counts what goes through it.
type countingWriter struct {
	w io.Writer
	n int64
}

// Write passes it on.
func (c *countingWriter) Write(b []byte) (int, error) {
	n, err := c.w.Write(b)
	c.n += int64(n)
	return n, err
}

// progress shows on a terminal how far something has come, on one line that the
// last step clears; nil elsewhere.
func (a *app) progress(what string) store.Progress {
	if !a.env.Terminal || a.cli.JSON {
		return nil
	}
	last := int64(-1)
	return func(done, total int64) {
		percent := int64(100)
		if total > 0 {
			percent = done * 100 / total
		}
		switch {
		case done >= total:
			a.note.write("\r\x1b[K")
		case percent != last:
			a.note.write(fmt.Sprintf("\r%s: %d%%", what, percent))
		}
		last = percent
	}
}
