package store

import (
	"context"

	"coopcloud.tech/goodstanding/eligibility"
	"coopcloud.tech/goodstanding/internal/instant"
	"coopcloud.tech/goodstanding/member"
)

// The part of the assembly that people entered.

// version is a span of known times in which an entry reads one way.
type version struct {
	until       instant.Instant
	known, gone instant.Instant
}

// versions of an entry that was learned at known with one end and corrected by
// others since; ends are in order of known. A revoked entry has no version
// after its revocation, until another end gives it one again.
func versions(until, known instant.Instant, ends []spanEnd) []version {
	out := []version{{until: until, known: known}}
	for _, e := range ends {
		if last := &out[len(out)-1]; last.gone == 0 {
			last.gone = e.Known
		}
		if !e.Revoked {
			out = append(out, version{until: e.Until, known: e.Known})
		}
	}
	return out
}

// each calls f for every member and span of known times in which the version
// is a fact of one that is asked about.
func (a *assembly) each(id member.ID, v version, f func(*eligibility.Facts, version)) {
	for _, o := range a.heirs.owners(id, v.known) {
		facts, asked := a.facts[o.member]
		if v.gone != 0 && o.known >= v.gone { // corrected before the merge
			continue
		}
		if asked {
			f(facts, version{until: v.until, known: o.known, gone: earlier(o.gone, v.gone)})
		}
	}
}

// earlier is the earlier of two ends, where 0 is never.
func earlier(a, b instant.Instant) instant.Instant {
	if a == 0 || (b != 0 && b < a) {
		return b
	}
	return a
}

func byOf(ends []spanEnd) map[string][]spanEnd {
	m := make(map[string][]spanEnd)
	for _, e := range ends {
		m[e.Of] = append(m[e.Of], e)
	}
	return m
}

func (a *assembly) membership(ctx context.Context) error {
	type row struct {
		MembershipRow
		Gone instant.Instant `db:"gone"`
	}
	rows, err := query[row](ctx, a, `SELECT `+names[MembershipRow]("e.")+`, COALESCE(v.known, 0) FROM membership_event e
		LEFT JOIN membership_void v ON v.event = e.id WHERE e.member %s ORDER BY e.at, e.known, e.id`)
	if err != nil {
		return err
	}
	for _, r := range rows {
		if f := a.facts[r.Member]; f != nil {
			f.Membership = append(f.Membership, eligibility.MembershipFact{
				ID: r.ID, Kind: r.Kind, At: r.At, Until: r.Until, Listing: r.Listing, Known: r.Known, Gone: r.Gone,
			})
		}
	}
	return nil
}

func (a *assembly) links(ctx context.Context) error {
	rows, err := query[LinkRow](ctx, a, `SELECT `+names[LinkRow]("")+` FROM link WHERE member %s ORDER BY valid_from, known, id`)
	if err != nil {
		return err
	}
	ends, err := query[spanEnd](ctx, a, `SELECT e.link, e.revoked, e.valid_until, e.known FROM link_end e
		JOIN link l ON l.id = e.link WHERE l.member %s ORDER BY e.known`)
	if err != nil {
		return err
	}
	of := byOf(ends)
	for _, r := range rows {
		for _, v := range versions(r.Until, r.Known, of[r.ID]) {
			a.each(r.Member, v, func(f *eligibility.Facts, v version) {
				f.Links = append(f.Links, eligibility.Link{
					ID: r.ID, Account: r.Account, From: r.From, Until: v.until, Known: v.known, Gone: v.gone,
				})
				a.by[r.Account] = addOnce(a.by[r.Account], f.Member)
			})
		}
	}
	return nil
}

func addOnce(ids []member.ID, id member.ID) []member.ID {
	for _, have := range ids {
		if have == id {
			return ids
		}
	}
	return append(ids, id)
}

func (a *assembly) waivers(ctx context.Context) error {
	rows, err := query[WaiverRow](ctx, a, `SELECT `+names[WaiverRow]("")+` FROM waiver WHERE member %s ORDER BY valid_from, known, id`)
	if err != nil {
		return err
	}
	ends, err := query[spanEnd](ctx, a, `SELECT e.waiver, e.revoked, e.valid_until, e.known FROM waiver_end e
		JOIN waiver w ON w.id = e.waiver WHERE w.member %s ORDER BY e.known`)
	if err != nil {
		return err
	}
	of := byOf(ends)
	for _, r := range rows {
		for _, v := range versions(r.Until, r.Known, of[r.ID]) {
			a.each(r.Member, v, func(f *eligibility.Facts, v version) {
				f.Waivers = append(f.Waivers, eligibility.Waiver{ID: r.ID, From: r.From, Until: v.until, Known: v.known, Gone: v.gone})
			})
		}
	}
	return nil
}

func (a *assembly) payments(ctx context.Context) error {
	type row struct {
		PaymentRow
		Gone instant.Instant `db:"gone"`
	}
	rows, err := query[row](ctx, a, `SELECT `+names[PaymentRow]("p.")+`, COALESCE(u.known, 0) FROM payment p
		LEFT JOIN payment_undo u ON u.payment = p.id WHERE p.member %s ORDER BY p.valid_from, p.known, p.id`)
	if err != nil {
		return err
	}
	for _, r := range rows {
		a.each(r.Member, version{known: r.Known, gone: r.Gone}, func(f *eligibility.Facts, v version) {
			f.Payments = append(f.Payments, eligibility.Payment{
				ID: r.ID, Amount: r.Amount, Months: r.Months, From: r.From, Until: r.Until, Charge: r.Charge,
				Known: v.known, Gone: v.gone,
			})
			if r.Charge != "" {
				a.named[r.Charge] = addOnce(a.named[r.Charge], f.Member)
			}
		})
	}
	return nil
}

func (a *assembly) profile(ctx context.Context) error {
	rows, err := query[ProfileEvent](ctx, a, `SELECT `+names[ProfileEvent]("")+` FROM profile_event WHERE member %s ORDER BY at, known, id`)
	if err != nil {
		return err
	}
	for _, r := range rows {
		if f := a.facts[r.Member]; f != nil {
			f.Profile = append(f.Profile, eligibility.ProfileFact{ID: r.ID, Kind: r.Kind, On: r.On, At: r.At, Known: r.Known})
		}
	}
	return nil
}

func (a *assembly) holds(ctx context.Context) error {
	type row struct {
		HoldRow
		HoldMember
		AckAt    instant.Instant `db:"ack_at"`
		AckKnown instant.Instant `db:"ack_known"`
	}
	rows, err := query[row](ctx, a, `SELECT `+names[HoldRow]("h.")+`, `+names[HoldMember]("m.")+`, COALESCE(k.at, 0), COALESCE(k.known, 0)
		FROM hold_member m JOIN hold h ON h.id = m.hold LEFT JOIN hold_ack k ON k.hold = h.id
		WHERE m.member %s ORDER BY h.known, h.id`)
	if err != nil {
		return err
	}
	for _, r := range rows {
		if f := a.facts[r.Member]; f != nil {
			f.Holds = append(f.Holds, eligibility.Hold{
				ID: r.ID, Cause: r.Cause, SetAt: r.SetAt, Since: r.Since, Known: r.Known, AckAt: r.AckAt, AckKnown: r.AckKnown,
				Kept: eligibility.Kept{State: r.State, Vote: r.Vote, Listing: r.Listing, Services: r.Services},
			})
		}
	}
	return nil
}

func (a *assembly) recorded(ctx context.Context) error {
	rows, err := query[StandingRow](ctx, a, `SELECT `+names[StandingRow]("")+` FROM `+standings+` WHERE member %s ORDER BY known, at`)
	if err != nil {
		return err
	}
	for _, r := range rows {
		if f := a.facts[r.Member]; f != nil {
			f.Recorded = append(f.Recorded, eligibility.Recorded{
				At: r.At, Known: r.Known, State: r.State, Vote: r.Vote, Listing: r.Listing, Services: r.Services,
			})
		}
	}
	return nil
}
