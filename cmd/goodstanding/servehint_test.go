package main

import (
	"context"
	"fmt"
	"math/rand/v2"
	"net/http"
	"path/filepath"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"coopcloud.tech/goodstanding/internal/instant"
	"coopcloud.tech/goodstanding/internal/loop"
	"coopcloud.tech/goodstanding/syncer"
	"coopcloud.tech/goodstanding/syncer/opencollective"
)

// pacing is how the daemon paces its puller, without the jitter.
func (x *paced) pacing() loop.Options {
	return loop.Options{Max: longestPull, Now: x.now, Poke: x.p.hints.wake, Hurry: x.p.hurry, Backoff: pullPause(x.p.every)}
}

// begun is a puller that has just read, long before its next regular reading,
// and goes on beside the test until the returned function ends it.
func (x *paced) begun(ctx context.Context, t *testing.T) (end func()) {
	t.Helper()
	x.step(ctx, t)
	return x.beside(ctx)
}

func (x *paced) beside(ctx context.Context) (end func()) {
	ctx, cancel := context.WithCancel(ctx)
	done := make(chan struct{})
	go func() {
		defer close(done)
		loop.Run(ctx, x.p.step, x.pacing())
	}()
	return func() { cancel(); <-done }
}

// sinceFirst is after how long from the first reading each other one began.
func (x *paced) sinceFirst() (out []time.Duration) {
	for _, at := range x.began[1:] {
		out = append(out, at.Sub(x.began[0]))
	}
	return out
}

func (x *paced) wants(t *testing.T, want ...time.Duration) {
	t.Helper()
	if got := x.sinceFirst(); fmt.Sprint(got) != fmt.Sprint(want) {
		t.Errorf("readings began %v after the first one, want %v", got, want)
	}
}

const rare = 100_000 * time.Hour // no regular reading comes between

// TestABurstOfHintsIsOneReading, soon where the last one is a minute ago, else as
// soon as the minute is over.
func TestABurstOfHintsIsOneReading(t *testing.T) {
	for _, c := range []struct{ after, want time.Duration }{
		{10 * time.Minute, 10*time.Minute + settle},
		{time.Minute, time.Minute + settle},
		{58 * time.Second, 63 * time.Second},
		{10 * time.Second, time.Minute},
		{0, time.Minute},
	} {
		t.Run(c.after.String(), func(t *testing.T) {
			inBubble(t, rare, func(ctx context.Context, x *paced) {
				end := x.begun(ctx, t)
				time.Sleep(c.after)
				for range 50 {
					x.p.hints.give()
					time.Sleep(20 * time.Millisecond)
				}
				time.Sleep(20 * time.Minute)
				end()
				x.wants(t, c.want)
			})
		})
	}
}

// Without a hint nothing is read early.
func TestWithoutAHintNothingIsReadEarly(t *testing.T) {
	inBubble(t, rare, func(ctx context.Context, x *paced) {
		end := x.begun(ctx, t)
		time.Sleep(time.Hour)
		end()
		x.wants(t)
	})
}

// TestAHintDuringAReadingIsAnsweredByTheNext: the reading under way may have
// passed the place already. One that came before it began is answered by it.
func TestAHintDuringAReadingIsAnsweredByTheNext(t *testing.T) {
	inBubble(t, rare, func(ctx context.Context, x *paced) {
		x.step(ctx, t)
		pull := x.p.pull
		x.p.pull = func(ctx context.Context) (syncer.Report, error) {
			report, err := pull(ctx)
			time.Sleep(20 * time.Second)
			return report, err
		}
		end := x.beside(ctx)
		time.Sleep(2 * time.Minute)
		x.p.hints.give() // read at 2:05 until 2:25
		time.Sleep(15 * time.Second)
		x.p.hints.give() // during it
		time.Sleep(20 * time.Minute)
		end()
		x.wants(t, 2*time.Minute+settle, 3*time.Minute+settle)
	})
}

// TestHintsAtAnyTime: whenever they come, each is answered by a reading that
// begins after it and at most a minute and the settling later, no two readings
// are within a minute, and there are no more than hints.
func TestHintsAtAnyTime(t *testing.T) {
	for seed := range uint64(5) {
		inBubble(t, rare, func(ctx context.Context, x *paced) {
			random := rand.New(rand.NewPCG(seed, 4))
			end := x.begun(ctx, t)
			var given []instant.Instant
			for range 60 {
				time.Sleep(time.Duration(random.ExpFloat64() * float64(25*time.Second)))
				given = append(given, x.now())
				x.p.hints.give()
			}
			time.Sleep(5 * time.Minute)
			end()
			for i, at := range x.began {
				if i > 0 && at.Sub(x.began[i-1]) < leastBetween {
					t.Errorf("seed %d: readings at %s and %s", seed, x.began[i-1], at)
				}
			}
			for _, hint := range given {
				answered := false
				for _, at := range x.began {
					answered = answered || at >= hint && at.Sub(hint) <= leastBetween+settle
				}
				if !answered {
					t.Errorf("seed %d: nothing was read after the hint at %s", seed, hint)
				}
			}
			if n := len(x.began) - 1; n < 5 || n > len(given) {
				t.Errorf("seed %d: %d readings for %d hints", seed, n, len(given))
			}
		})
	}
}

// TestHintsDuringABackoff cut the pause short, once a minute at most, and never a
// wait that upstream asked for. Without hints the pause is kept.
func TestHintsDuringABackoff(t *testing.T) {
	for _, c := range []struct {
		name  string
		err   error
		hints bool
		want  []time.Duration // of the attempts within 12 minutes of the failure
	}{
		{"a refused token", &opencollective.Unauthorised{}, true, minutes(1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11)},
		{"a refused token, no hint", &opencollective.Unauthorised{}, false, nil},
		{"a rate limit", &opencollective.RateLimited{Wait: 5*time.Minute + time.Second}, true,
			[]time.Duration{5*time.Minute + time.Second, 10*time.Minute + 2*time.Second}},
		{"a rate limit, no hint", &opencollective.RateLimited{Wait: 5*time.Minute + time.Second}, false,
			[]time.Duration{5*time.Minute + time.Second, 10*time.Minute + 2*time.Second}},
	} {
		t.Run(c.name, func(t *testing.T) {
			inBubble(t, rare, func(ctx context.Context, x *paced) {
				x.step(ctx, t)
				time.Sleep(time.Hour)
				x.p.pull = func(context.Context) (syncer.Report, error) {
					x.began = append(x.began, x.now())
					return syncer.Report{}, c.err
				}
				x.p.hints.give()
				end := x.beside(ctx)
				time.Sleep(settle)
				synctest.Wait()
				failed := x.now()
				for x.now() < failed.Add(12*time.Minute-10*time.Second) {
					if c.hints {
						x.p.hints.give()
					}
					time.Sleep(10 * time.Second)
				}
				end()
				var got []time.Duration
				for _, at := range x.began[2:] {
					got = append(got, at.Sub(failed))
				}
				if fmt.Sprint(got) != fmt.Sprint(c.want) {
					t.Errorf("attempts %v after the failure, want %v", got, c.want)
				}
			})
		})
	}
}

// TestNoHintHelpsWithoutTheDatabase: its own pauses are kept, and the hint is
// answered when it is back.
func TestNoHintHelpsWithoutTheDatabase(t *testing.T) {
	inBubble(t, rare, func(ctx context.Context, x *paced) {
		x.step(ctx, t)
		time.Sleep(time.Hour)
		good := x.p.books.db
		away := newHouse(ctx, t, "sqlite://"+filepath.Join(t.TempDir(), "away.db"), x.now)
		away.db.Close()
		x.p.books.db, x.p.books.book = away.db, nil
		looks := 0
		step := x.p.step
		pacing := x.pacing()
		pacing.Failed = func(error, int, time.Duration) { looks++ }
		within, cancel := context.WithTimeout(ctx, 10*time.Minute)
		defer cancel()
		x.p.hints.give()
		loop.Run(within, step, pacing)
		if looks < 8 || looks > 16 { // 5, 10, 20, 40 seconds, then once a minute
			t.Errorf("it looked %d times in ten minutes", looks)
		}
		x.p.books.db, x.p.books.book = good, nil
		end := x.beside(ctx)
		time.Sleep(time.Minute)
		end()
		x.wants(t, time.Hour+10*time.Minute)
	})
}

func minutes(n ...int) (out []time.Duration) {
	for _, m := range n {
		out = append(out, time.Duration(m)*time.Minute)
	}
	return out
}

// TestAReadingThatIsCutOffAnswersNoHint: a SIGHUP or a stop in the middle of it.
// The next shift, which shares the hints, reads in its place; and the minute
// holds across the two.
func TestAReadingThatIsCutOffAnswersNoHint(t *testing.T) {
	inBubble(t, rare, func(ctx context.Context, x *paced) {
		x.step(ctx, t)
		pull := x.p.pull
		x.p.pull = func(ctx context.Context) (syncer.Report, error) {
			x.began = append(x.began, x.now())
			<-ctx.Done()
			return syncer.Report{}, ctx.Err()
		}
		end := x.beside(ctx)
		time.Sleep(2 * time.Minute)
		x.p.hints.give()
		time.Sleep(settle + 10*time.Second)
		end()
		next := &paced{house: x.house, p: &puller{parts: x.p.parts, books: x.p.books, every: rare, pull: pull}}
		end = next.beside(ctx)
		time.Sleep(10 * time.Minute)
		end()
		x.wants(t, 2*time.Minute+settle, 3*time.Minute+settle)
	})
}

// TestAReadingByAnotherAnswersTheHint, when it began after it; it counts for the
// minute, too.
func TestAReadingByAnotherAnswersTheHint(t *testing.T) {
	now := 1000 * instant.Day
	h := newHints(func() instant.Instant { return now })
	h.give()
	h.read(now - 1)
	if got := h.due(); got != now.Add(leastBetween)-1 {
		t.Errorf("begun before the hint: due at %s", got)
	}
	h.read(now + 1)
	if got := h.due(); got != 0 {
		t.Errorf("begun after the hint: due at %s", got)
	}
	h.read(now.Add(time.Hour)) // by a clock that is ahead
	h.give()
	if got := h.due(); got != now.Add(leastBetween) {
		t.Errorf("after a reading of the future: due at %s", got)
	}
}

// TestAWebhookIsServed by the whole daemon over HTTP: it reads soon after, once, also when
// a SIGHUP comes between, and shows the secret nowhere.
func TestAWebhookIsServed(t *testing.T) {
	const secret = "canary-hook-secret-4711"
	w := adopted(t)
	w.clock = w.clock.Add(2 * time.Minute)
	w.env["GOODSTANDING_HOOK_SECRET_FILE"] = w.file("hook", secret+"\n")
	w.env["GOODSTANDING_LOG_LEVEL"] = "debug"
	s := w.serve()
	post := func(secret string) int {
		res, err := http.Post(s.url+"/hooks/opencollective/"+secret, "application/json", strings.NewReader(`{"type":"order.processed"}`))
		if err != nil {
			t.Fatal(err)
		}
		res.Body.Close()
		return res.StatusCode
	}
	if got := post(secret + "x"); got != http.StatusNotFound {
		t.Errorf("a wrong secret: %d", got)
	}
	for range 20 {
		if got := post(secret); got != http.StatusNoContent {
			t.Errorf("the webhook answers %d", got)
		}
	}
	hangUp(t)
	s.until("a new shift", func() bool { return strings.Contains(s.out.String(), "were read again") })
	s.until("an early reading", func() bool { return s.metric(`goodstanding_pulls_total{outcome="complete"}`) == "1" })
	has(t, w.must("status"), "reading no. 2")
	has(t, s.metricsPage(), `goodstanding_http_requests_total{method="POST",route="/hooks/opencollective/{secret}",status="204"} 20`)
	has(t, s.out.String(), "Webhook", "on, below /hooks/opencollective/")
	has(t, s.errs.String(), "/hooks/opencollective/{secret}")
	for where, text := range map[string]string{"the screen": s.out.String(), "the log": s.errs.String(), "the metrics": s.metricsPage()} {
		if strings.Contains(text, secret) {
			t.Errorf("%s holds the secret:\n%s", where, text)
		}
	}
}

func (s *serving) metricsPage() string { return get(s.t, s.metrics, "").body }

// TestAWebhooksSecretHasToBeGood, and is not repeated.
func TestAWebhooksSecretHasToBeGood(t *testing.T) {
	w := newWorld(t)
	w.env["GOODSTANDING_HOOK_SECRET"] = "canary"
	if got := w.fails(exitUsage, "check-config"); got != "GOODSTANDING_HOOK_SECRET: is shorter than 20 characters: take a longer one, such as openssl rand -hex 20 makes" {
		t.Error(got)
	}
	w.env["GOODSTANDING_HOOK_SECRET"] = "https://roll.example.org/canary"
	if got := w.fails(exitUsage, "check-config"); strings.Contains(got, "canary") || !strings.Contains(got, "does not stand in an address as it is") {
		t.Error(got)
	}
	w.env["GOODSTANDING_HOOK_SECRET"] = "canary-hook-secret-4711"
	got := w.must("check-config")
	has(t, got, "HOOK_SECRET")
	if strings.Contains(got, "canary-hook") {
		t.Errorf("the secret is shown:\n%s", got)
	}
}

// TestHintsAfterAClockThatWasAhead: what was noted by it holds no reading up once it is put
// right.
func TestHintsAfterAClockThatWasAhead(t *testing.T) {
	now := instant.Date(2026, 6, 1)
	ahead := now.Add(40 * 24 * time.Hour)
	at := ahead
	h := newHints(func() instant.Instant { return at })
	h.begin(at)
	h.failed(90 * time.Second)
	h.give()
	at = now
	if due, want := h.due(), now.Add(90*time.Second); due != want {
		t.Errorf("the reading that was hinted at is due at %s, want %s", due, want)
	}
	at = now.Add(time.Minute)
	if due, want := h.due(), now.Add(90*time.Second); due != want {
		t.Errorf("a minute later it is due at %s, want %s", due, want)
	}
}
