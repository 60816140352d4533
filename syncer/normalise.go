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
// row for each entity, nothing that depends on what earlier versions said. What is shown
// as it is stored is counted, and has no row here.
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
	// payers and listed are all accounts and contributions that are shown; so many of
	// these contributions, and of the charges shown, are stored.
	payers                ids[member.AccountID]
	listed                ids[string]
	before, chargesBefore int
	// own says that each entity has its own id; see canonical.
	own bool
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
// ids, and what needs no row. What a snapshot has left out is known; nil where it has not.
// The error is errAmbiguous where it needs to be whole.
func normalise(snap *opencollective.Snapshot, st *stored, k *known) (*reading, error) {
	rd := &reading{start: snap.Start, before: snap.KnownOrders, chargesBefore: snap.KnownCharges}
	if k != nil {
		rd.listed.known, rd.payers.known = k.orders, k.payers
	}
	rd.contributions = slices.Grow(rd.contributions, max(0, len(snap.Orders)-st.contributions.len()))
	rd.charges = slices.Grow(rd.charges, max(0, len(snap.Charges)-st.charges.len()))
	accounts, err := rd.readAccounts(snap, st)
	if err != nil {
		return nil, err
	}
	contributions, err := rd.readContributions(snap, st, accounts)
	if err != nil {
		return nil, err
	}
	rd.own = accounts.ids == nil && contributions.ids == nil
	if err := rd.readElsewhere(snap, accounts); err != nil {
		return nil, err
	}
	if err := rd.readCharges(snap, st, accounts, contributions); err != nil {
		return nil, err
	}
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
func (rd *reading) readAccounts(snap *opencollective.Snapshot, st *stored) (*canonical, error) {
	payers := make([]*opencollective.Account, 0, len(snap.Orders))
	rd.payers.here = make(map[member.AccountID]bool, len(snap.Orders))
	for i := range snap.Orders {
		switch p := &snap.Orders[i].Payer; {
		case p.ID == "" || rd.payers.here[p.ID]:
		case rd.payers.known.has(p.ID):
			if !st.shows(p) {
				return nil, errAmbiguous
			}
		default:
			rd.payers.here[p.ID] = true
			payers = append(payers, p)
		}
	}
	names, err := nameAccounts(st, payers, rd.payers)
	if err != nil {
		return nil, err
	}
	if names.ids != nil {
		rd.payers.here = make(map[member.AccountID]bool, len(payers))
	}
	for i, p := range payers {
		id := member.AccountID(names.of(i, string(p.ID)))
		rd.payers.add(id)
		a := accountShown(id, p)
		if st.details.at(id).Erased() {
			a.slug, a.name, a.emails = "", "", nil // as if Open Collective had not told
		}
		if !st.holdsAccount(&a) {
			rd.accounts = append(rd.accounts, a)
		}
	}
	slices.SortFunc(rd.accounts, func(a, b shownAccount) int { return cmp.Compare(a.row.ID, b.row.ID) })
	return names, nil
}

// accountShown is an account as shown, under its canonical id.
func accountShown(id member.AccountID, p *opencollective.Account) shownAccount {
	return shownAccount{
		row: store.AccountRow{
			ID: id, PublicID: p.PublicID, LegacyID: p.LegacyID, Type: p.Type,
			Incognito: p.Incognito, Guest: p.Guest, Archived: p.Archived, Suspended: p.Suspended,
		},
		slug: p.Slug, name: p.Name, emails: p.Emails,
	}
}

// holdsAccount says whether an account and its names are stored as they are shown.
func (st *stored) holdsAccount(a *shownAccount) bool {
	before, known := st.accounts.get(a.row.ID)
	if !known || versionOf(before) != a.row {
		return false
	}
	names, known := st.details.get(a.row.ID)
	return known && sameNames(names, a.detail(names))
}

func (rd *reading) readContributions(snap *opencollective.Snapshot, st *stored, accounts *canonical) (*canonical, error) {
	rd.listed.here = make(map[string]bool, len(snap.Orders))
	for i := range snap.Orders {
		rd.listed.add(snap.Orders[i].ID)
	}
	names, err := nameContributions(st, snap, rd.listed)
	if err != nil {
		return nil, err
	}
	if names.ids != nil {
		rd.listed.here = make(map[string]bool, len(names.ids))
		for _, id := range names.ids {
			rd.listed.add(id)
		}
	}
	// The client lets only orders of the collective itself through, in whatever
	// form it names the collective.
	to := cmp.Or(st.pinned, snap.Collective.ID)
	rd.collective = store.AccountDetail{Account: to, Slug: snap.Collective.Slug, Name: snap.Collective.Name, Seen: rd.start}
	for i := range snap.Orders {
		o := &snap.Orders[i]
		c := shownContribution{row: contributionRow(o), changed: cmp.Or(o.Updated, o.Created), updated: o.Updated}
		c.row.ID, c.row.ToAccount = names.of(i, o.ID), to
		c.row.PausedByPayer = snap.PausedByPayer[o.ID]
		if c.row.Account, err = accounts.payer(o.Payer.ID); err != nil {
			return nil, err
		}
		c.every, c.known = eligibility.ParseInterval(o.Frequency)
		if !knownStatus[o.Status] {
			rd.odd = noteDrift(rd.odd, "status", o.Status, c.row.ID)
		}
		if !c.known {
			rd.odd = noteDrift(rd.odd, "frequency", o.Frequency, c.row.ID)
		}
		rd.takeContribution(st, &c)
	}
	slices.SortFunc(rd.contributions, func(a, b shownContribution) int {
		return cmp.Or(cmp.Compare(a.row.Created, b.row.Created), cmp.Compare(a.row.ID, b.row.ID))
	})
	return names, nil
}

// takeContribution takes one that is not stored as it is shown.
func (rd *reading) takeContribution(st *stored, c *shownContribution) {
	before, known := st.contributions.get(c.row.ID)
	if known {
		rd.before++
	}
	if !known || contentOf(before) != c.completed(before) {
		rd.contributions = append(rd.contributions, *c)
	}
}

func contributionRow(o *opencollective.Order) store.ContributionRow {
	return store.ContributionRow{
		PublicID: o.PublicID, LegacyID: o.LegacyID, Status: o.Status, Frequency: o.Frequency,
		Amount: o.Amount, Total: o.Total.Minor, Tax: o.Tax.Minor, Tip: o.Tip.Minor,
		Created: o.Created, Processed: o.Processed, LastCharged: o.LastCharged, NextCharge: o.NextCharge,
		Tier: o.Tier, Quantity: o.Quantity, Service: o.Service, PaymentType: o.Method,
	}
}

// readCharges takes the money as it came.
func (rd *reading) readCharges(snap *opencollective.Snapshot, st *stored, accounts, contributions *canonical) error {
	for i := range snap.Charges {
		c := &snap.Charges[i]
		kind, ok := chargeKinds[c.Kind]
		if !ok {
			rd.odd = noteDrift(rd.odd, "kind", c.Kind, c.ID)
			continue
		}
		payer, err := accounts.account(c.Account)
		if err != nil {
			return err
		}
		flags := store.ChargeFlags{Charge: c.ID, Disputed: c.Disputed, InReview: c.InReview, Refunded: c.Refunded}
		before, known := st.charges.get(c.ID)
		if known {
			rd.chargesBefore++
		}
		// Its payer's names are those of a payer who is shown, or are to be looked for.
		if known && before.Account != "" && before.Amount == c.Amount && before.Created == c.Created &&
			sameMarks(st.flags[c.ID], flags) && (c.AccountSlug == "" || rd.payers.has(payer)) {
			continue
		}
		of, err := contributions.resolve(c.Order, c.OrderLegacyID)
		if err != nil {
			return err
		}
		rd.charges = append(rd.charges, shownCharge{
			row:   store.ChargeRow{ID: c.ID, Contribution: of, Account: payer, Kind: kind, Amount: c.Amount, Created: c.Created},
			flags: flags, slug: c.AccountSlug,
		})
	}
	slices.SortFunc(rd.charges, func(a, b shownCharge) int { return oldestFirst(a.row, b.row) })
	return nil
}

// oldestFirst orders charges.
func oldestFirst(a, b store.ChargeRow) int {
	return cmp.Or(cmp.Compare(a.Created, b.Created), cmp.Compare(a.ID, b.ID))
}
