package syncer

import (
	"context"
	"errors"
	"time"

	"coopcloud.tech/goodstanding/member"
	"coopcloud.tech/goodstanding/syncer/opencollective"
)

// A contribution that disappears is looked up once, best effort: what is told
// is for people, no fact rests on it (domain.md, section 2). A list that lacks
// what can still be looked up is not believed (agree.go).
const (
	maxLookUps = 10
	// maxAnonymous leaves room for the next pull within the ten requests a
	// minute that a reader without a token has.
	maxAnonymous = 2
	lookUpTime   = 3 * time.Second
)

// found is what a look-up told about one entity.
type found uint8

const (
	notAsked found = iota
	exists
	doesNotExist
)

// sighting is what is known of a contribution that is no longer listed.
type sighting struct {
	contribution, payer found
	// ours: it is still one of the collective's own, and its payer is shown.
	ours bool
}

// lookUps is a run of look-ups under way.
type lookUps struct {
	source   source
	left     int
	accounts map[member.AccountID]found
}

// lookUp asks after contributions that only money has named and those that are
// missing for the first time, and after their payers. It stops at the first
// failure.
func (s *Syncer) lookUp(ctx context.Context, r *reconciled, snap *opencollective.Snapshot) map[string]sighting {
	ctx, cancel := context.WithTimeout(ctx, lookUpTime)
	defer cancel()
	l := &lookUps{source: s.source, left: maxLookUps, accounts: map[member.AccountID]found{}}
	if snap.Anonymous {
		l.left = maxAnonymous
	}
	out := map[string]sighting{}
	for _, id := range append(r.unshown(), r.gone()...) {
		if l.left <= 0 {
			break
		}
		if _, asked := out[id]; asked {
			continue
		}
		out[id] = l.ask(ctx, id, r.st.payerOf(id), snap.Collective)
	}
	return out
}

func (l *lookUps) ask(ctx context.Context, id string, payer member.AccountID, c opencollective.Collective) (s sighting) {
	order, err := l.source.Order(ctx, id)
	s.contribution = l.note(err)
	to := order.ToAccount
	s.ours = order.Payer.ID != "" && (to == c.ID || string(to) == c.PublicID)
	if payer == "" {
		payer = order.Payer.ID
	}
	if payer == "" || l.left <= 0 {
		return s
	}
	if known, asked := l.accounts[payer]; asked {
		s.payer = known
		return s
	}
	_, err = l.source.Account(ctx, payer)
	s.payer = l.note(err)
	l.accounts[payer] = s.payer
	return s
}

// note counts a look-up; a failure ends all further ones.
func (l *lookUps) note(err error) found {
	l.left--
	var missing *opencollective.NotFound
	switch {
	case err == nil:
		return exists
	case errors.As(err, &missing) && !missing.Endpoint:
		return doesNotExist
	}
	l.left = 0
	return notAsked
}
