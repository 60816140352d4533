package email

import (
	"encoding/json"
	"errors"
	"net/http"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"coopcloud.tech/goodstanding/notify"
)

// caught is a mail as maildev read it.
type caught struct {
	Subject, Text, HTML, MessageID string
	From, To                       []struct{ Address, Name string }
	Headers                        map[string]any
}

// maildev starts maildev, which asks for a user and a password over TLS, and gives
// where it shows its mails and a sender to it.
func maildev(t *testing.T) (web string, s *Sender, wrong *Sender) {
	t.Helper()
	const folder = "../../deploy/peers"
	const program = "node_modules/maildev/bin/maildev"
	node, noNode := exec.LookPath("node")
	_, noNPM := exec.LookPath("npm")
	if _, err := os.Stat(filepath.Join(folder, program)); err != nil || noNode != nil {
		absent(t, "maildev", noNode == nil && noNPM == nil)
	}
	dir := t.TempDir()
	roots := certified(t, dir)
	port, webPort := freePort(t), freePort(t)
	c := exec.Command(node, program, "--ip", "127.0.0.1", "--smtp", port, "--web-ip", "127.0.0.1", "--web", webPort, "--mail-directory", filepath.Join(dir, "mails"),
		"--incoming-user", "roll", "--incoming-pass", "hush hush", "--incoming-secure", "--incoming-cert", filepath.Join(dir, "cert.pem"), "--incoming-key", filepath.Join(dir, "key.pem"))
	c.Dir = folder
	begin(t, c, func(said string) bool { // it does not outlive a connection without TLS, so that none can be tried
		return strings.Contains(said, "SMTP Server running at") && strings.Contains(said, "webapp running at")
	})
	with := func(password string) *Sender {
		return toPeer(t, port, Implicit, roots, func(o *Options) { o.Server.User, o.Server.Password = "roll", password })
	}
	return "http://127.0.0.1:" + webPort, with("hush hush"), with("wrong")
}

// TestMaildev: user and password over TLS from the first byte; subject, names, text
// and HTML are read back as another program reads them.
func TestMaildev(t *testing.T) {
	web, s, wrong := maildev(t)
	if err := wrong.Send(t.Context(), envelope("n_1")); !strings.Contains(said(err), "does not take user and password (535)") {
		t.Errorf("a wrong password: %v", err)
	}
	own, made := envelope("n_1"), envelope("n_2")
	own.HTML, own.List = "<!DOCTYPE html>\n<html><body><p>Grüße, <b>Ada</b> — <a href=\"https://roll.example.org/me?a=1&amp;b=2\">your page</a></p></body></html>\n", true
	for _, e := range []notify.Envelope{own, made} {
		if err := s.Send(t.Context(), e); err != nil {
			t.Fatal(err)
		}
	}
	if v := protection(t, s); v != tls13 {
		t.Errorf("the connection is protected by %x, want TLS 1.3", v)
	}
	mails := read(t, web, 2)
	page := strings.Replace(asPage(made.Text), `<meta charset="utf-8">`, `<meta charset="utf-8"/>`, 1) // maildev writes that one anew
	for i, want := range []struct{ id, html string }{{"n_1@example.org", own.HTML}, {"n_2@example.org", page}} {
		m := mails[i]
		if m.MessageID != want.id || m.Subject != own.Subject || m.HTML != want.html || m.Text != own.Text {
			t.Errorf("mail %d: %q\nwant %s with\n%q", i+1, m, want.id, want.html)
		}
		if len(m.To) != 1 || m.To[0].Name != "Ada Ödön" || m.To[0].Address != "ada@people.example" || m.From[0].Name != "Föderation Köln" {
			t.Errorf("mail %d: from %+v to %+v", i+1, m.From, m.To)
		}
		if _, list := m.Headers["list-id"]; list != (i == 0) {
			t.Errorf("mail %d: headers %v", i+1, m.Headers)
		}
	}
}

// read gives the mails that maildev has, once there are n.
func read(t *testing.T, web string, n int) (mails []caught) {
	t.Helper()
	client := &http.Client{Timeout: 5 * time.Second}
	defer client.CloseIdleConnections()
	var err error
	for range 200 {
		mails, err = nil, nil
		res, e := client.Get(web + "/email")
		if e != nil {
			t.Fatal(e)
		}
		err = errors.Join(json.NewDecoder(res.Body).Decode(&mails), res.Body.Close())
		if err == nil && len(mails) >= n {
			return mails
		}
		time.Sleep(20 * time.Millisecond)
	}
	t.Fatalf("maildev shows %d mails, want %d (%v)", len(mails), n, err)
	return nil
}
