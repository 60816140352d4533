package main

import (
	"bytes"
	"encoding/json"
	"errors"
	"image/color"
	"image/png"
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"testing"
	"time"

	"coopcloud.tech/goodstanding/internal/instant"
	"coopcloud.tech/goodstanding/member"
	"coopcloud.tech/goodstanding/roll"
	"coopcloud.tech/goodstanding/store"
)

func TestAdoptionOnTheFilm(t *testing.T) {
	w := newWorld(t)
	w.must("sync")
	dry := w.must("members", "adopt", "--all", "--dry-run")
	golden(t, "members/adopt-dry.txt", dry)
	has(t, w.must("roll"), "No members.")
	out := w.must("members", "adopt", "--all")
	if strings.Replace(dry, "Nothing was changed: a dry run.", "Adopted 32 members. 32 members have no delegate: nobody can vote for them.", 1) != out {
		t.Errorf("the dry run said otherwise:\n%s", difference(dry, out))
	}
	has(t, w.must("members", "adopt", "--all"), "Nobody to adopt.")
	has(t, w.fails(exitRefused, "members", "adopt", "guest-d5ee447d"), "guest")
	has(t, w.must("members", "supporter", "ccf-quebec"), "ccf-quebec is a supporter: gives, and is no member.")
	has(t, w.must("status"), "9 payers pay and are no members")
	has(t, w.must("members", "supporter", "ccf-quebec", "--off"), "no longer marked")
}

func TestAdoptionInJSON(t *testing.T) {
	w := newWorld(t)
	w.must("sync")
	var got adoptionAnswerIn
	if err := json.Unmarshal([]byte(w.must("members", "adopt", "--meeting-dues", "--since", "2026-01-01", "--json")), &got); err != nil {
		t.Fatal(err)
	}
	if len(got.Adopted) != 18 || got.NoDelegate != 18 || got.Adopted[0].Member == "" || got.Adopted[0].Since != "2026-01-01T00:00:00Z" || got.LeftOut[0].Why == "" {
		t.Errorf("got %+v", got)
	}
}

type adoptionAnswerIn struct {
	Adopted []struct {
		Member, Name, Since, State string
	} `json:"adopted"`
	LeftOut    []struct{ Name, Why string } `json:"left_out"`
	NoDelegate int                          `json:"no_delegate"`
}

// TestWhatChangesManyAsksOnATerminal, and only there; --yes does not ask.
func TestWhatChangesManyAsksOnATerminal(t *testing.T) {
	w := newWorld(t)
	w.must("sync")
	w.terminal = true
	w.env["NO_COLOR"] = "1"
	for _, answer := range []string{"n\n", "\n", "", "nope\n"} {
		w.stdin = answer
		if got := w.fails(exitRefused, "members", "adopt", "--all"); !strings.HasSuffix(got, "Make members of these 32 payers? [y/N] goodstanding: you said no: nothing was changed") {
			t.Errorf("%q: %s", answer, got)
		}
	}
	has(t, w.must("roll"), "No members.")
	w.stdin = "y\n"
	has(t, w.must("members", "adopt", "--all"), "Adopted 32 members.")
	w.show(8)
	w.must("sync")
	w.stdin = ""
	has(t, w.must("members", "adopt", "ccf-newcomer"), "Adopted 1 member.") // one needs no question
	w.stdin = "no\n"
	list := w.file("more.csv", "name,kind\nOne More,organisation\nTwo More,individual\n")
	w.fails(exitRefused, "members", "import", list)
	has(t, w.must("members", "import", list, "--yes"), "Imported 2 rows.")
}

// TestAReasonIsAskedForOnATerminal where the rules need one.
func TestAReasonIsAskedForOnATerminal(t *testing.T) {
	w := adopted(t)
	w.terminal = true
	w.stdin = "between jobs\n"
	s := w.run("waive", "golf", "--until", "2027-01-01")
	if s.code != exitOK || !strings.Contains(s.err, "Why? (for the audit log) ") {
		t.Errorf("%d: %s", s.code, s.err)
	}
	w.stdin = "\n"
	has(t, w.fails(exitRefused, "waive", "charlie", "--until", "2027-01-01"), "a reason is needed")
}

func TestMembersComeAndGo(t *testing.T) {
	w := newWorld(t)
	has(t, w.must("members", "add", "Bea Example", "--kind", "individual", "--applied", "--contact", "bea@example.org"), "Added Bea Example", "have applied")
	has(t, w.must("members", "admit", "bea", "--decision", "12"), "Bea Example is admitted.")
	has(t, w.must("link", "bea", "--none"), "Bea Example has no account on Open Collective.")
	has(t, w.must("link", "bea", "--some"), "may have an account")
	has(t, w.must("members", "show", "bea"), "Member since  22 Nov 2026", "bea@example.org")
	has(t, w.fails(exitRefused, "members", "leave", "bea"), "a reason is needed")
	has(t, w.must("members", "leave", "bea", "--reason", "moved away"), "Bea Example leaves.")
	has(t, w.must("roll", "--state", "left"), "Left")
	var card map[string]any
	if err := json.Unmarshal([]byte(w.must("members", "show", "bea", "--json")), &card); err != nil || card["state"] != "left" || card["name"] != "Bea Example" {
		t.Errorf("%v, %v", card, err)
	}
}

func TestUnlinkAndMerge(t *testing.T) {
	w := adopted(t)
	has(t, w.must("members", "unlink", "bravo", "ccf-bravo", "--until", "2000-01-01", "--reason", "a mistake"), "no longer linked to Bravo Hosting", "cannot say yet")
	has(t, w.must("link", "alfa", "@ccf-bravo"), "Alfa Co-op pays as @ccf-bravo.")
	has(t, w.must("explain", "alfa"), "pays as ccf-alfa", "pays as ccf-bravo")
	w.must("people", "add", "tess@example.org", "--name", "Tess Urer", "--role", "treasurer", "--delegate-of", "golf")
	has(t, w.fails(exitRefused, "members", "merge", "golf", "delta", "--reason", "the same people", "--as", "Tess Urer"),
		"a treasurer cannot make himself a delegate: you are one of golf-ltd, and would become one of delta-servers; another treasurer or the operator can merge them")
	has(t, w.must("members", "merge", "golf", "delta", "--reason", "the same people"), "Golf Ltd is merged into Delta Servers.")
	has(t, w.must("explain", "golf-ltd"), "Delta Servers")
	has(t, w.fails(exitNotFound, "link", "alfa", "no-such-account"), "only accounts that Open Collective has shown are known here")
}

func TestPaymentsFromAFile(t *testing.T) {
	w := adopted(t)
	bad := w.file("bad.csv", "member,amount,received,months,reference,reason\ngolf,GBP 120.00,2026-11-01,12,B1,transfer\nnobody,GBP 1.00,2026-11-01,1,B2,x\ncharlie,ten,2026-11-01,1,B3,x\n")
	got := w.fails(exitRefused, "pay", "--import", bad, "--reason", "bank")
	has(t, got, "line 3", "line 4", "nobody")
	has(t, w.must("explain", "golf"), "First payment on its way")
	good := "member,amount,received,months,reference,reason\ngolf,GBP 120.00,2026-11-01,12,B1,transfer\nwhiskey,GBP 10.00,2026-11-01,1,B2,transfer\n"
	has(t, w.must("pay", "--import", w.file("good.csv", good), "--dry-run"), "Nothing was entered: a dry run.")
	w.stdin = good
	has(t, w.must("pay", "--import", "-", "--reason", "bank statement"), "Entered 2 payments.", "Golf Ltd", "+vote")
	has(t, w.fails(exitRefused, "pay", "--import", filepathOf(w, "good.csv")), "reference")
}

func filepathOf(w *world, name string) string { return w.dir + "/" + name }

// TestAChargeThatTheRulesIgnore can be let count, once.
func TestAChargeThatTheRulesIgnore(t *testing.T) {
	w := newWorld(t)
	w.must("sync")
	w.must("members", "adopt", "ccf-quebec")
	before := w.must("explain", "quebec")
	has(t, before, "one-off charge")
	charge := strings.Fields(before[strings.Index(before, "charge:")+len("charge:"):])[0]
	w.must("pay", "quebec", "--charge", strings.TrimSuffix(charge, ")"), "--months", "1", "--reason", "sent as a one-off by mistake")
	has(t, w.must("explain", "quebec"), "lets charge")
	has(t, w.fails(exitRefused, "pay", "quebec", "--charge", strings.TrimSuffix(charge, ")"), "--months", "1", "--reason", "twice"), "charge")
}

func TestImportTellsEveryBadRow(t *testing.T) {
	w := newWorld(t)
	list := w.file("list.csv", "name,kind,since,website\nGood One,organisation,2024-05-01,https://good.example\n,organisation,,\nBad Kind,club,,\nBad Day,individual,yesterday,\n")
	got := w.fails(exitRefused, "members", "import", list)
	has(t, got, "line 3", "line 4", "line 5", "club", "yesterday")
	has(t, w.must("roll"), "No members.")
	has(t, w.fails(exitRefused, "members", "import", w.file("typo.csv", "nmae,kind\nx,organisation\n")), "nmae", "name")
	has(t, w.fails(exitUsage, "members", "import", filepathOf(w, "nowhere.csv")), "DIR/nowhere.csv cannot be read (no such file or directory): correct the path")
	has(t, w.fails(exitUsage, "members", "import", w.file("list.xls", "x")), `".xls" is not a format`)
	for _, format := range []string{"csv", "yaml"} {
		has(t, w.must("members", "import", "--template", "--format", format), "consent_words")
	}
}

func TestPeopleAndTheirRoles(t *testing.T) {
	w := adopted(t)
	has(t, w.must("people", "list"), "Nobody yet.")
	w.must("people", "add", "ada@example.org", "--name", "Ada Example", "--role", "treasurer")
	has(t, w.must("people", "role", "Ada", "facilitator"), "Ada is facilitator now.")
	has(t, w.fails(exitRefused, "people", "role", "Ada", "treasurer", "--off", "--as", "Ada"), "last treasurer")
	has(t, w.fails(exitRefused, "people", "delegate", "Ada", "alfa", "--as", "Ada"), "delegate")
	has(t, w.must("people", "delegate", "Ada", "alfa"), "Ada is delegate of Alfa Co-op.")
	has(t, w.must("people", "delegate", "Ada", "alfa", "--off"), "no longer delegate")
	got := w.fails(exitRefused, "people", "add", "ada@example.org", "--name", "Another")
	if strings.Contains(got, "ada@example.org") {
		t.Errorf("the message repeats the address: %s", got)
	}
}

// TestHolds: when a reading would take the vote from many at once, nobody loses
// it until somebody has looked.
func TestHolds(t *testing.T) {
	w := adopted(t)
	has(t, w.must("holds", "show"), "Nothing is held.")
	if got := w.must("holds", "show", "--json"); got != "[]\n" {
		t.Errorf("got %q", got)
	}
	has(t, w.fails(exitNotFound, "holds", "acknowledge", "h_none", "--reason", "x"), `there is no hold "h_none"; goodstanding holds show lists all`)
	w.clock = w.clock.AddMonths(3) // nobody was charged since, and nobody was warned: the grace is longer
	if out := w.must("sync"); strings.Contains(out, "-vote") {
		t.Errorf("somebody lapsed unwarned:\n%s", out)
	}
	w.clock = w.clock.Add(8 * 24 * time.Hour)
	out := w.must("sync")
	hold := regexp.MustCompile(`Hold (h_\w+) keeps (\d+) members as they were`).FindStringSubmatch(out)
	if hold == nil {
		t.Fatalf("nothing is held:\n%s", out)
	}
	has(t, w.must("status"), hold[1]+" keeps "+hold[2]+" members", "goodstanding holds show")
	has(t, w.must("holds", "show"), "Likely cause: ", "Alfa Co-op", "payment late", "lapsed", "goodstanding holds acknowledge "+hold[1]+" --reason TEXT")
	has(t, w.must("explain", "alfa"), "[held]", "vote      yes")
	has(t, w.fails(exitRefused, "holds", "acknowledge", hold[1]), "a reason is needed")
	w.terminal, w.stdin = true, "no\n"
	has(t, w.fails(exitRefused, "holds", "acknowledge", hold[1], "--reason", "they were told"), "Let these members lose their rights now?", "you said no")
	w.terminal = false
	has(t, w.must("holds", "acknowledge", hold[1], "--reason", "they were told"), "is acknowledged.", "Alfa Co-op", "-vote")
	has(t, w.must("holds", "show"), "Nothing is held.")
	has(t, w.must("holds", "show", "--all"), "by operator:ada: they were told")
	has(t, w.must("explain", "alfa"), "vote      no")
}

// TestWhoDoesIt: --as names a person, else it is the operator.
func TestWhoDoesIt(t *testing.T) {
	w := adopted(t)
	has(t, w.fails(exitNotFound, "waive", "golf", "--until", "2027-01-01", "--reason", "x", "--as", "Nobody"), `there is no person "Nobody"`)
	w.must("people", "add", "tess@example.org", "--name", "Tess Urer", "--role", "treasurer")
	w.must("people", "add", "sol@example.org", "--name", "Sol Other")
	has(t, w.fails(exitRefused, "waive", "golf", "--until", "2027-01-01", "--reason", "x", "--as", "Sol"), "treasurer")
	w.must("--as", "tess@example.org", "waive", "golf", "--until", "2027-01-01", "--reason", "starting up")
	w.must("members", "leave", "alfa", "--reason", "they said so")
	db, err := store.Open(t.Context(), "sqlite://"+filepathOf(w, "data/"+databaseName), store.Options{})
	if err != nil {
		t.Fatal(err)
	}
	defer db.Close()
	if err := db.View(t.Context(), func(tx *store.Tx) error {
		rows, err := tx.AuditRows(t.Context(), store.AuditQuery{})
		if err != nil {
			return err
		}
		labels, err := tx.ActorLabels(t.Context())
		if err != nil {
			return err
		}
		whys, err := tx.Texts(t.Context(), rows[len(rows)-1].Reason, rows[len(rows)-2].Reason)
		if err != nil {
			return err
		}
		left, waived := rows[len(rows)-1], rows[len(rows)-2]
		if got := labels[left.Actor] + " " + left.Action + ": " + whys[left.Reason]; got != "operator:ada leave: they said so" {
			t.Error(got)
		}
		if got := labels[waived.Actor] + " " + waived.Action + ": " + whys[waived.Reason]; got != "Tess Urer waive: starting up" {
			t.Error(got)
		}
		report, err := tx.VerifyAudit(t.Context())
		if err == nil && !report.OK() {
			t.Errorf("the audit chain is broken at %d: %s", report.BrokenAt, report.Why)
		}
		return err
	}); err != nil {
		t.Fatal(err)
	}
}

// TestExportWritesLogos that were uploaded, as files beside the list, and says where there
// are some that it does not write.
func TestExportWritesLogos(t *testing.T) {
	w := adopted(t)
	if got := w.run("members", "export"); strings.Contains(got.err, "logo") {
		t.Errorf("there is none, and it says %q", got.err)
	}
	picture, err := demoLogo(color.NRGBA{R: 14, G: 95, B: 89, A: 255}, color.NRGBA{R: 240, G: 166, B: 58, A: 255})
	if err != nil {
		t.Fatal(err)
	}
	db, err := store.Open(t.Context(), "sqlite://"+w.dir+"/data/goodstanding.db", store.Options{})
	if err != nil {
		t.Fatal(err)
	}
	r := roll.New(db, roll.Options{Now: func() instant.Instant { return w.clock }})
	id, err := r.Find(t.Context(), "alfa")
	if err == nil {
		_, err = r.SetLogo(t.Context(), roll.By{Actor: member.Actor{ID: "op_1", Label: "operator:x", Operator: true}, Reason: "asked"}, id, picture)
	}
	if err := errors.Join(err, db.Close()); err != nil {
		t.Fatal(err)
	}
	has(t, w.run("members", "export").err, "1 logo that was uploaded is not in it: goodstanding members export --logos DIR writes them.")
	dir := filepath.Join(w.dir, "logos")
	has(t, w.run("members", "export", "--logos", dir).err, "Wrote 1 logo into DIR/logos.")
	names, err := filepath.Glob(filepath.Join(dir, "*.png"))
	if err != nil || len(names) != 1 {
		t.Fatal(names, err)
	}
	file, err := os.ReadFile(names[0])
	if err != nil {
		t.Fatal(err)
	}
	if c, err := png.DecodeConfig(bytes.NewReader(file)); err != nil || c.Width == 0 || c.Width > 256 {
		t.Errorf("%+v, %v", c, err)
	}
	has(t, w.fails(exitUsage, "members", "export", "--logos", dir), filepath.Base(names[0])+" exists: name another file, or remove it first")
	has(t, w.fails(exitFailed, "members", "export", "--logos", filepath.Join(names[0], "logos")), "the folder DIR/logos/",
		".png/logos cannot be made (not a directory): name another, or let the user who runs goodstanding write there")
}
