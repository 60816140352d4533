package store

import (
	"context"
	"fmt"
	"math"

	"coopcloud.tech/goodstanding/internal/instant"
	"coopcloud.tech/goodstanding/member"
	"coopcloud.tech/goodstanding/notify"
)

// Tx is the outbox that the processes write notices to.
var _ notify.Outbox = (*Tx)(nil)

// OutboxRow is one notice to one recipient over one channel.
type OutboxRow struct {
	ID        string          `db:"id"`
	Occasion  string          `db:"occasion"` // notify.Occasion.Key
	Kind      notify.Kind     `db:"kind"`
	Member    member.ID       `db:"member"`
	Cause     string          `db:"cause"`
	Recipient string          `db:"recipient"`
	Channel   notify.Channel  `db:"channel"`
	About     instant.Instant `db:"about"`
	DueAt     instant.Instant `db:"due_at"`
	State     notify.State    `db:"state"`
	Detail    string          `db:"detail"`
	Known     instant.Instant `db:"known"`

	Attempts     int64           `db:"attempts"`
	Unsure       int64           `db:"unsure"` // attempts of which nobody knows whether they were taken
	Claim        string          `db:"claim"`  // who is at it; "" for nobody
	ClaimedUntil instant.Instant `db:"claimed_until"`
	TryAt        instant.Instant `db:"try_at"` // not before; 0 for when it is due
	Letter       string          `db:"letter"` // id of the first row that one mail carries; "" before the first attempt
}

// LedgerRow is one step of a notice: every send and every non-send has one.
type LedgerRow struct {
	Outbox string          `db:"outbox"`
	Seq    int64           `db:"seq"`
	At     instant.Instant `db:"at"`
	State  notify.State    `db:"state"`
	Detail string          `db:"detail"`
}

// Enqueue stores messages, each with its first ledger row. One whose occasion,
// recipient and channel are there already changes nothing (notify.Outbox).
func (tx *Tx) Enqueue(ctx context.Context, ms ...notify.Message) error {
	rows := make([]OutboxRow, len(ms))
	for i, m := range ms {
		rows[i] = OutboxRow{
			ID: NewID("nt"), Occasion: m.Occasion.Key(), Kind: m.Occasion.Kind, Member: m.Occasion.Member,
			Cause: m.Occasion.Cause, Recipient: m.Recipient, Channel: m.Channel, About: m.About, DueAt: m.DueAt,
			State: m.State, Detail: m.Detail,
		}
	}
	added, err := insertNew(ctx, tx, "outbox", "occasion, recipient, channel", rows)
	if err != nil {
		return err
	}
	at := max(tx.known, tx.now)
	var steps []LedgerRow
	for _, row := range rows {
		if added[row.ID] {
			steps = append(steps, LedgerRow{Outbox: row.ID, Seq: 1, At: at, State: row.State, Detail: row.Detail})
		}
	}
	return insertAll(ctx, tx, "ledger", steps)
}

// Told says whether there is a notice on the occasion already, to anybody and in
// any state.
func (tx *Tx) Told(ctx context.Context, o notify.Occasion) (bool, error) {
	_, told, err := selectOne[OutboxRow](ctx, tx, `SELECT `+names[OutboxRow]("")+` FROM outbox WHERE occasion = $1 LIMIT 1`, o.Key())
	return told, wrap("look for a notice", err)
}

// SetNotice moves a notice to a state and writes its ledger row. A notice in a
// final state stays there: moving it is an error.
func (tx *Tx) SetNotice(ctx context.Context, id string, s notify.State, detail string) error {
	if tx.readOnly {
		return fmt.Errorf("move a notice: %w", ErrWrongStream)
	}
	n, err := affected(tx.q.ExecContext(ctx, `UPDATE outbox SET state = $1, detail = $2 WHERE id = $3 AND state IN ('waiting', 'held')`,
		string(s), detail, id))
	if err != nil {
		return fmt.Errorf("move a notice: %w", err)
	}
	if n == 0 {
		return fmt.Errorf("move notice %s to %s: there is none with that id that still waits", id, s)
	}
	return wrap("move a notice", tx.step(ctx, id))
}

// step writes the next ledger row of a notice: as it stands by now.
func (tx *Tx) step(ctx context.Context, id string) error {
	if err := tx.mayWrite("ledger"); err != nil {
		return err
	}
	_, err := tx.q.ExecContext(ctx, `INSERT INTO ledger (outbox, seq, at, state, detail)
		SELECT id, (SELECT coalesce(max(seq), 0) + 1 FROM ledger WHERE outbox = $1), CAST($2 AS BIGINT), state, detail FROM outbox WHERE id = $1`,
		id, int64(max(tx.known, tx.now)))
	return err
}

// OutboxQuery narrows a list of notices; its zero value is all of them.
type OutboxQuery struct {
	Member member.ID
	Kind   notify.Kind
	State  notify.State
	Limit  int // 0 for no limit
}

// Notices lists notices by the known time of their transaction, then by due
// time and occasion.
func (tx *Tx) Notices(ctx context.Context, q OutboxQuery) ([]OutboxRow, error) {
	limit := int64(q.Limit)
	if limit <= 0 {
		limit = math.MaxInt64
	}
	rows, err := selectRows[OutboxRow](ctx, tx, `SELECT `+names[OutboxRow]("")+` FROM outbox
		WHERE ($1 = '' OR member = $1) AND ($2 = '' OR kind = $2) AND ($3 = '' OR state = $3)
		ORDER BY known, due_at, occasion, recipient, channel LIMIT $4`, string(q.Member), string(q.Kind), string(q.State), limit)
	return rows, wrap("read the outbox", err)
}

// Ledger are the steps of one notice, the first one first.
func (tx *Tx) Ledger(ctx context.Context, outbox string) ([]LedgerRow, error) {
	rows, err := selectRows[LedgerRow](ctx, tx, `SELECT `+names[LedgerRow]("")+` FROM ledger WHERE outbox = $1 ORDER BY seq`, outbox)
	return rows, wrap("read the ledger", err)
}

// NoticeCounts counts the notices by state: due = sent + failed + held +
// waiting + not sent (domain.md, section 6).
func (tx *Tx) NoticeCounts(ctx context.Context) (map[notify.State]int64, error) {
	type row struct {
		State notify.State `db:"state"`
		N     int64        `db:"n"`
	}
	rows, err := selectRows[row](ctx, tx, `SELECT state, count(*) FROM outbox GROUP BY state`)
	if err != nil {
		return nil, fmt.Errorf("count the notices: %w", err)
	}
	counts := make(map[notify.State]int64, len(rows))
	for _, r := range rows {
		counts[r.State] = r.N
	}
	return counts, nil
}
