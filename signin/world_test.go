package signin

import (
	"bytes"
	"context"
	"fmt"
	"net/http"
	"net/http/httptest"
	"net/netip"
	"regexp"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/rs/zerolog"

	"coopcloud.tech/goodstanding/internal/dbtest"
	"coopcloud.tech/goodstanding/internal/instant"
	"coopcloud.tech/goodstanding/internal/tongue"
	"coopcloud.tech/goodstanding/member"
	"coopcloud.tech/goodstanding/notify"
	"coopcloud.tech/goodstanding/policy"
	"coopcloud.tech/goodstanding/roll"
	"coopcloud.tech/goodstanding/store"
)

var noon = instant.Date(2026, 6, 15).Add(12 * time.Hour)

var home = netip.MustParseAddr("192.0.2.7")

// world is a small federation, and a service that says who is asking.
type world struct {
	t   *testing.T
	db  *store.DB
	r   *roll.Roll
	s   *Service
	now atomic.Int64
	log lines
	out outbox
	ids atomic.Int64

	ash       member.ID
	ada, tara member.PersonID // delegate of ash; treasurer
}

// lines is a log that is read while it is written.
type lines struct {
	mu sync.Mutex
	b  bytes.Buffer
}

func (l *lines) Write(p []byte) (int, error) {
	l.mu.Lock()
	defer l.mu.Unlock()
	return l.b.Write(p)
}

func (l *lines) String() string {
	l.mu.Lock()
	defer l.mu.Unlock()
	return l.b.String()
}

// outbox takes mails; the errors wait for the next ones.
type outbox struct {
	mu     sync.Mutex
	mails  []notify.Envelope
	errors []error
	tried  int
}

func (o *outbox) Send(_ context.Context, e notify.Envelope) error {
	o.mu.Lock()
	defer o.mu.Unlock()
	o.tried++
	if len(o.errors) > 0 {
		err := o.errors[0]
		o.errors = o.errors[1:]
		return err
	}
	o.mails = append(o.mails, e)
	return nil
}

func (o *outbox) sent() []notify.Envelope {
	o.mu.Lock()
	defer o.mu.Unlock()
	return append([]notify.Envelope(nil), o.mails...)
}

func eachWorld(t *testing.T, f func(t *testing.T, w *world)) {
	t.Helper()
	dbtest.Each(t, func(t *testing.T, open func() *store.DB) { f(t, newWorld(t, open(), nil)) })
}

func newWorld(t *testing.T, db *store.DB, change func(*Options)) *world {
	t.Helper()
	w := &world{t: t, db: db}
	w.now.Store(int64(noon))
	w.r = roll.New(db, roll.Options{Now: w.clock, NewID: w.newID})
	file, err := policy.Preset(policy.DefaultPreset)
	w.ok(err)
	op := w.operator("starts")
	_, _, err = w.r.EnsurePolicy(t.Context(), op, file, false)
	w.ok(err)
	w.ash, _, err = w.r.Add(t.Context(), op, roll.NewMember{Name: "Ash Workers' Co-op", Kind: member.Organisation, Since: instant.Date(2025, 1, 10)})
	w.ok(err)
	w.ada, err = w.r.AddPerson(t.Context(), op, roll.NewPerson{Email: "Ada@people.example", Name: "Ada Ödön", DelegateOf: []member.ID{w.ash}})
	w.ok(err)
	w.tara, err = w.r.AddPerson(t.Context(), op, roll.NewPerson{Email: "tara@people.example", Name: "Tara", Roles: []member.Role{member.Treasurer}})
	w.ok(err)
	o := Options{Roll: w.r, DB: db, Now: w.clock, NewID: w.newID, Log: zerolog.New(&w.log), BaseURL: "https://roll.example.org", Federation: "Example Federation", Mail: &w.out}
	if change != nil {
		change(&o)
	}
	w.s, err = New(o)
	w.ok(err)
	ctx, cancel := context.WithCancel(context.Background())
	done := make(chan struct{})
	go func() {
		defer close(done)
		w.s.Run(ctx)
	}()
	t.Cleanup(func() {
		cancel()
		<-done
		if s := w.log.String(); strings.Contains(s, "@people.example") || strings.Contains(s, LinkPath) {
			t.Errorf("an address or a link is in the log:\n%s", s)
		}
	})
	return w
}

func (w *world) clock() instant.Instant { return instant.Instant(w.now.Load()) }

func (w *world) newID(prefix string) string { return fmt.Sprintf("%s_%04d", prefix, w.ids.Add(1)) }

func (w *world) ok(err error) {
	w.t.Helper()
	if err != nil {
		w.t.Fatal(err)
	}
}

func (w *world) operator(reason string) roll.By {
	return roll.By{Actor: member.Actor{ID: "op_test", Label: "operator:test", Operator: true}, Reason: reason}
}

// settled waits until all that was asked so far is answered.
func (w *world) settled() {
	w.t.Helper()
	for range 1000 {
		if w.s.Idle() {
			return
		}
		time.Sleep(2 * time.Millisecond)
	}
	w.t.Fatal("what was asked is not answered")
}

// ask asks for a link and waits for what comes of it.
func (w *world) ask(address, next string) {
	w.t.Helper()
	if fault := w.s.Ask(address, next, home, tongue.English()); fault != "" {
		w.t.Fatal(fault)
	}
	w.settled()
}

var linkInMail = regexp.MustCompile(`(?m)^https://roll\.example\.org/sign-in/link/(\S+)$`)

// tokenOf is the token of the link in a mail.
func tokenOf(t *testing.T, e notify.Envelope) string {
	t.Helper()
	m := linkInMail.FindStringSubmatch(e.Text)
	if m == nil {
		t.Fatalf("no link in:\n%s", e.Text)
	}
	return m[1]
}

// newToken asks for a link and gives its token.
func (w *world) token(address, next string) string {
	w.t.Helper()
	n := len(w.out.sent())
	w.ask(address, next)
	if len(w.out.sent()) != n+1 {
		w.t.Fatalf("no mail came:\n%s", w.log.String())
	}
	return tokenOf(w.t, w.out.sent()[n])
}

// request is one with cookies.
func request(t *testing.T, cookies ...*http.Cookie) *http.Request {
	r := httptest.NewRequestWithContext(t.Context(), http.MethodPost, "https://roll.example.org/", nil)
	for _, c := range cookies {
		if c != nil && c.MaxAge >= 0 {
			r.AddCookie(c)
		}
	}
	return r
}

// signedIn is the id of who is signed in by the cookies; "" for nobody.
func (w *world) signedIn(cookies ...*http.Cookie) string {
	w.t.Helper()
	a, in, err := w.s.SignedIn(request(w.t, cookies...), w.clock())
	w.ok(err)
	if in != (a.ID != "") {
		w.t.Errorf("%v, %+v", in, a)
	}
	return a.ID
}

// rows counts what is stored.
func (w *world) rows() (sessions, links int) {
	w.t.Helper()
	w.ok(w.db.View(w.t.Context(), func(tx *store.Tx) error {
		all, err := tx.Sessions(w.t.Context(), "", 0)
		if err != nil {
			return err
		}
		sessions, links = len(all), 0
		people, err := tx.People(w.t.Context())
		for _, p := range people {
			some, err := tx.SignInLinks(w.t.Context(), p.ID, 0)
			if err != nil {
				return err
			}
			links += len(some)
		}
		return err
	}))
	return sessions, links
}

// audit is the audit chain from a row on, which must be whole, as words.
func (w *world) audit(action string) (out []store.AuditRow) {
	w.t.Helper()
	w.ok(w.db.View(w.t.Context(), func(tx *store.Tx) error {
		report, err := tx.VerifyAudit(w.t.Context())
		if err != nil || !report.OK() {
			return fmt.Errorf("the audit chain: %+v, %w", report, err)
		}
		rows, err := tx.AuditRows(w.t.Context(), store.AuditQuery{})
		out = nil
		for _, r := range rows {
			if r.Action == action {
				out = append(out, r)
			}
		}
		return err
	}))
	return out
}

// clockNow is the real time: a provider's tokens are of now.
func clockNow() instant.Instant { return instant.Of(time.Now()) }
