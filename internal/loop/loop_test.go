package loop

import (
	"context"
	"errors"
	"slices"
	"sync/atomic"
	"testing"
	"testing/synctest"
	"time"

	"go.uber.org/goleak"

	"coopcloud.tech/goodstanding/internal/instant"
)

func TestMain(m *testing.M) { goleak.VerifyTestMain(m) }

func now() instant.Instant { return instant.Of(time.Now()) }

// trace runs a loop in a bubble whose clock is false and tells after how long
// from its start each step began. script says what the nth step returns; when it
// is at its end the context ends.
func trace(t *testing.T, o Options, script ...func() (instant.Instant, error)) (at []time.Duration) {
	t.Helper()
	synctest.Test(t, func(t *testing.T) {
		ctx, cancel := context.WithCancel(t.Context())
		defer cancel()
		began := time.Now()
		o.Now = now
		Run(ctx, func(context.Context) (instant.Instant, error) {
			at = append(at, time.Since(began))
			if len(at) > len(script) {
				cancel()
				return 0, nil
			}
			return script[len(at)-1]()
		}, o)
	})
	return at
}

func in(d time.Duration) func() (instant.Instant, error) {
	return func() (instant.Instant, error) { return now().Add(d), nil }
}

func open() (instant.Instant, error)   { return 0, nil }
func failed() (instant.Instant, error) { return 0, errors.New("no") }

func wants(t *testing.T, got []time.Duration, want ...time.Duration) {
	t.Helper()
	if !slices.Equal(got, want) {
		t.Errorf("steps began after %v, want %v", got, want)
	}
}

func TestTheStepsOwnInstantIsKept(t *testing.T) {
	o := Options{Min: time.Second, Max: time.Hour, Jitter: 0.5, Random: func() float64 { return 0.9 }}
	wants(t, trace(t, o, in(7*time.Minute), in(90*time.Second)), 0, 7*time.Minute, 8*time.Minute+30*time.Second)
}

func TestMinAndMaxBoundThePause(t *testing.T) {
	o := Options{Min: time.Minute, Max: time.Hour}
	wants(t, trace(t, o, in(0), in(-time.Hour), in(72*time.Hour), open),
		0, time.Minute, 2*time.Minute, 62*time.Minute, 122*time.Minute)
}

func TestJitterSpreadsWhatTheStepLeavesOpen(t *testing.T) {
	o := Options{Max: time.Hour, Jitter: 0.1, Random: func() float64 { return 0.5 }}
	wants(t, trace(t, o, open, failed), 0, 63*time.Minute, 126*time.Minute)
}

func TestBackoffCountsFailuresInARow(t *testing.T) {
	var seen []int
	o := Options{Max: time.Hour,
		Backoff: func(_ error, n int) time.Duration { return Exponential(time.Second, 4*time.Second, n) },
		Failed:  func(_ error, n int, _ time.Duration) { seen = append(seen, n) },
	}
	wants(t, trace(t, o, failed, failed, failed, failed, in(time.Minute), failed),
		0, 1*time.Second, 3*time.Second, 7*time.Second, 11*time.Second, 71*time.Second, 72*time.Second)
	if want := []int{1, 2, 3, 4, 1}; !slices.Equal(seen, want) {
		t.Errorf("told of the failures %v, want %v", seen, want)
	}
}

// The step's error decides, and the pause after it may be longer than Max.
func TestBackoffSeesTheError(t *testing.T) {
	limit := errors.New("wait")
	o := Options{Max: time.Minute, Backoff: func(err error, _ int) time.Duration {
		if errors.Is(err, limit) {
			return 2 * time.Hour
		}
		return time.Second
	}}
	wants(t, trace(t, o, failed, func() (instant.Instant, error) { return 0, limit }), 0, time.Second, time.Second+2*time.Hour)
}

func TestExponential(t *testing.T) {
	for n, want := range map[int]time.Duration{0: 5, 1: 5, 2: 10, 3: 20, 4: 40, 5: 60, 6: 60, 1 << 30: 60} {
		if got := Exponential(5, 60, n); got != want {
			t.Errorf("failure %d waits %d, want %d", n, got, want)
		}
	}
	if got := Exponential(time.Hour, time.Minute, 1); got != time.Minute {
		t.Errorf("first above most waits %s", got)
	}
}

func TestAPokeWakesALoopThatWaits(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		ctx, cancel := context.WithCancel(t.Context())
		poke, steps := NewPoker(), 0
		began := time.Now()
		go func() {
			time.Sleep(10 * time.Minute)
			poke.Poke()
			poke.Poke() // as good as one
		}()
		Run(ctx, func(context.Context) (instant.Instant, error) {
			if steps++; steps == 2 {
				if took := time.Since(began); took != 10*time.Minute {
					t.Errorf("the second step began after %s", took)
				}
				poke.Poke() // while it works: kept
			}
			if steps == 3 && time.Since(began) != 10*time.Minute {
				t.Errorf("a poke at work was lost: the third step began after %s", time.Since(began))
			}
			if steps == 4 {
				cancel()
			}
			return 0, nil
		}, Options{Max: time.Hour, Now: now, Poke: poke})
		if took := time.Since(began); steps != 4 || took != 70*time.Minute {
			t.Errorf("%d steps in %s, want 4 in 1h10m: two pokes at once are one", steps, took)
		}
	})
}

func TestAPokeDoesNotCutABackoffShort(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		ctx, cancel := context.WithCancel(t.Context())
		poke, steps := NewPoker(), 0
		began := time.Now()
		Run(ctx, func(context.Context) (instant.Instant, error) {
			if steps++; steps == 2 {
				cancel()
			}
			poke.Poke()
			return failed()
		}, Options{Max: time.Hour, Now: now, Poke: poke, Backoff: func(error, int) time.Duration { return 20 * time.Minute }})
		if took := time.Since(began); took != 20*time.Minute {
			t.Errorf("the second step began after %s, want 20m", took)
		}
	})
}

// A hurry names an instant within the pause after a failure; the failures go on
// counting. One that is later than the pause's end changes nothing.
func TestAHurryCutsABackoffShort(t *testing.T) {
	for name, c := range map[string]struct {
		hurry, want time.Duration
	}{
		"within the pause": {3 * time.Minute, 3 * time.Minute},
		"passed already":   {time.Second, time.Minute},
		"after the pause":  {time.Hour, 20 * time.Minute},
		"none":             {0, 20 * time.Minute},
	} {
		t.Run(name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				ctx, cancel := context.WithCancel(t.Context())
				poke, steps := NewPoker(), 0
				var hurry atomic.Int64 // an instant; 0 for none
				began := time.Now()
				go func() {
					time.Sleep(time.Minute)
					if c.hurry != 0 {
						hurry.Store(int64(instant.Of(began).Add(c.hurry)))
					}
					poke.Poke()
				}()
				var counted []int
				Run(ctx, func(context.Context) (instant.Instant, error) {
					if steps++; steps == 2 {
						if took := time.Since(began); took != c.want {
							t.Errorf("the second step began after %s, want %s", took, c.want)
						}
						hurry.Store(0)
					}
					if steps == 3 {
						cancel()
					}
					return failed()
				}, Options{Max: time.Hour, Now: now, Poke: poke, Hurry: func() instant.Instant { return instant.Instant(hurry.Load()) },
					Backoff: func(error, int) time.Duration { return 20 * time.Minute },
					Failed:  func(_ error, n int, _ time.Duration) { counted = append(counted, n) }})
				if want := []int{1, 2}; !slices.Equal(counted, want) || steps != 3 {
					t.Errorf("%d steps, failures %v, want 3 and %v", steps, counted, want)
				}
			})
		})
	}
}

// Pokes come at every moment; still no two steps run at once.
func TestItNeverOverlapsItself(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		ctx, cancel := context.WithTimeout(t.Context(), time.Hour)
		defer cancel()
		poke := NewPoker()
		go func() {
			for ctx.Err() == nil {
				poke.Poke()
				time.Sleep(time.Second)
			}
		}()
		var running, steps atomic.Int64
		Run(ctx, func(context.Context) (instant.Instant, error) {
			if running.Add(1) != 1 {
				t.Error("two steps at once")
			}
			time.Sleep(7 * time.Second)
			running.Add(-1)
			steps.Add(1)
			return now(), nil
		}, Options{Max: time.Minute, Now: now, Poke: poke})
		if n := steps.Load(); n < 500 {
			t.Errorf("only %d steps in an hour", n)
		}
	})
}

func TestItEndsWithItsContext(t *testing.T) {
	for name, step := range map[string]Step{
		"while it waits":     func(context.Context) (instant.Instant, error) { return 0, nil },
		"while it backs off": func(context.Context) (instant.Instant, error) { return failed() },
		"while it works": func(ctx context.Context) (instant.Instant, error) {
			<-ctx.Done()
			return 0, ctx.Err()
		},
	} {
		t.Run(name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				ctx, cancel := context.WithTimeout(t.Context(), 90*time.Second)
				defer cancel()
				began := time.Now()
				Run(ctx, step, Options{Max: 24 * time.Hour, Now: now, Failed: func(err error, _ int, _ time.Duration) {
					if ctx.Err() != nil {
						t.Errorf("the end was told as a failure: %v", err)
					}
				}})
				if took := time.Since(began); took != 90*time.Second {
					t.Errorf("it ended after %s, its context after 1m30s", took)
				}
			})
		})
	}
	ran := false
	ended, cancel := context.WithCancel(context.Background())
	cancel()
	Run(ended, func(context.Context) (instant.Instant, error) { ran = true; return 0, nil }, Options{Max: time.Hour, Now: now})
	if ran {
		t.Error("a step ran although the context had ended before")
	}
}

// The timer stands still while a host sleeps; the clock that jumped says so.
func TestAClockThatJumpedEndsTheWait(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		ctx, cancel := context.WithCancel(t.Context())
		began := time.Now()
		var asleep atomic.Int64
		clock := func() instant.Instant { return now().Add(time.Duration(asleep.Load())) }
		time.AfterFunc(5*time.Minute+30*time.Second, func() { asleep.Store(int64(24 * time.Hour)) })
		steps := 0
		Run(ctx, func(context.Context) (instant.Instant, error) {
			if steps++; steps == 2 {
				cancel()
			}
			return clock().Add(10 * time.Hour), nil
		}, Options{Max: 12 * time.Hour, Now: clock})
		if took := time.Since(began); took != 6*time.Minute {
			t.Errorf("it woke after %s of its own time, want 6m: at the next glance at the clock", took)
		}
	})
}

// A clock that was ahead when a step failed, and is put right, makes no pause longer, also
// where somebody pokes.
func TestAClockThatWasAheadMakesNoPauseLonger(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		ctx, cancel := context.WithCancel(t.Context())
		defer cancel()
		var ahead atomic.Int64
		ahead.Store(int64(40 * 24 * time.Hour))
		var at []time.Duration
		began, poke := time.Now(), NewPoker()
		go func() {
			time.Sleep(10 * time.Second)
			ahead.Store(0)
			poke.Poke()
		}()
		Run(ctx, func(context.Context) (instant.Instant, error) {
			if at = append(at, time.Since(began)); len(at) == 2 {
				cancel()
			}
			return 0, errors.New("no")
		}, Options{Max: time.Hour, Poke: poke, Now: func() instant.Instant { return now().Add(time.Duration(ahead.Load())) },
			Backoff: func(error, int) time.Duration { return time.Minute }, Hurry: func() instant.Instant { return 0 }})
		wants(t, at, 0, time.Minute)
	})
}
