package longrun

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"slices"
	"testing"
	"time"

	"coopcloud.tech/goodstanding/eligibility"
	"coopcloud.tech/goodstanding/internal/dbtest"
	"coopcloud.tech/goodstanding/internal/instant"
	"coopcloud.tech/goodstanding/roll"
	"coopcloud.tech/goodstanding/store"
)

// nobodyMissed wants a register that keeps nothing from one pull to the next to find nothing,
// right after a pull, that the one of the run should have recorded or told.
func (r *run) nobodyMissed(start instant.Instant) {
	r.t.Helper()
	looked := errors.New("only looked")
	ctx := context.Background()
	var found roll.Report
	err := r.db.InTx(ctx, store.Pulls, r.life.w.Now(), func(tx *store.Tx) (err error) {
		fresh := roll.New(r.db, roll.Options{Now: r.life.w.Now})
		if found, err = fresh.AfterSnapshot(ctx, tx, roll.SnapshotInfo{Start: start, Previous: start}); err == nil {
			err = looked
		}
		return err
	})
	if !errors.Is(err, looked) {
		r.t.Fatal(err)
	}
	if len(found.Transitions) > 0 || found.Hold != "" || len(found.Notices) > 0 {
		r.t.Errorf("%s: missed were %+v, hold %q, notices %v", r.life.w.Now(), found.Transitions, found.Hold, found.Notices)
	}
}

// replayed: what was recorded follows from the log, and the log read into an empty
// database answers every question about the past with the same bytes, for any
// instant and any time of knowledge.
func (r *run) replayed() {
	r.t.Helper()
	ctx := context.Background()
	var log bytes.Buffer
	if err := r.db.ExportLog(ctx, &log); err != nil {
		r.t.Fatal(err)
	}
	again, err := store.Open(ctx, dbtest.SQLiteDSN(r.t), store.Options{Version: "test"})
	if err != nil {
		r.t.Fatal(err)
	}
	defer again.Close()
	if err := again.ReplayLog(ctx, bytes.NewReader(log.Bytes())); err != nil {
		r.t.Fatal(err)
	}
	recorded, err := r.roll.Replay(ctx, 0)
	if err != nil {
		r.t.Fatal(err)
	}
	if recorded.Standings == 0 || len(recorded.Wrong)+len(recorded.Missing) > 0 {
		r.t.Errorf("of %d recorded standings, the facts do not give %v; missing %v", recorded.Standings, recorded.Wrong, recorded.Missing)
	}
	first, last := r.oracle.seen[0].start, r.life.w.Now()
	here, there := r.open(), r.bookOf(again)
	anywhen := func() instant.Instant { return first + instant.Instant(r.random.Int64N(int64(last-first))) }
	for range 60 {
		at, known := anywhen(), anywhen()
		if a, b := verdicts(r.t, here, at, known, last), verdicts(r.t, there, at, known, last); a != b {
			r.t.Errorf("at %s, known %s: replayed, the log gives another answer\n%s\n%s", at, known, a, b)
			return
		}
		r.counts.Replayed++
	}
}

func (r *run) bookOf(db *store.DB) *roll.Book {
	r.t.Helper()
	b, err := roll.New(db, roll.Options{Now: r.life.w.Now}).Book(context.Background())
	if err != nil {
		r.t.Fatal(err)
	}
	return b
}

// verdicts are all standings as bytes; names are no facts and stay away.
func verdicts(t testing.TB, b *roll.Book, at, known, now instant.Instant) string {
	t.Helper()
	var all []eligibility.Standing
	for _, row := range b.View(roll.Query{At: at, Known: known}, now).Rows {
		all = append(all, row.Standing)
	}
	slices.SortFunc(all, func(x, y eligibility.Standing) int { return bytes.Compare([]byte(x.Member), []byte(y.Member)) })
	text, err := json.Marshal(all)
	if err != nil {
		t.Fatal(err)
	}
	for _, s := range all { // an exact fraction that JSON does not show
		text = append(text, s.Covered.String()...)
	}
	return string(text)
}

// cited: what the reasons of a verdict cite is enough for it, and nothing of it
// can be left out (domain.md, section 3).
func (r *run) cited() {
	r.t.Helper()
	ctx := context.Background()
	var facts []eligibility.Facts
	versions, err := r.roll.Policies(ctx)
	if err == nil {
		err = r.db.View(ctx, func(tx *store.Tx) error {
			facts, err = tx.Facts(ctx)
			return err
		})
	}
	if err != nil {
		r.t.Fatal(err)
	}
	var ps eligibility.Policies
	for _, v := range versions {
		ps = append(ps, v.Eligibility)
	}
	first, last := r.oracle.seen[0].start, r.oracle.seen[len(r.oracle.seen)-1].start
	for i := range facts {
		for range 8 {
			at := first + instant.Instant(r.random.Int64N(int64(last-first)))
			s := ps.Assess(&facts[i], at, instant.Max)
			if fault := citation(ps, &facts[i], s); fault != "" {
				r.t.Errorf("%s at %s: %s (%s: %s)", s.Member, at, fault, s.State, s.Why(nil))
				return
			}
			r.counts.Cited++
		}
	}
}

// citation says what is wrong with a verdict's citations; "" for nothing.
func citation(ps eligibility.Policies, f *eligibility.Facts, s eligibility.Standing) string {
	cited := map[eligibility.Ref]bool{}
	for _, re := range s.Reasons {
		for _, ref := range re.Facts {
			cited[ref] = true
		}
	}
	alone := only(f, cited)
	if is := ps.Assess(&alone, s.At, s.Known); kernel(is) != kernel(s) {
		return fmt.Sprintf("not sufficient: the cited facts alone give %s, all give %s", kernel(is), kernel(s))
	}
	for ref := range cited {
		if ref.Kind == eligibility.RefMembership {
			continue // part of the frame that every verdict stands in
		}
		delete(cited, ref)
		less := only(f, cited)
		if is := ps.Assess(&less, s.At, s.Known); kernel(is) == kernel(s) {
			return fmt.Sprintf("not minimal: %s can be left out", ref)
		}
		cited[ref] = true
	}
	return ""
}

// kernel is what citations have to carry.
func kernel(s eligibility.Standing) string {
	return fmt.Sprint(s.State, s.Verdicts, s.Covered)
}

// only keeps of what a verdict can cite just the facts that are cited.
func only(f *eligibility.Facts, cited map[eligibility.Ref]bool) eligibility.Facts {
	out := *f
	keep := func(k eligibility.RefKind, id string) bool { return cited[eligibility.Ref{Kind: k, ID: id}] }
	out.Charges = kept(f.Charges, func(c eligibility.Charge) bool { return keep(eligibility.RefCharge, c.ID) })
	out.Refunds = kept(f.Refunds, func(x eligibility.Refund) bool { return keep(eligibility.RefRefund, x.ID) })
	out.Payments = kept(f.Payments, func(x eligibility.Payment) bool { return keep(eligibility.RefPayment, x.ID) })
	out.Waivers = kept(f.Waivers, func(x eligibility.Waiver) bool { return keep(eligibility.RefWaiver, x.ID) })
	out.Holds = kept(f.Holds, func(x eligibility.Hold) bool { return keep(eligibility.RefHold, x.ID) })
	out.Contributions = kept(f.Contributions, func(x eligibility.Contribution) bool { return keep(eligibility.RefContribution, x.ID) })
	return out
}

func kept[T any](all []T, keep func(T) bool) []T {
	return slices.DeleteFunc(slices.Clone(all), func(x T) bool { return !keep(x) })
}

// TestEveryScheduleEndsAlike: the same life, looked at by daemons that look
// often, seldom, and through faults and weeks of absence, ends with the same
// roll once each has looked for a quiet while.
func TestEveryScheduleEndsAlike(t *testing.T) {
	const long = 150
	var want map[string]string
	for i, s := range []schedule{
		{every: 12 * time.Hour, seed: 1},
		{every: 5 * 24 * time.Hour, seed: 2},
		{every: 30 * time.Hour, faults: 0.5, down: 0.03, seed: 3},
	} {
		r := newRun(t, newLife(t, 77, 20), s)
		r.good()
		r.adopt()
		r.until(instant.Date(2026, 1, 1).Add(long * day))
		r.faults.Clear()
		r.good()
		r.adopt()
		r.settled()
		got := map[string]string{}
		for id, is := range r.standings() {
			got[string(r.account[id])] = fmt.Sprint(is.State, is.Has(eligibility.Vote), is.PaidThrough)
		}
		if len(got) < 10 {
			t.Fatalf("only %d members", len(got))
		}
		if want == nil {
			want = got
		}
		if len(got) != len(want) {
			t.Errorf("schedule %d: %d members, by the first schedule %d", i, len(got), len(want))
		}
		for account, stands := range want {
			if got[account] != stands {
				t.Errorf("schedule %d: %s stands as %q, by the first schedule as %q", i, account, got[account], stands)
			}
		}
	}
}
