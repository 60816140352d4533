package roll

import (
	"context"
	"strings"

	"coopcloud.tech/goodstanding/notify"
	"coopcloud.tech/goodstanding/store"
)

// apply writes the plan. Each member's entries get a reason of their own, so
// that erasing one member leaves the others' reason.
func (p *importPlan) apply(ctx context.Context, a *act) error {
	var all entries
	for _, row := range p.rows {
		if row.empty() {
			continue
		}
		text, err := a.tx.AddText(ctx, strings.TrimSpace(a.by.Reason))
		if err != nil {
			return err
		}
		all.add(&row.rowWrites, store.By{Actor: a.author.Actor, Reason: text})
	}
	if len(all.mandates) > 0 {
		if err := a.inOrder(ctx); err != nil || a.refused() {
			return err
		}
	}
	// The members first: everything else refers to them.
	if err := a.tx.AddMembers(ctx, all.members...); err != nil {
		return err
	}
	for _, row := range p.rows {
		if err := row.writeDetails(ctx, a.tx); err != nil {
			return err
		}
	}
	var came []store.Delegation
	for _, d := range all.mandates {
		came = append(came, store.Delegation{ID: d.ID, Member: d.Member, Person: d.Person})
	}
	a.tellOfNew(notify.ByImport, came...)
	return all.write(ctx, a.tx)
}

// entries are the rows of the log that an import writes, of all members.
type entries struct {
	members    []store.MemberRow
	voids      []store.VoidRow
	membership []store.MembershipRow
	links      []store.LinkRow
	mandates   []store.DelegateRow
	events     []store.ProfileEvent
}

// add takes over one member's rows, signed.
func (all *entries) add(w *rowWrites, by store.By) {
	if w.member != nil {
		m := *w.member
		m.By = by
		all.members = append(all.members, m)
	}
	for _, id := range w.voids {
		all.voids = append(all.voids, store.VoidRow{Event: id, By: by})
	}
	for _, e := range w.membership {
		e.By = by
		all.membership = append(all.membership, e)
	}
	for _, l := range w.links {
		l.By = by
		all.links = append(all.links, l)
	}
	for _, d := range w.mandates {
		d.By = by
		all.mandates = append(all.mandates, d)
	}
	for _, e := range w.events {
		e.By = by
		all.events = append(all.events, e)
	}
}

func (all *entries) write(ctx context.Context, tx *store.Tx) error {
	if err := tx.VoidMembership(ctx, all.voids...); err != nil {
		return err
	}
	if err := tx.AddMembership(ctx, all.membership...); err != nil {
		return err
	}
	if err := tx.AddLinks(ctx, all.links...); err != nil {
		return err
	}
	if err := tx.AddDelegates(ctx, all.mandates...); err != nil {
		return err
	}
	return tx.AddProfileEvents(ctx, all.events...)
}

// writeDetails writes what can be changed and erased.
func (w *rowWrites) writeDetails(ctx context.Context, tx *store.Tx) error {
	if w.detail != nil {
		if err := tx.SetMemberDetail(ctx, *w.detail); err != nil {
			return err
		}
	}
	for _, c := range w.contacts {
		if err := tx.SetContact(ctx, c); err != nil {
			return err
		}
	}
	for _, person := range w.persons {
		if err := tx.SetPerson(ctx, person); err != nil {
			return err
		}
	}
	if w.entry != nil {
		if err := tx.SetProfile(ctx, *w.entry); err != nil {
			return err
		}
	}
	if w.consent != nil {
		return tx.SetConsent(ctx, *w.consent)
	}
	return nil
}
