package loop

import (
	"context"
	"math/rand/v2"
	"time"

	"coopcloud.tech/goodstanding/internal/instant"
)

// Step is one round. It returns the instant at which it wants to run again; 0
// leaves that to the loop.
type Step func(ctx context.Context) (next instant.Instant, err error)

// Options say how a loop paces itself.
type Options struct {
	// Min and Max bound the pause after a step that succeeded. Max is required.
	Min, Max time.Duration
	// Jitter is the largest share of a pause that is added to it by chance; 0 for
	// none, 0.1 for up to a tenth.
	Jitter float64
	// Backoff is the pause after the nth failure in a row, n counted from 1. It is
	// not bounded by Min and Max. nil waits Max.
	Backoff func(err error, n int) time.Duration
	// Now is the clock of the instants that a step returns. Required.
	Now func() instant.Instant
	// Random gives numbers in [0, 1) for the jitter; nil takes the usual ones.
	Random func() float64
	// Poke wakes the loop; see the package's contract. nil never does.
	Poke <-chan struct{}
	// Hurry is asked after a failure, and at each poke during the pause that
	// follows, for an instant at which the next step may run before the pause is
	// over; 0 for none. nil never shortens it.
	Hurry func() instant.Instant
	// Failed is told each failure and the pause that follows; nil is told nothing.
	Failed func(err error, n int, pause time.Duration)
}

// Run runs the step at once and then again and again, until the context ends.
// The step's context is the loop's own.
func Run(ctx context.Context, step Step, o Options) {
	if o.Random == nil {
		o.Random = rand.Float64
	}
	failures := 0
	for ctx.Err() == nil {
		next, err := step(ctx)
		if ctx.Err() != nil {
			return // what the end cut off is no failure
		}
		if err != nil {
			failures++
			pause := o.afterFailure(err, failures)
			if o.Failed != nil {
				o.Failed(err, failures, pause)
			}
			o.backOff(ctx, pause)
			continue
		}
		failures = 0
		o.wait(ctx, o.pause(next), o.Poke)
	}
}

// pause is how long to wait for the next step after one that succeeded.
func (o *Options) pause(next instant.Instant) time.Duration {
	if next == 0 {
		return o.spread(o.Max)
	}
	return min(max(next.Sub(o.Now()), o.Min), o.Max)
}

// afterFailure is how long to wait after the nth failure.
func (o *Options) afterFailure(err error, n int) time.Duration {
	if o.Backoff == nil {
		return o.spread(o.Max)
	}
	return o.spread(o.Backoff(err, n))
}

// spread makes a pause longer by chance.
func (o *Options) spread(pause time.Duration) time.Duration {
	return pause + time.Duration(float64(pause)*o.Jitter*o.Random())
}

// glance is how often a loop that waits looks at the clock: the timer stands
// still while the host sleeps, the clock does not.
const glance = time.Minute

// backOff waits after a failure: as long as it was told to, unless there is a
// hurry.
func (o *Options) backOff(ctx context.Context, pause time.Duration) {
	if o.Hurry == nil {
		o.wait(ctx, pause, nil)
		return
	}
	until := o.Now().Add(pause)
	ctx, over := context.WithTimeout(ctx, pause) // also where the clock was ahead, and is put right
	defer over()
	for poked := true; poked && ctx.Err() == nil; {
		next := until
		if sooner := o.Hurry(); sooner != 0 {
			next = min(next, sooner)
		}
		poked = o.wait(ctx, next.Sub(o.Now()), o.Poke)
	}
}

// wait returns after the pause, at a poke, or when the context ends; it says
// whether it was a poke.
func (o *Options) wait(ctx context.Context, pause time.Duration, poke <-chan struct{}) (poked bool) {
	until := o.Now().Add(pause)
	for pause > 0 && o.Now() < until {
		part := min(pause, glance)
		pause -= part
		timer := time.NewTimer(part)
		select {
		case <-timer.C:
		case <-poke:
			timer.Stop()
			return true
		case <-ctx.Done():
			timer.Stop()
			return false
		}
	}
	return false
}

// Poker wakes loops. A poke that finds the loop at work is kept for when it
// waits; several are as good as one.
type Poker chan struct{}

// NewPoker makes a poker whose channel goes into Options.Poke.
func NewPoker() Poker { return make(Poker, 1) }

// Poke wakes the loop and never waits itself.
func (p Poker) Poke() {
	select {
	case p <- struct{}{}:
	default: // one is kept already
	}
}
