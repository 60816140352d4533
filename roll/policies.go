package roll

import (
	"context"
	"errors"
	"fmt"
	"strconv"

	"coopcloud.tech/goodstanding/decisions"
	"coopcloud.tech/goodstanding/eligibility"
	"coopcloud.tech/goodstanding/internal/instant"
	"coopcloud.tech/goodstanding/member"
	"coopcloud.tech/goodstanding/policy"
	"coopcloud.tech/goodstanding/store"
)

// Policies are the versions that are stored, by From. The database, not a
// file, is what is in force (domain.md, section 4).
func (r *Roll) Policies(ctx context.Context) ([]policy.Version, error) {
	var out []policy.Version
	err := r.db.View(ctx, func(tx *store.Tx) error {
		ru, err := r.rulesOf(ctx, tx)
		if err == nil {
			out = ru.versions
		}
		return err
	})
	if err != nil {
		return nil, fmt.Errorf("list the policy versions: %w", err)
	}
	return out, nil
}

// PolicyInForce is the version in force now; ok is false for an empty store.
func (r *Roll) PolicyInForce(ctx context.Context) (v policy.Version, ok bool, err error) {
	err = r.db.View(ctx, func(tx *store.Tx) error {
		ru, err := r.rulesOf(ctx, tx)
		if err == nil {
			v, ok = ru.inForce(r.now(), tx.Known())
		}
		return err
	})
	if err != nil {
		return v, false, fmt.Errorf("read the policy: %w", err)
	}
	return v, ok, nil
}

// EnsurePolicy stores the versions of the file that are not stored yet, each
// with its text, hash and known time, and returns their ids. It is refused
// whole, with every reason, when a known id has other rules, when a new
// version starts in the past without backdate (the first versions of an empty
// store may), or when the policy in force wants a decision and none is named
// that has passed (domain.md, section 4, "A version is a fact"; see passedBy).
//
// It is for treasurers and the operator.
func (r *Roll) EnsurePolicy(ctx context.Context, by By, file *policy.File, backdate bool) (added []string, report Report, err error) {
	missing, err := r.NewVersions(ctx, by, file, backdate)
	if err != nil || len(missing) == 0 {
		return nil, Report{}, err
	}
	e := entry{by: by, action: actionAddPolicy, payload: map[string]any{}}
	report, err = r.change(ctx, e, func(tx *store.Tx, author store.By) error {
		a, err := r.newAct(ctx, tx, by, nil)
		if err != nil {
			return err
		}
		if !a.keeper() {
			return &Refused{What: addPolicyWhat, Reasons: a.reasons}
		}
		fresh, err := r.fresh(ctx, tx, by, file, backdate)
		if err != nil {
			return err
		}
		added = nil
		var rows []store.PolicyRow
		for _, v := range fresh {
			added = append(added, v.ID())
			rows = append(rows, store.PolicyRow{ID: v.ID(), From: v.From(), Text: v.Text, SHA256: v.SHA256,
				DecidedBy: v.DecidedBy, Backdated: backdate && v.From() < tx.Now(), By: author})
		}
		e.payload["versions"] = added
		before, err := tx.Policies(ctx)
		if err != nil {
			return err
		}
		if err := tx.AddPolicies(ctx, rows...); err != nil || len(before) == 0 {
			return err
		}
		return tellPolicies(ctx, tx, added)
	})
	return added, report, err
}

const addPolicyWhat = "take over the policy file"

// NewVersions are the ids of the versions of a file that are not stored yet; the error
// is a *Refused with every reason why EnsurePolicy would not take them. Nothing is
// stored.
func (r *Roll) NewVersions(ctx context.Context, by By, file *policy.File, backdate bool) (ids []string, err error) {
	err = r.db.View(ctx, func(tx *store.Tx) error {
		fresh, err := r.fresh(ctx, tx, by, file, backdate)
		ids = nil
		for _, v := range fresh {
			ids = append(ids, v.ID())
		}
		return err
	})
	if _, refused := errors.AsType[*Refused](err); err == nil || refused {
		return ids, err
	}
	return nil, fmt.Errorf("read the policy: %w", err)
}

// fresh are the versions of the file that the store lacks, or every reason why
// they cannot be added.
func (r *Roll) fresh(ctx context.Context, tx *store.Tx, by By, file *policy.File, backdate bool) ([]policy.Version, error) {
	ru, err := r.rulesOf(ctx, tx)
	if err != nil {
		return nil, err
	}
	now := r.now()
	stored := map[string]policy.Version{}
	for _, v := range ru.versions {
		stored[v.ID()] = v
	}
	current, any := ru.inForce(now, instant.Max)
	states, err := decisionStates(ctx, tx)
	if err != nil {
		return nil, err
	}
	var fresh []policy.Version
	var why []string
	for _, v := range file.Versions {
		have, known := stored[v.ID()]
		switch {
		case known && policy.SameRules(have, v):
			continue
		case known:
			why = append(why, fmt.Sprintf("version %s is stored with other rules, and a version never changes; give the changed rules a new id and a from", v.ID()))
		case any && v.From() < now && !backdate:
			why = append(why, fmt.Sprintf("version %s starts on %s, which is past; give it a later from, or say --backdate with a reason", v.ID(), v.From().Day()))
		case any && current.Decisions.PolicyChanges == decisions.ByDecision && v.DecidedBy == "":
			why = append(why, fmt.Sprintf("version %s names no decision, and version %s lets the policy change by decision only; write its number into decided_by", v.ID(), current.ID()))
		case any && current.Decisions.PolicyChanges == decisions.ByDecision && !passedBy(states, v.DecidedBy, by):
			why = append(why, fmt.Sprintf("version %s names decision %s, and no decision of that number has passed here; version %s lets the policy change by decision only", v.ID(), v.DecidedBy, current.ID()))
		}
		fresh = append(fresh, v)
	}
	if len(why) > 0 {
		return nil, &Refused{What: addPolicyWhat, Reasons: why}
	}
	return fresh, nil
}

// passedBy says that a decision of that number has passed, whatever it was about: one
// that was imported does not say that it was about the rules. Of one from before the
// register, which it does not hold, the operator's word is taken, and nobody else's.
func passedBy(states map[int64]decisions.State, number string, by By) bool {
	n, err := strconv.ParseInt(number, 10, 64)
	state, here := states[n]
	return err == nil && (here && state == decisions.Passed || !here && by.Actor.Operator)
}

// decisionStates are those of all decisions that have a number.
func decisionStates(ctx context.Context, tx *store.Tx) (map[int64]decisions.State, error) {
	heads, err := tx.DecisionHeads(ctx)
	if err != nil {
		return nil, err
	}
	states := map[int64]decisions.State{}
	for _, h := range heads {
		if h.Number > 0 {
			states[h.Number] = decisions.State(h.State)
		}
	}
	return states, nil
}

// Compared is one member under two policies.
type Compared struct {
	Member        member.ID
	Name          string
	Before, After eligibility.Standing
	Changes       []eligibility.Change
}

// ComparePolicy says for whom the version would change something, over the
// real roll: the standings by what is in force at an instant (0: now) beside those
// that would hold if every payment had been weighed by the version alone. Only members
// for whom something differs are listed, by name. What lies after now is a forecast.
func (r *Roll) ComparePolicy(ctx context.Context, v policy.Version, at instant.Instant) ([]Compared, error) {
	var out []Compared
	err := r.db.View(ctx, func(tx *store.Tx) error {
		out = nil
		ru, err := r.rulesOf(ctx, tx)
		if err != nil {
			return err
		}
		facts, err := tx.Facts(ctx)
		if err != nil {
			return err
		}
		names, err := namesOf(ctx, tx)
		if err != nil {
			return err
		}
		alone := v.Eligibility
		alone.Known = 0
		at, say := at, eligibility.Policies.Assess
		switch now := r.now(); {
		case at == 0:
			at = now
		case at > now:
			say = eligibility.Policies.Forecast
		}
		for i := range facts {
			f := &facts[i]
			c := Compared{Member: f.Member, Name: names[f.Member]}
			c.Before = say(ru.policies, f, at, tx.Known())
			c.After = say(eligibility.Policies{alone}, f, at, tx.Known())
			if c.Changes = eligibility.Compare(&c.Before, &c.After); len(c.Changes) > 0 {
				out = append(out, c)
			}
		}
		sortByName(out, func(c Compared) string { return c.Name })
		return nil
	})
	if err != nil {
		return nil, fmt.Errorf("compare the policy: %w", err)
	}
	return out, nil
}

// Version is a stored version of the policy by its id, whether it is in force or
// not; ok is false where there is none.
func (r *Roll) Version(ctx context.Context, tx *store.Tx, id string) (v policy.Version, ok bool, err error) {
	ru, err := r.rulesOf(ctx, tx)
	if err != nil {
		return v, false, fmt.Errorf("read the policy: %w", err)
	}
	for _, v := range ru.versions {
		if v.ID() == id {
			return v, true, nil
		}
	}
	return v, false, nil
}
