package main

import (
	"fmt"
	"net/http"
	"slices"
	"strings"
	"testing"
	"time"
)

// TestTheBoardIsNearlyAsQuickAsItsJSON: the treasurers' board of 5,000 members takes
// at most five times as long as the API's answer about the same members, and a public
// page at most five times as long as its own JSON. Both are asked in turns of one
// daemon, so that only their ratio counts, on whatever machine.
func TestTheBoardIsNearlyAsQuickAsItsJSON(t *testing.T) {
	w := newWorld(t)
	w.must("sync")
	var list strings.Builder
	list.WriteString("name,kind\n")
	for i := range 5000 {
		fmt.Fprintf(&list, "Member %04d,organisation\n", i)
	}
	w.must("members", "import", w.file("members.csv", list.String()), "--reason", "many")
	w.must("people", "add", "tess@people.example", "--name", "Tess", "--role", "treasurer", "--reason", "elected")
	token := w.token()
	address := freePort(t)
	w.env["GOODSTANDING_PUBLIC_URL"] = "http://" + address
	s := w.serve("--listen", address)
	v := visits(t, s.url)
	link := strings.TrimSpace(w.must("people", "sign-in-link", "Tess"))
	v.posts("/sign-in/link", map[string][]string{"token": {link[strings.LastIndex(link, "/")+1:]}})
	least := func(ask func() int) time.Duration {
		var took []time.Duration
		for range 5 {
			began := time.Now()
			if status := ask(); status != http.StatusOK {
				t.Fatalf("status %d", status)
			}
			took = append(took, time.Since(began))
		}
		return slices.Min(took)
	}
	for _, c := range []struct{ page, json string }{{"/board", "/api/v1/roll?limit=100"}, {"/members", "/members.json"}} {
		page := least(func() int { status, _, _ := v.gets(c.page); return status })
		json := least(func() int { return get(t, s.url+c.json, token).status })
		ratio := float64(page) / float64(json)
		t.Logf("quick|%s %s|%s %s|ratio %.1f", c.page, page.Round(10*time.Microsecond), c.json, json.Round(10*time.Microsecond), ratio)
		if ratio > 5 {
			t.Errorf("%s takes %.1f times as long as %s", c.page, ratio, c.json)
		}
	}
}
