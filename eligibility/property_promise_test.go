package eligibility_test

import (
	"slices"
	"testing"

	"pgregory.net/rapid"

	"coopcloud.tech/goodstanding/eligibility"
	"coopcloud.tech/goodstanding/internal/instant"
)

// What is promised is what upstream then does: whenever somebody looks, each charge that
// came later was promised for its day, the first one of a contribution apart, and of a
// contribution that was seen cancelled nothing more is promised.
func TestWhatIsPromisedIsWhatUpstreamCharges(t *testing.T) {
	kept := 0
	rapid.Check(t, func(rt *rapid.T) {
		w := world{T: rt}
		p := eligibility.Policies{w.policy()}
		for i := range p[0].Minimums {
			p[0].Minimums[i].Amount.Currency = gbp
		}
		upstream := w.promises()
		f := reduce(upstream, w.schedule(upstream))
		s := f.Snapshots[w.int(0, len(f.Snapshots)-1, "looked at")]
		before := s.Start.AddMonths(w.int(-2, 40, "months ahead"))
		want := []string{}
		for _, u := range upstream {
			want = append(want, u.promises(f.Snapshots, s.Start, before)...)
		}
		slices.Sort(want)
		got := promisesOf(p.Renewals(f, s.Known, before))
		if !slices.Equal(got, want) {
			rt.Fatalf("looked at %s, before %s\nengine:   %s\nupstream: %s\n%s", short(s.Start), short(before), listed(got), listed(want), describe(p, f))
		}
		kept += len(want)
	})
	if kept == 0 && !t.Failed() {
		t.Error("nothing was ever promised")
	}
}

// promises are the next dates that upstream had shown by the last look, before an
// instant: that of each charge, and after the last one every month or year. What had
// been seen cancelled on the day before promises nothing.
func (p promise) promises(looks eligibility.Snapshots, last, before instant.Instant) (out []string) {
	for n, at := range p.charged {
		if at > last {
			break
		}
		followed := n+1 < len(p.charged) && p.charged[n+1] <= last
		for k := 0; k == 0 || !followed; k++ {
			next := p.next[n].AddMonths(k)
			if p.interval == eligibility.Yearly {
				next = p.next[n].AddMonths(12 * k)
			}
			if next >= before {
				break
			}
			over := p.cancelled != 0 && slices.ContainsFunc(looks, func(s eligibility.Snapshot) bool {
				return s.Start >= p.cancelled && s.Start < next && s.Start <= last
			})
			if !over {
				out = append(out, promiseOf(eligibility.Renewal{At: next, Amount: p.charge(n, eligibility.Contribution{}, at).Amount}))
			}
		}
	}
	return out
}
