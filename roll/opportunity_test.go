package roll

import (
	"slices"
	"strings"
	"testing"
	"time"

	"coopcloud.tech/goodstanding/internal/dbtest"
	"coopcloud.tech/goodstanding/internal/instant"
	"coopcloud.tech/goodstanding/member"
	"coopcloud.tech/goodstanding/notify"
	"coopcloud.tech/goodstanding/store"
)

// starts turns the notices on.
func (s *stage) starts() {
	s.t.Helper()
	s.ok(s.db.InTx(s.t.Context(), store.Entries, s.now, func(tx *store.Tx) error {
		return tx.SetSetting(s.t.Context(), store.SettingNotices, s.now.String())
	}))
}

// told are the notices of a kind, as "recipient state", in order.
func (s *stage) told(k notify.Kind) (out []string) {
	s.t.Helper()
	s.in(func(tx *store.Tx) error {
		rows, err := tx.Notices(s.t.Context(), store.OutboxQuery{Kind: k})
		out = nil
		for _, r := range rows {
			out = append(out, r.Recipient+" "+string(r.State))
		}
		slices.Sort(out)
		return err
	})
	return out
}

func wantTold(t *testing.T, got []string, want ...string) {
	t.Helper()
	slices.Sort(want)
	if !slices.Equal(got, want) {
		t.Errorf("told: %s\nwant: %s", strings.Join(got, ", "), strings.Join(want, ", "))
	}
}

// Delegates of members in good standing are told at once, each once; the room on
// the day from which it is public.
func TestPostingAnOpportunity(t *testing.T) {
	eachStage(t, func(t *testing.T, s *stage) {
		ctx := t.Context()
		s.starts()
		for _, id := range []member.ID{s.ash, s.birch} { // dogwood has never paid
			_, _, err := s.r.Waive(ctx, as(s.tara), id, 0, s.now+300*instant.Day, "")
			s.ok(err)
		}
		_, err := s.r.AddPerson(ctx, s.operator("asked"), NewPerson{Email: "both@people.example", Name: "Both", DelegateOf: []member.ID{s.ash, s.birch}})
		s.ok(err)
		both, err := s.r.ActorAs(ctx, "Both", "")
		s.ok(err)
		work := NewOpportunity{Title: "Two chairs to mend", Summary: "Legs and backs.", Contact: "hello@ash.example"}
		id, err := s.r.PostOpportunity(ctx, as(s.dora), work)
		s.ok(err)
		wantTold(t, s.told(notify.Opportunity), s.dora.ID+" waiting", s.elsa.ID+" waiting", s.fay.ID+" waiting", s.bert.ID+" waiting", both.ID+" waiting", "room waiting")
		s.in(func(tx *store.Tx) error {
			rows, err := tx.Notices(ctx, store.OutboxQuery{Kind: notify.Opportunity})
			for _, r := range rows {
				if due := map[bool]instant.Instant{true: s.now + 7*instant.Day, false: s.now}[r.Recipient == notify.Room]; r.DueAt != due || r.Cause != id || r.Member != "" {
					t.Errorf("%s is due on %s: %+v", r.Recipient, r.DueAt, r)
				}
			}
			return err
		})
		row, _ := s.lastAudit()
		if row.Action != "post_opportunity" || row.Subject != id || strings.Contains(row.Payload, "chairs") {
			t.Errorf("audit row %+v", row)
		}

		wantReasons(t, s.r.CloseOpportunity(ctx, as(s.ivy), id), "only who posted it, a delegate of its member, somebody with a role or the operator may")
		wantReasons(t, s.r.CloseOpportunity(ctx, as(s.dora), "op_none"), `there is no opportunity "op_none": see goodstanding opportunities list`)
		all, err := s.r.Opportunities(ctx, false)
		s.ok(err)
		if len(all) != 1 || all[0].By != "Ash Workers' Co-op" || all[0].Stand != ForMembers || all[0].PublicFrom != s.now+7*instant.Day {
			t.Errorf("%+v", all)
		}
		s.in(func(tx *store.Tx) error {
			o, ok, err := OpportunityLetter(ctx, tx, id, s.now)
			if !ok || o.Title != work.Title || o.By != "Ash Workers' Co-op" {
				t.Errorf("its letter: %+v, %v", o, ok)
			}
			return err
		})
		s.now += instant.Day
		s.ok(s.r.CloseOpportunity(ctx, as(both), id))
		wantReasons(t, s.r.CloseOpportunity(ctx, as(s.dora), id), "it is over already")
		s.in(func(tx *store.Tx) error {
			if _, ok, err := OpportunityLetter(ctx, tx, id, s.now); ok || err != nil {
				t.Errorf("a letter about what is over: %v", err)
			}
			return nil
		})
		if all, err = s.r.Opportunities(ctx, false); err != nil || len(all) != 0 {
			t.Errorf("%+v, %v", all, err)
		}
		if all, err = s.r.Opportunities(ctx, true); err != nil || len(all) != 1 || all[0].Stand != OverNow {
			t.Errorf("%+v, %v", all, err)
		}
	})
}

// The same under one key is told of once; other words under it are refused, and each
// key, and whoever else uses it, is another.
func TestAnOpportunityIsPostedOnceUnderItsKey(t *testing.T) {
	eachStage(t, func(t *testing.T, s *stage) {
		ctx := t.Context()
		work := NewOpportunity{Title: "Chairs", Summary: "To mend.", Contact: "us", Key: "form_1"}
		first, err := s.r.PostOpportunity(ctx, as(s.dora), work)
		s.ok(err)
		row, _ := s.lastAudit()
		told := s.told(notify.Opportunity)
		s.now += instant.Instant(5 * time.Second / time.Microsecond)
		again, err := s.r.PostOpportunity(ctx, as(s.dora), work)
		s.ok(err)
		if last, _ := s.lastAudit(); again != first || last.Seq != row.Seq {
			t.Errorf("posted as %s, then as %s (row %d, then %d)", first, again, row.Seq, last.Seq)
		}
		wantTold(t, s.told(notify.Opportunity), told...)
		other := work
		other.Title = "Tables"
		_, err = s.r.PostOpportunity(ctx, as(s.dora), other)
		wantReasons(t, err, "this form has told of an opportunity already, in other words: if this is another one, post it now")
		other.Key = "form_2"
		_, err = s.r.PostOpportunity(ctx, as(s.dora), other)
		s.ok(err)
		_, err = s.r.PostOpportunity(ctx, as(s.tara), work)
		s.ok(err)
		if all, err := s.r.Opportunities(ctx, false); err != nil || len(all) != 3 {
			t.Errorf("%d opportunities, want 3: %v", len(all), err)
		}
	})
}

// What is refused, with every reason at once.
func TestOpportunitiesRefused(t *testing.T) {
	s := newStage(t, dbtest.SQLite(t)())
	ctx := t.Context()
	post := func(by By, n NewOpportunity) error {
		_, err := s.r.PostOpportunity(ctx, by, n)
		return err
	}
	good := NewOpportunity{Title: "Chairs", Summary: "To mend.", Contact: "the room"}
	bad := NewOpportunity{Title: "a\nb", URL: "ftp://x", PublicFrom: s.now - 1, Closes: s.now}
	wantReasons(t, post(as(s.dora), bad), "the title holds a control character (U+000A): write it on one line, as plain text", "a summary is needed: what is to be done, for whom", "a contact is needed: whom to write to",
		"the link: an address that begins with ftp: is not taken here: write https://example.org/",
		"the day from which it is public lies in the past: leave it out, or write a day to come", "the end lies in the past: write a day to come, or leave it out")
	foreign := good
	foreign.Member = s.birch
	wantReasons(t, post(as(s.dora), foreign), "you are no delegate of birch-collective")
	foreign.Member = s.cedar
	wantReasons(t, post(s.operator("asked"), foreign), "cedar-example is not admitted on 15 June 2026")
	nobody := s.someone("Nobody", nil)
	wantReasons(t, post(as(nobody), good), "only a delegate of a member, somebody with a role or the operator may")
	two := s.someone("Two", []member.ID{s.ash, s.birch})
	wantReasons(t, post(as(two), good), "you are delegate of 2 members: say for which one")
	tokened := as(s.dora)
	tokened.Token = "t_gone"
	wantReasons(t, post(tokened, good), "the token is revoked, has expired or lacks the scope opportunities:write")
	s.ok(post(as(s.tara), good)) // somebody with a role tells of it for the federation
	wantTold(t, s.told(notify.Opportunity), "room before_start")
}
