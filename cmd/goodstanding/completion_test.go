package main

import (
	"io"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
	"time"
)

func TestCompletion(t *testing.T) {
	w := newWorld(t)
	w.env = nil // it needs no setting
	for _, c := range []struct{ typed, want string }{
		{"completion|bash|--|stat", "status"},
		{"completion|bash|--|members|ad", "add admit adopt"},
		{"completion|bash|--|decide|sh", "show"},
		{"completion|bash|--|roll|--st", "--state"},
		{"completion|bash|--|roll|--js", "--json"},
		{"completion|bash|--|roll|--at|20", ""},
		{"completion|bash|--|--json|roll|--st", "--state"},
		{"completion|bash|--|roll|--at|members|--st", "--state"}, // members is the value of --at
		{"completion|bash|--|explain|al", ""},
		{"completion|zsh|--|policy|ini", "init:Print a preset as a file to begin with"},
		{"completion|fish|--|vers", "version\tSay which version this is"},
	} {
		got := strings.ReplaceAll(strings.TrimSuffix(w.must(strings.Split(c.typed, "|")...), "\n"), "\n", " ")
		if got != c.want {
			t.Errorf("%s: got %q, want %q", c.typed, got, c.want)
		}
	}
	if n := strings.Count(w.must("completion", "bash", "--", ""), "\n"); n < 20 {
		t.Errorf("only %d commands are offered", n)
	}
	if got, want := w.fails(exitUsage, "completion", "tcsh"), `there is no completion for the shell "tcsh": there are bash, zsh and fish`; got != want {
		t.Errorf("got  %s\nwant %s", got, want)
	}
}

// ownName lets shells call the test's own binary by the program's name.
func ownName(t *testing.T) (path string) {
	t.Helper()
	self, err := os.Executable()
	if err != nil {
		t.Fatal(err)
	}
	dir := t.TempDir()
	if err := os.Symlink(self, filepath.Join(dir, "goodstanding")); err != nil {
		t.Fatal(err)
	}
	return dir + string(filepath.ListSeparator) + os.Getenv("PATH")
}

// TestTheTabKey is pressed in a real bash, on a terminal of its own.
func TestTheTabKey(t *testing.T) {
	for _, program := range []string{"bash", "script"} {
		if _, err := exec.LookPath(program); err != nil {
			t.Skip(program + " is not on this machine")
		}
	}
	c := exec.CommandContext(t.Context(), "script", "-qec", "bash --norc --noprofile -i", "/dev/null")
	c.Env = append(os.Environ(), "PATH="+ownName(t), "TERM=dumb")
	var said stream
	c.Stdout, c.Stderr = &said, &said
	keys, err := c.StdinPipe()
	if err != nil {
		t.Fatal(err)
	}
	if err := c.Start(); err != nil {
		t.Fatal(err)
	}
	press := func(text, answer string) {
		if _, err := io.WriteString(keys, text); err != nil {
			t.Error(err)
		}
		for end := time.Now().Add(patience); !strings.Contains(said.String(), answer) && time.Now().Before(end); {
			time.Sleep(10 * time.Millisecond)
		}
	}
	press("source <(goodstanding completion bash) && echo rea\"\"dy\n", "ready")
	press("goodstanding vers\t--js\t\n", `"version"`)
	press("exit\n", "exit")
	if err := c.Wait(); err != nil {
		t.Error(err)
	}
	has(t, said.String(), "goodstanding version --json", `"version": "dev"`)
}

// TestFishCompletes: fish says itself what it would offer.
func TestFishCompletes(t *testing.T) {
	if _, err := exec.LookPath("fish"); err != nil {
		t.Skip("fish is not on this machine")
	}
	c := exec.CommandContext(t.Context(), "fish", "--no-config", "-c", `goodstanding completion fish | source; complete -C "goodstanding members ad"`)
	c.Env = append(os.Environ(), "PATH="+ownName(t), "HOME="+t.TempDir())
	out, err := c.CombinedOutput()
	if err != nil {
		t.Fatal(err, string(out))
	}
	has(t, string(out), "admit\tAdmit an applicant, or a member that had left\n")
}
