package syncer

import (
	"context"
	"errors"
	"fmt"
	"time"

	"github.com/cenkalti/backoff/v5"

	"coopcloud.tech/goodstanding/syncer/opencollective"
)

// RetryPlan bounds the tries of PullWithRetry.
type RetryPlan struct {
	// Tries is the largest number of attempts; 0 for no bound.
	Tries int
	// Within is when it all has to have ended, waiting included; 0 for no bound.
	Within time.Duration
}

// longestPause is how far apart tries get when the plan has no end.
const longestPause = 5 * time.Minute

// PullWithRetry pulls until it succeeds, the plan is used up, or an error
// comes that another try cannot mend. Upstream's own wait is honoured where it
// fits the plan, else it ends at once; schema drift is tried once more and no
// further. tell hears, before each wait, what went wrong and when it goes on;
// nil tells nobody. Every try that fails leaves its own row.
func (s *Syncer) PullWithRetry(ctx context.Context, p RetryPlan, tell func(string)) (Report, error) {
	return withRetries(ctx, p, tell, s.Pull)
}

func withRetries(ctx context.Context, p RetryPlan, tell func(string), pull func(context.Context) (Report, error)) (Report, error) {
	bounded, cancel := ctx, context.CancelFunc(func() {})
	if p.Within > 0 {
		bounded, cancel = context.WithTimeout(ctx, p.Within)
	}
	defer cancel()
	r := &retries{tell: tell, plan: p, pauses: backoff.ExponentialBackOff{
		InitialInterval: time.Second, Multiplier: 2, MaxInterval: longestPause,
	}}
	report, err := backoff.Retry(bounded, func() (Report, error) {
		report, err := pull(bounded)
		return report, r.judge(err)
	}, backoff.WithBackOff(r), backoff.WithMaxTries(uint(max(p.Tries, 0))), backoff.WithMaxElapsedTime(p.Within),
		backoff.WithNotify(r.notify))
	if err != nil {
		return Report{}, r.final(ctx, bounded, err)
	}
	return report, nil
}

// retries remembers the tries of one plan. As a backoff.BackOff it takes the
// longer of what the error asks for and an exponential pause.
type retries struct {
	plan   RetryPlan
	pauses backoff.ExponentialBackOff
	tell   func(string)
	tries  int
	drifts int
	last   error // of the last try that was not cut off
}

// Reset begins anew.
func (r *retries) Reset() { r.pauses.Reset() }

// NextBackOff is the pause before the next try.
func (r *retries) NextBackOff() time.Duration {
	after, _ := opencollective.RetryOf(r.last)
	return max(after, r.pauses.NextBackOff())
}

// judge says which errors end it.
func (r *retries) judge(err error) error {
	if err == nil {
		return nil
	}
	r.tries++
	if opencollective.ClassOf(err) != opencollective.ClassCancelled {
		r.last = err
	}
	var drift *opencollective.SchemaDrift
	if errors.As(err, &drift) {
		r.drifts++
	}
	if _, again := opencollective.RetryOf(err); !again || r.drifts > 1 {
		return backoff.Permanent(err)
	}
	return err
}

func (r *retries) notify(err error, wait time.Duration) {
	if r.tell == nil {
		return
	}
	of := ""
	if r.plan.Tries > 0 {
		of = fmt.Sprintf(" of %d", r.plan.Tries)
	}
	r.tell(fmt.Sprintf("%s (try %d%s; the next one in %s)", err, r.tries, of, wait.Round(time.Second)))
}

// final is the error to return: when the plan's time ran out, the last real
// one, or that there was no answer in time; never a bare "deadline exceeded".
func (r *retries) final(ctx, bounded context.Context, err error) error {
	ranOut := bounded.Err() != nil && ctx.Err() == nil
	switch {
	case !ranOut || opencollective.ClassOf(err) != opencollective.ClassCancelled:
		return err
	case r.last != nil:
		return r.last
	}
	return &OutOfTime{Within: r.plan.Within, cause: err}
}

// OutOfTime says that a pull had not ended when its plan did.
type OutOfTime struct {
	Within time.Duration
	cause  error
}

func (e *OutOfTime) Error() string {
	return fmt.Sprintf("reading Open Collective took longer than %s; nothing was changed: try again, and give it the time it needs with --wait",
		e.Within)
}

// Unwrap is what was cut off.
func (e *OutOfTime) Unwrap() error { return e.cause }

// Class is ClassCancelled.
func (e *OutOfTime) Class() string { return opencollective.ClassCancelled }
