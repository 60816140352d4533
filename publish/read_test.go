package publish

import (
	"errors"
	"fmt"
	"strings"
	"testing"
	"time"

	"coopcloud.tech/goodstanding/decisions"
)

var utc = time.UTC

// handwritten are files as the federation has them (federation.md, section 3),
// with invented words.
var handwritten = map[string]string{
	"in-progress/025.md":           "---\ntitle: \"Resolution 025\"\n---\n\n- Topic: Recipe maintainers\n- Date: 05-12-2024\n- Deadline:\n- Size: Large\n\n## Summary\n\nEach recipe has a maintainer.\n\n## Details\n\n- Name one.\n- Say how to reach them.\n",
	"passed/040.md":                "---\ntitle: \"Resolution 040: A voting tool\"\n---\n\ntopic: A voting tool\ndate: 2026-05-28\ndeadline: 2026-06-04\nsize: large\n\n## Summary\n\nIt is hard to keep records.\n\n## Details\n\n### Costs\n\nNone.\n",
	"passed/002.md":                "# Resolution 002\n\n- Topic: Membership & dues\n- Date: 22 March 2023\n- Deadline: Tuesday 11th April 2023\n- Passed on 13-04-2023\n- Size: Large\n\n## Summary\n\nDues.\n\n## Details\n\nSee below.\n\n## Costs\n\n10 a month.\n",
	"stalled/013.md":               "- **Size:** Medium\n* Deadline: n/a\n- Date: 2023-09-01\n- Proposer: somebody\n- Topic: Something\n\nA text without sections.\n",
	"drafts/r020-exit-criteria.md": "---\ntitle: 'Resolution 021'\n---\nTopic: Exit\nSize: small -> medium\nSize: Large\n",
}

// said is a file in one line, to be held against what is wanted.
func said(f File) string {
	var flags []string
	for _, flag := range f.Imported.Flags {
		flags = append(flags, string(flag))
	}
	i := f.Imported
	return fmt.Sprintf("%d %s %s %q date=%s deadline=%s ended=%s [%s]", f.Number, f.Proposal.Size, i.State, f.Proposal.Title, i.Date, i.Deadline, i.Ended, strings.Join(flags, " "))
}

// TestScenario8 is the eighth scenario of federation.md, section 6b.
func TestScenario8(t *testing.T) {
	f, err := Read("in-progress/025.md", []byte(handwritten["in-progress/025.md"]))
	if err != nil {
		t.Fatal(err)
	}
	if got := said(f); got != `25 large elsewhere "Recipe maintainers" date=2024-12-05 deadline= ended= [day_first no_deadline]` {
		t.Errorf("reads %s", got)
	}
	if len(f.Notes) != 2 || f.Notes[0].Text != `the date "05-12-2024" was read as Thursday 5 December 2024` || f.Notes[1].Text != "in progress without a deadline" {
		t.Errorf("notes %+v", f.Notes)
	}
}

// What people wrote by hand is taken as far as it is understood, and what was
// guessed is told.
func TestReadingWhatPeopleWrote(t *testing.T) {
	const size = "- Size: Large\n"
	for _, c := range []struct{ path, text, want, changes string }{
		{"passed/040.md", handwritten["passed/040.md"], `40 large passed "A voting tool" date=2026-05-28 deadline=2026-06-04 ended= [no_end]`, "It is hard to keep records.\n\n### Costs\n\nNone."},
		{"passed/002.md", handwritten["passed/002.md"], `2 large passed "Membership & dues" date=2023-03-22 deadline=2023-04-11 ended=2023-04-13 []`, "Dues.\n\nSee below.\n\n### Costs\n\n10 a month."},
		{"stalled/013.md", handwritten["stalled/013.md"], `13 medium stalled "Something" date=2023-09-01 deadline= ended= [line_kept]`, "- Proposer: somebody\n\nA text without sections."},
		{"drafts/r020-exit-criteria.md", handwritten["drafts/r020-exit-criteria.md"], `20 medium draft "Exit" date= deadline= ended= [said_twice number_doubtful no_date size_guessed no_text]`, ""},
		{"proposed/7.md", "- Date: 2024-01-01\n" + size + "text", `7 large draft "Resolution 007" date=2024-01-01 deadline= ended= [state_guessed no_topic line_kept]`, "text"},
		{"docs/008.md", "Date: 2024-01-01\n" + size + "Status: Accepted\nPassed on: 2024-02-01\nTopic: x\n## Summary\ny", `8 large passed "x" date=2024-01-01 deadline= ended=2024-02-01 []`, "y"},
		{"docs/009.md", "Date: 2024-01-01\n" + size + "Withdrawn on: 2024-02-01\nTopic: x\n## Summary\ny", `9 large withdrawn "x" date=2024-01-01 deadline= ended=2024-02-01 [state_guessed]`, "y"},
		{"docs/010.md", "Date: 2024-01-01\nDeadline: 2024/01/15\n" + size + "Topic: x\n## Details\ny", `10 large elsewhere "x" date=2024-01-01 deadline=2024-01-15 ended= [state_guessed]`, "y"},
		{"In Progress/011.md", "Date: 2024-01-01\nDeadline: 2024-01-15T12:00\nPassed on: 2024-02-01\n" + size + "Topic: x\n## Details\ny", `11 large elsewhere "x" date=2024-01-01 deadline=2024-01-15 ended= [state_doubtful]`, "y"},
		{"passed/012.md", "Date: 13.04.2024\nPassed on: 04-13-2024\nStatus: stalled\n" + size + "Topic: x\n## Details\ny", `12 large passed "x" date=2024-04-13 deadline= ended=2024-04-13 [state_doubtful month_first]`, "y"},
		{"passed/note.md", "# Resolution 14 – Tea & cake\nDate: the 5th of Dec, 2024\nPassed on: December 6th, 2024\nSize: **Medium** (consensus)\n\n## Record\n\nAll of them.", `14 medium passed "Tea & cake" date=2024-12-05 deadline= ended=2024-12-06 [no_topic size_guessed no_text]`, ""},
		{"passed/015.md", "\ufeffDate: soon\r\nPassed on: 31-02-2024\r\nTopic: `x`\r\n\r\n## Summary\r\ny\x07\r\n", "15 large passed \"`x`\" date= deadline= ended= [date_unread no_date no_end no_size]", "y"},
		{"passed/2024.md", "---\ntitle: Budget\n---\nDate: 2024-01-01\nPassed: 2024-01-09\n" + size + "\n## Summary\n\ny", `2024 large passed "Budget" date=2024-01-01 deadline= ended=2024-01-09 [number_doubtful no_topic]`, "y"},
		{"passed/016.md", "Topic: x\nNumber: 17\nDate: 2024-01-01\nPassed on: 2024-01-09\n" + size + "\n## Summary\n\n```\n## Record\n```\n\n## Record\n\n## Summary\n\nNot this.", `16 large passed "x" date=2024-01-01 deadline= ended=2024-01-09 [number_doubtful]`, "    ## Record"},
	} {
		f, err := Read(c.path, []byte(c.text))
		if err != nil {
			t.Errorf("%s: %v", c.path, err)
			continue
		}
		if got := said(f); got != c.want {
			t.Errorf("%s reads\n  %s\nwant\n  %s\n%+v", c.path, got, c.want, f.Notes)
		}
		if f.Proposal.Changes != c.changes {
			t.Errorf("%s: the text is %q, want %q", c.path, f.Proposal.Changes, c.changes)
		}
		for _, n := range f.Notes {
			if len(n.Text) < 10 || strings.Contains(n.Text, "_") {
				t.Errorf("%s: notes %q", c.path, n.Text)
			}
		}
	}
	f, err := Read("passed/016.md", []byte("Topic: x\n\n## Summary\n\n```\n## Record\n```\n\n## Record\n\n## Summary\n\nNot this."))
	if err != nil || f.Told != "## Summary\n\nNot this." || f.Proposal.Changes != "    ## Record" {
		t.Errorf("the record is %q, the text %q, %v", f.Told, f.Proposal.Changes, err)
	}
}

func TestWhatIsNoDecision(t *testing.T) {
	for _, c := range []struct{ path, text, want string }{
		{"passed/001.md", " \n", "passed/001.md: it is empty"},
		{"passed/001.md", "\xff\xfe", "passed/001.md: it is not UTF-8 text"},
		{"passed/001.md", strings.Repeat("a", MostBytes+1), "passed/001.md: it is larger than 1 MiB"},
		{"passed/notes.md", "Topic: x", "passed/notes.md: neither its name nor its title has a number: call it 012.md, or begin its title with Resolution 012"},
		{"passed/2024-05-01-meeting.md", "Topic: x", "passed/2024-05-01-meeting.md: neither its name nor its title has a number: call it 012.md, or begin its title with Resolution 012"},
		{"passed/123456.md", "Topic: x", "passed/123456.md: neither its name nor its title has a number: call it 012.md, or begin its title with Resolution 012"},
	} {
		_, err := Read(c.path, []byte(c.text))
		var none *NoDecision
		if !errors.As(err, &none) || err.Error() != c.want {
			t.Errorf("says %v, want %s", err, c.want)
		}
	}
}

// A write-up cannot pass for the page's own lines: what the page says is its own,
// whatever people wrote, and reads back so.
func TestNobodyForgesThePage(t *testing.T) {
	for _, text := range []string{
		"---\ntitle: \"Resolution 999: Forged\"\n---\n\n- Topic: Forged\n- Passed on: 2020-01-01\n- Size: Small\n\n## Record\n\nPassed since 1 January 2020.",
		"Well.\n\n## Record\n\nForged.\n\n## Details\n\nForged.", "Well.\n\n##Record\nForged.", "Well.\n\n   ## Record\n\nForged.", "Well.\n\nRecord\n---\n\nForged.", "Well.\n\nRecord\n===\n\nForged.",
		"Well.\n\n<h2>Record</h2><!--", "Well.\n\n```\nopen", "Well.\n\n~~~~\nopen\n~~~", "Well.\n\n- x\n\n  ## Record\n", "Well.\n\n> # Record", "Well.\n\n1. # Record", "Well.\n\n| ## Record |\n| --- |\n| - Passed on: x |",
		"Well.\n\n**Passed on:** 2020-01-01\npassed on: 2020-01-01\n* SIZE : Small", "Well.\n\n{% include \"secret\" %} {{ site.secret }}", "Well.\r## Record\rForged.", "Well.\u2028## Record\u2028Forged.",
		"Well.\n\n<!-- goodstanding sha256:" + strings.Repeat("0", 64) + " -->\n",
	} {
		f := File{Number: 12, Imported: decisions.Imported{State: decisions.Stalled, Date: decisions.Day{Year: 2026, Month: 6, Date: 1}}}
		f.Proposal = decisions.Proposal{Size: decisions.Large, Kind: decisions.General, Visibility: decisions.Public,
			Text: decisions.Text{Title: "Real\n- Size: Small\n\n## Record", Changes: text, Affects: text, Channel: text, Link: text}}
		f.Told = text
		p := pageOf(f)
		page := p.Markdown()
		for line, want := range map[string]int{"## Record": 1, "## Summary": 1, "## Details": 1, "---": 2, "- Size: Large": 1, fromFile: 1} {
			n := 0
			for _, l := range strings.Split(page, "\n") {
				if l == line {
					n++
				}
			}
			if n != want {
				t.Errorf("%q stands %d times:\n%s", line, n, page)
			}
		}
		readsRight(t, page)
		head, rest, _ := strings.Cut(page, "\n## Summary\n")
		body, record, _ := strings.Cut(rest, "\n## Record\n")
		for _, l := range strings.Split(head, "\n") {
			if strings.HasPrefix(l, "- Passed") || strings.HasPrefix(l, "- Size: Small") || strings.HasPrefix(l, "#") {
				t.Errorf("the header has the line %q", l)
			}
		}
		for _, l := range strings.Split(strings.Replace(body, "\n## Details\n", "", 1), "\n") {
			if strings.HasPrefix(l, "## ") || strings.HasPrefix(l, "##R") || strings.HasPrefix(l, "- Passed on:") || strings.HasPrefix(strings.ToLower(l), "passed on:") || strings.Contains(l, "<h2") || strings.Contains(l, "{{") || strings.Contains(l, "{%") {
				t.Errorf("the text has the line %q", l)
			}
		}
		for _, l := range strings.Split(strings.TrimSpace(record), "\n") {
			if l != "" && l != fromFile && l != fileTold && !strings.HasPrefix(l, ">") && !strings.HasPrefix(l, mark) {
				t.Errorf("the record has the line %q", l)
			}
		}
		again, err := Read(p.Path(), []byte(page))
		if err != nil || again.Number != 12 || again.Imported.State != decisions.Stalled || again.Proposal.Size != decisions.Large || !again.Imported.Ended.IsZero() || !strings.HasPrefix(again.Proposal.Title, "Real") {
			t.Errorf("reads %s, %v", said(again), err)
		}
	}
}

// What people may use stays as they wrote it.
func TestHarmlessMarkdownStays(t *testing.T) {
	for _, text := range []string{
		"A paragraph with *emphasis*, `code` and [a link](https://example.org/a?b=1&c=2#d).", "- one\n- two\n  - three\n\n1. four", "| a | b |\n| --- | --- |\n| 1 | 2 |", "### A heading\n\nText.",
		"> A quotation.", "[a page](../passed/001.md) and [mail](mailto:room@example.org)", "a & b, AT&T, 5 > 4", "[x]: https://example.org", "Note: this is fine.", "***",
	} {
		if got := harmless(text); got != text {
			t.Errorf("%q became %q", text, got)
		}
	}
	for text, want := range map[string]string{
		"[x](javascript:alert(1))": `[x]\(javascript:alert(1))`, "![x]( data:text/html,1)": `![x]\( data:text/html,1)`, "[x](https://a&#58;b)": `[x]\(https://a&#58;b)`, "[x](java&Tab;script:1)": `[x]\(java&Tab;script:1)`,
		"[x]: vbscript:1": `[x]&#58; vbscript:1`, "[x](\njavascript:1)": "[x]\\(\njavascript:1)", "[x]:\njavascript:1": "[x]&#58;\njavascript:1", "[x\ny]: javascript:1": "[x\ny]&#58; javascript:1", "[x]( <javascript:1>)": "[x]\\( &lt;javascript:1>)", "## Costs": "### Costs", "# Costs": "### Costs", "### Record": `\### Record`, "a < b": "a &lt; b", "```sh\nls\n```": "    ls", "::: os.path": "&#58;:: os.path",
		"- Passed on: x": "- Passed on&#58; x", "size : x": "size &#58; x",
	} {
		if got := harmless(text); got != want {
			t.Errorf("%q became %q, want %q", text, got, want)
		}
	}
}

func TestOurs(t *testing.T) {
	p := pageOf(File{Number: 1, Proposal: decisions.Proposal{Text: decisions.Text{Title: "x"}, Size: decisions.Large, Kind: decisions.General, Visibility: decisions.Public}, Imported: decisions.Imported{State: decisions.Passed}})
	page := p.Markdown()
	for what, c := range map[string]struct {
		text               string
		written, untouched bool
	}{
		"as it was written": {page, true, true}, "nothing": {"", false, false}, "by hand": {handwritten["passed/002.md"], false, false},
		"one letter more": {strings.Replace(page, "Topic: x", "Topic: xy", 1), true, false}, "something behind it": {page + "\nmore", true, false},
		"another line end": {strings.ReplaceAll(page, "\n", "\r\n"), true, false}, "the seal within a line": {"x " + page[strings.LastIndex(page, mark):], false, false},
	} {
		if written, untouched := Ours([]byte(c.text)); written != c.written || untouched != c.untouched {
			t.Errorf("%s: %v %v", what, written, untouched)
		}
	}
	for _, s := range decisions.States() {
		if folders[s] == "" || !strings.Contains(strings.Join(Folders(), " "), folders[s]) {
			t.Errorf("%s has no folder", s)
		}
	}
}
