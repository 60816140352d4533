package roll

import (
	"context"
	"slices"

	"coopcloud.tech/goodstanding/eligibility"
	"coopcloud.tech/goodstanding/internal/instant"
	"coopcloud.tech/goodstanding/internal/money"
	"coopcloud.tech/goodstanding/member"
	"coopcloud.tech/goodstanding/store"
)

// The causes of a hold (domain.md, sections 3 and 4).
const (
	causeMany     = "many"     // more than the policy lets one snapshot take
	causeHost     = "host"     // the collective changed its fiscal host
	causeFrozen   = "frozen"   // the collective is frozen
	causeTier     = "tier"     // a tier was deleted
	causeCurrency = "currency" // money comes in a currency that is not counted
)

// brake counts the members that this snapshot makes worse, and puts them under
// one hold when they are too many, or have one cause on the collective's side
// (domain.md, section 3, "Brake").
func (a *assessment) brake(ctx context.Context, s SnapshotInfo) error {
	rules, ok := a.rules.inForce(s.Start, a.known)
	if !ok {
		return nil
	}
	worse, good := a.worse()
	if len(worse) == 0 {
		return nil
	}
	good += a.good()
	recent, err := a.recentlyWorse(ctx, s.Start, &rules.Eligibility, worse)
	if err != nil {
		return err
	}
	cause := a.cause(s, &rules.Eligibility, worse)
	if cause == "" && tooMany(&rules.Eligibility, len(worse)+recent, good) {
		cause = causeMany
	}
	if cause == "" {
		return nil
	}
	return a.setHold(ctx, s, cause, worse)
}

// worse are the members that lose a right now, and the number of those, among the
// members that were read, that were in good standing before.
func (a *assessment) worse() (worse []*assessed, good int) {
	for i := range a.members {
		m := &a.members[i]
		if m.first {
			continue
		}
		if m.before.State.GoodStanding() {
			good++
		}
		was := recordedStanding(m.before)
		if eligibility.Worse(&was, &m.now) {
			worse = append(worse, m)
		}
	}
	return worse, good
}

// recentlyWorse counts other members that snapshots made worse within the
// policy's window: a mass change does not pass in slices.
func (a *assessment) recentlyWorse(ctx context.Context, start instant.Instant, p *eligibility.Policy, now []*assessed) (int, error) {
	rows, err := a.tx.StandingsSince(ctx, max(1, start.Add(-p.Brake.Within)))
	if err != nil {
		return 0, err
	}
	seen := map[member.ID]bool{}
	for _, m := range now {
		seen[m.info.ID] = true
	}
	n := 0
	for _, row := range rows {
		if row.Worse && !seen[row.Member] {
			seen[row.Member] = true
			n++
		}
	}
	return n, nil
}

// tooMany is more than max(at_least, share x members in good standing), or two
// or more that are at least half of them.
func tooMany(p *eligibility.Policy, worse, good int) bool {
	b := p.Brake
	over := worse > b.AtLeast && (b.ShareDen == 0 || int64(worse)*b.ShareDen > b.ShareNum*int64(good))
	return over || worse >= 2 && 2*worse >= good
}

// cause finds what two or more of the members made worse have in common on the
// collective's side; "" for nothing. A policy that counts no money of the
// collective holds whoever it makes worse.
func (a *assessment) cause(s SnapshotInfo, p *eligibility.Policy, worse []*assessed) string {
	if c, err := money.ParseCurrency(s.Currency); err == nil && !p.HasMinimum(c) {
		return eligibility.CausePolicyFault
	}
	if len(worse) < 2 {
		return ""
	}
	switch {
	case s.HostChanged:
		return causeHost
	case s.Frozen:
		return causeFrozen
	case s.CurrencyChanged, count(worse, wrongCurrency) >= 2:
		return causeCurrency
	case count(worse, func(m *assessed) bool { return lostTier(m, s.LostTier) }) >= 2:
		return causeTier
	}
	return ""
}

func count(ms []*assessed, is func(*assessed) bool) (n int) {
	for _, m := range ms {
		if is(m) {
			n++
		}
	}
	return n
}

func wrongCurrency(m *assessed) bool {
	_, ok := m.now.Reason(eligibility.CodeWrongCurrency)
	return ok
}

func lostTier(m *assessed, payers []member.AccountID) bool {
	return slices.ContainsFunc(m.info.Links, func(l store.LinkState) bool { return slices.Contains(payers, l.Account) })
}

// setHold stores the hold with what it keeps, and assesses its members anew
// under it.
func (a *assessment) setHold(ctx context.Context, s SnapshotInfo, cause string, worse []*assessed) error {
	since := s.Previous
	if since == 0 {
		since = s.Start
	}
	a.hold = &store.HoldRow{ID: a.r.newID("h"), Cause: cause, SetAt: s.Start, Since: since, Snapshot: s.Number}
	for _, m := range worse {
		a.kept = append(a.kept, store.HoldMember{
			Hold: a.hold.ID, Member: m.info.ID, State: m.before.State,
			Vote: m.before.Vote, Listing: m.before.Listing, Services: m.before.Services,
		})
		m.facts.Holds = append(m.facts.Holds, eligibility.Hold{
			ID: a.hold.ID, Cause: cause, SetAt: s.Start, Since: since, Known: a.known,
			Kept: eligibility.Kept{State: m.before.State, Vote: m.before.Vote, Listing: m.before.Listing, Services: m.before.Services},
		})
		m.now = a.rules.policies.Assess(&m.facts, a.now, a.known)
	}
	return a.tx.AddHold(ctx, *a.hold, a.kept)
}
