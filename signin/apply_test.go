package signin

import (
	"errors"
	"net/netip"
	"strings"
	"testing"
	"time"

	"coopcloud.tech/goodstanding/internal/dbtest"
	"coopcloud.tech/goodstanding/internal/instant"
	"coopcloud.tech/goodstanding/member"
	"coopcloud.tech/goodstanding/notify"
	"coopcloud.tech/goodstanding/roll"
)

func anApplication(email string) roll.NewApplication {
	return roll.NewApplication{Kind: member.Individual, Name: "Noor", Summary: "I garden.", Involvement: "Gardens.", Email: email, Language: "en", Code: true, Read: true}
}

// tried waits until mails were tried n times.
func (w *world) tried(n int) {
	w.t.Helper()
	for range 2000 {
		w.out.mu.Lock()
		tried := w.out.tried
		w.out.mu.Unlock()
		if tried >= n {
			return
		}
		time.Sleep(2 * time.Millisecond)
	}
	w.t.Fatalf("the mails were not tried %d times:\n%s", n, w.log.String())
}

// A mail to an applicant that could not be handed in is tried again, one that was
// refused is not; it is the applicant's letter, to the address alone.
func TestMailsToApplicantsAreTriedAgain(t *testing.T) {
	w := newWorld(t, dbtest.SQLite(t)(), func(o *Options) {
		o.Confirm = func(c ConfirmLetter) (subject, text, html string, err error) {
			return "Confirm", c.Language + " " + c.Link, "<p>" + c.Until.String(), nil
		}
	})
	w.out.errors = []error{errors.New("451")}
	w.ok(w.s.Apply(t.Context(), anApplication("noor@elm.example"), home))
	w.tried(1)
	w.now.Add(int64(2 * minute))
	w.tried(2)
	w.out.errors = []error{&notify.Rejection{Reason: "550"}}
	w.ok(w.s.Apply(t.Context(), anApplication("gone@elm.example"), home))
	w.tried(3)
	w.now.Add(int64(instant.Day))
	w.ok(w.s.Apply(t.Context(), anApplication("bo@elm.example"), home))
	w.tried(4)
	mails := w.out.sent()
	if len(mails) != 2 || mails[0].To != "noor@elm.example" || mails[1].To != "bo@elm.example" || !strings.HasPrefix(mails[0].Text, "en https://") || !strings.Contains(mails[0].Text, roll.ApplicationPath) || mails[0].HTML == "" || mails[0].List {
		t.Errorf("mails: %+v", mails)
	}
	if strings.Contains(w.log.String(), "elm.example") {
		t.Errorf("an address is in the log:\n%s", w.log.String())
	}
}

// One client applies a few times and then seldom; faults are told before and count
// nothing, and without a letter nobody applies.
func TestAClientApplies(t *testing.T) {
	w := newWorld(t, dbtest.SQLite(t)(), nil)
	if w.s.TakesApplications() {
		t.Error("without a letter an application could not be confirmed")
	}
	other := netip.MustParseAddr("192.0.2.8")
	for range 2 * applyBurst {
		if _, refused := errors.AsType[*roll.Refused](w.s.Apply(t.Context(), roll.NewApplication{}, home)); !refused {
			t.Fatal("an empty form was taken")
		}
	}
	for range applyBurst {
		w.ok(w.s.Apply(t.Context(), anApplication("noor@elm.example"), home))
	}
	if err := w.s.Apply(t.Context(), anApplication("noor@elm.example"), home); !errors.Is(err, ErrTooOften) {
		t.Errorf("one more: %v", err)
	}
	w.ok(w.s.Apply(t.Context(), anApplication("noor@elm.example"), other))
	w.now.Add(int64(applyEvery / time.Microsecond))
	w.ok(w.s.Apply(t.Context(), anApplication("noor@elm.example"), home))
}
