package store

import (
	"cmp"
	"context"
	"fmt"
	"maps"
	"slices"

	"coopcloud.tech/goodstanding/internal/arrange"
	"coopcloud.tech/goodstanding/internal/instant"
	"coopcloud.tech/goodstanding/member"
)

// People are all persons who are known by a row of their own, a role or a
// delegation, by id. An erased person has no name and no address.
func (tx *Tx) People(ctx context.Context) ([]PersonInfo, error) {
	persons, err := selectRows[Person](ctx, tx, `SELECT `+names[Person]("")+` FROM person`)
	if err != nil {
		return nil, fmt.Errorf("read the people: %w", err)
	}
	all := make(map[member.PersonID]*PersonInfo, len(persons))
	for _, p := range persons {
		all[p.ID] = &PersonInfo{Person: p}
	}
	get := func(id member.PersonID) *PersonInfo {
		if all[id] == nil {
			all[id] = &PersonInfo{Person: Person{ID: id}}
		}
		return all[id]
	}
	roles, err := tx.roles(ctx)
	if err != nil {
		return nil, err
	}
	for _, r := range roles {
		p := get(r.Person)
		p.Roles = append(p.Roles, r.Role)
	}
	delegations, err := tx.Delegations(ctx)
	if err != nil {
		return nil, err
	}
	for _, d := range delegations {
		p := get(d.Person)
		p.Delegates = append(p.Delegates, d)
	}
	out := make([]PersonInfo, 0, len(all))
	for _, id := range slices.Sorted(maps.Keys(all)) {
		out = append(out, *all[id])
	}
	return out, nil
}

// roles are the roles that are held now, by person and role.
func (tx *Tx) roles(ctx context.Context) ([]RoleRow, error) {
	rows, err := selectRows[RoleRow](ctx, tx, `SELECT `+names[RoleRow]("")+` FROM person_role ORDER BY known, id`)
	if err != nil {
		return nil, fmt.Errorf("read the roles: %w", err)
	}
	type key struct {
		person member.PersonID
		role   member.Role
	}
	newest := byKey(rows, func(r RoleRow) key { return key{r.Person, r.Role} })
	var held []RoleRow
	for _, r := range newest {
		if r.On {
			held = append(held, r)
		}
	}
	arrange.By(held, func(a, b RoleRow) int {
		return cmp.Or(cmp.Compare(a.Person, b.Person), cmp.Compare(a.Role, b.Role))
	})
	return held, nil
}

// Delegations are who is delegate of whom now, by member and person. Events and
// merges are gone through as they came to be known: a member's delegates at the
// instant of its merge are from then on those of the member it was merged into.
func (tx *Tx) Delegations(ctx context.Context) ([]Delegation, error) {
	rows, err := selectRows[DelegateRow](ctx, tx, `SELECT `+names[DelegateRow]("")+` FROM delegate ORDER BY known, id`)
	if err != nil {
		return nil, fmt.Errorf("read the delegates: %w", err)
	}
	merged, err := tx.heirs(ctx)
	if err != nil {
		return nil, err
	}
	r := mandates{now: make(map[mandate]Delegation), heirs: make(heirs, len(merged))}
	r.merges = slices.SortedFunc(maps.Values(merged), func(a, b MergeRow) int {
		return cmp.Or(cmp.Compare(a.Known, b.Known), cmp.Compare(a.Loser, b.Loser))
	})
	for i := range rows {
		r.mergeUntil(rows[i].Known)
		r.apply(&rows[i])
	}
	r.mergeUntil(instant.Max)
	all := slices.Collect(maps.Values(r.now))
	arrange.By(all, func(a, b Delegation) int {
		return cmp.Or(cmp.Compare(a.Member, b.Member), cmp.Compare(a.Person, b.Person))
	})
	return all, nil
}

// mandate is a person's being delegate of a member, whatever else is known of it.
type mandate struct {
	member member.ID
	person member.PersonID
}

// mandates are the delegations at one known instant.
type mandates struct {
	now    map[mandate]Delegation
	heirs  heirs      // by the merges until then
	merges []MergeRow // those to come, in order
}

// apply takes in what happened to one delegate.
func (r *mandates) apply(row *DelegateRow) {
	k := mandate{r.heirs.of(row.Member), row.Person}
	d, is := r.now[k]
	switch {
	case row.Event == DelegateRemoved:
		delete(r.now, k)
	case row.Event == DelegateAdded && !is:
		r.now[k] = Delegation{ID: row.ID, Member: k.member, Person: k.person, Since: row.Known}
	case row.Event == DelegateConfirmed && is:
		d.Confirmed = true
		r.now[k] = d
	}
}

// mergeUntil takes in the merges until a known instant. Who is delegate of the
// winner already is that as before; who was the loser's alone becomes the winner's
// then, and nobody has confirmed that.
func (r *mandates) mergeUntil(known instant.Instant) {
	for len(r.merges) > 0 && r.merges[0].Known <= known {
		m := r.merges[0]
		r.merges, r.heirs[m.Loser] = r.merges[1:], m
		for k, d := range r.now {
			if k.member != m.Loser {
				continue
			}
			delete(r.now, k)
			k.member = m.Winner
			if _, is := r.now[k]; !is {
				r.now[k] = Delegation{ID: d.ID, Member: m.Winner, Person: d.Person, Since: m.Known}
			}
		}
	}
}
