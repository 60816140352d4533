package syncer

import (
	"context"
	"errors"
	"fmt"
	"testing"
	"testing/synctest"
	"time"

	"coopcloud.tech/goodstanding/internal/instant"
	"coopcloud.tech/goodstanding/syncer/opencollective"
)

func TestRetries(t *testing.T) {
	down := &opencollective.UpstreamDown{Op: "orders", Status: 503, What: "an HTML page"}
	drift := &opencollective.SchemaDrift{Op: "orders", What: "it refuses the query", Refused: true}
	limited := func(d time.Duration) error { return &opencollective.RateLimited{Op: "preflight", Wait: d} }
	ten := RetryPlan{Tries: 3, Within: 10 * time.Second}
	patient := RetryPlan{}
	for name, c := range map[string]struct {
		plan    RetryPlan
		answers []error // nil is a success; the last one goes on for ever
		tries   int
		took    time.Duration
		err     error
	}{
		"good at once":                         {ten, []error{nil}, 1, 0, nil},
		"down, then good":                      {ten, []error{down, nil}, 2, 2 * time.Second, nil},
		"down three times":                     {ten, []error{down}, 3, 4 * time.Second, down},
		"a wrong token is not tried again":     {ten, []error{&opencollective.Unauthorised{}}, 1, 0, &opencollective.Unauthorised{}},
		"a fault of ours is not tried again":   {ten, []error{errBroken}, 1, 0, errBroken},
		"superseded is not tried again":        {ten, []error{&Superseded{}}, 1, 0, &Superseded{}},
		"a pause that fits is kept":            {ten, []error{limited(7 * time.Second), nil}, 2, 7 * time.Second, nil},
		"a pause that does not fit ends it":    {ten, []error{limited(37 * time.Second)}, 1, 0, limited(37 * time.Second)},
		"a long pause is kept with time":       {patient, []error{limited(37 * time.Second), nil}, 2, 37 * time.Second, nil},
		"drift does not fit ten seconds":       {ten, []error{drift}, 1, 0, drift},
		"drift is tried once more":             {patient, []error{drift}, 2, time.Minute, drift},
		"drift that passes":                    {patient, []error{drift, nil}, 2, time.Minute, nil},
		"drift that nobody refused is no race": {patient, []error{&opencollective.SchemaDrift{}}, 1, 0, &opencollective.SchemaDrift{}},
		"pauses grow":                          {RetryPlan{Tries: 6}, []error{down}, 6, (2 + 2 + 4 + 8 + 16) * time.Second, down},
	} {
		t.Run(name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				tries, told := 0, 0
				began := time.Now()
				_, err := withRetries(t.Context(), c.plan, func(string) { told++ }, func(context.Context) (Report, error) {
					tries++
					return Report{}, c.answers[min(tries, len(c.answers))-1]
				})
				if took := time.Since(began); took != c.took || tries != c.tries || told != c.tries-1 {
					t.Errorf("%d tries in %s, told %d times; want %d in %s", tries, took, told, c.tries, c.took)
				}
				if fmt.Sprint(err) != fmt.Sprint(c.err) || opencollective.ClassOf(err) != opencollective.ClassOf(c.err) {
					t.Errorf("ended with %v, want %v", err, c.err)
				}
			})
		})
	}
}

var errBroken = errors.New("broken")

func TestWhatIsToldBeforeAnotherTry(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		var told []string
		n := 0
		_, err := withRetries(t.Context(), RetryPlan{Tries: 3, Within: 10 * time.Second}, func(s string) { told = append(told, s) },
			func(context.Context) (Report, error) {
				if n++; n < 2 {
					return Report{}, &opencollective.UpstreamDown{Op: "orders", Status: 503, What: "an HTML page"}
				}
				return Report{Snapshot: 7}, nil
			})
		want := "Open Collective gives no usable answer (orders: HTTP 503, an HTML page); nothing was changed, it is asked again later " +
			"(try 1 of 3; the next one in 2s)"
		if err != nil || len(told) != 1 || told[0] != want {
			t.Errorf("%v, told %q", err, told)
		}
	})
}

// The plan's end is kept also while a pull is under way, and says so in words.
func TestAPlanEndsInTime(t *testing.T) {
	hang := func(ctx context.Context) (Report, error) {
		<-ctx.Done()
		return Report{}, fmt.Errorf("read orders: %w", ctx.Err())
	}
	synctest.Test(t, func(t *testing.T) {
		began := time.Now()
		_, err := withRetries(t.Context(), RetryPlan{Tries: 3, Within: 10 * time.Second}, nil, hang)
		var late *OutOfTime
		if took := time.Since(began); took != 10*time.Second || !errors.As(err, &late) || !errors.Is(err, context.DeadlineExceeded) {
			t.Errorf("after %s: %v", took, err)
		}
		if want := "reading Open Collective took longer than 10s; nothing was changed: try again, and give it the time it needs with --wait"; err.Error() != want {
			t.Errorf("says %q", err)
		}
	})
	synctest.Test(t, func(t *testing.T) { // what was wrong before says more
		n := 0
		_, err := withRetries(t.Context(), RetryPlan{Tries: 3, Within: 10 * time.Second}, nil, func(ctx context.Context) (Report, error) {
			if n++; n == 1 {
				return Report{}, &opencollective.UpstreamDown{Op: "orders", What: "a timeout"}
			}
			return hang(ctx)
		})
		if opencollective.ClassOf(err) != opencollective.ClassUpstreamDown {
			t.Errorf("ended with %v", err)
		}
	})
	synctest.Test(t, func(t *testing.T) { // the caller gave up: that is the reason
		ctx, cancel := context.WithTimeout(t.Context(), time.Second)
		defer cancel()
		_, err := withRetries(ctx, RetryPlan{Within: 10 * time.Second}, nil, hang)
		var late *OutOfTime
		if errors.As(err, &late) || !errors.Is(err, context.DeadlineExceeded) {
			t.Errorf("ended with %v", err)
		}
	})
}

// Each try that fails leaves its own row.
func TestEveryTryIsNoted(t *testing.T) {
	w := onOne(t)
	u := loose(w)
	u.fail = &opencollective.RateLimited{Op: "orders", Wait: time.Millisecond}
	_, err := w.syncer(u).PullWithRetry(t.Context(), RetryPlan{Tries: 2}, func(string) { w.now += instant.Instant(time.Second / time.Microsecond) })
	if !errors.Is(err, u.fail) || len(w.pulls()) != 2 {
		t.Errorf("%v, %d pulls noted", err, len(w.pulls()))
	}
	u.fail = nil
	r, err := w.syncer(u).PullWithRetry(t.Context(), RetryPlan{Tries: 2, Within: time.Minute}, nil)
	if err != nil || r.Snapshot != 1 || len(w.pulls()) != 3 {
		t.Errorf("%v, %+v", err, r)
	}
}
