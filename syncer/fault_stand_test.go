package syncer

import (
	"fmt"
	"maps"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"coopcloud.tech/goodstanding/eligibility"
	"coopcloud.tech/goodstanding/internal/dbtest"
	"coopcloud.tech/goodstanding/internal/fakeoc"
	"coopcloud.tech/goodstanding/internal/instant"
	"coopcloud.tech/goodstanding/member"
	"coopcloud.tech/goodstanding/policy"
	"coopcloud.tech/goodstanding/roll"
	"coopcloud.tech/goodstanding/store"
	"coopcloud.tech/goodstanding/syncer/opencollective"
)

// day is a faulty film: what upstream shows today and what it showed yesterday.
type day struct {
	today, yesterday *fakeoc.Film
}

func filmedDay(t *testing.T) day {
	t.Helper()
	var d day
	for scene, f := range map[int]**fakeoc.Film{1: &d.yesterday, 10: &d.today} {
		film, err := fakeoc.NewFilm()
		if err != nil {
			t.Fatal(err)
		}
		if err := film.Show(scene); err != nil {
			t.Fatal(err)
		}
		*f = film
	}
	return d
}

// theDay is when the faulty pull happens: six days after the snapshot before,
// when one grace has ended, a refund came, and a good pull moves members.
var theDay = instant.Date(2026, 12, 13).Add(9*time.Hour + 30*time.Minute)

const faultToken = "f00df00df00df00df00df00df00df00df00df00d"

// stand is one store with members from the film, and Open Collective behind
// faults.
type stand struct {
	*world
	faults *fakeoc.Faults
	today  *fakeoc.Film
	shown  atomic.Pointer[fakeoc.Film]
	url    string
	slug   string
}

// newStand begins with a copy of the template, or empty where it is nil.
func newStand(t *testing.T, d day, template []byte) *stand {
	t.Helper()
	dsn := dbtest.SQLiteDSN(t)
	if template != nil {
		dsn = "sqlite://" + filepath.Join(t.TempDir(), "stand.db")
		if err := os.WriteFile(strings.TrimPrefix(dsn, "sqlite://"), template, 0o600); err != nil {
			t.Fatal(err)
		}
	}
	s := &stand{world: newWorld(t, "sqlite", dsn), slug: d.today.Slug(), today: d.today}
	s.shown.Store(d.yesterday)
	s.faults = fakeoc.NewFaults(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) { s.shown.Load().ServeHTTP(w, r) }))
	server := httptest.NewServer(s.faults)
	t.Cleanup(server.Close)
	s.url = server.URL + "/graphql/v2"
	if s.now = d.yesterday.Clock(1); template != nil {
		s.now = theDay - 6*instant.Day
	}
	return s
}

// fresh is a syncer with a client of its own, so that no pause outlasts it.
func (s *stand) fresh(timeout time.Duration) *Syncer {
	s.t.Helper()
	client, err := opencollective.New(opencollective.Options{
		URL: s.url, Token: faultToken, Now: s.clock, Clock: time.Now, PerMinute: 1_000_000, Timeout: timeout,
	})
	if err != nil {
		s.t.Fatal(err)
	}
	s.t.Cleanup(client.Close)
	sy := s.syncer(client)
	sy.slug, sy.assess, sy.tell, sy.newID = s.slug, s.roll.AfterSnapshot, s.roll.AfterFailure, store.NewID
	return sy
}

// startNotices names two treasurers and starts the notices.
func (w *world) startNotices() {
	w.t.Helper()
	by := roll.By{Actor: member.Actor{ID: "op_test", Label: "operator:test", Operator: true}, Reason: "begins"}
	for _, name := range []string{"Tara", "Tim"} {
		p := roll.NewPerson{Name: name, Email: strings.ToLower(name) + "@people.example", Roles: []member.Role{member.Treasurer}}
		if _, err := w.roll.AddPerson(w.t.Context(), by, p); err != nil {
			w.t.Fatal(err)
		}
	}
	err := w.db.InTx(w.t.Context(), store.NoStream, w.now, func(tx *store.Tx) error {
		return tx.SetSetting(w.t.Context(), store.SettingNotices, w.now.String())
	})
	if err != nil {
		w.t.Fatal(err)
	}
}

// notices are how many notices there are about members, and of which occasions the
// treasurers were told, each to both of them.
func (w *world) notices() (members int, treasurers map[string]int) {
	w.t.Helper()
	treasurers = map[string]int{}
	w.view(func(tx *store.Tx) error {
		rows, err := tx.Notices(w.t.Context(), store.OutboxQuery{})
		for _, n := range rows {
			if n.Member != "" {
				members++
			} else {
				treasurers[n.Occasion]++
			}
		}
		return err
	})
	return members, treasurers
}

// takeOver makes members of all who pay, under the policy that comes with the
// program.
func (w *world) takeOver() {
	w.t.Helper()
	by := roll.By{Actor: member.Actor{ID: "op_test", Label: "operator:test", Operator: true}, Reason: "begins"}
	file, err := policy.Preset(policy.DefaultPreset)
	if err == nil {
		_, _, err = w.roll.EnsurePolicy(w.t.Context(), by, file, false)
	}
	if err == nil {
		_, _, err = w.roll.Adopt(w.t.Context(), by, roll.Adopt{All: true})
	}
	if err != nil {
		w.t.Fatal(err)
	}
}

// settle reads the film, takes over who pays, and reads again.
func (s *stand) settle() {
	s.t.Helper()
	s.pull(s.fresh(0))
	s.takeOver()
	s.startNotices()
	s.now = theDay - 6*instant.Day // a grace that ends before the day ends warned
	s.pull(s.fresh(0))
}

// standTemplate is the database of a stand that is settled.
func standTemplate(t *testing.T, d day) []byte {
	t.Helper()
	s := newStand(t, d, nil)
	s.settle()
	if err := s.db.Close(); err != nil {
		t.Fatal(err)
	}
	text, err := os.ReadFile(strings.TrimPrefix(s.source, "sqlite://"))
	if err != nil {
		t.Fatal(err)
	}
	return text
}

// everyone is the whole roll now: what is computed of each member.
func (s *stand) everyone() string {
	s.t.Helper()
	v, err := s.roll.View(s.t.Context(), roll.Query{})
	if err != nil {
		s.t.Fatal(err)
	}
	var b strings.Builder
	for _, row := range v.Rows {
		st := row.Standing
		fmt.Fprintf(&b, "%s %s as of %s until %s changes %s:", row.Handle, st.State, st.AsOf, st.Verdict(eligibility.Vote).Until, st.ChangesAt)
		for _, re := range st.Reasons {
			fmt.Fprintf(&b, " %s", re.Code)
		}
		b.WriteString(" " + rightsOf(&st) + "\n")
	}
	return b.String()
}

// rights are the rights of each member alone.
func (w *world) rights() map[string]string {
	w.t.Helper()
	v, err := w.roll.View(w.t.Context(), roll.Query{})
	if err != nil {
		w.t.Fatal(err)
	}
	all := map[string]string{}
	for _, row := range v.Rows {
		all[row.Handle] = rightsOf(&row.Standing)
	}
	return all
}

func rightsOf(s *eligibility.Standing) string {
	var has []string
	for _, r := range eligibility.Rights {
		has = append(has, fmt.Sprint(r, " ", s.Has(r)))
	}
	return strings.Join(has, ", ")
}

// goodDay is what two good pulls on the day leave, to hold the others against.
type goodDay struct {
	before, after map[string]string
	start         string // everyone at the beginning
	whole         string // everyone at the end
	lapsed        []string
	added         string
}

// good is the control: without a fault the same pull does move members.
func good(t *testing.T, d day, template []byte) goodDay {
	t.Helper()
	s := newStand(t, d, template)
	s.prime(false)
	g := goodDay{before: s.rights(), start: s.everyone()}
	rows := s.rows()
	s.pull(s.fresh(0))
	g.after, g.added = s.rights(), added(rows, s.rows())
	s.later(time.Minute)
	s.pull(s.fresh(0))
	g.whole = s.everyone()
	for who, before := range g.before {
		if strings.Contains(before, "vote true") && strings.Contains(g.after[who], "vote false") {
			g.lapsed = append(g.lapsed, who)
		}
	}
	slices.Sort(g.lapsed)
	return g
}

// prime makes it the day, and before lets the faults see yesterday's answers
// where they need them.
func (s *stand) prime(yesterday bool) {
	s.t.Helper()
	if yesterday {
		s.later(time.Hour) // the template's own readings lie before
		if _, err := s.fresh(0).DryRun(s.t.Context()); err != nil {
			s.t.Fatal(err)
		}
	}
	s.shown.Store(s.today)
	s.now = theDay
}

// added is which tables got rows, and how many.
func added(before, after map[string]int) string {
	var parts []string
	for _, name := range slices.Sorted(maps.Keys(after)) {
		if n := after[name] - before[name]; n != 0 {
			parts = append(parts, fmt.Sprintf("%s %d", name, n))
		}
	}
	return strings.Join(parts, ", ")
}
