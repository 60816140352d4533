package roll

import (
	"testing"
	"time"

	"coopcloud.tech/goodstanding/eligibility"
	"coopcloud.tech/goodstanding/internal/instant"
	"coopcloud.tech/goodstanding/member"
	"coopcloud.tech/goodstanding/notify"
	"coopcloud.tech/goodstanding/store"
)

func TestMerge(t *testing.T) {
	eachStage(t, func(t *testing.T, s *stage) {
		twin := s.add(NewMember{Name: "Ash", Kind: member.Organisation, Contacts: []Contact{{Email: "post@ash.example"}, {Email: "Same@ash.example"}}})
		s.ok(s.db.InTx(t.Context(), store.NoStream, s.now, func(tx *store.Tx) error {
			return tx.SetContact(t.Context(), store.Contact{ID: "c_ash", Member: s.ash, Email: "same@ash.example"})
		}))
		gus := s.someone("Gus", []member.ID{twin})
		_, err := s.r.Link(t.Context(), as(s.tara), twin, "acc-elm", 0, 0)
		s.ok(err)
		w, _, err := s.r.Waive(t.Context(), as(s.tara), twin, 0, 0, "")
		s.ok(err)
		p, _, err := s.r.Pay(t.Context(), as(s.tara), aPayment(twin))
		s.ok(err)
		s.now += 1000
		_, err = s.r.Merge(t.Context(), as(s.tara), twin, s.ash)
		s.ok(err)
		if row, why := s.lastAudit(); row.Action != "merge" || row.Subject != string(twin) || row.Payload != `{"into":"`+string(s.ash)+`"}` || why == "" {
			t.Errorf("audit row %+v", row)
		}
		if s.state(twin) != eligibility.StateLeft || s.state(s.ash) != eligibility.StateCurrent {
			t.Errorf("from is %s, into is %s", s.state(twin), s.state(s.ash))
		}
		s.in(func(tx *store.Tx) error {
			m, err := tx.FindMember(t.Context(), "elm")
			if err != nil || m.ID != s.ash {
				t.Errorf("the account is linked to %s, %v", m.ID, err)
			}
			waivers, err := tx.Waivers(t.Context(), s.ash)
			if err != nil || len(waivers) != 1 || waivers[0].ID != w {
				t.Errorf("waivers %+v, %v", waivers, err)
			}
			payments, err := tx.Payments(t.Context(), s.ash)
			if err != nil || len(payments) != 1 || payments[0].ID != p {
				t.Errorf("payments %+v, %v", payments, err)
			}
			contacts, err := tx.Contacts(t.Context())
			var mine []string
			for _, c := range contacts {
				if c.Member == twin {
					t.Errorf("contact %s stayed", c.ID)
				}
				if c.Member == s.ash {
					mine = append(mine, c.Email)
				}
			}
			if len(mine) != 2 {
				t.Errorf("contacts %q, want two", mine)
			}
			return err
		})
		now, err := s.r.ActorAs(t.Context(), "Gus", "")
		if err != nil || !now.DelegateOf(s.ash) || now.DelegateOf(twin) || now.ID != gus.ID {
			t.Errorf("the delegate is %+v, %v", now, err)
		}
		_, err = s.r.Merge(t.Context(), as(s.tara), twin, s.birch)
		wantReasons(t, err, "ash was merged into ash-workers-co-op: name that one")
		_, _, err = s.r.Pay(t.Context(), as(s.tara), aPayment(twin))
		wantReasons(t, err, "ash was merged into ash-workers-co-op: name that one")
	})
}

func TestMergeRefuses(t *testing.T) {
	eachStage(t, func(t *testing.T, s *stage) {
		alder := s.add(NewMember{Name: "Alder", Kind: member.Individual, Applied: true})
		refuses := func(from, into member.ID, want ...string) {
			t.Helper()
			_, err := s.r.Merge(t.Context(), as(s.tara), from, into)
			wantReasons(t, err, want...)
		}
		refuses(s.ash, s.ash, "a member cannot be merged into itself: name two")
		refuses("m_1", "m_2", `there is no member "m_1"`, `there is no member "m_2"`)
		refuses(s.ash, s.cedar, "cedar-example is not admitted and ash-workers-co-op is: merge the other way round")
		refuses(alder, s.cedar, "neither of the two is admitted: admit cedar-example first, or let it be")
		_, err := s.r.Suspend(t.Context(), as(s.cora), s.ash, 0, 0)
		s.ok(err)
		refuses(s.ash, s.birch, "ash-workers-co-op is suspended, which a merge must not end or spread: contact people restore it first")
		_, err = s.r.Leave(t.Context(), as(s.ivy), s.dogwood, instant.Date(2026, 6, 1))
		s.ok(err)
		refuses(s.birch, s.dogwood, "dogwood left on 1 June 2026: merge the other way round, or admit it again first")
		_, err = s.r.Merge(t.Context(), as(s.tara), s.dogwood, s.birch) // who left can be merged
		s.ok(err)
	})
}

// What a hold keeps for a member stays with it, and would be lost by its merge into one that
// has it not: that is refused until the hold is acknowledged. Who has the same rights takes
// it over, and so does one that is held itself, or the other way round.
func TestAMergeDropsNoHold(t *testing.T) {
	eachFlock(t, 20, func(t *testing.T, fl *flock) {
		ctx := t.Context()
		first := fl.lapse(others(20, 0, 1, 2), SnapshotInfo{})
		fl.wantHold(first, []int{0, 1, 2}, causeMany)
		fl.now = fl.now.Add(time.Hour)
		twin := fl.add(NewMember{Name: "Twin", Kind: member.Organisation, Since: instant.Date(2026, 1, 1)}) // has no vote
		_, err := fl.r.NoAccount(ctx, fl.operator("pays by transfer"), twin, true)
		fl.ok(err)
		applies := fl.add(NewMember{Name: "Applies", Kind: member.Organisation, Applied: true})
		refuses := func(from, into member.ID, want ...string) {
			t.Helper()
			_, err := fl.r.Merge(ctx, fl.operator("they are one"), from, into)
			wantReasons(t, err, want...)
		}
		held := func(handle, hold string) string {
			return handle + " is held by hold " + hold + ": acknowledge that first, or merge the other way round"
		}
		refuses(fl.ids[0], twin, held("member-00", first.Hold))
		refuses(fl.ids[0], applies, "applies is not admitted and member-00 is: merge the other way round")
		bert, carl := fl.someone("Bert", []member.ID{fl.ids[0]}), fl.someone("Carl", nil, member.ContactPerson)
		_, err = fl.r.Pause(ctx, as(bert), fl.ids[0], 0, false)
		fl.ok(err)
		refuses(fl.ids[0], twin, held("member-00", first.Hold)) // its vote comes back after the break
		_, err = fl.r.Resume(ctx, as(bert), fl.ids[0], 0)
		fl.ok(err)
		_, err = fl.r.Suspend(ctx, as(carl), twin, 0, fl.now+2*instant.Day)
		fl.ok(err)
		refuses(fl.ids[0], twin, "twin is suspended, which a merge must not end or spread: contact people restore it first", held("member-00", first.Hold))
		fl.now += 2*instant.Day + 1

		_, err = fl.r.Merge(ctx, fl.operator("they are one"), fl.ids[0], fl.ids[1]) // it is held itself
		fl.ok(err)
		_, err = fl.r.Merge(ctx, fl.operator("they are one"), fl.ids[1], fl.ids[19]) // it pays
		fl.ok(err)
		_, err = fl.r.Merge(ctx, fl.operator("they are one"), twin, fl.ids[2]) // the other way round
		fl.ok(err)
		if v, err := fl.r.View(ctx, Query{Members: fl.ids[2:3]}); err != nil || !v.Rows[0].Standing.Has(eligibility.Vote) {
			t.Errorf("it is held no longer: %+v, %v", v, err)
		}
		other := fl.add(NewMember{Name: "Other", Kind: member.Organisation, Since: instant.Date(2026, 1, 1)})
		refuses(fl.ids[2], other, held("member-02", first.Hold))
		_, err = fl.r.Acknowledge(ctx, fl.operator("looked at each"), first.Hold)
		fl.ok(err)
		_, err = fl.r.Merge(ctx, fl.operator("they are one"), fl.ids[2], other)
		fl.ok(err)
	})
}

// A treasurer becomes delegate of nothing by a merge; another one does the same, and
// a treasurer may merge into the member that he or she acts for already.
func TestNoTreasurerBecomesADelegateByAMerge(t *testing.T) {
	eachStage(t, func(t *testing.T, s *stage) {
		_, err := s.r.Merge(t.Context(), as(s.elsa), s.ash, s.birch)
		wantReasons(t, err, "a treasurer cannot make himself a delegate: you are one of ash-workers-co-op, and would become one of birch-collective; another treasurer or the operator can merge them")
		_, err = s.r.Merge(t.Context(), as(s.elsa), s.dogwood, s.ash)
		s.ok(err)
		if row, _ := s.lastAudit(); row.Payload != `{"into":"`+string(s.ash)+`","own":true}` {
			t.Errorf("audit row %+v", row)
		}
		_, err = s.r.Merge(t.Context(), as(s.tara), s.ash, s.birch)
		s.ok(err)
		now, err := s.r.ActorAs(t.Context(), "Elsa", "")
		if err != nil || !now.DelegateOf(s.birch) {
			t.Errorf("the delegate is %+v, %v", now, err)
		}
	})
}

// contact gives a member a contact.
func (s *stage) contact(id string, of member.ID, email string) {
	s.t.Helper()
	s.ok(s.db.InTx(s.t.Context(), store.NoStream, s.now, func(tx *store.Tx) error {
		return tx.SetContact(s.t.Context(), store.Contact{ID: id, Member: of, Email: email})
	}))
}

// Who becomes a delegate by a merge while a decision is open has to be confirmed
// like anybody who is added then, by those who were the member's before; they and its
// contacts are told, once a treasurer lets the batch go.
func TestWhoComesByAMergeIsConfirmed(t *testing.T) {
	eachStage(t, func(t *testing.T, s *stage) {
		ctx := t.Context()
		s.starts()
		s.contact("c_birch", s.birch, "office@birch.example")
		s.now = s.now.Add(time.Minute)
		s.begins()
		s.now = s.now.Add(time.Hour)
		heard := map[string]bool{}
		s.hears(heard, notify.DelegateAdded, notify.DelegateWelcome)
		_, err := s.r.Merge(ctx, as(s.tara), s.dogwood, s.birch)
		s.ok(err)
		s.wantHeard("the merge", s.hears(heard, notify.DelegateAdded, notify.DelegateWelcome), "delegate_added to Bert: Ivy, by Tara, of Birch Collective",
			"delegate_added to Fay: Ivy, by Tara, of Birch Collective")
		asked := s.outbox(store.OutboxQuery{Kind: notify.DelegateConfirm})
		if len(asked) != 1 || asked[0].Recipient != "c_birch" || asked[0].Member != s.birch {
			t.Fatalf("asked %+v", asked)
		}
		held := 0
		for _, n := range s.outbox(store.OutboxQuery{State: notify.HeldState}) {
			if n.Detail == "release:merge" && n.Kind.Group() == notify.AboutDelegates {
				held++
			}
		}
		if held != 3 {
			t.Errorf("%d of 3 wait for a treasurer's word", held)
		}
		wantReasons(t, s.r.ConfirmDelegate(ctx, as(s.ivy), personID(s.ivy), s.birch), "nobody confirms himself")
		waits, err := s.r.ToConfirm(ctx, s.bert)
		if err != nil || len(waits) != 1 || waits[0].Person != personID(s.ivy) || waits[0].Member != s.birch {
			t.Errorf("waits for Bert: %+v, %v", waits, err)
		}
		s.ok(s.db.InTx(ctx, store.NoStream, s.now, func(tx *store.Tx) error {
			l, ok, err := MakeContactLink(ctx, tx, asked[0])
			if !ok || l.Person != "Ivy" || l.MemberName != "Birch Collective" {
				t.Errorf("the contact is asked %+v, %v", l, ok)
			}
			return err
		}))
		s.ok(s.r.ConfirmDelegate(ctx, as(s.bert), personID(s.ivy), s.birch))
	})
}

// With no decision open nobody has to confirm, and no contact is asked.
func TestAMergeWhileNothingIsOpen(t *testing.T) {
	eachStage(t, func(t *testing.T, s *stage) {
		ctx := t.Context()
		s.starts()
		s.contact("c_birch", s.birch, "office@birch.example")
		_, err := s.r.Merge(ctx, as(s.tara), s.dogwood, s.birch)
		s.ok(err)
		s.now = s.now.Add(time.Minute)
		s.begins()
		if asked := s.outbox(store.OutboxQuery{Kind: notify.DelegateConfirm}); len(asked) > 0 {
			t.Errorf("asked %+v", asked)
		}
		if waits, err := s.r.ToConfirm(ctx, s.bert); err != nil || len(waits) > 0 {
			t.Errorf("waits for Bert: %+v, %v", waits, err)
		}
		s.now = s.now.Add(time.Minute)
		nils := s.someone("Nils", []member.ID{s.birch})
		s.ok(s.r.ConfirmDelegate(ctx, as(s.ivy), personID(nils), s.birch)) // as one who may act in it
	})
}
