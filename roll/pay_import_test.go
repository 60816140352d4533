package roll

import (
	"strings"
	"testing"

	"coopcloud.tech/goodstanding/eligibility"
	"coopcloud.tech/goodstanding/internal/instant"
	"coopcloud.tech/goodstanding/store"
)

const goodList = "\ufeffmember;amount;received;from;to;reference;reason\r\n" +
	"# a comment;;;;;;\r\n" +
	"ash-workers-co-op;GBP 60.00;2026-06-01;2026-06-01;2026-12-01;'=one;half a year\r\n" +
	"\"Birch\";GBP 30;2026-06-02;2026-06-01;2026-09-01;two;\r\n"

func TestImportPayments(t *testing.T) {
	eachStage(t, func(t *testing.T, s *stage) {
		im, report, err := s.r.ImportPayments(t.Context(), By{Actor: s.tara}, strings.NewReader(goodList), true)
		s.ok(err)
		if im.Applied || len(report.Transitions) != 2 || s.state(s.ash) != eligibility.StateUnknown {
			t.Errorf("tried: applied %v, %d transitions, ash is %s", im.Applied, len(report.Transitions), s.state(s.ash))
		}
		im, report, err = s.r.ImportPayments(t.Context(), as(s.tara), strings.NewReader(goodList), false)
		s.ok(err)
		if !im.Applied || len(im.Rows) != 2 || len(report.Transitions) != 2 {
			t.Fatalf("import %+v, report %+v", im, report)
		}
		for i, want := range []ImportRow{{Line: 3, Name: "ash-workers-co-op", Action: "new"}, {Line: 4, Name: "birch-collective", Action: "new"}} {
			if got := im.Rows[i]; got.Line != want.Line || got.Name != want.Name || got.Action != want.Action || len(got.Problems) > 0 {
				t.Errorf("row %+v, want %+v", got, want)
			}
		}
		if s.state(s.ash) != eligibility.StateCurrent || s.state(s.birch) != eligibility.StateCurrent {
			t.Errorf("ash is %s, birch is %s", s.state(s.ash), s.state(s.birch))
		}
		s.in(func(tx *store.Tx) error {
			for id, want := range map[string]string{string(s.ash): "half a year", string(s.birch): "because the meeting said so"} {
				rows, err := tx.AuditRows(t.Context(), store.AuditQuery{Subject: id})
				if err != nil {
					return err
				}
				row := rows[len(rows)-1]
				texts, err := tx.Texts(t.Context(), row.Reason)
				if err != nil || row.Action != "enter_payment" || texts[row.Reason] != want {
					t.Errorf("audit row %+v says %q, want %q", row, texts[row.Reason], want)
				}
			}
			_, seen, err := tx.PaymentByReference(t.Context(), "=one")
			if !seen {
				t.Error("a cell made harmless did not come back")
			}
			return err
		})
		row, _ := s.lastAudit()
		if row.Action != "import_payments" || row.Subject != "" || !strings.HasPrefix(row.Payload, `{"payments":["pay_`) {
			t.Errorf("audit row %+v", row)
		}
		// The same list a second time: every row is refused.
		im, _, err = s.r.ImportPayments(t.Context(), as(s.tara), strings.NewReader(goodList), false)
		if len(reasonsOf(t, err)) != 2 || im.Applied {
			t.Errorf("a second time: %v", err)
		}
	})
}

func TestABadListOfPaymentsIsRefusedWhole(t *testing.T) {
	eachStage(t, func(t *testing.T, s *stage) {
		list := "member,amount,received,months,from,to,reference\n" +
			"ash-workers-co-op,GBP 60.00,2026-06-01,6,,,one\n" + // good
			"aspen,GBP 60.00,2026-06-01,6,,,two\n" +
			"birch,60 pounds,yesterday,six,,2026-13-01,three\n" +
			"birch,GBP 60.00,2026-06-01,6,,,one\n" +
			"birch,EUR 60.00,2026-07-01,,2026-06-01,2026-06-20,four\n" +
			",GBP 60.00,2026-06-01,6\n" +
			",,2026-06-01,6,,,\n"
		im, _, err := s.r.ImportPayments(t.Context(), as(s.tara), strings.NewReader(list), false)
		wantReasons(t, err,
			`line 3, member: there is no member "aspen"`,
			"line 4, amount: is not an amount: write it as GBP 120.00",
			`line 4, months: "six" is not a whole number`,
			`line 4, received: "yesterday" is not a day: write 2026-06-01`,
			`line 4, to: "2026-13-01" is not a day: write 2026-06-01`,
			"line 5, the same reference stands twice",
			"line 6, it is said to be received on 1 July 2026, which is yet to come",
			"line 6, 2026-06-01 to 2026-06-20 is no number of whole months; nearest: 2026-06-01 to 2026-07-01 (1 month); the end is the first day that is no longer paid for",
			"line 7, the row has 4 cells where the header names 7 columns: quote cells that hold a separator",
			"line 8, member: is needed",
			"line 8, an amount is needed: write it as GBP 120.00",
		)
		if im.Applied || len(im.Rows) != 7 || im.Rows[0].Action != "new" || im.Rows[1].Action != "" {
			t.Errorf("import %+v", im)
		}
		s.in(func(tx *store.Tx) error {
			payments, err := tx.Payments(t.Context(), "")
			if len(payments) != 0 {
				t.Errorf("%d payments were entered", len(payments))
			}
			return err
		})
	})
}

func TestAFileThatIsNoListOfPayments(t *testing.T) {
	for text, want := range map[string]string{
		"":                           "the file is empty: its first line names the columns member,amount,received,months,from,to,charge,reference,reason",
		"member,amount,received\n":   `the column "months" is missing, or the columns "from" and "to"`,
		"member,amout,received,from": `column 2, "amout", is not known; the nearest is "amount"; the column "amount" is missing; the column "months" is missing, or the columns "from" and "to"`,
		"member,amount,received,months,months,zzzzz": `column 5, "months", stands there twice; column 6, "zzzzz", is not known; the columns are member, amount, received, months, from, to, charge, reference, reason`,
		"member,amount,received,months\n":            "the file names no payment",
		"member,amount,received,months\n\"a,b\n":     "line 2, character 6: a double quote is out of place: put the whole cell in double quotes and write a quote in it twice",
		"member,amount\xff":                          `line 1 is not UTF-8 text (it may be Windows-1252): save the file as "CSV UTF-8"`,
	} {
		_, err := readPayments(strings.NewReader(text))
		if got := strings.Join(reasonsOf(t, err), "; "); got != want {
			t.Errorf("%q:\n got %s\nwant %s", text, got, want)
		}
	}
}

func FuzzReadPayments(f *testing.F) {
	f.Add(goodList)
	f.Add("member,amount,received,months\nash,GBP 1,2026-06-01,1\n")
	f.Fuzz(func(t *testing.T, text string) {
		lines, err := readPayments(strings.NewReader(text))
		if err != nil {
			reasonsOf(t, err)
			return
		}
		for _, l := range lines {
			long := l.entry.Received != 0 && l.entry.Received < instant.Date(1971, 1, 1)
			if l.line < 2 || len(l.problems) == 0 && (l.entry.Amount.Minor < 0 || long) {
				t.Errorf("understood %+v", l)
			}
		}
	})
}
