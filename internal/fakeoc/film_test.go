package fakeoc_test

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net/http"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"coopcloud.tech/goodstanding/internal/fakeoc"
	"coopcloud.tech/goodstanding/internal/instant"
	"coopcloud.tech/goodstanding/member"
	"coopcloud.tech/goodstanding/syncer/opencollective"
)

const someToken = "0123456789abcdef0123456789abcdef01234567"

func film(t *testing.T) (*fakeoc.Film, string) {
	t.Helper()
	f, err := fakeoc.NewFilm()
	if err != nil {
		t.Fatal(err)
	}
	url, stop, err := fakeoc.Listen(f)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(stop)
	return f, url
}

func client(t *testing.T, url, token string, now func() instant.Instant) *opencollective.Client {
	t.Helper()
	c, err := opencollective.New(opencollective.Options{
		URL: url, Token: token, Now: now, Clock: time.Now, PerMinute: 100_000,
	})
	if err != nil {
		t.Fatal(err)
	}
	return c
}

// The numbers come from the files themselves, not from the code that loads them.
func TestEverySceneIsPulledWhole(t *testing.T) {
	f, url := film(t)
	scenes := f.Scenes()
	if len(scenes) != 11 {
		t.Fatalf("%d scenes, want 11", len(scenes))
	}
	var clock instant.Instant
	c := client(t, url, someToken, func() instant.Instant { return clock })
	for _, s := range scenes {
		t.Run(fmt.Sprintf("%02d", s.Step), func(t *testing.T) {
			var meta struct {
				RecordedAt                    time.Time
				Slug                          string
				Action                        []string
				Orders, Transactions, Refunds int
			}
			raw, err := os.ReadFile(filepath.Join("testdata", "film", fmt.Sprintf("%02d", s.Step), "meta.json"))
			if err != nil {
				t.Fatal(err)
			}
			if err := json.Unmarshal(raw, &meta); err != nil {
				t.Fatal(err)
			}
			if err := f.Show(s.Step); err != nil {
				t.Fatal(err)
			}
			clock = f.Clock(s.Step)
			snap, err := c.Pull(t.Context(), opencollective.PullRequest{Slug: meta.Slug})
			if err != nil {
				t.Fatal(err)
			}
			if got := [3]int{len(snap.Orders), len(snap.Charges), len(snap.Refunds)}; got != [3]int{meta.Orders, meta.Transactions, meta.Refunds} {
				t.Errorf("orders, charges, refunds %v, want %d, %d, %d", got, meta.Orders, meta.Transactions, meta.Refunds)
			}
			if snap.Anonymous || snap.NotAdmin || len(snap.Elsewhere)+snap.DroppedCharges != 0 {
				t.Errorf("flags: %v %v, dropped %d %d", snap.Anonymous, snap.NotAdmin, len(snap.Elsewhere), snap.DroppedCharges)
			}
			if snap.Requests != 5 { // every scene has a paused order
				t.Errorf("%d requests, want 5", snap.Requests)
			}
			if snap.Start != clock {
				t.Errorf("start %s, want the film's clock %s", snap.Start, clock)
			}
			if want := strings.Join(meta.Action, "; "); s.Action != want {
				t.Errorf("action %q, want %q", s.Action, want)
			}
			notLater(t, snap, clock)
		})
	}
}

// notLater: the film's clock is such that none of its facts lies in the future.
func notLater(t *testing.T, snap *opencollective.Snapshot, clock instant.Instant) {
	t.Helper()
	for _, o := range snap.Orders {
		if o.Created > clock || o.Updated > clock || o.Processed > clock {
			t.Errorf("order %s is later than the clock %s", o.ID, clock)
		}
	}
	for _, c := range snap.Charges {
		if c.Created > clock {
			t.Errorf("charge %s is later than the clock %s", c.ID, clock)
		}
	}
	for _, r := range snap.Refunds {
		if r.Created > clock || r.Charge == "" {
			t.Errorf("refund %s is later than the clock %s or gives back no charge", r.ID, clock)
		}
	}
}

func TestScenesDifferAsTheirWordsSay(t *testing.T) {
	f, url := film(t)
	c := client(t, url, someToken, func() instant.Instant { return 1 })
	var snap *opencollective.Snapshot
	givenBack := 0 // before the step
	order := func(step int, slug string) opencollective.Order {
		t.Helper()
		if snap != nil {
			givenBack = len(snap.Refunds)
		}
		if err := f.Show(step); err != nil {
			t.Fatal(err)
		}
		var err error
		if snap, err = c.Pull(t.Context(), opencollective.PullRequest{Slug: f.Slug()}); err != nil {
			t.Fatal(err)
		}
		for _, o := range snap.Orders {
			if o.Payer.Slug == slug {
				return o
			}
		}
		return opencollective.Order{}
	}
	for _, tt := range []struct {
		step  int
		words string
		slug  string
		is    func(opencollective.Order) bool
	}{
		{0, "The collective as it is at the start.", "ccf-alfa", func(o opencollective.Order) bool { return o.Status == "ACTIVE" }},
		{1, "ccf-alfa's payment fails for the first time.", "ccf-alfa", func(o opencollective.Order) bool { return o.Status == "ERROR" }},
		{2, "ccf-alfa is charged again, and pays.", "ccf-alfa", func(o opencollective.Order) bool { return o.Status == "ACTIVE" }},
		{3, "ccf-bravo cancels its contribution.", "ccf-bravo", func(o opencollective.Order) bool { return o.Status == "CANCELLED" }},
		{4, "ccf-mike changes its contribution to GBP 5.00.", "ccf-mike", func(o opencollective.Order) bool { return o.Amount.Minor == 500 }},
		{5, "ccf-november changes its contribution to GBP 10.00.", "ccf-november", func(o opencollective.Order) bool { return o.Amount.Minor == 1000 }},
		{6, "ccf-charlie's last payment is refunded.", "ccf-charlie", func(o opencollective.Order) bool { return o.ID != "" && len(snap.Refunds) == givenBack+1 }},
		{7, "ccf-oscar is called ccf-oscar-new from now on.", "ccf-oscar-new", func(o opencollective.Order) bool { return o.ID != "" }},
		{8, "ccf-newcomer joins with GBP 10.00 a month.", "ccf-newcomer", func(o opencollective.Order) bool { return o.Frequency == "MONTHLY" }},
		{9, "ccf-kilo's contribution is paused.", "ccf-kilo", func(o opencollective.Order) bool { return o.Status == "PAUSED" }},
		{10, "ccf-papa's account is deleted on Open Collective.", "ccf-papa", func(o opencollective.Order) bool { return o.ID == "" }},
	} {
		if got := f.Scenes()[tt.step].Words; got != tt.words {
			t.Errorf("scene %d says %q, want %q", tt.step, got, tt.words)
		}
		if o := order(tt.step, tt.slug); !tt.is(o) {
			t.Errorf("scene %d (%s) shows %s with status %q, amount %v", tt.step, tt.words, tt.slug, o.Status, o.Amount)
		}
	}
}

func TestClockIsTheNextSecond(t *testing.T) {
	f, _ := film(t)
	want, err := instant.Parse("2026-11-22T10:19:28Z")
	if err != nil {
		t.Fatal(err)
	}
	if got := f.Clock(8); got != want {
		t.Errorf("clock of scene 8 is %s, want %s: its newest order was made at 10:19:27.774", got, want)
	}
	if f.Clock(-1) != f.Clock(0) || f.Clock(99) != f.Clock(10) {
		t.Error("a step outside the film is not held to its ends")
	}
	if err := f.Show(11); err == nil || err.Error() != "the film has no scene 11: it has 0 to 10" {
		t.Errorf("Show(11): %v", err)
	}
}

func TestTheBeginningOfTransactionsIsHonoured(t *testing.T) {
	f, url := film(t)
	c := client(t, url, someToken, func() instant.Instant { return 1 })
	all, err := c.Pull(t.Context(), opencollective.PullRequest{Slug: f.Slug()})
	if err != nil {
		t.Fatal(err)
	}
	from := instant.Date(2026, 10, 1)
	some, err := c.Pull(t.Context(), opencollective.PullRequest{Slug: f.Slug(), TransactionsFrom: from})
	if err != nil {
		t.Fatal(err)
	}
	want := 0
	for _, ch := range all.Charges {
		if ch.Created >= from {
			want++
		}
	}
	if want == 0 || want == len(all.Charges) || len(some.Charges) != want {
		t.Errorf("%d charges from %s, want %d of %d", len(some.Charges), from, want, len(all.Charges))
	}
	if len(some.Orders) != len(all.Orders) {
		t.Errorf("%d orders, want all %d", len(some.Orders), len(all.Orders))
	}
}

func TestWithoutATokenOnlyTheAddressesAreMissing(t *testing.T) {
	f, url := film(t)
	at := func() instant.Instant { return 1 }
	admin, err := client(t, url, someToken, at).Pull(t.Context(), opencollective.PullRequest{Slug: f.Slug()})
	if err != nil {
		t.Fatal(err)
	}
	public, err := client(t, url, "", at).Pull(t.Context(), opencollective.PullRequest{Slug: f.Slug()})
	if err != nil {
		t.Fatal(err)
	}
	if !public.Anonymous || public.NotAdmin {
		t.Errorf("anonymous %v, not admin %v", public.Anonymous, public.NotAdmin)
	}
	seen := 0
	for i := range admin.Orders {
		seen += len(admin.Orders[i].Payer.Emails)
		if public.Orders[i].Payer.Emails != nil {
			t.Fatalf("order %s shows addresses to the public", public.Orders[i].ID)
		}
		admin.Orders[i].Payer.Emails = nil
	}
	if seen == 0 {
		t.Error("the administrator sees no address either")
	}
	if fmt.Sprint(admin.Orders, admin.Charges, admin.Refunds) != fmt.Sprint(public.Orders, public.Charges, public.Refunds) {
		t.Error("the public's view differs in more than the addresses")
	}
}

func TestLookUps(t *testing.T) {
	f, url := film(t)
	c := client(t, url, someToken, func() instant.Instant { return 1 })
	ctx := t.Context()
	a, err := c.Account(ctx, "zky3xnvw-qrdzgjla-w659l0ma-8e76p4oy")
	if err != nil || a.Slug != "ccf-charlie" || a.Type != "ORGANIZATION" || len(a.Emails) != 1 {
		t.Errorf("account by id: %+v, %v", a, err)
	}
	o, err := c.Order(ctx, "or_vVhwKtQc4gR6UR3i1TljM")
	if err != nil || o.ID != "wk7pe08n-4y6g9j9x-dojmlda3-roxvqzw4" || o.Payer.Slug != "ccf-charlie" {
		t.Errorf("order by its public id: %+v, %v", o.ID, err)
	}
	public := client(t, url, "", func() instant.Instant { return 1 })
	if a, err := public.Account(ctx, a.ID); err != nil || a.Emails != nil {
		t.Errorf("account by id, without a token: %+v, %v", a, err)
	}
	var missing *opencollective.NotFound
	if _, err := c.Account(ctx, "acc_000000000000000000000"); !errors.As(err, &missing) {
		t.Errorf("unknown account: %v", err)
	}
	if _, err := c.Order(ctx, "or_000000000000000000000"); !errors.As(err, &missing) {
		t.Errorf("unknown order: %v", err)
	}
	papa := payerID(t, c, f, "ccf-papa")
	if _, err := c.Account(ctx, papa); err != nil {
		t.Errorf("ccf-papa before it was deleted: %v", err)
	}
	if err := f.Show(10); err != nil {
		t.Fatal(err)
	}
	if _, err := c.Account(ctx, papa); !errors.As(err, &missing) {
		t.Errorf("ccf-papa after it was deleted: %v", err)
	}
}

func payerID(t *testing.T, c *opencollective.Client, f *fakeoc.Film, slug string) member.AccountID {
	t.Helper()
	snap, err := c.Pull(t.Context(), opencollective.PullRequest{Slug: f.Slug()})
	if err != nil {
		t.Fatal(err)
	}
	for _, o := range snap.Orders {
		if o.Payer.Slug == slug {
			return o.Payer.ID
		}
	}
	t.Fatalf("the film has no %s", slug)
	return ""
}

func TestSlug(t *testing.T) {
	f, url := film(t)
	c := client(t, url, someToken, func() instant.Instant { return 1 })
	if _, err := c.Pull(t.Context(), opencollective.PullRequest{Slug: strings.ToUpper(f.Slug())}); err != nil {
		t.Errorf("upstream's slugs are case-insensitive: %v", err)
	}
	var unknown *opencollective.SlugUnknown
	if _, err := c.Pull(t.Context(), opencollective.PullRequest{Slug: "somebody-else"}); !errors.As(err, &unknown) {
		t.Errorf("another slug: %v", err)
	}
	pinned := opencollective.PullRequest{Slug: "somebody-else", PinnedID: "r7my0k3p-dr9wabaa-ryb8q6lo-ev4nxzg0"}
	if _, err := c.Pull(t.Context(), pinned); !errors.As(err, &unknown) || unknown.Now != f.Slug() {
		t.Errorf("the pinned collective's slug of today is not named: %v", err)
	}
}

func post(t *testing.T, url, contentType, body string) (int, http.Header, string) {
	t.Helper()
	resp, err := http.Post(url, contentType, strings.NewReader(body))
	if err != nil {
		t.Fatal(err)
	}
	defer resp.Body.Close()
	b, err := io.ReadAll(resp.Body)
	if err != nil {
		t.Fatal(err)
	}
	return resp.StatusCode, resp.Header, string(bytes.TrimSpace(b))
}

func TestAnswersToOthers(t *testing.T) {
	_, url := film(t)
	status, h, _ := post(t, url, "application/json", `{"query":"query DuesPreflight { me { id } }","variables":{"slug":"coop-cloud-test"}}`)
	if status != 200 || h.Get("X-RateLimit-Limit") != "10" || h.Get("X-RateLimit-Remaining") == "" || h.Get("X-RateLimit-Reset") == "" {
		t.Errorf("status %d, headers %v", status, h)
	}
	for _, tt := range []struct {
		name, contentType, body string
		status                  int
		part                    string
	}{
		{"broken JSON", "application/json", `{"query`, 400, `"type":"entity.parse.failed"`},
		{"a form", "text/plain", `{}`, 400, `"code":"BAD_REQUEST"`},
		{"an unknown query", "application/json", `{"query":"query Other { nothing }"}`, 400, `"code":"GRAPHQL_VALIDATION_FAILED"`},
		{"orders of nobody", "application/json", question(t, "DuesOrders", map[string]any{"slug": "no"}), 200,
			`"code":"NotFound"`},
		{"too many at once", "application/json", question(t, "DuesOrders", map[string]any{"limit": 1001}), 200,
			`Cannot fetch more than 1,000 orders at the same time`},
		{"an offset", "application/json", question(t, "DuesOrders", map[string]any{"limit": 10, "offset": 44}), 200,
			`"totalCount":44,"limit":10,"offset":44,"nodes":[]`},
	} {
		if status, _, got := post(t, url, tt.contentType, tt.body); status != tt.status || !strings.Contains(got, tt.part) {
			t.Errorf("%s: %d %s, want %d with %s", tt.name, status, got, tt.status, tt.part)
		}
	}
	resp, err := http.Get(strings.TrimSuffix(url, "/graphql/v2") + "/elsewhere")
	if err != nil {
		t.Fatal(err)
	}
	resp.Body.Close()
	if resp.StatusCode != 404 {
		t.Errorf("another path: %d, want 404", resp.StatusCode)
	}
}
