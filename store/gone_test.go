package store

import (
	"context"
	"database/sql/driver"
	"errors"
	"fmt"
	"io"
	"net"
	"regexp"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"testing/synctest"
	"time"

	"github.com/lib/pq"
)

// TestAServerThatIsGone is a fault that says what to do, and, where it went away
// during a commit, that nobody knows whether that was carried out. Other errors
// are neither.
func TestAServerThatIsGone(t *testing.T) {
	e := engine{postgresDialect, "postgres://db.example/roll"}
	const (
		gone   = "the database postgres://db.example/roll does not answer: start it, or wait until it is back; nothing was written"
		unsure = "commit: the database postgres://db.example/roll went away while it was written: whether that was done is not known; look before you do it again"
	)
	for _, err := range []error{
		&net.OpError{Op: "dial", Err: errors.New("connection refused")}, driver.ErrBadConn, io.EOF, io.ErrUnexpectedEOF,
		&pq.Error{Code: "57P01"}, &pq.Error{Code: "57P03"}, &pq.Error{Code: "25P03"}, &pq.Error{Code: "08006"},
	} {
		err = fmt.Errorf("read: %w", err)
		f, ok := errors.AsType[*Fault](e.explain(t.Context(), "", err))
		if !ok || f.Problem != Unreachable || f.Error() != gone || !errors.Is(f, err) {
			t.Errorf("%v: %v", err, f)
		}
		explained := e.committed(t.Context(), err)
		if f, ok = errors.AsType[*Fault](explained); !ok || f.Problem != Unsure || explained.Error() != unsure {
			t.Errorf("%v during a commit: %v", err, explained)
		}
	}
	for _, err := range []error{errors.New("x"), &pq.Error{Code: "40001"}, &pq.Error{Code: "23505"}, &pq.Error{Code: "57014"}} {
		if f, ok := errors.AsType[*Fault](e.committed(t.Context(), err)); ok {
			t.Errorf("%v: %v", err, f)
		}
	}
	if err := e.committed(t.Context(), nil); err != nil {
		t.Error(err)
	}
}

// TestSilenceEndsAConnection: a server that neither answers nor hangs up is as good
// as gone after a while, unless it says over another connection that it works, or an
// answer comes after all; and one that takes its time is waited for where that is
// wanted. For the operator it is one thing that the server does not answer, another that
// only this connection was lost, and a third that it takes too long.
func TestSilenceEndsAConnection(t *testing.T) {
	const lasts = 3 * time.Second // the server's silence
	at := slowly(t, lasts)
	says := func(at map[string]bool, err error) *asker {
		return &asker{within: time.Minute, sessions: func(context.Context) (map[string]bool, error) { return at, err }}
	}
	once := func(err error, then map[string]bool) *asker {
		var asked atomic.Bool
		return &asker{within: time.Minute, sessions: func(context.Context) (map[string]bool, error) {
			if asked.Swap(true) {
				return then, nil
			}
			return nil, err
		}}
	}
	never := &asker{within: lasts / 10, sessions: func(context.Context) (map[string]bool, error) { select {} }}
	working, idle := map[string]bool{"this - 10.0.0.7:5432": true, "that": true}, map[string]bool{"this": false, "that": true}
	const (
		isMute = "the database db.example does not answer: nothing came from it for 0 s, and over another connection neither; start it, or wait until it is back; nothing was written"
		isLost = "the connection to the database db.example was lost: nothing came over it for 0 s, while over another one the database answers, and works on nothing that was asked over this one; " +
			"try again, and if it happens again look at the network and at the proxies between; nothing was written"
		isUnclear = "the connection to the database db.example was given up: nothing came over it for 0 s, and over another one the database does not say whether it works on what was asked over it; " +
			"try again, and if it happens again look at how many connections it allows and at the poolers between; nothing was written"
		isEndless = "the database db.example answers, but has worked on one statement for 0 s, which is too long: " +
			"look what holds it up (its disk, its memory, a server process that was stopped), and try again; nothing was written"
	)
	for name, tt := range map[string]struct {
		free    bool
		ask     *asker
		longest time.Duration
		after   time.Duration // that an answer may be under way
		want    string        // "" for the answer
		problem Problem
	}{
		"it may take as long as it takes":   {free: true},
		"nobody can be asked":               {want: isMute, problem: Unreachable},
		"it cannot be reached":              {ask: says(working, errors.New("connection refused")), want: isMute, problem: Unreachable},
		"it refuses to say":                 {ask: says(nil, &pq.Error{Code: "53300"}), want: isUnclear, problem: Unreachable},
		"it knows no names":                 {ask: says(nil, errNoNames), want: isUnclear, problem: Unreachable},
		"it was begun anew":                 {ask: says(map[string]bool{"that": true}, nil), longest: time.Minute, want: isLost, problem: Unreachable},
		"it refuses once":                   {ask: once(&pq.Error{Code: "53300"}, working), longest: time.Minute},
		"it does not say":                   {ask: never, want: isMute, problem: Unreachable},
		"it works":                          {ask: says(working, nil), longest: time.Minute},
		"it works for too long":             {ask: says(working, nil), longest: lasts / 3, want: isEndless, problem: Busy},
		"it does not work":                  {ask: says(idle, nil), longest: time.Minute, want: isLost, problem: Unreachable},
		"it works no more, for the answer":  {ask: says(idle, nil), longest: time.Minute, after: time.Minute},
		"it does not work, since some time": {ask: says(idle, nil), longest: time.Minute, after: lasts / 10, want: isLost, problem: Unreachable},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			d := dialer{session: "this", silence: &silence{limit: lasts / 10, underWay: tt.after, longest: tt.longest, ask: tt.ask}}
			d.bound.Store(!tt.free)
			c, err := d.Dial("tcp", at)
			if err != nil {
				t.Fatal(err)
			}
			defer c.Close()
			_, err = c.Read(make([]byte, 1))
			if tt.want == "" {
				if err != nil {
					t.Errorf("it said nothing for a while: %v", err)
				}
				return
			}
			e := engine{postgresDialect, "db.example"}
			f, ok := errors.AsType[*Fault](e.explain(t.Context(), "", err))
			if !ok || f.Problem != tt.problem || regexp.MustCompile(`\b\d+ s\b`).ReplaceAllString(f.Error(), "0 s") != tt.want || !e.gone(err) {
				t.Errorf("%v, want %s", f, tt.want)
			}
			if f, ok := errors.AsType[*Fault](e.committed(t.Context(), err)); !ok || f.Problem != Unsure {
				t.Errorf("during a commit: %v", f)
			}
		})
	}
}

// slowly is the address of a server that says something once, a while after it is
// spoken to.
func slowly(t *testing.T, after time.Duration) string {
	t.Helper()
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = l.Close() })
	go func() {
		for {
			c, err := l.Accept()
			if err != nil {
				return
			}
			time.AfterFunc(after, func() { _, _ = c.Write([]byte("x")) })
		}
	}()
	return l.Addr().String()
}

// TestOneQuestionForAll: many connections that are silent at once are one more for the
// server, not twice as many; and the next time it is asked anew.
func TestOneQuestionForAll(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		var asked atomic.Int64
		a := &asker{within: time.Minute, sessions: func(context.Context) (map[string]bool, error) {
			n := asked.Add(1)
			time.Sleep(time.Second)
			return map[string]bool{"odd": n%2 == 1}, nil
		}}
		for round := range 2 {
			var all sync.WaitGroup
			for range 20 {
				all.Go(func() {
					if at, err := a.atWork("odd"); err != nil || at != (round == 0) {
						t.Errorf("round %d: %v, %v", round, at, err)
					}
				})
			}
			all.Wait()
		}
		if n := asked.Load(); n != 2 {
			t.Errorf("it was asked %d times, want 2", n)
		}
	})
}

// TestNamesOfSessions: no two are the same, and each fits what the server keeps.
func TestNamesOfSessions(t *testing.T) {
	for of, want := range map[string]string{
		"goodstanding": "goodstanding_", "the roll": "the roll_", "ré\n": "r??_", strings.Repeat("long", 20): strings.Repeat("long", 11)[:42] + "_",
	} {
		a, b := sessionName(of), sessionName(of)
		if a == b || len(a) > longestName || !strings.HasPrefix(a, want) || len(a) != len(want)+20 {
			t.Errorf("%q: %s and %s", of, a, b)
		}
	}
}

// TestAProgramThatHangs says nothing for ever: the server may end its transaction, and
// what it holds.
func TestAProgramThatHangs(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		beats := 0
		p := newPulse(time.Second, mostBeats, func() error { beats++; return nil })
		time.Sleep(100*time.Second + time.Millisecond)
		p.spoke() // it does not hang yet
		time.Sleep(time.Hour)
		if err := p.stop(nil); err != nil || beats != 100+mostBeats {
			t.Errorf("it said something %d times: %v", beats, err)
		}
	})
}
