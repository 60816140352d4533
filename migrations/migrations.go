// Package migrations holds the numbered SQL that makes and changes the
// database, one folder per engine. Both folders have the same numbers, tables,
// columns, checks, keys and indexes; a test compares them, and each folder's
// golden schema (schema.golden) shows what the sum of its files is.
//
// The files are applied by store.Open under a lock. A number that was once
// released is never changed again: a mistake is mended by the next number.
package migrations

import (
	"embed"
	"fmt"
	"io/fs"
	"path"
	"regexp"
	"strconv"
	"strings"
)

//go:embed sqlite/*.sql postgres/*.sql
var files embed.FS

// Table is the table in which the applied numbers stand. A database that has
// it is one of goodstanding's.
const Table = "goodstanding_schema"

// ApplicationID is what a SQLite file of goodstanding carries in its header
// ("good" in ASCII).
const ApplicationID = 0x676f6f64

// Files are the migrations of one engine, "sqlite" or "postgres".
func Files(engine string) (fs.FS, error) {
	sub, err := fs.Sub(files, engine)
	if err != nil {
		return nil, fmt.Errorf("migrations for %s: %w", engine, err)
	}
	return sub, nil
}

// Latest is the highest number of one engine's migrations: the schema version
// that this program works with.
func Latest(engine string) (int64, error) {
	names, err := fs.Glob(files, path.Join(engine, "*.sql"))
	if err != nil || len(names) == 0 {
		return 0, fmt.Errorf("migrations for %s: none found", engine)
	}
	last := path.Base(names[len(names)-1])
	digits, _, _ := strings.Cut(last, "_")
	n, err := strconv.ParseInt(digits, 10, 64)
	if err != nil {
		return 0, fmt.Errorf("migrations for %s: %s does not begin with a number", engine, last)
	}
	return n, nil
}

// made finds the names that a migration gives to tables.
var made = regexp.MustCompile(`(?m)^(?:CREATE TABLE|ALTER TABLE \w+ RENAME TO) (\w+)`)

// Tables says which names are tables of goodstanding, in any version: others that
// stand in the same database, such as those of a program that replicates it, are
// none of its business.
func Tables(engine string) (map[string]bool, error) {
	names, err := fs.Glob(files, path.Join(engine, "*.sql"))
	if err != nil {
		return nil, fmt.Errorf("migrations for %s: %w", engine, err)
	}
	out := make(map[string]bool)
	for _, name := range names {
		text, err := files.ReadFile(name)
		if err != nil {
			return nil, fmt.Errorf("migrations for %s: %w", engine, err)
		}
		for _, m := range made.FindAllStringSubmatch(string(text), -1) {
			out[m[1]] = true
		}
	}
	return out, nil
}
