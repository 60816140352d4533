package store_test

import (
	"context"
	"errors"
	"strings"
	"testing"

	"coopcloud.tech/goodstanding/internal/dbtest"
	"coopcloud.tech/goodstanding/internal/instant"
	"coopcloud.tech/goodstanding/member"
	"coopcloud.tech/goodstanding/store"
)

// minute is one in microseconds.
const minute = instant.Day / (24 * 60)

func hashOf(letter string) string { return strings.Repeat(letter, 64) }

func aSession(id, letter string, person member.PersonID) store.Session {
	return store.Session{ID: id, Hash: hashOf(letter), Person: person, Way: store.ByMail, Created: noon, Expires: noon + 30*instant.Day}
}

func aLink(letter string, person member.PersonID) store.SignInLink {
	return store.SignInLink{Hash: hashOf(letter), Person: person, Way: store.ByMail, Next: "/me", Created: noon, Expires: noon + 30*minute}
}

func seen[T any](t *testing.T, db *store.DB, f func(*store.Tx) (T, error)) (out T) {
	t.Helper()
	err := db.View(t.Context(), func(tx *store.Tx) (err error) {
		out, err = f(tx)
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
	return out
}

func sessionIDs(t *testing.T, db *store.DB, person member.PersonID, at instant.Instant) (ids string) {
	t.Helper()
	for _, s := range seen(t, db, func(tx *store.Tx) ([]store.Session, error) { return tx.Sessions(t.Context(), person, at) }) {
		ids += s.ID + " "
	}
	return ids
}

func TestSessionsComeBackAndEnd(t *testing.T) {
	dbtest.Each(t, func(t *testing.T, open func() *store.DB) {
		db := open()
		write(t, db, store.Entries, noon, func(ctx context.Context, tx *store.Tx) error {
			return errors.Join(tx.AddSession(ctx, aSession("se_1", "a", "pe_1")), tx.AddSession(ctx, aSession("se_2", "b", "pe_1")),
				tx.AddSession(ctx, aSession("se_3", "c", "pe_2")), tx.AddSignInLink(ctx, aLink("d", "pe_1")), tx.AddSignInLink(ctx, aLink("e", "pe_2")))
		})
		got := seen(t, open(), func(tx *store.Tx) (store.Session, error) {
			s, ok, err := tx.Session(t.Context(), hashOf("a"), noon)
			if !ok {
				t.Error("the session is not found")
			}
			return s, err
		})
		same(t, "session", got, aSession("se_1", "a", "pe_1"))
		for hash, at := range map[string]instant.Instant{hashOf("a"): got.Expires, hashOf("f"): noon} {
			seen(t, db, func(tx *store.Tx) (store.Session, error) {
				s, ok, err := tx.Session(t.Context(), hash, at)
				if ok {
					t.Errorf("%s counts at %s", hash[:1], at)
				}
				return s, err
			})
		}
		if all, mine, later := sessionIDs(t, db, "", noon), sessionIDs(t, db, "pe_1", noon), sessionIDs(t, db, "", got.Expires); all != "se_1 se_2 se_3 " || mine != "se_1 se_2 " || later != "" {
			t.Errorf("sessions: %q, %q, %q", all, mine, later)
		}
		write(t, db, store.Entries, noon, func(ctx context.Context, tx *store.Tx) error {
			ok, err := tx.EndSession(ctx, "se_1")
			again, err2 := tx.EndSession(ctx, "se_1")
			if !ok || again {
				t.Error("a session is ended once")
			}
			return errors.Join(err, err2)
		})
		write(t, db, store.Entries, noon, func(ctx context.Context, tx *store.Tx) error {
			n, err := tx.EndSessions(ctx, "pe_1")
			if n != 1 {
				t.Errorf("%d sessions of pe_1 were ended, want 1", n)
			}
			return err
		})
		if left := sessionIDs(t, db, "", noon); left != "se_3 " {
			t.Errorf("left: %q", left)
		}
		for letter, there := range map[string]bool{"d": false, "e": true} {
			seen(t, db, func(tx *store.Tx) (store.SignInLink, error) {
				l, ok, err := tx.SignInLink(t.Context(), hashOf(letter))
				if ok != there {
					t.Errorf("link %s: %v, want %v", letter, ok, there)
				}
				return l, err
			})
		}
	})
}

func TestALinkIsUsedOnce(t *testing.T) {
	dbtest.Each(t, func(t *testing.T, open func() *store.DB) {
		db := open()
		old := aLink("b", "pe_1")
		old.Created, old.Expires = noon-instant.Day, noon
		write(t, db, store.NoStream, noon, func(ctx context.Context, tx *store.Tx) error {
			asked := store.ConfirmLink{Hash: hashOf("d"), Notice: "nt_1", Member: "mb_1", Person: "pe_1", Contact: "co_1", Created: noon - 1, Expires: noon}
			newer := asked
			newer.Hash, newer.Expires = hashOf("e"), noon+1
			return errors.Join(tx.AddSignInLink(ctx, aLink("a", "pe_1")), tx.AddSignInLink(ctx, old), tx.AddConfirmLink(ctx, asked), tx.AddConfirmLink(ctx, newer))
		})
		use := func(letter string) (ok bool) {
			t.Helper()
			write(t, db, store.Entries, noon, func(ctx context.Context, tx *store.Tx) (err error) {
				ok, err = tx.UseSignInLink(ctx, hashOf(letter), noon+1)
				return err
			})
			return ok
		}
		if !use("a") || use("a") || use("b") || use("c") {
			t.Error("a link is used once, while it counts")
		}
		used := aLink("a", "pe_1")
		used.Used = noon + 1
		links := func(after instant.Instant) []store.SignInLink {
			return seen(t, db, func(tx *store.Tx) ([]store.SignInLink, error) { return tx.SignInLinks(t.Context(), "pe_1", after) })
		}
		same(t, "links", links(0), []store.SignInLink{used, old})
		same(t, "newer links", links(noon-1), []store.SignInLink{used})

		write(t, db, store.Entries, noon, func(ctx context.Context, tx *store.Tx) error {
			return tx.AddSession(ctx, aSession("se_1", "a", "pe_1"))
		})
		prune := func(at, links instant.Instant) (n int) {
			write(t, db, store.NoStream, noon, func(ctx context.Context, tx *store.Tx) (err error) {
				n, err = tx.PruneSignIn(ctx, at, links)
				return err
			})
			return n
		}
		if n := prune(noon, noon-1); n != 0 {
			t.Errorf("%d rows were removed before they were over", n)
		}
		if n := prune(noon+31*instant.Day, noon); n != 3 {
			t.Errorf("%d rows were removed, want the session and the two old links", n)
		}
		same(t, "links", links(0), []store.SignInLink{used})
		view(t, db, func(ctx context.Context, tx *store.Tx) error {
			_, old, err := tx.ConfirmLink(ctx, hashOf("d"))
			_, newer, err2 := tx.ConfirmLink(ctx, hashOf("e"))
			if old || !newer {
				t.Errorf("of the links to contacts the old one is there: %v, the newer one: %v", old, newer)
			}
			return errors.Join(err, err2)
		})
	})
}

// An erased person is signed in nowhere.
func TestErasingAPersonEndsItsSessions(t *testing.T) {
	dbtest.Each(t, func(t *testing.T, open func() *store.DB) {
		db := open()
		write(t, db, store.Entries, noon, func(ctx context.Context, tx *store.Tx) error {
			return errors.Join(tx.SetPerson(ctx, store.Person{ID: "pe_1", Email: "ada@people.example", Name: "Ada"}),
				tx.AddSession(ctx, aSession("se_1", "a", "pe_1")), tx.AddSession(ctx, aSession("se_2", "b", "pe_2")),
				tx.AddSignInLink(ctx, aLink("c", "pe_1")))
		})
		write(t, db, store.Entries, noon, func(ctx context.Context, tx *store.Tx) error { return tx.ErasePerson(ctx, "pe_1") })
		if left := sessionIDs(t, db, "", noon); left != "se_2 " {
			t.Errorf("left: %q", left)
		}
		links := seen(t, db, func(tx *store.Tx) ([]store.SignInLink, error) { return tx.SignInLinks(t.Context(), "pe_1", 0) })
		if len(links) != 0 {
			t.Errorf("links of an erased person: %+v", links)
		}
	})
}

func TestSessionsAreEntriesWithAHashOfTheirOwn(t *testing.T) {
	dbtest.Each(t, func(t *testing.T, open func() *store.DB) {
		db := open()
		for _, stream := range []store.Stream{store.Pulls, store.NoStream} {
			err := db.InTx(t.Context(), stream, noon, func(tx *store.Tx) error { return tx.AddSession(t.Context(), aSession("se_1", "a", "pe_1")) })
			if !errors.Is(err, store.ErrWrongStream) {
				t.Errorf("in %s: %v", stream, err)
			}
		}
		err := db.InTx(t.Context(), store.Entries, noon, func(tx *store.Tx) error {
			return errors.Join(tx.AddSession(t.Context(), aSession("se_1", "a", "pe_1")), tx.AddSession(t.Context(), aSession("se_2", "a", "pe_2")))
		})
		if err == nil {
			t.Error("two sessions with one token were stored")
		}
	})
}

func TestWhoWasDelegate(t *testing.T) {
	dbtest.Each(t, func(t *testing.T, open func() *store.DB) {
		db := open()
		at := noon
		event := func(id string, e store.DelegateEvent) {
			at += minute
			write(t, db, store.Entries, at, func(ctx context.Context, tx *store.Tx) error {
				return tx.AddDelegates(ctx, store.DelegateRow{ID: id, Member: "mb_1", Person: "pe_1", Event: e, By: store.By{Actor: "op"}})
			})
		}
		write(t, db, store.Entries, at, func(ctx context.Context, tx *store.Tx) error {
			return tx.AddMembers(ctx, store.MemberRow{ID: "mb_1", Kind: member.Organisation, By: store.By{Actor: "op"}})
		})
		event("de_1", store.DelegateAdded)
		event("de_2", store.DelegateRemoved)
		for known, want := range map[instant.Instant]bool{noon: false, noon + minute: true, noon + 2*minute: false} {
			got := seen(t, db, func(tx *store.Tx) (bool, error) { return tx.WasDelegate(t.Context(), "mb_1", "pe_1", known) })
			if got != want {
				t.Errorf("at %s: %v, want %v", known, got, want)
			}
		}
	})
}
