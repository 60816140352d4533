package roll

import (
	"context"

	"coopcloud.tech/goodstanding/eligibility"
	"coopcloud.tech/goodstanding/internal/instant"
	"coopcloud.tech/goodstanding/member"
	"coopcloud.tech/goodstanding/store"
)

// candidate is a payer that is matched to nobody, with the standing it would
// have as a member linked to this account alone since always.
type candidate struct {
	store.UnmatchedPayer
	standing eligibility.Standing
	// first is the earliest charge, else the contribution's creation; 0 for neither.
	first instant.Instant
	// recurring says that a charge was made on a recurring contribution.
	recurring bool
	// underWay says that a first payment is PENDING or PROCESSING.
	underWay bool
}

// candidates are all unmatched payers at the instant, by account.
func (r *Roll) candidates(ctx context.Context, tx *store.Tx, at instant.Instant) ([]candidate, error) {
	payers, err := tx.Unmatched(ctx, at)
	if err != nil || len(payers) == 0 {
		return nil, err
	}
	ru, err := r.rulesOf(ctx, tx)
	if err != nil {
		return nil, err
	}
	coverages, err := tx.Coverages(ctx)
	if err != nil {
		return nil, err
	}
	refunds, err := tx.Refunds(ctx)
	if err != nil {
		return nil, err
	}
	snapshots, err := snapshotsOf(ctx, tx)
	if err != nil {
		return nil, err
	}
	given := refundsByCharge(refunds)
	out := make([]candidate, len(payers))
	for i, p := range payers {
		c := candidate{UnmatchedPayer: p}
		f := c.facts(coverages, given)
		f.Snapshots = snapshots
		c.standing = ru.policies.Assess(f, at, tx.Known())
		out[i] = c
	}
	return out, nil
}

func refundsByCharge(refunds map[string]store.RefundRow) map[string][]store.RefundRow {
	given := make(map[string][]store.RefundRow)
	for _, row := range refunds {
		given[row.Charge] = append(given[row.Charge], row)
	}
	return given
}

func snapshotsOf(ctx context.Context, tx *store.Tx) (eligibility.Snapshots, error) {
	rows, err := tx.Snapshots(ctx)
	if err != nil {
		return nil, err
	}
	out := make(eligibility.Snapshots, len(rows))
	for i, s := range rows {
		out[i] = eligibility.Snapshot{Number: s.Number, Start: s.Start, Known: s.Known}
	}
	return out, nil
}

// facts are those the payer would have as a member, and what adoption asks of
// its contributions.
func (c *candidate) facts(coverages map[string]store.CoverageRow, refunds map[string][]store.RefundRow) *eligibility.Facts {
	f := &eligibility.Facts{Member: "candidate", Kind: c.kind()}
	f.Membership = []eligibility.MembershipFact{{ID: "candidate", Kind: eligibility.Admitted, At: 1}}
	f.Links = []eligibility.Link{{ID: "candidate", Account: c.Account.ID}}
	for _, row := range c.Contributions {
		status := eligibility.ParseStatus(row.Status)
		f.Contributions = append(f.Contributions, eligibility.Contribution{
			ID: row.ID, Account: row.Account, Status: status, Interval: row.Interval,
			ProcessedAt: row.Processed, NextCharge: row.NextCharge, PausedByPayer: row.PausedByPayer,
			Effective: row.Effective, Known: row.Known,
		})
		c.underWay = c.underWay || status == eligibility.StatusPending || status == eligibility.StatusProcessing
		if c.first == 0 || row.Created < c.first {
			c.first = row.Created
		}
	}
	if len(c.Charges) > 0 {
		c.first = c.Charges[0].Created
	}
	for _, row := range c.Charges {
		v, fixed := coverages[row.ID]
		charge := eligibility.Charge{ID: row.ID, Contribution: row.Contribution, Account: c.Account.ID,
			Kind: row.Kind, Amount: row.Amount, From: row.Created, Known: row.Known}
		if fixed {
			charge.FixedKnown, charge.Interval, charge.Due = v.Known, v.Interval, v.Due
			charge.OrderMinor, charge.TaxMinor = v.OrderMinor, v.TaxMinor
			c.recurring = c.recurring || v.Interval != eligibility.OneOff
		}
		f.Charges = append(f.Charges, charge)
		for _, g := range refunds[row.ID] {
			f.Refunds = append(f.Refunds, eligibility.Refund{ID: g.ID, Charge: g.Charge, At: g.At, Known: g.Known})
		}
	}
	return f
}

// kind is what a member with this account would be.
func (c *candidate) kind() member.Kind {
	if c.Account.Type == "INDIVIDUAL" {
		return member.Individual
	}
	return member.Organisation
}
