package main

import (
	"encoding/json"
	"path/filepath"
	"regexp"
	"strings"
	"testing"

	"coopcloud.tech/goodstanding/internal/dbtest"
)

// Who has left is erased, and who only paid: readings that follow bring neither back,
// nothing is broken by it, and what was there before a backup is there after it.
func TestErasingMembersAndAccounts(t *testing.T) {
	for engine, dsn := range map[string]func(testing.TB) string{"sqlite": dbtest.SQLiteDSN, "postgres": dbtest.PostgresDSN} {
		t.Run(engine, func(t *testing.T) {
			w := newWorld(t)
			w.env["GOODSTANDING_DATABASE"] = dsn(t)
			w.must("sync")
			w.must("members", "adopt", "ccf-mike", "ccf-alfa")
			has(t, w.fails(exitRefused, "members", "erase", "mike-member", "--reason", "asked for"), "cannot erase the member: mike-member has not left: end the membership first (members leave)")
			has(t, w.fails(exitRefused, "members", "erase-account", "ccf-alfa", "--reason", "asked for"), "cannot erase the account: @ccf-alfa is linked to alfa-co-op")
			w.must("people", "add", "ada@example.org", "--name", "Ada", "--delegate-of", "alfa-co-op")
			w.must("people", "add", "mia@example.org", "--name", "Mia", "--delegate-of", "mike-member")
			w.clock += 1e6
			id := regexp.MustCompile(`de_\w+`).FindString(w.must("decisions", "propose", "--as", "Ada", "--size", "large", "--title", "A calendar", "--changes", "One.", "--affects", "all", "--channel", "#general", "--until", "2027-01-20"))
			w.must("decisions", "open", id, "--as", "Ada")
			w.must("decisions", "cast", "1", "favour", "--as", "Mia")
			has(t, w.fails(exitRefused, "people", "remove", "Mia", "--reason", "Mia asked for it"), "cannot remove the person: the reason names what is erased, and stays to be read: write it without")
			w.must("people", "remove", "Mia", "--reason", "asked for")
			w.must("members", "leave", "mike-member", "--reason", "Mike Member moved away")
			has(t, w.fails(exitRefused, "members", "erase", "mike-member", "--reason", "asked for"), "cannot erase the member: decision 1 has to do with it, and is not ended")
			w.must("decisions", "withdraw", "1", "--as", "Ada", "--because", "a mistake")
			decided := w.must("decisions", "record", "1", "--json") + w.must("decisions", "show", "1", "--history", "--json")
			has(t, w.fails(exitRefused, "members", "erase", "mike-member"), "a reason is needed")
			before := filepath.Join(w.dir, "before.jsonl.gz")
			w.must("backup", before)
			w.terminal, w.stdin = true, "n\n"
			has(t, w.fails(exitRefused, "members", "erase", "mike-member", "--reason", "asked for"), "Erased is what Mike Member could be recognised by.", "Erase this member? [y/N]", "nothing was changed")
			w.terminal = false
			var erased struct {
				Member string
				Again  []string
			}
			if err := json.Unmarshal([]byte(w.must("members", "erase", "mike-member", "--reason", "asked for", "--json")), &erased); err != nil || erased.Member == "" {
				t.Errorf("%v %+v", err, erased)
			}
			printed := w.must("members", "erase-account", "ccf-tipper", "--reason", "asked for")
			has(t, printed, "Erased. What stays of it goes by ", "Keep beside the backups, for whoever restores an older one:\n  goodstanding members erase-account ")
			again := append(erased.Again, regexp.MustCompile(`goodstanding members .*`).FindString(printed))
			if after := w.must("decisions", "record", "1", "--json") + w.must("decisions", "show", "1", "--history", "--json"); after != decided {
				t.Errorf("the decision is told otherwise:\n%s", difference(decided, after))
			}
			verified := w.must("verify")
			if strings.Contains(verified, "broken") {
				t.Error(verified)
			}
			w.show(1)
			read := w.must("sync")
			said := read + w.must("sync") + w.must("roll") + w.must("desk", "--all") + w.must("status") + w.must("members", "show", erased.Member)
			for _, name := range []string{"Mike", "ccf-mike", "Tipper", "ccf-tipper"} {
				if strings.Contains(said, name) {
					t.Errorf("%s is still named:\n%s", name, said)
				}
			}
			has(t, said, "a member that was erased since", "Alfa Co-op", erased.Member)
			file := filepath.Join(w.dir, "after.jsonl.gz")
			w.must("backup", file)
			standing := w.must("roll", "--json")
			w.env["GOODSTANDING_DATABASE"] = "sqlite://" + filepath.Join(w.dir, "restored.db")
			has(t, w.must("restore", file), "standings        ok ")
			if now := w.must("roll", "--json"); now != standing {
				t.Errorf("restored it says otherwise:\n%s", difference(standing, now))
			}
			w.env["GOODSTANDING_DATABASE"] = "sqlite://" + filepath.Join(w.dir, "older.db")
			has(t, w.must("restore", before), "standings        ok ")
			has(t, w.must("members", "list"), "Mike Member")
			w.eraseAgain(again)
			if said := w.must("roll") + w.must("desk", "--all") + w.must("members", "show", erased.Member); strings.Contains(said, "Mike") || strings.Contains(said, "ipper") {
				t.Errorf("erased again, there is still\n%s", said)
			}
		})
	}
}

// eraseAgain does what was printed to be kept. An account that goes with its member is
// named once more.
func (w *world) eraseAgain(lines []string) {
	w.t.Helper()
	for _, line := range lines {
		typed := regexp.MustCompile(`^goodstanding (members) (erase|erase-account) (\S+) --reason "(again after a restore)"  # 20\d\d-\S+Z$`).FindStringSubmatch(line)
		if typed == nil {
			w.t.Fatalf("to be kept is %q", line)
		}
		if s := w.run(typed[1], typed[2], typed[3], "--reason", typed[4]); s.code != exitOK && !strings.Contains(s.err, "was erased already") {
			w.t.Errorf("%s: %d %s", line, s.code, s.err)
		}
	}
	if len(lines) != 3 {
		w.t.Errorf("to be kept are %q", lines)
	}
}

// The log of the daemon has what is erased while it runs, wherever that is done, by id.
func TestTheLogHasWhatWasErased(t *testing.T) {
	w := newWorld(t)
	w.env["GOODSTANDING_LOG_FORMAT"] = "json"
	w.must("people", "add", "ada@example.org", "--name", "Ada")
	w.must("people", "add", "bea@example.org", "--name", "Bea")
	w.must("people", "remove", "Bea", "--reason", "asked for")
	s := w.serve()
	printed := w.must("people", "remove", "Ada", "--reason", "asked for")
	id := regexp.MustCompile(`goodstanding people remove (\S+) --reason "again after a restore"  # (\S+)\n`).FindStringSubmatch(printed)
	if id == nil {
		t.Fatalf("to be kept is %q", printed)
	}
	const said = "erased: where an older backup is restored, erase it again"
	s.until("it is logged", func() bool { return strings.Contains(s.errs.String(), said) })
	s.stop()
	log := s.errs.String()
	if !strings.Contains(log, `"level":"warn"`) || !strings.Contains(log, `"action":"remove_person","id":"`+id[1]+`","at":"`+id[2]+`","again":"`+strings.ReplaceAll(strings.TrimSpace(id[0]), `"`, `\"`)+`"`) || strings.Count(log, said) != 1 || strings.Contains(log, "Ada") {
		t.Errorf("the log says\n%s", log)
	}
}

// The operator takes what is kept about a person, and nobody else does.
func TestWhatIsKeptAboutAPerson(t *testing.T) {
	w := adopted(t)
	w.must("people", "add", "bea@example.org", "--name", "Bea", "--role", "treasurer")
	w.must("people", "add", "ada@example.org", "--name", "Ada", "--delegate-of", "alfa-co-op")
	w.must("providers", "set", "alfa-co-op", "--summary", "We host.", "--as", "Ada")
	w.must("providers", "consent", "alfa-co-op", "--words", "yes", "--as", "Ada")
	golden(t, "people/export.txt", w.must("people", "export", "Ada"))
	text := w.must("people", "export", "ada@example.org", "--json")
	var got struct {
		Person, At string
		Kept       []struct{ Title, Name, Value, At string }
	}
	if err := json.Unmarshal([]byte(text), &got); err != nil || got.Person == "" || got.At == "" || len(got.Kept) < 7 || got.Kept[0].Value != "Ada" || got.Kept[1].Value != "ada@example.org" {
		t.Errorf("%v %+v", err, got)
	}
	if strings.Contains(text, "Bea") || strings.Contains(text, "bea@") {
		t.Error("it tells of somebody else")
	}
	has(t, w.fails(exitRefused, "people", "export", "Ada", "--as", "Bea"), "only the person itself or the operator may")
	if own := w.must("people", "export", "Ada", "--as", "Ada", "--json"); own != text {
		t.Errorf("to Ada it says otherwise:\n%s", difference(text, own))
	}
}
