//go:build unix

package main

import (
	"bytes"
	"encoding/json"
	"flag"
	"fmt"
	"io"
	"net/http"
	"os"
	"os/exec"
	"path/filepath"
	"time"
)

var toxiproxy = flag.String("toxiproxy", "", "the server of toxiproxy (make chaos installs it)")

// links are what lies between the daemons and others, in the hands of toxiproxy.
type links struct {
	s   *soak
	api string
}

// A fault of a link: toxiproxy's name of it and its attributes, both ways.
type linkFault struct {
	words, toxic string
	attributes   map[string]int
}

// linkFaults are what happens to each link. A link without a toxic is cut: nobody
// listens, and what was connected is not any more.
var linkFaults = []linkFault{
	{"latency of 400 ms ± 300", "latency", map[string]int{"latency": 400, "jitter": 300}},
	{"bandwidth of 20 kB/s", "bandwidth", map[string]int{"rate": 20}},
	{"connections closed 3 s late", "slow_close", map[string]int{"delay": 3000}},
	{"answers that never come", "timeout", map[string]int{"timeout": 0}},
	{"connections that end after 2 s of silence", "timeout", map[string]int{"timeout": 2000}},
	{"connections reset after 100 ms", "reset_peer", map[string]int{"timeout": 100}},
	{"connections that end after 6 kB", "limit_data", map[string]int{"bytes": 6000}},
	{"cut", "", nil},
}

func newLinks(s *soak) *links {
	s.t.Helper()
	if *toxiproxy == "" {
		s.t.Fatal("say where toxiproxy is: -toxiproxy FILE (make chaos does)")
	}
	address := freePort(s.t)
	host, p := "127.0.0.1", address[len("127.0.0.1:"):]
	c := exec.Command(*toxiproxy, "-host", host, "-port", p)
	log, err := os.Create(filepath.Join(s.dir, "toxiproxy.log"))
	if err != nil {
		s.t.Fatal(err)
	}
	c.Stdout, c.Stderr = log, log
	if err := c.Start(); err != nil {
		s.t.Fatal(err)
	}
	s.t.Cleanup(func() { _, _ = c.Process.Kill(), c.Wait() })
	l := &links{s, "http://" + address}
	s.within(20*time.Second, "toxiproxy answers", func() bool {
		res, err := soonAnswered.Get(l.api + "/version")
		if err != nil {
			return false
		}
		defer res.Body.Close()
		return res.StatusCode == http.StatusOK
	})
	return l
}

// ask tells toxiproxy something.
func (l *links) ask(method, path string, body any) {
	l.s.t.Helper()
	text, err := json.Marshal(body)
	if err != nil {
		l.s.t.Fatal(err)
	}
	req, err := http.NewRequest(method, l.api+path, bytes.NewReader(text))
	if err != nil {
		l.s.t.Fatal(err)
	}
	res, err := soonAnswered.Do(req)
	if err != nil {
		l.s.t.Errorf("toxiproxy: %v", err)
		return
	}
	defer res.Body.Close()
	if said, _ := io.ReadAll(res.Body); res.StatusCode >= 300 {
		l.s.t.Errorf("toxiproxy: %s %s: %d %s", method, path, res.StatusCode, said)
	}
}

// lay makes a link to an address, and gives the address to use.
func (l *links) lay(name, to string) string {
	l.s.t.Helper()
	at := freePort(l.s.t)
	l.ask(http.MethodPost, "/proxies", map[string]any{"name": name, "listen": at, "upstream": to, "enabled": true})
	return at
}

// spoil lets a fault strike links until it is lifted.
func (l *links) spoil(f linkFault, names []string) (lift func()) {
	l.s.t.Helper()
	for _, name := range names {
		if f.toxic == "" {
			l.ask(http.MethodPost, "/proxies/"+name, map[string]any{"enabled": false})
			continue
		}
		for _, stream := range []string{"upstream", "downstream"} {
			l.ask(http.MethodPost, "/proxies/"+name+"/toxics", map[string]any{"name": fmt.Sprint("fault-", stream), "type": f.toxic, "stream": stream, "toxicity": 1, "attributes": f.attributes})
		}
	}
	return func() { l.ask(http.MethodPost, "/reset", map[string]any{}) } // all links are on again, without toxics
}
