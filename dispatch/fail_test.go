package dispatch

import (
	"context"
	"errors"
	"sync"
	"testing"
	"time"

	"coopcloud.tech/goodstanding/internal/instant"
	"coopcloud.tech/goodstanding/notify"
	"coopcloud.tech/goodstanding/store"
)

// Nobody knows whether the server took it: the same mail again after the claim,
// three times, then a treasurer decides.
func TestAfterThreeUnknownOutcomesATreasurerDecides(t *testing.T) {
	eachTown(t, func(t *testing.T, tw *town) {
		tw.payer("Red Shed")
		ids := map[string]int{}
		tw.mails.says(func(e notify.Envelope) error {
			ids[e.ID]++
			return &notify.Unknown{Reason: "no answer"}
		})
		tw.late()
		d := tw.dispatcher()
		for range 6 {
			if next := tw.step(d); next > tw.clock() {
				tw.at(next)
			}
			tw.later(time.Hour)
			tw.snapshot()
		}
		tw.is("the ledger", tw.became(notify.PaymentLate), "held release:unknown_outcome")
		if len(ids) != 1 {
			t.Errorf("the Message-IDs are %v, want one", ids)
		}
		for _, n := range ids {
			if n != 3 {
				t.Errorf("it was tried %d times, want 3", n)
			}
		}
		tw.mails.says(nil)
		tw.write(store.Entries, func(ctx context.Context, tx *store.Tx) error {
			_, err := tx.ReleaseBatch(ctx, notify.ByOutcome)
			return err
		})
		tw.step(d)
		tw.is("released", tw.became(notify.PaymentLate), "sent")
	})
}

// A mailbox that is not there ends it, and is noted: the next notice does not try.
func TestAMailboxThatIsNotThere(t *testing.T) {
	eachTown(t, func(t *testing.T, tw *town) {
		tw.payer("Red Shed")
		tw.mails.says(func(notify.Envelope) error { return &notify.Rejection{Reason: "550 5.1.1", Class: notify.OfRecipient} })
		d := tw.dispatcher()
		tw.late()
		tw.step(d)
		tw.is("the first", tw.became(notify.PaymentLate), "failed refused_recipient")
		tw.mails.says(nil)
		tw.at(instant.Date(2026, 7, 16))
		tw.snapshot()
		tw.beat()
		tw.step(d)
		tw.is("the next", tw.became(notify.BeforeGraceEnds), "no_address bounced")
		if _, tried := tw.mails.counts(); tried != 1 {
			t.Errorf("%d mails were tried, want 1", tried)
		}
	})
}

// A server that cannot be reached costs no notice an attempt, and is not asked for
// each of them.
func TestAServerThatCannotBeReached(t *testing.T) {
	eachTown(t, func(t *testing.T, tw *town) {
		for _, name := range []string{"Red Shed", "Blue Barn", "Old Mill"} {
			tw.payer(name)
		}
		tw.mails.says(func(notify.Envelope) error { return errDown })
		tw.late()
		d := tw.dispatcher()
		for range 5 {
			tw.step(d)
			next := tw.step(d)
			tw.at(next)
		}
		if _, tried := tw.mails.counts(); tried != 5 {
			t.Errorf("the server was asked %d times, want 5", tried)
		}
		for _, n := range tw.rows() {
			if n.Attempts != 0 || n.Claim != "" {
				t.Errorf("%s has %d attempts, claim %q", n.Occasion, n.Attempts, n.Claim)
			}
		}
		tw.mails.says(nil)
		tw.at(tw.step(d))
		tw.step(d)
		tw.is("once it is back", tw.became(notify.PaymentLate), "sent")
	})
}

// Two processes that both believe that they lead tell nobody twice: each mail is of
// the one that has claimed it.
func TestTwoProcessesSendEachMailOnce(t *testing.T) {
	eachTown(t, func(t *testing.T, tw *town) {
		for _, name := range []string{"Red Shed", "Blue Barn", "Old Mill", "Tin Roof", "Low Gate", "Wet Field"} {
			tw.payer(name)
		}
		tw.late()
		tw.mails.says(func(notify.Envelope) error {
			time.Sleep(5 * time.Millisecond)
			return nil
		})
		one, two := tw.dispatcher(), tw.dispatcher()
		var both sync.WaitGroup
		for _, d := range []*Dispatcher{one, two} {
			both.Go(func() {
				for range 4 {
					if _, err := d.Step(t.Context()); err != nil {
						t.Error(err)
					}
				}
			})
		}
		both.Wait()
		if taken, _ := tw.mails.counts(); taken != 6 {
			t.Errorf("%d mails went, want 6:\n%s", taken, tw.mails.texts())
		}
	})
}

// Who has lost the lease claims nothing and sends nothing; what a server has taken
// from it is written down all the same, so that the next one does not send it again.
func TestTheLeaseIsTakenOver(t *testing.T) {
	eachTown(t, func(t *testing.T, tw *town) {
		tw.payer("Red Shed")
		tw.payer("Blue Barn")
		tw.late()
		take := func(seen store.Lease, holder string) store.Lease {
			t.Helper()
			l, ok, err := tw.db.TakeLease(t.Context(), seen, holder, tw.clock())
			if err != nil || !ok {
				t.Fatalf("%s has no lease: %v, %v", holder, ok, err)
			}
			return l
		}
		first := take(store.Lease{Name: "leader"}, "one")
		one := tw.dispatcher(func(o *Options) { o.DB = tw.db.Fenced(first) })
		var second store.Lease
		tw.mails.says(func(notify.Envelope) error { // the other takes over while the server answers
			second = take(first, "two")
			return nil
		})
		var lost *store.LeaseLost
		if _, err := one.Step(t.Context()); !errors.As(err, &lost) {
			t.Errorf("it went on: %v", err)
		}
		tw.is("taken from the first", tw.became(notify.PaymentLate), "sent, waiting")
		tw.mails.says(nil)
		if _, err := one.Step(t.Context()); !errors.As(err, &lost) {
			t.Errorf("it sends on: %v", err)
		}
		if taken, _ := tw.mails.counts(); taken != 1 {
			t.Errorf("%d mails went, want one", taken)
		}
		two := tw.dispatcher(func(o *Options) { o.DB = tw.db.Fenced(second) })
		tw.step(two)
		if taken, _ := tw.mails.counts(); taken != 2 {
			t.Errorf("%d mails went, want both, each once:\n%s", taken, tw.mails.texts())
		}
	})
}

// A yes that the database could not take is written down later, and nothing is
// sent again meanwhile.
func TestAYesIsWrittenDownLater(t *testing.T) {
	eachTown(t, func(t *testing.T, tw *town) {
		tw.payer("Red Shed")
		tw.late()
		away := true
		d := tw.dispatcher(func(o *Options) {
			o.Taken = func(context.Context, *store.Tx, []store.OutboxRow, string) error {
				if away {
					return errors.New("the database is away")
				}
				return nil
			}
		})
		for range 3 {
			if _, err := d.Step(t.Context()); err == nil || err.Error() != "record what became of a notice: the database is away" {
				t.Fatalf("it could be recorded: %v", err)
			}
			tw.later(time.Minute)
		}
		away = false
		tw.step(tw.dispatcher(func(o *Options) { o.Before = d })) // also by the one that sends after it
		tw.is("the ledger", tw.became(notify.PaymentLate), "sent")
		if taken, _ := tw.mails.counts(); taken != 1 {
			t.Errorf("%d mails went, want 1", taken)
		}
	})
}

// A program that ends while a server answers leaves the claim: nobody knows. One
// that has its yes writes it down all the same.
func TestAProgramThatEnds(t *testing.T) {
	eachTown(t, func(t *testing.T, tw *town) {
		tw.payer("Red Shed")
		tw.payer("Blue Barn")
		tw.late()
		ctx, end := context.WithCancel(t.Context())
		defer func() { end() }()
		n := 0
		tw.mails.says(func(notify.Envelope) error {
			end()
			if n++; n == 1 {
				return nil
			}
			return context.Canceled
		})
		_, err := tw.dispatcher().Step(ctx)
		if !errors.Is(err, context.Canceled) {
			t.Errorf("it went on: %v", err)
		}
		tw.is("the ledger", tw.became(notify.PaymentLate), "sent, waiting")
		tw.later(time.Minute / 2)
		ctx, end = context.WithCancel(t.Context())
		defer end()
		if _, err := tw.dispatcher().Step(ctx); !errors.Is(err, context.Canceled) {
			t.Errorf("it went on: %v", err)
		}
		tw.mails.says(nil)
		tw.later(time.Minute / 2)
		tw.step(tw.dispatcher())
		tw.is("while it is claimed", tw.became(notify.PaymentLate), "sent, waiting")
		tw.later(claimFor)
		tw.step(tw.dispatcher())
		tw.is("after the claim", tw.became(notify.PaymentLate), "sent")
		for _, row := range tw.rows() {
			if row.Kind == notify.PaymentLate && row.Attempts != 1 && (row.Attempts != 2 || row.Unsure != 1) {
				t.Errorf("%s: %d attempts, %d of unknown outcome", row.Occasion, row.Attempts, row.Unsure)
			}
		}
	})
}
