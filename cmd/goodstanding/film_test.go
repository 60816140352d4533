package main

import (
	"encoding/csv"
	"encoding/json"
	"path/filepath"
	"regexp"
	"strings"
	"testing"
	"time"

	"coopcloud.tech/goodstanding/internal/instant"
)

func TestStatusOnTheFilm(t *testing.T) {
	w := adopted(t)
	golden(t, "status/first-scene.txt", w.must("status"))
	w.show(10)
	w.must("sync")
	golden(t, "status/last-scene.txt", w.must("status"))
	golden(t, "status/last-scene.json", w.must("status", "--json"))
}

func TestStatusOfANewStore(t *testing.T) {
	w := newWorld(t)
	golden(t, "status/new.txt", w.must("status"))
}

// TestStatusFitsAScreen: 80 columns, 24 lines, coloured.
func TestStatusFitsAScreen(t *testing.T) {
	w := adopted(t)
	w.terminal, w.width = true, 80
	delete(w.env, "GOODSTANDING_OC_TOKEN")
	out := w.must("status")
	lines := strings.Split(strings.TrimSuffix(out, "\n"), "\n")
	if len(lines) > 24 {
		t.Errorf("%d lines do not fit on a screen:\n%s", len(lines), out)
	}
	for _, l := range lines {
		if textWidth(l) > 80 {
			t.Errorf("%d columns: %q", textWidth(l), l)
		}
	}
	if !strings.Contains(out, "\x1b[") {
		t.Error("a terminal gets colours")
	}
	w.env["NO_COLOR"] = "1"
	if out := w.must("status"); strings.Contains(out, "\x1b[") {
		t.Error("NO_COLOR is not honoured")
	}
}

// TestWithoutAToken: the sentence of point 2, word for word, in status, at
// check-config and when Open Collective is read.
func TestWithoutAToken(t *testing.T) {
	const sentence = "Reading Open Collective without a token. Standings are complete. Missing: payers' e-mail addresses, so members without a contact of their own cannot be told; and 10 requests a minute instead of 100. Add one: an administrator of the collective (not of its host) makes a personal token on Open Collective with the scope `transactions` and nothing else; put it into GOODSTANDING_OC_TOKEN_FILE."
	w := newWorld(t)
	for _, line := range []string{"status", "check-config", "sync"} {
		if s := w.run(line); strings.Contains(s.out+s.err, sentence) {
			t.Errorf("%s says it although there is a token", line)
		}
	}
	delete(w.env, "GOODSTANDING_OC_TOKEN")
	for _, line := range []string{"status", "check-config", "sync"} {
		if s := w.run(line); s.code != exitOK || !strings.Contains(s.out+s.err, sentence+"\n") {
			t.Errorf("%s (exit code %d) does not say it:\n%s%s", line, s.code, s.out, s.err)
		}
	}
}

func TestRollOnTheFilm(t *testing.T) {
	w := adopted(t)
	w.show(10)
	w.must("sync")
	roll := w.must("roll")
	golden(t, "roll/last-scene.txt", roll)
	if w.must("members", "list") != roll {
		t.Error("members list is not roll")
	}
	golden(t, "roll/last-scene.csv", w.must("roll", "--csv"))
	golden(t, "roll/lapsed.txt", w.must("roll", "--state", "lapsed"))
	golden(t, "roll/forecast.txt", w.must("roll", "--right", "vote", "--at", "2026-12-20"))
	w.terminal, w.width = true, 80
	w.env["NO_COLOR"] = "1"
	golden(t, "roll/terminal.txt", w.must("roll"))
	for _, l := range strings.Split(w.must("roll"), "\n") {
		if textWidth(l) > 80 {
			t.Errorf("%d columns: %q", textWidth(l), l)
		}
	}
}

// TestRollKeepsWhatItSaid: the roll of an earlier instant by what was known
// then is the same, whatever came after.
func TestRollKeepsWhatItSaid(t *testing.T) {
	w := adopted(t)
	at := w.clock.Add(time.Second)
	w.clock = at
	then := w.must("roll", "--json")
	w.show(10)
	w.must("sync")
	if now := w.must("roll", "--json"); now == then {
		t.Fatal("nothing changed in the film")
	}
	// Names are no facts, and at and known are as asked.
	verdicts := func(s string) string {
		s = strings.ReplaceAll(s, "ccf-oscar-new", "ccf-oscar")
		return regexp.MustCompile(`"(at|known)": .*`).ReplaceAllString(s, "")
	}
	if again := w.must("roll", "--json", "--at", at.String(), "--known", at.String()); verdicts(again) != verdicts(then) {
		t.Errorf("what was said changed:\n%s", difference(verdicts(then), verdicts(again)))
	}
}

// TestRollJSON holds the shape that machines rely on (issue 2, point 8).
func TestRollJSON(t *testing.T) {
	w := adopted(t)
	var rows []map[string]any
	if err := json.Unmarshal([]byte(w.must("roll", "--json")), &rows); err != nil {
		t.Fatal(err)
	}
	if len(rows) != 32 {
		t.Fatalf("%d members, want 32", len(rows))
	}
	for _, r := range rows {
		for key, ok := range map[string]func(any) bool{
			"member": isText, "name": isText, "kind": isText, "state": isText, "vote": isBool, "listing": isBool, "services": isBool,
			"accounts": isList, "reasons": isList, "paid_through": isInstant, "changes_at": isInstant, "as_of": isInstant,
		} {
			if v, there := r[key]; !there || !ok(v) {
				t.Errorf("%v: %s is %#v", r["name"], key, v)
			}
		}
		for _, a := range r["accounts"].([]any) {
			if acc := a.(map[string]any); !isText(acc["id"]) || !isText(acc["slug"]) {
				t.Errorf("%v: account %v", r["name"], a)
			}
		}
		reasons := r["reasons"].([]any)
		if len(reasons) == 0 {
			t.Errorf("%v has no reason", r["name"])
		}
		for _, x := range reasons {
			if re := x.(map[string]any); !isText(re["code"]) || !isText(re["text"]) || !isList(re["rights"]) || !isList(re["facts"]) {
				t.Errorf("%v: reason %v", r["name"], x)
			}
		}
	}
	golden(t, "roll/first-member.json", firstOf(t, rows))
	if got := newWorld(t).must("roll", "--json"); got != "[]\n" {
		t.Errorf("an empty roll is %q, want []", got)
	}
}

func firstOf(t *testing.T, rows []map[string]any) string {
	b, err := json.MarshalIndent(rows[0], "", "  ")
	if err != nil {
		t.Fatal(err)
	}
	return string(b) + "\n"
}

func isText(v any) bool { s, ok := v.(string); return ok && s != "" }
func isBool(v any) bool { _, ok := v.(bool); return ok }
func isList(v any) bool { _, ok := v.([]any); return ok }
func isInstant(v any) bool {
	if v == nil {
		return true
	}
	s, ok := v.(string)
	if !ok {
		return false
	}
	_, err := time.Parse(time.RFC3339Nano, s)
	return err == nil
}

func TestRollCSVIsSafeInASpreadsheet(t *testing.T) {
	w := newWorld(t)
	w.must("members", "add", "=HYPERLINK(1)", "--kind", "organisation", "--handle", "formula")
	rows, err := csv.NewReader(strings.NewReader(w.must("roll", "--csv"))).ReadAll()
	if err != nil {
		t.Fatal(err)
	}
	if len(rows) != 2 || rows[1][2] != "'=HYPERLINK(1)" {
		t.Errorf("got %q", rows)
	}
}

func TestExplainOnTheFilm(t *testing.T) {
	w := adopted(t)
	w.show(10)
	w.must("sync")
	for _, who := range []string{"charlie", "ccf-alfa", "kilo", "Golf", "paypal", "foxtrot"} {
		golden(t, filepath.Join("explain", who+".txt"), w.must("explain", who))
	}
	golden(t, "explain/charlie.json", w.must("explain", "charlie", "--json"))
	golden(t, "explain/charlie-before.txt", w.must("explain", "charlie", "--at", "2026-11-01"))
	golden(t, "explain/bravo-forecast.txt", w.must("explain", "@ccf-bravo", "--at", "2027-01-10"))
	for word, want := range map[string]string{
		"alfa-coop": `there is no member "alfa-coop"; nearest: alfa-co-op`,
		"nobody":    `there is no member "nobody"; goodstanding roll lists all`,
		"P":         `"P" fits several of members: paypal-users-co-op, penny-short; write more of it, or the id`,
	} {
		if got := w.fails(exitNotFound, "explain", word); got != want {
			t.Errorf("explain %s\n got  %s\n want %s", word, got, want)
		}
	}
}

func TestExplainListsEveryFact(t *testing.T) {
	w := adopted(t)
	short, all := w.must("explain", "ada-admin"), w.must("explain", "ada-admin", "--all")
	has(t, short, "older ones: explain --all")
	if strings.Count(all, "charge:") <= strings.Count(short, "charge:") || strings.Contains(all, "explain --all") {
		t.Errorf("--all lists no more:\n%s", all)
	}
}

func TestADateIsMidnightUTC(t *testing.T) {
	var w when
	if err := w.UnmarshalText([]byte("2026-06-01")); err != nil || w.Instant != instant.Date(2026, time.June, 1) {
		t.Errorf("got %v, %v", w.Instant, err)
	}
	if err := w.UnmarshalText([]byte("2026-06-01T09:00:00+01:00")); err != nil || w.Instant != instant.Date(2026, time.June, 1).Add(8*time.Hour) {
		t.Errorf("got %v, %v", w.Instant, err)
	}
}
