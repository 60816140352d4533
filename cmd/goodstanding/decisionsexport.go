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

	"coopcloud.tech/goodstanding/decisions"
	"coopcloud.tech/goodstanding/publish"
)

type decisionExportCmd struct {
	Dir string `required:"" placeholder:"DIR" help:"The folder of the docs site that holds passed, in-progress and the others"`
}

// Help says what is written.
func (decisionExportCmd) Help() string {
	return `
One Markdown file for each decision, in the docs site's own form and folders, and
an index. What did not change is not written again. A decision that is somewhere
else by now moves; its former file is removed only if this program wrote it and
nobody edited it since. Files that people wrote are left as they are.

  goodstanding decisions export --dir docs/federation/resolutions`
}

// Run exports.
func (c decisionExportCmd) Run(ctx context.Context, a *app) error {
	return a.at(ctx, needStore, func(d *desk) error {
		ch := d.chair()
		if _, err := ch.CloseDue(ctx); err != nil {
			return err
		}
		pages, err := ch.Pages(ctx)
		if err != nil {
			return err
		}
		e := &exporting{dir: c.Dir}
		if err := e.plan(pages); err != nil {
			return err
		}
		if err := e.carryOut(); err != nil {
			return err
		}
		return a.exported(e)
	})
}

// The things that an export does with a page.
const (
	pageWritten   = "written"
	pageUnchanged = "unchanged"
	pageMoved     = "moved"
	pageRemoved   = "removed" // nothing of it is published any more
	pageLeft      = "left"    // people wrote it
)

// exportFault says why nothing was written, with every reason.
type exportFault struct {
	dir     string
	reasons []string
}

func (e *exportFault) Error() string {
	return fmt.Sprintf("nothing was written to %s: %s", e.dir, strings.Join(e.reasons, "; "))
}

// pageFile is a page and the file that it becomes.
type pageFile struct {
	path   string // below the folder, with slashes
	text   string
	action string
	// from are former files of this program's, which are removed.
	from []string
	note string
}

// exporting is what is done to a folder. It is planned whole before anything is
// written.
type exporting struct {
	dir   string
	there map[string]existing // by path with slashes
	files []pageFile
	fault exportFault
}

// existing is a file that is there already.
type existing struct {
	text               string
	regular            bool
	written, untouched bool // by this program, and by nobody since
}

func (e *exporting) refuse(format string, args ...any) {
	e.fault.reasons = append(e.fault.reasons, fmt.Sprintf(format, args...))
}

// plan says what becomes of each page, or an *exportFault.
func (e *exporting) plan(pages []publish.Page) error {
	e.fault.dir = e.dir
	if err := e.look(); err != nil {
		return err
	}
	if len(e.fault.reasons) == 0 {
		for i := range pages {
			e.page(&pages[i])
		}
		e.put(pageFile{path: "index.md", text: publish.Index(pages, (*publish.Page).Path)})
		e.writable()
	}
	if len(e.fault.reasons) > 0 {
		return &e.fault
	}
	return nil
}

// look reads what the folder holds.
func (e *exporting) look() error {
	e.there = map[string]existing{}
	info, err := os.Stat(e.dir)
	switch {
	case errors.Is(err, fs.ErrNotExist):
		return nil
	case err != nil:
		e.refuse("it cannot be read (%s)", cause(err))
		return nil
	case !info.IsDir():
		e.refuse("it is a file: name a folder")
		return nil
	}
	if err := e.read("index.md"); err != nil {
		return err
	}
	for _, folder := range publish.Folders() {
		at := filepath.Join(e.dir, folder)
		info, err := os.Stat(at)
		switch {
		case errors.Is(err, fs.ErrNotExist):
			continue
		case err != nil:
			e.refuse("%s cannot be read (%s)", folder, cause(err))
			continue
		case !info.IsDir():
			e.refuse("%s is a file, and has to be a folder: move it away", folder)
			continue
		}
		entries, err := os.ReadDir(at)
		if err != nil {
			e.refuse("%s cannot be read (%s)", folder, cause(err))
			continue
		}
		for _, entry := range entries {
			if strings.HasSuffix(entry.Name(), ".md") {
				if err := e.read(folder + "/" + entry.Name()); err != nil {
					return err
				}
			}
		}
	}
	return nil
}

func (e *exporting) read(path string) error {
	at := filepath.Join(e.dir, filepath.FromSlash(path))
	info, err := os.Lstat(at)
	if errors.Is(err, fs.ErrNotExist) {
		return nil
	}
	if err != nil {
		return fmt.Errorf("read %s: %s", path, cause(err))
	}
	x := existing{regular: info.Mode().IsRegular()}
	if x.regular && info.Size() <= publish.MostBytes { // a larger one is nobody's page
		text, err := os.ReadFile(at)
		if err != nil {
			return fmt.Errorf("read %s: %s", path, cause(err))
		}
		x.text = string(text)
		x.written, x.untouched = publish.Ours(text)
	}
	e.there[path] = x
	return nil
}

// page plans the file of one decision.
func (e *exporting) page(p *publish.Page) {
	f := pageFile{path: p.Path()}
	if p.Public() {
		f.text = p.Markdown()
	}
	if at, ok := e.byHand(p); ok {
		e.files = append(e.files, pageFile{path: at, action: pageLeft, note: e.differs(p, at)})
		return
	}
	var notes []string
	for _, name := range p.Former() {
		for _, folder := range publish.Folders() {
			former := folder + "/" + name
			x, there := e.there[former]
			switch {
			case !there || former == f.path && p.Public():
			case x.untouched:
				f.from = append(f.from, former)
			case x.written:
				notes = append(notes, former+" was edited since it was written, and is left: remove it when nothing of it is missed")
			default:
				notes = append(notes, former+" was not written by this program, and is left: remove it when nothing of it is missed")
			}
		}
	}
	f.note = strings.Join(notes, "; ")
	if p.Public() {
		e.put(f)
		return
	}
	for _, former := range f.from {
		e.files = append(e.files, pageFile{path: former, action: pageRemoved, from: []string{former}, note: "nothing of it is published any more"})
	}
}

// byHand is the file that people wrote of an imported decision: it is theirs, and
// what was read from it needs no second page.
func (e *exporting) byHand(p *publish.Page) (string, bool) {
	if !p.Decision.Untaken() {
		return "", false
	}
	for _, folder := range publish.Folders() {
		at := folder + "/" + p.Name()
		if x, there := e.there[at]; there && x.regular && !x.written {
			return at, true
		}
	}
	return "", false
}

// differs says that a file by hand says something else than what was imported.
func (e *exporting) differs(p *publish.Page, at string) string {
	f, err := publish.Read(at, []byte(e.there[at].text))
	if err == nil && p.Decision.Tells(&decisions.Event{Proposal: &f.Proposal, Imported: &f.Imported, Number: f.Number, Words: f.Told}) {
		return "as people wrote it"
	}
	return "it says something else than what was imported: import it again"
}

// put plans one file.
func (e *exporting) put(f pageFile) {
	x, there := e.there[f.path]
	f.action = pageWritten
	switch {
	case !there:
	case !x.regular:
		e.refuse("%s is no regular file: move it away", f.path)
	case x.text == f.text:
		f.action = pageUnchanged
	case x.written && !x.untouched:
		e.refuse("%s was edited since this program wrote it: move it away, and bring what it says into the decision", f.path)
	case !x.written:
		e.refuse("%s was not written by this program: move it away", f.path)
	}
	if len(f.from) > 0 {
		f.action = pageMoved
	}
	e.files = append(e.files, f)
}

// writable tries every folder that is written to.
func (e *exporting) writable() {
	var tried []string
	for _, f := range e.files {
		if f.action == pageUnchanged || f.action == pageLeft {
			continue
		}
		for _, path := range append([]string{f.path}, f.from...) {
			dir := filepath.Join(e.dir, filepath.Dir(filepath.FromSlash(path)))
			for !isThere(dir) { // made below the nearest folder that is there
				dir = filepath.Dir(dir)
			}
			if slices.Contains(tried, dir) {
				continue
			}
			tried = append(tried, dir)
			probe, err := os.CreateTemp(dir, temporary)
			if err != nil {
				e.refuse("nothing can be written in %s (%s)", dir, cause(err))
				continue
			}
			_ = probe.Close()
			_ = os.Remove(probe.Name())
		}
	}
}

func isThere(dir string) bool {
	_, err := os.Stat(dir)
	return err == nil || dir == filepath.Dir(dir)
}

// temporary are the names of files that are not whole yet.
const temporary = ".goodstanding-*"

// carryOut writes what was planned: each file whole, and a former one is removed
// only when the new one stands.
func (e *exporting) carryOut() error {
	for _, f := range e.files {
		at := filepath.Join(e.dir, filepath.FromSlash(f.path))
		if f.action == pageLeft {
			continue
		}
		for _, path := range append([]string{f.path}, f.from...) {
			if why := e.touched(path); why != "" {
				return errors.New(why)
			}
		}
		if f.action != pageUnchanged && f.action != pageRemoved && e.there[f.path].text != f.text {
			if err := writeWhole(at, f.text); err != nil {
				return fmt.Errorf("write %s: %s; what was written before it is whole, so export again", f.path, cause(err))
			}
		}
		for _, former := range f.from {
			if err := os.Remove(filepath.Join(e.dir, filepath.FromSlash(former))); err != nil {
				return fmt.Errorf("remove %s: %s; what was written before it is whole, so export again", former, cause(err))
			}
		}
	}
	return nil
}

// touched says that somebody changed a file since it was planned.
func (e *exporting) touched(path string) string {
	x, there := e.there[path]
	if !there {
		return ""
	}
	text, err := os.ReadFile(filepath.Join(e.dir, filepath.FromSlash(path)))
	if err == nil && string(text) == x.text {
		return ""
	}
	return path + " was changed while this was written; what was written before it is whole, so export again"
}

// writeWhole writes a file so that it is never seen half.
func writeWhole(path, text string) (err error) {
	dir := filepath.Dir(path)
	if err := os.MkdirAll(dir, 0o755); err != nil {
		return err
	}
	f, err := os.CreateTemp(dir, temporary)
	if err != nil {
		return err
	}
	defer func() {
		if err != nil {
			_ = os.Remove(f.Name())
		}
	}()
	_, err = io.WriteString(f, text)
	err = errors.Join(err, f.Chmod(0o644), f.Sync(), f.Close())
	if err != nil {
		return err
	}
	return os.Rename(f.Name(), path)
}

// exportAnswer is what an export did, in JSON.
type exportAnswer struct {
	Written   int                `json:"written"`
	Unchanged int                `json:"unchanged"`
	Moved     int                `json:"moved"`
	Removed   int                `json:"removed"`
	Left      int                `json:"left"`
	Files     []exportFileAnswer `json:"files"`
}

type exportFileAnswer struct {
	Path   string `json:"path"`
	Action string `json:"action"`
	// From are former files, which were removed.
	From []string `json:"from,omitempty"`
	Note string   `json:"note,omitempty"`
}

func (a *app) exported(e *exporting) error {
	out := exportAnswer{Files: []exportFileAnswer{}}
	t := &table{columns: []column{{title: "FILE"}, {title: "WHAT", least: 10}, {title: "NOTE", least: 10}}}
	for _, f := range e.files {
		out.Files = append(out.Files, exportFileAnswer{f.path, f.action, f.from, f.note})
		what := f.action
		switch f.action {
		case pageWritten:
			out.Written++
		case pageUnchanged:
			out.Unchanged++
		case pageMoved:
			out.Moved++
			what = "moved from " + strings.Join(f.from, ", ")
		case pageRemoved:
			out.Removed++
		case pageLeft:
			out.Left++
		}
		if f.action != pageUnchanged || f.note != "" {
			t.add(f.path, what, f.note)
		}
	}
	if a.cli.JSON {
		return a.out.json(out)
	}
	if len(t.rows) > 0 {
		t.print(a.out)
	}
	more := ""
	if out.Removed > 0 {
		more += fmt.Sprintf(", %d removed", out.Removed)
	}
	if out.Left > 0 {
		more += fmt.Sprintf(", %d left as people wrote them", out.Left)
	}
	a.out.line("%d written, %d unchanged, %d moved%s.", out.Written, out.Unchanged, out.Moved, more)
	return a.out.err
}
