package dispatch

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"github.com/rs/zerolog"

	"coopcloud.tech/goodstanding/decisions"
	"coopcloud.tech/goodstanding/member"
	"coopcloud.tech/goodstanding/notify"
	"coopcloud.tech/goodstanding/notify/letter"
	"coopcloud.tech/goodstanding/store"
)

// another is another process on the same database, at the same time.
func (tw *town) another() *town {
	tw.t.Helper()
	o := &town{t: tw.t, dsn: tw.dsn, now: tw.clock(), ids: tw.ids, mails: tw.mails}
	o.open()
	return o
}

// meanwhile is what another process does after the first of three mails was handed
// over, to Ada, and before the second one is, to Bo; then the third is to go to Cy.
type meanwhile struct {
	what string
	does func(o *town, bo member.PersonID)
	// told are those who get a mail of the three.
	told string
}

var meanwhiles = []meanwhile{
	{"nothing", func(*town, member.PersonID) {}, "Ada Bo Cy"},
	{"a wish", func(o *town, bo member.PersonID) {
		o.write(store.NoStream, func(ctx context.Context, tx *store.Tx) error {
			return tx.SetWish(ctx, store.Wish{Recipient: string(bo), Declined: []notify.Kind{notify.Opportunity}})
		})
	}, "Ada Cy"},
	{"a bounce", func(o *town, bo member.PersonID) {
		address := o.addressOf(bo)
		o.write(store.NoStream, func(ctx context.Context, tx *store.Tx) error {
			return tx.SetBounce(ctx, store.Bounce{Recipient: string(bo), Address: address, At: tx.Now()})
		})
	}, "Ada Cy"},
	{"an erasure", func(o *town, bo member.PersonID) { o.ok(o.roll.RemovePerson(o.t.Context(), o.operator(), bo)) }, "Ada Cy"},
	{"a notice that is dropped", func(o *town, bo member.PersonID) {
		o.each(bo, func(ctx context.Context, tx *store.Tx, n store.OutboxRow) error {
			return tx.SetNotice(ctx, n.ID, notify.Suppressed, notify.Dropped)
		})
	}, "Ada Cy"},
	{"a notice that another sends", func(o *town, bo member.PersonID) {
		o.each(bo, func(ctx context.Context, tx *store.Tx, n store.OutboxRow) error {
			return tx.ClaimNotice(ctx, n, "cl_other", tx.Now().Add(time.Hour), n.ID)
		})
	}, "Ada Cy"},
	{"a notice that is put off", func(o *town, bo member.PersonID) {
		o.each(bo, func(ctx context.Context, tx *store.Tx, n store.OutboxRow) error {
			return tx.PutOff(ctx, n.ID, tx.Now().Add(time.Hour))
		})
	}, "Ada Cy"},
	{"a hold", func(o *town, _ member.PersonID) {
		o.write(store.NoStream, func(ctx context.Context, tx *store.Tx) error {
			_, err := tx.HoldWaiting(ctx, notify.ByGap, tx.Now())
			return err
		})
	}, "Ada"},
	{"notices that are stopped", func(o *town, _ member.PersonID) {
		o.write(store.NoStream, func(ctx context.Context, tx *store.Tx) error { return tx.NoticesOff(ctx) })
	}, "Ada"},
	{"a database that is at home elsewhere", func(o *town, _ member.PersonID) {
		o.setting(store.SettingHome, o.db.Engine()+"ql elsewhere=1")
	}, "Ada"},
}

// each carries something out for what waits for a person.
func (tw *town) each(to member.PersonID, f func(context.Context, *store.Tx, store.OutboxRow) error) {
	tw.t.Helper()
	rows := tw.rows()
	tw.write(store.NoStream, func(ctx context.Context, tx *store.Tx) error {
		for _, n := range rows {
			if n.Recipient != string(to) || n.State != notify.Waiting {
				continue
			}
			if err := f(ctx, tx, n); err != nil {
				return err
			}
		}
		return nil
	})
}

func (tw *town) addressOf(id member.PersonID) (address string) {
	tw.t.Helper()
	tw.ok(tw.db.View(tw.t.Context(), func(tx *store.Tx) error {
		people, err := tx.People(tw.t.Context())
		for _, p := range people {
			if p.ID == id {
				address = p.Email
			}
		}
		return err
	}))
	return address
}

// Whatever another process writes while a mail is handed over is seen by the very next
// mail of the same step, and the one before is recorded as sent all the same.
func TestTheNextMailSeesWhatOthersWrote(t *testing.T) {
	eachTown(t, func(t *testing.T, tw *town) {
		work := func(_ context.Context, _ *store.Tx, _ store.OutboxRow, _ Recipient, data letter.Data) (letter.Data, Verdict, error) {
			return data, Goes(), nil
		}
		d := tw.dispatcher(func(o *Options) { o.Extra = map[notify.Kind]Gather{notify.Opportunity: work} })
		tw.step(d) // the first time ever, which notes where the database is at home
		var home string
		tw.ok(tw.db.View(t.Context(), func(tx *store.Tx) (err error) {
			home, _, err = tx.Setting(t.Context(), store.SettingHome)
			return err
		}))
		for i, m := range meanwhiles {
			var people []member.PersonID
			for _, name := range []string{"Ada", "Bo", "Cy"} {
				people = append(people, tw.person(fmt.Sprintf("%s %d", name, i)))
			}
			for _, id := range people {
				tw.later(time.Second)
				tw.enqueue(about(notify.Opportunity, "", fmt.Sprint("work ", i), string(id)))
			}
			var told []string
			tw.mails.says(func(e notify.Envelope) error {
				if told = append(told, strings.Fields(strings.TrimPrefix(e.To, `"`))[0]); len(told) == 1 {
					m.does(tw.another(), people[1])
				}
				return nil
			})
			tw.step(d)
			tw.is(m.what, strings.Join(told, " "), m.told)
			for _, n := range tw.rows() {
				if n.Recipient == string(people[0]) && (n.State != notify.Sent || n.Attempts != 1) {
					t.Errorf("%s: the mail before is %s after %d attempts", m.what, n.State, n.Attempts)
				}
			}
			tw.mails.says(nil)
			tw.setting(store.SettingHome, home)
			tw.setting(store.SettingNotices, tw.clock().String())
			tw.later(2 * time.Hour) // what was put off, or another had, goes now
			tw.step(d)
		}
	})
}

// A decision that another process withdraws is told to nobody any more, and a ballot
// that it takes is in the next mail.
func TestTheNextMailSeesTheDecision(t *testing.T) {
	eachTown(t, func(t *testing.T, tw *town) {
		id, by := tw.opened("Red Shed", "Blue Barn", "Old Mill", "New Mill")
		tw.beat()
		var waited []string
		d := tw.dispatcher(func(o *Options) {
			o.Heard = nil // which would write, too
			o.Letter = func(d letter.Data) (string, string, string, error) {
				if d.Kind == notify.DecisionOpened { // in the end there are letters of the withdrawal
					waited = append(waited, fmt.Sprint(d.Decision.WaitedFor))
				}
				return "", "", "", nil
			}
		})
		mails := 0
		tw.mails.says(func(notify.Envelope) error {
			o := tw.another()
			switch mails++; mails {
			case 2:
				_, err := o.chair.Cast(t.Context(), id, by(1), decisions.Favour, "")
				return err
			case 3:
				_, err := o.chair.Withdraw(t.Context(), id, by(0), "no need")
				return err
			}
			return nil
		})
		tw.step(d)
		tw.is("waited for, by letter", strings.Join(waited, " "), "16 16 15")
		tw.is("once it is withdrawn", tw.became(notify.DecisionOpened), "no_address, sent, suppressed no_room, suppressed superseded")
	})
}

// What being heard of does to a decision is seen by the very next mail, too: it may move its
// deadline.
func TestTheNextMailSeesThatItWasHeardOf(t *testing.T) {
	eachTown(t, func(t *testing.T, tw *town) {
		id, by := tw.opened("Red Shed", "Blue Barn", "Old Mill")
		tw.beat()
		var told []string
		heard := 0
		tw.step(tw.dispatcher(func(o *Options) {
			o.MayHear = nil // it is told of each
			o.Heard = func(ctx context.Context, n store.OutboxRow) error {
				if heard++; heard > 2 {
					return nil
				}
				_, err := tw.chair.Cast(ctx, id, by(heard), decisions.Favour, "")
				return err
			}
			o.Letter = func(d letter.Data) (string, string, string, error) {
				if d.Kind == notify.DecisionOpened {
					told = append(told, fmt.Sprint(d.Decision.WaitedFor))
				}
				return "", "", "", nil
			}
		}))
		if len(told) < 3 || told[0] == told[1] || told[1] == told[2] {
			t.Errorf("waited for, by letter: %v; after the first one and after the second one somebody voted", told)
		}
	})
}

// That a decision is heard of late moves its deadline, and the very next mail tells the new
// one: that after the mail by which the last member waited for was told, by whichever of
// its delegates. None before it does.
func TestTheNextMailTellsTheDeadlineThatHearingMoves(t *testing.T) {
	eachTown(t, func(t *testing.T, tw *town) {
		ctx, half := t.Context(), map[string]int{"Sy": 0, "Sue": 0, "Sam": 1, "Sol": 1}
		for name, first := range half {
			var of []member.ID
			for i := range 6 {
				of = append(of, member.ID(fmt.Sprintf("m_steady%02d", 6*first+i)))
			}
			tw.person(name, of...)
		}
		id, by := tw.openedAs(decisions.Medium, "Red Shed")
		_, err := tw.chair.Cast(ctx, id, by(0), decisions.Favour, "") // who has answered is not waited for
		tw.ok(err)
		tw.later(20 * 24 * time.Hour)
		tw.snapshot()
		tw.beat()
		var told, want []string
		reached := map[int]bool{}
		tw.step(tw.dispatcher(func(o *Options) {
			o.Letter = func(d letter.Data) (string, string, string, error) {
				if d.Kind != notify.DecisionOpened {
					return "", "", "", nil
				}
				told = append(told, d.Decision.Deadline)
				if want = append(want, "the end of Wednesday 17 June 2026 (UTC)"); len(reached) == 2 {
					want[len(want)-1] = "the end of Tuesday 7 July 2026 (UTC)"
				}
				if first, is := half[d.To]; is {
					reached[first] = true
				}
				return "", "", "", nil
			}
		}))
		tw.is("the deadlines, by mail", strings.Join(told, ", "), strings.Join(want, ", "))
		if len(told) != 5 || told[0] == told[4] {
			t.Errorf("of five who are to be told the first is told before, the last after: %q", told)
		}
	})
}

// Where it cannot be found out whether a decision was heard of, what was said of the mail
// is recorded, it is told on, and the next mail goes.
func TestItCannotBeFoundOutWhetherItWasHeardOf(t *testing.T) {
	eachTown(t, func(t *testing.T, tw *town) {
		tw.opened("Red Shed", "Blue Barn", "Old Mill")
		tw.beat()
		var log bytes.Buffer
		heard := 0
		tw.step(tw.dispatcher(func(o *Options) {
			o.MayHear = func(context.Context, *store.Tx, []store.OutboxRow) (bool, error) {
				return false, errors.New("a chain is broken")
			}
			o.Heard = func(context.Context, store.OutboxRow) error { heard++; return errors.New("it is broken") }
			o.Log = zerolog.New(&log)
		}))
		taken, tried := tw.mails.counts()
		tw.is("taken, tried and heard", fmt.Sprint(taken, tried, heard), "3 3 3")
		tw.is("the notices", tw.became(notify.DecisionOpened), "no_address, sent, suppressed no_room")
		if n := strings.Count(log.String(), "it is broken"); n != 3 {
			t.Errorf("it is logged %d times: %s", n, log.String())
		}
	})
}

// What was said of a mail is recorded also where another has the lease by then, and
// nothing else goes.
func TestALeaseThatIsLostBetweenTwoMails(t *testing.T) {
	eachTown(t, func(t *testing.T, tw *town) {
		tw.payer("Red Shed")
		tw.payer("Blue Barn")
		tw.late()
		lease, ok, err := tw.db.TakeLease(t.Context(), store.Lease{Name: store.LeaderLease}, "a", tw.clock())
		if err != nil || !ok {
			t.Fatal(ok, err)
		}
		tw.mails.says(func(notify.Envelope) error {
			_, _, err := tw.another().db.TakeLease(t.Context(), lease, "b", tw.clock())
			return err
		})
		_, err = tw.dispatcher(func(o *Options) { o.DB = tw.db.Fenced(lease) }).Step(t.Context())
		if _, lost := errors.AsType[*store.LeaseLost](err); !lost {
			t.Errorf("who lost the lease goes on: %v", err)
		}
		taken, tried := tw.mails.counts()
		tw.is("what went", fmt.Sprint(taken, tried), "1 1")
		tw.is("the ledger", tw.became(notify.PaymentLate), "sent, waiting")
	})
}

// Where nobody else writes, a mail takes one commit and few statements: who may be told
// what is not read for each of them, nor a decision, nor whether it was heard of.
func TestFewStatementsForAMail(t *testing.T) {
	eachTown(t, func(t *testing.T, tw *town) {
		_, by := tw.opened("Red Shed")
		for i := range 7 {
			tw.person(fmt.Sprint("Ada ", i), by(0).Member)
		}
		for range 2 {
			tw.proposed(decisions.Medium, by(0))
		}
		var steps, commits atomic.Int64
		db, err := store.Open(t.Context(), tw.dsn, store.Options{OnStep: func(s store.Step) {
			if s == store.StepStatement {
				steps.Add(1)
			} else if s == store.StepCommitted {
				commits.Add(1)
			}
		}})
		tw.ok(err)
		defer db.Close()
		var told []int
		var at []int64 // how many there were when each mail was handed over
		d := tw.dispatcher(func(o *Options) {
			o.DB = db
			o.Letter = func(d letter.Data) (string, string, string, error) {
				told = append(told, d.Decision.Number)
				at = append(at, steps.Load(), commits.Load())
				return "", "", "", nil
			}
		})
		tw.step(d)
		tw.is("the decisions", fmt.Sprint(told), "[1 2 2 2 2 2 2 2 2 3 3 3 3 3 3 3 3]")
		want := map[string]int64{"sqlite": 5, "postgres": 4}[tw.db.Engine()]
		for i := 6; i < len(at); i += 2 {
			if mail := i/2 + 1; mail == 10 || mail == 11 {
				continue // another decision is read, and then whether that was heard of
			}
			if n, c := at[i]-at[i-2], at[i+1]-at[i-1]; n != want || c != 1 {
				t.Errorf("mail %d took %d statements and %d commits, want %d and 1", i/2+1, n, c, want)
			}
		}
	})
}
