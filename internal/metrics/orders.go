package metrics

import (
	"context"

	"coopcloud.tech/goodstanding/eligibility"
	"coopcloud.tech/goodstanding/internal/instant"
	"coopcloud.tech/goodstanding/member"
	"coopcloud.tech/goodstanding/store"
)

// Fate is what becomes of an order (a contribution) in the roll. Each order has
// exactly one: the first of this list that fits.
type Fate string

// The fates, in order of precedence; a closed set.
const (
	OtherAccount Fate = "ignored_other_account" // to a project or an event: no dues
	PayerHidden  Fate = "ignored_payer_hidden"  // Open Collective does not show who pays
	OneOff       Fate = "ignored_one_off"       // one-off, and the policy lets none buy months
	Supporter    Fate = "supporter"             // its payer is marked as supporter
	Matched      Fate = "matched"               // its payer is linked to a member
	Unmatched    Fate = "unmatched"             // its payer is on the desk
)

// Fates lists all fates.
func Fates() []Fate {
	return []Fate{OtherAccount, PayerHidden, OneOff, Supporter, Matched, Unmatched}
}

// Orders are the orders of the last complete snapshot.
type Orders struct {
	// Seen is what that snapshot itself says it showed.
	Seen int64
	// Fates sort the orders that are stored; they add up to Seen.
	Fates map[Fate]int64
}

// orders sorts the orders of the last complete snapshot, as links and marks
// stand at an instant.
func orders(ctx context.Context, tx *store.Tx, at instant.Instant, rule eligibility.OneOffRule) (Orders, error) {
	o := Orders{Fates: map[Fate]int64{}}
	last, ok, err := tx.LastSnapshot(ctx)
	if err != nil || !ok {
		return o, err
	}
	pull, _, err := tx.Pull(ctx, last.Pull)
	if err != nil {
		return o, err
	}
	dropped := pull.Counts["dropped_orders"] // because they pay another account
	o.Seen, o.Fates[OtherAccount] = last.Orders+dropped, dropped
	s, err := newSorter(ctx, tx, at, rule)
	if err != nil {
		return o, err
	}
	contributions, err := tx.Contributions(ctx)
	if err != nil {
		return o, err
	}
	for id, c := range contributions {
		if s.missing[id].Streak == 0 {
			o.Fates[s.fate(&c)]++
		}
	}
	return o, nil
}

// sorter knows what the fate of an order depends on.
type sorter struct {
	rule       eligibility.OneOffRule
	missing    map[string]store.MissingRow
	supporters map[member.AccountID]store.SupporterRow
	linked     map[member.AccountID]bool
}

func newSorter(ctx context.Context, tx *store.Tx, at instant.Instant, rule eligibility.OneOffRule) (*sorter, error) {
	s := &sorter{rule: rule, linked: map[member.AccountID]bool{}}
	var err error
	if s.missing, err = tx.Missing(ctx); err != nil {
		return nil, err
	}
	if s.supporters, err = tx.Supporters(ctx); err != nil {
		return nil, err
	}
	links, err := tx.Links(ctx)
	if err != nil {
		return nil, err
	}
	for _, l := range links {
		if at.In(l.From, l.Until) {
			s.linked[l.Account] = true
		}
	}
	return s, nil
}

func (s *sorter) fate(c *store.ContributionRow) Fate {
	_, supporter := s.supporters[c.Account]
	switch {
	case c.Account == "":
		return PayerHidden
	case c.Interval == eligibility.OneOff && s.rule != eligibility.OneOffBuysMonths:
		return OneOff
	case supporter:
		return Supporter
	case s.linked[c.Account]:
		return Matched
	}
	return Unmatched
}
