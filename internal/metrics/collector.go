package metrics

import (
	"slices"
	"sync/atomic"

	"github.com/prometheus/client_golang/prometheus"

	"coopcloud.tech/goodstanding/decisions"
	"coopcloud.tech/goodstanding/eligibility"
	"coopcloud.tech/goodstanding/notify"
	"coopcloud.tech/goodstanding/roll"
)

// rollCollector shows the current reading; nothing before the first.
type rollCollector struct {
	current atomic.Pointer[Reading]

	policy, members, rights, noDelegate, holds, desk, notices *prometheus.Desc
	snapshot, stale, late, seen, orders                       *prometheus.Desc
	decided, overdue, review, backedUp                        *prometheus.Desc
	due, held, oldest, on, lease                              *prometheus.Desc
}

func newRollCollector() *rollCollector {
	desc := func(name, help string, labels ...string) *prometheus.Desc {
		return prometheus.NewDesc(prefix+name, help, labels, nil)
	}
	return &rollCollector{
		policy:     desc("policy_info", "Always 1; says which version of the policy is in force.", "policy"),
		members:    desc("members", "Members by the state of their standing.", "state"),
		rights:     desc("rights", "Members by the verdict on each right.", "right", "verdict"),
		noDelegate: desc("members_without_delegate", "Members that have not left and for whom nobody can vote."),
		holds:      desc("holds", "Holds that nobody has acknowledged yet."),
		desk:       desc("desk_entries", "What is to be sorted out and nobody has dismissed, by kind.", "kind"),
		notices:    desc("notices", "Notices by the state of their row in the outbox; they add up to notices_due.", "state"),
		due:        desc("notices_due", "Notices that were ever written: sent + failed + held + waiting + recovered + before_start + no_address + suppressed."),
		held:       desc("notices_held", "Held notices by what they wait for; they add up to the held ones of notices.", "detail"),
		oldest:     desc("notices_oldest_due_seconds", "For how long the notice is due that waits for longest; 0 when none is due."),
		on:         desc("notices_on", "1 when a treasurer has started the notices, else 0."),
		lease:      desc("lease_until_timestamp_seconds", "Until when the last process to take it has what only one does at a time; 0 where it was given up, or nobody had it yet.", "lease"),
		snapshot:   desc("last_snapshot_timestamp_seconds", "When the last complete snapshot of Open Collective was begun; 0 before the first."),
		stale:      desc("roll_stale", "1 when the last complete snapshot is older than the policy's stale_after, else 0."),
		late:       desc("late_clocks_total", "Writes whose clock was more than a minute behind what was stored."),
		seen:       desc("orders_seen", "Orders that the last complete snapshot showed."),
		orders:     desc("orders", "Orders of the last complete snapshot by what becomes of them; they add up to orders_seen.", "fate"),
		decided:    desc("decisions", "Decisions by how they stand; one whose deadline is past is counted as open until that is written down.", "state"),
		overdue:    desc("decisions_overdue_since_timestamp_seconds", "Since when the decision is past its deadline that is so for longest, whether that was written down or nobody has closed it yet; 0 while none is."),
		backedUp:   desc("last_backup_timestamp_seconds", "When the newest backup was made by goodstanding backup --keep; 0 where none ever was, or none is expected any more."),
		review:     desc("dues_review_timestamp_seconds", "The day by which the policy wants the dues looked at again; 0 when it names none."),
	}
}

// Describe tells every metric.
func (c *rollCollector) Describe(out chan<- *prometheus.Desc) {
	for _, d := range []*prometheus.Desc{c.policy, c.members, c.rights, c.noDelegate, c.holds, c.desk, c.notices, c.snapshot, c.stale, c.late, c.seen, c.orders, c.decided, c.overdue, c.review, c.backedUp, c.due, c.held, c.oldest, c.on, c.lease} {
		out <- d
	}
}

// Collect tells the current reading.
func (c *rollCollector) Collect(out chan<- prometheus.Metric) {
	r := c.current.Load()
	if r == nil {
		return
	}
	gauge := func(d *prometheus.Desc, v float64, labels ...string) {
		out <- prometheus.MustNewConstMetric(d, prometheus.GaugeValue, v, labels...)
	}
	if r.Policy != "" {
		gauge(c.policy, 1, r.Policy)
	}
	for s := eligibility.StateLeft; s <= eligibility.StateUnpaid; s++ {
		gauge(c.members, float64(r.States[s]), s.String())
	}
	for _, right := range eligibility.Rights {
		gauge(c.rights, float64(r.Rights[right].Yes), right.String(), "yes")
		gauge(c.rights, float64(r.Rights[right].No), right.String(), "no")
	}
	for _, k := range roll.DeskKinds() {
		gauge(c.desk, float64(r.Desk[k]), string(k))
	}
	for _, s := range notify.States() {
		gauge(c.notices, float64(r.Notices[s]), string(s))
	}
	for _, class := range heldClasses {
		gauge(c.held, float64(r.Held[class]), class)
	}
	gauge(c.due, float64(r.NoticesDue))
	gauge(c.oldest, r.OldestDue.Seconds())
	gauge(c.on, flag(r.NoticesOn))
	for _, l := range r.Leases {
		gauge(c.lease, float64(l.Until)/1e6, l.Name)
	}
	for _, f := range Fates() {
		gauge(c.orders, float64(r.Orders.Fates[f]), string(f))
	}
	gauge(c.noDelegate, float64(r.NoDelegate))
	gauge(c.holds, float64(r.Holds))
	gauge(c.snapshot, float64(r.AsOf)/1e6)
	gauge(c.stale, flag(r.Stale))
	gauge(c.seen, float64(r.Orders.Seen))
	for _, s := range decisions.States() {
		gauge(c.decided, float64(r.Decisions[s]), string(s))
	}
	gauge(c.overdue, float64(r.Overdue)/1e6)
	gauge(c.review, float64(r.ReviewBy)/1e6)
	gauge(c.backedUp, float64(r.BackedUp)/1e6)
	out <- prometheus.MustNewConstMetric(c.late, prometheus.CounterValue, float64(r.LateClocks))
}

// heldClasses are what a held notice can wait for.
var heldClasses = []string{notify.HeldStale, notify.HeldBrake, heldRelease, heldOther}

const (
	heldRelease = "release" // a treasurer's yes or no
	heldOther   = "other"   // a word of another version
)

// heldClass is the class of a held notice's detail.
func heldClass(detail string) string {
	if _, ok := notify.BatchOf(detail); ok {
		return heldRelease
	}
	if slices.Contains(heldClasses, detail) {
		return detail
	}
	return heldOther
}

func flag(b bool) float64 {
	if b {
		return 1
	}
	return 0
}
