package main

import (
	"encoding/json"
	"path/filepath"
	"regexp"
	"strings"
	"testing"

	"coopcloud.tech/goodstanding/internal/dbtest"
)

// The stories run a whole afternoon of one user through the program, on both
// engines.

func stories(t *testing.T, f func(t *testing.T, w *world)) {
	t.Run("sqlite", func(t *testing.T) { f(t, newWorld(t)) })
	t.Run("postgres", func(t *testing.T) {
		w := newWorld(t)
		w.env["GOODSTANDING_DATABASE"] = dbtest.EmptyPostgresDSN(t)
		f(t, w)
	})
}

// TestATreasurersFirstHour: read, adopt, link, waive, pay, explain, export, and
// the same roll elsewhere.
func TestATreasurersFirstHour(t *testing.T) {
	stories(t, func(t *testing.T, w *world) {
		w.env["GOODSTANDING_FIRST_TREASURER"] = "tess@example.org"
		s := w.run("sync")
		has(t, s.err, "The first treasurer was named")
		delete(w.env, "GOODSTANDING_FIRST_TREASURER")
		as := []string{"--as", "tess@example.org"}
		do := func(args ...string) string { return w.must(append(args, as...)...) }

		has(t, do("members", "adopt", "--meeting-dues", "--reason", "who pays is in"), "Left out", "Adopted 18 members.",
			"18 members have no delegate: nobody can vote for them.")
		has(t, do("members", "add", "Golf Limited", "--kind", "organisation", "--contact", "office@golf.example"), "Added Golf Limited")
		has(t, w.must("link", "--suggest"), "ccf-golf", "goodstanding link golf-limited ccf-golf", "Nothing was changed")
		has(t, do("link", "Golf", "ccf-golf"), "Golf Limited pays as ccf-golf.", "first payment coming")
		has(t, w.fails(exitRefused, append([]string{"link", "alfa", "ccf-golf"}, as...)...), "ccf-golf", "linked")

		has(t, w.fails(exitRefused, append([]string{"waive", "golf", "--until", "2027-06-01"}, as...)...), "a reason is needed: say why with --reason")
		waived := do("waive", "golf", "--until", "2027-06-01", "--reason", "starting up")
		has(t, waived, "The dues of Golf Limited are waived until 1 Jun 2027", "dues waived", "+vote")
		has(t, w.must("explain", "golf"), "Dues waived until 1 June 2027", "waiver:")
		waiver := regexp.MustCompile(`\((w_\w+)\)`).FindStringSubmatch(waived)[1]
		has(t, w.must("members", "show", "golf"), waiver, "office@golf.example", "none: nobody can vote for it")
		has(t, do("waive", "golf", "--end", waiver, "--reason", "pays now"), "The waiver of Golf Limited ends.", "-vote")

		paid := do("pay", "golf", "--amount", "GBP 120.00", "--received", "2026-11-01", "--months", "12", "--reason", "bank transfer", "--reference", "BANK-1")
		has(t, paid, "Entered for Golf Limited", "paid up", "+vote")
		has(t, w.must("explain", "golf"), "Paid up until 1 November 2027", "entered payment for 12 months", "£120.00")
		has(t, w.fails(exitRefused, append([]string{"pay", "alfa", "--amount", "GBP 120.00", "--received", "2026-11-01", "--months", "12", "--reason", "again", "--reference", "BANK-1"}, as...)...), "reference")
		payment := regexp.MustCompile(`pay_\w+`).FindString(paid)
		has(t, do("pay", "--undo", payment, "--reason", "wrong member"), "is reversed.", "-vote")

		file := filepath.Join(w.dir, "members.csv")
		if s := w.run("members", "export", "--to", file); s.code != exitOK || !strings.Contains(s.err, "Wrote DIR/members.csv. It holds private addresses.") {
			t.Fatal(s)
		}
		has(t, w.fails(exitUsage, "members", "export", "--to", file), "DIR/members.csv exists: name another file, or remove it first")
		elsewhere(t, w, file)
	})
}

// elsewhere imports the list into another store, which then exports the same.
func elsewhere(t *testing.T, w *world, file string) {
	t.Helper()
	list := w.must("members", "export", "--format", "yaml")
	w.env["GOODSTANDING_DATA"] = filepath.Join(w.dir, "elsewhere")
	delete(w.env, "GOODSTANDING_DATABASE")
	w.must("sync")
	has(t, w.must("members", "import", file, "--dry-run"), "Golf Limited", "new", "Nothing was changed: a dry run.")
	has(t, w.must("roll"), "No members.")
	has(t, w.must("members", "import", file), "Imported 19 rows.")
	has(t, w.must("members", "import", file), "Nothing to do: the roll says what the file says.")
	if there := w.must("members", "export", "--format", "yaml"); there != list {
		t.Errorf("the list came over otherwise:\n%s", difference(list, there))
	}
}

// TestADelegateTakesABreak: pausing is the member's, or takes two others.
func TestADelegateTakesABreak(t *testing.T) {
	stories(t, func(t *testing.T, w *world) {
		w.must("sync")
		w.must("members", "adopt", "--all")
		w.must("people", "add", "dee@example.org", "--name", "Dee Legate", "--delegate-of", "alfa")
		w.must("people", "add", "fay@example.org", "--name", "Fay Cilitator", "--role", "facilitator", "--delegate-of", "bravo")
		w.must("people", "add", "sol@example.org", "--name", "Sol Other", "--delegate-of", "charlie")
		w.must("people", "add", "tess@example.org", "--name", "Tess Urer", "--role", "treasurer")
		has(t, w.must("people", "list"), "Dee Legate", "alfa-co-op", "facilitator", "tess@example.org")

		pause := []string{"members", "pause", "alfa", "--reason", "a break"}
		has(t, w.fails(exitRefused, pause...), "the operator")
		has(t, w.fails(exitRefused, append(pause, "--as", "Tess")...), "only a delegate of the member may alone")
		has(t, w.must(append(pause, "--as", "Dee")...), "Alfa Co-op takes a break.", "taking a break", "-vote")
		has(t, w.must("roll", "--state", "paused"), "alfa-co-op", "Taking a break")
		has(t, w.must("members", "resume", "alfa", "--as", "Dee"), "Alfa Co-op is back.", "+vote")

		both := []string{"members", "pause", "delta", "--as", "Fay", "--second", "Sol", "--reason", "no answer since May"}
		has(t, w.fails(exitRefused, append(both, "--from", "2026-11-23")...), "seven days before")
		has(t, w.must(append(both, "--from", "2026-12-01")...), "Delta Servers takes a break on 1 Dec 2026.")
		has(t, w.must("roll", "--state", "paused", "--at", "2026-12-02"), "delta-servers", "FORECAST")
	})
}

// TestContactPeopleSuspend: two of them, or one for seven days; nobody else.
func TestContactPeopleSuspend(t *testing.T) {
	w := adopted(t)
	w.must("people", "add", "cim@example.org", "--name", "Cim Contact", "--role", "contact_person")
	w.must("people", "add", "dot@example.org", "--name", "Dot Contact", "--role", "contact-person")
	w.fails(exitRefused, "members", "suspend", "bravo", "--reason", "x")
	has(t, w.must("members", "suspend", "bravo", "--as", "Cim", "--second", "Dot", "--reason", "a report"), "Bravo Hosting is suspended.", "-vote")
	has(t, w.must("explain", "bravo"), "Suspended", "nothing changes by itself")
	has(t, w.fails(exitRefused, "members", "restore", "bravo", "--as", "Cim", "--reason", "settled"), "second contact person")
	has(t, w.must("members", "restore", "bravo", "--as", "Cim", "--second", "Dot", "--reason", "settled"), "no longer suspended", "+vote")
	out := w.must("members", "suspend", "alfa", "--as", "Dot", "--reason", "until we have met")
	has(t, out, "Alfa Co-op is suspended.")
	has(t, w.must("explain", "alfa"), "29 November 2026")
	for _, secret := range []string{"a report", "until we have met"} {
		for _, line := range []string{"roll --json", "explain alfa", "explain bravo --json", "members show alfa", "members export"} {
			if strings.Contains(w.must(strings.Fields(line)...), secret) {
				t.Errorf("%s shows a reason that contact people alone read", line)
			}
		}
	}
}

// TestAListing: profile, consent, one yes, and the public list.
func TestAListing(t *testing.T) {
	w := adopted(t)
	w.must("people", "add", "fay@example.org", "--name", "Fay Cilitator", "--role", "facilitator")
	has(t, w.must("providers", "list"), "Nobody is listed.")
	got := w.fails(exitRefused, "providers", "set", "alfa", "--url", "http://alfa.example", "--contact-href", "javascript:alert(1)")
	has(t, got, "url", "contact_href")
	w.must("providers", "set", "alfa", "--url", "https://alfa.example", "--summary", "Hosting for charities.", "--contact-label", "Write to us",
		"--contact-href", "mailto:hello@alfa.example", "--service", "hosting", "--service", "training", "--language", "en", "--place", "Leeds")
	has(t, w.fails(exitRefused, "providers", "consent", "alfa"), "in which words")
	w.must("providers", "consent", "alfa", "--words", "Yes, list us (by mail).", "--date", "2026-11-02")
	has(t, w.must("providers", "approve", "alfa", "--as", "Fay"), "is approved.", "+listing")
	has(t, w.must("providers", "list"), "Alfa Co-op", "hosting, training", "Leeds", "https://alfa.example")
	var list []map[string]any
	if err := json.Unmarshal([]byte(w.must("providers", "list", "--json")), &list); err != nil || len(list) != 1 || list[0]["contact_href"] != "mailto:hello@alfa.example" {
		t.Errorf("%v, %v", list, err)
	}
	has(t, w.run("providers", "publish").err, "On the list now: Alfa Co-op.")
	has(t, w.must("status"), "provider list public")
	has(t, w.must("providers", "withdraw", "alfa", "--reason", "the site is gone"), "-listing")
	w.must("providers", "approve", "alfa")
	has(t, w.must("providers", "consent", "alfa", "--withdraw"), "no longer agrees", "-listing")
	has(t, w.must("providers", "publish", "--off"), "not public")
}
