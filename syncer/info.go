package syncer

import (
	"context"

	"coopcloud.tech/goodstanding/internal/arrange"
	"coopcloud.tech/goodstanding/member"
	"coopcloud.tech/goodstanding/roll"
	"coopcloud.tech/goodstanding/store"
	"coopcloud.tech/goodstanding/syncer/opencollective"
)

// info is what the roll has to know about the snapshot; what became of the collective and
// of tiers it reads from the store, since that tells weeks later
// (domain.md, section 3, "Brake").
func (r *reconciled) info(snap *opencollective.Snapshot) roll.SnapshotInfo {
	i := roll.SnapshotInfo{Number: r.number, Start: snap.Start, Previous: r.st.last.Start, Currency: snap.Collective.Currency.String()}
	for _, d := range r.rd.odd {
		i.Unknown = append(i.Unknown, d.What+":"+clean(d.Word))
	}
	return i
}

// counts is what the snapshot holds and changes, in numbers.
func (r *reconciled) counts(snap *opencollective.Snapshot) Counts {
	c := Counts{
		Orders: len(snap.Orders) + snap.KnownOrders, Charges: len(snap.Charges) + snap.KnownCharges, Refunds: len(snap.Refunds), Accounts: r.rd.payers.len(),
		NewCharges: len(r.charges), NewRefunds: len(r.refunds), ChangedFlags: len(r.flags),
		Covered: len(r.coverages), Payers: len(r.payers), Missing: len(r.gone()), Back: len(r.back()),
		DroppedOrders: len(snap.Elsewhere), DroppedCharges: snap.DroppedCharges,
	}
	for _, row := range r.contributions {
		if r.st.contributions.has(row.ID) {
			c.ChangedOrders++
		} else {
			c.NewOrders++
		}
	}
	for _, row := range r.accounts {
		if r.st.accounts.has(row.ID) {
			c.ChangedAccounts++
		} else {
			c.NewAccounts++
		}
	}
	for _, d := range r.details {
		if r.st.details.has(d.Account) {
			c.Renamed++
		}
	}
	for _, d := range r.rd.odd {
		c.UnknownWords += len(d.IDs)
	}
	return c
}

// newPayers are the accounts first seen here that nobody is linked to and that are no
// supporters. Those who never got a payment under way are left out: cards are tested on
// collectives by the dozen (open-collective.md, section 11, case 12). What is new is among
// the changes: of all payers nothing is read.
func (r *reconciled) newPayers(ctx context.Context, tx *store.Tx) ([]Payer, error) {
	fresh := r.freshPayers()
	if len(fresh) == 0 {
		return nil, nil
	}
	links, err := tx.Links(ctx)
	if err != nil {
		return nil, err
	}
	for _, l := range links {
		if r.rd.start.In(l.From, l.Until) {
			delete(fresh, l.Account)
		}
	}
	supporters, err := tx.Supporters(ctx)
	if err != nil {
		return nil, err
	}
	names := make(map[member.AccountID]store.AccountDetail, len(fresh))
	for _, d := range r.details {
		names[d.Account] = d
	}
	out := make([]Payer, 0, len(fresh))
	for id := range fresh {
		d, now := names[id]
		if !now {
			d = r.st.details.at(id)
		}
		if _, supports := supporters[id]; !supports {
			out = append(out, Payer{Account: id, Slug: clean(d.Slug), Name: clean(d.Name)})
		}
	}
	arrange.By(out, func(a, b Payer) int { return compare(a.Account, b.Account) })
	return out, nil
}

// freshPayers are the accounts that no earlier snapshot has shown and that paid, or are
// about to.
func (r *reconciled) freshPayers() map[member.AccountID]bool {
	fresh := map[member.AccountID]bool{}
	note := func(id member.AccountID) {
		if id != "" && !fresh[id] && !r.knownPayer(id) {
			fresh[id] = true
		}
	}
	for _, c := range r.contributions {
		if serious(c) {
			note(c.Account)
		}
	}
	for _, c := range r.charges {
		note(c.Account)
	}
	for _, p := range r.payers {
		note(p.Account)
	}
	return fresh
}

// knownPayer says whether an earlier snapshot has shown the account.
func (r *reconciled) knownPayer(id member.AccountID) bool {
	if r.st.accounts.has(id) {
		return true
	}
	if r.paid == nil { // those that only money has named: few, and seldom asked for
		r.paid = map[member.AccountID]bool{}
		for _, c := range r.st.charges.all() {
			if !r.st.accounts.has(c.Account) {
				r.paid[c.Account] = true
			}
		}
	}
	return r.paid[id]
}

// serious says that a contribution was paid once, or is about to be.
func serious(c store.ContributionRow) bool {
	return c.Processed != 0 || c.Status == pending || c.Status == processing || c.Status == inReview || c.Status == active
}
