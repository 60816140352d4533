package roll

import (
	"cmp"
	"context"
	"encoding/json"
	"fmt"
	"maps"
	"slices"
	"time"

	"coopcloud.tech/goodstanding/eligibility"
	"coopcloud.tech/goodstanding/internal/arrange"
	"coopcloud.tech/goodstanding/internal/instant"
	"coopcloud.tech/goodstanding/internal/money"
	"coopcloud.tech/goodstanding/member"
	"coopcloud.tech/goodstanding/notify"
	"coopcloud.tech/goodstanding/notify/letter"
	"coopcloud.tech/goodstanding/store"
)

// digestHour is the hour of the day, in the federation's zone, at which the
// treasurers' digest is made, if anything changed since the last one.
const digestHour = 7

// lapsingWithin is how far a digest looks ahead (domain.md, section 6).
const lapsingWithin = 14 * instant.Day

// settingDigest holds what the last digests were about, a digestLog as JSON.
const settingDigest = "digest"

// keptDigests is for how many digests what they say is kept: one is written at
// most once a day, and is sent soon.
const keptDigests = 14

// digestLog is when a digest was last thought about, what was the case then, and
// what the digests are about that were written.
type digestLog struct {
	Looked  instant.Instant `json:"looked"`
	Seen    digestSeen      `json:"seen"`
	Written []digestSpan    `json:"written"` // the newest last
}

func readDigestLog(ctx context.Context, tx *store.Tx) (log digestLog, err error) {
	text, _, err := tx.Setting(ctx, settingDigest)
	if err != nil || text == "" {
		return log, err
	}
	if err := json.Unmarshal([]byte(text), &log); err != nil {
		return log, fmt.Errorf("read what the last digest was about: %w", err)
	}
	return log, nil
}

// digestSeen is what was the case when a digest was thought about, in ids and
// words of closed lists.
type digestSeen struct {
	Known   instant.Instant `json:"known"` // everything known until then was told
	Audit   int64           `json:"audit"` // number of the last row of the chain
	Desk    []string        `json:"desk"`
	Lapsing []string        `json:"lapsing"`
	Holds   []string        `json:"holds"`
	Waiting []string        `json:"waiting"`
	Sync    string          `json:"sync"`
	Chain   string          `json:"chain"` // of the last digest's cause
}

// digestSpan is what one digest is about.
type digestSpan struct {
	Cause     string          `json:"cause"`
	After     instant.Instant `json:"after"` // known after and until
	Until     instant.Instant `json:"until"`
	Audit     int64           `json:"audit"` // rows of the chain after
	ToSortOut []string        `json:"to_sort_out"`
}

// digestTime is the last instant at or before now at which a digest is thought
// about; next is the one after it.
func digestTime(now instant.Instant, zone *time.Location) (last, next instant.Instant) {
	t := now.Time().In(zone)
	at := func(days int) instant.Instant {
		return instant.Of(time.Date(t.Year(), t.Month(), t.Day()+days, digestHour, 0, 0, 0, zone))
	}
	if today := at(0); today <= now {
		return today, at(1)
	}
	return at(-1), at(0)
}

// digest writes the treasurers' digest, once a day at most, and only when
// something changed since the last one. Its cause is made of what it tells and of
// the one before it, so that the same is told once and the same again is told
// again. Where the notices are off nothing is due.
func (a *assessment) digest(ctx context.Context) error {
	if !a.alarm.out.on {
		return nil
	}
	log, err := readDigestLog(ctx, a.tx)
	if err != nil {
		return err
	}
	due, _ := digestTime(a.now, a.r.zone)
	if log.Looked >= due {
		return nil
	}
	d, err := a.r.newDigest(ctx, a.tx, log.Seen.Known, log.Seen.Audit, a.known, a.now)
	if err != nil {
		return err
	}
	first := log.Looked == 0
	log.Looked = due
	if span := d.span(&log.Seen); !first && d.changed(&log.Seen) {
		d.seen.Chain = span.Cause
		log.Written = append(log.Written, span)
		log.Written = log.Written[max(0, len(log.Written)-keptDigests):]
		a.alarm.waiting = append(a.alarm.waiting, notify.Message{
			Occasion: notify.Occasion{Kind: notify.Digest, Cause: span.Cause}, DueAt: due, State: notify.Waiting})
	}
	if !first && d.seen.Chain == "" {
		// Nothing was told: what did not come to a digest is told with the next one.
		d.seen.Known, d.seen.Audit, d.seen.Chain = log.Seen.Known, log.Seen.Audit, log.Seen.Chain
	}
	log.Seen = d.seen
	kept, err := json.Marshal(log)
	if err != nil {
		return err
	}
	return a.tx.SetSetting(ctx, settingDigest, string(kept))
}

// morning is everything that treasurers read in one digest, and what is the case.
type morning struct {
	letter.Digest
	seen     digestSeen
	desk     []DeskEntry
	moved    []string // ids of members whose standing changed
	movement bool     // money came or went, or a standing or a profile changed
}

// newDigest is what changed from one known instant to another, as it looks now.
// auditAfter is the number of the last row of the audit chain that was told of.
func (r *Roll) newDigest(ctx context.Context, tx *store.Tx, after instant.Instant, auditAfter int64, until, now instant.Instant) (*morning, error) {
	b, err := r.book(ctx, tx)
	if err != nil {
		return nil, err
	}
	d := &morning{Digest: letter.Digest{Since: after}, seen: digestSeen{Known: until}}
	m := &digestMaker{r: r, tx: tx, b: b, d: d, after: after, until: until, now: now}
	for _, part := range []func(context.Context) error{m.money, m.standings, m.sort, m.holds, m.waiting, m.sync} {
		if err := part(ctx); err != nil {
			return nil, err
		}
	}
	return d, m.audit(ctx, auditAfter)
}

// changed says that there is something to tell which the last digest did not.
func (d *morning) changed(last *digestSeen) bool {
	return d.movement || d.seen.Sync != last.Sync || !slices.Equal(d.seen.Holds, last.Holds) || !slices.Equal(d.seen.Waiting, last.Waiting) ||
		len(fresh(d.seen.Desk, last.Desk)) > 0 || len(fresh(d.seen.Lapsing, last.Lapsing)) > 0
}

// fresh are those of now that were not there before.
func fresh(now, before []string) []string {
	return slices.DeleteFunc(slices.Clone(now), func(s string) bool { return slices.Contains(before, s) })
}

// span is what a digest written now is about.
func (d *morning) span(last *digestSeen) digestSpan {
	s := digestSpan{After: last.Known, Until: d.seen.Known, Audit: last.Audit, ToSortOut: fresh(d.seen.Desk, last.Desk)}
	tells := d.seen
	tells.Known = 0
	s.Cause = "digest:" + digest(last.Chain, tells, d.moved)[:24]
	return s
}

// digestMaker fills in one digest.
type digestMaker struct {
	r            *Roll
	tx           *store.Tx
	b            *Book
	d            *morning
	after, until instant.Instant
	now          instant.Instant
}

// in says that something was learned in the time that the digest is about.
func (m *digestMaker) in(known instant.Instant) bool { return m.after < known && known <= m.until }

// sums are amounts by currency.
type sums map[money.Currency]int64

func (s sums) add(a money.Money) { s[a.Currency] += a.Minor }

// phrases are the amounts by currency code.
func (s sums) phrases(form string) (out []string) {
	for _, c := range slices.SortedFunc(maps.Keys(s), func(a, b money.Currency) int { return cmp.Compare(a.String(), b.String()) }) {
		if s[c] != 0 {
			out = append(out, fmt.Sprintf(form, money.Money{Minor: s[c], Currency: c}.Symbol()))
		}
	}
	return out
}

// money is what came, by what was learned, and what was due in the time.
func (m *digestMaker) money(ctx context.Context) error {
	charges, err := m.tx.Charges(ctx)
	if err != nil {
		return err
	}
	came, back, expected := sums{}, sums{}, sums{}
	for _, c := range charges {
		if m.in(c.Known) {
			came.add(c.Amount)
		}
	}
	payments, err := m.tx.Payments(ctx, "")
	if err != nil {
		return err
	}
	for _, p := range payments {
		if m.in(p.Known) && !p.Undone && p.Charge == "" {
			came.add(p.Amount)
		}
	}
	refunds, err := m.tx.Refunds(ctx)
	if err != nil {
		return err
	}
	for _, r := range refunds {
		if m.in(r.Known) {
			back.add(charges[r.Charge].Amount)
		}
	}
	contributions, err := m.tx.Contributions(ctx)
	if err != nil {
		return err
	}
	coverages, err := m.tx.Coverages(ctx)
	if err != nil {
		return err
	}
	for id, c := range coverages {
		of := contributions[charges[id].Contribution]
		if m.in(c.Due) && running(of) && eligibility.ParseStatus(of.Status) != eligibility.StatusPaused {
			expected.add(of.Amount)
		}
	}
	m.d.Expected = expected.phrases("%s")
	m.d.Received = append(came.phrases("%s"), back.phrases("%s was given back")...)
	m.d.movement = m.d.movement || len(m.d.Received) > 0
	return nil
}

// standings are the members whose standing changed, and those whose grace ends
// soon.
func (m *digestMaker) standings(ctx context.Context) error {
	rows, err := m.tx.StandingsSince(ctx, m.after+1)
	if err != nil {
		return err
	}
	moved := map[member.ID]bool{}
	for _, s := range rows {
		moved[s.Member] = moved[s.Member] || m.in(s.Known)
	}
	for _, row := range m.b.View(Query{}, m.now).Rows {
		if moved[row.ID] {
			m.d.Changed, m.d.moved = append(m.d.Changed, row.Name+": "+row.People), append(m.d.moved, string(row.ID))
		}
		v, ok := m.b.Policy(m.now)
		if !ok || row.Standing.State != eligibility.StateGrace {
			continue
		}
		if end := rightsEnd(row.Kind, &row.Standing, &v); end != 0 && end <= m.now+lapsingWithin {
			m.d.Lapsing = append(m.d.Lapsing, letter.Member{Name: row.Name, RightsUntil: end, PaidThrough: row.Standing.PaidThrough, State: row.People, Vote: true})
			m.d.seen.Lapsing = append(m.d.seen.Lapsing, string(row.ID))
		}
	}
	arrange.By(m.d.Lapsing, func(a, b letter.Member) int { return cmp.Compare(a.RightsUntil, b.RightsUntil) })
	slices.Sort(m.d.seen.Lapsing)
	m.d.movement = m.d.movement || len(m.d.Changed) > 0
	return nil
}

// sort is what is to be sorted out.
func (m *digestMaker) sort(ctx context.Context) error {
	entries, err := m.r.desk(ctx, m.tx, m.now)
	if err != nil {
		return err
	}
	m.d.desk = undismissed(entries, false)
	m.d.Open = len(m.d.desk)
	for _, e := range m.d.desk {
		m.d.seen.Desk = append(m.d.seen.Desk, e.ID)
	}
	slices.Sort(m.d.seen.Desk)
	return nil
}

func (m *digestMaker) holds(ctx context.Context) error {
	holds, err := m.r.holds(ctx, m.tx, false)
	if err != nil {
		return err
	}
	for _, h := range holds {
		names := ""
		for _, one := range h.Members {
			if !one.Over {
				names += ", " + one.Name
			}
		}
		if names == "" {
			continue
		}
		m.d.Holds = append(m.d.Holds, fmt.Sprintf("Since %s: %s. It keeps %s", eligibility.Date(h.SetAt, m.r.zone), h.Likely, names[2:]))
		m.d.seen.Holds = append(m.d.seen.Holds, h.ID)
	}
	slices.Sort(m.d.seen.Holds)
	return nil
}

// sinceWords say in the digest why notices wait for a yes or no; the letters'
// phrases have them in other languages.
var sinceWords = map[notify.Batch]string{
	notify.ByImport: "since a list was imported", notify.ByAdoption: "since payers were adopted", notify.ByLink: "since accounts were linked",
	notify.ByMerge: "since members were merged", notify.ByPolicy: "since other rules are in force",
	notify.ByCopy: "since the database is a copy, or was restored", notify.ByGap: "since nothing could be sent for days",
	notify.ByOutcome: "of which nobody knows whether they were taken",
}

// waiting are the batches that wait for a treasurer.
func (m *digestMaker) waiting(ctx context.Context) error {
	rows, err := m.tx.Notices(ctx, store.OutboxQuery{State: notify.HeldState})
	if err != nil {
		return err
	}
	in := map[notify.Batch]int{}
	for _, n := range rows {
		if b, ok := notify.BatchOf(n.Detail); ok {
			in[b]++
		}
	}
	for _, b := range notify.Batches() {
		if n := in[b]; n > 0 {
			m.d.Waiting = append(m.d.Waiting, fmt.Sprintf("Notices %s: %d", sinceWords[b], n))
			m.d.seen.Waiting = append(m.d.seen.Waiting, fmt.Sprintf("%s %d", b, n))
		}
	}
	return nil
}

// sync is how reading Open Collective goes. That it went well again and again is
// no change.
func (m *digestMaker) sync(ctx context.Context) error {
	pulls, err := m.tx.Pulls(ctx, 1)
	if err != nil {
		return err
	}
	m.d.seen.Sync, m.d.Sync = "never", "Open Collective was never read completely"
	if m.b.snapshot.Number > 0 {
		m.d.seen.Sync, m.d.Sync = "complete", "The last complete reading is of "+minuteIn(m.b.snapshot.Start, m.r.zone)
	}
	if at := staleAt(m.b.rules, m.b.snapshot, m.now, m.b.known); at != 0 && m.now >= at {
		m.d.seen.Sync = "stale"
	}
	if len(pulls) > 0 && pulls[0].Outcome != pullComplete {
		m.d.Sync += fmt.Sprintf("; the last attempt, of %s, ended as %s", minuteIn(pulls[0].Started, m.r.zone), spaced(pulls[0].Outcome))
	}
	return nil
}

// editing are the changes of an entry that go live without anybody's yes.
var editing = []string{actionProfile, actionLogo, actionRemoveLogo, actionFace}

// audit is the end of the chain, and the profile entries that were changed and
// are shown.
func (m *digestMaker) audit(ctx context.Context, after int64) error {
	var err error
	if m.d.seen.Audit, m.d.AuditHead, err = m.tx.AuditHead(ctx); err != nil {
		return err
	}
	rows, err := m.tx.AuditRows(ctx, store.AuditQuery{After: after})
	if err != nil {
		return err
	}
	shown := map[member.ID]bool{}
	for _, p := range m.b.Providers(m.now) {
		shown[p.ID] = m.b.published
	}
	for _, row := range rows {
		if id := member.ID(row.Subject); slices.Contains(editing, row.Action) && shown[id] {
			shown[id] = false // once
			m.d.Changed = append(m.d.Changed, m.b.Name(id)+": its entry in the list of providers was changed")
			m.d.movement = true
		}
	}
	return nil
}
