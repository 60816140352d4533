package metrics

import (
	"context"
	"fmt"
	"slices"
	"time"

	"coopcloud.tech/goodstanding/decisions"
	"coopcloud.tech/goodstanding/eligibility"
	"coopcloud.tech/goodstanding/internal/instant"
	"coopcloud.tech/goodstanding/notify"
	"coopcloud.tech/goodstanding/roll"
	"coopcloud.tech/goodstanding/store"
)

// Reading is what the metrics say of the roll: numbers of one moment.
type Reading struct {
	Policy     string          // id of the version in force; "" for none
	AsOf       instant.Instant // start of the last complete snapshot; 0 for none
	Stale      bool
	States     map[eligibility.State]int
	Rights     map[eligibility.Right]Split
	NoDelegate int
	Holds      int
	Desk       map[roll.DeskKind]int // open entries
	Notices    map[notify.State]int64
	NoticesDue int64            // all that were ever written
	Held       map[string]int64 // held notices by what they wait for: stale, brake, release, other
	OldestDue  time.Duration    // for how long the notice is due that waits for longest; 0 when none is due
	NoticesOn  bool             // a treasurer has started them
	Leases     []store.Lease    // who does what is done by one process at a time, and until when
	LateClocks int64
	Orders     Orders
	Decisions  map[decisions.State]int
	Overdue    instant.Instant // since when the one is past its deadline that is so for longest; 0 for none
	BackedUp   instant.Instant // the newest backup that is one of many; 0 for none, or none expected
	ReviewBy   instant.Instant // start of the day by which the dues are to be looked at again; 0 for never
}

// Split counts the members that have a right, and those that do not.
type Split struct{ Yes, No int }

// Read takes a reading at an instant: the members and the desk from the book,
// the rest from the database.
func Read(ctx context.Context, db *store.DB, book *roll.Book, now instant.Instant) (Reading, error) {
	var r Reading
	policy, _ := book.Policy(now)
	desk, err := book.Desk(ctx, false)
	if err != nil {
		return Reading{}, fmt.Errorf("read the metrics: %w", err)
	}
	err = db.View(ctx, func(tx *store.Tx) error {
		r = ofBook(book, now)
		for _, e := range desk {
			r.Desk[e.Kind]++
		}
		last, _, err := tx.LastSnapshot(ctx)
		if err != nil {
			return err
		}
		r.AsOf = last.Start
		counters, err := tx.Counters(ctx)
		if err != nil {
			return err
		}
		r.LateClocks = counters.LateClocks()
		if err := r.notices(ctx, tx, now); err != nil {
			return err
		}
		if r.Leases, err = tx.Leases(ctx); err != nil {
			return err
		}
		if !slices.ContainsFunc(r.Leases, func(l store.Lease) bool { return l.Name == store.LeaderLease }) {
			r.Leases = append(r.Leases, store.Lease{Name: store.LeaderLease}) // nobody ever led, which is to be seen
		}
		holds, err := tx.Holds(ctx)
		if err != nil {
			return err
		}
		for _, h := range holds {
			if h.Standing() {
				r.Holds++
			}
		}
		if r.Orders, err = orders(ctx, tx, now, policy.Eligibility.OneOff); err != nil {
			return err
		}
		r.ReviewBy = policy.ReviewBy
		heads, err := tx.DecisionHeads(ctx)
		if err != nil {
			return err
		}
		r.Decisions = map[decisions.State]int{}
		for _, h := range heads {
			r.Decisions[decisions.State(h.State)]++
		}
		if r.Overdue, err = tx.OverdueSince(ctx, now); err != nil {
			return err
		}
		r.BackedUp, err = tx.BackedUp(ctx)
		return err
	})
	if err != nil {
		return Reading{}, fmt.Errorf("read the metrics: %w", err)
	}
	return r, nil
}

// notices counts the rows of the outbox, all of them and by what became of them.
func (r *Reading) notices(ctx context.Context, tx *store.Tx, now instant.Instant) (err error) {
	if _, r.NoticesOn, err = tx.Setting(ctx, store.SettingNotices); err != nil {
		return err
	}
	if r.NoticesDue, err = tx.NoticesWritten(ctx); err != nil {
		return err
	}
	if r.Notices, err = tx.NoticeCounts(ctx); err != nil {
		return err
	}
	details, err := tx.NoticeDetails(ctx)
	if err != nil {
		return err
	}
	r.Held = map[string]int64{}
	for _, d := range details {
		if d.State == notify.HeldState {
			r.Held[heldClass(d.Detail)] += d.N
		}
	}
	since, err := tx.OldestDue(ctx, now)
	if since != 0 {
		r.OldestDue = max(0, now.Sub(since)) // a known time may be ahead of the clock
	}
	return err
}

// ofBook counts the members.
func ofBook(book *roll.Book, now instant.Instant) Reading {
	v := book.View(roll.Query{At: now}, now)
	r := Reading{Policy: v.Policy, Stale: v.Stale, States: map[eligibility.State]int{}, Rights: map[eligibility.Right]Split{}, Desk: map[roll.DeskKind]int{}}
	for i := range v.Rows {
		row := &v.Rows[i]
		r.States[row.Standing.State]++
		if row.Delegates == 0 && row.Standing.State != eligibility.StateLeft {
			r.NoDelegate++
		}
		for _, right := range eligibility.Rights {
			split := r.Rights[right]
			if row.Standing.Has(right) {
				split.Yes++
			} else {
				split.No++
			}
			r.Rights[right] = split
		}
	}
	return r
}
