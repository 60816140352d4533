package main

import (
	"errors"
	"fmt"
	"io"
	"os"
	"regexp"
	"sort"
	"strconv"
	"strings"
	"sync"
)

// runner runs the tests against the mutants.
type runner struct {
	src     *source
	flags   []string
	jobs    int
	quick   bool
	log     io.Writer
	scratch string
	stages  []stage // the cheap ones first
}

func newRunner(src *source, o options, log io.Writer) *runner {
	return &runner{src: src, flags: o.flags, jobs: o.jobs, quick: o.quick, log: log}
}

// run gives every mutant its fate.
func (r *runner) run(ms []*mutant) (err error) {
	if r.scratch, err = os.MkdirTemp("", "mutate-"); err != nil {
		return err
	}
	defer func() { _ = os.RemoveAll(r.scratch) }()
	binary, err := r.weave(ms)
	if err != nil {
		return err
	}
	cmd, out, err := r.execute(binary, 0, stage{".", 3600})
	if err != nil {
		return fmt.Errorf("the tests fail without a mutant: %w\n%s", err, out)
	}
	defer func() { err = errors.Join(err, r.stillPass(binary)) }()
	r.stages = stages(out, (cmd.ProcessState.UserTime() + cmd.ProcessState.SystemTime()).Seconds())
	if r.quick {
		r.stages = r.stages[:min(2, len(r.stages))]
	}
	r.each(ms, func(m *mutant) {
		if !m.alone {
			m.fate = r.judge(binary, m.number)
			return
		}
		one, err := r.build(strconv.Itoa(m.number), map[string]string{m.file.path: m.plain()})
		if err != nil {
			m.fate = broken // in a way that the type checker does not see
			return
		}
		m.fate = r.judge(one, m.number)
		_ = os.Remove(one)
	})
	return nil
}

// stillPass finds out whether the cheap tests pass after the run: otherwise what
// they read was changed meanwhile, and the mutants were killed by that.
func (r *runner) stillPass(binary string) error {
	if _, out, err := r.execute(binary, 0, r.stages[0]); err != nil {
		return fmt.Errorf("the tests fail without a mutant after the run: was something changed meanwhile? %w\n%s", err, out)
	}
	return nil
}

// each calls f for every mutant that is waiting, a few at a time.
func (r *runner) each(ms []*mutant, f func(*mutant)) {
	queue := make(chan *mutant)
	var group sync.WaitGroup
	for range r.jobs {
		group.Go(func() {
			for m := range queue {
				f(m)
				if m.fate == survived {
					_, _ = fmt.Fprintf(r.log, "survived %s %s\n", m.id(), m.key())
				}
			}
		})
	}
	for i, m := range ms {
		if m.fate == waiting {
			queue <- m
		}
		if (i+1)%100 == 0 {
			_, _ = fmt.Fprintf(r.log, "%d of %d\n", i+1, len(ms))
		}
	}
	close(queue)
	group.Wait()
}

func (r *runner) judge(binary string, number int) fate {
	for _, s := range r.stages {
		switch _, out, err := r.execute(binary, number, s); {
		case overran(out, err):
			return endless
		case err != nil:
			return killed
		}
	}
	return survived
}

// stage is a part of the tests, and the CPU time that it may take: limited in
// CPU time, so that a busy machine kills nobody.
type stage struct {
	tests   string // a regular expression
	seconds int
}

var passed = regexp.MustCompile(`(?m)^--- PASS: (\S+) \((\d+\.\d+)s\)$`)

// stages sorts the tests by what they took in the output of a run that took so
// many seconds of CPU time: those that together took a fiftieth of the time come
// first, so that a run without end is soon known for one, then those up to a
// tenth, then each of the others by itself. A run that takes ten times as long is
// one without end.
func stages(out string, cpu float64) (all []stage) {
	type test struct {
		name  string
		takes float64
	}
	var tests []test
	total := 0.0
	for _, found := range passed.FindAllStringSubmatch(out, -1) {
		takes, _ := strconv.ParseFloat(found[2], 64)
		tests = append(tests, test{found[1], takes})
		total += takes
	}
	sort.SliceStable(tests, func(i, j int) bool { return tests[i].takes < tests[j].takes })
	sum := 0.0
	for _, share := range []float64{50, 10} {
		var names []string
		before := sum
		for len(tests) > 0 && sum+tests[0].takes <= total/share {
			sum += tests[0].takes
			names, tests = append(names, tests[0].name), tests[1:]
		}
		if len(names) > 0 {
			all = append(all, stage{"^(" + strings.Join(names, "|") + ")$", limit(sum-before, total, cpu)})
		}
	}
	for _, t := range tests {
		all = append(all, stage{"^" + t.name + "$", limit(t.takes, total, cpu)})
	}
	return all
}

func limit(takes, total, cpu float64) int { return 2 + int(10*cpu*takes/max(total, 1)) }
