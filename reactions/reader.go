package reactions

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"slices"
	"strings"
	"time"

	"github.com/rs/zerolog"

	"coopcloud.tech/goodstanding/chair"
	"coopcloud.tech/goodstanding/internal/instant"
	"coopcloud.tech/goodstanding/notify/matrix"
	"coopcloud.tech/goodstanding/store"
)

// Options are what a Reader needs.
type Options struct {
	DB     *store.DB
	Chair  *chair.Chair
	Client *matrix.Client
	// Now reads the clock, once per step.
	Now func() instant.Instant
	// PublicURL is where people reach the pages, without a slash at its end; "" leaves
	// links out.
	PublicURL string
	// Wait is how long one reading waits for something to happen; 0 is 25 seconds.
	Wait time.Duration
	Log  zerolog.Logger
}

// Reader reads one room. One step at a time.
type Reader struct {
	o Options
	// in: the room is joined, and it can be read.
	in bool
	// warned is what was logged last about a room that cannot be entered or read.
	warned string
	// me, room and since are the account, the room's id and up to where it was read, ""
	// where that is not known; last is the newest event that was read, "" for none.
	me, room, since, last string
	// first: nothing of the room was read before.
	first bool
}

const (
	standardWait = 25 * time.Second
	// lookAgain is after how long a room is looked at again that could not be entered.
	lookAgain = time.Minute
	// lookAgainEncrypted is the same for one that is encrypted, which does not end.
	lookAgainEncrypted = time.Hour
)

// New makes a reader; it asks nothing yet.
func New(o Options) *Reader {
	if o.Wait == 0 {
		o.Wait = standardWait
	}
	return &Reader{o: o}
}

// Step does what was left undone, waits for something to happen in the room, and
// does what follows from it. It says when it wants to run again. After an error
// the same step can be tried again, after matrix.Waits where that asks for it.
func (r *Reader) Step(ctx context.Context) (next instant.Instant, err error) {
	undone := r.finish(ctx)
	if !r.in {
		next, err := r.enter(ctx)
		if err != nil || !r.in {
			return next, errors.Join(undone, err)
		}
	}
	wait := r.o.Wait
	if undone != nil { // what cannot be answered keeps nobody from voting
		wait = 0
	}
	reading, err := r.read(ctx, wait)
	if err != nil {
		return 0, errors.Join(undone, r.lost(err))
	}
	if reading.Missing && !r.first {
		r.o.Log.Warn().Msg("more happened in the room than can be read at once: signs may be missing, and can be set again")
	}
	for _, kind := range reading.Passed {
		r.pass(kind)
	}
	if err := r.receive(ctx, reading); err != nil {
		return 0, errors.Join(undone, err)
	}
	if undone != nil {
		return 0, errors.Join(undone, r.act(ctx))
	}
	return r.o.Now(), r.finish(ctx)
}

// read reads what happened since the last time: by the last event where the place is lost.
func (r *Reader) read(ctx context.Context, wait time.Duration) (matrix.Reading, error) {
	if r.since == "" && r.last != "" {
		return r.o.Client.SyncAfter(ctx, r.last)
	}
	return r.o.Client.Sync(ctx, r.since, wait)
}

// lost makes the next step look for the last event where the place is one that the homeserver
// does not know any more, or where the account is not in the room any more.
func (r *Reader) lost(err error) error {
	e, ok := errors.AsType[*matrix.Error](err)
	if ok && r.since != "" && e.Status == http.StatusBadRequest {
		r.since = ""
	}
	if errors.Is(err, matrix.ErrForbidden) || errors.Is(err, matrix.ErrUnknownToken) {
		r.in = false
	}
	return err
}

// enter makes sure that the account is in the room, by an invitation to it, and
// that the room can be read.
func (r *Reader) enter(ctx context.Context) (next instant.Instant, err error) {
	c := r.o.Client
	if r.me, err = c.WhoAmI(ctx); err != nil {
		return 0, err
	}
	if r.room, err = c.RoomID(ctx); err != nil {
		return 0, err
	}
	joined, err := c.Joined(ctx)
	if err != nil {
		return 0, err
	}
	if !joined {
		reading, err := c.Sync(ctx, "", 0)
		if err != nil {
			return 0, err
		}
		if !reading.Invited {
			r.warn("the account is not in the Matrix room: invite it")
			return r.o.Now().Add(lookAgain), nil
		}
		if err := c.Join(ctx); err != nil {
			return 0, err
		}
		r.o.Log.Info().Msg("the Matrix room was joined by its invitation")
	}
	encrypted, err := c.Encrypted(ctx)
	if err != nil {
		return 0, err
	}
	if encrypted {
		r.warn("the Matrix room is encrypted: votes by signs are off")
		return r.o.Now().Add(lookAgainEncrypted), nil
	}
	if err := r.place(ctx); err != nil {
		return 0, err
	}
	r.in, r.warned = true, ""
	return 0, nil
}

// warn says once why there are no votes by signs.
func (r *Reader) warn(why string) {
	if r.warned != why {
		r.warned = why
		r.o.Log.Warn().Msg(why)
	}
}

// place looks up to where this account has read this room, and the last event that any
// account has.
func (r *Reader) place(ctx context.Context) error {
	var stored map[string]string
	err := r.o.DB.View(ctx, func(tx *store.Tx) (err error) {
		stored, err = tx.Settings(ctx, store.SettingRoomRead, store.SettingRoomLast)
		return err
	})
	if err != nil {
		return fmt.Errorf("read the room: %w", err)
	}
	of := func(name, prefix string) string {
		if rest, is := strings.CutPrefix(stored[name], prefix+" "); is {
			return rest
		}
		return ""
	}
	r.since, r.last = of(store.SettingRoomRead, r.room+" "+r.me), of(store.SettingRoomLast, r.room)
	r.first = r.since == "" && r.last == ""
	return nil
}

// pass says that an event cannot be taken, by its kind alone.
func (r *Reader) pass(kind string) {
	r.o.Log.Warn().Str("kind", kind).Msg("an event of the room cannot be taken, and is passed")
}

// receive stores what was read, and up to where, at once.
func (r *Reader) receive(ctx context.Context, reading matrix.Reading) error {
	if n := len(reading.Events); n > 0 || r.since == "" {
		last := r.last
		if n > 0 {
			last = reading.Events[n-1].ID
		}
		// Read without a place to go on from, words may be older than any question.
		if r.since == "" && (r.last == "" || reading.Missing) {
			reading.Events = slices.DeleteFunc(reading.Events, func(e matrix.Event) bool { return e.Kind == matrix.Reply })
		}
		to := &place{next: reading.Next, last: last}
		err := r.keep(ctx, reading.Events, to)
		if store.Unfit(err) {
			err = r.keepEach(ctx, reading.Events, to)
		}
		if err != nil {
			return fmt.Errorf("read the room: %w", err)
		}
		r.last = last
	}
	r.since, r.first = reading.Next, false
	for _, e := range reading.Events {
		if e.Kind == matrix.Encrypted {
			r.in = false
		}
	}
	return nil
}

// place is up to where the room was read: where the next reading goes on, and the newest
// event, "" for none.
type place struct{ next, last string }

// keep stores events, and up to where the room was read; nil leaves that as it is.
func (r *Reader) keep(ctx context.Context, events []matrix.Event, to *place) error {
	now := r.o.Now()
	return r.o.DB.InTx(ctx, store.NoStream, now, func(tx *store.Tx) error {
		for _, e := range events {
			if err := r.take(ctx, tx, e, now); err != nil {
				return err
			}
		}
		if to == nil {
			return nil
		}
		if to.last != "" {
			if err := tx.SetSetting(ctx, store.SettingRoomLast, r.room+" "+to.last); err != nil {
				return err
			}
		}
		return tx.SetSetting(ctx, store.SettingRoomRead, r.room+" "+r.me+" "+to.next)
	})
}

// keepEach stores what was read one by one, and passes what the database does not take:
// it would not take that the next time either, and nobody after it could vote by a sign.
func (r *Reader) keepEach(ctx context.Context, events []matrix.Event, to *place) error {
	for i := range events {
		err := r.keep(ctx, events[i:i+1], nil)
		if store.Unfit(err) {
			r.pass(events[i].Kind.String())
		} else if err != nil {
			return err
		}
	}
	return r.keep(ctx, nil, to)
}

// take stores one event, if it is about an announcement.
func (r *Reader) take(ctx context.Context, tx *store.Tx, e matrix.Event, now instant.Instant) error {
	if e.Sender == r.me || e.Kind == matrix.Encrypted {
		return nil
	}
	s := store.RoomSign{Event: e.ID, Sender: e.Sender, Account: store.SignAccount(e.Sender), Announcement: e.About, At: now, State: store.SignReceived}
	var err error
	if s.Person, _, err = tx.PersonByMatrix(ctx, e.Sender); err != nil {
		return err
	}
	switch e.Kind {
	case matrix.Sign:
		s.Kind, s.Sent = store.SignSet, e.Sent
		var is bool
		if s.Choice, is = choiceOf(e.Text); !is {
			return nil
		}
	case matrix.Reply:
		s.Kind, s.Words = store.SignReply, e.Text
	case matrix.Removal:
		return r.takeRemoval(ctx, tx, e, s)
	}
	announced, known, err := tx.Announcement(ctx, e.About)
	if err != nil {
		return err
	}
	s.Decision = announced.Decision
	switch {
	case s.Kind == store.SignReply && (!known || s.Person == ""), !known && s.Person == "":
		return nil
	case !known:
		s.State = store.SignEarly
	case s.Kind == store.SignSet:
		head, _, err := tx.DecisionHead(ctx, s.Decision)
		if err != nil {
			return err
		}
		s.Newest = head.Seq
	}
	_, err = tx.AddRoomSign(ctx, s)
	return err
}

// takeRemoval stores that a sign was removed, if it is one that was received.
func (r *Reader) takeRemoval(ctx context.Context, tx *store.Tx, e matrix.Event, s store.RoomSign) error {
	sign, known, err := tx.RoomSign(ctx, e.About)
	switch {
	case err != nil:
		return err
	case !known || sign.Kind != store.SignSet:
		return nil
	case sign.State == store.SignEarly:
		return tx.RemoveRoomSign(ctx, sign.Event)
	}
	s.Kind, s.About, s.Announcement, s.Decision = store.SignRemoved, sign.Event, sign.Announcement, sign.Decision
	_, err = tx.AddRoomSign(ctx, s)
	return err
}
