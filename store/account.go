package store

import (
	"context"
	"fmt"
	"slices"

	"coopcloud.tech/goodstanding/member"
)

// SetAccountDetails stores the names of accounts as now seen. An earlier slug
// or name is kept (FormerAccounts). Details seen before what is stored are left
// alone, and so is an account that was erased (EraseAccount). It returns how many
// accounts changed their slug, name or addresses.
func (tx *Tx) SetAccountDetails(ctx context.Context, ds []AccountDetail) (changed int, err error) {
	if len(ds) == 0 {
		return 0, nil
	}
	have, err := tx.AccountDetails(ctx)
	if err != nil {
		return 0, err
	}
	var former []FormerAccount
	var fresh []AccountDetail
	for _, d := range ds {
		old, known := have[d.Account]
		if old.Erased() {
			continue
		}
		same := known && old.Slug == d.Slug && old.Name == d.Name && slices.Equal(old.Emails, d.Emails)
		if same || (known && d.Seen < old.Seen) {
			continue
		}
		if known && (old.Slug != d.Slug || old.Name != d.Name) {
			former = append(former, FormerAccount{Account: old.Account, Slug: old.Slug, Name: old.Name, LastSeen: old.Seen})
		}
		fresh = append(fresh, d)
		have[d.Account] = d
	}
	if _, err := insert(ctx, tx, "account_former", keepOld, former); err != nil {
		return 0, err
	}
	return insert(ctx, tx, "account_detail", upsert("account", "slug", "name", "emails", "seen"), fresh)
}

// AccountDetails are the names of all accounts.
func (tx *Tx) AccountDetails(ctx context.Context) (map[member.AccountID]AccountDetail, error) {
	rows, err := selectRows[AccountDetail](ctx, tx, `SELECT `+names[AccountDetail]("")+` FROM account_detail`)
	return byKey(rows, func(d AccountDetail) member.AccountID { return d.Account }), wrap("read the accounts' names", err)
}

// linkedDetails are the names of the accounts that were ever linked to members that the
// filter lets through.
func (tx *Tx) linkedDetails(ctx context.Context, filter string, args []any) (map[member.AccountID]AccountDetail, error) {
	if len(args) == 0 {
		return tx.AccountDetails(ctx)
	}
	rows, err := selectRows[AccountDetail](ctx, tx, `SELECT `+names[AccountDetail]("")+` FROM account_detail
		WHERE account IN (SELECT account FROM link WHERE member `+filter+`)`, args...)
	return byKey(rows, func(d AccountDetail) member.AccountID { return d.Account }), wrap("read the accounts' names", err)
}

// CountAccountDetails is how many rows of accounts' names there are, and which of them
// stand for an account that was erased, in the order of their ids.
func (tx *Tx) CountAccountDetails(ctx context.Context) (rows int, erased []member.AccountID, err error) {
	type row struct {
		All int `db:"counted"`
	}
	n, _, err := selectOne[row](ctx, tx, `SELECT count(*) AS counted FROM account_detail`)
	if err != nil {
		return 0, nil, wrap("count the accounts' names", err)
	}
	gone, err := selectRows[AccountDetail](ctx, tx, `SELECT `+names[AccountDetail]("")+` FROM account_detail WHERE `+erasedAccount)
	for _, d := range gone {
		erased = append(erased, d.Account)
	}
	slices.Sort(erased)
	return n.All, erased, wrap("read which accounts were erased", err)
}

// FormerAccounts are the slugs and names that accounts had before, by account,
// the oldest first. LastSeen is when the names that followed had not been seen yet.
func (tx *Tx) FormerAccounts(ctx context.Context) ([]FormerAccount, error) {
	rows, err := selectRows[FormerAccount](ctx, tx,
		`SELECT `+names[FormerAccount]("")+` FROM account_former ORDER BY account, last_seen`)
	return rows, wrap("read the accounts' former names", err)
}

// erase runs a statement that deletes details.
func (tx *Tx) erase(ctx context.Context, statement string, args ...any) error {
	if tx.readOnly {
		return fmt.Errorf("erase: %w", ErrWrongStream)
	}
	_, err := tx.q.ExecContext(ctx, statement, args...)
	return wrap("erase", err)
}
