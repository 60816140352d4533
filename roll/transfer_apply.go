package roll

import (
	"context"
	"strings"

	"coopcloud.tech/goodstanding/store"
)

// apply writes the plan. Each member's entries get a reason of their own, so
// that erasing one member leaves the others' reason.
func (p *importPlan) apply(ctx context.Context, a *act) error {
	for _, row := range p.rows {
		if row.empty() {
			continue
		}
		text, err := a.tx.AddText(ctx, strings.TrimSpace(a.by.Reason))
		if err != nil {
			return err
		}
		row.sign(store.By{Actor: a.author.Actor, Reason: text})
		if err := row.write(ctx, a.tx); err != nil {
			return err
		}
	}
	return nil
}

// sign fills in who writes and why.
func (w *rowWrites) sign(by store.By) {
	if w.member != nil {
		w.member.By = by
	}
	for i := range w.membership {
		w.membership[i].By = by
	}
	for i := range w.links {
		w.links[i].By = by
	}
	for i := range w.mandates {
		w.mandates[i].By = by
	}
	for i := range w.events {
		w.events[i].By = by
	}
	w.by = by
}

// write writes one row: the member first, which everything else refers to.
func (w *rowWrites) write(ctx context.Context, tx *store.Tx) error {
	if w.member != nil {
		if err := tx.AddMembers(ctx, *w.member); err != nil {
			return err
		}
	}
	if err := w.writeDetails(ctx, tx); err != nil {
		return err
	}
	voids := make([]store.VoidRow, len(w.voids))
	for i, id := range w.voids {
		voids[i] = store.VoidRow{Event: id, By: w.by}
	}
	if err := tx.VoidMembership(ctx, voids...); err != nil {
		return err
	}
	if err := tx.AddMembership(ctx, w.membership...); err != nil {
		return err
	}
	if err := tx.AddLinks(ctx, w.links...); err != nil {
		return err
	}
	if err := tx.AddDelegates(ctx, w.mandates...); err != nil {
		return err
	}
	return tx.AddProfileEvents(ctx, w.events...)
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
