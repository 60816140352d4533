package store_test

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"
	"testing"

	"coopcloud.tech/goodstanding/eligibility"
	"coopcloud.tech/goodstanding/internal/dbtest"
	"coopcloud.tech/goodstanding/member"
	"coopcloud.tech/goodstanding/notify"
	"coopcloud.tech/goodstanding/store"
)

func refused[E error](t *testing.T, db *store.DB, f func(context.Context, *store.Tx) error) (e E) {
	t.Helper()
	err := db.InTx(t.Context(), store.Entries, noon, func(tx *store.Tx) error { return f(t.Context(), tx) })
	e, ok := errors.AsType[E](err)
	if !ok {
		t.Fatalf("got %v, want a %T", err, e)
	}
	return e
}

func TestDetailsAreReplaced(t *testing.T) {
	dbtest.Each(t, func(t *testing.T, open func() *store.DB) {
		db := open()
		members(t, db, "mb_1", "mb_2")
		profile := store.Profile{Member: "mb_1", URL: "https://x.example", Summary: "s", ContactLabel: "l", ContactHref: "h", Logo: "g", Place: "p",
			Services: []string{"hosting", "käse"}, Languages: []string{"en"}}
		consent := store.Consent{Member: "mb_1", Words: "yes, please", Given: noon, GivenBy: "Ada"}
		contact := store.Contact{ID: "co_1", Member: "mb_1", Email: "ada@coop.example", Matrix: "@ada:coop.example"}
		for range 2 {
			write(t, db, store.NoStream, noon, func(ctx context.Context, tx *store.Tx) error {
				return errors.Join(
					tx.SetMemberDetail(ctx, store.MemberDetail{Member: "mb_1", Handle: "alpha", Name: "Alpha Co-op", Website: "w"}),
					tx.SetProfile(ctx, profile), tx.SetConsent(ctx, consent), tx.SetContact(ctx, contact),
					tx.SetActorLabel(ctx, "operator:ada", "operator:ada"), tx.SetSetting(ctx, store.SettingCollective, "ac_fed"))
			})
			profile.Summary, profile.Services, contact.Matrix, consent.Words = "other", nil, "", "yes"
		}
		view(t, db, func(ctx context.Context, tx *store.Tx) error {
			profiles, err1 := tx.Profiles(ctx)
			same(t, "the profiles", profiles, map[member.ID]store.Profile{"mb_1": profile})
			consents, err2 := tx.Consents(ctx)
			same(t, "the consents", consents, map[member.ID]store.Consent{"mb_1": consent})
			contacts, err3 := tx.Contacts(ctx)
			same(t, "the contacts", contacts, []store.Contact{contact})
			labels, err4 := tx.ActorLabels(ctx)
			same(t, "the labels", labels, map[string]string{"operator:ada": "operator:ada"})
			value, ok, err5 := tx.Setting(ctx, store.SettingCollective)
			_, none, err6 := tx.Setting(ctx, store.SettingNotices)
			if value != "ac_fed" || !ok || none {
				t.Errorf("settings: %q %v %v", value, ok, none)
			}
			return errors.Join(err1, err2, err3, err4, err5, err6)
		})
		e := refused[*store.HandleTaken](t, db, func(ctx context.Context, tx *store.Tx) error {
			return tx.SetMemberDetail(ctx, store.MemberDetail{Member: "mb_2", Handle: "alpha"})
		})
		if e.Error() != `the handle "alpha" belongs to member mb_1: choose another` {
			t.Error(e)
		}
		write(t, db, store.NoStream, noon, func(ctx context.Context, tx *store.Tx) error {
			return errors.Join(tx.RemoveContact(ctx, "co_1"), tx.RemoveProfile(ctx, "mb_1"))
		})
		view(t, db, func(ctx context.Context, tx *store.Tx) error {
			contacts, err1 := tx.Contacts(ctx)
			profiles, err2 := tx.Profiles(ctx)
			if len(contacts) != 0 || len(profiles) != 0 {
				t.Errorf("left: %v %v", contacts, profiles)
			}
			return errors.Join(err1, err2)
		})
	})
}

func TestAccountsKeepTheirFormerNames(t *testing.T) {
	dbtest.Each(t, func(t *testing.T, open func() *store.DB) {
		db := open()
		set := func(day int, slug, name string, emails ...string) (changed int) {
			write(t, db, store.Pulls, days(day), func(ctx context.Context, tx *store.Tx) (err error) {
				changed, err = tx.SetAccountDetails(ctx, []store.AccountDetail{{Account: "ac_1", Slug: slug, Name: name, Emails: emails, Seen: days(day)}})
				return err
			})
			return changed
		}
		got := []int{set(1, "alpha", "Alpha"), set(2, "alpha", "Alpha"), set(3, "alpha", "Alpha", "a@x.example"), set(4, "beta", "Alpha", "a@x.example"), set(2, "old", "Old")}
		same(t, "what changed", got, []int{1, 0, 1, 1, 0})
		view(t, db, func(ctx context.Context, tx *store.Tx) error {
			now, err1 := tx.AccountDetails(ctx)
			same(t, "now", now, map[member.AccountID]store.AccountDetail{"ac_1": {Account: "ac_1", Slug: "beta", Name: "Alpha", Emails: []string{"a@x.example"}, Seen: days(4)}})
			before, err2 := tx.FormerAccounts(ctx)
			same(t, "before", before, []store.FormerAccount{{Account: "ac_1", Slug: "alpha", Name: "Alpha", LastSeen: days(3)}})
			return errors.Join(err1, err2)
		})
	})
}

func TestAnAddressBelongsToOnePerson(t *testing.T) {
	dbtest.Each(t, func(t *testing.T, open func() *store.DB) {
		db := open()
		for _, p := range []store.Person{{ID: "pe_1", Email: "Ada@Coop.example", Name: "Ada"}, {ID: "pe_1", Email: "ada@coop.example", Name: "Ada B"}, {ID: "pe_2"}, {ID: "pe_3"}} {
			write(t, db, store.NoStream, noon, func(ctx context.Context, tx *store.Tx) error { return tx.SetPerson(ctx, p) })
		}
		e := refused[*store.EmailTaken](t, db, func(ctx context.Context, tx *store.Tx) error {
			return tx.SetPerson(ctx, store.Person{ID: "pe_2", Email: "ADA@coop.example"})
		})
		if e.Error() != "another person (pe_1) has this e-mail address: an address belongs to one person" {
			t.Error(e)
		}
		view(t, db, func(ctx context.Context, tx *store.Tx) error {
			p, ok, err1 := tx.PersonByEmail(ctx, "ADA@COOP.example")
			_, none, err2 := tx.PersonByEmail(ctx, "")
			if !ok || p.Name != "Ada B" || none {
				t.Errorf("found %+v %v %v", p, ok, none)
			}
			return errors.Join(err1, err2)
		})
	})
}

// What Open Collective goes on showing of an account that was erased is not stored
// again, but for that of other accounts; once it is a member's, it is.
func TestAnErasedAccountStaysErased(t *testing.T) {
	dbtest.Each(t, func(t *testing.T, open func() *store.DB) {
		db, at := open(), 1
		shown := func() map[member.AccountID]store.AccountDetail {
			t.Helper()
			var have map[member.AccountID]store.AccountDetail
			at++
			write(t, db, store.Pulls, days(at), func(ctx context.Context, tx *store.Tx) error {
				_, err := tx.SetAccountDetails(ctx, []store.AccountDetail{{Account: "ac_x", Slug: fmt.Sprint("hilde-", at), Name: "Hildegard", Emails: []string{"h@x.example"}, Seen: days(at)},
					{Account: "ac_y", Slug: "yew", Name: "Yew", Seen: days(at)}})
				return err
			})
			view(t, db, func(ctx context.Context, tx *store.Tx) (err error) {
				if have, err = tx.AccountDetails(ctx); err != nil {
					return err
				}
				rows, erased, err := tx.CountAccountDetails(ctx)
				if is := have["ac_x"].Erased(); rows != 2 || slices.Equal(erased, []member.AccountID{"ac_x"}) != is {
					t.Errorf("%d rows, %v erased, want 2, and %v", rows, erased, is)
				}
				return err
			})
			return have
		}
		if d := shown()["ac_x"]; d.Slug != "hilde-2" || d.Erased() {
			t.Fatalf("%+v", d)
		}
		erase := func() {
			write(t, db, store.Entries, days(at), func(ctx context.Context, tx *store.Tx) error { return tx.EraseAccount(ctx, "ac_x") })
		}
		erase()
		erase() // twice is once
		if have := shown(); !have["ac_x"].Erased() || have["ac_y"].Slug != "yew" || strings.Contains(strings.ToLower(store.Dump(t, db)), "hilde") {
			t.Errorf("%+v", have)
		}
		write(t, db, store.Entries, days(at), func(ctx context.Context, tx *store.Tx) error {
			return errors.Join(tx.AddMembers(ctx, store.MemberRow{ID: "mb_h", Kind: member.Individual, By: store.By{Actor: "op"}}),
				tx.AddLinks(ctx, store.LinkRow{ID: "li_y", Member: "mb_h", Account: "ac_y", By: store.By{Actor: "op"}}))
		})
		if d := shown()["ac_x"]; !d.Erased() {
			t.Errorf("after another account was linked: %+v", d)
		}
		write(t, db, store.Entries, days(at), func(ctx context.Context, tx *store.Tx) error {
			return tx.AddLinks(ctx, store.LinkRow{ID: "li_x", Member: "mb_h", Account: "ac_x", By: store.By{Actor: "op"}})
		})
		if d := shown()["ac_x"]; d.Name != "Hildegard" {
			t.Errorf("after it was linked: %+v", d)
		}
	})
}

// Erasing takes every name, address and text, and changes no fact and no chain.
func TestErasingChangesNoFact(t *testing.T) {
	dbtest.Each(t, func(t *testing.T, open func() *store.DB) {
		db := open()
		newWorld(8).play(t, db, 80)
		const secret = "Hildegard"
		write(t, db, store.Entries, days(300), func(ctx context.Context, tx *store.Tx) error {
			reason, err := tx.AddText(ctx, secret+" was ill")
			if err != nil {
				return err
			}
			_, _, err2 := tx.Audit(ctx, store.Entry{Actor: "pe_9", Action: "waive", Subject: "mb_0001", Reason: reason})
			other, err3 := tx.AddText(ctx, secret+" asked")
			office, err4 := tx.AddText(ctx, secret+" said yes")
			aside, err7 := tx.AddText(ctx, secret+" is known to us")
			giver, err8 := tx.AddText(ctx, secret+" only gives")
			_, _, err9 := tx.Audit(ctx, store.Entry{Actor: "pe_8", Action: "dismiss_entry", Subject: "no_delegate-1", Payload: map[string]any{"member": "mb_0001"}, Reason: aside})
			whole, err10 := tx.AddText(ctx, "taken over from the bank's list")
			declined, err6 := tx.AddText(ctx, secret+" sells timeshares")
			_, _, err5 := tx.Audit(ctx, store.Entry{Actor: "pe_8", Action: "give_role", Subject: "pe_9", Reason: office})
			return errors.Join(err2, err3, err4, err5, err6, err7, err8, err9, err10,
				tx.AddMembers(ctx, store.MemberRow{ID: "mb_z", Kind: member.Organisation, By: store.By{Actor: "pe_8"}}),
				tx.AddSupporters(ctx, store.SupporterRow{ID: "su_x", Account: "ac_x", On: true, By: store.By{Actor: "pe_8", Reason: giver}}),
				tx.AddPayments(ctx, store.PaymentRow{ID: "py_y", Member: "mb_0001", Amount: pounds(1), Months: 1, From: noon, Until: days(30), Received: noon, By: store.By{Actor: "pe_8", Reason: whole}},
					store.PaymentRow{ID: "py_z", Member: "mb_z", Amount: pounds(1), Months: 1, From: noon, Until: days(30), Received: noon, By: store.By{Actor: "pe_8", Reason: whole}}),
				tx.AddWaivers(ctx, store.WaiverRow{ID: "wa_x", Member: "mb_0001", From: noon, By: store.By{Actor: "pe_9", Reason: other}}),
				tx.AddPayments(ctx, store.PaymentRow{ID: "py_x", Member: "mb_0001", Amount: pounds(1), Months: 1, From: noon, Until: days(30), Received: noon, Reference: secret}),
				tx.SetMemberDetail(ctx, store.MemberDetail{Member: "mb_0001", Handle: "hildegard", Name: secret, PublicName: secret}),
				tx.SetContact(ctx, store.Contact{ID: "co_x", Member: "mb_0001", Email: secret + "@x.example"}),
				tx.SetProfile(ctx, store.Profile{Member: "mb_0001", Summary: secret}),
				tx.SetLogo(ctx, "mb_0001", strings.Repeat("a", 32), []byte(secret)),
				tx.SetConsent(ctx, store.Consent{Member: "mb_0001", Words: secret}),
				tx.SetPerson(ctx, store.Person{ID: "pe_9", Email: secret + "@x.example", Name: secret}),
				tx.SetActorLabel(ctx, "pe_9", secret),
				tx.AddRoles(ctx, store.RoleRow{ID: "ro_x", Person: "pe_9", Role: member.Treasurer, On: true, By: store.By{Actor: "pe_8", Reason: office}}),
				tx.AddSession(ctx, aSession("se_9", "a", "pe_9")), tx.AddSignInLink(ctx, aLink("b", "pe_9")),
				tx.AddToken(ctx, store.Token{ID: "t_9", Hash: strings.Repeat("9", 64), Name: secret + "'s bot", Scopes: []string{"roll:read"}, Created: noon, CreatedBy: "pe_9", Person: "pe_9"}),
				tx.SetApplication(ctx, store.Application{ID: "ap_9", Kind: member.Individual, Name: secret, Representative: secret, Email: strings.ToUpper(secret) + "@x.example", Consent: "yes", Created: noon,
					Confirmed: noon, Decided: noon, DecidedBy: "pe_8", Outcome: store.Declined, Reason: declined}),
				tx.SetMotion(ctx, store.Motion{ID: "mo_9", Kind: "pause", About: "mb_0001", Reason: secret + " is away", Person: "pe_9", At: noon}),
				tx.SetApplication(ctx, store.Application{ID: "ap_1", Kind: member.Individual, Name: secret, Representative: "Bo", Email: "bo@x.example", Consent: "yes", Created: noon,
					Confirmed: noon, Decided: noon, DecidedBy: "pe_8", Outcome: store.Accepted, Member: "mb_0001"}),
				tx.AddApplicationLink(ctx, store.ApplicationLink{Hash: strings.Repeat("e", 64), Application: "ap_1", Created: noon}),
				tx.SetBounce(ctx, store.Bounce{Recipient: notify.AccountPrefix + "ac_x", Address: secret + "@x.example", At: noon}),
				tx.SetPersonMatrix(ctx, store.PersonMatrix{Person: "pe_9", Matrix: "@" + strings.ToLower(secret) + ":x.example"}))
		})
		write(t, db, store.Pulls, days(301), func(ctx context.Context, tx *store.Tx) error {
			for i, slug := range []string{"hildegard", "hilde"} {
				if _, err := tx.SetAccountDetails(ctx, []store.AccountDetail{{Account: "ac_x", Slug: slug, Name: secret, Seen: days(301 + i)}}); err != nil {
					return err
				}
			}
			return nil
		})
		log := export(t, db)
		if strings.Contains(strings.ToLower(log), "hilde") {
			t.Error("the log holds a name")
		}
		_, before := factsOf(t, db)
		write(t, db, store.Entries, days(303), func(ctx context.Context, tx *store.Tx) error {
			return errors.Join(tx.EraseMember(ctx, "mb_0001"), tx.ErasePerson(ctx, "pe_9"), tx.EraseAccount(ctx, "ac_x"))
		})
		if dump := store.Dump(t, db); strings.Contains(strings.ToLower(dump), "hilde") || !strings.Contains(dump, "mb_0001") {
			t.Errorf("after erasing: %s", dump)
		}
		if dump := store.Dump(t, db); !strings.Contains(dump, "bank's list") {
			t.Error("the reason of another member's payment is gone")
		}
		if _, after := factsOf(t, db); !bytes.Equal(before, after) {
			t.Error("erasing changed the facts")
		}
		rows := func(log string) string { // without the head, whose counter counts the erasing itself
			_, rows, _ := strings.Cut(log, "\n")
			return rows
		}
		if rows(export(t, db)) != rows(log) {
			t.Error("erasing changed the log")
		}
		if r := verify(t, db); !r.OK() || r.Rows < 1 {
			t.Errorf("the chain: %+v", r)
		}
		view(t, db, func(ctx context.Context, tx *store.Tx) error {
			if logos, err := tx.LogoHashes(ctx); err != nil || len(logos) != 0 {
				t.Errorf("a logo is left: %v %v", logos, err)
			}
			people, err := tx.People(ctx)
			for _, p := range people {
				if p.ID == "pe_9" && (p.Email != "" || p.Name != "" || len(p.Roles) != 1) {
					t.Errorf("the erased person: %+v", p)
				}
			}
			return err
		})
	})
}

func TestHoldsAndStandingsComeBack(t *testing.T) {
	dbtest.Each(t, func(t *testing.T, open func() *store.DB) {
		db := open()
		members(t, db, "mb_1", "mb_2")
		first := store.StandingRow{Member: "mb_1", At: noon, State: eligibility.StateCurrent, Vote: true, Listing: true, Services: true,
			Codes: []string{"covered"}, Policy: "seed-2022", AsOf: noon}
		second := store.StandingRow{Member: "mb_1", At: days(1), State: eligibility.StateLapsed, Codes: []string{"never_paid", "stale"}, Policy: "seed-2022", Worse: true}
		hold := store.HoldRow{ID: "ho_1", Cause: "many_worse", SetAt: days(1), Since: noon, Snapshot: 2}
		kept := []store.HoldMember{{Member: "mb_2", State: eligibility.StateCurrent, Vote: true}, {Member: "mb_1", State: eligibility.StateGrace, Listing: true}}
		write(t, db, store.Pulls, days(1), func(ctx context.Context, tx *store.Tx) error {
			return errors.Join(tx.AddStandings(ctx, first, second), tx.AddHold(ctx, hold, kept))
		})
		other := store.StandingRow{Member: "mb_2", At: days(2), State: eligibility.StateUnpaid, Policy: "seed-2022"}
		ack := store.HoldAck{Hold: "ho_1", At: days(2), By: store.By{Actor: "pe_1", Reason: "tx_1"}}
		var standing bool
		view(t, db, func(ctx context.Context, tx *store.Tx) error {
			holds, err := tx.Holds(ctx)
			standing = len(holds) == 1 && holds[0].Standing()
			return err
		})
		write(t, db, store.Entries, days(2), func(ctx context.Context, tx *store.Tx) error {
			return errors.Join(tx.AddStandings(ctx, other), tx.AcknowledgeHold(ctx, ack))
		})
		first.Known, second.Known, other.Known, hold.Known, ack.Known = days(1), days(1), days(2), days(1), days(2)
		view(t, db, func(ctx context.Context, tx *store.Tx) error {
			holds, err1 := tx.Holds(ctx)
			kept[0].Hold, kept[1].Hold = "ho_1", "ho_1"
			same(t, "the holds", holds, []store.Hold{{HoldRow: hold, Members: []store.HoldMember{kept[1], kept[0]}, Ack: ack}})
			if !standing || holds[0].Standing() {
				t.Errorf("the hold stood before (%v) and not after its acknowledgement (%v)", standing, holds[0].Standing())
			}
			last, err2 := tx.LastStandings(ctx)
			same(t, "the last standings", last, map[member.ID]store.StandingRow{"mb_1": second, "mb_2": other})
			all, err3 := tx.Standings(ctx, "mb_1")
			same(t, "the standings of mb_1", all, []store.StandingRow{first, second})
			since, err4 := tx.StandingsSince(ctx, days(2))
			same(t, "the latest standings", since, []store.StandingRow{other})
			return errors.Join(err1, err2, err3, err4)
		})
	})
}
