package syncer

import (
	"context"
	"errors"
	"fmt"
	"maps"
	"net/http"
	"net/http/httptest"
	"slices"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"coopcloud.tech/goodstanding/internal/fakeoc"
	"coopcloud.tech/goodstanding/internal/instant"
	"coopcloud.tech/goodstanding/roll"
	"coopcloud.tech/goodstanding/store"
	"coopcloud.tech/goodstanding/syncer/opencollective"
)

// planted is a world whose first snapshot is the knot's.
func planted(w *world) (*upstream, *Syncer) {
	w.t.Helper()
	u := loose(w)
	k := knot()
	u.orders, u.charges = k.orders, k.charges
	s := w.syncer(u)
	w.pull(s)
	w.later(30 * time.Minute)
	return u, s
}

func TestWhatAPullAsksFor(t *testing.T) {
	w := onOne(t)
	u, s := planted(w)
	w.pull(s)
	w.later(400 * 24 * time.Hour) // out of order for more than a year
	w.pull(s)
	want := []opencollective.PullRequest{
		{Slug: "loose-knot"},
		{Slug: "loose-knot", PinnedID: "acc_col", PinnedCurrency: gbp, TransactionsFrom: at("2025-05-10T00:30:00Z")},
		{Slug: "loose-knot", PinnedID: "acc_col", PinnedCurrency: gbp, TransactionsFrom: at("2026-05-10T00:30:00Z")},
	}
	if !slices.Equal(u.requests, want) {
		t.Errorf("asked for %+v\nwant %+v", u.requests, want)
	}
}

// What a snapshot left is read back as the pure core computed it.
func TestTheDatabaseHoldsWhatWasReconciled(t *testing.T) {
	onBoth(t, func(w *world) {
		u, s := planted(w)
		m := newMemory(t)
		u.now = func() instant.Instant { return at("2026-06-10") }
		m.see(u)
		u.now = w.clock
		u.order("or-alder").Status = failing
		u.order("or-birch").Payer.Slug = "birches"
		u.charges[0].Disputed = true
		u.refunds = append(u.refunds, backOf(u.charges[2], at("2026-06-10T00:10:00Z")))
		u.drop("or-cedar")
		m.see(u)
		w.pull(s)
		got := w.stored()
		for id, c := range got.contributions {
			c.Known = 0
			if c != m.st.contributions[id] {
				w.t.Errorf("contribution %+v, want %+v", c, m.st.contributions[id])
			}
		}
		for id, v := range got.coverages {
			v.Known = 0
			if v != m.st.coverages[id] {
				w.t.Errorf("coverage %+v, want %+v", v, m.st.coverages[id])
			}
		}
		for id, c := range got.charges {
			c.Known = 0
			if c != m.st.charges[id] {
				w.t.Errorf("charge %+v, want %+v", c, m.st.charges[id])
			}
		}
		sizes := []int{len(got.contributions), len(got.coverages), len(got.charges), len(got.refunds), len(got.flags), len(got.missing), len(got.accounts)}
		if !slices.Equal(sizes, []int{3, 6, 6, 1, 1, 1, 3}) {
			w.t.Errorf("rows %v", sizes)
		}
		if got.last.Changed != int64(m.last.rows()) || got.last.Orders != 2 || got.last.Collective != "col-1" || got.last.Host != "host-1" {
			w.t.Errorf("the snapshot is %+v", got.last)
		}
		if d := got.details["acc-birch"]; d.Slug != "birches" || d.Name != "birch Ltd" || !slices.Equal(d.Emails, []string{"birch@example.test"}) {
			w.t.Errorf("details %+v", d)
		}
	})
}

func TestTheSameSnapshotAgainChangesNothing(t *testing.T) {
	onBoth(t, func(w *world) {
		u, s := planted(w)
		u.drop("or-cedar")
		w.pull(s)
		before := w.rows()
		for range 3 { // the same instant, and later ones
			r := w.pull(s)
			if r.Changed != 0 || len(r.Difference()) != 0 {
				w.t.Errorf("changed %d, says %q", r.Changed, r.Difference())
			}
			if len(w.told) > 2 && w.told[len(w.told)-1].Number != r.Snapshot {
				w.t.Errorf("the roll was told %+v", w.told[len(w.told)-1])
			}
		}
		if got := w.added(before); got != "pull 3, snapshot 3" {
			w.t.Errorf("added %s", got)
		}
	})
}

func TestADryRunStoresNothing(t *testing.T) {
	onBoth(t, func(w *world) {
		u, s := planted(w)
		u.order("or-alder").Status = cancelled
		before := w.rows()
		dry, err := s.DryRun(t.Context())
		if err != nil {
			w.t.Fatal(err)
		}
		if got := w.added(before); got != "" {
			w.t.Errorf("a dry run added %s", got)
		}
		u.fail = &opencollective.UpstreamDown{Op: "orders", What: "a timeout"}
		if _, err := s.DryRun(t.Context()); !errors.Is(err, u.fail) || w.added(before) != "" {
			w.t.Errorf("a failed dry run: %v, added %q", err, w.added(before))
		}
		u.fail = nil
		real := w.pull(s)
		if !dry.DryRun || real.DryRun || dry.Snapshot != real.Snapshot || dry.Changed != 1 || dry.Roll.Held != 1 ||
			!slices.Equal(dry.Difference(), real.Difference()) || len(real.Difference()) != 1 {
			w.t.Errorf("dry %+v\nreal %+v", dry, real)
		}
	})
}

func TestAFailedPullLeavesItsOwnRowAndNothingElse(t *testing.T) {
	onBoth(t, func(w *world) {
		u, s := planted(w)
		before, facts := w.rows(), w.stored()
		u.orders, u.charges = nil, nil // what must not be believed
		cause := errors.New("the disk is on fire")
		for i, c := range []struct {
			fail            error
			outcome, detail string
		}{
			{&opencollective.RateLimited{Op: "orders", Wait: time.Second}, "rate_limited", "orders"},
			{&opencollective.UpstreamDown{Op: "transactions", What: "x"}, "upstream_down", "transactions"},
			{fmt.Errorf("read: %w", &opencollective.Unauthorised{Op: "preflight", Reason: "expired"}), "unauthorised", "expired"},
			{&opencollective.Forbidden{Op: "transactions", Scope: "transactions"}, "forbidden", "transactions"},
			{&opencollective.SchemaDrift{Op: "orders"}, "schema_drift", "orders"},
			{&opencollective.Partial{Op: "refunds"}, "partial", "refunds"},
			{&opencollective.NotFound{Op: "preflight"}, "not_found", "preflight"},
			{&opencollective.Incomplete{Op: "orders"}, "incomplete", "orders"},
			{&opencollective.SlugUnknown{Slug: "x"}, "slug_unknown", ""},
			{&opencollective.OtherAccount{}, "other_account", ""},
			{&opencollective.OtherCurrency{}, "other_currency", ""},
			{&opencollective.Archived{}, "archived", ""},
			{&opencollective.TokenIgnored{}, "token_ignored", ""},
			{context.Canceled, "cancelled", ""},
			{cause, "database", ""},
		} {
			w.later(time.Second)
			u.fail = c.fail
			if _, err := s.Pull(t.Context()); !errors.Is(err, c.fail) {
				w.t.Errorf("%v came back as %v", c.fail, err)
			}
			p := w.pulls()[0]
			if p.Outcome != c.outcome || p.Detail != c.detail || p.Started != w.now || p.Finished != w.now {
				w.t.Errorf("%v was noted as %+v", c.fail, p)
			}
			if got := w.added(before); got != fmt.Sprintf("pull %d", i+1) {
				w.t.Errorf("%v added %s", c.fail, got)
			}
		}
		if after := w.stored(); !maps.Equal(facts.contributions, after.contributions) || !maps.Equal(facts.charges, after.charges) {
			w.t.Error("the facts changed")
		}
	})
}

// What fails or is cut off inside the transaction leaves nothing of it.
func TestACrashInsideLeavesNothing(t *testing.T) {
	onBoth(t, func(w *world) {
		u, s := planted(w)
		u.order("or-alder").Status = cancelled
		u.charges = append(u.charges, paidBy(*u.order("or-birch"), at("2026-06-10T00:01:00Z")))
		before := w.rows()
		broken := errors.New("no rule fits")
		quiet := s.assess
		for i, c := range []struct {
			assess  func(context.CancelFunc) error
			outcome string
			is      error
		}{
			{func(context.CancelFunc) error { return broken }, OutcomeAssessment, broken},
			{func(cancel context.CancelFunc) error { cancel(); return nil }, opencollective.ClassCancelled, context.Canceled},
			{func(cancel context.CancelFunc) error { cancel(); return context.Canceled }, opencollective.ClassCancelled, context.Canceled},
		} {
			ctx, cancel := context.WithCancel(t.Context())
			s.assess = func(context.Context, *store.Tx, roll.SnapshotInfo) (roll.Report, error) {
				return roll.Report{}, c.assess(cancel)
			}
			_, err := s.Pull(ctx)
			cancel()
			if !errors.Is(err, c.is) {
				w.t.Errorf("case %d: %v, want %v", i, err, c.is)
			}
			if got := w.added(before); got != fmt.Sprintf("pull %d", i+1) {
				w.t.Errorf("case %d added %s", i, got)
			}
			if p := w.pulls()[0]; p.Outcome != c.outcome {
				w.t.Errorf("case %d was noted as %+v", i, p)
			}
		}
		s.assess = quiet
		if r := w.pull(s); r.Changed != 3 || r.Snapshot != 2 {
			w.t.Errorf("afterwards: %+v", r)
		}
	})
}

// Two processes pull at once: what is older is thrown away.
func TestAnOlderSnapshotIsThrownAway(t *testing.T) {
	onBoth(t, func(w *world) {
		u, s := planted(w)
		u.during = func() {
			w.later(time.Second)
			u.order("or-alder").Status = cancelled // the other one sees more
			w.pull(s)
		}
		before := w.rows()
		_, err := s.Pull(t.Context())
		var old *Superseded
		if !errors.As(err, &old) || old.Number != 2 {
			w.t.Fatalf("got %v", err)
		}
		want := "snapshot 2, begun at 2026-06-10T00:30:01Z, is stored already and newer than this one, begun at 2026-06-10T00:30:00Z: " +
			"nothing was changed; if no other pull ran just now, check this machine's clock"
		if err.Error() != want {
			w.t.Errorf("says %q", err)
		}
		if got := w.added(before); got != "pull 2, snapshot 1, contribution_obs 1" {
			w.t.Errorf("added %s", got)
		}
		if p := w.pulls()[0]; p.Outcome != OutcomeSuperseded {
			w.t.Errorf("noted as %+v", p)
		}
		if got := w.stored().contributions["or-alder"].Status; got != cancelled {
			w.t.Errorf("the newer state was overwritten: %s", got)
		}
	})
}

// What was read before the transaction is not trusted when another pull came
// between: rows are found against what is stored now.
func TestAnotherPullBetweenReadingAndWriting(t *testing.T) {
	onBoth(t, func(w *world) {
		u, _ := planted(w)
		u.drop("or-cedar")
		u.charges = append(u.charges, paidBy(*u.order("or-birch"), at("2026-06-10T00:01:00Z")))
		other := &intruder{upstream: u, pull: func() { w.pull(w.syncer(u)) }}
		before := w.rows()
		r := w.pull(w.syncer(other))
		if r.Snapshot != 3 || r.Changed != 0 {
			w.t.Errorf("the second one: %+v", r)
		}
		if got := w.added(before); got != "pull 2, snapshot 2, contribution_missing 1, charge 1, coverage 1" {
			w.t.Errorf("added %s", got)
		}
	})
}

// intruder lets another pull happen while this one looks something up.
type intruder struct {
	*upstream
	pull func()
}

func (i *intruder) Order(ctx context.Context, id string) (opencollective.Order, error) {
	if i.pull != nil {
		pull := i.pull
		i.pull = nil
		pull()
	}
	return i.upstream.Order(ctx, id)
}

// The pins are checked again inside: the slug may have come to mean another
// collective for the process that was first.
func TestAnotherCollectiveIsRefusedInside(t *testing.T) {
	w := onOne(t)
	u, s := planted(w)
	before := w.rows()
	u.collective.ID, u.collective.PublicID = "acc_col", "acc_col" // another form of the same id
	if r := w.pull(s); r.Changed != 0 {
		t.Errorf("the same collective by another form of its id: %+v", r)
	}
	u.collective.ID, u.collective.PublicID = "col-2", "acc_other"
	var other *opencollective.OtherAccount
	if _, err := s.Pull(t.Context()); !errors.As(err, &other) || other.Pinned != "col-1" || other.Found != "col-2" {
		t.Errorf("got %v", err)
	}
	u.collective = loose(w).collective
	u.collective.Currency = [3]byte{'E', 'U', 'R'}
	var euro *opencollective.OtherCurrency
	if _, err := s.Pull(t.Context()); !errors.As(err, &euro) || euro.Known != gbp {
		t.Errorf("got %v", err)
	}
	if got := w.added(before); got != "pull 3, snapshot 1" {
		t.Errorf("added %s", got)
	}
}

func TestLookUpsTellWhoIsGone(t *testing.T) {
	w := onOne(t)
	u, s := planted(w)
	gone := &opencollective.NotFound{Op: "account"}
	u.lookUps["acc-alder"], u.lookUps["or-birch"] = gone, gone
	for _, id := range []string{"or-alder", "or-birch", "or-cedar"} {
		u.drop(id)
	}
	r := w.pull(s)
	want := []string{
		"alder Ltd's account is gone on Open Collective; what was paid stays on record",
		"birch Ltd's contribution was deleted on Open Collective; what was paid stays on record",
		"cedar Ltd's contribution is no longer listed on Open Collective; what was paid stays on record",
	}
	if !slices.Equal(r.Difference(), want) || r.Counts.Missing != 3 {
		t.Errorf("says %q", r.Difference())
	}
	if want := []string{"or-alder", "acc-alder", "or-birch", "acc-birch", "or-cedar", "acc-cedar"}; !slices.Equal(u.asked, want) {
		t.Errorf("asked for %v", u.asked)
	}
	u.asked = nil
	if w.pull(s); len(u.asked) != 0 {
		t.Errorf("asked again for %v", u.asked)
	}
}

func TestLookUpsAreFewAndNeverFailAPull(t *testing.T) {
	for name, c := range map[string]struct {
		anonymous bool
		fail      error
		want      int
	}{
		"ten with a token":          {false, nil, maxLookUps},
		"two without":               {true, nil, maxAnonymous},
		"one when upstream is down": {false, &opencollective.UpstreamDown{Op: "order"}, 1},
		"one when the limit is hit": {false, &opencollective.RateLimited{Op: "order", Own: true}, 1},
		"one when the API is gone":  {false, &opencollective.NotFound{Op: "order", Endpoint: true}, 1},
	} {
		t.Run(name, func(t *testing.T) {
			w := onOne(t)
			u := loose(w)
			for i := range 20 {
				o := monthly(fmt.Sprintf("tree%02d", i), at("2026-05-02"))
				u.orders = append(u.orders, o)
				u.lookUps[o.ID] = c.fail
			}
			s := w.syncer(u)
			w.pull(s)
			w.later(time.Minute)
			u.orders, u.anonymous = nil, c.anonymous
			if r := w.pull(s); len(u.asked) != c.want || r.Counts.Missing != 20 {
				t.Errorf("%d look-ups, %d missing: %v", len(u.asked), r.Counts.Missing, u.asked)
			}
		})
	}
}

// A live server that fails in turn: the facts stay as they are until it is
// good again, and nothing of a bad answer is believed.
func TestAServerThatFailsInTurn(t *testing.T) {
	onBoth(t, func(w *world) {
		f, err := fakeoc.NewFilm()
		if err != nil {
			w.t.Fatal(err)
		}
		var broken atomic.Pointer[http.HandlerFunc]
		server := httptest.NewServer(http.HandlerFunc(func(rw http.ResponseWriter, r *http.Request) {
			if h := broken.Load(); h != nil {
				(*h)(rw, r)
				return
			}
			f.ServeHTTP(rw, r)
		}))
		w.t.Cleanup(server.Close)
		client, err := opencollective.New(opencollective.Options{
			URL: server.URL + "/graphql/v2", Token: strings.Repeat("a", 40), Now: w.clock, Clock: time.Now, PerMinute: 1_000_000,
		})
		if err != nil {
			w.t.Fatal(err)
		}
		s := w.syncer(client)
		s.slug = f.Slug()
		w.show(f, 0)
		w.pull(s)
		w.show(f, 1)
		before := w.rows()
		for i, c := range []struct {
			status        int
			body, outcome string
		}{
			{429, `{"error":{"message":"Rate limit exceeded. Contact-us to get higher limits."}}`, "rate_limited"},
			{500, `{"error":{"message":"Something went wrong"}}`, "upstream_down"},
			{200, `{"data":null}`, "upstream_down"},
			{200, `{"data":{"me":null,"account":null}}`, "slug_unknown"},
		} {
			h := http.HandlerFunc(func(rw http.ResponseWriter, _ *http.Request) {
				rw.Header().Set("Content-Type", "application/json; charset=utf-8")
				rw.Header().Set("Retry-After", "0.2")
				rw.WriteHeader(c.status)
				fmt.Fprint(rw, c.body)
			})
			broken.Store(&h)
			w.later(time.Second)
			if _, err := s.Pull(t.Context()); err == nil {
				w.t.Errorf("%d %s was taken for an answer", c.status, c.body)
			}
			if p := w.pulls()[0]; p.Outcome != c.outcome {
				w.t.Errorf("%d %s was noted as %s %s, want %s", c.status, c.body, p.Outcome, p.Detail, c.outcome)
			}
			if got := w.added(before); got != fmt.Sprintf("pull %d", i+1) {
				w.t.Errorf("%d %s added %s", c.status, c.body, got)
			}
		}
		broken.Store(nil)
		if r := w.pull(s); r.Changed != 1 || r.Snapshot != 2 {
			w.t.Errorf("the good answer: %+v", r)
		}
	})
}

// Names that were erased while a pull was under way are not taken for stored.
func TestNamesErasedMeanwhile(t *testing.T) {
	w := onOne(t)
	u, _ := planted(w)
	u.drop("or-cedar")
	erase := &intruder{upstream: u, pull: func() {
		err := w.db.InTx(t.Context(), store.NoStream, w.now, func(tx *store.Tx) error { return tx.EraseAccount(t.Context(), "acc-birch") })
		if err != nil {
			t.Fatal(err)
		}
	}}
	w.pull(w.syncer(erase))
	if got := w.stored().details["acc-birch"].Slug; got != "birch" {
		t.Errorf("the slug is %q, want it stored again: upstream still shows it", got)
	}
}
