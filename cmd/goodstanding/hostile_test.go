package main

import (
	"bufio"
	"bytes"
	"compress/gzip"
	"context"
	"fmt"
	"io"
	"maps"
	"math/rand/v2"
	"net"
	"net/http"
	"net/url"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"sync"
	"testing"
	"time"

	"coopcloud.tech/goodstanding/internal/fakesmtp"
	"coopcloud.tech/goodstanding/internal/instant"
	"coopcloud.tech/goodstanding/store"
)

// keys are what a hostile client may have got hold of: a treasurer's cookie, which a
// browser sends along for it, a person's token, and the member that the person is no
// delegate of.
type keys struct{ cookie, token, other string }

// hostile makes requests of whoever means ill, by chance.
type hostile struct {
	random *rand.Rand
	keys   keys
}

// attack is one request as it goes over the wire.
type attack struct {
	kind string
	send []byte
	// may are the server errors that the protocol itself has for it; none else is right.
	may []int
	// ends says that nothing more comes, where the request may not be whole; lingers lets
	// the server wait for the rest, as a client that dawdles does.
	ends, lingers bool
	// echo may not come back in the answer as it was sent.
	echo string
}

var attackKinds = []struct {
	kind string
	fill func(h *hostile, a *attack)
}{
	{"large heads", (*hostile).largeHead}, {"large bodies", (*hostile).largeBody}, {"odd methods", (*hostile).oddMethod}, {"odd paths", (*hostile).oddPath},
	{"forged cookies", (*hostile).forgedCookie}, {"forged tokens", (*hostile).forgedToken}, {"forms of other sites", (*hostile).otherSite}, {"SQL and HTML in fields", (*hostile).injection},
	{"votes for others", (*hostile).othersVote}, {"odd JSON", (*hostile).oddJSON}, {"random bytes", (*hostile).randomBytes}, {"odd protocols", (*hostile).oddProtocol}, {"hooks without their secret", (*hostile).hook},
}

func (h *hostile) next() attack {
	k := attackKinds[h.random.IntN(len(attackKinds))]
	a := attack{kind: k.kind}
	k.fill(h, &a)
	return a
}

// word is one of some.
func (h *hostile) word(of ...string) string { return of[h.random.IntN(len(of))] }

func (h *hostile) text(n int) string {
	b := make([]byte, n)
	for i := range b {
		b[i] = "abcdefghijklmnopqrstuvwxyz0123456789"[h.random.IntN(36)]
	}
	return string(b)
}

func (h *hostile) bytes(n int) []byte {
	b := make([]byte, n)
	for i := range b {
		b[i] = byte(h.random.UintN(256))
	}
	return b
}

// request is one with the usual head, and with what else stands in it.
func request(method, target, body string, head ...string) []byte {
	var b bytes.Buffer
	fmt.Fprintf(&b, "%s %s HTTP/1.1\r\nHost: 127.0.0.1\r\nConnection: close\r\n", method, target)
	for _, line := range head {
		b.WriteString(line + "\r\n")
	}
	if body != "" {
		fmt.Fprintf(&b, "Content-Length: %d\r\n", len(body))
	}
	b.WriteString("\r\n" + body)
	return b.Bytes()
}

const asForm, asJSON = "Content-Type: application/x-www-form-urlencoded", "Content-Type: application/json"

var (
	hostilePlaces = []string{"/", "/members", "/decisions/1", "/sign-in", "/sign-in/link", "/join", "/me", "/board", "/board/desk", "/api/v1/members", "/api/v1/decisions", "/api/v1/roll", "/healthz", "/readyz", "/style.css", "/logo/x.png"}
	changes       = []string{"/board/members/alfa/waive", "/board/members/alfa/pay", "/board/members/alfa/link", "/board/notices/stop", "/board/rules/add", "/board/desk/dismiss", "/me/notices", "/me/delegates/add", "/sign-out", "/sign-out/everywhere",
		"/decisions/1/answer", "/decisions/new", "/facilitate", "/me/opportunities/new", "/board/holds/acknowledge"}
	injected = []string{`' OR '1'='1`, `1; DROP TABLE member;--`, `'; UPDATE token SET scopes='*' WHERE ''='`, `" OR ""="`, `\x27 UNION SELECT * FROM person--`, `<script>alert(1)</script>`, `"><img src=x onerror=alert(1)>`,
		`{{.}}`, `${7*7}`, "%00", "a\u202Eb", `</title><svg/onload=alert(1)>`, "line\r\nSet-Cookie: x=1", `../../../../etc/passwd`, strings.Repeat("ü", 3000)}
)

// besieged are counts of what came of attacks.
type besieged struct {
	mu     sync.Mutex
	kinds  map[string]int
	status map[int]int // 0: nothing was answered
	wrong  []string
}

// strike sends one and looks at its answer.
func (b *besieged) strike(address string, a attack, patience time.Duration) {
	status, body := b.exchange(address, a, patience)
	b.mu.Lock()
	defer b.mu.Unlock()
	b.kinds[a.kind]++
	b.status[status]++
	switch {
	case status >= 500 && !slices.Contains(a.may, status):
		b.wrong = append(b.wrong, fmt.Sprintf("%s: %d to %.300q: %.300s", a.kind, status, a.send, body))
	case a.echo != "" && strings.Contains(body, a.echo):
		b.wrong = append(b.wrong, fmt.Sprintf("%s: %q comes back as it was sent, to %.300q", a.kind, a.echo, a.send))
	}
}

func (b *besieged) exchange(address string, a attack, patience time.Duration) (status int, body string) {
	conn, err := net.DialTimeout("tcp", address, 5*time.Second)
	if err != nil {
		b.mu.Lock()
		defer b.mu.Unlock()
		b.wrong = append(b.wrong, fmt.Sprintf("%s: nobody listens any more: %v", a.kind, err))
		return 0, ""
	}
	defer conn.Close()
	_ = conn.SetDeadline(time.Now().Add(patience))
	_, _ = conn.Write(a.send) // refused in the middle is as good
	if half, ok := conn.(*net.TCPConn); ok && a.ends && !a.lingers {
		_ = half.CloseWrite()
	}
	r := bufio.NewReader(io.LimitReader(conn, 1<<20))
	line, err := r.ReadString('\n')
	if err != nil || !strings.HasPrefix(line, "HTTP/1.") || len(line) < 12 {
		return 0, ""
	}
	if status, err = strconv.Atoi(line[9:12]); err != nil {
		return 0, ""
	}
	rest, _ := io.ReadAll(r) // what was cut off by the end of the connection is enough
	return status, string(rest)
}

// besiege sends so many attacks to the addresses, several at once, and waits for each answer
// for so long.
func besiege(seed uint64, n int, patience time.Duration, k keys, addresses ...string) *besieged {
	b := &besieged{kinds: map[string]int{}, status: map[int]int{}}
	const at = 8
	var all sync.WaitGroup
	for i := range at {
		all.Go(func() {
			h := &hostile{rand.New(rand.NewPCG(seed, uint64(i))), k}
			for j := i; j < n; j += at {
				b.strike(addresses[j%len(addresses)], h.next(), patience)
			}
		})
	}
	all.Wait()
	return b
}

// words are the statuses, by how often.
func (b *besieged) words() string {
	var out []string
	for _, status := range slices.Sorted(maps.Keys(b.status)) {
		name := strconv.Itoa(status)
		if status == 0 {
			name = "hung up"
		}
		out = append(out, fmt.Sprintf("%s %d", name, b.status[status]))
	}
	return strings.Join(out, ", ")
}

// TestHostileRequestsChangeNothing: requests of all those kinds, with a treasurer's
// cookie and a person's token among them, change no row, are answered with no error of
// the server's, and the daemon serves as before. make chaos sends 10,000.
func TestHostileRequestsChangeNothing(t *testing.T) {
	w := adopted(t)
	w.env["GOODSTANDING_SMTP_URL"], w.env["GOODSTANDING_MAIL_FROM"] = "smtp://"+fakesmtp.New(t, fakesmtp.Options{}).Address+"?tls=off", "roll@example.org"
	at := freePort(t)
	w.env["GOODSTANDING_PUBLIC_URL"] = "http://" + at
	k := w.kept(t, "foxtrot", "alfa")
	s := w.serve("--listen", at)
	s.until("it has looked whether the invariants hold", func() bool { return s.metric("goodstanding_invariants_checked_timestamp_seconds") != "0" })
	k.cookie = w.cookie(t, s.url, "Tara")
	before := w.rows(t)
	b := besiege(9, 400, 300*time.Millisecond, k, strings.TrimPrefix(s.url, "http://"))
	for _, wrong := range b.wrong {
		t.Error(wrong)
	}
	if len(b.kinds) != len(attackKinds) {
		t.Errorf("only %v were tried", b.kinds)
	}
	t.Logf("answered: %s", b.words())
	after := w.rows(t)
	if n := len(tablesOf(after)); n < 40 {
		t.Fatalf("only %d tables were compared", n)
	}
	if !entriesCounted.MatchString(before) || !entriesCounted.MatchString(after) {
		t.Fatalf("the counter of entries is not where it is looked for: %q", tablesOf(before)["counter"])
	}
	for _, table := range changed(entriesCounted.ReplaceAllString(before, ""), entriesCounted.ReplaceAllString(after, "")) {
		t.Errorf("it changed %s", table)
	}
	if a := get(t, s.url+"/api/v1/members", ""); a.status != http.StatusOK {
		t.Errorf("afterwards the list is answered with %d", a.status)
	}
	for _, secret := range []string{k.token, k.cookie} {
		if strings.Contains(s.out.String()+s.errs.String(), secret) {
			t.Error("a key is in the log")
		}
	}
}

// entriesCounted is the row of the counter of entries. The daemon assesses on, whoever
// asks: where that finds nothing new, this row has moved and no other.
var entriesCounted = regexp.MustCompile(`(?m)^\[\d+,\d+,\d+,"entries"\]\n`)

// kept makes a treasurer, Tara, and a person with a token, who votes for a member and
// not for the other one.
func (w *world) kept(t *testing.T, its, other string) keys {
	t.Helper()
	w.must("people", "add", "tara@example.org", "--name", "Tara", "--role", "treasurer")
	w.must("people", "add", "eve@example.org", "--name", "Eve", "--delegate-of", its)
	token := w.must("token", "create", "eve", "--for", "Eve", "--scope", "ballots:write", "--scope", "decisions:read")
	return keys{token: strings.TrimSpace(token), other: other}
}

// cookie signs somebody in and gives the cookie, as it is sent.
func (w *world) cookie(t *testing.T, at, who string) string {
	t.Helper()
	v := visits(t, at)
	link := strings.TrimSpace(w.must("people", "sign-in-link", who, "--reason", "a test"))
	v.posts("/sign-in/link", url.Values{"token": {link[strings.LastIndex(link, "/")+1:]}})
	u, err := url.Parse(at)
	if err != nil {
		t.Fatal(err)
	}
	c := v.client.Jar.Cookies(u)[0]
	return c.Name + "=" + c.Value
}

// rows are all rows of the world's database, but for when it was looked at.
func (w *world) rows(t *testing.T) string {
	t.Helper()
	dsn := w.env["GOODSTANDING_DATABASE"]
	if dsn == "" {
		dsn = "sqlite://" + w.env["GOODSTANDING_DATA"] + "/" + databaseName
	}
	db, err := store.Open(t.Context(), dsn, store.Options{})
	if err != nil {
		t.Fatal(err)
	}
	defer db.Close()
	return rowsOf(t, db)
}

func rowsOf(t *testing.T, db *store.DB) string {
	t.Helper()
	var packed bytes.Buffer
	if _, err := db.Backup(context.Background(), &packed, instant.Date(2026, 1, 1), nil); err != nil {
		t.Fatal(err)
	}
	r, err := gzip.NewReader(&packed)
	if err != nil {
		t.Fatal(err)
	}
	text, err := io.ReadAll(r)
	if err != nil {
		t.Fatal(err)
	}
	return lastUse.ReplaceAllString(string(text), "$1 when it was last used]")
}

// lastUse ends the row of a token, which is known by its hash: when it was last used is
// noted whatever was asked with it.
var lastUse = regexp.MustCompile(`(?m)^(\[\d+,"[^"]*",\d+,"[0-9a-f]{64}",.*,)\d+\]$`)

// changed are the tables of two dumps that differ, with some of their lines, but for
// those that are left out.
func changed(before, after string, but ...string) (out []string) {
	is, was := tablesOf(after), tablesOf(before)
	for name := range is {
		if is[name] != was[name] && !slices.Contains(but, name) {
			out = append(out, name+":\n"+difference(was[name], is[name]))
		}
	}
	return out
}

// tablesOf are the rows of each table of a dump, which names a table before its rows.
func tablesOf(dump string) map[string]string {
	out, name := map[string]string{}, ""
	for line := range strings.Lines(dump) {
		if rest, ok := strings.CutPrefix(line, `{"table":"`); ok {
			name, _, _ = strings.Cut(rest, `"`)
		}
		if strings.HasPrefix(line, `{"rows":`) { // the end
			name = ""
		}
		if name != "" {
			out[name] += line
		}
	}
	return out
}
