package bench

import (
	"errors"
	"fmt"
	"net/http/httptest"
	"os"
	"os/exec"
	"strings"
	"testing"
	"time"

	"coopcloud.tech/goodstanding/internal/fakeoc"
	"coopcloud.tech/goodstanding/internal/instant"
)

// Figure 14: the binary, and the memory of a daemon as the kernel counts it. Of that,
// the binary's own pages are the file's, which the kernel may take back at any time;
// anonymous memory is what the program asked for.

// idleAfter is when a daemon has given back what its start took, and on SQLite closed
// the connections that only the start used; with PostgreSQL they stay for five minutes.
const idleAfter = 45 * time.Second

func sizeOfBinary(tb testing.TB) measured {
	info, err := os.Stat(program(tb))
	if err != nil {
		tb.Fatal(err)
	}
	mib := float64(info.Size()) / (1 << 20)
	return measured{number(mib) + " MiB", mib <= 25}
}

// idleMemory is that of the larger one of two daemons, on SQLite and on PostgreSQL, of
// the federation that ships with the program.
func idleMemory(tb testing.TB) measured {
	binary := program(tb)
	upstream := shipped(tb)
	var words []string
	most := 0.0
	names := []string{"SQLite", "PostgreSQL"}
	daemons := []*daemon{serve(tb, binary, upstream, emptySQLite(tb)), serve(tb, binary, upstream, emptyPostgres(tb))}
	time.Sleep(idleAfter)
	for i, d := range daemons {
		all, own := d.mebibytes(tb, "VmRSS"), d.mebibytes(tb, "RssAnon")
		d.end(tb)
		words = append(words, fmt.Sprintf("%s MiB on %s, of it %s anonymous", number(all), names[i], number(own)))
		most = max(most, all)
	}
	return measured{strings.Join(words, "; "), most <= 30}
}

// pullingMemory is the most that the program has while it reads 10,000 contributions
// for the first time, with all it does about them: a process of its own, which ends
// when that is done.
func pullingMemory(tb testing.TB) measured {
	binary := program(tb)
	upstream := payers(tb, 10_000)
	var most []float64
	for range 3 {
		var said strings.Builder
		c := exec.Command(binary, "sync", "--wait")
		c.Env = append(os.Environ(), "GOODSTANDING_DATA="+tb.TempDir(), "GOODSTANDING_DATABASE="+emptySQLite(tb))
		c.Env = append(c.Env, upstream.settings()...)
		c.Stdout, c.Stderr = &said, &said
		peak, err := resident(c)
		if err != nil || !strings.Contains(said.String(), "10000 contributions") {
			tb.Fatalf("sync: %v\n%s", err, &said)
		}
		most = append(most, peak)
	}
	return spreadOf(most).atMost(64, " MiB")
}

// resident is the most that a program has in memory from its start to its end, in MiB,
// as the kernel noted it (VmHWM) up to the last time it was asked, every two
// milliseconds. What it says when the program has ended will not do: that begins with
// what the process had from which it was started.
func resident(c *exec.Cmd) (most float64, err error) {
	if err := c.Start(); err != nil {
		return 0, err
	}
	ended := make(chan error)
	go func() { ended <- c.Wait() }()
	tick := time.NewTicker(2 * time.Millisecond)
	defer tick.Stop()
	for {
		select {
		case err := <-ended:
			if most == 0 && err == nil {
				err = errors.New("it ended before its memory was read")
			}
			return most, err
		case <-tick.C:
			if now, err := mebibytes(c.Process.Pid, "VmHWM"); err == nil {
				most = now
			}
		}
	}
}

// upstream is a collective that can be read.
type upstream struct{ url, slug, token string }

func (u upstream) settings() []string {
	return []string{"GOODSTANDING_OC_URL=" + u.url, "GOODSTANDING_OC_SLUG=" + u.slug, "GOODSTANDING_OC_TOKEN=" + u.token}
}

// shipped is the federation that ships with the program, half a year later.
func shipped(tb testing.TB) upstream {
	story, err := fakeoc.BuiltIn("federation")
	if err != nil {
		tb.Fatal(err)
	}
	return told(tb, story)
}

// payers is a collective to which n accounts have paid monthly for six weeks.
func payers(tb testing.TB, n int) upstream {
	began := time.Now().UTC().AddDate(0, 0, -42)
	var b strings.Builder
	fmt.Fprintf(&b, "start %s\ncollective loose-knot GBP host=open-purse admin=ada-admin\ntoken demo ada-admin\n", began.Format("2006-01-02T15:04"))
	for i := range n {
		fmt.Fprintf(&b, "account payer-%d organisation\n", i)
	}
	for i := range n {
		fmt.Fprintf(&b, "join payer-%d GBP 10 monthly\n", i)
	}
	story, err := fakeoc.ReadScenario(strings.NewReader(b.String()))
	if err != nil {
		tb.Fatal(err)
	}
	return told(tb, story)
}

// told plays a story up to now, and answers for it.
func told(tb testing.TB, story *fakeoc.Scenario) upstream {
	script, err := fakeoc.Play(story, 1)
	if err != nil {
		tb.Fatal(err)
	}
	if err := script.AdvanceTo(instant.Of(time.Now())); err != nil {
		tb.Fatal(err)
	}
	s := httptest.NewServer(fakeoc.NewStage(script, fakeoc.ServerOptions{NoLimit: true}))
	tb.Cleanup(s.Close)
	return upstream{s.URL + "/graphql/v2", script.Collective(), "demo"}
}
