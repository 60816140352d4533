package store

import (
	"cmp"
	"context"
	"fmt"
	"maps"
	"slices"

	"coopcloud.tech/goodstanding/internal/arrange"
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

// Delegations are who is delegate of whom now, by member and person. A merged
// member's delegates are those of the member it was merged into.
func (tx *Tx) Delegations(ctx context.Context) ([]Delegation, error) {
	rows, err := selectRows[DelegateRow](ctx, tx, `SELECT `+names[DelegateRow]("")+` FROM delegate ORDER BY known, id`)
	if err != nil {
		return nil, fmt.Errorf("read the delegates: %w", err)
	}
	heirs, err := tx.heirs(ctx)
	if err != nil {
		return nil, err
	}
	type key struct {
		member member.ID
		person member.PersonID
	}
	now := make(map[key]Delegation)
	for _, r := range rows {
		k := key{heirs.of(r.Member), r.Person}
		d, is := now[k]
		switch {
		case r.Event == DelegateRemoved:
			delete(now, k)
		case r.Event == DelegateAdded && !is:
			now[k] = Delegation{ID: r.ID, Member: k.member, Person: k.person, Since: r.Known}
		case r.Event == DelegateConfirmed && is:
			d.Confirmed = true
			now[k] = d
		}
	}
	all := slices.Collect(maps.Values(now))
	arrange.By(all, func(a, b Delegation) int {
		return cmp.Or(cmp.Compare(a.Member, b.Member), cmp.Compare(a.Person, b.Person))
	})
	return all, nil
}
