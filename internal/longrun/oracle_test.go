package longrun

import (
	"cmp"
	"maps"
	"slices"
	"time"

	"coopcloud.tech/goodstanding/internal/fakeoc"
	"coopcloud.tech/goodstanding/internal/instant"
	"coopcloud.tech/goodstanding/member"
)

// The rules of the preset seed-2022 in days, written again from domain.md,
// sections 2 and 3, without a look at the engine.
const (
	day         = 24 * time.Hour
	late        = 5 * day
	grace       = 21 * day
	warned      = 7 * day
	retrying    = 30 * day
	interrupted = 90 * day
	longest     = 60 * day // of all graces, that of the services
)

// oracle knows what happened. Its money comes from the fake's own ledger, never
// from an answer over HTTP; what is known of statuses are those that stood when
// a complete snapshot was taken.
type oracle struct {
	money  map[member.AccountID][]fakeoc.Payment
	seen   []sighting
	waived map[member.AccountID][]span
}

// sighting is the truth at a complete snapshot's start.
type sighting struct {
	start instant.Instant
	of    map[member.AccountID][]fakeoc.Promise
}

// span is half-open.
type span struct{ from, until instant.Instant }

func (s span) has(t instant.Instant) bool { return s.from <= t && t < s.until }

// verdict is what the oracle says.
type verdict struct {
	vote  bool
	state string // "current", "grace" or "" for any state without the right
}

// learn takes the ledger over as it is now.
func (o *oracle) learn(w *fakeoc.World) {
	o.money = map[member.AccountID][]fakeoc.Payment{}
	for _, p := range w.Payments() {
		o.money[member.AccountID(p.Payer)] = append(o.money[member.AccountID(p.Payer)], p)
	}
}

// see notes what stands when a snapshot is taken.
func (o *oracle) see(w *fakeoc.World, start instant.Instant) {
	s := sighting{start: start, of: map[member.AccountID][]fakeoc.Promise{}}
	for _, p := range w.Promises() {
		s.of[member.AccountID(p.Payer)] = append(s.of[member.AccountID(p.Payer)], p)
	}
	o.seen = append(o.seen, s)
}

// paid is a stretch that a payment pays for.
type paid struct {
	order       string
	from, until instant.Instant
	extended    instant.Instant // until, with the days in which a renewal is in time
	pence       int64           // a month
}

func (o *oracle) stretches(a member.AccountID, t instant.Instant) (out []paid) {
	for _, p := range o.money[a] {
		if p.At > t || p.Kind != "CONTRIBUTION" || p.Interval == "" || p.Currency != "GBP" {
			continue
		}
		s := paid{order: p.Order, from: p.At, until: due(p), pence: p.Amount}
		if p.Interval == "year" {
			s.pence = p.Amount / 12
		}
		s.extended = s.until.Add(late)
		if p.Back != 0 && p.Back <= t {
			s.until = min(s.until, p.Back)
			if p.Back < due(p) {
				s.extended = s.until
			} else {
				s.extended = min(s.extended, max(s.until, p.Back))
			}
		}
		out = append(out, s)
	}
	return out
}

// due is when the next payment is due: upstream's own word, where it lies a week or more ahead and
// within the longest period that it grants, else the calendar's.
func due(p fakeoc.Payment) instant.Instant {
	longest, months := 48*day, 1
	if p.Interval == "year" {
		longest, months = 370*day, 12
	}
	if p.Until >= p.At.Add(7*day) && p.Until <= p.At.Add(longest) {
		return p.Until
	}
	return p.At.MonthStart(months)
}

// pence is what runs at t: of each contribution the most, all contributions together.
func pence(ss []paid, t instant.Instant, end func(paid) instant.Instant) (sum int64) {
	most := map[string]int64{}
	for _, s := range ss {
		if s.from <= t && t < end(s) {
			most[s.order] = max(most[s.order], s.pence)
		}
	}
	for _, n := range most {
		sum += n
	}
	return sum
}

const minimum = 1000

func strictly(s paid) instant.Instant { return s.until }
func kindly(s paid) instant.Instant   { return s.extended }

// ended is when the last full coverage ended before t; 0 for never.
func ended(ss []paid, t instant.Instant, end func(paid) instant.Instant) (last instant.Instant) {
	for _, s := range ss {
		if e := end(s); e <= t && e > last && e > s.from && pence(ss, e-1, end) >= minimum {
			last = e
		}
	}
	return last
}

// at says how an account stands at t, as known when everything up to now was seen.
func (o *oracle) at(a member.AccountID, t instant.Instant) verdict {
	if slices.ContainsFunc(o.waived[a], func(s span) bool { return s.has(t) }) {
		return verdict{true, "waived"}
	}
	ss := o.stretches(a, t)
	if pence(ss, t, kindly) >= minimum {
		return verdict{true, "current"}
	}
	from := ended(ss, t, strictly)
	if e := ended(ss, t, kindly); e != 0 { // in late days: from when what ended then had been paid for until
		for _, s := range ss {
			if s.from < e && s.extended == e {
				from = max(from, s.until)
			}
		}
	}
	for _, w := range o.waived[a] {
		if w.until <= t {
			from = max(from, w.until)
		}
	}
	if from == 0 {
		return verdict{}
	}
	end := max(from.Add(grace), o.floor(a, ss, from, t))
	if t < o.afterGap(end, t) {
		return verdict{true, "grace"}
	}
	return verdict{}
}

// floor is before when no grace of the account ends, because upstream goes on
// trying, or has paused what is paid.
func (o *oracle) floor(a member.AccountID, ss []paid, from, t instant.Instant) (latest instant.Instant) {
	for _, now := range o.known(a, t) {
		var own []paid
		for _, s := range ss {
			if s.order == now.Order && s.until > s.from {
				own = append(own, s)
			}
		}
		if len(own) == 0 || slices.MinFunc(own, func(x, y paid) int { return cmp.Compare(x.from, y.from) }).from >= from.Add(longest) {
			continue
		}
		last := slices.MaxFunc(own, func(x, y paid) int { return cmp.Compare(x.until, y.until) })
		if now.Status == "ERROR" && now.Processed != 0 {
			end := last.until.Add(retrying)
			if now.Next != 0 {
				end = min(end, now.Next.Add(late))
			}
			latest = max(latest, end)
		}
		latest = max(latest, o.pause(a, now, last.until, t))
	}
	return latest
}

// pause is how long a contribution that was paused, and not by its payer, keeps
// a grace from ending.
func (o *oracle) pause(a member.AccountID, now fakeoc.Promise, due, t instant.Instant) instant.Instant {
	var paused, byPayer instant.Instant
	for _, s := range o.seen {
		if s.start > t {
			break
		}
		for _, p := range s.of[a] {
			if p.Order == now.Order && p.Status == "PAUSED" {
				if paused = s.start; p.PausedBy == "USER" {
					byPayer = s.start
				}
			}
		}
	}
	charged := instant.Instant(0)
	for _, p := range o.money[a] {
		if p.Order == now.Order && p.At <= t {
			charged = max(charged, p.At)
		}
	}
	switch {
	case paused == 0, byPayer != 0 && charged < byPayer, now.Status == "PAUSED" && now.PausedBy == "USER":
		return 0
	case now.Status == "PAUSED":
		return due.Add(interrupted)
	case charged < paused && slices.Contains([]string{"ACTIVE", "ERROR", "PROCESSING", "IN_REVIEW"}, now.Status):
		end := due.Add(interrupted)
		if now.Next != 0 {
			end = max(end, now.Next.Add(late))
		}
		return end
	}
	return 0
}

// known are the account's contributions as the last snapshot at or before t saw
// them; one that was absent since is as it was last seen.
func (o *oracle) known(a member.AccountID, t instant.Instant) []fakeoc.Promise {
	newest := map[string]fakeoc.Promise{}
	var order []string
	for _, s := range o.seen {
		if s.start > t {
			break
		}
		for _, p := range s.of[a] {
			if _, ok := newest[p.Order]; !ok {
				order = append(order, p.Order)
			}
			newest[p.Order] = p
		}
	}
	out := make([]fakeoc.Promise, len(order))
	for i, id := range order {
		out[i] = newest[id]
	}
	return out
}

// revived says that the vote that an account has at an instant came back, by
// what upstream said of a contribution, after there was none: nothing could be
// lost by its being seen later.
func (o *oracle) revived(a member.AccountID, t instant.Instant) bool {
	last := len(o.seen) - 1
	for last >= 0 && o.seen[last].start > t {
		last--
	}
	for ; last >= 0 && o.at(a, o.seen[last].start).vote; last-- {
		if !o.at(a, o.seen[last].start-1).vote {
			return true
		}
	}
	return false
}

// afterGap moves an end that no snapshot came before in time.
func (o *oracle) afterGap(end, t instant.Instant) instant.Instant {
	if len(o.seen) == 0 || end <= o.seen[0].start {
		return end
	}
	for _, s := range o.seen {
		switch {
		case s.start < end.Add(-warned):
		case s.start <= end:
			return end
		default:
			return s.start.Add(warned)
		}
	}
	return instant.Max
}

// boundaries are instants to look at: each at which an account's verdict may
// change, and the one before it. PayPal's dates depend by milliseconds on
// whether the program saw upstream's word or reckons from the charge; there a
// second before and after is looked at.
func (o *oracle) boundaries(a member.AccountID) []instant.Instant {
	at := map[instant.Instant]bool{}
	add := func(t instant.Instant, after ...time.Duration) {
		if t == 0 { // never
			return
		}
		for _, d := range after {
			at[t.Add(d)], at[t.Add(d)-1] = true, true
		}
	}
	upstreams := func(service string, t instant.Instant, after ...time.Duration) {
		if service != "PAYPAL" {
			add(t, after...)
			return
		}
		for _, d := range after {
			at[t.Add(d-time.Second)], at[t.Add(d+time.Second)] = true, true
		}
	}
	ends := []time.Duration{0, late, grace, grace + late, retrying, interrupted}
	for _, p := range o.money[a] {
		add(p.At, 0)
		add(p.Back, ends...)
		upstreams(p.Service, due(p), ends...)
	}
	for _, w := range o.waived[a] {
		add(w.from, 0)
		add(w.until, 0, grace)
	}
	var before sighting
	for _, s := range o.seen {
		if before.start != 0 && s.start > before.start.Add(warned) { // a gap
			add(s.start, 0, warned)
		}
		if !slices.Equal(s.of[a], before.of[a]) {
			add(s.start, 0)
			for _, p := range s.of[a] {
				upstreams(p.Service, p.Next, late)
			}
		}
		before = s
	}
	return slices.Collect(maps.Keys(at))
}
