package main

import (
	"encoding/json"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
)

// choice is the variable of the environment that chooses a mutant.
const choice = "MUTANT"

// chooser is the file that the woven package gets beside its own.
const chooser = `package %s

import (
	"os"
	"strconv"
)

var activeMutant, _ = strconv.Atoi(os.Getenv(%q))
`

// build compiles the test binary of the package as it looks with some files
// replaced; texts are by path.
func (r *runner) build(name string, texts map[string]string) (string, error) {
	replace := map[string]string{}
	for path, text := range texts {
		to := filepath.Join(r.scratch, name+"-"+filepath.Base(path))
		if err := os.WriteFile(to, []byte(text), 0o600); err != nil {
			return "", err
		}
		replace[path] = to
	}
	overlay, err := json.Marshal(map[string]any{"Replace": replace})
	if err != nil {
		return "", err
	}
	list := filepath.Join(r.scratch, name+".json")
	if err := os.WriteFile(list, overlay, 0o600); err != nil {
		return "", err
	}
	binary := filepath.Join(r.scratch, name+".test")
	cmd := exec.Command("go", "test", "-c", "-vet=off", "-overlay", list, "-o", binary, r.src.dir)
	if out, err := cmd.CombinedOutput(); err != nil {
		return "", fmt.Errorf("go test -c: %w\n%s", err, out)
	}
	return binary, nil
}

// weave compiles all mutants that can be chosen while the program runs.
func (r *runner) weave(ms []*mutant) (string, error) {
	texts := map[string]string{}
	for _, f := range r.src.files {
		var here []*mutant
		for _, m := range ms {
			if m.file == f && !m.alone && m.fate != broken {
				here = append(here, m)
			}
		}
		texts[f.path] = weave(f, here)
	}
	path := filepath.Join(r.src.dir, "active_mutant.go")
	if _, err := os.Stat(path); err == nil {
		return "", fmt.Errorf("%s is in the way", path)
	}
	texts[path] = fmt.Sprintf(chooser, r.src.pkg.Name(), choice)
	return r.build("woven", texts)
}

// execute runs some tests of a binary with one mutant at work (0: none), and
// says what the binary said.
func (r *runner) execute(binary string, number int, s stage) (*exec.Cmd, string, error) {
	limits := fmt.Sprintf(`ulimit -t %d 2>/dev/null; ulimit -v %d 2>/dev/null; exec "$0" "$@"`, s.seconds, memoryKiB)
	args := []string{"-c", limits, binary, "-test.failfast", "-test.timeout=60m", "-test.run=" + s.tests}
	if number == 0 {
		args = append(args, "-test.v")
	}
	cmd := exec.Command("sh", append(args, r.flags...)...)
	cmd.Dir = r.src.dir
	cmd.Env = append(os.Environ(), fmt.Sprintf("%s=%d", choice, number), "GOMAXPROCS=1", "TMPDIR="+r.scratch)
	out, err := cmd.CombinedOutput()
	return cmd, string(out), err
}

// memoryKiB is the memory that one run may take, so that a loop without end
// stays harmless.
const memoryKiB = 4 << 20

// overran says that a run was ended by the limit of CPU time.
func overran(out string, err error) bool {
	return err != nil && (strings.Contains(out, "SIGXCPU") || strings.Contains(strings.ToLower(err.Error()), "cpu time limit") ||
		strings.Contains(err.Error(), "signal: killed"))
}
