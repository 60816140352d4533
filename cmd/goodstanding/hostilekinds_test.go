package main

import (
	"encoding/base64"
	"fmt"
	"net/http"
	"net/url"
	"strings"
)

func (h *hostile) largeHead(a *attack) {
	a.send = request(h.word("GET", "POST"), h.word(hostilePlaces...), "", h.word("X-Long: ", "Cookie: s=", "Authorization: Bearer ", "If-Match: ", "Referer: ")+h.text(20_000+h.random.IntN(40_000)))
	if h.random.IntN(4) == 0 { // many lines, each small
		a.send = request("GET", h.word(hostilePlaces...), "", strings.Split(strings.TrimSuffix(strings.Repeat("X-A: b\n", 3000), "\n"), "\n")...)
	}
}

func (h *hostile) largeBody(a *attack) {
	body := "x=" + h.text(70_000+h.random.IntN(200_000))
	a.send = request("POST", h.word("/sign-in", "/join", "/sign-in/link", "/api/v1/decisions", "/board/rules/compare", "/hooks/opencollective/x"), body, h.word(asForm, asJSON, "Content-Type: multipart/form-data; boundary=x"))
	if h.random.IntN(3) == 0 { // says that it is larger than anything
		a.send = []byte(fmt.Sprintf("POST /sign-in HTTP/1.1\r\nHost: x\r\nConnection: close\r\nContent-Type: application/x-www-form-urlencoded\r\nContent-Length: %d\r\n\r\nx=y", h.random.Int64N(1<<50)))
		a.ends, a.lingers = true, h.random.IntN(10) == 0
	}
}

func (h *hostile) oddMethod(a *attack) {
	a.send = request(h.word("BREW", "get", "TRACE", "CONNECT", "PROPFIND", "DELETE", "PUT", "PATCH", "OPTIONS", h.text(300), "G\x00T", "PRI"), h.word(hostilePlaces...), h.word("", "x=1"))
}

func (h *hostile) oddPath(a *attack) {
	up := h.word("/../", "/..%2f", "/%2e%2e/", `/..\`, "/....//", "/%c0%ae%c0%ae/", "//", "/./", "/%00/", "/%", "/%zz")
	a.send = request("GET", h.word("", "/members", "/decisions", "/api/v1/decisions", "/logo", "/style.css", "/board/members")+strings.Repeat(up, 1+h.random.IntN(6))+h.word("etc/passwd", "goodstanding.db", "", ".env", "1.md", "wp-login.php", h.text(4000)), "")
}

func (h *hostile) forgedCookie(a *attack) {
	name, real, _ := strings.Cut(h.keys.cookie, "=")
	value := h.word(h.text(43), base64.RawURLEncoding.EncodeToString(h.bytes(32)), strings.ToUpper(real), real+"a", real[1:], "", h.text(4000), `" OR 1=1 --`)
	head := "Cookie: " + h.word(name, name, "__Host-"+name, "session") + "=" + value
	if h.random.IntN(2) == 0 {
		a.send = request("GET", h.word("/me", "/board", "/me/data.json", "/facilitate", "/api/v1/me", "/api/v1/electorate"), "", head)
		return
	}
	a.send = request("POST", h.word(changes...), "reason=x&until=2027-01-01", head, asForm, "Sec-Fetch-Site: same-origin")
}

func (h *hostile) forgedToken(a *attack) {
	token := h.word("gs_"+h.text(43), h.text(20), strings.ToUpper(h.keys.token), h.keys.token+"x", h.keys.token[:len(h.keys.token)-1], "null", "", "' OR ''='")
	a.send = request(h.word("GET", "POST", "PUT", "DELETE"), h.word("/api/v1/roll", "/api/v1/decisions", "/api/v1/decisions/1/ballots/alfa", "/api/v1/notices/start", "/api/v1/holds/1/acknowledge", "/api/v1/me", "/api/v1/bounces"),
		h.word("", `{"answer":"favour"}`, `{"confirm":true}`), "Authorization: "+h.word("Bearer ", "bearer ", "Basic ", "Token ")+token, asJSON)
}

// otherSite is a form on another website, sent by the browser of a treasurer who is
// signed in.
func (h *hostile) otherSite(a *attack) {
	head := []string{"Cookie: " + h.keys.cookie, h.word(asForm, "Content-Type: text/plain", "Content-Type: multipart/form-data; boundary=x")}
	switch h.random.IntN(3) {
	case 0:
		head = append(head, "Origin: "+h.word("https://evil.example", "null", "http://127.0.0.1.evil.example"))
	case 1:
		head = append(head, "Sec-Fetch-Site: "+h.word("cross-site", "same-site"), "Origin: https://evil.example")
	default:
		head = append(head, "Sec-Fetch-Site: "+h.word("cross-site", "same-site"))
	}
	a.send = request("POST", h.word(changes...), "reason=because&until=2027-01-01&amount=GBP+10.00&received=2026-01-01&months=12&language=es&answer=favour", head...)
}

func (h *hostile) injection(a *attack) {
	text := h.word(injected...)
	if strings.HasPrefix(text, "<") || strings.HasPrefix(text, `"><`) {
		a.echo = text
	}
	q := url.QueryEscape(text)
	switch h.random.IntN(5) {
	case 0:
		a.send = request("GET", h.word("/members?find=", "/decisions?state=", "/api/v1/decisions?after=", "/api/v1/decisions?size=", "/sign-in?next=", "/opportunities?after=", "/board?find=")+q, "", h.word("X-A: b", "Cookie: "+h.keys.cookie))
	case 1:
		a.send = request("GET", h.word("/decisions/", "/api/v1/decisions/", "/board/members/", "/logo/", "/sign-in/link/", "/join/confirm/", "/language/")+url.PathEscape(text), "", h.word("X-A: b", "Cookie: "+h.keys.cookie))
	case 2:
		a.send = request("POST", "/sign-in/link", "token="+q+"&next="+q, asForm, "Sec-Fetch-Site: same-origin")
	case 3:
		a.send = request("GET", h.word(hostilePlaces...), "", "Accept-Language: "+strings.NewReplacer("\r", "", "\n", "").Replace(text), "X-Forwarded-For: "+strings.NewReplacer("\r", "", "\n", "").Replace(text), "If-None-Match: "+strings.NewReplacer("\r", "", "\n", "").Replace(text))
	default: // a sum of a reason, and nothing that says what for
		a.send = request("POST", h.word("/board/members/nobody-at-all/waive", "/board/desk/dismiss", "/board/holds/acknowledge", "/board/payers/sort-out"), "reason="+q+"&entry="+q+"&hold="+q+"&account="+q+"&act="+q+"&until="+q, "Cookie: "+h.keys.cookie, asForm, "Sec-Fetch-Site: same-origin")
	}
}

func (h *hostile) othersVote(a *attack) {
	method, path, body := h.word("PUT", "DELETE"), "/api/v1/decisions/1/ballots/"+h.keys.other, `{"answer":"favour"}`
	if h.random.IntN(2) == 0 {
		method, path, body = "POST", h.word("/api/v1/notices/start", "/api/v1/notices/drop", "/api/v1/bounces", "/api/v1/holds/h_1/acknowledge", "/api/v1/decisions/1/close", "/api/v1/decisions/1/withdraw"), `{"member":"`+h.keys.other+`","reason":"mine","confirm":true}`
	}
	a.send = request(method, path, body, "Authorization: Bearer "+h.keys.token, asJSON)
}

func (h *hostile) oddJSON(a *attack) {
	body := h.word(strings.Repeat("[", 20_000), strings.Repeat(`{"a":`, 5000), `{"answer":"favour","answer":"block"}`, `{"answer":1e400}`, `{"answer":"\ud800"}`, "\xff\xfe{", `null`, `[]`, `"x"`, `{"answer":"maybe"}`, `{"concern":{"a":1}}`, "{}{}", `{"answer":"favour","member":["x"]}`)
	a.send = request(h.word("PUT", "POST"), h.word("/api/v1/decisions/1/ballots/"+h.keys.other, "/api/v1/decisions", "/api/v1/opportunities", "/api/v1/decisions/1/amend"), body, h.word("X-A: b", "Authorization: Bearer "+h.keys.token), asJSON)
}

func (h *hostile) randomBytes(a *attack) {
	a.send, a.ends = h.bytes(1+h.random.IntN(3000)), true
	switch h.random.IntN(3) {
	case 0:
		a.send = append([]byte("GET / HTTP/1.1\r\n"), a.send...)
	case 1:
		a.send, a.ends = request("POST", "/sign-in", string(a.send), asForm), false
	}
	a.lingers = h.random.IntN(40) == 0
}

func (h *hostile) oddProtocol(a *attack) {
	a.ends = true
	a.may = []int{http.StatusNotImplemented, http.StatusHTTPVersionNotSupported}
	a.send = []byte(h.word(
		"POST /sign-in HTTP/1.1\r\nHost: x\r\nContent-Length: 4\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\nGET /board HTTP/1.1\r\nHost: x\r\n\r\n",
		"POST /sign-in HTTP/1.1\r\nHost: x\r\nContent-Length: 4\r\nContent-Length: 5\r\n\r\nabcd",
		"POST /sign-in HTTP/1.1\r\nHost: x\r\nTransfer-Encoding: cow\r\nConnection: close\r\n\r\n",
		"POST /sign-in HTTP/1.1\r\nHost: x\r\nTransfer-Encoding: chunked\r\nConnection: close\r\n\r\nzz\r\nabc",
		"GET / HTTP/1.1\r\nHost: a\r\nHost: b\r\n\r\n", "GET / HTTP/1.1\r\n\r\n", "GET / HTTP/9.9\r\nHost: x\r\n\r\n", "GET http://evil.example/board HTTP/1.1\r\nHost: evil.example\r\nConnection: close\r\n\r\n",
		"PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n", "GET /\r\n", "\x16\x03\x01\x02\x00\x01\x00\x01\xfc\x03\x03", "GET /board HTTP/1.1\r\nHost: x\r\nCookie : s=1\r\n\r\n", "OPTIONS * HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n",
	))
}

func (h *hostile) hook(a *attack) {
	a.send = request(h.word("POST", "GET"), "/hooks/opencollective/"+h.word(h.text(20), "", "..", "%2e%2e", strings.Repeat("a", 500)), h.word("{}", h.text(1000), "null"), asJSON)
}
