package main

import (
	"context"
	"encoding/json"
	"errors"
	"net/http"
	"net/url"
	"os"
	"reflect"
	"regexp"
	"strings"
	"testing"
	"time"

	"coopcloud.tech/goodstanding/internal/fakesmtp"
	"coopcloud.tech/goodstanding/internal/instant"
	"coopcloud.tech/goodstanding/store"
)

// TestATokenIsShownOnce and read by its hash from then on.
func TestATokenIsShownOnce(t *testing.T) {
	w := adopted(t)
	s := w.run("token", "create", "website", "--scope", "services:read", "--expires", "2027-01-01")
	text := strings.TrimSuffix(s.out, "\n")
	if s.code != exitOK || !regexp.MustCompile(`^gs_[A-Za-z0-9_-]{43}$`).MatchString(text) {
		t.Fatalf("exit code %d, token %q, %s", s.code, s.out, s.err)
	}
	has(t, s.err, "Made the token website (", "It is shown this once")
	list := w.must("token", "list")
	has(t, list, "website", "services:read", "operator:ada", "until 1 Jan 2027")
	if strings.Contains(list, text) || strings.Contains(w.must("token", "list", "--json"), text) {
		t.Error("the text is shown again")
	}
	db, err := os.ReadFile(w.dir + "/data/goodstanding.db")
	if err != nil || strings.Contains(string(db), text[3:]) {
		t.Errorf("the text is stored (%v)", err)
	}
	var made tokenAnswer
	if err := json.Unmarshal([]byte(w.must("token", "create", "wiki", "--scope", "roll:read", "--scope", "holds:read", "--json")), &made); err != nil ||
		!strings.HasPrefix(made.Text, "gs_") || len(made.Scopes) != 2 || made.Expires != 0 {
		t.Errorf("%+v, %v", made, err)
	}
}

func TestATokenIsRefusedWithAllReasons(t *testing.T) {
	w := adopted(t)
	got := w.fails(exitRefused, "token", "create", " ", "--scope", "all", "--expires", "2020-01-01")
	has(t, got, `"all" is not a scope: choose from roll:read, eligibility:read`, "a name is needed", "it would have ended already")
	w.must("token", "create", "wiki", "--scope", "roll:read")
	has(t, w.fails(exitRefused, "token", "create", "wiki", "--scope", "roll:read"), `another token is called "wiki"`)
	has(t, w.fails(exitNotFound, "token", "revoke", "wki"), `there is no token "wki"; nearest: wiki`)
	has(t, w.fails(exitRefused, "token", "revoke", "gs_something"), "not by its text")
	has(t, newWorld(t).must("token", "list"), "There is no token: goodstanding token create NAME --scope SCOPE makes one.")
}

// TestARevokedTokenOpensNothing once the daemon has looked, as does one that ended. How often
// it looks, api.TestHowOftenTheDatabaseIsLookedAt says.
func TestARevokedTokenOpensNothing(t *testing.T) {
	w := adopted(t)
	token := w.token()
	short := strings.TrimSpace(w.must("token", "create", "short", "--scope", "roll:read", "--expires", w.clock.Add(3*time.Second).String()))
	s := w.serve()
	status := func(token string) int { return get(t, s.url+"/api/v1/roll", token).status }
	if status(token) != http.StatusOK || status("") != http.StatusUnauthorized || status("gs_wrong") != http.StatusUnauthorized {
		t.Errorf("token %d, none %d, a wrong one %d", status(token), status(""), status("gs_wrong"))
	}
	has(t, w.must("token", "revoke", "test", "--reason", "lost"), "The token test no longer counts.")
	s.until("the revoked one opens nothing", func() bool { return status(token) == http.StatusUnauthorized })
	s.until("the other one ends", func() bool { return status(short) == http.StatusUnauthorized })
	w.clock = w.clock.Add(time.Minute)
	has(t, w.must("token", "list"), "revoked 22 Nov 2026", "ended 22 Nov 2026")
}

// TestATokenIsReplacedWithoutAGap: the next one counts beside the old one, the log says
// by its id which of them is still used, and ending the old one ends nothing else.
func TestATokenIsReplacedWithoutAGap(t *testing.T) {
	w := adopted(t)
	w.env["GOODSTANDING_LOG_LEVEL"], w.env["GOODSTANDING_LOG_FORMAT"] = "debug", "json"
	s := w.serve()
	make := func(name string) (made tokenAnswer) {
		t.Helper()
		if err := json.Unmarshal([]byte(w.must("token", "create", name, "--scope", "services:read", "--json")), &made); err != nil {
			t.Fatal(err)
		}
		return made
	}
	answers := func(one tokenAnswer) bool { return get(t, s.url+"/api/v1/services", one.Text).status == http.StatusOK }
	used := func(one tokenAnswer) int { return strings.Count(s.errs.String(), `"token":"`+one.ID+`"`) }
	old := make("website 2026")
	s.until("the old one counts", func() bool { return answers(old) })
	next := make("website 2027")
	s.until("the next one counts", func() bool { return answers(next) })
	if !answers(old) || used(old) < 2 || used(next) < 1 {
		t.Errorf("both count, and are logged %d and %d times:\n%s", used(old), used(next), s.errs.String())
	}
	w.must("token", "revoke", "website 2026", "--reason", "replaced")
	before := used(next)
	s.until("the old one no longer counts", func() bool {
		if !answers(next) {
			t.Fatal("there was a gap")
		}
		return !answers(old)
	})
	then := used(old)
	if answers(old) || !answers(next) || used(next) <= before || used(old) != then {
		t.Errorf("the old one is logged %d and then %d times", then, used(old))
	}
	if strings.Contains(s.errs.String(), old.Text) || strings.Contains(s.errs.String(), next.Text) {
		t.Error("a token's text is logged")
	}
}

// TestATokenIsRotated: the next one grants the same, both count for the overlap, and the
// list says which of them is still used.
func TestATokenIsRotated(t *testing.T) {
	w := adopted(t)
	old := strings.TrimSpace(w.must("token", "create", "website", "--scope", "services:read"))
	has(t, w.must("token", "list"), "website", "never")
	s := w.serve()
	status := func(token string) int { return get(t, s.url+"/api/v1/services", token).status }
	s.until("the old one counts", func() bool { return status(old) == http.StatusOK })
	s.until("it is noted that it is used", func() bool { return strings.Contains(w.must("token", "list"), "within the hour") })
	made := w.run("token", "rotate", "website", "--overlap", "1h")
	next := strings.TrimSpace(made.out)
	has(t, made.err, "Made the token website (", "It is shown this once", "The old one (", ") counts until ")
	s.until("the next one counts", func() bool { return status(next) == http.StatusOK })
	if status(old) != http.StatusOK {
		t.Error("there was a gap")
	}
	has(t, w.fails(exitNotFound, "token", "revoke", "website"), "website")
	var all []tokenAnswer
	s.until("the next one is noted, too", func() bool {
		all = nil
		return json.Unmarshal([]byte(w.must("token", "list", "--json")), &all) == nil && len(all) == 2 && all[1].Used != 0
	})
	w.must("token", "revoke", all[0].ID)
	s.until("the old one no longer counts", func() bool { return status(old) == http.StatusUnauthorized })
	var last tokenAnswer
	if err := json.Unmarshal([]byte(w.must("token", "rotate", "website", "--overlap", "0", "--json")), &last); err != nil || last.Replaces == nil ||
		last.Replaces.ID != all[1].ID || last.Replaces.Revoked == 0 || last.Text == next {
		t.Errorf("%+v, %v", last, err)
	}
	s.until("the one before no longer counts", func() bool { return status(next) == http.StatusUnauthorized })
	s.until("the last one does", func() bool { return status(last.Text) == http.StatusOK })
	w.clock = w.clock.Add(3*time.Hour + time.Minute)
	list := w.must("token", "list")
	has(t, list, "3 hours ago")
	if strings.Contains(list, old) || strings.Contains(s.errs.String(), next) || strings.Contains(s.errs.String(), last.Text) {
		t.Error("a token's text is shown")
	}
}

// TestUsesWaitForTheDatabase and for nobody else: adding one never waits, what could not
// be noted is noted later, as of its last use, and one within the hour is not noted again.
func TestUsesWaitForTheDatabase(t *testing.T) {
	away := errors.New("the database is away")
	noted := make(map[string][]instant.Instant)
	err := away
	u := newUses(func(_ context.Context, token string, at instant.Instant) error {
		if err == nil {
			noted[token] = append(noted[token], at)
		}
		return err
	})
	step := func() error { _, err := u.step(t.Context()); return err }
	const start = instant.Instant(1e15)
	hour := store.TokenUseEvery
	u.add("t_1", start)
	u.add("t_1", start+9)
	u.add("t_2", start+5)
	if got := step(); !errors.Is(got, away) {
		t.Fatalf("got %v", got)
	}
	u.add("t_1", start.Add(hour))
	err = nil
	if got := step(); got != nil {
		t.Fatal(got)
	}
	u.add("t_1", start.Add(2*hour)-1)
	u.add("t_2", start.Add(hour)+4)
	if got := step(); got != nil {
		t.Fatal(got)
	}
	u.add("t_1", start.Add(2*hour))
	if got := step(); got != nil {
		t.Fatal(got)
	}
	meanwhile := func() { u.add("t_3", start.Add(3*hour)) } // while one that had waited for long is being noted
	u.note = func(_ context.Context, token string, at instant.Instant) error {
		noted[token] = append(noted[token], at)
		meanwhile()
		meanwhile = func() {}
		return nil
	}
	u.add("t_3", start)
	if got := step(); got != nil {
		t.Fatal(got)
	}
	want := map[string][]instant.Instant{"t_1": {start.Add(hour), start.Add(2 * hour)}, "t_2": {start + 5}, "t_3": {start, start.Add(3 * hour)}}
	if !reflect.DeepEqual(noted, want) {
		t.Errorf("noted were %v, want %v", noted, want)
	}
}

// TestASIGHUPReadsSecretsAgain: what the files of secrets hold now counts after a
// SIGHUP, without a restart, and what they held before does not.
func TestASIGHUPReadsSecretsAgain(t *testing.T) {
	w := adopted(t)
	w.must("people", "add", "bo@people.example", "--name", "Bo", "--delegate-of", "foxtrot")
	mails := fakesmtp.New(t, fakesmtp.Options{User: "roll", Password: "the-new-password"})
	address := freePort(t)
	for name, value := range map[string]string{
		"SMTP_URL": "smtp://roll@" + mails.Address + "?tls=off", "SMTP_PASSWORD_FILE": w.file("smtp", "the-old-password\n"), "MAIL_FROM": "roll@example.org",
		"PUBLIC_URL": "http://" + address, "HOOK_SECRET_FILE": w.file("hook", "the-old-hook-secret-1\n"),
	} {
		w.env["GOODSTANDING_"+name] = value
	}
	s := w.serve("--listen", address)
	knock := func(secret string) int {
		res, err := http.Post(s.url+"/hooks/opencollective/"+secret, "application/json", strings.NewReader("{}"))
		if err != nil {
			t.Fatal(err)
		}
		res.Body.Close()
		return res.StatusCode
	}
	if was, next := knock("the-old-hook-secret-1"), knock("the-new-hook-secret-2"); was >= 300 || next != http.StatusNotFound {
		t.Errorf("before: %d and %d", was, next)
	}
	w.file("smtp", "the-new-password\n")
	w.file("hook", "the-new-hook-secret-2\n")
	hangUp(t)
	s.until("the next secret counts", func() bool { return knock("the-new-hook-secret-2") < 300 })
	if was := knock("the-old-hook-secret-1"); was != http.StatusNotFound {
		t.Errorf("the former secret is answered with %d", was)
	}
	visits(t, s.url).posts("/sign-in", url.Values{"email": {"bo@people.example"}})
	if mail := mails.Wait(t, 1)[0]; mail.To[0] != "bo@people.example" {
		t.Errorf("a mail went to %v", mail.To)
	}
	s.stop()
	for _, secret := range []string{"the-old-", "the-new-"} {
		if strings.Contains(s.out.String()+s.errs.String(), secret) {
			t.Errorf("a secret is shown:\n%s", s.errs.String())
		}
	}
}
