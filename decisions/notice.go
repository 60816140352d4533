package decisions

import "fmt"

// Notice is how a deadline stands beside the notice that a size needs. Notice counts
// calendar days from the day of the opening to the deadline's: 1 June to 14 June is
// 13 (domain.md, section 5).
type Notice struct {
	Day   Day // the deadline
	Days  int // that it leaves; negative where it is past
	Needs int // days that the size needs
	First Day // the first day that leaves them all
}

// Weigh is how a deadline stands if the decision is opened today; without a
// deadline it is the first day that leaves the whole notice.
func (r Rules) Weigh(s Size, today, deadline Day) Notice {
	n := Notice{Day: deadline, Needs: r.Of(s).Notice}
	n.First = today.Add(n.Needs)
	if n.Day.IsZero() {
		n.Day = n.First
	}
	n.Days = today.Until(n.Day)
	return n
}

// Past says that nobody could answer any more.
func (n Notice) Past() bool { return n.Days < 0 }

// Short says that it leaves less than the notice.
func (n Notice) Short() bool { return n.Days < n.Needs }

// Words say how much of the notice the deadline leaves.
func (n Notice) Words(s Size) string {
	return fmt.Sprintf("%s is %d of the %s that a %s decision needs", n.Day.Words(), max(0, n.Days), count(n.Needs, "day"), s)
}
