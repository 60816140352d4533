package main

import (
	"bytes"
	"encoding/json"
	"io"
	"net/http"
	"net/http/httptest"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"coopcloud.tech/goodstanding/internal/fakeoc"
	"coopcloud.tech/goodstanding/store"
)

// upstream is an Open Collective that answers as a test says: front may answer
// itself, or leave it to the film.
type upstream struct {
	film  *fakeoc.Film
	front func(w http.ResponseWriter, r *http.Request, query string) bool
	asked atomic.Int64
}

func (u *upstream) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	u.asked.Add(1)
	body, err := io.ReadAll(r.Body)
	if err != nil {
		http.Error(w, "unreadable", http.StatusBadRequest)
		return
	}
	r.Body = io.NopCloser(bytes.NewReader(body))
	if u.front != nil && u.front(w, r, string(body)) {
		return
	}
	u.film.ServeHTTP(w, r)
}

// behind is a world whose film stands behind an upstream of the test's making.
func behind(t *testing.T) (*world, *upstream) {
	t.Helper()
	film, err := fakeoc.NewFilm()
	if err != nil {
		t.Fatal(err)
	}
	u := &upstream{film: film}
	w := worldOn(t, u)
	w.film, w.clock = film, film.Clock(0)
	return w, u
}

func answer(status int, body string, headers ...string) func(http.ResponseWriter, *http.Request, string) bool {
	return func(w http.ResponseWriter, _ *http.Request, _ string) bool {
		w.Header().Set("Content-Type", "application/json; charset=utf-8")
		for i := 0; i+1 < len(headers); i += 2 {
			w.Header().Set(headers[i], headers[i+1])
		}
		w.WriteHeader(status)
		_, _ = io.WriteString(w, body)
		return true
	}
}

// TestSyncSaysWhatIsWrong: for each way in which Open Collective can refuse, one
// clear sentence with the remedy, exit code 4, and the roll as it was.
func TestSyncSaysWhatIsWrong(t *testing.T) {
	t.Parallel()
	const down = "Open Collective gives no usable answer (preflight: "
	for _, c := range []struct {
		name  string
		front func(http.ResponseWriter, *http.Request, string) bool
		env   map[string]string
		want  string
	}{
		{"wrong slug", nil, map[string]string{"OC_SLUG": "coop-clod-test"},
			"coop-clod-test is called coop-cloud-test on Open Collective now: set GOODSTANDING_OC_SLUG=coop-cloud-test"},
		{"wrong token", answer(401, `{"error":{"code":401,"type":"unauthorized","message":"Invalid Personal Token (Api Key): canary-token-9471"}}`), nil,
			"Open Collective does not know the personal token (at preflight): an administrator of the collective makes a new one there with the scope `transactions` and puts it into GOODSTANDING_OC_TOKEN_FILE"},
		{"a token that is treated as nobody", withoutToken, nil,
			"Open Collective treats the token as nobody: it has to be a personal token of a collective's administrator (not an OAuth token); put a working one into GOODSTANDING_OC_TOKEN_FILE, or remove it to read public data"},
		{"a missing scope", scopeless, nil, "the personal token lacks the scope `transactions`"},
		{"rate limited for long", answer(429, `{"error":{"code":429,"message":"Rate limit exceeded"}}`, "Retry-After", "1800.4"), nil,
			"Open Collective asks for a pause of 31 minutes (rate limit, at preflight); nothing was changed, try again then"},
		{"an old API", nil, map[string]string{"OC_URL": "/elsewhere"},
			"there is no Open Collective API at the configured address (HTTP 404); check GOODSTANDING_OC_URL, normally https://api.opencollective.com/graphql/v2"},
		{"another API", answer(200, `{"data":{"collective":{"id":"x"}}}`), nil, "Open Collective's API is not the one this version knows (preflight"},
		{"HTML", answer(200, `<!doctype html><title>Just a moment</title>`, "Content-Type", "text/html"), nil, down},
	} {
		t.Run(c.name, func(t *testing.T) {
			t.Parallel()
			w, u := behind(t)
			w.adopt()
			before := w.must("roll", "--json")
			u.front = c.front
			for k, v := range c.env {
				if strings.HasPrefix(v, "/") {
					v = strings.TrimSuffix(w.url, "/graphql/v2") + v
				}
				w.env[prefix+k] = v
			}
			if got := w.fails(exitUpstream, "sync"); !strings.Contains(got, c.want) {
				t.Errorf("got  %s\nwant %s", got, c.want)
			}
			if after := w.must("roll", "--json"); after != before {
				t.Errorf("the roll changed:\n%s", difference(before, after))
			}
		})
	}
}

func TestAWrongSlugAtFirst(t *testing.T) {
	w := newWorld(t)
	w.env["GOODSTANDING_OC_SLUG"] = "coop-clod-test"
	want := `read coop-clod-test: Open Collective knows no collective "coop-clod-test": set GOODSTANDING_OC_SLUG to the last part of the collective's address there, https://opencollective.com/SLUG`
	if got := w.fails(exitUpstream, "sync"); got != want {
		t.Errorf("got  %s\nwant %s", got, want)
	}
}

// withoutToken answers as to somebody without a token.
func withoutToken(w http.ResponseWriter, r *http.Request, _ string) bool {
	r.Header.Del("Personal-Token")
	return false
}

// notAdmin says that the token's owner is no administrator.
func notAdmin(film *fakeoc.Film) func(http.ResponseWriter, *http.Request, string) bool {
	return func(w http.ResponseWriter, r *http.Request, query string) bool {
		if !strings.Contains(query, "DuesPreflight") {
			r.Header.Del("Personal-Token")
			return false
		}
		rec := httptest.NewRecorder()
		film.ServeHTTP(rec, r)
		w.Header().Set("Content-Type", "application/json; charset=utf-8")
		_, _ = io.WriteString(w, strings.Replace(rec.Body.String(), `"isAdmin":true`, `"isAdmin":false`, 1))
		return true
	}
}

// scopeless refuses the transactions, as a token without that scope is refused.
func scopeless(w http.ResponseWriter, _ *http.Request, query string) bool {
	if !strings.Contains(query, "transactions(") {
		return false
	}
	return answer(200, `{"errors":[{"message":"The User Token is not allowed for operations in scope \"transactions\".","path":["transactions"],`+
		`"extensions":{"code":"Forbidden"}}],"data":null}`)(w, nil, "")
}

func TestATokenOfNoAdministrator(t *testing.T) {
	w, u := behind(t)
	u.front = notAdmin(w.film)
	const want = "The token's owner is no administrator of the collective: e-mail addresses are missing, nothing else. " +
		"An administrator of the collective (not of its host) makes the token."
	has(t, w.must("sync"), want, "44 contributions")
	has(t, w.run("check-config", "--connect").err, "read with a token whose owner is no administrator of the collective, so without e-mail addresses: 44 contributions")
}

// TestLiveServerThatRecovers: 429, then 500, then {"data":null}, then a good
// answer, the roll unchanged until the last (issue 2, "Show it").
func TestLiveServerThatRecovers(t *testing.T) {
	t.Parallel()
	w, u := behind(t)
	w.adopt()
	before := w.must("roll", "--json")
	w.show(6)
	unchanged := func(step string) {
		t.Helper()
		now := w.must("roll", "--json", "--at", w.film.Clock(0).String(), "--known", w.film.Clock(5).String())
		if !strings.Contains(now, `"state": "current"`) || strings.Count(now, `"state"`) != strings.Count(before, `"state"`) {
			t.Errorf("%s: the roll changed", step)
		}
		has(t, w.must("status"), "reading no. 1", "Last try")
	}
	u.front = answer(429, `{"error":{"code":429}}`, "Retry-After", "3600")
	has(t, w.fails(exitUpstream, "sync"), "asks for a pause of 60 minutes")
	unchanged("429")
	u.front = answer(500, `{"error":"oops"}`)
	began := time.Now()
	has(t, w.fails(exitUpstream, "sync"), "HTTP 500")
	if took := time.Since(began); took > 10*time.Second {
		t.Errorf("sync took %s without --wait", took)
	}
	unchanged("500")
	u.front = answer(200, `{"data":null}`)
	w.fails(exitUpstream, "sync")
	unchanged("null")
	u.front = nil
	out := w.must("sync")
	has(t, out, "Charlie Collective CIC's charge of £120.00 made on 1 July was given back", "payment late")
	has(t, w.must("status"), "reading no. 2")
}

// TestSyncTriesAtMostThreeTimes and tells a terminal what it waits for.
func TestSyncTriesAtMostThreeTimes(t *testing.T) {
	t.Parallel()
	w, u := behind(t)
	u.front = answer(503, "")
	w.terminal = true
	w.env["NO_COLOR"] = "1"
	began := time.Now()
	got := w.fails(exitUpstream, "sync")
	if n := u.asked.Load(); n > 3 || n < 2 {
		t.Errorf("asked %d times, want 2 or 3", n)
	}
	if took := time.Since(began); took > 10*time.Second {
		t.Errorf("it took %s", took)
	}
	has(t, got, "Reading Open Collective …", "(try 1 of 3; the next one in 2s)")
}

func TestSyncOnceMoreSucceeds(t *testing.T) {
	t.Parallel()
	w, u := behind(t)
	u.front = func(rw http.ResponseWriter, r *http.Request, q string) bool {
		if u.asked.Load() == 1 {
			return answer(502, "<html>")(rw, r, q)
		}
		return false
	}
	has(t, w.must("sync"), "This is the first reading of this store.")
}

func TestDryRunStoresNothing(t *testing.T) {
	w := adopted(t)
	w.show(6)
	out := w.must("sync", "--dry-run")
	has(t, out, "Read, without storing anything: coop-cloud-test", "was given back", "What that does to the roll", "payment late")
	has(t, w.must("status"), "reading no. 1")
	if again := w.must("sync"); strings.Replace(again, "Read coop", "Read, without storing anything: coop", 1) != out {
		t.Errorf("the real one says otherwise:\n%s", difference(out, again))
	}
	has(t, w.must("sync"), "Nothing changed on Open Collective.")
}

// TestSyncClosesWhatIsDue before it stores what it read: the rules that a decision enacts
// hold for the reading after its deadline. A dry run closes nothing.
func TestSyncClosesWhatIsDue(t *testing.T) {
	w := adopted(t)
	w.must("people", "add", "pat@example.org", "--name", "Pat", "--delegate-of", "alfa")
	var made struct{ Decision string }
	out := w.must("decisions", "propose", "--as", "Pat", "--size", "medium", "--title", "A shared calendar", "--changes", "We use one.", "--affects", "all", "--channel", "the room",
		"--until", w.clock.Add(8*24*time.Hour).Day(), "--json")
	if err := json.Unmarshal([]byte(out), &made); err != nil {
		t.Fatal(err)
	}
	w.must("decisions", "open", made.Decision, "--as", "Pat")
	w.clock = w.clock.Add(10 * 24 * time.Hour)
	opened := w.entries(made.Decision)
	w.must("sync", "--dry-run")
	if n := w.entries(made.Decision); n != opened {
		t.Errorf("a dry run: the decision has %d entries, want %d", n, opened)
	}
	w.must("sync")
	if n := w.entries(made.Decision); n != opened+1 {
		t.Errorf("the decision has %d entries, want %d", n, opened+1)
	}
}

// entries are how many a decision's chain has.
func (w *world) entries(decision string) (n int) {
	w.t.Helper()
	db, err := store.Open(w.t.Context(), "sqlite://"+w.env["GOODSTANDING_DATA"]+"/"+databaseName, store.Options{Version: "test"})
	if err != nil {
		w.t.Fatal(err)
	}
	defer db.Close()
	err = db.View(w.t.Context(), func(tx *store.Tx) error {
		rows, err := tx.DecisionEntries(w.t.Context(), decision)
		n = len(rows)
		return err
	})
	if err != nil {
		w.t.Fatal(err)
	}
	return n
}

func TestSyncJSON(t *testing.T) {
	w := adopted(t)
	w.show(6)
	s := w.run("sync", "--json")
	if s.code != exitOK || s.err != "" {
		t.Fatalf("exit code %d, %s", s.code, s.err)
	}
	golden(t, "sync/refund.json", s.out)
	if !json.Valid([]byte(s.out)) {
		t.Error("not JSON")
	}
}

// TestNoAmountAddressOrTokenIsLogged at the most talkative level.
func TestNoAmountAddressOrTokenIsLogged(t *testing.T) {
	w := newWorld(t)
	w.env["GOODSTANDING_LOG_LEVEL"] = "trace"
	s := w.run("sync")
	if s.code != exitOK || !strings.Contains(s.err, `"query":`) {
		t.Fatalf("exit code %d, log:\n%s", s.code, s.err)
	}
	for _, word := range []string{"@", "GBP", "£", "ccf-", "Alfa"} {
		if strings.Contains(s.err, word) {
			t.Errorf("%q is in the log:\n%s", word, s.err)
		}
	}
	for _, line := range strings.Split(strings.TrimSpace(s.err), "\n") {
		if !json.Valid([]byte(line)) {
			t.Errorf("not JSON: %s", line)
		}
	}
	w.env["GOODSTANDING_LOG_FORMAT"] = "console"
	if s := w.run("sync"); strings.Contains(s.err, `{"`) {
		t.Errorf("console logs are JSON:\n%s", s.err)
	}
}
