package api

import (
	"encoding/json"
	"net/http"
	"slices"
	"strings"
	"testing"
	"time"

	"coopcloud.tech/goodstanding/member"
	"coopcloud.tech/goodstanding/publish"
)

// A decision as Markdown is the page that export writes, the same for everybody;
// one that was imported says in JSON what its file said, and that nothing was
// counted here.
func TestDecisionsAsMarkdown(t *testing.T) {
	w := newWorld(t)
	c, decides := w.decide(), w.chair(w.db, w.r)
	f, err := publish.Read("stalled/040.md", []byte("# Resolution 040: Shared stickers\n\n- Proposed on: 05-12-2024\n- Size: large\n\n## Summary\n\nWe print some.\n"))
	w.ok(err)
	_, err = decides.Import(t.Context(), member.Actor{ID: "op_test", Label: "operator:test", Operator: true}, []publish.File{f}, false)
	w.ok(err)
	w.later(time.Second)
	w.refresh()

	one := w.get(decisionsPath + "/1.md")
	pages, err := decides.Pages(t.Context())
	w.ok(err)
	i := slices.IndexFunc(pages, func(p publish.Page) bool { return p.Decision.Number == 1 })
	written := pages[i].Markdown()
	if one.StatusCode != http.StatusOK || one.body != written || one.Header.Get("Content-Type") != kindMarkdown || !strings.Contains(one.body, "A shared calendar") {
		t.Errorf("%d %s:\n%s\nwant\n%s", one.StatusCode, one.Header.Get("Content-Type"), one.body, written)
	}
	if again := w.ask("GET", decisionsPath+"/1.md", "If-None-Match: "+one.Header.Get("ETag")); again.StatusCode != http.StatusNotModified {
		t.Errorf("the same page again: %d", again.StatusCode)
	}
	if mine := w.ask("GET", decisionsPath+"/1.md", c.lei.auth()); mine.body != one.body {
		t.Error("a delegate reads another page")
	}
	if members := w.get(decisionsPath + "/2.md"); members.StatusCode != http.StatusOK || strings.Contains(strings.ToLower(members.body), "canary") || !strings.Contains(members.body, "002") {
		t.Errorf("of a decision for members everybody reads %d:\n%s", members.StatusCode, members.body)
	}
	for _, word := range []string{c.draft, "99", "1.md"} {
		problemOf(t, w.get(decisionsPath+"/"+word+".md"), http.StatusNotFound, "not-found")
	}
	if index := w.get(decisionsPath + ".md"); !strings.Contains(index.body, "[001](decisions/1.md)") || !strings.Contains(index.body, "[040](decisions/40.md)") || strings.Contains(index.body, c.draft) {
		t.Errorf("the index is\n%s", index.body)
	}

	got := w.get(decisionsPath + "/40")
	var told struct {
		State    string
		Rule     any
		Tally    any
		Imported *struct {
			State, Date, Told string
			Guessed           []string
			TakenUp           bool `json:"taken_up"`
		}
	}
	w.ok(json.Unmarshal([]byte(got.body), &told))
	if i := told.Imported; told.State != "stalled" || told.Rule != nil || told.Tally != nil || i == nil || i.State != "stalled" || i.Date != "2024-12-05" || i.TakenUp || len(i.Guessed) == 0 {
		t.Errorf("the imported one is %s", got.body)
	}
	checkAnswer(t, document(t), "an imported decision", visit{operation: "getDecision", method: "GET"}, got, false)
	if !strings.Contains(w.get(decisionsPath+"/40.md").body, "Shared stickers") {
		t.Error("the imported one has no page")
	}
	c.fay.refused("PUT", decisionsPath+"/40/ballots/canary-ash", `{"answer": "favour"}`, http.StatusConflict, "decision-refused",
		"the decision is stalled: a facilitator can reopen it with a new deadline")
}
