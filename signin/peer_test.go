package signin

import (
	"bufio"
	"errors"
	"fmt"
	"html"
	"io"
	"net"
	"net/http"
	"net/http/cookiejar"
	"net/url"
	"os"
	"os/exec"
	"regexp"
	"strings"
	"testing"
	"time"

	"coopcloud.tech/goodstanding/internal/dbtest"
)

// realProvider starts the OpenID Connect provider that make peers installs, and
// gives its address.
func realProvider(t *testing.T) string {
	t.Helper()
	const folder = "../deploy/peers"
	node, noNode := exec.LookPath("node")
	_, noNPM := exec.LookPath("npm")
	if _, err := os.Stat(folder + "/node_modules/oidc-provider"); err != nil || noNode != nil {
		if noNode == nil && noNPM == nil && os.Getenv("CI") == "true" {
			t.Fatal("npm is on this machine, but the OpenID Connect provider is not installed: make peers; in CI nothing is skipped")
		}
		t.Skip("skipped: the real OpenID Connect provider is not installed (make peers installs it, where Node.js with npm is)")
	}
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	_, port, err := net.SplitHostPort(l.Addr().String())
	l.Close()
	if err != nil {
		t.Fatal(err)
	}
	c := exec.Command(node, "oidc.mjs", port, "https://roll.example.org"+BackPath)
	c.Dir = folder
	out, err := c.StdoutPipe()
	if err == nil {
		err = c.Start()
	}
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		_ = c.Process.Kill()
		_ = c.Wait()
	})
	up := make(chan error, 1)
	go func() {
		line, err := bufio.NewReader(out).ReadString('\n')
		if err == nil && line != "listening\n" {
			err = fmt.Errorf("it says %q", line)
		}
		up <- err
		_, _ = io.Copy(io.Discard, out)
	}()
	select {
	case err := <-up:
		if err != nil {
			t.Fatalf("the provider does not start: %v", err)
		}
	case <-time.After(30 * time.Second):
		t.Fatal("the provider does not start within 30 seconds")
	}
	return "http://127.0.0.1:" + port
}

var (
	formAction = regexp.MustCompile(`<form[^>]* action="([^"]+)"`)
	promptWord = regexp.MustCompile(`name="prompt" value="(\w+)"`)
)

// signInThere signs in as a name on the provider's own pages, and gives the
// address that the browser is sent back to.
func signInThere(t *testing.T, to, name string) *url.URL {
	t.Helper()
	jar, err := cookiejar.New(nil)
	if err != nil {
		t.Fatal(err)
	}
	var back *url.URL
	client := &http.Client{Jar: jar, Timeout: 10 * time.Second, CheckRedirect: func(r *http.Request, _ []*http.Request) error {
		if r.URL.Host == "roll.example.org" {
			back = r.URL
			return http.ErrUseLastResponse
		}
		return nil
	}}
	defer client.CloseIdleConnections()
	res, err := client.Get(to)
	for step := 0; ; step++ {
		if err != nil {
			t.Fatal(err)
		}
		page, err := io.ReadAll(res.Body)
		res.Body.Close()
		if err != nil {
			t.Fatal(err)
		}
		if back != nil {
			return back
		}
		action, prompt := formAction.FindSubmatch(page), promptWord.FindSubmatch(page)
		if step > 3 || action == nil || prompt == nil {
			t.Fatalf("the provider's page has no form to go on with (%s):\n%s", res.Status, page)
		}
		where, err := res.Request.URL.Parse(html.UnescapeString(string(action[1])))
		if err != nil {
			t.Fatal(err)
		}
		res, err = client.PostForm(where.String(), url.Values{"prompt": {string(prompt[1])}, "login": {name}, "password": {"any"}})
		if err != nil {
			t.Fatal(err)
		}
	}
}

// TestARealProvider: npm's oidc-provider, which wants PKCE and tells the address
// at its userinfo endpoint alone.
func TestARealProvider(t *testing.T) {
	issuer := realProvider(t)
	w := newWorld(t, dbtest.SQLite(t)(), func(o *Options) {
		o.OpenID = &OpenID{Issuer: issuer, ClientID: "goodstanding", ClientSecret: "a secret of the tests"}
	})
	w.now.Store(int64(clockNow()))
	w.ok(w.s.o.OpenID.Check(t.Context()))
	trip := func(name string) (*http.Cookie, string, error) {
		to, keep := w.leave("/decisions/7")
		session, _, next, err := w.s.Back(back(t, signInThere(t, to.String(), name), keep), home)
		return session, next, err
	}
	session, next, err := trip("ada")
	w.ok(err)
	if next != "/decisions/7" || w.signedIn(session) != string(w.ada) {
		t.Errorf("on to %q as %q", next, w.signedIn(session))
	}
	for _, name := range []string{"eve", "unconfirmed"} {
		if session, _, err := trip(name); session != nil || !errors.Is(err, ErrNotKnown) {
			t.Errorf("%s: %v", name, err)
		}
	}
	to, keep := w.leave("")
	at := signInThere(t, to.String(), "ada")
	_, other := w.leave("")
	if session, _, _, err := w.s.Back(back(t, at, other), home); session != nil || !errors.Is(err, ErrBroken) {
		t.Errorf("an answer in another browser: %v", err)
	}
	if _, _, _, err := w.s.Back(back(t, at, keep), home); err != nil {
		t.Errorf("the same answer in the right one: %v", err)
	}
	w.s.openID.o.ClientSecret = "another"
	if _, _, err := trip("ada"); !errors.Is(err, ErrProvider) || strings.Contains(err.Error(), "another") {
		t.Errorf("a wrong secret: %v", err)
	}
}
