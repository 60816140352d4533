package main

import (
	"path/filepath"
	"strings"
	"testing"
	"time"

	"coopcloud.tech/goodstanding/internal/fakesmtp"
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
	s := w.serve()
	time.Sleep(2 * watchEvery) // the daemon has looked
	if n := len(mails.Mails()); n != 0 {
		t.Fatalf("%d mails went before the notices were started", n)
	}
	err = db.InTx(t.Context(), store.Entries, w.clock, func(tx *store.Tx) error {
		_, err := tx.StartNotices(t.Context())
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
	w.must("people", "add", "bo@people.example", "--name", "Bo", "--delegate-of", "foxtrot")
	for _, m := range mails.Wait(t, 2) { // to the new one, and to the other
		if len(m.To) != 1 || !strings.HasSuffix(m.To[0], "@people.example") || m.Header(t, "Auto-Submitted") != "auto-generated" {
			t.Errorf("a mail went to %v: %s", m.To, m.Data)
		}
	}
	s.until("it is counted", func() bool { return s.metric(`goodstanding_notices_handled_total{outcome="sent"}`) == "2" })
	s.stop()
	if out := s.out.String(); strings.Contains(out, "ada@") || strings.Contains(s.errs.String(), "ada@") {
		t.Errorf("an address is in the log:\n%s%s", out, s.errs.String())
	}
}
