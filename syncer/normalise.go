package syncer

import (
	"cmp"
	"slices"

	"coopcloud.tech/goodstanding/eligibility"
	"coopcloud.tech/goodstanding/internal/instant"
	"coopcloud.tech/goodstanding/member"
	"coopcloud.tech/goodstanding/store"
	"coopcloud.tech/goodstanding/syncer/opencollective"
)

// reading is one complete snapshot in the store's words: canonical ids, one
// row for each entity, nothing that depends on what earlier versions said.
type reading struct {
	start         instant.Instant
	collective    store.AccountDetail
	accounts      []shownAccount
	contributions []shownContribution
	// elsewhere are the recurring contributions to projects and events, without
	// Effective; places are the names of those, and of who pays there.
	elsewhere []store.ElsewhereRow
	places    []store.AccountDetail
	charges   []shownCharge
	refunds   []store.RefundRow
	// odd are words that this version does not know.
	odd []Drift
}

// shownAccount is a payer as shown: its row and its names.
type shownAccount struct {
	row        store.AccountRow
	slug, name string
	// emails is nil when the reader has no right to see addresses.
	emails []string
}

// shownContribution is a contribution as shown. Its row has neither Interval
// nor Effective yet; Account is "" when upstream hides the payer.
type shownContribution struct {
	row store.ContributionRow
	// changed is upstream's updatedAt, else createdAt; updated is 0 without one.
	changed, updated instant.Instant
	// every is the interval that the frequency names; known is false for null
	// and for a word that this version does not know.
	every eligibility.Interval
	known bool
}

// shownCharge is a charge with its marks. slug is the payer's, "" when hidden.
type shownCharge struct {
	row   store.ChargeRow
	flags store.ChargeFlags
	slug  string
}

// normalise reads a snapshot in the light of what is stored, which decides
// ids and nothing else.
func normalise(snap *opencollective.Snapshot, st *stored) (*reading, error) {
	rd := &reading{start: snap.Start}
	accounts := accountRegister(st)
	if err := rd.readAccounts(snap, accounts); err != nil {
		return nil, err
	}
	contributions := contributionRegister(st, snap.Charges)
	if err := rd.readContributions(snap, st, accounts, contributions); err != nil {
		return nil, err
	}
	rd.readElsewhere(snap, accounts)
	rd.readCharges(snap, accounts, contributions)
	for _, f := range snap.Refunds {
		rd.refunds = append(rd.refunds, store.RefundRow{
			ID: f.ID, Charge: f.Charge, At: f.Created, Kind: f.Kind, Minor: f.Amount.Minor,
		})
	}
	slices.SortFunc(rd.refunds, func(a, b store.RefundRow) int {
		return cmp.Or(cmp.Compare(a.At, b.At), cmp.Compare(a.ID, b.ID))
	})
	return rd, nil
}

// readAccounts takes each shown payer once.
func (rd *reading) readAccounts(snap *opencollective.Snapshot, reg *register) error {
	var payers []opencollective.Account
	var names []ident
	seen := map[member.AccountID]bool{}
	for _, o := range snap.Orders {
		if p := o.Payer; p.ID != "" && !seen[p.ID] {
			seen[p.ID] = true
			payers = append(payers, p)
			names = append(names, ident{string(p.ID), p.PublicID, p.LegacyID})
		}
	}
	ids, err := reg.match("orders", names)
	if err != nil {
		return err
	}
	for i, p := range payers {
		rd.accounts = append(rd.accounts, shownAccount{
			row: store.AccountRow{
				ID: member.AccountID(ids[i]), PublicID: p.PublicID, LegacyID: p.LegacyID, Type: p.Type,
				Incognito: p.Incognito, Guest: p.Guest, Archived: p.Archived, Suspended: p.Suspended,
			},
			slug: p.Slug, name: p.Name, emails: p.Emails,
		})
	}
	slices.SortFunc(rd.accounts, func(a, b shownAccount) int { return cmp.Compare(a.row.ID, b.row.ID) })
	return nil
}

func (rd *reading) readContributions(snap *opencollective.Snapshot, st *stored, accounts, reg *register) error {
	names := make([]ident, len(snap.Orders))
	for i, o := range snap.Orders {
		names[i] = ident{o.ID, o.PublicID, o.LegacyID}
	}
	ids, err := reg.match("orders", names)
	if err != nil {
		return err
	}
	// The client lets only orders of the collective itself through, in whatever
	// form it names the collective.
	to := cmp.Or(st.pinned, snap.Collective.ID)
	rd.collective = store.AccountDetail{Account: to, Slug: snap.Collective.Slug, Name: snap.Collective.Name, Seen: rd.start}
	for i, o := range snap.Orders {
		c := shownContribution{row: contributionRow(o), changed: cmp.Or(o.Updated, o.Created), updated: o.Updated}
		c.row.ID, c.row.ToAccount = ids[i], to
		c.row.Account = accounts.account(o.Payer.ID)
		c.row.PausedByPayer = snap.PausedByPayer[o.ID]
		c.every, c.known = eligibility.ParseInterval(o.Frequency)
		rd.contributions = append(rd.contributions, c)
		if !knownStatus[o.Status] {
			rd.odd = noteDrift(rd.odd, "status", o.Status, ids[i])
		}
		if !c.known {
			rd.odd = noteDrift(rd.odd, "frequency", o.Frequency, ids[i])
		}
	}
	slices.SortFunc(rd.contributions, func(a, b shownContribution) int {
		return cmp.Or(cmp.Compare(a.row.Created, b.row.Created), cmp.Compare(a.row.ID, b.row.ID))
	})
	return nil
}

func contributionRow(o opencollective.Order) store.ContributionRow {
	return store.ContributionRow{
		PublicID: o.PublicID, LegacyID: o.LegacyID, Status: o.Status, Frequency: o.Frequency,
		Amount: o.Amount, Total: o.Total.Minor, Tax: o.Tax.Minor, Tip: o.Tip.Minor,
		Created: o.Created, Processed: o.Processed, LastCharged: o.LastCharged, NextCharge: o.NextCharge,
		Tier: o.Tier.ID, Quantity: o.Quantity, Service: o.Service, PaymentType: o.Method,
	}
}

// readCharges takes the money as it came.
func (rd *reading) readCharges(snap *opencollective.Snapshot, accounts, contributions *register) {
	for _, c := range snap.Charges {
		kind, ok := chargeKinds[c.Kind]
		if !ok {
			rd.odd = noteDrift(rd.odd, "kind", c.Kind, c.ID)
			continue
		}
		rd.charges = append(rd.charges, shownCharge{
			row: store.ChargeRow{
				ID: c.ID, Contribution: contributions.resolve(c.Order, c.OrderLegacyID),
				Account: accounts.account(c.Account), Kind: kind, Amount: c.Amount, Created: c.Created,
			},
			flags: store.ChargeFlags{Charge: c.ID, Disputed: c.Disputed, InReview: c.InReview, Refunded: c.Refunded},
			slug:  c.AccountSlug,
		})
	}
	slices.SortFunc(rd.charges, func(a, b shownCharge) int { return oldestFirst(a.row, b.row) })
}

// oldestFirst orders charges.
func oldestFirst(a, b store.ChargeRow) int {
	return cmp.Or(cmp.Compare(a.Created, b.Created), cmp.Compare(a.ID, b.ID))
}
