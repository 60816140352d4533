package fakeoc

import (
	"math/rand/v2"
	"slices"
	"strings"
	"sync"
	"time"

	"coopcloud.tech/goodstanding/internal/instant"
)

// World is one Open Collective in memory: accounts, contributions and the
// ledger, on a virtual clock. What time brings (charges, retries, expiry) it
// does itself when the clock is moved, by upstream's own rules
// (open-collective.md, section 3); what people do are its methods. It is safe
// for concurrent use; a reader sees one state from one moment.
type World struct {
	mu  sync.RWMutex
	now instant.Instant // only goes forward; whole milliseconds, as upstream's
	// tick and day are when the hourly and the daily job run next.
	tick, day instant.Instant
	random    *rand.Rand
	made      int // how many things have been made, so that no two get one legacy id

	accounts     []*Account
	named        map[string]*Account // by slug in small letters
	orders       []*Order
	transactions []*Transaction
	tiers        []*Tier
	members      []*Membership
	activities   []*Activity
	tokens       map[string]*Token
	// halted is until when upstream's own charging job is out of order.
	halted instant.Instant
	// stamped says that something has happened at this very instant: what comes
	// next gets one of its own.
	stamped bool

	summing sync.Mutex
	summed  *sums // nil when something has happened since it was made
}

// Start is when a world begins where nothing else is said.
var Start = instant.Date(2026, 1, 1)

// NewWorld is an empty Open Collective at an instant (0: Start). The same seed
// gives the same ids and the same charges.
func NewWorld(start instant.Instant, seed uint64) *World {
	if start == 0 {
		start = Start
	}
	start = start / 1000 * 1000
	return &World{
		now: start, tick: start.Add(time.Hour) / hour * hour, day: start/instant.Day*instant.Day + instant.Day,
		random: rand.New(rand.NewPCG(seed, 0x5eed)), made: 1000, tokens: map[string]*Token{}, named: map[string]*Account{},
	}
}

const hour = instant.Instant(time.Hour / time.Microsecond)

// Now is the world's clock.
func (w *World) Now() instant.Instant {
	w.mu.RLock()
	defer w.mu.RUnlock()
	return w.now
}

// Account is a profile: a collective, its host, a payer.
type Account struct {
	LegacyID     int64
	ID, PublicID string
	Slug, Name   string
	Type         string // upstream's AccountType, "ORGANIZATION"
	Currency     string
	Created      instant.Instant
	Emails       []string // who may see them is Sees's to say
	Host         *Account // of a collective; nil when it has none
	Parent       *Account // of an event or a project
	Admins       []*Account

	Active, Approved            bool
	Archived, Frozen, Suspended bool
	Incognito, Guest, Private   bool
	Deleted                     bool // merged into another, or deleted
	Spends                      bool // pays from its balance: a collective, fund or project
	pays                        payer

	// orders counts those that it ever paid, and listed says that it ever was a
	// member of anything: a crowd joins without looking through everybody each time.
	orders int
	listed bool
}

// payer is how an account's charges will go.
type payer struct {
	refuse int  // how many of the next tries are refused
	broken bool // every try is refused until further notice
}

// Tier is a kind of contribution that a collective offers.
type Tier struct {
	LegacyID  int64
	ID        string
	Slug      string
	Name      string
	Type      string // "MEMBERSHIP"
	Frequency string // "MONTHLY", "YEARLY", "ONETIME", "FLEXIBLE"
	Amount    int64  // minor units; 0 for flexible
	Currency  string
	Of        *Account
	Deleted   bool
}

// Order is a contribution as upstream keeps it.
type Order struct {
	LegacyID     int64
	ID, PublicID string
	Status       string // upstream's OrderStatus, "ACTIVE"
	// Interval is "month", "year" or "" for once. The frequency that upstream shows
	// comes from the subscription, not from here (open-collective.md, fact 4).
	Interval     string
	Subscription *Subscription
	Description  string
	Quantity     int64
	Total        int64 // with the tip, with the tax, minor units
	Tip          int64
	NoTip        bool // no tip was ever asked for: the amount is null, not 0
	Tax          int64
	Currency     string
	Tier         *Tier
	From, To     *Account
	Service      string // "STRIPE", "PAYPAL", "" without a payment method
	Method       string // "CREDITCARD", …
	Created      instant.Instant
	Updated      instant.Instant
	Processed    instant.Instant // the first success
	PausedBy     string          // "USER", "HOST", "PLATFORM", "COLLECTIVE"; "" unless PAUSED
	// settles is when a payment that takes days comes to its end; 0 for none.
	settles instant.Instant
}

// Amount is what upstream calls an order's amount: without the tip.
func (o *Order) Amount() int64 { return o.Total - o.Tip }

// Frequency is what upstream shows: ONETIME until there is a subscription.
func (o *Order) Frequency() string {
	switch {
	case o.Subscription == nil:
		return "ONETIME"
	case o.Subscription.Interval == "year":
		return "YEARLY"
	}
	return "MONTHLY"
}

// Subscription is what makes an order recur.
type Subscription struct {
	Interval    string // "month" or "year"
	Active      bool
	NextCharge  instant.Instant // may be a retry date; kept when the order ends
	NextPeriod  instant.Instant // the anchor, which no retry moves
	LastCharged instant.Instant
	Retries     int
	External    bool // PayPal charges it, not upstream
	// retryAt is when PayPal tries a refused charge again; 0 for none.
	retryAt instant.Instant
}

// Transaction is one row of the ledger. Amount is without the tip and with the
// tax; a DEBIT's is negative.
type Transaction struct {
	LegacyID           int64
	ID, Group          string
	Type, Kind         string // "CREDIT" or "DEBIT"; "CONTRIBUTION" or "ADDED_FUNDS"
	Amount             int64
	Currency           string
	Created, Cleared   instant.Instant
	IsRefund           bool
	RefundKind         string       // of the refund and, once refunded, of the payment
	Refund             *Transaction // each of the two names the other
	Disputed, InReview bool
	// Account is whose ledger it stands in, Opposite the other side.
	Account, Opposite *Account
	Order             *Order
	// until is up to when upstream asks for no more: the next date, once the money
	// was booked; 0 for what does not recur.
	until instant.Instant
}

// Membership is a row of upstream's Member table: BACKER, ADMIN, …
type Membership struct {
	LegacyID     int64
	ID, PublicID string
	Role         string
	Account, Of  *Account
	Tier         *Tier
	Since        instant.Instant
}

// Activity is an event as upstream's activity list shows it.
type Activity struct {
	ID      string
	Type    string // "SUBSCRIPTION_CANCELED"
	Created instant.Instant
	System  bool
	From    *Account
	Of      *Account
	Order   *Order
}

// Token is a personal token of an account.
type Token struct {
	Owner     *Account
	Scopes    []string
	Expired   bool
	Suspended bool
}

// find is the account with the slug, which upstream takes in either case; nil
// for none. A slug that was freed means whoever took it.
func (w *World) find(slug string) *Account {
	if a := w.named[strings.ToLower(slug)]; a != nil && !a.Deleted && strings.EqualFold(a.Slug, slug) {
		return a
	}
	return nil
}

// open adds an account.
func (w *World) open(a *Account) {
	w.accounts = append(w.accounts, a)
	w.call(a, a.Slug)
}

// call gives an account its slug.
func (w *World) call(a *Account, slug string) {
	a.Slug = slug
	w.named[strings.ToLower(slug)] = a
}

// enlist adds an order.
func (w *World) enlist(o *Order) {
	w.orders = append(w.orders, o)
	if o.From != nil { // recorded, and its payer is hidden
		o.From.orders++
	}
}

// administers says whether the viewer is an administrator of the account, of
// its parent or of its host.
func (w *World) administers(viewer, a *Account) bool {
	if viewer == nil || a == nil {
		return false
	}
	return viewer == a || slices.Contains(a.Admins, viewer) ||
		a.Parent != nil && w.administers(viewer, a.Parent) ||
		a.Host != nil && a.Host != a && w.administers(viewer, a.Host)
}

// seesPrivate says whether the viewer may read the account's addresses: it is
// that account or its administrator, or administers something where the account
// is a member in any role but follower (open-collective.md, section 6).
func (w *World) seesPrivate(viewer, a *Account) bool {
	if viewer == nil {
		return false
	}
	if w.administers(viewer, a) {
		return true
	}
	return slices.ContainsFunc(w.members, func(m *Membership) bool {
		return m.Account == a && m.Role != "FOLLOWER" && w.administers(viewer, m.Of)
	})
}

// mayView says whether a private account is shown: to its own administrators
// and members alone, not to the collective it pays.
func (w *World) mayView(viewer, a *Account) bool {
	return !a.Private || viewer != nil && (viewer == a || slices.Contains(a.Admins, viewer))
}
