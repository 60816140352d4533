package main

import (
	"bytes"
	"encoding/json"
	"go/parser"
	"go/token"
	"os"
	"path/filepath"
	"strconv"
	"strings"
	"testing"
)

const (
	good = "testdata/record.json"
	// importedRecord is that of a decision that a file told of.
	importedRecord = "testdata/imported.json"
)

func load(t testing.TB) []byte { return loadFile(t, good) }

func loadFile(t testing.TB, file string) []byte {
	t.Helper()
	text, err := os.ReadFile(file)
	if err != nil {
		t.Fatal(err)
	}
	return text
}

func TestAGoodRecord(t *testing.T) {
	var out, errs bytes.Buffer
	if code := run([]string{good}, &out, &errs); code != 0 || errs.Len() != 0 {
		t.Fatalf("%d %s", code, errs.String())
	}
	for _, want := range []string{
		"Decision 2 (large): passed.\n", " entries, and each follows the one before.\n",
		"Counted again: 3 in favour, 0 against, 0 abstain, 0 block, 0 waited for, 4 seats.\n  yes  turnout all\n",
		"Compare it with the end that was announced: --head HASH.\n",
	} {
		if !strings.Contains(out.String(), want) {
			t.Errorf("says\n%s\nwant %q", out.String(), want)
		}
	}
	r, err := read(load(t))
	if err != nil {
		t.Fatal(err)
	}
	out.Reset()
	if code := run([]string{"--head", r.Head, good}, &out, &errs); code != 0 || !strings.Contains(out.String(), "That is the end that was announced.") {
		t.Errorf("%d %s%s", code, out.String(), errs.String())
	}
}

func TestTheCommandLine(t *testing.T) {
	for _, args := range [][]string{{}, {good, "more"}, {good, "--head"}, {"--shout", good}, {good, "--head", "a", "--head", "b"}} {
		var out, errs bytes.Buffer
		if code := run(args, &out, &errs); code != 2 || errs.String() != usage+"\n" {
			t.Errorf("%q: %d %s", args, code, errs.String())
		}
	}
	var out, errs bytes.Buffer
	if code := run([]string{"testdata/none.json"}, &out, &errs); code != 2 || errs.String() != "verify-record: the record cannot be read (open testdata/none.json: no such file or directory): correct the path\n" {
		t.Errorf("%d %s", code, errs.String())
	}
}

// Every single bit of a record counts: whichever is flipped, it is refused.
func TestAFlippedBitIsFound(t *testing.T) {
	for _, file := range []string{good, importedRecord} {
		flip(t, loadFile(t, file))
	}
}

func flip(t *testing.T, text []byte) {
	t.Helper()
	if _, err := verify(text, ""); err != nil {
		t.Fatal(err)
	}
	step := 1
	if testing.Short() {
		step = 7
	}
	for i := 0; i < len(text); i += step {
		bit := byte(1) << (i % 8)
		text[i] ^= bit
		if _, err := verify(text, ""); err == nil {
			t.Fatalf("byte %d, bit %d: nobody noticed: …%s…", i, i%8, text[max(0, i-40):min(len(text), i+40)])
		}
		text[i] ^= bit
	}
}

// change is the record with something changed, with the chain hashed anew where
// that is asked for: as somebody would who holds the whole database.
func change(t testing.TB, rehash bool, f func(r map[string]any)) []byte {
	t.Helper()
	return changeIn(t, good, rehash, f)
}

func changeIn(t testing.TB, file string, rehash bool, f func(r map[string]any)) []byte {
	t.Helper()
	var r map[string]any
	d := json.NewDecoder(bytes.NewReader(loadFile(t, file)))
	d.UseNumber()
	if err := d.Decode(&r); err != nil {
		t.Fatal(err)
	}
	f(r)
	text, err := json.Marshal(r)
	if err != nil {
		t.Fatal(err)
	}
	if !rehash {
		return text
	}
	whole, err := read(text)
	if err != nil {
		t.Fatal(err)
	}
	prev := strings.Repeat("0", 64)
	list := r["entries"].([]any)
	for i := range list {
		e := list[i].(map[string]any)
		whole.Entries[i].Seq, whole.Entries[i].Prev = int64(i+1), prev
		hash, err := whole.hash(&whole.Entries[i])
		if err != nil {
			t.Fatal(err)
		}
		e["seq"], e["prev"], e["hash"] = json.Number(strconv.Itoa(i+1)), prev, hash
		prev = hash
	}
	r["head"] = prev
	if text, err = json.Marshal(r); err != nil {
		t.Fatal(err)
	}
	return text
}

func entries(r map[string]any) []any { return r["entries"].([]any) }

// last is the last entry of a kind.
func last(r map[string]any, kind string) (at int, e, public map[string]any) {
	for i, x := range entries(r) {
		if m := x.(map[string]any); m["kind"] == kind {
			at, e = i, m
		}
	}
	return at, e, e["public"].(map[string]any)
}

func remove(r map[string]any, at int) {
	list := entries(r)
	r["entries"] = append(append([]any{}, list[:at]...), list[at+1:]...)
}

// What the operator could change and hash anew is found by counting again, and
// what fits even then by the end that was announced.
func TestARecordThatWasHashedAnew(t *testing.T) {
	whole, err := read(load(t))
	if err != nil {
		t.Fatal(err)
	}
	for _, c := range []struct {
		what string
		do   func(r map[string]any)
		want string // "" where only the announced end tells
	}{
		{"nothing", func(map[string]any) {}, ""},
		{"a ballot is removed", func(r map[string]any) { at, _, _ := last(r, "cast"); remove(r, at) }, "the count is"},
		{"a ballot is removed, and the closing made to fit", func(r map[string]any) {
			at, _, _ := last(r, "cast")
			remove(r, at)
			_, _, p := last(r, "close")
			o := p["outcome"].(map[string]any)
			o["favour"] = json.Number("2")
			r["tally"].(map[string]any)["favour"] = json.Number("2")
		}, "head"},
		{"a ballot is turned", func(r map[string]any) { _, _, p := last(r, "cast"); p["answer"] = "abstain" }, "the count is"},
		{"a ballot gets another voter", func(r map[string]any) { _, _, p := last(r, "cast"); p["voter"] = strings.Repeat("a", 32) }, "head"},
		{"a ballot is counted twice", func(r map[string]any) {
			_, _, p := last(r, "close")
			p["outcome"].(map[string]any)["favour"] = json.Number("4")
		}, "the count is"},
		{"the rule is eased", func(r map[string]any) {
			_, _, p := last(r, "open")
			p["rule"].(map[string]any)["passes_if"] = []any{"favour > against"}
		}, "it weighs 4 lines, and the rule has 1"},
		{"a line is said to hold", func(r map[string]any) {
			_, _, p := last(r, "close")
			lines := p["outcome"].(map[string]any)["lines"].([]any)
			lines[0].(map[string]any)["holds"] = false
		}, `"turnout all" holds: true, and it says false`},
		{"a ballot after the deadline", func(r map[string]any) {
			at, e, _ := last(r, "cast")
			_, closing, _ := last(r, "close")
			e["at"] = closing["at"]
			_ = at
		}, "its deadline was past, and nothing had closed it"},
		{"a ballot from before its time", func(r map[string]any) { _, e, _ := last(r, "cast"); e["at"] = "2026-06-01T00:00:00Z" }, "it is older than the entry before"},
		{"an answer that nobody could give", func(r map[string]any) { _, _, p := last(r, "cast"); p["answer"] = "perhaps" }, `"perhaps" is no answer to this decision`},
		{"the closing is early", func(r map[string]any) { _, e, _ := last(r, "close"); e["at"] = "2026-06-25T00:00:00Z" }, "it closes before the deadline"},
		{"another state", func(r map[string]any) { _, e, _ := last(r, "close"); e["state"] = "stopped" }, "it leads to stopped, and its outcome says passed"},
		{"more waited for than seats", func(r map[string]any) {
			_, _, p := last(r, "close")
			p["outcome"].(map[string]any)["waiting"] = json.Number("2")
		}, "3 answers and 2 waited for are more than the 4 seats"},
		{"the summary has another tally", func(r map[string]any) { r["tally"].(map[string]any)["favour"] = json.Number("5") }, "the record's tally is"},
		{"the summary has another rule", func(r map[string]any) { r["rules"].(map[string]any)["notice"] = json.Number("1") }, "the record's rule is another than that of the opening"},
		{"the summary has another size", func(r map[string]any) { r["decision"].(map[string]any)["size"] = "medium" }, "the record's size is medium, and the entries say large"},
		{"the summary has another electorate", func(r map[string]any) { r["electorate"].(map[string]any)["sha256"] = strings.Repeat("0", 64) }, "the record's electorate is another"},
		{"the summary ended otherwise", func(r map[string]any) { r["outcome"].(map[string]any)["at"] = "2026-06-30T00:00:00Z" }, "the record says it ended at 2026-06-30T00:00:00Z"},
		{"the summary is firmer", func(r map[string]any) { r["outcome"].(map[string]any)["sensitivity"] = "passes" }, "the record's sensitivity line"},
		{"another time zone", func(r map[string]any) { r["decision"].(map[string]any)["zone"] = "Europe/Paris" }, "the deadline is"},
		{"a time zone that there is not", func(r map[string]any) { r["decision"].(map[string]any)["zone"] = "Europe/Nowhere" }, "is not known here"},
		{"a name is changed", func(r map[string]any) { _, e, _ := last(r, "cast"); e["name"].(map[string]any)["body"] = "Zulu" }, "its name does not fit its hash"},
		{"everything after the opening is gone", func(r map[string]any) { r["entries"] = entries(r)[:2] }, "the record's state is passed, and the entries say open"},
		{"something after the end", func(r map[string]any) {
			_, e, _ := last(r, "cast")
			late := map[string]any{}
			for k, v := range e {
				late[k] = v
			}
			late["at"] = "2026-08-01T00:00:00Z"
			r["entries"] = append(entries(r), late)
		}, "the decision was passed before"},
	} {
		t.Run(c.what, func(t *testing.T) {
			text := change(t, true, c.do)
			_, err := verify(text, "")
			switch {
			case c.want == "" || c.want == "head":
				if err != nil {
					t.Errorf("without the announced end: %v", err)
				}
			case err == nil || !strings.Contains(err.Error(), c.want):
				t.Errorf("%v, want %q", err, c.want)
			}
			_, err = verify(text, whole.Head)
			if (err == nil) != (c.want == "") {
				t.Errorf("with the announced end: %v", err)
			}
			if c.want == "head" && !strings.Contains(err.Error(), "was announced: something was changed or left out") {
				t.Errorf("with the announced end: %v", err)
			}
		})
	}
}

// What a file told was counted by nobody here, and no record can say otherwise.
func TestAnImportedDecision(t *testing.T) {
	var out, errs bytes.Buffer
	if code := run([]string{importedRecord}, &out, &errs); code != 0 ||
		!strings.Contains(out.String(), "Decision 2 (large): passed.\n1 entries, and each follows the one before.\nIt was imported: a file says so, and no answer was counted. This shows only what the file said.\n") {
		t.Errorf("%d %s%s", code, out.String(), errs.String())
	}
	first := func(r map[string]any) (e, public map[string]any) {
		e = entries(r)[0].(map[string]any)
		return e, e["public"].(map[string]any)
	}
	again := func(r map[string]any, kind string) map[string]any {
		e, _ := first(r)
		next := map[string]any{}
		for k, v := range e {
			next[k] = v
		}
		next["kind"] = kind
		r["entries"] = append(entries(r), next)
		return next
	}
	for what, c := range map[string]struct {
		file string
		do   func(r map[string]any)
		want string // "" for nothing wrong
	}{
		"it pretends to a tally":  {importedRecord, func(r map[string]any) { r["tally"].(map[string]any)["favour"] = json.Number("9") }, "the record has a result, and the decision is passed"},
		"it pretends to an end":   {importedRecord, func(r map[string]any) { r["outcome"].(map[string]any)["at"] = "2026-06-30T00:00:00Z" }, "the record has a result"},
		"it pretends to members":  {importedRecord, func(r map[string]any) { _, p := first(r); p["seats"] = json.Number("9") }, "it does not say what the file says"},
		"it says another state":   {importedRecord, func(r map[string]any) { _, p := first(r); p["imported"].(map[string]any)["state"] = "stalled" }, "it does not say what the file says"},
		"it says nothing":         {importedRecord, func(r map[string]any) { _, p := first(r); delete(p, "imported") }, "it does not say what the file says"},
		"it passes by being told": {importedRecord, func(r map[string]any) { again(r, "edit") }, "entry 2: the decision was passed before"},
		"a second file":           {importedRecord, func(r map[string]any) { again(r, "import") }, ""},
		"taken up without a rule": {importedRecord, func(r map[string]any) {
			e, p := first(r)
			e["state"], p["imported"].(map[string]any)["state"] = "elsewhere", "elsewhere"
			again(r, "reopen")
		}, "entry 2: it has no rule or no electorate"},
		"a file after what was cast": {good, func(r map[string]any) {
			at, e, _ := last(r, "cast")
			e["kind"], e["public"] = "import", map[string]any{"imported": map[string]any{"state": "open", "date": "", "deadline": "", "ended": ""}}
			e["name"] = nil
			r["entries"] = entries(r)[:at+1]
		}, "a file tells of what was made, or taken up, here"},
		"passed, and nobody counted": {good, func(r map[string]any) {
			at, e, _ := last(r, "close")
			e["kind"], e["at"] = "announce", entries(r)[at-1].(map[string]any)["at"]
			r["entries"] = entries(r)[:at+1]
		}, "no entry counted it"},
	} {
		t.Run(what, func(t *testing.T) {
			if _, err := verify(changeIn(t, c.file, true, c.do), ""); (err == nil) != (c.want == "") || err != nil && !strings.Contains(err.Error(), c.want) {
				t.Errorf("%v, want %q", err, c.want)
			}
		})
	}
}

// Keys are read strictly, and every refusal says where.
func TestStrictReading(t *testing.T) {
	for what, c := range map[string]struct {
		do   func(r map[string]any)
		want string
	}{
		"an unknown key at the top":   {func(r map[string]any) { r["note"] = "hello" }, `record: the key "note" is not known`},
		"an unknown key in an entry":  {func(r map[string]any) { entries(r)[0].(map[string]any)["ip"] = "x" }, `record.entries[0]: the key "ip" is not known`},
		"an unknown key in public":    {func(r map[string]any) { _, _, p := last(r, "cast"); p["member"] = "x" }, `.public: the key "member" is not known`},
		"a key is missing":            {func(r map[string]any) { delete(r, "tally") }, `record: the key "tally" is missing`},
		"a key of an entry is gone":   {func(r map[string]any) { delete(entries(r)[1].(map[string]any), "prev") }, `record.entries[1]: the key "prev" is missing`},
		"a key of a line is gone":     {func(r map[string]any) { _, _, p := last(r, "close"); delete(p["outcome"].(map[string]any), "lines") }, `.public.outcome: the key "lines" is missing`},
		"a text where a number is":    {func(r map[string]any) { r["tally"].(map[string]any)["favour"] = "3" }, "record.tally.favour: want a whole number"},
		"a fraction":                  {func(r map[string]any) { r["tally"].(map[string]any)["favour"] = json.Number("3.5") }, "want a whole number that is not negative"},
		"a negative number":           {func(r map[string]any) { r["tally"].(map[string]any)["favour"] = json.Number("-3") }, "want a whole number that is not negative"},
		"a list where an object is":   {func(r map[string]any) { r["rules"] = []any{} }, "record.rules: want an object"},
		"an object where a list is":   {func(r map[string]any) { r["entries"] = map[string]any{} }, "record.entries: want a list"},
		"a number where a text is":    {func(r map[string]any) { r["head"] = json.Number("1") }, "record.head: want a text"},
		"a text where a flag is":      {func(r map[string]any) { _, _, p := last(r, "cast"); p["editorial"] = "no" }, ".public.editorial: want true or false"},
		"no entries":                  {func(r map[string]any) { r["entries"] = []any{} }, "there are no entries"},
		"another format":              {func(r map[string]any) { r["format"] = "goodstanding-record-2" }, `the format is "goodstanding-record-2": this reads goodstanding-record-1`},
		"an instant with an offset":   {func(r map[string]any) { entries(r)[0].(map[string]any)["at"] = "2026-06-20T01:00:00+01:00" }, "is not an instant in UTC, to the microsecond"},
		"an instant finer than that":  {func(r map[string]any) { entries(r)[0].(map[string]any)["at"] = "2026-06-20T00:00:00.0000001Z" }, "is not an instant in UTC, to the microsecond"},
		"a head that is not the last": {func(r map[string]any) { r["head"] = strings.Repeat("0", 64) }, "the head is not the hash of the last entry"},
		"an entry is left out":        {func(r map[string]any) { remove(r, 3) }, "entry 4 has the number 5: one was left out, or put in"},
	} {
		t.Run(what, func(t *testing.T) {
			if _, err := verify(change(t, false, c.do), ""); err == nil || !strings.Contains(err.Error(), c.want) {
				t.Errorf("%v, want %q", err, c.want)
			}
		})
	}
	text := string(load(t))
	for what, c := range map[string]struct{ text, want string }{
		"nothing":               {"", "it is no JSON"},
		"half of it":            {text[:len(text)/2], "it is no JSON"},
		"two records":           {text + text, "something stands behind the record"},
		"a key that is twice":   {strings.Replace(text, `"format":`, `"format": "x", "format":`, 1), `the key "format" stands twice in one object`},
		"twice in an inner one": {strings.Replace(text, `"answer": "favour",`, `"answer": "favour", "answer": "favour",`, 1), `the key "answer" stands twice in one object`},
	} {
		if _, err := verify([]byte(c.text), ""); err == nil || !strings.Contains(err.Error(), c.want) {
			t.Errorf("%s: %v, want %q", what, err, c.want)
		}
	}
}

// The conditions are read as the policy writes them; each with a case on either
// side of its edge.
func TestConditions(t *testing.T) {
	for _, c := range []struct {
		condition string
		tally     tally
		want      bool
	}{
		{"turnout all", tally{}, true}, {"turnout all", tally{Waiting: 1}, false},
		{"favour > against", tally{Favour: 2, Against: 1}, true}, {"favour > against", tally{Favour: 1, Against: 1}, false},
		{"favour >= 2", tally{Favour: 2}, true}, {"favour >= 2", tally{Favour: 1}, false},
		{"favour > 1/2 of electorate", tally{Favour: 14, Waiting: 12}, true}, {"favour > 1/2 of electorate", tally{Favour: 13, Abstain: 3, Waiting: 10}, false},
		{"favour >= 1/2 of voters", tally{Favour: 1, Block: 1, Waiting: 9}, true}, {"favour >= 1/2 of voters", tally{Favour: 1, Abstain: 2}, false},
		{"favour >= 1/2 of voters", tally{}, false},
		{"no block", tally{}, true}, {"no block", tally{Block: 1}, false}, {"no against", tally{}, true}, {"no against", tally{Against: 1}, false},
		{"no objection", tally{}, true}, {"no objection", tally{Objections: 1}, false},
		{"concerns answered", tally{}, true}, {"concerns answered", tally{Unanswered: 1}, false},
	} {
		if got, err := holds(c.condition, c.tally); err != nil || got != c.want {
			t.Errorf("%s of %+v: %v, %v", c.condition, c.tally, got, err)
		}
	}
	for _, odd := range []string{"", "perhaps", "favour", "favour > 1/2 of voters", "favour >= x", "favour > 1/2 of the moon"} {
		if _, err := holds(odd, tally{}); err == nil {
			t.Errorf("%q is a condition", odd)
		}
	}
}

// The verifier stands on the standard library alone.
func TestItStandsAlone(t *testing.T) {
	files, err := filepath.Glob("*.go")
	if err != nil || len(files) < 4 {
		t.Fatalf("%d files, %v", len(files), err)
	}
	for _, name := range files {
		f, err := parser.ParseFile(token.NewFileSet(), name, nil, parser.ImportsOnly)
		if err != nil {
			t.Fatal(err)
		}
		for _, i := range f.Imports {
			if path, _ := strconv.Unquote(i.Path.Value); strings.Contains(path, ".") {
				t.Errorf("%s imports %s", name, path)
			}
		}
	}
}

func FuzzVerify(f *testing.F) {
	f.Add(load(f))
	f.Add([]byte(`{"format":"goodstanding-record-1"}`))
	f.Fuzz(func(t *testing.T, text []byte) {
		if c, err := verify(text, ""); err == nil && c.report() == "" {
			t.Error("nothing to say of a good record")
		}
	})
}
