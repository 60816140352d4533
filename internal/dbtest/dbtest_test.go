package dbtest

import (
	"bufio"
	"context"
	"errors"
	"io/fs"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"coopcloud.tech/goodstanding/store"
)

// Every test has a database of its own; opening it again is the same one.
func TestEachHasADatabaseOfItsOwn(t *testing.T) {
	for range 2 {
		Each(t, func(t *testing.T, open func() *store.DB) {
			one, two := open(), open()
			if !strings.HasPrefix(filepath.Base(t.Name()), one.Engine()) {
				t.Errorf("%s runs on %s", t.Name(), one.Engine())
			}
			ctx := context.Background()
			read := func(db *store.DB) (value string) {
				err := db.View(ctx, func(tx *store.Tx) (err error) {
					value, _, err = tx.Setting(ctx, "who")
					return err
				})
				if err != nil {
					t.Fatal(err)
				}
				return value
			}
			if got := read(one); got != "" {
				t.Errorf("the database was used before: %q", got)
			}
			err := one.InTx(ctx, store.NoStream, 1, func(tx *store.Tx) error { return tx.SetSetting(ctx, "who", "me") })
			if err != nil {
				t.Fatal(err)
			}
			if got := read(two); got != "me" {
				t.Errorf("opened again, it says %q", got)
			}
		})
	}
}

const helper = "GOODSTANDING_DBTEST_HELPER"

// TestMain is also the binary that the test below kills.
func TestMain(m *testing.M) {
	if os.Getenv(helper) == "" {
		os.Exit(m.Run())
	}
	c, err := start()
	if err != nil {
		panic(err)
	}
	os.Stdout.WriteString(c.dir + "\n")
	select {} // until it is killed
}

// Neither the server nor its folder outlives a binary that is killed.
func TestTheServerEndsWithTheBinary(t *testing.T) {
	server(t) // skips where there is none
	c := exec.Command(os.Args[0])
	c.Env = append(os.Environ(), helper+"=1")
	c.Stderr = os.Stderr
	out, err := c.StdoutPipe()
	if err != nil {
		t.Fatal(err)
	}
	if err := c.Start(); err != nil {
		t.Fatal(err)
	}
	dir, err := bufio.NewReader(out).ReadString('\n')
	if err != nil {
		t.Fatal(err)
	}
	dir = strings.TrimSpace(dir)
	pid, err := os.ReadFile(filepath.Join(dir, "data", "postmaster.pid"))
	if err != nil {
		t.Fatalf("the server does not run: %v", err)
	}
	process := "/proc/" + strings.SplitN(string(pid), "\n", 2)[0]
	if err := c.Process.Kill(); err != nil {
		t.Fatal(err)
	}
	_ = c.Wait() // it was killed
	gone := func(path string) bool {
		_, err := os.Stat(path)
		return errors.Is(err, fs.ErrNotExist)
	}
	for range 200 {
		if gone(dir) && gone(process) {
			return
		}
		time.Sleep(50 * time.Millisecond)
	}
	t.Errorf("ten seconds later: folder gone %v, server gone %v", gone(dir), gone(process))
}

func TestTheNewestServerIsTaken(t *testing.T) {
	root := t.TempDir()
	var found []string
	for _, f := range []string{"9/bin/postgres", "9/bin/initdb", "15/bin/postgres", "15/bin/initdb", "18/bin/initdb"} {
		path := filepath.Join(root, f)
		if err := os.MkdirAll(filepath.Dir(path), 0o700); err != nil {
			t.Fatal(err)
		}
		if err := os.WriteFile(path, nil, 0o700); err != nil {
			t.Fatal(err)
		}
		if filepath.Base(f) == "initdb" {
			found = append(found, path)
		}
	}
	if got, want := newest(found), filepath.Join(root, "15/bin"); got != want {
		t.Errorf("took %s, want %s: 18 has no server and 9 is older", got, want)
	}
	if got := newest(nil); got != "" {
		t.Errorf("found %s in nothing", got)
	}
	t.Setenv("PGBIN", "/opt/pg/bin")
	if got := binaries(); got != "/opt/pg/bin" {
		t.Errorf("PGBIN was not heard: %s", got)
	}
}

// recorder notes how a test ended.
type recorder struct {
	testing.TB
	how string
}

func (r *recorder) Helper()      {}
func (r *recorder) Skip(...any)  { r.how += "skipped" }
func (r *recorder) Fatal(...any) { r.how += "failed "; panic(r) }

func TestWithoutPostgres(t *testing.T) {
	home, ci := &recorder{}, &recorder{}
	missing(home, false)
	func() {
		defer func() { _ = recover() }()
		missing(ci, true)
	}()
	if home.how != "skipped" || ci.how != "failed " {
		t.Errorf("at home %q, in CI %q", home.how, ci.how)
	}
}
