//go:build unix

package main

import (
	"errors"
	"fmt"
	"io"
	"math/rand/v2"
	"net"
	"net/http"
	"net/http/cookiejar"
	"net/url"
	"strings"
	"syscall"
	"time"
)

// client is one who asks the daemons, from an address of its own, one after the other.
type client struct {
	s      *soak
	number int
	random *rand.Rand
	http   *http.Client
	token  string
	daemon *soaked // that is asked just now
}

func (s *soak) client() *client {
	jar, err := cookiejar.New(nil)
	if err != nil {
		s.t.Fatal(err)
	}
	s.clients++
	c := &client{s: s, number: s.clients, random: rand.New(rand.NewPCG(8, uint64(s.clients)))}
	c.http = &http.Client{Jar: jar, Timeout: 20 * time.Second, Transport: &http.Transport{MaxIdleConnsPerHost: 1, IdleConnTimeout: 10 * time.Second},
		CheckRedirect: func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse }}
	c.other()
	return c
}

// other turns to one of the daemons by chance.
func (c *client) other() { c.daemon = c.s.daemons[c.random.IntN(len(c.s.daemons))] }

// reply is an answer that came whole; 0 for none.
type reply struct {
	status   int
	to, body string
}

// asks sends a request, counts it under a kind, and gives the answer. form is sent as
// a browser does, any other body as JSON.
func (c *client) asks(kind, method, path string, body string, form bool) reply {
	address := c.daemon.url + path
	if path == "" {
		address = c.daemon.metrics
	}
	req, err := http.NewRequest(method, address, strings.NewReader(body))
	if err != nil {
		c.s.broke("%s: %v", path, err)
		return reply{}
	}
	req.Header.Set("X-Forwarded-For", fmt.Sprintf("10.1.%d.%d", c.number/200, 1+c.number%200))
	req.Header.Set("Sec-Fetch-Site", "same-origin")
	switch {
	case form:
		req.Header.Set("Content-Type", "application/x-www-form-urlencoded")
	case method != http.MethodGet:
		req.Header.Set("Content-Type", "application/json")
	}
	if c.token != "" {
		req.Header.Set("Authorization", "Bearer "+c.token)
	}
	began := time.Now()
	res, err := c.http.Do(req)
	if err != nil {
		c.s.tally.did(kind, time.Since(began), 0, lack(err))
		c.other()
		return reply{}
	}
	defer res.Body.Close()
	text, err := io.ReadAll(res.Body)
	if err != nil {
		c.s.tally.did(kind, time.Since(began), 0, lack(err))
		c.other()
		return reply{}
	}
	c.s.tally.did(kind, time.Since(began), res.StatusCode, "")
	if res.StatusCode >= 500 && res.StatusCode != http.StatusServiceUnavailable {
		c.s.broke("%s %s is answered with %d (Request-Id %s): %.300s", method, path, res.StatusCode, res.Header.Get("Request-Id"), text)
	}
	if res.StatusCode == http.StatusServiceUnavailable {
		c.other()
	}
	return reply{res.StatusCode, res.Header.Get("Location"), string(text)}
}

func (c *client) get(kind, path string) reply { return c.asks(kind, http.MethodGet, path, "", false) }

func (c *client) post(kind, path string, form url.Values) reply {
	return c.asks(kind, http.MethodPost, path, form.Encode(), true)
}

// lack says in a word why there was no answer.
func lack(err error) string {
	var slow net.Error
	switch {
	case errors.Is(err, syscall.ECONNREFUSED):
		return "refused"
	case errors.As(err, &slow) && slow.Timeout():
		return "timeout"
	}
	return "cut off"
}

// goes keeps one busy until the end, with a pause between what it does.
func (s *soak) goes(pause time.Duration, f func()) {
	s.people.Go(func() {
		for !s.enough.Load() {
			f()
			time.Sleep(pause)
		}
	})
}

// changing is goes for those who change something: they hold still when it is asked for.
func (s *soak) changing(pause time.Duration, f func()) {
	s.goes(pause, func() {
		if s.still.Load() {
			return
		}
		s.busy.RLock()
		defer s.busy.RUnlock()
		f()
	})
}

var readable = []struct{ kind, path string }{
	{"pages", "/"}, {"pages", "/members"}, {"pages", "/decisions"}, {"pages", "/decisions/1"}, {"pages", "/providers"}, {"pages", "/rules"}, {"pages", "/privacy"}, {"pages", "/opportunities"},
	{"pages", "/join"}, {"pages", "/sign-in"}, {"pages", "/members.md"}, {"API", "/api/v1/members"}, {"API", "/api/v1/decisions"}, {"API", "/api/v1/decisions/1/record"},
	{"API", "/api/v1/policy"}, {"API", "/healthz"}, {"API", "/api/v1/openapi.json"}, {"feeds", "/api/v1/decisions.atom"}, {"feeds", "/api/v1/opportunities.atom"}, {"metrics", ""},
	{"API, a token", "/api/v1/roll"}, {"API, a token", "/api/v1/members/steady-03/eligibility"}, {"API, a token", "/api/v1/holds"}, {"API, a token", "/api/v1/desk"}, {"API, a token", "/api/v1/syncs"},
	{"API, a token", "/api/v1/services"}, {"API, a token", "/api/v1/notices"},
}

// reader reads what is public, and what a token opens. The public list never falls
// silent while a daemon runs: it is answered from memory.
func (s *soak) reader(token string) {
	c := s.client()
	s.goes(40*time.Millisecond, func() {
		what := readable[c.random.IntN(len(readable))]
		c.token = ""
		if what.kind == "API, a token" {
			c.token = token
		}
		if c.random.IntN(8) == 0 {
			c.other()
		}
		r := c.get("reading: "+what.kind, what.path)
		if r.status != 0 && r.status != http.StatusOK && r.status < 500 && r.status != http.StatusTooManyRequests {
			s.broke("GET %s is answered with %d: %.200s", what.path, r.status, r.body)
		}
	})
}
