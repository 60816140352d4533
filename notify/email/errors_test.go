package email

import (
	"context"
	"errors"
	"fmt"
	"io"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	gomail "github.com/wneessen/go-mail"

	"coopcloud.tech/goodstanding/internal/fakesmtp"
	"coopcloud.tech/goodstanding/notify"
)

// What a no means for the mail, for the address and for the domain. No error
// repeats an address, or the server's words.
func TestWhatTheServerRefuses(t *testing.T) {
	server := fakesmtp.New(t, fakesmtp.Options{})
	s := sender(t, server, nil)
	const rcpt, from, content = "hearing who it is for", "hearing who it is from", "taking its content"
	for _, c := range []struct {
		stage string
		codes string
		while string
		class notify.Class // "" for a refusal for now
		whole bool         // of the whole domain
	}{
		{"rcpt", "451 4.7.1", rcpt, "", true},
		{"rcpt", "450 4.2.0", rcpt, "", true},
		{"rcpt", "421 4.7.0", rcpt, "", true},
		{"rcpt", "452 4.2.2", rcpt, "", false},
		{"data", "452 4.7.1", content, "", true},
		{"data", "452 4.3.1", content, "", false},
		{"mail", "451 4.7.1", from, "", false},
		{"rcpt", "550 5.1.1", rcpt, notify.OfRecipient, false},
		{"rcpt", "550 5.2.1", rcpt, notify.OfRecipient, false},
		{"data", "550 5.1.1", content, notify.OfRecipient, false},
		{"data", "552 5.2.2", content, notify.OfRecipient, false},
		{"rcpt", "550 5.7.1", rcpt, notify.OfPolicy, false},
		{"rcpt", "550 5.1.8", rcpt, notify.OfPolicy, false},
		{"rcpt", "550 5.4.1", rcpt, notify.OfPolicy, false},
		{"mail", "530 5.7.0", from, notify.OfPolicy, false},
		{"mail", "550 5.1.1", from, notify.OfPolicy, false},
		{"data", "554 5.7.1", content, notify.OfPolicy, false},
		{"data", "552 5.3.4", content, notify.OfMessage, false},
		{"mail", "552 5.3.4", from, notify.OfMessage, false},
		{"data", "552 5.2.3", content, notify.OfMessage, false},
		{"data", "554 5.6.0", content, notify.OfMessage, false},
		{"rcpt", "550", rcpt, notify.OfPolicy, false},
		{"rcpt", "535", rcpt, notify.OfPolicy, false},
		{"rcpt", "553", rcpt, notify.OfRecipient, false},
		{"mail", "553", from, notify.OfPolicy, false},
		{"data", "554", content, notify.OfMessage, false},
		{"data", "530", content, notify.OfPolicy, false},
	} {
		server.Refuse(func(stage, address string) error {
			if stage != c.stage {
				return nil
			}
			code, enhanced := 0, [3]int{}
			if n, err := fmt.Sscanf(c.codes, "%d %d.%d.%d", &code, &enhanced[0], &enhanced[1], &enhanced[2]); n == 1 {
				enhanced = fakesmtp.Bare
			} else if err != nil {
				t.Error(err)
			}
			return fakesmtp.Fail(code, enhanced, "5.1.1.9 is listed, no mail for "+address)
		})
		err := s.Send(t.Context(), envelope("n_1"))
		if d, later := errors.AsType[*notify.Deferral](err); c.class == "" {
			if want := "send a mail: the mail server cannot take it now (" + c.codes + " while " + c.while + ")"; !later || d.Domain != c.whole || err.Error() != want {
				t.Errorf("%s at %s: %v, %+v, want %s", c.codes, c.stage, err, d, want)
			}
			continue
		}
		r, final := errors.AsType[*notify.Rejection](err)
		if want := "send a mail: refused: the mail server says " + c.codes + " while " + c.while; !final || r.Class != c.class || err.Error() != want {
			t.Errorf("%s at %s: %v, %+v, want %s of class %s", c.codes, c.stage, err, r, want, c.class)
		}
	}
	server.Refuse(nil)
	if err := s.Send(t.Context(), envelope("n_1")); err != nil {
		t.Errorf("afterwards: %v", err)
	}
	if n := server.Accepted(); n != 2 { // 421 ends a connection
		t.Errorf("%d connections, want 2 for all of them", n)
	}
}

// A connection may break at any moment: the sender says that the mail was taken,
// that it was not, or that nobody knows, and is right each time.
func TestAConnectionThatBreaksAtAnyMoment(t *testing.T) {
	const (
		reached = "the mail server ADDRESS was reached, and the connection broke before a mail could be handed in"
		before  = "the connection to the mail server broke before the whole mail was handed over"
		unknown = "outcome unknown: the mail server has the whole mail and did not say whether it takes it"
	)
	full := fakesmtp.Options{STARTTLS: true, User: "roll", Password: "hush"}
	for _, c := range []struct {
		stage         string
		before, after string // what the error says; "" for a mail that was taken
	}{
		{fakesmtp.Banner, reached, reached}, {"ehlo", reached, reached}, {"starttls", reached, reached}, {"auth", reached, before},
		{"mail", before, before}, {"rcpt", before, before}, {"data", before, unknown}, {fakesmtp.Content, unknown, ""},
	} {
		for _, after := range []bool{false, true} {
			t.Run(fmt.Sprintf("%s, after %t", c.stage, after), func(t *testing.T) {
				server := fakesmtp.New(t, full)
				s := sender(t, server, func(o *Options) { o.Server.TLS, o.Server.User, o.Server.Password = StartTLS, "roll", "hush" })
				var dropped atomic.Bool
				server.Watch(func(m fakesmtp.Moment) bool {
					return m.Stage == c.stage && m.After == after && dropped.CompareAndSwap(false, true)
				})
				err := s.Send(t.Context(), envelope("n_1"))
				want := c.before
				if after {
					want = c.after
				}
				want = strings.ReplaceAll(want, "ADDRESS", server.Address)
				if taken := c.stage == fakesmtp.Content; len(server.Mails()) > 0 != taken {
					t.Errorf("the server has %d mails", len(server.Mails()))
				}
				if _, is := errors.AsType[*notify.Unknown](err); is != (want == unknown) || isRejection(err) || said(err) != want {
					t.Errorf("got  %v\nwant %s", err, want)
				}
				if err := s.Send(t.Context(), envelope("n_2")); err != nil {
					t.Errorf("the next mail: %v", err)
				}
				if !dropped.Load() {
					t.Error("nothing broke")
				}
			})
		}
	}
}

// said is an error without what it begins with; "" for none.
func said(err error) string {
	if err == nil {
		return ""
	}
	return strings.TrimPrefix(err.Error(), "send a mail: ")
}

// In the middle of a mail: as long as its end has not left, the server has none of
// it, and that is said; where all of it has left, nobody knows how far it came.
func TestAConnectionThatBreaksInTheMiddleOfAMail(t *testing.T) {
	for name, protection := range map[string]TLS{"without TLS": Off, "STARTTLS": StartTLS} {
		for text, known := range map[string]bool{strings.Repeat("more than the wire holds at once\n", 180_000): true, "short\n": false} {
			t.Run(fmt.Sprintf("%s, %d bytes", name, len(text)), func(t *testing.T) {
				server := fakesmtp.New(t, fakesmtp.Options{STARTTLS: protection == StartTLS})
				s := sender(t, server, func(o *Options) { o.Server.TLS = protection })
				server.Watch(func(m fakesmtp.Moment) bool { return m.Stage == fakesmtp.Middle })
				e := envelope("n_1")
				e.Text, e.HTML = text, "<p>short</p>"
				err := s.Send(t.Context(), e)
				if _, unknown := errors.AsType[*notify.Unknown](err); err == nil || unknown == known || len(server.Mails()) != 0 {
					t.Errorf("got %v, %d mails", err, len(server.Mails()))
				}
			})
		}
	}
}

// The last bytes of a mail that did not leave make none of it, small as it is.
func TestAnEndThatDoesNotLeave(t *testing.T) {
	server := fakesmtp.New(t, fakesmtp.Options{})
	s := sender(t, server, nil)
	m, err := s.message(envelope("n_1"))
	if err != nil {
		t.Fatal(err)
	}
	m.SetBodyWriter(gomail.TypeTextPlain, func(w io.Writer) (int64, error) { // it is kept until the end is there too
		s.cut()
		n, err := io.WriteString(w, "short\n")
		return int64(n), err
	})
	err = s.hand(t.Context(), m)
	if err == nil || err.Error() != "the connection to the mail server broke before the whole mail was handed over" || len(server.Mails()) != 0 {
		t.Errorf("got %v, %d mails", err, len(server.Mails()))
	}
}

// A server that does not answer in time: unknown where it has the whole mail.
func TestAContextEndsTheWait(t *testing.T) {
	server := fakesmtp.New(t, fakesmtp.Options{})
	s := sender(t, server, nil)
	for _, c := range []struct {
		stage   string
		unknown bool
		want    string
	}{
		{"rcpt", false, "send a mail: context deadline exceeded"},
		{fakesmtp.Content, true, "send a mail: outcome unknown: the mail server has the whole mail and did not say whether it takes it (context deadline exceeded)"},
	} {
		release := make(chan struct{})
		server.Watch(func(m fakesmtp.Moment) bool {
			if m.Stage == c.stage && !m.After {
				<-release
			}
			return false
		})
		ctx, cancel := context.WithTimeout(t.Context(), 100*time.Millisecond)
		err := s.Send(ctx, envelope("n_1"))
		cancel()
		if _, unknown := errors.AsType[*notify.Unknown](err); !errors.Is(err, context.DeadlineExceeded) || unknown != c.unknown || err.Error() != c.want {
			t.Errorf("at %s: %v", c.stage, err)
		}
		close(release)
		server.Watch(nil)
		if err := s.Send(t.Context(), envelope("n_2")); err != nil {
			t.Error(err)
		}
	}
}

// The same, where the sender's own time is over.
func TestAServerThatTakesItsTime(t *testing.T) {
	server := fakesmtp.New(t, fakesmtp.Options{})
	s := sender(t, server, func(o *Options) { o.Timeout = 100 * time.Millisecond })
	release := make(chan struct{})
	server.Watch(func(m fakesmtp.Moment) bool {
		if m.Stage == fakesmtp.Content && !m.After {
			<-release
		}
		return false
	})
	err := s.Send(t.Context(), envelope("n_1"))
	close(release)
	if _, unknown := errors.AsType[*notify.Unknown](err); !unknown {
		t.Errorf("got %v", err)
	}
}
