package store_test

import (
	"context"
	"errors"
	"testing"

	"coopcloud.tech/goodstanding/internal/dbtest"
	"coopcloud.tech/goodstanding/internal/instant"
	"coopcloud.tech/goodstanding/store"
)

// Since when something is open, and since when something is overdue: of what is
// so now, and from the last time that it became so.
func TestSinceWhenDecisionsAreOpenAndOverdue(t *testing.T) {
	dbtest.Each(t, func(t *testing.T, open func() *store.DB) {
		db := open()
		number := map[string]int64{"de_1": 1, "de_2": 2, "de_3": 3, "de_4": 4, "de_5": 5, "de_6": 6, "de_7": 7}
		due, now := instant.Instant(0), days(50)
		happens := func(id, kind, state string, day int) {
			t.Helper()
			write(t, db, store.Decisions, noon, func(ctx context.Context, tx *store.Tx) error {
				head, ok, err := tx.LockDecision(ctx, id)
				if err == nil && !ok {
					if _, err = tx.AddDecision(ctx, id, "Europe/London"); err == nil {
						head, _, err = tx.LockDecision(ctx, id)
					}
				}
				if err != nil {
					return err
				}
				err = dbtest.AppendDecision(ctx, tx, head, store.NewDecisionEntry{At: days(day), Kind: kind, Number: number[id], State: state, Due: due,
					Public: map[string]any{}, Private: map[string]any{}})
				return err
			})
		}
		want := func(opening, overdue instant.Instant) {
			t.Helper()
			view(t, db, func(ctx context.Context, tx *store.Tx) error {
				a, err1 := tx.EarliestOpening(ctx)
				b, err2 := tx.OverdueSince(ctx, now)
				latest, err3 := tx.LatestOpening(ctx)
				if a != opening || b != overdue {
					t.Errorf("open since %s, overdue since %s; want %s and %s", a, b, opening, overdue)
				}
				if (latest == 0) != (opening == 0) || latest < a {
					t.Errorf("the last opening is of %s, the first of %s", latest, a)
				}
				return errors.Join(err1, err2, err3)
			})
		}
		want(0, 0)
		happens("de_1", "open", "open", 1)
		happens("de_2", "open", "open", 2)
		happens("de_2", "cast", "open", 3)
		want(days(1), 0)
		happens("de_1", "close", "passed", 4)
		want(days(2), 0)
		happens("de_2", "close", "overdue", 5)
		happens("de_2", "cast", "overdue", 6)
		want(days(2), days(5))
		happens("de_3", "open", "open", 6)
		happens("de_3", "close", "overdue", 7)
		want(days(2), days(5))
		happens("de_2", "more_time", "open", 8) // it is open again, and then overdue anew
		want(days(2), days(7))
		happens("de_2", "close", "overdue", 9)
		want(days(2), days(7))
		happens("de_3", "stall", "stalled", 10)
		want(days(2), days(9))
		happens("de_2", "withdraw", "withdrawn", 11)
		want(days(6), 0)
		happens("de_3", "withdraw", "withdrawn", 12)
		want(0, 0)
		happens("de_4", "propose", "draft", 13)
		happens("de_4", "log", "logged", 14)
		want(0, 0) // nobody answers what is only logged
		happens("de_4", "escalate", "open", 15)
		want(days(15), 0)
		happens("de_5", "import", "elsewhere", 16)
		happens("de_4", "withdraw", "withdrawn", 17)
		want(0, 0)
		happens("de_5", "reopen", "open", 18)
		happens("de_5", "escalate", "open", 19)
		want(days(18), 0) // from its first day on
		if got := seen(t, db, func(tx *store.Tx) (instant.Instant, error) { return tx.LatestOpening(t.Context()) }); got != days(19) {
			t.Errorf("the last opening is of %s", got)
		}
		due = days(30)
		happens("de_6", "open", "open", 20)
		due, now = days(25), days(25)-1
		happens("de_7", "open", "open", 21)
		want(days(18), 0) // neither deadline is past
		now++
		want(days(18), days(25)) // and nobody has closed it
		now = days(50)
		want(days(18), days(25))
		due = 0
		happens("de_7", "close", "overdue", 26) // by a clock that was behind
		want(days(18), days(26))
		happens("de_7", "withdraw", "withdrawn", 27)
		want(days(18), days(30))
		happens("de_5", "close", "overdue", 31)
		want(days(18), days(30)) // the earlier one, though it is not written down
		happens("de_6", "close", "passed", 32)
		want(days(18), days(31))
	})
}
