package main

import (
	"encoding/json"
	"io"
	"net"
	"net/http"
	"net/http/cookiejar"
	"net/url"
	"regexp"
	"strings"
	"testing"
	"time"

	"coopcloud.tech/goodstanding/internal/fakesmtp"
)

// visitor is a person with a browser that keeps cookies and follows no one.
type visitor struct {
	t      *testing.T
	client *http.Client
	url    string
}

func visits(t *testing.T, address string) *visitor {
	t.Helper()
	jar, err := cookiejar.New(nil)
	if err != nil {
		t.Fatal(err)
	}
	return &visitor{t, &http.Client{Jar: jar, Transport: &http.Transport{DisableKeepAlives: true},
		CheckRedirect: func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse }}, address}
}

// does sends a request and gives status, where it leads, and the page.
func (v *visitor) does(method, path string, form url.Values) (status int, to, body string) {
	v.t.Helper()
	if !strings.HasPrefix(path, "http") {
		path = v.url + path
	}
	r, err := http.NewRequestWithContext(v.t.Context(), method, path, strings.NewReader(form.Encode()))
	if err != nil {
		v.t.Fatal(err)
	}
	r.Header.Set("Content-Type", "application/x-www-form-urlencoded")
	r.Header.Set("Sec-Fetch-Site", "same-origin")
	res, err := v.client.Do(r)
	if err != nil {
		v.t.Fatal(err)
	}
	defer res.Body.Close()
	b, err := io.ReadAll(res.Body)
	if err != nil {
		v.t.Fatal(err)
	}
	return res.StatusCode, res.Header.Get("Location"), string(b)
}

func (v *visitor) gets(path string) (int, string, string) {
	v.t.Helper()
	return v.does(http.MethodGet, path, nil)
}

// posts sends a form that has to lead on, and says where.
func (v *visitor) posts(path string, form url.Values) string {
	v.t.Helper()
	status, to, body := v.does(http.MethodPost, path, form)
	if status != http.StatusSeeOther {
		v.t.Fatalf("%s: %d\n%s", path, status, body)
	}
	return to
}

// freePort is one that nobody has just now.
func freePort(t *testing.T) string {
	t.Helper()
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	defer l.Close()
	return l.Addr().String()
}

var linkIn = regexp.MustCompile(`(?m)^(http\S+/sign-in/link/)(\S+?)\r?$`)

// TestSigningInThroughTheDaemon: asked for over HTTP, mailed, opened, the button
// pressed, seen, signed out; and no token or address in what the daemon logs.
func TestSigningInThroughTheDaemon(t *testing.T) {
	eachEngine(t, func(t *testing.T, w *world) {
		w.must("people", "add", "bo@people.example", "--name", "Bo Example", "--delegate-of", "foxtrot", "--role", "facilitator")
		leakless(t)
		mails := fakesmtp.New(t, fakesmtp.Options{User: "roll", Password: "hush-hush"})
		address := freePort(t)
		w.env["GOODSTANDING_SMTP_URL_FILE"] = w.file("smtp", "smtp://roll:hush-hush@"+mails.Address+"?tls=off\n")
		w.env["GOODSTANDING_MAIL_FROM"] = `"Föderation" <roll@example.org>`
		w.env["GOODSTANDING_MAIL_REPLY_TO"] = "treasurers@example.org"
		w.env["GOODSTANDING_PUBLIC_URL"] = "http://" + address
		w.env["GOODSTANDING_LOG_LEVEL"] = "debug"
		s := w.serve("--listen", address)
		has(t, s.out.String(), "Sign-in     by a mailed link over "+mails.Address)
		v := visits(t, s.url)
		if _, to, _ := v.gets("/me"); to != "/sign-in?next=%2Fme" {
			t.Errorf("/me leads to %q", to)
		}
		for _, email := range []string{"BO@people.example", "eve@people.example"} {
			if to := v.posts("/sign-in", url.Values{"email": {email}, "next": {"/me"}}); to != "/sign-in/mail" {
				t.Errorf("%s: on to %q", email, to)
			}
		}
		mail := mails.Wait(t, 1)[0]
		if mail.To[0] != "bo@people.example" || mail.From != "roll@example.org" || mail.Header(t, "Auto-Submitted") != "auto-generated" {
			t.Errorf("the mail: %+v", mail)
		}
		if mail.Header(t, "Reply-To") != "<treasurers@example.org>" || mail.Header(t, "List-Id") != "" || mail.Hello != "[127.0.0.1]" {
			t.Errorf("the mail: %+v", mail)
		}
		link := linkIn.FindStringSubmatch(strings.ReplaceAll(mail.Data, "=\r\n", ""))
		if link == nil || link[1] != "http://"+address+"/sign-in/link/" {
			t.Fatalf("no link in:\n%s", mail.Data)
		}
		for range 3 {
			if status, _, body := v.gets("/sign-in/link/" + link[2]); status != http.StatusOK || strings.Count(body, "<button") != 1 {
				t.Fatalf("the link's page: %d\n%s", status, body)
			}
		}
		if to := v.posts("/sign-in/link", url.Values{"token": {link[2]}}); to != "/me" {
			t.Errorf("on to %q", to)
		}
		status, _, body := v.gets("/me")
		if status != http.StatusOK {
			t.Fatalf("/me: %d", status)
		}
		has(t, body, "<h1>Bo Example</h1>", "You are facilitator.", "Foxtrot")
		if a := get(t, s.url+"/api/v1/nowhere", ""); a.status != http.StatusNotFound || !strings.Contains(a.header.Get("Content-Type"), "problem+json") {
			t.Errorf("what is no page is the API's: %+v", a)
		}
		has(t, w.must("people", "sessions"), "Bo Example", "mailed link")
		v.posts("/sign-out", nil)
		if status, _, _ := v.gets("/me"); status != http.StatusSeeOther {
			t.Errorf("/me after signing out: %d", status)
		}
		has(t, w.must("people", "sessions"), "Nobody is signed in.")
		verifyAudit(t, w)
		if n := s.metric(`goodstanding_http_requests_total{method="GET",route="/sign-in/link/{token}",status="200"}`); n != "3" {
			t.Errorf("the link's page was counted %q times", n)
		}
		s.stop()
		for _, secret := range []string{link[2], "people.example", "hush-hush", "Bo Example"} {
			if strings.Contains(s.out.String()+s.errs.String(), secret) {
				t.Errorf("%s is in the daemon's output:\n%s", secret, s.errs.String())
			}
		}
		has(t, s.errs.String(), "/sign-in/link/{token}") // it does log
	})
}

// TestTheFirstTreasurerSignsIn by the operator's link, on a server that can send
// no mails.
func TestTheFirstTreasurerSignsIn(t *testing.T) {
	w := adopted(t)
	address := freePort(t)
	w.env["GOODSTANDING_FIRST_TREASURER"] = "tara@people.example"
	w.env["GOODSTANDING_PUBLIC_URL"] = "http://" + address
	s := w.serve("--listen", address)
	has(t, s.out.String(), "Sign-in", "off: set GOODSTANDING_SMTP_URL or", "people sign-in-link")
	v := visits(t, s.url)
	if _, _, body := v.gets("/sign-in"); !strings.Contains(body, "Signing in by mail is off") {
		t.Error(body)
	}
	said := w.run("people", "sign-in-link", "tara@people.example", "--reason", "first day")
	link := strings.TrimSpace(said.out)
	if said.code != exitOK || !strings.HasPrefix(link, "http://"+address+"/sign-in/link/") || strings.Contains(link, "\n") {
		t.Fatalf("%+v", said)
	}
	has(t, said.err, "It signs p_", "in, once, until ")
	token := link[strings.LastIndex(link, "/")+1:]
	if to := v.posts("/sign-in/link", url.Values{"token": {token}}); to != "/me" {
		t.Errorf("on to %q", to)
	}
	if _, _, body := v.gets("/me"); !strings.Contains(body, "You are treasurer.") {
		t.Error(body)
	}
	if status, _, body := visits(t, s.url).does(http.MethodPost, "/sign-in/link", url.Values{"token": {token}}); status != http.StatusGone || !strings.Contains(body, "This link is over") {
		t.Errorf("used again: %d", status)
	}
	var sessions []sessionAnswer
	if err := json.Unmarshal([]byte(w.must("people", "sessions", "tara", "--json")), &sessions); err != nil || len(sessions) != 1 || sessions[0].Way != "printed" {
		t.Errorf("%+v, %v", sessions, err)
	}
	has(t, w.must("people", "sign-out", "tara", "--reason", "a laptop was lost"), "tara was signed out (1 session).")
	if status, _, _ := v.gets("/me"); status != http.StatusSeeOther {
		t.Errorf("/me after being signed out: %d", status)
	}
	has(t, w.must("people", "sign-out", "tara"), "tara is signed in nowhere.")
	if got := w.fails(exitRefused, "--as", "tara", "people", "sign-in-link", "tara"); !strings.Contains(got, "only the operator may, on the host of the program: leave --as out") {
		t.Error(got)
	}
	w.must("people", "add", "bo@people.example", "--name", "Bo")
	w.clock = w.clock.Add(time.Hour)
	w.must("people", "sign-in-link", "Bo", "--json")
	s.stop()
	if strings.Contains(s.errs.String()+s.out.String(), token) {
		t.Error("the token is in the daemon's output")
	}
}

// TestTheMailServerIsTriedByCheckConfig, and what is wrong with it is said.
func TestTheMailServerIsTriedByCheckConfig(t *testing.T) {
	w := newWorld(t)
	mails := fakesmtp.New(t, fakesmtp.Options{User: "roll", Password: "hush-hush"})
	w.env["GOODSTANDING_SMTP_URL"] = "smtp://roll:hush-hush@" + mails.Address + "?tls=off"
	w.env["GOODSTANDING_MAIL_FROM"] = "roll@example.org"
	w.env["GOODSTANDING_PUBLIC_URL"] = "https://roll.example.org"
	s := w.run("check-config", "--connect")
	if s.code != exitOK {
		t.Fatal(s.err)
	}
	has(t, s.err, "The mail server "+mails.Address+" takes mails from here.")
	if strings.Contains(s.out+s.err, "hush-hush") {
		t.Error("the password is shown")
	}
	w.env["GOODSTANDING_SMTP_URL"] = "smtp://roll:wrong@" + mails.Address + "?tls=off"
	has(t, w.fails(exitFailed, "check-config", "--connect"), "the mail server "+mails.Address+" does not take user and password (535)")
	if len(mails.Mails()) != 0 {
		t.Error("a mail was sent")
	}
	delete(w.env, "GOODSTANDING_SMTP_URL")
	delete(w.env, "GOODSTANDING_MAIL_FROM")
	w.env["GOODSTANDING_OIDC_ISSUER"], w.env["GOODSTANDING_OIDC_CLIENT_ID"] = "http://"+freePort(t), "roll"
	has(t, w.fails(exitFailed, "check-config", "--connect"), "the sign-in service did not answer as it should")
}

// TestCheckConfigTriesAllServices: one that is down hides nothing of another, each is told
// with what to do, and the exit code is that of the database where it is among them.
func TestCheckConfigTriesAllServices(t *testing.T) {
	w := newWorld(t)
	mail, issuer, database := freePort(t), "http://"+freePort(t), freePort(t)
	w.env["GOODSTANDING_PUBLIC_URL"] = "https://roll.example.org"
	w.env["GOODSTANDING_SMTP_URL"], w.env["GOODSTANDING_MAIL_FROM"] = "smtp://"+mail+"?tls=off", "roll@example.org"
	w.env["GOODSTANDING_OIDC_ISSUER"], w.env["GOODSTANDING_OIDC_CLIENT_ID"] = issuer, "roll"
	both := []string{
		"the mail server " + mail + " cannot be reached (connect: connection refused): see that this host reaches it, and look at GOODSTANDING_SMTP_URL, GOODSTANDING_SMTP_PASSWORD\n",
		"the sign-in service did not answer as it should: Get \"" + issuer + "/.well-known/openid-configuration\": dial tcp " + strings.TrimPrefix(issuer, "http://") +
			": connect: connection refused: see that this host reaches it, and look at GOODSTANDING_OIDC_ISSUER\n",
	}
	s := w.run("check-config", "--connect")
	if s.code != exitFailed {
		t.Errorf("exit code %d", s.code)
	}
	has(t, s.err, append(both, "Open Collective answers for ", "goodstanding: the mail server ")...)
	w.env["GOODSTANDING_DATABASE"] = "postgres://app@" + database + "/roll?sslmode=disable"
	s = w.run("check-config", "--connect")
	if s.code != exitDatabase {
		t.Errorf("without a database: exit code %d", s.code)
	}
	has(t, s.err, append(both, "Open Collective answers for ", "goodstanding: the database postgres://"+database+"/roll does not answer: check that it runs and that the address in GOODSTANDING_DATABASE is right\n")...)
}

// TestCheckConfigNamesWhoSaysNothing: a mail server that takes the connection and is silent
// is waited for as long as people wait, and named.
func TestCheckConfigNamesWhoSaysNothing(t *testing.T) {
	t.Parallel()
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	defer l.Close()
	w := newWorld(t)
	w.env["GOODSTANDING_PUBLIC_URL"] = "https://roll.example.org"
	w.env["GOODSTANDING_SMTP_URL"], w.env["GOODSTANDING_MAIL_FROM"] = "smtp://"+l.Addr().String()+"?tls=off", "roll@example.org"
	if got, want := w.fails(exitFailed, "check-config", "--connect"), "the mail server "+l.Addr().String()+
		" has not answered within 10s: see that this host reaches it, and look at GOODSTANDING_SMTP_URL, GOODSTANDING_SMTP_PASSWORD"; !strings.HasSuffix(got, want) {
		t.Errorf("%s\nwant %s", got, want)
	}
}

func TestFaultsOfTheSignInSettings(t *testing.T) {
	all := func(pairs ...string) string {
		env := map[string]string{"HOME": t.TempDir(), "GOODSTANDING_OC_SLUG": "alfa"}
		for i := 0; i < len(pairs); i += 2 {
			env[prefix+pairs[i]] = pairs[i+1]
		}
		c, err := load(t, nil, env, needUpstream)
		if err == nil {
			return strings.Join(c.Warnings, "\n")
		}
		return strings.Join(faultLines(err), "\n")
	}
	const public = "GOODSTANDING_PUBLIC_URL: is not set, and signing in needs it: write where the world reaches this server, such as https://roll.example.org"
	for _, c := range []struct {
		env  []string
		want string
	}{
		{[]string{"SMTP_URL", "hush"}, `GOODSTANDING_SMTP_URL: is no address of a mail server: write smtp://user:password@mail.example.org:587 or smtps://user:password@mail.example.org:465, with a special character of user or password as %XX` +
			"\n" + `GOODSTANDING_MAIL_FROM: is not set: say who the mails are from, such as "Example Federation" <roll@example.org>` + "\n" + public},
		{[]string{"SMTP_URL", "smtp://a@mail.example.org?tls=off", "MAIL_FROM", "roll", "PUBLIC_URL", "https://roll.example.org/x"},
			"GOODSTANDING_SMTP_URL: has only one of user and password: write both, or neither\n" +
				"GOODSTANDING_SMTP_URL: turns TLS off for a server that is not on this host: mails and password would travel in the clear\n" +
				`GOODSTANDING_MAIL_FROM: is no e-mail address: write roll@example.org, or "Example Federation" <roll@example.org>` + "\n" +
				"GOODSTANDING_PUBLIC_URL: has a path, and the pages are at the root of a host: give them a name of their own, such as https://roll.example.org"},
		{[]string{"SMTP_URL", "smtps://mail.example.org", "MAIL_FROM", "roll@example.org", "PUBLIC_URL", "http://roll.example.org"},
			"GOODSTANDING_PUBLIC_URL: is not https: browsers keep nobody signed in over plain http, but for addresses of this computer such as http://127.0.0.1:8080"},
		{[]string{"SMTP_URL", "smtps://mail.example.org", "MAIL_FROM", "roll@example.org", "PUBLIC_URL", "https://roll.example.org", "MAIL_REPLY_TO", "the treasurers", "SMTP_HELLO", "roll_1"},
			`GOODSTANDING_MAIL_REPLY_TO: is no e-mail address: write treasurers@example.org, or "Treasurers" <treasurers@example.org>` + "\n" +
				"GOODSTANDING_SMTP_HELLO: is no name of a host: write the one that this host has in the DNS, such as roll.example.org"},
		{[]string{"OIDC_CLIENT_SECRET", "hush"}, "GOODSTANDING_OIDC_ISSUER: is not set, and other settings of the provider are: write its address, such as https://accounts.example.org\n" +
			"GOODSTANDING_OIDC_CLIENT_ID: is not set: write the name under which the provider knows this program\n" + public},
		{[]string{"OIDC_ISSUER", "http://accounts.example.org", "OIDC_CLIENT_ID", "roll", "PUBLIC_URL", "https://roll.example.org"},
			"GOODSTANDING_OIDC_ISSUER: is not https: anybody in between could say who somebody is"},
		{[]string{"OIDC_ISSUER", "accounts", "OIDC_CLIENT_ID", "roll", "PUBLIC_URL", "https://roll.example.org"},
			"GOODSTANDING_OIDC_ISSUER: is no address of a provider: write it as the provider gives it, such as https://accounts.example.org"},
		{[]string{"MAIL_FROM", "roll@example.org", "MAIL_REPLY_TO", "treasurers@example.org", "SMTP_HELLO", "roll.example.org"},
			"GOODSTANDING_MAIL_FROM changes nothing: no mail server is named in GOODSTANDING_SMTP_URL\n" +
				"GOODSTANDING_MAIL_REPLY_TO changes nothing: no mail server is named in GOODSTANDING_SMTP_URL\n" +
				"GOODSTANDING_SMTP_HELLO changes nothing: no mail server is named in GOODSTANDING_SMTP_URL"},
		{[]string{"SMTP_URL", "smtps://mail.example.org?tls=unverified", "MAIL_FROM", "roll@example.org", "PUBLIC_URL", "http://localhost:8080"},
			"the mail server's certificate is not verified: whoever stands in between can read the mails, sign-in links among them"},
		{[]string{"OIDC_ISSUER", "https://accounts.example.org/realms/coop", "OIDC_CLIENT_ID", "roll", "PUBLIC_URL", "https://roll.example.org/"}, ""},
	} {
		got := all(c.env...)
		gotLines, wantLines := strings.Split(got, "\n"), strings.Split(c.want, "\n")
		for _, line := range wantLines {
			if !contains(gotLines, line) {
				t.Errorf("%v lacks\n%s\nin\n%s", c.env, line, got)
			}
		}
		if len(gotLines) != len(wantLines) || strings.Contains(got, "hush") {
			t.Errorf("%v: got\n%s", c.env, got)
		}
	}
}

// What stands in the mails by the settings, and what this host calls itself.
func TestWhatTheMailSettingsComeTo(t *testing.T) {
	for _, c := range []struct{ public, hello, want string }{
		{"https://roll.example.org", "", "roll.example.org"},
		{"https://roll.example.org:8443/", "mail.example.org", "mail.example.org"},
		{"http://127.0.0.1:8080", "", "[127.0.0.1]"},
		{"http://[::1]:8080", "", "[IPv6:::1]"},
	} {
		env := map[string]string{"HOME": t.TempDir(), prefix + "OC_SLUG": "alfa", prefix + "SMTP_URL": "smtps://mail.example.org", prefix + "MAIL_FROM": "roll@example.org",
			prefix + "MAIL_REPLY_TO": "Treasurers <treasurers@example.org>", prefix + "PUBLIC_URL": c.public, prefix + "SMTP_HELLO": c.hello}
		got, err := load(t, nil, env, needUpstream)
		if err != nil {
			t.Fatal(err)
		}
		if got.SignIn.SMTP.Hello != c.want || got.SignIn.SMTP.ReplyTo.Name != "Treasurers" || got.mailReplyTo() != "treasurers@example.org" || got.smtpHello() != c.want {
			t.Errorf("%s and %q: %+v, want %s", c.public, c.hello, got.SignIn.SMTP, c.want)
		}
	}
	if helloOf("https://köln.example") != "" {
		t.Error("a name that no mail server takes is used")
	}
}

// Where links lead when nothing else is set.
func TestWhereLinksLead(t *testing.T) {
	for listen, want := range map[string]string{"127.0.0.1:8080": "http://127.0.0.1:8080", ":9000": "http://127.0.0.1:9000", "0.0.0.0:80": "http://127.0.0.1:80", "[::]:80": "http://127.0.0.1:80", "10.0.0.5:80": "http://10.0.0.5:80"} {
		if got := (&Config{Listen: listen}).baseURL(); got != want {
			t.Errorf("%s: %s, want %s", listen, got, want)
		}
	}
}
