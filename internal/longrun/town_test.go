package longrun

import (
	"context"
	"fmt"
	"math/rand/v2"
	"slices"
	"strings"
	"testing"
	"time"

	"coopcloud.tech/goodstanding/eligibility"
	"coopcloud.tech/goodstanding/internal/fakeoc"
	"coopcloud.tech/goodstanding/internal/instant"
	"coopcloud.tech/goodstanding/roll"
	"coopcloud.tech/goodstanding/store"
)

// town is a federation on the fake whose life is told day by day; what is read
// is read by a real pull over HTTP. All of it happens in 2026 and 2027, and every
// member is called by its slug on Open Collective.
type town struct {
	*run
	t *testing.T
}

// newTown has n members a, b, c…, who pay GBP 10.00 a month by card since 2
// January, so that the next charge is due on 1 February; it was read and
// adopted then.
func newTown(t *testing.T, n int) *town {
	t.Helper()
	tw := emptyTown(t)
	for i := range n {
		tw.say("join %s GBP 10 monthly card", called(i))
	}
	tw.begin()
	return tw
}

// emptyTown is a collective that nobody pays yet.
func emptyTown(t *testing.T) *town {
	t.Helper()
	w := fakeoc.NewWorld(instant.Date(2026, 1, 2).Add(9*hour), 3)
	l := &life{t: t, w: w, random: rand.New(rand.NewPCG(1, 1))}
	l.say("collective %s GBP", slug)
	l.say("token %s ada-admin", token)
	return &town{run: newRun(t, l, schedule{}), t: t}
}

func (tw *town) begin() {
	tw.t.Helper()
	tw.reads()
	tw.adopt()
}

func called(i int) string { return string(rune('a' + i)) }

func (tw *town) say(format string, args ...any) {
	tw.t.Helper()
	tw.life.say(format, args...)
}

// on lets time pass until a day, or an instant of it: "2026-02-01T12:00".
func (tw *town) on(when string) *town {
	tw.t.Helper()
	tw.life.w.AdvanceTo(moment(tw.t, when))
	return tw
}

func moment(t *testing.T, when string) instant.Instant {
	t.Helper()
	if strings.Contains(when, "T") {
		when += ":00Z"
	}
	at, err := instant.Parse(when)
	if err != nil {
		t.Fatal(err)
	}
	return at
}

// reads takes a complete snapshot now.
func (tw *town) reads() roll.Report {
	tw.t.Helper()
	report, err := tw.sync.Pull(context.Background())
	if err != nil {
		tw.t.Fatalf("%s: %v", tw.life.w.Now(), err)
	}
	return report.Roll
}

// readsUntil reads each so many days, the last time at the given instant.
func (tw *town) readsUntil(when string, every int) (all []roll.Report) {
	tw.t.Helper()
	for end := moment(tw.t, when); tw.life.w.Now() < end; {
		tw.life.w.AdvanceTo(min(end, tw.life.w.Now().Add(time.Duration(every)*day)))
		all = append(all, tw.reads())
	}
	return all
}

// standing is what the roll says of a member, asked as q says.
func (tw *town) standing(who string, q roll.Query) eligibility.Standing {
	tw.t.Helper()
	for _, row := range tw.open().View(q, tw.life.w.Now()).Rows {
		if string(row.Accounts[0].ID) == tw.life.w.AccountID(who) {
			return row.Standing
		}
	}
	tw.t.Fatalf("nobody is called %s", who)
	return eligibility.Standing{}
}

// is compares what the roll says of a member now with words such as "grace, votes,
// held": the state, whether it has the vote, and why a grace does not end.
func (tw *town) is(who, want string) {
	tw.t.Helper()
	tw.was("", "", who, want)
}

// was compares what the roll says of an instant ("" for now), by what was known
// at another ("" for all that is), with such words.
func (tw *town) was(at, known, who, want string) {
	tw.t.Helper()
	q := roll.Query{}
	if at != "" {
		q.At = moment(tw.t, at)
	}
	if known != "" {
		q.Known = moment(tw.t, known)
	}
	s := tw.standing(who, q)
	words := []string{s.State.String()}
	if s.Has(eligibility.Vote) {
		words = append(words, "votes")
	}
	for _, c := range []eligibility.Code{eligibility.CodeInterrupted, eligibility.CodeHeld, eligibility.CodeGap, eligibility.CodeStale} {
		if _, ok := s.Reason(c); ok && s.State == eligibility.StateGrace {
			words = append(words, c.String())
		}
	}
	if got := strings.Join(words, ", "); got != want {
		tw.t.Errorf("on %s, asked about %s (known %s): %s is %q, want %q (%s)", tw.life.w.Now(), at, known, who, got, want, s.Why(nil))
	}
}

// lapses are the instants at which members lost the vote by the reports, as
// "2026-02-22T00:00:00Z a", in whole seconds.
func (tw *town) lapses(reports ...roll.Report) (out []string) {
	tw.t.Helper()
	v := tw.open().View(roll.Query{}, tw.life.w.Now())
	for _, r := range reports {
		for _, tr := range r.Transitions {
			for _, c := range tr.Changes {
				if c.What == eligibility.Vote.String() && c.Worse {
					i := slices.IndexFunc(v.Rows, func(row roll.Row) bool { return row.ID == tr.Member })
					out = append(out, fmt.Sprintf("%s %s", tr.At/1e6*1e6, v.Rows[i].Accounts[0].Slug))
				}
			}
		}
	}
	slices.Sort(out)
	return out
}

func (tw *town) lapsed(want string, reports ...roll.Report) {
	tw.t.Helper()
	if got := strings.Join(tw.lapses(reports...), ", "); got != want {
		tw.t.Errorf("until %s these lost their vote: %q, want %q", tw.life.w.Now(), got, want)
	}
}

// held lists the holds that stand, as "many: a b".
func (tw *town) held(want string) []roll.Hold {
	tw.t.Helper()
	holds, err := tw.roll.Holds(context.Background(), false)
	if err != nil {
		tw.t.Fatal(err)
	}
	var out []string
	for _, h := range slices.Backward(holds) {
		names := h.Cause + ":"
		for _, m := range h.Members {
			if names += " " + strings.ToLower(m.Name); m.Over {
				names += " (over)"
			}
		}
		out = append(out, names)
	}
	if got := strings.Join(out, ", "); got != want {
		tw.t.Errorf("on %s the holds are %q, want %q", tw.life.w.Now(), got, want)
	}
	return holds
}

// notices counts what was written to the outbox, by kind.
func (tw *town) notices() map[string]int {
	tw.t.Helper()
	out := map[string]int{}
	err := tw.db.View(context.Background(), func(tx *store.Tx) error {
		rows, err := tx.Notices(context.Background(), store.OutboxQuery{})
		for _, n := range rows {
			out[string(n.Kind)]++
		}
		return err
	})
	if err != nil {
		tw.t.Fatal(err)
	}
	return out
}
