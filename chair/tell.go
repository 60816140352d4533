package chair

import (
	"context"
	"fmt"
	"slices"
	"strconv"
	"strings"

	"coopcloud.tech/goodstanding/decisions"
	"coopcloud.tech/goodstanding/internal/instant"
	"coopcloud.tech/goodstanding/member"
	"coopcloud.tech/goodstanding/notify"
	"coopcloud.tech/goodstanding/roll"
)

// entered is an event as it was written: its place in the chain, what is told because of
// it, and the decision after it, or after all that share a transaction.
type entered struct {
	ev    *decisions.Event
	seq   int64
	kind  notify.Kind // "" for nothing
	after *decisions.Decision
}

// notice is what some members, and perhaps the room, are told on one occasion.
type notice struct {
	kind    notify.Kind
	cause   string
	at      instant.Instant // its moment, from which on it is due
	room    bool
	members []member.ID // told through their delegates, or their contacts where there are none
	people  []string    // told beside them
	about   member.ID   // of ballot_cast: whose ballot; else ""
	late    bool        // its moment had passed before anybody looked
}

// cause is the id of an entry of a decision's chain, as an occasion has it.
func cause(id ID, seq int64) string { return fmt.Sprintf("%s/%d", id, seq) }

// ReadCause is the decision and the number of the entry that an occasion is
// about; ok is false for the cause of another kind of notice.
func ReadCause(text string) (id ID, seq int64, ok bool) {
	parts := strings.SplitN(text, "/", 3)
	if len(parts) < 2 {
		return "", 0, false
	}
	seq, err := strconv.ParseInt(parts[1], 10, 64)
	return ID(parts[0]), seq, err == nil && seq > 0
}

// tell are the notices that an event causes (domain.md, section 6).
func (o *opened) tell(ctx context.Context, e *entered) ([]notify.Message, error) {
	if e.kind == "" {
		return nil, nil
	}
	n := notice{kind: e.kind, cause: cause(o.id, e.seq), at: e.ev.At}
	var err error
	switch {
	case e.ev.Kind == decisions.Cast || e.ev.Kind == decisions.Retract:
		n.about = e.ev.By.Member
		n.people, err = o.otherDelegates(ctx, e.ev.By)
	case e.ev.Kind == decisions.Nudge:
		t := e.after.Count(e.ev.Roll)
		n.members = admitted(t.Waiting, e.ev.Roll)
	case e.ev.Kind == decisions.AddSeat:
		n.members = []member.ID{e.ev.Member}
	default:
		n.room = true
		n.members, err = o.present(ctx, e)
	}
	if err != nil {
		return nil, err
	}
	return o.messages(ctx, n)
}

// tellsOf is what is told because of an event, by how the decision stood before it and
// stands after it; "" for nothing. What was imported announces nothing until somebody
// takes it up here, and a draft that is withdrawn was never put to the members.
func tellsOf(ev *decisions.Event, before stood, after *decisions.Decision) notify.Kind {
	if after.Untaken() {
		return ""
	}
	if after.State.Final() {
		if before.state.Running() {
			return notify.DecisionResult
		}
		return ""
	}
	switch ev.Kind {
	case decisions.Open, decisions.Reopen, decisions.AddSeat:
		return notify.DecisionOpened
	case decisions.Amend, decisions.CallMaterial:
		return notify.DecisionAmended
	case decisions.MoreTime:
		return notify.DecisionMoreTime
	case decisions.Escalate:
		return notify.DecisionEscalated
	case decisions.Cast, decisions.Retract:
		return notify.BallotCast
	case decisions.Nudge:
		return notify.NotVoted
	case decisions.Announce, decisions.Close: // told too late for the old deadline
		if after.Deadline != before.deadline {
			return notify.DecisionMoreTime
		}
	}
	return ""
}

// present are the members of the electorate that are neither paused, suspended
// nor gone since it was taken.
func (o *opened) present(ctx context.Context, e *entered) ([]member.ID, error) {
	seats := make([]member.ID, len(e.after.Electorate))
	for i, s := range e.after.Electorate {
		seats[i] = s.Member
	}
	if e.ev.Electorate != nil { // taken by this event
		return seats, nil
	}
	r := e.ev.Roll
	if r == nil {
		var err error
		if r, err = o.look(ctx, e.ev.At)(e.ev.At); err != nil {
			return nil, err
		}
	}
	return admitted(seats, r), nil
}

// admitted are those of some members that are so by the roll.
func admitted(ids []member.ID, r decisions.Roll) (out []member.ID) {
	for _, id := range ids {
		if r[id].Membership == decisions.Admitted {
			out = append(out, id)
		}
	}
	return out
}

// readPeople reads who acts for the members, once in a transaction.
func (o *opened) readPeople(ctx context.Context) (err error) {
	if o.people == nil {
		o.people, err = o.c.roll.PeopleIn(ctx, o.tx)
	}
	return err
}

// otherDelegates are the delegates of the member that a person acts for, without
// that person.
func (o *opened) otherDelegates(ctx context.Context, by decisions.Party) ([]string, error) {
	if err := o.readPeople(ctx); err != nil {
		return nil, err
	}
	return slices.DeleteFunc(o.delegates(by.Member), func(id string) bool { return id == string(by.Person) }), nil
}

// delegates are a member's delegates with an address, by id.
func (o *opened) delegates(id member.ID) (out []string) {
	for _, p := range o.people {
		for _, d := range p.Delegates {
			if d.Member == id && p.Email != "" {
				out = append(out, string(p.ID))
			}
		}
	}
	return out
}

// reach is through whom each member can be told: its delegates, else its
// contacts, else nobody.
func (o *opened) reach(ctx context.Context, ids []member.ID) (map[member.ID][]string, error) {
	if len(ids) == 0 {
		return nil, nil
	}
	if err := o.readPeople(ctx); err != nil {
		return nil, err
	}
	contacts, err := o.tx.Contacts(ctx)
	if err != nil {
		return nil, err
	}
	out := make(map[member.ID][]string, len(ids))
	for _, id := range ids {
		out[id] = o.delegates(id)
		if len(out[id]) > 0 {
			continue
		}
		for _, c := range contacts {
			if c.Member == id && c.Email != "" {
				out[id] = append(out[id], c.ID)
			}
		}
	}
	return out, nil
}

// messages are a notice to everyone whom it is for: one a recipient, however many
// members it speaks for, and one for each member that nobody can be told about, so
// that the ledger says so.
func (o *opened) messages(ctx context.Context, n notice) ([]notify.Message, error) {
	if !n.room && len(n.members) == 0 && len(n.people) == 0 {
		return nil, nil
	}
	if o.notices == nil {
		o.notices = &roll.Notices{}
	}
	state, err := o.notices.State(ctx, o.tx, n.at)
	if err != nil {
		return nil, err
	}
	var out []notify.Message
	add := func(about member.ID, to string, channel notify.Channel) {
		m := notify.Message{Occasion: notify.Occasion{Kind: n.kind, Member: about, Cause: n.cause}, Recipient: to, Channel: channel, DueAt: n.at, State: state}
		switch {
		case state != notify.Waiting:
		case to == "":
			m.State = notify.NoAddress
		case n.late:
			m.State, m.Detail = notify.Suppressed, notify.TooLate
		}
		out = append(out, m)
	}
	if n.room {
		add("", notify.Room, notify.Matrix)
	}
	reach, err := o.reach(ctx, n.members)
	if err != nil {
		return nil, err
	}
	told := slices.Clone(n.people)
	for _, id := range n.members {
		if told = append(told, reach[id]...); len(reach[id]) == 0 {
			add(id, "", notify.Email)
		}
	}
	slices.Sort(told)
	for _, to := range slices.Compact(told) {
		add(n.about, to, notify.Email)
	}
	return out, nil
}
