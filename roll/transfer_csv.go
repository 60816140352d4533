package roll

import (
	"bytes"
	"encoding/csv"
	"errors"
	"fmt"
	"io"
	"strings"
)

// readCSV reads comma, semicolon or tab separated values with a header. A row
// whose first cell begins with "# " is a comment; rows without any text are
// left out.
func readCSV(data []byte) ([]sheetRow, error) {
	r := csv.NewReader(bytes.NewReader(data))
	r.Comma = separator(data)
	r.FieldsPerRecord = -1
	header, err := r.Read()
	if errors.Is(err, io.EOF) {
		return nil, refuseFile("the file is empty: its first line names the columns (goodstanding members import --template prints them)")
	}
	if err != nil {
		return nil, csvFault(err)
	}
	places := make([]string, len(header))
	for i := range header {
		header[i] = strings.ToLower(strings.TrimSpace(plainCell(header[i])))
		places[i] = fmt.Sprintf("column %d", i+1)
	}
	if err := checkHeader(header, places); err != nil {
		return nil, err
	}
	var rows []sheetRow
	for {
		cells, err := r.Read()
		if errors.Is(err, io.EOF) {
			return rows, nil
		}
		if err != nil {
			return nil, csvFault(err)
		}
		if line, _ := r.FieldPos(0); !idle(cells) {
			rows = append(rows, csvRow(line, header, cells))
		}
	}
}

// idle says that a row is a comment or has no text.
func idle(cells []string) bool {
	return strings.HasPrefix(cells[0], "# ") || strings.TrimSpace(strings.Join(cells, "")) == ""
}

// csvRow takes one row's cells apart.
func csvRow(line int, header, cells []string) sheetRow {
	row := sheetRow{line: line, cells: map[string][]string{}}
	if len(cells) != len(header) {
		row.broken = true
		row.fault("cells in the row: %d, columns in the header: %d; quote cells that hold a separator", len(cells), len(header))
		return row
	}
	for i, name := range header {
		c, _ := columnNamed(name)
		items, ok := c.items(plainCell(cells[i]))
		if !ok {
			row.fault("%s: a double quote is not closed, or is followed by something else than a semicolon", name)
		}
		if len(items) > 0 {
			row.cells[name] = items
		}
	}
	return row
}

// separator is the one that takes the header apart into the most known
// columns; a comma where that says nothing.
func separator(data []byte) rune {
	first, _, _ := bytes.Cut(data, []byte("\n"))
	best, most := ',', 0
	for _, sep := range []rune{',', ';', '\t'} {
		known := 0
		for _, name := range strings.Split(string(first), string(sep)) {
			if _, ok := columnNamed(strings.ToLower(strings.Trim(name, "\" \r"))); ok {
				known++
			}
		}
		if known > most {
			best, most = sep, known
		}
	}
	return best
}

// csvFault says where the form of a file is broken. Nothing after that place
// can be trusted, so it is the only reason.
func csvFault(err error) error {
	var p *csv.ParseError
	if !errors.As(err, &p) {
		return fmt.Errorf("read the list of members: %w", err)
	}
	what := "a double quote stands in the middle of a cell: put the whole cell in double quotes and write the quote twice"
	if errors.Is(p.Err, csv.ErrQuote) {
		what = fmt.Sprintf("a double quote of the cell that begins on line %d is not closed, or is followed by something else than a separator", p.StartLine)
	}
	return refuseFile(fmt.Sprintf("line %d, character %d: %s", p.Line, p.Column, what))
}

// writeCSV writes a header with all columns and a line for each row, with
// cells that no spreadsheet runs.
func writeCSV(w io.Writer, rows []map[string][]string) error {
	out := csv.NewWriter(w)
	cells := make([]string, len(sheetColumns))
	for i, c := range sheetColumns {
		cells[i] = c.name
	}
	// Errors of the writer stay with it until Flush.
	_ = out.Write(cells)
	for _, row := range rows {
		for i, c := range sheetColumns {
			cells[i] = safeCell(c.cell(row[c.name]))
		}
		_ = out.Write(cells)
	}
	out.Flush()
	return out.Error()
}
