package chair

import (
	"context"
	"fmt"
	"slices"
	"sync/atomic"

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
	loss  store.Loss // what the database may lack
	pages []*page    // by number; those without one come first
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
	// goneOn says that a page goes on from this one: that one alone may write behind the
	// ends of its lists, so that they are not copied for each entry.
	goneOn atomic.Bool
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
	if err == nil {
		b.loss, err = tx.Loss(ctx)
	}
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
	known, err := o.goOn(ctx, before)
	if err != nil {
		return nil, err
	}
	if known == nil {
		before = nil
		if err := o.read(ctx); err != nil {
			return nil, err
		}
	} else if before.d.Proposal.Visibility != o.d.Proposal.Visibility {
		known = nil
	}
	p := &page{head: head, row: o.row, d: o.d, entries: o.entries, events: o.events}
	if p.record, err = o.record(ctx, known); err != nil {
		return nil, err
	}
	p.names, err = o.names(p.record.Entries, before)
	return p, err
}

// goOn reads a decision from where a page of it ends, and gives the entries of that
// page's record; nil where there is none, or it is no part of this chain.
func (o *opened) goOn(ctx context.Context, before *page) (known []recordEntry, err error) {
	if before == nil {
		return nil, nil
	}
	more, events, ok, err := o.since(ctx, folded{before.row, before.head.Seq, before.head.Hash, before.d})
	if err != nil || !ok {
		return nil, err
	}
	o.entries, o.events, known = before.entries, before.events, before.record.Entries
	if !before.goneOn.CompareAndSwap(false, true) {
		o.entries, o.events, known = slices.Clip(o.entries), slices.Clip(o.events), slices.Clip(known)
	}
	o.entries, o.events = append(o.entries, more...), append(o.events, events...)
	return known, nil
}

// Views are all decisions as they read at now, by number, those without one
// first: what is due by then is closed in them, whoever closes it in the end. One that lacks
// answers is as it is (View.Lacking).
func (b *Book) Views(now instant.Instant, look decisions.Look) ([]View, error) {
	out := make([]View, len(b.pages))
	for i, p := range b.pages {
		o := &opened{id: ID(p.head.Decision), head: p.head, d: p.d}
		at := max(now, p.d.Last)
		var err error
		if !lacks(b.loss, &p.d) {
			if _, o.d, err = p.d.CloseDue(at, look); err != nil {
				return nil, fmt.Errorf("read decision %s: %w", o.id, err)
			}
		}
		out[i] = View{ID: o.id, Decision: o.d, Events: slices.Clip(p.events), Head: p.head}
		if o.d.State.Running() {
			out[i].Loss = b.loss
		}
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
	r := p.record
	r.Entries = slices.Clip(r.Entries)
	return r, true
}
