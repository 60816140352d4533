package main

import (
	"encoding/json"
	"fmt"
	"regexp"
	"strings"
	"testing"
	"time"

	"coopcloud.tech/goodstanding/internal/fakeoc"
	"coopcloud.tech/goodstanding/internal/instant"
	"coopcloud.tech/goodstanding/store"
)

// fakeWorld is a program before a live fake, with the faults that stand between.
func fakeWorld(t *testing.T, members int) (*world, *fakeoc.World, *fakeoc.Faults) {
	t.Helper()
	oc := fakeoc.NewWorld(instant.Date(2026, 1, 2).Add(9*time.Hour), 8)
	saysAll(t, oc, "collective loose-knot GBP", "token canary-token-9471 ada-admin")
	for i := range members {
		saysAll(t, oc, fmt.Sprintf("join member-%02d GBP 10 monthly card", i))
	}
	faults := fakeoc.NewFaults(fakeoc.NewServer(oc, fakeoc.ServerOptions{NoLimit: true}))
	w := worldOn(t, faults)
	w.env["GOODSTANDING_OC_SLUG"] = "loose-knot"
	w.clock = oc.Now()
	return w, oc, faults
}

func saysAll(t *testing.T, oc *fakeoc.World, lines ...string) {
	t.Helper()
	for _, line := range lines {
		if err := oc.Do(line); err != nil {
			t.Fatal(err)
		}
	}
}

// goTo moves the program's clock and the world's to an instant.
func (w *world) goTo(oc *fakeoc.World, at instant.Instant) {
	oc.AdvanceTo(at)
	w.clock = oc.Now()
}

// states counts the members by state.
func (w *world) states() map[string]int {
	w.t.Helper()
	var rows []struct{ State string }
	if text := w.must("roll", "--json"); json.Unmarshal([]byte(text), &rows) != nil || len(rows) == 0 {
		w.t.Fatalf("no roll:\n%s", text)
	}
	out := map[string]int{}
	for _, m := range rows {
		out[m.State]++
	}
	return out
}

// noticesSaid are the notices that were written, by kind; of one decision, or all.
func (w *world) noticesSaid(decision string) map[string]int {
	w.t.Helper()
	db, err := store.Open(w.t.Context(), "sqlite://"+w.env["GOODSTANDING_DATA"]+"/"+databaseName, store.Options{Version: "test"})
	if err != nil {
		w.t.Fatal(err)
	}
	defer db.Close()
	out := map[string]int{}
	err = db.View(w.t.Context(), func(tx *store.Tx) error {
		rows, err := tx.Notices(w.t.Context(), store.OutboxQuery{})
		for _, n := range rows {
			if strings.HasPrefix(n.Cause, decision) {
				out[string(n.Kind)]++
			}
		}
		return err
	})
	if err != nil {
		w.t.Fatal(err)
	}
	return out
}

// TestTwentyAreImportedWhileUpstreamIsDown: all twenty are unknown and nobody is
// told anything; the first good reading makes of the linked ones what they are,
// and still tells nobody. Who stopped paying has lapsed on the right instant.
func TestTwentyAreImportedWhileUpstreamIsDown(t *testing.T) {
	t.Parallel() // sync waits between its tries
	w, oc, faults := fakeWorld(t, 15)
	saysAll(t, oc, "cancel member-03")
	var csv strings.Builder
	csv.WriteString("handle,name,kind,since,accounts\n")
	for i := range 20 {
		account := ""
		if i < 15 {
			account = oc.AccountID(fmt.Sprintf("member-%02d", i))
		}
		fmt.Fprintf(&csv, "member-%02d,Member %02d,organisation,2026-01-01,%s\n", i, i, account)
	}
	list := w.file("members.csv", csv.String())
	down, err := fakeoc.ParseFault("status code=503")
	if err == nil {
		err = faults.Set(down)
	}
	if err != nil {
		t.Fatal(err)
	}
	w.goTo(oc, instant.Date(2026, 3, 10))
	w.must("members", "import", list, "--reason", "the list of the wiki")
	w.fails(exitUpstream, "sync")
	if got := fmt.Sprint(w.states()); got != "map[unknown:20]" {
		t.Errorf("with Open Collective down: %s, want all 20 unknown", got)
	}
	if got := w.noticesSaid(""); len(got) != 0 {
		t.Errorf("told with Open Collective down: %v", got)
	}

	faults.Clear()
	w.must("sync")
	if got := fmt.Sprint(w.states()); got != "map[current:14 lapsed:1 unknown:5]" {
		t.Errorf("after the first reading: %s", got)
	}
	if got := w.noticesSaid(""); len(got) != 0 {
		t.Errorf("the first reading told %v", got)
	}
	has(t, w.must("holds", "show"), "Nothing is held.")
	for at, want := range map[string]string{"2026-02-21T23:59:00Z": "grace", "2026-02-22T00:00:00Z": "lapsed"} {
		has(t, w.must("explain", "member-03", "--at", at, "--json"), `"state": "`+want+`"`)
	}
}

// TestAHoldIsAcknowledgedOnce, with a reason, on the command line; who is held
// stands as before until then and has lapsed after.
func TestAHoldIsAcknowledgedOnce(t *testing.T) {
	w, oc, _ := fakeWorld(t, 10)
	w.must("sync")
	w.must("members", "adopt", "--all")
	saysAll(t, oc, "cancel member-00", "cancel member-01", "cancel member-02")
	for _, day := range []int{15, 45, 51} { // up to 22 February
		w.goTo(oc, instant.Date(2026, 1, 2).Add(time.Duration(day)*24*time.Hour))
		w.must("sync")
	}
	shown := w.must("holds", "show")
	has(t, shown, "Likely cause: the contributions of 3 of these 3 members were cancelled.", "Member 00", "Member 01", "Member 02")
	hold := regexp.MustCompile(`\bh_\w+`).FindString(shown)
	if got := fmt.Sprint(w.states()); got != "map[current:7 grace:3]" {
		t.Errorf("held: %s", got)
	}
	w.fails(exitRefused, "holds", "acknowledge", hold)
	if got := fmt.Sprint(w.states()); got != "map[current:7 grace:3]" {
		t.Errorf("without a reason: %s", got)
	}
	w.must("holds", "acknowledge", hold, "--reason", "each was asked", "--yes")
	if got := fmt.Sprint(w.states()); got != "map[current:7 lapsed:3]" {
		t.Errorf("acknowledged: %s", got)
	}
	has(t, w.must("holds", "show", "--all"), "Acknowledged on 22 February 2026", "each was asked")
	has(t, w.fails(exitRefused, "holds", "acknowledge", hold, "--reason", "again", "--yes"), "it was acknowledged on 2026-02-22")
}

// TestAReadingIsToldBeforeThereAreMembers: the roll has nobody on it yet and was
// read all the same; for a day before the reading it was not.
func TestAReadingIsToldBeforeThereAreMembers(t *testing.T) {
	w, oc, _ := fakeWorld(t, 1)
	if got := w.must("roll"); !strings.Contains(got, "Open Collective was not read yet") {
		t.Errorf("before the first reading: %s", got)
	}
	w.goTo(oc, instant.Date(2026, 3, 10))
	w.must("sync")
	if got := w.must("roll"); !strings.Contains(got, "0 members") || !strings.Contains(got, "Open Collective as of 10 March 2026") {
		t.Errorf("after it: %s", got)
	}
	if got := w.must("roll", "--at", "2026-03-01"); !strings.Contains(got, "Open Collective was not read yet") {
		t.Errorf("for a day before: %s", got)
	}
}
