package roll

import (
	"cmp"
	"context"
	"maps"
	"slices"
	"time"

	"coopcloud.tech/goodstanding/eligibility"
	"coopcloud.tech/goodstanding/internal/arrange"
	"coopcloud.tech/goodstanding/internal/instant"
	"coopcloud.tech/goodstanding/member"
	"coopcloud.tech/goodstanding/store"
)

// sorting is everything that is looked at to find what is to be sorted out, as
// one transaction saw it, and what was found.
type sorting struct {
	*inventory
	match *matcher
	zone  *time.Location
	known instant.Instant
	rules *rules
	snaps eligibility.Snapshots
	last  store.Snapshot // the newest complete one; zero for none

	contributions map[string]store.ContributionRow
	missing       map[string]store.MissingRow
	charges       []store.ChargeRow            // the oldest first
	of            map[string][]store.ChargeRow // by contribution, the oldest first
	coverages     map[string]store.CoverageRow
	flags         map[string]store.ChargeFlags
	refunds       map[string][]store.RefundRow // by charge
	payments      []store.PaymentState         // those that stand
	references    map[string]bool
	former        []store.FormerAccount
	lost          map[member.ID]instant.Instant
	payers        []candidate // unmatched, by account
	likeliest     map[member.AccountID]*Suggestion
	quiet         map[member.ID]Quiet
	elsewhere     map[string]store.ElsewhereRow // recurring, to projects and events

	factsOf map[member.ID]*eligibility.Facts
	at      map[member.ID]*eligibility.Standing // see standing
	mails   map[member.ID][]string              // see addresses
	// told are the payers that an entry more pressing than "unmatched" is about.
	told map[member.AccountID]bool
	out  []DeskEntry
}

// newSorting reads everything once.
func (r *Roll) newSorting(ctx context.Context, tx *store.Tx, now instant.Instant) (*sorting, error) {
	s := &sorting{zone: r.zone, known: tx.Known(), of: map[string][]store.ChargeRow{}, mails: map[member.ID][]string{},
		factsOf: map[member.ID]*eligibility.Facts{}, at: map[member.ID]*eligibility.Standing{}, told: map[member.AccountID]bool{}}
	var err error
	if s.inventory, err = takeInventory(ctx, tx, now); err != nil {
		return nil, err
	}
	for i := range s.facts {
		s.factsOf[s.facts[i].Member] = &s.facts[i]
	}
	if s.rules, err = r.rulesOf(ctx, tx); err != nil {
		return nil, err
	}
	for _, read := range []func(context.Context, *store.Tx) error{s.readSnapshots, s.readMoney, s.readEntered} {
		if err := read(ctx, tx); err != nil {
			return nil, err
		}
	}
	if r.quiet != nil {
		if s.quiet, err = r.quiet(ctx, tx); err != nil {
			return nil, err
		}
	}
	return s, s.readPayers(ctx, tx, r)
}

func (s *sorting) readSnapshots(ctx context.Context, tx *store.Tx) (err error) {
	if s.snaps, err = snapshotsOf(ctx, tx); err != nil {
		return err
	}
	s.last, _, err = tx.LastSnapshot(ctx)
	return err
}

func (s *sorting) readMoney(ctx context.Context, tx *store.Tx) (err error) {
	if s.contributions, err = tx.Contributions(ctx); err != nil {
		return err
	}
	if s.missing, err = tx.Missing(ctx); err != nil {
		return err
	}
	if s.elsewhere, err = tx.Elsewhere(ctx); err != nil {
		return err
	}
	charges, err := tx.Charges(ctx)
	if err != nil {
		return err
	}
	if s.coverages, err = tx.Coverages(ctx); err != nil {
		return err
	}
	if s.flags, err = tx.ChargeFlags(ctx); err != nil {
		return err
	}
	refunds, err := tx.Refunds(ctx)
	s.refunds = refundsByCharge(refunds)
	for _, list := range s.refunds {
		arrange.By(list, func(a, b store.RefundRow) int { return cmp.Or(cmp.Compare(a.At, b.At), cmp.Compare(a.ID, b.ID)) })
	}
	s.charges = slices.Collect(maps.Values(charges))
	arrange.By(s.charges, func(a, b store.ChargeRow) int {
		return cmp.Or(cmp.Compare(a.Created, b.Created), cmp.Compare(a.ID, b.ID))
	})
	for _, c := range s.charges {
		s.of[c.Contribution] = append(s.of[c.Contribution], c)
	}
	return err
}

func (s *sorting) readEntered(ctx context.Context, tx *store.Tx) error {
	payments, err := tx.Payments(ctx, "")
	if err != nil {
		return err
	}
	s.references = map[string]bool{}
	for _, p := range payments {
		if !p.Undone {
			s.payments = append(s.payments, p)
			s.references[p.Reference] = true
		}
	}
	if s.lost, err = tx.DelegatesLost(ctx); err != nil {
		return err
	}
	s.former, err = tx.FormerAccounts(ctx)
	return err
}

func (s *sorting) readPayers(ctx context.Context, tx *store.Tx, r *Roll) (err error) {
	if s.payers, err = r.candidates(ctx, tx, s.now); err != nil {
		return err
	}
	unmatched := make([]store.UnmatchedPayer, len(s.payers))
	for i, c := range s.payers {
		unmatched[i] = c.UnmatchedPayer
	}
	if s.match, err = newMatcher(ctx, tx, s.inventory, unmatched); err != nil {
		return err
	}
	s.likeliest = map[member.AccountID]*Suggestion{}
	for _, like := range s.match.pairs() { // the most likely first
		if s.likeliest[like.Account.ID] == nil {
			s.likeliest[like.Account.ID] = &like
		}
	}
	return nil
}

// newest is the newest charge of a contribution; zero for none.
func (s *sorting) newest(contribution string) (c store.ChargeRow) {
	if all := s.of[contribution]; len(all) > 0 {
		c = all[len(all)-1]
	}
	return c
}

// standing is what the roll says of a member now.
func (s *sorting) standing(id member.ID) *eligibility.Standing {
	if s.at[id] == nil {
		now := s.rules.policies.Assess(s.factsOf[id], s.now, s.known)
		s.at[id] = &now
	}
	return s.at[id]
}

// ownerOf is the member for which a charge counts, if it has not left; nil for
// none.
func (s *sorting) ownerOf(c store.ChargeRow) *standingEntry {
	if m := s.owner(c.Account, c.Created); m != nil && m.stays {
		return m
	}
	return nil
}

// paidBy is the member whose account pays a contribution now, if it has not
// left; nil for none.
func (s *sorting) paidBy(c store.ContributionRow) *standingEntry {
	if m := s.owner(c.Account, s.now); m != nil && m.stays {
		return m
	}
	return nil
}

// listed are the contributions that the last snapshot showed, by creation.
func (s *sorting) listed() []store.ContributionRow {
	var out []store.ContributionRow
	for _, c := range s.contributions {
		if s.missing[c.ID].Streak == 0 {
			out = append(out, c)
		}
	}
	arrange.By(out, func(a, b store.ContributionRow) int {
		return cmp.Or(cmp.Compare(a.Created, b.Created), cmp.Compare(a.ID, b.ID))
	})
	return out
}

// namedBy is the entered payment that lets a charge count; nil for none.
func (s *sorting) namedBy(charge string) *store.PaymentState {
	for i := range s.payments {
		if s.payments[i].Charge == charge && charge != "" {
			return &s.payments[i]
		}
	}
	return nil
}

// alone is what the rules say at an instant of a member that has this charge
// and no other money, not given back: what counts is for them alone to say.
func (s *sorting) alone(m *standingEntry, c store.ChargeRow, at instant.Instant) eligibility.Standing {
	all := s.factsOf[m.ID]
	f := eligibility.Facts{Member: m.ID, Kind: all.Kind, Links: all.Links, Snapshots: all.Snapshots,
		Membership: []eligibility.MembershipFact{{ID: "alone", Kind: eligibility.Admitted, At: 1}}}
	for _, charge := range all.Charges {
		if charge.ID == c.ID {
			f.Charges = append(f.Charges, charge)
		}
	}
	for _, p := range all.Payments {
		if p.Charge == c.ID {
			f.Payments = append(f.Payments, p)
		}
	}
	return s.rules.policies.Forecast(&f, at, instant.Max)
}

// payable says that a contribution was paid once, or may be soon.
func payable(c store.ContributionRow) bool {
	switch eligibility.ParseStatus(c.Status) {
	case eligibility.StatusActive, eligibility.StatusPending, eligibility.StatusProcessing, eligibility.StatusInReview:
		return true
	}
	return c.Processed != 0
}
