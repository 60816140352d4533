package roll

import (
	"context"
	"errors"
	"fmt"
	"io"

	"coopcloud.tech/goodstanding/internal/instant"
)

// Format is a form in which a list of members is read and written.
type Format string

// The formats. Both have the same columns, see Template.
const (
	CSV  Format = "csv"
	YAML Format = "yaml"
)

// ParseFormat reads the name of a format, or the ending of a file's name.
func ParseFormat(s string) (Format, error) {
	switch s {
	case "csv", ".csv":
		return CSV, nil
	case "yaml", "yml", ".yaml", ".yml":
		return YAML, nil
	}
	return "", fmt.Errorf("%q is not a format for lists of members: write csv or yaml", s)
}

// What an import does with a row.
const (
	ActionNew     = "new"
	ActionChanged = "changed"
	ActionSame    = "same"
)

// ImportRow is what an import does with one row of its file.
type ImportRow struct {
	Line   int // counted from 1, where the row begins
	Name   string
	Action string // "new", "changed" or "same"; "" for a row with problems
	// Problems say what is wrong, each with its column; none for a good row.
	Problems []string
}

// Import is what a file would do, or did.
type Import struct {
	Rows []ImportRow // in the file's order
	// Applied says that the register now says what the file says.
	Applied bool
}

// reasons are all problems, each with its line.
func (i Import) reasons() []string {
	var out []string
	for _, row := range i.Rows {
		for _, p := range row.Problems {
			out = append(out, fmt.Sprintf("line %d, %s", row.Line, p))
		}
	}
	return out
}

// importWord names the change in refusals.
const importWord = "import"

// errSame ends the transaction of an import that has nothing to do.
var errSame = errors.New("nothing to import")

// Import adds and corrects members from a list. A row is matched to a member
// by its handle, else by its exact name; one that matches nobody is a new
// member.
//
// An import takes nothing away: an absent column and an empty cell leave what
// stands, accounts and delegates are added to those that stand. It is one
// change: when a row has a problem nothing is applied, and the error is a
// *Refused that tells every problem of every row. With dry nothing is applied
// either, and no reason is needed; the Report says what would follow.
//
// A treasurer or the operator may import. Members whose standing is new start
// without a notice (domain.md, section 3).
func (r *Roll) Import(ctx context.Context, by By, in io.Reader, format Format, dry bool) (Import, Report, error) {
	file, err := readSheet(in, format)
	if err != nil {
		return Import{}, Report{}, err
	}
	records := make([]record, len(file))
	for i, row := range file {
		records[i] = parseRecord(row)
	}
	var im Import
	var tried Report
	report, err := r.enter(ctx, trial(by, dry), actionImportMembers, importWord, "", func(a *act) error {
		im = Import{}
		if !a.keeper() {
			return nil
		}
		p, err := a.plan(ctx, records)
		if err != nil {
			return err
		}
		im = p.result
		a.refuseAll(im.reasons())
		switch {
		case a.refused():
			return nil
		case p.empty():
			return errSame
		}
		p.tell(a)
		if err := p.apply(ctx, a); err != nil || !dry || a.refused() {
			return err
		}
		if tried, err = r.afterEntry(ctx, a.tx, because{}); err != nil {
			return err
		}
		return errTrial
	})
	switch {
	case errors.Is(err, errTrial):
		return im, tried, nil
	case errors.Is(err, errSame):
		err = nil
	}
	im.Applied = err == nil && !dry
	return im, report, err
}

// clock is the instant of a change: the transaction's, but never before what
// the change follows, so that a clock that went back undoes nothing.
func clock(now, last instant.Instant) instant.Instant { return max(now, last) }
