package main

import (
	"encoding/json"
	"fmt"
	"net/http"
	"os"
	"strings"
	"syscall"
	"testing"
	"time"

	"coopcloud.tech/goodstanding/store"
)

// TestAWaiverOnTheCommandLineIsServed: what another command writes while serve
// runs is answered within two seconds, and the audit chain is whole.
func TestAWaiverOnTheCommandLineIsServed(t *testing.T) {
	eachEngine(t, func(t *testing.T, w *world) {
		token := w.token()
		leakless(t)
		s := w.serve()
		state := func() string {
			a := get(t, s.url+"/api/v1/members/foxtrot-tech/eligibility", token)
			var v struct{ State string }
			if err := json.Unmarshal([]byte(a.body), &v); err != nil || a.status != http.StatusOK {
				t.Fatalf("%d %s", a.status, a.body)
			}
			return v.State
		}
		if was := state(); was == "waived" {
			t.Fatal("foxtrot's dues are waived before")
		}
		w.must("waive", "foxtrot", "--until", "2027-06-01", "--reason", "solidarity")
		s.until("the waiver is answered", func() bool { return state() == "waived" })
		s.until("the waiver is counted", func() bool { return s.metric(`goodstanding_members{state="waived"}`) == "1" })
		verifyAudit(t, w)
		s.stop()
		has(t, s.out.String(), "Stopped.")
	})
}

func verifyAudit(t *testing.T, w *world) {
	t.Helper()
	db, err := store.Open(t.Context(), w.env["GOODSTANDING_DATABASE"], store.Options{Version: "test"})
	if err != nil {
		t.Fatal(err)
	}
	defer db.Close()
	err = db.View(t.Context(), func(tx *store.Tx) error {
		report, err := tx.VerifyAudit(t.Context())
		if err == nil && (!report.OK() || report.Rows == 0) {
			t.Errorf("the audit chain: %+v", report)
		}
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
}

// TestServeTellsWhatItUses on one screen, with and without a token.
func TestServeTellsWhatItUses(t *testing.T) {
	w := adopted(t)
	w.env["GOODSTANDING_PUBLIC_URL"] = "https://roll.example.org"
	w.env["GOODSTANDING_TRUSTED_PROXIES"] = "10.0.0.5, 172.16.0.0/12"
	w.env["GOODSTANDING_CONFIG"] = w.file("settings.yaml", "federation: {name: Example Federation}\n")
	s := w.serve("--metrics-listen", "off")
	screen := s.out.String()
	has(t, screen, "serves Example Federation", "coop-cloud-test at "+w.url+", every 30m0s", "sqlite://"+w.dir,
		"£10.00 a month, by policy seed-2022", "reached by the world at https://roll.example.org", "Metrics", "off",
		"trusted: 10.0.0.5/32, 172.16.0.0/12", "Mails", "provider list not published", fmt.Sprintf("kill -HUP %d", os.Getpid()))
	if strings.Contains(screen, noToken) {
		t.Error("it says that there is no token, although there is one")
	}
	if n := strings.Count(screen, "\n"); n > 20 {
		t.Errorf("%d lines are no screen:\n%s", n, screen)
	}
	s.stop()
	delete(w.env, "GOODSTANDING_OC_TOKEN")
	has(t, w.serve().out.String(), noToken)
}

func TestServeTellsMachines(t *testing.T) {
	w := adopted(t)
	s := w.begin("--json")
	s.until("it tells", func() bool { return strings.HasSuffix(s.out.String(), "}\n") })
	var told struct {
		Listening, Metrics, Policy, Every string
		Token                             bool
	}
	if err := json.Unmarshal([]byte(s.out.String()), &told); err != nil {
		t.Fatalf("%v\n%s", err, s.out.String())
	}
	if told.Policy != "seed-2022" || !told.Token || told.Every != "30m0s" {
		t.Errorf("told %+v", told)
	}
	if a := get(t, told.Listening+"/healthz", ""); a.status != http.StatusOK || a.header.Get("Server") != "goodstanding" {
		t.Errorf("/healthz: %+v", a)
	}
	has(t, get(t, told.Metrics, "").body, "goodstanding_build_info")
	s.stop()
	if strings.Contains(s.out.String(), "Stopped") {
		t.Error("more than JSON on standard output")
	}
}

// TestASecondServeIsRefused on the same SQLite file, also by another name, and
// not once the first one has gone. Every other command works beside it.
func TestASecondServeIsRefused(t *testing.T) {
	w := adopted(t)
	one := w.serve()
	const want = "another goodstanding serve runs on the database sqlite://DIR/data/goodstanding.db: stop that one first, or name another database " +
		"(every other command works beside it, and on PostgreSQL several may serve)"
	if got := w.fails(exitFailed, "serve"); got != want {
		t.Errorf("got  %s\nwant %s", got, want)
	}
	if err := os.Symlink(w.dir+"/data/goodstanding.db", w.dir+"/other.db"); err != nil {
		t.Fatal(err)
	}
	if got := w.fails(exitFailed, "serve", "--database", "sqlite://"+w.dir+"/other.db"); !strings.HasPrefix(got, "another goodstanding serve runs") {
		t.Error(got)
	}
	for _, line := range []string{"status", "roll", "explain foxtrot", "sync", "members list", "token list", "check-config --connect", "migrate", "healthcheck"} {
		w.must(strings.Fields(line)...)
	}
	one.stop()
	w.serve().stop()
}

// TestSeveralServeOnPostgres side by side, and both see what is written.
func TestSeveralServeOnPostgres(t *testing.T) {
	eachEngine(t, func(t *testing.T, w *world) {
		if strings.HasPrefix(w.env["GOODSTANDING_DATABASE"], "sqlite") {
			t.Skip("one daemon per SQLite file")
		}
		token := w.token()
		both := []*serving{w.serve(), w.serve()}
		w.must("waive", "foxtrot", "--until", "2027-06-01", "--reason", "solidarity")
		for _, s := range both {
			s.until("the waiver is answered", func() bool {
				return strings.Contains(get(t, s.url+"/api/v1/members/foxtrot-tech/eligibility", token).body, `"waived"`)
			})
		}
	})
}

// TestAFreshStoreIsReadAtOnce: serve needs no sync before it.
func TestAFreshStoreIsReadAtOnce(t *testing.T) {
	w := newWorld(t)
	s := w.serve()
	s.until("a first reading", func() bool { return s.metric(`goodstanding_pulls_total{outcome="complete"}`) == "1" })
	has(t, w.must("status"), "reading no. 1")
	s.until("it is shown", func() bool { return s.metric("goodstanding_orders_seen") == "44" })
}

// TestARecentReadingIsNotRepeated at every start.
func TestARecentReadingIsNotRepeated(t *testing.T) {
	w := adopted(t)
	w.clock = w.clock.Add(20 * time.Second)
	s := w.serve()
	s.until("the roll is shown", func() bool { return s.metric("goodstanding_orders_seen") == "44" })
	if n := s.metric(`goodstanding_pulls_total{outcome="complete"}`); n != "0" {
		t.Errorf("it read %s times although a reading is 20 seconds old", n)
	}
	has(t, w.must("status"), "reading no. 1")
}

// TestServeStopsInTheMiddle of a reading that does not end by itself, without an
// error and without leaving anything behind.
func TestServeStopsInTheMiddle(t *testing.T) {
	w, u := behind(t)
	held := make(chan struct{})
	u.front = func(_ http.ResponseWriter, r *http.Request, _ string) bool {
		close(held)
		<-r.Context().Done()
		return true
	}
	leakless(t)
	s := w.serve()
	<-held
	began := time.Now()
	s.stop()
	if took := time.Since(began); took > 3*time.Second {
		t.Errorf("it took %s to stop", took)
	}
}

// TestAnAddressThatIsTaken is said with the remedy, and nothing is left open.
func TestAnAddressThatIsTaken(t *testing.T) {
	w := adopted(t)
	other := worldOn(t, http.NotFoundHandler())
	taken := strings.TrimPrefix(strings.TrimSuffix(other.url, "/graphql/v2"), "http://")
	leakless(t)
	for _, setting := range []string{"listen", "metrics-listen"} {
		args := []string{"serve", "--listen", "127.0.0.1:0", "--" + setting, taken}
		want := "--" + setting + ": " + taken + " cannot be listened on (bind: address already in use): choose another address, or stop the program that has it"
		if got := w.fails(exitUsage, args...); got != want {
			t.Errorf("got  %s\nwant %s", got, want)
		}
	}
}

func hangUp(t *testing.T) {
	t.Helper()
	self, err := os.FindProcess(os.Getpid())
	if err == nil {
		err = self.Signal(syscall.SIGHUP)
	}
	if err != nil {
		t.Fatal(err)
	}
}

// TestASIGHUPReadsSettingsAndPolicyAgain: a bad one is refused with all its
// faults and the old one stays, a good one holds.
func TestASIGHUPReadsSettingsAndPolicyAgain(t *testing.T) {
	w := adopted(t)
	settings := "listen: 127.0.0.1:0\nfederation: {name: One}\n"
	w.env["GOODSTANDING_CONFIG"] = w.file("settings.yaml", settings)
	leakless(t)
	s := w.serve()
	w.must("providers", "publish")
	answers := func() string { return get(t, s.url+"/api/v1/providers", "").body }
	s.until("the list is public", func() bool { return strings.Contains(answers(), `"federation": "One"`) })

	w.file("settings.yaml", "sync_every: 1s\nlogg_level: info\npublic_url: nowhere\n")
	hangUp(t)
	s.until("it refuses the settings", func() bool { return strings.Contains(s.errs.String(), "stay as they were") })
	has(t, s.errs.String(), "settings.yaml:1:13: 1s is too often", `settings.yaml:2:1: \"logg_level\" is no key of the file; the nearest is \"log_level\"`,
		"settings.yaml:3:13: is no address")
	has(t, answers(), `"federation": "One"`)

	text := w.must("policy", "init", "seed-2022")
	broken := strings.Replace(strings.Replace(text, "id: seed-2022", "id: winter-2026", 1), "grace: 21d", "grace: 2d", 1)
	w.file("settings.yaml", settings+"policy: policy.yaml\n")
	w.file("policy.yaml", broken)
	hangUp(t)
	s.until("it refuses the policy", func() bool { return strings.Count(s.errs.String(), "stay as they were") == 2 })
	has(t, s.errs.String(), "policy.yaml:", "21d")

	w.file("settings.yaml", strings.Replace(settings, "One", "Two", 1)+"policy: policy.yaml\n")
	later := strings.Replace(strings.Replace(text, "id: seed-2022", "id: spring-2027", 1), "from: 2022-05-15", "from: 2027-03-01", 1)
	w.file("policy.yaml", later)
	hangUp(t)
	s.until("it takes the settings over", func() bool { return strings.Contains(s.out.String(), "were read again: policy seed-2022 is in force") })
	has(t, w.must("policy", "show", "--at", "2027-03-02"), "spring-2027")
	s.until("it answers by the new settings", func() bool { return strings.Contains(answers(), `"federation": "Two"`) })
	s.stop()
}

// TestSettingsThatNeedAStart are named, and kept until then.
func TestSettingsThatNeedAStart(t *testing.T) {
	w := adopted(t)
	w.env["GOODSTANDING_CONFIG"] = w.file("settings.yaml", "")
	s := w.serve()
	w.file("settings.yaml", "data: elsewhere\nmetrics_listen: off\n")
	hangUp(t)
	s.until("it reads them", func() bool { return strings.Contains(s.out.String(), "were read again") })
	if strings.Contains(s.errs.String(), "next start") {
		t.Errorf("the environment and the flags hold, not the file:\n%s", s.errs.String())
	}
	if got := fmt.Sprint(fixedSettings(
		&Config{Listen: "a", MetricsListen: "b", Data: "c", Database: "d", PublicURL: "e"},
		&Config{Listen: "1", MetricsListen: "2", Data: "3", Database: "4", PublicURL: "5"})); got != "[LISTEN METRICS_LISTEN DATA DATABASE]" {
		t.Errorf("fixed are %s", got)
	}
}

// TestHealthcheckAsksTheDaemon where one listens, and the database elsewhere.
func TestHealthcheckAsksTheDaemon(t *testing.T) {
	w := adopted(t)
	s := w.serve()
	address := strings.TrimPrefix(s.url, "http://")
	has(t, w.must("healthcheck", "--listen", address), "healthy: goodstanding serves on "+address)
	has(t, w.must("healthcheck", "--listen", address, "--json"), `"healthy": true`)
	s.stop()
	has(t, w.must("healthcheck", "--listen", address), "healthy: the database sqlite://DIR/data/goodstanding.db answers")
	stranger := worldOn(t, http.NotFoundHandler())
	at := strings.TrimPrefix(strings.TrimSuffix(stranger.url, "/graphql/v2"), "http://")
	has(t, w.must("healthcheck", "--listen", at), "healthy: the database")

	sick := worldOn(t, http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) {
		w.Header().Set("Server", "goodstanding")
		w.WriteHeader(http.StatusInternalServerError)
	}))
	at = strings.TrimPrefix(strings.TrimSuffix(sick.url, "/graphql/v2"), "http://")
	if got := w.fails(exitFailed, "healthcheck", "--listen", at); got != "unhealthy: http://"+at+"/healthz answers 500 Internal Server Error" {
		t.Error(got)
	}
	hung := worldOn(t, http.HandlerFunc(func(_ http.ResponseWriter, r *http.Request) { <-r.Context().Done() }))
	at = strings.TrimPrefix(strings.TrimSuffix(hung.url, "/graphql/v2"), "http://")
	if got := w.fails(exitFailed, "healthcheck", "--listen", at); got != "unhealthy: http://"+at+"/healthz does not answer within 3s" {
		t.Error(got)
	}
}

// TestServeWithABadSettingStartsNothing, and all faults are told at once.
func TestServeWithABadSettingStartsNothing(t *testing.T) {
	w := newWorld(t)
	leakless(t)
	got := w.fails(exitUsage, "serve", "--listen", "8080", "--metrics-listen", "x:y", "--public-url", "roll", "--trusted-proxies", "10.0.0.1,proxy")
	for _, want := range []string{
		`--listen: "8080" is no address to listen on: write HOST:PORT, such as 127.0.0.1:8080, or :8080 for every address of this host`,
		`--metrics-listen: "x:y" is no address to listen on: write HOST:PORT, such as 127.0.0.1:9464, or off`,
		`--public-url: is no address: write where the world reaches this server, such as https://roll.example.org`,
		`--trusted-proxies: "proxy" is no address of a proxy: write addresses or networks, such as 10.0.0.5, 172.16.0.0/12`,
	} {
		has(t, got, want)
	}
	if got := w.fails(exitUsage, "serve", "--listen", ":8080", "--metrics-listen", ":8080"); !strings.Contains(got, "is the address of the API, too") {
		t.Error(got)
	}
	if got := w.fails(exitUsage, "serve", "--public-url", "https://a.example/?x=1"); !strings.Contains(got, "carries a user, a query or a fragment") {
		t.Error(got)
	}
}
