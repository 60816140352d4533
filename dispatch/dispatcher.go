package dispatch

import (
	"context"
	"errors"
	"math/rand/v2"
	"time"

	"github.com/rs/zerolog"

	"coopcloud.tech/goodstanding/internal/instant"
	"coopcloud.tech/goodstanding/notify"
	"coopcloud.tech/goodstanding/notify/letter"
	"coopcloud.tech/goodstanding/roll"
	"coopcloud.tech/goodstanding/store"
)

// How sending is paced.
const (
	// claimFor is how long the notices of a mail are left alone by all others. The
	// server has to answer within answerWithin: a mail never leaves once its claim
	// has expired.
	claimFor     = 3 * time.Minute
	answerWithin = 2 * time.Minute
	// firstPause and longestPause are those after a mail that was not taken;
	// giveUpAfter is how long one is tried.
	firstPause   = time.Minute
	longestPause = 6 * time.Hour
	giveUpAfter  = 5 * 24 * time.Hour
	// longestSilence is how long a whole channel waits that cannot be reached.
	longestSilence = 15 * time.Minute
	// mostUnsure is after how many attempts of unknown outcome a treasurer decides
	// (domain.md, section 6).
	mostUnsure = 3
	// atOnce bounds the notices that one transaction looks at, mostMails the mails
	// of one step.
	atOnce    = 100
	mostMails = 100
)

// Federation is what every letter says of the federation.
type Federation struct {
	Name, URL, RollURL string
	PayURL             string // where dues are paid on Open Collective
	SignInURL          string // where people sign in; "" where nothing is served
	Treasurers         string // the address that answers go to; "" for none
	Unsubscribe        string // the page on which optional mails are declined; "" for none
	DecisionURL        func(number int) string
	Zone               *time.Location
	Language           string
}

// Options are what a Dispatcher needs.
type Options struct {
	// DB is fenced by the lease of the one who sends. What a server said is recorded
	// without the fence: the claim of a notice keeps that to the one who made it, and
	// a yes that is not written down would be sent twice.
	DB   *store.DB
	Roll *roll.Roll
	// Before is the dispatcher that sent in this process before this one; what a
	// server told that one and it could not record yet, this one records. nil is none.
	Before *Dispatcher
	// Email carries mails; nil where there is no mail server: they wait.
	Email notify.Sender
	// Room says something in the federation's room, once for each transaction id,
	// and gives the event's id; nil where there is none: nothing is said there.
	Room func(ctx context.Context, txn, text, html string) (event string, err error)
	// Unreachable says of an error that the whole channel cannot be reached, and
	// that nothing was handed over, or that it may be handed over again as if it had
	// not been; wait is how long the other side asks to wait, 0 where it asks for
	// nothing. nil says no.
	Unreachable func(err error) (is bool, wait time.Duration)
	// Letter renders a mail, Announcement what is said in the room.
	Letter       func(letter.Data) (subject, text, html string, err error)
	Announcement func(letter.Data) (text, html string, err error)
	// Decision says what a notice about a decision says now (chair.LetterAbout); ok is
	// false where there is nothing to say any more. nil lets such notices wait.
	Decision func(ctx context.Context, tx *store.Tx, n store.OutboxRow) (data letter.Data, ok bool, err error)
	// Fill fills in what a letter says that is about membership or delegates, or for
	// treasurers (roll.LetterAbout); ok is false where there is nothing to tell any
	// more. nil fills in what this package knows; those for treasurers wait.
	Fill func(ctx context.Context, tx *store.Tx, n store.OutboxRow, base letter.Data) (data letter.Data, ok bool, err error)
	// Extra looks again at kinds, and fills their letters, that this package does
	// not know of. It goes before what this package knows.
	Extra map[notify.Kind]Gather
	// Taken is told in the transaction that records it that a server took what
	// these notices say; event is the room's. It writes nothing that notices are looked
	// at by, as a Gather. nil is told nothing.
	Taken func(ctx context.Context, tx *store.Tx, ns []store.OutboxRow, event string) error
	// Heard is told of the same once it is recorded; its error is logged. nil is told
	// nothing. What it writes is seen by the next mail.
	Heard func(ctx context.Context, n store.OutboxRow) error
	// MayHear says in the transaction that records that, where nobody else has written
	// since the one before, whether Heard is to be told: where it is not, the next mail
	// goes by the same transaction. nil lets it be told of all, and those of an opening
	// before the next mail.
	MayHear func(ctx context.Context, tx *store.Tx, ns []store.OutboxRow) (bool, error)
	// Pace spreads mails over domains; nil does not.
	Pace       *notify.Pace
	Federation Federation
	// Now reads the clock, once for each transaction.
	Now func() instant.Instant
	// NewID makes a fresh identifier with the prefix; nil takes store.NewID.
	NewID func(prefix string) string
	// Random gives numbers in [0, 1) for jitter; nil takes the usual ones.
	Random func() float64
	// Observe is told what became of notices: one of the states of the ledger, or
	// "retried" or "unknown" after an attempt. nil is told nothing.
	Observe func(what string, n int)
	Log     zerolog.Logger
}

// Dispatcher sends. Its Step is for one loop alone.
type Dispatcher struct {
	o    Options
	book *roll.Book // of the counters it holds
	// looked is what the facts had come to when what is held was last looked at.
	looked   *store.Counters
	lookedAt instant.Instant
	kept     kept
	// unrecorded is what a server said of a mail and is not written down yet.
	unrecorded []answered
	silent     map[notify.Channel]silence
	// puzzling are notices that cannot be looked at, and until when they are left alone.
	puzzling map[string]instant.Instant
}

// silence is that of a channel which cannot be reached.
type silence struct {
	until    instant.Instant
	failures int
}

// New makes a dispatcher.
func New(o Options) (*Dispatcher, error) {
	if o.DB == nil || o.Roll == nil || o.Now == nil || o.Letter == nil {
		return nil, errors.New("make the dispatcher: DB, Roll, Now and Letter are needed")
	}
	if o.NewID == nil {
		o.NewID = store.NewID
	}
	if o.Random == nil {
		o.Random = rand.Float64
	}
	if o.Observe == nil {
		o.Observe = func(string, int) {}
	}
	if o.Unreachable == nil {
		o.Unreachable = func(error) (bool, time.Duration) { return false, 0 }
	}
	if o.Federation.Zone == nil {
		o.Federation.Zone = time.UTC
	}
	d := &Dispatcher{o: o, silent: map[notify.Channel]silence{}, puzzling: map[string]instant.Instant{}}
	if o.Before != nil {
		d.unrecorded, d.o.Before = o.Before.unrecorded, nil
	}
	return d, nil
}

// Step sends what may go now, and says when the next notice may; 0 for when that
// is not known. It is a loop.Step.
func (d *Dispatcher) Step(ctx context.Context) (next instant.Instant, err error) {
	if err := d.recordAgain(ctx); err != nil {
		return 0, err
	}
	d.kept = kept{}
	leads, err := d.lead(ctx)
	if err != nil || !leads {
		return 0, err
	}
	if err := d.lookAtHeld(ctx); err != nil {
		return 0, err
	}
	next = 0
	var failed error
	for _, ch := range []notify.Channel{notify.Email, notify.Matrix} {
		at, err := d.carry(ctx, ch)
		if failed = errors.Join(failed, err); len(d.unrecorded) > 0 {
			return 0, failed // nothing else is sent before that is written down
		}
		if at != 0 && (next == 0 || at < next) {
			next = at
		}
	}
	return next, failed
}

// carry sends what is due on a channel, one mail after the other. What was said of the
// last one is recorded in any case.
func (d *Dispatcher) carry(ctx context.Context, ch notify.Channel) (next instant.Instant, err error) {
	if ch == notify.Email && d.o.Email == nil {
		return 0, nil // they wait
	}
	for range mostMails {
		if s := d.silent[ch]; d.o.Now() < s.until {
			return s.until, d.recordAgain(context.WithoutCancel(ctx))
		}
		if ctx.Err() != nil {
			return 0, errors.Join(d.recordAgain(context.WithoutCancel(ctx)), ctx.Err())
		}
		p, next, err := d.take(ctx, ch)
		if err != nil || p == nil {
			return next, err
		}
		if err := d.hand(ctx, p); err != nil {
			return 0, err
		}
	}
	return d.o.Now(), d.recordAgain(context.WithoutCancel(ctx))
}
