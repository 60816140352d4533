package roll

import (
	"context"

	"coopcloud.tech/goodstanding/eligibility"
	"coopcloud.tech/goodstanding/notify"
	"coopcloud.tech/goodstanding/store"
)

// batches are the changes that mail nobody by themselves: what they would send
// waits together for a treasurer's yes or no (domain.md, section 6, "Notices
// start off"). All others are single acts.
var batches = map[string]notify.Batch{
	actionImportMembers: notify.ByImport, actionImportPayments: notify.ByImport, actionAdopt: notify.ByAdoption,
	actionLink: notify.ByLink, actionUnlink: notify.ByLink, actionNoAccount: notify.ByLink, actionSupporter: notify.ByLink,
	actionMerge: notify.ByMerge, actionAddPolicy: notify.ByPolicy,
}

// batched is how a notice is written that waits in a batch, "" for none.
func batched(s notify.State, b notify.Batch) (state notify.State, detail string) {
	if s != notify.Waiting || b == "" {
		return s, ""
	}
	return notify.HeldState, b.Detail()
}

// because is why standings are assessed in a transaction; its zero value is a
// snapshot, a single act, or time alone.
type because struct {
	batch notify.Batch
	// anyway are the occasions that the step would have found without the change:
	// what time brought is not the change's, and waits for nobody's word.
	anyway map[string]bool
}

// beforeChange looks, before a change in bulk is written, at what an assess step
// would tell without it. Nobody is asked where the notices are off.
func (r *Roll) beforeChange(ctx context.Context, tx *store.Tx, batch notify.Batch) (because, error) {
	why := because{batch: batch, anyway: map[string]bool{}}
	if batch == "" {
		return because{}, nil
	}
	_, on, err := tx.Setting(ctx, store.SettingNotices)
	if err != nil || !on {
		return why, err
	}
	a, err := r.newAssessment(ctx, tx)
	if err != nil || a == nil {
		return why, err
	}
	_, p, err := a.find(ctx, because{}, false)
	if err != nil {
		return why, err
	}
	for _, w := range p.words {
		why.anyway[w.message.Occasion.Key()] = true
	}
	return why, nil
}

// batch is what a notice waits in; "" for none.
func (p *post) batch(m *assessed, o notify.Occasion, was, is *eligibility.Standing) notify.Batch {
	switch {
	case p.because.batch != "" && !p.because.anyway[o.Key()]:
		return p.because.batch
	case p.byPolicy(m, was, is):
		return notify.ByPolicy
	}
	return ""
}

// byPolicy says that a standing is another one because another version of the
// rules has begun: by the versions up to the one that decided before it would be
// what it was, or a third.
func (p *post) byPolicy(m *assessed, was, is *eligibility.Standing) bool {
	if was.Policy == "" || was.Policy == is.Policy {
		return false
	}
	old, found := eligibility.Policy{}, false
	for _, v := range p.a.rules.policies {
		if v.ID == was.Policy {
			old, found = v, true
		}
	}
	if !found {
		return true
	}
	var until eligibility.Policies
	for _, v := range p.a.rules.policies {
		if v.From <= old.From {
			until = append(until, v)
		}
	}
	without := until.Assess(&m.facts, is.At, p.a.known)
	return without.State != is.State
}
