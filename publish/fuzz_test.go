package publish

import (
	"strings"
	"testing"

	"coopcloud.tech/goodstanding/decisions"
)

// FuzzHarmless: no text leaves its section, and what was published once reads
// the same when it is read and published again.
func FuzzHarmless(f *testing.F) {
	for _, seed := range []string{
		"", "We use one calendar.\n\nIt is free.", "---\ntitle: x\n---", "## Record\n\nPassed.", "- Passed on: 2024-01-01", "* **Size:** Large", "a | b\n--- | ---\n1 | 2",
		"Record\n======", "Record\n-", "<script>alert(1)</script>", "{{ config }}", "```\n## Record\n", "~~~sh\n# x\n~~~\ny", "- ## Record", "> # Record", "1. ### Record",
		"[x](javascript:alert(1)) [y](https://example.org/?a=1&b=2)", "[x]: javascript:alert(1)", "::: os.path", "\\## Record", "&#58;::", "&lt;b&gt;", "*The summary says all of it.*",
		"\u202eevil", "a\r\nb\rc", "passed on&#58; 2024", "\\\\#", "    ## Record",
	} {
		f.Add(seed)
	}
	f.Fuzz(func(t *testing.T, text string) {
		once := harmless(text)
		if again := harmless(plain(once)); again != once {
			t.Errorf("%q reads %q, published again %q", text, once, again)
		}
		for _, l := range strings.Split(once, "\n") {
			if strings.HasPrefix(l, "## ") || strings.HasPrefix(l, "# ") || l == "---" || strings.Contains(l, "<") || strings.Contains(l, "{") || fence.MatchString(l) {
				t.Errorf("%q holds the line %q", text, l)
			}
			if m := headerLine.FindStringSubmatch(l); m != nil && m[4] == ":" && known(m[2]) {
				t.Errorf("%q holds the line %q of a header", text, l)
			}
		}
		q := quoted(text)
		if again := quoted(plain(unquoted(q))); again != q {
			t.Errorf("%q is quoted %q, and again %q", text, q, again)
		}
		for _, l := range strings.Split(q, "\n") {
			if !strings.HasPrefix(l, ">") || heading.MatchString(l) {
				t.Errorf("%q is quoted with the line %q", text, l)
			}
		}
		line := OneLine(text)
		if strings.ContainsAny(line, "\n|<`{[") || OneLine(fromInline.Replace(line)) != line {
			t.Errorf("%q is the line %q, and then %q", text, line, OneLine(fromInline.Replace(line)))
		}
	})
}

// FuzzRead: whatever a file holds, what is taken of it is published, read and
// published again with the same bytes.
func FuzzRead(f *testing.F) {
	for path, text := range handwritten {
		f.Add(path, text)
	}
	f.Add("passed/012.md", "---\ntitle: \"Resolution 012: A\"\n---\n\n- Topic: A\n\n## Summary\n\na\n\n## Details\n\nb\n\n## Record\n\n| x |\n")
	f.Add("012.md", "- size: small -> medium\n- deadline: 5 December 2024\n\n# Resolution 13\n\n## Record\n## Summary\n## Record")
	f.Fuzz(func(t *testing.T, path, text string) {
		file, err := Read(path, []byte(text))
		if err != nil {
			return
		}
		first := pageOf(file)
		page := first.Markdown()
		if written, untouched := Ours([]byte(page)); !written || !untouched {
			t.Errorf("not ours: %q", page)
		}
		readsRight(t, page)
		again, err := Read(first.Path(), []byte(page))
		if err != nil {
			t.Fatalf("%v: %q", err, page)
		}
		second := pageOf(again)
		if got := second.Markdown(); got != page || second.Path() != first.Path() {
			t.Errorf("%q\nis published as\n%s\nand then as\n%s", text, page, got)
		}
		if ev := eventOf(again); !first.Decision.Tells(&ev) {
			t.Errorf("%q was read as %+v and then as %+v", text, file, again)
		}
	})
}

func eventOf(f File) decisions.Event {
	return decisions.Event{Kind: decisions.Import, At: 1, By: decisions.Party{Person: "op", Operator: true}, Proposal: &f.Proposal, Imported: &f.Imported, Number: f.Number, Words: f.Told}
}

// pageOf is the page of a decision that was just imported.
func pageOf(f File) Page {
	ev := eventOf(f)
	d, err := decisions.Fold(utc, []decisions.Event{ev})
	if err != nil {
		panic(err)
	}
	return Page{ID: "de_1", Decision: d, Events: []decisions.Event{ev}}
}
