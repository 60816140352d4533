package email

import (
	"errors"
	"mime"
	"net/mail"
	"os"
	"strings"
	"testing"

	"coopcloud.tech/goodstanding/internal/fakesmtp"
	"coopcloud.tech/goodstanding/notify"
)

// What a mail's headers say besides from whom, to whom and about what; a mail to
// one alone, such as a link to sign in by, has none that are for lists.
func TestHeadersForWhoAnswersAndWhoSorts(t *testing.T) {
	server := fakesmtp.New(t, fakesmtp.Options{})
	s := sender(t, server, func(o *Options) {
		o.ReplyTo = mail.Address{Name: "Kassiererinnen, Föderation", Address: "treasurers@example.org"}
		o.Federation, o.Hello = "Example Federation", "roll.example.org"
	})
	own := envelope("n_1")
	many := envelope("n_2")
	many.HTML = "<p>another text</p>"
	many.List, many.Unsubscribe = true, "https://roll.example.org/me/notices?a=1&b="+strings.Repeat("long", 30)
	for _, e := range []notify.Envelope{own, many} {
		if err := s.Send(t.Context(), e); err != nil {
			t.Fatal(err)
		}
	}
	mails := server.Mails()
	for i, headers := range []map[string]string{
		{"List-Id": "", "List-Unsubscribe": "", "List-Unsubscribe-Post": ""},
		{"List-Id": `"Example Federation" <goodstanding.example.org>`, "List-Unsubscribe": "<" + many.Unsubscribe + ">", "List-Unsubscribe-Post": ""},
	} {
		headers["X-Mailer"], headers["User-Agent"] = "", ""
		headers["Reply-To"] = `"Kassiererinnen, Föderation" <treasurers@example.org>`
		for name, want := range headers {
			if got := decoded(t, mails[i], name); got != want && got != strings.Replace(want, `"Kassiererinnen, Föderation"`, "Kassiererinnen, Föderation", 1) {
				t.Errorf("mail %d: %s: %q, want %q", i+1, name, got, want)
			}
		}
		if mails[i].Hello != "roll.example.org" || mails[i].UTF8 {
			t.Errorf("mail %d: EHLO %s, SMTPUTF8 %t", i+1, mails[i].Hello, mails[i].UTF8)
		}
	}
	if parts := partsOf(t, mails[1]); strings.TrimSpace(parts["text/html"]) != many.HTML || parts["text/plain"] != many.Text {
		t.Errorf("the parts of the envelope are not those of the mail: %q", parts)
	}
}

func decoded(t *testing.T, m fakesmtp.Mail, name string) string {
	t.Helper()
	text, err := new(mime.WordDecoder).DecodeHeader(m.Header(t, name))
	if err != nil {
		t.Error(err)
	}
	return text
}

// Without an answer address there is no header for one; what the host calls itself
// is then its own name; a name of other letters is encoded in the List-Id.
func TestHeadersThatNobodySet(t *testing.T) {
	server := fakesmtp.New(t, fakesmtp.Options{})
	long := strings.Repeat("Föderation der Genossenschaften ", 4) + "<e.V.>"
	s := sender(t, server, func(o *Options) { o.Federation = long })
	e := envelope("n_1")
	e.List = true
	if err := s.Send(t.Context(), e); err != nil {
		t.Fatal(err)
	}
	host, err := os.Hostname()
	if err != nil {
		t.Fatal(err)
	}
	m := server.Mails()[0]
	if m.Header(t, "Reply-To") != "" || m.Hello != host {
		t.Errorf("Reply-To %q, EHLO %s", m.Header(t, "Reply-To"), m.Hello)
	}
	if got := decoded(t, m, "List-Id"); got != long+" <goodstanding.example.org>" {
		t.Errorf("List-Id: %q", got)
	}
	for _, line := range strings.Split(m.Data, "\r\n") {
		if len(line) > 998 || strings.ContainsFunc(line, func(r rune) bool { return r > 0x7f }) {
			t.Errorf("a line of %d bytes: %q", len(line), line)
		}
	}
}

// An address of other letters needs SMTPUTF8, and nothing else asks for it: a
// server that has it would bind every other on the mail's way.
func TestAddressesOfOtherLetters(t *testing.T) {
	for _, c := range []struct {
		to   string
		from string
		utf8 bool
	}{
		{"Ada Ödön <ada@people.example>", "roll@example.org", false},
		{"Jörg <jörg@people.example>", "roll@example.org", true},
		{"ada@köln.example", "roll@example.org", true},
		{"ada@people.example", "rollе@example.org", true}, // the last letter is Cyrillic
	} {
		for _, ascii := range []bool{false, true} {
			server := fakesmtp.New(t, fakesmtp.Options{ASCII: ascii})
			s := sender(t, server, func(o *Options) { o.From.Address = c.from })
			e := envelope("n_1")
			e.To = c.to
			err := s.Send(t.Context(), e)
			if c.utf8 && ascii {
				r, final := errors.AsType[*notify.Rejection](err)
				if !final || r.Class != notify.OfPolicy || err.Error() != "send a mail: refused: the mail server takes no address with letters beyond ASCII (it offers no SMTPUTF8)" {
					t.Errorf("%s: %v", c.to, err)
				}
				continue
			}
			if err != nil || server.Mails()[0].UTF8 != c.utf8 || !strings.HasSuffix(strings.TrimSuffix(c.to, ">"), server.Mails()[0].To[0]) {
				t.Errorf("%s: %v, %+v", c.to, err, server.Mails())
			}
		}
	}
}
