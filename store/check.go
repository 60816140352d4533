package store

import (
	"context"
	"fmt"
	"slices"
	"strings"

	"coopcloud.tech/goodstanding/member"
)

// What must hold between the rows of the database, beside the chains (see
// VerifyAudit and VerifyDecision). Each check reads and tells; nothing is changed.

// Check is what one check found.
type Check struct {
	// Checked is how many things were looked at.
	Checked int64
	// Faults are what does not hold, by ids and without a name; nil when all does.
	Faults []string
	// Lasting says that some of them are in what is written once and for all, so that
	// nothing makes it anew.
	Lasting bool
}

func (c *Check) fault(format string, args ...any) {
	c.Faults = append(c.Faults, fmt.Sprintf(format, args...))
}

// reference says that a column of one table names a row of another.
type reference struct {
	From    string `db:"from_table"`
	Column  string `db:"from_column"`
	To      string `db:"to_table"`
	Key     string `db:"to_column"`
	nothing string // what stands for none, as SQL; "" where there is always one
}

// unforced are references that the schema does not keep, because the two sides are
// written at different times or one of them may stand for none.
var unforced = []reference{
	{"decision", "id", "decision_head", "decision", ""},
	{"announced", "decision", "decision", "id", ""},
	{"room_sign", "decision", "decision", "id", "''"},
	{"outbox", "member", "member", "id", "''"},
	{"opportunity", "member", "member", "id", "''"},
	{"confirm_link", "member", "member", "id", "''"},
	{"hold", "snapshot", "snapshot", "number", "0"},
	{"standing", "policy", "policy_version", "id", "''"},
	{"standing_mended", "policy", "policy_version", "id", "''"},
}

// CheckReferences looks whether everything that a row names is there.
func (tx *Tx) CheckReferences(ctx context.Context) (c Check, err error) {
	forced, err := tx.forced(ctx)
	if err != nil {
		return c, fmt.Errorf("check the references: %w", err)
	}
	for _, r := range append(forced, unforced...) {
		query := `SELECT CAST(f.` + r.Column + ` AS TEXT) AS id FROM ` + r.From + ` f
			WHERE NOT EXISTS (SELECT 1 FROM ` + r.To + ` t WHERE t.` + r.Key + ` = f.` + r.Column + `)`
		if r.nothing != "" {
			query += ` AND f.` + r.Column + ` <> ` + r.nothing
		}
		ids, err := tx.strings(ctx, query+` ORDER BY 1`)
		if err != nil {
			return c, fmt.Errorf("check the references of %s: %w", r.From, err)
		}
		for _, id := range slices.Compact(ids) {
			c.fault("%s.%s names %s, which is not in %s", r.From, r.Column, id, r.To)
		}
		n, err := tx.count(ctx, r.From)
		if err != nil {
			return c, fmt.Errorf("check the references of %s: %w", r.From, err)
		}
		c.Checked += n
	}
	return c, nil
}

// forced are the references that the schema keeps.
func (tx *Tx) forced(ctx context.Context) ([]reference, error) {
	query := `SELECT m.name AS from_table, f."from" AS from_column, f."table" AS to_table, f."to" AS to_column
		FROM sqlite_schema m, pragma_foreign_key_list(m.name) f WHERE m.type = 'table' ORDER BY 1, 2`
	if tx.engine.dialect == postgresDialect {
		query = `SELECT c.relname::text AS from_table, a.attname::text AS from_column, r.relname::text AS to_table, b.attname::text AS to_column
			FROM pg_constraint k JOIN pg_class c ON c.oid = k.conrelid JOIN pg_class r ON r.oid = k.confrelid
			JOIN pg_attribute a ON a.attrelid = k.conrelid AND a.attnum = k.conkey[1]
			JOIN pg_attribute b ON b.attrelid = k.confrelid AND b.attnum = k.confkey[1]
			WHERE k.contype = 'f' AND c.relnamespace = current_schema()::regnamespace ORDER BY 1, 2`
	}
	var out []reference
	err := tx.q.SelectContext(ctx, &out, query)
	return out, err
}

func (tx *Tx) strings(ctx context.Context, query string, args ...any) (out []string, err error) {
	err = tx.q.SelectContext(ctx, &out, query, args...)
	return out, err
}

// CheckUnique looks whether what there is once is there once: an account's member
// at a time, the snapshots' numbers; and whether SQLite's file is whole.
func (tx *Tx) CheckUnique(ctx context.Context) (c Check, err error) {
	links, err := tx.Links(ctx)
	if err != nil {
		return c, fmt.Errorf("check the links: %w", err)
	}
	byAccount := make(map[member.AccountID][]LinkState)
	for _, l := range links {
		for _, other := range byAccount[l.Account] {
			if overlap(l.From, l.Until, other.From, other.Until) {
				c.fault("the account %s is linked twice at a time, by %s and %s", l.Account, other.ID, l.ID)
			}
		}
		byAccount[l.Account] = append(byAccount[l.Account], l)
	}
	c.Checked = int64(len(links))
	type numbers struct {
		N    int64 `db:"n"`
		Last int64 `db:"last"`
	}
	s, _, err := selectOne[numbers](ctx, tx, `SELECT count(*) AS n, coalesce(max(number), 0) AS last FROM snapshot`)
	if err != nil {
		return c, fmt.Errorf("check the snapshots: %w", err)
	}
	if c.Checked += s.N; s.N != s.Last {
		c.fault("there are %d snapshots, and the last one has number %d", s.N, s.Last)
	}
	if tx.engine.dialect == postgresDialect {
		return c, nil
	}
	said, err := tx.strings(ctx, `PRAGMA quick_check(5)`)
	if err != nil {
		return c, fmt.Errorf("check the file: %w", err)
	}
	for _, s := range said {
		if s != "ok" {
			c.fault("the file is damaged: %s", strings.ReplaceAll(s, "\n", " "))
		}
	}
	return c, nil
}
