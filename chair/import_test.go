package chair

import (
	"bytes"
	"encoding/json"
	"errors"
	"slices"
	"strings"
	"testing"
	"time"

	"coopcloud.tech/goodstanding/decisions"
	"coopcloud.tech/goodstanding/internal/dbtest"
	"coopcloud.tech/goodstanding/internal/instant"
	"coopcloud.tech/goodstanding/member"
	"coopcloud.tech/goodstanding/notify"
	"coopcloud.tech/goodstanding/publish"
	"coopcloud.tech/goodstanding/store"
)

var operator = member.Actor{ID: "op_test", Label: "operator:test", Operator: true}

func readFile(t *testing.T, path, text string) publish.File {
	t.Helper()
	f, err := publish.Read(path, []byte(text))
	if err != nil {
		t.Fatal(err)
	}
	return f
}

// imports imports files and says what was done with each.
func (r *room) imports(files ...publish.File) string {
	r.t.Helper()
	rows, err := r.c.Import(r.t.Context(), operator, files, false)
	r.ok(err)
	return actions(rows)
}

func actions(rows []Importing) string {
	var out []string
	for _, row := range rows {
		out = append(out, row.Action)
	}
	return strings.Join(out, " ")
}

const (
	file25 = "---\ntitle: \"Resolution 025\"\n---\n\n- Topic: Maintainers\n- Date: 05-12-2024\n- Deadline:\n- Size: Large\n\n## Summary\n\nEach recipe has one.\n"
	file2  = "- Topic: Dues\n- Date: 2023-03-22\n- Deadline: 2023-04-11\n- Passed on: 2023-04-13\n- Size: Large\n\n## Summary\n\nTen a month.\n\n## Details\n\nOr *more*.\n\n## Record\n\nAll were for it: <b>9</b> of 9.\n"
	file20 = "- Topic: Exit\n- Date: 2025-01-01\n- Size: Medium\n\n## Summary\n\nHow to leave.\n"
)

// What files say is stored as imported: it verifies, replays, has a record that
// says that nothing was counted, closes nothing, and new numbers go on above it.
func TestImporting(t *testing.T) {
	dbtest.Each(t, func(t *testing.T, open func() *store.DB) {
		r := newRoom(t, open, 3, "seed-2022")
		ctx := t.Context()
		files := []publish.File{readFile(t, "in-progress/025.md", file25), readFile(t, "passed/002.md", file2), readFile(t, "drafts/020.md", file20)}
		rows, err := r.c.Import(ctx, operator, files, true)
		r.ok(err)
		if actions(rows) != "new new new" || rows[0].File.Number != 2 {
			t.Errorf("a dry run: %s", actions(rows))
		}
		if all, err := r.c.List(ctx); err != nil || len(all) != 0 {
			t.Errorf("a dry run leaves %d decisions, %v", len(all), err)
		}
		if got := r.imports(files...); got != "new new new" {
			t.Errorf("imports %s", got)
		}
		r.later(time.Minute)
		if got := r.imports(files...); got != "unchanged unchanged unchanged" {
			t.Errorf("imports again: %s", got)
		}
		r.whole()
		id, err := r.c.Find(ctx, "25")
		r.ok(err)
		v := r.read(id)
		if v.Decision.State != decisions.Elsewhere || v.Decision.Imported.Date.String() != "2024-12-05" || len(v.Events) != 1 || !v.Decision.Untaken() {
			t.Errorf("%+v", v.Decision)
		}
		goldenPage(t, "imported_in_progress", r.page(id))
		two, err := r.c.Find(ctx, "2")
		r.ok(err)
		goldenPage(t, "imported_passed", r.page(two))
		if _, err := r.c.Cast(ctx, id, r.by(1), decisions.Favour, ""); err == nil || !strings.Contains(err.Error(), "is in progress elsewhere") {
			t.Errorf("a ballot: %v", err)
		}
		r.later(1000 * 24 * time.Hour)
		if closed, err := r.c.CloseDue(ctx); err != nil || len(closed) != 0 {
			t.Errorf("closed %+v, %v", closed, err)
		}
		record, err := r.c.Record(ctx, two)
		r.ok(err)
		if record.Decision.State != decisions.Passed || record.Tally != (recordTally{}) || record.Outcome.At != "" || record.Electorate.Seats != 0 || record.Entries[0].Words == nil {
			t.Errorf("the record pretends to a count: %+v", record)
		}
		text, err := record.JSON()
		r.ok(err)
		var compact bytes.Buffer
		r.ok(json.Compact(&compact, text))
		if !strings.Contains(compact.String(), `"imported":{"date":"2023-03-22","deadline":"2023-04-11","ended":"2023-04-13","state":"passed"}`) {
			t.Errorf("the record does not say what the file said:\n%s", text)
		}
		r.ok(r.db.View(ctx, func(tx *store.Tx) error {
			quiet, err := Unanswered(ctx, tx)
			if err == nil && len(quiet) > 0 {
				t.Errorf("somebody left unanswered what nobody asked here: %v", quiet)
			}
			if err != nil {
				return err
			}
			told, err := tx.Notices(ctx, store.OutboxQuery{})
			told = slices.DeleteFunc(told, func(n store.OutboxRow) bool { return n.Kind.Group() != notify.AboutDecisions })
			if len(told) > 0 {
				t.Errorf("an import told somebody: %+v", told)
			}
			return err
		}))
		draft := mustFind(r, "20")
		_, err = r.c.Edit(ctx, draft, r.by(1), proposal(decisions.Medium))
		r.ok(err)
		if done, err := r.c.Open(ctx, draft, r.by(1)); err != nil || done.Number != 20 || done.Decision.State != decisions.Opened {
			t.Errorf("a draft that was imported, opened: %+v, %v", done.Receipt, err)
		}
		if done := r.read(r.opened(proposal(decisions.Large))); done.Decision.Number != 26 {
			t.Errorf("the next number is %d", done.Decision.Number)
		}
		r.whole()
		var log bytes.Buffer
		r.ok(r.db.ExportLog(ctx, &log))
		other := dbtest.SQLite(t)()
		r.ok(other.ReplayLog(ctx, &log))
		_, c := r.parts(other)
		again, err := c.Verify(ctx)
		r.ok(err)
		for _, x := range again {
			if !x.OK() {
				t.Errorf("replayed: %+v", x)
			}
		}
		if len(again) != 4 {
			t.Errorf("%d decisions were replayed", len(again))
		}
	})
}

// The file of an imported one may change; nothing that was made or taken up here
// is replaced, and one refusal keeps all the others out, too.
func TestImportingOverWhatIsThere(t *testing.T) {
	dbtest.Each(t, func(t *testing.T, open func() *store.DB) {
		r := newRoom(t, open, 3, "seed-2022")
		ctx := t.Context()
		r.opened(proposal(decisions.Large))
		r.imports(readFile(t, "in-progress/025.md", file25), readFile(t, "in-progress/002.md", file2), readFile(t, "drafts/020.md", file20))
		if got := r.imports(readFile(t, "passed/002.md", file2)); got != "changed" {
			t.Errorf("a file that moved: %s", got)
		}
		two, _ := r.c.Find(ctx, "2")
		if v := r.read(two); v.Decision.State != decisions.Passed || len(v.Events) != 2 {
			t.Errorf("%s, %d events", v.Decision.State, len(v.Events))
		}
		_, err := r.c.Open(ctx, mustFind(r, "20"), By{Actor: r.fay})
		r.refused(err, "opening this is refused: nobody has taken this imported draft up: a member with a vote does so by editing it")
		gil := r.person("Gil")
		r.ok(r.roll.SetRole(ctx, r.operator("chosen"), member.PersonID(gil.ID), member.Facilitator, true))
		_, err = r.c.Save(ctx, mustFind(r, "20"), By{Actor: gil}, r.read(mustFind(r, "20")).Decision.Proposal)
		r.refused(err, "editing the draft is refused: who takes an imported decision up acts for a member, which is its proposer from then on")
		_, err = r.c.Edit(ctx, mustFind(r, "20"), r.by(1), proposal(decisions.Medium))
		r.ok(err)
		ruled := decisions.Day{Year: 2026, Month: 7, Date: 1}
		_, err = r.c.Reopen(ctx, mustFind(r, "25"), r.by(1), ruled)
		r.refused(err, "reopening this is refused: only a facilitator may do that")
		done, err := r.c.Reopen(ctx, mustFind(r, "25"), By{Actor: r.fay}, ruled)
		r.ok(err)
		if done.Decision.State != decisions.Opened || done.Decision.Number != 25 || len(done.Decision.Electorate) != 3 || done.Decision.Proposer != r.ids[0] || done.Decision.Policy == "" {
			t.Errorf("taken up: %+v", done.Decision)
		}
		r.cast(mustFind(r, "25"), 1, decisions.Favour, "")
		goldenPage(t, "taken_up", r.page(mustFind(r, "25")))
		r.whole()

		before := len(must(r.c.List(ctx)))
		changed := strings.Replace(file20, "leave", "go", 1)
		_, err = r.c.Import(ctx, operator, []publish.File{readFile(t, "passed/030.md", file2), readFile(t, "passed/001.md", file2), readFile(t, "drafts/020.md", changed),
			readFile(t, "stalled/025.md", file25), readFile(t, "passed/031.md", file2), readFile(t, "stalled/r31.md", file2)}, false)
		var fault *ImportFault
		want := "nothing was imported: passed/001.md (decision 1): it is open here, and no file replaces it; " +
			"drafts/020.md (decision 20): it was imported and then taken up here, and no file replaces it; " +
			"stalled/025.md (decision 25): it is open here, and no file replaces it; " +
			"passed/031.md (decision 31): 2 files have this number: passed/031.md, stalled/r31.md; " +
			"stalled/r31.md (decision 31): 2 files have this number: passed/031.md, stalled/r31.md"
		if !errors.As(err, &fault) || err.Error() != want {
			t.Errorf("says %v\nwant %s", err, want)
		}
		if after := len(must(r.c.List(ctx))); after != before {
			t.Errorf("%d decisions were %d", after, before)
		}
		_, err = r.c.Import(ctx, r.who[1], []publish.File{readFile(t, "passed/030.md", file2)}, false)
		if err == nil || err.Error() != "nothing was imported: passed/030.md (decision 30): only a facilitator, or the operator, may import decisions" {
			t.Errorf("says %v", err)
		}
		rows, err := r.c.Import(ctx, r.fay, []publish.File{readFile(t, "passed/030.md", file2)}, false)
		r.ok(err)
		if actions(rows) != "new" {
			t.Errorf("a facilitator: %s", actions(rows))
		}
		own := r.markdown(mustFind(r, "1"))
		if got := r.imports(readFile(t, "in-progress/001.md", own)); got != "unchanged" {
			t.Errorf("this program's own page: %s", got)
		}
		r.now = instant.Date(2026, 8, 1)
		_, err = r.c.CloseDue(ctx)
		r.ok(err)
		if v := r.read(mustFind(r, "25")); v.Decision.State != decisions.Overdue {
			t.Errorf("it is %s", v.Decision.State)
		}
		r.whole()
	})
}

func must[T any](x T, err error) T {
	if err != nil {
		panic(err)
	}
	return x
}

// Exported, imported into an empty database, and exported again: the same bytes
// for what the form carries, and after that the same bytes for all of it.
func TestTheRoundTrip(t *testing.T) {
	r := newRoom(t, dbtest.SQLite(t), 3, "seed-2022")
	ctx := t.Context()
	p := proposal(decisions.Medium)
	p.Title, p.Changes, p.Affects = `A "title" | *with* <marks>`, forger, "all *members*\nand others"
	first := r.opened(p)
	_, err := r.c.Announce(ctx, first, r.by(0), "the room")
	r.ok(err)
	second := proposal(decisions.Large)
	second.Visibility = decisions.Members
	r.opened(second)
	stalled := r.opened(proposal(decisions.Large))
	r.cast(stalled, 0, decisions.Against, "Too dear.")
	_, err = r.c.Stall(ctx, stalled, By{Actor: r.fay}, "No time.")
	r.ok(err)
	r.imports(readFile(t, "in-progress/025.md", file25), readFile(t, "passed/020.md", file2))
	r.now = instant.Date(2026, 7, 1)
	_, err = r.c.CloseDue(ctx)
	r.ok(err)

	export := func(c *Chair) (map[string]string, []publish.File) {
		t.Helper()
		out := map[string]string{}
		var files []publish.File
		for _, p := range must(c.Pages(ctx)) {
			text := p.Markdown()
			out[p.Path()] = text
			files = append(files, readFile(t, p.Path(), text))
		}
		return out, files
	}
	carried := func(text string) string {
		head, _, _ := strings.Cut(text, "\n## Record\n")
		return head
	}
	one, files := export(r.c)
	third := newRoom(t, dbtest.SQLite(t), 1, "seed-2022")
	third.imports(files...)
	two, files := export(third.c)
	if len(one) != 5 || len(two) != len(one) {
		t.Fatalf("%d pages, then %d", len(one), len(two))
	}
	for path, text := range one {
		if carried(two[path]) != carried(text) {
			t.Errorf("%s was\n%s\nand is\n%s", path, carried(text), carried(two[path]))
		}
	}
	for path, text := range two {
		if strings.Contains(path, "002") == strings.Contains(text, "Nothing was counted here.") {
			t.Errorf("%s: whether it was counted here is told wrongly:\n%s", path, text)
		}
	}
	last := newRoom(t, dbtest.SQLite(t), 1, "seed-2022")
	last.imports(files...)
	three, _ := export(last.c)
	for path, text := range two {
		if three[path] != text {
			t.Errorf("%s was\n%s\nand is\n%s", path, text, three[path])
		}
	}
	last.whole()
}
