package email

import (
	"errors"
	"fmt"
	"net"
	"net/mail"
	"os"
	"os/exec"
	"os/user"
	"path/filepath"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/wneessen/go-mail/log"

	"coopcloud.tech/goodstanding/internal/fakesmtp"
	"coopcloud.tech/goodstanding/notify"
)

// exim starts Exim, and gives its folder, its ports, and a sender to the first of
// them by STARTTLS.
func exim(t *testing.T) (dir, tlsPort string, s *Sender, also func(port string, p TLS) *Sender) {
	t.Helper()
	path, err := exec.LookPath("exim4")
	if err != nil {
		path = "/usr/sbin/exim4" // not on everybody's PATH
	}
	_, noAPT := exec.LookPath("apt-get")
	if _, err := os.Stat(path); err != nil {
		absent(t, "Exim", noAPT == nil && os.Getuid() == 0)
	}
	if os.Getuid() != 0 {
		t.Skip("skipped: Exim takes a configuration of our own only from root")
	}
	dir, err = os.MkdirTemp("", "exim") // t.TempDir is closed to other users
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		for range 100 { // what delivers may still tidy up
			if err = os.RemoveAll(dir); err == nil {
				return
			}
			time.Sleep(20 * time.Millisecond)
		}
		t.Error(err)
	})
	roots := certified(t, dir)
	port, tlsPort := freePort(t), freePort(t)
	form, err := os.ReadFile("testdata/exim.conf")
	if err != nil {
		t.Fatal(err)
	}
	config := filepath.Join(dir, "exim.conf")
	if err := os.WriteFile(config, []byte(strings.NewReplacer("@DIR@", dir, "@PORT@", port, "@TLSPORT@", tlsPort).Replace(string(form))), 0o644); err != nil {
		t.Fatal(err)
	}
	give(t, dir)
	if err := os.Chown(config, 0, 0); err != nil { // else Exim does not take it
		t.Fatal(err)
	}
	begin(t, exec.Command(path, "-C", config, "-bdf"), func(string) bool {
		conn, err := net.Dial("tcp", "127.0.0.1:"+port)
		if err == nil {
			_ = conn.Close()
		}
		return err == nil
	})
	also = func(port string, p TLS) *Sender { return toPeer(t, port, p, roots, nil) }
	return dir, tlsPort, also(port, StartTLS), also
}

// give makes the folder and what is in it the property of the user that Exim runs as.
func give(t *testing.T, dir string) {
	t.Helper()
	nobody, err := user.Lookup("nobody")
	if err != nil {
		t.Fatal(err)
	}
	id, err := strconv.Atoi(nobody.Uid)
	if err != nil {
		t.Fatal(err)
	}
	err = filepath.WalkDir(dir, func(path string, _ os.DirEntry, err error) error {
		if err != nil {
			return err
		}
		return os.Chown(path, id, -1)
	})
	if err != nil {
		t.Fatal(err)
	}
}

// delivered waits until n mails are in the maildir, and gives them by Message-ID.
func delivered(t *testing.T, dir string, n int) map[string][]fakesmtp.Mail {
	t.Helper()
	for end := time.Now().Add(20 * time.Second); ; time.Sleep(20 * time.Millisecond) {
		paths, err := filepath.Glob(filepath.Join(dir, "mail/new/*"))
		if err != nil {
			t.Fatal(err)
		}
		if len(paths) < n && time.Now().Before(end) {
			continue
		}
		if len(paths) != n {
			text, _ := os.ReadFile(filepath.Join(dir, "log/mainlog")) // to be shown, if there is one
			t.Fatalf("%d mails were delivered, want %d:\n%s", len(paths), n, text)
		}
		out := map[string][]fakesmtp.Mail{}
		for _, path := range paths {
			text, err := os.ReadFile(path)
			if err != nil {
				t.Fatal(err)
			}
			m := fakesmtp.Mail{Data: string(text)}
			id := m.Header(t, "Message-Id")
			out[id] = append(out[id], m)
		}
		return out
	}
}

// dialogue writes down what a sender and a server say to each other.
type dialogue struct{ lines []string }

func (d *dialogue) note(l log.Log) {
	text := fmt.Sprintf(l.Format, l.Messages...)
	for i, line := range strings.Split(text, "\n") {
		switch {
		case l.Direction == log.DirClientToServer:
			line = "  > " + line
		case i > 0:
			line = "<     " + line
		default:
			line = "< " + line
		}
		d.lines = append(d.lines, line)
	}
}

func (d *dialogue) Errorf(l log.Log) { d.note(l) }
func (d *dialogue) Warnf(l log.Log)  { d.note(l) }
func (d *dialogue) Infof(l log.Log)  { d.note(l) }
func (d *dialogue) Debugf(l log.Log) { d.note(l) }

// TestExim: a mail server as federations run one takes mails over TLS 1.3 and
// delivers them whole; what it refuses is told as what it is; a mail that is tried
// again has the Message-ID that it had.
func TestExim(t *testing.T) {
	dir, tlsPort, s, also := exim(t)
	talk := &dialogue{}
	s.client.SetLogger(talk)
	s.client.SetDebugLog(true)
	send := func(s *Sender, to, id string, change func(*notify.Envelope)) error {
		talk.lines = append(talk.lines, "", "# "+id+" to "+to)
		e := envelope(id)
		e.To = to
		if change != nil {
			change(&e)
		}
		err := s.Send(t.Context(), e)
		outcome := "taken"
		if err != nil {
			outcome = said(err)
		}
		talk.lines = append(talk.lines, "= "+outcome)
		return err
	}
	accepted := func(err error) {
		t.Helper()
		if err != nil {
			t.Fatal(err)
		}
		if v := protection(t, s); v != tls13 {
			t.Errorf("the connection is protected by %x, want TLS 1.3", v)
		}
	}
	deferred := func(err error, want string) {
		t.Helper()
		if d, is := errors.AsType[*notify.Deferral](err); !is || !d.Domain || err.Error() != "send a mail: the mail server cannot take it now ("+want+")" {
			t.Errorf("got %v, want %s", err, want)
		}
	}
	refused := func(err error, want string, class notify.Class) {
		t.Helper()
		if r, is := errors.AsType[*notify.Rejection](err); !is || r.Class != class || err.Error() != "send a mail: refused: the mail server says "+want {
			t.Errorf("got %v, want %s of class %s", err, want, class)
		}
	}
	accepted(send(s, "Ada Ödön <ada@ok.test>", "n_html", func(e *notify.Envelope) {
		e.HTML, e.List, e.Unsubscribe = "<p>Grüße, <b>Ada</b></p>", true, "https://roll.example.org/me/notices"
	}))
	deferred(send(s, "grey@ok.test", "n_grey", nil), "451 while hearing who it is for")
	refused(send(s, "eve@elsewhere.test", "n_relay", nil), "550 while hearing who it is for", notify.OfPolicy)
	refused(send(s, "gone@ok.test", "n_gone", nil), "550 5.1.1 while hearing who it is for", notify.OfRecipient)
	deferred(send(s, "late@ok.test", "n_late", nil), "451 while taking its content")
	accepted(send(s, "Jörg <jörg@ok.test>", "n_utf8", nil)) // after a DATA that was refused
	if err := os.WriteFile(filepath.Join(dir, "known"), nil, 0o644); err != nil {
		t.Fatal(err)
	}
	accepted(send(s, "grey@ok.test", "n_grey", nil))
	accepted(send(s, "grey@ok.test", "n_grey", nil)) // a copy, as after a crash
	implicit := also(tlsPort, Implicit)
	if err := send(implicit, "ada@ok.test", "n_465", nil); err != nil {
		t.Error(err)
	}
	t.Log("the dialogue with Exim:\n" + strings.Join(talk.lines, "\n"))

	mails := delivered(t, dir, 5)
	for id, want := range map[string]struct {
		copies int
		with   string
	}{"n_html": {1, "esmtps (TLS1.3)"}, "n_utf8": {1, "utf8esmtps (TLS1.3)"}, "n_grey": {2, ""}, "n_465": {1, "esmtps (TLS1.3)"}} {
		got := mails["<"+id+"@example.org>"]
		if len(got) != want.copies {
			t.Fatalf("%s was delivered %d times, want %d", id, len(got), want.copies)
		}
		if by := strings.Join(strings.Fields(got[0].Header(t, "Received")), " "); !strings.Contains(by, "(helo=roll.example.org) by mx.ok.test with "+want.with) || !strings.Contains(by, "esmtps (TLS1.3)") {
			t.Errorf("%s came %s, want %s", id, by, want.with)
		}
		if got := decoded(t, got[0], "Subject"); got != "Willkommen — ünïcode" {
			t.Errorf("%s: %s", id, got)
		}
	}
	html := mails["<n_html@example.org>"][0]
	parts := partsOf(t, html)
	if parts["text/plain"] != envelope("").Text || strings.TrimSpace(parts["text/html"]) != "<p>Grüße, <b>Ada</b></p>" {
		t.Errorf("the parts came as %q", parts)
	}
	if to, err := mail.ParseAddress(html.Header(t, "To")); err != nil || to.Name != "Ada Ödön" {
		t.Errorf("To: %v, %v", to, err)
	}
	if html.Header(t, "List-Id") == "" || html.Header(t, "List-Unsubscribe") != "<https://roll.example.org/me/notices>" {
		t.Errorf("List-Id %q, List-Unsubscribe %q", html.Header(t, "List-Id"), html.Header(t, "List-Unsubscribe"))
	}
}
