package syncer

import (
	"context"
	"errors"
	"testing"
	"time"

	"coopcloud.tech/goodstanding/internal/dbtest"
	"coopcloud.tech/goodstanding/store"
	"coopcloud.tech/goodstanding/syncer/opencollective"
)

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
		if got := w.stored().contributions.at("or-alder").Status; got != cancelled {
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

// A pull between reading and writing is seen also where the counter has come to the same
// number by it, as after a failover to a server that had not got the last one.
func TestAnotherPullUnderTheSameNumber(t *testing.T) {
	onBoth(t, func(w *world) {
		u, _ := planted(w)
		u.drop("or-cedar")
		u.charges = append(u.charges, paidBy(*u.order("or-birch"), at("2026-06-10T00:01:00Z")))
		other := &intruder{upstream: u, pull: func() {
			w.pull(w.syncer(u))
			dsn := w.source
			if w.driver == "sqlite" {
				dsn = "sqlite://" + dsn
			}
			dbtest.TamperAt(w.t, dsn, `UPDATE counter SET seq = seq - 1 WHERE stream = 'pulls'`)
		}}
		if r := w.pull(w.syncer(other)); r.Snapshot != 3 || r.Changed != 0 {
			w.t.Errorf("the second one: %+v", r)
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

// Names that are erased while a pull is under way are erased, though it has read them
// before, and looks at the account again.
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
	if got := w.stored().details.at("acc-birch"); !got.Erased() {
		t.Errorf("the slug is %q, want none: upstream shows it, and somebody had it erased", got.Slug)
	}
}
