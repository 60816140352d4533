package roll

import (
	"strings"
	"testing"
	"time"

	"coopcloud.tech/goodstanding/decisions"
	"coopcloud.tech/goodstanding/internal/dbtest"
	"coopcloud.tech/goodstanding/internal/instant"
	"coopcloud.tech/goodstanding/member"
	"coopcloud.tech/goodstanding/notify"
	"coopcloud.tech/goodstanding/store"
)

// begins stores a decision that was opened now and still runs.
func (s *stage) begins() {
	s.t.Helper()
	ctx := s.t.Context()
	s.ok(s.db.InTx(ctx, store.Decisions, s.now, func(tx *store.Tx) error {
		if _, err := tx.AddDecision(ctx, "de_1", "Europe/London"); err != nil {
			return err
		}
		head, _, err := tx.LockDecision(ctx, "de_1")
		if err != nil {
			return err
		}
		err = dbtest.AppendDecision(ctx, tx, head, store.NewDecisionEntry{Kind: string(decisions.Open), At: s.now, Number: 1, State: string(decisions.Opened),
			Due: s.now.Add(100 * time.Hour), Public: map[string]any{}, Private: map[string]any{}})
		return err
	}))
}

// Whether a delegate was there before an opening is told by two instants: where the
// clock that opened is ahead, nobody is added meanwhile, in whatever way.
func TestNoDelegateIsAddedBeforeAnOpening(t *testing.T) {
	eachStage(t, func(t *testing.T, s *stage) {
		ctx := t.Context()
		elm := s.add(NewMember{Name: "Elm", Kind: member.Organisation, Since: instant.Date(2025, 4, 10)})
		s.now = s.now.Add(time.Minute)
		s.begins()
		s.now = s.now.Add(-2500 * time.Millisecond)
		_, err := s.r.Merge(ctx, as(s.tara), elm, s.ash) // nobody becomes a delegate by that
		s.ok(err)
		const why = "a decision was opened by a clock that is 3s ahead of this one, and nobody could say later whether the delegate was there before: add it when that time is over"
		add := func() error { return s.r.SetDelegate(ctx, as(s.tara), personID(s.bert), s.ash, true) }
		nia := func() error {
			_, err := s.r.AddPerson(ctx, as(s.dora), NewPerson{Email: "nia@people.example", Name: "Nia", DelegateOf: []member.ID{s.ash}})
			return err
		}
		merge := func() error { _, err := s.r.Merge(ctx, as(s.tara), s.dogwood, s.birch); return err }
		list := func() error {
			_, _, err := s.r.Import(ctx, as(s.tara), strings.NewReader("handle,name,delegates\nash-workers-co-op,Ash Workers' Co-op,Ida <ida@people.example>\n"), CSV, false)
			return err
		}
		for _, f := range []func() error{add, nia, merge, list} {
			wantReasons(t, f(), why)
		}
		s.ok(s.r.SetDelegate(ctx, as(s.dora), personID(s.elsa), s.ash, false)) // removing one is no matter
		s.now = s.now.Add(3 * time.Second)
		for _, f := range []func() error{add, nia, merge, list} {
			s.ok(f())
		}
		if waits, err := s.r.ToConfirm(ctx, s.dora); err != nil || len(waits) != 3 {
			t.Errorf("to be confirmed: %+v, %v", waits, err)
		}
	})
}

// Who confirms a new delegate: another one who may act in all that is open; else
// a facilitator and a second person of another member.
func TestConfirmDelegate(t *testing.T) {
	eachStage(t, func(t *testing.T, s *stage) {
		ctx := t.Context()
		confirm := func(by By, who member.Actor, m member.ID) error {
			return s.r.ConfirmDelegate(ctx, by, personID(who), m)
		}
		add := func(name string, m member.ID) member.Actor {
			id, err := s.r.AddPerson(ctx, as(s.tara), NewPerson{Email: name + "@people.example", Name: name, DelegateOf: []member.ID{m}})
			s.ok(err)
			return member.Actor{ID: string(id), Label: name}
		}
		s.now = s.now.Add(time.Minute)
		s.begins()
		s.now = s.now.Add(time.Hour)
		nia := add("nia", s.ash)
		s.now = s.now.Add(time.Hour)
		ned := add("ned", s.ash)
		wantReasons(t, confirm(as(nia), nia, s.ash), "nobody confirms himself")
		wantReasons(t, confirm(as(nia), ned, s.ash), "who became a delegate after a decision was opened that still runs has to be confirmed first")
		wantReasons(t, confirm(as(s.tara), nia, s.ash), "only another delegate of the member may")
		wantReasons(t, confirm(s.operator("it is so"), nia, s.ash), "only another delegate of the member may")
		wantReasons(t, confirm(as(s.ivy), nia, s.birch), nia.ID+" is not delegate of birch-collective", "only another delegate of the member may")
		wantReasons(t, confirm(as(s.dora), member.Actor{ID: "p_none"}, "m_none"), `there is no member "m_none"`, "there is no person p_none",
			"no other delegate of the member can, and it has no other contact: it takes a facilitator and a second person of another member")
		waiting := func(who member.Actor, want ...member.Actor) {
			t.Helper()
			got, err := s.r.ToConfirm(ctx, who)
			s.ok(err)
			if len(got) != len(want) {
				t.Errorf("%+v, want %d", got, len(want))
			}
			for i, w := range want {
				if i < len(got) && (got[i] != ToConfirm{personID(w), w.Label, s.ash, "Ash Workers' Co-op"}) {
					t.Errorf("%+v, want %s", got[i], w.Label)
				}
			}
		}
		waiting(s.dora, nia, ned)
		waiting(nia) // who waits cannot confirm others
		waiting(s.ivy)
		s.ok(confirm(as(s.dora), nia, s.ash))
		waiting(s.dora, ned)
		waiting(nia, ned)
		if row, _ := s.lastAudit(); row.Action != "confirm_delegate" || row.Subject != string(s.ash) || row.Payload != `{"person":"`+nia.ID+`"}` {
			t.Errorf("audit row %+v", row)
		}
		wantReasons(t, confirm(as(s.dora), nia, s.ash), nia.ID+" is confirmed as delegate of ash-workers-co-op already")
		s.ok(confirm(as(nia), ned, s.ash)) // now that nia is confirmed

		// Dogwood's only delegate goes, and a treasurer adds another.
		s.ok(s.r.SetDelegate(ctx, as(s.ivy), personID(s.ivy), s.dogwood, false))
		dan := add("dan", s.dogwood)
		const alone = "no other delegate of the member can, and it has no other contact: it takes a facilitator and a second person of another member"
		wantReasons(t, confirm(as(s.tara), dan, s.dogwood), alone)
		wantReasons(t, confirm(as(s.fay), dan, s.dogwood), alone)
		two := as(s.fay)
		two.Second = &s.bert // of the facilitator's own member
		wantReasons(t, confirm(two, dan, s.dogwood), alone)
		two.Second = &s.dora
		s.ok(confirm(two, dan, s.dogwood))

		// Where a contact has an address, it is the contact's to say.
		s.ok(s.r.SetDelegate(ctx, as(dan), personID(dan), s.dogwood, false))
		s.starts()
		s.contact("co_1", s.dogwood, "office@dogwood.example")
		dot := add("dot", s.dogwood)
		wantReasons(t, confirm(two, dot, s.dogwood), "no other delegate of the member can; its contact can, by a link that is mailed to it")

		// A contact that is the person has nothing to say of itself, and was not asked.
		s.ok(s.r.SetDelegate(ctx, as(dot), personID(dot), s.dogwood, false))
		s.contact("co_1", s.dogwood, "DES@people.example")
		des := add("des", s.dogwood)
		if asked := s.outbox(store.OutboxQuery{Kind: notify.DelegateConfirm}); len(asked) != 1 {
			t.Errorf("asked %+v", asked) // of dot
		}
		wantReasons(t, confirm(as(s.fay), des, s.dogwood), alone)
		s.ok(confirm(two, des, s.dogwood))
	})
}

// Who comes by a merge, where the member has no other delegate, is confirmed by its contact
// where that is asked; where it is not, since the notices are off, or what would ask waits
// for a treasurer's word or was dropped, by a facilitator and a second person.
func TestWhoConfirmsWhereNoContactIsAsked(t *testing.T) {
	for _, c := range []struct {
		name      string
		on        bool
		then      func(s *stage) error
		byContact bool
	}{
		{name: "off"},
		{name: "waits for a word", on: true},
		{name: "dropped", on: true, then: func(s *stage) error {
			_, _, err := s.r.DropNotices(s.t.Context(), as(s.tara), notify.ByMerge)
			return err
		}},
		{name: "let go", on: true, byContact: true, then: func(s *stage) error {
			_, _, err := s.r.ReleaseNotices(s.t.Context(), as(s.tara), notify.ByMerge)
			return err
		}},
	} {
		t.Run(c.name, func(t *testing.T) {
			eachStage(t, func(t *testing.T, s *stage) {
				ctx := t.Context()
				elm := s.add(NewMember{Name: "Elm", Kind: member.Organisation, Since: instant.Date(2025, 4, 10)})
				s.contact("co_elm", elm, "office@elm.example")
				if c.on {
					s.starts()
				}
				s.now = s.now.Add(time.Minute)
				s.begins()
				s.now = s.now.Add(time.Hour)
				_, err := s.r.Merge(ctx, as(s.tara), s.dogwood, elm)
				s.ok(err)
				if c.then != nil {
					s.ok(c.then(s))
				}
				confirm := func(by By) error { return s.r.ConfirmDelegate(ctx, by, personID(s.ivy), elm) }
				if c.byContact {
					wantReasons(t, confirm(as(s.fay, s.dora)), "no other delegate of the member can; its contact can, by a link that is mailed to it")
					return
				}
				wantReasons(t, confirm(as(s.fay)), "no other delegate of the member can, and its contact was not asked: it takes a facilitator and a second person of another member")
				s.ok(confirm(as(s.fay, s.dora)))
			})
		})
	}
}
