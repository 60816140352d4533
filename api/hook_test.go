package api

import (
	"fmt"
	"io"
	"net/http"
	"net/http/httptest"
	"slices"
	"strings"
	"testing"

	"coopcloud.tech/goodstanding/chair"
	"coopcloud.tech/goodstanding/internal/dbtest"
	"coopcloud.tech/goodstanding/roll"
)

const hookAt = "/hooks/opencollective/"

// What upstream sends, and what anybody could: each is one hint, and nothing
// else (open-collective.md, section 4).
func TestEachCallOfTheWebhookIsAHint(t *testing.T) {
	w := newWorld(t)
	before, err := w.db.Counters(t.Context())
	w.ok(err)
	calls := []struct{ name, kind, body string }{
		{"a new charge", "application/json", `{"type":"collective.transaction.created","CollectiveId":1,"data":{"transaction":{"amount":98765}}}`},
		{"without data", "application/json; charset=utf-8", `{"type":"payment.failed","data":{}}`},
		{"no body", "", ""},
		{"half a document", "application/json", `{"type":`},
		{"two documents", "application/json", `{}{}`},
		{"another type", "text/html", "<html>"},
		{"bytes", "application/octet-stream", "\x00\xff\xfe"},
		{"as much as is taken", "application/json", strings.Repeat("[", mostBody)},
	}
	for i, c := range calls {
		var headers []string
		if c.kind != "" {
			headers = []string{"Content-Type: " + c.kind}
		}
		got := w.send("POST", hookAt+hookSecret, c.body, headers...)
		if got.StatusCode != http.StatusNoContent || got.body != "" || got.Header.Get("Cache-Control") != "no-store" {
			t.Errorf("%s: %d %s %v", c.name, got.StatusCode, got.body, got.Header)
		}
		if n := w.hint.Load(); n != int64(i+1) {
			t.Errorf("%s: %d hints, want %d", c.name, n, i+1)
		}
	}
	if after, err := w.db.Counters(t.Context()); err != nil || after != before {
		t.Errorf("the calls wrote something: %+v, %v", after, err)
	}
}

// The body is not even waited for: a caller that sends none of it is answered.
func TestTheBodyIsNotRead(t *testing.T) {
	w := newWorld(t)
	r, never := io.Pipe()
	defer never.Close()
	req := httptest.NewRequest("POST", hookAt+hookSecret, r)
	rec := httptest.NewRecorder()
	w.api.Handler().ServeHTTP(rec, req)
	if rec.Code != http.StatusNoContent || w.hint.Load() != 1 {
		t.Errorf("%d with %d hints", rec.Code, w.hint.Load())
	}
}

// TestAWrongSecretIsAnUnknownAddress: by every method, the answer is that of an
// address that does not exist, and nobody is told.
func TestAWrongSecretIsAnUnknownAddress(t *testing.T) {
	w := newWorld(t)
	for _, method := range []string{"POST", "GET", "HEAD", "PUT", "DELETE", "OPTIONS", "BREW"} {
		unknown := w.send(method, "/canary/nothing", "{}")
		for _, wrong := range []string{"x", hookSecret + "x", hookSecret[1:], strings.ToUpper(hookSecret), hookSecret + "%00", "%20" + hookSecret,
			"a/" + hookSecret, hookSecret + "/", "", "%2e%2e", roll.TokenHash(hookSecret)} {
			got := w.send(method, hookAt+wrong, "{}")
			if got.StatusCode != http.StatusNotFound || got.body != unknown.body || alike(got.Header) != alike(unknown.Header) {
				t.Errorf("%s %q: %d %s %v, want what an unknown address answers: %v", method, wrong, got.StatusCode, got.body, got.Header, unknown.Header)
			}
		}
		if n := w.hint.Load(); n != 0 {
			t.Fatalf("%s: %d hints by a wrong secret", method, n)
		}
	}
	if w.send("POST", hookAt+hookSecret, "{}"); w.hint.Load() != 1 {
		t.Error("the right secret is no hint")
	}
}

// alike are headers without those that differ between any two answers.
func alike(h http.Header) string {
	h = h.Clone()
	h.Del("Date")
	h.Del(requestID)
	return fmt.Sprint(h)
}

// With the right secret other methods are told what it takes, and are no hint.
func TestOtherMethodsAreNoHint(t *testing.T) {
	w := newWorld(t)
	for _, method := range []string{"GET", "HEAD", "PUT", "OPTIONS", "BREW"} {
		got := w.send(method, hookAt+hookSecret, "")
		if got.StatusCode != http.StatusMethodNotAllowed || got.Header.Get("Allow") != "POST" || got.Header.Get("Access-Control-Allow-Origin") != "" {
			t.Errorf("%s: %d %v", method, got.StatusCode, got.Header)
		}
	}
	if got := w.send("POST", hookAt+hookSecret, strings.Repeat("x", mostBody+1)); got.StatusCode != http.StatusRequestEntityTooLarge {
		t.Errorf("a large body: %d", got.StatusCode)
	}
	if n := w.hint.Load(); n != 0 {
		t.Errorf("%d hints", n)
	}
}

// TestTheHooksSecretIsToldNobody: not in a log at the most talkative level, not
// in what is observed, not in an answer; both name the pattern.
func TestTheHooksSecretIsToldNobody(t *testing.T) {
	w := newWorld(t)
	answers := ""
	for _, c := range [][2]string{{"POST", hookSecret}, {"GET", hookSecret}, {"POST", hookSecret + "?token=" + hookSecret}, {"POST", hookSecret + "x"}, {"POST", "a//" + hookSecret}} {
		got := w.send(c[0], hookAt+c[1], hookSecret)
		answers += got.body + fmt.Sprint(got.Header)
	}
	seen := w.observed(5)
	slices.Sort(seen)
	want := []string{"GET /hooks/opencollective/{secret} 405", "POST /hooks/opencollective/{secret} 204", "POST /hooks/opencollective/{secret} 400",
		"POST /hooks/opencollective/{secret} 404", "POST unknown 404"}
	if !slices.Equal(seen, want) {
		t.Errorf("observed %q, want %q", seen, want)
	}
	log := w.log.String()
	if !strings.Contains(log, `"route":"/hooks/opencollective/{secret}"`) {
		t.Errorf("the log does not name the route:\n%s", log)
	}
	for where, text := range map[string]string{"the log": log, "an answer": answers, "what is kept": fmt.Sprintf("%+v", w.api.o)} {
		if strings.Contains(text, hookSecret) {
			t.Errorf("%s holds the secret:\n%s", where, text)
		}
	}
}

// Without a secret there is no such route, for nobody.
func TestWithoutASecretThereIsNoWebhook(t *testing.T) {
	w := bare(t, dbtest.SQLite(t)(), func(o *Options) { o.HookSecret = "" })
	w.refresh()
	for _, secret := range []string{"", "x", "{secret}", hookSecret} {
		if got := w.send("POST", hookAt+secret, "{}"); got.StatusCode != http.StatusNotFound {
			t.Errorf("%q: %d", secret, got.StatusCode)
		}
	}
	for _, line := range w.observed(4) {
		if line != "POST unknown 404" {
			t.Errorf("observed %s", line)
		}
	}
}

func TestWhatIsNoSecretForAWebhook(t *testing.T) {
	for secret, want := range map[string]string{
		hookSecret:             "",
		"0123456789abcdef0123": "",
		"0123456789abcdef012":  "is shorter than 20 characters: take a longer one, such as openssl rand -hex 20 makes",
		"0123456789/abcdef0123": "holds a character that does not stand in an address as it is: take letters, digits, - and _, " +
			"such as openssl rand -hex 20 makes",
	} {
		if got := HookSecretFault(secret); got != want {
			t.Errorf("%q: %q, want %q", secret, got, want)
		}
	}
	db := dbtest.SQLite(t)()
	_, err := New(Options{Roll: roll.New(db, roll.Options{}), Chair: chair.New(db, nil, chair.Options{}), DB: db, Now: noonClock, HookSecret: "short"})
	want := "make the API: HookSecret is shorter than 20 characters: take a longer one, such as openssl rand -hex 20 makes\n" +
		"Hint is missing: nobody would be told what the webhook says"
	if err == nil || err.Error() != want {
		t.Errorf("got %v, want %s", err, want)
	}
}
