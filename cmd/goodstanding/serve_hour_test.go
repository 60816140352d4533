package main

import (
	"context"
	"fmt"
	"maps"
	"net/http"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"github.com/rs/zerolog"

	"coopcloud.tech/goodstanding/eligibility"
	"coopcloud.tech/goodstanding/internal/dbtest"
	"coopcloud.tech/goodstanding/internal/fakeoc"
	"coopcloud.tech/goodstanding/internal/instant"
	"coopcloud.tech/goodstanding/internal/loop"
	"coopcloud.tech/goodstanding/policy"
	"coopcloud.tech/goodstanding/roll"
	"coopcloud.tech/goodstanding/store"
	"coopcloud.tech/goodstanding/syncer"
	"coopcloud.tech/goodstanding/syncer/opencollective"
)

// badAnswers are ways in which upstream fails that another try can mend.
var badAnswers = []func(http.ResponseWriter, *http.Request, string) bool{
	answer(500, `{"error":"oops"}`),
	answer(429, `{"error":{"code":429}}`, "Retry-After", "90"),
	answer(200, `<!doctype html><title>Just a moment</title>`, "Content-Type", "text/html"),
	answer(502, ``),
	func(http.ResponseWriter, *http.Request, string) bool { panic(http.ErrAbortHandler) }, // cut off
	answer(200, `{"data":{"account":{"id":`),                                              // ends in the middle
	answer(200, `{"errors":[{"message":"x","extensions":{"code":"INTERNAL_SERVER_ERROR"}}],"data":null}`),
}

// weather alternates good and bad answers, one attempt each; every good one
// shows the next scene.
type weather struct {
	up   *upstream
	good bool
	// attempts and scene are how many there were so far, and which is shown.
	attempts, scene int
	shown           bool
}

// attempt sets the weather of the next attempt.
func (w *weather) attempt(t *testing.T) {
	t.Helper()
	w.good = w.attempts%2 == 0
	w.attempts++
	if !w.good {
		w.up.front = badAnswers[(w.attempts/2-1)%len(badAnswers)]
		return
	}
	w.up.front = nil
	if w.shown {
		w.scene = min(w.scene+1, len(w.up.film.Scenes())-1)
	}
	w.shown = true
	if err := w.up.film.Show(w.scene); err != nil {
		t.Fatal(err)
	}
}

// house is a store with its roll in a clock that the test moves.
type house struct {
	db   *store.DB
	roll *roll.Roll
	now  func() instant.Instant
	by   roll.By
}

func newHouse(ctx context.Context, t *testing.T, dsn string, now func() instant.Instant) *house {
	t.Helper()
	db, err := store.Open(ctx, dsn, store.Options{Version: "test"})
	if err != nil {
		t.Fatal(err)
	}
	h := &house{db: db, now: now, roll: roll.New(db, roll.Options{Now: now})}
	actor, err := h.roll.ActorAs(ctx, "", "test")
	if err != nil {
		t.Fatal(err)
	}
	h.by = roll.By{Actor: actor, Reason: "a test"}
	preset, err := policy.Preset(policy.DefaultPreset)
	if err == nil {
		_, _, err = h.roll.EnsurePolicy(ctx, h.by, preset, false)
	}
	if err != nil {
		t.Fatal(err)
	}
	return h
}

// syncer reads a film over connections that are not kept: nothing of them
// outlives a request.
func (h *house) syncer(t *testing.T, url, slug string) *syncer.Syncer {
	t.Helper()
	client, err := opencollective.New(opencollective.Options{URL: url, Token: "film", Now: h.now, Clock: time.Now,
		PerMinute: 100_000, Transport: &http.Transport{DisableKeepAlives: true}})
	if err != nil {
		t.Fatal(err)
	}
	return syncer.New(h.db, h.roll, client, syncer.Options{Slug: slug, Now: h.now, Logger: zerolog.Nop()})
}

func (h *house) adopt(ctx context.Context, t *testing.T) {
	t.Helper()
	if _, _, err := h.roll.Adopt(ctx, h.by, roll.Adopt{All: true}); err != nil {
		t.Fatal(err)
	}
}

// standings are the members' states and rights by account, which is the same in
// every store.
func (h *house) standings(ctx context.Context, t *testing.T) map[string]string {
	t.Helper()
	v, err := h.roll.View(ctx, roll.Query{})
	if err != nil {
		t.Fatal(err)
	}
	out := map[string]string{}
	for _, r := range v.Rows {
		s := r.Standing
		out[string(r.Accounts[0].ID)] = fmt.Sprint(s.State, s.Has(eligibility.Vote), s.Has(eligibility.Services))
	}
	return out
}

// calmly is the roll after each scene, read one after the other without a fault.
func calmly(t *testing.T) (after []map[string]string) {
	t.Helper()
	film, err := fakeoc.NewFilm()
	if err != nil {
		t.Fatal(err)
	}
	url, stop, err := fakeoc.Listen(film)
	if err != nil {
		t.Fatal(err)
	}
	defer stop()
	step, ctx := 0, t.Context()
	h := newHouse(ctx, t, "sqlite://"+filepath.Join(t.TempDir(), "calm.db"), func() instant.Instant { return film.Clock(step) })
	defer h.db.Close()
	s := h.syncer(t, url, film.Slug())
	for ; step < len(film.Scenes()); step++ {
		if err := film.Show(step); err != nil {
			t.Fatal(err)
		}
		if _, err := s.Pull(ctx); err != nil {
			t.Fatal(err)
		}
		if step == 0 {
			h.adopt(ctx, t)
		}
		after = append(after, h.standings(ctx, t))
	}
	return after
}

// TestAnHourOfGoodAndBadAnswers: the loop of the daemon against a live server
// that fails every other time, an hour of it in a clock that runs fast. After a
// good answer the roll is what it would be without any fault; after a bad one it
// is what it was.
func TestAnHourOfGoodAndBadAnswers(t *testing.T) {
	want := calmly(t)
	if slices.EqualFunc(want[1:], want[:len(want)-1], maps.Equal) {
		t.Fatal("nothing changes in the film")
	}
	for name, dsn := range map[string]func(testing.TB) string{"sqlite": dbtest.SQLiteDSN, "postgres": dbtest.PostgresDSN} {
		t.Run(name, func(t *testing.T) {
			film, err := fakeoc.NewFilm()
			if err != nil {
				t.Fatal(err)
			}
			sky := &weather{up: &upstream{film: film}}
			url, stop, err := fakeoc.Listen(sky.up)
			if err != nil {
				t.Fatal(err)
			}
			defer stop()
			address := dsn(t)
			synctest.Test(t, func(t *testing.T) { anHour(t, sky, address, url, want) })
		})
	}
}

func anHour(t *testing.T, sky *weather, dsn, url string, want []map[string]string) {
	ctx, cancel := context.WithTimeout(t.Context(), time.Hour)
	defer cancel()
	began := time.Now()
	h := newHouse(t.Context(), t, dsn, func() instant.Instant { return sky.up.film.Clock(0).Add(time.Minute + time.Since(began)) })
	defer h.db.Close()
	s := h.syncer(t, url, sky.up.film.Slug())
	running := false
	p := &puller{parts: newParts(Env{Now: h.now, Clock: time.Now}), books: &books{db: h.db, roll: h.roll}, every: 3 * time.Minute}
	p.pull = func(ctx context.Context) (syncer.Report, error) {
		if running {
			t.Error("two readings at once")
		}
		running = true
		defer func() { running = false }()
		var before map[string]string
		if sky.attempts > 0 {
			before = h.standings(ctx, t)
		}
		sky.attempt(t)
		report, err := s.Pull(ctx)
		if (err == nil) != sky.good {
			t.Errorf("attempt %d, good %v: %v", sky.attempts, sky.good, err)
		}
		if sky.attempts == 1 {
			h.adopt(ctx, t)
		}
		expect := before
		if sky.good {
			expect = want[sky.scene]
		}
		if got := h.standings(ctx, t); !maps.Equal(got, expect) {
			t.Errorf("attempt %d (good %v, scene %d): the roll is wrong\n got  %v\n want %v", sky.attempts, sky.good, sky.scene, got, expect)
		}
		return report, err
	}
	var pauses []string
	loop.Run(ctx, p.step, loop.Options{Max: longestPull, Now: h.now, Backoff: pullPause(p.every), Failed: func(err error, n int, pause time.Duration) {
		if n != 1 {
			t.Errorf("%d failures in a row: %v", n, err)
		}
		pauses = append(pauses, fmt.Sprint(syncer.OutcomeOf(err), " ", pause))
	}})
	if sky.attempts < 20 || sky.scene != len(want)-1 {
		t.Errorf("%d attempts in an hour, up to scene %d", sky.attempts, sky.scene)
	}
	if all := strings.Join(pauses, ", "); !strings.Contains(all, "upstream_down 5s") || !strings.Contains(all, "rate_limited 1m30s") {
		t.Errorf("the pauses were %s", all)
	}
}
