package syncer

import (
	"cmp"
	"slices"

	"coopcloud.tech/goodstanding/eligibility"
	"coopcloud.tech/goodstanding/member"
	"coopcloud.tech/goodstanding/store"
	"coopcloud.tech/goodstanding/syncer/opencollective"
)

// known is what was stored when a pull began, and what of it the snapshot shows as it is
// stored. Of that, which may be a hundred thousand rows, nothing is held while the rest is
// read but that it was there. It ends with the snapshot that it was made for, and is made up
// for (whole) where something else is stored by then: by another pull, or since names were
// erased.
type known struct {
	st      *stored
	orders  *marks[string]
	payers  *marks[member.AccountID]
	charges *marks[string]
	// bare are those of the payers whose addresses may be seen, and who have none: of what
	// is stored it cannot be told whether they may.
	bare *marks[member.AccountID]
}

// newKnown is nil where nothing is stored, or a name denotes two: then all is held.
func newKnown(st *stored) *known {
	if !st.any || !st.plainAccounts || !st.plainContributions {
		return nil
	}
	k := &known{st: st}
	k.Begin()
	return k
}

// Begin implements opencollective.Known.
func (k *known) Begin() {
	k.orders, k.payers, k.charges = newMarks(&k.st.contributions), newMarks(&k.st.accounts), newMarks(&k.st.charges)
	k.bare = newMarks(&k.st.accounts)
}

// Order implements opencollective.Known: the contribution, its payer and the payer's names
// are stored just as they are shown.
func (k *known) Order(o *opencollective.Order) bool {
	before := k.st.contributions.look(o.ID)
	if before == nil || k.orders.at(k.st.contributions.looked) || !knownStatus[o.Status] || before.ToAccount != k.st.pinned {
		return false
	}
	row := contributionRow(o)
	row.ID, row.Account, row.ToAccount = o.ID, o.Payer.ID, before.ToAccount
	row.Effective, row.Snapshot, row.Known = before.Effective, before.Snapshot, before.Known
	var word bool
	if row.Interval, word = eligibility.ParseInterval(o.Frequency); !word || *before != row {
		return false
	}
	if o.Payer.ID != "" && !k.payer(&o.Payer) {
		return false
	}
	k.orders.add(k.st.contributions.looked)
	return true
}

// payer says whether an account is stored just as it is shown, and notes that it is.
func (k *known) payer(p *opencollective.Account) bool {
	if !k.st.shows(p) {
		return false
	}
	k.payers.add(k.st.accounts.looked)
	if p.Emails != nil && len(p.Emails) == 0 {
		k.bare.add(k.st.accounts.looked)
	}
	return true
}

// shows says whether an account and its names are stored just as they are shown: also
// where addresses are stored that the reader may not see, they are not.
func (st *stored) shows(p *opencollective.Account) bool {
	before, names := st.accounts.look(p.ID), st.details.look(p.ID)
	if before == nil || names == nil {
		return false
	}
	a := accountShown(p.ID, p)
	a.row.Effective, a.row.Snapshot, a.row.Known = before.Effective, before.Snapshot, before.Known
	return *before == a.row && names.Slug == p.Slug && names.Name == p.Name && slices.Equal(names.Emails, p.Emails)
}

// Charge implements opencollective.Known: the charge and its marks are stored just as
// they are shown, and so is its payer's slug, where no order has shown the payer.
func (k *known) Charge(c *opencollective.Charge) bool {
	before := k.st.charges.look(c.ID)
	kind, word := chargeKinds[c.Kind]
	if before == nil || !word || k.charges.at(k.st.charges.looked) || before.Kind != kind || before.Amount != c.Amount || before.Created != c.Created ||
		c.Account == "" || before.Account != c.Account || before.Contribution != c.Order {
		return false
	}
	marks := store.ChargeFlags{Disputed: c.Disputed, InReview: c.InReview, Refunded: c.Refunded}
	if !sameMarks(k.st.flags[c.ID], marks) || !k.payers.has(c.Account) && k.st.details.at(c.Account).Slug != c.AccountSlug {
		return false
	}
	k.charges.add(k.st.charges.looked)
	return true
}

// whole puts back what a snapshot has left out, as it was shown but for what tells nothing
// of rows that are stored: the slug of whom an order is for, and what a charge says of an
// order and a payer that are known by their ids. When an order was last touched counts
// where another process has stored a retry or a pause meanwhile (outdated): it is when
// the version began that it was known as.
func (k *known) whole(snap *opencollective.Snapshot) {
	if k == nil {
		return
	}
	for id := range k.st.contributions.ids() {
		if k.orders.has(id) {
			snap.Orders = append(snap.Orders, k.order(id))
		}
	}
	for id := range k.st.charges.ids() {
		if k.charges.has(id) {
			snap.Charges = append(snap.Charges, k.charge(id))
		}
	}
	snap.KnownOrders, snap.KnownCharges = 0, 0
	slices.SortFunc(snap.Orders, func(a, b opencollective.Order) int {
		return cmp.Or(cmp.Compare(a.Created, b.Created), cmp.Compare(a.ID, b.ID))
	})
	slices.SortFunc(snap.Charges, func(a, b opencollective.Charge) int {
		return cmp.Or(cmp.Compare(a.Created, b.Created), cmp.Compare(a.ID, b.ID))
	})
}

// order is a contribution as it was shown.
func (k *known) order(id string) opencollective.Order {
	c := k.st.contributions.at(id)
	of := func(minor int64) opencollective.Amount {
		a := opencollective.Amount{Given: true}
		a.Minor, a.Currency = minor, c.Amount.Currency
		return a
	}
	o := opencollective.Order{
		ID: c.ID, PublicID: c.PublicID, LegacyID: c.LegacyID, Status: c.Status, Frequency: c.Frequency, Quantity: c.Quantity,
		Created: c.Created, Updated: c.Effective, Processed: c.Processed, LastCharged: c.LastCharged, NextCharge: c.NextCharge,
		Amount: c.Amount, Total: of(c.Total).Money, Tax: of(c.Tax), Tip: of(c.Tip),
		Tier: c.Tier, Service: c.Service, Method: c.PaymentType, ToAccount: c.ToAccount,
	}
	if c.Account != "" {
		a, d := k.st.accounts.at(c.Account), k.st.details.at(c.Account)
		o.Payer = opencollective.Account{
			ID: a.ID, PublicID: a.PublicID, LegacyID: a.LegacyID, Slug: d.Slug, Name: d.Name, Type: a.Type,
			Incognito: a.Incognito, Archived: a.Archived, Suspended: a.Suspended, Guest: a.Guest, Emails: d.Emails,
		}
		if k.bare.has(c.Account) {
			o.Payer.Emails = []string{}
		}
	}
	return o
}

// charge is a charge as it was shown.
func (k *known) charge(id string) opencollective.Charge {
	c, marks := k.st.charges.at(id), k.st.flags[id]
	shown := opencollective.Charge{
		ID: c.ID, Created: c.Created, Amount: c.Amount, Order: c.Contribution, Account: c.Account,
		Disputed: marks.Disputed, InReview: marks.InReview, Refunded: marks.Refunded,
	}
	if !k.payers.has(c.Account) {
		shown.AccountSlug = k.st.details.at(c.Account).Slug
	}
	for word, kind := range chargeKinds {
		if kind == c.Kind {
			shown.Kind = word
		}
	}
	return shown
}
