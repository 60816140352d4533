package main

import (
	"context"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"coopcloud.tech/goodstanding/internal/fakesmtp"
	"coopcloud.tech/goodstanding/notify"
	"coopcloud.tech/goodstanding/store"
)

// TestServeSendsNotices: once they are started, and not before; the metrics count
// it, and no log holds an address.
func TestServeSendsNotices(t *testing.T) {
	w := adopted(t)
	mails := fakesmtp.New(t, fakesmtp.Options{})
	w.env["GOODSTANDING_SMTP_URL"] = "smtp://" + mails.Address + "?tls=off"
	w.env["GOODSTANDING_PUBLIC_URL"] = "https://roll.example.org"
	w.env["GOODSTANDING_MAIL_FROM"] = "roll@loose-knot.example"
	w.must("people", "add", "ada@people.example", "--name", "Ada", "--delegate-of", "foxtrot")
	leakless(t)
	db, err := store.Open(t.Context(), "sqlite://"+filepath.Join(w.dir, "data", databaseName), store.Options{Version: "test"})
	if err != nil {
		t.Fatal(err)
	}
	defer db.Close()
	now := w.clock
	write := func(f func(ctx context.Context, tx *store.Tx) error) {
		t.Helper()
		if err := db.InTx(t.Context(), store.Entries, now, func(tx *store.Tx) error { return f(t.Context(), tx) }); err != nil {
			t.Fatal(err)
		}
	}
	s := w.serve()
	write(func(ctx context.Context, tx *store.Tx) error {
		m, err := tx.FindMember(ctx, "foxtrot")
		if err != nil {
			return err
		}
		people, err := tx.People(ctx)
		if err != nil {
			return err
		}
		return tx.Enqueue(ctx, notify.Message{Occasion: notify.Occasion{Kind: notify.DelegateWelcome, Member: m.ID, Cause: "a test"}, Recipient: string(people[0].ID),
			Channel: notify.Email, DueAt: 1, State: notify.Waiting})
	})
	time.Sleep(2 * watchEvery) // the daemon has looked
	if n := len(mails.Mails()); n != 0 {
		t.Fatalf("%d mails went before the notices were started", n)
	}
	write(func(ctx context.Context, tx *store.Tx) error {
		return tx.SetSetting(ctx, store.SettingNotices, now.String())
	})
	got := mails.Wait(t, 1)
	if to := got[0].To; len(to) != 1 || to[0] != "ada@people.example" || got[0].Header(t, "Auto-Submitted") != "auto-generated" {
		t.Errorf("the mail went to %v: %s", to, got[0].Data)
	}
	s.until(5*time.Second, "it is counted", func() bool { return s.metric(`goodstanding_notices_handled_total{outcome="sent"}`) == "1" })
	s.stop()
	if out := s.out.String(); strings.Contains(out, "ada@") || strings.Contains(s.errs.String(), "ada@") {
		t.Errorf("an address is in the log:\n%s%s", out, s.errs.String())
	}
}
