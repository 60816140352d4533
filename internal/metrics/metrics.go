package metrics

import (
	"net/http"
	"strconv"
	"time"

	"github.com/prometheus/client_golang/prometheus"
	"github.com/prometheus/client_golang/prometheus/collectors"
	"github.com/prometheus/client_golang/prometheus/promhttp"

	"coopcloud.tech/goodstanding/internal/instant"
	"coopcloud.tech/goodstanding/notify"
	"coopcloud.tech/goodstanding/syncer"
	"coopcloud.tech/goodstanding/syncer/opencollective"
)

// prefix begins the name of every metric.
const prefix = "goodstanding_"

// Metrics are the metrics of one daemon. They are safe for concurrent use.
type Metrics struct {
	registry *prometheus.Registry
	process  *prometheus.Registry // what Go and the kernel say of the process
	roll     *rollCollector

	pulls       *prometheus.CounterVec
	pulled      *prometheus.GaugeVec
	pullTook    prometheus.Histogram
	requests    *prometheus.CounterVec
	wait        prometheus.Gauge
	waiting     prometheus.Gauge
	database    prometheus.Gauge
	leads       prometheus.Gauge
	served      *prometheus.CounterVec
	servingTook *prometheus.HistogramVec
	sent        *prometheus.CounterVec
	invariant   *prometheus.GaugeVec
	inspected   prometheus.Gauge
}

// New makes the metrics of a program of this version, built with this Go.
func New(version, goVersion string) *Metrics {
	m := &Metrics{
		registry: prometheus.NewRegistry(),
		process:  prometheus.NewRegistry(),
		roll:     newRollCollector(),
		pulls: prometheus.NewCounterVec(prometheus.CounterOpts{Name: prefix + "pulls_total",
			Help: "Attempts to read Open Collective, by how they ended."}, []string{"outcome"}),
		pulled: prometheus.NewGaugeVec(prometheus.GaugeOpts{Name: prefix + "pull_last_timestamp_seconds",
			Help: "When this daemon last began to read Open Collective with this end; 0 for never."}, []string{"outcome"}),
		pullTook: prometheus.NewHistogram(prometheus.HistogramOpts{Name: prefix + "pull_duration_seconds",
			Help: "How long attempts to read Open Collective took, waits included.", Buckets: []float64{0.5, 1, 2, 5, 10, 30, 60, 120, 300}}),
		requests: prometheus.NewCounterVec(prometheus.CounterOpts{Name: prefix + "upstream_requests_total",
			Help: "Requests sent to Open Collective, by query and by what came of them."}, []string{"query", "class"}),
		wait: prometheus.NewGauge(prometheus.GaugeOpts{Name: prefix + "upstream_wait_seconds",
			Help: "How long the rate limit made the daemon wait after the last attempt to read Open Collective; 0 when it did not."}),
		waiting: prometheus.NewGauge(prometheus.GaugeOpts{Name: prefix + "upstream_requests_waiting",
			Help: "Requests to Open Collective that wait for their turn under its rate limit."}),
		database: prometheus.NewGauge(prometheus.GaugeOpts{Name: prefix + "database_up",
			Help: "1 when the database answered the last time it was asked, else 0."}),
		leads: prometheus.NewGauge(prometheus.GaugeOpts{Name: prefix + "leads",
			Help: "1 while this daemon is the one that reads Open Collective, assesses, closes and sends, else 0."}),
		served: prometheus.NewCounterVec(prometheus.CounterOpts{Name: prefix + "http_requests_total",
			Help: "Requests served, by route, method and status."}, []string{"route", "method", "status"}),
		servingTook: prometheus.NewHistogramVec(prometheus.HistogramOpts{Name: prefix + "http_request_duration_seconds",
			Help: "How long requests took to serve, by route.", Buckets: []float64{0.001, 0.005, 0.02, 0.1, 0.5, 2, 10}}, []string{"route"}),
		sent: prometheus.NewCounterVec(prometheus.CounterOpts{Name: prefix + "notices_handled_total",
			Help: "What this daemon did with notices, by what came of it."}, []string{"outcome"}),
	}
	m.invariant = prometheus.NewGaugeVec(prometheus.GaugeOpts{Name: prefix + "invariant_ok",
		Help: "1 when the invariant held the last time it was looked at, else 0; nothing before the first look."}, []string{"invariant"})
	m.inspected = prometheus.NewGauge(prometheus.GaugeOpts{Name: prefix + "invariants_checked_timestamp_seconds",
		Help: "When the invariants were last looked at; 0 before the first look."})
	build := prometheus.NewGauge(prometheus.GaugeOpts{Name: prefix + "build_info",
		Help: "Always 1; says which version this is.", ConstLabels: prometheus.Labels{"version": version, "go": goVersion}})
	build.Set(1)
	m.registry.MustRegister(m.roll, m.pulls, m.pulled, m.pullTook, m.requests, m.wait, m.waiting, m.database, m.leads, m.served, m.servingTook, m.sent, m.invariant, m.inspected, build)
	m.process.MustRegister(collectors.NewGoCollector(), collectors.NewProcessCollector(collectors.ProcessCollectorOpts{}))
	for _, outcome := range Outcomes() { // so that an alert sees the first failure as one
		m.pulls.WithLabelValues(outcome)
		m.pulled.WithLabelValues(outcome)
	}
	for _, outcome := range Handled() {
		m.sent.WithLabelValues(outcome)
	}
	return m
}

// Handled are what a daemon does with notices: the closed set of that label. lost
// is an answer that was not written down, because another has the notice by then.
func Handled() []string {
	return []string{string(notify.Sent), string(notify.Failed), "retried", "unknown", "lost", "unreachable",
		string(notify.HeldState), string(notify.Recovered), string(notify.NoAddress), string(notify.Suppressed)}
}

// Sent counts notices by what the daemon did with them; it fits
// dispatch.Options.Observe.
func (m *Metrics) Sent(outcome string, n int) { m.sent.WithLabelValues(outcome).Add(float64(n)) }

// Inspected notes which invariants held at an instant, by name.
func (m *Metrics) Inspected(at instant.Instant, holds map[string]bool) {
	for name, ok := range holds {
		m.invariant.WithLabelValues(name).Set(flag(ok))
	}
	m.inspected.Set(float64(at) / 1e6)
}

// Outcomes are the ways in which a pull can end: the closed set of that label.
func Outcomes() []string {
	out := []string{syncer.OutcomeComplete, syncer.OutcomeSuperseded, syncer.OutcomeDatabase, syncer.OutcomeAssessment}
	for _, class := range opencollective.Classes() {
		if class != opencollective.ClassOK && class != opencollective.ClassOther {
			out = append(out, class)
		}
	}
	return out
}

// Gatherer gives the program's own metrics to who reads them.
func (m *Metrics) Gatherer() prometheus.Gatherer { return m.registry }

// ServeHTTP answers a scrape: the program's own metrics, and memory, goroutines, files
// and processor time of its process under the names that every Go program gives them.
func (m *Metrics) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	promhttp.HandlerFor(prometheus.Gatherers{m.registry, m.process}, promhttp.HandlerOpts{MaxRequestsInFlight: 4, Timeout: 10 * time.Second}).ServeHTTP(w, r)
}

// Pulled counts an attempt to read Open Collective. outcome is
// syncer.OutcomeOf its error, wait what the rate limit asks for before the next.
func (m *Metrics) Pulled(outcome string, began instant.Instant, took, wait time.Duration) {
	m.pulls.WithLabelValues(outcome).Inc()
	m.pulled.WithLabelValues(outcome).Set(float64(began) / 1e6)
	m.pullTook.Observe(took.Seconds())
	m.wait.Set(wait.Seconds())
}

// Asked counts a request to Open Collective; it fits opencollective.Options.Observe.
func (m *Metrics) Asked(query, class string, _ time.Duration) {
	m.requests.WithLabelValues(query, class).Inc()
}

// Waiting counts the requests that wait; it fits opencollective.Options.Waiting.
func (m *Metrics) Waiting(delta int) { m.waiting.Add(float64(delta)) }

// Database notes whether the database answered.
func (m *Metrics) Database(up bool) { m.database.Set(flag(up)) }

// Leads notes whether this daemon is the one that leads.
func (m *Metrics) Leads(does bool) { m.leads.Set(flag(does)) }

// Served counts a request that was served. route is the pattern of a table of
// routes, never a path that a client chose.
func (m *Metrics) Served(route, method string, status int, took time.Duration) {
	m.served.WithLabelValues(route, methodWord(method), statusWord(status)).Inc()
	m.servingTook.WithLabelValues(route).Observe(took.Seconds())
}

// methodWord is the method where it is one that is served; a client can send
// any word.
func methodWord(method string) string {
	switch method {
	case http.MethodGet, http.MethodHead, http.MethodPost, http.MethodPut, http.MethodPatch, http.MethodDelete, http.MethodOptions:
		return method
	}
	return "other"
}

func statusWord(status int) string {
	if http.StatusText(status) == "" {
		return "other"
	}
	return strconv.Itoa(status)
}

// Show makes a reading the one that scrapes see.
func (m *Metrics) Show(r Reading) { m.roll.current.Store(&r) }
