package eligibility

// Change is one difference between two standings of a member.
type Change struct {
	// What is "state", a right's name, or "reason".
	What       string
	Before     string
	After      string
	Worse      bool // a right was lost
	ByDuesOnly bool // a right was lost and no membership fact says so
}

var rightNames = [rights]string{"vote", "listing", "services"}

func (r Right) String() string { return rightNames[r] }

// MarshalText writes the right's word.
func (r Right) MarshalText() ([]byte, error) { return []byte(r.String()), nil }

// Names lists the rights of the set in their fixed order.
func (s RightSet) Names() []string {
	out := make([]string, 0, rights)
	for _, r := range Rights {
		if s.Has(r) {
			out = append(out, r.String())
		}
	}
	return out
}

func yesNo(b bool) string {
	if b {
		return "yes"
	}
	return "no"
}

// Compare lists what differs between two standings of one member, the state
// first, then the rights in their order. Nothing differs: nil.
func Compare(before, after *Standing) []Change {
	var out []Change
	if before.State != after.State {
		out = append(out, Change{What: "state", Before: before.State.String(), After: after.State.String()})
	}
	for _, r := range Rights {
		was, is := before.Has(r), after.Has(r)
		if was == is {
			continue
		}
		out = append(out, Change{What: r.String(), Before: yesNo(was), After: yesNo(is),
			Worse: was, ByDuesOnly: was && after.takenByDues(r)})
	}
	return out
}

// Worse says whether the change from before to after takes the vote or the
// listing because of dues: what the brake counts (domain.md, section 3).
func Worse(before, after *Standing) bool {
	for _, r := range [...]Right{Vote, Listing} {
		if before.Has(r) && !after.Has(r) && after.takenByDues(r) {
			return true
		}
	}
	return false
}

// takenByDues says that the right is refused and that nothing but the dues
// refuses it: neither a membership fact nor a condition of its own.
func (s *Standing) takenByDues(r Right) bool {
	if s.Has(r) {
		return false
	}
	switch s.State {
	case StateLeft, StateSuspended, StateApplied, StatePaused:
		return false
	}
	for _, re := range s.Reasons {
		switch re.Code {
		case CodeKindNotNamed, CodeNoProfile, CodeNoConsent, CodeNotApproved:
			if re.Rights.Has(r) {
				return false
			}
		}
	}
	return true
}
