package roll

import (
	"errors"
	"strings"
	"testing"
	"time"

	"coopcloud.tech/goodstanding/internal/instant"
	"coopcloud.tech/goodstanding/member"
	"coopcloud.tech/goodstanding/notify"
	"coopcloud.tech/goodstanding/store"
)

// Each delegate is invited once, whoever asks and how often; who was added before
// notices were on is not left out.
func TestInvite(t *testing.T) {
	eachStage(t, func(t *testing.T, s *stage) {
		ctx := t.Context()
		invite := func(by By, ids ...member.ID) []Invitation {
			t.Helper()
			out, err := s.r.Invite(ctx, by, ids...)
			s.ok(err)
			return out
		}
		_, err := s.r.Invite(ctx, as(s.tara))
		wantReasons(t, err, "notices are off, so nobody would be told: start them first (goodstanding notices start)")
		s.starts()
		_, err = s.r.Invite(ctx, as(s.dora), s.birch)
		wantReasons(t, err, "only a treasurer or the operator may")
		_, err = s.r.Invite(ctx, as(s.tara), "m_none")
		wantReasons(t, err, `there is no member "m_none"`)
		if got := invite(as(s.dora), s.ash); len(got) != 2 || got[0].Name != "Dora" || got[1].Name != "Elsa" {
			t.Errorf("%+v", got)
		}
		if got := invite(as(s.tara)); len(got) != 3 { // of birch and dogwood
			t.Errorf("%+v", got)
		}
		if got := invite(as(s.tara)); len(got) != 0 {
			t.Errorf("invited again: %+v", got)
		}
		want := []string{s.dora.ID + " waiting", s.elsa.ID + " waiting", s.fay.ID + " waiting", s.bert.ID + " waiting", s.ivy.ID + " waiting"}
		wantTold(t, s.told(notify.DelegateWelcome), want...)

		// Who is made delegate anew is told anew.
		s.now += instant.Day
		s.ok(s.r.SetDelegate(ctx, as(s.ivy), personID(s.ivy), s.dogwood, false))
		s.ok(s.r.SetDelegate(ctx, as(s.tara), personID(s.ivy), s.dogwood, true))
		invite(as(s.tara))
		wantTold(t, s.told(notify.DelegateWelcome), append(want, s.ivy.ID+" waiting")...)

		var ivy store.PersonInfo
		s.in(func(tx *store.Tx) (err error) {
			ivy, _, err = Visitor(ctx, tx, personID(s.ivy))
			return err
		})
		s.ok(s.db.InTx(ctx, store.Entries, s.now, func(tx *store.Tx) error {
			_, err := s.r.SignIn(ctx, tx, ivy, store.ByMail)
			return err
		}))
		all, err := s.r.Invitations(ctx)
		s.ok(err)
		var lines []string
		for _, i := range all {
			lines = append(lines, strings.TrimSpace(i.MemberName+": "+i.Name+" "+string(i.Notice)+map[bool]string{true: " signed in"}[i.SignedIn != 0]))
		}
		if got := strings.Join(lines, "; "); got != "Ash Workers' Co-op: Dora waiting; Ash Workers' Co-op: Elsa waiting; Birch Collective: Bert waiting; "+
			"Birch Collective: Fay waiting; Cedar Example:; Dogwood: Ivy waiting signed in" {
			t.Error(got)
		}
	})
}

// A delegate that comes while a decision is open: the member's contact is asked,
// and can confirm it by the link that was mailed, once. A contact with the
// person's own address is not asked.
func TestAContactConfirms(t *testing.T) {
	eachStage(t, func(t *testing.T, s *stage) {
		ctx := t.Context()
		s.starts()
		s.ok(s.db.InTx(ctx, store.NoStream, s.now, func(tx *store.Tx) error {
			return errors.Join(tx.SetContact(ctx, store.Contact{ID: "co_1", Member: s.dogwood, Email: "office@dogwood.example"}),
				tx.SetContact(ctx, store.Contact{ID: "co_2", Member: s.dogwood, Email: "Dot@People.example"}),
				tx.SetContact(ctx, store.Contact{ID: "co_3", Member: s.birch, Email: "office@birch.example"}))
		}))
		s.someone("Early", []member.ID{s.dogwood})
		wantTold(t, s.told(notify.DelegateConfirm)) // nothing is open
		s.now = s.now.Add(time.Minute)
		s.begins()
		s.now = s.now.Add(time.Minute)
		dot := s.someone("Dot", []member.ID{s.dogwood})
		wantTold(t, s.told(notify.DelegateConfirm), "co_1 waiting")

		link := func() (l ContactLink, ok bool) {
			t.Helper()
			s.ok(s.db.InTx(ctx, store.NoStream, s.now, func(tx *store.Tx) error {
				rows, err := tx.Notices(ctx, store.OutboxQuery{Kind: notify.DelegateConfirm})
				if err != nil {
					return err
				}
				l, ok, err = MakeContactLink(ctx, tx, rows[0])
				return err
			}))
			return l, ok
		}
		first, ok := link()
		again, _ := link() // the first attempt to send it failed
		if !ok || first.Token == again.Token || first.Person != "Dot" || first.Expires != s.now+14*instant.Day {
			t.Errorf("%+v, %+v", first, again)
		}
		over, _ := link()
		s.now += 14*instant.Day - 1
		look, err := s.r.LookAtContactLink(ctx, first.Token)
		if err != nil || look.Person != "Dot" || look.MemberName != "Dogwood" {
			t.Errorf("%+v, %v", look, err)
		}
		for token, want := range map[string]error{"nonsense": ErrNoContactLink, "": ErrNoContactLink} {
			if _, err := s.r.LookAtContactLink(ctx, token); !errors.Is(err, want) {
				t.Errorf("%q: %v, want %v", token, err, want)
			}
			if _, err := s.r.ConfirmByContact(ctx, token); !errors.Is(err, want) {
				t.Errorf("%q: %v, want %v", token, err, want)
			}
		}
		done, err := s.r.ConfirmByContact(ctx, again.Token)
		if err != nil || done.Person != "Dot" {
			t.Fatalf("%+v, %v", done, err)
		}
		row, why := s.lastAudit()
		if row.Action != "confirm_delegate" || row.Actor != "contact:co_1" || row.Payload != `{"person":"`+dot.ID+`"}` || !strings.Contains(why, "mailed") {
			t.Errorf("audit row %+v, %s", row, why)
		}
		for _, used := range []string{again.Token, first.Token, over.Token} { // one is enough
			if _, err := s.r.ConfirmByContact(ctx, used); !errors.Is(err, ErrContactLinkOver) {
				t.Errorf("a second time: %v", err)
			}
		}
		wantReasons(t, s.r.ConfirmDelegate(ctx, as(s.ivy), personID(dot), s.dogwood), dot.ID+" is confirmed as delegate of dogwood already")
		if _, ok := link(); ok {
			t.Error("a link about what is settled")
		}

		// Whose time is over, and whose contact is gone.
		s.someone("Dan", []member.ID{s.birch})
		late := func() ContactLink {
			var l ContactLink
			s.ok(s.db.InTx(ctx, store.NoStream, s.now, func(tx *store.Tx) error {
				rows, err := tx.Notices(ctx, store.OutboxQuery{Kind: notify.DelegateConfirm, Member: s.birch})
				if err == nil {
					l, _, err = MakeContactLink(ctx, tx, rows[0])
				}
				return err
			}))
			return l
		}
		expired := late()
		s.now += 14 * instant.Day
		if _, err := s.r.ConfirmByContact(ctx, expired.Token); !errors.Is(err, ErrContactLinkOver) {
			t.Errorf("after its time: %v", err)
		}
		gone := late()
		s.ok(s.db.InTx(ctx, store.NoStream, s.now, func(tx *store.Tx) error { return tx.RemoveContact(ctx, "co_3") }))
		if _, err := s.r.ConfirmByContact(ctx, gone.Token); !errors.Is(err, ErrContactLinkOver) {
			t.Errorf("of a contact that is gone: %v", err)
		}
	})
}
