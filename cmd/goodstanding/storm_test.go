package main

import (
	"context"
	"fmt"
	"io"
	"log"
	"maps"
	"math/rand/v2"
	"net/http"
	"net/http/httptest"
	"slices"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"github.com/rs/zerolog"

	"coopcloud.tech/goodstanding/internal/dbtest"
	"coopcloud.tech/goodstanding/internal/fakeoc"
	"coopcloud.tech/goodstanding/internal/instant"
	"coopcloud.tech/goodstanding/internal/loop"
	"coopcloud.tech/goodstanding/store"
	"coopcloud.tech/goodstanding/syncer"
	"coopcloud.tech/goodstanding/syncer/opencollective"
)

// stormEnds is when who cancelled in January has lapsed, on 22 February.
var stormEnds = instant.Date(2026, 2, 24)

// storm is a federation whose daemon reads a live fake over TLS through a network
// that cuts, delays and corrupts, beside a calm one that reads whenever the
// daemon could.
type storm struct {
	t           *testing.T
	random      *rand.Rand
	oc          *fakeoc.World
	proxy       *fakeoc.Proxy
	good        int
	failed      map[string]int // by what the network did
	in, calm    *house
	inS, calmS  *syncer.Syncer
	began       time.Time
	from        instant.Instant
	transitions []string
}

// TestTheDaemonInAStorm: after every reading that succeeds, the roll, its holds
// and its notices are those of a federation that never saw a fault; after one
// that fails they are what they were. Who really stopped paying lapses on the
// day.
func TestTheDaemonInAStorm(t *testing.T) {
	s := &storm{t: t, random: rand.New(rand.NewPCG(10, 4)), failed: map[string]int{}, from: instant.Date(2026, 1, 10).Add(9 * time.Hour)}
	s.oc = fakeoc.NewWorld(s.from, 5)
	s.say("collective loose-knot GBP")
	s.say("token canary-token-9471 ada-admin")
	for i := range 12 {
		s.say(fmt.Sprintf("join member-%02d GBP 10 monthly card", i))
	}
	server := httptest.NewUnstartedServer(fakeoc.NewServer(s.oc, fakeoc.ServerOptions{NoLimit: true}))
	server.Config.ReadTimeout = time.Second             // a client whose question came to harm is not waited for
	server.Config.ErrorLog = log.New(io.Discard, "", 0) // of handshakes that failed, as they should
	server.StartTLS()
	defer server.Close()
	var err error
	if s.proxy, err = fakeoc.NewProxy(strings.TrimPrefix(server.URL, "https://"), 7); err != nil {
		t.Fatal(err)
	}
	defer s.proxy.Close()
	stormy, calm := dbtest.SQLiteDSN(t), dbtest.SQLiteDSN(t)
	synctest.Test(t, func(t *testing.T) {
		s.t, s.began = t, time.Now()
		s.in, s.calm = newHouse(t.Context(), t, stormy, s.now), newHouse(t.Context(), t, calm, s.now)
		defer s.in.db.Close()
		defer s.calm.db.Close()
		trust := server.Client().Transport.(*http.Transport)
		s.inS = s.reader(s.in, trust, "https://"+s.proxy.Addr())
		s.calmS = s.reader(s.calm, trust, server.URL)
		s.weather()
	})
	t.Logf("%d good readings; failed through %v; lapsed: %v", s.good, s.failed, s.transitions)
	for _, kind := range []string{fakeoc.MishapRefuse, fakeoc.MishapCut, fakeoc.MishapHalfClose, fakeoc.MishapCorrupt} {
		if s.failed[kind] == 0 {
			t.Errorf("nothing failed through %s", kind)
		}
	}
	if want := []string{"2026-02-22T00:00:00Z Member 03"}; !slices.Equal(s.transitions, want) || s.good < 40 {
		t.Errorf("lapsed in %d good readings: %v, want %v", s.good, s.transitions, want)
	}
}

func (s *storm) say(line string) {
	s.t.Helper()
	if err := s.oc.Do(line); err != nil {
		s.t.Fatal(err)
	}
}

func (s *storm) now() instant.Instant { return s.from.Add(time.Hour + time.Since(s.began)) }

func (s *storm) reader(h *house, trust *http.Transport, url string) *syncer.Syncer {
	s.t.Helper()
	transport := trust.Clone()
	transport.DisableKeepAlives = true // each request has a connection, and a mishap, of its own
	client, err := opencollective.New(opencollective.Options{URL: url + "/graphql/v2", Token: "canary-token-9471", Now: h.now, Clock: time.Now,
		PerMinute: 100_000, Transport: transport})
	if err != nil {
		s.t.Fatal(err)
	}
	return syncer.New(h.db, h.roll, client, syncer.Options{Slug: "loose-knot", Now: h.now, Logger: zerolog.Nop()})
}

// weather runs the daemon's loop until the end.
func (s *storm) weather() {
	ctx, cancel := context.WithTimeout(s.t.Context(), stormEnds.Sub(s.now()))
	defer cancel()
	p := &puller{parts: newParts(Env{Now: s.now, Clock: time.Now}), books: &books{db: s.in.db, roll: s.in.roll}, every: 20 * time.Hour, pull: s.pull}
	loop.Run(ctx, p.step, loop.Options{Max: longestPull, Now: s.now, Backoff: pullPause(p.every), Failed: func(err error, _ int, _ time.Duration) {
		if class := syncer.OutcomeOf(err); class != opencollective.ClassUpstreamDown {
			s.t.Errorf("%s: %v", class, err)
		}
	}})
}

// pull lets the world come to the hour and reads it through one kind of weather.
func (s *storm) pull(ctx context.Context) (syncer.Report, error) {
	s.oc.AdvanceTo(s.now())
	kind := fakeoc.MishapNone
	if s.good > 0 {
		kinds := fakeoc.Mishaps()
		kind = kinds[s.random.IntN(len(kinds))]
	}
	err := s.proxy.Do(fakeoc.Mishap{Kind: kind, After: s.random.Int64N(20_000), Wait: 2 * time.Millisecond, Chunk: 2048, Share: 0.01})
	if err != nil {
		s.t.Fatal(err)
	}
	before := s.whole(ctx, s.in)
	report, err := s.inS.Pull(ctx)
	if err != nil {
		s.failed[kind]++
		s.same(kind+" changed the roll", s.whole(ctx, s.in), before)
		return report, err
	}
	s.good++
	for _, tr := range report.Roll.Transitions {
		if s.good > 1 && tr.To.String() == "lapsed" {
			s.transitions = append(s.transitions, fmt.Sprint(tr.At, " ", tr.Name))
		}
	}
	if _, err := s.calmS.Pull(ctx); err != nil {
		s.t.Fatal(err)
	}
	if s.good == 1 {
		s.in.adopt(ctx, s.t)
		s.calm.adopt(ctx, s.t)
		s.say("cancel member-03")
		s.say("refuse member-05 2") // fails twice in February and is then charged
	}
	s.same("read through "+kind, s.whole(ctx, s.in), s.whole(ctx, s.calm))
	return report, nil
}

// whole is the roll by account, with how many holds and notices there are.
func (s *storm) whole(ctx context.Context, h *house) map[string]string {
	s.t.Helper()
	out := h.standings(ctx, s.t)
	err := h.db.View(ctx, func(tx *store.Tx) error {
		holds, err := tx.Holds(ctx)
		if err != nil {
			return err
		}
		rows, err := tx.Notices(ctx, store.OutboxQuery{})
		kinds := map[string]int{}
		for _, n := range rows {
			kinds[string(n.Kind)]++
		}
		out["holds"], out["notices"] = fmt.Sprint(len(holds)), fmt.Sprint(kinds)
		return err
	})
	if err != nil {
		s.t.Fatal(err)
	}
	return out
}

func (s *storm) same(what string, got, want map[string]string) {
	s.t.Helper()
	if !maps.Equal(got, want) {
		s.t.Errorf("%s, %s:\n got  %v\n want %v", s.now(), what, got, want)
	}
}
