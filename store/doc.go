// Package store keeps everything: it is the only place with SQL.
//
// # Contract
//
// One text per query runs on both engines, SQLite (the default: one file, no
// server) and PostgreSQL. What must differ between them stands in engine.go.
//
// Facts are append-only and have two times (domain.md, section 2). Every row
// of a log table carries Known, the instant at which its transaction learned
// it; the transaction sets it, whatever the caller put there. Known never goes
// back, also when the clock does, and follows the order of commits: whoever
// has seen everything up to some Known will never see another fact appear at
// or before it.
//
// Log tables hold ids and instants only. What a person could be recognised by
// (names, addresses, free text) stands in tables of its own that can be
// changed and erased; erasing changes no fact, no chain and no verdict.
//
// A write happens in DB.InTx, which names the stream of facts it belongs to:
// Pulls for what is read from Open Collective, Entries for what people do,
// NoStream for what is no fact (notices, settings, details). Writing a fact in
// the wrong stream is refused. The function given to InTx may be run several
// times, so it must do nothing that the database cannot take back.
//
// Every write transaction is serializable. A conflict is retried here, in one
// place, a bounded number of times.
package store
