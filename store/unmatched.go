package store

import (
	"cmp"
	"context"
	"fmt"
	"maps"
	"slices"

	"coopcloud.tech/goodstanding/internal/arrange"
	"coopcloud.tech/goodstanding/internal/instant"
	"coopcloud.tech/goodstanding/member"
)

// Supporters are the accounts that are marked as supporters now.
func (tx *Tx) Supporters(ctx context.Context) (map[member.AccountID]SupporterRow, error) {
	rows, err := selectRows[SupporterRow](ctx, tx, `SELECT `+names[SupporterRow]("")+` FROM supporter ORDER BY known, id`)
	if err != nil {
		return nil, fmt.Errorf("read the supporters: %w", err)
	}
	marked := byKey(rows, func(r SupporterRow) member.AccountID { return r.Account })
	maps.DeleteFunc(marked, func(_ member.AccountID, r SupporterRow) bool { return !r.On })
	return marked, nil
}

// Unmatched are the payers of a contribution or charge that are linked to
// nobody at the instant and are no supporters, by account. A payer that
// upstream did not show is none.
func (tx *Tx) Unmatched(ctx context.Context, at instant.Instant) ([]UnmatchedPayer, error) {
	payers, err := tx.payers(ctx)
	if err != nil {
		return nil, err
	}
	links, err := tx.Links(ctx)
	if err != nil {
		return nil, err
	}
	for _, l := range links {
		if at.In(l.From, l.Until) {
			delete(payers, l.Account)
		}
	}
	supporters, err := tx.Supporters(ctx)
	if err != nil {
		return nil, err
	}
	for account := range supporters {
		delete(payers, account)
	}
	out := make([]UnmatchedPayer, 0, len(payers))
	for _, account := range slices.Sorted(maps.Keys(payers)) {
		p := payers[account]
		arrange.By(p.Contributions, func(a, b ContributionRow) int { return cmp.Compare(a.ID, b.ID) })
		arrange.By(p.Charges, func(a, b ChargeRow) int {
			return cmp.Or(cmp.Compare(a.Created, b.Created), cmp.Compare(a.ID, b.ID))
		})
		out = append(out, *p)
	}
	return out, nil
}

// payers are all accounts that pay or paid, with what they paid.
func (tx *Tx) payers(ctx context.Context) (map[member.AccountID]*UnmatchedPayer, error) {
	contributions, err := tx.Contributions(ctx)
	if err != nil {
		return nil, err
	}
	charges, err := tx.Charges(ctx)
	if err != nil {
		return nil, err
	}
	accounts, err := tx.Accounts(ctx)
	if err != nil {
		return nil, err
	}
	details, err := tx.AccountDetails(ctx)
	if err != nil {
		return nil, err
	}
	payers := make(map[member.AccountID]*UnmatchedPayer)
	payer := func(id member.AccountID) *UnmatchedPayer {
		if payers[id] == nil {
			account, ok := accounts[id]
			if !ok {
				account.ID = id
			}
			d := details[id]
			payers[id] = &UnmatchedPayer{Account: account, Slug: d.Slug, Name: d.Name, Emails: d.Emails}
		}
		return payers[id]
	}
	for _, c := range contributions {
		p := payer(c.Account)
		p.Contributions = append(p.Contributions, c)
	}
	for _, c := range charges {
		p := payer(c.Account)
		p.Charges = append(p.Charges, c)
	}
	delete(payers, "")
	return payers, nil
}
