package main

import (
	"context"
	"errors"
	"time"

	"coopcloud.tech/goodstanding/chair"
	"coopcloud.tech/goodstanding/internal/instant"
)

// longestClose bounds the pause between two looks at the deadlines: another
// process may open a decision at any time.
const longestClose = time.Minute

// closer closes decisions at their deadlines. It could as well not run: whoever
// comes next closes what is due, at its own instant. It is there so that results
// are known in time, and it writes the reminders.
type closer struct {
	parts
	desk  *desk
	chair *chair.Chair
}

// step closes what is due and writes the reminders whose moment has come; the next
// deadline or reminder is when it runs again.
func (c *closer) step(ctx context.Context) (instant.Instant, error) {
	err0 := errors.Join(c.chair.NoteLoss(ctx), c.chair.HearAgain(ctx))
	closed, err := c.chair.CloseDue(ctx)
	for _, x := range closed {
		c.desk.log.Info().Int("decision", x.Number).Str("state", string(x.State)).Msg("a decision reached its deadline")
	}
	reminder, err2 := c.chair.Remind(ctx) // a decision that cannot be closed keeps no other from its reminders
	next, err3 := c.chair.NextDue(ctx)
	if err := errors.Join(err0, err, err2, err3); err != nil {
		return 0, err
	}
	if next == 0 || reminder != 0 && reminder < next {
		next = reminder
	}
	return next, nil
}

// closesDue closes what is due, for whoever stores a reading (syncer.Options).
func closesDue(c *chair.Chair) func(context.Context) error {
	return func(ctx context.Context) error {
		_, err := c.CloseDue(ctx)
		return err
	}
}

func (s *shift) closeFailed(err error, n int, pause time.Duration) {
	s.desk.log.Warn().Err(err).Int("failures", n).Dur("pause", pause).Msg("decisions could not be closed, or reminded of")
}
