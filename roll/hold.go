package roll

import (
	"context"
	"fmt"
	"slices"
	"strings"

	"coopcloud.tech/goodstanding/eligibility"
	"coopcloud.tech/goodstanding/internal/arrange"
	"coopcloud.tech/goodstanding/internal/instant"
	"coopcloud.tech/goodstanding/member"
	"coopcloud.tech/goodstanding/store"
)

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
		one := readable(h)
		one.AcknowledgedBy, one.Reason = labels[h.Ack.Actor], texts[h.Ack.Reason]
		if err := r.addMembers(ctx, tx, ru, h, &one, names); err != nil {
			return nil, err
		}
		out = append(out, one)
	}
	return out, nil
}

// readable is what a hold says by itself, without names.
func readable(h store.Hold) Hold {
	return Hold{ID: h.ID, Cause: h.Cause, Likely: likely(h.Cause), SetAt: h.SetAt, AcknowledgedAt: h.Ack.At}
}

// addMembers adds whom the hold keeps, and what most of them have in common where the cause
// is their number alone.
func (r *Roll) addMembers(ctx context.Context, tx *store.Tx, ru *rules, h store.Hold, one *Hold, names map[member.ID]string) error {
	ids := make([]member.ID, len(h.Members))
	kept := make(map[member.ID]eligibility.State, len(h.Members))
	for i, m := range h.Members {
		ids[i], kept[m.Member] = m.Member, m.State
	}
	facts, err := tx.Facts(ctx, ids...)
	if err != nil {
		return err
	}
	if h.Cause == causeMany {
		one.Likely = mostOf(facts, one.Likely)
	}
	now := r.now()
	for i := range facts {
		f := facts[i]
		with := ru.policies.Assess(f.Unbroken(), now, tx.Known()) // whom it waits for is held as well
		_, held := with.Reason(eligibility.CodeHeld)
		f.Holds = nil
		without := ru.policies.Assess(&f, now, tx.Known())
		one.Members = append(one.Members, HeldMember{ID: f.Member, Name: names[f.Member], Kept: kept[f.Member], Computed: without.State, Over: !held})
	}
	arrange.By(one.Members, func(a, b HeldMember) int { return strings.Compare(a.Name, b.Name) })
	return nil
}

// mostOf says what became of the contributions of most of the members, and else what is
// given: refused cards or deleted promises of many at once have another cause than people.
func mostOf(members []eligibility.Facts, otherwise string) string {
	is := map[eligibility.Status]int{}
	for i := range members {
		if c := lastPromise(&members[i]); c != nil {
			is[c.Status]++
		}
	}
	for status, words := range map[eligibility.Status]string{
		eligibility.StatusError:     "the payments of %d of these %d members were refused",
		eligibility.StatusCancelled: "the contributions of %d of these %d members were cancelled",
		eligibility.StatusPaused:    "the contributions of %d of these %d members were paused",
	} {
		if n := is[status]; n >= 2 && 2*n > len(members) {
			return fmt.Sprintf(words, n, len(members))
		}
	}
	return otherwise
}

// lastPromise is the newest version of the contribution that changed last; nil for none.
func lastPromise(f *eligibility.Facts) (last *eligibility.Contribution) {
	for i := range f.Contributions {
		if c := &f.Contributions[i]; last == nil || c.Effective >= last.Effective {
			last = c
		}
	}
	return last
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

// Acknowledge ends a hold for the members it still keeps: they worsen now
// (domain.md, section 3, "Brake"). It is refused for a hold that is acknowledged
// already. A treasurer or the operator may, and a program whose token has
// ScopeHoldsWrite.
func (r *Roll) Acknowledge(ctx context.Context, by By, hold string) (Report, error) {
	var ended *Hold
	report, err := r.enter(ctx, by, actionAcknowledge, "acknowledge the hold", hold, func(a *act) error {
		may, err := a.keeperOrToken(ctx, ScopeHoldsWrite)
		if err != nil || !may {
			return err
		}
		h, err := storedHold(ctx, a.tx, hold)
		if err != nil {
			return err
		}
		if !h.Standing() {
			a.refuse("it was acknowledged on %s", h.Ack.At.Day())
		}
		if a.refused() {
			return nil
		}
		h.Ack = store.HoldAck{Hold: hold, At: a.now, By: a.author}
		if err := a.tx.AcknowledgeHold(ctx, h.Ack); err != nil {
			return err
		}
		ended, err = r.ended(ctx, a, h)
		return err
	})
	if err == nil {
		report.Acknowledged = ended
	}
	return report, err
}

func storedHold(ctx context.Context, tx *store.Tx, id string) (store.Hold, error) {
	holds, err := tx.Holds(ctx)
	if err != nil {
		return store.Hold{}, err
	}
	i := slices.IndexFunc(holds, func(h store.Hold) bool { return h.ID == id })
	if i < 0 {
		return store.Hold{}, &NotFound{What: "hold", Word: id}
	}
	return holds[i], nil
}

// ended is a hold as it reads once it is acknowledged in this transaction.
func (r *Roll) ended(ctx context.Context, a *act, h store.Hold) (*Hold, error) {
	ru, err := r.rulesOf(ctx, a.tx)
	if err != nil {
		return nil, err
	}
	names := make(map[member.ID]string, len(a.members))
	for _, m := range a.members {
		names[m.ID] = nameOf(m)
	}
	one := readable(h)
	one.AcknowledgedBy, one.Reason = a.actor.Label, a.by.reason()
	err = r.addMembers(ctx, a.tx, ru, h, &one, names)
	return &one, err
}

// namesOf are the names of all members, and what stands for those that were erased.
func namesOf(ctx context.Context, tx *store.Tx) (map[member.ID]string, error) {
	infos, err := tx.Members(ctx)
	if err != nil {
		return nil, err
	}
	names := make(map[member.ID]string, len(infos))
	for _, i := range infos {
		names[i.ID] = nameOf(i)
	}
	return names, nil
}
