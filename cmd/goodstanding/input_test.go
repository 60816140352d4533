package main

import (
	"context"
	"database/sql"
	"errors"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"coopcloud.tech/goodstanding/internal/instant"
	"coopcloud.tech/goodstanding/migrations"
	"coopcloud.tech/goodstanding/policy"
	"coopcloud.tech/goodstanding/store"
	"coopcloud.tech/goodstanding/syncer"
)

// Bad input gets one clear sentence with the remedy, and nothing is lost.

func TestAPolicyThatCannotBeRead(t *testing.T) {
	w := adopted(t)
	before := w.must("roll", "--json")
	w.env["GOODSTANDING_POLICY"] = filepath.Join(w.dir, "nowhere.yaml")
	if got, want := w.fails(exitUsage, "status"), "GOODSTANDING_POLICY: the policy file DIR/nowhere.yaml cannot be read (no such file or directory): correct the path, or leave it out to work with the rules in the database"; got != want {
		t.Errorf("got  %s\nwant %s", got, want)
	}
	w.env["GOODSTANDING_POLICY"] = w.file("broken.yaml", "policies:\n  - id: mine\n    form: 2026-01-01\n")
	for _, line := range [][]string{{"status"}, {"sync"}, {"check-config"}, {"policy", "check"}} {
		has(t, w.fails(exitRefused, line...), "DIR/broken.yaml", `"form"`, "from")
	}
	delete(w.env, "GOODSTANDING_POLICY")
	if after := w.must("roll", "--json"); after != before {
		t.Errorf("the roll changed:\n%s", difference(before, after))
	}
}

func TestOtherRulesUnderAKnownName(t *testing.T) {
	w := adopted(t)
	text, err := policy.PresetText("seed-2022")
	if err != nil {
		t.Fatal(err)
	}
	changed := w.file("changed.yaml", strings.Replace(string(text), "minimums: [GBP 10.00 monthly]", "minimums: [GBP 12.00 monthly]", 1))
	const why = "version seed-2022 is stored with other rules"
	w.env["GOODSTANDING_POLICY"] = changed
	has(t, w.fails(exitRefused, "status"), "DIR/changed.yaml", why, "a version never changes", "give the changed rules a new id")
	delete(w.env, "GOODSTANDING_POLICY")
	has(t, w.must("status"), "£10.00 a month")
}

func TestAnUnknownCurrency(t *testing.T) {
	w := adopted(t)
	text, err := policy.PresetText("seed-2022")
	if err != nil {
		t.Fatal(err)
	}
	file := w.file("xyz.yaml", strings.Replace(string(text), "GBP 10.00 monthly", "XYZ 10.00 monthly", 1))
	has(t, w.fails(exitRefused, "policy", "check", file), `unknown currency "XYZ"`, "DIR/xyz.yaml:")
	got := w.fails(exitUsage, "pay", "charlie", "--amount", "XYZ 120.00", "--received", "2026-11-01", "--months", "12", "--reason", "test")
	if got != `--amount: unknown currency "XYZ": want an ISO 4217 code such as GBP, EUR or USD` {
		t.Error(got)
	}
}

// TestACurrencyThatThePolicyDoesNotCount: told at check, and by status.
func TestACurrencyThatThePolicyDoesNotCount(t *testing.T) {
	w := newWorld(t)
	w.must("sync")
	euros := w.file("euros.yaml", "policies:\n  - id: euros\n    from: 2026-12-01\n    admission: treasurer\n    dues: {minimums: [EUR 10.00 monthly]}\n"+
		"    rights:\n      vote: {dues: enforced, members: [organisation, individual], grace: 21d}\n      listing: {dues: enforced, members: [organisation, individual], grace: 21d}\n      services: {dues: \"off\", members: [organisation, individual], grace: 60d}\n"+decisionsPart(t))
	const fault = "EUR is counted, but this collective is kept in GBP: no payment could count"
	has(t, w.fails(exitRefused, "policy", "check", euros, "--store"), fault)
	w.must("policy", "add", euros, "--reason", "a try")
	w.clock = w.clock.AddMonths(1)
	has(t, w.must("status"), fault, "goodstanding policy check --store")
	has(t, w.fails(exitRefused, "policy", "check", "--store"), fault)
}

// decisionsPart is what a policy needs beside the dues.
func decisionsPart(t *testing.T) string {
	t.Helper()
	text, err := policy.PresetText("seed-2022")
	if err != nil {
		t.Fatal(err)
	}
	s := string(text)
	return s[strings.Index(s, "    decisions:"):strings.Index(s, "# Examples:")]
}

func TestADatabaseOfANewerVersion(t *testing.T) {
	w := adopted(t)
	path := filepath.Join(w.dir, "data", databaseName)
	makeNewer(t, path)
	for _, line := range []string{"status", "migrate", "healthcheck", "sync"} {
		got := w.fails(exitDatabase, line)
		has(t, got, "DIR/data/goodstanding.db has schema 9999", "use that version or a newer one")
		if strings.Contains(got, "\n") {
			t.Errorf("%s: more than one sentence: %s", line, got)
		}
	}
}

func TestAFileThatIsNoDatabase(t *testing.T) {
	w := newWorld(t)
	w.env["GOODSTANDING_DATABASE"] = "sqlite://" + w.file("notes.txt", strings.Repeat("these are my notes\n", 100))
	has(t, w.fails(exitDatabase, "status"), "DIR/notes.txt")
	w.env["GOODSTANDING_DATABASE"] = "sqlite://" + filepath.Join(w.dir, "no", "such", "folder.db")
	has(t, w.fails(exitDatabase, "status"), "the folder DIR/no/such of the database does not exist: create it, or name another")
	w.env["GOODSTANDING_DATABASE"] = "postgres://ada:hush@127.0.0.1:1/roll?sslmode=disable"
	got := w.fails(exitDatabase, "status")
	if strings.Contains(got, "hush") {
		t.Error("the password is shown: " + got)
	}
	has(t, got, "does not answer")
}

func TestADataFolderThatCannotBeMade(t *testing.T) {
	w := newWorld(t)
	w.env["GOODSTANDING_DATA"] = filepath.Join(w.file("a-file", "x"), "data")
	if got, want := w.fails(exitUsage, "status"), "GOODSTANDING_DATA: the data folder DIR/a-file/data cannot be made (not a directory): name another folder, or let the user who runs goodstanding write there"; got != want {
		t.Errorf("got  %s\nwant %s", got, want)
	}
}

// TestAFolderThatIsNotThere: every command that writes a file names the folder that it
// lacks, and says what would be right.
func TestAFolderThatIsNotThere(t *testing.T) {
	w := adopted(t)
	none, notes := filepath.Join(w.dir, "none"), w.file("notes.txt", "minutes")
	for _, c := range []string{"backup --to", "backup", "policy init --to", "members export --to", "notices preview lapsed --html"} {
		into := func(dir string) []string {
			if c == "backup --to" {
				return append(strings.Fields(c), dir)
			}
			return append(strings.Fields(c), filepath.Join(dir, "x"))
		}
		if got := w.fails(exitUsage, into(none)...); got != "the folder DIR/none does not exist: create it, or name another" {
			t.Errorf("%s: %s", c, got)
		}
		if got := w.fails(exitUsage, into(notes)...); got != "DIR/notes.txt is not a folder: name another" {
			t.Errorf("%s: %s", c, got)
		}
		if left, err := filepath.Glob(none + "*"); err != nil || len(left) > 0 {
			t.Errorf("%s made %v, %v", c, left, err)
		}
	}
	long := strings.Repeat("long", 100)
	if got, want := w.fails(exitFailed, "policy", "init", "--to", filepath.Join(w.dir, long)), "the file DIR/"+long+" cannot be written (file name too long): name another place, or let the user who runs goodstanding write there"; got != want {
		t.Error(got)
	}
}

// TestAFileThatIsNotThere: every command that reads a file names it, and says what
// would be right.
func TestAFileThatIsNotThere(t *testing.T) {
	w := adopted(t)
	none := filepath.Join(w.dir, "none.csv")
	const why = " cannot be read (no such file or directory): correct the path"
	for line, what := range map[string]string{
		"members import": "the file DIR/none.csv", "pay --import": "the file DIR/none.csv", "decisions import": "DIR/none.csv", "restore": "the backup DIR/none.csv",
		"policy check": "the policy file DIR/none.csv", "policy compare": "the policy file DIR/none.csv", "policy add": "the policy file DIR/none.csv",
		"decisions propose --title New --enact": "the policy file DIR/none.csv",
	} {
		if got := w.fails(exitUsage, append(strings.Fields(line), none)...); got != what+why {
			t.Errorf("%s: %s", line, got)
		}
	}
	for name, want := range map[string]string{
		"CONFIG": "the settings file DIR/none.csv" + why, "POLICY": "the policy file DIR/none.csv" + why + ", or leave it out to work with the rules in the database",
		"OC_TOKEN_FILE":  "the file DIR/none.csv" + why + ", or let the user who runs goodstanding read it",
		"MAIL_TEMPLATES": "the folder of templates DIR/none.csv" + why + ", or name none to write in the program's own words",
	} {
		own := newWorld(t)
		delete(own.env, "GOODSTANDING_OC_TOKEN")
		own.env["GOODSTANDING_"+name] = filepath.Join(own.dir, "none.csv")
		if got := own.fails(exitUsage, "status"); got != "GOODSTANDING_"+name+": "+want {
			t.Errorf("%s: %s", name, got)
		}
	}
}

// TestTheDataFolderIsPrivate, where the program makes it; in one that others can look
// into, and where an address names the file, the database is.
func TestTheDataFolderIsPrivate(t *testing.T) {
	mode := func(path string, want os.FileMode) {
		t.Helper()
		if info, err := os.Stat(path); err != nil || info.Mode().Perm() != want {
			t.Errorf("%s: %v, %v: want %o", path, info.Mode(), err, want)
		}
	}
	w := newWorld(t)
	w.must("status")
	data := filepath.Join(w.dir, "data")
	mode(data, 0o700)
	mode(filepath.Join(data, databaseName), 0o600)

	w = newWorld(t)
	data = filepath.Join(w.dir, "data")
	for _, err := range []error{os.Mkdir(data, 0o755), os.Chmod(data, 0o755)} {
		if err != nil {
			t.Fatal(err)
		}
	}
	w.must("status")
	mode(data, 0o755)
	mode(filepath.Join(data, databaseName), 0o600)
	own := filepath.Join(data, "own.db")
	w.env["GOODSTANDING_DATABASE"] = "sqlite://" + own
	w.must("status")
	mode(own, 0o600)
}

// TestADatabaseThatOthersCanRead is pointed out by check-config and at the start; its mode
// is its owner's business.
func TestADatabaseThatOthersCanRead(t *testing.T) {
	w := adopted(t)
	data := filepath.Join(w.dir, "data")
	path := filepath.Join(data, databaseName)
	note := "the database DIR/data/goodstanding.db can be read by other users of this host; chmod 600 DIR/data/goodstanding.db* keeps it to its owner"
	change := func(path string, mode os.FileMode) {
		t.Helper()
		if err := os.Chmod(path, mode); err != nil {
			t.Fatal(err)
		}
	}
	noted := func(want bool) {
		t.Helper()
		if got := w.must("check-config", "--json"); strings.Contains(got, note) != want {
			t.Errorf("pointed out: %v, want %v:\n%s", !want, want, got)
		}
	}
	noted(false)
	for _, open := range []string{filepath.Dir(w.dir), w.dir, data} { // as the temporary folder itself is
		change(open, 0o755)
	}
	noted(false)
	for _, mode := range []os.FileMode{0o640, 0o604, 0o644} {
		change(path, mode)
		if !openToOthers(path) {
			t.Skipf("nobody else can look into %s", os.TempDir())
		}
		noted(true)
	}
	change(data, 0o700)
	noted(false)
	change(data, 0o711)
	noted(true)
	s := w.serve()
	s.stop()
	if n := strings.Count(strings.ReplaceAll(s.out.String()+s.errs.String(), w.dir, "DIR"), "can be read by other users of this host"); n != 1 {
		t.Errorf("it is told %d times at the start, want once:\n%s%s", n, s.out.String(), s.errs.String())
	}
	if info, err := os.Stat(path); err != nil || info.Mode().Perm() != 0o644 {
		t.Errorf("%v, %v: the mode was changed", info.Mode(), err)
	}
}

// TestAStoreIsNotBegunByAccident: a wrong folder without a slug is a fault, an
// existing store needs none.
func TestAStoreIsNotBegunByAccident(t *testing.T) {
	w := adopted(t)
	delete(w.env, "GOODSTANDING_OC_SLUG")
	has(t, w.must("status"), "32: ")
	has(t, w.fails(exitUsage, "sync"), "GOODSTANDING_OC_SLUG: is not set")
	w.env["GOODSTANDING_DATA"] = filepath.Join(w.dir, "mistyped")
	got := w.fails(exitUsage, "status")
	has(t, got, "GOODSTANDING_OC_SLUG: is not set", "(there is no roll yet in sqlite://DIR/mistyped/goodstanding.db)")
	if _, err := os.Stat(filepath.Join(w.dir, "mistyped")); !errors.Is(err, os.ErrNotExist) {
		t.Error("the wrong folder was made all the same")
	}
	for _, line := range []string{"version", "migrate", "healthcheck"} {
		w.must(line)
	}
}

// TestAFullDisk: the output's disk, with the device that is always full.
func TestAFullDisk(t *testing.T) {
	full, err := os.OpenFile("/dev/full", os.O_WRONLY, 0)
	if err != nil {
		t.Skip("this system has no /dev/full: ", err)
	}
	defer full.Close()
	var errs strings.Builder
	e := Env{Stdin: strings.NewReader(""), Stdout: full, Stderr: &errs, Now: func() instant.Instant { return 1 }}
	if code := Run(context.Background(), []string{"version"}, e); code != exitFailed {
		t.Errorf("exit code %d", code)
	}
	if want := "goodstanding: the output could not be written: no space is left on its disk; free some and run the command again\n"; errs.String() != want {
		t.Errorf("got %q", errs.String())
	}
}

// makeNewer writes what a newer version would have left in the database.
func makeNewer(t *testing.T, path string) {
	t.Helper()
	inDatabase(t, path, `INSERT INTO `+migrations.Table+` (version_id, is_applied) VALUES (9999, 1)`)
}

// inDatabase does something that the program does not do.
func inDatabase(t *testing.T, path, statement string) {
	t.Helper()
	db, err := sql.Open("sqlite", path)
	if err != nil {
		t.Fatal(err)
	}
	defer db.Close()
	if _, err := db.Exec(statement); err != nil {
		t.Fatal(err)
	}
}

// TestErrorsAndTheirCodes is the table of exit codes.
func TestErrorsAndTheirCodes(t *testing.T) {
	for _, c := range []struct {
		err  error
		code int
	}{
		{errors.New("x"), exitFailed},
		{&usageError{"x"}, exitUsage}, {&ConfigFaults{}, exitUsage},
		{declined{}, exitRefused}, {&policy.Faults{}, exitRefused}, {&policy.CurrencyFault{}, exitRefused},
		{&store.LinkOverlap{}, exitRefused}, {&store.ReferenceSeen{}, exitRefused}, {&store.EmailTaken{}, exitRefused},
		{&store.NoSuchMember{}, exitNotFound}, {&store.AmbiguousMember{}, exitNotFound},
		{&syncer.OutOfTime{}, exitUpstream}, {&syncer.Superseded{}, exitUpstream},
		{&store.Fault{}, exitDatabase}, {context.Canceled, exitInterrupted}, {silent{7}, 7},
	} {
		if got := exitCode(c.err); got != c.code {
			t.Errorf("%T: %d, want %d", c.err, got, c.code)
		}
	}
}

func TestAnInterruption(t *testing.T) {
	w := adopted(t)
	ctx, cancel := context.WithCancel(context.Background())
	cancel()
	var out, errs strings.Builder
	e := Env{Stdin: strings.NewReader(""), Stdout: &out, Stderr: &errs, Now: func() instant.Instant { return w.clock }, Login: "ada"}
	for k, v := range w.env {
		e.Environ = append(e.Environ, k+"="+v)
	}
	if code := Run(ctx, []string{"sync"}, e); code != exitInterrupted {
		t.Errorf("exit code %d: %s", code, errs.String())
	}
	has(t, w.must("status"), "reading no. 1")
}
