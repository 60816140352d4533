package store_test

import (
	"context"
	"testing"
	"time"

	"coopcloud.tech/goodstanding/eligibility"
	"coopcloud.tech/goodstanding/internal/dbtest"
	"coopcloud.tech/goodstanding/internal/instant"
	"coopcloud.tech/goodstanding/member"
	"coopcloud.tech/goodstanding/notify"
	"coopcloud.tech/goodstanding/store"
)

// What is to come is moved by its occasion; what was sent, or tried, is not, nor
// what is about another one.
func TestNoticesToComeAreMoved(t *testing.T) {
	dbtest.Each(t, func(t *testing.T, open func() *store.DB) {
		db := open()
		ctx := t.Context()
		one, other, gone := late("mb_1", "cov_1"), late("mb_1", "cov_2"), late("mb_2", "cov_1")
		one.State, gone.State = notify.Waiting, notify.Waiting
		second := one
		second.Recipient = "pe_7"
		later := noon.Add(48 * time.Hour)
		write(t, db, store.Pulls, noon, func(ctx context.Context, tx *store.Tx) error { return tx.Enqueue(ctx, one, second, other, gone) })
		write(t, db, store.NoStream, noon, func(ctx context.Context, tx *store.Tx) error {
			rows, err := tx.Notices(ctx, store.OutboxQuery{Member: "mb_2"})
			if err != nil {
				return err
			}
			if err := tx.SetNotice(ctx, rows[0].ID, notify.Sent, ""); err != nil {
				return err
			}
			for _, m := range []notify.Message{one, gone} {
				if err := tx.MoveNotice(ctx, m.Occasion, later, later); err != nil {
					return err
				}
			}
			return nil
		})
		view(t, db, func(ctx context.Context, tx *store.Tx) error {
			for after, want := range map[instant.Instant]map[string]instant.Instant{
				noon:        {one.Occasion.Key(): later, other.Occasion.Key(): other.DueAt},
				other.DueAt: {one.Occasion.Key(): later},
				later:       {},
			} {
				got, err := tx.ComingNotices(ctx, after)
				if err != nil {
					return err
				}
				same(t, "to come after "+after.String(), got, want)
			}
			rows, err := tx.Notices(ctx, store.OutboxQuery{})
			for _, n := range rows {
				moved := n.Occasion == one.Occasion.Key()
				if moved != (n.DueAt == later && n.About == later) || !moved && n.DueAt != other.DueAt {
					t.Errorf("%s to %s is due at %s, about %s", n.Occasion, n.Recipient, n.DueAt, n.About)
				}
			}
			return err
		})
		if err := db.View(ctx, func(tx *store.Tx) error { return tx.MoveNotice(ctx, one.Occasion, noon, noon) }); err == nil {
			t.Error("a view moved a notice")
		}
	})
}

// A cause names the entry that a notice is about.
func TestTheEntryBehindACause(t *testing.T) {
	dbtest.Each(t, func(t *testing.T, open func() *store.DB) {
		db := open()
		by := store.By{Actor: "p_1"}
		write(t, db, store.Entries, noon, func(ctx context.Context, tx *store.Tx) error {
			text, err := tx.AddText(ctx, "because")
			if err != nil {
				return err
			}
			by.Reason = text
			if err := tx.AddMembers(ctx, store.MemberRow{ID: "mb_1", Kind: member.Organisation, By: by}); err != nil {
				return err
			}
			if err := tx.AddMembership(ctx, store.MembershipRow{ID: "e_1", Member: "mb_1", Kind: eligibility.Paused, At: noon + 5, By: by},
				store.MembershipRow{ID: "e_2", Member: "mb_1", Kind: eligibility.Suspended, At: noon, Until: noon + 9, By: by}); err != nil {
				return err
			}
			if err := tx.VoidMembership(ctx, store.VoidRow{Event: "e_1", By: by}); err != nil {
				return err
			}
			if err := tx.AddRoles(ctx, store.RoleRow{ID: "r_1", Person: "p_2", Role: member.Treasurer, On: true, By: by}); err != nil {
				return err
			}
			return tx.AddDelegates(ctx, store.DelegateRow{ID: "d_1", Member: "mb_1", Person: "p_2", Event: store.DelegateAdded, By: by},
				store.DelegateRow{ID: "d_2", Member: "mb_1", Person: "p_2", Event: store.DelegateRemoved, By: by})
		})
		view(t, db, func(ctx context.Context, tx *store.Tx) error {
			for cause, want := range map[string]store.Cause{
				"membership:e_1": {Member: "mb_1", Kind: eligibility.Paused, At: noon + 5, Void: true, By: by},
				"membership:e_2": {Member: "mb_1", Kind: eligibility.Suspended, At: noon, Until: noon + 9, By: by},
				"role:r_1":       {Person: "p_2", Role: member.Treasurer, On: true, At: noon, By: by},
				"delegate:d_1":   {Member: "mb_1", Person: "p_2", On: true, At: noon, By: by},
				"delegate:d_2":   {Member: "mb_1", Person: "p_2", At: noon, By: by},
			} {
				got, ok, err := tx.CauseOf(ctx, cause)
				if err != nil || !ok {
					t.Errorf("%s: found %v, %v", cause, ok, err)
				}
				same(t, cause, got, want)
			}
			for _, cause := range []string{"membership:e_9", "delegate:e_1", "hold:h_1", ""} {
				if _, ok, err := tx.CauseOf(ctx, cause); ok || err != nil {
					t.Errorf("%q: found %v, %v", cause, ok, err)
				}
			}
			return nil
		})
		write(t, db, store.Entries, noon.Add(time.Hour), func(ctx context.Context, tx *store.Tx) error {
			seq, hash, err := tx.Audit(ctx, store.Entry{Actor: "p_1", Action: "link"})
			if err != nil {
				return err
			}
			got, head, err := tx.AuditHead(ctx)
			if got != seq || head != hash {
				t.Errorf("the chain ends at %d %s, want %d %s", got, head, seq, hash)
			}
			return err
		})
	})
}
