package bench

import (
	"fmt"
	"net/http"
	"testing"

	"coopcloud.tech/goodstanding/internal/dbtest"
)

const (
	// answers are those of each side of a round.
	answers = 4_000
	// asked is how many members are asked about in turns.
	asked = 100
)

// standing is the processor time of an answer how a member stands, with every reason,
// and of the same bytes that nobody worked out.
func standing(tb testing.TB, s *serving) (ours, reference func() float64) {
	var paths []string
	for i := range asked {
		paths = append(paths, fmt.Sprintf("/api/v1/members/member-%06d/eligibility", i*len(s.ids)/asked))
	}
	auth := []string{"Authorization", "Bearer " + s.token}
	res, content := body(tb, s.url, paths[0], auth...)
	plain := constant(tb, "/api/v1/members/{member}/eligibility", s.token, res.Header, content)
	return perAnswer(tb, answers, http.StatusOK, s.url, paths, auth...), perAnswer(tb, answers, http.StatusOK, plain, paths, auth...)
}

// standingRate is requests in a second of processor time, by those of the constant.
func standingRate(tb testing.TB) measured {
	ours, reference := standing(tb, assemble(tb, dbtest.SQLiteDSN(tb), 1000).serve())
	return ratio(7, reference, ours).atLeast(0.8, "x")
}

// providersRate is answers about 5,000 providers in a second of processor time, by those
// of a constant "ok" with the same headers.
func providersRate(tb testing.TB, status int, goal float64) measured {
	a := assemble(tb, dbtest.SQLiteDSN(tb), 5000)
	a.list()
	s := a.serve()
	const path = "/api/v1/providers"
	given := []string{"Accept-Encoding", "gzip"}
	res, _ := body(tb, s.url, path, given...)
	plain := constant(tb, path, "", res.Header, []byte("ok"))
	n := answers / 4
	if status == http.StatusNotModified {
		given, n = append(given, "If-None-Match", res.Header.Get("ETag")), answers
	}
	return ratio(7, perAnswer(tb, n, http.StatusOK, plain, []string{path}, given...), perAnswer(tb, n, status, s.url, []string{path}, given...)).atLeast(goal, "x")
}
