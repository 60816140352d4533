package roll

import (
	"cmp"
	"context"
	"fmt"
	"slices"

	"coopcloud.tech/goodstanding/eligibility"
	"coopcloud.tech/goodstanding/internal/arrange"
	"coopcloud.tech/goodstanding/internal/instant"
	"coopcloud.tech/goodstanding/internal/tongue"
	"coopcloud.tech/goodstanding/member"
	"coopcloud.tech/goodstanding/store"
)

// Card is what treasurers read of a member: why it stands as it does at an instant,
// and what is stored about it. It holds amounts and addresses.
type Card struct {
	Explanation
	Info      store.MemberInfo
	Contacts  []store.Contact
	Delegates []store.Person // by name
	Waivers   []CardWaiver
	Payments  []CardPayment
	// Pause is the one that holds now, else the next one planned, Suspension the one that
	// holds now; nil for none.
	Pause, Suspension *store.MembershipRow
	// NoAccount is the treasurers' word that it has no account on Open Collective.
	NoAccount bool
	// Events are what happened to the membership, the newest first.
	Events []CardEvent
	// Audit is what was done to the member, its payments, waivers and accounts, the newest
	// first.
	Audit []AuditLine
	// Recorded are the standings that were acted on, the newest first.
	Recorded []store.StandingRow
}

// CardEvent is one thing that happened to a membership, with who entered it and why.
type CardEvent struct {
	store.MembershipRow
	Who string
	// Why is "" for a suspension and its end: contact people alone read it (domain.md,
	// section 8).
	Why    string
	Closed bool // only contact people read why
}

// CardWaiver is a waiver, with who granted it and why.
type CardWaiver struct {
	store.WaiverState
	Who, Why string
}

// CardPayment is an entered payment, with who entered it and why.
type CardPayment struct {
	store.PaymentState
	Who, Why string
}

// Card reads a member's card; at and known are as for Explain, and the language as for
// Book.In. The error is a *NotFound where there is no such member.
func (r *Roll) Card(ctx context.Context, id member.ID, at, known instant.Instant, in *tongue.Tongue) (Card, error) {
	var c Card
	err := r.db.View(ctx, func(tx *store.Tx) error {
		c = Card{}
		b, err := r.book(ctx, tx, id)
		if err != nil {
			return err
		}
		if c.Explanation, err = b.In(in).Explain(id, at, known, r.now()); err != nil {
			return err
		}
		c.Info, c.Delegates = b.info[id], slices.Clone(b.delegates[id])
		sortByName(c.Delegates, func(p store.Person) string { return p.Name + "\x00" + string(p.ID) })
		if c.Contacts, err = tx.Contacts(ctx); err != nil {
			return err
		}
		c.Contacts = slices.DeleteFunc(c.Contacts, func(one store.Contact) bool { return one.Member != id })
		if c.Recorded, err = tx.Standings(ctx, id); err != nil {
			return err
		}
		slices.Reverse(c.Recorded)
		if err := c.entered(ctx, tx, id); err != nil {
			return err
		}
		return c.happened(ctx, tx, id, r.now())
	})
	return c, findError("read the member's card", err)
}

// entered reads what treasurers entered for the member, and why.
func (c *Card) entered(ctx context.Context, tx *store.Tx, id member.ID) error {
	waivers, err := tx.Waivers(ctx, id)
	if err != nil {
		return err
	}
	payments, err := tx.Payments(ctx, id)
	if err != nil {
		return err
	}
	labels, err := tx.ActorLabels(ctx)
	if err != nil {
		return err
	}
	var why []store.TextID
	for _, w := range waivers {
		why = append(why, w.Reason)
	}
	for _, p := range payments {
		why = append(why, p.Reason)
	}
	texts, err := tx.Texts(ctx, why...)
	if err != nil {
		return err
	}
	for _, w := range waivers {
		c.Waivers = append(c.Waivers, CardWaiver{w, labels[w.Actor], texts[w.Reason]})
	}
	for _, p := range payments {
		c.Payments = append(c.Payments, CardPayment{p, labels[p.Actor], texts[p.Reason]})
	}
	return nil
}

// The most of its audit log that a card has, and the most things that it is about.
const (
	mostAudited = 40
	mostAbout   = 60
)

// happened reads what happened to the membership, and what was done to the member and
// to what is its own.
func (c *Card) happened(ctx context.Context, tx *store.Tx, id member.ID, now instant.Instant) error {
	all, err := tx.Membership(ctx)
	if err != nil {
		return err
	}
	h := history(all[id])
	if pause, holds := h.paused(now); holds {
		c.Pause = &pause
	} else if next := h.planned(now, eligibility.Paused); len(next) > 0 {
		c.Pause = &next[0]
	}
	c.NoAccount = h.noAccount(now)
	if suspension, holds := h.suspended(now); holds {
		c.Suspension = &suspension
	}
	var why []store.TextID
	for _, e := range all[id] {
		why = append(why, e.Reason)
	}
	texts, err := tx.Texts(ctx, why...)
	if err != nil {
		return err
	}
	labels, err := tx.ActorLabels(ctx)
	if err != nil {
		return err
	}
	for _, e := range slices.Backward(all[id]) {
		one := CardEvent{MembershipRow: e, Who: labels[e.Actor], Why: texts[e.Reason], Closed: e.Kind == eligibility.Suspended || e.Kind == eligibility.Restored}
		if one.Closed {
			one.Why = ""
		}
		c.Events = append(c.Events, one)
	}
	about := []string{string(id)}
	for _, l := range c.Info.Links {
		about = append(about, string(l.Account))
	}
	for _, p := range slices.Backward(c.Payments) {
		about = append(about, p.ID)
	}
	slices.Sort(about[1:])
	var rows []store.AuditRow
	for i, subject := range slices.Compact(about) {
		if i == mostAbout {
			break
		}
		some, err := tx.AuditRows(ctx, store.AuditQuery{Subject: subject})
		if err != nil {
			return err
		}
		rows = append(rows, some...)
	}
	arrange.By(rows, func(a, b store.AuditRow) int { return cmp.Compare(a.Seq, b.Seq) })
	c.Audit, err = auditLines(ctx, tx, rows[max(0, len(rows)-mostAudited):])
	return err
}

// Attempts are the last attempts to read Open Collective, the newest first, at
// most limit.
func (r *Roll) Attempts(ctx context.Context, limit int) ([]PullInfo, error) {
	var out []PullInfo
	err := r.db.View(ctx, func(tx *store.Tx) error {
		out = nil
		pulls, err := tx.Pulls(ctx, limit)
		for _, p := range pulls {
			out = append(out, PullInfo{At: p.Started, Outcome: p.Outcome, Detail: p.Detail, Requests: p.Requests})
		}
		return err
	})
	if err != nil {
		return nil, fmt.Errorf("read the attempts: %w", err)
	}
	return out, nil
}
