package cases

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/rs/zerolog"

	"coopcloud.tech/goodstanding/eligibility"
	"coopcloud.tech/goodstanding/internal/dbtest"
	"coopcloud.tech/goodstanding/internal/fakeoc"
	"coopcloud.tech/goodstanding/member"
	"coopcloud.tech/goodstanding/policy"
	"coopcloud.tech/goodstanding/roll"
	"coopcloud.tech/goodstanding/store"
	"coopcloud.tech/goodstanding/syncer"
	"coopcloud.tech/goodstanding/syncer/opencollective"
)

const (
	slug   = "loose-knot"
	secret = "0123456789abcdef0123456789abcdef01234567"
)

// federation is a case being played.
type federation struct {
	t      *testing.T
	w      *fakeoc.World
	faults *fakeoc.Faults
	url    string
	token  string
	dsn    string
	db     *store.DB
	roll   *roll.Roll
	by     roll.By

	last     syncer.Report // of the last complete reading
	err      error         // of the last reading, nil for a complete one
	requests int           // of the last reading
}

// TestCases are the tricky cases of open-collective.md, section 11.
func TestCases(t *testing.T) { playAll(t, "testdata/cases") }

// TestFailureStories are those of field.md, section 6. (A TestStories walks in a browser,
// and what is named so runs apart.)
func TestFailureStories(t *testing.T) { playAll(t, "testdata/stories") }

// TestScenarios are those of federation.md, section 6b, that are about dues; the
// others are about decisions (decisions/testdata/federation.txt).
func TestScenarios(t *testing.T) { playAll(t, "testdata/scenarios") }

func playAll(t *testing.T, folder string) {
	for _, path := range files(t, folder) {
		t.Run(strings.TrimSuffix(filepath.Base(path), ".txt"), func(t *testing.T) {
			t.Parallel()
			f := read(t, path)
			newFederation(t, f).play(f)
		})
	}
}

// read reads a case from its file.
func read(t *testing.T, path string) *file {
	t.Helper()
	text, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	f, err := readFile(string(text))
	if err != nil {
		t.Fatalf("%s: %v", path, err)
	}
	return f
}

func newFederation(t *testing.T, f *file) *federation {
	fed := &federation{t: t, w: fakeoc.NewWorld(f.start, uint64(f.number)), token: secret, dsn: dbtest.SQLiteDSN(t)}
	if !f.own {
		for _, verb := range []string{"collective " + slug + " GBP", "token " + secret + " ada-admin"} {
			if err := fed.w.Do(verb); err != nil {
				t.Fatal(err)
			}
		}
	}
	fed.faults = fakeoc.NewFaults(fakeoc.NewServer(fed.w, fakeoc.ServerOptions{NoLimit: true}))
	url, stop, err := fakeoc.Listen(fed.faults)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(stop)
	fed.url = url
	fed.open()
	t.Cleanup(func() { _ = fed.db.Close() })
	return fed
}

// open begins as a daemon does that is started.
func (f *federation) open() {
	f.t.Helper()
	db, err := store.Open(context.Background(), f.dsn, store.Options{Version: "test"})
	if err != nil {
		f.t.Fatal(err)
	}
	f.db, f.roll = db, roll.New(db, roll.Options{Now: f.w.Now})
	actor, err := f.roll.ActorAs(context.Background(), "", "treasurer")
	if err != nil {
		f.t.Fatal(err)
	}
	f.by = roll.By{Actor: actor, Reason: "the case"}
}

func (f *federation) play(c *file) {
	for _, l := range c.lines {
		f.w.AdvanceTo(l.at)
		if err := f.one(l); err != nil {
			f.t.Errorf("line %d, %s: %v", l.n, f.w.Now(), err)
		}
		if f.t.Failed() && l.hold == "" { // what must hold is told to the end, as far as nothing new happens
			f.t.FailNow()
		}
	}
}

func (f *federation) one(l line) error {
	switch {
	case l.hold != "":
		return f.hold(l.hold)
	case l.act != "":
		word, rest, _ := strings.Cut(l.act, " ")
		if err := f.policy(); err != nil && word != "policy" {
			return err
		}
		return acts[word](f, strings.TrimSpace(rest))
	case l.fault == "good":
		f.faults.Clear()
		return nil
	case l.fault != "":
		fault, err := fakeoc.ParseFault(l.fault)
		if err != nil {
			return err
		}
		return f.faults.Set(fault)
	}
	return f.w.Do(l.world)
}

// policy gives a store that has none the default one.
func (f *federation) policy() error {
	if _, ok, err := f.roll.PolicyInForce(context.Background()); ok || err != nil {
		return err
	}
	preset, err := policy.Preset(policy.DefaultPreset)
	if err == nil {
		_, _, err = f.roll.EnsurePolicy(context.Background(), f.by, preset, false)
	}
	return err
}

// reading reads Open Collective with a client of its own: one that met a rate
// limit would wait in real time.
func (f *federation) reading() error {
	f.requests = 0
	client, err := opencollective.New(opencollective.Options{
		URL: f.url, Token: f.token, Now: f.w.Now, Clock: time.Now, PerMinute: 1_000_000, Timeout: 2 * time.Second,
		Transport: &http.Transport{MaxIdleConnsPerHost: 2},
		Observe:   func(string, string, time.Duration) { f.requests++ },
	})
	if err != nil {
		return err
	}
	defer client.Close()
	before, err := f.standings()
	if err != nil {
		return err
	}
	s := syncer.New(f.db, f.roll, client, syncer.Options{Slug: slug, Now: f.w.Now, Logger: zerolog.Nop()})
	report, err := s.Pull(context.Background())
	if f.err = err; err == nil {
		f.last = report
		return nil
	}
	return f.harmless(before)
}

// harmless looks whether a failed reading has changed anything or told a secret.
func (f *federation) harmless(before map[member.ID]eligibility.Standing) error {
	after, err := f.standings()
	if err != nil {
		return err
	}
	var wrong []error
	for id, was := range before {
		is := after[id]
		if changes := eligibility.Compare(&was, &is); len(changes) > 0 {
			wrong = append(wrong, fmt.Errorf("a reading that failed changed %s from %s to %s", id, was.State, is.State))
		}
	}
	for _, hidden := range []string{secret, f.token, "@example"} {
		if hidden != "" && strings.Contains(f.err.Error(), hidden) {
			wrong = append(wrong, fmt.Errorf("the error tells a secret: %w", f.err))
		}
	}
	return errors.Join(wrong...)
}

// standings are all of them, now.
func (f *federation) standings() (map[member.ID]eligibility.Standing, error) {
	v, err := f.roll.View(context.Background(), roll.Query{})
	out := map[member.ID]eligibility.Standing{}
	for _, row := range v.Rows {
		out[row.ID] = row.Standing
	}
	return out, err
}
