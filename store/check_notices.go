package store

import (
	"context"
	"fmt"

	"coopcloud.tech/goodstanding/notify"
)

// astray is a notice whose row and ledger disagree.
type astray struct {
	ID      string       `db:"id"`
	State   notify.State `db:"state"`
	Detail  string       `db:"detail"`
	Seq     int64        `db:"seq"` // of the last step; 0 for none
	Last    notify.State `db:"last"`
	LastWas string       `db:"last_detail"`
	Steps   int64        `db:"steps"`
}

// astrayNotices are those whose last step in the ledger is another state than
// their own, or whose steps have a gap.
func (tx *Tx) astrayNotices(ctx context.Context) ([]astray, error) {
	return selectRows[astray](ctx, tx, `SELECT o.id, o.state, o.detail, coalesce(l.seq, 0) AS seq, coalesce(l.state, '') AS last,
			coalesce(l.detail, '') AS last_detail, coalesce(e.steps, 0) AS steps
		FROM outbox o
		LEFT JOIN (SELECT outbox, count(*) AS steps, max(seq) AS seq FROM ledger GROUP BY outbox) e ON e.outbox = o.id
		LEFT JOIN ledger l ON l.outbox = o.id AND l.seq = e.seq
		WHERE l.state IS NULL OR l.state <> o.state OR e.steps <> e.seq ORDER BY o.id`)
}

// CheckNotices looks whether the funnel adds up: every notice that was ever due is
// in one state, its last step in the ledger says the same, no step is missing, and
// none was sent twice.
func (tx *Tx) CheckNotices(ctx context.Context) (c Check, err error) {
	if c.Checked, err = tx.NoticesWritten(ctx); err != nil {
		return c, err
	}
	counts, err := tx.NoticeCounts(ctx)
	if err != nil {
		return c, err
	}
	var sum int64
	for _, s := range notify.States() {
		sum += counts[s]
	}
	if sum != c.Checked {
		c.fault("%d notices were due, and %d are sent, waiting, or anything else that a notice can be", c.Checked, sum)
	}
	rows, err := tx.astrayNotices(ctx)
	if err != nil {
		return c, fmt.Errorf("check the notices: %w", err)
	}
	for _, r := range rows {
		switch {
		case r.Seq == 0:
			c.fault("the notice %s is %s, and has no step in the ledger", r.ID, r.State)
		case r.Steps != r.Seq:
			c.Lasting = true
			c.fault("the notice %s has %d steps in the ledger, and the last one is number %d", r.ID, r.Steps, r.Seq)
		default:
			c.fault("the notice %s is %s, and its last step in the ledger says %s", r.ID, r.State, r.Last)
		}
	}
	twice, err := tx.strings(ctx, `SELECT outbox FROM ledger WHERE state = 'sent' GROUP BY outbox HAVING count(*) > 1 ORDER BY outbox`)
	if err != nil {
		return c, fmt.Errorf("check the notices: %w", err)
	}
	for _, id := range twice {
		c.Lasting = true
		c.fault("the notice %s was sent twice, by its ledger", id)
	}
	return c, nil
}

// caution orders the states of a notice by how much they keep from being sent: what
// is over goes nowhere, what was before the start may be started, what is held may
// be let go, what waits goes by itself.
func caution(s notify.State) int {
	switch s {
	case notify.Waiting:
		return 0
	case notify.HeldState:
		return 1
	case notify.BeforeStart:
		return 2
	}
	return 3
}

// SettleNotices makes row and ledger of each notice say the same, the one of the
// two that sends less: the row is set, or the ledger gets a step. It tells how many
// were settled. Missing steps in between stay missing.
func (tx *Tx) SettleNotices(ctx context.Context) (settled int, err error) {
	if tx.readOnly {
		return 0, ErrWrongStream
	}
	rows, err := tx.astrayNotices(ctx)
	if err != nil {
		return 0, fmt.Errorf("settle the notices: %w", err)
	}
	for _, r := range rows {
		switch {
		case r.State == r.Last:
			continue
		case r.Seq > 0 && caution(r.Last) > caution(r.State):
			_, err = tx.q.ExecContext(ctx, `UPDATE outbox SET state = $1, detail = $2, claim = '', claimed_until = 0 WHERE id = $3`, string(r.Last), r.LastWas, r.ID)
		default:
			err = tx.step(ctx, r.ID)
		}
		if err != nil {
			return settled, fmt.Errorf("settle the notices: %w", err)
		}
		settled++
	}
	return settled, nil
}
