package archtest

import (
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"testing"
)

var (
	tableMade = regexp.MustCompile(`(?m)^CREATE TABLE (\w+)|^(\w+)\.\w+ .*`)
	tableRow  = regexp.MustCompile("(?m)^\\| `(\\w+)` \\|(.*)\\|(.*)\\|(.*)\\|$")
)

// TestEveryTableIsInTheDataPage: nothing is stored of which docs/data.md does not say
// what in it is about a person, how long it stays, and what erasing a person does to it.
func TestEveryTableIsInTheDataPage(t *testing.T) {
	page, err := os.ReadFile("../../docs/data.md")
	if err != nil {
		t.Fatal(err)
	}
	told := map[string]bool{}
	for _, row := range tableRow.FindAllStringSubmatch(string(page), -1) {
		if told[row[1]] {
			t.Errorf("docs/data.md has %s twice", row[1])
		}
		told[row[1]] = true
		for _, cell := range row[2:] {
			if strings.TrimSpace(cell) == "" {
				t.Errorf("docs/data.md says nothing in a cell of %s", row[1])
			}
		}
	}
	for _, engine := range []string{"sqlite", "postgres"} {
		schema, err := os.ReadFile(filepath.Join("../../migrations", engine, "schema.golden"))
		if err != nil {
			t.Fatal(err)
		}
		made := map[string]bool{}
		for _, m := range tableMade.FindAllStringSubmatch(string(schema), -1) {
			made[m[1]+m[2]] = true
		}
		if len(made) < 40 {
			t.Errorf("only %d tables are found in the schema of %s", len(made), engine)
		}
		for table := range made {
			if !told[table] {
				t.Errorf("docs/data.md has no row for the table %s of %s", table, engine)
			}
		}
		for table := range told {
			if !made[table] {
				t.Errorf("docs/data.md has a row for %s, which is no table of %s", table, engine)
			}
		}
	}
}
