package store

import (
	"context"
	"errors"
	"fmt"
	"testing"
	"testing/synctest"
	"time"

	"github.com/lib/pq"
)

// noRoomLeft is what PostgreSQL says where it can remember no more reads.
var noRoomLeft = &pq.Error{Code: "53200", Message: "out of shared memory", Hint: "You might need to increase \"max_pred_locks_per_transaction\"."}

func TestWhichConflictsAreRetried(t *testing.T) {
	e := engine{postgresDialect, "postgres://db/x"}
	for _, c := range []struct {
		err  *pq.Error
		want bool
	}{
		{&pq.Error{Code: "40001"}, true},
		{&pq.Error{Code: "40P01"}, true},
		{&pq.Error{Code: "55P03"}, true},
		{noRoomLeft, true},
		{&pq.Error{Code: "53200", Hint: "You might need to increase \"max_locks_per_transaction\"."}, false},
		{&pq.Error{Code: "23505", Constraint: "audit_prev_key"}, true},
		{&pq.Error{Code: "23505", Constraint: "audit_pkey"}, true},
		{&pq.Error{Code: "23505", Constraint: "person_email"}, false},
		{&pq.Error{Code: "53100"}, false},
		{&pq.Error{Code: "25P02"}, false},
	} {
		if got := e.conflict(fmt.Errorf("add to audit: %w", c.err)); got != c.want {
			t.Errorf("%s %s: retried %v, want %v", c.err.Code, c.err.Constraint, got, c.want)
		}
	}
	if e.conflict(errors.New("anything else")) {
		t.Error("an error of the program is retried")
	}
}

func TestRetriesAreBoundedAndPause(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		e := engine{postgresDialect, "postgres://db/x"}
		conflict := &pq.Error{Code: "40001"}
		tries, began := 0, time.Now()
		err := retry(t.Context(), e, func() error { tries++; return conflict })
		f, ok := errors.AsType[*Fault](err)
		const want = "the database postgres://db/x was kept busy by other programs for too long: try again in a moment; if it stays so, look for a goodstanding command that hangs"
		if !ok || f.Problem != Busy || f.Error() != want || !errors.Is(err, conflict) {
			t.Errorf("got %v", err)
		}
		if took := time.Since(began); tries != maxTries || took < 500*time.Millisecond || took > 2*time.Second {
			t.Errorf("%d tries in %s", tries, took)
		}
		err = retry(t.Context(), e, func() error { return noRoomLeft })
		const full = "the database postgres://db/x has no room to remember what is written at once: try again in a moment; if it happens again, raise max_pred_locks_per_transaction in PostgreSQL's settings and restart it"
		if f, ok := errors.AsType[*Fault](err); !ok || f.Problem != Busy || f.Error() != full {
			t.Errorf("got %v", err)
		}
		tries = 0
		err = retry(t.Context(), e, func() error {
			if tries++; tries < 4 {
				return conflict
			}
			return nil
		})
		if err != nil || tries != 4 {
			t.Errorf("%d tries, %v", tries, err)
		}
		ctx, cancel := context.WithTimeout(t.Context(), time.Millisecond)
		defer cancel()
		if err := retry(ctx, e, func() error { return conflict }); !errors.Is(err, context.DeadlineExceeded) {
			t.Errorf("with a deadline: %v", err)
		}
	})
}

func TestTheQueueIsFirstComeFirstServed(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		q := make(queue, 1)
		if err := q.enter(t.Context()); err != nil {
			t.Fatal(err)
		}
		var served []int
		for i := range 20 {
			go func() {
				if err := q.enter(context.Background()); err != nil {
					t.Error(err)
				}
				served = append(served, i)
				q.leave()
			}()
			synctest.Wait()
		}
		ctx, cancel := context.WithTimeout(t.Context(), time.Second)
		defer cancel()
		if err := q.enter(ctx); !errors.Is(err, context.DeadlineExceeded) {
			t.Errorf("waiting in vain: %v", err)
		}
		q.leave()
		synctest.Wait()
		for i, got := range served {
			if got != i {
				t.Fatalf("served in the order %v", served)
			}
		}
		if len(served) != 20 {
			t.Errorf("served %v", served)
		}
	})
}

func TestDistanceBetweenWords(t *testing.T) {
	for _, c := range []struct {
		a, b string
		want int
	}{{"", "", 0}, {"rosa", "rosa", 0}, {"rosa", "rosas", 1}, {"kitten", "sitting", 3}, {"", "abc", 3}, {"käse", "kase", 1}} {
		if got := distance(c.a, c.b); got != c.want {
			t.Errorf("%q to %q: %d, want %d", c.a, c.b, got, c.want)
		}
	}
}
