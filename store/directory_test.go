package store_test

import (
	"context"
	"errors"
	"testing"

	"coopcloud.tech/goodstanding/eligibility"
	"coopcloud.tech/goodstanding/internal/dbtest"
	"coopcloud.tech/goodstanding/internal/instant"
	"coopcloud.tech/goodstanding/member"
	"coopcloud.tech/goodstanding/store"
)

func detail(id member.ID, handle, name string) store.MemberDetail {
	return store.MemberDetail{Member: id, Handle: handle, Name: name}
}

func TestFindMember(t *testing.T) {
	dbtest.Each(t, func(t *testing.T, open func() *store.DB) {
		db := open()
		members(t, db, "mb_1", "mb_2", "mb_3", "mb_4")
		write(t, db, store.Entries, noon, func(ctx context.Context, tx *store.Tx) error {
			_, err := tx.SetAccountDetails(ctx, []store.AccountDetail{{Account: "ac_1", Slug: "rosa-web", Name: "Rosa", Seen: noon}, {Account: "ac_2", Slug: "gone", Name: "Gone", Seen: noon}})
			return errors.Join(err,
				tx.SetMemberDetail(ctx, detail("mb_1", "rosa", "Rosa Web Co-op")), tx.SetMemberDetail(ctx, detail("mb_2", "rosalind", "Rosalind Hosting")),
				tx.SetMemberDetail(ctx, detail("mb_3", "old-rosa", "Former Rosa")), tx.SetMemberDetail(ctx, detail("mb_4", "blue-sky", "Blue Sky")),
				tx.AddLinks(ctx, store.LinkRow{ID: "li_1", Member: "mb_1", Account: "ac_1"}, store.LinkRow{ID: "li_2", Member: "mb_3", Account: "ac_2"}),
				tx.AddMerge(ctx, store.MergeRow{Loser: "mb_3", Winner: "mb_1"}))
		})
		find := func(word string) (m store.MemberInfo, err error) {
			return m, db.View(t.Context(), func(tx *store.Tx) (err error) {
				m, err = tx.FindMember(t.Context(), word)
				return err
			})
		}
		for word, want := range map[string]member.ID{
			"mb_2": "mb_2", "rosa": "mb_1", "ROSA": "mb_1", "rosa-web": "mb_1", "Rosalind": "mb_2", "blue s": "mb_4", "Blue Sky": "mb_4",
			"mb_3": "mb_1", "old-rosa": "mb_1", "gone": "mb_1", "Former": "mb_1", " blue-sky ": "mb_4", "Rosa W": "mb_1",
		} {
			if m, err := find(word); err != nil || m.ID != want {
				t.Errorf("%q is %s, %v; want %s", word, m.ID, err, want)
			}
		}
		for word, want := range map[string]string{
			"Ros":      `"Ros" fits 2 members: rosa, rosalind; write more of the name, or one of these handles`,
			"blue-sku": `no member is called "blue-sku" by id, handle, linked account or beginning of a name; did you mean blue-sky?`,
			"zebra":    `no member is called "zebra" by id, handle, linked account or beginning of a name; goodstanding roll lists all members`,
			"":         `no member is called "" by id, handle, linked account or beginning of a name; goodstanding roll lists all members`,
		} {
			if m, err := find(word); err == nil || err.Error() != want {
				t.Errorf("%q: %s, %v; want %s", word, m.ID, err, want)
			}
		}
	})
}

func TestAnAccountIsLinkedToOneMemberAtATime(t *testing.T) {
	dbtest.Each(t, func(t *testing.T, open func() *store.DB) {
		db := open()
		members(t, db, "mb_1", "mb_2")
		link := func(id string, m member.ID, from, until instant.Instant) func(context.Context, *store.Tx) error {
			return func(ctx context.Context, tx *store.Tx) error {
				return tx.AddLinks(ctx, store.LinkRow{ID: id, Member: m, Account: "ac_1", From: from, Until: until})
			}
		}
		write(t, db, store.Entries, noon, link("li_1", "mb_1", days(10), days(20)))
		write(t, db, store.Entries, noon, link("li_2", "mb_2", days(20), days(30)))
		write(t, db, store.Entries, noon, link("li_3", "mb_2", 0, days(10)))
		const remedy = ", and an account is linked to at most one member at a time: end that link first (goodstanding unlink)"
		for _, c := range []struct {
			from, until instant.Instant
			want        string
		}{
			{days(15), days(16), "account ac_1 is linked to member mb_1 from 2026-06-11 to 2026-06-21" + remedy},
			{days(29), 0, "account ac_1 is linked to member mb_2 from 2026-06-21 to 2026-07-01" + remedy},
			{0, days(1), "account ac_1 is linked to member mb_2 until 2026-06-11" + remedy},
		} {
			e := refused[*store.LinkOverlap](t, db, link("li_9", "mb_1", c.from, c.until))
			if e.Error() != c.want {
				t.Errorf("got  %s\nwant %s", e, c.want)
			}
		}
		write(t, db, store.Entries, noon, func(ctx context.Context, tx *store.Tx) error {
			return tx.EndLinks(ctx, store.LinkEnd{Link: "li_1", Until: days(12)}, store.LinkEnd{Link: "li_2", Revoked: true})
		})
		write(t, db, store.Entries, noon, link("li_4", "mb_2", days(12), 0))
		e := refused[*store.LinkOverlap](t, db, func(ctx context.Context, tx *store.Tx) error {
			return tx.AddLinks(ctx, store.LinkRow{ID: "li_7", Member: "mb_1", Account: "ac_2"}, store.LinkRow{ID: "li_8", Member: "mb_2", Account: "ac_2", From: noon})
		})
		if want := "account ac_2 is linked to member mb_1 for all time" + remedy; e.Error() != want {
			t.Errorf("got  %s\nwant %s", e, want)
		}
		view(t, db, func(ctx context.Context, tx *store.Tx) error {
			links, err := tx.Links(ctx)
			var ids []string
			for _, l := range links {
				ids = append(ids, l.ID+" "+string(l.Member)+" "+l.Until.Day())
			}
			same(t, "the links that stand", ids, []string{"li_3 mb_2 2026-06-11", "li_1 mb_1 2026-06-13", "li_4 mb_2 "})
			return err
		})
	})
}

func TestAReferenceIsEnteredOnce(t *testing.T) {
	dbtest.Each(t, func(t *testing.T, open func() *store.DB) {
		db := open()
		members(t, db, "mb_1")
		pay := func(id, reference string) store.PaymentRow {
			return store.PaymentRow{ID: id, Member: "mb_1", Amount: pounds(10), Months: 1, From: noon, Until: days(30), Received: noon, Reference: reference}
		}
		write(t, db, store.Entries, noon, func(ctx context.Context, tx *store.Tx) error {
			return tx.AddPayments(ctx, pay("py_1", "bank 1"), pay("py_2", ""), pay("py_3", ""), pay("py_4", "bank 2"))
		})
		write(t, db, store.Entries, noon, func(ctx context.Context, tx *store.Tx) error {
			return tx.UndoPayments(ctx, store.PaymentUndo{Payment: "py_4"})
		})
		for reference, want := range map[string]string{
			"bank 1": "a payment with this reference was entered before (py_1): leave the row out, or give it a reference of its own",
			"bank 2": "a payment with this reference was entered before (py_4, which was undone): leave the row out, or give it a reference of its own",
			"twice":  "a payment with this reference was entered before (py_8): leave the row out, or give it a reference of its own",
		} {
			e := refused[*store.ReferenceSeen](t, db, func(ctx context.Context, tx *store.Tx) error {
				return tx.AddPayments(ctx, pay("py_8", reference), pay("py_9", reference))
			})
			if e.Error() != want {
				t.Errorf("got  %s\nwant %s", e, want)
			}
		}
		view(t, db, func(ctx context.Context, tx *store.Tx) error {
			p, ok, err1 := tx.PaymentByReference(ctx, "bank 2")
			_, none, err2 := tx.PaymentByReference(ctx, "")
			if !ok || p.ID != "py_4" || !p.Undone || none {
				t.Errorf("by reference: %+v %v %v", p, ok, none)
			}
			all, err3 := tx.Payments(ctx, "mb_1")
			if len(all) != 4 || all[0].Amount != pounds(10) || all[0].Undone {
				t.Errorf("payments: %+v", all)
			}
			return errors.Join(err1, err2, err3)
		})
	})
}

func TestPeopleRolesAndDelegates(t *testing.T) {
	dbtest.Each(t, func(t *testing.T, open func() *store.DB) {
		db := open()
		members(t, db, "mb_1", "mb_2")
		step := func(day int, rows ...store.DelegateRow) {
			write(t, db, store.Entries, days(day), func(ctx context.Context, tx *store.Tx) error { return tx.AddDelegates(ctx, rows...) })
		}
		step(1, store.DelegateRow{ID: "de_1", Member: "mb_1", Person: "pe_1", Event: store.DelegateAdded}, store.DelegateRow{ID: "de_2", Member: "mb_2", Person: "pe_1", Event: store.DelegateAdded},
			store.DelegateRow{ID: "de_3", Member: "mb_1", Person: "pe_2", Event: store.DelegateAdded})
		step(2, store.DelegateRow{ID: "de_4", Member: "mb_1", Person: "pe_1", Event: store.DelegateConfirmed}, store.DelegateRow{ID: "de_5", Member: "mb_1", Person: "pe_2", Event: store.DelegateRemoved})
		write(t, db, store.Entries, days(3), func(ctx context.Context, tx *store.Tx) error {
			return errors.Join(tx.SetPerson(ctx, store.Person{ID: "pe_1", Email: "ada@x.example", Name: "Ada"}),
				tx.AddRoles(ctx, store.RoleRow{ID: "ro_1", Person: "pe_1", Role: member.Treasurer, On: true},
					store.RoleRow{ID: "ro_2", Person: "pe_1", Role: member.Facilitator, On: true}, store.RoleRow{ID: "ro_3", Person: "pe_3", Role: member.ContactPerson, On: true}))
		})
		write(t, db, store.Entries, days(4), func(ctx context.Context, tx *store.Tx) error {
			return tx.AddRoles(ctx, store.RoleRow{ID: "ro_0", Person: "pe_1", Role: member.Facilitator})
		})
		view(t, db, func(ctx context.Context, tx *store.Tx) error {
			people, err := tx.People(ctx)
			same(t, "the people", people, []store.PersonInfo{
				{Person: store.Person{ID: "pe_1", Email: "ada@x.example", Name: "Ada"}, Roles: []member.Role{member.Treasurer},
					Delegates: []store.Delegation{{ID: "de_1", Member: "mb_1", Person: "pe_1", Since: days(1), Confirmed: true}, {ID: "de_2", Member: "mb_2", Person: "pe_1", Since: days(1)}}},
				{Person: store.Person{ID: "pe_3"}, Roles: []member.Role{member.ContactPerson}},
			})
			return err
		})
	})
}

func TestUnmatchedPayers(t *testing.T) {
	dbtest.Each(t, func(t *testing.T, open func() *store.DB) {
		db := open()
		members(t, db, "mb_1")
		snapshot(t, db, noon, func(ctx context.Context, tx *store.Tx, n int64) error {
			nobody := orderRow(9, n)
			nobody.Account = ""
			_, err1 := tx.AddContributions(ctx, []store.ContributionRow{orderRow(1, n), orderRow(2, n), orderRow(3, n), nobody})
			_, err2 := tx.AddCharges(ctx, []store.ChargeRow{chargeRow(1, 2, n), chargeRow(2, 4, n), chargeRow(3, 2, n)})
			_, err3 := tx.AddAccounts(ctx, []store.AccountRow{{ID: "ac_00002", Type: "ORGANIZATION", Snapshot: n}})
			_, err4 := tx.SetAccountDetails(ctx, []store.AccountDetail{{Account: "ac_00002", Slug: "two", Name: "Two", Emails: []string{"two@x.example"}, Seen: noon}})
			return errors.Join(err1, err2, err3, err4)
		})
		write(t, db, store.Entries, noon, func(ctx context.Context, tx *store.Tx) error {
			return errors.Join(tx.AddLinks(ctx, store.LinkRow{ID: "li_1", Member: "mb_1", Account: "ac_00001", Until: days(5)}),
				tx.AddSupporters(ctx, store.SupporterRow{ID: "su_1", Account: "ac_00003", On: true}, store.SupporterRow{ID: "su_2", Account: "ac_00004", On: true}))
		})
		write(t, db, store.Entries, noon, func(ctx context.Context, tx *store.Tx) error {
			return tx.AddSupporters(ctx, store.SupporterRow{ID: "su_0", Account: "ac_00004"})
		})
		unmatched := func(at instant.Instant) (out []store.UnmatchedPayer) {
			view(t, db, func(ctx context.Context, tx *store.Tx) (err error) {
				out, err = tx.Unmatched(ctx, at)
				return err
			})
			return out
		}
		got := unmatched(days(1))
		if len(got) != 2 || got[0].Account.ID != "ac_00002" || got[1].Account.ID != "ac_00004" {
			t.Fatalf("unmatched: %+v", got)
		}
		two := got[0]
		if two.Slug != "two" || two.Emails[0] != "two@x.example" || two.Account.Type != "ORGANIZATION" || len(two.Contributions) != 1 || len(two.Charges) != 2 || two.Charges[0].ID != "ch_000001" {
			t.Errorf("the second: %+v", two)
		}
		if later := unmatched(days(5)); len(later) != 3 || later[0].Account.ID != "ac_00001" {
			t.Errorf("after the link ended: %+v", later)
		}
	})
}

func TestWhatStandsNow(t *testing.T) {
	dbtest.Each(t, func(t *testing.T, open func() *store.DB) {
		db := open()
		members(t, db, "mb_1", "mb_2")
		policy := store.PolicyRow{ID: "seed-2022", From: noon, Text: "id: seed-2022\n", SHA256: "00000000000000000000000000000000000000000000000000000000000000aa", Backdated: true, By: store.By{Actor: "operator:ada"}}
		write(t, db, store.Entries, days(1), func(ctx context.Context, tx *store.Tx) error {
			return errors.Join(
				tx.AddWaivers(ctx, store.WaiverRow{ID: "wa_1", Member: "mb_1", From: noon, Until: days(90), Decision: "12"}, store.WaiverRow{ID: "wa_2", Member: "mb_2", From: noon}),
				tx.AddMembership(ctx, store.MembershipRow{ID: "ev_1", Member: "mb_1", Kind: eligibility.Admitted, At: noon}, store.MembershipRow{ID: "ev_2", Member: "mb_1", Kind: eligibility.Left, At: days(1)}),
				tx.AddProfileEvents(ctx, store.ProfileEvent{ID: "pr_1", Member: "mb_1", Kind: eligibility.Approved, On: true, At: noon}),
				tx.AddPolicies(ctx, policy))
		})
		write(t, db, store.Entries, days(2), func(ctx context.Context, tx *store.Tx) error {
			return errors.Join(tx.EndWaivers(ctx, store.WaiverEnd{Waiver: "wa_1", Until: days(30)}, store.WaiverEnd{Waiver: "wa_2", Revoked: true}),
				tx.VoidMembership(ctx, store.VoidRow{Event: "ev_2"}))
		})
		view(t, db, func(ctx context.Context, tx *store.Tx) error {
			waivers, err1 := tx.Waivers(ctx, "")
			same(t, "the waivers", waivers, []store.WaiverState{
				{WaiverRow: store.WaiverRow{ID: "wa_1", Member: "mb_1", From: noon, Until: days(30), Decision: "12", Known: days(1)}},
				{WaiverRow: store.WaiverRow{ID: "wa_2", Member: "mb_2", From: noon, Known: days(1)}, Revoked: true}})
			one, err2 := tx.Waivers(ctx, "mb_2")
			if len(one) != 1 || one[0].ID != "wa_2" {
				t.Errorf("of mb_2: %+v", one)
			}
			events, err3 := tx.Membership(ctx)
			same(t, "the membership", events, map[member.ID][]store.MembershipRow{"mb_1": {{ID: "ev_1", Member: "mb_1", Kind: eligibility.Admitted, At: noon, Known: days(1)}}})
			profile, err4 := tx.ProfileEvents(ctx)
			same(t, "the listing", profile, map[member.ID][]store.ProfileEvent{"mb_1": {{ID: "pr_1", Member: "mb_1", Kind: eligibility.Approved, On: true, At: noon, Known: days(1)}}})
			policies, err5 := tx.Policies(ctx)
			policy.Known = days(1)
			same(t, "the policy", policies, []store.PolicyRow{policy})
			all, err6 := tx.Members(ctx)
			if len(all) != 2 || all[0].Kind != member.Organisation || all[0].MergedInto != "" {
				t.Errorf("members: %+v", all)
			}
			return errors.Join(err1, err2, err3, err4, err5, err6)
		})
	})
}
