package roll

import (
	"testing"

	"coopcloud.tech/goodstanding/member"
	"coopcloud.tech/goodstanding/notify"
	"coopcloud.tech/goodstanding/store"
)

// TestWhoMayAgreeIsTold once of what takes two people: not who asks, nor whoever acts for
// the same member or for the one that it is about, nor for one that is not admitted.
func TestWhoMayAgreeIsTold(t *testing.T) {
	eachStage(t, func(t *testing.T, s *stage) {
		ctx := t.Context()
		s.starts()
		outside, err := s.r.AddPerson(ctx, s.operator("asked"), NewPerson{Name: "Oz", Email: "oz@people.example", DelegateOf: []member.ID{s.cedar}})
		s.ok(err)
		ask := func() string {
			t.Helper()
			id, err := s.r.Move(ctx, By{Actor: s.fay, Reason: "No answer since May."}, NewMotion{Kind: MotionPause, About: s.dogwood})
			s.ok(err)
			return id
		}
		told := func(id string, who string) (said MotionTold, ok bool) {
			t.Helper()
			s.in(func(tx *store.Tx) error {
				people, err := tx.People(ctx)
				s.ok(err)
				for _, p := range people {
					if string(p.ID) == who {
						said, ok, err = s.r.MotionLetter(ctx, tx, id, p)
						return err
					}
				}
				t.Fatalf("there is no %s", who)
				return nil
			})
			return said, ok
		}
		first := ask()
		wantTold(t, s.told(notify.MotionWaits), s.dora.ID+" waiting", s.elsa.ID+" waiting")
		said, ok := told(first, s.dora.ID)
		if want := (MotionTold{Kind: MotionPause, About: "Dogwood", By: "Fay", Reason: "No answer since May.", Until: s.now + motionFor}); !ok || said != want {
			t.Errorf("%v: %+v, want %+v", ok, said, want)
		}
		for _, who := range []string{s.fay.ID, s.bert.ID, s.ivy.ID, string(outside)} {
			if _, ok := told(first, who); ok {
				t.Errorf("%s cannot agree, and is asked to", who)
			}
		}
		_, err = s.r.SecondPause(ctx, By{Actor: s.dora, Reason: "on the page"}, first)
		s.ok(err)
		if _, ok := told(first, s.elsa.ID); ok {
			t.Error("one has agreed, and another is asked to")
		}
		_, err = s.r.Resume(ctx, as(s.ivy), s.dogwood, s.now)
		s.ok(err)
		back := ask()
		s.ok(s.r.WithdrawMotion(ctx, By{Actor: s.fay, Reason: "no"}, back))
		if _, ok := told(back, s.dora.ID); ok {
			t.Error("it is taken back, and somebody is asked to agree")
		}
		late := ask()
		s.now += motionFor - 1
		if _, ok := told(late, s.dora.ID); !ok {
			t.Error("it waits, and nobody is asked")
		}
		s.now++
		if _, ok := told(late, s.dora.ID); ok {
			t.Error("it has waited for too long, and somebody is asked to agree")
		}
	})
}
