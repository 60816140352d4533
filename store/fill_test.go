package store_test

import (
	"database/sql"
	"fmt"
	"math/rand/v2"
	"regexp"
	"slices"
	"strings"
	"testing"

	"coopcloud.tech/goodstanding/store"
)

// filler makes rows that fit the checks and keys of any schema of goodstanding,
// as SQLite itself describes it: so every table of every version can be filled,
// also those of versions to come. What the rows mean is nothing.
type filler struct {
	t    testing.TB
	db   *sql.DB // SQLite; it says whether a row fits
	r    *rand.Rand
	n    int
	rows []filled // all that were made, in an order in which they can be stored
}

// filled is one row.
type filled struct {
	table   string
	columns []string
	values  []any
}

func (f *filled) insert() string {
	marks := make([]string, len(f.columns))
	for i := range marks {
		marks[i] = fmt.Sprintf("$%d", i+1)
	}
	return `INSERT INTO ` + f.table + ` (` + strings.Join(f.columns, ", ") + `) VALUES (` + strings.Join(marks, ", ") + `)`
}

// attempts is how often a row is made anew until it fits the checks.
const attempts = 3000

// single are tables with rows of a closed set, which a migration made.
var single = []string{"counter", "audit_head"}

// fill adds n rows to each table and returns them.
func (f *filler) fill(n int) []filled {
	f.t.Helper()
	from := len(f.rows)
	order, err := store.TableOrder(f.t, f.db)
	if err != nil {
		f.t.Fatal(err)
	}
	f.db.SetMaxOpenConns(1) // so that all of it is one transaction
	f.exec(`BEGIN`)
	defer f.exec(`COMMIT`)
	for _, table := range order {
		if slices.Contains(single, table) {
			continue
		}
		for range n {
			f.add(table)
		}
	}
	return f.rows[from:]
}

func (f *filler) exec(statement string) {
	f.t.Helper()
	if _, err := f.db.Exec(statement); err != nil {
		f.t.Fatalf("%s: %v", statement, err)
	}
}

// fillColumn is one column as its definition tells it.
type fillColumn struct {
	name, definition string
	integer          bool
	parents          []string // values of what it refers to; nil where it refers to nothing
}

var refersTo = regexp.MustCompile(`REFERENCES (\w+) \((\w+)\)`)

func (f *filler) columns(table string) (out []fillColumn) {
	ddl := strings.Join(lines(f.t, f.db, `SELECT sql FROM sqlite_schema WHERE type = 'table' AND name = $1`, table), "")
	for _, row := range lines(f.t, f.db, `SELECT name, type FROM pragma_table_info($1)`, table) {
		name, kind, _ := strings.Cut(row, " ")
		definition := regexp.MustCompile(`(?m)[\s(,]` + name + ` (TEXT|INTEGER)[^\n]*`).FindString(ddl)
		c := fillColumn{name: name, definition: definition, integer: kind == "INTEGER"}
		if m := refersTo.FindStringSubmatch(definition); m != nil {
			c.parents = lines(f.t, f.db, `SELECT `+m[2]+` FROM `+m[1])
		}
		out = append(out, c)
	}
	return out
}

// add makes a row of the table, by trying.
func (f *filler) add(table string) {
	f.t.Helper()
	columns := f.columns(table)
	var err error
	for range attempts {
		row := filled{table: table}
		for _, c := range columns {
			row.columns, row.values = append(row.columns, c.name), append(row.values, f.value(c))
		}
		if _, err = f.db.Exec(row.insert(), row.values...); err == nil {
			f.rows = append(f.rows, row)
			return
		}
	}
	f.t.Fatalf("no row was found that fits the table %s: %v", table, err)
}

var (
	oneOf    = regexp.MustCompile(`IN \(([^)]*)\)`)
	exactly  = regexp.MustCompile(`length\(\w+\) = (\d+)`)
	wordings = []string{"", "plain", "zwölf Häuser, 東京", `"quoted" \ and 'single'`, "two\nlines\tand a tab", "a < b & c > d", "\u2028\u00a0"}
)

// value is one that may fit the column.
func (f *filler) value(c fillColumn) any {
	f.n++
	if c.parents != nil {
		v := c.parents[f.r.IntN(len(c.parents))]
		if c.integer {
			var n int64
			if _, err := fmt.Sscan(v, &n); err != nil {
				f.t.Fatal(err)
			}
			return n
		}
		return v
	}
	if m := oneOf.FindStringSubmatch(c.definition); m != nil {
		words := strings.Split(m[1], ", ")
		word := words[f.r.IntN(len(words))]
		if c.integer {
			return int64(word[0] - '0')
		}
		return strings.Trim(word, "'")
	}
	if c.integer {
		switch f.r.IntN(4) {
		case 0:
			if !strings.Contains(c.definition, "> 0") {
				return int64(0)
			}
		case 1:
			return int64(1)<<53 + int64(f.n) // more than a float can hold
		}
		return int64(f.n)
	}
	if m := exactly.FindStringSubmatch(c.definition); m != nil {
		var n int
		if _, err := fmt.Sscan(m[1], &n); err != nil {
			f.t.Fatal(err)
		}
		digits := fmt.Sprintf("%0*x", n, f.n)
		return digits[len(digits)-n:]
	}
	return fmt.Sprintf("%s%d", wordings[f.r.IntN(len(wordings))], f.n)
}
