package roll

import (
	"bytes"
	"fmt"
	"io"
	"unicode/utf8"
)

// largestFile bounds what is read of one file, in bytes.
const largestFile = 16 << 20

// sheetRow is one row of a list before its cells are understood.
type sheetRow struct {
	line     int
	cells    map[string][]string // by column; an empty cell is absent
	problems []string            // of the row's form
	broken   bool                // no cell of it can be trusted
}

func (row *sheetRow) fault(format string, args ...any) {
	row.problems = append(row.problems, fmt.Sprintf(format, args...))
}

// readSheet reads a whole list. Its error is a *Refused when the file as a
// whole cannot be understood.
func readSheet(in io.Reader, format Format) ([]sheetRow, error) {
	data, err := io.ReadAll(io.LimitReader(in, largestFile+1))
	if err != nil {
		return nil, fmt.Errorf("read the list of members: %w", err)
	}
	data = bytes.TrimPrefix(data, []byte("\ufeff"))
	if why := unreadable(data); why != "" {
		return nil, refuseFile(why)
	}
	var rows []sheetRow
	switch format {
	case CSV:
		rows, err = readCSV(data)
	case YAML:
		rows, err = readYAML(data)
	default:
		_, err = ParseFormat(string(format))
	}
	if err == nil && len(rows) == 0 {
		err = refuseFile("the file names no member; goodstanding members import --template prints an example")
	}
	return rows, err
}

func refuseFile(reasons ...string) error { return &Refused{What: importWord, Reasons: reasons} }

// unreadable says why bytes are no list that can be read; "" when they may be.
func unreadable(data []byte) string {
	switch {
	case len(data) > largestFile:
		return fmt.Sprintf("the file is larger than %d MiB: split it", largestFile>>20)
	case bytes.HasPrefix(data, []byte{0xff, 0xfe}), bytes.HasPrefix(data, []byte{0xfe, 0xff}):
		return "the file is UTF-16 text, not UTF-8: save it as \"CSV UTF-8\""
	case bytes.HasPrefix(data, []byte("PK\x03\x04")):
		return "the file is a spreadsheet, not a list: save it as \"CSV UTF-8\""
	case utf8.Valid(data):
		return ""
	}
	line := 1
	for rest := data; len(rest) > 0; {
		r, size := utf8.DecodeRune(rest)
		if r == utf8.RuneError && size == 1 {
			break
		}
		if r == '\n' {
			line++
		}
		rest = rest[size:]
	}
	return fmt.Sprintf("line %d is not UTF-8 text (it may be Windows-1252): save the file as \"CSV UTF-8\"", line)
}

// writeSheet writes rows of cells in the format.
func writeSheet(w io.Writer, format Format, rows []map[string][]string) error {
	switch format {
	case CSV:
		return writeCSV(w, rows)
	case YAML:
		return writeYAML(w, rows)
	}
	_, err := ParseFormat(string(format))
	return err
}

// checkHeader checks the names of columns; every fault is told. places says where
// each stands.
func checkHeader(names, places []string) error {
	var why []string
	seen := map[string]bool{}
	for i, name := range names {
		_, ok := columnNamed(name)
		switch {
		case name == "":
			why = append(why, fmt.Sprintf("%s has no name", places[i]))
		case !ok:
			why = append(why, fmt.Sprintf("%s, %q, is not known; the nearest is %q", places[i], shorten(name), nearestColumn(name)))
		case seen[name]:
			why = append(why, fmt.Sprintf("%s, %q, stands there twice", places[i], name))
		}
		seen[name] = true
	}
	if !seen["handle"] && !seen["name"] && why == nil {
		why = append(why, `a column "handle" or "name" is needed to tell the members apart`)
	}
	if why == nil {
		return nil
	}
	return refuseFile(why...)
}
