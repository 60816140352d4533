package dbtest

import (
	"bytes"
	"database/sql"
	"errors"
	"fmt"
	"os"
	"os/exec"
	"os/user"
	"path/filepath"
	"runtime"
	"strconv"
	"strings"
	"time"
)

// startTimeout is generous: several servers may start at once on a small machine.
const startTimeout = 60 * time.Second

// guardian runs the server as its child and waits. It is what the kernel
// signals when the test binary ends (see mortal), and it then stops the server
// and removes the folder: no server and no folder outlives the binary, even
// after a kill -9.
const guardian = `
dir=$1; shift
"$@" &
pid=$!
end() { kill -QUIT $pid 2>/dev/null; wait $pid; rm -rf "$dir"; exit 0; }
trap end INT TERM HUP
wait $pid
rm -rf "$dir"
`

// startWith starts a server with some settings beside the usual ones, which they
// go before.
func startWith(bin string, more ...string) (*cluster, error) {
	dir, err := os.MkdirTemp("", "gs-pg-") // short: a socket's path has little room
	if err != nil {
		return nil, err
	}
	uid, gid, err := owner()
	if err != nil {
		return nil, err
	}
	if uid >= 0 {
		if err := os.Chown(dir, uid, gid); err != nil {
			return nil, err
		}
	}
	data := filepath.Join(dir, "data")
	initdb := command(uid, gid, filepath.Join(bin, "initdb"), "-D", data, "-U", "app", "-A", "trust",
		"-E", "UTF8", "--locale=C.UTF-8", "--no-sync", "--no-instructions")
	if out, err := initdb.CombinedOutput(); err != nil {
		return nil, errors.Join(fmt.Errorf("initdb: %w: %s", err, out), os.RemoveAll(dir))
	}
	args := append([]string{"-c", guardian, "guardian", dir, filepath.Join(bin, "postgres"), "-D", data}, settings(dir, more...)...)
	server := command(uid, gid, "/bin/sh", args...)
	var log bytes.Buffer
	server.Stdout, server.Stderr = &log, &log
	ended, err := startMortal(server)
	if err != nil {
		return nil, errors.Join(err, os.RemoveAll(dir))
	}
	c := &cluster{dir: dir}
	for _, one := range more {
		if port, is := strings.CutPrefix(one, "port="); is {
			c.port = port
		}
	}
	return c.wait(ended, &log)
}

// wait waits until the server answers.
func (c *cluster) wait(ended <-chan error, log *bytes.Buffer) (*cluster, error) {
	var err error
	if c.admin, err = sql.Open("postgres", c.dsn("postgres")); err != nil {
		return nil, err
	}
	timeout := time.NewTimer(startTimeout)
	defer timeout.Stop()
	for {
		var version int
		if err = c.admin.QueryRow(`SELECT current_setting('server_version_num')::int`).Scan(&version); err == nil {
			if version >= 150_000 {
				c.copied = ` STRATEGY file_copy`
			}
			return c, nil
		}
		select {
		case endErr := <-ended:
			return nil, fmt.Errorf("the server ended at once (%v): %s", endErr, log)
		case <-timeout.C:
			return nil, fmt.Errorf("the server does not answer after %s: %w", startTimeout, err)
		case <-time.After(20 * time.Millisecond):
		}
	}
}

// startMortal starts a command that is signalled when this process ends, and
// tells its end on the channel. The signal follows the thread that started the
// child, so that thread is kept for as long as the process lives.
func startMortal(c *exec.Cmd) (<-chan error, error) {
	mortal(c)
	started, ended := make(chan error), make(chan error, 1)
	go func() {
		runtime.LockOSThread()
		err := c.Start()
		started <- err
		if err == nil {
			ended <- c.Wait()
		}
	}()
	return ended, <-started
}

// owner is the user that the server runs as: it refuses to run as root. -1
// means this process's own user.
func owner() (uid, gid int, err error) {
	if os.Getuid() != 0 {
		return -1, -1, nil
	}
	for _, name := range []string{"postgres", "nobody"} {
		u, lookupErr := user.Lookup(name)
		if lookupErr != nil {
			err = errors.Join(err, lookupErr)
			continue
		}
		uid, uidErr := strconv.Atoi(u.Uid)
		gid, gidErr := strconv.Atoi(u.Gid)
		return uid, gid, errors.Join(uidErr, gidErr)
	}
	return 0, 0, fmt.Errorf("find a user to run PostgreSQL as: %w", err)
}

func command(uid, gid int, name string, args ...string) *exec.Cmd {
	c := exec.Command(name, args...)
	c.Dir = "/"
	c.Env = []string{"LC_ALL=C.UTF-8", "PATH=/usr/bin:/bin"}
	runAs(c, uid, gid)
	return c
}
