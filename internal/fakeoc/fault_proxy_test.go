package fakeoc_test

import (
	"fmt"
	"net/http"
	"net/http/httptest"
	"slices"
	"strings"
	"testing"
	"time"

	"coopcloud.tech/goodstanding/internal/fakeoc"
	"coopcloud.tech/goodstanding/internal/instant"
	"coopcloud.tech/goodstanding/syncer/opencollective"
)

// throughProxy is the film behind a proxy, with or without TLS; pull makes a
// new client each time, because a connection has one mishap for all its life.
func throughProxy(t *testing.T, seed uint64, secure bool) (p *fakeoc.Proxy, pull func() (*opencollective.Snapshot, error)) {
	t.Helper()
	film, err := fakeoc.NewFilm()
	if err != nil {
		t.Fatal(err)
	}
	scheme, server := "http", httptest.NewUnstartedServer(film)
	server.Config.ErrorLog = nil
	transport := &http.Transport{}
	if secure {
		scheme = "https"
		server.StartTLS()
		transport = server.Client().Transport.(*http.Transport)
	} else {
		server.Start()
	}
	t.Cleanup(server.Close)
	if p, err = fakeoc.NewProxy(strings.TrimPrefix(server.URL, scheme+"://"), seed); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(p.Close)
	return p, func() (*opencollective.Snapshot, error) {
		c, err := opencollective.New(opencollective.Options{
			URL: scheme + "://" + p.Addr() + "/graphql/v2", Token: someToken, PerMinute: 100_000, Transport: transport.Clone(),
			Now: func() instant.Instant { return film.Clock(0) }, Clock: time.Now, Timeout: 5 * time.Second,
		})
		if err != nil {
			t.Fatal(err)
		}
		defer c.Close()
		return c.Pull(t.Context(), opencollective.PullRequest{Slug: film.Slug()})
	}
}

// asText is a snapshot without how many requests it took.
func asText(s *opencollective.Snapshot) string {
	one := *s
	one.Requests = 0
	return fmt.Sprintf("%+v", one)
}

// With TLS in between, a bad network can hold the facts back and never change
// them: each pull ends in a typed error or in the very snapshot.
func TestNoWrongSnapshotThroughABadNetwork(t *testing.T) {
	p, pull := throughProxy(t, 42, true)
	good, err := pull()
	if err != nil {
		t.Fatal(err)
	}
	whole, wrong, classes := 0, 0, map[string]int{}
	for i, m := range mishaps() {
		if err := p.Do(m); err != nil {
			t.Fatal(err)
		}
		snap, err := pull()
		classes[opencollective.ClassOf(err)]++
		switch {
		case err == nil && asText(snap) == asText(good):
			whole++
		case err == nil:
			wrong++
			t.Errorf("%d, %+v: another snapshot", i, m)
		case opencollective.ClassOf(err) != opencollective.ClassUpstreamDown:
			t.Errorf("%d, %+v: %s (%v)", i, m, opencollective.ClassOf(err), err)
		}
	}
	t.Logf("proxy: %d pulls over TLS, %v, wrong snapshots %d", len(mishaps()), classes, wrong)
	if whole < 10 || classes[opencollective.ClassUpstreamDown] < 30 {
		t.Errorf("%d came whole, %v: the network was too good or too bad to prove anything", whole, classes)
	}
	if err := p.Do(fakeoc.Mishap{Kind: fakeoc.MishapNone}); err != nil {
		t.Fatal(err)
	}
	if snap, err := pull(); err != nil || asText(snap) != asText(good) {
		t.Errorf("a good network again: %v", err)
	}
}

// mishaps are each kind at several places, and many drawn from the seed.
func mishaps() (all []fakeoc.Mishap) {
	for _, after := range []int64{0, 1, 500, 3_000, 20_000, 90_000} {
		all = append(all,
			fakeoc.Mishap{Kind: fakeoc.MishapRefuse},
			fakeoc.Mishap{Kind: fakeoc.MishapCut, After: after},
			fakeoc.Mishap{Kind: fakeoc.MishapHalfClose, After: after},
			fakeoc.Mishap{Kind: fakeoc.MishapCorrupt, After: after, Share: 0.001},
		)
	}
	all = append(all,
		fakeoc.Mishap{Kind: fakeoc.MishapDelay, Wait: 50 * time.Millisecond},
		fakeoc.Mishap{Kind: fakeoc.MishapThrottle, Wait: time.Millisecond, Chunk: 8 << 10},
		fakeoc.Mishap{Kind: fakeoc.MishapCorrupt, Share: 1},
	)
	for range 60 {
		all = append(all, fakeoc.Mishap{Kind: fakeoc.MishapMixed, After: 150_000, Wait: time.Millisecond, Chunk: 8 << 10, Share: 0.0005})
	}
	return all
}

// Without TLS nobody can tell a changed digit; what is promised there is only
// that nothing worse happens than a typed error or a whole snapshot. The proxy
// does change bytes, else the test above would prove nothing.
func TestPlainHTTPIsOnlyAsGoodAsTheNetwork(t *testing.T) {
	p, pull := throughProxy(t, 7, false)
	good, err := pull()
	if err != nil {
		t.Fatal(err)
	}
	harmed := 0
	for range 30 {
		if err := p.Do(fakeoc.Mishap{Kind: fakeoc.MishapCorrupt, After: 400, Share: 0.00005}); err != nil {
			t.Fatal(err)
		}
		snap, err := pull()
		if class := opencollective.ClassOf(err); class == opencollective.ClassOther || class == opencollective.ClassCancelled {
			t.Errorf("an error of no class: %v", err)
		}
		if err != nil || asText(snap) != asText(good) {
			harmed++
		}
	}
	if harmed < 5 {
		t.Errorf("only %d of 30 pulls were harmed", harmed)
	}
}

// The same seed does the same to the same connections.
func TestTheProxyIsSeeded(t *testing.T) {
	run := func(seed uint64) (out []string) {
		p, pull := throughProxy(t, seed, false)
		for range 12 {
			if err := p.Do(fakeoc.Mishap{Kind: fakeoc.MishapMixed, After: 150_000, Share: 0.01}); err != nil {
				t.Fatal(err)
			}
			_, err := pull()
			out = append(out, opencollective.ClassOf(err))
		}
		return out
	}
	first := run(3)
	if again := run(3); !slices.Equal(first, again) {
		t.Errorf("seed 3 gave %v and then %v", first, again)
	}
	if other := run(4); slices.Equal(first, other) {
		t.Errorf("seed 4 gives the same as seed 3: %v", other)
	}
}

// Cut ends what is under way, Close everything; an unknown mishap is refused.
func TestTheProxyCutsAndCloses(t *testing.T) {
	p, pull := throughProxy(t, 1, false)
	if err := p.Do(fakeoc.Mishap{Kind: "earthquake"}); err == nil || !strings.Contains(err.Error(), `"earthquake" is not known: known are [none refuse cut`) {
		t.Errorf("an unknown mishap: %v", err)
	}
	if err := p.Do(fakeoc.Mishap{Kind: fakeoc.MishapThrottle, Chunk: 1, Wait: 5 * time.Millisecond}); err != nil {
		t.Fatal(err)
	}
	ended := make(chan error, 1)
	go func() {
		_, err := pull()
		ended <- err
	}()
	for cut := false; !cut; {
		p.Cut()
		select {
		case err := <-ended:
			cut = true
			if opencollective.ClassOf(err) != opencollective.ClassUpstreamDown {
				t.Errorf("cut: %v", err)
			}
		case <-time.After(10 * time.Millisecond):
		}
	}
	p.Close()
	if _, err := pull(); opencollective.ClassOf(err) != opencollective.ClassUpstreamDown || !strings.Contains(err.Error(), "refused") {
		t.Errorf("closed: %v", err)
	}
}
