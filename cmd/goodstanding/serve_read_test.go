package main

import (
	"fmt"
	"net/http"
	"net/url"
	"strings"
	"testing"
	"time"

	"coopcloud.tech/goodstanding/internal/dbtest"
)

// TestWhoVotesAtOneDaemonReadsAtAnother what was voted, at once: by a token and on
// a page, also where what is kept in memory there is older.
func TestWhoVotesAtOneDaemonReadsAtAnother(t *testing.T) {
	w := newWorld(t)
	w.env["GOODSTANDING_DATABASE"] = dbtest.PostgresDSN(t)
	address := freePort(t)
	w.env["GOODSTANDING_PUBLIC_URL"] = "http://" + address
	w.must("sync")
	w.must("members", "adopt", "--all")
	p := newPoll(t, w)
	daemons := []*serving{w.serve("--listen", address), w.serve()}
	v := visits(t, daemons[0].url)
	link := strings.TrimSpace(w.run("people", "sign-in-link", "voter-1@example.org", "--reason", "first day").out)
	v.posts("/sign-in/link", url.Values{"token": {link[strings.LastIndex(link, "/")+1:]}})
	token := strings.TrimSpace(w.must("token", "create", "reader", "--for", "Pat voter-1", "--scope", "decisions:read"))
	for _, s := range daemons {
		s.until("the token is known", func() bool { return get(t, s.url+"/api/v1/decisions/1", token).status == http.StatusOK })
	}
	client := &http.Client{Timeout: 15 * time.Second}
	for n := range 20 {
		at, other := daemons[n%2], daemons[(n+1)%2]
		words := fmt.Sprintf("as of now, %d", n)
		if b, _ := p.cast(client, at.url, 1, words); b == nil {
			t.Fatalf("the ballot was not taken: %v", p.wrong)
		}
		if n%4 < 2 {
			if a := get(t, other.url+"/api/v1/decisions/1", token); !strings.Contains(a.body, words) {
				t.Errorf("ballot %d is not in what the other daemon answers", n)
			}
		} else if _, _, body := v.gets(other.url + "/decisions/1"); !strings.Contains(body, words) {
			t.Errorf("ballot %d is not on the other daemon's page", n)
		}
	}
	took := func(token string) time.Duration {
		began := time.Now()
		for range 100 {
			get(t, daemons[1].url+"/api/v1/decisions/1", token)
		}
		return time.Since(began) / 100
	}
	t.Logf("an answer to nobody in particular took %s, to a person %s", took(""), took(token))
}
