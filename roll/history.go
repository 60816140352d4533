package roll

import (
	"cmp"
	"slices"

	"coopcloud.tech/goodstanding/eligibility"
	"coopcloud.tech/goodstanding/internal/instant"
	"coopcloud.tech/goodstanding/store"
)

// history is what happened to one membership, without what was taken back.
// What holds at an instant is the last event of its sort by then, as the rules
// read it (domain.md, section 3).
type history []store.MembershipRow

// last is the last event of the kinds at or before t: the newest instant, of
// several the one learned last.
func (h history) last(t instant.Instant, kinds ...eligibility.MembershipKind) (last store.MembershipRow, ok bool) {
	for _, e := range h {
		if e.At > t || !slices.Contains(kinds, e.Kind) {
			continue
		}
		if !ok || inOrder(last, e) < 0 {
			last, ok = e, true
		}
	}
	return last, ok
}

func inOrder(a, b store.MembershipRow) int {
	return cmp.Or(cmp.Compare(a.At, b.At), cmp.Compare(a.Known, b.Known), cmp.Compare(a.Kind, b.Kind), cmp.Compare(a.ID, b.ID))
}

// planned are the events of the kind after t.
func (h history) planned(t instant.Instant, kind eligibility.MembershipKind) (out []store.MembershipRow) {
	for _, e := range h {
		if e.Kind == kind && e.At > t {
			out = append(out, e)
		}
	}
	return out
}

func (h history) door(t instant.Instant) (store.MembershipRow, bool) {
	return h.last(t, eligibility.Applied, eligibility.Admitted, eligibility.Left)
}

func (h history) admitted(t instant.Instant) bool {
	door, ok := h.door(t)
	return ok && door.Kind == eligibility.Admitted
}

// left says whether, and since when, the membership is over at t.
func (h history) left(t instant.Instant) (since instant.Instant, left bool) {
	door, ok := h.door(t)
	return door.At, ok && door.Kind == eligibility.Left
}

// paused is the pause that holds at t. Being admitted again ends one.
func (h history) paused(t instant.Instant) (pause store.MembershipRow, ok bool) {
	pause, ok = h.last(t, eligibility.Paused, eligibility.Resumed)
	door, _ := h.door(t)
	return pause, ok && pause.Kind == eligibility.Paused && inOrder(door, pause) < 0
}

// suspended is the suspension that holds at t.
func (h history) suspended(t instant.Instant) (s store.MembershipRow, ok bool) {
	s, ok = h.last(t, eligibility.Suspended, eligibility.Restored)
	return s, ok && s.Kind == eligibility.Suspended && (s.Until == 0 || t < s.Until)
}

// noAccount is the treasurer's word that there is no account to link.
func (h history) noAccount(t instant.Instant) bool {
	word, ok := h.last(t, eligibility.NoAccount, eligibility.Linkable)
	return ok && word.Kind == eligibility.NoAccount
}
