package syncer

import (
	"context"
	"slices"
	"strings"

	"coopcloud.tech/goodstanding/internal/money"
	"coopcloud.tech/goodstanding/member"
	"coopcloud.tech/goodstanding/store"
	"coopcloud.tech/goodstanding/syncer/opencollective"
)

// The settings that pin the collective beside store.SettingCollective, its id
// as first read: its public id, which stays when the form of ids changes, and
// its currency. All are set with the first snapshot.
const (
	settingPublicID = "collective_public_id"
	settingCurrency = "collective_currency"
)

// settingTold holds the marks of the charges that upstream tells otherwise than they are
// stored, and that were believed so (told); a charge that is stored never changes.
const settingTold = "charges_told_otherwise"

// stored is what earlier snapshots have left, as one transaction sees it.
type stored struct {
	last          store.Snapshot // the newest; zero before the first
	any           bool           // a snapshot is stored
	pinned        member.AccountID
	public        member.AccountID // pinned, too; "" when upstream showed none
	currency      money.Currency
	accounts      accountTable
	details       detailTable
	erased        []member.AccountID // those of details whose names were erased, in their order
	contributions contributionTable
	missing       map[string]store.MissingRow
	elsewhere     map[string]store.ElsewhereRow
	charges       chargeTable
	coverages     coverageTable
	flags         map[string]store.ChargeFlags
	refunds       map[string]store.RefundRow
	told          map[string]bool // see settingTold
	derived
}

// derived is what follows from the rest of what is stored, kept beside it since looking
// through all of it at every pull is most of what a pull costs that finds nothing new.
type derived struct {
	// open are the charges whose coverage is not fixed.
	open map[string]bool
	// unlisted are the contributions that charges name and no list has shown.
	unlisted map[string]bool
	// hidden are the charges whose payer no snapshot has shown.
	hidden map[string]bool
	// plainAccounts and plainContributions say that no name denotes two of them; see canonical.
	plainAccounts, plainContributions bool
}

// derive works out what follows from the rest.
func (st *stored) derive() *stored {
	st.derived = derived{open: map[string]bool{}, unlisted: map[string]bool{}, hidden: map[string]bool{}}
	for id, c := range st.charges.all() {
		if !st.coverages.has(id) {
			st.open[id] = true
		}
		if c.Account == "" {
			st.hidden[id] = true
		}
		st.noteUnlisted(c.Contribution)
	}
	st.plainAccounts, st.plainContributions = distinct(st.accountNames()), distinct(st.contributionNames())
	return st
}

// noteUnlisted notes that a charge names a contribution.
func (st *stored) noteUnlisted(contribution string) {
	if listed := st.contributions.has(contribution); contribution != "" && !listed {
		st.unlisted[contribution] = true
	}
}

// readStored reads all of it.
func readStored(ctx context.Context, tx *store.Tx) (*stored, error) {
	st, err := readPins(ctx, tx)
	if err != nil {
		return nil, err
	}
	names := map[string]string{}
	for _, read := range []func() error{
		func() error { return readTable(ctx, &st.accounts, names, tx.Accounts) },
		func() error { return readTable(ctx, &st.details, names, tx.AccountDetails) },
		func() (err error) { _, st.erased, err = tx.CountAccountDetails(ctx); return err },
		func() error { return readTable(ctx, &st.contributions, names, tx.Contributions) },
		func() (err error) { st.missing, err = tx.Missing(ctx); return err },
		func() (err error) { st.elsewhere, err = tx.Elsewhere(ctx); return err },
		func() error { return readTable(ctx, &st.charges, names, tx.Charges) },
		func() error { return readTable(ctx, &st.coverages, names, tx.Coverages) },
		func() (err error) { st.flags, err = tx.ChargeFlags(ctx); return err },
		func() (err error) { st.refunds, err = tx.Refunds(ctx); return err },
	} {
		if err := read(); err != nil {
			return nil, err
		}
	}
	return st.derive(), nil
}

// readTable reads all rows of one kind.
func readTable[K ~string, R any, P packing[R]](ctx context.Context, t *table[K, R, P], names map[string]string,
	read func(context.Context) (map[K]R, error),
) error {
	rows, err := read(ctx)
	if err != nil {
		return err
	}
	t.fill(rows, names)
	return nil
}

// readKept is readStored where the pull before this one has kept what it left there.
func readKept(ctx context.Context, tx *store.Tx, kept *stored) (*stored, error) {
	pins, err := readPins(ctx, tx)
	if err != nil {
		return nil, err
	}
	st := *kept
	st.last, st.any, st.pinned, st.public, st.currency = pins.last, pins.any, pins.pinned, pins.public, pins.currency
	st.told = pins.told
	_, err = st.readNames(ctx, tx)
	return &st, err
}

// readNames reads the names again where some were erased, and says whether it did.
func (st *stored) readNames(ctx context.Context, tx *store.Tx) (again bool, err error) {
	rows, erased, err := tx.CountAccountDetails(ctx)
	if err != nil || rows == st.details.len() && slices.Equal(erased, st.erased) {
		return false, err
	}
	st.details, st.erased = detailTable{}, erased
	return true, readTable(ctx, &st.details, map[string]string{}, tx.AccountDetails)
}

// readPins reads only what a pull has to know before it asks upstream.
func readPins(ctx context.Context, tx *store.Tx) (*stored, error) {
	st := &stored{}
	var err error
	if st.last, st.any, err = tx.LastSnapshot(ctx); err != nil {
		return nil, err
	}
	id, _, err := tx.Setting(ctx, store.SettingCollective)
	if err != nil {
		return nil, err
	}
	st.pinned = member.AccountID(id)
	public, _, err := tx.Setting(ctx, settingPublicID)
	if err != nil {
		return nil, err
	}
	st.public = member.AccountID(public)
	code, ok, err := tx.Setting(ctx, settingCurrency)
	if err != nil {
		return nil, err
	}
	st.currency = st.last.Currency
	if ok && len(code) == len(st.currency) {
		copy(st.currency[:], code)
	}
	marks, _, err := tx.Setting(ctx, settingTold)
	if err != nil {
		return nil, err
	}
	st.told = map[string]bool{}
	for mark := range strings.FieldsSeq(marks) {
		st.told[mark] = true
	}
	return st, nil
}

// isPinned says whether this is the collective that the store was filled from,
// by any form of its id; true while none is pinned.
func (st *stored) isPinned(c opencollective.Collective) bool {
	if st.pinned == "" {
		return true
	}
	for _, id := range []member.AccountID{c.ID, member.AccountID(c.PublicID)} {
		if id != "" && (id == st.pinned || id == st.public) {
			return true
		}
	}
	return false
}

// payerOf is the payer that is known of a contribution; "" for none.
func (st *stored) payerOf(contribution string) member.AccountID {
	return st.contributions.at(contribution).Account
}
