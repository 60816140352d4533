package roll

import (
	"fmt"
	"testing"

	"coopcloud.tech/goodstanding/eligibility"
	"coopcloud.tech/goodstanding/internal/dbtest"
	"coopcloud.tech/goodstanding/internal/instant"
	"coopcloud.tech/goodstanding/member"
	"coopcloud.tech/goodstanding/store"
)

// adoptedLines are the adopted and the left out, one a line.
func adoptedLines(a Adoption) (in, out []string) {
	for _, r := range a.Adopted {
		in = append(in, fmt.Sprintf("%s %s %s %s", r.Account.Slug, r.Name, r.Since.Day(), r.State))
	}
	for _, r := range a.LeftOut {
		out = append(out, fmt.Sprintf("%s: %s", r.Account.Slug, r.Why))
	}
	return in, out
}

const (
	whyGone      = "gone: it was deleted on Open Collective"
	whyGuest     = "guest-1: it belongs to a guest, whose account changes when it is claimed"
	whyIncognito = "incognito-1: it is incognito, and who stands behind it is not ours to tell"
)

func TestAdoptAll(t *testing.T) {
	eachStage(t, func(t *testing.T, s *stage) {
		tried, report, err := s.r.Adopt(t.Context(), By{Actor: s.tara}, Adopt{All: true, Dry: true})
		s.ok(err)
		if len(tried.Adopted) != 5 || len(report.Transitions) != 5 {
			t.Errorf("tried: %+v, %+v", tried, report)
		}
		s.ids = 0x1000
		got, report, err := s.r.Adopt(t.Context(), as(s.tara), Adopt{All: true})
		s.ok(err)
		in, out := adoptedLines(got)
		wantLines(t, in, "elm Elm Example 2026-05-01 current", "gum Gum Trees 2026-06-14 pending", "hazel hazel 2026-06-01 current",
			"oak Oak Works 2026-06-01 short", "yew Yew 2026-01-01 lapsed")
		wantLines(t, out, "fir: it has no charge on a recurring contribution, and none is under way", whyGone, whyGuest, whyIncognito)
		triedIn, triedOut := adoptedLines(tried)
		wantLines(t, triedIn, in...)
		wantLines(t, triedOut, out...)
		if got.NoDelegate != 5 || len(report.Transitions) != 5 {
			t.Errorf("%d without a delegate, %d transitions", got.NoDelegate, len(report.Transitions))
		}
		if n := report.Notices; len(n) != 0 {
			t.Errorf("an adoption caused notices: %v", n)
		}
		s.in(func(tx *store.Tx) error {
			for _, a := range got.Adopted {
				m, err := tx.FindMember(t.Context(), string(a.Member))
				if err != nil {
					return err
				}
				kind := member.Organisation
				if a.Account.Slug == "elm" || a.Account.Slug == "hazel" {
					kind = member.Individual
				}
				if m.Kind != kind || m.Detail.PublicName != "" || len(m.Links) != 1 || m.Links[0].From != 0 || contains(m.Detail.Name, "@") {
					t.Errorf("adopted %+v", m)
				}
				rows, err := tx.AuditRows(t.Context(), store.AuditQuery{Subject: string(a.Member)})
				if err != nil {
					return err
				}
				want := fmt.Sprintf(`{"account":"%s","at":"%s"}`, a.Account.ID, a.Since)
				if len(rows) != 1 || rows[0].Action != "add_member" || rows[0].Payload != want || rows[0].Actor != s.tara.ID || rows[0].ReasonHash == "" {
					t.Errorf("audit rows %+v, want payload %s", rows, want)
				}
			}
			return nil
		})
		row, _ := s.lastAudit()
		if row.Action != "adopt" || row.Subject != "" {
			t.Errorf("audit row %+v", row)
		}
		// A second time there is nobody left, and nothing is written.
		again, _, err := s.r.Adopt(t.Context(), as(s.tara), Adopt{All: true})
		s.ok(err)
		if after, _ := s.lastAudit(); len(again.Adopted) != 0 || after.Seq != row.Seq || again.NoDelegate != 5 {
			t.Errorf("a second time: %+v", again)
		}
	})
}

func TestAdoptThoseWhoMeetTheDues(t *testing.T) {
	eachStage(t, func(t *testing.T, s *stage) {
		s.ok(s.r.Supporter(t.Context(), as(s.tara), "acc-hazel", true))
		got, _, err := s.r.Adopt(t.Context(), as(s.tara), Adopt{MeetingDues: true, Since: instant.Date(2026, 6, 10)})
		s.ok(err)
		in, out := adoptedLines(got)
		wantLines(t, in, "elm Elm Example 2026-06-10 current")
		wantLines(t, out, "fir: its dues are not paid: it would be unpaid", whyGone, whyGuest, "gum: its dues are not paid: it would be pending",
			whyIncognito, "oak: its dues are not paid: it would be short", "yew: its dues are not paid: it would be lapsed")
	})
}

func TestAdoptAnAccountThatWasLinkedBefore(t *testing.T) {
	eachStage(t, func(t *testing.T, s *stage) {
		_, err := s.r.Link(t.Context(), as(s.tara), s.ash, "acc-elm", 0, instant.Date(2026, 5, 20))
		s.ok(err)
		_, err = s.r.Link(t.Context(), as(s.tara), s.birch, "acc-oak", instant.Date(2026, 7, 1), 0)
		s.ok(err)
		got, _, err := s.r.Adopt(t.Context(), as(s.tara), Adopt{All: true})
		s.ok(err)
		in, out := adoptedLines(got)
		if in[0] != "elm Elm Example 2026-05-20 current" || len(in) != 4 {
			t.Errorf("adopted %q", in)
		}
		if out[len(out)-1] != "oak: it will be linked to a member on 1 July 2026" {
			t.Errorf("left out %q", out)
		}
		s.in(func(tx *store.Tx) error {
			m, err := tx.FindMember(t.Context(), string(got.Adopted[0].Member))
			if len(m.Links) != 1 || m.Links[0].From != instant.Date(2026, 5, 20) {
				t.Errorf("links %+v", m.Links)
			}
			return err
		})
	})
}

func TestAdoptByName(t *testing.T) {
	eachStage(t, func(t *testing.T, s *stage) {
		_, err := s.r.Link(t.Context(), as(s.tara), s.ash, "acc-elm", 0, 0)
		s.ok(err)
		s.ok(s.r.Supporter(t.Context(), as(s.tara), "acc-oak", true))
		_, _, err = s.r.Adopt(t.Context(), as(s.tara), Adopt{Accounts: []member.AccountID{"acc-fir", "acc-guest", "acc-elm", "acc-oak", "acc-none"}})
		wantReasons(t, err, "@guest-1: it belongs to a guest, whose account changes when it is claimed",
			"@elm is linked to ash-workers-co-op for all time: end that link first (unlink)",
			"@oak is marked as supporter: take the mark back first",
			"Open Collective has never shown an account acc-none: run sync, or look at its spelling")
		got, _, err := s.r.Adopt(t.Context(), as(s.tara), Adopt{Accounts: []member.AccountID{"acc-fir"}})
		s.ok(err)
		in, _ := adoptedLines(got)
		wantLines(t, in, "fir Fir 2026-06-02 unpaid")
		_, _, err = s.r.Adopt(t.Context(), as(s.tara), Adopt{})
		wantReasons(t, err, "say whom: --all, --meeting-dues, or accounts")
		if s.state(got.Adopted[0].Member) != eligibility.StateUnpaid {
			t.Error("fir is not on the roll")
		}
	})
}

// TestAdoptingReadsNothingForEachPayer: what is read is read once, however many there are.
// Once all links were read again for each, and a few thousand payers took minutes.
func TestAdoptingReadsNothingForEachPayer(t *testing.T) {
	statements := func(n int) (count int) {
		db, err := store.Open(t.Context(), dbtest.SQLiteDSN(t), store.Options{Version: "test", OnStep: func(s store.Step) {
			if s == store.StepStatement {
				count++
			}
		}})
		if err != nil {
			t.Fatal(err)
		}
		defer db.Close()
		s := newStage(t, db)
		s.ok(db.InTx(t.Context(), store.Pulls, s.now-500, func(tx *store.Tx) error {
			for i := range n {
				p := payer{slug: fmt.Sprintf("zz-%d", i), name: "The Same Name", status: "ACTIVE", interval: eligibility.Monthly, minor: 1000,
					charges: []instant.Instant{instant.Date(2026, 6, 1)}, account: store.AccountRow{ID: accountID(fmt.Sprintf("acc-zz-%d", i)), Type: "ORGANIZATION"}}
				if err := storePayer(t.Context(), tx, 1000+i, p, s.now-2000); err != nil {
					return err
				}
			}
			return nil
		}))
		count = 0
		out, _, err := s.r.Adopt(t.Context(), as(s.tara), Adopt{All: true})
		s.ok(err)
		if len(out.Adopted) < n || out.Adopted[len(out.Adopted)-1].Member == "" {
			t.Errorf("%d were adopted of %d", len(out.Adopted), n)
		}
		return count
	}
	// What is written for each: the member, its names, its admission, the audit row.
	const each = 8
	if few, many := statements(10), statements(50); many-few > 40*each {
		t.Errorf("40 more payers take %d statements more, want %d at most", many-few, 40*each)
	}
}
