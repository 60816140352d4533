package fakeoc_test

import (
	"bytes"
	"encoding/json"
	"fmt"
	"io"
	"maps"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"coopcloud.tech/goodstanding/internal/fakeoc"
)

// parsedFault is a fault from its text.
func parsedFault(t *testing.T, text string) fakeoc.Fault {
	t.Helper()
	f, err := fakeoc.ParseFault(text)
	if err != nil {
		t.Fatal(err)
	}
	return f
}

// What a fault's text says, and how it is written again.
func TestAFaultHasOneText(t *testing.T) {
	for text, want := range map[string]string{
		"fault 429 retry-after=37.412 on DuesOrders times=2": "",
		"429 on DuesOrders,DuesRefunds always":               "fault 429 on DuesOrders,DuesRefunds",
		"empty":                                              "fault empty",
		" fault  stale  age=3 nth=2 ":                        "fault stale age=3 nth=2",
		"hang at=0.5 from=3 times=4":                         "fault hang at=0.5 from=3 times=4",
		"hang from=3":                                        "fault hang from=3",
		"hang times=1":                                       "fault hang times=1",
		`value to="x" at=nodes[*].tier.id`:                   `fault value at=nodes[*].tier.id to="x"`,
	} {
		if want == "" {
			want = text
		}
		f := parsedFault(t, text)
		if f.String() != want {
			t.Errorf("%q is written %q, want %q", text, f, want)
		}
		if again := parsedFault(t, f.String()); again.String() != want {
			t.Errorf("%q does not read as itself: %q", f, again)
		}
	}
	for _, k := range fakeoc.FaultKinds() {
		f := fakeoc.Fault{Kind: k.Name, Params: k.Params, On: k.On}
		maps.DeleteFunc(f.Params, func(_, v string) bool { return v == "" })
		if got := parsedFault(t, f.String()).String(); got != f.String() || k.Words == "" {
			t.Errorf("%s reads as %s (%q)", f, got, k.Words)
		}
	}
}

// What is not known is refused with what is.
func TestAnUnknownFaultIsRefused(t *testing.T) {
	for text, want := range map[string]string{
		"":                           `it names no kind: known are 401, 429, archived, bl`,
		"fault earthquake":           `the kind "earthquake" is not known: known are 401, 429, archived, bl`,
		"429 retry=3":                `429 has no parameter "retry": known are as=json, limit=, reset=, retry-after=`,
		"empty at=0":                 `empty has no parameter "at": it has none`,
		"429 as=music":               `as=music: want one of json, page, nothing`,
		"429 on DuesOrder,Dues":      `the operation "Dues" is not known: known are DuesPreflight, DuesOrders, DuesOrdersFrom`,
		"429 times=0":                `times=0: want a whole number from 1 on`,
		"429 nth=x":                  `nth=x: want a whole number from 1 on`,
		"429 often":                  `"often" is not understood: want NAME=VALUE, "on OPERATION", always, times=N, from=K or nth=K`,
		"429 on":                     `"on" is not understood`,
		"truncated at=2":             `at=2: want a share from 0 to 1 such as 0.5`,
		"drip every=fast":            `every=fast: want a span of time such as 20ms`,
		"huge bytes=much":            `bytes=much: want a whole number such as 1073741824`,
		"status code=99":             `code=99: want a status from 200 to 599 such as 500`,
		"value to={":                 `to={: want JSON without spaces such as null`,
		"dropped at=nodes[x].status": `at=nodes[x].status: want a place in the answer such as nodes[0].amount, nodes[*].status or data.me`,
	} {
		_, err := fakeoc.ParseFault(text)
		if err == nil || !strings.Contains(err.Error(), want) || !strings.HasPrefix(err.Error(), `fault "`) {
			t.Errorf("%q: %v\nwant %s", text, err, want)
		}
	}
	f := fakeoc.NewFaults(http.NotFoundHandler())
	if err := f.Set(fakeoc.Fault{Kind: "empty"}, fakeoc.Fault{Kind: "earthquake"}); err == nil || len(f.List()) != 0 {
		t.Errorf("set all the same: %v, %v", err, f.List())
	}
}

// faulty serves the film's first scene behind faults.
func faulty(t *testing.T) (*fakeoc.Faults, *fakeoc.Film, string) {
	t.Helper()
	film, err := fakeoc.NewFilm()
	if err != nil {
		t.Fatal(err)
	}
	f, url := inFrontOf(t, film)
	return f, film, url
}

func inFrontOf(t *testing.T, film *fakeoc.Film) (*fakeoc.Faults, string) {
	t.Helper()
	f := fakeoc.NewFaults(film)
	server := httptest.NewServer(f)
	t.Cleanup(server.Close)
	return f, server.URL + "/graphql/v2"
}

// documents are the program's own queries by the names of their operations.
var documents = sync.OnceValues(func() (map[string]string, error) {
	files, err := filepath.Glob(filepath.Join("..", "..", "syncer", "opencollective", "queries", "*.graphql"))
	all := map[string]string{}
	for _, file := range files {
		text, err := os.ReadFile(file)
		if err != nil {
			return nil, err
		}
		name := regexp.MustCompile(`query (\w+)`).FindSubmatch(text)
		all[string(name[1])] = string(text)
	}
	return all, err
})

// question is the body that asks an operation about the film's collective; vars
// differ from the usual ones.
func question(t *testing.T, op string, vars map[string]any) string {
	t.Helper()
	known, err := documents()
	if err != nil || known[op] == "" {
		t.Fatalf("no query is called %s (%v)", op, err)
	}
	all := map[string]any{
		"slug": "coop-cloud-test", "id": "zky3xnvw-qrdzgjla-w659l0ma-8e76p4oy", "limit": 1000, "offset": 0, "children": false,
		"from": "2010-01-01T00:00:00Z", "since": "2010-01-01T00:00:00Z", "statuses": []string{"ACTIVE", "ERROR", "PAUSED", "PAID", "CANCELLED",
			"PENDING", "EXPIRED", "DISPUTED", "REFUNDED", "REJECTED", "PROCESSING", "IN_REVIEW", "NEW", "REQUIRE_CLIENT_CONFIRMATION"},
	}
	maps.Copy(all, vars)
	body, err := json.Marshal(map[string]any{"query": known[op], "variables": all})
	if err != nil {
		t.Fatal(err)
	}
	return string(body)
}

// sayFault asks one operation and describes everything about the answer that a
// client could notice; at most so many bytes of it are read.
func sayFault(t *testing.T, url, op string, most int64) string {
	t.Helper()
	return sayWithin(t, url, op, most, time.Minute)
}

func sayWithin(t *testing.T, url, op string, most int64, patience time.Duration) string {
	t.Helper()
	r, err := http.NewRequestWithContext(t.Context(), http.MethodPost, url, strings.NewReader(question(t, op, nil)))
	if err != nil {
		t.Fatal(err)
	}
	r.Header.Set("Content-Type", "application/json")
	r.Header.Set("Personal-Token", someToken)
	c := http.Client{Timeout: patience}
	resp, err := c.Do(r)
	if err != nil {
		return "no answer"
	}
	defer resp.Body.Close()
	body, err := io.ReadAll(io.LimitReader(resp.Body, most))
	return fmt.Sprint(resp.StatusCode, resp.Header["Content-Type"], resp.Header["Retry-After"], err != nil, " ", string(body))
}

// Each kind makes a difference to each operation that it strikes by itself, as
// far as the film's answers hold what it spoils, and none once it is cleared.
func TestEveryKindOfFaultStrikes(t *testing.T) {
	const most = 1 << 20
	asked := []string{"DuesPreflight", "DuesOrders", "DuesOrdersFrom", "DuesPausedByUser", "DuesTransactions", "DuesRefunds", "DuesTransactionsFrom", "DuesRefundsFrom"}
	// Where the film's answer has nothing of the kind, or a late answer is the same.
	silent := map[string][]string{
		"delay": asked, "stale": asked, "other-answer": {"DuesPreflight"}, "paused-none": nil, "partial": {"DuesPreflight", "DuesPausedByUser", "DuesTransactions", "DuesRefunds", "DuesTransactionsFrom", "DuesRefundsFrom"},
		"dropped": {"DuesPreflight", "DuesPausedByUser"}, "value-null": {"DuesPreflight", "DuesPausedByUser"}, "value": nil, "twice": {"DuesPreflight"}, "number-negative": nil,
	}
	film, err := fakeoc.NewFilm()
	if err == nil {
		err = film.Show(9)
	}
	if err != nil {
		t.Fatal(err)
	}
	for _, k := range fakeoc.FaultKinds() {
		t.Run(k.Name, func(t *testing.T) {
			t.Parallel()
			f, url := inFrontOf(t, film)
			good := map[string]string{}
			for _, op := range asked {
				good[op] = sayFault(t, url, op, most)
			}
			if err := f.Set(fakeoc.Fault{Kind: k.Name}); err != nil {
				t.Fatal(err)
			}
			struck, patience := 0, time.Minute
			if k.Patience {
				patience = 50 * time.Millisecond
			}
			for _, op := range asked {
				got := sayWithin(t, url, op, most, patience)
				meant := len(k.On) == 0 || slices.Contains(k.On, op)
				if got != good[op] {
					struck++
				}
				if got != good[op] && !meant {
					t.Errorf("%s is spoilt, too", op)
				}
				empty := op == "DuesPausedByUser" && slices.Contains(k.On, "DuesOrders")
				if got == good[op] && meant && !empty && !slices.Contains(silent[k.Name], op) {
					t.Errorf("%s is answered as ever: %.200s", op, got)
				}
			}
			if met := f.List()[0]; met.Struck == 0 || met.Struck != met.Met || (struck == 0 && silent[k.Name] == nil) {
				t.Errorf("struck %d of %d, %d answers differ", met.Struck, met.Met, struck)
			}
			f.Clear()
			if got := sayFault(t, url, "DuesOrders", most); got != good["DuesOrders"] {
				t.Errorf("cleared, and still %.200s", got)
			}
		})
	}
}

// Which of the matching requests are struck.
func TestWhichRequestsAFaultStrikes(t *testing.T) {
	for text, want := range map[string]string{
		"empty on DuesRefunds":                "XXXXXX",
		"empty on DuesRefunds times=2":        "XX....",
		"empty on DuesRefunds nth=3":          "..X...",
		"empty on DuesRefunds from=3":         "..XXXX",
		"empty on DuesRefunds from=2 times=3": ".XXX..",
		"empty on DuesOrders":                 "......",
	} {
		f, _, url := faulty(t)
		good := sayFault(t, url, "DuesRefunds", 1<<20)
		if err := f.Set(parsedFault(t, text)); err != nil {
			t.Fatal(err)
		}
		got := ""
		for range len(want) {
			sayFault(t, url, "DuesPreflight", 1<<20) // not counted
			if sayFault(t, url, "DuesRefunds", 1<<20) == good {
				got += "."
			} else {
				got += "X"
			}
		}
		if got != want {
			t.Errorf("%s strikes %s, want %s", text, got, want)
		}
		if s := f.List()[0]; s.Struck != strings.Count(want, "X") || (s.Struck > 0 && s.Met != len(want)) {
			t.Errorf("%s counts %d of %d", text, s.Struck, s.Met)
		}
	}
}

// Several faults strike one answer together, the first of the list last.
func TestFaultsStrikeTogether(t *testing.T) {
	f, _, url := faulty(t)
	if err := f.Set(
		parsedFault(t, "missing-matching row=0 on DuesRefunds"), parsedFault(t, "typed type=text/plain"),
		parsedFault(t, "half-matching keep=old on DuesRefunds"), parsedFault(t, "cut at=1"), parsedFault(t, "hang"),
	); err != nil {
		t.Fatal(err)
	}
	got := sayFault(t, url, "DuesRefunds", 1<<20)
	if !strings.Contains(got, `"totalCount":0`) || !strings.Contains(got, "[text/plain]") || !strings.Contains(got, "[] false") {
		t.Errorf("three refunds, half of them, less one, as text: %s", got)
	}
}

// The list can be changed while requests are answered.
func TestFaultsChangeWhileTheyServe(t *testing.T) {
	f, _, url := faulty(t)
	good := sayFault(t, url, "DuesPreflight", 1<<20)
	var wg sync.WaitGroup
	for range 4 {
		wg.Go(func() {
			for range 10 {
				if got := sayFault(t, url, "DuesPreflight", 1<<20); got != good && !strings.HasPrefix(got, "429") {
					t.Errorf("neither good nor refused: %s", got)
				}
			}
		})
	}
	for range 50 {
		if err := f.Set(fakeoc.Fault{Kind: "429", Times: 1}); err != nil {
			t.Error(err)
		}
		f.List()
		f.Clear()
	}
	wg.Wait()
}

// A cache that answers gives what was right once; the newest different answer
// is number 0.
func TestAStaleAnswer(t *testing.T) {
	f, film, url := faulty(t)
	said := map[int]string{}
	for _, step := range []int{0, 1, 2} {
		if err := film.Show(step); err != nil {
			t.Fatal(err)
		}
		said[step] = sayFault(t, url, "DuesOrders", 1<<20)
	}
	for age, step := range map[string]int{"0": 2, "1": 1, "2": 0, "3": 2} {
		if err := f.Set(parsedFault(t, "stale on DuesOrders age="+age)); err != nil {
			t.Fatal(err)
		}
		if got := sayFault(t, url, "DuesOrders", 1<<20); got != said[step] {
			t.Errorf("age %s is not scene %d", age, step)
		}
	}
	if err := f.Set(parsedFault(t, "other-answer of=DuesOrders on DuesRefunds")); err != nil {
		t.Fatal(err)
	}
	if got := sayFault(t, url, "DuesRefunds", 1<<20); got != said[2] {
		t.Error("the refunds are not answered with the orders")
	}
}

// What is no GraphQL request passes, body and all.
func TestOtherRequestsPass(t *testing.T) {
	f := fakeoc.NewFaults(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		b, _ := io.ReadAll(r.Body)
		_, _ = fmt.Fprintf(w, "%s %s %s", r.Method, r.URL.Path, b)
	}))
	if err := f.Set(parsedFault(t, "empty on DuesOrders")); err != nil {
		t.Fatal(err)
	}
	for _, c := range []struct{ method, body, want string }{
		{"GET", "", "GET /x "}, {"PUT", "abc", "PUT /x abc"}, {"POST", "no json", "POST /x no json"},
	} {
		w := httptest.NewRecorder()
		f.ServeHTTP(w, httptest.NewRequest(c.method, "/x", bytes.NewReader([]byte(c.body))))
		if w.Body.String() != c.want {
			t.Errorf("%s: %q, want %q", c.method, w.Body, c.want)
		}
	}
}
