package syncer

import (
	"cmp"
	"context"
	"strings"

	"coopcloud.tech/goodstanding/store"
	"coopcloud.tech/goodstanding/syncer/opencollective"
)

// write stores the attempt, the snapshot and what it changed.
func (a *attempt) write(ctx context.Context, tx *store.Tx, r *reconciled, snap *opencollective.Snapshot, counts Counts) error {
	collective := cmp.Or(r.st.pinned, snap.Collective.ID)
	err := tx.AddPull(ctx, store.Pull{
		ID: a.id, Started: a.started, Finished: max(a.started, tx.Now()),
		Outcome: OutcomeComplete, Requests: snap.Requests, Counts: counts.byName(),
	})
	if err != nil {
		return err
	}
	err = tx.AddSnapshot(ctx, store.Snapshot{
		Number: r.number, Start: snap.Start, Pull: a.id,
		Collective: collective, Host: snap.Collective.HostID,
		Frozen: snap.Collective.Frozen, Currency: snap.Collective.Currency,
		Orders: int64(counts.Orders), Transactions: int64(counts.Charges), Refunds: int64(counts.Refunds),
		Changed: int64(r.rows()),
	})
	if err != nil {
		return err
	}
	if a.altered {
		if err := tx.SetSetting(ctx, settingTold, strings.Join(r.otherwise(), " ")); err != nil {
			return err
		}
	}
	if err := r.write(ctx, tx); err != nil || r.st.pinned != "" {
		return err
	}
	return pin(ctx, tx, snap.Collective)
}

// pin remembers which collective the store is filled from.
func pin(ctx context.Context, tx *store.Tx, c opencollective.Collective) error {
	for _, s := range []struct{ name, value string }{
		{store.SettingCollective, string(c.ID)},
		{settingPublicID, c.PublicID},
		{settingCurrency, c.Currency.String()},
	} {
		if err := tx.SetSetting(ctx, s.name, s.value); err != nil {
			return err
		}
	}
	return nil
}

// write adds the rows, what is referred to first.
func (c *changes) write(ctx context.Context, tx *store.Tx) error {
	for _, add := range []func() (int, error){
		func() (int, error) { return tx.AddAccounts(ctx, c.accounts) },
		func() (int, error) { return tx.AddContributions(ctx, c.contributions) },
		func() (int, error) { return tx.AddMissing(ctx, c.missing) },
		func() (int, error) { return tx.AddElsewhere(ctx, c.elsewhere) },
		func() (int, error) { return tx.AddCharges(ctx, c.charges) },
		func() (int, error) { return tx.AddPayers(ctx, c.payers) },
		func() (int, error) { return tx.AddCoverages(ctx, c.coverages) },
		func() (int, error) { return tx.AddChargeFlags(ctx, c.flags) },
		func() (int, error) { return tx.AddRefunds(ctx, c.refunds) },
		func() (int, error) { return tx.SetAccountDetails(ctx, c.details) },
	} {
		if _, err := add(); err != nil {
			return err
		}
	}
	return nil
}
