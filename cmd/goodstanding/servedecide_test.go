package main

import (
	"encoding/json"
	"fmt"
	"io"
	"net/http"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"coopcloud.tech/goodstanding/internal/instant"
)

// send puts a ballot.
func send(t *testing.T, url, token, body string) answered {
	t.Helper()
	req, err := http.NewRequest(http.MethodPut, url, strings.NewReader(body))
	if err != nil {
		t.Fatal(err)
	}
	req.Header.Set("Authorization", "Bearer "+token)
	req.Header.Set("Content-Type", "application/json")
	res, err := (&http.Transport{DisableKeepAlives: true}).RoundTrip(req)
	if err != nil {
		t.Fatal(err)
	}
	defer res.Body.Close()
	text, err := io.ReadAll(res.Body)
	if err != nil {
		t.Fatal(err)
	}
	return answered{res.StatusCode, res.Header, string(text)}
}

// TestTheDaemonDecides: what a ballot over HTTP leads to is read in the next
// answer, on the command line too; at its deadline the daemon closes the decision
// by itself and reminds of another one, and the record that it serves is counted
// again by the program that shares no code with it, with the head of the result.
func TestTheDaemonDecides(t *testing.T) {
	w := newWorld(t)
	for _, m := range []string{"Alfa", "Bravo"} {
		name := strings.ToLower(m)
		w.must("members", "add", m, "--kind", "organisation", "--since", "2026-01-01", "--reason", "founders")
		w.must("waive", name, "--from", "2026-01-01", "--reason", "solidarity")
		w.must("people", "add", name+"@example.org", "--name", "Pat "+m, "--delegate-of", name)
	}
	alfa := strings.TrimSpace(w.must("token", "create", "alfa's bot", "--for", "Pat Alfa", "--scope", "ballots:write", "--scope", "decisions:read"))
	bravo := strings.TrimSpace(w.must("token", "create", "bravo's bot", "--for", "Pat Bravo", "--scope", "ballots:write"))
	has(t, w.must("token", "list"), "Pat Alfa", "ballots:write")
	has(t, w.fails(exitRefused, "token", "create", "x", "--scope", "ballots:write"), "ballots:write is used in a person's name: say whose with --for")
	has(t, w.fails(exitRefused, "token", "create", "x", "--for", "Pat Alfa", "--scope", "roll:read"), "roll:read is for programs: a token that stands for a person may have decisions:read, electorate:read, decisions:write, ballots:write")
	has(t, w.fails(exitRefused, "token", "create", "x", "--for", "Pat Alfa", "--scope", "ballots:write", "--as", "Pat Bravo"), "only the person it stands for, or the operator, may make it")
	has(t, w.fails(exitNotFound, "token", "create", "x", "--for", "Nobody", "--scope", "ballots:write"), `there is no person "Nobody"`)

	open := func(until string) string {
		var made struct{ Decision string }
		out := w.must("decisions", "propose", "--as", "Pat Alfa", "--size", "large", "--title", "A shared calendar", "--changes", "We use one.", "--affects", "all", "--channel", "the room",
			"--until", until, "--json")
		if err := json.Unmarshal([]byte(out), &made); err != nil {
			t.Fatal(err)
		}
		w.must("decisions", "open", made.Decision, "--as", "Pat Alfa")
		return made.Decision
	}
	waiting := open(w.clock.Add(12 * 24 * time.Hour).Day()) // nobody answers this one: after a third of the time they are reminded
	w.clock = w.clock.Add(5 * 24 * time.Hour)
	w.clock = instant.Of(w.clock.Time().Truncate(24 * time.Hour)).Add(24*time.Hour - 4*time.Second) // London has winter time then
	short := open(w.clock.Day())
	leakless(t)
	s := w.serve()
	one := s.url + "/api/v1/decisions/2"
	read := func() (d struct {
		State, Stands string
		Entries       int64
		Head          string
		Closed        string
	}) {
		a := get(t, one, "")
		if a.status != http.StatusOK || json.Unmarshal([]byte(a.body), &d) != nil {
			t.Fatalf("%+v", a)
		}
		return d
	}
	if d := read(); d.State != "open" || d.Stands != "waiting for 2" {
		t.Fatalf("%+v", d)
	}
	for name, token := range map[string]string{"alfa": alfa, "bravo": bravo} {
		if a := send(t, one+"/ballots/"+name, token, `{"answer": "favour"}`); a.status != http.StatusOK {
			t.Fatalf("%+v", a)
		}
	}
	if d := read(); d.Stands != "would pass" || d.Entries != 4 {
		t.Errorf("right after the ballots: %+v", d)
	}
	has(t, w.must("decisions", "show", "2"), "Pat Alfa", "Pat Bravo", "favour")
	s.until("the daemon closes it", func() bool { return read().Entries == 5 })
	d := read()
	if d.State != "passed" || !strings.HasSuffix(d.Closed, "T00:00:00Z") {
		t.Errorf("closed: %+v", d)
	}
	if said := w.noticesSaid(waiting); said["not_voted"] != 2 || said["decision_opened"] != 3 || said["decision_result"] != 0 { // both delegates, and the room
		t.Errorf("notices about the one that waits: %v", said)
	}
	if said := w.noticesSaid(short); said["decision_opened"] != 3 || said["decision_result"] != 3 { // whom it reminds hangs on how soon the ballots came
		t.Errorf("notices about the one that ended: %v", said)
	}

	verifier := filepath.Join(t.TempDir(), "verify-record")
	if out, err := exec.Command("go", "build", "-o", verifier, "coopcloud.tech/goodstanding/cmd/verify-record").CombinedOutput(); err != nil {
		t.Fatalf("%v\n%s", err, out)
	}
	record := get(t, one+"/record", "")
	file := filepath.Join(t.TempDir(), "001.json")
	check := func(text string) (string, error) {
		if err := os.WriteFile(file, []byte(text), 0o600); err != nil {
			t.Fatal(err)
		}
		out, err := exec.Command(verifier, file, "--head", d.Head).CombinedOutput()
		return string(out), err
	}
	if out, err := check(record.body); err != nil {
		t.Errorf("the record that is served: %v\n%s", err, out)
	}
	if out, err := check(strings.Replace(record.body, `"favour": 2`, `"favour": 3`, 1)); err == nil {
		t.Errorf("a record that was changed: %s", out)
	}
	s.stop()
}

// TestTheElectorateOnTheCommandLine leaves a row in the audit chain when it is
// carried elsewhere; what is looked at does not.
func TestTheElectorateOnTheCommandLine(t *testing.T) {
	w := adopted(t)
	rows := func() (n int) {
		var v struct{ Audit struct{ Entries int } }
		if err := json.Unmarshal([]byte(w.must("verify", "--json")), &v); err != nil {
			t.Fatal(err)
		}
		return v.Audit.Entries
	}
	before := rows()
	w.must("roll")
	w.must("roll", "--csv")
	w.must("roll", "--right", "vote")
	if rows() != before {
		t.Error("looking at the roll is noted")
	}
	list := w.must("roll", "--right", "vote", "--csv")
	if rows() != before+1 || len(strings.Split(strings.TrimSpace(list), "\n")) < 2 {
		t.Errorf("%d rows, before %d: %s", rows(), before, list)
	}
	w.must("people", "add", "pat@example.org", "--name", "Pat", "--delegate-of", fmt.Sprint(strings.Split(strings.Split(list, "\n")[1], ",")[1]))
	has(t, w.fails(exitRefused, "roll", "--right", "vote", "--csv", "--as", "Pat"), "only a treasurer, a facilitator or the operator may")
}
