package syncer

import (
	"errors"
	"iter"

	"coopcloud.tech/goodstanding/member"
	"coopcloud.tech/goodstanding/syncer/opencollective"
)

// canonical is what the entities of one kind in a snapshot are called here, and those that
// are only mentioned. A register of all names says it. Nearly always it would say that
// each entity has its own id, since each is shown as it is stored, or is new by all of
// its names (see plain): then none is made, which costs more than all else of a pull that
// finds little new.
type canonical struct {
	// ids are the canonical ids, in the snapshot's order; nil where each has its own.
	ids []string
	// own says whether an entity is shown, or stored, under that very id.
	own func(id string) bool
	// matched makes the register, which has matched the snapshot's entities.
	matched  func() (*register, []string, error)
	register *register // nil before it is needed
}

// errAmbiguous says that a register has to be made, or that an account is shown in two
// ways, so that all that is shown has to be there, also what is known.
var errAmbiguous = errors.New("a snapshot has to be whole")

// of is the canonical id of the entity with that place in the snapshot and that id.
func (n *canonical) of(place int, id string) string {
	if n.ids == nil {
		return id
	}
	return n.ids[place]
}

// payer is the canonical id of an account that the snapshot shows.
func (n *canonical) payer(id member.AccountID) (member.AccountID, error) {
	if n.ids == nil {
		return id, nil
	}
	return n.account(id)
}

// account is the canonical id of an account that is only mentioned.
func (n *canonical) account(id member.AccountID) (member.AccountID, error) {
	own, err := n.resolve(string(id), 0)
	return member.AccountID(own), err
}

// resolve is the canonical id of an entity that is only mentioned.
func (n *canonical) resolve(id string, legacyID int64) (string, error) {
	if id == "" || n.ids == nil && n.own(id) {
		return id, nil
	}
	if n.register == nil {
		var err error
		if n.register, _, err = n.matched(); err != nil {
			return "", err
		}
	}
	return n.register.resolve(id, legacyID), nil
}

// match lets the register name all.
func (n *canonical) match() (err error) {
	n.register, n.ids, err = n.matched()
	return err
}

// shown are the entities of one kind in a snapshot, in its order.
type shown struct {
	n  int
	at func(place int) ident
}

// idents are all of them.
func (s shown) idents() []ident {
	all := make([]ident, s.n)
	for i := range all {
		all[i] = s.at(i)
	}
	return all
}

// plain says whether each has its own id: it is stored under it, with the same public id,
// or none of its names is any other's, stored or shown. The ids shown have to differ, and
// no name may denote two of those that are stored.
func (s shown) plain(publicOf func(id string) (publicID string, known bool), stored iter.Seq[ident]) bool {
	fresh, legacy := map[string]string{}, map[int64]bool{}
	for i := range s.n {
		e := s.at(i)
		public, known := publicOf(e.id)
		switch {
		case e.id == "" || known && public != e.publicID:
			return false
		case known:
			continue
		}
		for _, name := range []string{e.id, e.publicID} {
			if other, taken := fresh[name]; taken && other != e.id {
				return false
			}
			if name != "" {
				fresh[name] = e.id
			}
		}
		if e.legacyID != 0 {
			legacy[e.legacyID] = true
		}
	}
	if len(fresh) == 0 {
		return true
	}
	for e := range stored {
		if fresh[e.id] != "" || fresh[e.publicID] != "" || legacy[e.legacyID] {
			return false
		}
	}
	return true
}

// distinct says whether no id or public id denotes two entities.
func distinct(all iter.Seq[ident]) bool {
	of := map[string]string{}
	for e := range all {
		for _, name := range []string{e.id, e.publicID} {
			if other, taken := of[name]; taken && other != e.id {
				return false
			}
			if name != "" {
				of[name] = e.id
			}
		}
	}
	return true
}

// accountNames are what the stored accounts are called.
func (st *stored) accountNames() iter.Seq[ident] {
	return func(yield func(ident) bool) {
		for _, a := range st.accounts.all() {
			if !yield(ident{string(a.ID), a.PublicID, a.LegacyID}) {
				return
			}
		}
	}
}

// contributionNames are what the stored contributions are called, and those that only
// charges name.
func (st *stored) contributionNames() iter.Seq[ident] {
	return func(yield func(ident) bool) {
		for _, c := range st.contributions.all() {
			if !yield(ident{c.ID, c.PublicID, c.LegacyID}) {
				return
			}
		}
		for id := range st.unlisted {
			if !yield(ident{id: id}) {
				return
			}
		}
	}
}

// nameAccounts names the payers of a snapshot, each shown once, with these ids.
func nameAccounts(st *stored, payers []*opencollective.Account, ids ids[member.AccountID]) (*canonical, error) {
	s := shown{len(payers), func(i int) ident { return ident{string(payers[i].ID), payers[i].PublicID, payers[i].LegacyID} }}
	n := &canonical{
		own: func(id string) bool {
			if ids.has(member.AccountID(id)) {
				return true
			}
			known := st.accounts.has(member.AccountID(id))
			return known
		},
		matched: func() (*register, []string, error) {
			r := accountRegister(st)
			ids, err := r.match("orders", s.idents())
			return r, ids, err
		},
	}
	publicOf := func(id string) (string, bool) {
		a, known := st.accounts.get(member.AccountID(id))
		return a.PublicID, known
	}
	if st.plainAccounts && s.plain(publicOf, st.accountNames()) {
		return n, nil
	}
	if ids.known != nil {
		return nil, errAmbiguous
	}
	return n, n.match()
}

// nameContributions names the contributions of a snapshot, which shows these ids.
func nameContributions(st *stored, snap *opencollective.Snapshot, ids ids[string]) (*canonical, error) {
	s := shown{len(snap.Orders), func(i int) ident {
		o := &snap.Orders[i]
		return ident{o.ID, o.PublicID, o.LegacyID}
	}}
	n := &canonical{
		own: func(id string) bool {
			if ids.has(id) || st.unlisted[id] {
				return true
			}
			known := st.contributions.has(id)
			return known
		},
		matched: func() (*register, []string, error) {
			r := contributionRegister(st, snap.Charges)
			ids, err := r.match("orders", s.idents())
			return r, ids, err
		},
	}
	publicOf := func(id string) (string, bool) {
		c, known := st.contributions.get(id)
		return c.PublicID, known
	}
	if len(ids.here) == s.n && st.plainContributions && !st.renames(snap.Charges) && s.plain(publicOf, st.contributionNames()) {
		return n, nil
	}
	if ids.known != nil {
		return nil, errAmbiguous
	}
	return n, n.match()
}

// renames says whether charges name a contribution that only they have named otherwise
// than before.
func (st *stored) renames(charges []opencollective.Charge) bool {
	if len(st.unlisted) == 0 {
		return false
	}
	for i := range charges {
		c := &charges[i]
		if name := st.charges.at(c.ID).Contribution; st.unlisted[name] && c.Order != "" && c.Order != name {
			return true
		}
	}
	return false
}
