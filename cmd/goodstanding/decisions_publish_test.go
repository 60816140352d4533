package main

import (
	"encoding/json"
	"os"
	"path/filepath"
	"reflect"
	"regexp"
	"slices"
	"strings"
	"testing"
	"time"

	"coopcloud.tech/goodstanding/internal/instant"
	"coopcloud.tech/goodstanding/publish"
)

// publishing is a world with three members, a facilitator, and a folder to
// publish to.
func publishing(t *testing.T) (w *world, docs string) {
	t.Helper()
	w = newWorld(t)
	w.clock = instant.Date(2026, time.June, 1).Add(10 * time.Hour)
	for _, m := range []string{"Alfa", "Bravo", "Cedar"} {
		w.must("members", "add", m, "--kind", "organisation", "--since", "2026-01-01", "--reason", "founders")
		w.must("waive", strings.ToLower(m), "--from", "2026-01-01", "--reason", "solidarity")
		w.must("people", "add", strings.ToLower(m)+"@example.org", "--name", "Pat "+m, "--delegate-of", strings.ToLower(m))
	}
	w.must("people", "add", "fay@example.org", "--name", "Fay", "--role", "facilitator", "--delegate-of", "cedar")
	w.clock = w.clock.Add(time.Hour)
	return w, filepath.Join(w.dir, "docs")
}

// decide proposes and opens a decision.
func (w *world) decide(size, title string, more ...string) {
	w.t.Helper()
	out := w.must(append([]string{"decisions", "propose", "--as", "Pat Alfa", "--size", size, "--title", title, "--changes", "We do it.", "--affects", "all", "--channel", "the room"}, more...)...)
	w.must("decisions", "open", regexp.MustCompile(`de_\w+`).FindString(out), "--as", "Pat Alfa")
}

// files are all files below a folder, with their times of change.
func files(t *testing.T, dir string) map[string]time.Time {
	t.Helper()
	out := map[string]time.Time{}
	err := filepath.WalkDir(dir, func(path string, entry os.DirEntry, err error) error {
		if err != nil || entry.IsDir() {
			return err
		}
		info, err := entry.Info()
		name, _ := filepath.Rel(dir, path)
		out[filepath.ToSlash(name)] = info.ModTime()
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
	return out
}

func names(files map[string]time.Time) string {
	var out []string
	for name := range files {
		out = append(out, name)
	}
	slices.Sort(out)
	return strings.Join(out, " ")
}

func put(t *testing.T, path, text string) {
	t.Helper()
	if err := os.MkdirAll(filepath.Dir(path), 0o755); err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(path, []byte(text), 0o644); err != nil {
		t.Fatal(err)
	}
}

// TestExportIsStable: what did not change is not written again, what is somewhere
// else by now moves, and what people edited is left.
func TestExportIsStable(t *testing.T) {
	w, docs := publishing(t)
	has(t, w.must("decisions", "export", "--dir", docs), "index.md  written", "1 written, 0 unchanged, 0 moved.")
	w.decide("medium", "A shared calendar")
	w.decide("large", "Dues")
	w.must("decisions", "announce", "1", "--as", "Pat Alfa", "--place", "the room")
	has(t, w.must("decisions", "export", "--dir", docs), "in-progress/001.md  written", "in-progress/002.md  written", "3 written, 0 unchanged, 0 moved.")
	before := files(t, docs)
	if names(before) != "in-progress/001.md in-progress/002.md index.md" {
		t.Fatalf("there are %s", names(before))
	}
	time.Sleep(20 * time.Millisecond)
	if got := w.must("decisions", "export", "--dir", docs); got != "0 written, 3 unchanged, 0 moved.\n" {
		t.Errorf("says %s", got)
	}
	for name, at := range files(t, docs) {
		if at != before[name] {
			t.Errorf("%s was written again", name)
		}
	}
	var answer exportAnswer
	w.clock = w.clock.Add(20 * 24 * time.Hour)
	if err := json.Unmarshal([]byte(w.must("decisions", "export", "--dir", docs, "--json")), &answer); err != nil {
		t.Fatal(err)
	}
	if answer.Moved != 1 || answer.Written != 2 || answer.Unchanged != 0 || !slices.ContainsFunc(answer.Files, func(f exportFileAnswer) bool {
		return reflect.DeepEqual(f, exportFileAnswer{"passed/001.md", "moved", []string{"in-progress/001.md"}, ""})
	}) {
		t.Errorf("%+v", answer)
	}
	if got := names(files(t, docs)); got != "in-progress/002.md index.md passed/001.md" {
		t.Errorf("there are %s", got)
	}

	// Somebody edits a page, and its decision moves on: the edit is left, and told.
	at := filepath.Join(docs, "in-progress", "002.md")
	text, err := os.ReadFile(at)
	if err != nil {
		t.Fatal(err)
	}
	put(t, at, strings.Replace(string(text), "We do it.", "We do it well.", 1))
	if got := w.fails(exitRefused, "decisions", "export", "--dir", docs); got != "nothing was written to DIR/docs: in-progress/002.md was edited since this program wrote it: move it away, and bring what it says into the decision" {
		t.Errorf("says %s", got)
	}
	w.must("decisions", "stall", "2", "--as", "Fay", "--because", "Summer")
	has(t, w.must("decisions", "export", "--dir", docs), "stalled/002.md  written  in-progress/002.md was edited since it was written, and is left: remove it when nothing of it is missed", "2 written, 1 unchanged, 0 moved.")
	if got := names(files(t, docs)); got != "in-progress/002.md index.md passed/001.md stalled/002.md" {
		t.Errorf("there are %s", got)
	}
	has(t, w.must("decisions", "export", "--dir", docs), "stalled/002.md  unchanged  in-progress/002.md was edited", "0 written, 3 unchanged, 0 moved.")
}

// TestExportRefusesWithAllReasons: what stands in the way is told at once, and
// nothing is written.
func TestExportRefusesWithAllReasons(t *testing.T) {
	w, docs := publishing(t)
	w.decide("large", "Dues")
	w.decide("large", "Tea")
	put(t, filepath.Join(docs, "in-progress", "001.md"), "# Ours\n")
	put(t, filepath.Join(docs, "index.md"), "# Resolutions\n")
	if err := os.Mkdir(filepath.Join(docs, "in-progress", "002.md"), 0o755); err != nil {
		t.Fatal(err)
	}
	before := files(t, docs)
	want := "nothing was written to DIR/docs: in-progress/001.md was not written by this program: move it away; in-progress/002.md is no regular file: move it away; index.md was not written by this program: move it away"
	if got := w.fails(exitRefused, "decisions", "export", "--dir", docs); got != want {
		t.Errorf("says %s", got)
	}
	put(t, filepath.Join(docs, "passed"), "a file")
	put(t, filepath.Join(docs, "stalled"), "a file")
	want = "nothing was written to DIR/docs: stalled is a file, and has to be a folder: move it away; passed is a file, and has to be a folder: move it away"
	if got := w.fails(exitRefused, "decisions", "export", "--dir", docs); got != want {
		t.Errorf("says %s", got)
	}
	if got := names(files(t, docs)); got != names(before)+" passed stalled" {
		t.Errorf("there are %s, were %s", got, names(before))
	}
	if got := w.fails(exitRefused, "decisions", "export", "--dir", filepath.Join(docs, "passed")); got != "nothing was written to DIR/docs/passed: it is a file: name a folder" {
		t.Errorf("says %s", got)
	}
	has(t, w.fails(exitUsage, "decisions", "export"), "--dir")
	has(t, w.must("decisions", "export", "--dir", filepath.Join(w.dir, "new", "docs")), "3 written, 0 unchanged, 0 moved.")
}

const (
	r025 = "---\ntitle: \"Resolution 025\"\n---\n\n- Topic: Maintainers of recipes\n- Date: 05-12-2024\n- Deadline:\n- Size: Large\n\n## Summary\n\nEach recipe has a maintainer.\n\n## Details\n\n### How\n\nWrite down who.\n"
	r040 = "topic: A tool to vote with\ndate: 28 May 2026\ndeadline: soon\nsize: biggish\n\n## Summary\n\nWe count badly.\n"
	r002 = "# Resolution 002: Dues\n\n- Topic: Dues\n- Deadline: 2023-04-11\n- Date: 22nd March 2023\n- Passed on: 13/04/2023\n- Size: Large\n- Sponsor: Alfa\n\n## Summary\n\nTen a month.\n"
)

// TestScenario8ImportsR025 is scenario 8 of federation.md, section 6b, and what may
// be done with what came of it.
func TestScenario8ImportsR025(t *testing.T) {
	w, docs := publishing(t)
	for name, text := range map[string]string{"in-progress/025.md": r025, "passed/040.md": r040, "passed/002.md": r002, "notes.md": "# Notes\n", "passed/bad.md": "\xff", ".git/HEAD.md": "x"} {
		put(t, filepath.Join(docs, filepath.FromSlash(name)), text)
	}
	dry := w.must("decisions", "import", docs, "--dry-run")
	golden(t, "decisions/import.txt", dry)
	has(t, w.must("decisions", "list", "--all"), "Nothing is being decided.")
	has(t, w.must("decisions", "import", docs), "Imported 3 decisions.")
	has(t, w.must("decisions", "import", docs), "3 decisions are stored as they are.", "Nothing to do: all of it is stored.")
	has(t, w.must("decisions", "list", "--all"), "in progress elsewhere, imported  Maintainers of recipes", "day first, no deadline", "passed, imported", "date unread, no end, size guessed")
	has(t, w.must("decisions", "show", "25", "--history"), "It was imported: what a file says of it was counted elsewhere, not here.", "Proposed: Thursday 5 December 2024", "Guessed: day first, no deadline", "the operator")
	if got := w.fails(exitUsage, "decisions", "announcement", "2", "--result"); got != "decision 2 was imported: imported decisions announce nothing" {
		t.Errorf("says %s", got)
	}
	var list []decisionAnswer
	if err := json.Unmarshal([]byte(w.must("decisions", "list", "--all", "--json")), &list); err != nil || len(list) != 3 || list[1].Imported == nil ||
		list[1].Imported.Date.String() != "2024-12-05" || !list[1].Imported.Deadline.IsZero() || list[1].State != "elsewhere" || list[0].Outcome != nil {
		t.Errorf("%v: %+v", err, list)
	}
	has(t, w.must("decisions", "export", "--dir", docs), "in-progress/025.md  left     as people wrote it", "1 written, 0 unchanged, 0 moved, 3 left as people wrote them.")
	if text, err := os.ReadFile(filepath.Join(docs, "in-progress", "025.md")); err != nil || string(text) != r025 {
		t.Errorf("what people wrote was changed: %v\n%s", err, text)
	}
	w.decide("large", "The next one")
	has(t, w.must("decisions", "show", "41"), "The next one")
	has(t, w.fails(exitRefused, "decisions", "cast", "25", "favour", "--as", "Pat Bravo"), "the decision is in progress elsewhere: a facilitator can take it up here by reopening it with a deadline")
	w.records("2", "25", "40")

	// The file goes on: it passed where it was begun.
	if err := os.Rename(filepath.Join(docs, "in-progress", "025.md"), filepath.Join(docs, "passed", "025.md")); err != nil {
		t.Fatal(err)
	}
	has(t, w.must("decisions", "export", "--dir", docs), "passed/025.md       left     it says something else than what was imported: import it again")
	has(t, w.must("decisions", "import", docs), "25  passed/025.md  large  passed  Maintainers of recipes  changed", "Imported 1 decision.")
	has(t, w.must("decisions", "show", "25"), "It is passed.")
	if err := os.Remove(filepath.Join(w.dir, "25.json")); err != nil {
		t.Fatal(err)
	}
	w.records("25")

	// And one that was taken up here is no file's any more.
	put(t, filepath.Join(docs, "in-progress", "030.md"), r025)
	has(t, w.must("decisions", "import", filepath.Join(docs, "in-progress", "030.md"), "--yes"), "the file's name says 30 and its title 25: the name was taken")
	has(t, w.fails(exitRefused, "decisions", "reopen", "30", "--until", "2026-07-01", "--as", "Pat Bravo"), "only a facilitator may do that")
	has(t, w.must("decisions", "reopen", "30", "--until", "2026-07-01", "--as", "Fay"), "Decision 30 is open again.", "waiting for 3")
	w.must("decisions", "cast", "30", "favour", "--as", "Pat Bravo")
	has(t, w.fails(exitRefused, "decisions", "export", "--dir", docs), "in-progress/030.md was not written by this program: move it away")
	got := w.fails(exitRefused, "decisions", "import", docs)
	if got != "nothing was imported: in-progress/030.md (decision 30): it is open here, and no file replaces it" {
		t.Errorf("says %s", got)
	}
	answer := w.run("decisions", "import", docs, "--dry-run", "--json")
	if answer.code != exitRefused || !strings.Contains(answer.out, `"it is open here, and no file replaces it"`) || !strings.Contains(answer.out, `"action": "refused"`) {
		t.Errorf("%d %s", answer.code, answer.out)
	}
	has(t, w.fails(exitRefused, "decisions", "import", docs, "--dry-run"), "nothing was imported: in-progress/030.md")
	w.clock = w.clock.Add(60 * 24 * time.Hour)
	has(t, w.must("decisions", "close", "30", "--as", "Fay"), "Decision 30 is ended.")
	w.records("30", "41")
	has(t, w.must("verify", "--chains"), "decision 30")
	has(t, w.must("decisions", "export", "--dir", docs), "not-carried/030.md  written  in-progress/030.md was not written by this program, and is left")
}

// TestImportRefuses: what cannot be read at all, and who may not.
func TestImportRefuses(t *testing.T) {
	w, docs := publishing(t)
	if got := w.fails(exitUsage, "decisions", "import", docs); got != "DIR/docs cannot be read (no such file or directory): correct the path" {
		t.Errorf("says %s", got)
	}
	put(t, filepath.Join(docs, "notes.md"), "hello")
	put(t, filepath.Join(docs, "passed", "001.md"), "")
	put(t, filepath.Join(docs, "passed", "003.md"), strings.Repeat("x", 1<<20+1))
	put(t, filepath.Join(docs, "passed", "2026-01-02.md"), "- Topic: A meeting\n")
	want := "no file of a decision was found: docs/notes.md: neither its name nor its title has a number: call it 012.md, or begin its title with Resolution 012; passed/001.md: it is empty; passed/003.md: it is larger than 1 MiB; " +
		"passed/2026-01-02.md: neither its name nor its title has a number: call it 012.md, or begin its title with Resolution 012; name the folder that holds passed, in-progress and the others, or files"
	if got := w.fails(exitUsage, "decisions", "import", docs); got != want {
		t.Errorf("says %s", got)
	}
	one := filepath.Join(docs, "passed", "007.md")
	put(t, one, r002)
	has(t, w.fails(exitRefused, "decisions", "import", one, "--as", "Pat Bravo"), "nothing was imported: passed/007.md (decision 7): only a facilitator, or the operator, may import decisions")
	var answer importedAnswer
	if err := json.Unmarshal([]byte(w.must("decisions", "import", docs, "--as", "Fay", "--json")), &answer); err != nil || !answer.Applied || len(answer.Files) != 1 || len(answer.LeftOut) != 4 ||
		answer.Files[0].Action != "new" || answer.Files[0].State != "passed" || answer.Files[0].Ended.String() != "2023-04-13" ||
		len(answer.Files[0].Guessed) != 2 || answer.Files[0].Guessed[0].Flag != "number_doubtful" {
		t.Errorf("%v: %+v", err, answer)
	}
	w.terminal, w.width, w.stdin = true, 100, "n\n"
	put(t, one, strings.Replace(r002, "Ten", "Twelve", 1))
	has(t, w.fails(exitRefused, "decisions", "import", one), "you said no: nothing was changed")
}

// TestSomebodyEditsMeanwhile: a page that changes between the plan and the writing
// is not lost, and none is half written.
func TestSomebodyEditsMeanwhile(t *testing.T) {
	dir := t.TempDir()
	at := filepath.Join(dir, "passed", "001.md")
	put(t, at, "as planned")
	e := &exporting{dir: dir, there: map[string]existing{"passed/001.md": {text: "as planned", regular: true}}, files: []pageFile{
		{path: "passed/002.md", text: "two", action: pageWritten}, {path: "stalled/001.md", text: "one", action: pageMoved, from: []string{"passed/001.md"}}}}
	put(t, at, "an edit")
	if err := e.carryOut(); err == nil || err.Error() != "passed/001.md was changed while this was written; what was written before it is whole, so export again" {
		t.Errorf("says %v", err)
	}
	if got := names(files(t, dir)); got != "passed/001.md passed/002.md" {
		t.Errorf("there are %s", got)
	}
	put(t, at, "as planned")
	if err := e.carryOut(); err != nil {
		t.Error(err)
	}
	if got := names(files(t, dir)); got != "passed/002.md stalled/001.md" {
		t.Errorf("there are %s", got)
	}
}

func TestImportIsBounded(t *testing.T) {
	at := filepath.Join(t.TempDir(), "001.md")
	put(t, at, r002)
	for seen, want := range map[int]string{publish.MostFiles - 1: "", publish.MostFiles: "there are more than 5000 files: name the folders of the decisions alone"} {
		g := &gathering{seen: seen}
		if err := g.gather(filepath.Dir(at)); (err == nil) != (want == "") || err != nil && err.Error() != want {
			t.Errorf("after %d files: %v", seen, err)
		}
	}
	link := filepath.Join(filepath.Dir(at), "002.md")
	if err := os.Symlink(at, link); err != nil {
		t.Skip(err)
	}
	g := &gathering{}
	if err := g.gather(filepath.Dir(at)); err != nil || len(g.files) != 1 || len(g.left) != 1 || g.left[0].Why != "it is no regular file" {
		t.Errorf("%v: %+v", err, g.left)
	}
}

// TestExportOfADraft: its page is called by its id and goes when it is opened,
// or when it is for members alone by now.
func TestExportOfADraft(t *testing.T) {
	w, docs := publishing(t)
	draft := func(title string) string {
		return regexp.MustCompile(`de_\w+`).FindString(w.must("decisions", "propose", "--as", "Pat Alfa", "--size", "large", "--title", title, "--changes", "We do it.", "--affects", "all", "--channel", "the room"))
	}
	first, second := draft("Dues"), draft("Tea")
	small := regexp.MustCompile(`de_\w+`).FindString(w.must("decisions", "propose", "--as", "Pat Alfa", "--size", "small", "--title", "Milk", "--changes", "Oats.", "--affects", "all", "--channel", "the room", "--members-only"))
	has(t, w.must("decisions", "export", "--dir", docs), "drafts/"+first+".md", "3 written, 0 unchanged, 0 moved.")
	w.must("decisions", "open", first, "--as", "Pat Alfa")
	w.must("decisions", "edit", second, "--as", "Pat Alfa", "--members-only")
	has(t, w.must("decisions", "export", "--dir", docs), "moved from drafts/"+first+".md", "drafts/"+second+".md", "nothing of it is published any more", "1 written, 0 unchanged, 1 moved, 1 removed.")
	if got := names(files(t, docs)); got != "in-progress/001.md index.md" {
		t.Errorf("there are %s", got)
	}
	index, err := os.ReadFile(filepath.Join(docs, "index.md"))
	if err != nil || strings.Contains(string(index), "Tea") || strings.Contains(string(index), small) || strings.Contains(string(index), "Milk") {
		t.Errorf("%v\n%s", err, index)
	}
	if got := w.must("decisions", "export", "--dir", docs); got != "0 written, 2 unchanged, 0 moved.\n" {
		t.Errorf("says %s", got)
	}
}
