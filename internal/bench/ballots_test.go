package bench

import (
	"context"
	"fmt"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"sync"
	"syscall"
	"testing"
	"time"

	"coopcloud.tech/goodstanding/chair"
	"coopcloud.tech/goodstanding/decisions"
	"coopcloud.tech/goodstanding/internal/dbtest"
)

const (
	clients = 32
	// voteFor is how long each side of a round votes, or does what stands for it.
	voteFor = 2 * time.Second
)

// voting is clients that cast ballots one after the other, each for a member of
// its own, and how long each ballot took until its receipt.
type voting struct {
	a    *assembly
	ids  []chair.ID
	cast int64 // ballots with a receipt
	took []time.Duration
}

// perSecond is how many ballots were cast in a second.
func (v *voting) perSecond() float64 {
	ctx, cancel := context.WithTimeout(v.a.tb.Context(), voteFor)
	defer cancel()
	var all sync.WaitGroup
	var mu sync.Mutex
	n, began := 0, time.Now()
	for c := range clients {
		all.Go(func() {
			var took []time.Duration
			for i := 0; ctx.Err() == nil; i++ {
				answer := []decisions.Answer{decisions.Favour, decisions.Abstain}[i%2]
				start := time.Now()
				_, err := v.a.chair.Cast(context.WithoutCancel(ctx), v.ids[c%len(v.ids)], v.a.by(c), answer, "")
				if err != nil {
					v.a.tb.Error(err)
					return
				}
				took = append(took, time.Since(start))
			}
			mu.Lock()
			defer mu.Unlock()
			n, v.took = n+len(took), append(v.took, took...)
		})
	}
	all.Wait()
	v.cast += int64(n)
	return float64(n) / time.Since(began).Seconds()
}

// slowest is the time within which 99 of 100 ballots had their receipt, in ms.
func (v *voting) slowest() float64 {
	slices.Sort(v.took)
	return v.took[len(v.took)*99/100].Seconds() * 1000
}

// whole says that all ballots are there: two entries of each decision are its
// proposal and its opening.
func (v *voting) whole() {
	v.a.whole(v.a.tb.Context(), v.cast+2*int64(len(v.ids)))
}

// pgbench is what PostgreSQL's own measure says of the same server: so many clients
// update a row each, read it and note that, durably.
func pgbench(tb testing.TB, server *dbtest.Durable) func() float64 {
	database := server.Empty(tb)
	server.Run(tb, "pgbench", database, "-i", "-s", "10", "-q")
	says := regexp.MustCompile(`tps = ([0-9.]+) \(without`)
	return func() float64 {
		out := server.Run(tb, "pgbench", database, "-n", "-N", "-c", strconv.Itoa(clients), "-j", "2", "-M", "prepared", "-T", fmt.Sprint(int(voteFor.Seconds())))
		found := says.FindStringSubmatch(out)
		if found == nil {
			tb.Fatalf("pgbench said %s", out)
		}
		n, err := strconv.ParseFloat(found[1], 64)
		if err != nil {
			tb.Fatal(err)
		}
		return n
	}
}

// ballotsPostgres is ballots in a second by transactions of pgbench, and how long the
// slowest took.
func ballotsPostgres(tb testing.TB, decisions int, goal float64) measured {
	server := dbtest.DurablePostgres(tb)
	a := assemble(tb, server.DSN(tb), clients)
	v := &voting{a: a, ids: a.opened(decisions)}
	m := ratio(3, v.perSecond, pgbench(tb, server)).atLeast(goal, "x")
	m.words += fmt.Sprintf(", 99%% within %s ms", number(v.slowest()))
	m.ok = m.ok && v.slowest() <= mostWait
	v.whole()
	return m
}

// mostWait is within what 99 of 100 ballots are to have their receipt, in milliseconds.
const mostWait = 100

// ballotsSQLite is ballots in a second by how often the disk beneath the file syncs then.
func ballotsSQLite(tb testing.TB) measured {
	dsn := dbtest.SQLiteDSN(tb)
	a := assemble(tb, dsn, clients)
	v := &voting{a: a, ids: a.opened(1)}
	dir := filepath.Dir(strings.TrimPrefix(dsn, "sqlite://"))
	s := ratio(3, v.perSecond, func() float64 { return synced(tb, dir) })
	v.whole()
	return s.atLeast(0.6, "x")
}

// synced is how often in a second the disk beneath a folder keeps a page that is
// written over another one: a file that grows waits for its new length, too, and
// SQLite's log seldom grows.
func synced(tb testing.TB, dir string) float64 {
	f, err := os.Create(filepath.Join(dir, "synced"))
	if err != nil {
		tb.Fatal(err)
	}
	defer os.Remove(f.Name())
	defer f.Close()
	page := make([]byte, 4096)
	if _, err = f.Write(page); err == nil {
		err = f.Sync()
	}
	if err != nil {
		tb.Fatal(err)
	}
	n, began := 0, time.Now()
	for time.Since(began) < voteFor {
		if _, err := f.WriteAt(page, 0); err != nil {
			tb.Fatal(err)
		}
		if err := syscall.Fdatasync(int(f.Fd())); err != nil {
			tb.Fatal(err)
		}
		n++
	}
	return float64(n) / time.Since(began).Seconds()
}
