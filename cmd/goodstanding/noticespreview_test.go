package main

import (
	"os"
	"path/filepath"
	"strings"
	"testing"

	"coopcloud.tech/goodstanding/notify"
)

// Every notice can be looked at before it goes to anybody, in each language, in
// the federation's own surroundings.
func TestNoticesPreview(t *testing.T) {
	w := newWorld(t)
	file := filepath.Join(w.dir, "settings.yaml")
	settings := "federation: {name: Taller Común, time_zone: Europe/Madrid, pay_url: https://opencollective.com/taller-comun/contribute}\n"
	if err := os.WriteFile(file, []byte(settings), 0o600); err != nil {
		t.Fatal(err)
	}
	w.env["GOODSTANDING_CONFIG"] = file
	out := w.must("notices", "preview", "lapsed", "--language", "es", "--several")
	for _, want := range []string{"Subject: Cuotas: han terminado los días de gracia de 3 miembros\n", "- Casa Taller: cubierta hasta el 2 de junio de 2026;",
		"https://opencollective.com/taller-comun/contribute", "porque en Taller Común actúas por", "Europe/Madrid"} {
		if !strings.Contains(out, want) {
			t.Errorf("%q is not in\n%s", want, out)
		}
	}
	for _, k := range []notify.Kind{notify.Digest, notify.DecisionResult} {
		if out = w.must("notices", "preview", string(k)); !strings.HasPrefix(out, "Subject: ") || strings.Contains(out, "\nIn the room\n") != (k == notify.DecisionResult) {
			t.Errorf("%s:\n%s", k, out)
		}
	}
	if out = w.must("notices", "preview", "stale", "--text"); !strings.HasPrefix(out, "Hello Ada Marsh,\n") {
		t.Errorf("the text alone:\n%s", out)
	}
	page := filepath.Join(w.dir, "stale.html")
	w.must("notices", "preview", "stale", "--html", page)
	text, err := os.ReadFile(page)
	if err != nil || !strings.HasPrefix(string(text), "<!DOCTYPE html>") || string(text) != w.must("notices", "preview", "stale", "--html", "-") {
		t.Errorf("the page: %v\n%s", err, text)
	}
	for _, c := range []struct{ want, args string }{
		{`there is no kind "laspe"; the nearest is lapsed (goodstanding notices preview --help lists them)`, "notices preview laspe"},
		{`--language: there are no letters in "de"; there are en, es`, "notices preview lapsed --language de"},
		{"stale.html exists: name another file, or remove it first", "notices preview stale --html " + page},
	} {
		if got := w.fails(exitUsage, strings.Fields(c.args)...); !strings.Contains(got, c.want) {
			t.Errorf("%s says\n%swant %s", c.args, got, c.want)
		}
	}
}

// The federation's own templates are used, and what is wrong with them is told
// with the file and the line by every command that reads the settings.
func TestOwnTemplates(t *testing.T) {
	w := newWorld(t)
	dir := filepath.Join(w.dir, "letters")
	if err := os.MkdirAll(filepath.Join(dir, "en"), 0o755); err != nil {
		t.Fatal(err)
	}
	write := func(name, text string) {
		if err := os.WriteFile(filepath.Join(dir, "en", name), []byte(text), 0o644); err != nil {
			t.Fatal(err)
		}
	}
	write("lapsed.md", "# We miss {{.First.Name}}\n\nCome back soon.\n")
	w.env["GOODSTANDING_MAIL_TEMPLATES"] = dir
	if out := w.must("notices", "preview", "lapsed"); !strings.HasPrefix(out, "Subject: We miss Northwind Hosting\n\nCome back soon.\n") {
		t.Errorf("the program's own letter is shown:\n%s", out)
	}
	write("lapsed.md", "# We miss {{.First.Name}}\n\nCome back {{soon}}.\n")
	write("laspe.md", "# x\n")
	got := w.fails(exitUsage, "check-config")
	for _, want := range []string{"2 settings are wrong", `GOODSTANDING_MAIL_TEMPLATES: DIR/letters/en/lapsed.md:3: function "soon" not defined`,
		"GOODSTANDING_MAIL_TEMPLATES: DIR/letters/en/laspe.md: is no template: there are KIND.md"} {
		if !strings.Contains(got, want) {
			t.Errorf("%q is not in\n%s", want, got)
		}
	}
}
