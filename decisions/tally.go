package decisions

import (
	"slices"

	"coopcloud.tech/goodstanding/internal/instant"
	"coopcloud.tech/goodstanding/member"
)

// Tally is how a decision stands by one roll: one ballot a member, the last
// one, cast on the newest revision. All lists are in ascending order.
type Tally struct {
	Favour  int `json:"favour"`
	Against int `json:"against"`
	Abstain int `json:"abstain"`
	Block   int `json:"block"`
	// Waiting are the members of the electorate without a ballot that counts
	// whose vote is yes.
	Waiting []member.ID `json:"waiting"`
	// Unable have neither a ballot nor a vote now: they are not waited for.
	Unable []member.ID `json:"unable"`
	// Unconfirmed have a ballot on an older revision: it counts when it is
	// confirmed. Those who may do so are also waited for.
	Unconfirmed []member.ID `json:"unconfirmed"`
	// Discounted have a ballot that does not count since the member left or was
	// suspended.
	Discounted []member.ID `json:"discounted"`
	// Objections are the members whose objection stands; in a medium decision
	// who is against objects (domain.md, section 5).
	Objections []member.ID `json:"objections"`
	// Concerns stand, Unanswered of them have no answer; by number.
	Concerns   []int `json:"concerns"`
	Unanswered []int `json:"unanswered"`
	// Grace counts ballots of members whose vote rested on days of grace.
	Grace int `json:"grace"`
}

// Cast is the number of ballots that count, abstentions included: the voters.
func (t *Tally) Cast() int { return t.Favour + t.Against + t.Abstain + t.Block }

// Electorate is what fractions "of electorate" are taken of: ballots cast and
// members waited for.
func (t *Tally) Electorate() int { return t.Cast() + len(t.Waiting) }

// Count is how the decision stands when the roll says that.
func (d *Decision) Count(r Roll) Tally { return d.count(r, false) }

// count takes those who left or were suspended after the deadline as gone, or,
// where that is still to be settled, as if they had stayed.
func (d *Decision) count(r Roll, stayed bool) Tally {
	var t Tally
	for _, s := range d.Electorate {
		id, v := s.Member, r[s.Member]
		b, cast := d.Ballots[id]
		switch {
		case v.gone() && !d.stillCounts(id, v.Since, stayed):
			if cast {
				t.Discounted = append(t.Discounted, id)
			}
			continue
		case cast && b.Revision == d.Revision:
			t.add(b)
		case v.Vote || v.gone(): // who is gone, and counts all the same, was waited for
			t.Waiting = append(t.Waiting, id)
		default:
			t.Unable = append(t.Unable, id)
		}
		if cast && b.Revision != d.Revision {
			t.Unconfirmed = append(t.Unconfirmed, id)
		}
		d.voice(&t, id)
	}
	slices.Sort(t.Concerns)
	for _, n := range t.Concerns {
		if d.Concerns[n-1].Answered == 0 {
			t.Unanswered = append(t.Unanswered, n)
		}
	}
	return t
}

// stillCounts says whether a member that is gone counts all the same: what took
// effect before the deadline takes its ballot away, what came later alone closes
// nothing, and two people settle it (domain.md, section 5).
func (d *Decision) stillCounts(id member.ID, since instant.Instant, stayed bool) bool {
	if s, settled := d.Settled[id]; settled && s.holds(d.Deadline) {
		return s.Counts
	}
	return stayed && since >= d.Ends()
}

// Settlement is what two people have settled of a member that was gone after a deadline.
type Settlement struct {
	Counts bool // its ballot, or its being waited for
	// Deadline is the one that it went after. Where that moves, what was settled of it
	// is over: the member went before the new one, or it is settled anew. Zero in logs
	// from when it was not noted: it holds whatever the deadline.
	Deadline Day
}

func (s Settlement) holds(deadline Day) bool { return s.Deadline.IsZero() || s.Deadline == deadline }

// Unclear says that it cannot be ended by the tally as it stands, since that would come to
// something else if who left or was suspended after the deadline had stayed; none where it
// comes to the same. Such a change alone closes nothing (domain.md, section 5). It is for
// who begins to end a decision; Apply takes what logs hold of before it was asked.
func (d *Decision) Unclear(r Roll) []Reason {
	if !May(d.State, End) {
		return nil
	}
	rule, unheard := d.Rule(), d.Rule().silent() && !d.heard()
	gone, stayed := d.count(r, false), d.count(r, true)
	if rule.ended(&gone, unheard) == rule.ended(&stayed, unheard) {
		return nil
	}
	return []Reason{because(ToSettle, "a member left or was suspended after the deadline, and whether it counts changes what the decision comes to: two people of other members settle that first, by amending who may answer")}
}

// Unsettled is every reason why it cannot be settled whether a member counts of whom the
// roll says that; none where it can. Only who left or was suspended after the deadline is
// settled: who was before does not count, whoever agrees (domain.md, section 5). It is for
// who begins to settle; Apply takes what logs hold of before it was asked.
func (d *Decision) Unsettled(v Verdict) []Reason {
	switch {
	case !May(d.State, Settle): // Apply says so
		return nil
	case !v.gone():
		return []Reason{because(NothingThere, "the member has neither left nor is suspended: there is nothing to settle")}
	case v.Since < d.Ends():
		return []Reason{because(NothingThere, "the member left or was suspended before the end of the deadline, %s: it does not count, and nobody settles that", d.Deadline.Words())}
	}
	return nil
}

func (t *Tally) add(b Ballot) {
	switch b.Answer {
	case Favour:
		t.Favour++
	case Against:
		t.Against++
	case Abstain:
		t.Abstain++
	case Block:
		t.Block++
	}
	if b.Verdict.Grace {
		t.Grace++
	}
}

// voice adds what a member objects to, by its objection or by its ballot.
func (d *Decision) voice(t *Tally, id member.ID) {
	objects := false
	if o, ok := d.Objections[id]; ok && o.Revision == d.Revision {
		objects = true
		t.Concerns = append(t.Concerns, o.Concern)
	}
	if b, ok := d.Ballots[id]; ok && b.Revision == d.Revision && b.Concern > 0 {
		objects = objects || b.Answer == Against && d.Size() == Medium
		t.Concerns = append(t.Concerns, b.Concern)
	}
	if objects {
		t.Objections = append(t.Objections, id)
	}
}

// standing are the numbers of the concerns that stand, whoever is gone.
func (d *Decision) standing() []int {
	var t Tally
	for _, s := range d.Electorate {
		d.voice(&t, s.Member)
	}
	return t.Concerns
}
