package opencollective

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"slices"
	"time"

	"coopcloud.tech/goodstanding/internal/instant"
)

// maxTries is how often a snapshot is begun before a pull gives up.
const maxTries = 3

// beginning is before Open Collective existed: reading from here reads all.
var beginning = instant.Date(2010, 1, 1)

// session is one pull: it counts its requests, and knows what this machine's clock said
// when it was begun.
type session struct {
	c        *Client
	requests int
	began    time.Time
	room     room // of the answer that is read
}

func (s *session) ask(ctx context.Context, d document, vars map[string]any, out *reply) error {
	s.requests++
	if err := s.c.ask(ctx, d, vars, out, &s.room); err != nil {
		return err
	}
	return s.apart(out.date)
}

// clocksDiffer is how far this machine's clock and upstream's may be apart.
const clocksDiffer = time.Hour

// apart is the error of a clock that says another time than the answer's date, now or
// when the pull was begun: it may have been put right meanwhile.
func (s *session) apart(date time.Time) error {
	if s.c.o.Wall == nil || date.IsZero() {
		return nil
	}
	now := s.c.o.Wall().Round(0) // as it is told, not as it is measured
	for _, ours := range []time.Time{s.began, now} {
		if ours.Sub(date) > clocksDiffer {
			return &ClockApart{Ours: ours, Theirs: date}
		}
	}
	if date.Sub(now) > clocksDiffer {
		return &ClockApart{Ours: now, Theirs: date}
	}
	return nil
}

// begin notes what the clock says.
func (s *session) begin() {
	if s.c.o.Wall != nil {
		s.began = s.c.o.Wall().Round(0)
	}
}

// Pull reads one complete snapshot, or returns a typed error and nothing. When
// rows change while they are being read it begins again, three times in all
// (Incomplete). It does not retry failed requests: RetryOf tells the caller
// whether and when to.
func (c *Client) Pull(ctx context.Context, r PullRequest) (*Snapshot, error) {
	defer Thrift()()
	s := &session{c: c}
	var last *moved
	for range maxTries {
		snap, err := s.read(ctx, r)
		if err == nil {
			snap.Requests = s.requests
			return snap, nil
		}
		if !errors.As(err, &last) {
			return nil, fmt.Errorf("read %s: %w", r.Slug, err)
		}
	}
	return nil, fmt.Errorf("read %s: %w", r.Slug, &Incomplete{Op: last.op, Tries: maxTries, What: last.what})
}

// Preflight asks only whether the slug, the collective and the token are what
// they are taken for; it fails as Pull would.
func (c *Client) Preflight(ctx context.Context, r PullRequest) (*Preflight, error) {
	s := &session{c: c}
	s.begin()
	p, err := s.preflight(ctx, r)
	if err != nil {
		return nil, fmt.Errorf("look at %s: %w", r.Slug, err)
	}
	return p, nil
}

func (s *session) read(ctx context.Context, r PullRequest) (*Snapshot, error) {
	s.begin()
	snap := &Snapshot{Start: s.c.o.Now()}
	if r.Known != nil {
		r.Known.Begin()
	}
	p, err := s.preflight(ctx, r)
	if err != nil {
		return nil, err
	}
	snap.Collective, snap.Anonymous, snap.NotAdmin = p.Collective, p.Anonymous, p.NotAdmin

	orders, known, err := s.orders(ctx, r, snap.Collective)
	if err != nil {
		return nil, gone(err, r.Slug)
	}
	snap.KnownOrders = known
	snap.sort(orders)
	if snap.PausedByPayer, err = s.paused(ctx, r, snap.Orders); err != nil {
		return nil, gone(err, r.Slug)
	}
	credits, known, err := s.credits(ctx, r)
	if err != nil {
		return nil, gone(err, r.Slug)
	}
	snap.KnownCharges = known
	refunds, _, err := s.refunds(ctx, r)
	if err != nil {
		return nil, gone(err, r.Slug)
	}
	snap.assemble(credits, refunds)
	return snap, nil
}

// gone words an account that was there a moment ago.
func gone(err error, slug string) error {
	var missing *NotFound
	if errors.As(err, &missing) && !missing.Endpoint {
		return &SlugUnknown{Slug: slug}
	}
	return err
}

func (s *session) orders(ctx context.Context, r PullRequest, c Collective) ([]Order, int, error) {
	l := list[Order]{
		first: ordersDoc, next: ordersFromDoc, limit: s.c.ordersPage, row: decodeOrder,
		vars: map[string]any{"slug": r.Slug, "statuses": statuses, "children": true},
		key:  func(o *Order) (string, instant.Instant) { return o.ID, o.Created },
	}
	if r.Known != nil { // of a paused one it has to be asked who paused it
		l.known = func(o *Order) bool { return c.is(o.ToAccount) && o.Status != "PAUSED" && r.Known.Order(o) }
	}
	return l.read(ctx, s)
}

func (s *session) credits(ctx context.Context, r PullRequest) ([]credit, int, error) {
	since := cmp.Or(r.TransactionsFrom, beginning)
	l := list[credit]{
		first: transactionsDoc, next: transactionsFromDoc, limit: s.c.transactionsPage, row: decodeCredit,
		vars: map[string]any{"slug": r.Slug, "from": stamp(since), "since": stamp(since), "children": false},
		key:  func(c *credit) (string, instant.Instant) { return c.ID, c.Created },
	}
	if r.Known != nil { // what tells of a refund is more than a charge
		l.known = func(c *credit) bool { return !c.isRefund && c.refundID == "" && r.Known.Charge(&c.Charge) }
	}
	return l.read(ctx, s)
}

func (s *session) refunds(ctx context.Context, r PullRequest) ([]Refund, int, error) {
	since := cmp.Or(r.TransactionsFrom, beginning)
	return list[Refund]{
		first: refundsDoc, next: refundsFromDoc, limit: s.c.transactionsPage, row: decodeRefund,
		vars: map[string]any{"slug": r.Slug, "from": stamp(since), "since": stamp(since)},
		key:  func(f *Refund) (string, instant.Instant) { return f.ID, f.Created },
	}.read(ctx, s)
}

// sort parts the collective's own orders from those of its projects and events,
// each in one order that does not depend on paging. The latter are asked for
// since members pay dues there by mistake, which the treasurer has to see.
func (snap *Snapshot) sort(orders []Order) {
	snap.Orders = orders[:0] // in place: there are many, nearly all of them its own
	for _, o := range orders {
		if snap.Collective.is(o.ToAccount) {
			snap.Orders = append(snap.Orders, o)
		} else {
			snap.Elsewhere = append(snap.Elsewhere, o)
		}
	}
	clear(orders[len(snap.Orders):])
	for _, list := range [][]Order{snap.Orders, snap.Elsewhere} {
		slices.SortFunc(list, func(a, b Order) int {
			return cmp.Or(cmp.Compare(a.Created, b.Created), cmp.Compare(a.ID, b.ID))
		})
	}
}

// assemble leaves out what is no dues, joins both sources of refunds, and puts
// everything into one order that does not depend on paging.
func (snap *Snapshot) assemble(credits []credit, refunds []Refund) {
	listed := make(map[string]int, len(refunds))
	for i, r := range refunds {
		listed[r.ID] = i
	}
	snap.Charges = make([]Charge, 0, len(credits))
	for _, c := range credits {
		if c.isRefund {
			snap.DroppedCharges++
			continue
		}
		snap.Charges = append(snap.Charges, c.Charge)
		if c.refundID == "" {
			continue
		}
		if i, ok := listed[c.refundID]; ok {
			refunds[i].Charge = cmp.Or(refunds[i].Charge, c.ID)
			continue
		}
		listed[c.refundID] = len(refunds)
		refunds = append(refunds, Refund{
			ID: c.refundID, Charge: c.ID, Created: c.refundedAt, Kind: c.refundKind, Order: c.Order,
		})
	}
	snap.Refunds = refunds
	slices.SortFunc(snap.Charges, func(a, b Charge) int {
		return cmp.Or(cmp.Compare(a.Created, b.Created), cmp.Compare(a.ID, b.ID))
	})
	slices.SortFunc(snap.Refunds, func(a, b Refund) int {
		return cmp.Or(cmp.Compare(a.Created, b.Created), cmp.Compare(a.ID, b.ID))
	})
}
