// Package fakesmtp is a mail server for tests: it listens on this host, keeps
// what it is handed in, and misbehaves when it is told to.
package fakesmtp

import (
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/tls"
	"crypto/x509"
	"crypto/x509/pkix"
	"io"
	"log"
	"math/big"
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
}

// New starts a server that ends with the test.
func New(t testing.TB, o Options) *Server {
	t.Helper()
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	s := &Server{Address: l.Addr().String(), o: o}
	server := smtp.NewServer(smtp.BackendFunc(s.session))
	server.Domain = "fakesmtp.example"
	server.AllowInsecureAuth = true
	server.EnableSMTPUTF8 = true
	server.ReadTimeout, server.WriteTimeout = 20*time.Second, 20*time.Second
	server.ErrorLog = log.New(io.Discard, "", 0)
	var listener net.Listener = &counting{l, s}
	if o.STARTTLS || o.Implicit {
		config, roots := certificate(t)
		s.Roots = roots
		if o.Implicit {
			listener = tls.NewListener(listener, config)
		} else {
			server.TLSConfig = config
		}
	}
	done := make(chan struct{})
	go func() {
		defer close(done)
		_ = server.Serve(listener) // ends with Close
	}()
	t.Cleanup(func() {
		_ = server.Close()
		_ = l.Close() // the server does not know of it yet, when the test was quick
		<-done
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

// counting counts connections.
type counting struct {
	net.Listener
	s *Server
}

func (c *counting) Accept() (net.Conn, error) {
	conn, err := c.Listener.Accept()
	if err == nil {
		c.s.mu.Lock()
		c.s.accepted++
		c.s.open = append(c.s.open, conn)
		c.s.mu.Unlock()
	}
	return conn, err
}

func (s *Server) session(c *smtp.Conn) (smtp.Session, error) {
	return &session{s: s, c: c, number: s.Accepted(), known: s.o.User == ""}, nil
}

// session is one connection's.
type session struct {
	s      *Server
	c      *smtp.Conn
	number int
	known  bool
	mail   Mail
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

func (x *session) Mail(from string, _ *smtp.MailOptions) error {
	if !x.known {
		return smtp.ErrAuthRequired
	}
	x.mail = Mail{From: from}
	return x.ask("mail", from)
}

func (x *session) Rcpt(to string, _ *smtp.RcptOptions) error {
	x.mail.To = append(x.mail.To, to)
	return x.ask("rcpt", to)
}

func (x *session) Data(r io.Reader) error {
	b, err := io.ReadAll(r)
	if err != nil {
		return err
	}
	if err := x.ask("data", ""); err != nil {
		return err
	}
	_, protected := x.c.TLSConnectionState()
	x.mail.Data, x.mail.Connection, x.mail.TLS = string(b), x.number, protected
	x.s.mu.Lock()
	defer x.s.mu.Unlock()
	x.s.mails = append(x.s.mails, x.mail)
	return nil
}

// certificate is one for 127.0.0.1 that nobody but the test trusts.
func certificate(t testing.TB) (*tls.Config, *x509.CertPool) {
	t.Helper()
	key, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	if err != nil {
		t.Fatal(err)
	}
	now := time.Now()
	form := &x509.Certificate{SerialNumber: big.NewInt(1), Subject: pkix.Name{CommonName: "fakesmtp.example"}, NotBefore: now.Add(-time.Hour), NotAfter: now.Add(time.Hour),
		IPAddresses: []net.IP{net.IPv4(127, 0, 0, 1)}, IsCA: true, BasicConstraintsValid: true, KeyUsage: x509.KeyUsageDigitalSignature | x509.KeyUsageCertSign}
	der, err := x509.CreateCertificate(rand.Reader, form, form, &key.PublicKey, key)
	if err != nil {
		t.Fatal(err)
	}
	leaf, err := x509.ParseCertificate(der)
	if err != nil {
		t.Fatal(err)
	}
	roots := x509.NewCertPool()
	roots.AddCert(leaf)
	return &tls.Config{Certificates: []tls.Certificate{{Certificate: [][]byte{der}, PrivateKey: key}}}, roots
}
