//go:build unix

package dispatch

import (
	"bytes"
	"context"
	"encoding/json"
	"fmt"
	"net/mail"
	"os"
	"os/exec"
	"strconv"
	"strings"
	"sync/atomic"
	"syscall"
	"testing"
	"time"

	"github.com/rs/zerolog"

	"coopcloud.tech/goodstanding/internal/dbtest"
	"coopcloud.tech/goodstanding/internal/fakesmtp"
	"coopcloud.tech/goodstanding/internal/instant"
	"coopcloud.tech/goodstanding/notify"
	"coopcloud.tech/goodstanding/notify/email"
	"coopcloud.tech/goodstanding/roll"
	"coopcloud.tech/goodstanding/store"
)

// beTheSender has a process of the test binary send, and die at a step of its
// transactions.
const beTheSender = "GOODSTANDING_TEST_SENDER"

// orders are what such a process is to do.
type orders struct {
	DSN, Server string
	Now         instant.Instant
	DieAt       int // the step of a transaction, from 1; 0 for none
}

func TestMain(m *testing.M) {
	text := os.Getenv(beTheSender)
	if text == "" {
		os.Exit(m.Run())
	}
	var o orders
	err := json.Unmarshal([]byte(text), &o)
	if err == nil {
		err = o.send()
	}
	if err != nil {
		fmt.Println(err)
		os.Exit(1)
	}
}

// send sends what is due, and tells how many steps that took.
func (o orders) send() error {
	steps, begun, commits := 0, 0, 0 // begun: the steps of the first transaction
	db, err := store.Open(context.Background(), o.DSN, store.Options{Version: "test", OnStep: func(s store.Step) {
		steps++
		if s == store.StepCommitted {
			if commits++; commits == 1 {
				begun = steps
			}
		}
		if steps == o.DieAt {
			_ = syscall.Kill(os.Getpid(), syscall.SIGKILL) // nothing after this runs
		}
	}})
	if err != nil {
		return err
	}
	defer db.Close()
	d, err := o.dispatcher(db)
	if err != nil {
		return err
	}
	_, err = d.Step(context.Background())
	fmt.Println(steps, begun)
	return err
}

func (o orders) dispatcher(db *store.DB) (*Dispatcher, error) {
	now := func() instant.Instant { return o.Now }
	host, port, _ := strings.Cut(o.Server, ":")
	n, err := strconv.Atoi(port)
	if err != nil {
		return nil, err
	}
	sender, err := email.New(email.Options{Server: email.Server{Host: host, Port: n, TLS: email.Off}, From: mail.Address{Address: "roll@loose-knot.example"},
		Hello: "roll.loose-knot.example", Now: func() time.Time { return o.Now.Time() }})
	if err != nil {
		return nil, err
	}
	return New(Options{DB: db, Roll: roll.New(db, roll.Options{Now: now}), Email: sender, Now: now, Letter: plainLetter, Log: zerolog.Nop()})
}

// TestCrashPoint kills a process that sends, once in each run: after each statement,
// before and after each commit, and before and after each reply of the mail server.
// Another process then finishes its work. Each member is told of each occasion once
// or twice, once where it was written down that the server has the mail, and nobody
// is forgotten.
func TestCrashPoint(t *testing.T) {
	for name, dsn := range map[string]func(testing.TB) string{"sqlite": dbtest.SQLiteDSN, "postgres": dbtest.PostgresDSN} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			c := newCrash(t, dsn(t))
			_, begun, _ := c.whole() // the first time ever, which notes where the database is at home
			for at := 1; at <= begun; at++ {
				c.use(dbtest.Copy(t, c.fresh))
				c.run(at, 0)
			}
			steps, _, moments := c.whole()
			for at := 1; at <= steps; at++ {
				c.run(at, 0)
			}
			for at := 1; at <= moments; at++ {
				c.run(0, at)
			}
			t.Logf("crash points %d, copies %d..%d, lost %d", c.points, c.fewest, c.most, c.lost)
			if missing := begun + steps + moments - c.points; missing > 1 { // after its last reply a process may be done before it is killed
				t.Errorf("%d of %d processes were not killed", missing, begun+steps+moments)
			}
			if c.points < 20 || c.fewest != 1 || c.most != 2 || c.lost != 0 {
				t.Errorf("%d crash points, copies %d..%d, lost %d: want 20 or more, 1..2, 0", c.points, c.fewest, c.most, c.lost)
			}
		})
	}
}

// crash is one database, in which each run has notices of its own, and one mail
// server.
type crash struct {
	t            *testing.T
	fresh, dsn   string // fresh has sent nothing yet
	db           *store.DB
	now          instant.Instant
	to           []notify.Message // what is to be told in each run
	server       *fakesmtp.Server
	points, runs int
	fewest, most int
	lost         int
}

func newCrash(t *testing.T, dsn string) *crash {
	tw := newTown(t, dsn)
	ada := tw.person("Ada")
	c := &crash{t: t, fresh: dsn, server: fakesmtp.New(t, fakesmtp.Options{}), fewest: 99}
	for _, name := range []string{"Red Shed", "Blue Barn"} { // in one mail
		id := tw.payer(name)
		tw.acts(ada, id)
		c.to = append(c.to, notify.Message{Occasion: notify.Occasion{Kind: notify.PaymentLate, Member: id}, Recipient: string(ada)})
	}
	tw.write(store.NoStream, func(ctx context.Context, tx *store.Tx) error {
		return tx.SetContact(ctx, store.Contact{ID: "c_mill", Member: tw.ids["Red Shed"], Email: "office@red-shed.example"})
	})
	c.to = append(c.to, notify.Message{Occasion: notify.Occasion{Kind: notify.DelegateAdded, Member: tw.ids["Red Shed"]}, Recipient: "c_mill"})
	tw.late()
	rows := tw.rows()
	tw.write(store.NoStream, func(ctx context.Context, tx *store.Tx) error { // what the roll wrote is another test's
		for _, n := range rows {
			if n.State.Final() {
				continue
			}
			if err := tx.SetNotice(ctx, n.ID, notify.Suppressed, notify.Dropped); err != nil {
				return err
			}
		}
		return nil
	})
	c.now = tw.clock()
	tw.ok(tw.db.Close())
	c.use(dbtest.Copy(t, dsn))
	return c
}

// use goes on with a database.
func (c *crash) use(dsn string) {
	c.t.Helper()
	if c.db != nil {
		if err := c.db.Close(); err != nil {
			c.t.Fatal(err)
		}
	}
	db, err := store.Open(c.t.Context(), dsn, store.Options{Version: "test"})
	if err != nil {
		c.t.Fatal(err)
	}
	c.t.Cleanup(func() { _ = db.Close() }) // closed already is as good
	c.dsn, c.db = dsn, db
}

// ask writes the notices of a run.
func (c *crash) ask() {
	c.t.Helper()
	c.runs++
	c.now = c.now.Add(claimFor + 2*time.Minute) // past the lease and the claims of the run before
	err := c.db.InTx(c.t.Context(), store.NoStream, c.now, func(tx *store.Tx) error {
		for _, m := range c.to {
			m.Occasion.Cause, m.Channel, m.DueAt, m.State = c.cause(), notify.Email, instant.Date(2026, 7, 7), notify.Waiting
			if err := tx.Enqueue(c.t.Context(), m); err != nil {
				return err
			}
		}
		return nil
	})
	if err != nil {
		c.t.Fatal(err)
	}
}

// cause is that of the occasions of a run.
func (c *crash) cause() string { return fmt.Sprintf("run:%d", c.runs) }

// child is a process that sends from a database.
func (c *crash) child(o orders) (*exec.Cmd, *bytes.Buffer) {
	c.t.Helper()
	b, err := json.Marshal(o)
	if err != nil {
		c.t.Fatal(err)
	}
	p, out := exec.Command(os.Args[0]), &bytes.Buffer{}
	p.Env = []string{beTheSender + "=" + string(b)}
	p.Stdout, p.Stderr = out, out
	if err := p.Start(); err != nil {
		c.t.Fatal(err)
	}
	return p, out
}

// whole lets one send without a crash, and counts the points at which it could.
func (c *crash) whole() (steps, begun, moments int) {
	c.t.Helper()
	c.ask()
	var seen atomic.Int64 // the server may still be saying goodbye when the process has ended
	c.server.Watch(func(fakesmtp.Moment) bool { seen.Add(1); return false })
	defer c.server.Watch(nil)
	p, out := c.child(orders{DSN: c.dsn, Server: c.server.Address, Now: c.now})
	if err := p.Wait(); err != nil {
		c.t.Fatalf("%v: %s", err, out)
	}
	if _, err := fmt.Sscan(out.String(), &steps, &begun); err != nil {
		c.t.Fatalf("%v: %s", err, out)
	}
	return steps, begun, int(seen.Load())
}

// run kills a process at a step, or at a moment of its talk with the server, has
// another finish, and counts what came.
func (c *crash) run(step, moment int) {
	c.t.Helper()
	c.ask()
	before := len(c.server.Mails())
	var p *exec.Cmd
	started, dead := make(chan struct{}), make(chan struct{})
	var seen atomic.Int64
	c.server.Watch(func(fakesmtp.Moment) bool {
		<-started
		if int(seen.Add(1)) == moment {
			_ = p.Process.Kill() // it runs: it waits for the server
			<-dead
		}
		return false
	})
	p, out := c.child(orders{DSN: c.dsn, Server: c.server.Address, Now: c.now, DieAt: step})
	close(started)
	err := p.Wait()
	close(dead)
	c.server.Watch(nil)
	if err != nil && p.ProcessState.ExitCode() != -1 {
		c.t.Fatalf("at step %d, moment %d: %v: %s", step, moment, err, out)
	}
	if err != nil { // else it was over before that: one step more or less is taken
		c.points++
	}

	recorded := c.sent()
	later := orders{DSN: c.dsn, Server: c.server.Address, Now: c.now.Add(claimFor + time.Minute)}
	d, err := later.dispatcher(c.db)
	if err != nil {
		c.t.Fatal(err)
	}
	if _, err := d.Step(c.t.Context()); err != nil {
		c.t.Fatal(err)
	}
	c.count(fmt.Sprintf("step %d, moment %d", step, moment), c.server.Mails()[before:], c.sent(), recorded)
}

// sent are the notices that the ledger says were taken, by id.
func (c *crash) sent() map[string]store.OutboxRow {
	c.t.Helper()
	out := map[string]store.OutboxRow{}
	err := c.db.View(c.t.Context(), func(tx *store.Tx) error {
		rows, err := tx.Notices(c.t.Context(), store.OutboxQuery{State: notify.Sent})
		for _, n := range rows {
			if n.Cause == c.cause() {
				out[n.ID] = n
			}
		}
		return err
	})
	if err != nil {
		c.t.Fatal(err)
	}
	return out
}

// count holds the mails that came to the notices that were sent.
func (c *crash) count(point string, mails []fakesmtp.Mail, sent, recorded map[string]store.OutboxRow) {
	c.t.Helper()
	if len(sent) != len(c.to) {
		c.lost += len(c.to) - len(sent)
		c.t.Errorf("%s: %d notices were sent in the end, want %d", point, len(sent), len(c.to))
	}
	for id, n := range sent {
		copies := 0
		for _, m := range mails {
			if strings.Contains(m.Header(c.t, "Message-ID"), n.Letter) {
				copies++
			}
		}
		_, was := recorded[id]
		switch {
		case copies == 0:
			c.lost++
			c.t.Errorf("%s: %s was lost", point, n.Occasion)
		case copies > 2, was && copies != 1:
			c.t.Errorf("%s: %s came %d times; recorded before the crash: %v", point, n.Occasion, copies, was)
		}
		c.fewest, c.most = min(c.fewest, copies), max(c.most, copies)
	}
	for _, m := range mails {
		if one := m.Header(c.t, "Message-ID"); !strings.Contains(one, "nt_") {
			c.t.Errorf("%s: a mail has the Message-ID %s, which is no notice's", point, one)
		}
	}
}
