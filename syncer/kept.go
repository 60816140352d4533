package syncer

import (
	"sync"

	"coopcloud.tech/goodstanding/internal/instant"
	"coopcloud.tech/goodstanding/store"
)

// kept is what the last pull of this process left in the database, or found there and left
// as it was, so that the next one need not read all of it again: only pulls write it, and
// each moves their counter, whose instant no two pulls share. Names can be erased beside
// that, and an erasing be forgotten: they are as they were while the same are erased, and
// there are as many (see readNames).
type kept struct {
	mu      sync.Mutex
	counter store.Counter // of the pulls, right after that one
	stored  *stored       // nil where nothing is kept
}

// take hands over what is kept, if it is what a transaction sees that reads these
// counters. It belongs to the pull that took it: another one at the same time reads
// the database.
func (k *kept) take(now store.Counter) *stored {
	k.mu.Lock()
	defer k.mu.Unlock()
	st := k.stored
	k.stored = nil
	if k.counter != now {
		return nil
	}
	return st
}

// put keeps what a pull has left.
func (k *kept) put(st *stored, counter store.Counter) {
	k.mu.Lock()
	defer k.mu.Unlock()
	k.stored, k.counter = st, counter
}

// written makes of what was stored what is stored since a snapshot's changes were
// committed, with that transaction's known time.
func (r *reconciled) written(known instant.Instant) *stored {
	st := r.st
	for _, row := range r.accounts {
		row.Known = known
		st.accounts.set(row.ID, row)
	}
	for _, row := range r.contributions {
		row.Known = known
		st.contributions.set(row.ID, row)
	}
	for _, row := range r.missing {
		row.Known = known
		st.missing[row.Contribution] = row
	}
	for _, row := range r.elsewhere {
		row.Known = known
		st.elsewhere[row.ID] = row
	}
	for _, row := range r.charges {
		row.Known = known
		st.charges.set(row.ID, row)
	}
	for _, row := range r.payers {
		c := st.charges.at(row.Charge)
		c.Account = row.Account
		st.charges.set(row.Charge, c)
	}
	for _, row := range r.coverages {
		row.Known = known
		st.coverages.set(row.Charge, row)
	}
	for _, row := range r.flags {
		row.Known = known
		st.flags[row.Charge] = row
	}
	for _, row := range r.refunds {
		row.Known = known
		st.refunds[row.ID] = row
	}
	st.names(r.details)
	r.derived()
	return st
}

// derived brings up to date what follows from what is stored. Where each entity has its
// own id, no name of theirs has come to denote two.
func (r *reconciled) derived() {
	if !r.rd.own {
		r.st.derive()
		return
	}
	for _, c := range r.contributions {
		delete(r.st.unlisted, c.ID)
	}
	for _, c := range r.charges {
		r.st.open[c.ID] = true
		r.st.noteUnlisted(c.Contribution)
		if c.Account == "" {
			r.st.hidden[c.ID] = true
		}
	}
	for _, p := range r.payers {
		delete(r.st.hidden, p.Charge)
	}
	for _, v := range r.coverages {
		delete(r.st.open, v.Charge)
	}
}

// names are those that a pull has shown, as the store takes them over.
func (st *stored) names(shown []store.AccountDetail) {
	for _, d := range shown {
		before, known := st.details.get(d.Account)
		if known && (before.Erased() || sameNames(before, d) || d.Seen < before.Seen) {
			continue
		}
		if len(d.Emails) == 0 {
			d.Emails = nil
		}
		st.details.set(d.Account, d)
	}
}
