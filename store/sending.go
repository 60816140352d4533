package store

import (
	"context"
	"fmt"

	"coopcloud.tech/goodstanding/internal/instant"
	"coopcloud.tech/goodstanding/member"
	"coopcloud.tech/goodstanding/notify"
)

// What a notice meets on its way: the claim of who is at it, and what came of an
// attempt. That an attempt is made is committed before the mail leaves, and what the
// server said after it (domain.md, section 6).

// DueNotices are those of a channel that may go now and that nobody is at, those
// that are due for longest first, at most limit.
func (tx *Tx) DueNotices(ctx context.Context, ch notify.Channel, limit int) ([]OutboxRow, error) {
	rows, err := selectRows[OutboxRow](ctx, tx, `SELECT `+names[OutboxRow]("")+` FROM outbox
		WHERE state = 'waiting' AND channel = $1 AND due_at <= $2 AND try_at <= $2 AND claimed_until <= $2
		ORDER BY due_at, id LIMIT $3`, string(ch), int64(tx.now), limit)
	return rows, wrap("read what is due", err)
}

// Ready counts the notices that may go at an instant and that nobody is at, and
// says when the newest of them was written.
func (tx *Tx) Ready(ctx context.Context, at instant.Instant) (n int64, newest instant.Instant, err error) {
	type row struct {
		N      int64           `db:"n"`
		Newest instant.Instant `db:"newest"`
	}
	r, _, err := selectOne[row](ctx, tx, `SELECT count(*) AS n, coalesce(max(known), 0) AS newest FROM outbox
		WHERE state = 'waiting' AND due_at <= $1 AND try_at <= $1 AND claimed_until <= $1`, int64(at))
	return r.N, r.Newest, wrap("count what may go", err)
}

// NextNotice is when the next notice of a channel may go that may not yet; 0 for
// never.
func (tx *Tx) NextNotice(ctx context.Context, ch notify.Channel) (instant.Instant, error) {
	type row struct {
		At instant.Instant `db:"at"`
	}
	next, _, err := selectOne[row](ctx, tx, `SELECT coalesce(min(CASE
			WHEN due_at >= try_at AND due_at >= claimed_until THEN due_at
			WHEN try_at >= claimed_until THEN try_at ELSE claimed_until END), 0) AS at
		FROM outbox WHERE state = 'waiting' AND channel = $1 AND (due_at > $2 OR try_at > $2 OR claimed_until > $2)`, string(ch), int64(tx.now))
	return next.At, wrap("look for the next notice", err)
}

// LetterNotices are the notices of one mail that still wait, by due time.
func (tx *Tx) LetterNotices(ctx context.Context, letter string) ([]OutboxRow, error) {
	rows, err := selectRows[OutboxRow](ctx, tx, `SELECT `+names[OutboxRow]("")+` FROM outbox
		WHERE letter = $1 AND letter <> '' AND state = 'waiting' ORDER BY due_at, id`, letter)
	return rows, wrap("read a letter", err)
}

// DueTo are the e-mail notices of a kind to some recipients that may go now, that
// nobody is at, and that no mail has carried yet.
func (tx *Tx) DueTo(ctx context.Context, k notify.Kind, recipients ...string) ([]OutboxRow, error) {
	if len(recipients) == 0 {
		return nil, nil
	}
	rows, err := selectRows[OutboxRow](ctx, tx, `SELECT `+names[OutboxRow]("")+` FROM outbox
		WHERE state = 'waiting' AND channel = 'email' AND kind = $1 AND due_at <= $2 AND try_at <= $2 AND claimed_until <= $2 AND letter = ''
		AND recipient IN (`+placeholdersFrom(3, len(recipients))+`) ORDER BY due_at, id`, append([]any{string(k), int64(tx.now)}, asArgs(recipients)...)...)
	return rows, wrap("read what else is due", err)
}

// HeldNotices are those that are held until something is over by itself, the
// longest due first.
func (tx *Tx) HeldNotices(ctx context.Context) ([]OutboxRow, error) {
	rows, err := selectRows[OutboxRow](ctx, tx, `SELECT `+names[OutboxRow]("")+` FROM outbox
		WHERE state = 'held' AND detail IN ($1, $2) ORDER BY due_at, id`, notify.HeldStale, notify.HeldBrake)
	return rows, wrap("read what is held", err)
}

// LastSent is when a notice of one of the kinds about a member was last taken for
// a recipient; 0 for never.
func (tx *Tx) LastSent(ctx context.Context, m member.ID, recipient string, kinds ...notify.Kind) (instant.Instant, error) {
	type row struct {
		At instant.Instant `db:"at"`
	}
	last, _, err := selectOne[row](ctx, tx, `SELECT coalesce(max(l.at), 0) AS at FROM ledger l JOIN outbox o ON o.id = l.outbox
		WHERE l.state = 'sent' AND o.member = $1 AND o.recipient = $2 AND o.kind IN (`+placeholdersFrom(3, len(kinds))+`)`,
		append([]any{string(m), recipient}, asArgs(kinds)...)...)
	return last.At, wrap("look for what was sent", err)
}

// HoldWaiting makes everything that is due until then and could go by itself wait
// for a yes or no, and says how much that is. What a sender is at stays claimed, so
// that he can still say that it was taken.
func (tx *Tx) HoldWaiting(ctx context.Context, b notify.Batch, due instant.Instant) (int, error) {
	n, err := tx.moveNotices(ctx, `due_at <= $1 AND (state = 'waiting' OR state = 'held' AND detail IN ($2, $3))`,
		notify.HeldState, b.Detail(), int64(due), notify.HeldStale, notify.HeldBrake)
	return n, wrap("hold what waits", err)
}

// ClaimNotice begins an attempt: the notice is the claim's until then, and letter
// is the mail that carries it, unless it has one. Where an attempt before this one
// ended without a word, that is counted, and has its step in the ledger. The error
// says when the notice does not wait, or another is at it.
func (tx *Tx) ClaimNotice(ctx context.Context, n OutboxRow, claim string, until instant.Instant, letter string) error {
	lost := "" // and else the indexes of what it would not change stay as they are
	if n.Claim != "" {
		lost = `, unsure = unsure + 1, detail = '` + notify.OutcomeUnknown + `'`
	}
	done, err := affected(tx.q.ExecContext(ctx, `UPDATE outbox SET attempts = attempts + 1, claim = $1, claimed_until = $2,
			letter = CASE WHEN letter = '' THEN $3 ELSE letter END`+lost+`
		WHERE id = $4 AND state = 'waiting' AND claim = $5 AND claimed_until <= $6`,
		claim, int64(until), letter, n.ID, n.Claim, int64(tx.now)))
	if err == nil && done == 0 {
		err = fmt.Errorf("notice %s does not wait, or another is at it", n.ID)
	}
	if err == nil && lost != "" {
		err = tx.step(ctx, n.ID)
	}
	return wrap("claim a notice", err)
}

// HoldClaimed makes a notice wait for a yes or no whose attempt ended without a
// word: that is counted, and nobody is at it any more.
func (tx *Tx) HoldClaimed(ctx context.Context, n OutboxRow, b notify.Batch) error {
	_, err := tx.q.ExecContext(ctx, `UPDATE outbox SET unsure = unsure + 1, claim = '', claimed_until = 0 WHERE id = $1`, n.ID)
	if err != nil {
		return fmt.Errorf("hold a notice: %w", err)
	}
	return tx.SetNotice(ctx, n.ID, notify.HeldState, b.Detail())
}

// Ends is how an attempt ended.
type Ends struct {
	State  notify.State
	Detail string
	// Unsure says that nobody knows whether the server took it.
	Unsure bool
	// TryAt is when a notice that waits again may be tried again.
	TryAt instant.Instant
}

// EndAttempt records how an attempt ended, if the claim is still the notice's; ok
// is false where it is not, and nothing is written. A notice that was put on hold
// meanwhile stays there, unless this is the end of it.
func (tx *Tx) EndAttempt(ctx context.Context, n OutboxRow, claim string, e Ends) (ok bool, err error) {
	done, err := affected(tx.q.ExecContext(ctx, `UPDATE outbox SET state = CASE WHEN state = 'held' AND $1 = 0 THEN state ELSE $2 END,
			detail = CASE WHEN state = 'held' AND $1 = 0 THEN detail ELSE $3 END, unsure = unsure + $4, try_at = $5, claim = '', claimed_until = 0
		WHERE id = $6 AND claim = $7 AND claim <> '' AND state IN ('waiting', 'held')`,
		bit(e.State.Final()), string(e.State), e.Detail, bit(e.Unsure), int64(e.TryAt), n.ID, claim))
	if err != nil || done == 0 {
		return false, wrap("end an attempt", err)
	}
	return true, wrap("end an attempt", tx.step(ctx, n.ID))
}

// GiveBack ends an attempt by which nothing was handed over, as if it had not been
// made, if the claim is still the notice's.
func (tx *Tx) GiveBack(ctx context.Context, id, claim string) error {
	_, err := tx.q.ExecContext(ctx, `UPDATE outbox SET attempts = attempts - 1, claim = '', claimed_until = 0 WHERE id = $1 AND claim = $2`, id, claim)
	return wrap("give a notice back", err)
}

// TriedSince is when a notice was first not taken for now; 0 for never.
func (tx *Tx) TriedSince(ctx context.Context, id string) (instant.Instant, error) {
	type row struct {
		At instant.Instant `db:"at"`
	}
	first, _, err := selectOne[row](ctx, tx, `SELECT coalesce(min(at), 0) AS at FROM ledger WHERE outbox = $1 AND state = 'waiting' AND detail IN ($2, $3)`,
		id, notify.Retried, notify.OutcomeUnknown)
	return first.At, wrap("look for the first attempt", err)
}

// PutOff makes a notice wait until an instant without an attempt.
func (tx *Tx) PutOff(ctx context.Context, id string, until instant.Instant) error {
	_, err := affected(tx.q.ExecContext(ctx, `UPDATE outbox SET try_at = $1 WHERE id = $2 AND state = 'waiting'`, int64(until), id))
	return wrap("put a notice off", err)
}
