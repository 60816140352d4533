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
	cause, err := a.cause(ctx, s, &rules.Eligibility, worse, recent)
	if err != nil {
		return err
	}
	if cause == "" && tooMany(&rules.Eligibility, len(worse)+len(recent), good) {
		cause = causeMany
	}
	if cause == "" {
		return nil
	}
	kept := make([]keeping, 0, len(worse))
	for _, m := range worse {
		kept = append(kept, keeping{m, recordedStanding(m.before)})
	}
	return a.setHold(ctx, s, cause, append(kept, a.worseMeanwhile()...))
}

// keeping is a member that a hold keeps, with what it keeps.
type keeping struct {
	*assessed
	was eligibility.Standing
}

// worseMeanwhile are the members in a break or suspended that would lose a right now by their
// dues. No vote is recorded of them, and none is taken, so the brake does not count them; but
// who comes back while the hold stands has what those have that stayed.
func (a *assessment) worseMeanwhile() (kept []keeping) {
	for i := range a.members {
		m := &a.members[i]
		if m.first || m.now.State != eligibility.StatePaused && m.now.State != eligibility.StateSuspended {
			continue
		}
		facts := m.facts.Unbroken()
		was := a.rules.policies.Assess(facts, a.now, a.known-1) // by what was known before this step
		is := a.rules.policies.Assess(facts, a.now, a.known)
		if eligibility.Worse(&was, &is) {
			kept = append(kept, keeping{m, was})
		}
	}
	return kept
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

// recentlyWorse are other members that snapshots made worse within the policy's window, also
// those whom a hold has kept since: a mass change does not pass in slices.
func (a *assessment) recentlyWorse(ctx context.Context, start instant.Instant, p *eligibility.Policy, now []*assessed) (recent []member.ID, err error) {
	since := max(1, start.Add(-p.Brake.Within))
	rows, err := a.tx.StandingsSince(ctx, since)
	if err != nil {
		return nil, err
	}
	seen := map[member.ID]bool{}
	for _, m := range now {
		seen[m.info.ID] = true
	}
	add := func(id member.ID) {
		if !seen[id] {
			seen[id] = true
			recent = append(recent, id)
		}
	}
	for _, row := range rows {
		if row.Worse {
			add(row.Member)
		}
	}
	for i := range a.members { // a step reads all that are held (calmUntil)
		if m := &a.members[i]; m.heldSince(since) {
			add(m.info.ID)
		}
	}
	return recent, nil
}

// heldSince says that a hold which was stored then or later, and which nobody has
// acknowledged, keeps a right of the member: its snapshot made it worse, though by what is
// recorded nothing has changed.
func (m *assessed) heldSince(known instant.Instant) bool {
	_, held := m.now.Reason(eligibility.CodeHeld)
	return held && slices.ContainsFunc(m.facts.Holds, func(h eligibility.Hold) bool { return h.AckAt == 0 && h.Known >= known })
}

// tooMany is more than max(at_least, share x members in good standing), or two
// or more that are at least half of them.
func tooMany(p *eligibility.Policy, worse, good int) bool {
	b := p.Brake
	over := worse > b.AtLeast && (b.ShareDen == 0 || int64(worse)*b.ShareDen > b.ShareNum*int64(good))
	return over || worse >= 2 && 2*worse >= good
}

// cause finds what two or more of the members made worse, now or within the window, have
// in common on the collective's side, one of them now; "" for nothing. A policy that counts
// no money of the collective holds whoever it makes worse.
//
// A right is taken weeks after its cause: what is paid lasts on, then comes a grace. So it is
// no matter which snapshot showed the cause, but whether it lay between the last charge and now.
func (a *assessment) cause(ctx context.Context, s SnapshotInfo, p *eligibility.Policy, worse []*assessed, recent []member.ID) (string, error) {
	if c, err := money.ParseCurrency(s.Currency); err == nil && !p.HasMinimum(c) {
		return eligibility.CausePolicyFault, nil
	}
	if len(worse)+len(recent) < 2 {
		return "", nil
	}
	var before []eligibility.Facts
	if len(recent) > 0 {
		var err error
		if before, err = a.tx.Facts(ctx, recent...); err != nil {
			return "", err
		}
	}
	seen, err := a.collectiveSide(ctx, worse, before)
	if err != nil {
		return "", err
	}
	counts := map[string]int{}
	for _, m := range worse {
		for _, cause := range seen.causes(p, &m.facts, &m.now) {
			counts[cause]++
		}
	}
	for i := range before {
		now := a.rules.policies.Assess(&before[i], a.now, a.known)
		for _, cause := range seen.causes(p, &before[i], &now) {
			if counts[cause] > 0 { // a hold keeps whom this snapshot makes worse
				counts[cause]++
			}
		}
	}
	for _, cause := range []string{causeHost, causeFrozen, causeCurrency, causeTier} {
		if counts[cause] >= 2 {
			return cause, nil
		}
	}
	return "", nil
}

// collectiveSide is what became of the collective and of tiers: what could be one cause of
// many lapses.
type collectiveSide struct {
	// host, currency and thawed are when it last had another one than before, and when it
	// was last seen frozen no longer; 0 for never.
	host, currency, thawed instant.Instant
	frozen                 bool
	tiers                  map[string]instant.Instant // since when a contribution has lost its tier
}

func (a *assessment) collectiveSide(ctx context.Context, worse []*assessed, before []eligibility.Facts) (seen collectiveSide, err error) {
	changes, err := a.tx.CollectiveChanges(ctx)
	if err != nil {
		return seen, err
	}
	for i, c := range changes {
		seen.frozen = c.Frozen
		if i == 0 {
			continue
		}
		last := changes[i-1]
		if c.Host != last.Host {
			seen.host = c.Start
		}
		if c.Currency != last.Currency {
			seen.currency = c.Start
		}
		if last.Frozen && !c.Frozen {
			seen.thawed = c.Start
		}
	}
	var promises []string
	for _, m := range worse {
		promises = appendPromises(promises, &m.facts)
	}
	for i := range before {
		promises = appendPromises(promises, &before[i])
	}
	if len(promises) > 0 {
		seen.tiers, err = a.tx.LostTiers(ctx, promises...)
	}
	return seen, err
}

// appendPromises adds the ids of the member's contributions, each once.
func appendPromises(ids []string, f *eligibility.Facts) []string {
	first := len(ids)
	for i := range f.Contributions {
		if id := f.Contributions[i].ID; !slices.Contains(ids[first:], id) {
			ids = append(ids, id)
		}
	}
	return ids
}

// causes are what happened on the collective's side after the member was last charged.
// Nothing did to one that has never been charged, or has paid in another way since.
func (c *collectiveSide) causes(p *eligibility.Policy, f *eligibility.Facts, now *eligibility.Standing) (causes []string) {
	charged := lastCharged(p, f)
	since := func(at instant.Instant) bool { return charged != 0 && at > charged }
	if since(c.host) {
		causes = append(causes, causeHost)
	}
	if charged != 0 && c.frozen || since(c.thawed) {
		causes = append(causes, causeFrozen)
	}
	if _, wrong := now.Reason(eligibility.CodeWrongCurrency); wrong || since(c.currency) {
		causes = append(causes, causeCurrency)
	}
	if slices.ContainsFunc(f.Contributions, func(v eligibility.Contribution) bool { return since(c.tiers[v.ID]) }) {
		causes = append(causes, causeTier)
	}
	return causes
}

// lastCharged is when a recurring contribution of the member was last charged; 0 where none
// ever was, or where a later payment was entered that covers by itself. What was given once
// beside the dues, or by an account that was another member's then, tells nothing of them.
func lastCharged(p *eligibility.Policy, f *eligibility.Facts) (at instant.Instant) {
	for i := range f.Charges {
		c := &f.Charges[i]
		if c.Kind == eligibility.ContributionCharge && c.Interval != eligibility.OneOff && c.From > at && linkedAt(f, c.Account, c.From) {
			at = c.From
		}
	}
	for i := range f.Payments {
		e := &f.Payments[i]
		least, counts := p.MonthlyMinimum(e.Amount.Currency)
		if e.Gone == 0 && e.Charge == "" && e.From > at && counts && e.Amount.Minor >= least.Minor*int64(e.Months) {
			return 0
		}
	}
	return at
}

func linkedAt(f *eligibility.Facts, account member.AccountID, at instant.Instant) bool {
	return slices.ContainsFunc(f.Links, func(l eligibility.Link) bool {
		return l.Account == account && l.Gone == 0 && at.In(l.From, l.Until)
	})
}

// setHold stores the hold with what it keeps, and assesses its members anew
// under it.
func (a *assessment) setHold(ctx context.Context, s SnapshotInfo, cause string, members []keeping) error {
	since := s.Previous
	if since == 0 {
		since = s.Start
	}
	a.hold = &store.HoldRow{ID: a.r.newID("h"), Cause: cause, SetAt: s.Start, Since: since, Snapshot: s.Number}
	for _, m := range members {
		k := eligibility.Kept{State: m.was.State, Vote: m.was.Has(eligibility.Vote), Listing: m.was.Has(eligibility.Listing), Services: m.was.Has(eligibility.Services)}
		a.kept = append(a.kept, store.HoldMember{Hold: a.hold.ID, Member: m.info.ID, State: k.State, Vote: k.Vote, Listing: k.Listing, Services: k.Services})
		m.facts.Holds = append(m.facts.Holds, eligibility.Hold{
			ID: a.hold.ID, Cause: cause, SetAt: s.Start, Since: since, Known: a.known, Kept: k,
		})
		m.now = a.rules.policies.Assess(&m.facts, a.now, a.known)
	}
	return a.tx.AddHold(ctx, *a.hold, a.kept)
}
