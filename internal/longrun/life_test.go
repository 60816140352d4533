package longrun

import (
	"fmt"
	"math/rand/v2"
	"strings"
	"testing"

	"coopcloud.tech/goodstanding/internal/fakeoc"
	"coopcloud.tech/goodstanding/internal/instant"
)

// life is what people, banks and hosts do, day after day, by chance. The same
// seed is the same life, however often anybody looks.
type life struct {
	t      testing.TB
	w      *fakeoc.World
	random *rand.Rand
	people []*person
	next   instant.Instant // when something may happen next
	moved  int             // how often the collective changed its host
}

// person is a payer, as far as the next event depends on it.
type person struct {
	slug    string
	joined  bool
	mood    string // "paying", "refused", "ended", "paused"
	renamed int
}

const slug = "loose-knot"

func newLife(t testing.TB, seed uint64, members int) *life {
	l := &life{t: t, random: rand.New(rand.NewPCG(seed, 7)), w: fakeoc.NewWorld(instant.Date(2026, 1, 1).Add(9*hour), seed)}
	l.say("collective %s GBP", slug)
	l.say("token %s ada-admin", token)
	for i := range members {
		p := &person{slug: fmt.Sprintf("member-%02d", i)}
		l.people = append(l.people, p)
		if l.chance(0.6) { // the rest comes later
			l.join(p)
			l.w.Advance(hour)
		}
	}
	l.next = l.w.Now().Add(6 * hour)
	return l
}

const (
	hour  = day / 24
	token = "0123456789abcdef0123456789abcdef01234567"
)

func (l *life) say(format string, args ...any) {
	l.t.Helper()
	if err := l.w.Do(fmt.Sprintf(format, args...)); err != nil {
		l.t.Fatalf("%s: %v", l.w.Now(), err)
	}
}

func (l *life) chance(p float64) bool { return l.random.Float64() < p }

func (l *life) one(of ...string) string { return of[l.random.IntN(len(of))] }

// to lives until an instant. What happens does so every six hours by the clock,
// whoever looks when.
func (l *life) to(t instant.Instant) {
	for l.next <= t {
		l.w.AdvanceTo(l.next)
		l.happens()
		l.next = l.next.Add(6 * hour)
	}
	l.w.AdvanceTo(t)
}

// quiet lets time pass in which people do nothing.
func (l *life) quiet(t instant.Instant) {
	l.w.AdvanceTo(t)
	l.next = max(l.next, t)
}

// happens lets a quarter of a day bring what it may.
func (l *life) happens() {
	l.upstream()
	for _, p := range l.people {
		switch {
		case !p.joined:
			if l.chance(0.005) {
				l.join(p)
			}
		default:
			l.day(p)
		}
	}
}

func (l *life) join(p *person) {
	amount := l.one("10", "10", "10", "12.50", "20", "9.99", "5")
	interval, method := "monthly", l.one("card", "card", "card", "card", "paypal", "bacs", "manual")
	if l.chance(0.2) {
		interval, amount, method = "yearly", l.one("120", "150", "119.99"), "card"
	}
	extra := l.one("", "", "tip=1.50")
	l.say("join %s GBP %s %s %s %s", p.slug, amount, interval, method, extra)
	p.joined, p.mood = true, "paying"
	if method == "manual" {
		p.mood = "promised"
	}
}

// day is a payer's quarter of a day: mostly nothing.
func (l *life) day(p *person) {
	switch p.mood {
	case "promised":
		if l.chance(0.05) {
			l.try(p, "confirm %s", "paying")
		}
	case "paying":
		l.payer(p)
	case "refused":
		if l.chance(0.012) {
			l.try(p, l.one("accept %s", "update-card %s"), "paying")
		}
	case "paused":
		if l.chance(0.01) {
			l.try(p, "resume %s", "paying")
		}
	case "ended":
		if l.chance(0.006) {
			l.join(p)
		}
	}
}

func (l *life) payer(p *person) {
	switch {
	case l.chance(0.0012):
		l.try(p, "refuse %s", "refused")
	case l.chance(0.001):
		l.try(p, fmt.Sprintf("refuse %%s %d", 1+l.random.IntN(7)), "paying")
	case l.chance(0.0007):
		l.try(p, l.one("cancel %s", "cancel %s", "cancel %s silently"), "ended")
	case l.chance(0.0003):
		l.try(p, "refund %s", "paying")
	case l.chance(0.0003):
		l.try(p, "amount %s "+l.one("5", "10", "12.50", "20"), "paying")
	case l.chance(0.0002):
		l.try(p, "pause %s by=USER", "paused")
	case l.chance(0.0002):
		l.try(p, "dispute %s", "ended")
	case l.chance(0.0003) && p.renamed < 3:
		p.renamed++
		was := p.slug
		p.slug = strings.TrimRight(was, "abc") + string(rune('a'+p.renamed-1))
		l.say("rename %s %s", was, p.slug)
	case l.chance(0.0002): // another interval means another contribution, and the end of the old one
		l.join(p)
		l.try(p, "cancel %s#1", "paying")
	}
}

// try does what may be impossible just now (nothing to refund, ended already).
func (l *life) try(p *person, line, mood string) {
	if l.w.Do(fmt.Sprintf(line, p.slug)) == nil {
		p.mood = mood
	}
}

// upstream has its own bad days.
func (l *life) upstream() {
	switch {
	case l.chance(0.004):
		l.say("halt-charging %dd", 1+l.random.IntN(8))
	case l.chance(0.0006) && l.moved < 2:
		l.moved++
		if l.chance(0.5) {
			l.say("change-host host-%d", l.moved)
		} else {
			l.say("freeze")
		}
		for _, p := range l.people {
			if p.mood == "paying" && l.chance(0.9) {
				p.mood = "paused"
			}
		}
	case l.chance(0.01):
		_ = l.w.Do("unfreeze")
	}
}
