package store_test

import (
	"context"
	"errors"
	"slices"
	"testing"

	"github.com/google/go-cmp/cmp"

	"coopcloud.tech/goodstanding/eligibility"
	"coopcloud.tech/goodstanding/internal/dbtest"
	"coopcloud.tech/goodstanding/member"
	"coopcloud.tech/goodstanding/store"
)

// Whoever's facts a pull changes is concerned by it, and who is asked for by id is read
// as among all.
func TestWhomAPullConcerns(t *testing.T) {
	dbtest.Each(t, func(t *testing.T, open func() *store.DB) {
		db := open()
		w := newWorld(11)
		write(t, db, store.Entries, w.now, func(ctx context.Context, tx *store.Tx) (err error) {
			for range 20 {
				err = errors.Join(err, w.admit(ctx, tx))
			}
			return err
		})
		moved, spared := 0, 0
		for range 15 {
			w.play(t, db, 2)
			write(t, db, store.Pulls, w.pass(), func(ctx context.Context, tx *store.Tx) error {
				before := unread(t, ctx, tx)
				if err := w.pull(ctx, tx); err != nil {
					return err
				}
				concerned, err := tx.Concerned(ctx)
				if err != nil {
					return err
				}
				for id, f := range unread(t, ctx, tx) {
					changed := !cmp.Equal(before[id], f)
					if changed && !slices.Contains(concerned, id) {
						t.Errorf("the facts of %s changed, and it is not concerned: %s", id, cmp.Diff(before[id], f))
					}
					if changed {
						moved++
					}
				}
				spared += len(before) - len(concerned)
				return alike(t, ctx, tx, concerned)
			})
		}
		if moved < 30 || spared < 30 {
			t.Errorf("the facts of %d members changed, and %d were spared: too few to say anything", moved, spared)
		}
	})
}

// unread are all members' facts without the snapshots, which every pull adds to.
func unread(t *testing.T, ctx context.Context, tx *store.Tx) map[member.ID]eligibility.Facts {
	t.Helper()
	all, err := tx.Facts(ctx)
	if err != nil {
		t.Fatal(err)
	}
	of := map[member.ID]eligibility.Facts{}
	for _, f := range all {
		f.Snapshots = nil
		of[f.Member] = f
	}
	return of
}

// alike wants some members to be read by their ids as they are among all.
func alike(t *testing.T, ctx context.Context, tx *store.Tx, ids []member.ID) error {
	t.Helper()
	if len(ids) == 0 {
		return nil
	}
	facts, err := tx.Facts(ctx)
	some, err2 := tx.Facts(ctx, ids...)
	infos, err3 := tx.Members(ctx)
	fewer, err4 := tx.Members(ctx, ids...)
	last, err5 := tx.LastStandings(ctx)
	theirs, err6 := tx.LastStandings(ctx, ids...)
	if err := errors.Join(err, err2, err3, err4, err5, err6); err != nil {
		return err
	}
	facts = slices.DeleteFunc(facts, func(f eligibility.Facts) bool { return !slices.Contains(ids, f.Member) })
	infos = slices.DeleteFunc(infos, func(m store.MemberInfo) bool { return !slices.Contains(ids, m.ID) })
	for id := range last {
		if !slices.Contains(ids, id) {
			delete(last, id)
		}
	}
	if diff := cmp.Diff(facts, some) + cmp.Diff(infos, fewer) + cmp.Diff(last, theirs); diff != "" {
		t.Errorf("read by id it is something else: %s", diff)
	}
	return nil
}

// What is to run on a commit does so once, after it, and not where the transaction failed.
func TestOnCommit(t *testing.T) {
	dbtest.Each(t, func(t *testing.T, open func() *store.DB) {
		db, broken := open(), errors.New("broken")
		ran := 0
		f := func(fail error) func(*store.Tx) error {
			return func(tx *store.Tx) error {
				if tx.OnCommit(func() { ran++ }); ran > 0 {
					t.Error("it ran before the commit")
				}
				return fail
			}
		}
		if err := db.InTx(t.Context(), store.Pulls, noon, f(broken)); !errors.Is(err, broken) || ran != 0 {
			t.Errorf("after a failure it ran %d times: %v", ran, err)
		}
		if err := db.InTx(t.Context(), store.Pulls, noon, f(nil)); err != nil || ran != 1 {
			t.Errorf("after a commit it ran %d times: %v", ran, err)
		}
	})
}
