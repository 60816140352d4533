package roll

import (
	"fmt"
	"strings"
	"testing"

	"coopcloud.tech/goodstanding/eligibility"
	"coopcloud.tech/goodstanding/internal/instant"
	"coopcloud.tech/goodstanding/internal/money"
	"coopcloud.tech/goodstanding/store"
)

func TestWhatAPaymentPaysFor(t *testing.T) {
	for _, c := range []struct {
		months         int
		from, to       string
		want, why      string
		withoutReceipt bool
	}{
		{months: 1, want: "2026-01-31 2026-02-28 1"},
		{months: 12, from: "2026-03-01", want: "2026-03-01 2027-03-01 12"},
		{from: "2026-01-31", to: "2026-02-28", want: "2026-01-31 2026-02-28 1"},
		{from: "2024-02-29", to: "2025-02-28", want: "2024-02-29 2025-02-28 12"},
		{from: "2026-01-01", to: "2027-01-01", want: "2026-01-01 2027-01-01 12"},
		{from: "2026-01-01", to: "2026-12-31", why: "2026-01-01 to 2026-12-31 is no number of whole months; nearest: 2026-01-01 to 2026-12-01 (11 months), and 2026-01-01 to 2027-01-01 (12 months); the end is the first day that is no longer paid for"},
		{from: "2026-01-01", to: "2026-01-20", why: "2026-01-01 to 2026-01-20 is no number of whole months; nearest: 2026-01-01 to 2026-02-01 (1 month); the end is the first day that is no longer paid for"},
		{from: "2026-02-28", to: "2026-03-31", why: "2026-02-28 to 2026-03-31 is no number of whole months; nearest: 2026-02-28 to 2026-03-28 (1 month), and 2026-02-28 to 2026-04-28 (2 months); the end is the first day that is no longer paid for"},
		{from: "2026-03-01", to: "2026-03-01", why: "what it pays for must end after it starts"},
		{from: "2026-03-01", to: "2037-03-01", why: "it can pay for 1 to 120 months"},
		{months: 121, why: "it can pay for 1 to 120 months"},
		{months: -1, why: "it can pay for 1 to 120 months"},
		{months: 3, to: "2026-03-01", why: "say either for how many months it pays or until when, not both"},
		{from: "2026-03-01", why: "say what it pays for: --months N, or --from DATE --to DATE"},
		{why: "say what it pays for: --months N, or --from DATE --to DATE"},
		{from: "1026-03-01", to: "1026-04-01", want: "1026-03-01 1026-04-01 1", why: "the start lies in the year 1026: write a day in 2000 to 2099; the end lies in the year 1026: write a day in 2000 to 2099"},
		{months: 3, withoutReceipt: true}, // the missing day is told by itself
	} {
		p := PaymentEntry{Months: c.months}
		p.From, p.To = at(t, c.from), at(t, c.to)
		if !c.withoutReceipt {
			p.Received = at(t, "2026-01-31T15:00:00Z")
		}
		var why reasons
		span := p.span(&why)
		if got := strings.Join(why, "; "); got != c.why {
			t.Errorf("%d months, %s to %s: %q, want %q", c.months, c.from, c.to, got, c.why)
		}
		got := ""
		if span.months != 0 {
			got = fmt.Sprintf("%s %s %d", span.from.Day(), span.until.Day(), span.months)
		}
		if got != c.want {
			t.Errorf("%d months, %s to %s: span %q, want %q", c.months, c.from, c.to, got, c.want)
		}
	}
}

func TestPay(t *testing.T) {
	eachStage(t, func(t *testing.T, s *stage) {
		entry := aPayment(s.ash)
		entry.Reference = "transfer of Ada Example"
		id, report, err := s.r.Pay(t.Context(), as(s.tara), entry)
		s.ok(err)
		if len(report.Transitions) != 1 || report.Transitions[0].To != eligibility.StateCurrent {
			t.Errorf("transitions %+v, want current", report.Transitions)
		}
		row, _ := s.lastAudit()
		want := `{"from":"2026-06-01T00:00:00Z","months":12,"payment":"` + id + `","received":"2026-06-01T00:00:00Z","until":"2027-06-01T00:00:00Z"}`
		if row.Action != "enter_payment" || row.Subject != string(s.ash) || row.Payload != want {
			t.Errorf("audit row %+v, want payload %s", row, want)
		}
		_, _, err = s.r.Pay(t.Context(), as(s.tara), entry)
		wantReasons(t, err, "a payment with this reference was entered before ("+id+"): leave the row out, or give it a reference of its own")

		_, err = s.r.UndoPaymentOf(t.Context(), as(s.tara), s.birch, id)
		wantReasons(t, err, "that payment was entered for ash-workers-co-op, not for birch-collective")
		_, err = s.r.UndoPaymentOf(t.Context(), as(s.tara), s.ash, id)
		s.ok(err)
		if s.state(s.ash) != eligibility.StateUnknown {
			t.Errorf("ash is %s after the payment was undone", s.state(s.ash))
		}
		_, err = s.r.UndoPayment(t.Context(), as(s.tara), id)
		wantReasons(t, err, "it was undone already")
		_, err = s.r.UndoPayment(t.Context(), as(s.tara), "pay_none")
		wantReasons(t, err, `there is no entered payment "pay_none"; explain MEMBER lists them`)
		_, _, err = s.r.Pay(t.Context(), as(s.tara), entry)
		wantReasons(t, err, "a payment with this reference was entered before ("+id+", which was undone): leave the row out, or give it a reference of its own")
	})
}

func TestPaySaysEverythingThatIsWrong(t *testing.T) {
	eachStage(t, func(t *testing.T, s *stage) {
		_, _, err := s.r.Pay(t.Context(), as(s.tara), PaymentEntry{Member: "m_none", Reference: "a\nb"})
		wantReasons(t, err,
			`there is no member "m_none"`,
			"an amount is needed: write it as GBP 120.00",
			"the day on which it was received is needed",
			"say what it pays for: --months N, or --from DATE --to DATE",
			"the reference holds a control character (U+000A): write it on one line, as plain text")
		p := aPayment(s.ash)
		p.Received, p.Amount.Minor = s.now+1, 0
		_, _, err = s.r.Pay(t.Context(), as(s.tara), p)
		wantReasons(t, err, "the amount must be more than nothing", "it is said to be received on 15 June 2026, which is yet to come")

		p = aPayment(s.ash)
		first, _, err := s.r.Pay(t.Context(), as(s.tara), p)
		s.ok(err)
		_, _, err = s.r.Pay(t.Context(), as(s.tara), p)
		wantReasons(t, err, "the same payment was entered already ("+first+"): if it is another, give it a reference")
		p.Reference = "the second one"
		_, _, err = s.r.Pay(t.Context(), as(s.tara), p)
		s.ok(err)
	})
}

func TestPayWithACharge(t *testing.T) {
	eachStage(t, func(t *testing.T, s *stage) {
		pay := func(charge string) error {
			_, _, err := s.r.Pay(t.Context(), as(s.tara), PaymentEntry{Member: s.ash, Charge: charge, Months: 5})
			return err
		}
		wantReasons(t, pay("charge-none"),
			`Open Collective has never shown a charge "charge-none"`, "an amount is needed: write it as GBP 120.00",
			"the day on which it was received is needed")
		wantReasons(t, pay("charge-fir-1"), "that charge was not paid by an account that was linked to ash-workers-co-op then")
		for _, acc := range []string{"acc-fir", "acc-elm"} {
			_, err := s.r.Link(t.Context(), as(s.tara), s.ash, accountID(acc), 0, 0)
			s.ok(err)
		}
		wantReasons(t, pay("charge-elm-2"), "the rules count that charge already")
		too := PaymentEntry{Member: s.ash, Charge: "charge-fir-1", Months: 5, Amount: money.Money{Minor: 5001, Currency: gbp}}
		_, _, err := s.r.Pay(t.Context(), as(s.tara), too)
		wantReasons(t, err, "the amount is more than that charge brought")

		s.ok(pay("charge-fir-1"))
		s.in(func(tx *store.Tx) error {
			all, err := tx.Payments(t.Context(), s.ash)
			p := all[len(all)-1]
			if p.Amount != (money.Money{Minor: 5000, Currency: gbp}) || p.Received != instant.Date(2026, 6, 2) || p.Charge != "charge-fir-1" || p.Until != instant.Date(2026, 11, 2) {
				t.Errorf("entered %+v", p)
			}
			return err
		})
		row, _ := s.lastAudit()
		if !contains(row.Payload, `"charge":"charge-fir-1"`) {
			t.Errorf("payload %s", row.Payload)
		}
		again := reasonsOf(t, pay("charge-fir-1"))
		if len(again) != 1 || !strings.HasPrefix(again[0], "another payment (pay_") || !strings.HasSuffix(again[0], ") lets that charge count already") {
			t.Errorf("a charge is accepted twice: %q", again)
		}
	})
}

func TestAChargeThatWasGivenBackIsNotAccepted(t *testing.T) {
	eachStage(t, func(t *testing.T, s *stage) {
		_, err := s.r.Link(t.Context(), as(s.tara), s.ash, "acc-fir", 0, 0)
		s.ok(err)
		s.ok(s.db.InTx(t.Context(), store.Pulls, s.now, func(tx *store.Tx) error {
			_, err := tx.AddRefunds(t.Context(), []store.RefundRow{{ID: "refund-1", Charge: "charge-fir-1", At: instant.Date(2026, 6, 5), Minor: 5000, Snapshot: 1}})
			return err
		}))
		_, _, err = s.r.Pay(t.Context(), as(s.tara), PaymentEntry{Member: s.ash, Charge: "charge-fir-1", Months: 5})
		wantReasons(t, err, "that charge was given back on 5 June 2026")
	})
}

func TestNoAmountInARefusal(t *testing.T) {
	for _, s := range []string{"987.65 GBP", "GBP987.65", "987,65", "GBP 987,65", "gbp 987.65", "XXX 987.65", "GBP -987.65", "GBP 98765000000000000"} {
		m, why := parseAmount(s)
		if why == "" || strings.Contains(why, "98") || m != (money.Money{}) {
			t.Errorf("%q: %v, %q", s, m, why)
		}
	}
	if m, why := parseAmount("GBP 120"); why != "" || m != (money.Money{Minor: 12000, Currency: gbp}) {
		t.Errorf("GBP 120: %v, %q", m, why)
	}
}

// at reads an instant; "" is absent.
func at(t *testing.T, s string) instant.Instant {
	t.Helper()
	if s == "" {
		return 0
	}
	i, err := instant.Parse(s)
	if err != nil {
		t.Fatal(err)
	}
	return i
}
