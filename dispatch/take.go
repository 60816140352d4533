package dispatch

import (
	"context"
	"errors"
	"fmt"
	"reflect"
	"slices"
	"strings"
	"time"

	"coopcloud.tech/goodstanding/internal/arrange"
	"coopcloud.tech/goodstanding/internal/instant"
	"coopcloud.tech/goodstanding/notify"
	"coopcloud.tech/goodstanding/notify/letter"
	"coopcloud.tech/goodstanding/store"
)

// parcel is one mail, or one announcement, with the notices that it carries.
type parcel struct {
	id    string // of the first notice that it ever carried: the Message-ID
	rows  []store.OutboxRow
	to    Recipient
	data  letter.Data
	claim string
	until instant.Instant // the claim's end
	mark  store.Mark
}

// take looks again at what is due on a channel, until something may go, and claims
// that with everything that goes with it. nil is nothing; next is then when the
// next notice may go. What was said of the parcel before is recorded first, in the same
// transaction where looking takes no time.
func (d *Dispatcher) take(ctx context.Context, ch notify.Channel) (p *parcel, next instant.Instant, err error) {
	for puzzled := 0; ; {
		now := d.o.Now()
		t, err := d.takeOnce(ctx, ch, now)
		if err != nil { // what was said before is recorded without it
			if err := d.recordAgain(context.WithoutCancel(ctx)); err != nil {
				return nil, 0, err
			}
			if _, is := errors.AsType[*unasked](err); is && ctx.Err() == nil {
				continue // and Heard was told of it, and has logged what is wrong
			}
		}
		if d.setAside(ctx, err, now) && puzzled < mostPuzzled {
			puzzled++
			continue
		}
		if err != nil {
			return nil, 0, fmt.Errorf("look at what is due: %w", err)
		}
		d.observe(t.ended)
		if t.p != nil || !t.more {
			return t.p, t.next, nil
		}
	}
}

// takeOnce is one transaction of take. Where it fails, what was to be recorded in it
// still is.
func (d *Dispatcher) takeOnce(ctx context.Context, ch notify.Channel, now instant.Instant) (t taken, err error) {
	before := d.kept
	d.kept = kept{}
	err = d.o.DB.Watching().InTx(ctx, store.NoStream, now, func(tx *store.Tx) (err error) {
		t, err = d.takeIn(ctx, tx, ch, before)
		return err
	})
	if err != nil {
		return taken{}, err
	}
	d.kept = t.kept
	d.recorded(ctx, t.recorded)
	return t, nil
}

// taken is what one transaction of take came to.
type taken struct {
	p        *parcel
	next     instant.Instant      // when the next notice may go, where none may now
	more     bool                 // nothing went of those that it looked at, and there are more
	ended    map[notify.State]int // as look has them
	kept     kept
	recorded []recorded // what was said before, and is written down with it
}

// takeIn records what was said of the parcel before, and claims the next one.
func (d *Dispatcher) takeIn(ctx context.Context, tx *store.Tx, ch notify.Channel, before kept) (t taken, err error) {
	var still bool
	if t.kept, still, err = before.in(ctx, tx); err != nil {
		return t, err
	}
	for i := range d.unrecorded {
		r, err := d.record(ctx, tx, &d.unrecorded[i])
		if err != nil {
			return t, err
		}
		t.recorded = append(t.recorded, r)
	}
	apart := len(t.recorded) > 0 && !still
	if still { // else Heard is told of it in any case: who votes meanwhile does not wait for what is read here
		if apart, err = d.mayMove(ctx, tx, t.recorded); err != nil {
			return t, err
		}
	}
	if apart { // it is safe first, and then the rest is read
		t.more = true
		return t, nil
	}
	if s := &t.kept.sending; !s.On || s.At != store.AtHome { // a database can be put in the place of another while the program runs
		return t, nil
	}
	err = d.claim(ctx, tx, ch, &t)
	return t, err
}

// claim looks again at what is due, until something may go, and claims that.
func (d *Dispatcher) claim(ctx context.Context, tx *store.Tx, ch notify.Channel, t *taken) error {
	l, err := d.newLook(ctx, tx, &t.kept)
	if err != nil {
		return err
	}
	due, err := l.readDue(ctx, ch)
	if err != nil {
		return err
	}
	t.p, err = d.first(ctx, l)
	t.ended, t.next, t.more = l.ended, l.next, !due.all && l.moved > 0
	t.kept.went(ch, t.p, l)
	if err != nil || t.p != nil || t.more {
		return err
	}
	later, err := tx.NextNotice(ctx, ch) // some may have been put off
	if t.next == 0 || later != 0 && later < t.next {
		t.next = later
	}
	return err
}

// observe counts the notices that were moved, by state.
func (d *Dispatcher) observe(ended map[notify.State]int) {
	for s, n := range ended {
		d.o.Observe(string(s), n)
	}
}

// first makes a parcel of the first of some notices that goes. What does not is
// moved to where it belongs, and counted.
func (d *Dispatcher) first(ctx context.Context, l *look) (*parcel, error) {
	for _, n := range l.due.rows {
		to, data, goes, err := l.fit(ctx, n)
		if err != nil {
			return nil, err
		}
		if !goes {
			continue
		}
		wait, err := l.domainsTurn(ctx, n, &to)
		if err != nil {
			return nil, err
		}
		if wait {
			continue
		}
		p := &parcel{id: n.Letter, rows: []store.OutboxRow{n}, to: to, data: data, claim: d.o.NewID("cl"), until: l.now.Add(claimFor)}
		if p.id == "" {
			p.id = n.ID
		}
		if err := l.gather(ctx, p); err != nil {
			return nil, err
		}
		for _, row := range p.rows {
			if err := l.tx.ClaimNotice(ctx, row, p.claim, p.until, p.id); err != nil {
				return nil, err
			}
		}
		l.kept.sending, p.mark, err = l.tx.CountSend(ctx, l.kept.sending)
		return p, err
	}
	return nil, nil
}

// fit looks at a notice again, and says whether it goes. One that does not is moved
// to where it belongs, or left alone.
func (l *look) fit(ctx context.Context, n store.OutboxRow) (to Recipient, data letter.Data, goes bool, err error) {
	if l.aside(n) {
		return to, data, false, nil
	}
	to, data, v, err := l.again(ctx, n)
	if err != nil {
		return to, data, false, err
	}
	if v.goes() {
		v = mayTry(n)
	}
	if !v.goes() {
		return to, data, false, l.apply(ctx, n, v)
	}
	return to, data, true, nil
}

// mayTry lets a notice wait for a treasurer where nobody knows what became of the
// attempts before.
func mayTry(n store.OutboxRow) Verdict {
	// The room takes the same thing once, however often it is said.
	if n.Channel == notify.Email && n.Claim != "" && n.Unsure+1 >= mostUnsure {
		return Ends(notify.HeldState, notify.ByOutcome.Detail())
	}
	return Goes()
}

// shortWait is up to how long a notice waits for its domain's turn without being
// put off in the database.
const shortWait = 5 * time.Second

// domainsTurn says that a mail has to wait because another to the same domain went
// just before.
func (l *look) domainsTurn(ctx context.Context, n store.OutboxRow, to *Recipient) (wait bool, err error) {
	if l.d.o.Pace == nil || n.Channel != notify.Email {
		return false, nil
	}
	until := l.d.o.Pace.Wait(to.domain(), l.now)
	switch {
	case until <= l.now:
		return false, nil
	case until > l.now.Add(shortWait):
		l.moved++
		return true, l.tx.PutOff(ctx, n.ID, until)
	}
	l.soonest(until)
	return true, nil
}

// apply moves a notice to where it belongs.
func (l *look) apply(ctx context.Context, n store.OutboxRow, v Verdict) error {
	l.moved++
	switch {
	case v.state == notify.Waiting:
		return l.tx.PutOff(ctx, n.ID, v.until)
	case v.state == notify.HeldState && v.detail == notify.ByOutcome.Detail():
		l.ended[v.state]++
		return l.tx.HoldClaimed(ctx, n, notify.ByOutcome)
	}
	l.ended[v.state]++
	return l.tx.SetNotice(ctx, n.ID, v.state, v.detail)
}

// gather adds what travels in the same mail: on another attempt what travelled in
// it before and still waits; else what is due to the same address of the same kind,
// where the letter is the same but for the members that it names (domain.md,
// section 6: who is delegate of three members gets one mail).
func (l *look) gather(ctx context.Context, p *parcel) error {
	n := p.rows[0]
	if n.Channel != notify.Email {
		return nil
	}
	mates, err := l.mates(ctx, p)
	if err != nil {
		return err
	}
	for _, m := range mates {
		to, data, goes, err := l.fit(ctx, m)
		if err != nil {
			return err
		}
		if !goes {
			continue
		}
		if sameAddress(to.Address) != sameAddress(p.to.Address) || m.Letter == "" && !sameLetter(p.data, data) {
			continue
		}
		if p.rows = append(p.rows, m); p.to.Person == nil && to.Person != nil { // a person is called by its name
			p.to, p.data.To, p.data.Language = to, data.To, data.Language
		}
		for _, more := range data.Members {
			if !slices.Contains(p.data.Members, more) {
				p.data.Members = append(p.data.Members, more)
			}
		}
	}
	arrange.By(p.data.Members, func(a, b letter.Member) int { return strings.Compare(strings.ToLower(a.Name), strings.ToLower(b.Name)) })
	return nil
}

// mates are the notices that may travel with the first one.
func (l *look) mates(ctx context.Context, p *parcel) ([]store.OutboxRow, error) {
	n := p.rows[0]
	var all []store.OutboxRow
	var err error
	switch to := l.dir.at[sameAddress(p.to.Address)]; {
	case n.Letter != "":
		all, err = l.tx.LetterNotices(ctx, n.Letter)
	case l.due.all && l.moved == 0: // else some of them may be where they belong by now
		all = l.due.to(n.Kind, to)
	default:
		all, err = l.tx.DueTo(ctx, n.Kind, to...)
	}
	return slices.DeleteFunc(all, func(m store.OutboxRow) bool {
		apart := m.Cause != n.Cause && !letter.TogetherIn(n.Kind)
		return m.ID == n.ID || m.ClaimedUntil > l.now || m.Letter != n.Letter || m.Channel != n.Channel || apart
	}), err
}

// sameLetter says that two letters differ by nothing but the members that they
// name, and how the recipient is called.
func sameLetter(a, b letter.Data) bool {
	a.Members, b.Members = nil, nil
	a.To, b.To = "", ""
	a.Language, b.Language = "", ""
	return reflect.DeepEqual(a, b)
}

// heldAtLeast is how often what is held is looked at where no fact comes.
const heldAtLeast = time.Hour

// lookAtHeld looks again at what is held until something is over by itself, when a
// fact has come since.
func (d *Dispatcher) lookAtHeld(ctx context.Context) error {
	now := d.o.Now()
	seen, err := d.o.DB.Counters(ctx)
	if err != nil || d.looked != nil && seen == *d.looked && now < d.lookedAt.Add(heldAtLeast) {
		return err
	}
	var ended map[notify.State]int
	err = d.o.DB.InTx(ctx, store.NoStream, now, func(tx *store.Tx) (err error) {
		ended, err = d.heldIn(ctx, tx)
		return err
	})
	if d.setAside(ctx, err, now) {
		return nil // the others are looked at in the next step
	}
	if err != nil {
		return fmt.Errorf("look at what is held: %w", err)
	}
	d.looked, d.lookedAt = &seen, now
	d.observe(ended)
	return nil
}

func (d *Dispatcher) heldIn(ctx context.Context, tx *store.Tx) (ended map[notify.State]int, err error) {
	held, err := tx.HeldNotices(ctx)
	if err != nil || len(held) == 0 {
		return nil, err
	}
	l, err := d.newLook(ctx, tx, &kept{})
	if err != nil {
		return nil, err
	}
	for _, n := range held {
		if l.aside(n) {
			continue
		}
		_, _, v, err := l.again(ctx, n)
		if err == nil {
			err = l.unhold(ctx, n, v)
		}
		if err != nil {
			return nil, err
		}
	}
	return l.ended, nil
}

// unhold moves a notice that was held to where it belongs by now.
func (l *look) unhold(ctx context.Context, n store.OutboxRow, v Verdict) error {
	switch {
	case v.state == notify.HeldState && v.detail == n.Detail:
		return nil
	case !v.goes() && v.state != notify.Waiting:
		return l.apply(ctx, n, v)
	}
	err := l.tx.SetNotice(ctx, n.ID, notify.Waiting, "")
	if err == nil && v.until != 0 {
		err = l.tx.PutOff(ctx, n.ID, v.until)
	}
	return err
}

// A notice that cannot be looked at again is left alone for a while: it must not
// keep the others from going. Where several cannot be in one step it is not they.
const (
	puzzledFor  = 10 * time.Minute
	mostPuzzled = 3
)

// puzzling says which notice cannot be looked at.
type puzzling struct {
	n   store.OutboxRow
	err error
}

func (p *puzzling) Error() string { return "look again at notice " + p.n.ID + ": " + p.err.Error() }
func (p *puzzling) Unwrap() error { return p.err }

// setAside leaves a notice alone that an error is about, and says whether it is
// about one.
func (d *Dispatcher) setAside(ctx context.Context, err error, now instant.Instant) bool {
	p, is := errors.AsType[*puzzling](err)
	if !is || ctx.Err() != nil {
		return false
	}
	if d.puzzling[p.n.ID] = now.Add(puzzledFor); len(d.puzzling) > atOnce {
		clear(d.puzzling) // those that are over, for the most part
	}
	d.o.Log.Error().Err(p.err).Str("kind", string(p.n.Kind)).Str("notice", p.n.ID).Msg("a notice cannot be looked at again: it waits, and the others go")
	return true
}

// aside says that a notice is left alone for now.
func (l *look) aside(n store.OutboxRow) bool {
	until, is := l.d.puzzling[n.ID]
	if !is || l.now >= until {
		return false
	}
	l.soonest(until)
	return true
}

// soonest notes when a notice may go that was passed over.
func (l *look) soonest(until instant.Instant) {
	if l.next == 0 || until < l.next {
		l.next = until
	}
}
