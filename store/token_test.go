package store_test

import (
	"context"
	"errors"
	"strings"
	"testing"

	"coopcloud.tech/goodstanding/internal/dbtest"
	"coopcloud.tech/goodstanding/internal/instant"
	"coopcloud.tech/goodstanding/store"
)

func aToken(id string) store.Token {
	return store.Token{ID: id, Hash: strings.Repeat(id[len(id)-1:], 64), Name: "website build", Scopes: []string{"roll:read", "syncs:read"},
		Created: noon, CreatedBy: "pe_1", Expires: noon.AddMonths(3)}
}

func tokens(t *testing.T, db *store.DB) (all []store.Token) {
	t.Helper()
	err := db.View(t.Context(), func(tx *store.Tx) (err error) {
		all, err = tx.Tokens(t.Context())
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
	return all
}

func TestTokensComeBackAndAreRevokedOnce(t *testing.T) {
	dbtest.Each(t, func(t *testing.T, open func() *store.DB) {
		db := open()
		first, second := aToken("to_1"), aToken("to_2")
		second.Created, second.Expires = noon+1, 0
		write(t, db, store.Entries, noon, func(ctx context.Context, tx *store.Tx) error {
			return errors.Join(tx.AddToken(ctx, second), tx.AddToken(ctx, first))
		})
		same(t, "tokens", tokens(t, open()), []store.Token{first, second})

		revoke := func(id string) (ok bool) {
			t.Helper()
			write(t, db, store.Entries, noon, func(ctx context.Context, tx *store.Tx) (err error) {
				ok, err = tx.RevokeToken(ctx, id, noon+5, "pe_2")
				return err
			})
			return ok
		}
		if !revoke("to_1") || revoke("to_1") || revoke("to_none") {
			t.Error("a token is revoked once, and only one that is there")
		}
		first.Revoked, first.RevokedBy = noon+5, "pe_2"
		same(t, "tokens after one was revoked", tokens(t, db), []store.Token{first, second})
	})
}

func TestTokensAreEntriesWithAHashOfTheirOwn(t *testing.T) {
	dbtest.Each(t, func(t *testing.T, open func() *store.DB) {
		db := open()
		for _, stream := range []store.Stream{store.Pulls, store.NoStream} {
			for name, f := range map[string]func(*store.Tx) error{
				"add": func(tx *store.Tx) error { return tx.AddToken(t.Context(), aToken("to_1")) },
				"revoke": func(tx *store.Tx) error {
					_, err := tx.RevokeToken(t.Context(), "to_1", noon, "pe_1")
					return err
				},
			} {
				if err := db.InTx(t.Context(), stream, noon, f); !errors.Is(err, store.ErrWrongStream) {
					t.Errorf("%s in %s: %v", name, stream, err)
				}
			}
		}
		twin := aToken("to_2")
		twin.Hash = aToken("to_1").Hash
		err := db.InTx(t.Context(), store.Entries, noon, func(tx *store.Tx) error {
			return errors.Join(tx.AddToken(t.Context(), aToken("to_1")), tx.AddToken(t.Context(), twin))
		})
		if err == nil {
			t.Error("two tokens with one hash were stored")
		}
		same(t, "tokens", tokens(t, db), []store.Token(nil))
	})
}

// TestAUseIsNotedOnceAnHour, of whichever daemon, and is no change of what is kept.
func TestAUseIsNotedOnceAnHour(t *testing.T) {
	dbtest.Each(t, func(t *testing.T, open func() *store.DB) {
		db := open()
		one, other := aToken("to_1"), aToken("to_2")
		write(t, db, store.Entries, noon, func(ctx context.Context, tx *store.Tx) error {
			return errors.Join(tx.AddToken(ctx, one), tx.AddToken(ctx, other))
		})
		before, err := db.Counters(t.Context())
		if err != nil {
			t.Fatal(err)
		}
		hour := store.TokenUseEvery
		for _, step := range []struct{ at, want instant.Instant }{
			{noon, noon}, {noon.Add(hour) - 1, noon}, {noon.Add(hour), noon.Add(hour)}, {noon, noon.Add(hour)}, {noon.Add(9 * hour), noon.Add(9 * hour)},
		} {
			if err := open().NoteTokenUse(t.Context(), "to_1", step.at); err != nil {
				t.Fatal(err)
			}
			one.Used = step.want
			same(t, "tokens", tokens(t, db), []store.Token{one, other})
		}
		if err := db.NoteTokenUse(t.Context(), "to_none", noon); err != nil {
			t.Errorf("one that is gone: %v", err)
		}
		if after, err := db.Counters(t.Context()); err != nil || after != before {
			t.Errorf("the counters went from %v to %v (%v)", before, after, err)
		}
	})
}

// TestAUseIsNotedBesideAChange that has read the token and is not committed yet: neither
// waits for the other nor is refused. SQLite has one writer at a time.
func TestAUseIsNotedBesideAChange(t *testing.T) {
	db, err := store.Open(t.Context(), dbtest.PostgresDSN(t), store.Options{})
	if err != nil {
		t.Fatal(err)
	}
	defer db.Close()
	one, runs := aToken("to_1"), 0
	write(t, db, store.Entries, noon, func(ctx context.Context, tx *store.Tx) error { return tx.AddToken(ctx, one) })
	write(t, db, store.Entries, noon, func(ctx context.Context, tx *store.Tx) error {
		runs++
		if _, err := tx.Tokens(ctx); err != nil {
			return err
		}
		if err := db.NoteTokenUse(ctx, "to_1", noon); err != nil {
			return err
		}
		return tx.AddToken(ctx, aToken("to_2"))
	})
	if one.Used = noon; runs != 1 {
		t.Errorf("the change was begun %d times", runs)
	}
	same(t, "tokens", tokens(t, db), []store.Token{one, aToken("to_2")})
}

func TestATokenEndsSooner(t *testing.T) {
	dbtest.Each(t, func(t *testing.T, open func() *store.DB) {
		db := open()
		ends, never, revoked := aToken("to_1"), aToken("to_2"), aToken("to_3")
		never.Expires, revoked.Revoked, revoked.RevokedBy = 0, noon, "pe_2"
		end := func(at instant.Instant) {
			t.Helper()
			write(t, db, store.Entries, noon, func(ctx context.Context, tx *store.Tx) error {
				return errors.Join(tx.EndToken(ctx, "to_1", at), tx.EndToken(ctx, "to_2", at), tx.EndToken(ctx, "to_3", at))
			})
		}
		write(t, db, store.Entries, noon, func(ctx context.Context, tx *store.Tx) error {
			return errors.Join(tx.AddToken(ctx, ends), tx.AddToken(ctx, never), tx.AddToken(ctx, revoked))
		})
		end(noon.AddMonths(6))
		never.Expires = noon.AddMonths(6)
		same(t, "an end that is later than the token's own", tokens(t, db), []store.Token{ends, never, revoked})
		end(noon + 5)
		ends.Expires, never.Expires = noon+5, noon+5
		same(t, "an end that is sooner", tokens(t, db), []store.Token{ends, never, revoked})
		err := db.InTx(t.Context(), store.NoStream, noon, func(tx *store.Tx) error { return tx.EndToken(t.Context(), "to_1", noon) })
		if !errors.Is(err, store.ErrWrongStream) {
			t.Errorf("in another stream: %v", err)
		}
	})
}
