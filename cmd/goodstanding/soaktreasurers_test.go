//go:build unix

package main

import (
	"fmt"
	"html"
	"net/http"
	"net/url"
	"regexp"
	"strings"
	"time"
)

// treasurer reads the board, waives, enters payments, sorts payers out and makes notes.
type treasurer struct {
	*client
	name  string
	acts  int
	acked []string // reasons of what was done
	tried map[string]bool
}

var boards = []string{"/board", "/board.csv", "/board/desk", "/board/payers", "/board/holds", "/board/notices", "/board/pictures", "/board/rules", "/board/members/steady-02", "/board/members/aided-1", "/board/letters"}

var pressable = regexp.MustCompile(`<form method="post" action="(/board/(?:payers/sort-out|desk/dismiss))"[^>]*>(?s:(.*?))</form>`)
var hiddenField = regexp.MustCompile(`<input type="hidden" name="(\w+)" value="([^"]*)">`)

func (s *soak) treasurer(name string) *treasurer {
	x := &treasurer{client: s.client(), name: name, tried: map[string]bool{}}
	s.changing(400*time.Millisecond, func() {
		page := boards[x.random.IntN(len(boards))]
		r := x.get("reading: the board", page)
		switch {
		case r.status == http.StatusSeeOther:
			x.signIn()
		case r.status == http.StatusOK && x.random.IntN(2) == 0:
			x.act(r.body)
		}
	})
	return x
}

// signIn takes a link from who runs the program.
func (x *treasurer) signIn() {
	said := x.s.command("people", "sign-in-link", x.name, "--reason", "the treasurers sign in")
	link := strings.TrimSpace(said.out)
	if said.code != exitOK || link == "" {
		time.Sleep(500 * time.Millisecond)
		return
	}
	x.post("signing in by a printed link", "/sign-in/link", url.Values{"token": {link[strings.LastIndex(link, "/")+1:]}})
}

// act changes something, as it is offered on the page or for one of those who are aided.
func (x *treasurer) act(page string) {
	x.acts++
	reason := fmt.Sprintf("%s, act %d of the run", x.name, x.acts)
	path, form := "", url.Values{}
	today := x.s.now().String()[:10]
	found := pressable.FindAllStringSubmatch(page, -1)
	switch n := x.random.IntN(3); {
	case len(found) > 0:
		one := found[x.random.IntN(len(found))]
		path = one[1]
		for _, f := range hiddenField.FindAllStringSubmatch(one[2], -1) {
			form.Set(f[1], html.UnescapeString(f[2]))
		}
	case n == 0:
		path = fmt.Sprintf("/board/members/aided-%d/waive", x.random.IntN(aided))
		form.Set("until", x.s.now().Add(40 * 24 * time.Hour).String()[:10])
	default:
		path = fmt.Sprintf("/board/members/aided-%d/pay", x.random.IntN(aided))
		for k, v := range map[string]string{"received": today, "from": today, "months": "1", "amount": "GBP 10.00", "reference": reason} {
			form.Set(k, v)
		}
	}
	form.Set("reason", reason)
	x.tried[reason] = true
	if r := x.post("treasurers' changes", path, form); r.status == http.StatusOK || r.status == http.StatusSeeOther && !strings.HasPrefix(r.to, "/sign-in") {
		x.acked = append(x.acked, reason)
	}
}
