package main

import (
	"bytes"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"testing"
	"time"

	"github.com/rs/zerolog"

	"coopcloud.tech/goodstanding/migrations"
)

// load loads settings without running a command.
func load(t *testing.T, flags map[string]string, env map[string]string, n need) (*Config, error) {
	t.Helper()
	e := Env{}
	for k, v := range env {
		e.Environ = append(e.Environ, k+"="+v)
	}
	return loadConfig(e, flags, n)
}

func TestDefaults(t *testing.T) {
	c, err := load(t, nil, map[string]string{"HOME": "/home/ada"}, needNothing)
	if err != nil {
		t.Fatal(err)
	}
	got := fmt.Sprint(c.OCURL, " ", c.OCToken, " ", c.Every, " ", c.Data, " ", string(c.Database), " ", c.LogLevel, " ", c.LogFormat, " ", c.Federation.Zone)
	want := "https://api.opencollective.com/graphql/v2 not set 30m0s /home/ada/.local/share/goodstanding sqlite:///home/ada/.local/share/goodstanding/goodstanding.db warn  Europe/London"
	if got != want {
		t.Errorf("got  %s\nwant %s", got, want)
	}
	c, err = load(t, nil, map[string]string{"HOME": "/home/ada", "XDG_DATA_HOME": "/data", "GOODSTANDING_OC_SLUG": "alfa"}, needUpstream)
	if err != nil {
		t.Fatal(err)
	}
	if c.Data != "/data/goodstanding" || c.Federation.PayURL != "https://opencollective.com/alfa/contribute" {
		t.Errorf("got %s and %s", c.Data, c.Federation.PayURL)
	}
}

// TestFlagBeforeEnvironmentBeforeFile gives every setting at all three levels,
// and takes them away one after the other.
func TestFlagBeforeEnvironmentBeforeFile(t *testing.T) {
	dir := t.TempDir()
	tokens := filepath.Join(dir, "token")
	for name, text := range map[string]string{"token": "from-file-of-token\n", "a.yaml": "policies: []", "b.yaml": "policies: []", "c.yaml": "policies: []",
		"settings.yaml": "oc_slug: file\noc_url: https://file.example/graphql\noc_token: file-token\nsync_every: 3m\ndata: from-file\n" +
			"database: sqlite://file.db\nfirst_treasurer: file@example.org\npolicy: c.yaml\nlog_level: error\nlog_format: json\n"} {
		if err := os.WriteFile(filepath.Join(dir, name), []byte(text), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	flags := map[string]string{"OC_SLUG": "flag", "OC_URL": "https://flag.example/graphql", "OC_TOKEN_FILE": tokens, "SYNC_EVERY": "1m", "DATA": "/flag",
		"DATABASE": "sqlite://flag.db", "FIRST_TREASURER": "flag@example.org", "POLICY": filepath.Join(dir, "a.yaml"), "LOG_LEVEL": "debug", "LOG_FORMAT": "console"}
	env := map[string]string{"GOODSTANDING_OC_SLUG": "env", "GOODSTANDING_OC_URL": "https://env.example/graphql", "GOODSTANDING_OC_TOKEN": "env-token",
		"GOODSTANDING_SYNC_EVERY": "2m", "GOODSTANDING_DATA": "/env", "GOODSTANDING_DATABASE": "sqlite://env.db", "GOODSTANDING_FIRST_TREASURER": "env@example.org",
		"GOODSTANDING_POLICY": filepath.Join(dir, "b.yaml"), "GOODSTANDING_LOG_LEVEL": "info", "GOODSTANDING_LOG_FORMAT": "json",
		"GOODSTANDING_CONFIG": filepath.Join(dir, "settings.yaml")}
	all := func(c *Config) string {
		return fmt.Sprint([]any{c.OCSlug, c.OCURL, string(c.OCToken), c.Every, c.Data, string(c.Database), c.FirstTreasurer, c.Policy, c.LogLevel, c.LogFormat})
	}
	for _, want := range []struct {
		flags map[string]string
		env   map[string]string
		all   string
	}{
		{flags, env, "[flag https://flag.example/graphql from-file-of-token 1m0s /flag sqlite://flag.db flag@example.org " + dir + "/a.yaml debug console]"},
		{nil, env, "[env https://env.example/graphql env-token 2m0s /env sqlite://env.db env@example.org " + dir + "/b.yaml info json]"},
		{map[string]string{"CONFIG": filepath.Join(dir, "settings.yaml")}, nil,
			"[file https://file.example/graphql file-token 3m0s " + dir + "/from-file sqlite://file.db file@example.org " + dir + "/c.yaml error json]"},
	} {
		c, err := load(t, want.flags, want.env, needUpstream)
		if err != nil {
			t.Fatal(err)
		}
		if got := all(c); got != want.all {
			t.Errorf("got  %s\nwant %s", got, want.all)
		}
	}
}

func TestSecretsComeFromFiles(t *testing.T) {
	dir := t.TempDir()
	token, dsn := filepath.Join(dir, "token"), filepath.Join(dir, "dsn")
	for path, text := range map[string]string{token: "  tok \n", dsn: "postgres://ada:hush@db/roll?sslmode=disable\n"} {
		if err := os.WriteFile(path, []byte(text), 0o644); err != nil {
			t.Fatal(err)
		}
	}
	c, err := load(t, nil, map[string]string{"GOODSTANDING_OC_TOKEN_FILE": token, "GOODSTANDING_DATABASE_FILE": dsn}, needNothing)
	if err != nil {
		t.Fatal(err)
	}
	if c.OCToken != "tok" || c.Database != "postgres://ada:hush@db/roll?sslmode=disable" || c.inData() {
		t.Errorf("got %q, %q", string(c.OCToken), string(c.Database))
	}
	if len(c.Warnings) != 2 || !strings.Contains(c.Warnings[0], "can be read by everybody on this host; chmod 600 "+token) {
		t.Errorf("an open file is not pointed out: %q", c.Warnings)
	}
	for _, form := range []string{"%v", "%s", "%+v", "%#v", "%q"} {
		if s := fmt.Sprintf(form, c); strings.Contains(s, "hush") || strings.Contains(s, `"tok"`) {
			t.Errorf("%s shows a secret: %s", form, s)
		}
	}
}

// TestAllFaultsAtOnce: one message, in the order of flags, variables, file.
func TestAllFaultsAtOnce(t *testing.T) {
	w := newWorld(t)
	config := w.file("goodstanding.yaml", `oc_slgu: alfa
sync_every: soon
oc_token: a
oc_token_file: b
database: [a, b]
log_level: wran
policy: nowhere.yaml
federation:
  time_zone: Europe/Londn
  pay_ulr: https://example.org
  url: example.org
  rooms: {a: b}
  code: {url: nowhere, contact: [Cim]}
sync_every: 1m
`)
	w.env = map[string]string{"GOODSTANDING_CONFIG": config, "GOODSTANDING_OC_SLUG": "https://opencollective.com/alfa", "GOODSTANDING_OC_TOKN": "x",
		"GOODSTANDING_DATABASE": "hush-hush", "GOODSTANDING_FIRST_TREASURER": "Ada", "GOODSTANDING_OC_URL": "ftp://x"}
	got := w.fails(exitUsage, "check-config", "--log-format", "xml")
	golden(t, "config/faults.txt", got+"\n")
	if strings.Contains(got, "hush-hush") {
		t.Error("what may be a secret is repeated")
	}
}

func TestEachFaultOfTheSettings(t *testing.T) {
	dir := t.TempDir()
	missing := filepath.Join(dir, "missing")
	empty := filepath.Join(dir, "empty")
	spaced := filepath.Join(dir, "spaced")
	for path, text := range map[string]string{empty: "\n", spaced: "two words"} {
		if err := os.WriteFile(path, []byte(text), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	for _, c := range []struct {
		env  map[string]string
		want string
	}{
		{map[string]string{}, "GOODSTANDING_OC_SLUG: is not set: say which collective this is about, with the last part of its address on Open Collective " +
			"(coop-cloud for https://opencollective.com/coop-cloud), here, by --oc-slug, or as oc_slug in the settings file"},
		{map[string]string{"OC_SLUG": "two words"}, `GOODSTANDING_OC_SLUG: "two words" is no name of a collective: write the last part of the collective's address, such as coop-cloud for https://opencollective.com/coop-cloud`},
		{map[string]string{"OC_SLUG": "https://opencollective.com/alfa/"}, `GOODSTANDING_OC_SLUG: "https://opencollective.com/alfa/" is no name of a collective: write only the last part of the address: alfa`},
		{map[string]string{"OC_TOKEN": "a", "OC_TOKEN_FILE": "b"}, "GOODSTANDING_OC_TOKEN_FILE: is set, and so is GOODSTANDING_OC_TOKEN: set one of the two"},
		{map[string]string{"OC_TOKEN_FILE": missing}, "GOODSTANDING_OC_TOKEN_FILE: the file " + missing + " cannot be read (no such file or directory): correct the path, or let the user who runs goodstanding read it"},
		{map[string]string{"OC_TOKEN_FILE": empty}, "GOODSTANDING_OC_TOKEN_FILE: the file " + empty + " is empty: it has to hold the value and nothing else"},
		{map[string]string{"OC_TOKEN_FILE": spaced}, "GOODSTANDING_OC_TOKEN_FILE: the token contains a space, a line break or another character that no token has: copy it again, nothing else in the file"},
		{map[string]string{"OC_URL": "http://far.example/graphql", "OC_TOKEN": "a"}, "GOODSTANDING_OC_URL: is not https: the token would travel in the clear"},
		{map[string]string{"OC_URL": "api"}, "GOODSTANDING_OC_URL: is no address: want something like https://api.opencollective.com/graphql/v2"},
		{map[string]string{"SYNC_EVERY": "1s"}, "GOODSTANDING_SYNC_EVERY: 1s is too often: Open Collective allows 10 requests a minute without a token, and one reading takes four; write 1m or more"},
		{map[string]string{"SYNC_EVERY": "daily"}, `GOODSTANDING_SYNC_EVERY: "daily" is no duration: write 30m or 1h`},
		{map[string]string{"DATABASE": "mysql://x"}, "GOODSTANDING_DATABASE: is no address of a database: write sqlite:///absolute/path, sqlite://relative/path or postgres://user@host/database"},
		{map[string]string{"FIRST_TREASURER": "Ada <ada@example.org>"}, "GOODSTANDING_FIRST_TREASURER: is no e-mail address: write name@example.org, without a display name"},
		{map[string]string{"LOG_LEVEL": "wran"}, `GOODSTANDING_LOG_LEVEL: "wran" is no log level; the nearest is warn (there are trace, debug, info, warn, error)`},
		{map[string]string{"LOG_FORMAT": "xml"}, `GOODSTANDING_LOG_FORMAT: "xml" is no log format: write console or json`},
		{map[string]string{"POLICY": missing}, "GOODSTANDING_POLICY: the policy file " + missing + " cannot be read (no such file or directory): correct the path, or leave it out to work with the rules in the database"},
		{map[string]string{"CONFIG": missing}, "GOODSTANDING_CONFIG: the settings file " + missing + " cannot be read (no such file or directory): correct the path"},
		{map[string]string{"OC_SULG": "x"}, "GOODSTANDING_OC_SULG: is no setting; did you mean GOODSTANDING_OC_SLUG?"},
	} {
		env := map[string]string{"HOME": dir}
		for k, v := range c.env {
			env[prefix+k] = v
		}
		if len(c.env) > 0 && c.env["OC_SLUG"] == "" {
			env[prefix+"OC_SLUG"] = "alfa"
		}
		_, err := load(t, nil, env, needUpstream)
		if err == nil || err.Error() != c.want {
			t.Errorf("%v\n got  %v\n want %s", c.env, err, c.want)
		}
	}
	if _, err := load(t, nil, nil, needNothing); err == nil || !strings.Contains(err.Error(), "GOODSTANDING_DATA: is not set, and neither XDG_DATA_HOME nor HOME says") {
		t.Errorf("no home: %v", err)
	}
	c, err := load(t, nil, map[string]string{"HOME": dir, "GOODSTANDING_COLOUR": "x"}, needNothing)
	if err != nil || len(c.Warnings) != 1 || c.Warnings[0] != "GOODSTANDING_COLOUR is no setting of this version and changes nothing" {
		t.Errorf("%v, %v", c, err)
	}
}

func TestTheFederationInTheFile(t *testing.T) {
	path := filepath.Join(t.TempDir(), "g.yaml")
	text := `# all of it
oc_slug: alfa
federation:
  name: A Federation
  url: https://example.org
  time_zone: Europe/Berlin
  languages: [en, cy]
  pay_url: https://example.org/pay
  rooms: "#room:example.org"
  code: {name: The code, url: https://example.org/code, contact_people: [Cim, Dot]}
`
	if err := os.WriteFile(path, []byte(text), 0o600); err != nil {
		t.Fatal(err)
	}
	c, err := load(t, map[string]string{"CONFIG": path, "DATA": "/d"}, nil, needUpstream)
	if err != nil {
		t.Fatal(err)
	}
	got := fmt.Sprintf("%+v", c.Federation)
	for _, part := range []string{"A Federation", "https://example.org ", "[en cy]", "https://example.org/pay", "[#room:example.org]", "The code", "[Cim Dot]"} {
		if !strings.Contains(got, part) {
			t.Errorf("%q is missing in %s", part, got)
		}
	}
	if c.Federation.Zone.String() != "Europe/Berlin" || c.LogLevel != zerolog.WarnLevel || c.Every != 30*time.Minute {
		t.Errorf("got %v", got)
	}
}

func TestAFileThatIsNoSettings(t *testing.T) {
	for text, want := range map[string]string{
		"a: [":  ":1:1: this is not YAML: ",
		"- a\n": ":1:1: the file has to hold keys and values, such as federation:",
		"log_level: warn\n---\nlog_level: info\n": ":2:1: a second document begins here (---); a settings file has one",
		"federation: none\n":                      ":1:13: federation has to hold keys and values, such as name:",
		"oc_slug: [a]\n":                          ":1:10: oc_slug takes one value, not a list or further keys",
	} {
		path := filepath.Join(t.TempDir(), "g.yaml")
		if err := os.WriteFile(path, []byte(text), 0o600); err != nil {
			t.Fatal(err)
		}
		_, err := load(t, map[string]string{"CONFIG": path, "DATA": "/d"}, nil, needNothing)
		if err == nil || !strings.HasPrefix(err.Error(), path+want) {
			t.Errorf("%q\n got  %v\n want %s", text, err, path+want)
		}
	}
	for _, text := range []string{"", "# nothing\n", "oc_slug:\n", "---\n"} {
		path := filepath.Join(t.TempDir(), "g.yaml")
		if err := os.WriteFile(path, []byte(text), 0o600); err != nil {
			t.Fatal(err)
		}
		if _, err := load(t, map[string]string{"CONFIG": path, "DATA": "/d"}, nil, needNothing); err != nil {
			t.Errorf("%q: %v", text, err)
		}
	}
}

func FuzzSettingsFile(f *testing.F) {
	f.Add("oc_slug: alfa\nfederation: {name: x, code: {contact_people: [a]}}\n")
	f.Add("a: &a [*a]\n")
	f.Add("? [a]\n: b\n")
	f.Fuzz(func(t *testing.T, text string) {
		path := filepath.Join(t.TempDir(), "g.yaml")
		if err := os.WriteFile(path, []byte(text), 0o600); err != nil {
			t.Fatal(err)
		}
		_, err := load(t, map[string]string{"CONFIG": path, "DATA": "/d"}, nil, needNothing)
		if err == nil {
			return
		}
		faults, ok := err.(*ConfigFaults)
		if !ok || len(faults.All) == 0 {
			t.Fatalf("%T: %v", err, err)
		}
		for _, one := range faults.All {
			if one.Where == "" || one.Text == "" {
				t.Errorf("a fault without place or words: %+v", one)
			}
		}
	})
}

func TestCheckConfig(t *testing.T) {
	w := newWorld(t)
	w.env["GOODSTANDING_CONFIG"] = w.file("goodstanding.yaml", "federation: {name: A Federation, languages: [en]}\nsync_every: 1h\n")
	golden(t, "config/check.txt", regexp.MustCompile(`  +`).ReplaceAllString(w.must("check-config"), "  "))
	golden(t, "config/check.json", w.must("check-config", "--json"))
	w.env["GOODSTANDING_DATABASE"] = "postgres://ada:hush@db.example/roll?password=hush"
	if out := w.must("check-config"); strings.Contains(out, "hush") || !strings.Contains(out, "postgres://ada@db.example/roll") {
		t.Errorf("the address of the database:\n%s", out)
	}
}

func TestCheckConfigConnects(t *testing.T) {
	w := newWorld(t)
	w.must("status")
	s := w.run("check-config", "--connect")
	if s.code != exitOK {
		t.Fatal(s.err)
	}
	has(t, s.err, "The database sqlite://DIR/data/goodstanding.db can be used.",
		"Open Collective answers for coop-cloud-test (GBP), read as an administrator of the collective: 44 contributions.")
	has(t, w.must("status"), "not read yet")
	w.env["GOODSTANDING_OC_SLUG"] = "another"
	has(t, w.fails(exitUpstream, "check-config", "--connect"), `Open Collective knows no collective "another"`)
}

// TestCheckConfigChangesNothing: it makes no database and brings none up to date, and says
// so, which is no fault of the settings; whoever is asked after it is asked all the same.
func TestCheckConfigChangesNothing(t *testing.T) {
	w := newWorld(t)
	w.env["GOODSTANDING_FIRST_TREASURER"] = "tara@example.org"
	says := func(want string) {
		t.Helper()
		s := w.run("check-config", "--connect")
		if s.code != exitOK || strings.Contains(s.err, "can be used") {
			t.Errorf("exit code %d: %s", s.code, s.err)
		}
		has(t, s.err, want+"\n", "Open Collective answers for coop-cloud-test")
	}
	path := filepath.Join(w.dir, "data", databaseName)
	const none = "There is no database yet (sqlite://DIR/data/goodstanding.db): the first command makes it."
	says(none)
	if _, err := os.Stat(filepath.Dir(path)); !errors.Is(err, os.ErrNotExist) {
		t.Errorf("the folder was made (%v)", err)
	}
	if err := os.Mkdir(filepath.Dir(path), 0o700); err != nil {
		t.Fatal(err)
	}
	says(none)
	if _, err := os.Stat(path); !errors.Is(err, os.ErrNotExist) {
		t.Errorf("the database was made (%v)", err)
	}
	w.env["GOODSTANDING_DATABASE"] = "sqlite://" + filepath.Join(w.dir, "none", "roll.db")
	has(t, w.fails(exitDatabase, "check-config", "--connect"), "the folder DIR/none of the database does not exist: create it, or name another in GOODSTANDING_DATA")
	delete(w.env, "GOODSTANDING_DATABASE")

	delete(w.env, "GOODSTANDING_FIRST_TREASURER")
	w.must("status")
	w.env["GOODSTANDING_FIRST_TREASURER"] = "tara@example.org"
	latest, err := migrations.Latest("sqlite")
	if err != nil {
		t.Fatal(err)
	}
	unchanged := func(f func()) {
		t.Helper()
		before, err := os.ReadFile(path)
		if err != nil {
			t.Fatal(err)
		}
		f()
		if after, err := os.ReadFile(path); err != nil || !bytes.Equal(after, before) {
			t.Errorf("the database was changed (%v)", err)
		}
	}
	unchanged(func() { has(t, w.run("check-config", "--connect").err, "can be used") })
	inDatabase(t, path, `DELETE FROM `+migrations.Table+` WHERE version_id = `+fmt.Sprint(latest))
	unchanged(func() {
		says(fmt.Sprintf("Note: the database DIR/data/goodstanding.db has schema %d, and this program works with schema %d: make a backup, then bring it up to date (goodstanding migrate).", latest-1, latest))
	})
}
