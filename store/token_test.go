package store_test

import (
	"context"
	"errors"
	"strings"
	"testing"

	"coopcloud.tech/goodstanding/internal/dbtest"
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
