package email

import (
	"errors"
	"fmt"
	"io"
	"mime"
	"mime/multipart"
	"mime/quotedprintable"
	"net"
	"net/mail"
	"strconv"
	"strings"
	"sync"
	"testing"
	"time"

	"coopcloud.tech/goodstanding/internal/fakesmtp"
	"coopcloud.tech/goodstanding/notify"
)

var noon = time.Date(2026, 6, 15, 12, 0, 0, 0, time.UTC)

// sender is a sender to the server; change adjusts its options.
func sender(t *testing.T, to *fakesmtp.Server, change func(*Options)) *Sender {
	t.Helper()
	host, port, err := net.SplitHostPort(to.Address)
	if err != nil {
		t.Fatal(err)
	}
	number, err := strconv.Atoi(port)
	if err != nil {
		t.Fatal(err)
	}
	o := Options{Server: Server{Host: host, Port: number, TLS: Off}, From: mail.Address{Name: "Föderation Köln", Address: "roll@example.org"},
		Now: func() time.Time { return noon }, Roots: to.Roots, Timeout: 5 * time.Second}
	if change != nil {
		change(&o)
	}
	s, err := New(o)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(s.Close)
	return s
}

func envelope(id string) notify.Envelope {
	return notify.Envelope{ID: id, To: "Ada Ödön <ada@people.example>", Subject: "Willkommen — ünïcode", Text: "Hello Ada,\n\nsee https://roll.example.org/me?a=1&b=2.\nGreetings <all>\n"}
}

func TestAMailAsItArrives(t *testing.T) {
	server := fakesmtp.New(t, fakesmtp.Options{})
	s := sender(t, server, nil)
	if err := s.Send(t.Context(), envelope("n_0001")); err != nil {
		t.Fatal(err)
	}
	got := server.Mails()[0]
	if got.From != "roll@example.org" || len(got.To) != 1 || got.To[0] != "ada@people.example" {
		t.Errorf("envelope %q to %q", got.From, got.To)
	}
	decode := func(name string) string {
		text, err := new(mime.WordDecoder).DecodeHeader(got.Header(t, name))
		if err != nil {
			t.Error(err)
		}
		return text
	}
	for name, want := range map[string]string{
		"From": "Föderation Köln <roll@example.org>", "To": "Ada Ödön <ada@people.example>", "Subject": "Willkommen — ünïcode",
		"Message-Id": "<n_0001@example.org>", "Auto-Submitted": "auto-generated", "Date": "Mon, 15 Jun 2026 12:00:00 +0000",
		"X-Mailer": "", "User-Agent": "", "Mime-Version": "1.0",
	} {
		if have := strings.ReplaceAll(decode(name), `"`, ""); have != want {
			t.Errorf("%s: %q, want %q", name, have, want)
		}
	}
	parts := partsOf(t, got)
	if parts["text/plain"] != "Hello Ada,\n\nsee https://roll.example.org/me?a=1&b=2.\nGreetings <all>\n" {
		t.Errorf("text:\n%s", parts["text/plain"])
	}
	for _, want := range []string{"<p>Hello Ada,</p>", `see <a href="https://roll.example.org/me?a=1&amp;b=2">https://roll.example.org/me?a=1&amp;b=2</a>.<br>`, "Greetings &lt;all&gt;</p>"} {
		if !strings.Contains(parts["text/html"], want) {
			t.Errorf("%s is missing in:\n%s", want, parts["text/html"])
		}
	}
}

func partsOf(t *testing.T, m fakesmtp.Mail) map[string]string {
	t.Helper()
	parsed, err := mail.ReadMessage(strings.NewReader(m.Data))
	if err != nil {
		t.Fatal(err)
	}
	kind, params, err := mime.ParseMediaType(parsed.Header.Get("Content-Type"))
	if err != nil || kind != "multipart/alternative" {
		t.Fatalf("%s, %v", kind, err)
	}
	out := map[string]string{}
	for r := multipart.NewReader(parsed.Body, params["boundary"]); ; {
		part, err := r.NextRawPart()
		if errors.Is(err, io.EOF) {
			return out
		}
		if err != nil {
			t.Fatal(err)
		}
		body, err := io.ReadAll(quotedprintable.NewReader(part))
		if err != nil {
			t.Fatal(err)
		}
		kind, _, _ := strings.Cut(part.Header.Get("Content-Type"), ";")
		out[kind] = strings.ReplaceAll(string(body), "\r\n", "\n")
	}
}

// The id of the envelope makes the Message-ID, whatever it is made of.
func TestTheMessageIDIsStable(t *testing.T) {
	s := sender(t, fakesmtp.New(t, fakesmtp.Options{}), nil)
	odd := "lapsed/m_1/co_1 <x>\r\nBcc: eve@people.example"
	if a, b := s.messageID(odd), s.messageID(odd); a != b || strings.ContainsAny(a, " <>\r\n") || len(a) != 32+len("@example.org") || s.messageID("n_1") != "n_1@example.org" {
		t.Errorf("%q, %q", a, b)
	}
}

func TestHowAConnectionIsProtected(t *testing.T) {
	for name, c := range map[string]struct {
		server fakesmtp.Options
		change func(*Options)
		want   string // "" for a mail that arrives
		tls    bool
	}{
		"STARTTLS":                 {fakesmtp.Options{STARTTLS: true}, func(o *Options) { o.Server.TLS = StartTLS }, "", true},
		"TLS from the first byte":  {fakesmtp.Options{Implicit: true}, func(o *Options) { o.Server.TLS = Implicit }, "", true},
		"without":                  {fakesmtp.Options{}, nil, "", false},
		"a stranger's certificate": {fakesmtp.Options{STARTTLS: true}, func(o *Options) { o.Server.TLS, o.Roots = StartTLS, nil }, "the certificate of the mail server 127.0.0.1:PORT cannot be trusted (x509: certificate signed by unknown authority)", false},
		"a stranger's, implicit":   {fakesmtp.Options{Implicit: true}, func(o *Options) { o.Server.TLS, o.Roots = Implicit, nil }, "the certificate of the mail server 127.0.0.1:PORT cannot be trusted (x509: certificate signed by unknown authority)", false},
		"a stranger's, unverified": {fakesmtp.Options{STARTTLS: true}, func(o *Options) { o.Server.TLS, o.Roots, o.Server.Unverified = StartTLS, nil, true }, "", true},
		"no STARTTLS offered":      {fakesmtp.Options{}, func(o *Options) { o.Server.TLS = StartTLS }, "the mail server 127.0.0.1:PORT offers no STARTTLS: write smtps:// for TLS from the first byte, or ?tls=off for a relay on this host", false},
		"user and password":        {fakesmtp.Options{STARTTLS: true, User: "roll", Password: "hush hush"}, func(o *Options) { o.Server.TLS, o.Server.User, o.Server.Password = StartTLS, "roll", "hush hush" }, "", true},
		"user and password, 465":   {fakesmtp.Options{Implicit: true, User: "roll", Password: "hush hush"}, func(o *Options) { o.Server.TLS, o.Server.User, o.Server.Password = Implicit, "roll", "hush hush" }, "", true},
		"a wrong password":         {fakesmtp.Options{STARTTLS: true, User: "roll", Password: "hush hush"}, func(o *Options) { o.Server.TLS, o.Server.User, o.Server.Password = StartTLS, "roll", "wrong" }, "the mail server 127.0.0.1:PORT does not take user and password (535)", false},
		"a password over no TLS":   {fakesmtp.Options{User: "roll", Password: "hush hush"}, func(o *Options) { o.Server.User, o.Server.Password = "roll", "hush hush" }, "", false},
	} {
		t.Run(name, func(t *testing.T) {
			server := fakesmtp.New(t, c.server)
			s := sender(t, server, c.change)
			err := s.Send(t.Context(), envelope("n_1"))
			check := s.Check(t.Context())
			if c.want == "" {
				if err != nil || check != nil || len(server.Mails()) != 1 || server.Mails()[0].TLS != c.tls {
					t.Errorf("%v, %v, %+v", err, check, server.Mails())
				}
				return
			}
			_, port, _ := net.SplitHostPort(server.Address)
			want := strings.ReplaceAll(c.want, "PORT", port)
			if err == nil || err.Error() != "send a mail: "+want || check == nil || check.Error() != want {
				t.Errorf("got  %v\nand  %v\nwant %s", err, check, want)
			}
			if isRejection(err) || len(server.Mails()) != 0 {
				t.Errorf("%v is taken for a refusal of the mail, or one came through", err)
			}
		})
	}
}

func isRejection(err error) bool {
	_, is := errors.AsType[*notify.Rejection](err)
	return is
}

// One connection carries many mails, also of many who send at once; a connection
// that broke meanwhile is opened anew, and no mail is lost or doubled.
func TestOneConnectionIsUsedAgain(t *testing.T) {
	server := fakesmtp.New(t, fakesmtp.Options{STARTTLS: true})
	s := sender(t, server, func(o *Options) { o.Server.TLS = StartTLS })
	var all sync.WaitGroup
	for i := range 8 {
		all.Go(func() {
			if err := s.Send(t.Context(), envelope(fmt.Sprintf("n_%d", i))); err != nil {
				t.Error(err)
			}
		})
	}
	all.Wait()
	if n := server.Accepted(); n != 1 || len(server.Mails()) != 8 {
		t.Errorf("%d connections for %d mails, want 1 for 8", n, len(server.Mails()))
	}
	server.Watch(func(m fakesmtp.Moment) bool {
		if m.Stage == "noop" || m.Stage == "rset" {
			t.Errorf("%s is about no mail, and servers count such", m.Stage)
		}
		return false
	})
	if err := s.Send(t.Context(), envelope("n_9")); err != nil {
		t.Fatal(err)
	}
	server.Reset()
	if err := s.Send(t.Context(), envelope("n_8")); err != nil {
		t.Fatal(err)
	}
	if n := server.Accepted(); n != 2 || len(server.Mails()) != 10 {
		t.Errorf("%d connections, %d mails, want 2 and 10", n, len(server.Mails()))
	}
}

// A server that says goodbye to a connection that was used before is asked again
// over another; one that says it to a new one is not asked for ever. A connection
// that was idle for long is not used any more.
func TestAConnectionThatTheServerHasEnoughOf(t *testing.T) {
	server := fakesmtp.New(t, fakesmtp.Options{})
	now := noon
	s := sender(t, server, func(o *Options) { o.Now = func() time.Time { return now } })
	send := func(connections, mails int) {
		t.Helper()
		if err := s.Send(t.Context(), envelope("n_1")); err != nil {
			t.Error(err)
		}
		if server.Accepted() != connections || len(server.Mails()) != mails {
			t.Errorf("%d connections, %d mails, want %d and %d", server.Accepted(), len(server.Mails()), connections, mails)
		}
	}
	goodbyes := 1
	server.Refuse(func(stage, _ string) error {
		if stage == "mail" && len(server.Mails()) > 0 && goodbyes > 0 {
			goodbyes--
			return fakesmtp.Fail(421, [3]int{4, 4, 2}, "you again")
		}
		return nil
	})
	send(1, 1)
	send(2, 2)
	now = now.Add(29 * time.Second)
	send(2, 3)
	now = now.Add(31 * time.Second)
	send(3, 4)
	goodbyes = 5
	err := s.Send(t.Context(), envelope("n_1"))
	if d, later := errors.AsType[*notify.Deferral](err); !later || d.Domain || goodbyes != 3 || err.Error() != "send a mail: the mail server cannot take it now (421 4.4.2 while hearing who it is from)" {
		t.Errorf("%v after %d goodbyes", err, 5-goodbyes)
	}
}

func TestAServerThatIsNotThere(t *testing.T) {
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	address := l.Addr().String()
	l.Close()
	server := fakesmtp.New(t, fakesmtp.Options{})
	server.Address = address
	s := sender(t, server, nil)
	err = s.Send(t.Context(), envelope("n_1"))
	want := "send a mail: the mail server " + address + " cannot be reached (connect: connection refused)"
	if _, unreachable := errors.AsType[*Unreachable](err); !unreachable || err.Error() != want {
		t.Errorf("got  %v\nwant %s", err, want)
	}
}

func TestEnvelopesThatAreNone(t *testing.T) {
	s := sender(t, fakesmtp.New(t, fakesmtp.Options{}), nil)
	for want, change := range map[string]func(*notify.Envelope){
		"send a mail: refused: what is stored for the recipient is no e-mail address": func(e *notify.Envelope) { e.To = "ada at home" },
		"send a mail: the envelope has no id":                                         func(e *notify.Envelope) { e.ID = "" },
		"send a mail: the subject holds a control character":                          func(e *notify.Envelope) { e.Subject = "a\r\nBcc: eve@people.example" },
		"send a mail: the envelope's address for saying no is none of a page":         func(e *notify.Envelope) { e.Unsubscribe = "https://roll.example.org/>\r\nBcc: x" },
	} {
		e := envelope("n_1")
		change(&e)
		if err := s.Send(t.Context(), e); err == nil || err.Error() != want {
			t.Errorf("got %v, want %s", err, want)
		}
	}
	e := envelope("n_1")
	e.To = "ada at home"
	if r, is := errors.AsType[*notify.Rejection](s.Send(t.Context(), e)); !is || r.Class != notify.OfRecipient {
		t.Errorf("no address: %+v", r)
	}
	e.To = "ada@people.example\r\nBcc: eve@people.example"
	if err := s.Send(t.Context(), e); !isRejection(err) {
		t.Errorf("a recipient with a line break: %v", err)
	}
}

func TestAddressesOfServers(t *testing.T) {
	for text, want := range map[string]Server{
		"smtp://roll:p%40ss@mail.example.org":               {Host: "mail.example.org", Port: 587, User: "roll", Password: "p@ss"},
		"smtps://mail.example.org":                          {Host: "mail.example.org", Port: 465, TLS: Implicit},
		"smtp://[::1]:25?tls=off":                           {Host: "::1", Port: 25, TLS: Off},
		"smtp://localhost:2525/?tls=off":                    {Host: "localhost", Port: 2525, TLS: Off},
		"smtps://a:b@mail.example.org:10465?tls=unverified": {Host: "mail.example.org", Port: 10465, User: "a", Password: "b", TLS: Implicit, Unverified: true},
	} {
		if got, err := ParseURL(text); err != nil || got != want {
			t.Errorf("%s: %+v, %v", text, got, err)
		}
	}
	const noAddress = "is no address of a mail server: write smtp://user:password@mail.example.org:587 or smtps://user:password@mail.example.org:465, with a special character of user or password as %XX"
	for text, want := range map[string]string{
		"mail.example.org:587":           noAddress,
		"http://mail.example.org":        noAddress,
		"smtp://":                        noAddress,
		"smtp://a:b%zz@mail.example.org": noAddress,
		"smtp://hush@mail.example.org:99999/inbox?tls=off": "has a port that is none: write a number from 1 to 65535\n" +
			"has something after the host: write only user, password, host, port and ?tls=\n" +
			"has only one of user and password: write both, or neither\n" +
			"turns TLS off for a server that is not on this host: mails and password would travel in the clear",
		"smtps://mail.example.org?tls=off":  "says smtps and tls=off: write smtp:// for a connection without TLS",
		"smtp://mail.example.org?tls=maybe": `has tls="maybe": there are off and unverified`,
		"smtp://mail.example.org?ssl=1":     "has an option that is none: there are ?tls=off and ?tls=unverified",
	} {
		if _, err := ParseURL(text); err == nil || err.Error() != want {
			t.Errorf("%s: %v\nwant %s", text, err, want)
		} else if strings.Contains(err.Error(), "hush") {
			t.Errorf("%v repeats what may be secret", err)
		}
	}
	if a, err := ParseFrom(`"Föderation" <roll@example.org>`); err != nil || a.Name != "Föderation" || a.Address != "roll@example.org" {
		t.Errorf("%+v, %v", a, err)
	}
	for _, text := range []string{"", "roll", "roll@example.org\r\nBcc: x@example.org"} {
		if _, err := ParseFrom(text); err == nil || err.Error() != `is no e-mail address: write roll@example.org, or "Example Federation" <roll@example.org>` {
			t.Errorf("%q: %v", text, err)
		}
		if _, err := ParseReplyTo(text); err == nil || err.Error() != `is no e-mail address: write treasurers@example.org, or "Treasurers" <treasurers@example.org>` {
			t.Errorf("%q: %v", text, err)
		}
	}
	for text, want := range map[string]string{"roll.example.org": "roll.example.org", "localhost": "localhost", "192.0.2.1": "[192.0.2.1]", "2001:db8::1": "[IPv6:2001:db8::1]"} {
		if got, err := ParseHello(text); err != nil || got != want {
			t.Errorf("%s: %q, %v", text, got, err)
		}
	}
	for _, text := range []string{"", "roll example", "-roll.example", "roll..example", "roll.example.org.", "köln.example", "a\r\nb", strings.Repeat("a", 64), "fe80::1%eth0"} {
		if _, err := ParseHello(text); err == nil || err.Error() != "is no name of a host: write the one that this host has in the DNS, such as roll.example.org" {
			t.Errorf("%q: %v", text, err)
		}
	}
}
