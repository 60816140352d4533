package main

import (
	"bytes"
	"context"
	"flag"
	"fmt"
	"net/http"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"testing"
	"time"

	"coopcloud.tech/goodstanding/internal/fakeoc"
	"coopcloud.tech/goodstanding/internal/instant"
)

var update = flag.Bool("update", false, "write the golden files anew")

// world is a program with surroundings of its own: a film of Open Collective
// served over HTTP, a clock, an environment, a folder.
type world struct {
	t    *testing.T
	film *fakeoc.Film
	// url is where the film, or what a test puts in front of it, is served.
	url   string
	dir   string
	env   map[string]string
	clock instant.Instant
	// ticking is the clock where it goes on by itself; nil where it stands still.
	ticking func() instant.Instant
	stdin   string
	// terminal and width make Stdout a terminal.
	terminal bool
	width    int
	made     int
}

// newWorld has the film's first scene, the token of its administrator, and an
// empty data folder.
func newWorld(t *testing.T) *world {
	t.Helper()
	film, err := fakeoc.NewFilm()
	if err != nil {
		t.Fatal(err)
	}
	w := worldOn(t, film)
	w.film = film
	w.clock = film.Clock(0)
	return w
}

// worldOn is a world whose Open Collective is the handler.
func worldOn(t *testing.T, h http.Handler) *world {
	t.Helper()
	url, stop, err := fakeoc.Listen(h)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(stop)
	dir := t.TempDir()
	return &world{t: t, url: url, dir: dir, clock: instant.Date(2026, time.November, 22), env: map[string]string{
		"GOODSTANDING_DATA": filepath.Join(dir, "data"), "GOODSTANDING_OC_SLUG": "coop-cloud-test",
		"GOODSTANDING_OC_URL": url, "GOODSTANDING_OC_TOKEN": "canary-token-9471", "HOME": dir,
	}}
}

// said is what one run gave.
type said struct {
	code     int
	out, err string
}

// run runs the program with the arguments.
func (w *world) run(args ...string) said {
	w.t.Helper()
	var out, errs bytes.Buffer
	e := Env{
		Stdin: strings.NewReader(w.stdin), Stdout: &out, Stderr: &errs,
		Now: w.now, Clock: time.Now,
		Login: "ada", Terminal: w.terminal, Width: w.width,
		NewID: func(prefix string) string {
			w.made++
			return fmt.Sprintf("%s_%04d", prefix, w.made)
		},
	}
	for k, v := range w.env {
		e.Environ = append(e.Environ, k+"="+v)
	}
	code := Run(context.Background(), args, e)
	return said{code, w.plain(out.String()), w.plain(errs.String())}
}

// now is the world's clock.
func (w *world) now() instant.Instant {
	if w.ticking != nil {
		return w.ticking()
	}
	return w.clock
}

// plain takes out what differs from run to run.
func (w *world) plain(s string) string {
	s = strings.ReplaceAll(s, w.dir, "DIR")
	s = strings.ReplaceAll(s, w.url, "URL")
	if strings.Contains(s, "canary-token-9471") {
		w.t.Errorf("the token is shown:\n%s", s)
	}
	return s
}

// must runs a command that has to succeed and gives its output.
func (w *world) must(args ...string) string {
	w.t.Helper()
	s := w.run(args...)
	if s.code != exitOK {
		w.t.Fatalf("goodstanding %s: exit code %d\n%s%s", strings.Join(args, " "), s.code, s.out, s.err)
	}
	return s.out
}

// fails runs a command that has to fail with a code and gives its message.
func (w *world) fails(code int, args ...string) string {
	w.t.Helper()
	s := w.run(args...)
	if s.code != code {
		w.t.Fatalf("goodstanding %s: exit code %d, want %d\n%s%s", strings.Join(args, " "), s.code, code, s.out, s.err)
	}
	return strings.TrimSuffix(strings.TrimPrefix(s.err, "goodstanding: "), "\n")
}

// show moves film and clock to a scene.
func (w *world) show(step int) {
	w.t.Helper()
	if err := w.film.Show(step); err != nil {
		w.t.Fatal(err)
	}
	w.clock = w.film.Clock(step)
}

// file writes a file into the world's folder.
func (w *world) file(name, text string) string {
	w.t.Helper()
	path := filepath.Join(w.dir, name)
	if err := os.WriteFile(path, []byte(text), 0o600); err != nil {
		w.t.Fatal(err)
	}
	return path
}

// adopted is a world that has read the first scene and taken over who pays. It
// is made once; the others begin with a copy of its database.
func adopted(t *testing.T) *world {
	t.Helper()
	w := newWorld(t)
	w.adopt()
	return w
}

// adopt gives the world a copy of the database of the first adoption.
func (w *world) adopt() {
	w.t.Helper()
	text, made, err := adoptionTemplate(w.t)
	if err != nil {
		w.t.Fatal(err)
	}
	data := filepath.Join(w.dir, "data")
	if err := os.MkdirAll(data, 0o700); err != nil {
		w.t.Fatal(err)
	}
	if err := os.WriteFile(filepath.Join(data, databaseName), text, 0o600); err != nil {
		w.t.Fatal(err)
	}
	w.made = made
}

var template struct {
	sync.Mutex
	text []byte
	made int
}

// adoptionTemplate is the database after sync and members adopt --all on the first
// scene, and how many identifiers that took.
func adoptionTemplate(t *testing.T) ([]byte, int, error) {
	t.Helper()
	template.Lock()
	defer template.Unlock()
	if template.text != nil {
		return template.text, template.made, nil
	}
	w := newWorld(t)
	w.must("sync")
	w.must("members", "adopt", "--all")
	text, err := os.ReadFile(filepath.Join(w.dir, "data", databaseName))
	template.text, template.made = text, w.made
	return text, w.made, err
}

// golden compares with testdata/NAME, or writes it with -update.
func golden(t *testing.T, name, got string) {
	t.Helper()
	path := filepath.Join("testdata", name)
	if *update {
		if err := os.MkdirAll(filepath.Dir(path), 0o755); err != nil {
			t.Fatal(err)
		}
		if err := os.WriteFile(path, []byte(got), 0o644); err != nil {
			t.Fatal(err)
		}
		return
	}
	want, err := os.ReadFile(path)
	if err != nil {
		t.Fatalf("%v (go test -update writes it)", err)
	}
	if got != string(want) {
		t.Errorf("%s differs (go test -update, then look at the change):\n%s", path, difference(string(want), got))
	}
}

// difference lists the lines that differ.
func difference(want, got string) string {
	a, b := strings.Split(want, "\n"), strings.Split(got, "\n")
	var out strings.Builder
	for i := range max(len(a), len(b)) {
		var x, y string
		if i < len(a) {
			x = a[i]
		}
		if i < len(b) {
			y = b[i]
		}
		if x != y {
			fmt.Fprintf(&out, "line %d\n  want %q\n  got  %q\n", i+1, x, y)
		}
		if out.Len() > 4000 {
			break
		}
	}
	return out.String()
}

// has fails unless the text holds all the parts.
func has(t *testing.T, text string, parts ...string) {
	t.Helper()
	for _, p := range parts {
		if !strings.Contains(text, p) {
			t.Errorf("%q is missing in:\n%s", p, text)
		}
	}
}
