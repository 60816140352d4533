package email

import (
	"context"
	"crypto/tls"
	"errors"
	"fmt"
	"net"
	"sync"
	"sync/atomic"
	"time"

	gomail "github.com/wneessen/go-mail"
	"github.com/wneessen/go-mail/smtp"

	"coopcloud.tech/goodstanding/notify"
)

// Sender hands mails in at one server, one after the other over one connection.
// It is safe for concurrent use.
type Sender struct {
	o      Options
	client *gomail.Client

	// turn is held by whoever uses the connection; it can be waited for with a
	// context.
	turn chan struct{}
	open *smtp.Client // nil while there is no connection
	last time.Time    // when it was used last

	mu   sync.Mutex
	conn *watched // the newest connection, to be cut when a context ends
}

var _ notify.Sender = (*Sender)(nil)

// New makes a sender; it connects when there is something to send.
func New(o Options) (*Sender, error) {
	if o.Now == nil {
		return nil, errors.New("make the mail sender: Now is missing")
	}
	if o.Timeout <= 0 {
		o.Timeout = defaultTimeout
	}
	s := &Sender{o: o, turn: make(chan struct{}, 1)}
	options := []gomail.Option{
		gomail.WithPort(o.Server.Port), gomail.WithTimeout(o.Timeout), gomail.WithDialContextFunc(s.dial), gomail.WithTLSConfig(s.tlsConfig()),
		// Servers count the commands that are about no mail, and hang up after a few.
		gomail.WithoutNoop(), gomail.WithoutRset(),
	}
	switch o.Server.TLS {
	case StartTLS:
		options = append(options, gomail.WithTLSPolicy(gomail.TLSMandatory))
	default: // dial does what there is to do
		options = append(options, gomail.WithTLSPolicy(gomail.NoTLS))
	}
	if o.Hello != "" {
		options = append(options, gomail.WithHELO(o.Hello))
	}
	if o.Server.User != "" {
		options = append(options, gomail.WithUsername(o.Server.User), gomail.WithPassword(o.Server.Password),
			gomail.WithOpportunisticSMTPAuth(gomail.SMTPAuthSCRAMSHA256, gomail.SMTPAuthSCRAMSHA1, gomail.SMTPAuthPlain, gomail.SMTPAuthLogin))
	}
	client, err := gomail.NewClient(o.Server.Host, options...)
	if err != nil {
		return nil, fmt.Errorf("make the mail sender: %w", err)
	}
	s.client = client
	return s, nil
}

func (s *Sender) tlsConfig() *tls.Config {
	return &tls.Config{ServerName: s.o.Server.Host, MinVersion: tls.VersionTLS12, RootCAs: s.o.Roots, InsecureSkipVerify: s.o.Server.Unverified}
}

// dial opens a connection and remembers it, so that one that fails half-way is
// closed.
func (s *Sender) dial(ctx context.Context, network, where string) (net.Conn, error) {
	plain, err := (&net.Dialer{Timeout: dialWithin}).DialContext(ctx, network, where)
	if err != nil {
		return nil, err
	}
	conn := &watched{Conn: plain}
	s.mu.Lock()
	s.conn = conn
	s.mu.Unlock()
	if s.o.Server.TLS != Implicit {
		return conn, nil
	}
	protected := tls.Client(conn, s.tlsConfig())
	if err := protected.HandshakeContext(ctx); err != nil {
		return nil, err
	}
	return protected, nil
}

// watched is a connection, below its protection, that knows whether all that was
// written to it has left. The last bytes of a mail are what makes it one: as long
// as something before or among them did not leave, the server has no mail.
type watched struct {
	net.Conn
	failed atomic.Bool
}

// Write is that of the connection.
func (w *watched) Write(b []byte) (int, error) {
	n, err := w.Conn.Write(b)
	if err != nil || n < len(b) {
		w.failed.Store(true)
	}
	return n, err
}

// allLeft says whether everything that was written so far has left.
func (s *Sender) allLeft() bool {
	s.mu.Lock()
	defer s.mu.Unlock()
	return !s.conn.failed.Load()
}

// cut ends the connection under way.
func (s *Sender) cut() {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.conn != nil {
		_ = s.conn.Close()
	}
}

// Send hands one mail in. See the package for what its error means.
func (s *Sender) Send(ctx context.Context, e notify.Envelope) error {
	m, err := s.message(e)
	if err != nil {
		return fmt.Errorf("send a mail: %w", err)
	}
	return s.with(ctx, func() error {
		if err := s.hand(ctx, m); err != nil {
			return fmt.Errorf("send a mail: %w", err)
		}
		return nil
	})
}

// hand hands the mail in. A connection that was used before may have been closed
// by the server meanwhile, which shows at the first word about this mail: it then
// goes over another.
func (s *Sender) hand(ctx context.Context, m *gomail.Msg) error {
	again := s.idle()
	for {
		if err := s.connect(ctx); err != nil {
			return err
		}
		if err := s.letters(m); err != nil {
			return err
		}
		err := s.client.SendWithSMTPClient(s.open, m)
		if s.last = s.o.Now(); m.IsDelivered() {
			return nil
		}
		if again && closedMeanwhile(err) {
			again = false
			s.abandon()
			continue
		}
		return s.failed(err)
	}
}

// idle says whether there is a connection from before. One that was not used for
// long is left: it may be gone without a word, and that takes long to find out.
func (s *Sender) idle() bool {
	if s.open != nil && s.o.Now().Sub(s.last) > idleWithin {
		s.drop()
	}
	return s.open != nil
}

// Check opens a connection, signs in and closes it: what check-config shows.
func (s *Sender) Check(ctx context.Context) error {
	return s.with(ctx, func() error {
		s.drop()
		err := s.connect(ctx)
		s.drop()
		return err
	})
}

// Close ends the connection, if there is one. The next mail opens another.
func (s *Sender) Close() {
	s.turn <- struct{}{}
	defer func() { <-s.turn }()
	s.drop()
}

// with runs f when the connection is free. When the context ends meanwhile the
// connection is cut, which ends whatever waits for it.
func (s *Sender) with(ctx context.Context, f func() error) error {
	select {
	case s.turn <- struct{}{}:
	case <-ctx.Done():
		return fmt.Errorf("send a mail: wait for the one before: %w", ctx.Err())
	}
	defer func() { <-s.turn }()
	isCut := make(chan struct{})
	stop := context.AfterFunc(ctx, func() {
		defer close(isCut)
		s.cut()
	})
	err := f()
	if stop() {
		return err
	}
	<-isCut // before the next mail opens another connection
	s.open = nil
	if _, unknown := errors.AsType[*notify.Unknown](err); unknown {
		return fmt.Errorf("%w (%w)", err, ctx.Err())
	}
	if err != nil {
		return fmt.Errorf("send a mail: %w", ctx.Err())
	}
	return nil
}

// connect makes sure that there is a connection.
func (s *Sender) connect(ctx context.Context) error {
	if s.open != nil {
		return nil
	}
	open, err := s.client.DialToSMTPClientWithContext(ctx)
	if err != nil {
		s.cut()
		return s.unreachable(err)
	}
	s.open = open
	return nil
}

// drop ends the connection politely, when it still is one.
func (s *Sender) drop() {
	if s.open != nil && s.open.UpdateDeadline(min(s.o.Timeout, quitWithin)) == nil {
		_ = s.open.Quit() // the server is told; that it has gone already is no fault
	}
	s.open = nil
	s.cut()
}

// abandon ends a connection that is none any more, or in the middle of a mail: a
// word of goodbye would end the mail there, and the server would take half of it.
func (s *Sender) abandon() {
	s.open = nil
	s.cut()
}

// letters says to the connection whether the mail's addresses need SMTPUTF8.
// Asked for without need it would bind every server on the mail's way.
func (s *Sender) letters(m *gomail.Msg) error {
	needed := beyondASCII(m)
	if offered, _ := s.open.Extension("SMTPUTF8"); needed && !offered {
		return &notify.Rejection{Class: notify.OfPolicy, Reason: "the mail server takes no address with letters beyond ASCII (it offers no SMTPUTF8)"}
	}
	s.open.SkipSMTPUTF8(!needed)
	return nil
}

// unreachable says why there is no connection, in words that hold no secret.
func (s *Sender) unreachable(err error) error {
	where := s.o.Server.Where()
	if op, ok := errors.AsType[*net.OpError](err); ok && op.Op == "dial" {
		return &Unreachable{fmt.Sprintf("the mail server %s cannot be reached (%s)", where, op.Err)}
	}
	if dns, ok := errors.AsType[*net.DNSError](err); ok {
		return &Unreachable{fmt.Sprintf("the mail server %s cannot be reached (%s)", where, dns.Err)}
	}
	if cert, ok := errors.AsType[*tls.CertificateVerificationError](err); ok {
		return &Unreachable{fmt.Sprintf("the certificate of the mail server %s cannot be trusted (%s)", where, cert.Err)}
	}
	switch code := codeOf(err); {
	case code == 535 || code == 534 || code == 530:
		return &Unreachable{fmt.Sprintf("the mail server %s does not take user and password (%d)", where, code)}
	case code != 0:
		return &Unreachable{fmt.Sprintf("the mail server %s does not talk to this program (%d)", where, code)}
	case noStartTLS(err):
		return &Unreachable{fmt.Sprintf("the mail server %s offers no STARTTLS: write smtps:// for TLS from the first byte, or ?tls=off for a relay on this host", where)}
	}
	return &Unreachable{fmt.Sprintf("the mail server %s was reached, and the connection broke before a mail could be handed in", where)}
}
