package dispatch

import (
	"context"
	"slices"

	"coopcloud.tech/goodstanding/internal/instant"
	"coopcloud.tech/goodstanding/notify"
	"coopcloud.tech/goodstanding/store"
)

// kept is what the transaction that took a mail has read, for the next one: it holds
// only where nobody else has written anything in between (store.Tx.Seen), and is read
// anew in every other case. So to look again at a mail takes no time while nothing
// happens, and whatever happens is seen by the very next mail.
type kept struct {
	seen    store.Seen
	sending store.Sending
	dir     *directory // nil where it was not read
	due     map[notify.Channel]*dueList
}

// dueList are the notices of a channel that may go and that nobody is at, those that
// are due for longest first.
type dueList struct {
	rows  []store.OutboxRow
	all   bool            // there are no others
	later instant.Instant // when the next one may go that may not yet; 0 for never
}

// in is what a transaction may take over, with what is to be looked at in each; still
// is false where that is nothing.
func (k kept) in(ctx context.Context, tx *store.Tx) (now kept, still bool, err error) {
	seen, still := tx.Seen(k.seen)
	if still {
		now = k
		now.sending, err = tx.SendingStill(ctx, k.sending)
	} else {
		now.sending, err = tx.Sending(ctx)
	}
	now.seen = seen
	return now, still, err
}

// readDue are the notices that may go now: those that are kept, where none has become
// due meanwhile.
func (l *look) readDue(ctx context.Context, ch notify.Channel) (*dueList, error) {
	if list := l.kept.due[ch]; list != nil && len(list.rows) > 0 && (list.later == 0 || l.now < list.later) {
		l.due = list
		return list, nil
	}
	rows, err := l.tx.DueNotices(ctx, ch, atOnce+1)
	if err != nil {
		return nil, err
	}
	l.due = &dueList{rows: rows[:min(len(rows), atOnce)], all: len(rows) <= atOnce}
	l.due.later, err = l.tx.NextNotice(ctx, ch)
	return l.due, err
}

// to are those of a kind to some recipients that no mail has carried yet.
func (due *dueList) to(k notify.Kind, recipients []string) []store.OutboxRow {
	var out []store.OutboxRow
	for _, n := range due.rows {
		if n.Kind == k && n.Letter == "" && slices.Contains(recipients, n.Recipient) {
			out = append(out, n)
		}
	}
	return out
}

// went leaves for the next transaction what was not claimed. Where a notice was moved
// all are read anew.
func (k *kept) went(ch notify.Channel, p *parcel, l *look) {
	if k.due = map[notify.Channel]*dueList{}; p == nil || l.moved > 0 {
		return
	}
	left := *l.due
	if left.rows = left.rows[1:]; len(p.rows) > 1 || p.rows[0].ID != l.due.rows[0].ID {
		left.rows = slices.DeleteFunc(slices.Clone(l.due.rows), func(n store.OutboxRow) bool {
			return slices.ContainsFunc(p.rows, func(one store.OutboxRow) bool { return one.ID == n.ID })
		})
	}
	k.due[ch] = &left
}
