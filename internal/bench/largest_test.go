package bench

import (
	"flag"
	"fmt"
	"os"
	"path/filepath"
	"runtime"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"github.com/dustin/go-humanize"

	"coopcloud.tech/goodstanding/internal/fakeoc"
	"coopcloud.tech/goodstanding/internal/instant"
	"coopcloud.tech/goodstanding/syncer/opencollective"
)

var contributions = flag.Int("contributions", 1200, "how many contributions the largest collective has, each of a payer of its own")

// manyMembers is more of them than any federation has.
const manyMembers = 200_000

// aMinute is how many requests upstream lets through with a token.
const aMinute = 100

// reading is a first pull of the largest collective, on a clock of its own.
type reading struct {
	snapshot *opencollective.Snapshot
	asked    *asked
	// took is how long it had to wait, in all, for upstream's limit.
	took time.Duration
	at   instant.Instant // by the clock of facts
	// each is the memory that the decoded snapshot takes, in bytes a contribution.
	each float64
}

// readLargest reads a crowd of n from the fake, which answers at once: all the time
// that passes is what the limit asks for.
func readLargest(t *testing.T, n int) (r reading) {
	r.asked = &asked{by: map[string]int{}}
	synctest.Test(t, func(t *testing.T) {
		w := crowd(t, n)
		r.at = w.Now().Add(time.Hour)
		c, err := opencollective.New(opencollective.Options{
			URL: "http://127.0.0.1/graphql/v2", Token: secret, Version: "bench", PerMinute: aMinute,
			Now: func() instant.Instant { return r.at }, Clock: time.Now,
			Transport: inProcess{fakeoc.NewServer(w, fakeoc.ServerOptions{NoLimit: true, Clock: time.Now}), r.asked},
		})
		if err != nil {
			t.Fatal(err)
		}
		runtime.GC()
		before, began := heap(), time.Now()
		r.snapshot, err = c.Pull(t.Context(), opencollective.PullRequest{Slug: slug})
		r.took = time.Since(began)
		runtime.GC()
		r.each = (float64(heap()) - float64(before)) / float64(n)
		runtime.KeepAlive(w) // what the fake holds is not taken off
		if err != nil || len(r.snapshot.Orders) != n || len(r.snapshot.Charges) != n {
			t.Fatalf("%d orders and %d charges of %d: %v", len(r.snapshot.Orders), len(r.snapshot.Charges), n, err)
		}
	})
	return r
}

// TestLargestCollective pulls the largest collective that a fiscal host might have, whose
// payers are members, 200,000 of them at most: how long upstream's limit makes it take beside the floor
// of that limit, and what applying it, applying it again and assessing all members take
// of time, memory and disk. `make largest` has a million; otherwise they are few, and
// what is asked of it is that all of it comes through within the limit.
func TestLargestCollective(t *testing.T) {
	n := *contributions
	r := readLargest(t, n)
	if most := r.asked.busiest(); most > aMinute {
		t.Errorf("%d requests came within a minute of which upstream allows %d", most, aMinute)
	}
	if _, all := stated(n); len(r.asked.times) != all {
		t.Errorf("%d requests, want %d", len(r.asked.times), all)
	}
	// The first hundred may all be asked at once.
	floor := max(0, time.Duration(len(r.asked.times)-aMinute)*time.Minute/aMinute)
	say := func(format string, args ...any) {
		if testing.Verbose() {
			fmt.Printf("largest|"+format+"\n", args...)
		}
	}
	say("contributions|%s", humanize.Comma(int64(n)))
	say("requests|%d|%d in the busiest minute of %d", len(r.asked.times), r.asked.busiest(), aMinute)
	say("waiting for the limit|%s|its floor %s", r.took.Round(time.Second), floor.Round(time.Second))
	say("the snapshot in memory|%.0f bytes a contribution", r.each)
	for _, e := range []engine{postgres, sqlite} {
		applyLargest(t, e, r, n, say)
	}
}

func applyLargest(t *testing.T, e engine, r reading, n int, say func(string, ...any)) {
	s := &shown{snapshot: r.snapshot}
	h := newHouse(t, e, r.at, s)
	s.clock = h.clock
	step := func(what string, f func()) {
		runtime.GC()
		before := heap()
		var took float64
		peak := most(func() { took = wall(f) })
		say("%s|%s|%.1f s|%.0f MiB at most, of it %.0f before", e.driver, what, took, float64(peak)/(1<<20), float64(before)/(1<<20))
	}
	step("first applied, nobody a member", func() { h.pull(rowsEach * n) })
	members := min(n, manyMembers)
	step(humanize.Comma(int64(members))+" made members and assessed", func() { h.admit(members) })
	step("applied again, all of it unchanged, and assessed", func() { h.pull(0) })
	step("once more", func() { h.pull(0) })
	var vote int
	if err := h.plain.QueryRow(`SELECT COUNT(*) FROM standing WHERE vote = 1`).Scan(&vote); err != nil || vote != members {
		t.Errorf("%d of %d members who have paid may vote: %v", vote, members, err)
	}
	say("%s|database|%s", e.driver, humanize.Bytes(h.size()))
}

// size is what the database takes on the disk, in bytes.
func (h *house) size() (n uint64) {
	h.tb.Helper()
	if h.db.Engine() == "postgres" {
		if err := h.plain.QueryRow(`SELECT pg_database_size(current_database())`).Scan(&n); err != nil {
			h.tb.Fatal(err)
		}
		return n
	}
	var file string
	if err := h.plain.QueryRow(`SELECT file FROM pragma_database_list WHERE name = 'main'`).Scan(&file); err != nil {
		h.tb.Fatal(err)
	}
	all, err := filepath.Glob(file + "*")
	if err != nil || len(all) == 0 {
		h.tb.Fatalf("the files of the database: %v %v", all, err)
	}
	for _, f := range all {
		if strings.HasSuffix(f, "-shm") {
			continue // memory
		}
		info, err := os.Stat(f)
		if err != nil {
			h.tb.Fatal(err)
		}
		n += uint64(info.Size())
	}
	return n
}
