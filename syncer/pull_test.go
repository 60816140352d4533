package syncer

import (
	"context"
	"errors"
	"fmt"
	"maps"
	"slices"
	"strings"
	"testing"
	"time"

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

// A refund that is left for the next reading is asked for again by it, whenever that is,
// and ends the coverage of its charge then, also where what is stored was kept.
func TestARefundThatWaitsIsAskedForAgain(t *testing.T) {
	onBoth(t, func(w *world) {
		u, s := planted(w)
		f := backOf(u.charges[1], w.now.Add(-time.Second))
		charge := f.Charge
		f.Charge = ""
		u.refunds = append(u.refunds, f)
		if r := w.pull(s); r.Changed != 0 || r.Counts.Refunds != 1 || r.Counts.NewRefunds != 0 {
			w.t.Errorf("a refund without its charge: %+v", r)
		}
		u.refunds[0].Charge = charge
		w.later(400 * 24 * time.Hour) // as long as upstream was away
		dry, err := s.DryRun(w.t.Context())
		if err != nil || dry.Counts.NewRefunds != 1 {
			w.t.Errorf("a trial: %+v, %v", dry, err)
		}
		if r := w.pull(s); r.Counts.NewRefunds != 1 {
			w.t.Errorf("with its charge: %+v", r)
		}
		if from := u.requests[len(u.requests)-1].TransactionsFrom; from > f.Created {
			w.t.Errorf("it was asked for what came since %s, and the refund was made at %s", from, f.Created)
		}
		if got := w.stored().refunds[f.ID]; got.Charge != charge || got.At != f.Created {
			w.t.Errorf("stored is %+v", got)
		}
	})
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
		for id, c := range got.contributions.all() {
			c.Known = 0
			if c != m.st.contributions.at(id) {
				w.t.Errorf("contribution %+v, want %+v", c, m.st.contributions.at(id))
			}
		}
		for id, v := range got.coverages.all() {
			v.Known = 0
			if v != m.st.coverages.at(id) {
				w.t.Errorf("coverage %+v, want %+v", v, m.st.coverages.at(id))
			}
		}
		for id, c := range got.charges.all() {
			c.Known = 0
			if c != m.st.charges.at(id) {
				w.t.Errorf("charge %+v, want %+v", c, m.st.charges.at(id))
			}
		}
		sizes := []int{got.contributions.len(), got.coverages.len(), got.charges.len(), len(got.refunds), len(got.flags), len(got.missing), got.accounts.len()}
		if !slices.Equal(sizes, []int{3, 6, 6, 1, 1, 1, 3}) {
			w.t.Errorf("rows %v", sizes)
		}
		if got.last.Changed != int64(m.last.rows()) || got.last.Orders != 2 || got.last.Collective != "col-1" || got.last.Host != "host-1" {
			w.t.Errorf("the snapshot is %+v", got.last)
		}
		if d := got.details.at("acc-birch"); d.Slug != "birches" || d.Name != "birch Ltd" || !slices.Equal(d.Emails, []string{"birch@example.test"}) {
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
			{&opencollective.ClockApart{}, "clock_apart", ""},
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
		if after := w.stored(); !maps.Equal(rows(&facts.contributions), rows(&after.contributions)) || !maps.Equal(rows(&facts.charges), rows(&after.charges)) {
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
		broken, away := errors.New("no rule fits"), &store.Fault{Problem: store.Unreachable}
		quiet := s.assess
		for i, c := range []struct {
			assess  func(context.CancelFunc) error
			outcome string
			is      error
		}{
			{func(context.CancelFunc) error { return broken }, OutcomeAssessment, broken},
			{func(context.CancelFunc) error { return away }, OutcomeDatabase, away},
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

// What is due is closed before what was read is stored, so that it is assessed by the rules
// that hold then. Where that fails the reading is stored all the same; a dry run closes nothing.
func TestWhatIsDueIsClosedBeforeASnapshotIsStored(t *testing.T) {
	onBoth(t, func(w *world) {
		_, s := planted(w)
		var closed []int // how many snapshots the roll had been told of
		var fails error
		s.close = func(ctx context.Context) error {
			closed = append(closed, len(w.told))
			if err := w.db.InTx(ctx, store.Entries, w.now, func(*store.Tx) error { return nil }); err != nil {
				return err
			}
			return fails
		}
		if _, err := s.DryRun(w.t.Context()); err != nil || len(closed) > 0 {
			w.t.Errorf("a dry run closed %v, %v", closed, err)
		}
		w.told = nil
		w.pull(s)
		w.later(time.Minute)
		if fails = errors.New("a chain is broken"); w.log.Len() > 0 {
			w.log.Reset()
		}
		w.pull(s)
		if !slices.Equal(closed, []int{0, 1}) || len(w.told) != 2 {
			w.t.Errorf("closed after %v snapshots, and the roll was told of %d", closed, len(w.told))
		}
		if said := w.log.String(); !strings.Contains(said, `"error":"a chain is broken"`) || !strings.Contains(said, "decisions could not be closed before what was read is stored") {
			w.t.Errorf("the log says %s", said)
		}
	})
}
