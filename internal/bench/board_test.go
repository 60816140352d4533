package bench

import (
	"net/http"
	"testing"

	"coopcloud.tech/goodstanding/internal/dbtest"
)

// boardByJSON is the processor time of a page by that of the API's answer about the same
// members: the treasurers' board of 5,000, of which both show a hundred.
func boardByJSON(tb testing.TB) measured {
	a := assemble(tb, dbtest.SQLiteDSN(tb), 5000)
	a.treasurer(0)
	s := a.open()
	cookie := s.signsIn(a.who[0])
	a.ok(s.api.Refresh(tb.Context()))
	page := perAnswer(tb, 2*atOnce, http.StatusOK, s.url, []string{"/board"}, "Cookie", cookie)
	json := perAnswer(tb, 2*atOnce, http.StatusOK, s.url, []string{"/api/v1/roll?limit=100"}, "Authorization", "Bearer "+s.token)
	return ratio(5, page, json).atMost(5, "x")
}

// membersByJSON is the same of the public page of members, with that page's own JSON.
func membersByJSON(tb testing.TB) measured {
	s := assemble(tb, dbtest.SQLiteDSN(tb), 5000).open()
	page := perAnswer(tb, 2*atOnce, http.StatusOK, s.url, []string{"/members"})
	json := perAnswer(tb, 2*atOnce, http.StatusOK, s.url, []string{"/members.json"})
	return ratio(5, page, json).atMost(5, "x")
}
