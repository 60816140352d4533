package store_test

import (
	"database/sql"
	"flag"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"

	"coopcloud.tech/goodstanding/internal/dbtest"
	"coopcloud.tech/goodstanding/migrations"
)

var update = flag.Bool("update", false, "rewrite the golden schemas")

// raw opens a database without the store.
func raw(t testing.TB, driver, dsn string) *sql.DB {
	t.Helper()
	db, err := sql.Open(driver, strings.TrimPrefix(dsn, "sqlite://"))
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { db.Close() })
	return db
}

// lines runs a query of text columns and joins each row's.
func lines(t testing.TB, db *sql.DB, query string, args ...any) (out []string) {
	t.Helper()
	rows, err := db.Query(query, args...)
	if err != nil {
		t.Fatalf("%s: %v", query, err)
	}
	defer rows.Close()
	columns, err := rows.Columns()
	if err != nil {
		t.Fatal(err)
	}
	for rows.Next() {
		values := make([]sql.NullString, len(columns))
		targets := make([]any, len(columns))
		for i := range values {
			targets[i] = &values[i]
		}
		if err := rows.Scan(targets...); err != nil {
			t.Fatal(err)
		}
		parts := make([]string, len(values))
		for i, v := range values {
			parts[i] = v.String
		}
		out = append(out, strings.Join(parts, " "))
	}
	if err := rows.Err(); err != nil {
		t.Fatal(err)
	}
	return out
}

func golden(t *testing.T, engine, got string) {
	t.Helper()
	path := filepath.Join("..", "migrations", engine, "schema.golden")
	if *update {
		if err := os.WriteFile(path, []byte(got), 0o644); err != nil {
			t.Fatal(err)
		}
	}
	want, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	if string(want) != got {
		t.Errorf("the schema of %s differs from %s; look at it and run: go test ./store -run Golden -update\n%s", engine, path, got)
	}
}

func TestGoldenSchemaOfSQLite(t *testing.T) {
	db := raw(t, "sqlite", dbtest.SQLiteDSN(t))
	got := lines(t, db, `SELECT sql || ';' FROM sqlite_schema WHERE sql IS NOT NULL AND name NOT LIKE 'sqlite_%' ORDER BY type DESC, tbl_name, name`)
	golden(t, "sqlite", strings.Join(got, "\n")+"\n")
}

func TestGoldenSchemaOfPostgres(t *testing.T) {
	db := raw(t, "postgres", dbtest.PostgresDSN(t))
	got := lines(t, db, `SELECT line FROM (
		SELECT c.relname || '.' || a.attname || ' ' || format_type(a.atttypid, a.atttypmod) || CASE WHEN a.attcollation = 950 THEN ' "C"' ELSE '' END
			|| CASE WHEN a.attnotnull THEN ' not null' ELSE '' END AS line, 1 AS part, a.attnum AS n, c.relname
		FROM pg_attribute a JOIN pg_class c ON c.oid = a.attrelid
		WHERE c.relkind = 'r' AND c.relnamespace = current_schema()::regnamespace AND a.attnum > 0 AND NOT a.attisdropped
		UNION ALL SELECT c.relname || ': ' || pg_get_constraintdef(k.oid), 2, 0, c.relname
		FROM pg_constraint k JOIN pg_class c ON c.oid = k.conrelid WHERE c.relnamespace = current_schema()::regnamespace AND k.contype IN ('p', 'u', 'f', 'c')
		UNION ALL SELECT indexdef, 3, 0, tablename FROM pg_indexes WHERE schemaname = current_schema()
		UNION ALL SELECT pg_get_triggerdef(g.oid), 4, 0, c.relname
		FROM pg_trigger g JOIN pg_class c ON c.oid = g.tgrelid WHERE NOT g.tgisinternal AND c.relnamespace = current_schema()::regnamespace
		) s ORDER BY relname COLLATE "C", part, n, line COLLATE "C"`)
	golden(t, "postgres", strings.Join(got, "\n")+"\n")
}

// statement finds the tables and indexes of a migration.
var statement = regexp.MustCompile(`(?ms)^(CREATE TABLE|CREATE INDEX|CREATE UNIQUE INDEX|ALTER TABLE|DROP|INSERT).*?;$`)

// portable is a statement as both engines would write it.
func portable(engine, text string) string {
	if engine == "sqlite" {
		text = strings.ReplaceAll(text, " INTEGER ", " BIGINT ")
		return strings.ReplaceAll(text, "\n) STRICT;", "\n);")
	}
	return strings.ReplaceAll(text, ` TEXT COLLATE "C" `, " TEXT ")
}

// Both engines have the same tables, columns, checks, keys and indexes, word
// by word, but for the names of the types.
func TestBothSchemasSayTheSame(t *testing.T) {
	read := func(engine string) (names []string, statements []string) {
		files, err := migrations.Files(engine)
		if err != nil {
			t.Fatal(err)
		}
		if names, err = fs.Glob(files, "*.sql"); err != nil {
			t.Fatal(err)
		}
		for _, n := range names {
			b, err := fs.ReadFile(files, n)
			if err != nil {
				t.Fatal(err)
			}
			for _, s := range statement.FindAllString(string(b), -1) {
				statements = append(statements, portable(engine, s))
			}
		}
		return names, statements
	}
	liteNames, lite := read("sqlite")
	postNames, post := read("postgres")
	if !slices.Equal(liteNames, postNames) {
		t.Errorf("the files differ: %v and %v", liteNames, postNames)
	}
	if len(lite) < 60 {
		t.Fatalf("only %d statements were found", len(lite))
	}
	if len(lite) != len(post) {
		t.Errorf("%d and %d statements", len(lite), len(post))
	}
	for i := range min(len(lite), len(post)) {
		if lite[i] != post[i] {
			t.Errorf("SQLite has\n%s\nPostgreSQL has\n%s", lite[i], post[i])
		}
	}
}

// What the engines made of the text is the same, too: columns, keys, foreign
// keys, unique and partial indexes, and the number of checks.
func TestBothEnginesKeepTheSameConstraints(t *testing.T) {
	lite := raw(t, "sqlite", dbtest.SQLiteDSN(t))
	post := raw(t, "postgres", dbtest.PostgresDSN(t))
	a, b := liteConstraints(t, lite), postConstraints(t, post)
	if len(a) < 250 {
		t.Fatalf("only %d constraints were found", len(a))
	}
	for _, c := range a {
		if !slices.Contains(b, c) {
			t.Errorf("only SQLite has: %s", c)
		}
	}
	for _, c := range b {
		if !slices.Contains(a, c) {
			t.Errorf("only PostgreSQL has: %s", c)
		}
	}
	if loose := lines(t, lite, `SELECT name FROM pragma_table_list WHERE schema = 'main' AND strict = 0 AND name NOT LIKE 'sqlite_%' AND name <> $1`, migrations.Table); len(loose) > 0 {
		t.Errorf("tables that are not STRICT: %v", loose)
	}
}

func liteConstraints(t *testing.T, db *sql.DB) []string {
	const tables = `FROM sqlite_schema s, `
	const ours = ` WHERE s.type = 'table' AND s.name NOT LIKE 'sqlite_%' AND s.name <> $1 `
	out := lines(t, db, `SELECT 'column', s.name, c.name, CASE c.type WHEN 'INTEGER' THEN 'bigint' ELSE lower(c.type) END, c."notnull" `+
		tables+`pragma_table_info(s.name) c`+ours, migrations.Table)
	out = append(out, lines(t, db, `SELECT 'primary', s.name, (SELECT group_concat(name, ',') FROM (SELECT name FROM pragma_table_info(s.name) WHERE pk > 0 ORDER BY pk)) FROM sqlite_schema s`+ours, migrations.Table)...)
	out = append(out, lines(t, db, `SELECT 'foreign', s.name, f."from", f."table", f."to" `+tables+`pragma_foreign_key_list(s.name) f`+ours, migrations.Table)...)
	out = append(out, lines(t, db, `SELECT CASE i."unique" WHEN 1 THEN 'unique' ELSE 'index' END, s.name,
		(SELECT group_concat(coalesce(name, 'expression'), ',') FROM (SELECT name FROM pragma_index_info(i.name) ORDER BY seqno)), i.partial `+
		tables+`pragma_index_list(s.name) i`+ours+`AND i.origin <> 'pk'`, migrations.Table)...)
	for _, l := range lines(t, db, `SELECT s.name, s.sql FROM sqlite_schema s`+ours, migrations.Table) {
		name, text, _ := strings.Cut(l, " ")
		out = append(out, fmt.Sprintf("checks %s %d", name, strings.Count(text, " CHECK (")))
	}
	return out
}

func postConstraints(t *testing.T, db *sql.DB) []string {
	const ours = ` c.relkind = 'r' AND c.relnamespace = current_schema()::regnamespace AND c.relname <> $1 `
	const names = `(SELECT string_agg(coalesce(a.attname, 'expression'), ',' ORDER BY u.n) FROM unnest(%s) WITH ORDINALITY u(attnum, n)
		LEFT JOIN pg_attribute a ON a.attrelid = %s AND a.attnum = u.attnum AND u.attnum > 0)`
	out := lines(t, db, `SELECT 'column', c.relname, a.attname, format_type(a.atttypid, a.atttypmod), a.attnotnull::int FROM pg_attribute a
		JOIN pg_class c ON c.oid = a.attrelid WHERE a.attnum > 0 AND`+ours, migrations.Table)
	out = append(out, lines(t, db, `SELECT 'primary', c.relname, `+fmt.Sprintf(names, "k.conkey", "c.oid")+` FROM pg_constraint k
		JOIN pg_class c ON c.oid = k.conrelid WHERE k.contype = 'p' AND`+ours, migrations.Table)...)
	out = append(out, lines(t, db, `SELECT 'foreign', c.relname, `+fmt.Sprintf(names, "k.conkey", "c.oid")+`, r.relname, `+fmt.Sprintf(names, "k.confkey", "r.oid")+`
		FROM pg_constraint k JOIN pg_class c ON c.oid = k.conrelid JOIN pg_class r ON r.oid = k.confrelid WHERE k.contype = 'f' AND`+ours, migrations.Table)...)
	out = append(out, lines(t, db, `SELECT CASE WHEN i.indisunique THEN 'unique' ELSE 'index' END, c.relname, `+fmt.Sprintf(names, "i.indkey::int2[]", "c.oid")+`,
		(i.indpred IS NOT NULL)::int FROM pg_index i JOIN pg_class c ON c.oid = i.indrelid WHERE NOT i.indisprimary AND`+ours, migrations.Table)...)
	out = append(out, lines(t, db, `SELECT 'checks', c.relname, count(k.oid) FROM pg_class c LEFT JOIN pg_constraint k ON k.conrelid = c.oid AND k.contype = 'c'
		WHERE`+ours+`GROUP BY c.relname`, migrations.Table)...)
	return out
}
