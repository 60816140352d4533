package main

import (
	"fmt"
	"io"
	"net/url"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"

	"github.com/alecthomas/kong"
	"go.yaml.in/yaml/v3"

	"coopcloud.tech/goodstanding/store"
)

const deployDir = "../../deploy"

// plainCompose reads a compose file of deploy.
func plainCompose(t *testing.T, name string) (c compose, text string) {
	t.Helper()
	text = readText(t, filepath.Join(deployDir, name))
	if err := yaml.Unmarshal([]byte(text), &c); err != nil {
		t.Fatalf("%s: %v", name, err)
	}
	return c, text
}

// plainSettings are what the app of compose files one upon the other is set to, as
// env.sample has the variables; no secret stands in them.
func plainSettings(t *testing.T, w *world, vars map[string]string, files ...string) *Config {
	t.Helper()
	env := map[string]string{"GOODSTANDING_DATA": "/var/lib/goodstanding"}
	for _, file := range files {
		c, _ := plainCompose(t, file)
		for _, pair := range c.Services["app"].Environment {
			k, v := expanded(pair, vars)
			if u, err := url.Parse(v); err == nil && u.User != nil {
				if _, has := u.User.Password(); has {
					t.Errorf("%s: a password stands in %s", file, k)
				}
			}
			if name, is := strings.CutPrefix(v, "/run/secrets/"); is {
				if c.Secrets[name].File != "./secrets/"+name {
					t.Errorf("%s: the secret %s is looked for in %q", file, name, c.Secrets[name].File)
				}
				v = w.file(name, "secret-of-twenty-letters\n")
			}
			env[k] = v
		}
	}
	config, err := filepath.Abs(filepath.Join(deployDir, "goodstanding.yaml.sample"))
	if err != nil {
		t.Fatal(err)
	}
	if env["GOODSTANDING_CONFIG"] != "/etc/goodstanding.yaml" {
		t.Errorf("the settings file is looked for at %s", env["GOODSTANDING_CONFIG"])
	}
	env["GOODSTANDING_CONFIG"] = config
	loaded, err := load(t, nil, env, needUpstream)
	if err != nil || len(loaded.Warnings) > 0 {
		t.Fatal(files, err, loaded)
	}
	return loaded
}

// TestThePlainComposeFile: what it says is accepted as it stands, only Caddy is reached
// from outside, and what it mounts is there.
func TestThePlainComposeFile(t *testing.T) {
	w := newWorld(t)
	c, text := plainCompose(t, "compose.yaml")
	version := strings.TrimSpace(readText(t, "../../VERSION"))
	app := c.Services["app"]
	if app.Image != "goodstanding:"+version || !strings.Contains(text, "VERSION: v"+version) || !app.ReadOnly {
		t.Errorf("the app is %+v", app)
	}
	if want := []string{"./goodstanding.yaml:/etc/goodstanding.yaml:ro", "./backups:/backups"}; !slices.Equal(app.Volumes, want) {
		t.Errorf("mounted are %v", app.Volumes)
	}
	set, vars := variablesOf(readText(t, filepath.Join(deployDir, "env.sample")))
	loaded := plainSettings(t, w, set, "compose.yaml")
	if loaded.SignIn.SMTP != nil || loaded.Federation.Name == "" || loaded.OCToken == "" {
		t.Errorf("%+v", loaded)
	}
	for name, s := range c.Services {
		if (len(s.Ports) > 0) != (name == "caddy") {
			t.Errorf("%s opens the ports %v", name, s.Ports)
		}
		checkSettings(t, "compose.yaml", name, s)
		for _, v := range s.Volumes {
			path, _, _ := strings.Cut(v, ":")
			if !strings.HasPrefix(path, "./") || path == "./backups" { // which is made by who follows docs/deploy.md
				continue
			}
			if path == "./goodstanding.yaml" {
				path += ".sample"
			}
			if readText(t, filepath.Join(deployDir, path)) == "" {
				t.Errorf("%s mounts %s, which is empty", name, path)
			}
		}
	}
	offered(t, "compose.yaml", text, vars)
}

// TestTheNightlyBackupOfCompose: the pages make the folder that compose.yaml mounts the
// program's own, keep backups in it, each with one line for cron, and git leaves it alone.
func TestTheNightlyBackupOfCompose(t *testing.T) {
	c, _ := plainCompose(t, "compose.yaml")
	_, folder, _ := strings.Cut(c.Services["app"].Volumes[1], ":")
	deploy := readText(t, "../../docs/deploy.md")
	for name, page := range map[string]string{"deploy.md": deploy, "backups.md": readText(t, "../../docs/backups.md")} {
		line := regexp.MustCompile(`30 2 \* \* \* root cd /\S+/deploy && docker compose exec -T app goodstanding (backup [^\n` + "`" + `]*)`).FindStringSubmatch(page)
		if line == nil {
			t.Fatalf("%s has no line for cron", name)
		}
		if words := strings.Fields(line[1]); !slices.Equal(words, []string{"backup", "--to", folder, "--keep", "14"}) {
			t.Errorf("%s: %v, and %s is mounted", name, words, folder)
		}
	}
	has(t, block(t, "../../docs/deploy.md", "Containers on one host", "sh"), "mkdir -m 700 secrets backups\n", "chown 65532 backups ")
	has(t, readText(t, "../../.gitignore"), "\n/deploy/backups/\n")
}

// upgradeBlocks are what docs/deploy.md has one paste to upgrade with compose, and to go back.
func upgradeBlocks(t *testing.T) (forth, back string) {
	t.Helper()
	_, page, _ := strings.Cut(readText(t, "../../docs/deploy.md"), "\n## Upgrading\n")
	page, _, _ = strings.Cut(page, "\n## ")
	parts := strings.Split(page, "```")
	if len(parts) != 5 {
		t.Fatalf("the page has %d blocks", len(parts)/2)
	}
	return strings.TrimPrefix(parts[1], "sh\n"), strings.TrimPrefix(parts[3], "sh\n")
}

// pasted is what a shell runs of a block, its programs replaced: each says what it was
// asked, git and docker but once it was asked as often as fails says, and a backup is
// refused where there is one of its name already, as the program does.
func pasted(t *testing.T, dir, block, stamp string, fails int) (asked []string, ok bool) {
	t.Helper()
	bin := t.TempDir()
	const program = `#!/bin/sh
echo "${0##*/} $*" >>"$LOG"
[ "$(wc -l <"$LOG")" -ne "$FAILS" ] || exit 1
case "$*" in
*" backup "*) set -C; for file; do :; done; echo "$STAMP" >"$DIR/${file##*/}" ;;
*" version") echo "goodstanding v$(cat ../VERSION) (go1.26.8, linux/amd64)" ;;
esac
`
	for name, text := range map[string]string{"docker": program, "git": program, "date": "#!/bin/sh\necho \"$STAMP\"\n"} {
		if err := os.WriteFile(filepath.Join(bin, name), []byte(text), 0o700); err != nil {
			t.Fatal(err)
		}
	}
	log := filepath.Join(bin, "log")
	if err := os.WriteFile(log, nil, 0o600); err != nil {
		t.Fatal(err)
	}
	c := exec.CommandContext(t.Context(), "sh", "-c", block)
	c.Dir = deployDir
	c.Env = []string{"PATH=" + bin + ":/usr/bin:/bin", "LOG=" + log, "DIR=" + dir, "STAMP=" + stamp, fmt.Sprintf("FAILS=%d", fails)}
	out, err := c.CombinedOutput()
	if asked = strings.Split(strings.TrimSpace(readText(t, log)), "\n"); len(asked) < 1 {
		t.Fatalf("nothing was run: %s", out)
	}
	return asked, err == nil
}

// TestAnUpgradeNeverLosesTheBackupFromBefore: with compose a step that fails is the last,
// a backup is the first, and whoever runs it twice has two of them.
func TestAnUpgradeNeverLosesTheBackupFromBefore(t *testing.T) {
	forth, back := upgradeBlocks(t)
	for what, block := range map[string]string{"forth": forth, "back": back} {
		dir := t.TempDir()
		all, ok := pasted(t, dir, block, "one", 0)
		if _, again := pasted(t, dir, block, "two", 0); !ok || !again || len(all) < 6 {
			t.Errorf("%s: %v: %v", what, ok && again, all)
		}
		kept, _ := filepath.Glob(filepath.Join(dir, "*"))
		if len(kept) != 2 || readText(t, kept[0]) != "one\n" {
			t.Errorf("%s: run twice there are %v", what, kept)
		}
		if some, ok := pasted(t, dir, block, "one", 0); ok || len(some) > 2 {
			t.Errorf("%s: with a backup of that name it runs %v", what, some)
		}
		for i := range all {
			if some, ok := pasted(t, t.TempDir(), block, "one", i+1); ok || len(some) != i+1 {
				t.Errorf("%s: it goes on after %q", what, all[i])
			}
		}
		if strings.Contains(block, " > ") {
			t.Errorf("%s: a file is written that the shell makes anew:\n%s", what, block)
		}
	}
	if !strings.HasPrefix(forth, "docker compose exec -T app goodstanding backup /backups/before-$(date ") || !strings.Contains(back, " restore /backups/FILE ") {
		t.Errorf("%s%s", forth, back)
	}
}

// TestWhatPeopleEditIsNotThePrograms: with compose the pages have people edit copies alone,
// which git leaves alone, so that nothing of theirs is in the way of git pull.
func TestWhatPeopleEditIsNotThePrograms(t *testing.T) {
	setUp := block(t, "../../docs/deploy.md", "Containers on one host", "sh")
	edited := regexp.MustCompile(`\$EDITOR (.*)\n`).FindStringSubmatch(setUp)
	if edited == nil {
		t.Fatal("nothing is edited")
	}
	ignored := readText(t, "../../.gitignore")
	for _, name := range strings.Fields(edited[1]) {
		sample := regexp.MustCompile(`cp (\S+) ` + regexp.QuoteMeta(name) + ` `).FindStringSubmatch(setUp)
		if sample == nil || readText(t, filepath.Join(deployDir, sample[1])) == "" || !strings.Contains(ignored, "\n/deploy/"+name+"\n") {
			t.Errorf("%s is edited: its copy %v, or the line of .gitignore", name, sample)
		}
	}
	if page := readText(t, "../../docs/deploy.md"); strings.Contains(page, "take the service `caddy` out") {
		t.Error("compose.yaml is edited for Traefik")
	}
}

// TestTraefikInThePlaceOfCaddy: the app gets the recipe's labels and the network, Traefik's
// word about addresses is taken, and Caddy is not started.
func TestTraefikInThePlaceOfCaddy(t *testing.T) {
	w := newWorld(t)
	c, _ := plainCompose(t, "compose.traefik.yaml")
	app := c.Services["app"]
	recipe := readCompose(t, "compose.yml").Services["app"]
	var want, got []string
	for _, label := range recipe.Deploy.Labels {
		if name, _, _ := strings.Cut(label, "="); strings.HasPrefix(name, "traefik.") {
			want = append(want, strings.ReplaceAll(name, "${STACK_NAME}", "goodstanding"))
		}
	}
	for _, label := range app.Labels {
		name, _, _ := strings.Cut(label, "=")
		got = append(got, name)
	}
	slices.Sort(want)
	slices.Sort(got)
	if !slices.Equal(got, want) || !slices.Equal(app.Networks, []string{"proxy"}) || !c.Networks["proxy"].External {
		t.Errorf("labels %v, want %v; networks %v", got, want, app.Networks)
	}
	if !slices.Equal(c.Services["caddy"].Profiles, []string{"caddy"}) {
		t.Errorf("Caddy is %+v", c.Services["caddy"])
	}
	_, vars := variablesOf(readText(t, filepath.Join(deployDir, "env.sample")))
	loaded := plainSettings(t, w, vars, "compose.yaml", "compose.traefik.yaml")
	if len(loaded.TrustedProxies) != 1 || loaded.TrustedProxies[0].String() != vars["TRUSTED_PROXIES"] {
		t.Errorf("the word of %v is taken", loaded.TrustedProxies)
	}
}

// offered: env.sample has each variable of a compose file.
func offered(t *testing.T, name, text string, vars map[string]string) {
	t.Helper()
	for _, v := range regexp.MustCompile(`\$\{([A-Z_]+)`).FindAllStringSubmatch(text, -1) {
		if _, is := vars[v[1]]; !is {
			t.Errorf("%s: env.sample does not know %s", name, v[1])
		}
	}
}

// TestWhatIsAddedToThePlainComposeFile: each file adds what its name says and nothing
// else, alone and with all others, and opens no port but to the host itself.
func TestWhatIsAddedToThePlainComposeFile(t *testing.T) {
	w := newWorld(t)
	_, vars := variablesOf(readText(t, filepath.Join(deployDir, "env.sample")))
	all := strings.Split(vars["COMPOSE_FILE"], ":")
	if found, _ := filepath.Glob(filepath.Join(deployDir, "compose*.yaml")); len(found) != len(all) || all[0] != "compose.yaml" {
		t.Fatalf("env.sample offers %v, and there are %v", all, found)
	}
	parts := func(c *Config) map[string]bool {
		return map[string]bool{"smtp": c.SignIn.SMTP != nil && c.passwordWord("SMTP_PASSWORD") == secret("x").String() && c.mailReplyTo() != "",
			"oidc": c.SignIn.OpenID != nil && c.SignIn.OpenID.ClientSecret != "", "matrix": c.Matrix != nil, "hook": c.HookSecret != ""}
	}
	together := parts(plainSettings(t, w, vars, all...))
	for _, file := range all[1:] {
		part := strings.TrimSuffix(strings.TrimPrefix(file, "compose."), ".yaml")
		c, text := plainCompose(t, file)
		app := c.Services["app"]
		if app == nil {
			t.Fatalf("%s does not add to the app", file)
		}
		if replaces := part == "traefik"; len(c.Services) != 1 && !replaces || len(app.Secrets) != len(c.Secrets) {
			t.Fatalf("%s has %d services, of which the app is given %d secrets of %d", file, len(c.Services), len(app.Secrets), len(c.Secrets))
		}
		checkSettings(t, file, "app", app)
		offered(t, file, text, vars)
		for is, on := range parts(plainSettings(t, w, vars, "compose.yaml", file)) {
			if on != (is == part) || !together[is] {
				t.Errorf("%s: %s is on: %v, and with all files: %v", file, is, on, together[is])
			}
		}
		if (len(app.Ports) > 0) != (part == "metrics") {
			t.Errorf("%s opens the ports %v", file, app.Ports)
		}
	}
}

// TestWhereMetricsAreScraped: each target that docs/deploy.md names is where its way of
// deploying has the metrics.
func TestWhereMetricsAreScraped(t *testing.T) {
	_, page, _ := strings.Cut(readText(t, "../../docs/deploy.md"), "\n## Alerts\n")
	page, _, _ = strings.Cut(page, "\n## ")
	has(t, page, "- with the units `127.0.0.1:9464`", "- with compose the same, where `compose.metrics.yaml`", "`compose.metrics.yml` is added, `STACK_app:9464`", "targets: ['127.0.0.1:9464']")
	if at := settingNamed("METRICS_LISTEN").standard; at != "127.0.0.1:9464" {
		t.Errorf("the units' daemon has them at %s", at)
	}
	added, _ := plainCompose(t, "compose.metrics.yaml")
	if ports := added.Services["app"].Ports; len(ports) != 1 || ports[0] != "127.0.0.1:9464:9464" {
		t.Errorf("compose opens %v", ports)
	}
	has(t, readText(t, "../../Dockerfile"), "GOODSTANDING_METRICS_LISTEN=:9464")
	has(t, strings.Join(readCompose(t, "compose.metrics.yml").Services["app"].Environment, " "), "GOODSTANDING_METRICS_LISTEN=:9464")
}

// units are the systemd units.
var units = []string{"goodstanding.service", "goodstanding-backup.service", "goodstanding-backup.timer"}

// TestTheUnits set what this version knows and run what it understands.
func TestTheUnits(t *testing.T) {
	for _, name := range units {
		text := readText(t, filepath.Join(deployDir, "systemd", name))
		service := &composeService{}
		for _, m := range regexp.MustCompile(`(?m)^Environment=(\S+)$`).FindAllStringSubmatch(text, -1) {
			service.Environment = append(service.Environment, m[1])
		}
		checkSettings(t, name, name, service)
		for _, m := range regexp.MustCompile(`(?m)^Exec\w+=/usr/local/libexec/goodstanding (.*)$`).FindAllStringSubmatch(text, -1) {
			checkCommand(t, name, &composeService{Command: strings.Fields(m[1])})
		}
		if strings.HasSuffix(name, ".service") && (len(service.Environment) < 2 || !strings.Contains(text, "User=goodstanding\n")) {
			t.Errorf("%s: %+v", name, service)
		}
	}
}

// TestWhatIsInstalledIsOfARelease: the pages install a file by the name that a release gives
// it, whose sums are of more files than somebody fetches.
func TestWhatIsInstalledIsOfARelease(t *testing.T) {
	has(t, readText(t, filepath.Join(deployDir, "release")), "archs='amd64 arm64'", "file=goodstanding-linux-$arch", "sha256sum goodstanding-linux-* >SHA256SUMS")
	for _, page := range []string{"../../docs/deploy.md", "../../docs/upgrades.md"} {
		text := readText(t, page)
		installed := regexp.MustCompile(`install [^\n]*?(\S+) /usr/local/libexec/`).FindAllStringSubmatch(text, -1)
		for _, m := range installed {
			if m[1] != "goodstanding-linux-amd64" {
				t.Errorf("%s installs %s", page, m[1])
			}
		}
		sums := strings.Count(text, "sha256sum ")
		if len(installed) == 0 || sums == 0 || sums != strings.Count(text, "sha256sum --ignore-missing -c SHA256SUMS") {
			t.Errorf("%s installs %d files, and looks at %d sums", page, len(installed), sums)
		}
	}
}

// TestASecondFederationOnTheHost: made as docs/deploy.md says, units and script name nothing
// of the first, and its settings have another database and other ports.
func TestASecondFederationOnTheHost(t *testing.T) {
	made := block(t, "../../docs/deploy.md", "Several federations", "sh")
	dir := t.TempDir()
	made = strings.NewReplacer("/etc/systemd/system", dir, "/usr/local/bin", dir, "install -D", "true").Replace(made)
	c := exec.CommandContext(t.Context(), "sh", "-c", made)
	c.Dir = "../.."
	if out, err := c.CombinedOutput(); err != nil {
		t.Fatalf("%v\n%s", err, out)
	}
	for _, name := range []string{"orchard", "orchard.service", "orchard-backup.service", "orchard-backup.timer"} {
		text := readText(t, filepath.Join(dir, name))
		if strings.Contains(text, "goodstanding") || !strings.Contains(text, "orchard") {
			t.Errorf("%s is of the first: %s", name, text)
		}
		if strings.HasSuffix(name, ".service") {
			has(t, text, "GOODSTANDING_CONFIG=/etc/orchard/orchard.yaml", "User=orchard\n", "StateDirectory=orchard orchard/backups\n")
		}
	}
	w := newWorld(t)
	w.file("oc_token", "secret-of-twenty-letters\n")
	first := block(t, "../../docs/deploy.md", "A service of systemd", "yaml")
	second := regexp.MustCompile(`(?m)^data:.*\n`).ReplaceAllString(first, block(t, "../../docs/deploy.md", "Several federations", "yaml"))
	settings := func(text string) *Config {
		c, err := load(t, nil, map[string]string{"HOME": "/nowhere", "GOODSTANDING_CONFIG": w.file("settings.yaml", text)}, needUpstream)
		if err != nil {
			t.Fatal(err)
		}
		return c
	}
	if a, b := settings(first), settings(second); a.Database == b.Database || a.Listen == b.Listen || a.MetricsListen == b.MetricsListen || b.MetricsListen == "" {
		t.Errorf("both have one of %s and %s, %s and %s, %s and %s", a.Database, b.Database, a.Listen, b.Listen, a.MetricsListen, b.MetricsListen)
	}
}

// TestSystemdUnderstandsTheUnits, and finds that they expose next to nothing.
func TestSystemdUnderstandsTheUnits(t *testing.T) {
	if _, err := exec.LookPath("systemd-analyze"); err != nil {
		t.Skip("systemd-analyze is not on this machine")
	}
	dir := t.TempDir()
	var paths, services []string
	for _, name := range units {
		text := strings.ReplaceAll(readText(t, filepath.Join(deployDir, "systemd", name)), "/usr/local/libexec/goodstanding", "/bin/true") // which is here
		path := filepath.Join(dir, name)
		if err := os.WriteFile(path, []byte(text), 0o644); err != nil {
			t.Fatal(err)
		}
		if paths = append(paths, path); strings.HasSuffix(name, ".service") {
			services = append(services, path)
		}
	}
	out, err := exec.CommandContext(t.Context(), "systemd-analyze", append([]string{"verify"}, paths...)...).CombinedOutput()
	if err != nil || strings.Contains(string(out), dir) || strings.Contains(string(out), "goodstanding") {
		t.Errorf("systemd-analyze verify: %v\n%s", err, out)
	}
	for _, s := range services { // 15 is an exposure of 1.5 of 10; it fails above
		out, err := exec.CommandContext(t.Context(), "systemd-analyze", "security", "--offline=true", "--threshold=15", s).CombinedOutput()
		if err != nil || !strings.Contains(string(out), "Overall exposure level") {
			t.Errorf("systemd-analyze security: %v\n%s", err, out)
		}
	}
}

// TestTheCommandsOfTheGuidesAreUnderstood: what an operator copies from the runbook,
// the guides, the README and the recipe's is a command line of this version.
func TestTheCommandsOfTheGuidesAreUnderstood(t *testing.T) {
	n := 0
	guides, _ := filepath.Glob("../../docs/guides/*.md")
	before := "^|app |app\\) |-- |sudo |bin/"
	for i, page := range append([]string{"../../docs/runbook.md", "../../docs/deploy.md", "../../docs/upgrades.md", "../../docs/backups.md", recipeDir + "/README.md", "../../README.md", "../../docs/policy.md"}, guides...) {
		if i == 5 { // from here on also what stands in a sentence
			before += "|`"
		}
		for _, words := range commandsIn(readText(t, page), before) {
			parsed(t, page, words)
			n++
		}
	}
	if n < 80 {
		t.Errorf("only %d commands were found", n)
	}
}

// TestCommandsInContainersOfTheirOwn: what the pages run where the app does not is understood,
// is removed afterwards, and is all that restores: the database of an app that runs is filled.
func TestCommandsInContainersOfTheirOwn(t *testing.T) {
	n := map[string]int{}
	for _, page := range []string{"../../docs/deploy.md", "../../docs/runbook.md", "../../docs/backups.md", recipeDir + "/README.md"} {
		text := readText(t, page)
		for _, m := range regexp.MustCompile(`docker (compose )?run ([^`+"`"+`\n]*?)(app|IMAGE) ([a-z][^`+"`"+`\n]*)`).FindAllStringSubmatch(strings.ReplaceAll(text, " restore\n   /", " restore /"), -1) {
			if !strings.HasPrefix(m[2], "--rm ") {
				t.Errorf("%s: the container stays: %s", page, m[0])
			}
			line := regexp.MustCompile(` {2,}#.*| <.*| &&.*`).ReplaceAllString(regexp.MustCompile(`\$\([^)]*\)`).ReplaceAllString(m[4], "X"), "")
			words := shellWords(line)
			parsed(t, page, words)
			n[words[0]]++
		}
		for _, words := range commandsIn(text, "app |app\\) |-- ") {
			if words[0] == "restore" {
				t.Errorf("%s: restored beside the app that runs: %v", page, words)
			}
		}
	}
	if n["restore"] < 4 || n["check-config"] < 1 || n["backup"] < 1 {
		t.Errorf("found were %v", n)
	}
}

// commandsIn are the command lines of a page that stand after what before says: in blocks,
// where a command stands at the beginning, and in the text.
func commandsIn(page, before string) (all [][]string) {
	var lines string
	for i, part := range strings.Split(page, "```") {
		if i%2 == 0 {
			part = strings.ReplaceAll(part, "\n", " ")
		}
		lines += part + "\n"
	}
	for _, m := range regexp.MustCompile("(?m)(?:"+before+")goodstanding ([a-z-]+[^`\\n]*)").FindAllStringSubmatch(lines, -1) {
		line := regexp.MustCompile(` {2,}#.*| [<>|] .*| \\$| &$| &&.*`).ReplaceAllString(m[1], "")
		line = regexp.MustCompile(`\$\([^)]*\)`).ReplaceAllString(line, "X")
		if words := shellWords(line); !contains(words, "COMMAND") && !contains(words, "COMMAND`,") {
			all = append(all, words)
		}
	}
	return all
}

// lookers are the commands that only look, each as it is tried: what is left out here
// changes something. A dry run of any command only looks, too.
var lookers = []string{
	"status", "roll", "explain alfa-co-op", "desk show", "members list", "members show alfa-co-op", "members applications list", "decisions list", "decisions show 1",
	"decisions announcement 1", "policy show", "policy check --store", "holds show", "notices list", "notices why --member alfa-co-op", "people list", "people sessions", "providers list",
	"opportunities list", "token list", "check-config --connect", "verify", "healthcheck", "version",
}

// changesSomething says that a command line does more than look.
func changesSomething(c *kong.Context) bool {
	if c == nil {
		return true // it is no command line, which was said
	}
	for _, f := range c.Flags() {
		switch f.Name {
		case "dry-run":
			if f.Set {
				return false
			}
		case "reason", "repair":
			if f.Set {
				return true
			}
		}
	}
	command := strings.TrimPrefix(path(c.Selected()), "goodstanding ")
	return !slices.ContainsFunc(lookers, func(l string) bool { return l == command || strings.HasPrefix(l, command+" ") })
}

// TestLookersOnlyLook: none of them leaves anything in the database otherwise than it was,
// and only verify takes a reason, for what it repairs.
func TestLookersOnlyLook(t *testing.T) {
	w := adopted(t)
	w.must("people", "add", "ada@example.org", "--name", "Ada", "--delegate-of", "alfa-co-op")
	w.clock += 1e6
	id := regexp.MustCompile(`de_\w+`).FindString(w.must("decisions", "propose", "--as", "Ada", "--size", "large", "--title", "A calendar", "--changes", "One.", "--affects", "all", "--channel", "#general", "--until", "2027-01-20"))
	w.must("decisions", "open", id, "--as", "Ada")
	tables := func() []store.BackupTable {
		db, err := store.OpenAsItIs(t.Context(), "sqlite://"+filepath.Join(w.dir, "data", databaseName), store.Options{})
		if err != nil {
			t.Fatal(err)
		}
		defer db.Close()
		m, err := db.Backup(t.Context(), io.Discard, w.clock, nil)
		if err != nil {
			t.Fatal(err)
		}
		return m.Tables
	}
	before := tables()
	for _, line := range append(lookers, "sync --dry-run", "sync --dry-run --wait") {
		words := strings.Fields(line)
		w.clock += 1e6
		w.must(words...)
		if after := tables(); !slices.Equal(after, before) {
			t.Fatalf("goodstanding %s changed the database: %+v\nwas %+v", line, after, before)
		}
		c := parsed(t, "lookers", words)
		if changesSomething(c) {
			t.Errorf("goodstanding %s is taken for a command that changes something", line)
		}
		for _, f := range c.Flags() {
			if f.Name == "reason" && words[0] != "verify" {
				t.Errorf("goodstanding %s takes a reason, so it changes something", line)
			}
		}
	}
	for _, line := range []string{"sync", "sync --wait", "verify --repair --reason x", "holds acknowledge x", "decisions nudge 1", "members erase x", "backup --ended", "token rotate x"} {
		if !changesSomething(parsed(t, "what changes something", strings.Fields(line))) {
			t.Errorf("goodstanding %s is taken for a command that only looks", line)
		}
	}
}

// TestAReloadIsNoRemedyForTheEnvironment: the runbook tells nobody to set a variable and to
// reload, which reads files; it says how each way takes over a setting.
func TestAReloadIsNoRemedyForTheEnvironment(t *testing.T) {
	page := readText(t, "../../docs/runbook.md")
	before, _, _ := strings.Cut(page, "\n## ")
	has(t, strings.ReplaceAll(before, "\n", " "), "by `systemctl reload goodstanding`; with compose in `.env`, by `docker compose up -d`; on Co-op Cloud by `abra app config DOMAIN` and `abra app deploy DOMAIN --force`")
	n := 0
	for _, paragraph := range strings.Split(page, "\n\n") {
		if !strings.Contains(paragraph, "reload") {
			continue
		}
		n++
		for _, variable := range regexp.MustCompile(`\bGOODSTANDING_[A-Z_]+`).FindAllString(paragraph, -1) {
			if !strings.HasSuffix(variable, "_FILE") { // the file of a secret is read again
				t.Errorf("%s is set, and then: %s", variable, paragraph)
			}
		}
	}
	if n < 2 {
		t.Errorf("only %d paragraphs tell of a reload", n)
	}
}

// TestTheRunbookLooksBeforeItDoes: no command changes anything where the runbook tells
// people to look, before the first alert and in the section of each.
func TestTheRunbookLooksBeforeItDoes(t *testing.T) {
	looks, acts := 0, 0
	for i, section := range strings.Split(readText(t, "../../docs/runbook.md"), "\n## ") {
		alert, _, _ := strings.Cut(section, "\n")
		look, do, _ := strings.Cut(section, "**Do.**")
		before := "^|sudo "
		if i > 0 { // what an alert means may name a command; of what to look at, what stands in a sentence counts, too
			_, look, _ = strings.Cut(look, "**Look.**")
			before += "|`"
		}
		for _, words := range commandsIn(look, before) {
			if looks++; changesSomething(parsed(t, alert, words)) {
				t.Errorf("%s: who looks changes something: goodstanding %s", alert, strings.Join(words, " "))
			}
		}
		for _, words := range commandsIn(do, "^|sudo ") {
			if changesSomething(parsed(t, alert, words)) {
				acts++
			}
		}
	}
	if looks < 25 || acts < 5 {
		t.Errorf("only %d commands that look and %d that change something were found", looks, acts)
	}
}
