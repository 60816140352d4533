//go:build unix

package main

import (
	"context"
	"flag"
	"fmt"
	"maps"
	"math/rand/v2"
	"path/filepath"
	"regexp"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"coopcloud.tech/goodstanding/internal/fakeoc"
	"coopcloud.tech/goodstanding/internal/fakesmtp"
	"coopcloud.tech/goodstanding/internal/instant"
)

var (
	chaos       = flag.Bool("chaos", false, "mixed traffic for minutes, with faults (make chaos)")
	chaosRecord = flag.String("chaos-record", "", "write the report into this page")
)

// soak is a federation whose daemons serve many at once while everything around them
// fails.
type soak struct {
	*world
	public  string // HOST:PORT of the first daemon
	links   *links
	cluster *cluster
	script  *fakeoc.Script
	stage   *fakeoc.Stage
	mails   *fakesmtp.Server
	daemons []*soaked
	clients int        // made so far
	chance  *rand.Rand // of what happens upstream
	ahead   atomic.Int64

	turn     sync.Mutex // the clocks
	commands sync.Mutex
	people   sync.WaitGroup
	busy     sync.RWMutex // held for writing while nothing may be under way
	enough   atomic.Bool
	still    atomic.Bool // nobody changes anything
	tally    tally
	post     *postbox
	mailed   sync.Mutex
	signedIn atomic.Int64

	day       int
	decisions int64
	open      atomic.Int64
	closed    map[int64]string // how each decision was seen to end
	phases    []phase

	voters     []*voter
	treasurers []*treasurer
	secrets    map[string]string

	faults  sync.Mutex
	broken  []string       // what does not hold, in the order in which it was seen
	often   map[string]int // how often each was, but for its numbers
	wronged int
	lapsed  []string
}

// broke notes that something that must hold does not.
func (s *soak) broke(format string, args ...any) {
	s.faults.Lock()
	defer s.faults.Unlock()
	text := fmt.Sprintf(format, args...)
	if s.often == nil {
		s.often = map[string]int{}
	}
	kind := inNumbers.ReplaceAllString(text[:min(len(text), 160)], "N")
	if s.often[kind]++; s.often[kind] <= 3 {
		s.t.Logf("BROKEN at %s: %s", time.Now().UTC().Format("15:04:05"), text)
	}
	s.broken = append(s.broken, text)
}

var inNumbers = regexp.MustCompile(`\d+|r_\w+`)

// newSoak has a federation that was adopted, people, and mails that go out; no daemon
// runs yet.
func newSoak(t *testing.T, dsn string) *soak {
	t.Helper()
	s := &soak{mails: fakesmtp.New(t, fakesmtp.Options{User: "roll", Password: "canary-smtp-5512"}), chance: rand.New(rand.NewPCG(8, 8)), closed: map[int64]string{}, secrets: map[string]string{}}
	s.world = &world{t: t}
	s.stage = upstreamOf(s)
	s.world = worldOn(t, dated(s, s.stage))
	s.public = freePort(t)
	s.post = &postbox{s: s, links: map[string]string{}}
	s.ahead.Store(int64(soakBegins) - int64(instant.Of(time.Now())))
	s.ticking = func() instant.Instant {
		return instant.Of(time.Now()).Add(time.Duration(s.ahead.Load()) * time.Microsecond)
	}
	for name, value := range map[string]string{
		"OC_SLUG": "loose-knot", "OC_TOKEN": soakCanary, "DATABASE": dsn, "SMTP_URL": "smtp://roll@" + s.mails.Address + "?tls=off", "SMTP_PASSWORD": "canary-smtp-5512", "MAIL_FROM": "roll@example.org",
		"HOOK_SECRET": hookSecret, "LOG_LEVEL": "debug", "LOG_FORMAT": "json", "TRUSTED_PROXIES": "127.0.0.1", "PUBLIC_URL": "http://" + s.public,
	} {
		s.env["GOODSTANDING_"+name] = value
	}
	s.secrets = map[string]string{"token for Open Collective": soakCanary, "mail password": "canary-smtp-5512", "hook's secret": hookSecret}
	s.pass(time.Hour)
	s.must("sync")
	s.must("members", "adopt", "--all")
	return s
}

// peopled adds who votes and who keeps the roll, and opens the first decision.
func (s *soak) peopled(t *testing.T) (reads string) {
	t.Helper()
	for i := range aided {
		s.must("members", "add", fmt.Sprintf("aided-%d", i), "--kind", "organisation", "--since", "2026-01-01", "--reason", "founders")
	}
	for i := range tokened + mailed {
		name := fmt.Sprintf("voter-%d", i)
		s.must("members", "add", name, "--kind", "organisation", "--since", "2026-01-01", "--reason", "founders")
		s.must("waive", name, "--from", "2026-01-01", "--reason", "solidarity")
		s.must("people", "add", name+"@example.org", "--name", "Pat "+name, "--delegate-of", name)
		s.secrets[name+"'s address"] = name + "@example.org"
		s.must("people", "add", "second."+name+"@example.org", "--name", "Sam "+name, "--delegate-of", name) // is told of each ballot
		if i < tokened {
			token := strings.TrimSpace(s.must("token", "create", name, "--for", "Pat "+name, "--scope", "ballots:write", "--scope", "decisions:read"))
			s.secrets[name+"'s token"] = token
		}
	}
	for i := range keepers {
		s.must("people", "add", fmt.Sprintf("tara-%d@example.org", i), "--name", fmt.Sprintf("Tara %d", i), "--role", "treasurer")
	}
	s.must("notices", "start", "--yes")
	s.pass(3 * 24 * time.Hour)
	s.must("sync")
	reads = s.token()
	s.secrets["program's token"] = reads
	s.propose(t.Context())
	return reads
}

// TestChaosOnPostgreSQL: two daemons on one database, with toxiproxy on every link,
// serve readers, voters and treasurers while links fail in every way, daemons are killed
// and stopped, clocks jump, the database's disk is full, and 10,000 requests mean ill.
// Everything comes back by itself, nothing that was acknowledged is lost, and no ballot,
// notice or mail is doubled.
func TestChaosOnPostgreSQL(t *testing.T) {
	if !*chaos {
		t.Skip("make chaos runs it")
	}
	at := freePort(t)
	disk := &smallDisk{t: t}
	c := clusterWith(t, at, func(dir string) { disk.mount(dir, "160m") })
	s := newSoak(t, "postgres:///postgres?host="+c.dir+"&port="+at[len("127.0.0.1:"):]+"&user=app&sslmode=disable")
	s.cluster = c
	s.links = newLinks(s)
	reads := s.peopled(t)
	outside := s.outside()
	for i, name := range []string{"one", "two"} {
		address := s.public
		if i > 0 {
			address = freePort(t)
		}
		env := maps.Clone(outside)
		env["GOODSTANDING_DATABASE"] = "postgres://app@" + s.links.lay("database-"+name, at) + "/postgres?sslmode=disable"
		s.daemon(name, address, env)
	}
	for _, d := range s.daemons {
		d.start()
	}
	s.lives(t, reads, 10_000, func(one, two *soaked) []func() {
		all := s.linksFail([]string{"database-one", "database-two"}, []string{"upstream"}, []string{"mail"})
		all = append(all, func() { s.linkFails(linkFaults[len(linkFaults)-1], []string{"database-one"}) }, func() { s.linkFails(linkFaults[3], []string{"database-two"}) })
		for range 3 {
			all = append(all, func() { s.dies(one) })
		}
		return append(all, func() { s.freezes(one) }, func() { s.freezes(two) }, func() { s.diskFills(disk) })
	})
}

// outside lays the links to Open Collective and to the mail server, and gives the
// settings of a daemon that uses them.
func (s *soak) outside() map[string]string {
	upstream := s.links.lay("upstream", strings.TrimSuffix(strings.TrimPrefix(s.url, "http://"), "/graphql/v2"))
	return map[string]string{
		"GOODSTANDING_OC_URL":   "http://" + upstream + "/graphql/v2",
		"GOODSTANDING_SMTP_URL": "smtp://roll@" + s.links.lay("mail", s.mails.Address) + "?tls=off",
	}
}

// linksFail has every fault of a link strike each of some sets of links.
func (s *soak) linksFail(sets ...[]string) (all []func()) {
	for _, f := range linkFaults {
		for _, where := range sets {
			all = append(all, func() { s.linkFails(f, where) })
		}
	}
	return all
}

// TestChaosOnSQLite: the same with one daemon on a file, which no link leads to, and
// with 2,000 requests that mean ill.
func TestChaosOnSQLite(t *testing.T) {
	if !*chaos {
		t.Skip("make chaos runs it")
	}
	disk := &smallDisk{t: t}
	dir := t.TempDir()
	disk.mount(dir, "24m")
	s := newSoak(t, "sqlite://"+filepath.Join(dir, "roll.db"))
	s.links = newLinks(s)
	reads := s.peopled(t)
	s.daemon("one", s.public, s.outside()).start()
	s.lives(t, reads, 2_000, func(one, _ *soaked) []func() {
		return append(s.linksFail([]string{"upstream"}, []string{"mail"}),
			func() { s.dies(one) }, func() { s.dies(one) }, func() { s.freezes(one) }, func() { s.diskFills(disk) }, func() { s.diskFills(disk) })
	})
}

// hold is how long a fault lasts, but for those that take longer to show.
const hold = 3 * time.Second

// lives is the run: calm, faults by chance, hostile requests, calm again; then all that
// must hold is looked at.
func (s *soak) lives(t *testing.T, reads string, attacks int, makeFaults func(one, two *soaked) []func()) {
	s.t = t
	began := time.Now()
	lasting := s.daemons[len(s.daemons)-1] // that is not killed where there are two
	time.Sleep(2 * time.Second)
	sizes := []size{lasting.size()}
	ctx, end := context.WithCancel(t.Context())
	defer end()
	go s.post.watch(ctx)
	for range 6 {
		s.reader(reads)
	}
	for i := range tokened + mailed {
		name := fmt.Sprintf("voter-%d", i)
		s.voters = append(s.voters, s.voter(name, s.secrets[name+"'s token"]))
	}
	for i := range keepers {
		s.treasurers = append(s.treasurers, s.treasurer(fmt.Sprintf("Tara %d", i)))
	}
	var calendar sync.WaitGroup
	calendar.Go(func() { s.days(ctx, 6*time.Second) })

	time.Sleep(15 * time.Second)
	sizes = append(sizes, lasting.size())

	faults := makeFaults(s.daemons[0], lasting)
	for _, by := range []time.Duration{3 * time.Hour, 40 * 24 * time.Hour, -50 * time.Hour} {
		faults = append(faults, func() { s.clocksJump(by, s.daemons...) })
	}
	faults = append(faults, func() { s.clocksJump(30*24*time.Hour, lasting) })
	s.chance.Shuffle(len(faults), func(i, j int) { faults[i], faults[j] = faults[j], faults[i] })
	for i, f := range faults {
		if f(); i%4 == 0 {
			s.seeClosed()
		}
	}
	hostile := s.hostileHour(t, attacks)
	time.Sleep(10 * time.Second)
	s.enough.Store(true)
	end()
	calendar.Wait()
	s.people.Wait()
	s.settles(t)
	sizes = append(sizes, s.shrinks(lasting, sizes[0]))
	s.holds(t, hostile, sizes, time.Since(began))
}
