// Command verify-record counts a decision again from its published record,
// without any code of the program that made it: it stands on the standard library
// alone.
//
//	verify-record FILE [--head HASH]
//
// It reads the record strictly (a key that is unknown or missing is refused),
// recomputes the hash chain, follows the entries, counts the ballots, weighs every
// line of the rule, and compares what comes out with what the record says. With
// --head it also compares the end of the chain with the one that was announced:
// only that shows that nothing was left out and the rest hashed anew. Exit code 0
// when everything fits, 1 when something does not, 2 for a wrong command line.
package main

import (
	"fmt"
	"io"
	"os"
)

func main() { os.Exit(run(os.Args[1:], os.Stdout, os.Stderr)) }

const usage = "usage: verify-record FILE [--head HASH]"

func run(args []string, out, errs io.Writer) int {
	file, head, ok := parse(args)
	if !ok {
		_, _ = fmt.Fprintln(errs, usage)
		return 2
	}
	text, err := os.ReadFile(file)
	if err != nil {
		_, _ = fmt.Fprintf(errs, "verify-record: the record cannot be read (%v): correct the path\n", err)
		return 2
	}
	r, err := verify(text, head)
	if err != nil {
		_, _ = fmt.Fprintln(errs, "verify-record: REFUSED:", err)
		return 1
	}
	_, _ = fmt.Fprint(out, r.report())
	return 0
}

func parse(args []string) (file, head string, ok bool) {
	for i := 0; i < len(args); i++ {
		switch {
		case args[i] == "--head" && i+1 < len(args) && head == "":
			i++
			head = args[i]
		case file == "" && args[i] != "" && args[i][0] != '-':
			file = args[i]
		default:
			return "", "", false
		}
	}
	return file, head, file != ""
}

// verify is the whole check of one record. head is the announced end of its
// chain; "" for none.
func verify(text []byte, head string) (*counted, error) {
	r, err := read(text)
	if err != nil {
		return nil, err
	}
	if err := r.chain(); err != nil {
		return nil, err
	}
	if head != "" && head != r.Head {
		return nil, fmt.Errorf("the chain ends with %s, and %s was announced: something was changed or left out", r.Head, head)
	}
	c, err := r.count()
	if err != nil {
		return nil, err
	}
	c.announced = head != ""
	return c, c.compare()
}
