package longrun

import (
	"cmp"
	"context"
	"errors"
	"flag"
	"fmt"
	"maps"
	"math/rand/v2"
	"net/http"
	"os"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/rs/zerolog"

	"coopcloud.tech/goodstanding/eligibility"
	"coopcloud.tech/goodstanding/internal/dbtest"
	"coopcloud.tech/goodstanding/internal/fakeoc"
	"coopcloud.tech/goodstanding/internal/instant"
	"coopcloud.tech/goodstanding/member"
	"coopcloud.tech/goodstanding/policy"
	"coopcloud.tech/goodstanding/roll"
	"coopcloud.tech/goodstanding/store"
	"coopcloud.tech/goodstanding/syncer"
	"coopcloud.tech/goodstanding/syncer/opencollective"
)

// counts is what a run was made of.
type counts struct {
	Members, Days, Polls, Bad, Sequences, Restarts, Downs   int
	Wrong, Right, Returned, Held, Late, Compared, UnderHold int
	Replayed, Cited, Contradicted, Waived, Lingered         int
}

func (c *counts) add(d counts) {
	c.Members += d.Members
	c.Days += d.Days
	c.Polls += d.Polls
	c.Bad += d.Bad
	c.Sequences += d.Sequences
	c.Restarts += d.Restarts
	c.Downs += d.Downs
	c.Wrong += d.Wrong
	c.Right += d.Right
	c.Returned += d.Returned
	c.Held += d.Held
	c.Late += d.Late
	c.Replayed += d.Replayed
	c.Cited += d.Cited
	c.Contradicted += d.Contradicted
	c.Waived += d.Waived
	c.Lingered += d.Lingered
	c.Compared += d.Compared
	c.UnderHold += d.UnderHold
}

func (c counts) String() string {
	return fmt.Sprintf("members %d, days %d, polls %d, refused polls %d, contradictions %d, fault sequences %d, restarts %d, times down %d, "+
		"verdicts compared %d (of them under a hold %d, longer than in truth because of what a lie said %d), answers replayed %d, citations tried %d, right lapses %d, returns %d (seen late %d), holds %d, waivers %d, wrong lapses: %d of %d",
		c.Members, c.Days, c.Polls, c.Bad, c.Contradicted, c.Sequences, c.Restarts, c.Downs, c.Compared, c.UnderHold, c.Lingered, c.Replayed, c.Cited, c.Right, c.Returned, c.Late, c.Held, c.Waived, c.Wrong, c.Sequences)
}

// schedule is how a daemon looks, and what upstream does to it.
type schedule struct {
	every  time.Duration // between two looks, on average
	faults float64       // how many looks meet a fault
	down   float64       // how often the daemon is down for days
	seed   uint64
}

// run is one federation with its daemon.
type run struct {
	t      testing.TB
	life   *life
	s      schedule
	random *rand.Rand
	oracle oracle
	faults *fakeoc.Faults
	url    string
	dsn    string
	counts counts

	db     *store.DB
	roll   *roll.Roll
	client *opencollective.Client
	sync   *syncer.Syncer
	hasty  *syncer.Syncer // gives up soon, for faults that last until the client does
	by     roll.By
	// last is what the roll said after the last complete snapshot.
	last map[member.ID]eligibility.Standing
	// account is which account a member has.
	account map[member.ID]member.AccountID
	change  instant.Instant
	lied    bool   // some fault was believed
	spoilt  string // the fault in spite of which a snapshot was complete
	book    *roll.Book
	told    map[member.ID]bool // of whom a wrong lapse was told
	passed  map[string]int     // faults that a pull was complete in spite of
	mail    mailbox
	seen    int // complete snapshots
}

func newRun(t testing.TB, l *life, s schedule) *run {
	r := &run{t: t, life: l, s: s, random: rand.New(rand.NewPCG(s.seed, 11)), dsn: dbtest.SQLiteDSN(t),
		last: map[member.ID]eligibility.Standing{}, account: map[member.ID]member.AccountID{},
		told: map[member.ID]bool{}, passed: map[string]int{}}
	r.oracle.waived = map[member.AccountID][]span{}
	r.faults = fakeoc.NewFaults(fakeoc.NewServer(l.w, fakeoc.ServerOptions{NoLimit: true}))
	url, stop, err := fakeoc.Listen(r.faults)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(stop)
	r.url = url
	r.start()
	t.Cleanup(func() { _ = r.db.Close() })
	return r
}

// start opens the database as a daemon that begins does.
func (r *run) start() {
	r.t.Helper()
	var err error
	if r.db, err = store.Open(context.Background(), r.dsn, store.Options{Version: "test"}); err != nil {
		r.t.Fatal(err)
	}
	r.roll = roll.New(r.db, roll.Options{Now: r.life.w.Now})
	r.connect()
	actor, err := r.roll.ActorAs(context.Background(), "", "treasurer")
	if err != nil {
		r.t.Fatal(err)
	}
	r.by = roll.By{Actor: actor, Reason: "the long run"}
	preset, err := policy.Preset(policy.DefaultPreset)
	if err == nil {
		_, _, err = r.roll.EnsurePolicy(context.Background(), r.by, preset, false)
	}
	if err != nil {
		r.t.Fatal(err)
	}
}

// connect makes a client. A rate limit is waited out in real time by the client
// that met it, so another one goes on.
func (r *run) connect() {
	r.t.Helper()
	if r.client != nil {
		r.client.Close()
	}
	r.client, r.sync = r.reader(10 * time.Second)
	_, r.hasty = r.reader(100 * time.Millisecond)
}

// reader makes a client that waits so long for an answer, with its syncer.
func (r *run) reader(patience time.Duration) (*opencollective.Client, *syncer.Syncer) {
	r.t.Helper()
	c, err := opencollective.New(opencollective.Options{URL: r.url, Token: token, Now: r.life.w.Now, Clock: time.Now,
		PerMinute: 1_000_000, Timeout: patience, Transport: &http.Transport{DisableKeepAlives: true}})
	if err != nil {
		r.t.Fatal(err)
	}
	return c, syncer.New(r.db, r.roll, c, syncer.Options{Slug: slug, Now: r.life.w.Now, Logger: zerolog.Nop()})
}

func (r *run) restart() {
	r.t.Helper()
	if err := r.db.Close(); err != nil {
		r.t.Fatal(err)
	}
	r.start()
	r.counts.Restarts++
}

func (r *run) chance(p float64) bool { return r.random.Float64() < p }

// until lets the federation live and the daemon look until an instant.
func (r *run) until(end instant.Instant) {
	for r.life.w.Now() < end {
		wait := time.Duration(r.random.ExpFloat64() * float64(r.s.every))
		next := r.life.w.Now().Add(max(wait, time.Minute))
		if r.change != 0 && r.change > r.life.w.Now() { // as the daemon does: a look when a standing may change
			next = min(next, r.change)
		}
		if r.chance(r.s.down) {
			next = r.life.w.Now().Add(time.Duration(1+r.random.IntN(35)) * day)
			r.counts.Downs++
		}
		r.life.to(min(next, end))
		if r.chance(0.02) {
			r.restart()
		}
		r.look()
		r.treasurer()
	}
}

// look reads Open Collective, with luck at once, else after a sequence of faults.
func (r *run) look() {
	if r.chance(r.s.faults) {
		r.counts.Sequences++
		for range 1 + r.random.IntN(4) {
			r.bad()
			r.life.to(r.life.w.Now().Add(time.Duration(5+r.random.IntN(600)) * time.Minute))
		}
		r.faults.Clear()
		if r.chance(0.1) {
			return // and the daemon gives up for now
		}
	}
	r.good()
}

// open is the roll as the database has it now; it is read again only when the
// database has moved on.
func (r *run) open() *roll.Book {
	r.t.Helper()
	counters, err := r.db.Counters(context.Background())
	if err == nil && (r.book == nil || r.book.Counters != counters) {
		r.book, err = r.roll.Book(context.Background())
	}
	if err != nil {
		r.t.Fatal(err)
	}
	return r.book
}

// standings is what the roll says now.
func (r *run) standings() map[member.ID]eligibility.Standing {
	r.t.Helper()
	v := r.open().View(roll.Query{}, r.life.w.Now())
	out := map[member.ID]eligibility.Standing{}
	for _, row := range v.Rows {
		out[row.ID] = row.Standing
		if len(row.Accounts) > 0 {
			r.account[row.ID] = row.Accounts[0].ID
		}
	}
	return out
}

// bad looks once while upstream is at fault: nothing may change.
func (r *run) bad() {
	r.t.Helper()
	fault := r.anyFault()
	if err := r.faults.Set(fault); err != nil {
		r.t.Fatal(err)
	}
	before := r.standings()
	r.neverWorse(before, "time alone, before "+fault.String())
	start := r.life.w.Now()
	reader := r.sync
	if patient(fault.Kind) {
		reader = r.hasty
	}
	_, err := reader.Pull(context.Background())
	r.counts.Polls++
	if err == nil { // a fault that does no harm, or one that this pull did not meet
		if r.faults.List()[0].Struck > 0 {
			r.passed[fault.Kind]++
		}
		r.spoilt, r.lied = fault.String(), true
		r.complete(start, true)
		r.spoilt = ""
		return
	}
	r.counts.Bad++
	if opencollective.ClassOf(err) == opencollective.ClassRateLimited {
		r.connect()
	}
	var typed interface{ Class() string }
	if !errors.As(err, &typed) {
		r.t.Errorf("%s: an error without a class: %v", fault, err)
	}
	after := r.standings()
	for id, was := range before {
		is := after[id]
		if len(eligibility.Compare(&was, &is)) > 0 {
			r.wrong(id, fault.String()+" changed a standing")
		}
	}
}

// good looks once while upstream answers well.
func (r *run) good() {
	r.t.Helper()
	r.neverWorse(r.standings(), "time alone")
	start := r.life.w.Now()
	_, err := r.sync.Pull(context.Background())
	r.counts.Polls++
	if _, ok := errors.AsType[*syncer.Contradiction](err); ok && r.lied {
		r.counts.Contradicted++ // of what a lie left behind: refused for three days, then believed
		r.neverWorse(r.standings(), "a contradiction")
		return
	}
	if err != nil {
		r.t.Fatalf("%s: a good answer was refused: %v", r.life.w.Now(), err)
	}
	r.complete(start, false)
}

// complete holds what a complete snapshot did to the truth. What came in spite of
// a fault may lack something that is new, so that a return is seen later; it may
// not take a right.
func (r *run) complete(start instant.Instant, spoilt bool) {
	r.t.Helper()
	r.oracle.see(r.life.w, start)
	r.oracle.learn(r.life.w)
	now := r.standings()
	r.change = 0
	for id, is := range now {
		if c := is.ChangesAt; c != 0 && (r.change == 0 || c < r.change) {
			r.change = c
		}
		was, known := r.last[id]
		voted, votes := known && was.Has(eligibility.Vote), is.Has(eligibility.Vote)
		truth := r.oracle.at(r.account[id], start)
		_, held := is.Reason(eligibility.CodeHeld)
		switch {
		case !votes && truth.vote && spoilt && !voted:
			r.counts.Late++
		case !votes && truth.vote:
			r.wrong(id, fmt.Sprintf("the roll says %s (%s), the ledger says %s", is.State, is.Why(nil), truth.state))
		case votes && !truth.vote && !held && r.toldOtherwise(id, &is):
			r.counts.Lingered++
		case votes && !truth.vote && !held && !spoilt:
			r.tell(id)
			r.t.Errorf("%s: %s keeps the vote as %s (%s), though the ledger says no", r.life.w.Now(), id, is.State, is.Why(nil))
		case voted && !votes:
			r.counts.Right++
		case known && !voted && votes:
			r.counts.Returned++
		}
	}
	r.posted(r.last, now)
	r.last = now
	if r.seen++; r.seen%10 == 0 {
		r.nobodyMissed(start)
	}
}

// toldOtherwise says that a grace goes on because of a status that upstream
// lied about: the roll goes by what it was told, where that is kinder, until
// upstream contradicts it or the time that the status gives is over.
func (r *run) toldOtherwise(id member.ID, is *eligibility.Standing) bool {
	r.t.Helper()
	_, retrying := is.Reason(eligibility.CodeRetrying)
	_, interrupted := is.Reason(eligibility.CodeInterrupted)
	if is.State != eligibility.StateGrace || !retrying && !interrupted {
		return false
	}
	told := r.heard(id, is.At, false)
	return slices.ContainsFunc(r.oracle.known(r.account[id], is.At), func(p fakeoc.Promise) bool {
		status := told[p.Order].Status
		keeps := status == eligibility.StatusError || status == eligibility.StatusPaused
		return keeps && (status.String() != p.Status || told[p.Order].NextCharge != p.Next || told[p.Order].PausedByPayer != (p.PausedBy == "USER"))
	})
}

// heardOtherwise says that the roll has another status of a contribution than
// upstream really had: a lie told it.
func (r *run) heardOtherwise(id member.ID, at instant.Instant) bool {
	r.t.Helper()
	told := r.heard(id, at, true)
	return slices.ContainsFunc(r.oracle.known(r.account[id], at), func(p fakeoc.Promise) bool {
		return told[p.Order].Status.String() != p.Status
	})
}

// heard is what the roll has of a member's contributions at an instant; without
// unknown what it had before a status that it does not know.
func (r *run) heard(id member.ID, at instant.Instant, unknown bool) map[string]eligibility.Contribution {
	r.t.Helper()
	var facts []eligibility.Facts
	err := r.db.View(context.Background(), func(tx *store.Tx) (err error) {
		facts, err = tx.Facts(context.Background(), id)
		return err
	})
	if err != nil {
		r.t.Fatal(err)
	}
	told := map[string]eligibility.Contribution{}
	for _, c := range facts[0].Contributions {
		old, ok := told[c.ID]
		if (unknown || c.Status != eligibility.StatusUnknown) && c.Effective <= at && (!ok || c.Effective > old.Effective || c.Effective == old.Effective && c.Known > old.Known) {
			told[c.ID] = c
		}
	}
	return told
}

// neverWorse: no right goes by itself.
func (r *run) neverWorse(now map[member.ID]eligibility.Standing, what string) {
	r.t.Helper()
	for id, was := range r.last {
		is := now[id]
		if eligibility.Worse(&was, &is) {
			r.wrong(id, what+" took a right")
		}
	}
}

func (r *run) wrong(id member.ID, what string) {
	r.t.Helper()
	r.counts.Wrong++
	if r.told[id] {
		return
	}
	r.told[id] = true
	r.tell(id)
	r.t.Errorf("%s: wrong lapse of %s (%s) %s: %s", r.life.w.Now(), id, r.account[id], r.spoilt, what)
}

// tell shows what the roll and the ledger have of a member.
func (r *run) tell(id member.ID) {
	r.t.Helper()
	x, err := r.roll.Explain(context.Background(), id, 0, 0)
	if err != nil {
		r.t.Fatal(err)
	}
	for _, f := range x.Facts[:min(40, len(x.Facts))] {
		r.t.Logf("  the roll has %s %s %s until %s %v %s", f.Ref, f.What, f.From, f.Until, f.Amount, f.Note)
	}
	var was []fakeoc.Promise
	for _, s := range r.oracle.seen {
		if is := s.of[r.account[id]]; !slices.Equal(is, was) {
			was = is
			r.t.Logf("  in truth there is, at %s, %+v", s.start, is)
		}
	}
	for _, p := range r.oracle.money[r.account[id]] {
		r.t.Logf("  the ledger has %s %s until %s %d %s, back %s", p.Order, p.At, p.Until, p.Amount, p.Currency, p.Back)
	}
}

// adopt takes new payers over.
func (r *run) adopt() {
	r.t.Helper()
	if _, _, err := r.roll.Adopt(context.Background(), r.by, roll.Adopt{All: true}); err != nil {
		r.t.Fatal(err)
	}
	r.last = r.standings()
}

// settled lets what waits come to its end: a month and a half without anything
// new but what upstream does by itself, a look every other day, holds acknowledged.
func (r *run) settled() {
	r.t.Helper()
	for range 24 {
		r.life.quiet(r.life.w.Now().Add(47 * time.Hour))
		r.good()
		holds, err := r.roll.Holds(context.Background(), false)
		if err != nil {
			r.t.Fatal(err)
		}
		for _, h := range holds {
			if _, err := r.roll.Acknowledge(context.Background(), r.by, h.ID); err != nil {
				r.t.Fatal(err)
			}
		}
		r.last = r.standings()
	}
}

// treasurer takes new payers over and looks at holds, after some days each.
func (r *run) treasurer() {
	r.t.Helper()
	ctx := context.Background()
	if r.chance(0.2) {
		r.adopt()
	}
	if r.chance(0.01) {
		r.waive()
	}
	holds, err := r.roll.Holds(ctx, false)
	if err != nil {
		r.t.Fatal(err)
	}
	for _, h := range holds {
		if r.chance(0.1) {
			r.counts.Held++
			if _, err := r.roll.Acknowledge(ctx, r.by, h.ID); err != nil {
				r.t.Fatal(err)
			}
			r.last = r.standings()
		}
	}
}

// waive forgives somebody the dues for weeks or months.
func (r *run) waive() {
	r.t.Helper()
	// By account, which the seed gives: a member's id is another one in each run.
	ids := slices.SortedFunc(maps.Keys(r.account), func(a, b member.ID) int { return cmp.Compare(r.account[a], r.account[b]) })
	id := ids[r.random.IntN(len(ids))]
	now := r.life.w.Now()
	s := span{now, now.Add(time.Duration(10+r.random.IntN(120)) * day)}
	if slices.ContainsFunc(r.oracle.waived[r.account[id]], func(w span) bool { return s.until <= w.until }) {
		return // covered already
	}
	if _, _, err := r.roll.Waive(context.Background(), r.by, id, s.from, s.until, ""); err != nil {
		r.t.Fatal(err)
	}
	r.oracle.waived[r.account[id]] = append(r.oracle.waived[r.account[id]], s)
	r.counts.Waived++
	r.last = r.standings()
}

// oneLife lives a federation's life with one schedule to its end.
func oneLife(t testing.TB, seed uint64, members, days int, s schedule) *run {
	l := newLife(t, seed, members)
	r := newRun(t, l, s)
	r.good()
	r.adopt()
	r.startNotices()
	r.until(l.w.Now().Add(time.Duration(days) * day))
	r.faults.Clear()
	for was := -1; was < r.counts.Contradicted; { // until the last lie is forgotten
		was = r.counts.Contradicted
		r.life.quiet(r.life.w.Now().Add(4 * day))
		r.good()
	}
	r.counts.Members, r.counts.Days = len(r.account), days
	return r
}

// usual is how the long run's daemon looks: about once a day and whenever a
// standing may change, and two looks of three meet a sequence of faults.
func usual(seed uint64) schedule {
	return schedule{every: 24 * time.Hour, faults: 0.7, down: 0.02, seed: seed}
}

// stormy is how it looks in the soak: oftener, and every look meets faults first.
func stormy(seed uint64) schedule {
	return schedule{every: 18 * time.Hour, faults: 1, down: 0.02, seed: seed}
}

var (
	soak   = flag.Int("soak", 1, "how many lives to lead in stormy weather")
	record = flag.String("record", "", "write the soak's counts into this page")
)

// TestTheLongRun is the promise over one life; the soak leads more.
func TestTheLongRun(t *testing.T) {
	r := oneLife(t, 0, 30, lifetime, usual(0))
	r.history()
	r.replayed()
	r.cited()
	r.delivered()
	t.Log("the long run: ", r.counts)
	t.Log("complete in spite of: ", r.passed)
	if c := r.counts; c.Right == 0 || c.Returned == 0 || c.Sequences == 0 || c.Restarts == 0 || c.Downs == 0 || c.Waived == 0 {
		t.Error("too little happened to show anything")
	}
}

// TestSoak leads lives in stormy weather: one of a hundred days, and many whole
// ones by make lives.
func TestSoak(t *testing.T) {
	var mu sync.Mutex
	var all counts
	days := lifetime
	if *soak == 1 && *record == "" { // with the other tests: the later days take most of the time
		days = 100
	}
	t.Run("lives", func(t *testing.T) {
		for seed := range uint64(*soak) {
			t.Run(fmt.Sprint("seed ", seed+1), func(t *testing.T) {
				t.Parallel()
				r := oneLife(t, seed+1, 20, days, stormy(seed+1))
				r.history()
				r.replayed()
				r.cited()
				mu.Lock()
				defer mu.Unlock()
				all.add(r.counts)
				t.Log("so far: ", all)
			})
		}
	})
	t.Log("the soak: ", all)
	if *record != "" && !t.Failed() {
		all.record(t, *record)
	}
}

// record writes the counts between the page's two marks.
func (c counts) record(t *testing.T, page string) {
	t.Helper()
	const begin, end = "<!-- soak -->", "<!-- /soak -->"
	old, err := os.ReadFile(page)
	if err != nil {
		t.Fatal(err)
	}
	head, rest, found := strings.Cut(string(old), begin)
	_, tail, ended := strings.Cut(rest, end)
	if !found || !ended {
		t.Fatalf("%s has no place for the counts: %s … %s", page, begin, end)
	}
	counted := strings.ReplaceAll(c.String(), ", wrong lapses", "\n\nwrong lapses")
	if err := os.WriteFile(page, []byte(head+begin+"\n"+counted+"\n"+end+tail), 0o644); err != nil {
		t.Fatal(err)
	}
}

// history compares every member's verdicts on every day, at an hour by chance,
// and at each of its boundaries, an instant before it and on it.
func (r *run) history() {
	r.t.Helper()
	holds, err := r.roll.Holds(context.Background(), true)
	if err != nil {
		r.t.Fatal(err)
	}
	c := &comparison{run: r, book: r.open(), holds: holds, last: r.oracle.seen[len(r.oracle.seen)-1].start}
	first := r.oracle.seen[0].start
	for at := first; at <= c.last; at = at.Add(day + time.Duration(r.random.IntN(int(hour)))) {
		c.compare(at)
	}
	for id, account := range r.account {
		for _, at := range r.oracle.boundaries(account) {
			if first <= at && at <= c.last {
				c.compare(at, id)
			}
		}
	}
	if c.differ > 5 {
		r.t.Errorf("and %d more differ", c.differ-5)
	}
}

// comparison is of the roll with the oracle, about the past.
type comparison struct {
	*run
	book   *roll.Book
	holds  []roll.Hold
	last   instant.Instant
	differ int
}

// compare looks at some members (none named: all) at an instant.
func (c *comparison) compare(at instant.Instant, ids ...member.ID) {
	c.t.Helper()
	for _, row := range c.book.View(roll.Query{At: at, Members: ids}, c.last).Rows {
		if row.Standing.State == eligibility.StateApplied || row.Standing.State == eligibility.StateUnknown {
			continue
		}
		c.counts.Compared++
		truth := c.oracle.at(c.account[row.ID], at)
		state := row.Standing.State.String()
		if c.heldAt(c.holds, row.ID, at) { // a hold keeps what the ledger no longer gives, and takes nothing
			c.counts.UnderHold++
			if row.Standing.Has(eligibility.Vote) || !truth.vote {
				continue
			}
		}
		votes := row.Standing.Has(eligibility.Vote)
		switch {
		case truth.vote == votes && (truth.state == "" || truth.state == state):
			continue
		case votes && !truth.vote && c.toldOtherwise(row.ID, &row.Standing):
			c.counts.Lingered++
			continue
		case !votes && truth.state == "grace" && c.oracle.revived(c.account[row.ID], at) && c.heardOtherwise(row.ID, at):
			c.counts.Late++
			continue
		}
		if c.differ++; c.differ <= 5 {
			c.tell(row.ID)
			c.t.Errorf("%s at %s: the roll says %s (%s), the ledger says vote %v, %q", row.Name, at, state, row.Standing.Why(nil), truth.vote, truth.state)
		}
	}
}

// before is the start of the last complete snapshot before an instant: a hold
// works from there on.
func (r *run) before(at instant.Instant) (start instant.Instant) {
	for _, s := range r.oracle.seen {
		if s.start < at {
			start = s.start
		}
	}
	return start
}

// heldAt says whether a hold kept a member's rights at an instant.
func (r *run) heldAt(holds []roll.Hold, id member.ID, at instant.Instant) bool {
	for _, h := range holds {
		for _, m := range h.Members {
			if m.ID == id && at > r.before(h.SetAt) && (h.AcknowledgedAt == 0 || at < h.AcknowledgedAt) {
				return true
			}
		}
	}
	return false
}

// kinds are the ways in which upstream fails that the long run draws from. Those
// that last until the client gives up are rare, for they take real time.
var kinds = fakeoc.FaultKinds()

// patient says that a fault lasts until the client gives up.
func patient(kind string) bool {
	return slices.ContainsFunc(kinds, func(k fakeoc.FaultKind) bool { return k.Name == kind && k.Patience })
}

// anyFault draws one, for one query or for all, now and then or always.
func (r *run) anyFault() fakeoc.Fault {
	for {
		k := kinds[r.random.IntN(len(kinds))]
		if k.Plausible || k.Patience && !r.chance(0.05) {
			continue // what nothing contradicts cannot be told from the truth
		}
		f := fakeoc.Fault{Kind: k.Name}
		if r.chance(0.5) {
			f.Times = 1 + r.random.IntN(3)
			f.From = 1 + r.random.IntN(2)
		}
		return f
	}
}

// lifetime is how long a life lasts, in days.
const lifetime = 400
