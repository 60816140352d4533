package eligibility_test

import (
	"testing"

	"coopcloud.tech/goodstanding/eligibility"
	"coopcloud.tech/goodstanding/internal/instant"
	"coopcloud.tech/goodstanding/internal/money"
	"coopcloud.tech/goodstanding/member"
)

// Small histories: everything happens at the midnights of a few days, so that all
// edges meet, and all ways in which it can happen are gone through, not drawn.

// on is the midnight that begins a day of a small history.
func on(day int) instant.Instant { return epoch + instant.Instant(day)*instant.Day }

// shortRules are rules whose spans are a few days long, and all different.
func shortRules() eligibility.Policy {
	p := preset("short", eligibility.Minimum{Amount: pounds(10), Interval: eligibility.Monthly})
	p.Late, p.Interrupted = 2*dayLong, 13*dayLong
	p.Rules[eligibility.Vote].Grace, p.Rules[eligibility.Listing].Grace, p.Rules[eligibility.Services].Grace = 4*dayLong, 6*dayLong, 9*dayLong
	return p
}

func pounds(n int64) money.Money { return money.Money{Minor: n * 100, Currency: gbp} }

// newcomer is a member admitted on day 0 that may be listed, with an account, and
// looked at on every day up to the last.
func newcomer(last int) *eligibility.Facts {
	f := &eligibility.Facts{Member: "m-1", Kind: "organisation", Links: []eligibility.Link{{ID: "l1", Account: "a"}},
		Membership: []eligibility.MembershipFact{{ID: "e1", Kind: eligibility.Admitted, At: on(0)}}}
	for i, kind := range []eligibility.ProfileKind{eligibility.HasProfile, eligibility.Consents, eligibility.Approved} {
		f.Profile = append(f.Profile, eligibility.ProfileFact{ID: string(rune('x' + i)), Kind: kind, On: true, At: on(0)})
	}
	for d := range last + 1 {
		see(f, d)
	}
	return f
}

// see adds a complete snapshot, known as it is taken.
func see(f *eligibility.Facts, day int) {
	f.Snapshots = append(f.Snapshots, eligibility.Snapshot{Number: int64(len(f.Snapshots) + 1), Start: on(day), Known: on(day)})
}

// pay adds a charge of a monthly contribution that covers from one day to another.
func pay(f *eligibility.Facts, contribution string, amount money.Money, from, due int) string {
	c := eligibility.Charge{ID: contribution + "@" + on(from).Day(), Contribution: contribution, Account: "a", Kind: eligibility.ContributionCharge,
		Interval: eligibility.Monthly, Amount: amount, OrderMinor: amount.Minor, From: on(from), Due: on(due), Known: on(from), FixedKnown: on(from)}
	f.Charges = append(f.Charges, c)
	return c.ID
}

func giveBack(f *eligibility.Facts, charge string, day int) {
	f.Refunds = append(f.Refunds, eligibility.Refund{ID: "r" + charge, Charge: charge, At: on(day), Known: on(day)})
}

func show(f *eligibility.Facts, id string, s eligibility.Status, day int, more func(*eligibility.Contribution)) {
	c := eligibility.Contribution{ID: id, Account: "a", Status: s, Interval: eligibility.Monthly, Effective: on(day), Known: on(day)}
	for _, x := range f.Charges {
		if x.Contribution == id && x.From <= c.Effective && c.ProcessedAt == 0 {
			c.ProcessedAt = x.From
		}
	}
	if more != nil {
		more(&c)
	}
	f.Contributions = append(f.Contributions, c)
}

// history is one small history, its number, and the days that are asked about.
type history struct {
	t        *testing.T
	n        int
	ps       eligibility.Policies
	f        *eligibility.Facts
	from, to int
	quiet    int // the day after which nothing is learned any more
}

// check asks engine and oracle about every day, by what was known then and by what
// is known now; for some histories it also checks what is cited and when the
// answer changes. every says for which: one in so many.
func (h history) check(every int) {
	h.t.Helper()
	for d := h.from; d <= h.to; d++ {
		for _, known := range []instant.Instant{on(d), instant.Max} {
			if known == instant.Max && d > h.quiet {
				continue
			}
			got := h.ps.Assess(h.f, on(d), known)
			compare(h.t, "Assess", h.ps, h.f, newOracle(h.ps, h.f, on(d), known).assess(), got)
			if got.AsOf < on(d) {
				compare(h.t, "Forecast", h.ps, h.f, newOracle(h.ps, h.f, on(d), known).forecast(), h.ps.Forecast(h.f, on(d), known))
			}
		}
	}
	if h.n%every == 0 {
		h.changes()
		h.cites()
	}
}

func (h history) cites() {
	for d := h.from; d <= h.to; d++ {
		if msg := citationFault(h.ps, h.f, h.ps.Forecast(h.f, on(d), instant.Max)); msg != "" {
			h.t.Fatalf("on day %d: %s\n%s", d, msg, describe(h.ps, h.f))
		}
	}
}

// changes holds each forecast's ChangesAt to the next day whose forecast differs:
// nothing happens but at midnight.
func (h history) changes() {
	const horizon = 80
	var next instant.Instant
	later := h.ps.Forecast(h.f, on(horizon), instant.Max)
	for d := horizon - 1; d >= h.from; d-- {
		s := h.ps.Forecast(h.f, on(d), instant.Max)
		if visibleParts(s) != visibleParts(later) {
			next = on(d + 1)
		}
		if s.ChangesAt != next {
			h.t.Fatalf("on day %d it changes at %s, not at %s: %s %s\n%s", d, short(next), shortOr(s.ChangesAt, "never"), answerOf(s), codes(s), describe(h.ps, h.f))
		}
		later = s
	}
}

// What upstream says of a contribution on three days, in every order, each with one
// of: one charge, two, a second one that is given back at once.
func TestEveryOrderOfStatuses(t *testing.T) {
	soon := func(c *eligibility.Contribution) { c.NextCharge = c.Effective + 3*instant.Day }
	byPayer := func(c *eligibility.Contribution) { c.PausedByPayer = true }
	shown := []struct {
		status eligibility.Status
		more   func(*eligibility.Contribution)
	}{{eligibility.StatusActive, soon}, {eligibility.StatusError, soon}, {eligibility.StatusError, nil}, {eligibility.StatusPaused, soon},
		{eligibility.StatusPaused, byPayer}, {eligibility.StatusRejected, nil}, {eligibility.StatusUnknown, soon}, {eligibility.StatusInReview, nil}}
	n := 0
	for way := range len(shown) * len(shown) * len(shown) {
		for second := range 3 {
			if n++; (way+second)%3 > 0 {
				continue
			}
			f := newcomer(40)
			pay(f, "c1", pounds(10), 0, 4)
			if second > 0 {
				from := 3 * (second + 1)
				again := pay(f, "c1", pounds(10), from, from+3)
				if second == 2 {
					giveBack(f, again, from)
				}
			}
			for i, day := 0, 2; i < 3; i, day = i+1, day+4 {
				x := shown[way>>(3*i)&7]
				show(f, "c1", x.status, day, x.more)
			}
			history{t, n, eligibility.Policies{shortRules()}, f, 1, 35, 12}.check(15)
		}
	}
}

// Two charges of one contribution or two, of half the dues, all of them or another
// currency, that follow each other, meet, or meet only in the late days of the
// first, and of which either may be given back or rejected.
func TestEveryPairOfCharges(t *testing.T) {
	n := 0
	for _, first := range []money.Money{pounds(5), pounds(10), {Minor: 1000, Currency: eur}} {
		for _, back := range []int{-1, 0, 2, 4, 7} {
			for _, second := range []money.Money{pounds(5), pounds(10)} {
				for _, from := range []int{1, 3, 4} {
					for _, ends := range []int{-1, from, from + 1, from + 3, 100} {
						for _, other := range []string{"c1", "c2"} {
							n++
							f := newcomer(40)
							charge := pay(f, "c1", first, 0, 3)
							if back >= 0 {
								giveBack(f, charge, back)
							}
							next := pay(f, other, second, from, from+2+n%4)
							switch ends {
							case -1:
							case 100:
								show(f, other, eligibility.StatusRejected, from+1, nil)
							default:
								giveBack(f, next, ends)
							}
							p := shortRules()
							if n%5 == 0 {
								p.Late = 0
							}
							history{t, n, eligibility.Policies{p}, f, 0, 16, 8}.check(7)
						}
					}
				}
			}
		}
	}
}

// Dues that are forgiven, entered, or paid by an account that is linked for a while:
// every third way in which these can meet.
func TestEveryWayToOweNothing(t *testing.T) {
	waivers := func(f *eligibility.Facts, way int) {
		spans := [][][2]int{{}, {{1, 4}}, {{3, 0}}, {{4, 4}}, {{1, 4}, {2, 6}}, {{2, 6}, {4, 6}}, {{5, 3}}}[way]
		for i, s := range spans {
			w := eligibility.Waiver{ID: string(rune('v' + i)), From: on(s[0]), Until: on(s[1]), Known: on(s[0])}
			if s[1] == 0 {
				w.Until, w.Gone = 0, on(8)
			}
			f.Waivers = append(f.Waivers, w)
		}
	}
	payments := func(f *eligibility.Facts, way int) {
		p := eligibility.Payment{ID: "p", Amount: pounds(10), Months: 1, From: on(2), Until: on(7), Known: on(2)}
		switch way {
		case 0:
			return
		case 1:
			p.Amount = pounds(5)
		case 2:
			p.From, p.Until, p.Gone = on(6), on(9), on(8)
		case 3:
			p.Charge = "c1@" + on(1).Day()
		case 4:
			p.Until = p.From
		}
		f.Payments = append(f.Payments, p)
	}
	links := func(f *eligibility.Facts, way int) {
		l := &f.Links[0]
		switch way {
		case 1:
			l.From, l.Until = on(1), on(5)
		case 2:
			l.From, l.Gone = on(2), on(6)
		case 3:
			l.Account = "b"
		case 4:
			f.Links = nil
		}
	}
	words := func(f *eligibility.Facts, way int) {
		m := eligibility.MembershipFact{ID: "n", Kind: eligibility.NoAccount, At: on(3), Known: on(3)}
		switch way {
		case 1:
			f.Membership = append(f.Membership, m)
		case 2:
			f.Membership = append(f.Membership, m, eligibility.MembershipFact{ID: "o", Kind: eligibility.Linkable, At: on(6), Known: on(6)})
		case 3:
			f.Recorded = []eligibility.Recorded{{At: on(2), Known: on(3), State: eligibility.StateCurrent, Vote: true}, {At: on(5), Known: on(5), State: eligibility.StateUnknown, Services: true},
				{At: on(4), Known: on(4), State: eligibility.StatePaused, Services: true}, {At: on(6), Known: on(6), State: eligibility.StateSuspended},
				{At: on(7), Known: on(7), State: eligibility.StateLapsed, Listing: true}}
		}
	}
	money := func(f *eligibility.Facts, way int) {
		switch way {
		case 1:
			show(f, "c1", eligibility.StatusPending, 1, nil)
			show(f, "c1", eligibility.StatusActive, 6, nil)
		case 2:
			show(f, "c1", eligibility.StatusProcessing, 1, nil)
			pay(f, "c1", pounds(10), 5, 9)
			f.Charges[0].Interval, f.Charges[0].Due = eligibility.OneOff, 0 // which the rules ignore
		case 3:
			pay(f, "c1", pounds(10), 1, 4)
			giveBack(f, "c1@"+on(1).Day(), 6)
		case 4:
			pay(f, "c1", pounds(5), 1, 6)
			giveBack(f, "c1@"+on(1).Day(), 5)
		}
	}
	n := 0
	for way := range 7 * 6 * 5 * 4 * 5 {
		if n++; n%9 > 0 {
			continue
		}
		f := newcomer(30)
		waivers(f, way%7)
		payments(f, way/7%6)
		links(f, way/42%5)
		words(f, way/210%4)
		money(f, way/840)
		history{t, n / 9, eligibility.Policies{shortRules()}, f, 0, 19, 9}.check(7)
	}
}

// Three events of a membership on three days, in every order.
func TestEveryOrderOfMembership(t *testing.T) {
	events := []eligibility.MembershipFact{{Kind: eligibility.Applied}, {Kind: eligibility.Admitted}, {Kind: eligibility.Left}, {Kind: eligibility.Paused},
		{Kind: eligibility.Paused, Listing: true}, {Kind: eligibility.Resumed}, {Kind: eligibility.Suspended}, {Kind: eligibility.Suspended, Until: on(5)}, {Kind: eligibility.Restored}}
	n := 0
	for way := range 9 * 9 * 9 {
		n++
		f := newcomer(8)
		for i, x := range []int{way % 9, way / 9 % 9, way / 81} {
			m := events[x]
			m.ID, m.At, m.Known = string(rune('a'+i)), on(i+1), on(i+1)
			if n%2 == 0 { // told in another order
				f.Membership = append([]eligibility.MembershipFact{m}, f.Membership...)
			} else {
				f.Membership = append(f.Membership, m)
			}
		}
		f.Waivers = []eligibility.Waiver{{ID: "w"}}
		p := shortRules()
		if n%3 == 0 {
			p.Rules[eligibility.Services].Organisations, p.Rules[eligibility.Listing].Organisations = false, n%2 == 0
		}
		history{t, n, eligibility.Policies{p}, f, 0, 6, 4}.check(5)
	}
}

// A listing's conditions, each of them there from a day on, for some days, again, or
// never; for a member of either kind.
func TestEveryConditionOfAListing(t *testing.T) {
	n := 0
	for way := range 4 * 4 * 4 {
		for _, kind := range []member.Kind{member.Organisation, member.Individual} {
			n++
			f := newcomer(8)
			f.Kind, f.Profile = kind, nil
			for i, x := range []int{way % 4, way / 4 % 4, way / 16} {
				for j := range x {
					at := on(1 + i + 2*j)
					f.Profile = append(f.Profile, eligibility.ProfileFact{ID: string(rune('a' + i + 3*j)), Kind: eligibility.HasProfile + eligibility.ProfileKind(i), On: j%2 == 0, At: at, Known: at})
				}
			}
			pay(f, "c1", pounds(10), 1, 9)
			p := shortRules()
			p.Rules[n%3].Individuals = false
			history{t, n, eligibility.Policies{p}, f, 0, 9, 8}.check(3)
		}
	}
}

// A hold that keeps some rights, by rules that enforce, advise on or leave out each
// of them, until it is acknowledged, the member pays, or for ever.
func TestEveryHold(t *testing.T) {
	n := 0
	for modes := range 27 {
		for keeps := range 8 {
			for ends := range 4 {
				if n++; n%2 > 0 {
					continue
				}
				f := newcomer(30)
				pay(f, "c1", pounds(10), 0, 2)
				h := eligibility.Hold{ID: "h", Cause: "host", SetAt: on(9), Since: on(7), Known: on(9),
					Kept: eligibility.Kept{State: eligibility.StateGrace, Vote: keeps&1 > 0, Listing: keeps&2 > 0, Services: keeps&4 > 0}}
				switch ends {
				case 1:
					h.AckAt, h.AckKnown = on(12), on(13)
				case 2:
					pay(f, "c1", pounds(10), 13, 15)
				case 3:
					f.Waivers = []eligibility.Waiver{{ID: "w", From: on(10), Until: on(11), Known: on(10)}}
				}
				f.Holds = []eligibility.Hold{h}
				p := shortRules()
				for i, m := range []int{modes % 3, modes / 3 % 3, modes / 9} {
					if p.Rules[i].Dues = eligibility.DuesMode(m); p.Rules[i].Dues == eligibility.Advisory {
						p.Rules[i].Dues = eligibility.Off // what is advised on while a hold stands has stories of its own
					}
				}
				if n%7 == 0 {
					p.Rules[eligibility.Listing].Organisations = false
				}
				history{t, n / 2, eligibility.Policies{p}, f, 5, 26, 15}.check(5)
			}
		}
	}
}

// Snapshots on some of five days, by rules that enforce one right, two or none: when
// a grace ends that nobody saw end.
func TestEveryGap(t *testing.T) {
	n := 0
	for taken := range 32 {
		for rules := range 3 {
			for trouble := range 2 {
				n++
				f := newcomer(-1)
				for i, day := range []int{0, 8, 10, 17, 30} {
					if taken>>i&1 > 0 {
						see(f, day)
					}
				}
				pay(f, "c1", pounds(10), 0, 3)
				if trouble > 0 {
					show(f, "c1", eligibility.StatusError, 8, func(c *eligibility.Contribution) { c.NextCharge = on(15) })
				}
				p := shortRules()
				p.Rules[eligibility.Vote].Grace, p.Rules[eligibility.Services].Dues = 14*dayLong, eligibility.Off
				switch rules {
				case 1:
					p.Rules[eligibility.Listing].Dues = eligibility.Advisory
				case 2:
					p.Rules[eligibility.Vote].Dues, p.Rules[eligibility.Listing].Dues = eligibility.Off, eligibility.Advisory
				}
				history{t, n, eligibility.Policies{p}, f, 0, 40, 31}.check(5)
			}
		}
	}
}

// Without breaks and suspensions a standing is what the dues say, and who has left or only
// applies is no member all the same. The facts themselves stay as they are.
func TestUnbrokenFactsSayWhatTheDuesSay(t *testing.T) {
	ps := eligibility.Policies{shortRules()}
	for _, kind := range []eligibility.MembershipKind{eligibility.Paused, eligibility.Suspended} {
		f := newcomer(3)
		pay(f, "c", pounds(10), 0, 9)
		f.Membership = append(f.Membership, eligibility.MembershipFact{ID: "e2", Kind: kind, At: on(1), Known: on(1)})
		away, meanwhile := ps.Assess(f, on(3), on(3)), ps.Assess(f.Unbroken(), on(3), on(3))
		if away.Has(eligibility.Vote) || !meanwhile.Has(eligibility.Vote) || meanwhile.State != eligibility.StateCurrent || len(f.Membership) != 2 {
			t.Errorf("%d: %s, and %s by the dues", kind, away.State, meanwhile.State)
		}
		for door, want := range map[eligibility.MembershipKind]eligibility.State{eligibility.Left: eligibility.StateLeft, eligibility.Applied: eligibility.StateApplied} {
			g := *f
			g.Membership = append([]eligibility.MembershipFact{{ID: "e3", Kind: door, At: on(2), Known: on(2)}}, f.Membership...)
			if s := ps.Assess(g.Unbroken(), on(3), on(3)); s.State != want {
				t.Errorf("%d: %s, want %s", kind, s.State, want)
			}
		}
	}
}
