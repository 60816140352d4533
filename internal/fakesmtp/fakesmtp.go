// Package fakesmtp is a mail server for tests: it listens on this host, keeps
// what it is handed in, and misbehaves when it is told to.
package fakesmtp

import (
	"crypto/tls"
	"crypto/x509"
	"io"
	"net"
	"net/mail"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/emersion/go-sasl"
	"github.com/emersion/go-smtp"
)

// Options are how a server behaves.
type Options struct {
	// STARTTLS offers it, Implicit speaks TLS from the first byte.
	STARTTLS, Implicit bool
	// User and Password are asked for, when there are any.
	User, Password string
	// ASCII offers no SMTPUTF8.
	ASCII bool
}

// Mail is what was handed in.
type Mail struct {
	From string
	To   []string
	Data string
	// Connection is the number of the connection it came over, from 1.
	Connection int
	// TLS says that the connection was protected.
	TLS bool
	// UTF8 says that it was handed in with SMTPUTF8.
	UTF8 bool
	// Hello is what the client called itself.
	Hello string
}

// Server is a running server.
type Server struct {
	// Address is HOST:PORT.
	Address string
	// Roots trust its certificate; nil without TLS.
	Roots *x509.CertPool

	o        Options
	mu       sync.Mutex
	mails    []Mail
	open     []net.Conn
	accepted int
	refuse   func(stage, address string) error
	watch    func(Moment) bool
	config   *tls.Config    // nil without TLS
	talking  sync.WaitGroup // one for each connection
}

// New starts a server that ends with the test.
func New(t testing.TB, o Options) *Server {
	t.Helper()
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	s := &Server{Address: l.Addr().String(), o: o}
	if o.STARTTLS || o.Implicit {
		var own tls.Certificate
		own, s.Roots = Certificate(t)
		s.config = &tls.Config{Certificates: []tls.Certificate{own}}
	}
	done := make(chan struct{})
	go func() {
		defer close(done)
		for number := 1; ; number++ {
			conn, err := l.Accept()
			if err != nil {
				return // the test is over
			}
			if tcp, ok := conn.(*net.TCPConn); ok {
				_ = tcp.SetReadBuffer(16 << 10) // little is on the wire when a connection breaks
			}
			s.mu.Lock()
			s.accepted++
			s.open = append(s.open, conn)
			s.mu.Unlock()
			s.talking.Go(func() { s.talk(conn, number) })
		}
	}()
	t.Cleanup(func() {
		_ = l.Close() // nobody waits for it any more
		<-done
		s.Reset()
		s.talking.Wait()
	})
	return s
}

// Refuse makes the server ask f before it says yes, with the stage ("mail",
// "rcpt", "data", "noop" is never asked) and the address; nil stops that. Fail
// makes such an error.
func (s *Server) Refuse(f func(stage, address string) error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.refuse = f
}

// Bare is no enhanced code.
var Bare = [3]int(smtp.NoEnhancedCode)

// Fail is a server's refusal with a code.
func Fail(code int, enhanced [3]int, words string) error {
	return &smtp.SMTPError{Code: code, EnhancedCode: smtp.EnhancedCode(enhanced), Message: words}
}

// Mails is what was handed in so far.
func (s *Server) Mails() []Mail {
	s.mu.Lock()
	defer s.mu.Unlock()
	return slices.Clone(s.mails)
}

// Accepted is how many connections there were.
func (s *Server) Accepted() int {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.accepted
}

// Reset breaks all connections.
func (s *Server) Reset() {
	s.mu.Lock()
	defer s.mu.Unlock()
	for _, c := range s.open {
		if tcp, ok := c.(*net.TCPConn); ok {
			_ = tcp.SetLinger(0) // a reset, not a close
		}
		_ = c.Close()
	}
	s.open = nil
}

// Wait gives the mails once there are n, and fails the test when they do not come.
func (s *Server) Wait(t testing.TB, n int) []Mail {
	t.Helper()
	for range 500 {
		if all := s.Mails(); len(all) >= n {
			return all
		}
		time.Sleep(20 * time.Millisecond)
	}
	t.Fatalf("%d mails came, want %d", len(s.Mails()), n)
	return nil
}

// Header is a header of a mail, decoded.
func (m Mail) Header(t testing.TB, name string) string {
	t.Helper()
	parsed, err := mail.ReadMessage(strings.NewReader(m.Data))
	if err != nil {
		t.Fatal(err)
	}
	return parsed.Header.Get(name)
}

// session is one connection's.
type session struct {
	s     *Server
	c     *smtp.Conn
	d     *dialogue
	known bool
	mail  Mail
}

func (x *session) ask(stage, address string) error {
	x.s.mu.Lock()
	f := x.s.refuse
	x.s.mu.Unlock()
	if f == nil {
		return nil
	}
	return f(stage, address)
}

// AuthMechanisms offers one.
func (x *session) AuthMechanisms() []string {
	if x.s.o.User == "" {
		return nil
	}
	return []string{sasl.Plain}
}

// Auth takes the user and the password of the options.
func (x *session) Auth(string) (sasl.Server, error) {
	return sasl.NewPlainServer(func(_, user, password string) error {
		if x.known = user == x.s.o.User && password == x.s.o.Password; !x.known {
			return smtp.ErrAuthFailed
		}
		return nil
	}), nil
}

func (x *session) Reset()        { x.mail = Mail{} }
func (x *session) Logout() error { return nil }

func (x *session) Mail(from string, o *smtp.MailOptions) error {
	if !x.known {
		return smtp.ErrAuthRequired
	}
	x.mail = Mail{From: from, UTF8: o.UTF8}
	return x.ask("mail", from)
}

func (x *session) Rcpt(to string, _ *smtp.RcptOptions) error {
	x.mail.To = append(x.mail.To, to)
	return x.ask("rcpt", to)
}

func (x *session) Data(r io.Reader) error {
	b, err := x.d.content(r)
	if err != nil {
		return err
	}
	if err := x.ask("data", ""); err != nil {
		return err
	}
	_, protected := x.c.TLSConnectionState()
	x.mail.Data, x.mail.Connection, x.mail.TLS, x.mail.Hello = string(b), x.d.number, protected, x.c.Hostname()
	x.s.mu.Lock()
	defer x.s.mu.Unlock()
	x.s.mails = append(x.s.mails, x.mail)
	return nil
}
