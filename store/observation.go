package store

import (
	"coopcloud.tech/goodstanding/eligibility"
	"coopcloud.tech/goodstanding/internal/instant"
	"coopcloud.tech/goodstanding/internal/money"
	"coopcloud.tech/goodstanding/member"
)

// Observations are what pulls learn from Open Collective (domain.md, section
// 2). They are written in the stream Pulls and hold ids, never names.
//
// Known and, where a row has one, Snapshot tell which transaction and which
// snapshot brought the row. Known is set by the transaction.

// Pull is one attempt to read Open Collective, complete or not.
type Pull struct {
	ID       string          `db:"id"`
	Started  instant.Instant `db:"started"`
	Finished instant.Instant `db:"finished"`
	// Outcome is a word of a closed set ("complete", or the class of the error).
	Outcome string `db:"outcome"`
	// Detail is one more word of a closed set, "" for none; never a body, an
	// address or a token.
	Detail   string `db:"detail"`
	Requests int    `db:"requests"`
	// Counts are numbers worth keeping, by name.
	Counts map[string]int64 `db:"counts"`
	Known  instant.Instant  `db:"known"`
}

// Snapshot is one complete reading of Open Collective.
type Snapshot struct {
	// Number counts from 1 without gaps; see Tx.NextSnapshot.
	Number int64 `db:"number"`
	// Start is when the first request was sent.
	Start instant.Instant `db:"start"`
	// Pull is the id of the attempt that brought it.
	Pull string `db:"pull"`
	// Collective and Host are account ids; Host is "" for a collective without one.
	Collective member.AccountID `db:"collective"`
	Host       member.AccountID `db:"host"`
	Frozen     bool             `db:"frozen"`
	Currency   money.Currency   `db:"currency"`
	// Orders, Transactions and Refunds are the totals that upstream told.
	Orders       int64 `db:"orders"`
	Transactions int64 `db:"transactions"`
	Refunds      int64 `db:"refunds"`
	// Changed is the number of rows that this snapshot changed.
	Changed int64           `db:"changed"`
	Known   instant.Instant `db:"known"`
}

// AccountRow is one version of an Open Collective account, without its names
// (see AccountDetail).
type AccountRow struct {
	ID       member.AccountID `db:"id"`
	PublicID string           `db:"public_id"`
	LegacyID int64            `db:"legacy_id"`
	// Type is upstream's word: INDIVIDUAL, ORGANIZATION, COLLECTIVE, …
	Type      string `db:"type"`
	Incognito bool   `db:"incognito"`
	Guest     bool   `db:"guest"`
	Archived  bool   `db:"archived"`
	Suspended bool   `db:"suspended"`
	// Effective is the start of the snapshot that first showed this version.
	Effective instant.Instant `db:"effective"`
	Snapshot  int64           `db:"snapshot"`
	Known     instant.Instant `db:"known"`
}

// ContributionRow is one version of a contribution (an order), in force from
// Effective until the Effective of the next version of the same ID.
type ContributionRow struct {
	ID       string `db:"id"`
	PublicID string `db:"public_id"`
	LegacyID int64  `db:"legacy_id"`
	// Account is the payer; "" when upstream did not show it.
	Account member.AccountID `db:"account"`
	// Status and Frequency are upstream's own words; Frequency is "" for null.
	Status    string `db:"status"`
	Frequency string `db:"frequency"`
	// Interval is what the rules use: the last known one where upstream shows none.
	Interval eligibility.Interval `db:"every"`
	// Amount is what upstream calls amount; the others are in its minor units.
	Amount money.Money `db:"amount_minor,currency"`
	Total  int64       `db:"total_minor"`
	Tax    int64       `db:"tax_minor"`
	Tip    int64       `db:"tip_minor"`
	// Upstream's createdAt, processedAt, lastChargedAt and nextChargeDate; 0 for null.
	Created     instant.Instant `db:"created"`
	Processed   instant.Instant `db:"processed"`
	LastCharged instant.Instant `db:"last_charged"`
	NextCharge  instant.Instant `db:"next_charge"`
	// ToAccount is who receives: the collective, or one of its projects and events.
	ToAccount member.AccountID `db:"to_account"`
	Tier      string           `db:"tier"`
	Quantity  int64            `db:"quantity"`
	// Service and PaymentType are upstream's words for the payment method.
	Service     string `db:"service"`
	PaymentType string `db:"payment_type"`
	// PausedByPayer is the answer of query 11 in the same snapshot.
	PausedByPayer bool            `db:"paused_by_payer"`
	Effective     instant.Instant `db:"effective"`
	Snapshot      int64           `db:"snapshot"`
	Known         instant.Instant `db:"known"`
}

// MissingRow says that a contribution went missing from the list of a complete
// snapshot (Streak 1) or is back (0). The syncer writes one when that changes,
// so that reading the same snapshot again writes nothing: a contribution is
// missing in two or more successive snapshots when its current row has a
// Streak above 0 and Snapshot is less than the newest one's number (domain.md,
// section 3).
type MissingRow struct {
	Contribution string          `db:"contribution"`
	Streak       int64           `db:"streak"`
	Snapshot     int64           `db:"snapshot"`
	Known        instant.Instant `db:"known"`
}

// ElsewhereRow is one version of a recurring contribution to a project or an
// event of the collective. It is no dues: no verdict rests on it.
type ElsewhereRow struct {
	ID string `db:"id"`
	// Account is the payer; "" when upstream did not show it.
	Account member.AccountID `db:"account"`
	// ToAccount is the project or event.
	ToAccount member.AccountID `db:"to_account"`
	// Status is upstream's own word.
	Status string               `db:"status"`
	Every  eligibility.Interval `db:"every"`
	Amount money.Money          `db:"amount_minor,currency"`
	// Upstream's createdAt and processedAt; 0 for null.
	Created   instant.Instant `db:"created"`
	Processed instant.Instant `db:"processed"`
	// Listed is false in the version that says it is gone.
	Listed    bool            `db:"listed"`
	Effective instant.Instant `db:"effective"`
	Snapshot  int64           `db:"snapshot"`
	Known     instant.Instant `db:"known"`
}

// ChargeRow is money that moved: a CREDIT transaction. It is stored once.
type ChargeRow struct {
	ID           string `db:"id"`
	Contribution string `db:"contribution"`
	// Account is the payer as first shown; "" when none was shown (see PayerRow).
	Account member.AccountID       `db:"account"`
	Kind    eligibility.ChargeKind `db:"kind"`
	Amount  money.Money            `db:"amount_minor,currency"`
	// Created is upstream's createdAt: where the coverage begins.
	Created  instant.Instant `db:"created"`
	Snapshot int64           `db:"snapshot"`
	Known    instant.Instant `db:"known"`
}

// PayerRow gives a charge that was stored without a payer its payer, once.
type PayerRow struct {
	Charge   string           `db:"charge"`
	Account  member.AccountID `db:"account"`
	Snapshot int64            `db:"snapshot"`
	Known    instant.Instant  `db:"known"`
}

// CoverageRow is what one charge pays for, fixed once and never moved
// (domain.md, section 2, "Coverage of a charge").
type CoverageRow struct {
	Charge   string               `db:"charge"`
	Interval eligibility.Interval `db:"every"`
	// Due ends the coverage; 0 for a one-off.
	Due instant.Instant `db:"due"`
	// OrderMinor and TaxMinor are the contribution's amount and tax then.
	OrderMinor int64           `db:"order_minor"`
	TaxMinor   int64           `db:"tax_minor"`
	Snapshot   int64           `db:"snapshot"`
	Known      instant.Instant `db:"known"`
}

// ChargeFlags is one version of what upstream marks on a charge. A charge
// without a row has no mark.
type ChargeFlags struct {
	Charge   string          `db:"charge"`
	Disputed bool            `db:"disputed"`
	InReview bool            `db:"in_review"`
	Refunded bool            `db:"refunded"`
	Snapshot int64           `db:"snapshot"`
	Known    instant.Instant `db:"known"`
}

// RefundRow gives a charge back at its own createdAt. It is stored once.
type RefundRow struct {
	ID     string          `db:"id"`
	Charge string          `db:"charge"`
	At     instant.Instant `db:"at"`
	// Kind is upstream's refundKind, "" for null.
	Kind     string          `db:"kind"`
	Minor    int64           `db:"minor"`
	Snapshot int64           `db:"snapshot"`
	Known    instant.Instant `db:"known"`
}
