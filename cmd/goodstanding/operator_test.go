package main

import (
	"encoding/json"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"strings"
	"testing"

	"github.com/rs/zerolog"
)

// serviceDatabase is where the units have the database, whatever HOME is.
const serviceDatabase = "sqlite:///var/lib/goodstanding/goodstanding.db"

// block is the first block of a kind below a heading of a page.
func block(t *testing.T, page, heading, kind string) string {
	t.Helper()
	_, below, found := strings.Cut(readText(t, page), "\n## "+heading+"\n")
	below, _, _ = strings.Cut(below, "\n## ")
	_, text, is := strings.Cut(below, "```"+kind+"\n")
	text, _, closed := strings.Cut(text, "```")
	if !found || !is || !closed {
		t.Fatalf("%s has no block %s below %s", page, kind, heading)
	}
	return text
}

// host is a host with the units, its files in a folder of the test: the settings, and
// what an operator types.
type host struct {
	t              *testing.T
	config, script string
}

// newHost has the settings of docs/deploy.md, whose operator is the service's user.
func newHost(t *testing.T) *host {
	t.Helper()
	w := newWorld(t)
	w.file("oc_token", "secret-of-twenty-letters\n")
	h := &host{t: t, config: w.file("goodstanding.yaml", block(t, "../../docs/deploy.md", "A service of systemd", "yaml"))}
	path, _, _ := strings.Cut(ownName(t), string(filepath.ListSeparator))
	text := readText(t, filepath.Join(deployDir, "systemd/operator.sh"))
	h.script = strings.NewReplacer("/usr/local/libexec", path, "/etc/goodstanding/goodstanding.yaml", h.config).Replace(text)
	return h
}

// types runs what the operator types, with a HOME of their own; user is who they are
// to the script, service or root or somebody.
func (h *host) types(user string, args ...string) (string, error) {
	h.t.Helper()
	out, err := exec.Command("id", "-un").Output()
	if err != nil {
		h.t.Fatal(err)
	}
	name := map[string]string{"service": "nobody-at-all", "root": "nobody-at-all", "somebody": "nobody-at-all"}
	name[user] = strings.TrimSpace(string(out))
	script := strings.NewReplacer("\ngoodstanding)", "\n"+name["service"]+")", "\nroot)", "\n"+name["root"]+")").Replace(h.script)
	dir := h.t.TempDir() // where runuser says what it was asked for
	if err := os.WriteFile(filepath.Join(dir, "runuser"), []byte("#!/bin/sh\necho \"runuser $*\"\n"), 0o700); err != nil {
		h.t.Fatal(err)
	}
	c := exec.CommandContext(h.t.Context(), "sh", append([]string{"-c", script, "goodstanding"}, args...)...)
	c.Env = []string{"HOME=" + h.t.TempDir(), "PATH=" + dir + ":" + os.Getenv("PATH"), "GOODSTANDING_DATABASE=sqlite:///srv/another/roll.db"}
	said, err := c.CombinedOutput()
	return string(said), err
}

// asks is the database that the operator's commands ask.
func (h *host) asks() string {
	h.t.Helper()
	said, err := h.types("service", "check-config", "--json")
	var answer struct {
		Settings map[string]struct{ Value string }
	}
	if err != nil || json.Unmarshal([]byte(said), &answer) != nil {
		h.t.Fatalf("%v\n%s", err, said)
	}
	return answer.Settings["DATABASE"].Value
}

// unit is the database of a unit with these settings.
func (h *host) unit(name string) string {
	h.t.Helper()
	env := map[string]string{"HOME": "/nowhere"}
	for _, m := range regexp.MustCompile(`(?m)^Environment=(\w+)=(\S+)$`).FindAllStringSubmatch(readText(h.t, filepath.Join(deployDir, "systemd", name)), -1) {
		env[m[1]] = m[2]
	}
	if env["GOODSTANDING_CONFIG"] != "/etc/goodstanding/goodstanding.yaml" {
		h.t.Errorf("%s reads its settings at %q", name, env["GOODSTANDING_CONFIG"])
	}
	env["GOODSTANDING_CONFIG"] = h.config
	c, err := load(h.t, nil, env, needUpstream)
	if err != nil || len(c.Warnings) > 0 {
		h.t.Fatal(name, err, c)
	}
	return string(c.Database)
}

// TestEveryWayLogsWhatTheRunbookLooksFor: who leads and when that began is information.
func TestEveryWayLogsWhatTheRunbookLooksFor(t *testing.T) {
	c, err := load(t, nil, map[string]string{"HOME": "/nowhere", "GOODSTANDING_CONFIG": newHost(t).config}, needUpstream)
	if err != nil || c.LogLevel != zerolog.InfoLevel {
		t.Errorf("the units log from %v on: %v", c, err)
	}
	_, vars := variablesOf("")
	for _, service := range []*composeService{readCompose(t, "compose.yml").Services["app"], readCompose(t, "compose.sqlite.yml").Services["app"]} {
		loggedFrom(t, service, vars)
	}
	plain, _ := plainCompose(t, "compose.yaml")
	loggedFrom(t, plain.Services["app"], vars)
}

// loggedFrom: a service logs information where nothing else is asked for.
func loggedFrom(t *testing.T, s *composeService, vars map[string]string) {
	t.Helper()
	for _, pair := range s.Environment {
		if name, value := expanded(pair, vars); name == "GOODSTANDING_LOG_LEVEL" {
			if value != "info" {
				t.Errorf("it logs from %q on", value)
			}
			return
		}
	}
	t.Error("it is not said from which level on it logs")
}

// TestOperatorsAndTheServiceAskOneDatabase: what docs/deploy.md has an operator install
// and write comes to the database of the units, whatever the operator's HOME; so do
// settings that name no folder, another one, or a server.
func TestOperatorsAndTheServiceAskOneDatabase(t *testing.T) {
	h := newHost(t)
	written := readText(t, h.config)
	folder := regexp.MustCompile(`(?m)^data:.*\n`)
	for what, one := range map[string]struct{ settings, want string }{
		"as the page has them": {written, serviceDatabase},
		"without a folder":     {folder.ReplaceAllString(written, ""), serviceDatabase},
		"another folder":       {folder.ReplaceAllString(written, "data: /srv/roll\n"), "sqlite:///srv/roll/goodstanding.db"},
		"a server":             {written + "database: postgres://goodstanding@db.example.org/goodstanding\n", "postgres://goodstanding@db.example.org/goodstanding"},
	} {
		if err := os.WriteFile(h.config, []byte(one.settings), 0o600); err != nil {
			t.Fatal(err)
		}
		got := []string{h.asks(), h.unit("goodstanding.service"), h.unit("goodstanding-backup.service")}
		for _, g := range got {
			if g != one.want {
				t.Errorf("%s: command, daemon and backup ask %q, want %s", what, got, one.want)
			}
		}
	}
	// Also without the script the page's settings lead there.
	if err := os.WriteFile(h.config, []byte(written), 0o600); err != nil {
		t.Fatal(err)
	}
	c, err := load(t, nil, map[string]string{"HOME": "/home/ada", "GOODSTANDING_CONFIG": h.config}, needUpstream)
	if err != nil || string(c.Database) != serviceDatabase {
		t.Errorf("with the settings alone: %v %v", err, c)
	}
}

// TestWhoTypesACommand: root becomes the service's user, anybody else is refused and
// told how to go on; only the tab key works for all.
func TestWhoTypesACommand(t *testing.T) {
	h := newHost(t)
	if said, err := h.types("root", "verify", "--repair", "--reason", "two words"); err != nil ||
		!regexp.MustCompile(`^runuser -u goodstanding -- \S+/goodstanding verify --repair --reason two words\n$`).MatchString(said) {
		t.Errorf("root: %v %s", err, said)
	}
	said, err := h.types("somebody", "status")
	if err == nil || said != "goodstanding: settings and database are the service's own: write sudo goodstanding, and the command after it\n" {
		t.Errorf("somebody: %v %s", err, said)
	}
	if said, err := h.types("somebody", "completion", "bash", "--", "heal"); err != nil || said != "healthcheck\n" {
		t.Errorf("the tab key: %v %q", err, said)
	}
}

// TestOneFormOfCommand: what the pages for a host with units have an operator type goes
// through the script, in each block; runbook.md says at its beginning what to type.
func TestOneFormOfCommand(t *testing.T) {
	install := block(t, "../../docs/deploy.md", "A service of systemd", "sh")
	for _, line := range []string{" goodstanding-linux-amd64 /usr/local/libexec/goodstanding\n", " deploy/systemd/operator.sh /usr/local/bin/goodstanding\n"} {
		if !strings.Contains(install, line) {
			t.Errorf("deploy.md does not install:%s", line)
		}
	}
	_, service, _ := strings.Cut(readText(t, "../../docs/deploy.md"), "\n## A service of systemd\n")
	service, _, _ = strings.Cut(service, "\n## ")
	made, backup := strings.Index(service, "\nsudo goodstanding migrate "), strings.Index(service, "\nsystemctl start goodstanding-backup.service ")
	if made < 0 || backup < made {
		t.Error("deploy.md makes the first backup beside the daemon that makes the database")
	}
	pages := map[string]string{"deploy.md": service, "upgrades.md": readText(t, "../../docs/upgrades.md"), "backups.md": readText(t, "../../docs/backups.md")}
	for name, page := range pages {
		n := 0
		for i, part := range strings.Split(page, "```") {
			if i%2 == 0 {
				continue
			}
			for line := range strings.Lines(part) {
				m := regexp.MustCompile(`^(.*?)\bgoodstanding ([a-z]+[^/:]*)`).FindStringSubmatch(line)
				if m == nil || regexp.MustCompile(`^(systemctl|useradd|install|echo|litestream|pg_|sudo -u|docker)`).MatchString(line) {
					continue
				}
				if n++; m[1] != "sudo " {
					t.Errorf("%s: a command that may ask another database: %s", name, line)
				}
			}
		}
		if n < 3 {
			t.Errorf("%s: only %d commands were found", name, n)
		}
		if strings.Contains(page, "GOODSTANDING_CONFIG=") || regexp.MustCompile(`sudo -u goodstanding[^\n]* goodstanding `).MatchString(page) {
			t.Errorf("%s has another form of command", name)
		}
	}
	before, _, _ := strings.Cut(readText(t, "../../docs/runbook.md"), "\n## ")
	for _, form := range []string{"`sudo goodstanding`", "`docker compose exec app goodstanding`", "`docker compose run --rm -T app`", "`abra app run DOMAIN app -- goodstanding`"} {
		if !strings.Contains(before, form) {
			t.Errorf("runbook.md does not say that one types %s", form)
		}
	}
}
