package store_test

import (
	"context"
	"errors"
	"slices"
	"testing"

	"coopcloud.tech/goodstanding/internal/dbtest"
	"coopcloud.tech/goodstanding/internal/instant"
	"coopcloud.tech/goodstanding/member"
	"coopcloud.tech/goodstanding/store"
)

// Applications are mailed the one that waits longest first, are found by a link of
// any attempt, and are removed with their links and texts: the unconfirmed ones
// and those that were decided about, and no others.
func TestApplicationsComeAndGo(t *testing.T) {
	dbtest.Each(t, func(t *testing.T, open func() *store.DB) {
		db := open()
		const day = instant.Day
		begin := instant.Date(2026, 3, 1)
		form := func(id, email string, created instant.Instant) store.Application {
			return store.Application{ID: id, Kind: member.Organisation, Name: "Name of " + id, Summary: "What <b>we</b> do", Representative: "Ada", Email: email, Consent: "yes", Created: created, TryAt: created}
		}
		one, two, three := form("ap_1", "Ada@People.example", begin), form("ap_2", "bo@people.example", begin+1), form("ap_3", "ada@people.example", begin+2)
		link := func(id string, n string) store.ApplicationLink {
			return store.ApplicationLink{Hash: hashOf(n), Application: id, Created: begin + 3}
		}
		write(t, db, store.NoStream, begin+3, func(ctx context.Context, tx *store.Tx) error {
			return errors.Join(tx.SetApplication(ctx, one), tx.SetApplication(ctx, two), tx.SetApplication(ctx, three),
				tx.AddApplicationLink(ctx, link("ap_1", "a")), tx.AddApplicationLink(ctx, link("ap_1", "b")), tx.AddApplicationLink(ctx, link("ap_2", "c")), tx.AddApplicationLink(ctx, link("ap_3", "d")))
		})
		write(t, db, store.Entries, begin+4, func(ctx context.Context, tx *store.Tx) error {
			first, ok, err := tx.ApplicationToMail(ctx)
			if first != one || !ok {
				t.Errorf("to mail first: %+v", first)
			}
			one.TryAt, one.Tries, one.Confirmed = 0, 1, begin+4
			changed := one
			changed.Name = "Another name"
			err = errors.Join(err, tx.SetApplication(ctx, changed))
			next, ok, err2 := tx.ApplicationToMail(ctx)
			if next != two || !ok {
				t.Errorf("to mail next: %+v", next)
			}
			n, err3 := tx.UnconfirmedApplications(ctx)
			from, err4 := tx.ApplicationsFrom(ctx, "ADA@people.example", begin-1)
			later, err5 := tx.ApplicationsFrom(ctx, "ada@people.example", begin)
			if n != 2 || !slices.Equal(from, []store.Application{one, three}) || !slices.Equal(later, []store.Application{three}) {
				t.Errorf("%d unconfirmed; from one address %+v, later %+v", n, from, later)
			}
			for _, hash := range []string{"a", "b"} {
				a, ok, err := tx.ApplicationOf(ctx, hashOf(hash))
				if err != nil || !ok || a != one {
					t.Errorf("by link %s: %+v %v", hash, a, err)
				}
			}
			_, ok, err6 := tx.ApplicationOf(ctx, hashOf("e"))
			if ok {
				t.Error("there is no such link")
			}
			return errors.Join(err, err2, err3, err4, err5, err6)
		})
		var kept store.TextID
		write(t, db, store.Entries, begin+5, func(ctx context.Context, tx *store.Tx) (err error) {
			if kept, err = tx.AddText(ctx, "they sell timeshares"); err != nil {
				return err
			}
			one.Decided, one.DecidedBy, one.Outcome, one.Reason = begin+5, "p_1", store.Declined, kept
			two.Confirmed = begin + 5
			return errors.Join(tx.SetApplication(ctx, one), tx.SetApplication(ctx, two))
		})
		left := func(unconfirmed, decided instant.Instant) (ids []string, text bool) {
			t.Helper()
			write(t, db, store.NoStream, begin+200*day, func(ctx context.Context, tx *store.Tx) error {
				if _, err := tx.PruneApplications(ctx, unconfirmed, decided); err != nil {
					return err
				}
				all, err := tx.Applications(ctx)
				ids = nil
				for _, a := range all {
					ids = append(ids, a.ID)
				}
				texts, err2 := tx.Texts(ctx, kept)
				text = len(texts) == 1
				return errors.Join(err, err2)
			})
			return ids, text
		}
		if ids, text := left(begin+1, begin+4); !slices.Equal(ids, []string{"ap_1", "ap_2", "ap_3"}) || !text {
			t.Errorf("too early: %v left, reason %v", ids, text)
		}
		if ids, _ := left(begin+2, begin+4); !slices.Equal(ids, []string{"ap_1", "ap_2"}) {
			t.Errorf("unconfirmed: %v left", ids)
		}
		if ids, text := left(begin+100*day, begin+5); !slices.Equal(ids, []string{"ap_2"}) || text {
			t.Errorf("decided: %v left, reason %v", ids, text)
		}
		write(t, db, store.Entries, begin+201*day, func(ctx context.Context, tx *store.Tx) error {
			for _, hash := range []string{"a", "d"} {
				if _, ok, err := tx.ApplicationOf(ctx, hashOf(hash)); ok || err != nil {
					t.Errorf("link %s is still there, %v", hash, err)
				}
			}
			if _, ok, err := tx.ApplicationOf(ctx, hashOf("c")); !ok || err != nil {
				t.Errorf("the link of the one that waits is gone, %v", err)
			}
			// Who is erased as a person is erased as an applicant.
			if err := errors.Join(tx.SetPerson(ctx, store.Person{ID: "p_2", Email: "BO@people.example", Name: "Bo"}), tx.ErasePerson(ctx, "p_2")); err != nil {
				return err
			}
			_, ok, err := tx.Application(ctx, "ap_2")
			if ok {
				t.Error("the application of an erased person is still there")
			}
			return err
		})
	})
}
