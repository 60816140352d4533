package roll

import (
	"context"
	"fmt"
	"slices"
	"time"

	"coopcloud.tech/goodstanding/decisions"
	"coopcloud.tech/goodstanding/eligibility"
	"coopcloud.tech/goodstanding/internal/instant"
	"coopcloud.tech/goodstanding/store"
)

// Hindsight answers who might vote at any instant, by what was known at any other: the
// facts of all members and the rules, as one transaction saw them. Unlike a Book it
// has no names and no desk, and asks nothing of the counters.
type Hindsight struct {
	rules *rules
	facts []eligibility.Facts
	zone  *time.Location
}

// Hindsight reads it.
func (r *Roll) Hindsight(ctx context.Context, tx *store.Tx) (*Hindsight, error) {
	p := &Hindsight{zone: r.zone}
	var err error
	if p.rules, err = r.rulesOf(ctx, tx); err == nil {
		p.facts, err = tx.Facts(ctx)
	}
	if err != nil {
		return nil, fmt.Errorf("read who might vote: %w", err)
	}
	return p, nil
}

// Voters is what the register said of all members' votes at an instant, by what was
// known then, as Roll.Voters.
func (p *Hindsight) Voters(at, known instant.Instant) decisions.Roll {
	return votersOf(p.rules, p.facts, at, known, p.zone)
}

// VotersBefore is Voters as the program counted them until 30 November 2026: a break that
// was over still took the vote of a member about whom nothing could be said, and a policy
// that a decision enacted was not known from its own instant on (rules.counted). A decision
// that was closed then rests on it.
func (p *Hindsight) VotersBefore(at, known instant.Instant) decisions.Roll {
	then := make([]eligibility.Facts, len(p.facts))
	for i := range p.facts {
		then[i] = breaksLast(&p.facts[i])
	}
	return votersBy(p.rules.policies, p.rules, then, at, known, p.zone)
}

// MembershipKnown are the first n times after an instant at which something about
// a membership became known.
func (p *Hindsight) MembershipKnown(after instant.Instant, n int) []instant.Instant {
	all := p.membershipKnown()
	i, _ := slices.BinarySearch(all, after+1)
	return all[i:min(i+n, len(all))]
}

// BeforeMembershipKnown are the instants right before each of the last n times, up to an
// instant, at which something about a membership became known, the latest first.
func (p *Hindsight) BeforeMembershipKnown(until instant.Instant, n int) (out []instant.Instant) {
	all := p.membershipKnown()
	i, _ := slices.BinarySearch(all, until+1)
	for _, known := range slices.Backward(all[max(0, i-n):i]) {
		out = append(out, known-1)
	}
	return out
}

// membershipKnown are the times at which something about a membership became known, in
// their order.
func (p *Hindsight) membershipKnown() (out []instant.Instant) {
	for i := range p.facts {
		for _, m := range p.facts[i].Membership {
			for _, known := range []instant.Instant{m.Known, m.Gone} {
				if known > 0 {
					out = append(out, known)
				}
			}
		}
	}
	slices.Sort(out)
	return slices.Compact(out)
}
