package store

import (
	"context"
	"database/sql"
	"fmt"

	"coopcloud.tech/goodstanding/eligibility"
	"coopcloud.tech/goodstanding/internal/instant"
	"coopcloud.tech/goodstanding/member"
)

// The part of the assembly that pulls observed. The conditions on accounts and
// charges are sub-queries, so that no list of ids travels back and forth; what
// they let through too much is sifted by the maps.

// accountsOf are the accounts that were ever linked to the members.
const accountsOf = `SELECT account FROM link WHERE member %[1]s`

// chargesOf are the charges of those accounts, and those that payments name.
const chargesOf = `SELECT id FROM charge WHERE account IN (` + accountsOf + `)
	UNION SELECT charge FROM charge_payer WHERE account IN (` + accountsOf + `)
	UNION SELECT charge FROM payment WHERE charge <> '' AND member %[1]s`

// contributionsOf are the contributions of which any version or charge has
// such an account.
const contributionsOf = `SELECT id FROM contribution_obs WHERE account IN (` + accountsOf + `)
	UNION SELECT contribution FROM charge WHERE account IN (` + accountsOf + `)
	UNION SELECT c.contribution FROM charge c JOIN charge_payer p ON p.charge = c.id WHERE p.account IN (` + accountsOf + `)`

// charges come before contributions, refunds after both.
func (a *assembly) charges(ctx context.Context) error {
	type row struct {
		ChargeRow
		PayerKnown instant.Instant `db:"payer_known"`
		coverageColumns
	}
	rows, err := among[row](ctx, a, `SELECT `+chargeColumns+`, COALESCE(p.known, 0),
		v.every, COALESCE(v.due, 0), COALESCE(v.order_minor, 0), COALESCE(v.tax_minor, 0), COALESCE(v.known, 0)
		FROM charge c LEFT JOIN charge_payer p ON p.charge = c.id LEFT JOIN coverage v ON v.charge = c.id`, "c.id", chargesOf)
	if err != nil {
		return err
	}
	for _, r := range rows {
		// Before its payer was known the charge counted for nobody.
		fact := r.coverageColumns.fix(eligibility.Charge{
			ID: r.ID, Contribution: r.Contribution, Account: r.Account, Kind: r.Kind, Amount: r.Amount,
			From: r.Created, Known: max(r.Known, r.PayerKnown),
		})
		for _, id := range a.has(r.ChargeRow) {
			a.facts[id].Charges = append(a.facts[id].Charges, fact)
		}
	}
	return nil
}

// coverageColumns are what a charge pays for, all absent while that is not fixed.
type coverageColumns struct {
	Every      sql.NullString  `db:"every"`
	Due        instant.Instant `db:"due"`
	OrderMinor int64           `db:"order_minor"`
	TaxMinor   int64           `db:"tax_minor"`
	FixedKnown instant.Instant `db:"fixed_known"`
}

func (c coverageColumns) fix(fact eligibility.Charge) eligibility.Charge {
	for interval, word := range intervalWords {
		if c.Every.Valid && c.Every.String == word {
			fact.Interval = interval
		}
	}
	fact.Due, fact.OrderMinor, fact.TaxMinor, fact.FixedKnown = c.Due, c.OrderMinor, c.TaxMinor, c.FixedKnown
	return fact
}

// has notes and returns the members that have the charge.
func (a *assembly) has(c ChargeRow) []member.ID {
	var ids []member.ID
	for _, id := range a.by[c.Account] {
		ids = addOnce(ids, id)
	}
	for _, id := range a.named[c.ID] {
		ids = addOnce(ids, id)
	}
	if len(ids) > 0 {
		a.charged[c.ID] = ids
	}
	return ids
}

func (a *assembly) contributions(ctx context.Context) error {
	of := func(column string) string {
		if a.everybody() {
			return ""
		}
		return ` WHERE ` + column + ` IN (` + fmt.Sprintf(accountsOf, a.filter) + `)`
	}
	payers, err := selectRows[struct {
		Contribution string           `db:"contribution"`
		Account      member.AccountID `db:"account"`
	}](ctx, a.tx, `SELECT id, account FROM contribution_obs`+of("account")+`
		UNION SELECT contribution, account FROM charge`+of("account")+`
		UNION SELECT c.contribution, p.account FROM charge c JOIN charge_payer p ON p.charge = c.id`+of("p.account"), a.args...)
	if err != nil {
		return err
	}
	members := make(map[string][]member.ID)
	for _, p := range payers {
		for _, id := range a.by[p.Account] {
			members[p.Contribution] = addOnce(members[p.Contribution], id)
		}
	}
	rows, err := among[ContributionRow](ctx, a, `SELECT `+names[ContributionRow]("")+` FROM contribution_obs`, "id", contributionsOf)
	if err != nil {
		return err
	}
	for _, r := range rows {
		for _, id := range members[r.ID] {
			a.facts[id].Contributions = append(a.facts[id].Contributions, r.fact())
		}
	}
	return nil
}

func (r ContributionRow) fact() eligibility.Contribution {
	return eligibility.Contribution{
		ID: r.ID, Account: r.Account, Status: eligibility.ParseStatus(r.Status), Interval: r.Interval, ProcessedAt: r.Processed,
		NextCharge: r.NextCharge, PausedByPayer: r.PausedByPayer, Effective: r.Effective, Known: r.Known,
	}
}

func (a *assembly) refunds(ctx context.Context) error {
	rows, err := among[RefundRow](ctx, a, `SELECT `+names[RefundRow]("")+` FROM refund`, "charge", chargesOf)
	if err != nil {
		return err
	}
	for _, r := range rows {
		for _, id := range a.charged[r.Charge] {
			f := a.facts[id]
			f.Refunds = append(f.Refunds, eligibility.Refund{ID: r.ID, Charge: r.Charge, At: r.At, Known: r.Known})
		}
	}
	return nil
}
