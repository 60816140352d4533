package store

import (
	"context"
	"io"
)

// ExportLog writes the whole log (observations, entries, recorded standings)
// as JSON lines that do not depend on the engine, all from one consistent
// view: a head line, one line per row, and a last line with the number of rows
// and their SHA-256. Details, settings and notices are not part of it.
func (db *DB) ExportLog(ctx context.Context, w io.Writer) error { panic("unwritten") }

// ReplayLog reads what ExportLog wrote into an empty database, in one
// transaction: all of it or nothing. The same facts result, byte by byte.
func (db *DB) ReplayLog(ctx context.Context, r io.Reader) error { panic("unwritten") }
