package dispatch

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"time"

	"coopcloud.tech/goodstanding/internal/instant"
	"coopcloud.tech/goodstanding/internal/loop"
	"coopcloud.tech/goodstanding/notify"
	"coopcloud.tech/goodstanding/store"
)

// answered is what came of handing a parcel over.
type answered struct {
	p     *parcel
	event string // the room's
	err   error  // nil: it was taken
	at    instant.Instant
}

// recordWithin bounds the recording of what a server said, also where the program
// is ending: a yes that is not written down is sent again.
const recordWithin = 10 * time.Second

// hand hands a parcel over. That it was taken is recorded by the next transaction, which
// follows at once (take, carry); anything else that was said is recorded here.
func (d *Dispatcher) hand(ctx context.Context, p *parcel) error {
	a := answered{p: p, err: errNotHanded}
	err := d.o.DB.KeepMark(p.mark)
	// Where the program stood still the claim may expire before the server answers.
	if err == nil && p.until.Sub(d.o.Now()) > answerWithin {
		within, cancel := context.WithTimeout(ctx, answerWithin)
		defer cancel()
		a.event, a.err = d.send(within, p)
		if a.err != nil && within.Err() != nil && !d.known(a.err) {
			if ctx.Err() != nil {
				return ctx.Err() // the claim expires, and counts as an attempt of unknown outcome
			}
			a.err = &notify.Unknown{Reason: "it did not answer in time"}
		}
	}
	a.at = d.o.Now()
	d.pace(&a)
	d.unrecorded = append(d.unrecorded, a)
	if a.err == nil {
		return err
	}
	return errors.Join(err, d.recordAgain(context.WithoutCancel(ctx)))
}

// errNotHanded says that nothing was handed over, for a reason of this program's.
var errNotHanded = errors.New("it was not handed over")

// nothing says that nothing of the parcel was handed over.
func (d *Dispatcher) nothing(err error) bool {
	if err == nil || errors.Is(err, errNotHanded) {
		return err != nil
	}
	is, _ := d.o.Unreachable(err)
	return is
}

// known says that an error tells what became of the parcel.
func (d *Dispatcher) known(err error) bool {
	_, no := errors.AsType[*notify.Rejection](err)
	_, later := errors.AsType[*notify.Deferral](err)
	_, lost := errors.AsType[*notify.Unknown](err)
	return no || later || lost || d.nothing(err)
}

// send renders a parcel and hands it to its channel.
func (d *Dispatcher) send(ctx context.Context, p *parcel) (event string, err error) {
	if p.rows[0].Channel == notify.Matrix {
		text, html, err := d.o.Announcement(p.data)
		if err != nil {
			return "", fmt.Errorf("write an announcement: %w", err)
		}
		return d.o.Room(ctx, p.id, text, html)
	}
	e := notify.Envelope{ID: p.id, To: p.to.to(), List: true, Unsubscribe: p.data.Unsubscribe}
	if e.Subject, e.Text, e.HTML, err = d.o.Letter(p.data); err != nil {
		return "", fmt.Errorf("write a letter: %w", err)
	}
	return "", d.o.Email.Send(ctx, e)
}

// pace tells the domains' pace what a server said.
func (d *Dispatcher) pace(a *answered) {
	if d.o.Pace == nil || a.p.rows[0].Channel != notify.Email {
		return
	}
	_, no := errors.AsType[*notify.Rejection](a.err)
	later, put := errors.AsType[*notify.Deferral](a.err)
	switch {
	case a.err == nil || no:
		d.o.Pace.Sent(a.p.to.domain(), a.at)
	case put && later.Domain:
		d.o.Pace.Deferred(a.p.to.domain(), a.at)
	}
}

// recordAgain records what was said, the oldest first. What cannot be recorded now
// is kept, and nothing else is sent before it is. Another may lead by now, but nobody
// else is at these notices while the claim holds.
func (d *Dispatcher) recordAgain(ctx context.Context) error {
	for len(d.unrecorded) > 0 {
		d.kept = kept{}
		within, cancel := context.WithTimeout(ctx, recordWithin)
		var r recorded
		err := d.o.DB.Unfenced().InTx(within, store.NoStream, d.o.Now(), func(tx *store.Tx) (err error) {
			r, err = d.record(within, tx, &d.unrecorded[0])
			return err
		})
		cancel()
		if err != nil {
			return fmt.Errorf("record what became of a notice: %w", err)
		}
		d.recorded(ctx, []recorded{r})
	}
	return nil
}

// recorded is what was written down of a parcel.
type recorded struct {
	a     *answered
	taken []store.OutboxRow // those whose claim still held
	what  map[string]int    // what became of them, by the word to count it by
	quiet bool              // Heard has nothing to do with it (Options.MayHear)
}

// record writes down what became of a parcel.
func (d *Dispatcher) record(ctx context.Context, tx *store.Tx, a *answered) (recorded, error) {
	r, nothing := recorded{a: a, what: map[string]int{}}, d.nothing(a.err)
	for _, n := range a.p.rows {
		if nothing {
			if err := tx.GiveBack(ctx, n.ID, a.p.claim); err != nil {
				return r, err
			}
			continue
		}
		e, word, err := d.ends(ctx, tx, &n, a)
		if err != nil {
			return r, err
		}
		ok, err := tx.EndAttempt(ctx, n, a.p.claim, e)
		if err != nil {
			return r, err
		}
		if !ok {
			r.what["lost"]++
			continue
		}
		r.what[word]++
		if r.taken = append(r.taken, n); e.Detail == notify.RefusedRecipient {
			if err := tx.SetBounce(ctx, bounced(n.Recipient, a)); err != nil {
				return r, err
			}
		}
	}
	if a.err == nil && d.o.Taken != nil && len(r.taken) > 0 {
		return r, d.o.Taken(ctx, tx, r.taken, a.event)
	}
	return r, nil
}

// recorded tells on what is written down by now, the oldest of what was not.
func (d *Dispatcher) recorded(ctx context.Context, all []recorded) {
	d.unrecorded = d.unrecorded[len(all):]
	for _, r := range all {
		d.told(r.a, r.what)
		if r.a.err == nil && d.o.Heard != nil && !r.quiet {
			d.heard(ctx, r.taken)
		}
	}
}

// mayMove says that to be told of what was just recorded may move what the next mail says:
// that a decision was heard of moves its deadline, where it was heard of late, and any of
// those who are told of it may be the one by whom it was.
func (d *Dispatcher) mayMove(ctx context.Context, tx *store.Tx, all []recorded) (moves bool, err error) {
	for i := range all {
		r := &all[i]
		switch {
		case d.o.Heard == nil || r.a.err != nil || len(r.taken) == 0:
			continue
		case d.o.MayHear == nil:
			moves = moves || slices.ContainsFunc(r.taken, func(n store.OutboxRow) bool {
				return n.Kind == notify.DecisionOpened || n.Kind == notify.DecisionEscalated
			})
			continue
		}
		may, err := d.o.MayHear(ctx, tx, r.taken)
		if err != nil {
			return false, &unasked{err}
		}
		r.quiet, moves = !may, moves || may
	}
	return moves, nil
}

// unasked says that it could not be found out whether Heard is to be told.
type unasked struct{ err error }

func (u *unasked) Error() string { return u.err.Error() }
func (u *unasked) Unwrap() error { return u.err }

// heard tells of notices that were taken, also where the program is ending.
func (d *Dispatcher) heard(ctx context.Context, ns []store.OutboxRow) {
	ctx, cancel := context.WithTimeout(context.WithoutCancel(ctx), recordWithin)
	defer cancel()
	for _, n := range ns {
		err := d.o.Heard(ctx, n)
		if _, lost := errors.AsType[*store.LeaseLost](err); lost {
			break // who leads by now finds it
		}
		if err != nil { // whoever closes the decision finds it overdue, and says why
			d.o.Log.Error().Err(err).Str("notice", n.ID).Msg("that a notice was taken could not be told on")
		}
	}
}

// bounced says that the server knows no mailbox of that address.
func bounced(recipient string, a *answered) store.Bounce {
	reason := ""
	if no, ok := errors.AsType[*notify.Rejection](a.err); ok {
		reason = no.Reason
	}
	return store.Bounce{Recipient: recipient, Address: a.p.to.Address, At: a.at, Reason: reason, NotedBy: "mail_server"}
}

// ends is what an answer means for one notice, and the word to count it by.
func (d *Dispatcher) ends(ctx context.Context, tx *store.Tx, n *store.OutboxRow, a *answered) (store.Ends, string, error) {
	if a.err == nil {
		return store.Ends{State: notify.Sent}, string(notify.Sent), nil
	}
	if no, ok := errors.AsType[*notify.Rejection](a.err); ok {
		return store.Ends{State: notify.Failed, Detail: refused(no.Class)}, string(notify.Failed), nil
	}
	again := store.Ends{State: notify.Waiting, Detail: notify.Retried, TryAt: a.at.Add(d.backOff(n.Attempts + 1))}
	if _, lost := errors.AsType[*notify.Unknown](a.err); lost && n.Channel == notify.Email {
		again.Detail, again.Unsure = notify.OutcomeUnknown, true
		unsure := n.Unsure + 1
		if n.Claim != "" {
			unsure++ // the attempt before, which this one's claim has counted
		}
		if unsure >= mostUnsure {
			return store.Ends{State: notify.HeldState, Detail: notify.ByOutcome.Detail(), Unsure: true}, string(notify.HeldState), nil
		}
		again.TryAt = max(again.TryAt, a.p.until)
		return again, "unknown", nil
	}
	since, err := tx.TriedSince(ctx, n.ID)
	if err != nil {
		return store.Ends{}, "", err
	}
	if since != 0 && a.at >= since.Add(giveUpAfter) {
		return store.Ends{State: notify.Failed, Detail: notify.GaveUp}, string(notify.Failed), nil
	}
	return again, "retried", nil
}

func refused(c notify.Class) string {
	switch c {
	case notify.OfRecipient:
		return notify.RefusedRecipient
	case notify.OfMessage:
		return notify.RefusedMessage
	}
	return notify.RefusedPolicy
}

// backOff is the pause after the nth attempt, a quarter more or less by chance.
func (d *Dispatcher) backOff(n int64) time.Duration {
	pause := loop.Exponential(firstPause, longestPause, int(min(n, 20)))
	return pause*3/4 + time.Duration(float64(pause)*d.o.Random()/2)
}

// told counts and logs what became of a parcel, and lets a channel rest that
// cannot be reached. The errors of senders hold no address.
func (d *Dispatcher) told(a *answered, what map[string]int) {
	n := a.p.rows[0]
	log := d.o.Log.With().Str("kind", string(n.Kind)).Str("channel", string(n.Channel)).Str("letter", a.p.id).Int("notices", len(a.p.rows)).Logger()
	for word, k := range what {
		d.o.Observe(word, k)
	}
	if errors.Is(a.err, errNotHanded) {
		return
	}
	unreachable := d.nothing(a.err)
	if !unreachable {
		delete(d.silent, n.Channel)
	}
	switch {
	case what["lost"] > 0:
		log.Warn().Msg("another process has this notice by now: what the server said is not recorded")
	case a.err == nil:
		log.Info().Msg("a notice was taken")
	case unreachable:
		s := d.silent[n.Channel]
		s.failures++
		_, wait := d.o.Unreachable(a.err)
		s.until = a.at.Add(max(wait, loop.Exponential(firstPause, longestSilence, s.failures)))
		d.silent[n.Channel] = s
		d.o.Observe("unreachable", 1)
		log.Warn().Err(a.err).Int("in_a_row", s.failures).Str("next", s.until.String()).Msg("nothing can be sent: notices wait")
	default:
		log.Warn().Err(a.err).Int64("attempt", n.Attempts+1).Msg("a notice was not taken")
	}
}
