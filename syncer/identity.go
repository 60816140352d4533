package syncer

import (
	"cmp"

	"coopcloud.tech/goodstanding/syncer/opencollective"
)

// ident is how upstream names one entity. The form of id changed in April 2026
// (open-collective.md, fact 8) and may change again; the three names of one
// entity are never given to another.
type ident struct {
	id, publicID string
	legacyID     int64
}

// register knows entities by the id they were first stored with: their
// canonical id here, whatever upstream calls them today.
type register struct {
	byID     map[string]string // every id that was ever canonical
	byPublic map[string]string
	byLegacy map[int64]string
	// seen maps the ids that this snapshot uses to canonical ones.
	seen map[string]string
}

// newRegister has room for so many stored entities and those of a snapshot like them.
func newRegister(n int) *register {
	return &register{
		byID: make(map[string]string, n), byPublic: make(map[string]string, n),
		byLegacy: make(map[int64]string, n), seen: make(map[string]string, 2*n),
	}
}

// add makes a stored entity known under its canonical id.
func (r *register) add(e ident) {
	r.byID[e.id] = e.id
	if e.publicID != "" {
		r.byPublic[e.publicID] = e.id
	}
	if e.legacyID != 0 {
		r.byLegacy[e.legacyID] = e.id
	}
}

// match gives every entity of a snapshot its canonical id: by public id, then
// id, then legacy id (open-collective.md, section 9, rule 7). The stronger
// match goes first for all entities, so that none takes the id of another. An
// entity that matches nothing gets its own id. It fails where two entities
// would share one id: such an answer is not one of ours to repair.
func (r *register) match(op string, entities []ident) ([]string, error) {
	out := make([]string, len(entities))
	taken := make(map[string]bool, len(entities))
	rules := []func(ident) string{
		func(e ident) string { return r.byPublic[e.publicID] },
		func(e ident) string { return cmp.Or(r.byID[e.id], r.byPublic[e.id]) },
		func(e ident) string { return r.byLegacy[e.legacyID] },
		func(e ident) string { return r.byID[e.publicID] },
		func(e ident) string { return e.id },
	}
	for _, rule := range rules {
		for i, e := range entities {
			if id := rule(e); out[i] == "" && id != "" && !taken[id] {
				out[i], taken[id] = id, true
			}
		}
	}
	for i, e := range entities {
		if out[i] == "" {
			return nil, &opencollective.SchemaDrift{Op: op, Path: op + ".nodes.id", What: "two entities share one id"}
		}
		r.seen[e.id] = out[i]
		if e.publicID != "" {
			r.seen[e.publicID] = out[i]
		}
		if e.legacyID != 0 {
			r.byLegacy[e.legacyID] = out[i]
		}
	}
	return out, nil
}

// resolve is the canonical id of an entity that is only mentioned.
func (r *register) resolve(id string, legacyID int64) string {
	if id == "" {
		return ""
	}
	return cmp.Or(r.seen[id], r.byID[id], r.byPublic[id], r.byLegacy[legacyID], id)
}

// accountRegister knows the accounts that are stored.
func accountRegister(st *stored) *register {
	r := newRegister(st.accounts.len())
	for _, a := range st.accounts.all() {
		r.add(ident{string(a.ID), a.PublicID, a.LegacyID})
	}
	return r
}

// contributionRegister knows the contributions that are stored, also those
// that only a charge has named so far.
func contributionRegister(st *stored, charges []opencollective.Charge) *register {
	r := newRegister(st.contributions.len())
	for _, c := range st.contributions.all() {
		r.add(ident{c.ID, c.PublicID, c.LegacyID})
	}
	for _, c := range st.charges.all() {
		if c.Contribution != "" {
			r.byID[c.Contribution] = c.Contribution
		}
	}
	// A stored charge ties the name it was stored with to what upstream calls
	// that contribution now.
	for _, c := range charges {
		name := st.charges.at(c.ID).Contribution
		if name == "" || c.Order == "" || name == c.Order {
			continue
		}
		if st.contributions.has(name) {
			continue
		}
		if r.byID[c.Order] == "" {
			r.byID[c.Order] = name
		}
		if c.OrderLegacyID != 0 && r.byLegacy[c.OrderLegacyID] == "" {
			r.byLegacy[c.OrderLegacyID] = name
		}
	}
	return r
}
