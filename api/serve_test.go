package api

import (
	"bytes"
	"compress/gzip"
	"context"
	"errors"
	"fmt"
	"image"
	"image/png"
	"io"
	"net/http"
	"net/http/httptest"
	"net/netip"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/rs/zerolog"

	"coopcloud.tech/goodstanding/chair"
	"coopcloud.tech/goodstanding/internal/caller"
	"coopcloud.tech/goodstanding/internal/dbtest"
	"coopcloud.tech/goodstanding/internal/instant"
	"coopcloud.tech/goodstanding/roll"
	"coopcloud.tech/goodstanding/store"
)

func TestConditionalAndCompressedAnswers(t *testing.T) {
	w := newWorld(t)
	for _, path := range []string{"/api/v1/providers", "/api/v1/providers.md", "/api/v1/members", "/api/v1/openapi.yaml"} {
		plain, squeezed := w.get(path), w.get(path, "Accept-Encoding: br, gzip;q=0.5")
		r, err := gzip.NewReader(strings.NewReader(squeezed.body))
		w.ok(err)
		b, err := io.ReadAll(r)
		w.ok(err)
		tag, other := plain.Header.Get("ETag"), squeezed.Header.Get("ETag")
		if string(b) != plain.body || squeezed.Header.Get("Content-Encoding") != "gzip" || tag == other || !strings.HasPrefix(tag, `"`) ||
			plain.Header.Get("Vary") != "Accept-Encoding" || squeezed.Header.Get("Vary") != "Accept-Encoding" || plain.Header.Get("Content-Encoding") != "" {
			t.Errorf("%s: %v and %v", path, plain.Header, squeezed.Header)
		}
		for given, want := range map[string]int{tag: 304, other: 304, "W/" + tag: 304, `"x", ` + tag: 304, "*": 304, `"x"`: 200, strings.Trim(tag, `"`): 200} {
			got := w.get(path, "If-None-Match: "+given)
			if got.StatusCode != want || want == 304 && (got.body != "" || got.Header.Get("ETag") == "" || got.Header.Get("Vary") == "") {
				t.Errorf("%s with %s: %d %v", path, given, got.StatusCode, got.Header)
			}
		}
		if again := w.get(path); again.Header.Get("ETag") != tag {
			t.Errorf("%s has another tag the second time", path)
		}
	}
	if got := w.get("/api/v1/providers", "If-None-Match: *"); got.Header.Get("Goodstanding-As-Of") != "2026-06-15T11:59:59.998Z" || got.Header.Get("Goodstanding-Stale") != "false" {
		t.Errorf("a 304 does not tell how old the data are: %v", got.Header)
	}
}

func TestWhoTakesGzip(t *testing.T) {
	for given, want := range map[string]bool{"": false, "gzip": true, "GZIP": true, "x-gzip": true, "br, gzip": true, "gzip;q=0": false, "gzip; q=0.000": false,
		"gzip;q=0.001": true, "*": true, "*;q=0": false, "gzip;q=0, *": false, "identity": false, "gzipped": false} {
		if got := acceptsGzip([]string{given}); got != want {
			t.Errorf("%q: %v", given, got)
		}
	}
}

func TestMethodsAndAddresses(t *testing.T) {
	w := newWorld(t)
	for _, c := range []struct {
		method, path string
		status       int
		slug, allow  string
	}{
		{"POST", "/api/v1/providers", 405, "method-not-allowed", "GET, HEAD, OPTIONS"},
		{"DELETE", "/api/v1/roll", 405, "method-not-allowed", "GET, HEAD"},
		{"OPTIONS", "/api/v1/roll", 405, "method-not-allowed", "GET, HEAD"},
		{"BREW", "/healthz", 405, "method-not-allowed", "GET, HEAD, OPTIONS"},
		{"GET", "/", 404, "not-found", ""},
		{"POST", "/api/v1/nothing", 404, "not-found", ""},
		{"GET", "/api/v1/providers/", 404, "not-found", ""},
		{"GET", "/api//v1/providers", 404, "not-found", ""},
		{"GET", "//", 404, "not-found", ""},
		{"GET", "/api/v1/../v1/providers", 404, "not-found", ""},
		{"GET", "/api/v1/members//eligibility", 404, "not-found", ""},
		{"GET", "/api/v1/providers?" + strings.Repeat("a", 2049), 414, "address-too-long", ""},
	} {
		got := w.ask(c.method, c.path)
		if got.StatusCode != c.status || !strings.Contains(got.body, `"urn:goodstanding:problem:`+c.slug+`"`) ||
			got.Header.Get("Allow") != c.allow || got.Header.Get("Content-Type") != "application/problem+json" {
			t.Errorf("%s %.60s: %d %s %v", c.method, c.path, got.StatusCode, got.body, got.Header)
		}
	}
}

func TestAnyWebsiteMayReadWhatIsPublic(t *testing.T) {
	w := newWorld(t)
	w.decide()
	for _, r := range readings() {
		path := asked(r)
		got := w.read(path)
		want := ""
		if r.scope == everybody {
			want = "*"
			if pre := w.ask("OPTIONS", path, "Origin: https://site.example", "Access-Control-Request-Method: GET"); pre.StatusCode != 204 ||
				pre.Header.Get("Access-Control-Allow-Headers") != "If-None-Match" || pre.Header.Get("Access-Control-Allow-Origin") != "*" {
				t.Errorf("%s: preflight %d %v", path, pre.StatusCode, pre.Header)
			}
		}
		h := got.Header
		if h.Get("Access-Control-Allow-Origin") != want {
			t.Errorf("%s: Access-Control-Allow-Origin %q", path, h.Get("Access-Control-Allow-Origin"))
		}
		if h.Get("X-Content-Type-Options") != "nosniff" || !strings.HasPrefix(h.Get("Content-Security-Policy"), "default-src 'none'") ||
			h.Get("Referrer-Policy") != "no-referrer" || h.Get("Request-Id") == "" || r.scope != everybody && h.Get("Cache-Control") != "no-store" {
			t.Errorf("%s: headers %v", path, h)
		}
	}
	if got := w.get("/api/v1/providers").Header.Get("Link"); got != `</api/v1/providers.schema.json>; rel="describedby"; type="application/schema+json", <https://knot.example>; rel="author"` {
		t.Errorf("Link: %s", got)
	}
}

func TestTokensAndScopes(t *testing.T) {
	w := newWorld(t)
	brief, _, err := w.r.CreateToken(t.Context(), w.by("needed"), "brief", []string{"roll:read"}, w.clock().Add(time.Minute))
	w.ok(err)
	gone := w.newToken("gone", "roll:read")
	w.ok(w.r.RevokeToken(t.Context(), w.by("lost"), "gone"))
	w.refresh()
	const invalid = `Bearer realm="goodstanding", error="invalid_token"`
	for _, c := range []struct {
		headers []string
		status  int
		says    string
	}{
		{nil, 401, `Bearer realm="goodstanding"`},
		{[]string{"Authorization: Bearer " + w.token}, 200, ""},
		{[]string{"Authorization: bearer  " + w.token}, 200, ""},
		{[]string{"Authorization: Bearer " + brief}, 200, ""},
		{[]string{"Authorization: Bearer " + gone}, 401, invalid},
		{[]string{"Authorization: Bearer " + w.token + "x"}, 401, invalid},
		{[]string{"Authorization: Bearer " + roll.TokenHash(w.token)}, 401, invalid},
		{[]string{"Authorization: Bearer "}, 401, invalid},
		{[]string{"Authorization: Basic " + w.token}, 401, invalid},
		{[]string{"Authorization: " + w.token}, 401, invalid},
		{[]string{"Authorization: Bearer " + w.token, "Authorization: Bearer " + brief}, 401, invalid},
	} {
		if got := w.get("/api/v1/roll", c.headers...); got.StatusCode != c.status || got.Header.Get("WWW-Authenticate") != c.says {
			t.Errorf("%.30v: %d %s", c.headers, got.StatusCode, got.Header.Get("WWW-Authenticate"))
		}
	}
	got := w.get("/api/v1/syncs", "Authorization: Bearer "+brief)
	if got.StatusCode != 403 || !strings.Contains(got.body, "this needs a token with the scope syncs:read") ||
		got.Header.Get("WWW-Authenticate") != `Bearer realm="goodstanding", error="insufficient_scope", scope="syncs:read"` {
		t.Errorf("another scope: %d %s %v", got.StatusCode, got.body, got.Header)
	}
	w.later(time.Minute)
	if got := w.get("/api/v1/roll", "Authorization: Bearer "+brief); got.StatusCode != 401 {
		t.Errorf("an expired token: %d", got.StatusCode)
	}
}

// Amounts are for those who may see them, and nothing else differs.
func TestAmountsNeedAScopeOfTheirOwn(t *testing.T) {
	w := newWorld(t)
	plain := w.newToken("plain", "eligibility:read")
	w.refresh()
	const path = "/api/v1/members/canary-ash/eligibility"
	with, without := w.read(path).body, w.get(path, "Authorization: Bearer "+plain).body
	const amount = `{"minor":98765,"currency":"GBP"}`
	if !strings.Contains(with, `"amount":`+amount) || strings.ReplaceAll(with, amount, "null") != without {
		t.Errorf("with the scope:\n%s\nwithout:\n%s", with, without)
	}
}

// Every wording of a wrong request, all reasons at once.
func TestWrongParameters(t *testing.T) {
	w := newWorld(t)
	for path, want := range map[string][]string{
		"/api/v1/roll?at=soon&known=1999-01-01&state=fine&right=sing&limit=0&x=1&limit=3": {
			"limit is given 2 times, at most once is taken",
			"a parameter is not known: this takes at, known, state, right, limit, after",
			"at is not an instant: write 2026-06-01 or 2026-06-01T09:00:00Z", "known lies outside the years 2000 to 2099",
			"state is none of left, suspended, applied, paused, waived, current, grace, unknown, short, pending, lapsed, unpaid",
			"right is none of vote, listing, services", "limit is not a whole number from 1 to 1000"},
		"/api/v1/members?access_token=gs_secret": {"a token is sent in the header Authorization, never in the address: treat that one as lost and revoke it"},
		"/api/v1/policy?a=1&b=2":                 {"this takes no parameters"},
		"/api/v1/providers?format=xml":           {"format is none of object, array"},
		"/api/v1/holds?all=yes":                  {"all is none of false, true"},
		"/api/v1/policy?%zz":                     {"the part after ? cannot be read: write name=value, joined by &, with special characters percent-encoded"},
		"/api/v1/syncs?limit=many":               {"limit is not a whole number from 1 to 1000"},
	} {
		got := w.read(path)
		if got.StatusCode != 400 || strings.Contains(got.body, "secret") {
			t.Errorf("%s: %d %s", path, got.StatusCode, got.body)
		}
		for _, reason := range want {
			if !strings.Contains(unescaped(got.body), `"`+reason+`"`) {
				t.Errorf("%s lacks %q: %s", path, reason, got.body)
			}
		}
	}
	for path, want := range map[string]string{
		"/api/v1/roll?after=nobody":            `"after names nothing on this list: begin again without it"`,
		"/api/v1/members/nobody/eligibility":   `"no member has this id or handle: /api/v1/roll lists them all"`,
		"/api/v1/members/a%2Fb/eligibility":    `"no member has this id or handle: /api/v1/roll lists them all"`,
		"/api/v1/members/%3Cb%3E/eligibility":  `"no member has this id or handle: /api/v1/roll lists them all"`,
		"/api/v1/members/nobody/eligibility/x": `"there is no such address: /api/v1/openapi.yaml lists them all"`,
	} {
		if got := w.read(path); !strings.Contains(got.body, want) {
			t.Errorf("%s: %d %s", path, got.StatusCode, got.body)
		}
	}
}

func unescaped(s string) string { return strings.ReplaceAll(s, `\u0026`, "&") }

// What is logged and observed names routes, never what was asked for.
func TestLogsAndMetricsHoldNoSecrets(t *testing.T) {
	w := newWorld(t)
	w.read("/api/v1/members/canary-ash/eligibility?at=2026-06-01")
	w.get("/api/v1/roll?token=" + w.token)
	w.get("/canary/" + w.token)
	w.ask("BREW", "/healthz")
	seen := w.observed(4)
	text := w.log.String()
	for _, secret := range append([]string{w.token, "gs_", "2026-06-01", "Bearer"}, canaries...) {
		if strings.Contains(text, secret) {
			t.Errorf("the log holds %q:\n%s", secret, text)
		}
	}
	want := []string{"GET /api/v1/members/{member}/eligibility 200", "GET /api/v1/roll 401", "GET unknown 404", "other /healthz 405"}
	slices.Sort(seen)
	slices.Sort(want)
	if !slices.Equal(seen, want) || strings.Count(text, `"message":"answered"`) != 4 || strings.Count(text, `"request":"r_`) != 5 || !strings.Contains(text, `"client":"127.0.0.1"`) {
		t.Errorf("observed %q, logged:\n%s", seen, text)
	}
}

// From which network address somebody asks is logged at debug alone, also where the
// answer is a failure, which is logged in each log.
func TestWhoAskedIsLoggedAtDebugAlone(t *testing.T) {
	var log bytes.Buffer
	a := &API{o: Options{Log: zerolog.New(&log)}}
	r := httptest.NewRequest(http.MethodGet, "/api/v1/roll", nil)
	r.RemoteAddr = "192.0.2.77:4711"
	for status, want := range map[int]string{200: `{"level":"debug","client":"192.0.2.77",`, 503: `{"level":"warn","request":"r_1",`} {
		log.Reset()
		a.tell(r, status, time.Second, "r_1")
		if got := log.String(); !strings.HasPrefix(got, want) || strings.Contains(got, "192.0.2.77") != (status == 200) {
			t.Errorf("%d is logged as %s", status, got)
		}
	}
}

func TestTheClientsAddressBehindTrustedProxies(t *testing.T) {
	a := &API{o: Options{TrustedProxies: []netip.Prefix{netip.MustParsePrefix("10.0.0.0/8"), netip.MustParsePrefix("fd00::/8")}}}
	for _, c := range []struct {
		peer string
		hops []string
		want string
	}{
		{"192.0.2.1:5", nil, "192.0.2.1"},
		{"192.0.2.1:5", []string{"198.51.100.7"}, "192.0.2.1"}, // not trusted: it may have made that up
		{"10.0.0.1:5", []string{"198.51.100.7"}, "198.51.100.7"},
		{"10.0.0.1:5", []string{"203.0.113.9, 198.51.100.7, 10.2.3.4"}, "198.51.100.7"},
		{"10.0.0.1:5", []string{"203.0.113.9", "198.51.100.7"}, "198.51.100.7"},
		{"[::ffff:10.0.0.1]:5", []string{"2001:db8::1"}, "2001:db8::1"},
		{"[fd00::1]:5", []string{"10.9.9.9"}, "10.9.9.9"},
		{"10.0.0.1:5", []string{"nonsense"}, "10.0.0.1"},
		{"10.0.0.1:5", nil, "10.0.0.1"},
		{"@", nil, ""},
	} {
		r := &http.Request{RemoteAddr: c.peer, Header: http.Header{"X-Forwarded-For": c.hops}}
		if got := a.client(r); got != c.want {
			t.Errorf("%s %v: %s, want %s", c.peer, c.hops, got, c.want)
		}
	}
}

// A handler that breaks ends one request; what it broke with is told nobody.
func TestAPanicIsAProblem(t *testing.T) {
	var log lockedBuffer
	a := &API{o: Options{Now: func() instant.Instant { return noon }, Log: zerolog.New(&log)}}
	h := a.guard(http.HandlerFunc(func(http.ResponseWriter, *http.Request) { panic(errors.New("canary")) }))
	rec := httptest.NewRecorder()
	h.ServeHTTP(rec, httptest.NewRequest("GET", "/x", nil))
	if rec.Code != 500 || rec.Body.String() != `{"type":"urn:goodstanding:problem:internal","title":"Something went wrong here","status":500}`+"\n" {
		t.Errorf("%d %s", rec.Code, rec.Body)
	}
	if text := log.String(); !strings.Contains(text, `"panic":"*errors.errorString"`) || strings.Contains(text, `"canary"`) || !strings.Contains(text, rec.Header().Get("Request-Id")) {
		t.Errorf("the log: %s", text)
	}
}

// What is not meant for people never reaches them.
func TestErrorsBecomeProblemsInOnePlace(t *testing.T) {
	for _, c := range []struct {
		err  error
		kind problemType
		says string
	}{
		{errors.New("pq: password canary"), internal, ""},
		{fmt.Errorf("x: %w", &roll.NotFound{What: "hold", Word: "h"}), notFound, `there is no hold "h"`},
		{&roll.Refused{What: "link", Reasons: []string{"a", "b"}}, refusedChange, "cannot link: a; b"},
		{&http.MaxBytesError{Limit: 1}, tooLarge, "a request has at most 65536 bytes"},
		{fmt.Errorf("read: %w", context.DeadlineExceeded), tookTooLong, "try again in a while"},
		{refuse(badRequest, "x"), badRequest, "x"},
		{fmt.Errorf("change: %w", &store.Fault{Problem: store.Unreachable}), notReady, "the database does not answer: nothing was changed, try again"},
		{fmt.Errorf("cast: %w", &store.Fault{Problem: store.DiskFull}), notReady, "the database takes no changes now: nothing was changed, try again later"},
		{&store.Fault{Problem: store.ReadOnlyStore}, notReady, "the database takes no changes now: nothing was changed, try again later"},
		{&store.Fault{Problem: store.NotOurs}, internal, ""},
	} {
		if got := refusalOf(c.err); got.kind != c.kind || got.detail != c.says {
			t.Errorf("%v: %+v", c.err, got)
		}
	}
}

func TestLargeRequestsAreRefused(t *testing.T) {
	w := newWorld(t)
	for size, want := range map[int]int{mostBody: 200, mostBody + 1: 413} {
		req, err := http.NewRequestWithContext(t.Context(), "GET", w.http.URL+"/healthz", bytes.NewReader(make([]byte, size)))
		w.ok(err)
		res, err := http.DefaultTransport.RoundTrip(req)
		w.ok(err)
		res.Body.Close()
		if res.StatusCode != want {
			t.Errorf("%d bytes: %d", size, res.StatusCode)
		}
	}
}

func TestPages(t *testing.T) {
	w := newWorld(t)
	whole := w.rows("/api/v1/roll")
	if len(whole) != 8 {
		t.Fatalf("%d members", len(whole))
	}
	var got []string
	after, pages := "", 0
	for {
		var a struct {
			Items []struct{ Member string }
			Next  *string
		}
		w.decode("/api/v1/roll?limit=3&after="+after, &a)
		for _, i := range a.Items {
			got = append(got, i.Member)
		}
		if pages++; a.Next == nil || pages > 5 {
			break
		}
		after = *a.Next
	}
	if !slices.Equal(got, whole) || pages != 3 {
		t.Errorf("%d pages hold %v, want %v", pages, got, whole)
	}
	if got := w.rows("/api/v1/roll?state=suspended"); !slices.Equal(got, []string{string(w.birch)}) {
		t.Errorf("suspended: %v", got)
	}
	if got := w.rows("/api/v1/roll?right=vote"); len(got) != 3 {
		t.Errorf("with a vote: %v", got)
	}
	if got := w.rows("/api/v1/roll?at=2025-03-15"); len(got) != 8 {
		t.Errorf("in 2025: %v", got)
	}
}

func (w *world) rows(path string) (ids []string) {
	w.t.Helper()
	var a struct{ Items []struct{ Member string } }
	w.decode(path, &a)
	for _, i := range a.Items {
		ids = append(ids, i.Member)
	}
	return ids
}

func TestAtAndKnown(t *testing.T) {
	w := newWorld(t)
	before := w.clock()
	w.later(time.Hour)
	_, _, err := w.r.Waive(t.Context(), w.by("late"), w.fir, instant.Date(2026, 1, 1), 0, "")
	w.ok(err)
	w.refresh()
	const path = "/api/v1/members/canary-fir/eligibility"
	type answer struct {
		State     string
		At, Known instant.Instant
		Forecast  bool
		Age       int64 `json:"data_age_seconds"`
	}
	for query, want := range map[string]answer{
		"":                                          {State: "waived", At: w.clock()},
		"?at=2026-06-15T12:00:00Z":                  {State: "waived", At: before},
		"?at=2026-06-15T14:00:00%2B02:00":           {State: "waived", At: before},
		"?at=2026-06-15T14:00:00+02:00":             {State: "waived", At: before},
		"?known=2026-06-15T12:30:00Z":               {State: "lapsed", At: w.clock(), Known: before.Add(30 * time.Minute)},
		"?at=2027-01-01&known=2026-06-15T12:30:00Z": {State: "lapsed", At: instant.Date(2027, 1, 1), Known: before.Add(30 * time.Minute), Forecast: true},
		"?known=2099-01-01":                         {State: "waived", At: w.clock()}, // what is not known yet is not promised
	} {
		var got answer
		w.decode(path+query, &got)
		if want.Known == 0 {
			want.Known = w.api.current.Load().book.Counters.Newest()
		}
		want.Age = 3600
		if got != want {
			t.Errorf("%s: %+v, want %+v", query, got, want)
		}
	}
}

func TestHolds(t *testing.T) {
	w := newWorld(t)
	brake(w)
	w.refresh()
	one, all := w.read("/api/v1/holds").body, w.read("/api/v1/holds?all=true").body
	if !strings.Contains(one, "h_standing") || strings.Contains(one, "h_over") || !strings.Contains(all, "h_over") {
		t.Errorf("standing: %s\nall: %s", one, all)
	}
	if strings.Contains(all, "canaryreason") || strings.Contains(all, "canaryperson") {
		t.Errorf("who acknowledged it and why are told: %s", all)
	}
}

func TestServicesTellUserNamesAndNoAddresses(t *testing.T) {
	w := newWorld(t)
	got := w.read("/api/v1/services").body
	for _, part := range []string{`"user":"carl-canaryperson"`, `"name":"Elm Canary","services":{"ok":false`} {
		if !strings.Contains(got, part) {
			t.Errorf("%s is missing: %s", part, got)
		}
	}
	var a struct {
		Items []struct {
			Delegates []struct{ Person, User string }
		}
	}
	w.decode("/api/v1/services", &a)
	if d := a.Items[0].Delegates; len(d) != 2 || d[0].User != d[0].Person { // a name without a Latin letter
		t.Errorf("ash's delegates: %+v", d)
	}
	if strings.Contains(got, "@") || strings.Contains(got, "example") {
		t.Errorf("an address is told: %s", got)
	}
}

func TestNewNamesEveryWrongOption(t *testing.T) {
	_, err := New(Options{PublicURL: "ftp://x", Federation: Federation{URL: "x>"}, Tick: "maybe"})
	const want = "make the API: Roll is missing\nChair is missing\nDB is missing\nNow is missing: the API reads no clock by itself\n" +
		"PublicURL is not an address: write it as https://roll.example.org\n" +
		"Federation.URL is not an address: write it as https://example.org\nTick is \"maybe\": want member or good_standing"
	if err == nil || err.Error() != want {
		t.Errorf("got %v", err)
	}
	db := dbtest.SQLite(t)()
	if _, err := New(Options{Roll: roll.New(db, roll.Options{}), Chair: chair.New(db, nil, chair.Options{}), DB: db, Now: func() instant.Instant { return noon }, PublicURL: "https://roll.example/x/"}); err != nil {
		t.Error(err)
	}
}

// A logo that was uploaded stands in the list with its whole address, in place of
// what the profile says, and its file is in memory once; without an address of this
// server the profile's stays.
func TestTheListLeadsToUploadedLogos(t *testing.T) {
	for _, base := range []string{"https://roll.example", "http://127.0.0.1:8080", ""} {
		w := bare(t, dbtest.SQLite(t)(), func(o *Options) { o.PublicURL = base })
		w.settle()
		w.refresh()
		before := w.get("/api/v1/providers")
		var b bytes.Buffer
		w.ok(png.Encode(&b, image.NewGray(image.Rect(0, 0, 20, 10))))
		w.must(w.r.SetLogo(t.Context(), w.by("our mark"), w.ash, b.Bytes()))
		w.refresh()
		after := w.get("/api/v1/providers")
		m, ok := w.api.Memory(w.clock())
		i := slices.IndexFunc(m.Providers, func(p roll.Provider) bool { return p.ID == w.ash })
		if !ok || len(m.Logos) != 1 || i < 0 || len(m.Logos[m.Providers[i].Uploaded]) == 0 {
			t.Fatalf("in memory: %d logos", len(m.Logos))
		}
		want := `"logo": "https://ash.example/logo.svg"`
		if strings.HasPrefix(base, "https:") {
			want = `"logo": "` + base + "/logos/" + m.Providers[i].Uploaded + `.png"`
		}
		if !strings.Contains(after.body, want) || (before.body == after.body) != !strings.HasPrefix(base, "https:") {
			t.Errorf("with %q the list is\n%s", base, after.body)
		}
		w.must(w.r.RemoveLogo(t.Context(), w.by("old"), w.ash))
		w.refresh()
		if m, _ := w.api.Memory(w.clock()); len(m.Logos) != 0 || !strings.Contains(w.get("/api/v1/providers").body, `"logo": "https://ash.example/logo.svg"`) {
			t.Errorf("%d logos are left", len(m.Logos))
		}
	}
}

// TestWhoHasGoneIsNobodysFault: a request that fails because its client hung up is
// counted apart from the server's errors, and logged as no error.
func TestWhoHasGoneIsNobodysFault(t *testing.T) {
	w := newWorld(t)
	ctx, gone := context.WithCancel(t.Context())
	gone()
	req := httptest.NewRequestWithContext(ctx, "POST", "/api/v1/holds/h_1/acknowledge", strings.NewReader(`{"reason":"x"}`))
	req.Header.Set("Authorization", "Bearer "+w.token)
	req.Header.Set("Content-Type", "application/json")
	got := httptest.NewRecorder()
	w.api.Handler().ServeHTTP(got, req)
	w.mu.Lock()
	defer w.mu.Unlock()
	if got.Code != caller.HungUp || !slices.Contains(w.seen, "POST /api/v1/holds/{hold}/acknowledge 499") {
		t.Errorf("%d %s\n%q", got.Code, got.Body, w.seen)
	}
	if strings.Contains(w.log.String(), `"level":"error"`) {
		t.Error(w.log.String())
	}
}
