package metrics

import (
	"net/http"
	"net/http/httptest"
	"regexp"
	"runtime"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/prometheus/client_golang/prometheus/testutil"

	"coopcloud.tech/goodstanding/decisions"
	"coopcloud.tech/goodstanding/eligibility"
	"coopcloud.tech/goodstanding/internal/instant"
	"coopcloud.tech/goodstanding/notify"
	"coopcloud.tech/goodstanding/roll"
)

// compare holds the metrics with the names against their text.
func compare(t *testing.T, m *Metrics, want string, names ...string) {
	t.Helper()
	for i := range names {
		names[i] = prefix + names[i]
	}
	if err := testutil.GatherAndCompare(m.Gatherer(), strings.NewReader(want), names...); err != nil {
		t.Error(err)
	}
}

func TestWaitingRequestsAreCounted(t *testing.T) {
	m := New("dev", "go")
	m.Waiting(1)
	m.Waiting(1)
	m.Waiting(-1)
	if got := testutil.ToFloat64(m.waiting); got != 1 {
		t.Errorf("%v wait, want 1", got)
	}
}

func TestPullsAreCountedByOutcome(t *testing.T) {
	m := New("dev", "go")
	m.Pulled("complete", instant.Date(2026, time.November, 1), 4*time.Second, 0)
	m.Pulled("complete", instant.Date(2026, time.November, 2), 6*time.Second, 0)
	m.Pulled("rate_limited", instant.Date(2026, time.November, 3), time.Second, 90*time.Second)
	for outcome, want := range map[string]float64{"complete": 2, "rate_limited": 1, "schema_drift": 0} {
		if got := testutil.ToFloat64(m.pulls.WithLabelValues(outcome)); got != want {
			t.Errorf("%s: %v, want %v", outcome, got, want)
		}
	}
	for outcome, want := range map[string]float64{"complete": 1793577600, "rate_limited": 1793664000, "schema_drift": 0} {
		if got := testutil.ToFloat64(m.pulled.WithLabelValues(outcome)); got != want {
			t.Errorf("%s last at %v, want %v", outcome, got, want)
		}
	}
	compare(t, m, `
# HELP goodstanding_upstream_wait_seconds How long the rate limit made the daemon wait after the last attempt to read Open Collective; 0 when it did not.
# TYPE goodstanding_upstream_wait_seconds gauge
goodstanding_upstream_wait_seconds 90
# HELP goodstanding_pull_duration_seconds How long attempts to read Open Collective took, waits included.
# TYPE goodstanding_pull_duration_seconds histogram
goodstanding_pull_duration_seconds_bucket{le="0.5"} 0
goodstanding_pull_duration_seconds_bucket{le="1"} 1
goodstanding_pull_duration_seconds_bucket{le="2"} 1
goodstanding_pull_duration_seconds_bucket{le="5"} 2
goodstanding_pull_duration_seconds_bucket{le="10"} 3
goodstanding_pull_duration_seconds_bucket{le="30"} 3
goodstanding_pull_duration_seconds_bucket{le="60"} 3
goodstanding_pull_duration_seconds_bucket{le="120"} 3
goodstanding_pull_duration_seconds_bucket{le="300"} 3
goodstanding_pull_duration_seconds_bucket{le="+Inf"} 3
goodstanding_pull_duration_seconds_sum 11
goodstanding_pull_duration_seconds_count 3
`, "upstream_wait_seconds", "pull_duration_seconds")
	if words := Outcomes(); len(words) != 19 || len(slices.Compact(slices.Sorted(slices.Values(words)))) != 19 {
		t.Errorf("the outcomes are %v", words)
	}
}

// TestNobodyChoosesALabel: a client's own words become none.
func TestNobodyChoosesALabel(t *testing.T) {
	m := New("dev", "go")
	m.Served("GET /api/v1/members", "BREW", 799, time.Second)
	m.Served("GET /api/v1/members", "GET", 200, time.Second)
	compare(t, m, `
# HELP goodstanding_http_requests_total Requests served, by route, method and status.
# TYPE goodstanding_http_requests_total counter
goodstanding_http_requests_total{method="GET",route="GET /api/v1/members",status="200"} 1
goodstanding_http_requests_total{method="other",route="GET /api/v1/members",status="other"} 1
`, "http_requests_total")
}

func TestTheDatabaseGoesAndComes(t *testing.T) {
	m := New("dev", "go")
	for _, up := range []bool{true, false, true} {
		m.Database(up)
		if got := testutil.ToFloat64(m.database); got != flag(up) {
			t.Errorf("up %v shows %v", up, got)
		}
	}
}

// TestNothingIsSaidOfTheRollBeforeItIsRead: no zero that would look like a roll
// without members.
func TestNothingIsSaidOfTheRollBeforeItIsRead(t *testing.T) {
	m := New("dev", "go")
	if n, err := testutil.GatherAndCount(m.Gatherer(), prefix+"members", prefix+"orders_seen", prefix+"last_snapshot_timestamp_seconds"); n != 0 || err != nil {
		t.Errorf("%d series, %v", n, err)
	}
	m.Show(Reading{
		Policy: "p", AsOf: instant.Date(2026, time.November, 1), Stale: true, NoDelegate: 3, Holds: 2, LateClocks: 5,
		Desk:      map[roll.DeskKind]int{roll.DeskRefunded: 4},
		States:    map[eligibility.State]int{eligibility.StateCurrent: 7},
		Rights:    map[eligibility.Right]Split{eligibility.Vote: {Yes: 6, No: 1}},
		Notices:   map[notify.State]int64{notify.BeforeStart: 9},
		Orders:    Orders{Seen: 4, Fates: map[Fate]int64{Matched: 3, Unmatched: 1}},
		Decisions: map[decisions.State]int{decisions.Overdue: 2}, Overdue: instant.Date(2026, time.October, 1), ReviewBy: instant.Date(2023, time.October, 31), BackedUp: instant.Date(2023, time.October, 30),
	})
	got := httptest.NewRecorder()
	m.ServeHTTP(got, httptest.NewRequest("GET", "/metrics", nil))
	for _, line := range []string{
		`goodstanding_policy_info{policy="p"} 1`, `goodstanding_last_snapshot_timestamp_seconds 1.7934912e+09`, `goodstanding_roll_stale 1`,
		`goodstanding_members_without_delegate 3`, `goodstanding_holds 2`, `goodstanding_late_clocks_total 5`,
		`goodstanding_desk_entries{kind="charge_refunded"} 4`, `goodstanding_desk_entries{kind="slug_taken"} 0`,
		`goodstanding_members{state="current"} 7`, `goodstanding_members{state="lapsed"} 0`,
		`goodstanding_rights{right="vote",verdict="yes"} 6`, `goodstanding_rights{right="vote",verdict="no"} 1`,
		`goodstanding_notices{state="before_start"} 9`, `goodstanding_orders_seen 4`, `goodstanding_orders{fate="matched"} 3`,
		`goodstanding_decisions{state="overdue"} 2`, `goodstanding_decisions{state="open"} 0`, `goodstanding_decisions_overdue_since_timestamp_seconds 1.7908128e+09`,
		`goodstanding_dues_review_timestamp_seconds 1.6987104e+09`, `goodstanding_last_backup_timestamp_seconds 1.698624e+09`,
	} {
		if !strings.Contains(got.Body.String(), line+"\n") {
			t.Errorf("%s is missing in:\n%s", line, got.Body)
		}
	}
}

// What held when it was last looked at, and when that was.
func TestInvariantsAreShown(t *testing.T) {
	m := New("dev", "go")
	m.Inspected(instant.Date(2026, 5, 4), map[string]bool{"notices": true, "standings": true})
	m.Inspected(instant.Date(2026, 5, 5), map[string]bool{"notices": true, "standings": false})
	compare(t, m, `
# HELP goodstanding_invariant_ok 1 when the invariant held the last time it was looked at, else 0; nothing before the first look.
# TYPE goodstanding_invariant_ok gauge
goodstanding_invariant_ok{invariant="notices"} 1
goodstanding_invariant_ok{invariant="standings"} 0
# HELP goodstanding_invariants_checked_timestamp_seconds When the invariants were last looked at; 0 before the first look.
# TYPE goodstanding_invariants_checked_timestamp_seconds gauge
goodstanding_invariants_checked_timestamp_seconds 1.7779392e+09
`, "invariant_ok", "invariants_checked_timestamp_seconds")
}

// A scrape also tells what Go and the kernel know of the process.
func TestTheProcessIsShown(t *testing.T) {
	w := httptest.NewRecorder()
	New("1", "go").ServeHTTP(w, httptest.NewRequest(http.MethodGet, "/metrics", nil))
	want := []string{"goodstanding_build_info", "go_goroutines"}
	if runtime.GOOS == "linux" {
		want = append(want, "process_resident_memory_bytes", "process_open_fds")
	}
	for _, name := range want {
		if !regexp.MustCompile(`(?m)^` + name + `(\{.*\})? [1-9]`).MatchString(w.Body.String()) {
			t.Errorf("a scrape has no %s:\n%s", name, w.Body)
		}
	}
}
