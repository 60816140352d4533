package store

import (
	"context"
	"fmt"

	"coopcloud.tech/goodstanding/internal/instant"
	"coopcloud.tech/goodstanding/member"
)

// Reads of entries with their corrections applied, as they stand now.

// spanEnd is the newest end of a link or waiver.
type spanEnd struct {
	Of      string          `db:"of"`
	Revoked bool            `db:"revoked"`
	Until   instant.Instant `db:"valid_until"`
	Known   instant.Instant `db:"known"`
}

// applyEnds gives spans their newest ends; ends are in order of known. It
// returns whether each was revoked.
func applyEnds(ends []spanEnd) map[string]spanEnd {
	newest := make(map[string]spanEnd, len(ends))
	for _, e := range ends {
		newest[e.Of] = e
	}
	return newest
}

// linkStates are the links of those members, of all when none is given, that were not
// revoked, with their ends applied, by account and span; merges are followed.
func (tx *Tx) linkStates(ctx context.Context, heirs heirs, ids ...member.ID) ([]LinkState, error) {
	of, args := heirs.few(ids)
	rows, err := selectRows[LinkRow](ctx, tx, `SELECT `+names[LinkRow]("")+` FROM link WHERE member `+of+` ORDER BY account, valid_from, known, id`, args...)
	if err != nil {
		return nil, fmt.Errorf("read the links: %w", err)
	}
	ends, err := selectRows[spanEnd](ctx, tx, `SELECT e.link, e.revoked, e.valid_until, e.known FROM link_end e
		JOIN link l ON l.id = e.link WHERE l.member `+of+` ORDER BY e.known`, args...)
	if err != nil {
		return nil, fmt.Errorf("read the links' ends: %w", err)
	}
	details, err := tx.linkedDetails(ctx, of, args)
	if err != nil {
		return nil, err
	}
	newest := applyEnds(ends)
	var out []LinkState
	for _, r := range rows {
		if e, ended := newest[r.ID]; ended {
			if e.Revoked {
				continue
			}
			r.Until = e.Until
		}
		r.Member = heirs.of(r.Member)
		out = append(out, LinkState{LinkRow: r, Slug: details[r.Account].Slug, Name: details[r.Account].Name})
	}
	return out, nil
}

// Links are all links that were not revoked, by account and span. A merged
// member's links are shown as those of the member it was merged into.
func (tx *Tx) Links(ctx context.Context) ([]LinkState, error) {
	heirs, err := tx.heirs(ctx)
	if err != nil {
		return nil, err
	}
	return tx.linkStates(ctx, heirs)
}

// Waivers are all waivers of one member ("" for all members), their ends
// applied, in the order in which they were learned. A merged member's waivers
// are shown as those of the member it was merged into.
func (tx *Tx) Waivers(ctx context.Context, id member.ID) ([]WaiverState, error) {
	rows, err := selectRows[WaiverRow](ctx, tx, `SELECT `+names[WaiverRow]("")+` FROM waiver ORDER BY known, id`)
	if err != nil {
		return nil, fmt.Errorf("read the waivers: %w", err)
	}
	ends, err := selectRows[spanEnd](ctx, tx, `SELECT waiver, revoked, valid_until, known FROM waiver_end ORDER BY known`)
	if err != nil {
		return nil, fmt.Errorf("read the waivers' ends: %w", err)
	}
	heirs, err := tx.heirs(ctx)
	if err != nil {
		return nil, err
	}
	newest := applyEnds(ends)
	var out []WaiverState
	for _, r := range rows {
		if r.Member = heirs.of(r.Member); id != "" && r.Member != id {
			continue
		}
		e, ended := newest[r.ID]
		if ended && !e.Revoked {
			r.Until = e.Until
		}
		out = append(out, WaiverState{WaiverRow: r, Revoked: e.Revoked})
	}
	return out, nil
}

// Payments are all entered payments of one member ("" for all members), in the
// order in which they were learned. A merged member's payments are shown as
// those of the member it was merged into.
func (tx *Tx) Payments(ctx context.Context, id member.ID) ([]PaymentState, error) {
	rows, err := selectRows[PaymentRow](ctx, tx, `SELECT `+names[PaymentRow]("")+` FROM payment ORDER BY known, id`)
	if err != nil {
		return nil, fmt.Errorf("read the payments: %w", err)
	}
	undos, err := selectRows[PaymentUndo](ctx, tx, `SELECT `+names[PaymentUndo]("")+` FROM payment_undo`)
	if err != nil {
		return nil, fmt.Errorf("read the reversed payments: %w", err)
	}
	heirs, err := tx.heirs(ctx)
	if err != nil {
		return nil, err
	}
	undone := byKey(undos, func(u PaymentUndo) string { return u.Payment })
	var out []PaymentState
	for _, r := range rows {
		if r.Member = heirs.of(r.Member); id != "" && r.Member != id {
			continue
		}
		_, isUndone := undone[r.ID]
		out = append(out, PaymentState{PaymentRow: r, Undone: isUndone})
	}
	return out, nil
}

// Membership is every membership event that was not taken back, by member, in
// order of its instant.
func (tx *Tx) Membership(ctx context.Context) (map[member.ID][]MembershipRow, error) {
	rows, err := selectRows[MembershipRow](ctx, tx, `SELECT `+names[MembershipRow]("")+` FROM membership_event e
		WHERE NOT EXISTS (SELECT 1 FROM membership_void v WHERE v.event = e.id) ORDER BY at, known, id`)
	if err != nil {
		return nil, fmt.Errorf("read the memberships: %w", err)
	}
	events := make(map[member.ID][]MembershipRow)
	for _, r := range rows {
		events[r.Member] = append(events[r.Member], r)
	}
	return events, nil
}

// ProfileEvents is every event of the conditions of a listing, by member, in
// order of its instant.
func (tx *Tx) ProfileEvents(ctx context.Context) (map[member.ID][]ProfileEvent, error) {
	rows, err := selectRows[ProfileEvent](ctx, tx, `SELECT `+names[ProfileEvent]("")+` FROM profile_event ORDER BY at, known, id`)
	if err != nil {
		return nil, fmt.Errorf("read the conditions of listings: %w", err)
	}
	events := make(map[member.ID][]ProfileEvent)
	for _, r := range rows {
		events[r.Member] = append(events[r.Member], r)
	}
	return events, nil
}

// Policies are all versions of the policy, in the order in which they were learned.
func (tx *Tx) Policies(ctx context.Context) ([]PolicyRow, error) {
	rows, err := selectRows[PolicyRow](ctx, tx, `SELECT `+names[PolicyRow]("")+` FROM policy_version ORDER BY known, valid_from, id`)
	return rows, wrap("read the policy", err)
}
