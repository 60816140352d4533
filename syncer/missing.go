package syncer

import (
	"cmp"
	"maps"
	"slices"

	"coopcloud.tech/goodstanding/store"
)

// diffMissing notes contributions that disappeared or came back. A charge that
// names a contribution no list has shown counts as a sighting of its absence
// (domain.md, section 2). It changes nothing about charges.
func (r *reconciled) diffMissing() {
	for _, id := range r.everNamed() {
		_, here := r.now[id]
		streak := r.st.missing[id].Streak
		switch {
		case !here && streak == 0:
			r.missing = append(r.missing, store.MissingRow{Contribution: id, Streak: 1, Snapshot: r.number})
		case here && streak > 0:
			r.missing = append(r.missing, store.MissingRow{Contribution: id, Streak: 0, Snapshot: r.number})
		}
	}
}

// everNamed are the contributions that any snapshot has shown or any charge
// has named, by id.
func (r *reconciled) everNamed() []string {
	ids := map[string]bool{}
	for id := range r.st.contributions {
		ids[id] = true
	}
	for id := range r.now {
		ids[id] = true
	}
	for _, c := range r.st.charges {
		ids[c.Contribution] = true
	}
	for _, c := range r.charges {
		ids[c.Contribution] = true
	}
	delete(ids, "")
	return slices.Sorted(maps.Keys(ids))
}

// gone are the contributions that are missing for the first time.
func (r *reconciled) gone() []string { return r.streaks(1) }

// back are the contributions that reappeared.
func (r *reconciled) back() []string { return r.streaks(0) }

func (r *reconciled) streaks(streak int64) []string {
	var ids []string
	for _, m := range r.missing {
		if m.Streak == streak {
			ids = append(ids, m.Contribution)
		}
	}
	return ids
}

// compare orders texts.
func compare[T ~string](a, b T) int { return cmp.Compare(a, b) }
