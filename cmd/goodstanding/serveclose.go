package main

import (
	"context"
	"time"

	"coopcloud.tech/goodstanding/chair"
	"coopcloud.tech/goodstanding/internal/instant"
)

// longestClose bounds the pause between two looks at the deadlines: another
// process may open a decision at any time.
const longestClose = time.Minute

// closer closes decisions at their deadlines. It could as well not run: whoever
// comes next closes what is due, at its own instant. It is there so that results
// are known in time.
type closer struct {
	parts
	desk  *desk
	chair *chair.Chair
}

// step closes what is due; the next deadline is when it runs again.
func (c *closer) step(ctx context.Context) (instant.Instant, error) {
	closed, err := c.chair.CloseDue(ctx)
	for _, x := range closed {
		c.desk.log.Info().Int("decision", x.Number).Str("state", string(x.State)).Msg("a decision reached its deadline")
	}
	if err != nil {
		return 0, err
	}
	return c.chair.NextDue(ctx)
}

func (s *shift) closeFailed(err error, n int, pause time.Duration) {
	s.desk.log.Warn().Err(err).Int("failures", n).Dur("pause", pause).Msg("decisions that are due could not be closed")
}
