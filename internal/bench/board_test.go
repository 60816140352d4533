package bench

import (
	"net/http"
	"sync/atomic"
	"testing"

	"coopcloud.tech/goodstanding/internal/dbtest"
	"coopcloud.tech/goodstanding/store"
)

// boardByJSON is the processor time of a page by that of the API's answer about the same
// members: the treasurers' board of 5,000, of which both show a hundred.
func boardByJSON(tb testing.TB) measured {
	a := assemble(tb, dbtest.SQLiteDSN(tb), 5000)
	a.treasurer(0)
	s := a.open()
	cookie := s.signsIn(a.who[0])
	a.ok(s.api.Refresh(tb.Context()))
	page := perAnswer(tb, atOnce, http.StatusOK, s.url, []string{"/board"}, "Cookie", cookie)
	json := perAnswer(tb, atOnce, http.StatusOK, s.url, []string{"/api/v1/roll?limit=100"}, "Authorization", "Bearer "+s.token)
	return ratio(3, page, json).atMost(5, "x")
}

// membersByJSON is the same of the public page of members, with that page's own JSON.
func membersByJSON(tb testing.TB) measured {
	s := assemble(tb, dbtest.SQLiteDSN(tb), 5000).open()
	page := perAnswer(tb, 20, http.StatusOK, s.url, []string{"/members"})
	json := perAnswer(tb, 20, http.StatusOK, s.url, []string{"/members.json"})
	return finely(7, page, json).atMost(5, "x")
}

// TestTheBoardIsReadFromMemory: a page of the board asks the database as often with many
// members as with few, and reads the roll again only when something was written.
func TestTheBoardIsReadFromMemory(t *testing.T) {
	var asked atomic.Int64
	statements := func(members int) (first, again int64) {
		a := assembleWith(t, dbtest.SQLiteDSN(t), members, store.Options{OnStep: func(s store.Step) {
			if s == store.StepStatement {
				asked.Add(1)
			}
		}})
		a.treasurer(0)
		s := a.open()
		cookie := s.signsIn(a.who[0])
		page := func() int64 {
			asked.Store(0)
			body(t, s.url, "/board", "Cookie", cookie)
			return asked.Load()
		}
		return page(), page()
	}
	first, few := statements(5)
	_, many := statements(150)
	if few != many || few == 0 || few >= first/2 {
		t.Errorf("%d statements at first, then %d of 5 members and %d of 150", first, few, many)
	}
}
