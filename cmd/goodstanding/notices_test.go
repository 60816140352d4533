package main

import (
	"context"
	"encoding/json"
	"regexp"
	"strings"
	"testing"
	"time"

	"coopcloud.tech/goodstanding/notify"
	"coopcloud.tech/goodstanding/store"
)

// tell writes notices about a member into the world's database, as another
// process would, a second later.
func (w *world) tell(handle string, f func(m *notify.Message), causes ...string) {
	w.t.Helper()
	w.clock += 1e6
	ctx := context.Background()
	db, err := store.Open(ctx, "sqlite://"+w.env["GOODSTANDING_DATA"]+"/"+databaseName, store.Options{})
	if err != nil {
		w.t.Fatal(err)
	}
	defer db.Close()
	err = db.InTx(ctx, store.NoStream, w.clock, func(tx *store.Tx) error {
		info, err := tx.FindMember(ctx, handle)
		for _, cause := range causes {
			m := notify.Message{Occasion: notify.Occasion{Kind: notify.PaymentLate, Member: info.ID, Cause: cause}, Channel: notify.Email,
				About: w.clock, DueAt: w.clock, State: notify.BeforeStart}
			f(&m)
			if err == nil {
				err = tx.Enqueue(ctx, m)
			}
		}
		return err
	})
	if err != nil {
		w.t.Fatal(err)
	}
}

// hidden takes out the random ids of notices.
func hidden(s string) string { return regexp.MustCompile(`nt_[a-z0-9]+`).ReplaceAllString(s, "nt_…") }

// TestNoticesFromOffToWhy: off, the plan, the start, a batch released, another
// dropped, and why each went or did not.
func TestNoticesFromOffToWhy(t *testing.T) {
	w := newWorld(t)
	w.must("members", "add", "Alfa Co-op", "--kind", "organisation")
	w.must("people", "add", "ada@example.org", "--name", "Ada Example", "--role", "treasurer")
	w.must("people", "add", "bo@example.org", "--name", "Bo Example", "--delegate-of", "alfa-co-op")
	var people []struct{ Person, Name string }
	if err := json.Unmarshal([]byte(w.must("people", "list", "--json")), &people); err != nil || len(people) != 2 || people[1].Name != "Bo Example" {
		t.Fatalf("the people: %+v, %v", people, err)
	}
	to := func(state notify.State, detail string, due time.Duration) func(*notify.Message) {
		return func(m *notify.Message) {
			m.Recipient, m.State, m.Detail, m.DueAt = people[1].Person, state, detail, w.clock.Add(due)
		}
	}
	w.tell("alfa-co-op", to(notify.BeforeStart, "", -time.Hour), "charge:1")
	w.tell("alfa-co-op", to(notify.BeforeStart, "", 48*time.Hour), "charge:2")

	has(t, w.must("status"), "Mails       off (4 before start)", "Notices are off, 1 to come: goodstanding notices start")
	plan := w.must("notices", "start", "--dry-run")
	golden(t, "notices/plan.txt", plan)
	if w.must("notices", "start", "--dry-run") != plan {
		t.Error("a dry run changed something")
	}
	w.terminal, w.width, w.stdin = true, 120, "n\n"
	if got := w.fails(exitRefused, "notices", "start"); !strings.HasSuffix(got, "you said no: nothing was changed") {
		t.Errorf("after a no: %s", got)
	}
	w.terminal, w.width = false, 0
	if got, want := w.fails(exitRefused, "notices", "release"), "cannot release the notices: notices are off: start them first (goodstanding notices start); nothing waits for a yes or no"; got != want {
		t.Errorf("released while off:\n got  %s\n want %s", got, want)
	}
	started := w.run("notices", "start", "--as", "Ada", "--yes")
	has(t, started.out, "Notices are on: 1 waits for its moment.")
	has(t, started.err, "No mail goes before a mail server is set: GOODSTANDING_SMTP_URL.")
	if got, want := w.fails(exitRefused, "notices", "start"), "cannot start the notices: they are on since 22 November 2026"; got != want {
		t.Errorf("started twice:\n got  %s\n want %s", got, want)
	}
	if got := w.fails(exitRefused, "notices", "stop", "--as", "Bo"); got != "cannot stop the notices: only a treasurer or the operator may" {
		t.Error(got)
	}

	w.tell("alfa-co-op", to(notify.HeldState, notify.ByImport.Detail(), 0), "charge:3", "charge:4")
	w.tell("alfa-co-op", to(notify.HeldState, notify.ByLink.Detail(), 0), "charge:5")
	w.tell("alfa-co-op", to(notify.Failed, "5.1.1", 0), "charge:6")
	has(t, w.must("status"), "Mails       on since 22 Nov 2026 (3 before start, 1 failed, 3 held, 1 waiting)", "2 wait for a yes or no: an import would tell it",
		"no mail goes: no mail server is set (GOODSTANDING_SMTP_URL)",
		"1 notice failed in the last week", "Say yes or no to 2 notices, because an import would tell it: goodstanding notices release import (or drop import)",
		"Look why 1 notice failed in the last week: goodstanding notices --state failed")
	golden(t, "notices/list.txt", hidden(w.must("notices", "--member", "alfa-co-op")))
	if got, want := w.fails(exitRefused, "notices", "release", "imprt"), `cannot release the notices: nothing waits in a batch "imprt": there is import, link`; got != want {
		t.Errorf("a word that is none:\n got  %s\n want %s", got, want)
	}
	has(t, w.must("notices", "release", "import", "--reason", "they are right"), "2 wait for a yes or no in the batch import, because an import would tell it:",
		"Released: 2 wait now for the next mails.")
	if got, want := w.fails(exitRefused, "notices", "drop"), "cannot drop the notices: a reason is needed: say why with --reason"; got != want {
		t.Errorf("dropped without a reason:\n got  %s\n want %s", got, want)
	}
	has(t, w.must("notices", "drop", "--reason", "they were told by telephone"), "Dropped: 1 notice, and never sent.")

	golden(t, "notices/why.txt", hidden(w.must("notices", "why", "--member", "alfa-co-op")))
	var answers []struct {
		Notice, Kind, State, Why, To string
		Steps                        []struct{ State, Words string }
	}
	if err := json.Unmarshal([]byte(w.must("notices", "--person", "Bo", "--state", "suppressed", "--json")), &answers); err != nil || len(answers) != 1 || len(answers[0].Steps) != 2 {
		t.Fatalf("as JSON: %+v, %v", answers, err)
	}
	has(t, w.must("notices", "why", answers[0].Notice), "Bo Example did not get “payment late” about Alfa Co-op: a treasurer said no to it.")
	has(t, w.must("members", "show", "alfa-co-op"), "22 Nov 2026: payment late to Bo Example: not told (dropped)")
	has(t, w.must("notices", "stop", "--reason", "a mistake"), "Notices are off: 3 are held back.")
	has(t, w.must("notices", "list", "--since", "2026-11-23"), "There is no such notice.")
	if got := w.fails(exitNotFound, "notices", "why", "nt_none"); got != `there is no notice "nt_none"` {
		t.Error(got)
	}
	w.must("verify")
}

// Mails that come back, and what a person wants to read.
func TestBouncesAndWishesOnTheCommandLine(t *testing.T) {
	w := newWorld(t)
	w.must("people", "add", "bo@example.org", "--name", "Bo Example", "--role", "facilitator")
	if got, want := w.fails(exitRefused, "notices", "bounced", "Bo"), "cannot note that mails come back: a reason is needed: say why with --reason"; got != want {
		t.Errorf("got  %s\nwant %s", got, want)
	}
	has(t, w.must("notices", "bounced", "bo@example.org", "--reason", "550"), "Nothing more is sent there until another address is given: Bo Example.")
	if got := w.fails(exitNotFound, "notices", "bounced", "cy@example.org", "--reason", "550"); got != `there is no address "…@…"` {
		t.Error(got)
	}
	has(t, w.must("notices", "bounced", "Bo", "--undo", "--reason", "made room"), "Mails go there again: Bo Example.")
	has(t, w.must("people", "mails", "Bo", "--language", "es", "--decline", "opportunity"), "Language: es", "opportunity           declined", "digest                sent")
	has(t, w.must("people", "mails", "Bo"), "Language: es", "opportunity           declined")
	if got, want := w.fails(exitRefused, "people", "mails", "Bo", "--language", "xx"), `cannot change the mails: there are no mails in "xx": choose from en, es`; got != want {
		t.Errorf("got  %s\nwant %s", got, want)
	}
	has(t, w.must("people", "mails", "Bo", "--accept", "opportunity", "--json"), `"declined": []`)
	if got, want := w.fails(exitRefused, "people", "mails", "Bo", "--decline", "lapsed"), "cannot change the mails: lapsed cannot be declined: a member is told before its rights change"; got != want {
		t.Errorf("got  %s\nwant %s", got, want)
	}
}

func TestUsageOfNotices(t *testing.T) {
	w := newWorld(t)
	for line, want := range map[string]string{
		"notices --kind laps":               `--kind: there is no kind "laps"; the nearest is lapsed (there are payment_late, `,
		"notices --state sendt":             `--state: there is no state "sendt"; the nearest is sent (there are waiting, held, sent, failed, recovered, before_start, no_address, suppressed)`,
		"notices --limit 0":                 `--limit is a whole number from 1`,
		"notices why":                       `say which: goodstanding notices why ID, or --member MEMBER or --person PERSON`,
		"notices why x --member alfa":       `say which: goodstanding notices why ID, or --member MEMBER or --person PERSON`,
		"people mails Bo --decline oportun": `--decline: there is no kind "oportun"; the nearest is opportunity (there are payment_late, `,
	} {
		if got := w.fails(exitUsage, strings.Fields(line)...); !strings.HasPrefix(got, want) {
			t.Errorf("goodstanding %s\n got  %s\n want %s", line, got, want)
		}
	}
}
