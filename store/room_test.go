package store_test

import (
	"context"
	"errors"
	"slices"
	"testing"

	"coopcloud.tech/goodstanding/decisions"
	"coopcloud.tech/goodstanding/internal/dbtest"
	"coopcloud.tech/goodstanding/member"
	"coopcloud.tech/goodstanding/store"
)

func aSign(event string) store.RoomSign {
	return store.RoomSign{Event: event, Kind: store.SignSet, Announcement: "$1", Decision: "de_1", Sender: "@ada:example.org", Account: hashOf("a"),
		Person: "pe_1", Member: "mb_1", Choice: decisions.Against, Words: "w", At: noon, State: store.SignReceived, Answer: "a", Sent: noon - 1, Newest: 2}
}

func TestWhatIsSaidInTheRoomIsKept(t *testing.T) {
	dbtest.Each(t, func(t *testing.T, open func() *store.DB) {
		db := open()
		var added []bool
		write(t, db, store.NoStream, noon, func(ctx context.Context, tx *store.Tx) error {
			added = nil
			for _, event := range []string{"$2", "$3", "$2"} {
				ok, err := tx.AddRoomSign(ctx, aSign(event))
				if err != nil {
					return err
				}
				added = append(added, ok)
			}
			return errors.Join(tx.Announced(ctx, "$1", "!a:b", "de_1", 2), tx.Announced(ctx, "$1", "!a:b", "de_2", 3))
		})
		same(t, "what was added", added, []bool{true, true, false})
		changed := aSign("$2")
		changed.Seq, changed.State, changed.Outcome, changed.Before, changed.Entry, changed.Awaits, changed.Words = 1, store.SignActing, "counted", 3, 4, true, ""
		// A sign is moved in the transaction that acts, which is the decision's.
		write(t, db, store.Decisions, noon, func(ctx context.Context, tx *store.Tx) error { return tx.SetRoomSign(ctx, changed) })
		other := aSign("$3")
		other.Seq = 2
		view(t, db, func(ctx context.Context, tx *store.Tx) error {
			a, known, err1 := tx.Announcement(ctx, "$1")
			same(t, "the announcement", a, store.Announcement{Event: "$1", Room: "!a:b", Decision: "de_1", At: noon, Entry: 2})
			one, found, err2 := tx.RoomSign(ctx, "$2")
			same(t, "the sign", one, changed)
			received, err3 := tx.RoomSigns(ctx, store.SignReceived)
			same(t, "what was received", received, []store.RoomSign{other})
			all, err4 := tx.SignsOn(ctx, "de_1", hashOf("a"))
			same(t, "the signs", all, []store.RoomSign{changed, other})
			_, none, err5 := tx.Announcement(ctx, "$9")
			if !known || !found || none {
				t.Error("found and not found", known, found, none)
			}
			return errors.Join(err1, err2, err3, err4, err5)
		})
		write(t, db, store.NoStream, noon, func(ctx context.Context, tx *store.Tx) error { return tx.RemoveRoomSign(ctx, "$3") })
		if left := seen(t, db, func(tx *store.Tx) ([]store.RoomSign, error) { return tx.RoomSigns(t.Context(), store.SignReceived) }); len(left) != 0 {
			t.Errorf("%+v", left)
		}
	})
}

func TestAMatrixIdBelongsToOnePerson(t *testing.T) {
	dbtest.Each(t, func(t *testing.T, open func() *store.DB) {
		db := open()
		set := func(person, matrix string) {
			t.Helper()
			write(t, db, store.Entries, noon, func(ctx context.Context, tx *store.Tx) error {
				return tx.SetPersonMatrix(ctx, store.PersonMatrix{Person: member.PersonID(person), Matrix: matrix})
			})
		}
		set("pe_1", "@ada:example.org")
		set("pe_2", "@bo:example.org")
		set("pe_1", "@ada:example.com")
		e := refused[*store.MatrixTaken](t, db, func(ctx context.Context, tx *store.Tx) error {
			return tx.SetPersonMatrix(ctx, store.PersonMatrix{Person: "pe_1", Matrix: "@bo:example.org"})
		})
		if e.Error() != "another person (pe_2) has this Matrix id: an id belongs to one person" {
			t.Error(e)
		}
		set("pe_2", "")
		write(t, db, store.NoStream, noon, func(ctx context.Context, tx *store.Tx) error {
			var errs []error
			for event, s := range map[string]store.RoomSign{
				"$2": {Person: "pe_1", Account: hashOf("a")}, "$3": {Account: hashOf("a")}, "$4": {Account: store.SignAccount("@ada:example.com")}, // hers, two of them before anybody knew
				"$5": {Account: hashOf("b")}, "$6": {Account: hashOf("a"), Person: "pe_2"},
			} {
				one := aSign(event)
				one.Person, one.Account = s.Person, s.Account
				_, err := tx.AddRoomSign(ctx, one)
				errs = append(errs, err)
			}
			return errors.Join(errs...)
		})
		view(t, db, func(ctx context.Context, tx *store.Tx) error {
			all, err1 := tx.PersonMatrixes(ctx)
			same(t, "the ids", all, map[member.PersonID]string{"pe_1": "@ada:example.com"})
			_, old, err2 := tx.PersonByMatrix(ctx, "@ada:example.org")
			who, ok, err3 := tx.PersonByMatrix(ctx, "@ada:example.com")
			if old || !ok || who != "pe_1" {
				t.Error(old, ok, who)
			}
			signs, err4 := tx.SignsOf(ctx, "pe_1")
			var events []string
			for _, s := range signs {
				events = append(events, s.Event)
			}
			slices.Sort(events)
			same(t, "her signs", events, []string{"$2", "$3", "$4"})
			return errors.Join(err1, err2, err3, err4)
		})
		write(t, db, store.Entries, noon, func(ctx context.Context, tx *store.Tx) error { return tx.ErasePerson(ctx, "pe_1") })
		view(t, db, func(ctx context.Context, tx *store.Tx) error {
			all, err1 := tx.PersonMatrixes(ctx)
			signs, err2 := tx.RoomSigns(ctx, store.SignReceived)
			var left []string
			for _, s := range signs {
				left = append(left, s.Event)
			}
			slices.Sort(left)
			if len(all) != 0 || !slices.Equal(left, []string{"$5", "$6"}) {
				t.Errorf("left of an erased person: %v %v", all, left)
			}
			return errors.Join(err1, err2)
		})
	})
}
