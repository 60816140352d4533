package deploy

import (
	"bytes"
	"encoding/json"
	"flag"
	"fmt"
	"io"
	"net"
	"net/http"
	"net/http/httptest"
	"net/url"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"sync"
	"syscall"
	"testing"
	"time"
)

var withPrometheus = flag.Bool("alerts", false, "send an alert through a Prometheus and an Alertmanager that are started for it")

// delivered is one alert as the Alertmanager hands it on.
type delivered struct {
	Status              string
	Labels, Annotations map[string]string
}

// inbox is whoever is told of alerts.
type inbox struct {
	mu  sync.Mutex
	all []delivered
}

// ServeHTTP takes what the Alertmanager posts.
func (b *inbox) ServeHTTP(_ http.ResponseWriter, r *http.Request) {
	var body struct{ Alerts []delivered }
	if json.NewDecoder(r.Body).Decode(&body) != nil {
		return
	}
	b.mu.Lock()
	defer b.mu.Unlock()
	b.all = append(b.all, body.Alerts...)
}

// find is the first alert of this name and status.
func (b *inbox) find(name, status string) (delivered, bool) {
	b.mu.Lock()
	defer b.mu.Unlock()
	i := slices.IndexFunc(b.all, func(d delivered) bool { return d.Labels["alertname"] == name && d.Status == status })
	if i < 0 {
		return delivered{}, false
	}
	return b.all[i], true
}

// stage is where programs of a test run, each of which ends with it.
type stage struct {
	t   *testing.T
	dir string
}

func (s *stage) port() string {
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		s.t.Fatal(err)
	}
	defer l.Close()
	return l.Addr().String()
}

func (s *stage) file(name, text string) string {
	path := filepath.Join(s.dir, name)
	if err := os.WriteFile(path, []byte(text), 0o600); err != nil {
		s.t.Fatal(err)
	}
	return path
}

// start runs a program until the test ends; what it said is shown if that fails.
func (s *stage) start(env []string, name string, args ...string) *exec.Cmd {
	s.t.Helper()
	c := exec.Command(name, args...)
	var out bytes.Buffer
	c.Dir, c.Env, c.Stdout, c.Stderr = s.dir, env, &out, &out
	if err := c.Start(); err != nil {
		s.t.Fatal(err)
	}
	s.t.Cleanup(func() {
		_ = c.Process.Signal(syscall.SIGTERM) // ended already is as good
		_ = c.Wait()
		if s.t.Failed() {
			s.t.Logf("%s said:\n%s", filepath.Base(name), out.String())
		}
	})
	return c
}

// until waits for something.
func (s *stage) until(what string, ok func() bool) {
	s.t.Helper()
	began := time.Now()
	for !ok() {
		if time.Since(began) > 90*time.Second {
			s.t.Fatalf("%s: not within 90 s", what)
		}
		time.Sleep(100 * time.Millisecond)
	}
	s.t.Logf("%5.1f s  %s", time.Since(began).Seconds(), what)
}

func answers(url string) bool {
	res, err := http.Get(url)
	if err != nil {
		return false
	}
	_, _ = io.Copy(io.Discard, res.Body)
	_ = res.Body.Close()
	return res.StatusCode == http.StatusOK
}

// upstream starts a fake Open Collective of today with a token in the given state.
func (s *stage) upstream(program, state string) (address string, control func(path, body string)) {
	at := s.port()
	s.start(nil, program, "fake-opencollective", "federation", "--address", at)
	s.until("a fake Open Collective answers", func() bool { return answers("http://" + at + "/control") })
	control = func(path, body string) {
		res, err := http.Post("http://"+at+"/control/"+path, "application/x-www-form-urlencoded", strings.NewReader(body))
		if err != nil {
			s.t.Fatal(err)
		}
		defer res.Body.Close()
		if said, _ := io.ReadAll(res.Body); res.StatusCode != http.StatusOK {
			s.t.Fatalf("%s %s: %s", path, body, said)
		}
	}
	control("clock", url.Values{"to": {time.Now().UTC().Format("2006-01-02")}}.Encode())
	control("do", "token SECRET "+fakeAdmin+" transactions")
	control("do", "token-state SECRET "+state)
	return "http://" + at + "/graphql/v2", control
}

// fakeAdmin is the administrator of the fake's collective.
const fakeAdmin = "ada-admin"

// daemon starts the program on an upstream, and says where its metrics are.
func (s *stage) daemon(program, name, upstream string) (metrics string, c *exec.Cmd) {
	metrics = s.port()
	c = s.start([]string{"GOODSTANDING_DATA=" + filepath.Join(s.dir, name), "GOODSTANDING_OC_SLUG=loose-knot", "GOODSTANDING_OC_URL=" + upstream,
		"GOODSTANDING_OC_TOKEN_FILE=" + s.file(name+".token", "SECRET"), "GOODSTANDING_METRICS_LISTEN=" + metrics, "GOODSTANDING_LISTEN=" + s.port(),
		"GOODSTANDING_LOG_LEVEL=info"}, program, "serve")
	return metrics, c
}

// TestAlertsArrive: a token that Open Collective does not accept any more is told
// by a real Prometheus with the rules as they are to a real Alertmanager, and by
// that to a webhook; it is told again when the token is good, and nothing is told of
// a daemon that is well.
func TestAlertsArrive(t *testing.T) {
	if !*withPrometheus {
		t.Skip("make alerts runs it")
	}
	s := &stage{t: t, dir: t.TempDir()}
	program := filepath.Join(s.dir, "goodstanding")
	if out, err := exec.Command("go", "build", "-trimpath", "-buildvcs=false", "-o", program, "../cmd/goodstanding").CombinedOutput(); err != nil {
		t.Fatalf("%v\n%s", err, out)
	}
	box := &inbox{}
	hook := httptest.NewServer(box)
	defer hook.Close()
	expired, control := s.upstream(program, "expired")
	good, _ := s.upstream(program, "good")
	ill, daemon := s.daemon(program, "ill", expired)
	well, _ := s.daemon(program, "well", good)

	alertmanager, prometheus := s.port(), s.port()
	s.start(nil, "prometheus-alertmanager", "--config.file="+s.file("am.yml",
		"route: {receiver: hook, group_by: [alertname, job], group_wait: 0s, group_interval: 1s, repeat_interval: 1h}\n"+
			"receivers: [{name: hook, webhook_configs: [{url: '"+hook.URL+"', send_resolved: true}]}]\n"),
		"--storage.path="+filepath.Join(s.dir, "am"), "--web.listen-address="+alertmanager, "--cluster.listen-address=")
	rules, err := filepath.Abs("prometheus/rules.yml")
	if err != nil {
		t.Fatal(err)
	}
	s.start(nil, "prometheus", "--storage.tsdb.path="+filepath.Join(s.dir, "tsdb"), "--web.listen-address="+prometheus, "--config.file="+s.file("prometheus.yml", fmt.Sprintf(`
global: {scrape_interval: 1s, evaluation_interval: 1s}
rule_files: [%q]
alerting: {alertmanagers: [{static_configs: [{targets: [%q]}]}]}
scrape_configs:
  - {job_name: goodstanding, static_configs: [{targets: [%q]}]}
  - {job_name: goodstanding-well, static_configs: [{targets: [%q]}]}
`, rules, alertmanager, ill, well)))
	s.until("Prometheus and the Alertmanager are ready", func() bool {
		return answers("http://"+prometheus+"/-/ready") && answers("http://"+alertmanager+"/-/ready")
	})

	s.until("the alert arrives at the webhook", func() bool { _, ok := box.find("GoodstandingTokenRefused", "firing"); return ok })
	told, _ := box.find("GoodstandingTokenRefused", "firing")
	if told.Labels["job"] != "goodstanding" || told.Labels["severity"] != "warning" || told.Annotations["runbook"] != "docs/runbook.md#goodstandingtokenrefused" {
		t.Errorf("it says %+v", told)
	}
	t.Logf("told: %s: %s", told.Labels["alertname"], told.Annotations["summary"])

	control("do", "token-state SECRET good")
	if err := daemon.Process.Signal(syscall.SIGHUP); err != nil {
		t.Fatal(err)
	}
	s.until("the token is good again and that arrives, too", func() bool { _, ok := box.find("GoodstandingTokenRefused", "resolved"); return ok })
	box.mu.Lock()
	defer box.mu.Unlock()
	for _, d := range box.all {
		if d.Labels["job"] == "goodstanding-well" {
			t.Errorf("a daemon that is well is told of: %+v", d)
		}
	}
}
