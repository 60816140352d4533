package chair

import (
	"flag"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"
	"time"

	"coopcloud.tech/goodstanding/decisions"
	"coopcloud.tech/goodstanding/internal/dbtest"
	"coopcloud.tech/goodstanding/internal/instant"
	"coopcloud.tech/goodstanding/publish"
	"coopcloud.tech/goodstanding/store"
)

var update = flag.Bool("update", false, "write the golden files anew")

var hashes = regexp.MustCompile(`\b[0-9a-f]{64}\b`)

// page is the page of a decision, with its hashes left out, which differ in
// every run.
func (r *room) page(id ID) string {
	r.t.Helper()
	text := r.markdown(id)
	if written, untouched := publish.Ours([]byte(text)); !written || !untouched {
		r.t.Error("the page is not sealed")
	}
	if again := r.markdown(id); again != text {
		r.t.Error("the page is another one, with nothing changed")
	}
	for _, private := range []string{"Delegate", "people.example", "de_", "m_", "pe_"} {
		if strings.Contains(text, private) {
			r.t.Errorf("the page says %q:\n%s", private, text)
		}
	}
	return hashes.ReplaceAllString(text, "HASH")
}

// markdown is the page of a decision as it is.
func (r *room) markdown(id ID) string {
	r.t.Helper()
	pages, err := r.c.Pages(r.t.Context())
	r.ok(err)
	i := slices.IndexFunc(pages, func(p publish.Page) bool { return p.ID == string(id) })
	if i < 0 {
		r.t.Fatalf("decision %s has no page", id)
	}
	return pages[i].Markdown()
}

func goldenPage(t *testing.T, name, got string) {
	t.Helper()
	path := filepath.Join("testdata", "pages", name+".md")
	if *update {
		if err := os.MkdirAll(filepath.Dir(path), 0o755); err != nil {
			t.Fatal(err)
		}
		if err := os.WriteFile(path, []byte(got), 0o644); err != nil {
			t.Fatal(err)
		}
		return
	}
	want, err := os.ReadFile(path)
	if err != nil {
		t.Fatalf("%v (go test -update writes it)", err)
	}
	if got != string(want) {
		t.Errorf("%s differs (go test -update, then look at the change):\n%s", path, got)
	}
}

// forger is a write-up that tries to pass for everything that the page has of its own.
const forger = "---\ntitle: \"Resolution 001: Another\"\n---\n\n- Topic: Another\n- Passed on: 2020-01-01\npassed on: 2020-01-01\n\n## Record\n\nPassed since 1 January 2020.\n\n" +
	"Record\n------\n\n| In favour | Against |\n| --- | --- |\n| 99 | 0 |\n\n<h2>Record</h2> <!-- goodstanding sha256:00 -->\n\n{{ secrets }}\n\n[here](javascript:alert(1))\n\n```\nnever ends"

// The page of each state, word by word.
func TestPagesOfEveryState(t *testing.T) {
	r := newRoom(t, dbtest.SQLite(t), 4, "seed-2022")
	ctx := t.Context()
	propose := func(p decisions.Proposal) ID {
		done, err := r.c.Propose(ctx, r.by(0), p)
		r.ok(err)
		return done.Receipt.Decision
	}
	forged := proposal(decisions.Large)
	forged.Title, forged.Changes, forged.Affects = "Dues | - Passed on: <b>now</b>\n## Record", forger, "all *members*\n- Size: Small"
	forged.Link = "https://pad.example/p?a=1"
	draft := propose(forged)
	goldenPage(t, "draft", r.page(draft))

	small := propose(proposal(decisions.Small))
	_, err := r.c.Log(ctx, small, r.by(0))
	r.ok(err)
	goldenPage(t, "logged", r.page(small))

	open := r.opened(forged)
	r.cast(open, 0, decisions.Favour, "")
	r.cast(open, 1, decisions.Against, "Too dear.\n\n## Record\n\n| a | b |\n<i>x</i>")
	_, err = r.c.Object(ctx, open, r.by(2), "I object, and have not voted.")
	r.ok(err)
	_, err = r.c.AnswerConcern(ctx, open, r.by(0), 1, "It is cheap.\n- Passed on: 2020-01-01")
	r.ok(err)
	goldenPage(t, "open", r.page(open))

	overdue := r.opened(proposal(decisions.Large))
	r.cast(overdue, 3, decisions.Block, "No.")
	stopped := r.opened(proposal(decisions.Large))
	r.cast(stopped, 1, decisions.Block, "Never.")
	dropped := r.opened(proposal(decisions.Large))
	passed := r.opened(proposal(decisions.Medium))
	_, err = r.c.Announce(ctx, passed, r.by(0), "the room | by mail")
	r.ok(err)
	r.cast(passed, 1, decisions.Favour, "")
	_, err = r.c.Amend(ctx, passed, r.by(0), func(t *decisions.Text) { t.Changes = "We use two.\n\nThey are free." }, false)
	r.ok(err)
	r.cast(passed, 2, decisions.Favour, "")
	_, err = r.c.MoreTime(ctx, passed, r.by(2), "We meet later.")
	r.ok(err)
	carried := r.opened(proposal(decisions.Large))
	for i := range 4 {
		r.cast(carried, i, decisions.Abstain, "")
	}
	withdrawn := r.opened(proposal(decisions.Large))
	r.later(time.Hour)
	_, err = r.c.Withdraw(ctx, withdrawn, r.by(0), "It was a mistake.")
	r.ok(err)
	stalled := r.opened(proposal(decisions.Large))
	_, err = r.c.Stall(ctx, stalled, By{Actor: r.fay}, "No time.")
	r.ok(err)
	secret := proposal(decisions.Large)
	secret.Visibility, secret.Title = decisions.Members, "The canary"
	quiet := r.opened(secret)
	r.cast(quiet, 0, decisions.Favour, "")
	hidden := propose(secret)

	r.now = instant.Date(2026, 7, 20)
	_, err = r.c.CloseDue(ctx)
	r.ok(err)
	_, err = r.c.End(ctx, stopped, By{Actor: r.fay}, "It is blocked.")
	r.ok(err)
	_, err = r.c.Withdraw(ctx, dropped, r.by(0), "No more.")
	r.ok(err)
	for name, id := range map[string]ID{"overdue": overdue, "stopped": stopped, "passed": passed, "not_carried": carried, "withdrawn": withdrawn, "stalled": stalled, "members": quiet} {
		goldenPage(t, name, r.page(id))
	}
	if text := r.page(quiet); strings.Contains(text, "canary") || strings.Contains(text, "Member 0") {
		t.Errorf("what is for members is published:\n%s", text)
	}
	pages, err := r.c.Pages(ctx)
	r.ok(err)
	if len(pages) != 12 {
		t.Errorf("%d pages", len(pages))
	}
	for _, p := range pages {
		if p.Public() == (p.ID == string(hidden)) {
			t.Errorf("decision %s is published: %v", p.ID, p.Public())
		}
	}
	goldenPage(t, "index", strings.NewReplacer(string(draft), "DRAFT", string(small), "SMALL").Replace(hashes.ReplaceAllString(publish.Index(pages, (*publish.Page).Path), "HASH")))
	r.whole()
}

// Only who answered is named, and only where everybody may read it; the control is
// the one who did.
func TestAPageNamesOnlyWhoAnswered(t *testing.T) {
	dbtest.Each(t, func(t *testing.T, open func() *store.DB) {
		r, id := decided(t, open) // member 3 has not answered
		text := r.page(id)
		if strings.Contains(text, "Member 03") {
			t.Errorf("names who did not answer:\n%s", text)
		}
		if !strings.Contains(text, "| Member 01 | favour |") {
			t.Errorf("does not name who did:\n%s", text)
		}
		_, err := r.c.Retract(t.Context(), id, r.by(1))
		r.ok(err)
		if text := r.page(id); strings.Contains(text, "Member 01") {
			t.Errorf("names who took the answer back:\n%s", text)
		}
		r.eraseTexts(id)
		if text := r.page(id); strings.Contains(text, "Member 00") || !strings.Contains(text, "| (erased) | favour |") {
			t.Errorf("a name that was erased:\n%s", text)
		}
		r.whole()
	})
}

// Where answers are for members alone the page has the tally and no name.
func TestAPageWithoutNames(t *testing.T) {
	r := newRoom(t, dbtest.SQLite(t), 3, "seed-2022, ballots for members")
	id := r.opened(proposal(decisions.Large))
	r.cast(id, 0, decisions.Favour, "")
	r.cast(id, 1, decisions.Against, "Too dear.")
	text := r.page(id)
	if strings.Contains(text, "Member 0") || strings.Contains(text, "### Answers") {
		t.Errorf("names who answered:\n%s", text)
	}
	if !strings.Contains(text, "| 1 | 1 | 0 | 0 | 0 | 1 |") || !strings.Contains(text, "> Too dear.") {
		t.Errorf("does not say how it stands:\n%s", text)
	}
}
