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
	moved := map[string]int64{} // the streak of those that are not where they were
	gone := func(id string) {
		if id != "" && !r.rd.listed.has(id) && r.st.missing[id].Streak == 0 {
			moved[id] = 1
		}
	}
	if r.absent() > 0 {
		for id := range r.st.contributions.ids() {
			gone(id)
		}
	}
	for id := range r.st.unlisted {
		gone(id)
	}
	for _, c := range r.charges {
		gone(c.Contribution)
	}
	for id, m := range r.st.missing {
		if r.rd.listed.has(id) && m.Streak > 0 {
			moved[id] = 0
		}
	}
	for _, id := range slices.Sorted(maps.Keys(moved)) {
		r.missing = append(r.missing, store.MissingRow{Contribution: id, Streak: moved[id], Snapshot: r.number})
	}
}

// absent is how many contributions are stored that this snapshot does not show.
func (r *reconciled) absent() int { return r.st.contributions.len() - r.rd.before }

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
