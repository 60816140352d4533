package opencollective

import (
	"coopcloud.tech/goodstanding/internal/instant"
	"coopcloud.tech/goodstanding/internal/money"
	"coopcloud.tech/goodstanding/member"
)

// PullRequest says what Client.Pull reads:
//
//	func (c *Client) Pull(ctx context.Context, r PullRequest) (*Snapshot, error)
type PullRequest struct {
	// Slug is the collective's name in its address on Open Collective.
	Slug string
	// PinnedID is the collective's id as first read; "" on the first pull. A slug
	// that means another account is refused (OtherAccount).
	PinnedID member.AccountID
	// PinnedCurrency is the collective's currency as first read; none on the first
	// pull. Another one is refused (OtherCurrency).
	PinnedCurrency money.Currency
	// TransactionsFrom is the oldest createdAt of charges and refunds to read; the
	// zero Instant reads the whole history.
	TransactionsFrom instant.Instant
	// Known spares the snapshot what it shows as it is known already; nil takes all.
	Known Known
}

// Known is told of each of the collective's own orders that is not paused and then of
// each charge without a refund, once, while a snapshot is read. What it says that it
// knows is counted and not held (Snapshot.KnownOrders and KnownCharges): there may be a
// hundred thousand of each. Nothing that it notes may be used unless Pull returns that
// snapshot.
type Known interface {
	// Begin says that a reading begins: what was shown before belongs to none.
	Begin()
	// Order says whether an order is known as it is shown. Its memory is used again.
	Order(o *Order) bool
	// Charge says whether a charge is known as it is shown. Its memory is used again.
	Charge(c *Charge) bool
}

// Preflight is what the first request of a pull tells: whether the collective
// and the token are what they are taken for.
type Preflight struct {
	Collective Collective
	Anonymous  bool // no token is used
	NotAdmin   bool // the token's owner is no administrator of the collective
}
