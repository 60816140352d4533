package store_test

import (
	"bytes"
	"context"
	"errors"
	"strings"
	"testing"

	"coopcloud.tech/goodstanding/internal/dbtest"
	"coopcloud.tech/goodstanding/member"
	"coopcloud.tech/goodstanding/store"
)

// A member has one logo: it comes back byte by byte, is replaced, and goes.
func TestALogoIsReplacedAndErased(t *testing.T) {
	dbtest.Each(t, func(t *testing.T, open func() *store.DB) {
		db := open()
		members(t, db, "mb_1", "mb_2")
		every := make([]byte, 96<<10)
		for i := range every {
			every[i] = byte(i * 7)
		}
		one, two := strings.Repeat("1", 32), strings.Repeat("2", 32)
		write(t, db, store.NoStream, noon, func(ctx context.Context, tx *store.Tx) error {
			return errors.Join(tx.SetLogo(ctx, "mb_1", one, []byte("first")), tx.SetLogo(ctx, "mb_2", two, []byte("same")), tx.SetLogo(ctx, "mb_1", two, every), tx.SetLogo(ctx, "mb_2", one, every))
		})
		view(t, db, func(ctx context.Context, tx *store.Tx) error {
			all, err1 := tx.LogoHashes(ctx)
			same(t, "whose they are", all, map[member.ID]string{"mb_1": two, "mb_2": one})
			png, ok, err2 := tx.Logo(ctx, two)
			if !ok || !bytes.Equal(png, every) {
				t.Errorf("%d bytes, %v", len(png), ok)
			}
			_, none, err3 := tx.Logo(ctx, strings.Repeat("3", 32))
			if none {
				t.Error("there is a logo that nobody has")
			}
			return errors.Join(err1, err2, err3)
		})
		write(t, db, store.NoStream, noon, func(ctx context.Context, tx *store.Tx) error {
			return errors.Join(tx.RemoveLogo(ctx, "mb_1"), tx.RemoveLogo(ctx, "mb_1"))
		})
		view(t, db, func(ctx context.Context, tx *store.Tx) error {
			all, err1 := tx.LogoHashes(ctx)
			same(t, "after removing", all, map[member.ID]string{"mb_2": one})
			_, ok, err2 := tx.Logo(ctx, two)
			if ok {
				t.Error("the file is still there")
			}
			return errors.Join(err1, err2)
		})
		if err := db.InTx(t.Context(), store.NoStream, noon, func(tx *store.Tx) error {
			return tx.SetLogo(t.Context(), "mb_1", two, make([]byte, 200<<10))
		}); err == nil {
			t.Error("a file of any size is taken")
		}
	})
}
