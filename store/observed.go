package store

import (
	"context"
	"fmt"

	"coopcloud.tech/goodstanding/internal/instant"
	"coopcloud.tech/goodstanding/member"
)

// What has been observed, as the pull reads it to find what changed.

// LastSnapshot is the newest complete snapshot; ok is false before the first.
func (tx *Tx) LastSnapshot(ctx context.Context) (s Snapshot, ok bool, err error) {
	s, ok, err = selectOne[Snapshot](ctx, tx, `SELECT `+names[Snapshot]("")+` FROM snapshot ORDER BY number DESC LIMIT 1`)
	return s, ok, wrap("read the last snapshot", err)
}

// Snapshots are all complete snapshots in ascending order.
func (tx *Tx) Snapshots(ctx context.Context) ([]Snapshot, error) {
	rows, err := selectRows[Snapshot](ctx, tx, `SELECT `+names[Snapshot]("")+` FROM snapshot ORDER BY number`)
	return rows, wrap("read the snapshots", err)
}

// CollectiveChanges are the complete snapshots that showed another fiscal host, freeze or
// currency of the collective than the one before, and the first of all, in ascending order.
func (tx *Tx) CollectiveChanges(ctx context.Context) ([]Snapshot, error) {
	rows, err := selectRows[Snapshot](ctx, tx, `SELECT `+names[Snapshot]("s.")+` FROM snapshot s LEFT JOIN snapshot b ON b.number = s.number - 1
		WHERE b.number IS NULL OR s.host <> b.host OR s.frozen <> b.frozen OR s.currency <> b.currency ORDER BY s.number`)
	return rows, wrap("read how the collective changed", err)
}

// NextSnapshot is the number for the next snapshot.
func (tx *Tx) NextSnapshot(ctx context.Context) (int64, error) {
	last, _, err := tx.LastSnapshot(ctx)
	return last.Number + 1, err
}

// Pulls are the attempts to read Open Collective, the newest first, at most limit.
func (tx *Tx) Pulls(ctx context.Context, limit int) ([]Pull, error) {
	rows, err := selectRows[Pull](ctx, tx, `SELECT `+names[Pull]("")+` FROM pull ORDER BY known DESC, id DESC LIMIT $1`, limit)
	return rows, wrap("read the pulls", err)
}

// Pull is one attempt to read Open Collective; ok is false when there is none
// with that id.
func (tx *Tx) Pull(ctx context.Context, id string) (p Pull, ok bool, err error) {
	p, ok, err = selectOne[Pull](ctx, tx, `SELECT `+names[Pull]("")+` FROM pull WHERE id = $1`, id)
	return p, ok, wrap("read an attempt to read Open Collective", err)
}

// Accounts is the current version of every account ever seen.
func (tx *Tx) Accounts(ctx context.Context) (map[member.AccountID]AccountRow, error) {
	rows, err := selectRows[AccountRow](ctx, tx, `SELECT `+names[AccountRow]("o.")+` FROM account_obs o
		JOIN (SELECT id, max(snapshot) AS snapshot FROM account_obs GROUP BY id) l ON l.id = o.id AND l.snapshot = o.snapshot`)
	return byKey(rows, func(r AccountRow) member.AccountID { return r.ID }), wrap("read the accounts", err)
}

// Contributions is the current version of every contribution ever seen.
func (tx *Tx) Contributions(ctx context.Context) (map[string]ContributionRow, error) {
	rows, err := selectRows[ContributionRow](ctx, tx, `SELECT `+names[ContributionRow]("o.")+` FROM contribution_obs o
		JOIN (SELECT id, max(snapshot) AS snapshot FROM contribution_obs GROUP BY id) l ON l.id = o.id AND l.snapshot = o.snapshot`)
	return byKey(rows, func(r ContributionRow) string { return r.ID }), wrap("read the contributions", err)
}

// ContributionHistory is every version of one contribution, the oldest first.
func (tx *Tx) ContributionHistory(ctx context.Context, id string) ([]ContributionRow, error) {
	rows, err := selectRows[ContributionRow](ctx, tx,
		`SELECT `+names[ContributionRow]("")+` FROM contribution_obs WHERE id = $1 ORDER BY snapshot`, id)
	return rows, wrap("read a contribution's history", err)
}

// LostTiers says, for those of the contributions that had a tier and have none, since
// when: the start of the snapshot that first showed it. Of more than Few it may tell of
// others, too.
func (tx *Tx) LostTiers(ctx context.Context, contributions ...string) (map[string]instant.Instant, error) {
	of, args := few(contributions)
	rows, err := selectRows[struct {
		ID        string          `db:"id"`
		Tier      string          `db:"tier"`
		Effective instant.Instant `db:"effective"`
	}](ctx, tx, `SELECT id, tier, effective FROM (
		SELECT id, tier, effective, snapshot, lag(tier) OVER (PARTITION BY id ORDER BY snapshot) AS had FROM contribution_obs WHERE id `+of+`) x
		WHERE had <> tier ORDER BY id, snapshot`, args...)
	lost := map[string]instant.Instant{}
	for _, r := range rows {
		delete(lost, r.ID) // the last change counts
		if r.Tier == "" {
			lost[r.ID] = r.Effective
		}
	}
	return lost, wrap("read which contributions lost their tier", err)
}

// Missing is the current streak of every contribution that was ever missing.
func (tx *Tx) Missing(ctx context.Context) (map[string]MissingRow, error) {
	rows, err := selectRows[MissingRow](ctx, tx, `SELECT `+names[MissingRow]("o.")+` FROM contribution_missing o
		JOIN (SELECT contribution, max(snapshot) AS snapshot FROM contribution_missing GROUP BY contribution) l
		ON l.contribution = o.contribution AND l.snapshot = o.snapshot`)
	return byKey(rows, func(r MissingRow) string { return r.Contribution }), wrap("read what is missing", err)
}

// Elsewhere is the current version of every contribution to a project or an
// event ever seen, those that are gone too.
func (tx *Tx) Elsewhere(ctx context.Context) (map[string]ElsewhereRow, error) {
	rows, err := selectRows[ElsewhereRow](ctx, tx, `SELECT `+names[ElsewhereRow]("o.")+` FROM elsewhere_obs o
		JOIN (SELECT id, max(snapshot) AS snapshot FROM elsewhere_obs GROUP BY id) l ON l.id = o.id AND l.snapshot = o.snapshot`)
	return byKey(rows, func(r ElsewhereRow) string { return r.ID }), wrap("read the contributions to projects and events", err)
}

// Charges is every charge, by id. A payer that was fixed later stands in
// Account as if it had been there at first.
func (tx *Tx) Charges(ctx context.Context) (map[string]ChargeRow, error) {
	rows, err := selectRows[ChargeRow](ctx, tx, `SELECT `+chargeColumns+` FROM charge c LEFT JOIN charge_payer p ON p.charge = c.id`)
	return byKey(rows, func(r ChargeRow) string { return r.ID }), wrap("read the charges", err)
}

// Charge is one charge; ok is false when there is none with that id.
func (tx *Tx) Charge(ctx context.Context, id string) (c ChargeRow, ok bool, err error) {
	c, ok, err = selectOne[ChargeRow](ctx, tx,
		`SELECT `+chargeColumns+` FROM charge c LEFT JOIN charge_payer p ON p.charge = c.id WHERE c.id = $1`, id)
	return c, ok, wrap("read a charge", err)
}

// ChargesWithoutCoverage are those whose contribution no snapshot has shown
// yet, the oldest first.
func (tx *Tx) ChargesWithoutCoverage(ctx context.Context) ([]ChargeRow, error) {
	rows, err := selectRows[ChargeRow](ctx, tx, `SELECT `+chargeColumns+` FROM charge c LEFT JOIN charge_payer p ON p.charge = c.id
		WHERE NOT EXISTS (SELECT 1 FROM coverage v WHERE v.charge = c.id) ORDER BY c.created, c.id`)
	return rows, wrap("read the charges without a coverage", err)
}

// chargeColumns are the columns of ChargeRow with the payer that holds.
const chargeColumns = `c.id, c.contribution, COALESCE(p.account, c.account), c.kind, c.amount_minor, c.currency, c.created, c.snapshot, c.known`

// Coverages is what every charge pays for, by charge.
func (tx *Tx) Coverages(ctx context.Context) (map[string]CoverageRow, error) {
	rows, err := selectRows[CoverageRow](ctx, tx, `SELECT `+names[CoverageRow]("")+` FROM coverage`)
	return byKey(rows, func(r CoverageRow) string { return r.Charge }), wrap("read the coverages", err)
}

// ChargeFlags is the current version of the marks on charges, by charge.
func (tx *Tx) ChargeFlags(ctx context.Context) (map[string]ChargeFlags, error) {
	rows, err := selectRows[ChargeFlags](ctx, tx, `SELECT `+names[ChargeFlags]("o.")+` FROM charge_obs o
		JOIN (SELECT charge, max(snapshot) AS snapshot FROM charge_obs GROUP BY charge) l ON l.charge = o.charge AND l.snapshot = o.snapshot`)
	return byKey(rows, func(r ChargeFlags) string { return r.Charge }), wrap("read the marks on charges", err)
}

// Refunds is every refund, by id.
func (tx *Tx) Refunds(ctx context.Context) (map[string]RefundRow, error) {
	rows, err := selectRows[RefundRow](ctx, tx, `SELECT `+names[RefundRow]("")+` FROM refund`)
	return byKey(rows, func(r RefundRow) string { return r.ID }), wrap("read the refunds", err)
}

func byKey[K comparable, R any](rows []R, key func(R) K) map[K]R {
	m := make(map[K]R, len(rows))
	for _, r := range rows {
		m[key(r)] = r
	}
	return m
}

// wrap names the operation in an error.
func wrap(operation string, err error) error {
	if err == nil {
		return nil
	}
	return fmt.Errorf("%s: %w", operation, err)
}
