package main

import (
	"encoding/json"
	"path/filepath"
	"strings"
	"testing"

	"coopcloud.tech/goodstanding/internal/dbtest"
)

// TestVerifyTellsAndRepairs: one line for each invariant, what is wrong and what to
// do below it; what follows from the log is made anew, and chains are not.
func TestVerifyTellsAndRepairs(t *testing.T) {
	w := adopted(t)
	dsn := "sqlite://" + filepath.Join(w.dir, "data", databaseName)
	golden(t, "verify/whole.txt", w.must("verify"))
	has(t, w.must("verify", "--repair"), "Nothing had to be repaired.")

	dbtest.TamperAt(t, dsn, `UPDATE standing SET state = 'lapsed', vote = 0 WHERE member = (SELECT min(member) FROM standing)`)
	s := w.run("verify")
	if s.code != exitFailed || s.err != "" {
		t.Errorf("exit code %d, %s", s.code, s.err)
	}
	golden(t, "verify/broken.txt", s.out)
	var found verifyAnswer
	if err := json.Unmarshal([]byte(w.run("verify", "--json").out), &found); err != nil || found.OK || len(found.Invariants) != 8 ||
		found.Invariants[7].Name != "standings" || found.Invariants[7].OK || len(found.Invariants[7].Faults) != 1 || found.Invariants[7].Todo == "" {
		t.Errorf("%v: %+v", err, found)
	}
	w.terminal, w.stdin = true, "n\n"
	has(t, w.fails(exitRefused, "verify", "--repair"), "Make anew what follows from the log? [y/N] ", "you said no: nothing was changed")
	w.terminal = false
	out := w.must("verify", "--repair", "--reason", "somebody was in the database")
	has(t, out, "standings        broken ", "Made anew: standings (1).", "standings        ok ")
	if w.must("verify"); strings.Contains(w.must("verify"), "broken") {
		t.Error("it was not repaired")
	}

	dbtest.TamperAt(t, dsn, `UPDATE audit SET action = 'nothing' WHERE seq = 2`, `UPDATE counter SET known = 1`)
	s = w.run("verify", "--repair")
	has(t, s.out, "audit_chain      broken ", "at entry 2: its content does not fit its hash", "counters         broken ",
		"What to do: it cannot be made anew: stop goodstanding, keep the database, and restore the last backup in which it holds.")
	has(t, s.err, "nothing was repaired: audit_chain cannot be made anew from anything. Stop goodstanding, keep the database, and restore the last backup in which they hold")
	if s.code != exitRefused || strings.Contains(w.run("verify").out, "counters         ok") {
		t.Errorf("exit code %d, and the counters were touched", s.code)
	}
}
