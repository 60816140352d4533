package api

import (
	"context"
	"encoding/json"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"coopcloud.tech/goodstanding/internal/dbtest"
	"coopcloud.tech/goodstanding/internal/instant"
	"coopcloud.tech/goodstanding/member"
	"coopcloud.tech/goodstanding/roll"
	"coopcloud.tech/goodstanding/store"
)

// state is what the API says of a member.
func (w *world) state(handle string) string {
	w.t.Helper()
	var a struct{ State string }
	got := w.read("/api/v1/members/" + handle + "/eligibility")
	if got.StatusCode != 200 || json.Unmarshal([]byte(got.body), &a) != nil {
		w.t.Fatalf("%d %s", got.StatusCode, got.body)
	}
	return a.State
}

func (w *world) watch() {
	w.t.Helper()
	ctx, stop := context.WithCancel(w.t.Context())
	done := make(chan struct{})
	go func() { defer close(done); w.api.Watch(ctx) }()
	w.t.Cleanup(func() { stop(); <-done })
}

// within waits until something holds.
func within(t *testing.T, most time.Duration, what string, holds func() bool) {
	t.Helper()
	start := time.Now()
	defer func() { t.Logf("%s: after %s", what, time.Since(start).Round(time.Millisecond)) }()
	for !holds() {
		if time.Since(start) > most {
			t.Fatalf("%s did not hold within %s", what, most)
		}
		time.Sleep(5 * time.Millisecond)
	}
}

// soon is what a busy machine with the race detector is given for what takes a
// second at most elsewhere.
const soon = 3 * time.Second

// TestAForeignWriteIsSeenWithinASecond: another process writes, on both
// engines, at the pace that is used in earnest. Half of the second is waiting.
func TestAForeignWriteIsSeenWithinASecond(t *testing.T) {
	dbtest.Each(t, func(t *testing.T, open func() *store.DB) {
		w := bare(t, open(), func(o *Options) { o.Poll = 0 })
		if w.api.o.Poll > time.Second/2 {
			t.Errorf("the database is looked at every %s", w.api.o.Poll)
		}
		w.settle()
		w.refresh()
		w.watch()
		if got := w.state("canary-fir"); got != "lapsed" {
			t.Fatalf("fir is %s", got)
		}
		other := w.roll(open())
		_, _, err := other.Waive(t.Context(), w.by("solidarity"), w.fir, instant.Date(2026, 6, 1), 0, "")
		w.ok(err)
		within(t, soon, "the waiver of another process", func() bool { return w.state("canary-fir") == "waived" })
		text, _, err := other.CreateToken(t.Context(), w.by("needed"), "fresh", []string{"holds:read"}, 0)
		w.ok(err)
		within(t, soon, "a new token", func() bool {
			return w.get("/api/v1/holds", "Authorization: Bearer "+text).StatusCode == 200
		})
		w.ok(other.RevokeToken(t.Context(), w.by("lost"), "fresh"))
		within(t, soon, "that it was revoked", func() bool {
			return w.get("/api/v1/holds", "Authorization: Bearer "+text).StatusCode == 401
		})
	})
}

// The first look after a token was revoked elsewhere ends it; TestHowOftenTheDatabaseIsLookedAt
// says how long that is at most.
func TestTheNextLookEndsARevokedToken(t *testing.T) {
	dbtest.Each(t, func(t *testing.T, open func() *store.DB) {
		w := bare(t, open())
		other := w.roll(open())
		text, _, err := other.CreateToken(t.Context(), w.by("needed"), "fresh", []string{"roll:read"}, 0)
		w.ok(err)
		opens := func(want int) {
			t.Helper()
			if got := w.get("/api/v1/roll", "Authorization: Bearer "+text); got.StatusCode != want {
				t.Errorf("%d, want %d", got.StatusCode, want)
			}
		}
		w.refresh()
		opens(200)
		w.ok(other.RevokeToken(t.Context(), w.by("lost"), "fresh"))
		opens(200) // from memory
		w.refresh()
		opens(401)
	})
}

// Each half second, by the clock of a bubble, whatever came of the look before. The
// database is closed: its connections would wait outside of that clock.
func TestHowOftenTheDatabaseIsLookedAt(t *testing.T) {
	w := bare(t, dbtest.SQLite(t)(), func(o *Options) { o.Poll = 0 })
	w.settle()
	w.refresh()
	w.ok(w.db.Close())
	synctest.Test(t, func(t *testing.T) {
		ctx, stop := context.WithCancel(t.Context())
		defer stop()
		before := w.api.begun.Load()
		go w.api.Watch(ctx)
		synctest.Wait()
		for i := range int64(10) {
			if looks := w.api.begun.Load() - before; looks != i+1 {
				t.Fatalf("%d looks in %d half seconds, want %d", looks, i, i+1)
			}
			time.Sleep(time.Second / 2)
			synctest.Wait()
		}
	})
}

// The desk alone is read when somebody first asks for it after a change: where the database
// is away by then, the answer says so.
func TestTheDeskOfNobodyIsUnavailable(t *testing.T) {
	dbtest.Each(t, func(t *testing.T, open func() *store.DB) {
		w := bare(t, open())
		w.settle()
		w.ok(w.db.Close())
		if got := w.read("/api/v1/desk"); got.StatusCode != 503 {
			t.Errorf("%d %s", got.StatusCode, got.body)
		}
	})
}

// TestReadsGoOnWithTheDatabaseStopped, marked stale; only readyz says no.
func TestReadsGoOnWithTheDatabaseStopped(t *testing.T) {
	dbtest.Each(t, func(t *testing.T, open func() *store.DB) {
		w := bare(t, open())
		w.settle()
		c := w.decide()
		before := map[string]string{}
		each := func(f func(path string, got reply)) {
			for _, r := range readings() {
				path := asked(r)
				switch r.by {
				case offices, treasurers: // TestTheElectorateIsNotedOrNotRead; notices are never told from memory
				case persons:
					f(path, w.get(path, c.lei.auth()))
				default:
					f(path, w.read(path))
				}
			}
		}
		each(func(path string, got reply) {
			before[path] = got.body
			if got.StatusCode != 200 || got.Header.Get("Goodstanding-Stale") == "true" {
				t.Errorf("%s before: %d %v", path, got.StatusCode, got.Header)
			}
		})
		w.ok(w.db.Close())
		if err := w.api.Refresh(t.Context()); err == nil {
			t.Fatal("the database is still read")
		}
		each(func(path string, got reply) {
			if path == "/readyz" {
				if got.StatusCode != 503 || !strings.Contains(got.body, `"errors":["the database does not answer"]`) {
					t.Errorf("%s: %d %s", path, got.StatusCode, got.body)
				}
				return
			}
			if got.StatusCode != 200 || got.body != before[path] {
				t.Errorf("%s with the database stopped: %d %s", path, got.StatusCode, got.body)
			}
			if _, data := got.Header["Goodstanding-As-Of"]; data && got.Header.Get("Goodstanding-Stale") != "true" {
				t.Errorf("%s is not marked stale", path)
			}
		})
		tag := w.get("/api/v1/providers").Header.Get("ETag")
		if got := w.get("/api/v1/providers", "If-None-Match: "+tag); got.StatusCode != 304 || got.Header.Get("Goodstanding-Stale") != "true" || got.Header.Get("Goodstanding-As-Of") == "" {
			t.Errorf("304: %d %v", got.StatusCode, got.Header)
		}
	})
}

func TestWatchTellsOnceThatTheDatabaseIsLost(t *testing.T) {
	w := newWorld(t)
	w.watch()
	w.ok(w.db.Close())
	w.api.CatchUp(t.Context()) // who reads may notice first
	within(t, soon, "the mark", func() bool { return w.get("/api/v1/policy").Header.Get("Goodstanding-Stale") == "true" })
	time.Sleep(4 * w.api.o.Poll)
	if n := strings.Count(w.log.String(), "the database cannot be read"); n != 1 {
		t.Errorf("it was told %d times", n)
	}
}

// TestStandingsMoveWithTheClock: nothing was written, no database is asked.
func TestStandingsMoveWithTheClock(t *testing.T) {
	w := newWorld(t)
	w.ok(w.db.Close())
	if got := w.get("/api/v1/providers").Header.Get("Goodstanding-Stale"); got != "false" {
		t.Fatalf("stale: %s", got)
	}
	w.later(24*time.Hour - time.Second) // the policy's stale_after is a day
	if got := w.get("/api/v1/providers").Header.Get("Goodstanding-Stale"); got != "false" {
		t.Errorf("stale within the day: %s", got)
	}
	w.later(2 * time.Second)
	if got := w.get("/api/v1/providers").Header.Get("Goodstanding-Stale"); got != "true" {
		t.Errorf("stale after a day: %s", got)
	}
	w.now.Store(int64(instant.Date(2026, 12, 1)) - 1)
	if w.state("zed-canary") != "waived" || !strings.Contains(w.get("/api/v1/providers").body, `"Zed"`) {
		t.Error("the waiver ended too early")
	}
}

// provided is the provider list as a website reads it.
func (w *world) provided() (l providerList, tag string) {
	w.t.Helper()
	got := w.get("/api/v1/providers")
	if got.StatusCode != 200 {
		w.t.Fatalf("%d %s", got.StatusCode, got.body)
	}
	w.ok(json.Unmarshal([]byte(got.body), &l))
	return l, got.Header.Get("ETag")
}

func (l providerList) names() string {
	var names []string
	for _, p := range l.Providers {
		names = append(names, p.Name)
	}
	return strings.Join(names, ", ")
}

// TestTheListChangesOnlyWhenAnEntryDoes, and says since when it is so, also
// after a restart and to another replica.
func TestTheListChangesOnlyWhenAnEntryDoes(t *testing.T) {
	dbtest.Each(t, func(t *testing.T, open func() *store.DB) {
		w := bare(t, open())
		w.settle()
		w.refresh()
		first, tag := w.provided()
		if first.names() != "Ash | Co-op, Zed" || first.ChangedAt != noon || first.Schema != "providers/1" || first.Federation != "Loose Knot" {
			t.Fatalf("the list is %+v", first)
		}
		w.later(time.Hour)
		_, _, err := w.r.Waive(t.Context(), w.by("solidarity"), w.fir, instant.Date(2026, 6, 1), 0, "") // fir is not approved
		w.ok(err)
		w.refresh()
		if again, same := w.provided(); same != tag || again.ChangedAt != noon {
			t.Errorf("the list changed with no entry: %+v", again)
		}
		replica := w.replica(open())
		if again, same := replica.provided(); same != tag || again.ChangedAt != noon {
			t.Errorf("a replica says otherwise: %+v", again)
		}
		w.must(w.r.Approve(t.Context(), w.by("looked"), w.fir))
		w.later(time.Minute)
		w.refresh()
		next, other := w.provided()
		if next.names() != "Ash | Co-op, Fir, Zed" || other == tag || next.ChangedAt != w.clock() {
			t.Errorf("an entry more: %+v", next)
		}
		w.later(time.Minute)
		replica.refresh()
		if again, same := replica.provided(); same != other || again.ChangedAt != next.ChangedAt {
			t.Errorf("the replica says otherwise: %+v", again)
		}
	})
}

// replica is another process on the same database, with the same clock.
func (w *world) replica(db *store.DB) *world {
	w.t.Helper()
	r := &world{t: w.t, db: db, r: w.roll(db), token: w.token}
	r.now.Store(w.now.Load())
	o := w.api.o
	o.DB, o.Roll, o.Chair, o.Observe = db, r.r, r.chair(db, r.r), nil
	api, err := New(o)
	w.ok(err)
	r.api = api
	r.http = newServer(w.t, api)
	r.refresh()
	return r
}

// TestAReplicaThatLagsDoesNotUndoTheList: its book is older than the list.
func TestAReplicaThatLagsDoesNotUndoTheList(t *testing.T) {
	open := dbtest.SQLite(t)
	w := bare(t, open())
	w.settle()
	w.refresh()
	replica := w.replica(open())
	old := replica.api.current.Load()
	_, _, err := w.r.Waive(t.Context(), w.by("solidarity"), w.fir, instant.Date(2026, 6, 1), 0, "")
	w.ok(err)
	w.must(w.r.Approve(t.Context(), w.by("looked"), w.fir))
	w.later(time.Minute)
	w.refresh()
	newest := w.mark()
	lagging := *old
	lagging.mark.list = listMark{}
	replica.api.save(t.Context(), &lagging)
	if got := w.mark(); got != newest || newest.digest == old.mark.list.digest {
		t.Errorf("the list was undone: %+v, want %+v", got, newest)
	}
}

func (w *world) mark() (m listMark) {
	w.t.Helper()
	w.ok(w.db.View(w.t.Context(), func(tx *store.Tx) (err error) {
		m, err = readListMark(w.t.Context(), tx)
		return err
	}))
	return m
}

// TestAnEntryGoesWhenItsTimeHasCome: by the clock alone, at the instant that
// was foreseen.
func TestAnEntryGoesWhenItsTimeHasCome(t *testing.T) {
	w := newWorld(t)
	end := w.clock().Add(30 * time.Second)
	w.must(w.r.Leave(t.Context(), w.by("wished so"), w.zed, end))
	w.refresh()
	if l, _ := w.provided(); l.names() != "Ash | Co-op, Zed" {
		t.Fatalf("the list is %s", l.names())
	}
	w.now.Store(int64(end) - 1)
	if l, _ := w.provided(); l.names() != "Ash | Co-op, Zed" {
		t.Errorf("too early: %s", l.names())
	}
	w.now.Store(int64(end))
	w.later(10 * time.Second)
	l, _ := w.provided()
	if l.names() != "Ash | Co-op" || l.ChangedAt != end {
		t.Errorf("after its end: %s, changed at %s, want %s", l.names(), l.ChangedAt, end)
	}
	w.refresh()
	if got := w.mark(); got.changed != end {
		t.Errorf("stored is %s", got.changed)
	}
}

func TestBeforeTheFirstReading(t *testing.T) {
	w := bare(t, dbtest.SQLite(t)())
	for _, r := range readings() {
		got := w.read(asked(r))
		want := 503
		if r.alone && r.path != "/readyz" {
			want = 200
		}
		if got.StatusCode != want {
			t.Errorf("%s: %d %s", r.path, got.StatusCode, got.body)
		}
	}
	if got := w.get("/readyz"); !strings.Contains(got.body, `"errors":["the roll was not read yet"]`) {
		t.Errorf("readyz: %s", got.body)
	}
}

func TestWithoutAPolicyNothingIsReady(t *testing.T) {
	db := dbtest.SQLite(t)()
	w := &world{t: t, db: db}
	w.now.Store(int64(noon))
	w.r = roll.New(db, roll.Options{Now: w.clock})
	var err error
	w.api, err = New(Options{Roll: w.r, Chair: w.chair(db, w.r), DB: db, Now: w.clock})
	w.ok(err)
	w.http = newServer(t, w.api)
	w.refresh()
	if got := w.get("/readyz"); got.StatusCode != 503 || !strings.Contains(got.body, `"errors":["no policy is loaded"]`) {
		t.Errorf("readyz: %d %s", got.StatusCode, got.body)
	}
	if got := w.get("/api/v1/members"); got.StatusCode != 503 || got.Header.Get("Retry-After") == "" {
		t.Errorf("members: %d %s", got.StatusCode, got.body)
	}
}

// An answer how a member stands is kept for less than a second, not once something was
// written or is due, and for who may read the same.
func TestAStandingIsKeptForAMomentAlone(t *testing.T) {
	w := newWorld(t)
	bare := "Authorization: Bearer " + w.newToken("bare", string(roll.ScopeEligibility))
	w.refresh()
	path := "/api/v1/members/canary-ash/eligibility"
	at := func() string {
		got := w.read(path)
		_, rest, _ := strings.Cut(got.body, `"at":"`)
		when, _, _ := strings.Cut(rest, `"`)
		return when
	}
	first := at()
	w.later(400 * time.Millisecond)
	if again := at(); again != first {
		t.Errorf("it was worked out at %s and again at %s", first, again)
	}
	w.later(600 * time.Millisecond)
	if later := at(); later != w.clock().String() {
		t.Errorf("a second later it is of %s", later)
	}
	w.later(time.Millisecond)
	w.add(roll.NewMember{Name: "Gorse Canary", Kind: member.Organisation, Since: instant.Date(2026, 1, 1)})
	w.refresh()
	if written := at(); written != w.clock().String() {
		t.Errorf("once something was written it is of %s", written)
	}
	if all, some := w.read(path).body, w.get(path, bare).body; !strings.Contains(all, `"minor":`) || strings.Contains(some, `"minor":`) || !strings.Contains(w.read(path).body, `"minor":`) {
		t.Errorf("amounts are told to\n%s\nand to who may not read them\n%s", all, some)
	}
	var ash struct {
		ChangesAt instant.Instant `json:"changes_at"`
	}
	w.decode(path, &ash)
	if ash.ChangesAt == 0 {
		t.Fatal("nothing is due")
	}
	w.now.Store(int64(ash.ChangesAt.Add(-100 * time.Millisecond)))
	before := at()
	w.later(200 * time.Millisecond)
	if due := at(); due == before || due != w.clock().String() {
		t.Errorf("what was due since %s is told as of %s", before, due)
	}
}
