package store_test

import (
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"testing"

	"coopcloud.tech/goodstanding/internal/dbtest"
)

// unportable is what a database that is spread over several machines and speaks
// PostgreSQL's protocol lacks, or has as a bottleneck: numbers from sequences, locks
// that are of one server alone, and code inside the database that is run for data.
var unportable = regexp.MustCompile(`(?i)\b(nextval|currval|setval|lastval|serial|bigserial|smallserial|CREATE\s+SEQUENCE|GENERATED\s+(ALWAYS|BY\s+DEFAULT)|` +
	`pg_(try_)?advisory_\w+|LISTEN|NOTIFY|ctid|xmin|CREATE\s+EXTENSION|CREATE\s+UNLOGGED|TEMP(ORARY)?\s+TABLE|DECLARE\s+\w+\s+CURSOR)\b`)

// tableLock is the lock of a whole table, which such a database often lacks.
var tableLock = regexp.MustCompile(`(?i)\bLOCK\s+(TABLE\b|ONLY\b|[a-z_]+\s+IN\b)`)

// TestNoSequencesAndNoAdvisoryLocks in the schema that PostgreSQL has, in the
// migrations that made it, and in the statements that are run for data (docs/scale.md).
func TestNoSequencesAndNoAdvisoryLocks(t *testing.T) {
	db := raw(t, "postgres", dbtest.PostgresDSN(t))
	for what, query := range map[string]string{
		"a sequence":               `SELECT relname FROM pg_class WHERE relkind = 'S' AND relname NOT LIKE 'goodstanding_%'`,
		"an identity column":       `SELECT attrelid::regclass || '.' || attname FROM pg_attribute WHERE attidentity <> '' AND attrelid::regclass::text NOT LIKE 'goodstanding_%'`,
		"a default from one":       `SELECT table_name || '.' || column_name FROM information_schema.columns WHERE column_default LIKE '%nextval%' AND table_schema = current_schema() AND table_name NOT LIKE 'goodstanding_%'`,
		"a table without key":      `SELECT c.relname FROM pg_class c JOIN pg_namespace n ON n.oid = c.relnamespace WHERE n.nspname = current_schema() AND c.relkind = 'r' AND NOT EXISTS (SELECT 1 FROM pg_index i WHERE i.indrelid = c.oid AND i.indisprimary)`,
		"an extension":             `SELECT extname FROM pg_extension WHERE extname <> 'plpgsql'`,
		"an unlogged table":        `SELECT relname FROM pg_class WHERE relpersistence = 'u'`,
		"a table of large objects": `SELECT loid::text FROM pg_largeobject`,
	} {
		if found := lines(t, db, query); len(found) > 0 {
			t.Errorf("the schema has %s: %s", what, strings.Join(found, ", "))
		}
	}
	tables := lines(t, db, `SELECT tablename FROM pg_tables WHERE schemaname = current_schema()`)
	if len(tables) < 30 {
		t.Errorf("only %d tables were looked at", len(tables))
	}
	statements, locks := 0, 0
	for _, pattern := range []string{"*.go", "../migrations/postgres/*.sql"} {
		files, err := filepath.Glob(pattern)
		if err != nil {
			t.Fatal(err)
		}
		for _, name := range files {
			if strings.HasSuffix(name, "_test.go") {
				continue
			}
			b, err := os.ReadFile(name)
			if err != nil {
				t.Fatal(err)
			}
			texts := []string{regexp.MustCompile(`(?m)--.*$`).ReplaceAllString(string(b), "")}
			if strings.HasSuffix(name, ".go") {
				texts = regexp.MustCompile("`[^`]*`").FindAllString(string(b), -1)
			}
			for _, text := range texts {
				statements++
				// One statement, without which nothing would be wrong (TestNothingButOrderRestsOnLocks).
				if n := len(tableLock.FindAllString(text, -1)); name == "engine.go" {
					locks += n
				} else if n > 0 {
					t.Errorf("%s locks a table", name)
				}
				// Who restores, or makes the schema, locks out another one that does, on a
				// database that nobody serves yet.
				if found := unportable.FindString(text); found != "" && !(found == "pg_advisory_xact_lock" && (name == "restore.go" || name == "migrate.go")) {
					t.Errorf("%s: %s", name, found)
				}
			}
		}
	}
	if locks != 1 {
		t.Errorf("engine.go locks tables in %d places, want 1", locks)
	}
	if statements < 100 {
		t.Errorf("only %d statements were looked at", statements)
	}
	for _, text := range []string{"id BIGSERIAL PRIMARY KEY", "SELECT pg_advisory_xact_lock($1)", "SELECT nextval('x')", "id BIGINT GENERATED ALWAYS AS IDENTITY"} {
		if !unportable.MatchString(text) {
			t.Errorf("the search does not find %q", text)
		}
	}
}
