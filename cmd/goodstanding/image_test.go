package main

import (
	"encoding/json"
	"os"
	"regexp"
	"slices"
	"strings"
	"testing"
)

// instruction is one line of a Dockerfile, continued lines joined.
type instruction struct{ word, rest string }

// stages reads a Dockerfile as its stages.
func stages(t *testing.T) (out [][]instruction) {
	t.Helper()
	text, err := os.ReadFile("../../Dockerfile")
	if err != nil {
		t.Fatal(err)
	}
	text = regexp.MustCompile(`(?m)^#.*\n`).ReplaceAll(text, nil)
	joined := regexp.MustCompile(`\\\n\s*`).ReplaceAllString(string(text), "")
	for line := range strings.Lines(joined) {
		word, rest, ok := strings.Cut(strings.TrimSpace(line), " ")
		if !ok {
			continue
		}
		if word == "FROM" {
			out = append(out, nil)
		}
		if len(out) == 0 {
			t.Fatalf("%q stands before the first stage", line)
		}
		out[len(out)-1] = append(out[len(out)-1], instruction{word, rest})
	}
	return out
}

// of are the rests of a word's instructions.
func of(stage []instruction, word string) (out []string) {
	for _, i := range stage {
		if i.word == word {
			out = append(out, i.rest)
		}
	}
	return out
}

// environment are the variables that a stage sets.
func environment(stage []instruction) map[string]string {
	out := map[string]string{}
	for _, rest := range of(stage, "ENV") {
		for _, pair := range strings.Fields(rest) {
			k, v, _ := strings.Cut(pair, "=")
			out[k] = v
		}
	}
	return out
}

// TestTheImage: two stages, static, non-root, from nothing but certificates and
// the binary.
func TestTheImage(t *testing.T) {
	all := stages(t)
	if len(all) != 2 {
		t.Fatalf("%d stages, want 2", len(all))
	}
	build, image := all[0], all[1]
	if got := of(build, "FROM"); got[0] != "golang:1.26 AS build" {
		t.Errorf("it is built from %s", got)
	}
	if environment(build)["CGO_ENABLED"] != "0" {
		t.Error("the binary is not static")
	}
	if runs := strings.Join(of(build, "RUN"), "\n"); !strings.Contains(runs, "-X main.buildVersion=${VERSION}") || !strings.Contains(runs, "-trimpath") {
		t.Errorf("the build says no version, or shows paths:\n%s", runs)
	}
	if got := of(image, "FROM"); got[0] != "scratch" {
		t.Errorf("the image stands on %s", got)
	}
	if len(of(image, "RUN")) > 0 || len(of(image, "ADD")) > 0 {
		t.Error("nothing can run in an image without a shell")
	}
	for _, want := range []string{
		"--from=build /etc/ssl/certs/ca-certificates.crt /etc/ssl/certs/ca-certificates.crt",
		"--from=build --chown=65532:65532 /out/data /var/lib/goodstanding",
		"--from=build /out/bin/goodstanding /usr/local/bin/goodstanding",
	} {
		if !slices.Contains(of(image, "COPY"), want) {
			t.Errorf("COPY %s is missing", want)
		}
	}
	for word, want := range map[string]string{"USER": "65532:65532", "VOLUME": "/var/lib/goodstanding", "EXPOSE": "8080 9464", "STOPSIGNAL": "SIGTERM"} {
		if got := of(image, word); len(got) != 1 || got[0] != want {
			t.Errorf("%s is %q, want %s", word, got, want)
		}
	}
}

// TestTheImagesSettings are settings that this version knows and accepts.
func TestTheImagesSettings(t *testing.T) {
	image := stages(t)[1]
	env := environment(image)
	for name, want := range map[string]string{"DATA": "/var/lib/goodstanding", "LISTEN": ":8080", "METRICS_LISTEN": ":9464"} {
		if env[prefix+name] != want {
			t.Errorf("%s is %q, want %s", name, env[prefix+name], want)
		}
	}
	delete(env, "PATH")
	env[prefix+"OC_SLUG"] = "alfa"
	c, err := load(t, nil, env, needUpstream)
	if err != nil || len(c.Warnings) != 0 {
		t.Fatalf("%v, %+v", err, c)
	}
	if c.Data != "/var/lib/goodstanding" || c.Listen != ":8080" || c.MetricsListen != ":9464" {
		t.Errorf("%+v", c)
	}
}

// TestTheImagesCommands are command lines that this version understands.
func TestTheImagesCommands(t *testing.T) {
	image := stages(t)[1]
	command := func(text string) (words []string) {
		if err := json.Unmarshal([]byte(text), &words); err != nil {
			t.Fatalf("%s is not in the form that needs no shell: %v", text, err)
		}
		return words
	}
	entry, cmd := command(of(image, "ENTRYPOINT")[0]), command(of(image, "CMD")[0])
	if len(entry) != 1 || entry[0] != "/usr/local/bin/goodstanding" || len(cmd) != 1 || cmd[0] != "serve" {
		t.Errorf("it runs %v %v", entry, cmd)
	}
	options, check, _ := strings.Cut(of(image, "HEALTHCHECK")[0], " CMD ")
	if words := command(check); len(words) != 2 || words[0] != entry[0] || words[1] != "healthcheck" {
		t.Errorf("the health check is %v", words)
	}
	has(t, options, "--interval=", "--timeout=5s", "--start-period=", "--retries=")
	w := newWorld(t)
	for _, words := range [][]string{cmd, command(check)[1:]} {
		w.must(append(words, "--help")...)
	}
}

// TestTheImageNeedsWhatIsSent: what .dockerignore leaves out is not needed by the
// build, which embeds files from these folders.
func TestTheImageNeedsWhatIsSent(t *testing.T) {
	text, err := os.ReadFile("../../.dockerignore")
	if err != nil {
		t.Fatal(err)
	}
	lines := strings.Split(string(text), "\n")
	for _, needed := range []string{"go.mod", "go.sum", "cmd", "internal", "policy", "migrations", "store", "api", "LICENSE", "*.yaml", "*.sql", "*.json", "**/testdata"} {
		if slices.Contains(lines, needed) {
			t.Errorf("%s is left out, and the build needs it", needed)
		}
	}
	for _, kept := range []string{".git", "*.db", "*.env"} {
		if !slices.Contains(lines, kept) {
			t.Errorf("%s would be sent", kept)
		}
	}
}
