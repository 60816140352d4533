package roll

import (
	"context"
	"slices"

	"coopcloud.tech/goodstanding/eligibility"
	"coopcloud.tech/goodstanding/internal/instant"
	"coopcloud.tech/goodstanding/notify"
	"coopcloud.tech/goodstanding/store"
)

// post collects the notices that transitions cause, for the outbox of the same
// transaction (domain.md, section 6).
type post struct {
	a       *assessment
	because because
	// coming are the notices that are due later, by occasion, as far as they were
	// asked for; see keepUp.
	coming map[string]instant.Instant
	moved  []notify.Message // those of them that are due at another instant now
	words  []tidings
}

// tidings is one notice about a member, before it is known who can be told.
type tidings struct {
	m       *assessed
	message notify.Message
}

// about collects what the member is told because its standing went from was to
// is.
func (p *post) about(m *assessed, was, is *eligibility.Standing) {
	if was.State == is.State {
		return
	}
	switch is.State {
	case eligibility.StatePaused:
		p.membership(m, notify.Paused, is, eligibility.CodePaused)
	case eligibility.StateSuspended:
		p.membership(m, notify.Suspended, is, eligibility.CodeSuspended)
	default:
		p.dues(m, was, is)
	}
}

// membership tells that the member was paused or suspended, at the instant at
// which it was. Such facts work without a reading (domain.md, section 3).
func (p *post) membership(m *assessed, k notify.Kind, is *eligibility.Standing, c eligibility.Code) {
	why, ok := is.Reason(c)
	if !ok || len(why.Facts) == 0 {
		return
	}
	p.add(m, dueNow(k, why.Facts[0].String(), why.Since), is, is)
}

// add is one notice about a member. What a change in bulk brings is held until a
// treasurer says yes.
func (p *post) add(m *assessed, msg notify.Message, was, is *eligibility.Standing) {
	msg.Occasion.Member = m.info.ID
	if b := p.batch(m, msg.Occasion, was, is); msg.State == notify.Waiting && b != "" {
		msg.State, msg.Detail = notify.HeldState, b.Detail()
	}
	p.words = append(p.words, tidings{m, msg})
}

// supersede ends the reminders of the same kind that were written for a coverage
// or a waiver that matters no more: one member gets at most one mail per stage.
func (p *post) supersede(ctx context.Context, by notify.Message) error {
	if !slices.Contains([]notify.Kind{notify.PaymentLate, notify.BeforeGraceEnds, notify.WaiverEnding}, by.Occasion.Kind) {
		return nil
	}
	rows, err := p.written(ctx, store.OutboxQuery{Member: by.Occasion.Member, Kind: by.Occasion.Kind})
	if err != nil {
		return err
	}
	for _, r := range rows {
		if r.State.Final() || r.Cause == by.Occasion.Cause || r.Attempts > 0 || r.Claim != "" {
			continue
		}
		if err := p.a.tx.SetNotice(ctx, r.ID, notify.Suppressed, notify.Superseded); err != nil {
			return err
		}
	}
	return nil
}

// written are notices as they were before this transaction. Who votes writes some
// all the time, and a pull must not wait for that to end.
func (p *post) written(ctx context.Context, q store.OutboxQuery) (rows []store.OutboxRow, err error) {
	err = p.a.tx.Beside(ctx, func(tx *store.Tx) (err error) {
		rows, err = tx.Notices(ctx, q)
		return err
	})
	return rows, err
}

// goodNews are told only to whom something bad was told, or may be on its way
// (domain.md, section 6): else they would wait in a batch for nothing.
func (p *post) goodNews(ctx context.Context, m *notify.Message) error {
	if m.Occasion.Kind != notify.BackInStanding {
		return nil
	}
	rows, err := p.written(ctx, store.OutboxQuery{Member: m.Occasion.Member})
	if err != nil {
		return err
	}
	var bad, good instant.Instant
	for _, r := range rows {
		switch went := r.State == notify.Sent || r.Attempts > 0 || r.Claim != ""; {
		case went && slices.Contains([]notify.Kind{notify.PaymentLate, notify.BeforeGraceEnds, notify.Lapsed, notify.PayingTooLittle}, r.Kind):
			bad = max(bad, r.Known)
		case went && r.Kind == notify.BackInStanding:
			good = max(good, r.Known)
		}
	}
	if bad <= good {
		m.State, m.Detail = notify.Suppressed, notify.NothingTold
	}
	return nil
}

// send finds out who is told, adds what the treasurers are told, enqueues
// everything and counts it by kind.
func (p *post) send(ctx context.Context) (map[string]int, error) {
	out := p.a.alarm.out
	for _, w := range p.words {
		to, err := out.member(ctx, w.m.info, p.a.now)
		if err != nil {
			return nil, err
		}
		if err := p.supersede(ctx, w.message); err != nil {
			return nil, err
		}
		if err := p.goodNews(ctx, &w.message); err != nil {
			return nil, err
		}
		out.add(w.message, "", to...)
	}
	for _, m := range p.moved {
		if err := p.a.tx.MoveNotice(ctx, m.Occasion, m.About, m.DueAt); err != nil {
			return nil, err
		}
	}
	if err := p.a.alarms(ctx); err != nil {
		return nil, err
	}
	return out.send(ctx)
}
