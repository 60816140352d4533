package store

import "context"

// What the pull writes. The functions for what is fixed once (charges, payers,
// coverages, refunds) leave rows that are there already as they are; each
// returns the number of rows that it really added.

const keepOld = "ON CONFLICT DO NOTHING"

// AddPull stores one attempt to read Open Collective.
func (tx *Tx) AddPull(ctx context.Context, p Pull) error {
	return insertOne(ctx, tx, "pull", p)
}

// AddSnapshot stores a complete snapshot. It comes before the rows that name it.
func (tx *Tx) AddSnapshot(ctx context.Context, s Snapshot) error {
	return insertOne(ctx, tx, "snapshot", s)
}

// AddAccounts stores new versions of accounts, one per account and snapshot.
func (tx *Tx) AddAccounts(ctx context.Context, rows []AccountRow) (int, error) {
	return insert(ctx, tx, "account_obs", "", rows)
}

// AddContributions stores new versions of contributions, one per contribution
// and snapshot.
func (tx *Tx) AddContributions(ctx context.Context, rows []ContributionRow) (int, error) {
	return insert(ctx, tx, "contribution_obs", "", rows)
}

// AddMissing stores how often contributions were missing.
func (tx *Tx) AddMissing(ctx context.Context, rows []MissingRow) (int, error) {
	return insert(ctx, tx, "contribution_missing", "", rows)
}

// AddElsewhere stores new versions of contributions to projects and events, one
// per contribution and snapshot.
func (tx *Tx) AddElsewhere(ctx context.Context, rows []ElsewhereRow) (int, error) {
	return insert(ctx, tx, "elsewhere_obs", "", rows)
}

// AddCharges stores charges; one that is there already stays as it is.
func (tx *Tx) AddCharges(ctx context.Context, rows []ChargeRow) (int, error) {
	return insert(ctx, tx, "charge", keepOld, rows)
}

// AddPayers gives charges without a payer their payer; one that has been given
// already stays.
func (tx *Tx) AddPayers(ctx context.Context, rows []PayerRow) (int, error) {
	return insert(ctx, tx, "charge_payer", keepOld, rows)
}

// AddCoverages fixes what charges pay for; what is fixed stays.
func (tx *Tx) AddCoverages(ctx context.Context, rows []CoverageRow) (int, error) {
	return insert(ctx, tx, "coverage", keepOld, rows)
}

// AddChargeFlags stores new versions of the marks on charges.
func (tx *Tx) AddChargeFlags(ctx context.Context, rows []ChargeFlags) (int, error) {
	return insert(ctx, tx, "charge_obs", "", rows)
}

// AddRefunds stores refunds; one that is there already stays as it is.
func (tx *Tx) AddRefunds(ctx context.Context, rows []RefundRow) (int, error) {
	return insert(ctx, tx, "refund", keepOld, rows)
}
