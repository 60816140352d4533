package reactions

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"slices"
	"time"

	"coopcloud.tech/goodstanding/chair"
	"coopcloud.tech/goodstanding/decisions"
	"coopcloud.tech/goodstanding/internal/arrange"
	"coopcloud.tech/goodstanding/member"
	"coopcloud.tech/goodstanding/roll"
	"coopcloud.tech/goodstanding/store"
)

// Placeholder is the concern of a ballot by a sign, until its words come.
const Placeholder = "(asked for in the room)"

// longestWords bounds a concern, in characters; the pages take as much.
const longestWords = 4000

// keepEarly is how long a sign waits for its event to be known as an announcement.
const keepEarly = 24 * time.Hour

// The outcomes, which are words of the stored rows.
const (
	counted   = "counted"
	takenBack = "taken_back"
	concern   = "concern"
	refused   = "refused"
	late      = "late"
	unknown   = "unknown"   // an account that nobody has
	ambiguous = "ambiguous" // a person who acts for several members, or for none
	ignored   = "ignored"   // needs nothing
)

// errTaken says that another process has acted on a sign meanwhile.
var errTaken = errors.New("the sign was taken by another process")

// finish does what was received and says what is to be said.
func (r *Reader) finish(ctx context.Context) error {
	if err := r.act(ctx); err != nil {
		return err
	}
	return r.answer(ctx)
}

// act does what was received, in its order.
func (r *Reader) act(ctx context.Context) error {
	var todo []store.RoomSign
	if err := r.ripen(ctx); err != nil {
		return err
	}
	err := r.o.DB.View(ctx, func(tx *store.Tx) error {
		received, err := tx.RoomSigns(ctx, store.SignReceived)
		if err != nil {
			return err
		}
		acting, err := tx.RoomSigns(ctx, store.SignActing)
		todo = append(acting, received...)
		return err
	})
	if err != nil {
		return fmt.Errorf("read the signs: %w", err)
	}
	arrange.By(todo, func(a, b store.RoomSign) int { return cmp.Compare(a.Seq, b.Seq) })
	// What cannot be done keeps what follows it on the same decision waiting, and
	// nothing else.
	stuck := map[string]bool{}
	var failed error
	for _, s := range todo {
		if stuck[s.Decision] {
			continue
		}
		if err := r.do(ctx, s); err != nil && !errors.Is(err, errTaken) {
			stuck[s.Decision] = true
			failed = errors.Join(failed, fmt.Errorf("act on a sign: %w", err))
		}
	}
	return failed
}

// ripen takes up the signs whose event is known as an announcement by now, and
// forgets those that have waited for it too long.
func (r *Reader) ripen(ctx context.Context) error {
	var early []store.RoomSign
	now := r.o.Now()
	err := r.o.DB.View(ctx, func(tx *store.Tx) (err error) {
		early, err = tx.RoomSigns(ctx, store.SignEarly)
		return err
	})
	if err != nil || len(early) == 0 {
		return err
	}
	return r.o.DB.InTx(ctx, store.NoStream, now, func(tx *store.Tx) error {
		for _, s := range early {
			a, known, err := tx.Announcement(ctx, s.Announcement)
			switch {
			case err != nil:
				return err
			case known:
				s.Decision, s.State = a.Decision, store.SignReceived
				err = tx.SetRoomSign(ctx, s)
			case now >= s.At.Add(keepEarly):
				err = tx.RemoveRoomSign(ctx, s.Event)
			}
			if err != nil {
				return err
			}
		}
		return nil
	})
}

// do does what one sign asks for. What was done before a crash is not done again.
func (r *Reader) do(ctx context.Context, s store.RoomSign) error {
	if s.State == store.SignActing {
		made, err := r.made(ctx, s)
		switch {
		case err != nil:
			return err
		case made != nil:
			return r.done(ctx, s, made)
		}
		s.State = store.SignReceived // it was refused, which changed nothing
		if err := r.note(ctx, s); err != nil {
			return err
		}
	}
	act := r.set
	switch s.Kind {
	case store.SignRemoved:
		act = r.remove
	case store.SignReply:
		act = r.reply
	}
	for tries := 1; ; tries++ {
		err := act(ctx, s)
		// Somebody acted in between: what was concluded from the decision may not hold.
		if _, moved := errors.AsType[*chair.Moved](err); !moved || tries == mostMoved {
			return err
		}
	}
}

// mostMoved is how often a sign is looked at again because the decision moved on
// while it was; after that it waits for the next step.
const mostMoved = 10

// set casts the ballot that a sign stands for.
func (r *Reader) set(ctx context.Context, s store.RoomSign) error {
	if s.Person == "" {
		before, err := r.before(ctx, s)
		if err != nil {
			return err
		}
		if slices.ContainsFunc(before, func(o store.RoomSign) bool { return o.Outcome == unknown && o.Announcement == s.Announcement }) {
			return r.tell(ctx, s, ignored, "")
		}
		return r.tell(ctx, s, unknown, wordsUnknown+r.link(ctx, s))
	}
	who, err := r.person(ctx, s.Person)
	if err != nil {
		return err
	}
	switch len(who.Delegates) {
	case 0:
		return r.tell(ctx, s, ambiguous, wordsNobody+r.link(ctx, s))
	case 1:
		s.Member = who.Delegates[0].Member
	default:
		return r.tell(ctx, s, ambiguous, wordsSeveral+r.link(ctx, s))
	}
	v, err := r.o.Chair.Read(ctx, chair.ID(s.Decision))
	if err != nil {
		return err
	}
	switch over, err := r.overtaken(ctx, &v, s); {
	case err != nil:
		return err
	case over != "":
		return r.tell(ctx, s, refused, over+r.link(ctx, s))
	}
	_, err = r.o.Chair.Cast(ctx, chair.ID(s.Decision), r.by(s, who.Name, &v), s.Choice, concernOf(&v.Decision, s))
	return r.outcome(ctx, s, err)
}

// overtaken says why a sign counts for nothing although its person may vote: it is
// on the announcement of an older text, or the member has answered in another way
// since it was set; "" where neither is so.
func (r *Reader) overtaken(ctx context.Context, v *chair.View, s store.RoomSign) (words string, err error) {
	var a store.Announcement
	var signed map[int64]int64 // entries that signs have made, by their places among the signs
	err = r.o.DB.View(ctx, func(tx *store.Tx) (err error) {
		if a, _, err = tx.Announcement(ctx, s.Announcement); err != nil {
			return err
		}
		signed, err = tx.SignEntries(ctx, s.Decision)
		return err
	})
	if err != nil {
		return "", err
	}
	newest := true // of the member's answers: one before an earlier sign's was looked at when that sign was
	for i, ev := range slices.Backward(v.Events) {
		switch {
		case asksAnew(&ev) && after(&a, &ev, int64(i)+1):
			return wordsOldText, nil
		case newest && (ev.Kind == decisions.Cast || ev.Kind == decisions.Retract) && ev.By.Member == s.Member:
			newest = false
			seq, bySign := signed[int64(i)+1]
			if bySign && seq > s.Seq || !bySign && since(&s, &ev, int64(i)+1) {
				return wordsLaterAnswer, nil
			}
		}
	}
	return "", nil
}

// after says that an event, an entry of the chain, is none that the announcement told
// of. Where it is not noted of which entry that tells, instants say so.
func after(a *store.Announcement, ev *decisions.Event, entry int64) bool {
	if a.Entry == 0 {
		return ev.At > a.At
	}
	return entry > a.Entry
}

// since says that an event, an entry of the chain, came after a sign was set: later than
// the sign's homeserver says that was, or than the program received it. A homeserver that
// says too early makes its own signs count for less, and one that says too late gains
// nothing; where the chain ended at the receipt does not depend on anybody's clock.
func since(s *store.RoomSign, ev *decisions.Event, entry int64) bool {
	switch {
	case s.Sent > 0 && ev.At >= s.Sent.Add(time.Millisecond): // the homeserver's instants are whole ones
		return true
	case s.Newest > 0:
		return entry > s.Newest
	}
	return ev.At > s.At
}

// asksAnew says that answers from before the event do not count after it.
func asksAnew(ev *decisions.Event) bool {
	return ev.Kind == decisions.Escalate || ev.Kind == decisions.CallMaterial || ev.Kind == decisions.Amend && !ev.Editorial
}

// concernOf are the words that a ballot carries: those that the member's ballot has
// already, where it says the same again.
func concernOf(d *decisions.Decision, s store.RoomSign) string {
	if !hasConcern(s.Choice) {
		return ""
	}
	if b, cast := d.Ballots[s.Member]; cast && b.Answer == s.Choice && b.Concern > 0 {
		return d.Concerns[b.Concern-1].Words
	}
	return Placeholder
}

// remove takes the ballot back that a sign has made, if it is in force.
func (r *Reader) remove(ctx context.Context, s store.RoomSign) error {
	sign, v, inForce, err := r.inForce(ctx, s.About)
	switch {
	case err != nil:
		return err
	case !inForce:
		return r.tell(ctx, s, ignored, "")
	case s.Person == "" || s.Person != sign.Person:
		words := wordsByOthers
		if s.Account == sign.Account { // it was noted for somebody else since, or was taken away
			words = wordsNotNoted
		}
		return r.tell(ctx, s, ignored, words)
	}
	s.Member = sign.Member
	who, err := r.person(ctx, s.Person)
	if err != nil {
		return err
	}
	_, err = r.o.Chair.Retract(ctx, chair.ID(s.Decision), r.by(s, who.Name, v))
	return r.outcome(ctx, s, err)
}

// reply makes what a person wrote the concern of its ballot, if that waits for one.
func (r *Reader) reply(ctx context.Context, s store.RoomSign) error {
	before, err := r.before(ctx, s)
	if err != nil {
		return err
	}
	who, err := r.person(ctx, s.Person)
	if err != nil {
		return err
	}
	for _, sign := range slices.Backward(before) {
		if !sign.Awaits || sign.Person != s.Person || s.Words == "" {
			continue
		}
		_, v, inForce, err := r.inForce(ctx, sign.Event)
		if err != nil {
			return err
		}
		if inForce {
			s.About, s.Member, s.Choice = sign.Event, sign.Member, sign.Choice
			if faults := roll.TextFaults("what you wrote", s.Words, longestWords, true); len(faults) > 0 {
				return r.tell(ctx, s, refused, wordsUnfit(faults))
			}
			_, err = r.o.Chair.Cast(ctx, chair.ID(s.Decision), r.by(s, who.Name, v), s.Choice, s.Words)
			return r.outcome(ctx, s, err)
		}
	}
	return r.o.DB.InTx(ctx, store.NoStream, r.o.Now(), func(tx *store.Tx) error { return tx.RemoveRoomSign(ctx, s.Event) })
}

// by is the person who acts, on the decision as it was seen. The transaction that
// acts marks the sign first, so that nobody acts on it twice.
func (r *Reader) by(s store.RoomSign, name string, seen *chair.View) chair.By {
	return chair.By{Actor: member.Actor{ID: string(s.Person), Label: name}, Member: s.Member, Seen: seen.Head.Hash,
		Permit: func(ctx context.Context, tx *store.Tx) error {
			head, ok, err := tx.LockDecision(ctx, s.Decision)
			if err != nil {
				return err
			}
			now, there, err := tx.RoomSign(ctx, s.Event)
			if err != nil {
				return err
			}
			if !ok || !there || now.State != store.SignReceived {
				return errTaken
			}
			now.State, now.Before, now.Person, now.Member, now.About = store.SignActing, head.Seq, s.Person, s.Member, s.About
			return tx.SetRoomSign(ctx, now)
		}}
}

// outcome notes what came of an act.
func (r *Reader) outcome(ctx context.Context, s store.RoomSign, err error) error {
	if err == nil {
		now, err := r.again(ctx, s.Event)
		if err != nil {
			return err
		}
		made, err := r.made(ctx, now)
		switch {
		case err != nil:
			return err
		case made == nil:
			return errors.New("the chain has no entry of the ballot that was just written")
		}
		return r.done(ctx, now, made)
	}
	if no, ok := errors.AsType[*decisions.Refusal](err); ok {
		return r.refuse(ctx, s, no)
	}
	if _, ok := errors.AsType[*chair.NotYours](err); ok {
		who, err := r.person(ctx, s.Person)
		if err != nil {
			return err
		}
		words := wordsNotYours
		if !slices.ContainsFunc(who.Delegates, func(d store.Delegation) bool { return d.Member == s.Member }) {
			words = wordsNoMore
		}
		return r.tell(ctx, s, refused, words+r.link(ctx, s))
	}
	return err
}

// entry is what an act has written: its place in the decision's chain, and its hash.
type entry struct {
	seq  int64
	hash string
	d    *decisions.Decision
}

// made is what the transaction that marked a sign has written for it; nil for
// nothing, because it was refused.
func (r *Reader) made(ctx context.Context, s store.RoomSign) (*entry, error) {
	v, err := r.o.Chair.Read(ctx, chair.ID(s.Decision))
	if err != nil {
		return nil, err
	}
	kind := decisions.Cast
	if s.Kind == store.SignRemoved {
		kind = decisions.Retract
	}
	for i := int(s.Before); i < len(v.Events); i++ {
		ev := &v.Events[i]
		if ev.Kind != kind || ev.By.Person != s.Person || ev.By.Member != s.Member || kind == decisions.Cast && s.Kind == store.SignSet && ev.Answer != s.Choice {
			continue
		}
		made := &entry{seq: int64(i) + 1, d: &v.Decision}
		err := r.o.DB.View(ctx, func(tx *store.Tx) error {
			entries, err := tx.DecisionEntriesAfter(ctx, s.Decision, made.seq-1)
			if err == nil && len(entries) > 0 {
				made.hash = entries[0].Hash
			}
			return err
		})
		return made, err
	}
	return nil, nil
}

// done notes what was done, and what is to be said of it.
func (r *Reader) done(ctx context.Context, s store.RoomSign, made *entry) error {
	s.Entry = made.seq
	switch s.Kind {
	case store.SignRemoved:
		return r.tell(ctx, s, takenBack, wordsTakenBack(made))
	case store.SignReply:
		sign, err := r.again(ctx, s.About)
		if err != nil {
			return err
		}
		sign.Entry, sign.Awaits = made.seq, false
		return r.tell(ctx, s, concern, wordsConcern(made), sign)
	}
	b, cast := made.d.Ballots[s.Member]
	s.Awaits = hasConcern(s.Choice) && cast && b.Concern > 0 && made.d.Concerns[b.Concern-1].Words == Placeholder
	return r.tell(ctx, s, counted, wordsCounted(made, s))
}

// inForce says whether a sign has made the ballot of its member that counts in the
// decision as it was seen.
func (r *Reader) inForce(ctx context.Context, event string) (s store.RoomSign, seen *chair.View, is bool, err error) {
	if s, err = r.again(ctx, event); err != nil || s.Entry == 0 {
		return s, nil, false, err
	}
	v, err := r.o.Chair.Read(ctx, chair.ID(s.Decision))
	if err != nil {
		return s, nil, false, err
	}
	if _, cast := v.Decision.Ballots[s.Member]; !cast {
		return s, &v, false, nil
	}
	for i, ev := range slices.Backward(v.Events) {
		if ev.Kind == decisions.Cast && ev.By.Member == s.Member {
			return s, &v, int64(i)+1 == s.Entry, nil
		}
	}
	return s, &v, false, nil
}

// again is a row as it stands now.
func (r *Reader) again(ctx context.Context, event string) (s store.RoomSign, err error) {
	err = r.o.DB.View(ctx, func(tx *store.Tx) error {
		var ok bool
		s, ok, err = tx.RoomSign(ctx, event)
		if err == nil && !ok {
			err = errTaken
		}
		return err
	})
	return s, err
}

// before are what the same account did about the same decision before.
func (r *Reader) before(ctx context.Context, s store.RoomSign) (out []store.RoomSign, err error) {
	err = r.o.DB.View(ctx, func(tx *store.Tx) error {
		all, err := tx.SignsOn(ctx, s.Decision, s.Account)
		out = slices.DeleteFunc(all, func(o store.RoomSign) bool { return o.Seq >= s.Seq })
		return err
	})
	return out, err
}

// person is somebody with the members that he or she acts for.
func (r *Reader) person(ctx context.Context, id member.PersonID) (p store.PersonInfo, err error) {
	err = r.o.DB.View(ctx, func(tx *store.Tx) error {
		people, err := tx.People(ctx)
		if i := slices.IndexFunc(people, func(x store.PersonInfo) bool { return x.ID == id }); i >= 0 {
			p = people[i]
		}
		return err
	})
	return p, err
}
