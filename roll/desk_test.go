package roll

import (
	"context"
	"errors"
	"slices"
	"strings"
	"sync"
	"testing"

	"coopcloud.tech/goodstanding/eligibility"
	"coopcloud.tech/goodstanding/internal/instant"
	"coopcloud.tech/goodstanding/internal/money"
	"coopcloud.tech/goodstanding/member"
	"coopcloud.tech/goodstanding/store"
)

// What each kind finds, with sentence and remedy, is told by the cases in
// cmd/goodstanding/testdata/desk.

// desk is what is to be sorted out.
func (s *stage) desk(all bool) []DeskEntry {
	s.t.Helper()
	entries, err := s.r.Desk(s.t.Context(), all)
	s.ok(err)
	return entries
}

// entry is the one of a kind about an account, dismissed or not.
func (s *stage) entry(kind DeskKind, account member.AccountID) DeskEntry {
	s.t.Helper()
	entries := s.desk(true)
	i := slices.IndexFunc(entries, func(e DeskEntry) bool { return e.Kind == kind && e.Account.ID == account })
	if i < 0 {
		s.t.Fatalf("no entry %s about %s in %+v", kind, account, entries)
	}
	return entries[i]
}

// listed says whether an entry is on the desk and open.
func (s *stage) listed(id string) bool {
	s.t.Helper()
	return slices.ContainsFunc(s.desk(false), func(e DeskEntry) bool { return e.ID == id })
}

// again stores another complete snapshot.
func (s *stage) again(f func(tx *store.Tx, n int64) error) {
	s.t.Helper()
	s.now += instant.Day
	s.ok(s.db.InTx(s.t.Context(), store.Pulls, s.now, func(tx *store.Tx) error {
		n, err := tx.NextSnapshot(s.t.Context())
		if err != nil {
			return err
		}
		pull := store.Pull{ID: "pull-" + s.now.Day(), Started: s.now, Finished: s.now, Outcome: "complete"}
		if err := tx.AddPull(s.t.Context(), pull); err != nil {
			return err
		}
		if err := tx.AddSnapshot(s.t.Context(), store.Snapshot{Number: n, Start: s.now, Pull: pull.ID, Collective: "acc-us", Currency: gbp}); err != nil {
			return err
		}
		return f(tx, n)
	}))
}

// TestTheDeskIsInAFixedOrder: by kind, then by when it began; the same each
// time, in the book as from the database, and as many as the status says.
func TestTheDeskIsInAFixedOrder(t *testing.T) {
	eachStage(t, func(t *testing.T, s *stage) {
		first := s.desk(true)
		kinds := DeskKinds()
		for i, e := range first[1:] {
			was := first[i]
			if a, b := slices.Index(kinds, was.Kind), slices.Index(kinds, e.Kind); a > b || a == b && was.Since > e.Since {
				t.Errorf("%s since %s stands before %s since %s", was.Kind, was.Since, e.Kind, e.Since)
			}
		}
		ids := func(entries []DeskEntry) (out []string) {
			for _, e := range entries {
				out = append(out, e.ID)
			}
			return out
		}
		for range 5 {
			wantLines(t, ids(s.desk(true)), ids(first)...)
		}
		s.ok(s.r.Dismiss(t.Context(), as(s.tara), first[0].ID))
		book, err := s.r.Book(t.Context())
		s.ok(err)
		everything, err := book.Desk(t.Context(), true)
		s.ok(err)
		wantLines(t, ids(everything), ids(first)...)
		open, err := book.Desk(t.Context(), false)
		s.ok(err)
		wantLines(t, ids(open), ids(first)[1:]...)
		st, err := s.r.Status(t.Context())
		s.ok(err)
		if len(first) < 8 || st.Desk != len(first)-1 {
			t.Errorf("%d entries, the status says %d", len(first), st.Desk)
		}
	})
}

// A book finds its desk when it is first asked, once for all who ask: whoever gives up
// leaves it to the next.
func TestABookFindsItsDeskOnce(t *testing.T) {
	eachStage(t, func(t *testing.T, s *stage) {
		book, err := s.r.Book(t.Context())
		s.ok(err)
		gone, cancel := context.WithCancel(t.Context())
		cancel()
		if _, err := book.Desk(gone, true); !errors.Is(err, context.Canceled) {
			t.Errorf("who has gone is told %v", err)
		}
		first := s.desk(false)
		s.ok(s.r.Dismiss(t.Context(), as(s.tara), first[0].ID))
		var all sync.WaitGroup
		for range 4 {
			all.Go(func() {
				if entries, err := book.Desk(t.Context(), false); err != nil || len(entries) != len(first)-1 {
					t.Errorf("%d entries, %v; want %d, as of the first question", len(entries), err, len(first)-1)
				}
			})
		}
		all.Wait()
		s.ok(s.r.Dismiss(t.Context(), as(s.tara), first[1].ID))
		if entries, err := book.In(nil).Desk(t.Context(), false); err != nil || len(entries) != len(first)-1 {
			t.Errorf("%d entries, %v: it was found anew", len(entries), err)
		}
	})
}

// TestWhatWasDismissedReturns when its facts change, and not before.
func TestWhatWasDismissedReturns(t *testing.T) {
	eachStage(t, func(t *testing.T, s *stage) {
		e := s.entry(DeskUnmatched, "acc-elm")
		before := s.state(s.ash)
		s.ok(s.r.Dismiss(t.Context(), as(s.tara), " "+e.ID+" "))
		if s.listed(e.ID) || s.state(s.ash) != before {
			t.Error("it is still listed, or a standing changed")
		}
		row, why := s.lastAudit()
		if row.Action != "dismiss_entry" || row.Subject != e.ID || row.Payload != `{"account":"acc-elm","facts":"`+e.facts+`","kind":"unmatched_payer"}` || why != "because the meeting said so" {
			t.Errorf("audit row %+v, %q", row, why)
		}
		got := s.entry(DeskUnmatched, "acc-elm").Dismissed
		if got == nil || got.By != "Tara" || got.Reason != "because the meeting said so" || got.At < s.now {
			t.Errorf("dismissed: %+v", got)
		}

		s.again(func(tx *store.Tx, n int64) error { return nil }) // another reading that shows nothing new
		charge := store.ChargeRow{ID: "charge-elm-3", Contribution: "order-elm", Account: "acc-elm", Kind: eligibility.ContributionCharge,
			Amount: money.Money{Minor: 1000, Currency: gbp}, Created: s.now}
		s.again(func(tx *store.Tx, n int64) error { // the same contribution goes on
			charge.Snapshot = n
			_, err := tx.AddCharges(t.Context(), []store.ChargeRow{charge})
			return err
		})
		if s.listed(e.ID) {
			t.Error("it returned although it says the same")
		}
		s.again(func(tx *store.Tx, n int64) error {
			_, err := tx.AddContributions(t.Context(), []store.ContributionRow{{ID: "order-elm-2", Account: "acc-elm", Status: "ACTIVE", Frequency: "MONTHLY",
				Interval: eligibility.Monthly, Amount: charge.Amount, Created: s.now, Processed: s.now, Effective: s.now, Snapshot: n}})
			return err
		})
		if !s.listed(e.ID) {
			t.Error("another contribution, and it did not return")
		}
		s.ok(s.r.Dismiss(t.Context(), as(s.tara), e.ID))
		if s.listed(e.ID) {
			t.Error("dismissed again, it is listed")
		}
	})
}

// TestALossReturns: a member that got a delegate and lost it is on the desk
// again, although the entry was dismissed when it never had one.
func TestALossReturns(t *testing.T) {
	eachStage(t, func(t *testing.T, s *stage) {
		id := s.add(NewMember{Name: "Larch", Kind: member.Organisation, Since: instant.Date(2025, 4, 10)})
		find := func() DeskEntry {
			t.Helper()
			entries := s.desk(true)
			i := slices.IndexFunc(entries, func(e DeskEntry) bool { return e.Member == id })
			if i < 0 {
				t.Fatal("no entry about Larch")
			}
			return entries[i]
		}
		e := find()
		if e.Kind != DeskNoDelegate || e.Since != instant.Date(2025, 4, 10) || e.Handle != "larch" || e.Name != "Larch" {
			t.Errorf("%+v", e)
		}
		s.ok(s.r.Dismiss(t.Context(), as(s.tara), e.ID))
		s.ok(s.r.SetDelegate(t.Context(), as(s.tara), personID(s.carl), id, true))
		if s.listed(e.ID) {
			t.Error("it has a delegate and is listed")
		}
		s.ok(s.r.SetDelegate(t.Context(), as(s.carl), personID(s.carl), id, false))
		if after := find(); after.ID != e.ID || after.Dismissed != nil || after.Since < s.now {
			t.Errorf("after the loss: %+v", after)
		}
	})
}

// TestDismissRefuses with all reasons at once; nothing is written.
func TestDismissRefuses(t *testing.T) {
	eachStage(t, func(t *testing.T, s *stage) {
		e := s.entry(DeskUnmatched, "acc-elm")
		wantReasons(t, s.r.Dismiss(t.Context(), By{Actor: s.dora}, e.ID), "a reason is needed: say why with --reason", "only a treasurer or the operator may")
		wantReasons(t, s.r.Dismiss(t.Context(), By{Actor: s.tara}, "d_none"),
			"a reason is needed: say why with --reason", `there is no entry "d_none" on the desk (goodstanding desk --all lists them)`)
		s.ok(s.r.Dismiss(t.Context(), as(s.tara), e.ID))
		before, _ := s.lastAudit()
		wantReasons(t, s.r.Dismiss(t.Context(), By{Actor: s.tara}, e.ID),
			"a reason is needed: say why with --reason", "it was dismissed on 15 June 2026 by Tara already")
		if after, _ := s.lastAudit(); after.Seq != before.Seq {
			t.Error("a refused dismissal left an audit row")
		}
	})
}

// TestNoAmountWithoutTheRight: neither the amount nor a number from which it
// could be told.
func TestNoAmountWithoutTheRight(t *testing.T) {
	eachStage(t, func(t *testing.T, s *stage) {
		_, err := s.r.Link(t.Context(), as(s.tara), s.ash, "acc-fir", 0, 0)
		s.ok(err)
		e := s.entry(DeskIgnored, "acc-fir")
		if e.Amount == nil || e.Amount.Minor != 5000 || !contains(e.Remedy, " --months 5 ") {
			t.Fatalf("%+v", e)
		}
		bare := e.WithoutAmounts()
		if bare.Amount != nil || bare.Remedy != strings.Replace(e.Remedy, "--months 5", "--months N", 1) || e.Amount == nil {
			t.Errorf("%+v", bare)
		}
		for _, e := range s.desk(true) {
			if text := e.Sentence + e.Action; strings.ContainsAny(text, "£€$") || contains(text, "GBP 5") || contains(text, ".example") {
				t.Errorf("it tells an amount or an address: %s", text)
			}
		}
	})
}

// TestShellWords: whatever upstream calls a thing, a shell reads one word.
func TestShellWords(t *testing.T) {
	for word, want := range map[string]string{
		"elm": "elm", "elm-2": "elm-2", "": `""`, "GBP 10.00": `"GBP 10.00"`, "a b": `"a b"`, "$(x)": `'$(x)'`, "it's": `"it's"`,
		"`x`'": "'`x`'\\'''", "a\nb": `"ab"`, "élan": `"élan"`, "a;b": `"a;b"`, `a\b`: `'a\b'`, "~": `"~"`, "*": `"*"`, "a!b": `'a!b'`,
	} {
		if got := shellWord(word); got != want {
			t.Errorf("%q becomes %s, want %s", word, got, want)
		}
	}
}

// TestTheKindsAreClosed: each once, in words that are never renamed.
func TestTheKindsAreClosed(t *testing.T) {
	var words []string
	for _, k := range DeskKinds() {
		words = append(words, string(k))
	}
	wantLines(t, words, "slug_taken", "payer_changed", "unknown_word", "charge_disputed", "charge_refunded", "contribution_vanished", "account_gone",
		"not_charged", "paid_but_cancelled", "wrong_currency", "ignored_money", "leftover_money", "yearly_below_monthly", "person_for_organisation",
		"two_accounts", "unmatched_payer", "wrong_tier", "wrong_account", "account_renamed", "no_delegate", "no_answer")
}
