package store

import (
	"cmp"
	"context"
	"fmt"
	"math"
	"slices"
	"strings"

	"coopcloud.tech/goodstanding/internal/instant"
	"coopcloud.tech/goodstanding/member"
	"coopcloud.tech/goodstanding/notify"
)

// What treasurers do with notices: start and stop them, let a batch go or drop
// it, note that an address does not work, and read what became of each.

// StartNotices turns the notices on. Those that were written while they were off
// and whose moment is still to come are waiting from now on; the others stay as
// they are, for ever (domain.md, section 6, "Notices start off"). One that nobody
// could be told of has no address. The database is at home where it is. It returns
// how many wait now.
func (tx *Tx) StartNotices(ctx context.Context) (int, error) {
	if err := tx.AcceptHome(ctx); err != nil {
		return 0, fmt.Errorf("start the notices: %w", err)
	}
	if err := tx.SetSetting(ctx, SettingNotices, tx.now.String()); err != nil {
		return 0, err
	}
	const begun = `state = 'before_start' AND due_at > $1`
	if _, err := tx.moveNotices(ctx, begun+` AND recipient = ''`, notify.NoAddress, "", int64(tx.now)); err != nil {
		return 0, fmt.Errorf("start the notices: %w", err)
	}
	n, err := tx.moveNotices(ctx, begun, notify.Waiting, "", int64(tx.now))
	return n, wrap("start the notices", err)
}

// StopNotices turns the notices off again. What waits, or is held by itself, is
// as if it had been written while they were off; what a sender is at stays his,
// and a batch goes on waiting for a yes or no. It returns how many do not go.
func (tx *Tx) StopNotices(ctx context.Context) (int, error) {
	if err := tx.NoticesOff(ctx); err != nil {
		return 0, fmt.Errorf("stop the notices: %w", err)
	}
	n, err := tx.moveNotices(ctx, `(state = 'waiting' AND claimed_until <= $1 OR state = 'held' AND detail IN ($2, $3))`,
		notify.BeforeStart, "", int64(tx.now), notify.HeldStale, notify.HeldBrake)
	return n, wrap("stop the notices", err)
}

// ReleaseBatch lets what waits in a batch go, and says how many notices that is.
// Whether the server took one is forgotten: it is tried anew.
func (tx *Tx) ReleaseBatch(ctx context.Context, b notify.Batch) (int, error) {
	if _, err := affected(tx.q.ExecContext(ctx, `UPDATE outbox SET unsure = 0, try_at = 0 WHERE state = 'held' AND detail = $1`, b.Detail())); err != nil {
		return 0, fmt.Errorf("release a batch: %w", err)
	}
	n, err := tx.moveNotices(ctx, `state = 'held' AND detail = $1`, notify.Waiting, "", b.Detail())
	return n, wrap("release a batch", err)
}

// DropBatch lets nothing of a batch go, for good, and says how many notices that is.
func (tx *Tx) DropBatch(ctx context.Context, b notify.Batch) (int, error) {
	n, err := tx.moveNotices(ctx, `state = 'held' AND detail = $1`, notify.Suppressed, notify.Dropped, b.Detail())
	return n, wrap("drop a batch", err)
}

// moveNotices moves all notices that fit to a state, each with its ledger row.
func (tx *Tx) moveNotices(ctx context.Context, fits string, s notify.State, detail string, args ...any) (int, error) {
	if tx.readOnly {
		return 0, ErrWrongStream
	}
	type last struct {
		Outbox string `db:"outbox"`
		Seq    int64  `db:"seq"`
	}
	moved, err := selectRows[last](ctx, tx, `SELECT outbox, max(seq) AS seq FROM ledger
		WHERE outbox IN (SELECT id FROM outbox WHERE `+fits+`) GROUP BY outbox ORDER BY outbox`, args...)
	if err != nil || len(moved) == 0 {
		return 0, err
	}
	ids, steps := make([]string, len(moved)), make([]LedgerRow, len(moved))
	for i, m := range moved {
		ids[i], steps[i] = m.Outbox, LedgerRow{Outbox: m.Outbox, Seq: m.Seq + 1, At: max(tx.known, tx.now), State: s, Detail: detail}
	}
	for chunk := range slices.Chunk(ids, chunkRows) {
		_, err := affected(tx.q.ExecContext(ctx, `UPDATE outbox SET state = $1, detail = $2 WHERE id IN (`+placeholdersFrom(3, len(chunk))+`)`,
			append([]any{string(s), detail}, asArgs(chunk)...)...))
		if err != nil {
			return 0, err
		}
	}
	return len(steps), insertAll(ctx, tx, "ledger", steps)
}

// NoticeQuery narrows the list of notices; its zero value is all of them.
type NoticeQuery struct {
	Members   []member.ID // about one of these; nil for any
	Recipient string      // to this one; "" for anybody
	Kind      notify.Kind
	State     notify.State
	Since     instant.Instant // something happened to it then or later; 0 for any
	After     string          // what stands behind this one; "" for the beginning
	Limit     int             // 0 for no limit
}

// NoticePage lists notices, those written last first.
func (tx *Tx) NoticePage(ctx context.Context, q NoticeQuery) ([]OutboxRow, error) {
	limit := int64(q.Limit)
	if limit <= 0 {
		limit = math.MaxInt64
	}
	args := []any{q.Recipient, string(q.Kind), string(q.State), int64(q.Since), q.After}
	about := ""
	if len(q.Members) > 0 {
		about = ` AND member IN (` + placeholdersFrom(len(args)+1, len(q.Members)) + `)`
		args = append(args, asArgs(q.Members)...)
	}
	args = append(args, limit)
	rows, err := selectRows[OutboxRow](ctx, tx, `SELECT `+names[OutboxRow]("")+` FROM outbox
		WHERE ($1 = '' OR recipient = $1) AND ($2 = '' OR kind = $2) AND ($3 = '' OR state = $3)
		AND EXISTS (SELECT 1 FROM ledger l WHERE l.outbox = outbox.id AND l.at >= $4)
		AND ($5 = '' OR (known, id) < (SELECT known, id FROM outbox WHERE id = $5))`+about+`
		ORDER BY known DESC, id DESC LIMIT `+fmt.Sprintf("$%d", len(args)), args...)
	return rows, wrap("read the notices", err)
}

// Notice reads one notice.
func (tx *Tx) Notice(ctx context.Context, id string) (row OutboxRow, ok bool, err error) {
	row, ok, err = selectOne[OutboxRow](ctx, tx, `SELECT `+names[OutboxRow]("")+` FROM outbox WHERE id = $1`, id)
	return row, ok, wrap("read a notice", err)
}

// Ledgers are the steps of notices, each notice's first one first, by notice.
func (tx *Tx) Ledgers(ctx context.Context, notices ...string) (map[string][]LedgerRow, error) {
	out := make(map[string][]LedgerRow, len(notices))
	for chunk := range slices.Chunk(notices, chunkRows) {
		rows, err := selectRows[LedgerRow](ctx, tx, `SELECT `+names[LedgerRow]("")+` FROM ledger
			WHERE outbox IN (`+placeholders(len(chunk))+`) ORDER BY outbox, seq`, asArgs(chunk)...)
		if err != nil {
			return nil, fmt.Errorf("read the ledger: %w", err)
		}
		for _, r := range rows {
			out[r.Outbox] = append(out[r.Outbox], r)
		}
	}
	return out, nil
}

// NoticeCount is how many notices have a state and a detail.
type NoticeCount struct {
	State  notify.State `db:"state"`
	Detail string       `db:"detail"`
	N      int64        `db:"n"`
}

// NoticeDetails counts the notices by state and detail.
func (tx *Tx) NoticeDetails(ctx context.Context) ([]NoticeCount, error) {
	rows, err := selectRows[NoticeCount](ctx, tx, `SELECT state, detail, count(*) AS n FROM outbox GROUP BY state, detail ORDER BY state, detail`)
	return rows, wrap("count the notices", err)
}

// NoticesWritten counts the notices that were ever written, whatever became of them.
func (tx *Tx) NoticesWritten(ctx context.Context) (int64, error) {
	type row struct {
		N int64 `db:"n"`
	}
	all, _, err := selectOne[row](ctx, tx, `SELECT count(*) AS n FROM outbox`)
	return all.N, wrap("count the notices", err)
}

// NoticesToCome counts what a start at an instant would let go: what was written
// while notices were off and is still to come, and what was on its way when they
// were stopped.
func (tx *Tx) NoticesToCome(ctx context.Context, now instant.Instant) (int, error) {
	type row struct {
		N int `db:"n"`
	}
	all, _, err := selectOne[row](ctx, tx, `SELECT count(*) AS n FROM outbox
		WHERE state = 'before_start' AND due_at > $1 OR state = 'waiting' OR state = 'held' AND detail IN ($2, $3)`, int64(now), notify.HeldStale, notify.HeldBrake)
	return all.N, wrap("count the notices", err)
}

// OldestDue is since when the notice could have gone that waits for longest: since
// it is due, or was written where that was later; 0 when none is due at the instant.
func (tx *Tx) OldestDue(ctx context.Context, now instant.Instant) (instant.Instant, error) {
	type row struct {
		Due instant.Instant `db:"due"`
	}
	oldest, _, err := selectOne[row](ctx, tx, `SELECT coalesce(min(CASE WHEN due_at > known THEN due_at ELSE known END), 0) AS due FROM outbox WHERE state = 'waiting' AND due_at <= $1`, int64(now))
	return oldest.Due, wrap("look for the oldest notice", err)
}

// Bounce says that mails to an address of a recipient come back. It counts while
// the recipient has that address.
type Bounce struct {
	Recipient string          `db:"recipient"` // as in notify.Message
	Address   string          `db:"address"`
	At        instant.Instant `db:"at"`
	Reason    string          `db:"reason"`   // for people
	NotedBy   string          `db:"noted_by"` // member.Actor.ID
}

// Covers says that mails to the address come back; capitals do not matter.
func (b Bounce) Covers(address string) bool {
	return strings.EqualFold(b.Address, strings.TrimSpace(address))
}

// SetBounce notes it, in the place of what was noted of the recipient before.
func (tx *Tx) SetBounce(ctx context.Context, b Bounce) error {
	return put(ctx, tx, "bounce", upsert("recipient", "address", "at", "reason", "noted_by"), b)
}

// RemoveBounce forgets what was noted of a recipient; ok is false where nothing was.
func (tx *Tx) RemoveBounce(ctx context.Context, recipient string) (ok bool, err error) {
	if tx.readOnly {
		return false, fmt.Errorf("forget a bounce: %w", ErrWrongStream)
	}
	n, err := affected(tx.q.ExecContext(ctx, `DELETE FROM bounce WHERE recipient = $1`, recipient))
	return n == 1, wrap("forget a bounce", err)
}

// Bounces are all that are noted, by recipient.
func (tx *Tx) Bounces(ctx context.Context) (map[string]Bounce, error) {
	rows, err := selectRows[Bounce](ctx, tx, `SELECT `+names[Bounce]("")+` FROM bounce`)
	return byKey(rows, func(b Bounce) string { return b.Recipient }), wrap("read the bounces", err)
}

// Wish is how a person or a contact wants to be told things.
type Wish struct {
	Recipient string        `db:"recipient"` // as in notify.Message
	Language  string        `db:"language"`  // "es"; "" for the federation's own
	Declined  []notify.Kind `db:"declined"`  // optional kinds that it does without, in the order of notify.Kinds
}

// SetWish stores a wish in the place of the one before.
func (tx *Tx) SetWish(ctx context.Context, w Wish) error {
	order := notify.Kinds()
	w.Declined = slices.Clone(w.Declined)
	if w.Declined == nil {
		w.Declined = []notify.Kind{}
	}
	slices.SortFunc(w.Declined, func(a, b notify.Kind) int { return cmp.Compare(slices.Index(order, a), slices.Index(order, b)) })
	return put(ctx, tx, "notice_wish", upsert("recipient", "language", "declined"), w)
}

// Wish is that of one recipient; the zero value where there is none.
func (tx *Tx) Wish(ctx context.Context, recipient string) (w Wish, err error) {
	rows, err := selectRows[Wish](ctx, tx, `SELECT `+names[Wish]("")+` FROM notice_wish WHERE recipient = $1`, recipient)
	if len(rows) > 0 {
		w = rows[0]
	}
	return w, wrap("read a wish", err)
}

// Wishes are all wishes, by recipient.
func (tx *Tx) Wishes(ctx context.Context) (map[string]Wish, error) {
	rows, err := selectRows[Wish](ctx, tx, `SELECT `+names[Wish]("")+` FROM notice_wish`)
	return byKey(rows, func(w Wish) string { return w.Recipient }), wrap("read the wishes", err)
}
