package store

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"fmt"

	"coopcloud.tech/goodstanding/internal/instant"
	"coopcloud.tech/goodstanding/member"
)

// AddLinks stores links. One that would leave an account linked to two members
// at a time, or twice to one, is refused with *LinkOverlap. Names of an account that
// was erased may be stored again: it is a member's now.
func (tx *Tx) AddLinks(ctx context.Context, rows ...LinkRow) error {
	standing, err := tx.Links(ctx)
	if err != nil {
		return err
	}
	of := make(map[member.AccountID][]LinkState, len(standing)) // else many links at once would take for ever
	for _, s := range standing {
		of[s.Account] = append(of[s.Account], s)
	}
	for _, r := range rows {
		for _, s := range of[r.Account] {
			if overlap(s.From, s.Until, r.From, r.Until) {
				return &LinkOverlap{Account: r.Account, Link: s.ID, Member: s.Member, From: s.From, Until: s.Until}
			}
		}
		of[r.Account] = append(of[r.Account], LinkState{LinkRow: r})
	}
	if err := insertAll(ctx, tx, "link", rows); err != nil {
		return err
	}
	return tx.nameAgain(ctx, rows)
}

// overlap says whether two half-open spans share an instant.
func overlap(from, until, from2, until2 instant.Instant) bool {
	return (until2 == 0 || from < until2) && (until == 0 || from2 < until)
}

// AddPayments stores entered payments. A reference that was seen before, also
// in an undone payment, is refused with *ReferenceSeen.
func (tx *Tx) AddPayments(ctx context.Context, rows ...PaymentRow) error {
	seen, err := tx.references(ctx)
	if err != nil {
		return err
	}
	stored := make([]PaymentRow, len(rows))
	for i, r := range rows {
		if r.Reference != "" {
			r.Reference = ReferenceDigest(r.Reference)
			if p, ok := seen[r.Reference]; ok {
				return &ReferenceSeen{Payment: p.ID, Undone: p.Undone}
			}
			seen[r.Reference] = PaymentState{PaymentRow: r}
		}
		stored[i] = r
	}
	return insertAll(ctx, tx, "payment", stored)
}

// references are the payments that have a reference, by its digest.
func (tx *Tx) references(ctx context.Context) (map[string]PaymentState, error) {
	payments, err := tx.Payments(ctx, "")
	if err != nil {
		return nil, fmt.Errorf("look for a reference: %w", err)
	}
	seen := make(map[string]PaymentState)
	for _, p := range payments {
		if p.Reference != "" {
			seen[p.Reference] = p
		}
	}
	return seen, nil
}

// PaymentByReference finds the payment that was entered with a reference; ok
// is false when none was.
func (tx *Tx) PaymentByReference(ctx context.Context, reference string) (p PaymentState, ok bool, err error) {
	seen, err := tx.references(ctx)
	p, ok = seen[ReferenceDigest(reference)]
	return p, ok && reference != "", err
}

// ReferenceDigest is what is kept of a reference: a bank's text often holds a
// name, and the log holds none.
func ReferenceDigest(reference string) string {
	sum := sha256.Sum256([]byte("goodstanding payment reference\n" + reference))
	return hex.EncodeToString(sum[:])
}
