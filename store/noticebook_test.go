package store_test

import (
	"context"
	"errors"
	"fmt"
	"testing"
	"time"

	"coopcloud.tech/goodstanding/internal/dbtest"
	"coopcloud.tech/goodstanding/internal/instant"
	"coopcloud.tech/goodstanding/member"
	"coopcloud.tech/goodstanding/notify"
	"coopcloud.tech/goodstanding/store"
)

// booked is a notice to tell apart by its cause.
func booked(cause string, due instant.Instant, s notify.State, detail string) notify.Message {
	m := late("mb_1", cause)
	m.DueAt, m.State, m.Detail = due, s, detail
	return m
}

// standing is each notice's state, detail and number of steps, by cause.
func standing(t *testing.T, db *store.DB) map[string]string {
	t.Helper()
	out := map[string]string{}
	view(t, db, func(ctx context.Context, tx *store.Tx) error {
		all, err := tx.Notices(ctx, store.OutboxQuery{})
		if err != nil {
			return err
		}
		ids := make([]string, len(all))
		for i, n := range all {
			ids[i] = n.ID
		}
		ledgers, err := tx.Ledgers(ctx, ids...)
		for _, n := range all {
			steps := ledgers[n.ID]
			last := steps[len(steps)-1]
			if last.State != n.State || last.Detail != n.Detail || last.Seq != int64(len(steps)) {
				t.Errorf("%s: the row says %s %q, its last step %+v", n.Cause, n.State, n.Detail, last)
			}
			out[n.Cause] = fmt.Sprintf("%s %s %d", n.State, n.Detail, len(steps))
		}
		return err
	})
	return out
}

// Starting lets go what is still to come and nothing else; stopping holds back
// what nobody is at.
func TestNoticesAreStartedAndStopped(t *testing.T) {
	dbtest.Each(t, func(t *testing.T, open func() *store.DB) {
		db := open()
		nobody := booked("nobody", noon.Add(time.Hour), notify.BeforeStart, "no_address")
		nobody.Recipient = ""
		write(t, db, store.Pulls, noon, func(ctx context.Context, tx *store.Tx) error {
			return tx.Enqueue(ctx, booked("past", noon.Add(-time.Hour), notify.BeforeStart, ""), booked("now", noon, notify.BeforeStart, ""),
				booked("later", noon.Add(time.Second), notify.BeforeStart, ""), nobody, booked("sent", noon.Add(time.Hour), notify.Sent, ""))
		})
		started := func() (on bool) {
			view(t, db, func(ctx context.Context, tx *store.Tx) (err error) {
				_, on, err = tx.Setting(ctx, store.SettingNotices)
				return err
			})
			return on
		}
		view(t, db, func(ctx context.Context, tx *store.Tx) error {
			n, err := tx.NoticesToCome(ctx, noon)
			if n != 2 { // later, and the one that nobody can be told of
				t.Errorf("%d to come", n)
			}
			return err
		})
		write(t, db, store.Entries, noon, func(ctx context.Context, tx *store.Tx) error {
			n, err := tx.StartNotices(ctx)
			if err == nil && n != 1 {
				err = fmt.Errorf("%d wait, want 1", n)
			}
			return err
		})
		same(t, "after the start", standing(t, db), map[string]string{
			"past": "before_start  1", "now": "before_start  1", "later": "waiting  2", "nobody": "no_address  2", "sent": "sent  1"})
		if !started() {
			t.Error("the start is not noted")
		}

		write(t, db, store.Pulls, noon, func(ctx context.Context, tx *store.Tx) error {
			return tx.Enqueue(ctx, booked("stale", noon, notify.HeldState, notify.HeldStale), booked("brake", noon, notify.HeldState, notify.HeldBrake),
				booked("import", noon, notify.HeldState, notify.ByImport.Detail()))
		})
		write(t, db, store.Entries, noon.Add(time.Minute), func(ctx context.Context, tx *store.Tx) error {
			n, err := tx.StopNotices(ctx)
			if err == nil && n != 3 {
				err = fmt.Errorf("%d are held back, want 3", n)
			}
			return err
		})
		same(t, "after the stop", standing(t, db), map[string]string{
			"past": "before_start  1", "now": "before_start  1", "later": "before_start  3", "nobody": "no_address  2", "sent": "sent  1",
			"stale": "before_start  2", "brake": "before_start  2", "import": "held release:import 1"})
		if started() {
			t.Error("the stop is not noted")
		}
		err := db.View(t.Context(), func(tx *store.Tx) error { _, err := tx.StartNotices(t.Context()); return err })
		if !errors.Is(err, store.ErrWrongStream) {
			t.Errorf("starting while only reading: %v", err)
		}
	})
}

func TestABatchIsReleasedOrDropped(t *testing.T) {
	dbtest.Each(t, func(t *testing.T, open func() *store.DB) {
		db := open()
		write(t, db, store.Pulls, noon, func(ctx context.Context, tx *store.Tx) error {
			return tx.Enqueue(ctx, booked("a", noon, notify.HeldState, notify.ByImport.Detail()), booked("b", noon, notify.HeldState, notify.ByImport.Detail()),
				booked("c", noon, notify.HeldState, notify.ByLink.Detail()), booked("d", noon, notify.HeldState, notify.HeldStale))
		})
		write(t, db, store.Entries, noon.Add(time.Second), func(ctx context.Context, tx *store.Tx) error {
			released, err := tx.ReleaseBatch(ctx, notify.ByImport)
			dropped, err2 := tx.DropBatch(ctx, notify.ByLink)
			none, err3 := tx.DropBatch(ctx, notify.ByGap)
			if released != 2 || dropped != 1 || none != 0 {
				t.Errorf("released %d, dropped %d, of an empty batch %d", released, dropped, none)
			}
			return errors.Join(err, err2, err3)
		})
		same(t, "afterwards", standing(t, db), map[string]string{"a": "waiting  2", "b": "waiting  2", "c": "suppressed dropped 2", "d": "held stale 1"})
		view(t, db, func(ctx context.Context, tx *store.Tx) error {
			counts, err := tx.NoticeDetails(ctx)
			same(t, "the counts", counts, []store.NoticeCount{{notify.HeldState, "stale", 1}, {notify.Suppressed, "dropped", 1}, {notify.Waiting, "", 2}})
			if err != nil {
				return err
			}
			for at, want := range map[instant.Instant]instant.Instant{noon - 1: 0, noon: noon, noon.Add(time.Hour): noon} {
				if due, err := tx.OldestDue(ctx, at); err != nil || due != want {
					t.Errorf("the oldest that is due at %s: %s, %v, want %s", at, due, err, want)
				}
			}
			return nil
		})
	})
}

// Every filter narrows, and pages together are the whole list.
func TestTheListOfNoticesIsRead(t *testing.T) {
	dbtest.Each(t, func(t *testing.T, open func() *store.DB) {
		db := open()
		for i, m := range []member.ID{"mb_1", "mb_2", "mb_1", "mb_3", "mb_2"} {
			n := late(m, fmt.Sprint(i))
			if i == 4 {
				n.Occasion.Kind, n.State, n.Recipient = notify.Lapsed, notify.Waiting, "pe_7"
			}
			write(t, db, store.NoStream, noon.Add(time.Duration(i/2)*time.Minute), func(ctx context.Context, tx *store.Tx) error { return tx.Enqueue(ctx, n) })
		}
		view(t, db, func(ctx context.Context, tx *store.Tx) error {
			all, err := tx.NoticePage(ctx, store.NoticeQuery{})
			if err != nil || len(all) != 5 || all[0].Cause != "4" || all[4].Known > all[0].Known {
				t.Fatalf("all: %+v, %v", all, err)
			}
			for name, c := range map[string]struct {
				q    store.NoticeQuery
				want int
			}{
				"member": {store.NoticeQuery{Members: []member.ID{"mb_1"}}, 2}, "members": {store.NoticeQuery{Members: []member.ID{"mb_1", "mb_3"}}, 3},
				"recipient": {store.NoticeQuery{Recipient: "pe_7"}, 1}, "kind": {store.NoticeQuery{Kind: notify.PaymentLate}, 4},
				"state": {store.NoticeQuery{State: notify.Waiting, Members: []member.ID{"mb_2"}}, 1}, "since": {store.NoticeQuery{Since: noon.Add(time.Minute)}, 3},
				"limit": {store.NoticeQuery{Limit: 2}, 2}, "none": {store.NoticeQuery{After: "nt_none"}, 0},
			} {
				got, err := tx.NoticePage(ctx, c.q)
				if err != nil || len(got) != c.want {
					t.Errorf("by %s: %d, %v, want %d", name, len(got), err, c.want)
				}
			}
			var paged []store.OutboxRow
			for after := ""; ; after = paged[len(paged)-1].ID {
				page, err := tx.NoticePage(ctx, store.NoticeQuery{After: after, Limit: 2})
				if err != nil || len(page) == 0 {
					break
				}
				paged = append(paged, page...)
			}
			same(t, "the pages", paged, all)
			one, ok, err := tx.Notice(ctx, all[2].ID)
			if err != nil || !ok || one != all[2] {
				t.Errorf("one: %+v, %v, %v", one, ok, err)
			}
			_, ok, err = tx.Notice(ctx, "nt_none")
			if ok || err != nil {
				t.Errorf("one that is not there: %v, %v", ok, err)
			}
			return nil
		})
	})
}

// What is noted of an address, and what somebody wishes, goes with its owner.
func TestBouncesAndWishesGoWithTheirOwner(t *testing.T) {
	dbtest.Each(t, func(t *testing.T, open func() *store.DB) {
		db := open()
		bounce := store.Bounce{Recipient: "pe_1", Address: "Bo@mail.example", At: noon, Reason: "550", NotedBy: "op_1"}
		wish := store.Wish{Recipient: "pe_1", Language: "es", Declined: []notify.Kind{notify.Digest, notify.BallotCast}}
		write(t, db, store.Entries, noon, func(ctx context.Context, tx *store.Tx) error {
			errs := []error{tx.AddMembers(ctx, store.MemberRow{ID: "mb_1", Kind: member.Organisation, By: store.By{Actor: "op_1"}})}
			for _, id := range []string{"co_1", "co_2"} {
				errs = append(errs, tx.SetContact(ctx, store.Contact{ID: id, Member: "mb_1", Email: id + "@mail.example"}))
			}
			for _, id := range []string{"pe_1", "pe_2", "co_1", "co_2"} {
				b, w := bounce, wish
				b.Recipient, w.Recipient = id, id
				errs = append(errs, tx.SetBounce(ctx, b), tx.SetWish(ctx, w))
			}
			wish.Declined = nil
			again := bounce
			again.Reason = "full"
			return errors.Join(append(errs, tx.SetWish(ctx, wish), tx.SetBounce(ctx, again))...)
		})
		read := func() (map[string]store.Bounce, map[string]store.Wish) {
			var bounces map[string]store.Bounce
			var wishes map[string]store.Wish
			view(t, db, func(ctx context.Context, tx *store.Tx) (err error) {
				if bounces, err = tx.Bounces(ctx); err != nil {
					return err
				}
				wishes, err = tx.Wishes(ctx)
				return err
			})
			return bounces, wishes
		}
		bounces, wishes := read()
		if len(bounces) != 4 || bounces["pe_1"].Reason != "full" || !bounces["co_1"].Covers(" bo@MAIL.example") || bounces["co_1"].Covers("b@mail.example") {
			t.Errorf("the bounces: %+v", bounces)
		}
		same(t, "a wish", wishes["pe_2"], store.Wish{Recipient: "pe_2", Language: "es", Declined: []notify.Kind{notify.BallotCast, notify.Digest}})
		view(t, db, func(ctx context.Context, tx *store.Tx) error {
			one, err := tx.Wish(ctx, "pe_2")
			same(t, "one wish alone", one, wishes["pe_2"])
			none, err2 := tx.Wish(ctx, "pe_none")
			same(t, "the wish of nobody", none, store.Wish{})
			return errors.Join(err, err2)
		})
		if len(wishes["pe_1"].Declined) != 0 {
			t.Errorf("a wish that was changed: %+v", wishes["pe_1"])
		}
		write(t, db, store.Entries, noon, func(ctx context.Context, tx *store.Tx) error {
			if err := errors.Join(tx.ErasePerson(ctx, "pe_1"), tx.RemoveContact(ctx, "co_1"), tx.EraseMember(ctx, "mb_1")); err != nil {
				return err
			}
			for _, want := range []bool{true, false} {
				if ok, err := tx.RemoveBounce(ctx, "pe_2"); err != nil || ok != want {
					t.Errorf("forgotten: %v, %v, want %v", ok, err, want)
				}
			}
			return nil
		})
		if bounces, wishes = read(); len(bounces) != 0 || len(wishes) != 1 {
			t.Errorf("what is left: %+v, %+v", bounces, wishes)
		}
	})
}
