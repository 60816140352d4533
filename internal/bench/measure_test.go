package bench

import (
	"fmt"
	"slices"
	"syscall"
	"testing"
	"time"
)

// spread is what several rounds of one measurement came to.
type spread struct {
	median, least, most float64
}

func spreadOf(all []float64) spread {
	slices.Sort(all)
	middle := all[len(all)/2]
	if len(all)%2 == 0 {
		middle = (all[len(all)/2-1] + middle) / 2
	}
	return spread{middle, all[0], all[len(all)-1]}
}

// String is the median with the least and the most of the rounds behind it.
func (s spread) String() string {
	return fmt.Sprintf("%s (%s–%s)", number(s.median), number(s.least), number(s.most))
}

func number(x float64) string {
	switch {
	case x >= 100:
		return fmt.Sprintf("%.0f", x)
	case x >= 10:
		return fmt.Sprintf("%.1f", x)
	default:
		return fmt.Sprintf("%.2f", x)
	}
}

// ratio runs two sides in turns, and which one goes first takes turns, too; it gives
// for each round what the first side took by what the second took, whatever a side
// measures: time, processor time, bytes. Before the rounds each side runs once
// unmeasured.
func ratio(rounds int, ours, reference func() float64) spread {
	ours()
	reference()
	var all []float64
	for i := range rounds {
		var a, b float64
		if i%2 == 0 {
			a, b = ours(), reference()
		} else {
			b, a = reference(), ours()
		}
		all = append(all, a/b)
	}
	return spreadOf(all)
}

// turns are those of each side in a round of finely.
const turns = 50

// finely is ratio for sides of a few milliseconds: a round is many turns of both, and
// the sum of them. What else the machine does meanwhile falls on both sides alike, and
// collections of garbage fall on each as often as it makes some. With one turn of each
// in a round a side had a collection more than the other, or less, by chance.
func finely(rounds int, ours, reference func() float64) spread {
	round := func() (a, b float64) {
		for i := range turns {
			if i%2 == 0 {
				a += ours()
				b += reference()
			} else {
				b += reference()
				a += ours()
			}
		}
		return a, b
	}
	ours()
	reference()
	var all []float64
	for range rounds {
		a, b := round()
		all = append(all, a/b)
	}
	return spreadOf(all)
}

// wall is how long f takes, in seconds, by the clock on the wall.
func wall(f func()) float64 {
	began := time.Now()
	f()
	return time.Since(began).Seconds()
}

// processor is the processor time that this process takes during f, in seconds, its
// kernel's and its garbage collector's included.
func processor(tb testing.TB, f func()) float64 {
	tb.Helper()
	before := used(tb)
	f()
	return (used(tb) - before).Seconds()
}

func used(tb testing.TB) time.Duration {
	var u syscall.Rusage
	if err := syscall.Getrusage(syscall.RUSAGE_SELF, &u); err != nil {
		tb.Fatal(err)
	}
	return time.Duration(u.Utime.Nano() + u.Stime.Nano())
}
