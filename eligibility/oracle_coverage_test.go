package eligibility_test

import (
	"math/big"
	"slices"
	"sort"
	"time"

	"coopcloud.tech/goodstanding/eligibility"
	"coopcloud.tech/goodstanding/internal/instant"
	"coopcloud.tech/goodstanding/internal/money"
	"coopcloud.tech/goodstanding/member"
)

// cover is what one charge or entered payment pays for, as it stands at the
// instant it was asked for.
type cover struct {
	contribution string // the group within which only the largest share counts
	entered      bool   // an entered payment
	rejected     bool   // its contribution is REJECTED
	from         instant.Instant
	end          instant.Instant // of the coverage itself
	lateEnd      instant.Instant // until when it still counts
	share        *big.Rat
}

// covers are all coverages that had begun at t (domain.md, section 2).
func (o *oracle) covers(t instant.Instant) []cover {
	var out []cover
	late := o.policy(t).Late
	for _, c := range o.f.Charges {
		if c.From > t || !o.counts(c) {
			continue
		}
		due, share := o.buys(c)
		if due == 0 {
			continue
		}
		v, _ := o.version(c.Contribution, t)
		x := cover{contribution: c.Contribution, from: c.From, end: due, lateEnd: due.Add(late), share: share,
			rejected: v.Status == eligibility.StatusRejected}
		if stop := o.stopped(c, t, x.rejected); stop != 0 {
			if stop >= due {
				x.lateEnd = min(x.lateEnd, stop)
			} else {
				x.end, x.lateEnd = stop, stop
			}
		}
		out = append(out, x)
	}
	return append(out, o.entered(0, t, t, late)...)
}

// entered are the coverages of the entered payments that begin after one
// instant and not after another, seen at a third: a refund of the charge that a
// payment lets count ends it.
func (o *oracle) entered(after, until, at instant.Instant, late time.Duration) []cover {
	var out []cover
	for _, p := range o.f.Payments {
		if p.From > after && p.From <= until && p.Until > p.From {
			x := cover{contribution: "entered " + p.ID, entered: true, from: p.From, end: p.Until,
				lateEnd: p.Until.Add(late), share: o.weigh(p)}
			if stop := o.stopped(eligibility.Charge{ID: p.Charge}, at, false); p.Charge != "" && stop != 0 {
				x.end, x.lateEnd = min(x.end, max(stop, p.From)), min(x.lateEnd, max(stop, p.From))
			}
			out = append(out, x)
		}
	}
	return out
}

// counts says whether a charge can cover this member at all: its contribution
// is known, the payer's account was the member's then, and no entered payment
// stands in its place.
func (o *oracle) counts(c eligibility.Charge) bool {
	if c.FixedKnown == 0 {
		return false
	}
	for _, p := range o.f.Payments {
		if p.Charge == c.ID {
			return false
		}
	}
	return o.linked(c.Account, c.From)
}

func (o *oracle) linked(account member.AccountID, t instant.Instant) bool {
	for _, l := range o.f.Links {
		if account != "" && l.Account == account && t.In(l.From, l.Until) {
			return true
		}
	}
	return false
}

// stopped is when a refund, or without one the rejection of the contribution,
// ended the charge's coverage; 0 for never.
func (o *oracle) stopped(c eligibility.Charge, t instant.Instant, rejected bool) instant.Instant {
	var stop instant.Instant
	for _, r := range o.f.Refunds {
		if r.Charge == c.ID && r.At <= t && (stop == 0 || r.At < stop) {
			stop = r.At
		}
	}
	if stop != 0 || !rejected {
		return stop
	}
	versions := o.versions(c.Contribution, t)
	for _, v := range slices.Backward(versions) {
		switch v.Status {
		case eligibility.StatusRejected:
			stop = v.Effective
		case eligibility.StatusUnknown: // changes nothing
		default:
			return stop
		}
	}
	return stop
}

// buys is the end of the coverage a charge buys and its share of the minimum;
// 0 and nil when the rules ignore it.
func (o *oracle) buys(c eligibility.Charge) (instant.Instant, *big.Rat) {
	p := o.policy(c.From)
	amount := big.NewRat(c.Amount.Minor, 1)
	if !p.CountTax && c.OrderMinor != 0 {
		amount.Mul(amount, big.NewRat(c.OrderMinor-c.TaxMinor, c.OrderMinor))
	}
	if c.Kind == eligibility.ContributionCharge && c.Interval != eligibility.OneOff {
		return c.Due, fraction(amount, minimum(p, c.Interval, c.Amount.Currency))
	}
	allowed := p.OneOff == eligibility.OneOffBuysMonths ||
		p.OneOff == eligibility.AddedFundsCount && c.Kind == eligibility.AddedFunds
	monthly := minimum(p, eligibility.Monthly, c.Amount.Currency)
	if !allowed || monthly == nil {
		return 0, nil
	}
	whole := new(big.Int)
	q := fraction(amount, monthly)
	whole.Quo(q.Num(), q.Denom())
	if whole.Sign() <= 0 {
		return 0, nil
	}
	return c.From.AddMonths(int(whole.Int64())), big.NewRat(1, 1)
}

// weigh is the share of an entered payment, weighed over the months it names;
// whole years may also be weighed as years, where that counts for more.
func (o *oracle) weigh(p eligibility.Payment) *big.Rat {
	rules := o.policy(p.From)
	monthly := fraction(big.NewRat(p.Amount.Minor, int64(p.Months)), minimum(rules, eligibility.Monthly, p.Amount.Currency))
	if p.Months%12 != 0 {
		return monthly
	}
	yearly := fraction(big.NewRat(p.Amount.Minor*12, int64(p.Months)), minimum(rules, eligibility.Yearly, p.Amount.Currency))
	if yearly.Cmp(monthly) > 0 {
		return yearly
	}
	return monthly
}

// fraction is amount / minimum, 0 where there is no minimum.
func fraction(amount, minimum *big.Rat) *big.Rat {
	if minimum == nil {
		return new(big.Rat)
	}
	return new(big.Rat).Quo(amount, minimum)
}

// minimum is the least amount for one interval; where only the other interval
// has one, a year is twelve months. nil when the currency has none.
func minimum(p eligibility.Policy, i eligibility.Interval, c money.Currency) *big.Rat {
	var other *big.Rat
	for _, m := range p.Minimums {
		switch {
		case m.Amount.Currency != c:
		case m.Interval == i:
			return big.NewRat(m.Amount.Minor, 1)
		case i == eligibility.Yearly:
			other = big.NewRat(m.Amount.Minor*12, 1)
		default:
			other = big.NewRat(m.Amount.Minor, 12)
		}
	}
	return other
}

// versions are a contribution's versions that had taken effect at t, oldest first.
func (o *oracle) versions(id string, t instant.Instant) []eligibility.Contribution {
	out := keep(o.f.Contributions, func(c eligibility.Contribution) bool { return c.ID == id && c.Effective <= t })
	sort.Slice(out, func(i, j int) bool { return out[i].Effective < out[j].Effective })
	return out
}

// version is the one in force at t.
func (o *oracle) version(id string, t instant.Instant) (eligibility.Contribution, bool) {
	vs := o.versions(id, t)
	if len(vs) == 0 {
		return eligibility.Contribution{}, false
	}
	now := vs[len(vs)-1]
	for i := len(vs) - 1; i >= 0 && now.Status == eligibility.StatusUnknown; i-- {
		now.Status = vs[i].Status // a word nobody knows changes nothing
	}
	return now, true
}

// sum is what counts at x: the largest running share of each contribution,
// added up. late also counts what is within the policy's late span.
func sum(covers []cover, x instant.Instant, late bool) *big.Rat {
	largest := map[string]*big.Rat{}
	for _, c := range covers {
		end := c.end
		if late {
			end = c.lateEnd
		}
		if x < c.from || x >= end {
			continue
		}
		if have := largest[c.contribution]; have == nil || c.share.Cmp(have) > 0 {
			largest[c.contribution] = c.share
		}
	}
	total := new(big.Rat)
	for _, share := range largest {
		total.Add(total, share)
	}
	return total
}

func full(share *big.Rat) bool { return share.Cmp(big.NewRat(1, 1)) >= 0 }

// lastFull is the end of the last span with full coverage, 0 for none: it
// tries every stretch between two instants at which anything begins or ends.
func lastFull(covers []cover, late bool) instant.Instant {
	edges := edges(covers)
	var last instant.Instant
	for i := 0; i+1 < len(edges); i++ {
		if edges[i] < edges[i+1] && full(sum(covers, edges[i], late)) {
			last = edges[i+1]
		}
	}
	return last
}

// edges are all instants at which a coverage begins or ends, in order.
func edges(covers []cover) []instant.Instant {
	var out []instant.Instant
	for _, c := range covers {
		out = append(out, c.from, c.end, c.lateEnd)
	}
	sort.Slice(out, func(i, j int) bool { return out[i] < out[j] })
	return out
}
