package store_test

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"

	"coopcloud.tech/goodstanding/internal/dbtest"
	"coopcloud.tech/goodstanding/store"
)

// changing are the statements by which a row could be changed or removed.
var changing = regexp.MustCompile(`(?i)\b(UPDATE|DELETE\s+FROM|REPLACE\s+INTO|TRUNCATE|DROP)\s+([a-z_]+)`)

// inserting is the table of an insert, which changes a row where one is in its way.
var inserting = regexp.MustCompile(`INSERT INTO ([a-z_]+) [^;]*DO UPDATE SET`)

// erasable are the tables that hold no log.
var erasable = []string{"counter", "audit_head", "decision_head", "outbox", "setting", "text", "actor_label", "person", "member_detail",
	"account_detail", "account_former", "contact", "profile", "consent", "api_token", "session", "sign_in_link", "bounce", "notice_wish", "lease", "fence",
	"motion", "opportunity", "confirm_link", "person_matrix", "announced", "room_sign", "application", "application_link", "logo"}

// No statement of the package changes or removes a row of the log.
func TestNoStatementChangesTheLog(t *testing.T) {
	files, err := filepath.Glob("*.go")
	if err != nil {
		t.Fatal(err)
	}
	seen := 0
	for _, name := range files {
		if strings.HasSuffix(name, "_test.go") {
			continue
		}
		b, err := os.ReadFile(name)
		if err != nil {
			t.Fatal(err)
		}
		for _, text := range regexp.MustCompile("`[^`]*`").FindAllString(string(b), -1) {
			for _, m := range changing.FindAllStringSubmatch(text, -1) {
				seen++
				if into := inserting.FindStringSubmatch(text); into != nil && m[2] == "SET" { // ON CONFLICT DO UPDATE SET
					m[2] = into[1]
				}
				if !slices.Contains(erasable, strings.ToLower(m[2])) {
					t.Errorf("%s: %q touches the log", name, m[0])
				}
			}
		}
	}
	if seen < 10 {
		t.Errorf("only %d changing statements were found: the search is broken", seen)
	}
}

// The engines refuse it, too, whoever asks.
func TestTheEnginesRefuseToChangeTheLog(t *testing.T) {
	for driver, dsn := range map[string]string{"sqlite": dbtest.SQLiteDSN(t), "postgres": dbtest.PostgresDSN(t)} {
		db, err := store.Open(t.Context(), dsn, store.Options{})
		if err != nil {
			t.Fatal(err)
		}
		defer db.Close()
		w := newWorld(11)
		w.play(t, db, 250)
		write(t, db, store.NoStream, noon, func(ctx context.Context, tx *store.Tx) error { return tx.Enqueue(ctx, late("mb_1", "co_1")) })
		direct := raw(t, driver, dsn)
		tables := map[string]string{"sqlite": `SELECT name FROM sqlite_schema WHERE type = 'table' AND name NOT LIKE 'sqlite_%'`,
			"postgres": `SELECT tablename FROM pg_tables WHERE schemaname = current_schema()`}[driver]
		kept := 0
		for _, table := range lines(t, direct, tables) {
			if slices.Contains(erasable, table) || strings.HasPrefix(table, "goodstanding_") {
				continue
			}
			kept++
			if driver == "sqlite" && lines(t, direct, `SELECT count(*) FROM `+table)[0] == "0" {
				continue // a row trigger has nothing to refuse
			}
			column := lines(t, direct, `SELECT * FROM (`+firstColumn(driver)+`) x`, table)[0]
			for _, statement := range []string{`DELETE FROM ` + table, `UPDATE ` + table + ` SET ` + column + ` = ` + column} {
				if _, err := direct.Exec(statement); err == nil || !strings.Contains(err.Error(), "append-only: "+table) {
					t.Errorf("%s: %s: %v, want a refusal", driver, statement, err)
				}
			}
		}
		if kept != 36 {
			t.Errorf("%s: %d tables are kept, want 36", driver, kept)
		}
	}
}

func firstColumn(driver string) string {
	if driver == "sqlite" {
		return `SELECT name FROM pragma_table_info($1) LIMIT 1`
	}
	return `SELECT column_name::text FROM information_schema.columns WHERE table_name = $1 AND table_schema = current_schema() ORDER BY ordinal_position LIMIT 1`
}

// $2 before $1 in the text: SQLite's other driver swaps them.
func TestPlaceholdersAreBoundByNumber(t *testing.T) {
	for driver, dsn := range map[string]string{"sqlite": dbtest.SQLiteDSN(t), "postgres": dbtest.PostgresDSN(t)} {
		got := lines(t, raw(t, driver, dsn), `SELECT CAST($2 AS TEXT), CAST($1 AS TEXT), CAST($2 AS TEXT)`, "a", "b")
		if len(got) != 1 || got[0] != "b a b" {
			t.Errorf("%s: %q, want b a b", driver, got)
		}
	}
}

// What is erased does not stay behind in SQLite's file, in pages that are used further
// or in those that are free, but for rests where rows moved from one page to another,
// which is seldom; VACUUM leaves none.
func TestWhatIsErasedLeavesTheFile(t *testing.T) {
	dsn := dbtest.SQLiteDSN(t)
	db, err := store.Open(t.Context(), dsn, store.Options{})
	if err != nil {
		t.Fatal(err)
	}
	members(t, db, "mb_1")
	var gone []store.TextID
	var said int
	write(t, db, store.NoStream, noon, func(ctx context.Context, tx *store.Tx) error {
		gone, said = nil, 0
		for i := range 300 {
			n := 1 + i%40
			said += n
			about, err1 := tx.AddText(ctx, strings.Repeat("Hildegard moved away. ", n))
			_, err2 := tx.AddText(ctx, "another one")
			if err := errors.Join(err1, err2, tx.SetMemberDetail(ctx, store.MemberDetail{Member: "mb_1", Handle: "h", Name: fmt.Sprint("Hildegard ", i)})); err != nil {
				return err
			}
			gone = append(gone, about)
		}
		return nil
	})
	write(t, db, store.NoStream, noon, func(ctx context.Context, tx *store.Tx) error {
		for _, id := range gone {
			if err := tx.EraseText(ctx, id); err != nil {
				return err
			}
		}
		return tx.EraseMember(ctx, "mb_1")
	})
	inFile := func() int {
		t.Helper()
		if err := db.Close(); err != nil {
			t.Fatal(err)
		}
		file, err := os.ReadFile(strings.TrimPrefix(dsn, "sqlite://"))
		if err != nil {
			t.Fatal(err)
		}
		if !bytes.Contains(file, []byte("another one")) {
			t.Error("what was not erased is not in the file")
		}
		return bytes.Count(file, []byte("Hildegard"))
	}
	if n := inFile(); n > said/100 {
		t.Errorf("what was erased stands in the file %d times of %d", n, said)
	}
	if db, err = store.Open(t.Context(), dsn, store.Options{}); err != nil {
		t.Fatal(err)
	}
	store.Exec(t, db, `VACUUM`)
	if n := inFile(); n > 0 {
		t.Errorf("after VACUUM it stands there %d times", n)
	}
}

// Every SQLite connection has the settings that keep what was committed.
func TestSettingsOfSQLite(t *testing.T) {
	dsn := dbtest.SQLiteDSN(t)
	db, err := store.Open(t.Context(), dsn, store.Options{})
	if err != nil {
		t.Fatal(err)
	}
	defer db.Close()
	for pragma, want := range map[string]string{"journal_mode": "wal", "synchronous": "2", "foreign_keys": "1", "busy_timeout": "5000", "application_id": "1735356260", "secure_delete": "1"} {
		for _, got := range store.Pragmas(t, db, pragma) {
			if got != want {
				t.Errorf("PRAGMA %s is %s, want %s", pragma, got, want)
			}
		}
	}
	for setting, want := range map[string]string{"lock_timeout": "5s", "idle_in_transaction_session_timeout": "10s"} {
		if got := store.Show(t, dbtest.Postgres(t)(), setting); got != want {
			t.Errorf("%s is %s, want %s", setting, got, want)
		}
	}
	if got := store.TransactionIsolation(t, dbtest.Postgres(t)()); got != "serializable" {
		t.Errorf("a write transaction is %s", got)
	}
}
