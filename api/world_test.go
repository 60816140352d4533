package api

import (
	"bytes"
	"context"
	"encoding/json"
	"fmt"
	"io"
	"net/http"
	"net/http/httptest"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/rs/zerolog"

	"coopcloud.tech/goodstanding/chair"
	"coopcloud.tech/goodstanding/eligibility"
	"coopcloud.tech/goodstanding/internal/dbtest"
	"coopcloud.tech/goodstanding/internal/instant"
	"coopcloud.tech/goodstanding/internal/money"
	"coopcloud.tech/goodstanding/member"
	"coopcloud.tech/goodstanding/policy"
	"coopcloud.tech/goodstanding/roll"
	"coopcloud.tech/goodstanding/store"
)

// world is an invented federation, its register on a real database, and its API
// on a real server. Everything private in it holds the word "canary" or one of
// the numbers of canaries.
type world struct {
	t    testing.TB
	db   *store.DB
	r    *roll.Roll
	api  *API
	http *httptest.Server
	log  lockedBuffer
	now  atomic.Int64
	ids  atomic.Int64
	seen []string // routes, methods and statuses that were observed
	mu   sync.Mutex
	hint atomic.Int64 // how many hints were passed on

	ash, birch, dogwood, elm, fir member.ID // organisations
	nora, zed                     member.ID // individuals; zed has a public name
	cedar                         member.ID // an applicant
	token                         string    // with every scope that a program may have
	speaker                       *voice    // a person who may act; nil where nobody is asked
	council                       *council  // nil where nothing is being decided
}

// canaries are what no public answer may hold, in any letters.
var canaries = []string{"canary", "98765", "987.65", "43210", "432.10"}

// hookSecret is the webhook's; nothing shows it.
const hookSecret = "canary-hook-secret-4711"

var noon = instant.Date(2026, 6, 15).Add(12 * time.Hour)

var gbp = money.Currency{'G', 'B', 'P'}

type lockedBuffer struct {
	mu sync.Mutex
	b  bytes.Buffer
}

func (l *lockedBuffer) Write(p []byte) (int, error) {
	l.mu.Lock()
	defer l.mu.Unlock()
	return l.b.Write(p)
}

func (l *lockedBuffer) String() string {
	l.mu.Lock()
	defer l.mu.Unlock()
	return l.b.String()
}

// newWorld is the whole federation on a fresh SQLite database.
func newWorld(t testing.TB) *world {
	t.Helper()
	w := bare(t, dbtest.SQLite(t)())
	w.settle()
	w.refresh()
	return w
}

// bare is a register with the seed policy, a token, and nobody in it.
func bare(t testing.TB, db *store.DB, change ...func(*Options)) *world {
	t.Helper()
	w := &world{t: t, db: db}
	w.now.Store(int64(noon))
	w.r = w.roll(db)
	file, err := policy.Preset(policy.DefaultPreset)
	w.ok(err)
	_, _, err = w.r.EnsurePolicy(t.Context(), w.by("begins"), file, true)
	w.ok(err)
	var scopes []string
	for _, s := range roll.ProgramScopes() {
		scopes = append(scopes, string(s))
	}
	w.token = w.newToken("all", scopes...)
	o := Options{
		Roll: w.r, Chair: w.chair(db, w.r), DB: db, Now: w.clock, Federation: Federation{Name: "Loose Knot", URL: "https://knot.example"},
		Log: zerolog.New(&w.log), Observe: w.observe, Poll: 50 * time.Millisecond,
		HookSecret: hookSecret, Hint: func() { w.hint.Add(1) },
	}
	for _, f := range change {
		f(&o)
	}
	w.api, err = New(o)
	w.ok(err)
	w.http = newServer(t, w.api)
	return w
}

func newServer(t testing.TB, api *API) *httptest.Server {
	s := httptest.NewServer(api.Handler())
	t.Cleanup(s.Close)
	return s
}

// roll is the register on a database, with the world's clock.
func (w *world) roll(db *store.DB) *roll.Roll {
	return roll.New(db, roll.Options{Now: w.clock, NewID: func(prefix string) string {
		return fmt.Sprintf("%s_%04d", prefix, w.ids.Add(1))
	}})
}

// chair runs decisions on a database, with the world's clock.
func (w *world) chair(db *store.DB, r *roll.Roll) *chair.Chair {
	return chair.New(db, r, chair.Options{Now: w.clock, NewID: func(prefix string) string { return fmt.Sprintf("%s_%04d", prefix, w.ids.Add(1)) }})
}

func (w *world) clock() instant.Instant { return instant.Instant(w.now.Load()) }

func (w *world) later(d time.Duration) { w.now.Add(int64(d / time.Microsecond)) }

func (w *world) observe(route, method string, status int, took time.Duration) {
	w.mu.Lock()
	defer w.mu.Unlock()
	if took < 0 {
		w.t.Errorf("%s took %s", route, took)
	}
	w.seen = append(w.seen, fmt.Sprintf("%s %s %d", method, route, status))
}

// observed waits for n answers to be told of, which happens after each was
// sent, and forgets them.
func (w *world) observed(n int) (seen []string) {
	w.t.Helper()
	for range 400 {
		w.mu.Lock()
		if seen = w.seen; len(seen) >= n {
			w.seen = nil
			w.mu.Unlock()
			return seen
		}
		w.mu.Unlock()
		time.Sleep(5 * time.Millisecond)
	}
	w.t.Fatalf("%d answers were told of, want %d: %q", len(seen), n, seen)
	return nil
}

func (w *world) ok(err error) {
	w.t.Helper()
	if err != nil {
		w.t.Fatal(err)
	}
}

func (w *world) must(_ roll.Report, err error) {
	w.t.Helper()
	w.ok(err)
}

func (w *world) refresh() {
	w.t.Helper()
	w.ok(w.api.Refresh(w.t.Context()))
}

func (w *world) by(reason string) roll.By {
	return roll.By{Actor: member.Actor{ID: "op_1", Label: "operator:canaryperson", Operator: true}, Reason: reason + " canaryreason"}
}

func (w *world) newToken(name string, scopes ...string) string {
	w.t.Helper()
	text, _, err := w.r.CreateToken(w.t.Context(), w.by("needed"), name, scopes, 0)
	w.ok(err)
	return text
}

func (w *world) add(m roll.NewMember) member.ID {
	w.t.Helper()
	slug := member.Handle(m.Name)
	m.Contacts = []roll.Contact{{Email: slug + "@canary-mail.example", Matrix: "@" + slug + ":canary-chat.example"}}
	id, _, err := w.r.Add(w.t.Context(), w.by("joined"), m)
	w.ok(err)
	return id
}

func (w *world) person(name string, of []member.ID, roles ...member.Role) roll.By {
	w.t.Helper()
	_, err := w.r.AddPerson(w.t.Context(), w.by("asked"), roll.NewPerson{
		Email: fmt.Sprintf("p%d@canary-people.example", w.ids.Add(1)), Name: name, DelegateOf: of, Roles: roles})
	w.ok(err)
	actor, err := w.r.ActorAs(w.t.Context(), name, "")
	w.ok(err)
	return roll.By{Actor: actor, Reason: "canaryreason"}
}

// settle fills the federation: ash and zed are listed; nora has grace; birch is
// suspended, dogwood pauses, fir has lapsed, elm has left, cedar applied.
func (w *world) settle() {
	w.t.Helper()
	ctx := w.t.Context()
	org := func(name, handle string, since instant.Instant) member.ID {
		return w.add(roll.NewMember{Name: name, Handle: handle, Kind: member.Organisation, Since: since, Decision: "007"})
	}
	w.ash = w.add(roll.NewMember{Name: "Ash | Co-op", Handle: "canary-ash", Kind: member.Organisation, Website: "https://ash.example", Summary: "We host.", Since: instant.Date(2025, 1, 10)})
	w.birch, w.dogwood = org("Birch", "canary-birch", instant.Date(2025, 2, 10)), org("Dogwood", "canary-dogwood", instant.Date(2025, 3, 10))
	w.elm, w.fir = org("Elm Canary", "canary-elm", instant.Date(2025, 4, 10)), org("Fir", "canary-fir", instant.Date(2025, 5, 10))
	w.nora = w.add(roll.NewMember{Name: "Nora Canary", Kind: member.Individual, Website: "https://nora-canary.example", Summary: "Canary sews.", Since: instant.Date(2025, 6, 10), Decision: "canary-012"})
	w.zed = w.add(roll.NewMember{Name: "Zed Canary", PublicName: "Zed", Kind: member.Individual, Since: instant.Date(2025, 7, 10)})
	w.cedar = w.add(roll.NewMember{Name: "Cedar Canary", Kind: member.Organisation, Applied: true, Since: instant.Date(2026, 6, 1)})
	ivy := w.person("Ivy Canaryperson", []member.ID{w.dogwood})
	w.person("李 雷", []member.ID{w.ash})
	cora, carl := w.person("Cora Canaryperson", nil, member.ContactPerson), w.person("Carl Canaryperson", []member.ID{w.ash}, member.ContactPerson)

	w.upstream(ctx)
	w.link(w.ash, "acc-canary-ash")
	w.link(w.fir, "acc-canary-fir")
	w.link(w.nora, "acc-canary-nora")
	cora.Second = &carl.Actor
	w.must(w.r.Suspend(ctx, cora, w.birch, 0, 0))
	w.must(w.r.Pause(ctx, ivy, w.dogwood, 0, false))
	w.must(w.r.Leave(ctx, w.by("wished so"), w.elm, 0))
	_, _, err := w.r.Waive(ctx, w.by("solidarity"), w.zed, instant.Date(2026, 1, 1), instant.Date(2026, 12, 1), "canary-031")
	w.ok(err)
	_, _, err = w.r.Pay(ctx, w.by("cash"), roll.PaymentEntry{Member: w.birch, Amount: money.Money{Minor: 43210, Currency: gbp},
		Received: instant.Date(2026, 6, 1), Months: 6, Reference: "canary-reference"})
	w.ok(err)
	w.publish(w.ash, roll.Profile{URL: "https://ash.example/work?a=1&b=2", Summary: "Hosting <b>&</b> training.\nAsk us.", ContactLabel: "Write",
		ContactHref: "mailto:hello@ash.example", Logo: "https://ash.example/logo.svg", Place: "Leeds", Services: []string{"hosting"}, Languages: []string{"en", "cy"}})
	w.publish(w.zed, roll.Profile{Summary: "Gardens."})
	w.private(w.fir, roll.Profile{URL: "https://canary-fir.example", ContactHref: "mailto:canary@fir.example"})
	w.ok(w.r.PublishProviders(ctx, w.by("the meeting said so"), true))
}

func (w *world) link(id member.ID, account member.AccountID) {
	w.t.Helper()
	w.must(w.r.Link(w.t.Context(), w.by("theirs"), id, account, 0, 0))
}

func (w *world) private(id member.ID, p roll.Profile) {
	w.t.Helper()
	w.must(w.r.SetProfile(w.t.Context(), w.by("wrote"), id, p))
	w.must(w.r.Consent(w.t.Context(), w.by("asked"), id, true, 0, "canary words of consent"))
}

func (w *world) publish(id member.ID, p roll.Profile) {
	w.t.Helper()
	w.private(id, p)
	w.must(w.r.Approve(w.t.Context(), w.by("looked"), id))
}

// upstream stores one complete snapshot: ash pays, nora's coverage ran out
// lately, fir's long ago. One attempt to read failed after it.
func (w *world) upstream(ctx context.Context) {
	w.t.Helper()
	start := w.clock() - 2000
	w.ok(w.db.InTx(ctx, store.Pulls, w.clock()-1000, func(tx *store.Tx) error {
		pull := store.Pull{ID: "pull-1", Started: start, Finished: start, Outcome: "complete", Requests: 4, Counts: map[string]int64{"orders": 3}}
		if err := tx.AddPull(ctx, pull); err != nil {
			return err
		}
		s := store.Snapshot{Number: 1, Start: start, Pull: "pull-1", Collective: "acc-us", Currency: gbp}
		if err := tx.AddSnapshot(ctx, s); err != nil {
			return err
		}
		for i, p := range []struct {
			slug string
			paid instant.Instant
		}{{"ash", instant.Date(2026, 6, 1)}, {"nora", instant.Date(2026, 5, 2)}, {"fir", instant.Date(2026, 2, 1)}} {
			if err := payer(ctx, tx, i, "canary-"+p.slug, p.paid, start); err != nil {
				return err
			}
		}
		return tx.AddPull(ctx, store.Pull{ID: "pull-2", Started: start + 500, Finished: start + 600, Outcome: "timeout"})
	}))
}

func payer(ctx context.Context, tx *store.Tx, i int, slug string, paid, start instant.Instant) error {
	account := member.AccountID("acc-" + slug)
	tens := money.Money{Minor: 98765, Currency: gbp}
	if _, err := tx.AddAccounts(ctx, []store.AccountRow{{ID: account, PublicID: "public-" + slug, LegacyID: int64(i + 1), Type: "ORGANIZATION", Effective: start, Snapshot: 1}}); err != nil {
		return err
	}
	if _, err := tx.SetAccountDetails(ctx, []store.AccountDetail{{Account: account, Slug: slug, Name: slug, Seen: start, Emails: []string{slug + "@canary.example"}}}); err != nil {
		return err
	}
	order := store.ContributionRow{ID: "order-" + slug, Account: account, Status: "ACTIVE", Interval: eligibility.Monthly, Amount: tens, Total: tens.Minor,
		Created: paid, Processed: paid, Effective: start, Snapshot: 1}
	if _, err := tx.AddContributions(ctx, []store.ContributionRow{order}); err != nil {
		return err
	}
	charge := store.ChargeRow{ID: "charge-" + slug, Contribution: order.ID, Account: account, Kind: eligibility.ContributionCharge, Amount: tens, Created: paid, Snapshot: 1}
	if _, err := tx.AddCharges(ctx, []store.ChargeRow{charge}); err != nil {
		return err
	}
	_, err := tx.AddCoverages(ctx, []store.CoverageRow{{Charge: charge.ID, Interval: eligibility.Monthly, Due: paid.MonthStart(1), OrderMinor: tens.Minor, Snapshot: 1}})
	return err
}

// reply is an answer with its whole body.
type reply struct {
	*http.Response
	body string
}

// ask sends a request; headers are "Name: value".
func (w *world) ask(method, path string, headers ...string) reply {
	w.t.Helper()
	return w.send(method, path, "", headers...)
}

// send sends a request with a body.
func (w *world) send(method, path, body string, headers ...string) reply {
	w.t.Helper()
	req, err := http.NewRequestWithContext(w.t.Context(), method, w.http.URL+path, strings.NewReader(body))
	w.ok(err)
	for _, h := range headers {
		name, value, _ := strings.Cut(h, ": ")
		req.Header.Add(name, value)
	}
	if req.Header.Get("Accept-Encoding") == "" {
		req.Header.Set("Accept-Encoding", "identity")
	}
	res, err := http.DefaultTransport.RoundTrip(req)
	w.ok(err)
	defer res.Body.Close()
	b, err := io.ReadAll(res.Body)
	w.ok(err)
	return reply{res, string(b)}
}

func (w *world) get(path string, headers ...string) reply { return w.ask("GET", path, headers...) }

// read is get with the token that has every scope.
func (w *world) read(path string) reply { return w.get(path, "Authorization: Bearer "+w.token) }

// decode reads an answer with the token that has every scope.
func (w *world) decode(path string, into any) {
	w.t.Helper()
	got := w.read(path)
	if got.StatusCode != 200 {
		w.t.Fatalf("%s: %d %s", path, got.StatusCode, got.body)
	}
	w.ok(json.Unmarshal([]byte(got.body), into))
}
