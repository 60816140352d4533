//go:build unix

package main

import (
	"net/http"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
)

// recipeDatabase is a PostgreSQL as the recipe's db service has it: the user and
// the database of its environment, let in by password alone.
func recipeDatabase(t *testing.T) *cluster {
	t.Helper()
	c := newCluster(t)
	c.do("psql", "-h", c.dir, "-U", "app", "-d", "postgres", "-q", "-c", "CREATE ROLE goodstanding SUPERUSER LOGIN PASSWORD 'secret-of-twenty-letters'",
		"-c", "CREATE DATABASE goodstanding OWNER goodstanding")
	if err := os.WriteFile(filepath.Join(c.data(), "pg_hba.conf"), []byte("local all app trust\nlocal all all scram-sha-256\n"), 0o644); err != nil {
		t.Fatal(err)
	}
	c.do("pg_ctl", "-D", c.data(), "reload")
	return c
}

// inContainer is the world as the app's container has it: what the compose files
// say, with the program's folders, ports and upstream in their places here.
func inContainer(t *testing.T, db *cluster, files ...string) *world {
	t.Helper()
	w := newWorld(t)
	env := composed(t, w, files...)
	for _, name := range []string{"GOODSTANDING_OC_SLUG", "GOODSTANDING_OC_URL", "GOODSTANDING_DATA"} {
		env[name] = w.env[name]
	}
	env["GOODSTANDING_METRICS_LISTEN"] = ""
	if db != nil {
		const service = "@db:5432/goodstanding?"
		if !strings.Contains(env["GOODSTANDING_DATABASE"], service) {
			t.Fatalf("the app looks for its database at %s", env["GOODSTANDING_DATABASE"])
		}
		env["GOODSTANDING_DATABASE"] = strings.Replace(env["GOODSTANDING_DATABASE"], service, "@/goodstanding?host="+db.dir+"&", 1)
	}
	w.env = env
	return w
}

// TestTheComposeFilesStart: each of them by hand, since no container engine is
// needed for what they say: settings, secrets as files, the config, the database.
func TestTheComposeFilesStart(t *testing.T) {
	run := func(t *testing.T, w *world) {
		w.must("check-config")
		w.must("sync")
		w.must("members", "add", "First Co-op", "--kind", "organisation", "--reason", "a test")
		s := w.serve("--metrics-listen", "off")
		if a := get(t, s.url+"/readyz", ""); a.status != http.StatusOK {
			t.Errorf("/readyz: %+v", a)
		}
		has(t, get(t, s.url+"/", "").body, "Example Federation", "Code of co-operation</a>. Contact people: care@example.org.")
		w.env["GOODSTANDING_LISTEN"] = strings.TrimPrefix(s.url, "http://")
		has(t, w.must("healthcheck"), "goodstanding serves on")
		s.stop()
		w.env["GOODSTANDING_LISTEN"] = ""
		has(t, w.must("people", "list"), "treasurer@example.org")
	}
	t.Run("compose.sqlite.yml", func(t *testing.T) { run(t, inContainer(t, nil, "compose.sqlite.yml")) })
	t.Run("compose.yml", func(t *testing.T) {
		c := recipeDatabase(t)
		w := inContainer(t, c, "compose.yml")
		run(t, w)
		backUpAndRestore(t, c, w)
		w.env["GOODSTANDING_DATABASE_PASSWORD_FILE"] = w.file("wrong", "another\n")
		has(t, w.fails(exitDatabase, "status"), "password")
	})
}

// backUpAndRestore runs the recipe's hooks as backup-bot does.
func backUpAndRestore(t *testing.T, c *cluster, w *world) {
	t.Helper()
	hook := func(what string) string {
		t.Helper()
		script, err := filepath.Abs(filepath.Join(recipeDir, "pg_backup.sh"))
		if err != nil {
			t.Fatal(err)
		}
		cmd := exec.Command("bash", "-c", readText(t, script), "pg_backup.sh", what) // the database's user may not read the source tree
		cmd.Dir, cmd.SysProcAttr = "/", c.attribute
		cmd.Env = []string{"PATH=" + c.bin + ":/usr/bin:/bin", "LC_ALL=C.UTF-8", "PGHOST=" + c.dir, "PGPASSWORD=secret-of-twenty-letters",
			"PGDATA=" + c.data(), "POSTGRES_USER=goodstanding", "POSTGRES_DB=goodstanding"}
		out, err := cmd.CombinedOutput()
		if err != nil {
			t.Fatalf("pg_backup.sh %s: %v\n%s", what, err, out)
		}
		return string(out)
	}
	before := w.must("roll", "--json")
	has(t, hook("backup"), "backup: ")
	w.must("members", "add", "Later Co-op", "--kind", "organisation", "--reason", "a test")
	if w.must("roll", "--json") == before {
		t.Fatal("the roll has not changed")
	}
	s := w.serve("--metrics-listen", "off") // the app goes on asking meanwhile
	has(t, hook("restore"), "restore: goodstanding is as it was when the backup was made")
	s.until("it finds the database that was restored", func() bool { return !strings.Contains(get(t, s.url+"/api/v1/members", "").body, "Later Co-op") })
	s.stop()
	if after := w.must("roll", "--json"); after != before {
		t.Errorf("the restored roll differs:\n%s", difference(before, after))
	}
	w.must("verify")
}
