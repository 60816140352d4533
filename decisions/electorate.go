package decisions

import (
	"cmp"
	"crypto/sha256"
	"encoding/hex"
	"slices"

	"coopcloud.tech/goodstanding/internal/arrange"
	"coopcloud.tech/goodstanding/internal/instant"
	"coopcloud.tech/goodstanding/member"
)

// Membership is what the register says of a member at an instant, as far as a
// decision has to know it.
type Membership string

// The memberships.
const (
	Admitted  Membership = "admitted"
	Applied   Membership = "applied"
	Paused    Membership = "paused"
	Suspended Membership = "suspended"
	Left      Membership = "left"
)

// Verdict is what the roll says of a member's vote at an instant. It is read in
// the transaction that it is used in, and stored with what rests on it.
type Verdict struct {
	Vote       bool       `json:"vote"`
	Membership Membership `json:"membership"`
	// Since is when the membership became what it is, and of who has left or is suspended
	// since when that is so without a break, by what was known then; 0 where that does not
	// matter.
	Since instant.Instant `json:"since,omitempty"`
	// Grace: the vote rests on days of grace.
	Grace bool `json:"grace,omitempty"`
	// Trusted: Open Collective was not read lately, and the last trusted
	// standing counts.
	Trusted bool `json:"trusted,omitempty"`
	// Why says why there is no vote and what to do, in the words of an
	// explanation; "" where there is one.
	Why string `json:"why,omitempty"`
}

// gone says that a member's ballot does not count any more.
func (v Verdict) gone() bool { return v.Membership == Suspended || v.Membership == Left }

// Roll is what the roll says of the members at one instant.
type Roll map[member.ID]Verdict

// Seat is a place in the electorate, with the verdict at the opening.
type Seat struct {
	Member  member.ID `json:"member"`
	Verdict Verdict   `json:"verdict"`
}

// Electorate is the part of the roll that may answer one decision, in the order of the
// member ids.
type Electorate []Seat

// Electorate is every admitted member that is neither paused nor suspended,
// whatever its vote (domain.md, section 5, "Who may answer").
func (r Roll) Electorate() Electorate {
	var e Electorate
	for id, v := range r {
		if v.Membership == Admitted {
			e = append(e, Seat{id, v})
		}
	}
	e.sort()
	return e
}

func (e Electorate) sort() {
	arrange.By(e, func(a, b Seat) int { return cmp.Compare(a.Member, b.Member) })
}

// Has says whether a member has a place.
func (e Electorate) Has(id member.ID) bool {
	_, has := slices.BinarySearchFunc(e, id, func(s Seat, id member.ID) int { return cmp.Compare(s.Member, id) })
	return has
}

// Hash is the SHA-256, in hexadecimal, of the member ids in ascending order,
// each followed by a line feed.
func (e Electorate) Hash() string {
	ids := make([]string, len(e))
	for i, s := range e {
		ids[i] = string(s.Member)
	}
	slices.Sort(ids)
	h := sha256.New()
	for _, id := range ids {
		h.Write([]byte(id + "\n"))
	}
	return hex.EncodeToString(h.Sum(nil))
}

// with is the electorate with one more seat.
func (e Electorate) with(s Seat) Electorate {
	out := append(slices.Clone(e), s)
	out.sort()
	return out
}

// without is the electorate without a member's seat.
func (e Electorate) without(id member.ID) Electorate {
	return slices.DeleteFunc(slices.Clone(e), func(s Seat) bool { return s.Member == id })
}
