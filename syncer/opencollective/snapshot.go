package opencollective

import (
	"coopcloud.tech/goodstanding/internal/instant"
	"coopcloud.tech/goodstanding/internal/money"
	"coopcloud.tech/goodstanding/member"
)

// Snapshot is one complete reading of a collective: its orders, the money that
// came in and the money that went back, taken together (domain.md, section 2,
// "Observations"). It shares no memory with the client. What answers tell beyond it is
// held to its form and let go: there may be a hundred thousand of each.
type Snapshot struct {
	// Start is when the first request of this reading was about to be sent.
	Start      instant.Instant
	Collective Collective
	// Orders are the incoming orders of the collective itself, of every status,
	// oldest first.
	Orders []Order
	// Charges are the CREDITs of kind CONTRIBUTION or ADDED_FUNDS, oldest first,
	// from PullRequest.TransactionsFrom on.
	Charges []Charge
	// Refunds are the refunds that upstream lists, and those that a charge itself
	// tells of, once each, oldest first.
	Refunds []Refund
	// KnownOrders and KnownCharges are how many more orders of the collective and charges
	// are shown as PullRequest.Known knows them.
	KnownOrders, KnownCharges int
	// PausedByPayer holds the Order.ID of each PAUSED order that its payer paused.
	PausedByPayer map[string]bool

	// Anonymous: no token was used. E-mail addresses are missing, nothing else.
	Anonymous bool
	// NotAdmin: the token's owner is no administrator of the collective, so
	// e-mail addresses are missing, nothing else.
	NotAdmin bool

	// Requests is how many requests this reading took, restarts included.
	Requests int
	// Elsewhere are the orders to another account (a project, an event, a
	// collective that this one pays), oldest first. They are no dues.
	Elsewhere []Order
	// DroppedCharges counts CREDITs that are themselves a refund: money of the
	// collective coming back to it.
	DroppedCharges int
}

// Collective is the account whose contributions are read.
type Collective struct {
	ID       member.AccountID
	PublicID string
	LegacyID int64
	Slug     string
	Name     string
	Type     string // upstream's word: COLLECTIVE, FUND, ORGANIZATION, …
	Currency money.Currency
	// HostID and HostSlug name the fiscal host; "" when it has none.
	HostID   member.AccountID
	HostSlug string
	// Approved says that the host has accepted the collective.
	Approved                            bool
	Frozen, Archived, Suspended, Active bool
}

// Order is one contribution as upstream shows it now.
type Order struct {
	ID       string
	PublicID string
	LegacyID int64
	// Status is upstream's OrderStatus, also one that this version does not know;
	// "" when upstream says null.
	Status string
	// Frequency is MONTHLY, YEARLY, ONETIME, or a word this version does not know;
	// "" when upstream says null. A recurring order shows ONETIME until it is first paid.
	Frequency string
	Quantity  int64

	Created instant.Instant
	Updated instant.Instant
	// Processed is the first success; 0 when never charged.
	Processed   instant.Instant
	LastCharged instant.Instant
	// NextCharge may be a retry date, and stays on CANCELLED and PAUSED orders.
	NextCharge instant.Instant

	// Amount is what the payer promises each time: with tax, without the platform's tip.
	Amount money.Money
	// Total is Amount and the tip.
	Total money.Money
	Tax   Amount
	Tip   Amount

	// Tier is the id of what the payer chose on the collective's page; "" when there
	// is none (any longer).
	Tier string
	// Service and Method are the payment method's service and type (STRIPE,
	// CREDITCARD); "" without one.
	Service, Method string

	ToAccount member.AccountID
	// ToSlug is the slug of ToAccount now.
	ToSlug string
	// Payer has the ID "" where upstream does not show who pays (a private
	// organisation). That means unknown, never gone.
	Payer Account
}

// Amount is an amount that upstream may leave open: Given is false for null,
// which is not the same as 0.
type Amount struct {
	money.Money
	Given bool
}

// Account is a profile as upstream shows it now.
type Account struct {
	ID       member.AccountID
	PublicID string
	LegacyID int64
	Slug     string
	// Name is raw: it may hold markup, or be an e-mail address. Never publish it as it is.
	Name string
	Type string // INDIVIDUAL, ORGANIZATION, COLLECTIVE, VENDOR, …

	Incognito, Archived, Suspended, Guest bool

	// Emails is nil when the reader may not see addresses, and empty but not nil
	// when there are none.
	Emails []string
}

// Charge is one CREDIT: money that really moved.
type Charge struct {
	ID   string
	Kind string // CONTRIBUTION or ADDED_FUNDS
	// Created is the charge's effective time.
	Created instant.Instant
	Amount  money.Money

	Refunded, Disputed, InReview bool

	// Order is the Order.ID it pays; "" when it names none. The order list may lack
	// it (its payer is gone).
	Order         string
	OrderLegacyID int64
	// Account is who paid; "" when upstream does not show it.
	Account     member.AccountID
	AccountSlug string
}

// Refund is money that went back.
type Refund struct {
	ID string
	// Charge is the Charge.ID that it gives back; "" when upstream names none.
	Charge  string
	Created instant.Instant
	Kind    string // REFUND, REJECT, EDIT, DUPLICATE, DISPUTE, or "" when unsaid
	// Amount is negative; not given when only the charge told of the refund.
	Amount Amount
	Order  string
}
