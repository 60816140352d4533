//go:build unix

package main

import (
	"context"
	"encoding/json"
	"fmt"
	"net/http"
	"net/url"
	"strings"
	"time"
)

// voter votes for one member, by a token or signed in by a mailed link.
type voter struct {
	*client
	name    string
	ballots int
	pending string // words of the ballot that is not acknowledged yet
	on      int64  // the decision that it is for
	tries   int

	acked []receipt
	again int // acknowledged only when sent again
}

// receipt is a ballot of which its voter knows that it is stored.
type receipt struct {
	decision int64
	words    string
	entry    int
	hash     string
}

func (s *soak) voter(name, token string) *voter {
	v := &voter{client: s.client(), name: name}
	v.token = token
	kind := "voting, by a token"
	if token == "" {
		kind = "voting, signed in"
	}
	s.changing(300*time.Millisecond, func() {
		if v.random.IntN(4) == 0 {
			v.get("reading: signed in or by a person's token", "/api/v1/me")
		}
		v.vote(kind)
	})
	return v
}

func (v *voter) vote(kind string) {
	if v.pending == "" {
		v.ballots++
		v.tries = 0
		v.on = v.s.open.Load()
		v.pending = fmt.Sprintf("%s, ballot %d of the run", v.name, v.ballots)
	}
	v.tries++
	r := v.asks(kind, http.MethodPut, fmt.Sprintf("/api/v1/decisions/%d/ballots/%s", v.on, v.name), fmt.Sprintf(`{"answer": "against", "concern": %q}`, v.pending), false)
	switch r.status {
	case http.StatusOK:
		var got struct {
			Receipt struct {
				Entry int
				Hash  string
			}
		}
		if json.Unmarshal([]byte(r.body), &got) != nil || got.Receipt.Hash == "" {
			v.s.broke("a ballot was taken without a receipt: %s", r.body)
			return
		}
		if v.tries > 1 {
			v.again++
		}
		v.acked = append(v.acked, receipt{v.on, v.pending, got.Receipt.Entry, got.Receipt.Hash})
		v.pending = ""
	case http.StatusConflict: // closed meanwhile
		v.pending = ""
		time.Sleep(200 * time.Millisecond)
	case http.StatusUnauthorized:
		if v.token != "" {
			v.s.broke("%s: the token is refused: %s", v.name, r.body)
			return
		}
		v.signIn()
	case 0, http.StatusServiceUnavailable, http.StatusTooManyRequests:
		time.Sleep(100 * time.Millisecond)
	default:
		if r.status < 500 { // those are counted already
			v.s.broke("%s votes and is answered with %d: %.300s", v.name, r.status, r.body)
			v.pending = ""
		}
	}
}

// signIn asks for a link, waits for the mail, and follows it.
func (v *voter) signIn() {
	const kind = "signing in by mail"
	before := v.s.post.last(v.name + "@example.org")
	if r := v.client.post(kind, "/sign-in", url.Values{"email": {v.name + "@example.org"}, "next": {"/me"}}); r.status != http.StatusSeeOther {
		time.Sleep(200 * time.Millisecond)
		return
	}
	for range 100 {
		if link := v.s.post.last(v.name + "@example.org"); link != before {
			if r := v.client.post(kind, "/sign-in/link", url.Values{"token": {link}}); r.status == http.StatusSeeOther {
				v.s.signedIn.Add(1)
			}
			return
		}
		if v.s.enough.Load() || v.s.still.Load() {
			return
		}
		time.Sleep(100 * time.Millisecond)
	}
}

// postbox knows the newest link that was mailed to each address.
type postbox struct {
	s     *soak
	seen  int
	links map[string]string
}

// watch reads the mails as they come.
func (p *postbox) watch(ctx context.Context) {
	for ctx.Err() == nil {
		all := p.s.mails.Mails()
		for _, m := range all[p.seen:] {
			link := linkIn.FindStringSubmatch(strings.ReplaceAll(m.Data, "=\r\n", ""))
			if link == nil {
				continue
			}
			p.s.mailed.Lock()
			for _, to := range m.To {
				p.links[to] = link[2]
			}
			p.s.mailed.Unlock()
		}
		p.seen = len(all)
		time.Sleep(100 * time.Millisecond)
	}
}

func (p *postbox) last(address string) string {
	p.s.mailed.Lock()
	defer p.s.mailed.Unlock()
	return p.links[address]
}
