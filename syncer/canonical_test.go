package syncer

import (
	"errors"
	"maps"
	"slices"
	"testing"

	"pgregory.net/rapid"

	"coopcloud.tech/goodstanding/syncer/opencollective"
)

// plainly is what a pull asks of entities that are stored and those that are shown.
func plainly(stored, now []ident) bool {
	public := map[string]string{}
	for _, e := range stored {
		public[e.id] = e.publicID
	}
	s := shown{len(now), func(i int) ident { return now[i] }}
	publicOf := func(id string) (string, bool) { p, known := public[id]; return p, known }
	return distinct(slices.Values(stored)) && s.plain(publicOf, slices.Values(stored))
}

func TestWhatIsCalledAsItWas(t *testing.T) {
	stored := []ident{{"one", "pub-1", 1}, {"two", "pub-2", 2}, {"bare", "", 0}}
	for name, c := range map[string]struct {
		now  ident
		want bool
	}{
		"as it was":                    {ident{"one", "pub-1", 1}, true},
		"as it was, without others":    {ident{"bare", "", 0}, true},
		"another legacy id":            {ident{"one", "pub-1", 9}, true},
		"new":                          {ident{"new", "pub-new", 9}, true},
		"new, by its public id":        {ident{"pub-new", "pub-new", 9}, true},
		"another public id":            {ident{"one", "pub-9", 1}, false},
		"a public id where none was":   {ident{"bare", "pub-3", 0}, false},
		"no public id any more":        {ident{"one", "", 1}, false},
		"a new id":                     {ident{"new", "pub-1", 1}, false},
		"a public id as id":            {ident{"pub-1", "", 0}, false},
		"a legacy id of another":       {ident{"new", "pub-new", 2}, false},
		"a public id that was an id":   {ident{"new", "two", 9}, false},
		"nothing that it is called by": {ident{"", "pub-new", 9}, false},
	} {
		if got := plainly(stored, []ident{c.now}); got != c.want {
			t.Errorf("%s: plain is %v", name, got)
		}
	}
	if plainly(nil, []ident{{"one", "two", 1}, {"two", "pub-2", 2}}) || plainly(nil, []ident{{"one", "pub", 1}, {"two", "pub", 2}}) {
		t.Error("two new ones that share a name are plain")
	}
	if plainly([]ident{{"one", "pub", 1}, {"two", "pub", 2}}, nil) || plainly([]ident{{"one", "two", 1}, {"two", "", 2}}, nil) {
		t.Error("two stored ones that share a name are plain")
	}
}

// Where each entity is taken to have its own id the register of all names would find
// the same, for those that are only mentioned, too; and so it stays.
func TestTheRegisterFindsWhatIsPlain(t *testing.T) {
	name := rapid.SampledFrom([]string{"a", "b", "c", "d", "e", "f", "g", "h"})
	public := rapid.OneOf(rapid.Just(""), name)
	entity := rapid.Custom(func(t *rapid.T) ident {
		return ident{name.Draw(t, "id"), public.Draw(t, "public id"), rapid.Int64Range(0, 6).Draw(t, "legacy id")}
	})
	entities := rapid.SliceOfNDistinct(entity, 0, 4, func(e ident) string { return e.id })
	found := 0
	rapid.Check(t, func(t *rapid.T) {
		stored, now := entities.Draw(t, "stored"), entities.Draw(t, "shown")
		for i := range now { // most are shown as they are stored
			if j := rapid.IntRange(0, 2*len(stored)).Draw(t, "as"); j < len(stored) && !slices.ContainsFunc(now, func(e ident) bool { return e.id == stored[j].id }) {
				now[i] = stored[j]
			}
		}
		if !plainly(stored, now) {
			return
		}
		if len(now) > 1 {
			found++
		}
		r, all := newRegister(0), map[string]ident{}
		for _, e := range stored {
			r.add(e)
			all[e.id] = e
		}
		ids, err := r.match("orders", now)
		for i, e := range now {
			if all[e.id] = e; err != nil || ids[i] != e.id {
				t.Fatalf("%+v is %v: %v", e, ids, err)
			}
		}
		for id := range all {
			if got := r.resolve(id, 0); got != id {
				t.Fatalf("a mention of %s resolves to %s", id, got)
			}
		}
		if !distinct(maps.Values(all)) {
			t.Fatal("a name has come to denote two")
		}
	})
	if found == 0 {
		t.Error("nothing plain was drawn")
	}
}

// A snapshot that shows one contribution twice is refused, before and after it is stored.
func TestAContributionThatIsShownTwice(t *testing.T) {
	u, m := knot(), newMemory(t)
	for range 2 {
		twice := u.snapshot()
		again := twice.Orders[0]
		again.Created++
		twice.Orders = append(twice.Orders, again)
		_, err := normalise(twice, m.st, nil)
		if _, drift := errors.AsType[*opencollective.SchemaDrift](err); !drift {
			t.Errorf("%v, want schema drift", err)
		}
		m.see(u)
	}
}
