package roll

import (
	"context"
	"fmt"
	"strconv"
	"strings"

	"coopcloud.tech/goodstanding/decisions"
	"coopcloud.tech/goodstanding/eligibility"
	"coopcloud.tech/goodstanding/internal/instant"
	"coopcloud.tech/goodstanding/member"
	"coopcloud.tech/goodstanding/policy"
	"coopcloud.tech/goodstanding/store"
)

// Voters is what the register says of members' votes (none named: of all) at an
// instant, by what was known then, as a transaction sees it. With Open
// Collective not read lately the last trusted standing counts, marked so
// (domain.md, sections 3 and 5).
func (r *Roll) Voters(ctx context.Context, tx *store.Tx, at, known instant.Instant, ids ...member.ID) (decisions.Roll, error) {
	ru, err := r.rulesOf(ctx, tx)
	if err != nil {
		return nil, fmt.Errorf("read who may vote: %w", err)
	}
	facts, err := tx.Facts(ctx, ids...)
	if err != nil {
		return nil, fmt.Errorf("read who may vote: %w", err)
	}
	out := make(decisions.Roll, len(facts))
	for i := range facts {
		s := ru.policies.Assess(&facts[i], at, known)
		out[facts[i].Member] = r.voter(&s, ru)
	}
	return out, nil
}

var memberships = map[eligibility.State]decisions.Membership{
	eligibility.StateLeft: decisions.Left, eligibility.StateSuspended: decisions.Suspended,
	eligibility.StateApplied: decisions.Applied, eligibility.StatePaused: decisions.Paused,
}

var membershipCodes = map[eligibility.State]eligibility.Code{
	eligibility.StateLeft: eligibility.CodeLeft, eligibility.StateSuspended: eligibility.CodeSuspended, eligibility.StatePaused: eligibility.CodePaused,
}

func (r *Roll) voter(s *eligibility.Standing, ru *rules) decisions.Verdict {
	v := decisions.Verdict{Vote: s.Has(eligibility.Vote), Membership: decisions.Admitted, Grace: s.State == eligibility.StateGrace && s.Has(eligibility.Vote)}
	if m, other := memberships[s.State]; other {
		v.Membership = m
		if reason, ok := s.Reason(membershipCodes[s.State]); ok {
			v.Since = reason.Since
		}
	}
	_, stale := s.Reason(eligibility.CodeStale)
	_, held := s.Reason(eligibility.CodeHeld)
	v.Trusted = stale || held
	if err := s.Refuse(eligibility.Vote, r.zone); err != nil {
		v.Why = err.Error()
		minimum := ""
		if version, ok := ru.inForce(s.At, s.Known); ok {
			minimum = minimumWords(&version.Eligibility)
		}
		for _, step := range whatToDo(s, minimum) {
			if !strings.HasPrefix(step, "To be listed") {
				v.Why += ". " + step
			}
		}
	}
	return v
}

// PublicName is the name under which everybody may read of a member; "" for one
// that has none (domain.md, section 8).
func (r *Roll) PublicName(ctx context.Context, tx *store.Tx, id member.ID) (string, error) {
	all, err := tx.Members(ctx)
	if err != nil {
		return "", fmt.Errorf("read a member's name: %w", err)
	}
	for _, m := range all {
		if m.ID == id {
			return publicName(m), nil
		}
	}
	return "", nil
}

// PolicyAt is the version in force at an instant by what was known then; ok is
// false for a store without one.
func (r *Roll) PolicyAt(ctx context.Context, tx *store.Tx, at, known instant.Instant) (v policy.Version, ok bool, err error) {
	ru, err := r.rulesOf(ctx, tx)
	if err != nil {
		return v, false, fmt.Errorf("read the policy: %w", err)
	}
	v, ok = ru.inForce(at, known)
	return v, ok, nil
}

// actionDecided is the audit chain's word for what a passed decision does.
const actionDecided = "decided"

// AdmitDecided makes the applicant a member at the instant at which a decision
// to admit it has passed, in the transaction that closes it. An applicant that
// was admitted otherwise meanwhile, or has left, stays as it is.
func (r *Roll) AdmitDecided(ctx context.Context, tx *store.Tx, applicant member.ID, number int, at instant.Instant) (Report, error) {
	by := By{Actor: member.Actor{ID: "decisions", Label: "decisions"}, Reason: fmt.Sprintf("decision %d has passed", number)}
	all, err := tx.Membership(ctx)
	if err != nil {
		return Report{}, fmt.Errorf("admit by decision: %w", err)
	}
	door, known := history(all[applicant]).door(at)
	if !known || door.Kind != eligibility.Applied {
		return Report{}, nil
	}
	row := store.MembershipRow{ID: r.newID("e"), Member: applicant, Kind: eligibility.Admitted, At: at, Decision: strconv.Itoa(number)}
	if row.By, err = author(ctx, tx, by); err != nil {
		return Report{}, err
	}
	if err := tx.AddMembership(ctx, row); err != nil {
		return Report{}, err
	}
	e := entry{by: by, action: actionDecided, subject: string(applicant), payload: map[string]any{"decision": number, "at": at}}
	if err := audit(ctx, tx, e, row.By); err != nil {
		return Report{}, err
	}
	return r.afterEntry(ctx, tx)
}
