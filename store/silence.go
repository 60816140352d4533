package store

import (
	"context"
	"errors"
	"fmt"
	"net"
	"strings"
	"sync"
	"sync/atomic"
	"time"

	"github.com/lib/pq"
)

// How long PostgreSQL may say nothing while an answer is waited for. A network that was
// cut says nothing at all, and the driver gives a statement up only when the server
// answers that it has. But a server that works on a long statement says nothing either.
// So it is asked, over a connection of its own, whether it works on what was asked over
// the silent one, and that one is closed where it does not, or does not answer: half a
// minute after it fell silent at the latest; where it refuses to say, after asking twice.
const (
	// longestSilence is for how long nothing may come before it is asked, each time.
	longestSilence = 20 * time.Second
	// answersWithin is how long it may take to answer that.
	answersWithin = 8 * time.Second
	// underWay is how long an answer may still come of a server that works no more.
	underWay = 2 * time.Second
	// longestWork is for how long it may say that it works on one statement. What it
	// says is what its process noted last: one that was stopped works for ever.
	longestWork = 10 * time.Minute
)

// silence bounds the silence of a database's connections.
type silence struct {
	limit, underWay, longest time.Duration
	// bound is whether it is bounded yet: a migration takes as long as it takes.
	bound atomic.Bool
	// ask asks the server; nil where nobody can be asked.
	ask *asker
}

// verdict is why a connection over which nothing came for some time is to be closed; nil
// where the server works on what was asked over it.
func (s *silence) verdict(session string, lasted time.Duration) *hush {
	if s.ask == nil {
		return &hush{mute, lasted, nil}
	}
	works, err := s.ask.atWork(session)
	_, refused := errors.AsType[*pq.Error](err)
	switch {
	case refused || errors.Is(err, errNoNames):
		if lasted < 2*s.limit {
			return nil // it lives, and is asked once more
		}
		return &hush{unclear, lasted, nil} // what was refused is the question, not what was asked over the silent one
	case err != nil:
		return &hush{mute, lasted, err}
	case !works:
		return &hush{lost, lasted, nil}
	case lasted >= s.longest:
		return &hush{endless, lasted, nil}
	}
	return nil
}

// hush is why a connection was closed over which nothing had come for too long.
type hush struct {
	why    why
	lasted time.Duration
	cause  error // why the server did not answer; may be nil
}

type why uint8

const (
	mute    why = iota // the server does not answer over another connection either
	lost               // it does, and works on nothing that was asked over this one
	endless            // it has worked on that for too long
	unclear            // it answers over another one, and does not say whether it works
)

// errNoNames is that sessions do not have the names that they were given.
var errNoNames = errors.New("the sessions have other names than they were given")

// called is whether a server works for a session, to whose name a pooler may have added
// something; known is false where it has none of that name.
func called(at map[string]bool, session string) (works, known bool) {
	for name, w := range at {
		if strings.HasPrefix(name, session) {
			works, known = works || w, true
		}
	}
	return works, known
}

func (h *hush) Error() string {
	return fmt.Sprintf("nothing came for %.0f s: %s", h.lasted.Seconds(), [...]string{"the server does not answer", "the connection was lost", "the server still works", "the server does not say whether it works"}[h.why])
}

func (h *hush) Unwrap() error { return h.cause }

// fault is what the operator is told.
func (h *hush) fault(where string, err error) *Fault {
	s := fmt.Sprintf("%.0f s", h.lasted.Seconds())
	switch h.why {
	case lost:
		return &Fault{Unreachable, fmt.Sprintf("the connection to the database %s was lost: nothing came over it for %s, while over another one the database answers, and works on nothing that was asked over this one; "+
			"try again, and if it happens again look at the network and at the proxies between; nothing was written", where, s), err}
	case unclear:
		return &Fault{Unreachable, fmt.Sprintf("the connection to the database %s was given up: nothing came over it for %s, and over another one the database does not say whether it works on what was asked over it; "+
			"try again, and if it happens again look at how many connections it allows and at the poolers between; nothing was written", where, s), err}
	case endless:
		return &Fault{Busy, fmt.Sprintf("the database %s answers, but has worked on one statement for %s, which is too long: "+
			"look what holds it up (its disk, its memory, a server process that was stopped), and try again; nothing was written", where, s), err}
	}
	return &Fault{Unreachable, fmt.Sprintf("the database %s does not answer: nothing came from it for %s, and over another connection neither; "+
		"start it, or wait until it is back; nothing was written", where, s), err}
}

// asker asks a server which sessions it works for; those who ask at the same moment
// share the answer.
type asker struct {
	// sessions are those of the server by name, and whether it works for them.
	sessions func(context.Context) (map[string]bool, error)
	within   time.Duration
	mu       sync.Mutex
	question *question // that is being asked; nil for none
}

type question struct {
	answered chan struct{}
	at       map[string]bool
	err      error
}

// atWork says whether the server works for a session that has been silent for longer
// than it may take to answer: so the answer may be of a question that was asked already.
func (a *asker) atWork(session string) (bool, error) {
	a.mu.Lock()
	q := a.question
	if q == nil {
		q = &question{answered: make(chan struct{})}
		a.question = q
		go a.put(q)
	}
	a.mu.Unlock()
	<-q.answered
	works, _ := called(q.at, session)
	return works, q.err
}

// put asks, and waits for the answer for so long and no longer.
func (a *asker) put(q *question) {
	ctx, cancel := context.WithTimeout(context.Background(), a.within)
	defer cancel()
	answer := make(chan question, 1)
	go func() {
		at, err := a.sessions(ctx)
		answer <- question{at: at, err: err}
	}()
	select {
	case got := <-answer:
		q.at, q.err = got.at, got.err
	case <-ctx.Done():
		q.err = ctx.Err()
	}
	a.mu.Lock()
	a.question = nil
	a.mu.Unlock()
	close(q.answered)
}

// dialer opens connections that are closed after too long a silence.
type dialer struct {
	d net.Dialer
	*silence
	session string // its name, by which the server knows what is asked over them
}

// Dial opens a connection.
func (d dialer) Dial(network, address string) (net.Conn, error) {
	return d.DialContext(context.Background(), network, address)
}

// DialTimeout opens a connection within a time.
func (d dialer) DialTimeout(network, address string, within time.Duration) (net.Conn, error) {
	ctx, cancel := context.WithTimeout(context.Background(), within)
	defer cancel()
	return d.DialContext(ctx, network, address)
}

// DialContext opens a connection.
func (d dialer) DialContext(ctx context.Context, network, address string) (net.Conn, error) {
	c, err := d.d.DialContext(ctx, network, address)
	if err != nil {
		return nil, err
	}
	return heard{c, d}, nil
}

// heard is a connection that is closed when the other side neither says nor takes
// anything for too long, unless it works.
type heard struct {
	net.Conn
	d dialer
}

// Read waits for what the other side says.
func (c heard) Read(b []byte) (int, error) {
	w := c.wait()
	n, err := c.Conn.Read(b)
	return n, w.done("read", err)
}

// Write waits until the other side takes what is said.
func (c heard) Write(b []byte) (int, error) {
	w := c.wait()
	n, err := c.Conn.Write(b)
	return n, w.done("write", err)
}

// wait is one for the other side.
type wait struct {
	c     heard
	mu    sync.Mutex
	timer *time.Timer
	times int   // that it was too long
	last  *hush // why it is given up if nothing comes any more; nil for not
	over  bool
	why   *hush // it was given up; nil for not
}

// wait begins one; nil where it may take as long as it takes.
func (c heard) wait() *wait {
	if !c.d.bound.Load() {
		return nil
	}
	w := &wait{c: c}
	w.mu.Lock()
	defer w.mu.Unlock()
	w.timer = time.AfterFunc(c.d.limit, w.tooLong)
	return w
}

// done ends it, and returns the error that it ended with.
func (w *wait) done(op string, err error) error {
	if w == nil {
		return err
	}
	w.mu.Lock()
	defer w.mu.Unlock()
	w.over = true
	w.timer.Stop()
	if err != nil && w.why != nil {
		c := w.c.Conn
		return &net.OpError{Op: op, Net: c.RemoteAddr().Network(), Source: c.LocalAddr(), Addr: c.RemoteAddr(), Err: w.why} // as the driver knows one
	}
	return err
}

// tooLong closes the connection, or waits on.
func (w *wait) tooLong() {
	w.mu.Lock()
	w.times++
	why, lasted := w.last, time.Duration(w.times)*w.c.d.limit
	w.mu.Unlock()
	if why == nil {
		why = w.c.d.silence.verdict(w.c.d.session, lasted) // what comes meanwhile is taken
	}
	w.mu.Lock()
	defer w.mu.Unlock()
	switch {
	case w.over:
	case why == nil:
		w.timer.Reset(w.c.d.limit)
	case why.why == lost && w.last == nil: // or it has just ended
		w.last = why
		w.timer.Reset(w.c.d.underWay)
	default:
		w.why = why
		_ = w.c.Close() // who waits is told
	}
}
