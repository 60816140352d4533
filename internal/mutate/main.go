// Command mutate tests the tests of one package: it makes small faults in the
// code, one at a time, and says which of them no test notices.
//
//	go run ./internal/mutate [flags] PACKAGE [-- FLAGS OF THE TEST BINARY]
//
// It flips comparisons (at their boundary and altogether), leaves out operands
// of && and ||, whole conditions, statements and loops, and alters arithmetic,
// numbers, min and max, true and false. The tree is never touched: the faults
// are woven into a copy that the compiler sees through an overlay, all at once,
// each behind a number, so that the package is compiled once and not once per
// fault; the few that cannot be chosen while the program runs (constants) are
// compiled one by one. A fault that does not compile is not counted, one that
// makes the tests run without end is caught by a limit of CPU time and counts
// as killed.
//
// The tests that take least time run first, the others only for those that
// survive. A list names survivors that are proven equivalent, each with its
// reason (see readEquivalents); the command fails when the rest are killed to
// less than -least per cent, and when the list names a mutant that is gone or
// is killed. With -page it also fails when that page says otherwise.
package main

import (
	"errors"
	"flag"
	"fmt"
	"io"
	"os"
)

func main() {
	if err := run(os.Args[1:], os.Stdout, os.Stderr); err != nil {
		fmt.Fprintln(os.Stderr, "mutate:", err)
		os.Exit(1)
	}
}

// options are what the command line says.
type options struct {
	pattern    string
	equivalent string   // file of the equivalent mutants; "" for none
	only       string   // a regular expression: only mutants whose id or key it matches
	least      float64  // per cent that must be killed
	jobs       int      // test binaries that run at once
	page       string   // file that must say what came out; "" for none
	quick      bool     // run the cheap tests alone
	table      bool     // print the table of the equivalents and end
	flags      []string // of the test binary
}

func parse(args []string, errs io.Writer) (options, error) {
	var o options
	set := flag.NewFlagSet("mutate", flag.ContinueOnError)
	set.SetOutput(errs)
	set.StringVar(&o.equivalent, "equivalent", "", "file that lists the equivalent mutants, with reasons")
	set.StringVar(&o.only, "only", "", "only mutants whose place, function or text this regular expression matches; the score is not judged then")
	set.Float64Var(&o.least, "least", 95, "per cent of the mutants, without the equivalent ones, that must be killed")
	set.IntVar(&o.jobs, "jobs", 2, "how many test binaries run at once")
	set.StringVar(&o.page, "page", "", "page that must hold the counts and the table of the equivalent mutants")
	set.BoolVar(&o.quick, "quick", false, "run only the tests that take least; the score is not judged then")
	set.BoolVar(&o.table, "table", false, "print the equivalent mutants as a table in Markdown, and do nothing else")
	if err := set.Parse(args); err != nil {
		return o, err
	}
	rest := set.Args()
	if o.table {
		return o, nil
	}
	if len(rest) == 0 || o.jobs < 1 {
		return o, fmt.Errorf("name one package and at least one job: mutate [flags] ./PACKAGE [-- test flags]")
	}
	o.pattern, o.flags = rest[0], rest[1:]
	if len(o.flags) > 0 && o.flags[0] == "--" {
		o.flags = o.flags[1:]
	}
	return o, nil
}

func run(args []string, out, errs io.Writer) error {
	o, err := parse(args, errs)
	if err != nil {
		return err
	}
	listed, err := readEquivalents(o.equivalent)
	if err != nil {
		return err
	}
	if o.table {
		fmt.Fprint(out, table(listed))
		return nil
	}
	src, err := load(o.pattern)
	if err != nil {
		return err
	}
	all, err := src.mutants()
	if err != nil {
		return err
	}
	chosen, err := choose(all, o.only)
	if err != nil {
		return err
	}
	r := newRunner(src, o, errs)
	if err := r.run(chosen); err != nil {
		return err
	}
	sum := count(chosen, listed)
	whole := o.only == "" && !o.quick
	sum.print(out, whole)
	if !whole {
		return nil
	}
	return errors.Join(sum.verdict(o.least), onPage(o.page, sum.counts(), table(listed)))
}
