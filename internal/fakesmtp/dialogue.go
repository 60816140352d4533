package fakesmtp

import (
	"bytes"
	"context"
	"crypto/tls"
	"io"
	"log"
	"net"
	"strings"
	"sync"
	"time"

	"github.com/emersion/go-smtp"
)

// Moment is a point of a dialogue at which a test may do something, or break the
// connection.
type Moment struct {
	// Stage is what the server replies to: Banner, the client's command in small
	// letters ("ehlo", "starttls", "auth", "mail", "rcpt", "data", "rset", "noop",
	// "quit"), or Content for the whole of a mail. Middle is a point without a
	// reply: some of a mail has come, and not its end.
	Stage string
	// After says that the reply has left; before that the client cannot know of it.
	After bool
	// Connection is the number of the connection, from 1.
	Connection int
}

// The stages that are no command.
const (
	Banner  = "banner"
	Middle  = "middle"
	Content = "content"
)

// Watch makes the server call f at each moment of each dialogue, in the order in
// which they come, and close the connection when it says so; nil stops that. The
// server waits for f, so that a test can kill whoever talks to it meanwhile.
func (s *Server) Watch(f func(Moment) (drop bool)) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.watch = f
}

// dialogue is one connection: the wire, and what goes over it in the clear, which
// the library shows line by line once it was read, or has left.
type dialogue struct {
	net.Conn
	s      *Server
	number int

	mu sync.Mutex
	// stage is what the next reply belongs to, "" while none is due; asked says that
	// its first line is on its way.
	stage string
	asked bool
	// inside says that the content of a mail is read, whose lines are no commands.
	inside bool
	line   []byte // of a command, so far
}

// talk carries on one dialogue until it ends.
func (s *Server) talk(conn net.Conn, number int) {
	d := &dialogue{Conn: conn, s: s, number: number}
	defer d.Close()
	server := smtp.NewServer(smtp.BackendFunc(func(c *smtp.Conn) (smtp.Session, error) {
		return &session{s: s, c: c, d: d, known: s.o.User == ""}, nil
	}))
	server.Domain = "fakesmtp.example"
	server.AllowInsecureAuth = true
	server.EnableSMTPUTF8 = !s.o.ASCII
	server.ReadTimeout, server.WriteTimeout = 20*time.Second, 20*time.Second
	server.ErrorLog = log.New(io.Discard, "", 0)
	server.Debug = shown{d}
	var open net.Conn = d
	if s.o.Implicit {
		protected := tls.Server(d, s.config)
		_ = d.SetDeadline(time.Now().Add(20 * time.Second)) // else the handshake has no end
		if protected.Handshake() != nil {
			return
		}
		open = protected
	} else if s.o.STARTTLS {
		server.TLSConfig = s.config
	}
	d.stage = Banner
	_ = server.Serve(&one{conn: open})        // there is no second connection to accept
	_ = server.Shutdown(context.Background()) // waits for the only one
}

// at tells the test of a moment, and closes the connection when it says so.
func (d *dialogue) at(stage string, after bool) (dropped bool) {
	d.s.mu.Lock()
	f := d.s.watch
	d.s.mu.Unlock()
	if f != nil && f(Moment{Stage: stage, After: after, Connection: d.number}) {
		_ = d.Close() // the other side sees it end
		return true
	}
	return false
}

// Write puts a part of a reply, or of a handshake, on the wire.
func (d *dialogue) Write(b []byte) (int, error) {
	d.mu.Lock()
	stage := d.stage
	first := stage != "" && !d.asked
	d.asked = d.asked || first
	d.mu.Unlock()
	if first {
		d.at(stage, false)
	}
	return d.Conn.Write(b)
}

// content reads the content of a mail.
func (d *dialogue) content(r io.Reader) ([]byte, error) {
	first := make([]byte, 64)
	n, err := io.ReadFull(r, first)
	if err != nil {
		return nil, err
	}
	if d.at(Middle, false) {
		return nil, net.ErrClosed // the rest may be here already, and would make it whole
	}
	rest, err := io.ReadAll(r)
	if err != nil {
		return nil, err
	}
	d.mu.Lock()
	d.inside, d.stage, d.asked = false, Content, false
	d.mu.Unlock()
	return append(first[:n], rest...), nil
}

// shown takes what the library read and wrote, in the clear.
type shown struct{ d *dialogue }

func (s shown) Write(b []byte) (int, error) {
	d := s.d
	d.mu.Lock()
	switch {
	case d.inside:
		d.mu.Unlock()
		return len(b), nil
	case d.asked:
		d.replied(b)
	default:
		d.heard(b)
		d.mu.Unlock()
	}
	return len(b), nil
}

// heard takes a part of a command. It is called with the lock.
func (d *dialogue) heard(b []byte) {
	d.line = append(d.line, b...)
	line, _, whole := bytes.Cut(d.line, []byte("\n"))
	if !whole {
		return
	}
	if verb, _, _ := strings.Cut(strings.TrimSpace(string(line)), " "); d.stage == "" {
		d.stage = strings.ToLower(verb)
	}
	d.line = nil
}

// replied takes a line of a reply that has left. It is called with the lock, and
// gives it back.
func (d *dialogue) replied(b []byte) {
	if len(b) > 3 && b[3] == '-' { // more of it follows
		d.mu.Unlock()
		return
	}
	stage := d.stage
	d.stage, d.asked = "", false
	if bytes.HasPrefix(b, []byte("334")) { // the client's next line belongs to the same command
		d.stage = stage
	}
	d.inside = bytes.HasPrefix(b, []byte("354"))
	d.mu.Unlock()
	d.at(stage, true)
}

// one is a listener for the one connection that is there already.
type one struct{ conn net.Conn }

func (o *one) Accept() (net.Conn, error) {
	if o.conn == nil {
		return nil, net.ErrClosed
	}
	conn := o.conn
	o.conn = nil
	return conn, nil
}

func (o *one) Close() error   { return nil }
func (o *one) Addr() net.Addr { return &net.TCPAddr{} }
