package api

import (
	"io"
	"net/http"
	"net/http/httptest"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"strings"
	"testing"

	"coopcloud.tech/goodstanding/roll"
)

// script is the one on the page, to the letter.
func script(t *testing.T) string {
	t.Helper()
	for _, tool := range []string{"sh", "curl"} {
		if _, err := exec.LookPath(tool); err != nil {
			if os.Getenv("CI") == "true" {
				t.Fatalf("%s is needed to test the script of docs/website.md", tool)
			}
			t.Skipf("%s is not here", tool)
		}
	}
	page, err := os.ReadFile("../docs/website.md")
	if err != nil {
		t.Fatal(err)
	}
	m := regexp.MustCompile("(?s)```sh\n(#!/bin/sh\n.*?)```").FindSubmatch(page)
	if m == nil {
		t.Fatal("the page has no script")
	}
	if n := strings.Count(string(m[1]), "\n"); n > 10 {
		t.Errorf("the script has %d lines, at most 10", n)
	}
	path := filepath.Join(t.TempDir(), "fetch-providers")
	if err := os.WriteFile(path, m[1], 0o755); err != nil {
		t.Fatal(err)
	}
	return path
}

// site is a website's folder.
type site struct {
	t                 *testing.T
	script, dir, file string
}

// fetch runs the script; ok says whether it let the build go on.
func (s *site) fetch(url string, args ...string) (ok bool, said string) {
	s.t.Helper()
	cmd := exec.CommandContext(s.t.Context(), "sh", append([]string{s.script, url, s.file}, args...)...)
	out, err := cmd.CombinedOutput()
	left, _ := filepath.Glob(filepath.Join(s.dir, "*"))
	for _, l := range left {
		if base := filepath.Base(l); base != filepath.Base(s.file) && base != filepath.Base(s.file)+".etag" {
			s.t.Errorf("the script leaves %s behind", base)
		}
	}
	return err == nil, string(out)
}

func (s *site) content() string {
	b, err := os.ReadFile(s.file)
	if err != nil {
		return ""
	}
	return string(b)
}

// TestTheScriptKeepsTheLastGoodFile against a live server: published or not,
// changed or not, down, and with garbage of every kind.
func TestTheScriptKeepsTheLastGoodFile(t *testing.T) {
	w := newWorld(t)
	dir := t.TempDir()
	s := &site{t: t, script: script(t), dir: dir, file: filepath.Join(dir, "providers.json")}
	url := w.http.URL + "/api/v1/providers"

	w.ok(w.r.PublishProviders(t.Context(), w.by("too early"), false))
	w.refresh()
	if ok, said := s.fetch(url); ok || s.content() != "" || !strings.Contains(said, "answer 404") {
		t.Errorf("not published and no file: %v %s", ok, said)
	}
	w.ok(w.r.PublishProviders(t.Context(), w.by("now"), true))
	w.refresh()
	good := w.get("/api/v1/providers").body
	if ok, said := s.fetch(url); !ok || s.content() != good || said != "" {
		t.Fatalf("200: %v %s\n%s", ok, said, s.content())
	}
	if info, err := os.Stat(s.file); err != nil || info.Mode().Perm() != 0o644 {
		t.Errorf("the file's mode: %v %v", info.Mode(), err)
	}
	w.observed(3)
	if ok, said := s.fetch(url); !ok || s.content() != good || said != "" {
		t.Errorf("304: %v %s", ok, said)
	}
	if seen := strings.Join(w.observed(1), ""); seen != "GET /api/v1/providers 304" {
		t.Errorf("an unchanged list was asked for by %s", seen)
	}

	for name, answer := range map[string]http.HandlerFunc{
		"an error":    func(w http.ResponseWriter, _ *http.Request) { http.Error(w, good, 500) },
		"a page":      func(w http.ResponseWriter, _ *http.Request) { _, _ = io.WriteString(w, "<html>Please log in</html>") },
		"nothing":     func(http.ResponseWriter, *http.Request) {},
		"a redirect":  func(w http.ResponseWriter, r *http.Request) { http.Redirect(w, r, "/elsewhere", http.StatusFound) },
		"not changed": func(w http.ResponseWriter, _ *http.Request) { w.WriteHeader(304) },
		"half a list": func(w http.ResponseWriter, _ *http.Request) {
			w.Header().Set("Content-Length", "9999")
			_, _ = io.WriteString(w, good[:200])
		},
		"bad gzip": func(w http.ResponseWriter, _ *http.Request) {
			w.Header().Set("Content-Encoding", "gzip")
			_, _ = io.WriteString(w, `"schema": "providers/1"`)
		},
	} {
		server := httptest.NewServer(answer)
		ok, said := s.fetch(server.URL)
		if !ok || s.content() != good || (said == "") != (name == "not changed") {
			t.Errorf("%s: %v %s", name, ok, said)
		}
		server.Close()
		if ok, said := s.fetch(server.URL); !ok || s.content() != good || !strings.Contains(said, "the last good") {
			t.Errorf("down: %v %s", ok, said)
		}
	}

	w.must(w.r.SetProfile(t.Context(), w.by("edited"), w.zed, roll.Profile{Summary: "More gardens."}))
	w.refresh()
	if ok, said := s.fetch(url); !ok || !strings.Contains(s.content(), "More gardens.") {
		t.Errorf("a change: %v %s", ok, said)
	}
	w.ok(os.Remove(s.file)) // the tag alone must not make an empty site
	if ok, said := s.fetch(url); !ok || !strings.Contains(s.content(), "More gardens.") {
		t.Errorf("the file was lost: %v %s", ok, said)
	}
}

// The other uses that the page shows.
func TestTheScriptFetchesTheOtherForms(t *testing.T) {
	w := newWorld(t)
	program := script(t)
	for path, text := range map[string]string{"/api/v1/providers.md": "## Co-operatives", "/api/v1/members.md": "| Name |", "/api/v1/providers?format=array": `"member_since"`} {
		dir := t.TempDir()
		s := &site{t: t, script: program, dir: dir, file: filepath.Join(dir, "file")}
		if ok, said := s.fetch(w.http.URL+path, text); !ok || s.content() != w.get(path).body {
			t.Errorf("%s: %v %s", path, ok, said)
		}
		page, err := os.ReadFile("../docs/website.md")
		if err != nil || !strings.Contains(string(page), "'"+text+"'") {
			t.Errorf("the page does not say %q (%v)", text, err)
		}
	}
}
