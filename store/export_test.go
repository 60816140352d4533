package store

import (
	"database/sql"
	"fmt"
	"net/url"
	"strings"
	"testing"
	"time"

	"github.com/jmoiron/sqlx"
	"github.com/lib/pq"
	"github.com/lib/pq/pqerror"
)

// What the external tests need to see from inside.

// Pragmas reads a setting on the writing and on a reading connection.
func Pragmas(t testing.TB, db *DB, name string) (out []string) {
	t.Helper()
	for _, pool := range []interface {
		Get(any, string, ...any) error
	}{db.write, db.read} {
		var v string
		if err := pool.Get(&v, "PRAGMA "+name); err != nil {
			t.Fatal(err)
		}
		out = append(out, v)
	}
	return out
}

// Show reads a setting of a PostgreSQL session.
func Show(t testing.TB, db *DB, name string) (v string) {
	t.Helper()
	if err := db.write.Get(&v, "SHOW "+name); err != nil {
		t.Fatal(err)
	}
	return v
}

// TransactionIsolation is that of a write transaction.
func TransactionIsolation(t testing.TB, db *DB) (v string) {
	t.Helper()
	err := db.InTx(t.Context(), Entries, 1, func(tx *Tx) error { return tx.q.Get(&v, "SHOW transaction_isolation") })
	if err != nil {
		t.Fatal(err)
	}
	return v
}

// Exec runs a statement on the connection that writes.
func Exec(t testing.TB, db *DB, statement string) {
	t.Helper()
	if _, err := db.write.Exec(statement); err != nil {
		t.Fatalf("%s: %v", statement, err)
	}
}

// ExplainPostgres explains an error of a server, by its code.
func ExplainPostgres(where, code string) error {
	return engine{postgresDialect, where}.fault(&pq.Error{Code: pqerror.Code(code)})
}

// Queries counts the queries that reading the facts took.
func Queries(t testing.TB, db *DB, f func(*Tx) error) (n int) {
	t.Helper()
	err := db.View(t.Context(), func(tx *Tx) error {
		tx.queries = 0
		err := f(tx)
		n = tx.queries
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
	return n
}

// SSLMode is what an address comes to say about TLS.
func SSLMode(t testing.TB, dsn string) string {
	t.Helper()
	u, err := url.Parse(dsn)
	if err != nil {
		t.Fatal(err)
	}
	servers(u)
	return withSSLMode(u).Get("sslmode")
}

// Dump is every row of every table, as text.
func Dump(t testing.TB, db *DB) string {
	t.Helper()
	tables, err := db.tables(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	var out strings.Builder
	for _, table := range tables {
		rows, err := db.read.Queryx("SELECT * FROM " + table)
		if err != nil {
			t.Fatal(err)
		}
		for rows.Next() {
			values, err := rows.SliceScan()
			if err != nil {
				t.Fatal(err)
			}
			for _, v := range values {
				if b, ok := v.([]byte); ok {
					v = string(b)
				}
				fmt.Fprintf(&out, "%v ", v)
			}
			fmt.Fprintf(&out, "(%s)\n", table)
		}
		if err := rows.Err(); err != nil {
			t.Fatal(err)
		}
	}
	return out.String()
}

// SamePlace compares two places of a database.
func SamePlace(a, b string) bool { return samePlace(a, b) }

// TableOrder are the tables of a SQLite database, those first that others refer to.
func TableOrder(t testing.TB, db *sql.DB) ([]string, error) {
	t.Helper()
	q, err := sqlx.NewDb(db, "sqlite3").Beginx()
	if err != nil {
		return nil, err
	}
	defer func() { _ = q.Rollback() }()
	tables, err := (&Tx{q: conn{Tx: q}, readOnly: true}).tablesInOrder(t.Context())
	names := make([]string, len(tables))
	for i, table := range tables {
		names[i] = table.name
	}
	return names, err
}

// OpenAt opens a database and brings its schema to a version, which may be an older
// one than the program's.
func OpenAt(t testing.TB, dsn string, version int64) *DB {
	t.Helper()
	db, err := connect(t.Context(), dsn, Options{Version: "0.0.1"})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { db.Close() })
	unlock, err := db.lockSchema(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	defer unlock()
	provider, err := db.migrator()
	if err == nil {
		_, err = provider.UpTo(t.Context(), version)
	}
	if err != nil {
		t.Fatalf("bring %s to schema %d: %v", db.where, version, err)
	}
	return db
}

// TableNames is the query for an engine's tables.
func TableNames(name string) string {
	if name == "postgres" {
		return engine{dialect: postgresDialect}.tableNames()
	}
	return engine{}.tableNames()
}

// Unordered is the same database without the locks by which writers wait for each
// other: serializable transactions, begun anew after a conflict, and nothing else.
func Unordered(db *DB) *DB {
	other := *db
	other.unordered = true
	return &other
}

// CanonicalJSON is what is hashed of a value; ReadJSON makes the same of JSON by reading
// it and writing it again.
var (
	CanonicalJSON = canonicalJSON
	ReadJSON      = readJSON
)

// Listed is a row of every kind of column.
type Listed struct {
	No    int64    `db:"no"`
	Body  string   `db:"body"`
	N     int64    `db:"n"`
	On    bool     `db:"is_on"`
	Marks []string `db:"marks"`
}

// Written are all rows of the table listed, after these were written to it at once.
func Written(t testing.TB, db *DB, rows []Listed) (all []Listed) {
	t.Helper()
	err := db.InTx(t.Context(), NoStream, 1, func(tx *Tx) (err error) {
		if err = insertAll(t.Context(), tx, "listed", rows); err == nil {
			all, err = selectRows[Listed](t.Context(), tx, `SELECT `+names[Listed]("")+` FROM listed ORDER BY no`)
		}
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
	return all
}

// Quiet shortens for how long nothing may come from PostgreSQL before it is asked
// whether it works, how long it may take to say so, and for how long it may work.
func Quiet(db *DB, limit, within, longest time.Duration) {
	s := db.silence
	s.limit, s.underWay, s.longest, s.ask.within = limit, limit, longest, within
}

// Carry carries a statement out in a transaction.
func Carry(t testing.TB, db *DB, statement string) error {
	t.Helper()
	return db.InTx(t.Context(), NoStream, 1, func(tx *Tx) error {
		_, err := tx.q.ExecContext(t.Context(), statement)
		return err
	})
}

// Beat sets how often something is said in a transaction in which nothing is; 0 is never.
func Beat(db *DB, every time.Duration) { db.beat = every }

// Every is how often that is.
func Every(db *DB) time.Duration { return db.beat }

// Say runs a statement in a transaction.
func Say(t testing.TB, tx *Tx, statement string) error {
	t.Helper()
	_, err := tx.q.ExecContext(t.Context(), statement)
	return err
}

// Selected reads rows at once.
func Selected(t testing.TB, tx *Tx, query string) error {
	t.Helper()
	var all []int64
	return tx.q.SelectContext(t.Context(), &all, query)
}

// Numbers reads the numbers up to one.
func Numbers(t testing.TB, tx *Tx, n int) ([]int64, error) {
	t.Helper()
	type row struct {
		N int64 `db:"n"`
	}
	rows, err := selectRows[row](t.Context(), tx, `SELECT n FROM generate_series(1, $1::bigint) n`, int64(n))
	out := make([]int64, len(rows))
	for i, r := range rows {
		out[i] = r.N
	}
	return out, err
}
