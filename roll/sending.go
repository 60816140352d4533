package roll

import (
	"context"
	"fmt"
	"slices"
	"time"

	"coopcloud.tech/goodstanding/eligibility"
	"coopcloud.tech/goodstanding/internal/instant"
	"coopcloud.tech/goodstanding/member"
	"coopcloud.tech/goodstanding/notify"
	"coopcloud.tech/goodstanding/notify/letter"
	"coopcloud.tech/goodstanding/policy"
	"coopcloud.tech/goodstanding/store"
)

// What the register says of a notice right before it is sent (domain.md, section
// 6, "Re-checked right before sending").

// BookIn reads the whole roll, without the desk, as a transaction sees it.
func (r *Roll) BookIn(ctx context.Context, tx *store.Tx) (*Book, error) {
	b, err := r.book(ctx, tx)
	if err != nil {
		return nil, fmt.Errorf("read the roll: %w", err)
	}
	return b, nil
}

// Again is what looking again at a notice about a member comes to.
type Again uint8

// What it comes to.
const (
	StillSo    Again = iota // what it says holds
	NotReadYet              // Open Collective was not read after what it is about, or too long ago
	OnHold                  // a hold keeps somebody, and nobody has acknowledged it
	Recovered               // things are well again, or were since
	Past                    // its moment is over
	Overtaken               // something else holds that has its own notice
	TooEarly                // what it warns of is further off than it was; Until says when to look again
)

// Looked is a notice looked at again.
type Looked struct {
	Again Again
	Until instant.Instant // of TooEarly
	Row   Row             // how the member stands; its zero value where that does not matter
}

// lookLater is how long a warning waits of which nobody knows when it is due.
const lookLater = 6 * time.Hour

// Look looks again at a notice about dues or membership, in the transaction that
// will send it. now is the clock's instant.
func (b *Book) Look(ctx context.Context, tx *store.Tx, n store.OutboxRow, now instant.Instant) (Looked, error) {
	f, ok := b.factsAbout(n.Member)
	if !ok || b.info[n.Member].MergedInto != "" {
		return Looked{Again: Overtaken}, nil
	}
	l := b.look(now, 0, now)
	at := Looked{Row: b.row(f, l)}
	if n.Kind.Group() == notify.AboutMembership {
		at.Again = b.lookMembership(f, &at.Row.Standing, n, now)
		return at, nil
	}
	if b.notRead(&at.Row.Standing, n) {
		at.Again = NotReadYet
		return at, nil
	}
	v, ok := b.rules.inForce(now, b.known)
	if !ok {
		at.Again = NotReadYet
		return at, nil
	}
	b.lookDues(&at, n, &v, now)
	if at.Again == StillSo {
		since, err := b.wellSince(ctx, tx, &at.Row.Standing, n)
		if err != nil {
			return Looked{}, err
		}
		if since {
			at.Again = Recovered
		}
	}
	// Good news pass: they take nothing, and rest on money that was seen.
	if (at.Again == StillSo || at.Again == TooEarly) && n.Kind != notify.BackInStanding && b.held(now) {
		at.Again = OnHold
	}
	return at, nil
}

// notRead says that nothing may be said about dues yet: Open Collective was not
// read since the instant that the notice speaks of, or since too long, or what it
// says is not known (domain.md, section 3, "Confirmed worsening"). What a warning
// speaks of is still to come: then the instant at which it is due counts.
func (b *Book) notRead(s *eligibility.Standing, n store.OutboxRow) bool {
	_, stale := s.Reason(eligibility.CodeStale)
	return stale || s.State == eligibility.StateUnknown || b.snapshot.Number == 0 || b.snapshot.Start < min(n.About, n.DueAt)
}

// held says that a hold which nobody has acknowledged keeps a right of somebody.
func (b *Book) held(now instant.Instant) bool {
	if !slices.ContainsFunc(b.holds, store.Hold.Standing) {
		return false
	}
	l := b.look(now, 0, now)
	for i := range b.facts {
		s := b.rules.policies.Assess(&b.facts[i], l.at, l.known)
		held, is := s.Reason(eligibility.CodeHeld)
		if !is {
			continue
		}
		for _, ref := range held.Facts {
			if slices.ContainsFunc(b.holds, func(h store.Hold) bool { return h.Standing() && ref.Kind == eligibility.RefHold && ref.ID == h.ID }) {
				return true
			}
		}
	}
	return false
}

// speaksOf are the states in which a notice about dues says the truth.
var speaksOf = map[notify.Kind][]eligibility.State{
	notify.PaymentLate:     {eligibility.StateGrace},
	notify.BeforeGraceEnds: {eligibility.StateGrace},
	notify.Lapsed:          {eligibility.StateLapsed, eligibility.StateUnpaid, eligibility.StatePending}, // unpaid: it never paid, and its waiver is over
	notify.BackInStanding:  {eligibility.StateCurrent, eligibility.StateWaived, eligibility.StateGrace},
	notify.PayingTooLittle: {eligibility.StateShort},
	notify.WaiverEnding:    {eligibility.StateWaived},
	notify.NotYetPaid:      {eligibility.StateUnpaid},
}

// lookDues compares what the notice says with how the member stands.
func (b *Book) lookDues(at *Looked, n store.OutboxRow, v *policy.Version, now instant.Instant) {
	s := &at.Row.Standing
	switch {
	case slices.Contains(speaksOf[n.Kind], s.State):
		b.lookMoment(at, n, v, now)
	case n.Kind == notify.BackInStanding:
		at.Again = Overtaken
	case s.State == eligibility.StateLapsed && (n.Kind == notify.PaymentLate || n.Kind == notify.BeforeGraceEnds):
		at.Again = Past
	case n.Kind == notify.WaiverEnding && (s.State == eligibility.StateGrace || s.State == eligibility.StateLapsed):
		at.Again = Past
	case s.State.GoodStanding() || s.State == eligibility.StatePending:
		at.Again = Recovered
	default:
		at.Again = Overtaken
	}
}

// lookMoment says whether what holds may be said now.
func (b *Book) lookMoment(at *Looked, n store.OutboxRow, v *policy.Version, now instant.Instant) {
	s := &at.Row.Standing
	switch n.Kind {
	case notify.BeforeGraceEnds:
		end := rightsEnd(at.Row.Kind, s, v)
		switch due := end.Add(-v.Notices.BeforeGraceEnds); {
		case end == 0:
			at.Again, at.Until = TooEarly, now.Add(lookLater)
		case now >= end:
			at.Again = Past
		case now < due:
			at.Again, at.Until = TooEarly, due
		}
	case notify.WaiverEnding:
		end := s.Verdict(eligibility.Vote).Until
		if end == 0 || now < end.Add(-v.Notices.WaiverEnds) {
			at.Again = Recovered // another waiver, which has its own notice
		}
	}
}

// LetterMember is a member as it stands at an instant, as every letter speaks of it.
func (b *Book) LetterMember(row *Row, now instant.Instant) letter.Member {
	m := letter.Member{Name: row.Name, PaidThrough: row.Standing.PaidThrough, State: row.People,
		Vote: row.Standing.Has(eligibility.Vote), Listing: row.Standing.Has(eligibility.Listing)}
	if v, ok := b.rules.inForce(now, b.known); ok && row.Standing.State == eligibility.StateGrace {
		m.RightsUntil = rightsEnd(row.Kind, &row.Standing, &v)
	}
	return m
}

// wellSince says whether the member was well again after what a bad notice is
// about: then a later notice is about how it stands now. A notice whose cause the
// standing still rests on is about that.
func (b *Book) wellSince(ctx context.Context, tx *store.Tx, s *eligibility.Standing, n store.OutboxRow) (bool, error) {
	if n.Kind == notify.BackInStanding || n.Kind == notify.WaiverEnding || n.Kind == notify.NotYetPaid {
		return false, nil
	}
	for _, re := range s.Reasons {
		if slices.ContainsFunc(re.Facts, func(ref eligibility.Ref) bool { return ref.String() == n.Cause }) {
			return false, nil
		}
	}
	rows, err := tx.Standings(ctx, n.Member)
	if err != nil {
		return false, fmt.Errorf("look at a notice again: %w", err)
	}
	rows = slices.DeleteFunc(rows, func(r store.StandingRow) bool { return r.Known < n.Known })
	from := 0 // the standing that the notice was written with
	for i, r := range rows {
		if r.Known == n.Known && r.At <= n.About && slices.Contains(speaksOf[n.Kind], r.State) {
			from = i
		}
	}
	return slices.ContainsFunc(rows[min(from, len(rows)):], func(r store.StandingRow) bool {
		return r.State == eligibility.StateCurrent || r.State == eligibility.StateWaived || n.Kind == notify.Lapsed && r.State == eligibility.StateGrace
	}), nil
}

// lookMembership compares what is said about a member's place with what holds.
// That needs no snapshot.
func (b *Book) lookMembership(f *eligibility.Facts, s *eligibility.Standing, n store.OutboxRow, now instant.Instant) Again {
	same := false
	switch n.Kind {
	case notify.Paused:
		same = s.State == eligibility.StatePaused
	case notify.Suspended:
		same = s.State == eligibility.StateSuspended
	case notify.PauseComing:
		if now >= n.About {
			return Past
		}
		then := b.rules.policies.Forecast(f, n.About, b.known)
		same = then.State == eligibility.StatePaused
	}
	if same {
		return StillSo
	}
	return Overtaken
}

// Minimum is the dues in words by the policy in force at an instant, "£10.00 a
// month"; "" where there is none.
func (b *Book) Minimum(t instant.Instant) string {
	v, ok := b.rules.inForce(t, b.known)
	if !ok {
		return ""
	}
	return minimumWords(&v.Eligibility)
}

// MergedInto is the member that another was merged into; the member itself for
// one that was not.
func (b *Book) MergedInto(id member.ID) member.ID {
	if to := b.info[id].MergedInto; to != "" {
		return to
	}
	return id
}
