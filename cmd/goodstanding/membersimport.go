package main

import (
	"bytes"
	"context"
	"fmt"
	"io"
	"os"
	"path/filepath"

	"coopcloud.tech/goodstanding/roll"
)

type importCmd struct {
	change
	File     string `arg:"" optional:"" help:"The file; - reads standard input"`
	Format   string `placeholder:"FORMAT" help:"csv or yaml; else by the file's name"`
	DryRun   bool   `help:"Say what would be done, and do nothing"`
	Template bool   `help:"Print an empty list with all columns, and do nothing"`
}

// Help shows how to use it.
func (importCmd) Help() string {
	return `
A row is matched to a member by its handle, else by its exact name; one that
matches nobody is a new member. Nothing is taken away: empty cells leave what
stands. When one row is wrong nothing is done, and every fault is told with its
line.

  goodstanding members import --template > members.csv
  goodstanding members import members.csv --dry-run
  goodstanding members import members.csv --reason "list of the wiki"`
}

// Run imports.
func (c importCmd) Run(ctx context.Context, a *app) error {
	if c.Template {
		format, err := formatOf(c.Format, c.File)
		if err != nil {
			return err
		}
		a.out.write(roll.Template(format))
		return a.out.err
	}
	if c.File == "" {
		return &usageError{"name the file: goodstanding members import FILE (or --template)"}
	}
	format, err := formatOf(c.Format, c.File)
	if err != nil {
		return err
	}
	text, err := a.input(c.File)
	if err != nil {
		return err
	}
	return a.at(ctx, needStore, func(d *desk) error { return c.apply(ctx, d, format, text) })
}

// apply shows what the file would do, asks, and does it.
func (c importCmd) apply(ctx context.Context, d *desk, format roll.Format, text []byte) error {
	by, err := d.by(ctx, c.change)
	if err != nil {
		return err
	}
	plan, _, err := d.roll.Import(ctx, by, reader(text), format, true)
	if err != nil {
		return err
	}
	if !d.app.cli.JSON {
		d.importTable(plan)
	}
	todo := 0
	for _, r := range plan.Rows {
		if r.Action != roll.ActionSame {
			todo++
		}
	}
	switch {
	case c.DryRun:
		return d.imported(plan, roll.Report{}, "Nothing was changed: a dry run.")
	case todo == 0:
		return d.imported(plan, roll.Report{}, "Nothing to do: the roll says what the file says.")
	}
	if err := d.app.confirm(fmt.Sprintf("Apply %s?", many(todo, "row", "rows"))); err != nil {
		return err
	}
	plan, report, err := d.roll.Import(ctx, by, reader(text), format, false)
	if err != nil {
		return err
	}
	return d.imported(plan, report, "Imported "+many(todo, "row", "rows")+".")
}

// formatOf is the format that is named, else the one of the file's ending.
func formatOf(named, file string) (roll.Format, error) {
	if named == "" {
		named = filepath.Ext(file)
	}
	if named == "" {
		return roll.CSV, nil
	}
	format, err := roll.ParseFormat(named)
	if err != nil {
		return "", &usageError{err.Error()}
	}
	return format, nil
}

// largestInput bounds a list in bytes.
const largestInput = 16 << 20

// input reads a file, or standard input for "-".
func (a *app) input(path string) ([]byte, error) {
	from := a.env.Stdin
	if path != "-" {
		f, err := os.Open(path)
		if err != nil {
			return nil, &usageError{fmt.Sprintf("the file %s cannot be read (%s): correct the path", path, cause(err))}
		}
		defer f.Close()
		from = f
	}
	text, err := io.ReadAll(io.LimitReader(from, largestInput+1))
	if err != nil {
		return nil, fmt.Errorf("read %s: %s", path, cause(err))
	}
	if len(text) > largestInput {
		return nil, &usageError{path + " is larger than 16 MiB: split it"}
	}
	return text, nil
}

func reader(text []byte) io.Reader { return bytes.NewReader(text) }

// importTable shows what is done with each row; unchanged ones are counted.
func (d *desk) importTable(plan roll.Import) {
	p := d.app.out
	t := &table{columns: []column{{title: "LINE", right: true}, {title: "NAME", least: 10}, {title: "ROW"}}}
	same := 0
	for _, r := range plan.Rows {
		if r.Action == roll.ActionSame {
			same++
			continue
		}
		t.add(fmt.Sprint(r.Line), clean(r.Name), r.Action)
	}
	if len(t.rows) > 0 {
		t.print(p)
	}
	if same > 0 {
		p.line("%s as it is.", many(same, "row stays", "rows stay"))
	}
}

// importRowAnswer is a row of an import in JSON.
type importRowAnswer struct {
	Line     int      `json:"line"`
	Name     string   `json:"name"`
	Action   string   `json:"action"`
	Problems []string `json:"problems"`
}

func (d *desk) imported(plan roll.Import, report roll.Report, words string) error {
	return d.done(report, map[string]any{"applied": plan.Applied, "rows": mapped(plan.Rows, func(r roll.ImportRow) importRowAnswer {
		return importRowAnswer{r.Line, r.Name, r.Action, filled(r.Problems)}
	})}, "%s", words)
}

type exportCmd struct {
	Format string `placeholder:"FORMAT" help:"csv or yaml; else by the file's name, else csv"`
	To     string `placeholder:"FILE" help:"Write it there instead of printing it; an existing file is left alone"`
	Logos  string `placeholder:"DIR" help:"Write the logos that were uploaded there, too, as HANDLE.png; existing files are left alone"`
}

// Help shows how to use it.
func (exportCmd) Help() string {
	return `
Everything that members import reads, private columns included. Cells that a
spreadsheet would run are made harmless and come back unchanged. Logos that were
uploaded are files of their own: with --logos they are written, too. Import does not
read them; they are uploaded again on the page of the entry.

  goodstanding members export --to members.csv
  goodstanding members export --to members.csv --logos logos
  goodstanding members export --format yaml`
}

// Run exports.
func (c exportCmd) Run(ctx context.Context, a *app) error {
	format, err := formatOf(c.Format, c.To)
	if err != nil {
		return err
	}
	return a.at(ctx, needStore, func(d *desk) error {
		if err := c.list(ctx, d, format); err != nil {
			return err
		}
		return c.logos(ctx, d)
	})
}

// list writes the list of members.
func (c exportCmd) list(ctx context.Context, d *desk, format roll.Format) error {
	if c.To == "" {
		return d.roll.Export(ctx, d.app.out.w, format)
	}
	err := written(c.To, 0o600, func(w io.Writer) error { return d.roll.Export(ctx, w, format) })
	if err == nil {
		d.app.note.line("Wrote %s. It holds private addresses.", c.To)
	}
	return err
}

// logos writes the logos that were uploaded, or says that there are some.
func (c exportCmd) logos(ctx context.Context, d *desk) error {
	all, err := d.roll.LogoFiles(ctx)
	if err != nil || len(all) == 0 {
		return err
	}
	if c.Logos == "" {
		d.app.note.line("%s not in it: goodstanding members export --logos DIR writes them.", many(len(all), "logo that was uploaded is", "logos that were uploaded are"))
		return nil
	}
	if err := os.MkdirAll(c.Logos, 0o700); err != nil {
		return fmt.Errorf("the folder %s cannot be made (%s): name another, or let the user who runs goodstanding write there", c.Logos, cause(err))
	}
	for _, one := range all {
		if err := writtenText(filepath.Join(c.Logos, one.Handle+".png"), 0o600, one.PNG); err != nil {
			return err
		}
	}
	d.app.note.line("Wrote %s into %s.", many(len(all), "logo", "logos"), c.Logos)
	return nil
}
