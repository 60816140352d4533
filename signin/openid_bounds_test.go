package signin

import (
	"context"
	"encoding/json"
	"errors"
	"net/http"
	"net/http/httptest"
	"net/netip"
	"net/url"
	"strconv"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"coopcloud.tech/goodstanding/internal/dbtest"
)

// slowProvider is one that says what it is able to do once it is let, and takes no code.
type slowProvider struct {
	asked, codes atomic.Int64
	begun        chan struct{} // of each time that it is asked
	let          chan bool     // whether it answers as it should
}

// slow is a world beside such a provider, which is waited for without end.
func slow(t *testing.T) (*world, *slowProvider) {
	t.Helper()
	p := &slowProvider{begun: make(chan struct{}, 100), let: make(chan bool)}
	mux := http.NewServeMux()
	server := httptest.NewServer(mux)
	mux.HandleFunc("GET /.well-known/openid-configuration", func(w http.ResponseWriter, _ *http.Request) {
		p.asked.Add(1)
		p.begun <- struct{}{}
		if !<-p.let {
			http.Error(w, "not yet", http.StatusServiceUnavailable)
			return
		}
		w.Header().Set("Content-Type", "application/json")
		_ = json.NewEncoder(w).Encode(map[string]any{"issuer": server.URL, "authorization_endpoint": server.URL + "/go", "token_endpoint": server.URL + "/token", "jwks_uri": server.URL + "/keys"})
	})
	mux.HandleFunc("POST /token", func(w http.ResponseWriter, _ *http.Request) {
		p.codes.Add(1)
		http.Error(w, `{"error":"invalid_grant"}`, http.StatusBadRequest)
	})
	t.Cleanup(server.Close)
	t.Cleanup(func() { close(p.let) }) // before the server waits for what goes on
	return newWorld(t, dbtest.SQLite(t)(), func(o *Options) {
		o.OpenID = &OpenID{Issuer: server.URL, ClientID: "roll", HTTP: &http.Client{Transport: &http.Transport{DisableKeepAlives: true}}}
	}), p
}

// patience bounds what never comes where the program is broken.
const patience = 30 * time.Second

// soon gives what comes.
func soon[T any](t *testing.T, what string, c <-chan T) (out T) {
	t.Helper()
	select {
	case out = <-c:
	case <-time.After(patience):
		t.Fatalf("%s: not within %s", what, patience)
	}
	return out
}

// While the provider hangs, all who want to sign in cause one attempt and wait no longer
// than their requests; after a failure it is left alone for a while; and once it answers
// they sign in.
func TestAProviderThatHangs(t *testing.T) {
	w, p := slow(t)
	const many = 8
	gone, leave := context.WithCancel(t.Context())
	defer leave()
	var waiting sync.WaitGroup
	impatient, patient := make(chan error, many), make(chan error, many)
	for range many {
		waiting.Go(func() {
			_, _, err := w.s.Leave(gone, "", home)
			impatient <- err
		})
		waiting.Go(func() {
			_, _, err := w.s.Leave(t.Context(), "", home)
			patient <- err
		})
	}
	soon(t, "the provider is asked", p.begun)
	leave()
	for range many {
		if err := soon(t, "a request that ended waits no longer", impatient); !errors.Is(err, ErrProvider) || !errors.Is(err, context.Canceled) {
			t.Errorf("a request that ended: %v", err)
		}
	}
	select {
	case err := <-patient:
		t.Errorf("one did not wait: %v", err)
	case p.let <- false:
	}
	for range many {
		if err := soon(t, "those who wait are told", patient); !errors.Is(err, ErrProvider) {
			t.Errorf("the provider failed: %v", err)
		}
	}
	waiting.Wait()
	w.now.Add(int64(failureFor - 1))
	bounded, end := context.WithTimeout(t.Context(), patience)
	defer end()
	if _, _, err := w.s.Leave(bounded, "", home); !errors.Is(err, ErrProvider) || p.asked.Load() != 1 {
		t.Errorf("right after it failed: %v; it was asked %d times, want once", err, p.asked.Load())
	}
	w.now.Add(1)
	go func() { p.let <- true }()
	for range 2 {
		to, _, err := w.s.Leave(bounded, "", home)
		if u, bad := url.Parse(to); err != nil || bad != nil || u.Path != "/go" || p.asked.Load() != 2 {
			t.Errorf("it answers again: %q, %v; it was asked %d times, want twice", to, err, p.asked.Load())
		}
	}
}

// What a provider writes where it fails may be anything, and stands in no error, which
// goes into the log: that says in words of the program what is wrong, and what to do.
func TestAProvidersWordsAreNotRepeated(t *testing.T) {
	const secret = "tess@people.example"
	const below = "(below the issuer, /.well-known/openid-configuration): is that the issuer?"
	for _, x := range []struct{ name, body, want string }{
		{"404", secret, "it answered 404 Not Found where it is to say what it is able to do " + below},
		{"503", secret, "it answered 503 Service Unavailable where it is to say what it is able to do " + below},
		{"200", "<p>" + secret, "what it answered is no JSON that says what it is able to do " + below},
		{"200", `{"issuer": 12, "of": "` + secret + `"}`, "what it answered is no JSON that says what it is able to do " + below},
		{"200", `{"issuer": "https://` + secret + `"}`, "it gives another issuer for itself than the one that is set: write the issuer as the service does"},
		{"200", `{"issuer": "HERE/"}`, "it calls its issuer HERE/: write it the same way, with or without the slash at its end"},
		{"302", "https://roll.invalid/" + secret, "HIDDEN"},
	} {
		var here string
		server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
			code, _ := strconv.Atoi(x.name)
			w.Header().Set("Content-Type", "text/"+secret)
			if code == http.StatusFound {
				w.Header().Set("Location", x.body)
			}
			w.WriteHeader(code)
			_, _ = w.Write([]byte(strings.ReplaceAll(x.body, "HERE", here)))
		}))
		here = server.URL
		err := OpenID{Issuer: server.URL, ClientID: "roll"}.Check(t.Context())
		server.Close()
		switch {
		case err == nil || !errors.Is(err, ErrProvider) || strings.Contains(err.Error(), secret):
			t.Errorf("%s %s: %v", x.name, x.body, err)
		case x.want != "HIDDEN" && err.Error() != ErrProvider.Error()+": "+strings.ReplaceAll(x.want, "HERE", here):
			t.Errorf("%s %s:\n%v\nwant %s", x.name, x.body, err, x.want)
		}
	}
	err := OpenID{Issuer: "http://127.0.0.1:1", ClientID: "roll"}.Check(t.Context())
	if err == nil || !strings.Contains(err.Error(), "connection refused") {
		t.Errorf("a service that is not there: %v", err)
	}
}

// A failure that lies ahead of a clock that was set back counts no longer.
func TestAFailureOfTheProviderAheadOfTheClock(t *testing.T) {
	w, p := slow(t)
	bounded, end := context.WithTimeout(t.Context(), patience)
	defer end()
	for i, moved := range []int64{0, -int64(minute)} {
		w.now.Add(moved)
		go func() { p.let <- false }()
		if _, _, err := w.s.Leave(bounded, "", home); !errors.Is(err, ErrProvider) || p.asked.Load() != int64(i+1) {
			t.Errorf("%v, asked %d times, want %d", err, p.asked.Load(), i+1)
		}
	}
}

// Each client goes to the provider and comes back some times at once and then once a
// minute: an answer that fits one's own cookie is easily made up, and each is a question
// to the provider.
func TestAClientDoesNotWearTheProviderOut(t *testing.T) {
	w, p := slow(t)
	go func() { p.let <- true }()
	leave := func(client netip.Addr) error {
		_, _, err := w.s.Leave(t.Context(), "", client)
		return err
	}
	secret, _ := newToken()
	made := trip{secret, ""}
	keep := w.s.cookie(openIDName, made.cookie(), openIDFor)
	come := func(client netip.Addr, state string) error {
		at := &url.URL{Scheme: "https", Host: "roll.example.org", Path: BackPath, RawQuery: url.Values{"state": {state}, "code": {"made-up"}}.Encode()}
		_, gone, _, err := w.s.Back(back(t, at, keep), client)
		if gone == nil || gone.MaxAge >= 0 {
			t.Errorf("the cookie stays: %+v", gone)
		}
		return err
	}
	for i := range clientBurst {
		if err := leave(home); err != nil {
			t.Fatalf("going, %d: %v", i, err)
		}
		if err := come(home, "another"); !errors.Is(err, ErrBroken) { // the provider is not asked
			t.Fatalf("an answer that does not fit, %d: %v", i, err)
		}
		if err := come(home, made.state()); !errors.Is(err, ErrProvider) {
			t.Fatalf("a code that is made up, %d: %v", i, err)
		}
	}
	const words = "too many ways to the sign-in service from one client: wait a minute"
	for _, err := range []error{leave(home), come(home, made.state())} {
		if !errors.Is(err, ErrOften) || err.Error() != words {
			t.Errorf("once more: %v", err)
		}
	}
	const asked = 2 // times about each: a code that is refused is shown again, with the secret in the other place
	if p.codes.Load() != asked*clientBurst {
		t.Errorf("the provider was asked %d times about codes, want %d", p.codes.Load(), asked*clientBurst)
	}
	other := netip.MustParseAddr("192.0.2.8")
	w.ok(leave(other))
	if err := come(other, made.state()); !errors.Is(err, ErrProvider) {
		t.Errorf("another client: %v", err)
	}
	w.now.Add(int64(minute))
	w.ok(leave(home))
	if err := come(home, made.state()); !errors.Is(err, ErrProvider) || p.codes.Load() != asked*(clientBurst+2) {
		t.Errorf("after a minute: %v, asked %d times", err, p.codes.Load())
	}
}
