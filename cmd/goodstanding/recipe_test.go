package main

import (
	"crypto/sha256"
	"encoding/json"
	"fmt"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"
	texts "text/template"

	"github.com/alecthomas/kong"
	"go.yaml.in/yaml/v3"
)

const recipeDir = "../../deploy/recipe"

// compose is what is looked at in a compose file.
type compose struct {
	Services map[string]*composeService
	Networks map[string]struct {
		External bool
	}
	Configs map[string]struct {
		Name, File string
		Driver     string `yaml:"template_driver"`
	}
	Secrets map[string]struct {
		Name, File string
		External   bool
	}
	Volumes map[string]any
}

type composeService struct {
	Image       string
	Command     []string
	Ports       []any
	Networks    []string
	ReadOnly    bool `yaml:"read_only"`
	Tmpfs       []string
	Labels      []string
	Profiles    []string
	Environment []string
	Secrets     []composeFile
	Configs     []composeFile
	Volumes     []string
	Healthcheck struct{ Test []string }
	Grace       string `yaml:"stop_grace_period"`
	Deploy      struct {
		Restart struct{ Condition string } `yaml:"restart_policy"`
		Update  struct {
			Order  string
			Action string `yaml:"failure_action"`
		} `yaml:"update_config"`
		Labels []string
	}
}

// composeFile is a secret or a config of a service, in the short form or the long.
type composeFile struct {
	Source, Target string
	Mode           int
	UID            string
}

// UnmarshalYAML reads either form.
func (f *composeFile) UnmarshalYAML(n *yaml.Node) error {
	if n.Kind == yaml.ScalarNode {
		f.Source = n.Value
		return nil
	}
	type long composeFile
	return n.Decode((*long)(f))
}

// labels are a service's labels by name.
func (s *composeService) labels() map[string]string {
	out := map[string]string{}
	for _, l := range s.Deploy.Labels {
		k, v, _ := strings.Cut(l, "=")
		out[k] = v
	}
	return out
}

func recipeFile(t *testing.T, name string) string {
	t.Helper()
	text, err := os.ReadFile(filepath.Join(recipeDir, name))
	if err != nil {
		t.Fatal(err)
	}
	return string(text)
}

func readCompose(t *testing.T, name string) (c compose) {
	t.Helper()
	if err := yaml.Unmarshal([]byte(recipeFile(t, name)), &c); err != nil {
		t.Fatalf("%s: %v", name, err)
	}
	return c
}

// The compose files: those that stand alone, and those that are added to one.
var (
	wholeFiles = []string{"compose.yml", "compose.sqlite.yml"}
	addedFiles = []string{"compose.smtp.yml", "compose.oidc.yml", "compose.matrix.yml", "compose.hook.yml", "compose.metrics.yml"}
)

// sampled are the variables of .env.sample, also those that are commented out.
func sampled(t *testing.T) (set, offered map[string]string) {
	t.Helper()
	return variablesOf(recipeFile(t, ".env.sample"))
}

func variablesOf(file string) (set, offered map[string]string) {
	set, offered = map[string]string{}, map[string]string{}
	for _, m := range regexp.MustCompile(`(?m)^(#?)([A-Z_]+)=(.*)$`).FindAllStringSubmatch(file, -1) {
		value := strings.TrimSpace(regexp.MustCompile(` #.*`).ReplaceAllString(m[3], ""))
		if quote := value[:min(1, len(value))]; quote == "'" || quote == `"` {
			value = strings.Trim(value, quote)
		}
		if offered[m[2]] = value; m[1] == "" {
			set[m[2]] = value
		}
	}
	return set, offered
}

// TestTheRecipe holds the recipe to what the federation's platform asks of one.
func TestTheRecipe(t *testing.T) {
	found, _ := filepath.Glob(filepath.Join(recipeDir, "compose*.yml"))
	if len(found) != len(wholeFiles)+len(addedFiles) {
		t.Errorf("there are %d compose files, and %d are looked at", len(found), len(wholeFiles)+len(addedFiles))
	}
	version := strings.TrimSpace(readText(t, "../../VERSION"))
	for _, name := range wholeFiles {
		text := recipeFile(t, name)
		app := readCompose(t, name).Services["app"]
		if app == nil || !strings.HasPrefix(strings.TrimSpace(text[strings.Index(text, "services:")+9:]), "app:") {
			t.Fatalf("%s: its first service is not app", name)
		}
		if !strings.Contains(text, `version: "3.8"`) || !slices.Contains(app.Networks, "proxy") || !readCompose(t, name).Networks["proxy"].External {
			t.Errorf("%s: version or networks: %v", name, app.Networks)
		}
		if with := readCompose(t, name).Services["db"] != nil; slices.Contains(app.Networks, "internal") != with || with == (name == "compose.sqlite.yml") {
			t.Errorf("%s: the app reaches a database on %v, and there is one: %v", name, app.Networks, with)
		}
		if strings.Contains(text, "&") || regexp.MustCompile(`(?m)image: *[*$]`).MatchString(text) {
			t.Errorf("%s: an anchor, or an image that release tools cannot read", name)
		}
		if app.Image != "coopcloud.tech/goodstanding:"+version {
			t.Errorf("%s: the image is %s", name, app.Image)
		}
		l := app.labels()
		for label, want := range map[string]string{
			"traefik.enable": "true",
			"traefik.http.services.${STACK_NAME}.loadbalancer.server.port": "8080",
			"traefik.http.routers.${STACK_NAME}.rule":                      "Host(`${DOMAIN}`${EXTRA_DOMAINS})",
			"traefik.http.routers.${STACK_NAME}.entrypoints":               "web-secure",
			"traefik.http.routers.${STACK_NAME}.tls.certresolver":          "${LETS_ENCRYPT_ENV}",
			"coop-cloud.${STACK_NAME}.timeout":                             "${TIMEOUT:-300}",
			"backupbot.backup":                                             "${ENABLE_BACKUPS:-true}",
		} {
			if l[label] != want {
				t.Errorf("%s: the label %s is %q, want %q", name, label, l[label], want)
			}
		}
		tag := l["coop-cloud.${STACK_NAME}.version"]
		if m := regexp.MustCompile(`^\d+\.\d+\.\d+\+(.+)$`).FindStringSubmatch(tag); m == nil || m[1] != version {
			t.Errorf("%s: the version label is %q, and the program's version %s", name, tag, version)
		}
		if recipeFile(t, "release/"+tag) == "" {
			t.Errorf("there is no note for the release %s", tag)
		}
		if !app.ReadOnly || app.Deploy.Restart.Condition != "on-failure" {
			t.Errorf("%s: read-only %v, restarted %s", name, app.ReadOnly, app.Deploy.Restart.Condition)
		}
		// docs/upgrades.md: no old daemon beside a new one, and none after it on the database that it brought up to date.
		if u := app.Deploy.Update; u.Order != "stop-first" || u.Action != "pause" {
			t.Errorf("%s: the app is replaced in the order %q, and where that fails: %q", name, u.Order, u.Action)
		}
		if got := app.Healthcheck.Test; !slices.Equal(got, []string{"CMD", "/usr/local/bin/goodstanding", "healthcheck"}) {
			t.Errorf("%s: the health check is %q", name, got)
		}
	}
	if !json.Valid([]byte(recipeFile(t, "renovate.json"))) {
		t.Error("renovate.json is no JSON")
	}
	checkMetadata(t)
	checkDatabase(t)
	_, back, _ := strings.Cut(recipeFile(t, "README.md"), "\n### Going back\n")
	has(t, back, "By the backup from before the upgrade", "abra app rollback DOMAIN VERSION", "abra app restore DOMAIN", "abra app undeploy DOMAIN", " restore\n")
}

// checkDatabase is about the database's service of the recipe.
func checkDatabase(t *testing.T) {
	t.Helper()
	db := readCompose(t, "compose.yml").Services["db"]
	l := db.labels()
	for label, want := range map[string]string{"backupbot.backup": "${ENABLE_BACKUPS:-true}", "backupbot.backup.pre-hook": "/pg_backup.sh backup",
		"backupbot.backup.volumes.postgres.path": "backup.sql", "backupbot.restore.post-hook": "/pg_backup.sh restore"} {
		if l[label] != want {
			t.Errorf("the database's label %s is %q, want %q", label, l[label], want)
		}
	}
	if !slices.Equal(db.Networks, []string{"internal"}) || !slices.Contains(db.Environment, "POSTGRES_PASSWORD_FILE=/run/secrets/db_password") ||
		!slices.Contains(db.Healthcheck.Test, "pg_isready") || db.Grace == "" || !slices.Contains(db.Volumes, "postgres:/var/lib/postgresql/data") {
		t.Errorf("the database: %+v", db)
	}
}

func readText(t *testing.T, path string) string {
	t.Helper()
	text, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	return string(text)
}

// checkMetadata: the README has the eight keys.
func checkMetadata(t *testing.T) {
	t.Helper()
	page := recipeFile(t, "README.md")
	_, meta, _ := strings.Cut(page, "<!-- metadata -->")
	meta, _, closed := strings.Cut(meta, "<!-- endmetadata -->")
	var keys []string
	for _, m := range regexp.MustCompile(`(?m)^\* \*\*(\w+)\*\*: \S`).FindAllStringSubmatch(meta, -1) {
		keys = append(keys, m[1])
	}
	if want := []string{"Category", "Status", "Image", "Healthcheck", "Backups", "Email", "Tests", "SSO"}; !closed || !slices.Equal(keys, want) {
		t.Errorf("the README's metadata are %v, want %v", keys, want)
	}
	ci, _ := filepath.Glob(filepath.Join(recipeDir, ".drone.y*ml"))
	if tests := strings.Contains(meta, "**Tests**: Yes"); tests != (len(ci) > 0) {
		t.Errorf("the README says that the recipe has tests: %v; its CI is %v", tests, ci)
	}
	if !strings.HasPrefix(page, "# goodstanding\n") || !strings.Contains(page, "## Basic usage") {
		t.Error("the README lacks its title or its basic usage")
	}
}

// vendored are the files that the recipe stores as configs, by the versions of abra.sh. A
// version that was released keeps its line here, and a changed file gets a new one.
var vendored = map[string]string{
	"SETTINGS_VERSION=v1":  "e5bb45d66ac9a04185ca9d982f90611749407bb21363ead29f81982f43833574",
	"PG_BACKUP_VERSION=v1": "c110e6a378606e4d902e1a040797eb7e3a326cccfbeb0c98362582d22dd2844c",
}

// TestAConfigThatChangesHasAnotherVersion: Swarm does not change a config that is there, so
// a deployment of a changed file under the version of another fails.
func TestAConfigThatChangesHasAnotherVersion(t *testing.T) {
	said := map[string]string{}
	for _, m := range regexp.MustCompile(`(?m)^export (\w+)=(v\d+)$`).FindAllStringSubmatch(recipeFile(t, "abra.sh"), -1) {
		said[m[1]] = m[2]
	}
	n := 0
	for _, name := range wholeFiles {
		for config, f := range readCompose(t, name).Configs {
			variable := strings.ToUpper(config) + "_VERSION"
			version := variable + "=" + said[variable]
			if is := fmt.Sprintf("%x", sha256.Sum256([]byte(recipeFile(t, f.File)))); vendored[version] != is {
				t.Errorf("%s has another text than %s had: raise the version in abra.sh, and add it to vendored with %s", f.File, version, is)
			}
			n++
		}
	}
	if n != 3 {
		t.Errorf("%d configs were looked at", n)
	}
}

// TestWhatTheRecipeNames exists: versions of secrets in .env.sample, versions of
// configs in abra.sh, files, variables, settings of this version, command lines;
// and no port is opened beside Traefik.
func TestWhatTheRecipeNames(t *testing.T) {
	set, offered := sampled(t)
	exported := map[string]bool{}
	for _, m := range regexp.MustCompile(`(?m)^export (\w+)=v\d+$`).FindAllStringSubmatch(recipeFile(t, "abra.sh"), -1) {
		exported[m[1]] = true
	}
	for _, name := range slices.Concat(wholeFiles, addedFiles) {
		c, whole := readCompose(t, name), slices.Contains(wholeFiles, name)
		have := offered
		if whole {
			have = set
		}
		for secret, s := range c.Secrets {
			variable := "SECRET_" + strings.ToUpper(secret) + "_VERSION"
			if have[variable] == "" || !s.External || s.Name != "${STACK_NAME}_"+secret+"_${"+variable+":-v1}" {
				t.Errorf("%s: the secret %s is %+v, and .env.sample says %q", name, secret, s, have[variable])
			}
		}
		for config, f := range c.Configs {
			variable := strings.ToUpper(config) + "_VERSION"
			if !exported[variable] || f.Name != "${STACK_NAME}_"+config+"_${"+variable+"}" || recipeFile(t, f.File) == "" {
				t.Errorf("%s: the config %s is %+v, and abra.sh exports %v", name, config, f, exported)
			}
		}
		if !whole && (!strings.Contains(recipeFile(t, ".env.sample"), `COMPOSE_FILE="$COMPOSE_FILE:`+name+`"`) || len(c.Services) != 1) {
			t.Errorf("%s is not offered, or is about more than the app", name)
		}
		for service, s := range c.Services {
			if len(s.Ports) > 0 {
				t.Errorf("%s: %s opens a port of the host", name, service)
			}
			for _, f := range s.Secrets {
				if _, is := c.Secrets[f.Source]; !is || service == "app" && (f.Mode != 0o400 || f.UID != "65532") {
					t.Errorf("%s: %s asks for the secret %+v", name, service, f)
				}
			}
			checkSettings(t, name, service, s)
			if strings.HasPrefix(s.Image, "postgres:") { // as docs/deploy.md advises
				if !slices.Equal(s.Command, []string{"postgres", "-c", "max_pred_locks_per_transaction=512"}) {
					t.Errorf("%s: %s runs %v", name, service, s.Command)
				}
				continue
			}
			checkCommand(t, name, s)
		}
		for _, v := range regexp.MustCompile(`\$\{([A-Z_]+)`).FindAllStringSubmatch(recipeFile(t, name), -1) {
			if _, sampled := offered[v[1]]; !sampled && !exported[v[1]] && v[1] != "STACK_NAME" {
				t.Errorf("%s: .env.sample does not offer ${%s}", name, v[1])
			}
		}
	}
}

// checkSettings: whatever begins as a setting is one, and secrets come from the
// files that the service is given.
func checkSettings(t *testing.T, name, service string, s *composeService) {
	t.Helper()
	for _, pair := range s.Environment {
		variable, value, _ := strings.Cut(pair, "=")
		if strings.HasPrefix(variable, prefix) && !contains(variables(), variable) {
			t.Errorf("%s: %s is no setting of this version", name, variable)
		}
		if file, is := strings.CutPrefix(value, "/run/secrets/"); is {
			if !slices.ContainsFunc(s.Secrets, func(f composeFile) bool { return f.Source == file }) {
				t.Errorf("%s: %s is not given the secret %s", name, service, file)
			}
		} else if i := slices.IndexFunc(settings, func(s setting) bool { return s.variable() == variable }); i >= 0 && settings[i].secret &&
			variable != prefix+"DATABASE" && variable != prefix+"SMTP_URL" { // whose passwords stand apart
			t.Errorf("%s: %s is a secret and stands in the environment", name, variable)
		}
	}
}

// checkCommand: what a service of the program's image runs is a command line of it.
func checkCommand(t *testing.T, name string, s *composeService) {
	t.Helper()
	if len(s.Command) == 0 {
		return
	}
	parsed(t, name, s.Command)
}

// parsed is what this version makes of a command line; nil where it cannot.
func parsed(t *testing.T, name string, words []string) *kong.Context {
	t.Helper()
	parser, err := kong.New(&cli{}, kong.ExplicitGroups(groups))
	if err != nil {
		t.Fatal(err)
	}
	c, err := parser.Parse(words)
	if err != nil {
		t.Errorf("%s: %v is not understood: %v", name, words, err)
		return nil
	}
	return c
}

// expanded is one line of a service's environment, as compose fills it in.
func expanded(pair string, vars map[string]string) (name, value string) {
	name, value, given := strings.Cut(pair, "=")
	if !given {
		return name, vars[name]
	}
	return name, os.Expand(value, func(v string) string {
		v, otherwise, _ := strings.Cut(v, ":-")
		if vars[v] != "" {
			return vars[v]
		}
		return otherwise
	})
}

// composed is the environment of the app of some compose files one upon the other,
// as .env.sample has the variables, with the secrets and the config in a folder.
func composed(t *testing.T, w *world, files ...string) map[string]string {
	t.Helper()
	_, vars := sampled(t)
	vars["COMPOSE_FILE"], vars["EXTRA_DOMAINS"] = "", ""
	env := map[string]string{}
	for _, f := range files {
		for _, pair := range readCompose(t, f).Services["app"].Environment {
			k, v := expanded(pair, vars)
			env[k] = v
		}
	}
	for k, v := range env {
		if name, is := strings.CutPrefix(v, "/run/secrets/"); is {
			env[k] = w.file(name, "secret-of-twenty-letters\n")
		}
	}
	render, err := texts.New("").Funcs(texts.FuncMap{"env": func(name string) string { return env[name] }}).Parse(recipeFile(t, "settings.yaml.tmpl"))
	if err != nil {
		t.Fatal(err)
	}
	var text strings.Builder
	if err := render.Execute(&text, nil); err != nil {
		t.Fatal(err)
	}
	env["GOODSTANDING_CONFIG"] = w.file("settings.yaml", text.String())
	return env
}

// TestTheLinesOfAbra: a secret is named with its version, and a command that is run in
// a service stands behind two dashes, without which abra takes its flags for its own.
func TestTheLinesOfAbra(t *testing.T) {
	n := 0
	for _, page := range []string{recipeDir + "/README.md", recipeDir + "/.env.sample", "../../docs/runbook.md", "../../docs/deploy.md"} {
		for _, m := range regexp.MustCompile(`abra app (run|secret) ([^`+"`"+`\n"]*)`).FindAllStringSubmatch(readText(t, page), -1) {
			form := `^DOMAIN app -- goodstanding\b`
			if m[1] == "secret" {
				form = `^(generate DOMAIN \w+ v1|insert DOMAIN \w+ v1 [A-Z]+)$`
			}
			if n++; !regexp.MustCompile(form).MatchString(m[2]) {
				t.Errorf("%s: abra does not take it so: %s", page, m[0])
			}
		}
	}
	if n < 8 {
		t.Errorf("only %d lines were found", n)
	}
}

// TestEveryComposeFileIsAccepted: the program takes what each of them says, alone
// and all together, without a fault and without a warning.
func TestEveryComposeFileIsAccepted(t *testing.T) {
	w := newWorld(t)
	for _, whole := range wholeFiles {
		for _, files := range [][]string{{whole}, slices.Concat([]string{whole}, addedFiles)} {
			env := composed(t, w, files...)
			env["GOODSTANDING_DATA"], env["GOODSTANDING_LISTEN"] = "/var/lib/goodstanding", ":8080" // from the image
			c, err := load(t, nil, env, needUpstream)
			if err != nil || len(c.Warnings) > 0 {
				t.Errorf("%v: %v %v", files, err, c)
				continue
			}
			if c.Federation.Name != "Example Federation" || c.PublicURL != "https://goodstanding.example.org" || c.OCToken == "" || len(c.TrustedProxies) != 1 {
				t.Errorf("%v: %+v", files, c)
			}
			if all := len(files) > 1; all != (c.SignIn.SMTP != nil) || all != (c.SignIn.OpenID != nil) || all != (c.Matrix != nil) || all != (c.HookSecret != "") || all != (c.MetricsListen != "") {
				t.Errorf("%v: %+v", files, c)
			}
		}
	}
}
