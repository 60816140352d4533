package roll

import (
	"context"
	"errors"
	"fmt"
	"strconv"
	"time"

	"coopcloud.tech/goodstanding/decisions"
	"coopcloud.tech/goodstanding/eligibility"
	"coopcloud.tech/goodstanding/internal/instant"
	"coopcloud.tech/goodstanding/internal/tongue"
	"coopcloud.tech/goodstanding/member"
	"coopcloud.tech/goodstanding/notify"
	"coopcloud.tech/goodstanding/policy"
	"coopcloud.tech/goodstanding/store"
)

// Voters is what the register says of members' votes (none named: of all) at an
// instant, by what was known then, as a transaction sees it. With Open
// Collective not read lately the last trusted standing counts, marked so
// (domain.md, sections 3 and 5).
func (r *Roll) Voters(ctx context.Context, tx *store.Tx, at, known instant.Instant, ids ...member.ID) (decisions.Roll, error) {
	if !tx.WritesFacts() {
		b, err := r.lately(ctx, tx)
		if err != nil {
			return nil, fmt.Errorf("read who may vote: %w", err)
		}
		facts, err := b.factsOf(ids)
		if err != nil {
			return nil, fmt.Errorf("read who may vote: %w", err)
		}
		return votersOf(b.rules, facts, at, known, r.zone), nil
	}
	ru, err := r.rulesOf(ctx, tx)
	if err != nil {
		return nil, fmt.Errorf("read who may vote: %w", err)
	}
	facts, err := tx.Facts(ctx, ids...)
	if err != nil {
		return nil, fmt.Errorf("read who may vote: %w", err)
	}
	return votersOf(ru, facts, at, known, r.zone), nil
}

// factsOf are the facts about some members (none named: all).
func (b *Book) factsOf(ids []member.ID) ([]eligibility.Facts, error) {
	if len(ids) == 0 {
		return b.facts, nil
	}
	out := make([]eligibility.Facts, 0, len(ids))
	for _, id := range ids {
		f, ok := b.factsAbout(id)
		if !ok {
			return nil, &store.NoSuchMember{Word: string(id)}
		}
		out = append(out, *f)
	}
	return out, nil
}

func votersOf(ru *rules, facts []eligibility.Facts, at, known instant.Instant, zone *time.Location) decisions.Roll {
	return votersBy(ru.counted, ru, facts, at, known, zone)
}

func votersBy(policies eligibility.Policies, ru *rules, facts []eligibility.Facts, at, known instant.Instant, zone *time.Location) decisions.Roll {
	out := make(decisions.Roll, len(facts))
	for i := range facts {
		s := policies.Assess(&facts[i], at, known)
		v := voter(&s, ru, zone)
		if v.Membership == decisions.Left || v.Membership == decisions.Suspended {
			v.Since = eligibility.GoneSince(&facts[i], at, known)
		}
		out[facts[i].Member] = v
	}
	return out
}

// Voters is what the register said of all members' votes at an instant, by what
// was known then, as Roll.Voters; known is at most what the book holds.
func (b *Book) Voters(at, known instant.Instant) decisions.Roll {
	return votersOf(b.rules, b.facts, at, min(known, b.known), b.zone)
}

// Known is the newest instant of knowledge that the book holds.
func (b *Book) Known() instant.Instant { return b.known }

var memberships = map[eligibility.State]decisions.Membership{
	eligibility.StateLeft: decisions.Left, eligibility.StateSuspended: decisions.Suspended,
	eligibility.StateApplied: decisions.Applied, eligibility.StatePaused: decisions.Paused,
}

var membershipCodes = map[eligibility.State]eligibility.Code{
	eligibility.StateLeft: eligibility.CodeLeft, eligibility.StateSuspended: eligibility.CodeSuspended, eligibility.StatePaused: eligibility.CodePaused,
}

func voter(s *eligibility.Standing, ru *rules, zone *time.Location) decisions.Verdict {
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
	v.Why = noVote(tongue.English(), s, ru, zone)
	return v
}

// noVote says why a member has no vote, with every reason, and what would help; ""
// where it has one.
func noVote(t *tongue.Tongue, s *eligibility.Standing, ru *rules, zone *time.Location) string {
	why := s.RefuseIn(t, eligibility.Vote, zone)
	if why == "" {
		return ""
	}
	minimum := ""
	if version, ok := ru.inForce(s.At, s.Known); ok {
		minimum = policy.MinimumIn(t, version.Eligibility.Minimums)
	}
	for _, step := range duesToDo(t, s, minimum) {
		why += ". " + step
	}
	return why
}

// NoVote says why a member has no vote at an instant, in the book's language, as
// Voters does in English; "" where it has one, or is not there.
func (b *Book) NoVote(id member.ID, at instant.Instant) string {
	f, ok := b.factsAbout(id)
	if !ok {
		return ""
	}
	s := b.rules.policies.Assess(f, at, b.known)
	return noVote(b.tongue(), &s, b.rules, b.zone)
}

// PublicName is the name under which everybody may read of a member; "" for one
// that has none (domain.md, section 8).
func (r *Roll) PublicName(ctx context.Context, tx *store.Tx, id member.ID) (string, error) {
	if !tx.WritesFacts() {
		b, err := r.lately(ctx, tx)
		if err != nil {
			return "", fmt.Errorf("read a member's name: %w", err)
		}
		return b.PublicName(id), nil
	}
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

// NamesIn says what members are called, for whoever may see more than the public, as
// a transaction sees it.
func (r *Roll) NamesIn(ctx context.Context, tx *store.Tx) (func(member.ID) string, error) {
	b, err := r.lately(ctx, tx)
	if err != nil {
		return nil, fmt.Errorf("read the members' names: %w", err)
	}
	return b.Name, nil
}

// PeopleIn are all persons as a transaction sees them, by id: as they were read last
// where nobody has written since. They are shared, and nobody changes them.
func (r *Roll) PeopleIn(ctx context.Context, tx *store.Tx) ([]store.PersonInfo, error) {
	if tx.WritesFacts() {
		return tx.People(ctx)
	}
	b, err := r.lately(ctx, tx)
	if err != nil {
		return nil, fmt.Errorf("read the people: %w", err)
	}
	return b.everybody, nil
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

// deciding is the id of who enters what decisions do.
const deciding = "decisions"

// byDecision is who enters what a decision did.
func byDecision(number int) By {
	return By{Actor: member.Actor{ID: deciding, Label: "decisions"}, Reason: fmt.Sprintf("decision %d has passed", number)}
}

// entered is a change inside another transaction: f writes its rows, then the
// audit row is written and the standings are assessed. What it would tell members
// waits in the batch; "" for none.
func (r *Roll) entered(ctx context.Context, tx *store.Tx, e entry, batch notify.Batch, f func(by store.By) error) (Report, error) {
	return r.enteredBefore(ctx, tx, e, batch, f, r.afterEntry)
}

// enteredBefore is entered with the assessment given.
func (r *Roll) enteredBefore(ctx context.Context, tx *store.Tx, e entry, batch notify.Batch, f func(by store.By) error,
	assess func(context.Context, *store.Tx, because) (Report, error),
) (Report, error) {
	by, err := author(ctx, tx, e.by)
	if err != nil {
		return Report{}, err
	}
	why, err := r.beforeChange(ctx, tx, batch)
	if err != nil {
		return Report{}, err
	}
	if err := f(by); err != nil {
		return Report{}, err
	}
	if err := audit(ctx, tx, e, by); err != nil {
		return Report{}, err
	}
	return assess(ctx, tx, why)
}

// AdmitDecided makes the applicant a member at the instant at which a decision
// to admit it has passed, in the transaction that closes it. An applicant that
// was admitted otherwise meanwhile, or has left, stays as it is.
func (r *Roll) AdmitDecided(ctx context.Context, tx *store.Tx, applicant member.ID, number int, at instant.Instant) (Report, error) {
	all, err := tx.Membership(ctx)
	if err != nil {
		return Report{}, fmt.Errorf("admit by decision: %w", err)
	}
	door, known := history(all[applicant]).door(at)
	if !known || door.Kind != eligibility.Applied {
		return Report{}, nil
	}
	e := entry{by: byDecision(number), action: actionDecided, subject: string(applicant), payload: map[string]any{"decision": number, "at": at}}
	return r.entered(ctx, tx, e, "", func(by store.By) error {
		return tx.AddMembership(ctx, store.MembershipRow{ID: r.newID("e"), Member: applicant, Kind: eligibility.Admitted, At: at, Decision: strconv.Itoa(number), By: by})
	})
}

// ResumeByVoting ends a pause because a delegate of the member casts its vote
// (domain.md, section 8), in the transaction of the ballot.
func (r *Roll) ResumeByVoting(ctx context.Context, tx *store.Tx, by member.Actor, id member.ID, at instant.Instant) (Report, error) {
	e := entry{by: By{Actor: by, Reason: "casting a vote ended the pause"}, action: actionResume, subject: string(id), payload: map[string]any{"at": at}}
	return r.entered(ctx, tx, e, "", func(by store.By) error {
		return tx.AddMembership(ctx, store.MembershipRow{ID: r.newID("e"), Member: id, Kind: eligibility.Resumed, At: at, By: by})
	})
}

// CheckDecided says why a version could not be enacted by a decision, with every
// reason: a text that is no policy file with this version alone, or an id that is
// stored already.
func (r *Roll) CheckDecided(ctx context.Context, tx *store.Tx, id, text string) error {
	_, err := r.enactable(ctx, tx, id, text)
	return err
}

func (r *Roll) enactable(ctx context.Context, tx *store.Tx, id, text string) (policy.Version, error) {
	refuse := func(format string, args ...any) (policy.Version, error) {
		return policy.Version{}, &Refused{What: "enact the attached policy", Reasons: []string{fmt.Sprintf(format, args...)}}
	}
	file, err := policy.Parse("the attached policy", []byte(text))
	if err != nil {
		return policy.Version{}, err
	}
	if len(file.Versions) != 1 || file.Versions[0].ID() != id {
		return refuse("the file has to hold the version %s alone", id)
	}
	ru, err := r.rulesOf(ctx, tx)
	if err != nil {
		return policy.Version{}, fmt.Errorf("check the attached policy: %w", err)
	}
	for _, have := range ru.versions {
		if have.ID() == id {
			return refuse("version %s is stored already, and a version never changes: give the changed rules a new id", id)
		}
	}
	return file.Versions[0], nil
}

// EnactDecided puts a version in force that a decision has passed, from the
// closing instant on or from a later from of its own, in the transaction that
// closes it. Where that cannot be, because the id was stored meanwhile or the text
// was erased, the decision has passed all the same, and the audit row says that
// nothing was enacted. Where Open Collective was read between the closing instant and
// now, the brake holds whom the new rules make worse, as it would have then (afterRules).
func (r *Roll) EnactDecided(ctx context.Context, tx *store.Tx, id, text string, number int, at instant.Instant) (Report, error) {
	e := entry{by: byDecision(number), action: actionDecided, payload: map[string]any{"decision": number, "at": at}}
	v, err := r.enactable(ctx, tx, id, text)
	_, refused := errors.AsType[*Refused](err)
	_, faulty := errors.AsType[*policy.Faults](err)
	switch {
	case refused || faulty:
		e.payload["not_enacted"] = id
		return r.entered(ctx, tx, e, "", func(store.By) error { return nil })
	case err != nil:
		return Report{}, err
	}
	v = v.Enacted(strconv.Itoa(number), at)
	e.payload["versions"] = []string{id}
	return r.enteredBefore(ctx, tx, e, notify.ByPolicy, func(by store.By) error {
		return tx.AddPolicies(ctx, store.PolicyRow{ID: id, From: v.From(), Text: v.Text, SHA256: v.SHA256, DecidedBy: v.DecidedBy, Backdated: v.From() < tx.Now(), By: by})
	}, func(ctx context.Context, tx *store.Tx, why because) (Report, error) {
		return r.afterRules(ctx, tx, why, v.From())
	})
}
