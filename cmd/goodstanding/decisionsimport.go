package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"slices"
	"strings"

	"coopcloud.tech/goodstanding/chair"
	"coopcloud.tech/goodstanding/decisions"
	"coopcloud.tech/goodstanding/publish"
)

type decisionImportCmd struct {
	Paths  []string `arg:"" name:"path" help:"Folders of the docs site, or files"`
	DryRun bool     `help:"Say what would be done, and do nothing"`
}

// Help says what is read.
func (decisionImportCmd) Help() string {
	return `
Reads the decisions that people published: the folder is the state, the name is
the number. It is lenient, and says of each file what had to be guessed. All of
them are stored or none. An imported decision was counted elsewhere: it has no
answers here, announces nothing, and new numbers go on above it. Import the files
again when they have changed; a decision that was made or taken up here is never
replaced by one.

  goodstanding decisions import docs/federation/resolutions --dry-run
  goodstanding decisions import docs/federation/resolutions
  goodstanding decisions import passed/001.md passed/002.md`
}

// Run imports.
func (c decisionImportCmd) Run(ctx context.Context, a *app) error {
	g := &gathering{}
	for _, p := range c.Paths {
		if err := g.gather(p); err != nil {
			return err
		}
	}
	if len(g.files) == 0 {
		return &usageError{"no file of a decision was found: " + strings.Join(append(g.why(), "name the folder that holds passed, in-progress and the others, or files"), "; ")}
	}
	return a.at(ctx, needStore, func(d *desk) error { return c.apply(ctx, d, g) })
}

// apply shows what the files would do, asks, and does it.
func (c decisionImportCmd) apply(ctx context.Context, d *desk, g *gathering) error {
	actor, err := d.roll.ActorAs(ctx, d.app.cli.As, d.app.env.Login)
	if err != nil {
		return err
	}
	ch := d.chair()
	rows, err := ch.Import(ctx, actor, g.files, true)
	if err != nil {
		return err
	}
	if !d.app.cli.JSON {
		d.importingTable(rows, g)
	}
	todo := 0
	fault := &chair.ImportFault{}
	for _, r := range rows {
		switch r.Action {
		case chair.ImportRefused:
			fault.Rows = append(fault.Rows, r)
		case chair.ImportNew, chair.ImportAgain:
			todo++
		}
	}
	switch {
	case len(fault.Rows) > 0 && c.DryRun && d.app.cli.JSON: // the answer has the reasons
		return errors.Join(d.importedDecisions(rows, g, false, ""), silent{exitRefused})
	case len(fault.Rows) > 0:
		return fault
	case c.DryRun:
		return d.importedDecisions(rows, g, false, "Nothing was changed: a dry run.")
	case todo == 0:
		return d.importedDecisions(rows, g, false, "Nothing to do: all of it is stored.")
	}
	if err := d.app.confirm(fmt.Sprintf("Import %s?", many(todo, "decision", "decisions"))); err != nil {
		return err
	}
	if rows, err = ch.Import(ctx, actor, g.files, false); err != nil {
		return err
	}
	return d.importedDecisions(rows, g, true, "Imported "+many(todo, "decision", "decisions")+".")
}

// gathering are the files that are read, and those that are none of decisions.
type gathering struct {
	files []publish.File
	left  []publish.NoDecision
	seen  int
}

func (g *gathering) why() (out []string) {
	for _, l := range g.left {
		out = append(out, l.Error())
	}
	return out
}

// gather reads a folder with all below it, or a file. Folders and files whose
// names begin with a dot are left alone, and no link is followed.
func (g *gathering) gather(from string) error {
	info, err := os.Stat(from)
	if err != nil {
		return &usageError{fmt.Sprintf("%s cannot be read (%s): correct the path", from, cause(err))}
	}
	if !info.IsDir() {
		return g.file(from, info)
	}
	err = filepath.WalkDir(from, func(at string, entry fs.DirEntry, err error) error {
		switch {
		case err != nil:
			return err
		case at != from && strings.HasPrefix(entry.Name(), "."):
			if entry.IsDir() {
				return filepath.SkipDir
			}
			return nil
		case entry.IsDir():
			return nil
		case !slices.Contains([]string{".md", ".markdown"}, strings.ToLower(filepath.Ext(entry.Name()))):
			return nil
		}
		info, err := entry.Info()
		if err != nil {
			return err
		}
		return g.file(at, info)
	})
	var usage *usageError
	if err != nil && !errors.As(err, &usage) {
		return fmt.Errorf("read %s: %s", from, cause(err))
	}
	return err
}

func (g *gathering) file(at string, info fs.FileInfo) error {
	if g.seen++; g.seen > publish.MostFiles {
		return &usageError{fmt.Sprintf("there are more than %d files: name the folders of the decisions alone", publish.MostFiles)}
	}
	whole, err := filepath.Abs(at)
	if err != nil {
		return fmt.Errorf("read %s: %s", at, cause(err))
	}
	name := filepath.Base(filepath.Dir(whole)) + "/" + filepath.Base(whole) // the folder says how it stands
	if !info.Mode().IsRegular() {
		g.left = append(g.left, publish.NoDecision{Path: name, Why: "it is no regular file"})
		return nil
	}
	f, err := os.Open(at)
	if err != nil {
		return &usageError{fmt.Sprintf("%s cannot be read (%s): correct the path", at, cause(err))}
	}
	defer f.Close()
	text, err := io.ReadAll(io.LimitReader(f, publish.MostBytes+1))
	if err != nil {
		return fmt.Errorf("read %s: %s", at, cause(err))
	}
	if ours, _ := publish.Ours(text); ours && filepath.Base(whole) == "index.md" {
		return nil
	}
	read, err := publish.Read(name, text)
	var none *publish.NoDecision
	if errors.As(err, &none) {
		g.left = append(g.left, *none)
		return nil
	}
	g.files = append(g.files, read)
	return err
}

// importingTable shows what is done with each file, and below it what had to be
// guessed; unchanged ones are counted.
func (d *desk) importingTable(rows []chair.Importing, g *gathering) {
	p := d.app.out
	t := &table{columns: []column{{title: "NO", right: true}, {title: "FILE", least: 12}, {title: "SIZE"}, {title: "STATE"}, {title: "TITLE", least: 12}, {title: "WHAT"}}}
	var shown []chair.Importing
	same := 0
	for _, r := range rows {
		if r.Action == chair.ImportSame {
			same++
			continue
		}
		f := &r.File
		shown = append(shown, r)
		t.add(fmt.Sprint(f.Number), clean(f.Path), string(f.Proposal.Size), f.Imported.State.Words(), clean(f.Proposal.Title), r.Action)
	}
	t.below = func(i int) {
		for _, n := range shown[i].File.Notes {
			p.wrap(4, p.warn("guessed: ")+clean(n.Text))
		}
		for _, reason := range shown[i].Reasons {
			p.wrap(4, p.bad("refused: ")+clean(reason))
		}
	}
	if len(t.rows) > 0 {
		t.print(p)
	}
	if same > 0 {
		p.line("%s.", many(same, "decision is stored as it is", "decisions are stored as they are"))
	}
	for _, why := range g.why() {
		p.wrap(0, p.warn("Left out: ")+clean(why))
	}
}

// importedAnswer is an import in JSON.
type importedAnswer struct {
	Applied bool               `json:"applied"`
	Files   []importingAnswer  `json:"files"`
	LeftOut []noDecisionAnswer `json:"left_out"`
}

type importingAnswer struct {
	Path     string          `json:"path"`
	Number   int             `json:"number"`
	Action   string          `json:"action"`
	Title    string          `json:"title"`
	Size     decisions.Size  `json:"size"`
	State    decisions.State `json:"state"`
	Date     decisions.Day   `json:"date"`
	Deadline decisions.Day   `json:"deadline"`
	Ended    decisions.Day   `json:"ended"`
	Guessed  []guessAnswer   `json:"guessed"`
	Reasons  []string        `json:"reasons"`
}

type guessAnswer struct {
	Flag decisions.Flag `json:"flag"`
	Text string         `json:"text"`
}

type noDecisionAnswer struct {
	Path string `json:"path"`
	Why  string `json:"why"`
}

func (d *desk) importedDecisions(rows []chair.Importing, g *gathering, applied bool, words string) error {
	a := d.app
	if !a.cli.JSON {
		a.out.line("%s", words)
		return a.out.err
	}
	out := importedAnswer{Applied: applied, LeftOut: mapped(g.left, func(n publish.NoDecision) noDecisionAnswer { return noDecisionAnswer{n.Path, n.Why} })}
	out.Files = mapped(rows, func(r chair.Importing) importingAnswer {
		f := &r.File
		return importingAnswer{f.Path, f.Number, r.Action, f.Proposal.Title, f.Proposal.Size, f.Imported.State, f.Imported.Date, f.Imported.Deadline, f.Imported.Ended,
			mapped(f.Notes, func(n publish.Note) guessAnswer { return guessAnswer(n) }), filled(r.Reasons)}
	})
	return a.out.json(out)
}
