package main

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"path/filepath"
	"testing"
	"testing/synctest"
	"time"

	"coopcloud.tech/goodstanding/internal/fakeoc"
	"coopcloud.tech/goodstanding/internal/instant"
	"coopcloud.tech/goodstanding/internal/loop"
	"coopcloud.tech/goodstanding/roll"
	"coopcloud.tech/goodstanding/store"
	"coopcloud.tech/goodstanding/syncer"
	"coopcloud.tech/goodstanding/syncer/opencollective"
)

// TestThePauseAfterAFailure by the class of the error.
func TestThePauseAfterAFailure(t *testing.T) {
	down, drift := &opencollective.UpstreamDown{}, &opencollective.SchemaDrift{Refused: true}
	for _, c := range []struct {
		err  error
		n    int
		want time.Duration
	}{
		{&opencollective.RateLimited{Wait: 40 * time.Second}, 1, 40 * time.Second},
		{&opencollective.RateLimited{Wait: 40 * time.Second}, 9, 40 * time.Second},
		{&opencollective.RateLimited{Wait: 3 * time.Hour}, 1, 3 * time.Hour},
		{&opencollective.RateLimited{}, 1, time.Second},
		{down, 1, 5 * time.Second}, {down, 2, 10 * time.Second}, {down, 7, 320 * time.Second}, {down, 8, 640 * time.Second},
		{down, 9, 15 * time.Minute}, {down, 100, 15 * time.Minute},
		{&opencollective.Partial{}, 1, time.Minute}, {&opencollective.Partial{}, 6, 160 * time.Second},
		{&opencollective.Unauthorised{}, 1, time.Hour}, {&opencollective.Forbidden{}, 5, time.Hour},
		{&opencollective.SlugUnknown{}, 1, time.Hour}, {&opencollective.OtherAccount{}, 1, time.Hour}, {&opencollective.Archived{}, 1, time.Hour},
		{drift, 1, time.Minute}, {drift, 2, time.Hour}, {&opencollective.SchemaDrift{}, 1, time.Hour},
		{errors.New("disk"), 1, 5 * time.Second}, {errors.New("disk"), 5, time.Minute}, {errors.New("disk"), 50, time.Minute},
		{fmt.Errorf("wrapped: %w", &opencollective.Unauthorised{}), 1, time.Hour},
	} {
		if got := pullPause(30*time.Minute)(c.err, c.n); got != c.want {
			t.Errorf("%T, failure %d: %s, want %s", c.err, c.n, got, c.want)
		}
	}
	if got := pullPause(6*time.Hour)(&opencollective.Forbidden{}, 1); got != 6*time.Hour {
		t.Errorf("slow is %s, sooner than the regular readings", got)
	}
}

// TestEveryClassHasItsPause: a new class of upstream's has to be thought about.
func TestEveryClassHasItsPause(t *testing.T) {
	quick := map[string]bool{
		opencollective.ClassOK: true, opencollective.ClassRateLimited: true, opencollective.ClassUpstreamDown: true,
		opencollective.ClassPartial: true, opencollective.ClassIncomplete: true, opencollective.ClassCancelled: true, opencollective.ClassOther: true,
		opencollective.ClassClockApart: true, // it is put right without anybody telling the program
	}
	for _, class := range opencollective.Classes() {
		if quick[class] == slow[class] {
			t.Errorf("%s is both or neither of quick and slow", class)
		}
	}
}

// paced is a store of the film's first scene whose puller's readings are noted.
type paced struct {
	*house
	p     *puller
	began []instant.Instant
}

// inBubble runs f in a bubble, with a house that reads the film.
func inBubble(t *testing.T, every time.Duration, f func(ctx context.Context, x *paced)) {
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
	dsn := "sqlite://" + filepath.Join(t.TempDir(), "paced.db")
	synctest.Test(t, func(t *testing.T) {
		ctx, cancel := context.WithCancel(t.Context())
		defer cancel()
		began := time.Now()
		now := func() instant.Instant { return film.Clock(0).Add(time.Since(began)) }
		x := &paced{house: newHouse(ctx, t, dsn, now)}
		defer x.db.Close()
		s := x.syncer(t, url, film.Slug())
		parts := newParts(Env{Now: now, Clock: time.Now})
		parts.random = func() float64 { return 0.5 } // exactly every
		x.p = &puller{parts: parts, books: &books{db: x.db, roll: x.roll}, every: every}
		x.p.pull = func(ctx context.Context) (syncer.Report, error) {
			x.began = append(x.began, now())
			return s.Pull(ctx)
		}
		f(ctx, x)
	})
}

func (x *paced) step(ctx context.Context, t *testing.T) instant.Instant {
	t.Helper()
	next, err := x.p.step(ctx)
	if err != nil {
		t.Fatal(err)
	}
	return next
}

// TestALapseIsConfirmedPromptly: between regular readings that are far apart one
// is taken at the instant at which a standing is to change, and it changes.
func TestALapseIsConfirmedPromptly(t *testing.T) {
	inBubble(t, 1000*time.Hour, func(ctx context.Context, x *paced) {
		x.step(ctx, t)
		x.adopt(ctx, t)
		book, err := x.roll.Book(ctx)
		if err != nil {
			t.Fatal(err)
		}
		change := nextChange(book, x.now(), x.now())
		if change == 0 || change > x.began[0].Add(1000*time.Hour) {
			t.Fatalf("the film's next change is at %s: too late for this test", change)
		}
		soon, cancel := context.WithTimeout(ctx, change.Sub(x.now())+10*time.Second)
		defer cancel()
		loop.Run(soon, x.p.step, loop.Options{Max: longestPull, Now: x.now, Backoff: pullPause(time.Hour)})
		if len(x.began) != 2 || x.began[1] < change || x.began[1] > change.Add(time.Second) {
			t.Errorf("read at %v, the change was due at %s", x.began, change)
		}
		report, err := x.roll.Status(ctx)
		if err != nil || report.AsOf < change {
			t.Errorf("the last snapshot is of %s, %v", report.AsOf, err)
		}
	})
}

// TestReadingsAreSpacedFromTheLastOne, whoever took it.
func TestReadingsAreSpacedFromTheLastOne(t *testing.T) {
	inBubble(t, 30*time.Minute, func(ctx context.Context, x *paced) {
		first := x.step(ctx, t)
		if want := x.began[0].Add(30 * time.Minute); first != want {
			t.Errorf("the next one is at %s, want %s", first, want)
		}
		time.Sleep(20 * time.Minute)
		other := *x.p // another process with the same store
		other.looked, other.seen, other.due, other.read = false, 0, 0, 0
		other.books = &books{db: x.db, roll: x.roll}
		if next, err := other.step(ctx); err != nil || next != first || len(x.began) != 1 {
			t.Errorf("a second daemon reads at %s (%v) after %d readings, want %s", next, err, len(x.began), first)
		}
		if _, err := x.p.pull(ctx); err != nil { // somebody typed goodstanding sync
			t.Fatal(err)
		}
		if next, want := x.step(ctx, t), x.began[1].Add(30*time.Minute); next != want || len(x.began) != 2 {
			t.Errorf("after another's reading the next one is at %s, want %s", next, want)
		}
	})
}

// TestChangesCloseTogetherAreReadOnce: no two readings within a minute.
func TestChangesCloseTogetherAreReadOnce(t *testing.T) {
	p := &puller{parts: newParts(Env{Now: func() instant.Instant { return 1000 * instant.Day }}), read: 1000 * instant.Day, due: 1001 * instant.Day, change: 1000*instant.Day + 5}
	if got, want := p.next(), (1000 * instant.Day).Add(time.Minute); got != want {
		t.Errorf("next is %s, want %s", got, want)
	}
	p.change = 0
	if got := p.next(); got != p.due {
		t.Errorf("without a change next is %s, want %s", got, p.due)
	}
}

// TestAnOlderReadingIsNoFailure: somebody else was faster.
func TestAnOlderReadingIsNoFailure(t *testing.T) {
	inBubble(t, 30*time.Minute, func(ctx context.Context, x *paced) {
		x.step(ctx, t)
		time.Sleep(time.Hour)
		x.p.pull = func(context.Context) (syncer.Report, error) { return syncer.Report{}, &syncer.Superseded{} }
		if next := x.step(ctx, t); next <= x.now() {
			t.Errorf("it reads again at once, at %s", next)
		}
	})
}

// TestTimeAloneIsWritten at its own instant, without any reading: a pause that
// begins later.
func TestTimeAloneIsWritten(t *testing.T) {
	inBubble(t, time.Hour, func(ctx context.Context, x *paced) {
		x.step(ctx, t)
		x.adopt(ctx, t)
		v, err := x.roll.View(ctx, roll.Query{})
		if err != nil {
			t.Fatal(err)
		}
		id, at := v.Rows[0].ID, x.now().Add(90*time.Minute)
		if _, err := x.roll.Leave(ctx, x.by, id, at); err != nil {
			t.Fatal(err)
		}
		k := &keeper{parts: x.p.parts, books: x.p.books, assess: x.roll.Assess}
		until, cancel := context.WithTimeout(ctx, 2*time.Hour)
		defer cancel()
		loop.Run(until, k.step, loop.Options{Max: longestKeep, Now: x.now, Failed: func(err error, _ int, _ time.Duration) { t.Error(err) }})
		err = x.db.View(ctx, func(tx *store.Tx) error {
			rows, err := tx.Standings(ctx, id)
			if last := rows[len(rows)-1]; err == nil && (last.State.String() != "left" || last.At < at || last.At > at.Add(time.Second)) {
				t.Errorf("the last standing is %s at %s, want left at %s", last.State, last.At, at)
			}
			return err
		})
		if err != nil {
			t.Fatal(err)
		}
	})
}

// TestTheRateLimitsWaitIsHonoured by the whole daemon: a poke does not cut it.
func TestTheRateLimitsWaitIsHonoured(t *testing.T) {
	w, u := behind(t)
	u.front = answer(429, `{"error":{"code":429}}`, "Retry-After", "3600")
	s := w.serve()
	s.until("a reading that is refused", func() bool {
		return s.metric(`goodstanding_pulls_total{outcome="rate_limited"}`) == "1"
	})
	asked := u.asked.Load()
	if got := s.metric("goodstanding_upstream_wait_seconds"); got != "3600" {
		t.Errorf("the metrics say that it waits %s s", got)
	}
	w.must("members", "add", "Nova Co-op", "--kind", "organisation")
	s.until("the change is seen", func() bool { return s.metric(`goodstanding_members{state="unknown"}`) == "1" })
	if now := u.asked.Load(); now != asked {
		t.Errorf("%d requests during the pause", now-asked)
	}
	if a := get(t, s.url+"/readyz", ""); a.status != http.StatusOK {
		t.Errorf("/readyz is about the database, not upstream: %+v", a)
	}
}
