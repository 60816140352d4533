package chair

import (
	"fmt"
	"strings"
	"testing"
	"time"

	"coopcloud.tech/goodstanding/decisions"
	"coopcloud.tech/goodstanding/internal/instant"
	"coopcloud.tech/goodstanding/member"
	"coopcloud.tech/goodstanding/roll"
)

// A member that answered none of the last three large decisions is on the desk,
// as long as that is so; medium, withdrawn and open ones do not count.
func TestWhoNeverAnswers(t *testing.T) {
	eachRoom(t, 3, "coopcloud-2023", func(t *testing.T, r *room) {
		book := roll.New(r.db, roll.Options{Now: func() instant.Instant { return r.now }, Unanswered: Unanswered})
		desk := func() (out []roll.DeskEntry) {
			t.Helper()
			all, err := book.Desk(t.Context(), false)
			r.ok(err)
			for _, e := range all {
				if e.Kind == roll.DeskNoAnswer {
					out = append(out, e)
				}
			}
			return out
		}
		decide := func(size decisions.Size, answering ...int) {
			t.Helper()
			id := r.opened(proposal(size))
			for _, i := range answering {
				r.cast(id, i, decisions.Favour, "")
			}
			r.later(20 * 24 * time.Hour)
			_, err := r.c.CloseDue(t.Context())
			r.ok(err)
		}
		decide(decisions.Large, 0, 1)
		ended := r.read(mustFind(r, "1")).Outcome.At
		decide(decisions.Medium, 0, 2)
		decide(decisions.Large, 0, 1)
		if got := desk(); len(got) != 0 {
			t.Errorf("after two: %+v", got)
		}
		decide(decisions.Large, 0, 1)
		got := desk()
		if len(got) != 1 || got[0].Member != r.ids[2] || got[0].Since != ended ||
			got[0].Sentence != "Member 02 answered none of the last 3 large decisions (1, 3, 4)." ||
			got[0].Remedy != `goodstanding members pause member-02 --as FACILITATOR --second PERSON --reason "answered none of the last large decisions"` {
			t.Fatalf("%+v", got)
		}
		turnout := func(most int) (out string) {
			t.Helper()
			views, err := r.c.List(t.Context())
			r.ok(err)
			got := TurnoutOf(views, most)
			for _, v := range got.Decisions {
				out += fmt.Sprint(v.Decision.Number, " ")
			}
			for _, a := range got.Members {
				out += fmt.Sprintf("%s %v %d/%d %t; ", strings.TrimPrefix(r.named(a.Member), "Member "), a.Marks, a.Answered, a.Asked, a.Quiet)
			}
			return out
		}
		if got, want := turnout(6), "4 3 1 "; !strings.HasPrefix(got, want) || !strings.Contains(got, "02 [2 2 2] 0/3 true; ") || !strings.Contains(got, "01 [1 1 1] 3/3 false; ") {
			t.Errorf("turnout: %s", got)
		}
		if got := turnout(2); !strings.HasPrefix(got, "4 3 ") || !strings.Contains(got, "02 [2 2] 0/2 false; ") {
			t.Errorf("turnout of two: %s", got)
		}
		r.ok(book.Dismiss(t.Context(), r.operator("on holiday"), got[0].ID))
		if len(desk()) != 0 {
			t.Error("it was dismissed, and is there")
		}
		id := r.opened(proposal(decisions.Large))
		_, err := r.c.Withdraw(t.Context(), id, r.by(0), "No more.")
		r.ok(err)
		if len(desk()) != 0 {
			t.Error("a withdrawn one counts")
		}
		decide(decisions.Large, 0, 1)
		if got := desk(); len(got) != 1 || got[0].Sentence != "Member 02 answered none of the last 3 large decisions (3, 4, 6)." {
			t.Errorf("its facts have changed: %+v", got)
		}
		decide(decisions.Large, 0, 1, 2)
		if got := desk(); len(got) != 0 {
			t.Errorf("it has answered: %+v", got)
		}
		late := r.admit("Late", "Lea")
		r.later(time.Minute)
		for range 2 {
			decide(decisions.Large, 0, 1, 2)
		}
		if got := desk(); len(got) != 0 {
			t.Errorf("%s had a place in two of three: %+v", late, got)
		}
		if got := turnout(3); !strings.Contains(got, "Late [2 2 0] 0/2 false; ") {
			t.Errorf("turnout: %s", got)
		}
	})
}

// named is the name of a member of the room.
func (r *room) named(id member.ID) string {
	r.t.Helper()
	book, err := r.roll.Book(r.t.Context())
	r.ok(err)
	return book.Name(id)
}

func mustFind(r *room, word string) ID {
	r.t.Helper()
	id, err := r.c.Find(r.t.Context(), word)
	r.ok(err)
	return id
}
