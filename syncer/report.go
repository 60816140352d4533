package syncer

import (
	"slices"

	"coopcloud.tech/goodstanding/internal/instant"
	"coopcloud.tech/goodstanding/member"
	"coopcloud.tech/goodstanding/roll"
	"coopcloud.tech/goodstanding/syncer/opencollective"
)

// Report is what one complete pull read and what it changed. It holds names
// and amounts for people to read: print it, never log it.
type Report struct {
	// Snapshot is the number that the snapshot got; a dry run's is given to the next one.
	Snapshot int64
	// Start is when the first request was sent.
	Start instant.Instant
	// First says that no complete snapshot was stored before.
	First bool
	// DryRun says that nothing was stored.
	DryRun     bool
	Requests   int
	Collective opencollective.Collective
	// Anonymous and NotAdmin: payers' e-mail addresses could not be read; see
	// opencollective.Snapshot.
	Anonymous, NotAdmin bool
	Counts              Counts
	// Changed is the number of rows that were added to the log, those of the pull
	// and the snapshot themselves and the assessment's not counted.
	Changed int
	// Roll is what the snapshot did to the standings.
	Roll roll.Report
	// NewPayers are accounts first seen in this snapshot that are linked to no
	// member and are no supporter: somebody has to say who they are.
	NewPayers []Payer
	// Warnings are sentences for the treasurer about what was left out.
	Warnings []string
	// Drift are words of upstream's API that this version does not know; String
	// says each as a sentence.
	Drift []Drift

	difference []string
}

// Difference says in plain words what changed on Open Collective since the
// snapshot before, one sentence each, in a fixed order: money that went back
// first, then what got worse, then the rest. Empty when nothing did. It shows
// names, slugs and amounts, never an address.
func (r Report) Difference() []string { return slices.Clone(r.difference) }

// Counts are numbers about a snapshot.
type Counts struct {
	// What the snapshot holds.
	Orders, Charges, Refunds, Accounts int
	// What was never seen before.
	NewOrders, NewCharges, NewRefunds, NewAccounts int
	// What has a new version.
	ChangedOrders, ChangedAccounts, ChangedFlags int
	// Renamed counts accounts whose slug, name or addresses changed.
	Renamed int
	// Covered counts charges whose coverage was fixed, Payers those whose payer
	// was learned later than the charge.
	Covered, Payers int
	// Missing counts contributions that were there before and are absent now,
	// Back those that reappeared.
	Missing, Back int
	// What is no dues: orders to another account, credits that are a refund.
	DroppedOrders, DroppedCharges int
	// UnknownWords counts the contributions behind Drift.
	UnknownWords int
}

// byName is how the counts are kept with the pull; the names are never renamed.
func (c Counts) byName() map[string]int64 {
	return map[string]int64{
		"orders": int64(c.Orders), "charges": int64(c.Charges), "refunds": int64(c.Refunds), "accounts": int64(c.Accounts),
		"new_orders": int64(c.NewOrders), "new_charges": int64(c.NewCharges),
		"new_refunds": int64(c.NewRefunds), "new_accounts": int64(c.NewAccounts),
		"changed_orders": int64(c.ChangedOrders), "changed_accounts": int64(c.ChangedAccounts),
		"changed_flags": int64(c.ChangedFlags), "renamed": int64(c.Renamed),
		"covered": int64(c.Covered), "payers": int64(c.Payers), "missing": int64(c.Missing), "back": int64(c.Back),
		"dropped_orders": int64(c.DroppedOrders), "dropped_charges": int64(c.DroppedCharges),
		"unknown_words": int64(c.UnknownWords),
	}
}

// Payer is an account that pays.
type Payer struct {
	Account member.AccountID
	Slug    string
	// Name is for people to read; without markup it is the account's own.
	Name string
}
