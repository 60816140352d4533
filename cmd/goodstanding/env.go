package main

import (
	"io"
	"os"
	"os/user"
	"path/filepath"
	"strings"
	"time"
	_ "time/tzdata" // the federation's time zone, also where the system has none

	"github.com/mattn/go-isatty"

	"coopcloud.tech/goodstanding/internal/instant"
)

// Env is everything that the program takes from around it.
type Env struct {
	Stdin          io.Reader
	Stdout, Stderr io.Writer
	// Environ are the environment's "NAME=value" pairs.
	Environ []string
	// Now is the time of the facts; Clock only measures waits.
	Now   func() instant.Instant
	Clock func() time.Time
	// Wall is what the machine's clock says, for comparing it with others'; nil where Now
	// is another clock.
	Wall func() time.Time
	// Login is the name of whoever runs the program, for the audit log.
	Login string
	// Terminal says that a person reads Stdout and answers on Stdin.
	Terminal bool
	// Width is that of the terminal in columns; 0 for unlimited.
	Width int
	// NewID makes identifiers; nil takes random ones.
	NewID func(prefix string) string
}

// Host is the real surroundings of the process.
func Host() Env {
	e := Env{
		Stdin: os.Stdin, Stdout: os.Stdout, Stderr: os.Stderr,
		Environ: os.Environ(),
		Now:     func() instant.Instant { return instant.Of(time.Now()) },
		Clock:   time.Now,
		Wall:    time.Now,
	}
	if u, err := user.Current(); err == nil {
		e.Login = filepath.Base(u.Username) // Windows: DOMAIN\name
	}
	if e.Login == "" || e.Login == "." {
		e.Login = "unknown"
	}
	if isatty.IsTerminal(os.Stdin.Fd()) && isatty.IsTerminal(os.Stdout.Fd()) {
		e.Terminal, e.Width = true, terminalWidth(os.Stdout)
	}
	return e
}

// get reads one variable; an empty one is as good as none, because that is
// how compose files leave a setting out.
func (e Env) get(name string) string {
	for i := len(e.Environ) - 1; i >= 0; i-- { // the last one holds, as in exec
		if k, v, ok := strings.Cut(e.Environ[i], "="); ok && k == name {
			return v
		}
	}
	return ""
}

// names are the variables that begin with the prefix, in the order given.
func (e Env) names(prefix string) (out []string) {
	for _, pair := range e.Environ {
		if k, v, ok := strings.Cut(pair, "="); ok && v != "" && strings.HasPrefix(k, prefix) {
			out = append(out, k)
		}
	}
	return out
}

// colours says whether output may be coloured (https://no-color.org).
func (e Env) colours() bool {
	return e.Terminal && e.get("NO_COLOR") == "" && e.get("TERM") != "dumb"
}
