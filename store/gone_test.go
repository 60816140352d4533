package store

import (
	"database/sql/driver"
	"errors"
	"fmt"
	"io"
	"net"
	"sync/atomic"
	"testing"
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
// as gone after a while; one that takes its time is waited for where that is wanted.
func TestSilenceEndsAConnection(t *testing.T) {
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	defer l.Close()
	go func() {
		for {
			c, err := l.Accept()
			if err != nil {
				return
			}
			time.AfterFunc(300*time.Millisecond, func() { _, _ = c.Write([]byte("x")) })
		}
	}()
	for _, bound := range []bool{true, false} {
		d := dialer{limit: 30 * time.Millisecond, bound: &atomic.Bool{}}
		d.bound.Store(bound)
		c, err := d.Dial("tcp", l.Addr().String())
		if err != nil {
			t.Fatal(err)
		}
		_, err = c.Read(make([]byte, 1))
		if gone := (engine{dialect: postgresDialect}).gone(err); gone != bound || (err != nil) != bound {
			t.Errorf("silence bounded %v: %v, gone %v", bound, err, gone)
		}
		_ = c.Close()
	}
}
