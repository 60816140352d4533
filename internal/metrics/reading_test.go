package metrics

import (
	"context"
	"fmt"
	"testing"
	"time"

	"github.com/rs/zerolog"

	"coopcloud.tech/goodstanding/eligibility"
	"coopcloud.tech/goodstanding/internal/dbtest"
	"coopcloud.tech/goodstanding/internal/fakeoc"
	"coopcloud.tech/goodstanding/internal/instant"
	"coopcloud.tech/goodstanding/member"
	"coopcloud.tech/goodstanding/notify"
	"coopcloud.tech/goodstanding/policy"
	"coopcloud.tech/goodstanding/roll"
	"coopcloud.tech/goodstanding/store"
	"coopcloud.tech/goodstanding/syncer"
	"coopcloud.tech/goodstanding/syncer/opencollective"
)

// theatre is a store that is filled from the film.
type theatre struct {
	t    *testing.T
	db   *store.DB
	roll *roll.Roll
	film *fakeoc.Film
	pull func(context.Context) (syncer.Report, error)
	step int
	by   roll.By
}

func newTheatre(t *testing.T, db *store.DB) *theatre {
	t.Helper()
	film, err := fakeoc.NewFilm()
	if err != nil {
		t.Fatal(err)
	}
	url, stop, err := fakeoc.Listen(film)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(stop)
	x := &theatre{t: t, db: db, film: film, by: roll.By{Actor: member.Actor{ID: "operator", Operator: true}, Reason: "a test"}}
	now := func() instant.Instant { return film.Clock(x.step) }
	x.roll = roll.New(db, roll.Options{Now: now})
	client, err := opencollective.New(opencollective.Options{URL: url, Token: "film", Now: now, Clock: time.Now, PerMinute: 100_000})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(client.Close)
	x.pull = syncer.New(db, x.roll, client, syncer.Options{Slug: film.Slug(), Now: now, Logger: zerolog.Nop()}).Pull
	preset, err := policy.Preset(policy.DefaultPreset)
	if err != nil {
		t.Fatal(err)
	}
	if _, _, err := x.roll.EnsurePolicy(t.Context(), x.by, preset, false); err != nil {
		t.Fatal(err)
	}
	return x
}

func (x *theatre) show(step int) {
	x.t.Helper()
	x.step = step
	if err := x.film.Show(step); err != nil {
		x.t.Fatal(err)
	}
	if _, err := x.pull(x.t.Context()); err != nil {
		x.t.Fatal(err)
	}
}

func (x *theatre) read() Reading { return x.readAt(x.film.Clock(x.step)) }

func (x *theatre) readAt(now instant.Instant) Reading {
	x.t.Helper()
	book, err := x.roll.Book(x.t.Context())
	if err != nil {
		x.t.Fatal(err)
	}
	r, err := Read(x.t.Context(), x.db, book, now)
	if err != nil {
		x.t.Fatal(err)
	}
	return r
}

// sum fails unless seen = matched + unmatched + supporters + ignored, and seen is
// what upstream had.
func (x *theatre) sum(r Reading, upstream int) {
	x.t.Helper()
	var sum int64
	for _, n := range r.Orders.Fates {
		sum += n
	}
	if r.Orders.Seen != sum || sum != int64(upstream) {
		x.t.Errorf("scene %d: seen %d, fates %v add up to %d, upstream has %d", x.step, r.Orders.Seen, r.Orders.Fates, sum, upstream)
	}
}

// TestEveryOrderHasOneFate through the whole film, before and after its payers
// are taken over, one is marked as supporter, and contributions disappear.
func TestEveryOrderHasOneFate(t *testing.T) {
	dbtest.Each(t, func(t *testing.T, open func() *store.DB) {
		x := newTheatre(t, open())
		if r := x.read(); r.Orders.Seen != 0 || r.AsOf != 0 || len(r.States) != 0 {
			t.Errorf("an empty store: %+v", r)
		}
		scenes := x.film.Scenes()
		x.show(0)
		before := x.read()
		x.sum(before, scenes[0].Orders)
		if before.Orders.Fates[Matched] != 0 || before.Orders.Fates[Unmatched] == 0 || before.Orders.Fates[OneOff] == 0 {
			t.Errorf("before anybody is a member: %v", before.Orders.Fates)
		}
		payers, err := x.roll.Unmatched(t.Context())
		if err != nil {
			t.Fatal(err)
		}
		gives := payers[0]
		for _, p := range payers {
			if p.WouldBe == eligibility.StateCurrent {
				gives = p
			}
		}
		if err := x.roll.Supporter(t.Context(), x.by, gives.Account.ID, true); err != nil {
			t.Fatal(err)
		}
		did, _, err := x.roll.Adopt(t.Context(), x.by, roll.Adopt{All: true})
		if err != nil {
			t.Fatal(err)
		}
		after := x.read()
		x.sum(after, scenes[0].Orders)
		if after.Orders.Fates[Supporter] == 0 || after.Orders.Fates[Matched] == 0 || after.Orders.Fates[OneOff] != before.Orders.Fates[OneOff] {
			t.Errorf("after %d were taken over: %v", len(did.Adopted), after.Orders.Fates)
		}
		for _, scene := range scenes[1:] {
			x.show(scene.Step)
			x.sum(x.read(), scene.Orders)
		}
	})
}

// TestTheReadingIsTheStatus: what the metrics say is what status says.
func TestTheReadingIsTheStatus(t *testing.T) {
	dbtest.Each(t, func(t *testing.T, open func() *store.DB) {
		x := newTheatre(t, open())
		x.show(0)
		if _, _, err := x.roll.Adopt(t.Context(), x.by, roll.Adopt{All: true}); err != nil {
			t.Fatal(err)
		}
		x.show(len(x.film.Scenes()) - 1)
		r := x.read()
		st, err := x.roll.Status(t.Context())
		if err != nil {
			t.Fatal(err)
		}
		members, waiting, desk := 0, int64(0), 0
		for _, n := range r.Desk {
			desk += n
		}
		for state, n := range r.States {
			members += n
			if st.States[state] != n {
				t.Errorf("%s: %d, status says %d", state, n, st.States[state])
			}
		}
		for state, n := range r.Notices {
			waiting += n
			if st.Notices[string(state)] != n {
				t.Errorf("notices %s: %d, status says %d", state, n, st.Notices[string(state)])
			}
		}
		if members == 0 || waiting == 0 || members != st.Members || desk == 0 || desk != st.Desk || r.NoDelegate != len(st.NoDelegate) || r.Holds != len(st.Holds) ||
			r.AsOf != st.AsOf || r.Stale != st.Stale || r.Policy != st.Policy.ID() || r.LateClocks != st.LateClocks {
			t.Errorf("the reading %+v\nis not the status %+v", r, st)
		}
		for _, right := range eligibility.Rights {
			if s := r.Rights[right]; s.Yes+s.No != members {
				t.Errorf("%s: %d yes and %d no of %d", right, s.Yes, s.No, members)
			}
		}
		if r.Rights[eligibility.Vote].Yes == 0 || r.Rights[eligibility.Vote].No == 0 {
			t.Errorf("votes: %+v", r.Rights[eligibility.Vote])
		}
		m := New("dev", "go")
		m.Show(r)
		if _, err := m.Gatherer().Gather(); err != nil {
			t.Error(err)
		}
	})
}

// TestEveryNoticeIsInTheSum: due = sent + failed + held + waiting + not sent, where
// not sent = recovered + before_start + no_address + suppressed (domain.md, section
// 6), with a notice in every state and with each class of held ones.
func TestEveryNoticeIsInTheSum(t *testing.T) {
	dbtest.Each(t, func(t *testing.T, open func() *store.DB) {
		x := newTheatre(t, open())
		x.show(0)
		now, n := x.film.Clock(0), 0
		write := func(s notify.State, detail string, due time.Duration) {
			m := notify.Message{Occasion: notify.Occasion{Kind: notify.Lapsed, Member: "m", Cause: fmt.Sprint(n)}, Recipient: "p_1", Channel: notify.Email,
				About: now, DueAt: now.Add(due), State: s, Detail: detail}
			if err := x.db.InTx(t.Context(), store.NoStream, now, func(tx *store.Tx) error { return tx.Enqueue(t.Context(), m) }); err != nil {
				t.Fatal(err)
			}
			n++
		}
		before := x.read()
		sum := func(r Reading) {
			t.Helper()
			of := r.Notices
			notSent := of[notify.Recovered] + of[notify.BeforeStart] + of[notify.NoAddress] + of[notify.Suppressed]
			if all := of[notify.Sent] + of[notify.Failed] + of[notify.HeldState] + of[notify.Waiting] + notSent; all != r.NoticesDue {
				t.Errorf("due %d, %v add up to %d", r.NoticesDue, of, all)
			}
			var held int64
			for _, k := range heldClasses {
				held += r.Held[k]
			}
			if held != of[notify.HeldState] {
				t.Errorf("held %d, %v add up to %d", of[notify.HeldState], r.Held, held)
			}
		}
		sum(before)
		for i, s := range notify.States() {
			for range i + 1 {
				write(s, "", time.Hour)
			}
		}
		write(notify.HeldState, notify.HeldStale, 0)
		write(notify.HeldState, notify.HeldBrake, 0)
		write(notify.HeldState, notify.ByGap.Detail(), 0)
		write(notify.HeldState, notify.ByImport.Detail(), 0)
		r := x.read()
		sum(r)
		if r.NoticesDue != before.NoticesDue+int64(n) || r.Held[heldRelease] != 2 || r.Held[notify.HeldStale] != 1 || r.Held[heldOther] != 2 || r.OldestDue != 0 {
			t.Errorf("of %d notices: %+v", n, r)
		}
		write(notify.Waiting, "", -90*time.Minute) // due long ago when it was written: it could not have gone before
		write(notify.Waiting, "", 30*time.Minute)
		if r = x.read(); r.OldestDue != 0 {
			t.Errorf("just written, the oldest could have gone for %s", r.OldestDue)
		}
		if r = x.readAt(now.Add(90*time.Minute) + 1); r.OldestDue.Round(time.Second) != 90*time.Minute {
			t.Errorf("the oldest is due for %s", r.OldestDue)
		}
		r.OldestDue = r.OldestDue.Round(time.Second)
		m := New("dev", "go")
		m.Show(r)
		compare(t, m, `
# HELP goodstanding_notices_oldest_due_seconds For how long the notice is due that waits for longest; 0 when none is due.
# TYPE goodstanding_notices_oldest_due_seconds gauge
goodstanding_notices_oldest_due_seconds 5400
`, "notices_oldest_due_seconds")
	})
}

// TestWhoLeadsIsShown: whether notices are on, and until when somebody has the
// lease, also after that is past.
func TestWhoLeadsIsShown(t *testing.T) {
	dbtest.Each(t, func(t *testing.T, open func() *store.DB) {
		x := newTheatre(t, open())
		if r := x.read(); r.NoticesOn || len(r.Leases) != 1 || r.Leases[0] != (store.Lease{Name: "leader"}) {
			t.Errorf("in an empty store notices are on: %v, and leases: %v", r.NoticesOn, r.Leases)
		}
		now := x.film.Clock(0)
		if _, _, err := x.db.TakeLease(t.Context(), store.Lease{Name: "leader"}, "one", now.Add(30*time.Second)); err != nil {
			t.Fatal(err)
		}
		err := x.db.InTx(t.Context(), store.NoStream, now, func(tx *store.Tx) error {
			return tx.SetSetting(t.Context(), store.SettingNotices, "x")
		})
		if err != nil {
			t.Fatal(err)
		}
		m := New("dev", "go")
		m.Show(x.readAt(now.Add(time.Hour)))
		compare(t, m, fmt.Sprintf(`
# HELP goodstanding_notices_on 1 when a treasurer has started the notices, else 0.
# TYPE goodstanding_notices_on gauge
goodstanding_notices_on 1
# HELP goodstanding_lease_until_timestamp_seconds Until when the last process to take it has what only one does at a time; 0 where it was given up, or nobody had it yet.
# TYPE goodstanding_lease_until_timestamp_seconds gauge
goodstanding_lease_until_timestamp_seconds{lease="leader"} %v
`, float64(now.Add(30*time.Second))/1e6), "notices_on", "lease_until_timestamp_seconds")
	})
}

// The newest backup that is one of many is read from the database, whoever made it.
func TestTheLastBackupIsShown(t *testing.T) {
	dbtest.Each(t, func(t *testing.T, open func() *store.DB) {
		x := newTheatre(t, open())
		now := x.film.Clock(0)
		for _, at := range []instant.Instant{0, now, 0} {
			if at != 0 || x.read().BackedUp != 0 {
				if _, err := x.db.NoteBackup(t.Context(), at, now); err != nil {
					t.Fatal(err)
				}
			}
			if got := x.read().BackedUp; got != at {
				t.Errorf("the last backup was made at %s, want %s", got, at)
			}
		}
	})
}
