package roll

import (
	"bytes"
	"errors"
	"testing"
)

// FuzzReadList: whatever the bytes are, reading a list ends, refuses in words
// or gives rows that are written and read back unchanged.
func FuzzReadList(f *testing.F) {
	for _, seed := range []string{Template(CSV), Template(YAML), small, oneOfEach, "name;kind\n\"a\"\"b\";x\n", "\ufeffname\tkind\n'=a\tb\r\n",
		"handle,delegates\nx,\"\"\"a;b\"\" <a@b>; c\"\n", "members:\n- name: \"\\u0085\\0\"\n", "members: &a [*a]", "members: [{? [a] : b}]", "name\n\n# x\n\"\""} {
		f.Add([]byte(seed), true)
		f.Add([]byte(seed), false)
	}
	f.Fuzz(func(t *testing.T, data []byte, csv bool) {
		format := YAML
		if csv {
			format = CSV
		}
		rows, err := readSheet(bytes.NewReader(data), format)
		if err != nil {
			var refused *Refused
			if !errors.As(err, &refused) || len(refused.Reasons) == 0 {
				t.Fatalf("reading gave %v, want a refusal with reasons", err)
			}
			return
		}
		if len(rows) == 0 {
			t.Fatal("a list without rows was not refused")
		}
		for _, row := range rows {
			rec := parseRecord(row)
			if len(rec.problems) > 0 || len(row.cells) == 0 {
				continue
			}
			back := writtenAndRead(t, row)
			if again := parseRecord(back); len(again.problems) > 0 {
				t.Fatalf("a good row came back with %q", again.problems)
			}
		}
	})
}

// writtenAndRead writes a row as CSV and reads it back.
func writtenAndRead(t *testing.T, row sheetRow) sheetRow {
	var b bytes.Buffer
	if err := writeCSV(&b, []map[string][]string{row.cells}); err != nil {
		t.Fatal(err)
	}
	back, err := readCSV(b.Bytes())
	if err != nil {
		t.Fatalf("%v in %q", err, b.String())
	}
	if len(back) != 1 {
		t.Fatalf("one row came back as %d: %q", len(back), b.String())
	}
	return back[0]
}
