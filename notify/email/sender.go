package email

import (
	"context"
	"crypto/tls"
	"errors"
	"fmt"
	"net"
	"sync"

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

	mu   sync.Mutex
	conn net.Conn // the connection under way, to be cut when a context ends
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
		gomail.WithoutNoop(), // connect asks
	}
	switch o.Server.TLS {
	case StartTLS:
		options = append(options, gomail.WithTLSPolicy(gomail.TLSMandatory))
	default: // dial does what there is to do
		options = append(options, gomail.WithTLSPolicy(gomail.NoTLS))
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
	plain := &net.Dialer{}
	open := plain.DialContext
	if s.o.Server.TLS == Implicit {
		open = (&tls.Dialer{NetDialer: plain, Config: s.tlsConfig()}).DialContext
	}
	conn, err := open(ctx, network, where)
	if err != nil {
		return nil, err
	}
	s.mu.Lock()
	s.conn = conn
	s.mu.Unlock()
	return conn, nil
}

// cut ends the connection under way.
func (s *Sender) cut() {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.conn != nil {
		_ = s.conn.Close()
	}
	s.conn = nil
}

// Send hands one mail in. See the package for what its error means.
func (s *Sender) Send(ctx context.Context, e notify.Envelope) error {
	m, err := s.message(e)
	if err != nil {
		return fmt.Errorf("send a mail: %w", err)
	}
	return s.with(ctx, func() error {
		if err := s.connect(ctx); err != nil {
			return fmt.Errorf("send a mail: %w", err)
		}
		err := s.client.SendWithSMTPClient(s.open, m)
		if m.IsDelivered() {
			if err != nil { // accepted; only what comes after it went wrong
				s.drop()
			}
			return nil
		}
		return s.failed(err)
	})
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
	if err != nil {
		return fmt.Errorf("send a mail: %w", ctx.Err())
	}
	return nil
}

// connect makes sure of a connection that answers. One that the server has
// closed meanwhile is opened anew; nothing was handed in over it.
func (s *Sender) connect(ctx context.Context) error {
	if s.open != nil {
		if s.open.UpdateDeadline(s.o.Timeout) == nil && s.open.Noop() == nil {
			return nil
		}
		s.drop()
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
	if s.open != nil && s.open.UpdateDeadline(s.o.Timeout/10) == nil {
		_ = s.open.Quit() // the server is told; that it has gone already is no fault
	}
	s.open = nil
	s.cut()
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

// failed tells a refusal for good from what may be tried again.
func (s *Sender) failed(err error) error {
	sent, ok := errors.AsType[*gomail.SendError](err)
	if !ok || sent.ErrorCode() == 0 {
		s.drop()
		return errors.New("send a mail: the connection to the mail server broke before it said that it has the mail")
	}
	code := fmt.Sprint(sent.ErrorCode())
	if enhanced := sent.EnhancedStatusCode(); enhanced != "" {
		code += " " + enhanced
	}
	if sent.ErrorCode() == 421 { // it closes the connection
		s.drop()
	}
	if sent.ErrorCode() >= 500 {
		return fmt.Errorf("send a mail: %w", &notify.Rejection{Reason: "the mail server says " + code + " while " + stage(sent)})
	}
	return fmt.Errorf("send a mail: the mail server cannot take it now (%s while %s)", code, stage(sent))
}

// stage is how far a mail came.
func stage(e *gomail.SendError) string {
	switch e.Reason {
	case gomail.ErrSMTPMailFrom:
		return "hearing who it is from"
	case gomail.ErrSMTPRcptTo:
		return "hearing who it is for"
	}
	return "taking its content"
}
