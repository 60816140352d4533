package fakematrix

import (
	"bytes"
	"context"
	"encoding/json"
	"os"
	"os/exec"
	"slices"
	"testing"
	"time"
)

// TestAForeignClient: matrix-js-sdk, which others wrote, takes part in a room: it
// reads, joins, sets a sign, writes in the thread and removes the sign. What it
// asks and is answered is held against the specification, where that is there.
func TestAForeignClient(t *testing.T) {
	const folder = "../../deploy/peers"
	node, noNode := exec.LookPath("node")
	_, noNPM := exec.LookPath("npm")
	if _, err := os.Stat(folder + "/node_modules/matrix-js-sdk"); err != nil || noNode != nil {
		if noNode == nil && noNPM == nil && os.Getenv("CI") == "true" {
			t.Fatal("npm is on this machine, but the foreign Matrix client is not installed: make peers; in CI nothing is skipped")
		}
		t.Skip("skipped: the foreign Matrix client is not installed (make peers installs it, where Node.js with npm is)")
	}
	s := New(t, "example.org")
	at := s.URL
	if c := lookUp(t); c != nil {
		at = c.serve(t, s, true)
		defer c.report(t)
	}
	bot, _ := s.User("host", "")
	cy, _ := s.User("cy", "another password of the tests")
	room := s.Room("", bot)
	event := s.Say(room, bot, "", "Decision 7 is open")
	s.Say(room, bot, event, "Say why, here.")
	s.Invite(room, bot, cy)
	ctx, cancel := context.WithTimeout(t.Context(), 60*time.Second)
	defer cancel()
	c := exec.CommandContext(ctx, node, "matrix.mjs", at, "cy", "another password of the tests", room, event)
	c.Dir = folder
	var errs bytes.Buffer
	c.Stderr = &errs
	out, err := c.Output()
	if err != nil {
		t.Fatalf("the foreign client fails: %v\n%s%s", err, out, errs.Bytes())
	}
	var seen struct {
		User, Sign              string
		Invited, Idempotent     bool
		Signs, Replies, Removed []string
		Thread                  int
	}
	if err := json.Unmarshal(out, &seen); err != nil {
		t.Fatalf("%v: %s", err, out)
	}
	t.Logf("what the foreign client tells: %s", bytes.TrimSpace(out))
	if seen.User != cy || !seen.Invited || !seen.Idempotent || !slices.Contains(seen.Signs, "👍🏽") || !slices.Contains(seen.Replies, "Count me in.") ||
		!slices.Contains(seen.Replies, "Say why, here.") || !slices.Contains(seen.Removed, seen.Sign) || seen.Thread != 2 {
		t.Errorf("%+v", seen)
	}
}
