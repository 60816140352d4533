package fakesmtp

import (
	"crypto/tls"
	"net/smtp"
	"strings"
	"sync"
	"testing"
)

// Every reply is told of twice, before it leaves and after, in the order in which
// they come; a mail counts as handed in between its end and its answer.
func TestTheMomentsOfADialogue(t *testing.T) {
	server := New(t, Options{STARTTLS: true, User: "roll", Password: "hush"})
	var mu sync.Mutex
	var got []string
	server.Watch(func(m Moment) bool {
		mu.Lock()
		defer mu.Unlock()
		switch {
		case m.Connection != 1:
			t.Errorf("%+v", m)
		case m.Stage == Middle:
			got = append(got, m.Stage)
		case m.After:
			got = append(got, m.Stage+">")
		default:
			got = append(got, ">"+m.Stage)
		}
		if m.Stage == Content && len(server.Mails()) != 1 {
			t.Error("at its answer the mail is not there yet")
		}
		return false
	})
	c, err := smtp.Dial(server.Address)
	steps := []func() error{
		func() error { return c.StartTLS(&tls.Config{ServerName: "127.0.0.1", RootCAs: server.Roots}) },
		func() error { return c.Auth(smtp.PlainAuth("", "roll", "hush", "127.0.0.1")) },
		func() error { return c.Mail("roll@example.org") },
		func() error { return c.Rcpt("ada@people.example") },
		func() error {
			w, err := c.Data()
			if err == nil {
				_, err = w.Write([]byte("Subject: lines that look like others\r\n\r\nQUIT\r\n250 OK\r\n354 more\r\n" + strings.Repeat("x", 100)))
			}
			if err == nil {
				err = w.Close()
			}
			return err
		},
		func() error { return c.Quit() },
	}
	for _, step := range steps {
		if err == nil {
			err = step()
		}
	}
	if err != nil {
		t.Fatal(err)
	}
	const want = ">banner banner> >ehlo ehlo> >starttls starttls> >ehlo ehlo> >auth auth> >mail mail> >rcpt rcpt> >data data> middle >content content> >quit"
	mu.Lock()
	defer mu.Unlock()
	if have := strings.TrimSuffix(strings.Join(got, " "), " quit>"); have != want {
		t.Errorf("got  %s\nwant %s", have, want)
	}
}
