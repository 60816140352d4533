package syncer

import (
	"context"
	"time"
)

// RetryPlan bounds the tries of PullWithRetry.
type RetryPlan struct {
	// Tries is the largest number of attempts; 0 for no bound.
	Tries int
	// Within is when it all has to have ended, waiting included; 0 for no bound.
	Within time.Duration
}

// PullWithRetry pulls until it succeeds, the plan is used up, or an error
// comes that another try cannot mend.
func (s *Syncer) PullWithRetry(ctx context.Context, p RetryPlan, tell func(string)) (Report, error) {
	panic("unwritten")
}
