package eligibility_test

import (
	"sort"
	"time"

	"coopcloud.tech/goodstanding/eligibility"
	"coopcloud.tech/goodstanding/internal/instant"
)

// held is what the dues say at t, with the rights that a hold keeps
// (domain.md, section 3, "Brake"). A hold keeps what the dues would take,
// nothing that the policy does not give to this kind of member.
func (o *oracle) held(t instant.Instant) answer {
	a := o.dues(t)
	for _, h := range o.f.Holds {
		if t < h.Since || o.at >= h.AckAt || o.recovered(h, t) {
			continue
		}
		for i, kept := range o.keeps(h, t) {
			if kept && !a.ok[i] {
				a.ok[i] = true
				a.state = h.Kept.State
			}
		}
	}
	return a
}

// keeps are the rights that the hold keeps and the policy at t names.
func (o *oracle) keeps(h eligibility.Hold, t instant.Instant) [3]bool {
	kept := [3]bool{h.Kept.Vote, h.Kept.Listing, h.Kept.Services}
	for i, r := range eligibility.Rights {
		kept[i] = kept[i] && o.policy(t).Rules[r].Named(o.f.Kind)
	}
	return kept
}

// recovered says that at some instant since the hold was set the dues gave
// every right that it keeps: it is then over for good.
func (o *oracle) recovered(h eligibility.Hold, t instant.Instant) bool {
	for _, x := range append(moments(o.ps, o.f), h.SetAt) {
		if x < h.SetAt || x > t {
			continue
		}
		if !(answer{ok: o.keeps(h, x)}).better(o.dues(x)) {
			return true
		}
	}
	return false
}

// moments are the instants at which an answer could change, and many at which
// it could not: every instant of every fact, shifted by every span a rule
// knows.
func moments(ps eligibility.Policies, f *eligibility.Facts) []instant.Instant {
	spans := map[time.Duration]bool{0: true, 7 * dayLong: true, 21 * dayLong: true, 30 * dayLong: true}
	base := map[instant.Instant]bool{}
	for _, p := range ps {
		base[p.From], base[p.Known] = true, true
		spans[p.Late], spans[p.Interrupted], spans[p.StaleAfter] = true, true, true
		for _, r := range p.Rules {
			spans[r.Grace], spans[r.Grace-p.Late] = true, true
		}
	}
	for _, t := range factInstants(f) {
		base[t] = true
	}
	set := map[instant.Instant]bool{}
	for t := range base {
		for d := range spans {
			if t != 0 {
				set[t.Add(d)] = true
			}
		}
	}
	out := make([]instant.Instant, 0, len(set))
	for t := range set {
		out = append(out, t)
	}
	sort.Slice(out, func(i, j int) bool { return out[i] < out[j] })
	return out
}

// factInstants are all effective instants that the facts name.
func factInstants(f *eligibility.Facts) []instant.Instant {
	var out []instant.Instant
	for _, m := range f.Membership {
		out = append(out, m.At, m.Until)
	}
	for _, l := range f.Links {
		out = append(out, l.From, l.Until)
	}
	for _, c := range f.Contributions {
		out = append(out, c.Effective, c.NextCharge)
	}
	for _, c := range f.Charges {
		out = append(out, c.From, c.Due)
		for n := 1; c.Kind == eligibility.AddedFunds || c.Interval == eligibility.OneOff; n++ {
			if n > 24 {
				break
			}
			out = append(out, c.From.AddMonths(n))
		}
	}
	for _, r := range f.Refunds {
		out = append(out, r.At)
	}
	for _, w := range f.Waivers {
		out = append(out, w.From, w.Until)
	}
	for _, p := range f.Payments {
		out = append(out, p.From, p.Until)
	}
	for _, p := range f.Profile {
		out = append(out, p.At)
	}
	for _, h := range f.Holds {
		out = append(out, h.Since, h.SetAt, h.AckAt)
	}
	for _, r := range f.Recorded {
		out = append(out, r.At)
	}
	for _, s := range f.Snapshots {
		out = append(out, s.Start)
	}
	return out
}
