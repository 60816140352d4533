package dbtest

import (
	"context"

	"coopcloud.tech/goodstanding/store"
)

// AppendDecision adds entries to a locked decision and moves its end, whatever its
// rules would say to them: for tests of what follows from a decision.
func AppendDecision(ctx context.Context, tx *store.Tx, head store.DecisionHead, entries ...store.NewDecisionEntry) error {
	c, err := store.Chain(head, entries...)
	if err != nil {
		return err
	}
	return tx.AppendDecisions(ctx, c)
}
