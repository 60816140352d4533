package roll

import (
	"context"
	"fmt"
	"sync"

	"coopcloud.tech/goodstanding/eligibility"
	"coopcloud.tech/goodstanding/internal/arrange"
	"coopcloud.tech/goodstanding/internal/instant"
	"coopcloud.tech/goodstanding/policy"
	"coopcloud.tech/goodstanding/store"
)

// rulesCache keeps parsed policy versions by the hash of their text, which
// never changes its meaning.
type rulesCache struct {
	mu sync.Mutex
	by map[string]policy.Version
}

// rules are all policy versions stored, as seen by the transaction.
type rules struct {
	versions []policy.Version // by From
	policies eligibility.Policies
	// counted are the policies by which votes are counted: one that a decision has
	// enacted is known from the instant on from which it is in force, however late that
	// decision was closed. So a later deadline comes to the same, whether what fell due
	// before it was closed at its instant or all of it long after (domain.md, section 5,
	// "Closing"). No other standing rests on them.
	counted eligibility.Policies
}

// inForce is the version in force at t by what was known.
func (ru *rules) inForce(t, known instant.Instant) (policy.Version, bool) {
	p, ok := ru.policies.InForce(t, known)
	if !ok {
		return policy.Version{}, false
	}
	for _, v := range ru.versions {
		if v.ID() == p.ID {
			return v, true
		}
	}
	return policy.Version{}, false
}

// rulesOf reads the versions; a stored text that no longer parses is an error,
// because verdicts would silently change.
func (r *Roll) rulesOf(ctx context.Context, tx *store.Tx) (*rules, error) {
	rows, err := tx.Policies(ctx)
	if err != nil {
		return nil, err
	}
	ru := &rules{}
	for _, row := range rows {
		v, err := r.rules.parse(row)
		if err != nil {
			return nil, err
		}
		v.Eligibility.Known = row.Known
		v.DecidedBy = row.DecidedBy
		ru.versions = append(ru.versions, v)
		ru.policies = append(ru.policies, v.Eligibility)
		if row.Actor == deciding { // from is never before the closing that enacted it
			v.Eligibility.Known = min(row.Known, row.From)
		}
		ru.counted = append(ru.counted, v.Eligibility)
	}
	arrange.By(ru.versions, func(a, b policy.Version) int { return int(max(-1, min(1, a.From()-b.From()))) })
	return ru, nil
}

func (c *rulesCache) parse(row store.PolicyRow) (policy.Version, error) {
	c.mu.Lock()
	defer c.mu.Unlock()
	if v, ok := c.by[row.SHA256]; ok {
		return v, nil
	}
	f, err := policy.Parse("policy "+row.ID, []byte(row.Text))
	if err != nil {
		return policy.Version{}, fmt.Errorf("the stored policy version %s cannot be read by this version of the program: %w", row.ID, err)
	}
	if len(f.Versions) != 1 {
		return policy.Version{}, fmt.Errorf("the stored policy version %s holds %d versions, want 1", row.ID, len(f.Versions))
	}
	if c.by == nil {
		c.by = map[string]policy.Version{}
	}
	c.by[row.SHA256] = f.Versions[0]
	return f.Versions[0], nil
}
