package roll

import (
	"context"
	"fmt"
	"slices"
	"strings"

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

// worse are the members that lose a right now, and the number of those that
// were in good standing before.
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

// Hold is a hold for people to read.
type Hold struct {
	ID     string
	Cause  string // a word of a closed set
	Likely string // the likely cause, in words
	SetAt  instant.Instant
	// Members are those it keeps, by name.
	Members        []HeldMember
	AcknowledgedAt instant.Instant // 0 while it stands
	AcknowledgedBy string
	Reason         string
}

// HeldMember is a member under a hold.
type HeldMember struct {
	ID   member.ID
	Name string
	// Kept is the state it keeps, Computed the one it would have now without any hold.
	Kept, Computed eligibility.State
	// Over says that the hold has ended for it: nothing is worse any more.
	Over bool
}

// Holds lists holds, the newest first; with all also those acknowledged.
func (r *Roll) Holds(ctx context.Context, all bool) ([]Hold, error) {
	var out []Hold
	err := r.db.View(ctx, func(tx *store.Tx) error {
		var err error
		out, err = r.holds(ctx, tx, all)
		return err
	})
	if err != nil {
		return nil, fmt.Errorf("list the holds: %w", err)
	}
	return out, nil
}

func (r *Roll) holds(ctx context.Context, tx *store.Tx, all bool) ([]Hold, error) {
	stored, err := tx.Holds(ctx)
	if err != nil || len(stored) == 0 {
		return nil, err
	}
	ru, err := r.rulesOf(ctx, tx)
	if err != nil {
		return nil, err
	}
	names, err := namesOf(ctx, tx)
	if err != nil {
		return nil, err
	}
	labels, err := tx.ActorLabels(ctx)
	if err != nil {
		return nil, err
	}
	var out []Hold
	for _, h := range slices.Backward(stored) {
		if !all && !h.Standing() {
			continue
		}
		texts, err := tx.Texts(ctx, h.Ack.Reason)
		if err != nil {
			return nil, err
		}
		one := Hold{ID: h.ID, Cause: h.Cause, Likely: likely(h.Cause), SetAt: h.SetAt,
			AcknowledgedAt: h.Ack.At, AcknowledgedBy: labels[h.Ack.Actor], Reason: texts[h.Ack.Reason]}
		if one.Members, err = r.heldMembers(ctx, tx, ru, h, names); err != nil {
			return nil, err
		}
		out = append(out, one)
	}
	return out, nil
}

func (r *Roll) heldMembers(ctx context.Context, tx *store.Tx, ru *rules, h store.Hold, names map[member.ID]string) ([]HeldMember, error) {
	ids := make([]member.ID, len(h.Members))
	kept := make(map[member.ID]eligibility.State, len(h.Members))
	for i, m := range h.Members {
		ids[i], kept[m.Member] = m.Member, m.State
	}
	facts, err := tx.Facts(ctx, ids...)
	if err != nil {
		return nil, err
	}
	now := r.now()
	var out []HeldMember
	for i := range facts {
		f := facts[i]
		with := ru.policies.Assess(&f, now, tx.Known())
		_, held := with.Reason(eligibility.CodeHeld)
		f.Holds = nil
		without := ru.policies.Assess(&f, now, tx.Known())
		out = append(out, HeldMember{ID: f.Member, Name: names[f.Member], Kept: kept[f.Member], Computed: without.State, Over: !held})
	}
	slices.SortFunc(out, func(a, b HeldMember) int { return strings.Compare(a.Name, b.Name) })
	return out, nil
}

func likely(cause string) string {
	switch cause {
	case causeHost:
		return "the collective changed its fiscal host, so Open Collective paused or moved the contributions"
	case causeFrozen:
		return "the collective is frozen on Open Collective, so nothing is charged"
	case causeTier:
		return "a tier was deleted on Open Collective, which cancels its contributions"
	case causeCurrency:
		return "payments come in a currency that the policy does not count"
	case eligibility.CausePolicyFault:
		return "the policy in force counts no money of this collective"
	}
	return "more members lost a right at once than the policy lets one snapshot take"
}

// Acknowledge ends a hold for the members it still keeps: they worsen now. It
// is refused for a hold that is acknowledged already.
func (r *Roll) Acknowledge(ctx context.Context, by By, hold string) (Report, error) {
	return r.change(ctx, entry{by: by, action: "acknowledge_hold", subject: hold}, func(tx *store.Tx, author store.By) error {
		holds, err := tx.Holds(ctx)
		if err != nil {
			return err
		}
		i := slices.IndexFunc(holds, func(h store.Hold) bool { return h.ID == hold })
		if i < 0 {
			return &NotFound{What: "hold", Word: hold}
		}
		if why := refuseAcknowledgement(by, holds[i]); len(why) > 0 {
			return &Refused{What: "acknowledge the hold", Reasons: why}
		}
		return tx.AcknowledgeHold(ctx, store.HoldAck{Hold: hold, At: tx.Now(), By: author})
	})
}

func refuseAcknowledgement(by By, h store.Hold) []string {
	var why []string
	if !h.Standing() {
		why = append(why, "it was acknowledged on "+h.Ack.At.Day())
	}
	if !by.Actor.Operator && !by.Actor.Has(member.Treasurer) {
		why = append(why, "only a treasurer or the operator may")
	}
	return why
}

func namesOf(ctx context.Context, tx *store.Tx) (map[member.ID]string, error) {
	infos, err := tx.Members(ctx)
	if err != nil {
		return nil, err
	}
	names := make(map[member.ID]string, len(infos))
	for _, i := range infos {
		names[i.ID] = i.Detail.Name
	}
	return names, nil
}
