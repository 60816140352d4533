package chair

import (
	"errors"
	"fmt"
	"slices"
	"time"

	"coopcloud.tech/goodstanding/decisions"
	"coopcloud.tech/goodstanding/internal/instant"
	"coopcloud.tech/goodstanding/member"
	"coopcloud.tech/goodstanding/store"
)

// partyIn is a person in a decision, for a member or, without one, for the only one
// that the person is delegate of; verdict is what the roll says of a member. Who
// became delegate while the decision is open is none yet (domain.md, section 8): since
// its first opening, as escalating it makes nobody known to the member.
func partyIn(d *decisions.Decision, kind decisions.EventKind, who *store.PersonInfo, forMember member.ID, verdict func(member.ID) (decisions.Verdict, error)) (decisions.Party, error) {
	out := decisions.Party{Person: who.ID, Facilitator: slices.Contains(who.Roles, member.Facilitator)}
	of, err := delegation(*who, forMember)
	if err != nil || of == nil {
		return out, err
	}
	if d.State.Running() && of.Since > d.Begun && !of.Confirmed {
		if out.Facilitator && slices.Contains(facilitating, kind) {
			return out, nil // acts as facilitator, for no member
		}
		return out, &NotYours{fmt.Sprintf("%s became a delegate while the decision was open: another delegate of the member, or its contact, has to confirm that first (goodstanding people confirm)", named(*who))}
	}
	out.Member = of.Member
	out.Verdict, err = verdict(of.Member)
	return out, err
}

// Against is every reason why a person could not do something of a kind about the
// decision now, for a member, by what the roll says; none where it may. It is so that
// nobody fills in a form in vain: who acts looks at all of it again, and at what was
// written, too. Who takes a break may cast, which ends it.
func (v *View) Against(kind decisions.EventKind, who *store.PersonInfo, forMember member.ID, r decisions.Roll, now instant.Instant) []decisions.Reason {
	d := &v.Decision
	now = max(now, d.Last)
	party, err := partyIn(d, kind, who, forMember, func(id member.ID) (decisions.Verdict, error) { return r[id], nil })
	if no := (*NotYours)(nil); errors.As(err, &no) {
		return []decisions.Reason{{Code: decisions.NotAllowed, Text: no.Reason}}
	}
	if lacks(v.Loss, d) && decisions.May(d.State, kind) && !mayLacking(d, kind, now) {
		return []decisions.Reason{lackingReason(v.Loss, d)}
	}
	if kind == decisions.Cast && d.State.Running() && party.Verdict.Membership == decisions.Paused {
		return nil
	}
	why := d.Against(kind, party, r, now)
	if kind == decisions.End {
		why = append(why, d.Unclear(r)...)
	}
	return why
}

// MayPropose is every reason why a person could not propose anything for a member
// now; none where it may.
func MayPropose(who *store.PersonInfo, forMember member.ID, r decisions.Roll, now instant.Instant) []decisions.Reason {
	return (&View{Decision: decisions.New(time.UTC)}).Against(decisions.Propose, who, forMember, r, now)
}

func reasonsOf(all []decisions.Reason) (out []string) {
	for _, r := range all {
		out = append(out, r.Text)
	}
	return out
}
