package fakeoc

import (
	"encoding/json"
	"fmt"
	"strings"
	"time"

	"coopcloud.tech/goodstanding/internal/instant"
)

// Recording is what the genuine server answered about one collective: the
// bodies of its answers to the preflight and to the queries for orders,
// transactions and refunds, each complete.
type Recording struct {
	Preflight, Orders, Transactions, Refunds []byte
	// At is when they were taken.
	At instant.Instant
}

// FilmRecording are the recorded answers of a scene of the film that ships with
// the program, and the secret of a token that reads them as the recording's
// administrator did.
func FilmRecording(step int) (r Recording, err error) {
	dir := fmt.Sprintf("%s/%02d/", filmDir, step)
	for name, into := range map[string]*[]byte{
		"preflight": &r.Preflight, "orders-0": &r.Orders, "transactions-0": &r.Transactions, "refunds-0": &r.Refunds,
	} {
		if *into, err = filmFiles.ReadFile(dir + name + ".json"); err != nil {
			return r, fmt.Errorf("the film has no scene %d: %w", step, err)
		}
	}
	var m meta
	if err := readJSON(dir+"meta.json", &m); err != nil {
		return r, err
	}
	r.At = instant.Of(m.RecordedAt)
	return r, nil
}

// FromRecording is a world that answers as the genuine server did when it was
// recorded, and goes on from there by upstream's rules. What the answers do not
// tell is supposed: subscriptions run by their next date, and who is shown with
// an address is a backer. secret is a token of the administrator who recorded.
func FromRecording(r Recording, seed uint64, secret string) (*World, error) {
	l := &loading{World: NewWorld(r.At, seed), byID: map[string]*Account{}, order: map[string]*Order{}, row: map[string]*Transaction{}}
	for _, part := range []struct {
		name string
		body []byte
		load func([]byte) error
	}{{"preflight", r.Preflight, l.preflight}, {"orders", r.Orders, l.allOrders}, {"transactions", r.Transactions, l.credits}, {"refunds", r.Refunds, l.refunds}} {
		if err := part.load(part.body); err != nil {
			return nil, fmt.Errorf("read the recorded %s: %w", part.name, err)
		}
	}
	l.tokens[secret] = &Token{Owner: l.collective().Admins[0], Scopes: Scopes}
	return l.World, nil
}

// loading is a world that is being filled from a recording.
type loading struct {
	*World
	byID  map[string]*Account
	order map[string]*Order
	row   map[string]*Transaction
}

// shownAccount is an account as any of the answers shows it.
type shownAccount struct {
	Typename    string `json:"__typename"`
	ID          string
	PublicID    string
	LegacyID    int64
	Slug, Name  string
	Type        string
	Currency    string
	IsIncognito bool
	IsArchived  bool
	IsSuspended bool
	IsFrozen    bool
	IsActive    bool
	IsApproved  bool
	IsGuest     bool
	Emails      []string
	Host        *shownAccount
}

func (l *loading) see(s *shownAccount) *Account {
	if a := l.byID[s.ID]; a != nil {
		return a
	}
	a := &Account{LegacyID: s.LegacyID, ID: s.ID, PublicID: s.PublicID, Slug: s.Slug, Name: s.Name, Type: s.Type, Currency: s.Currency,
		Incognito: s.IsIncognito, Archived: s.IsArchived, Suspended: s.IsSuspended, Frozen: s.IsFrozen, Guest: s.IsGuest,
		Active: s.IsActive, Approved: s.IsApproved, Emails: s.Emails}
	a.Spends = a.Type == "COLLECTIVE" || a.Type == "FUND"
	l.byID[s.ID] = a
	l.open(a)
	return a
}

func (l *loading) preflight(body []byte) error {
	var p struct {
		Data struct{ Me, Account *shownAccount }
	}
	if err := json.Unmarshal(body, &p); err != nil {
		return err
	}
	if p.Data.Account == nil || p.Data.Me == nil {
		return fmt.Errorf("it shows no collective, or nobody who looked at it")
	}
	c := l.see(p.Data.Account)
	c.Spends = false
	if p.Data.Account.Host != nil {
		c.Host = l.see(p.Data.Account.Host)
		c.Host.Type = "ORGANIZATION"
	}
	admin := &Account{ID: p.Data.Me.ID, Slug: p.Data.Me.Slug, Type: "INDIVIDUAL"}
	c.Admins = []*Account{admin}
	l.join("ADMIN", admin, c, nil)
	l.byID[admin.ID] = admin
	l.open(admin)
	return nil
}

// shownAmount is an amount; nil cents are not 0.
type shownAmount struct {
	ValueInCents *int64
	Currency     string
}

func (a *shownAmount) minor() int64 {
	if a == nil || a.ValueInCents == nil {
		return 0
	}
	return *a.ValueInCents
}

type shownOrder struct {
	ID, PublicID               string
	LegacyID                   int64
	Status, Frequency          string
	Description                string
	Quantity                   int64
	CreatedAt, UpdatedAt       time.Time
	ProcessedAt, LastChargedAt *time.Time
	NextChargeDate             *time.Time
	TotalAmount, TaxAmount     *shownAmount
	PlatformTipAmount          *shownAmount
	Tier                       *struct{ ID, Slug, Name, Type, Frequency string }
	PaymentMethod              *struct{ Service, Type string }
	FromAccount                *shownAccount
}

func at(t *time.Time) instant.Instant {
	if t == nil {
		return 0
	}
	return instant.Of(*t)
}

func (l *loading) allOrders(body []byte) error {
	var shown struct {
		Data struct{ Orders struct{ Nodes []shownOrder } }
	}
	if err := json.Unmarshal(body, &shown); err != nil {
		return err
	}
	for i := range shown.Data.Orders.Nodes {
		l.addOrder(&shown.Data.Orders.Nodes[i])
	}
	return nil
}

func (l *loading) addOrder(s *shownOrder) {
	o := &Order{LegacyID: s.LegacyID, ID: s.ID, PublicID: s.PublicID, Status: s.Status, Description: s.Description, Quantity: s.Quantity,
		Total: s.TotalAmount.minor(), Tip: s.PlatformTipAmount.minor(), Tax: s.TaxAmount.minor(), Currency: s.TotalAmount.Currency,
		Created: instant.Of(s.CreatedAt), Updated: instant.Of(s.UpdatedAt), Processed: at(s.ProcessedAt), To: l.collective()}
	o.NoTip = s.PlatformTipAmount == nil || s.PlatformTipAmount.ValueInCents == nil
	if s.PaymentMethod != nil {
		o.Service, o.Method = s.PaymentMethod.Service, s.PaymentMethod.Type
	}
	if s.Tier != nil {
		o.Tier = l.seeTier(s.Tier.ID, s.Tier.Slug, s.Tier.Name, s.Tier.Type, s.Tier.Frequency)
	}
	if s.FromAccount != nil {
		o.From = l.payer(s.FromAccount)
	}
	if s.Frequency != "ONETIME" {
		o.Interval = map[string]string{"MONTHLY": "month", "YEARLY": "year"}[s.Frequency]
		next := at(s.NextChargeDate)
		o.Subscription = &Subscription{Interval: o.Interval, NextCharge: next, NextPeriod: next, LastCharged: at(s.LastChargedAt),
			Active: strings.Contains("ACTIVE ERROR PROCESSING", s.Status), External: o.Service == "PAYPAL"}
		if s.Status == "ERROR" {
			o.Subscription.Retries = 1
			o.Subscription.NextPeriod = o.Subscription.LastCharged.AddMonths(months(o.Interval)).MonthStart(0)
		}
	}
	if s.Status == "PAUSED" {
		o.PausedBy = "HOST"
	}
	l.order[o.ID] = o
	l.enlist(o)
}

// payer is the account of an order; the preflight showed only a part of the
// administrator's, who pays, too.
func (l *loading) payer(s *shownAccount) *Account {
	a := l.see(s)
	if a.PublicID == "" {
		a.PublicID, a.LegacyID, a.Name, a.Emails = s.PublicID, s.LegacyID, s.Name, s.Emails
	}
	a.Active = true
	if s.Emails != nil {
		l.back(&Order{From: a, To: l.collective()})
	}
	if s.Emails == nil {
		a.Emails = []string{s.Slug + "@example.test"}
	}
	return a
}

func (l *loading) seeTier(id, slug, name, kind, frequency string) *Tier {
	for _, t := range l.tiers {
		if t.ID == id {
			return t
		}
	}
	t := &Tier{ID: id, Slug: slug, Name: name, Type: kind, Frequency: frequency, Currency: l.collective().Currency, Of: l.collective()}
	l.tiers = append(l.tiers, t)
	return t
}

type shownRow struct {
	ID, Group         string
	Type, Kind        string
	CreatedAt         time.Time
	ClearedAt         *time.Time
	IsRefund          bool
	IsDisputed        bool
	IsInReview        bool
	RefundKind        string
	Amount            *shownAmount
	RefundTransaction *struct{ ID string }
	OppositeAccount   *struct{ ID string }
	Order             *struct {
		ID       string
		LegacyID int64
		Status   string
	}
}

func rowsIn(body []byte) ([]shownRow, error) {
	var shown struct {
		Data struct{ Transactions struct{ Nodes []shownRow } }
	}
	err := json.Unmarshal(body, &shown)
	return shown.Data.Transactions.Nodes, err
}

func (l *loading) credits(body []byte) error {
	rows, err := rowsIn(body)
	for i := range rows {
		t := l.addRow(&rows[i])
		t.Type, t.Kind, t.Group, t.IsRefund = rows[i].Type, rows[i].Kind, rows[i].Group, rows[i].IsRefund
		t.Cleared, t.Disputed, t.InReview = at(rows[i].ClearedAt), rows[i].IsDisputed, rows[i].IsInReview
	}
	return err
}

func (l *loading) addRow(s *shownRow) *Transaction {
	l.made++
	t := &Transaction{LegacyID: int64(l.made), ID: s.ID, Amount: s.Amount.minor(), Currency: s.Amount.Currency,
		Created: instant.Of(s.CreatedAt), RefundKind: s.RefundKind, Account: l.collective()}
	if s.Order != nil {
		t.Order = l.orderOf(s)
		t.Opposite = t.Order.From
	}
	if s.OppositeAccount != nil {
		t.Opposite = l.byID[s.OppositeAccount.ID]
	}
	l.row[t.ID] = t
	l.transactions = append(l.transactions, t)
	return t
}

// orderOf is the order of a payment; one that the list lacks has a payer who is
// gone.
func (l *loading) orderOf(s *shownRow) *Order {
	if o := l.order[s.Order.ID]; o != nil {
		return o
	}
	gone := &Account{ID: "gone-" + s.Order.ID, Slug: "gone", Type: "INDIVIDUAL", Deleted: true}
	l.accounts = append(l.accounts, gone)
	o := &Order{ID: s.Order.ID, PublicID: s.Order.ID, LegacyID: s.Order.LegacyID, Status: "CANCELLED", Quantity: 1, From: gone, To: l.collective(),
		Currency: s.Amount.Currency, Total: s.Amount.minor(), Created: instant.Of(s.CreatedAt)}
	l.order[o.ID] = o
	l.enlist(o)
	return o
}

func (l *loading) refunds(body []byte) error {
	rows, err := rowsIn(body)
	for i := range rows {
		t := l.addRow(&rows[i])
		t.Type, t.Kind, t.IsRefund, t.Cleared, t.Group = "DEBIT", "CONTRIBUTION", true, t.Created, l.uuid()
		if rows[i].RefundTransaction == nil {
			continue
		}
		if paid := l.row[rows[i].RefundTransaction.ID]; paid != nil {
			t.Refund, paid.Refund, paid.RefundKind, t.Opposite = paid, t, t.RefundKind, paid.Opposite
		}
	}
	return err
}
