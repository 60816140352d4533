package chair

import (
	"context"
	"fmt"
	"slices"

	"coopcloud.tech/goodstanding/decisions"
	"coopcloud.tech/goodstanding/internal/instant"
	"coopcloud.tech/goodstanding/member"
	"coopcloud.tech/goodstanding/publish"
	"coopcloud.tech/goodstanding/store"
)

// Book is all decisions as one transaction saw them. It never changes and asks
// no database, so any number of readers may share it, and go on with it while
// the database cannot be reached.
type Book struct {
	// Mark is that of the transaction: the book is out of date when the store's
	// differs.
	Mark  store.DecisionMark
	pages []*page // by number; those without one come first
}

// page is one decision, as it is stored.
type page struct {
	head    store.DecisionHead
	row     store.DecisionRow
	d       decisions.Decision
	entries []store.DecisionEntry
	events  []decisions.Event
	record  Record
	names   map[member.ID]string // see opened.names
}

// Book reads all decisions. What an earlier book holds and has not changed since
// is taken over from it; nil for none.
func (c *Chair) Book(ctx context.Context, before *Book) (*Book, error) {
	var b *Book
	err := c.db.View(ctx, func(tx *store.Tx) (err error) {
		b, err = c.BookIn(ctx, tx, before)
		return err
	})
	return b, err
}

// BookIn is Book as a transaction sees it.
func (c *Chair) BookIn(ctx context.Context, tx *store.Tx, before *Book) (*Book, error) {
	b := &Book{}
	heads, err := tx.DecisionHeads(ctx)
	if err != nil {
		return nil, fmt.Errorf("read the decisions: %w", err)
	}
	for _, h := range heads {
		p, err := c.page(ctx, tx, h, before.page(h.Decision))
		if err != nil {
			return nil, fmt.Errorf("read the decisions: %w", err)
		}
		b.pages = append(b.pages, p)
	}
	b.Mark = store.MarkOf(heads)
	return b, nil
}

func (b *Book) page(id string) *page {
	if b == nil {
		return nil
	}
	i := slices.IndexFunc(b.pages, func(p *page) bool { return p.head.Decision == id })
	if i < 0 {
		return nil
	}
	return b.pages[i]
}

// page reads one decision, from where the page before ends.
func (c *Chair) page(ctx context.Context, tx *store.Tx, head store.DecisionHead, before *page) (*page, error) {
	if before != nil && before.head == head {
		return before, nil
	}
	o := &opened{c: c, tx: tx, id: ID(head.Decision), head: head}
	followed := false
	if before != nil {
		entries, events, ok, err := o.since(ctx, folded{before.row, before.head.Seq, before.head.Hash, before.d})
		if err != nil {
			return nil, err
		}
		o.entries, o.events, followed = slices.Concat(before.entries, entries), slices.Concat(before.events, events), ok
	}
	if !followed {
		if err := o.read(ctx); err != nil {
			return nil, err
		}
	}
	p := &page{head: head, row: o.row, d: o.d, entries: o.entries, events: o.events}
	var known []recordEntry
	if followed && before.d.Proposal.Visibility == o.d.Proposal.Visibility {
		known = before.record.Entries
	}
	var err error
	if p.record, err = o.record(ctx, known); err != nil {
		return nil, err
	}
	if !followed {
		before = nil
	}
	p.names, err = o.names(p.record.Entries, before)
	return p, err
}

// Views are all decisions as they read at now, by number, those without one
// first: what is due by then is closed in them, whoever closes it in the end.
func (b *Book) Views(now instant.Instant, look decisions.Look) ([]View, error) {
	out := make([]View, len(b.pages))
	for i, p := range b.pages {
		o := &opened{id: ID(p.head.Decision), head: p.head, d: p.d}
		at := max(now, p.d.Last)
		var err error
		if _, o.d, err = p.d.CloseDue(at, look); err != nil {
			return nil, fmt.Errorf("read decision %s: %w", o.id, err)
		}
		out[i] = View{ID: o.id, Decision: o.d, Events: p.events, Head: p.head}
		if out[i].Outcome, err = outcomeAt(&o.d, at, look); err != nil {
			return nil, fmt.Errorf("read decision %s: %w", o.id, err)
		}
	}
	return out, nil
}

// Pages are the pages of decisions as everybody may read them, for views that
// this book gave, in their order.
func (b *Book) Pages(views ...View) []publish.Page {
	out := make([]publish.Page, 0, len(views))
	for _, v := range views {
		if p := b.page(string(v.ID)); p != nil {
			out = append(out, pageOf(v, p.names))
		}
	}
	return out
}

// NextDue is the earliest deadline after now of an open decision; 0 for none.
func (b *Book) NextDue(now instant.Instant) (next instant.Instant) {
	for _, p := range b.pages {
		if due := p.head.Due; due > now && (next == 0 || due < next) {
			next = due
		}
	}
	return next
}

// Record is the record of a decision, as Chair.Record; ok is false for none.
func (b *Book) Record(id ID) (Record, bool) {
	p := b.page(string(id))
	if p == nil {
		return Record{}, false
	}
	return p.record, true
}
