package dispatch

import (
	"context"
	"errors"
	"fmt"
	"testing"
	"time"

	"coopcloud.tech/goodstanding/chair"
	"coopcloud.tech/goodstanding/decisions"
	"coopcloud.tech/goodstanding/internal/dbtest"
	"coopcloud.tech/goodstanding/internal/instant"
	"coopcloud.tech/goodstanding/member"
	"coopcloud.tech/goodstanding/notify"
	"coopcloud.tech/goodstanding/notify/letter"
	"coopcloud.tech/goodstanding/store"
)

// enqueue writes notices that are due now.
func (tw *town) enqueue(ms ...notify.Message) {
	tw.t.Helper()
	tw.write(store.NoStream, func(ctx context.Context, tx *store.Tx) error {
		for _, m := range ms {
			if m.DueAt, m.State = tx.Now(), notify.Waiting; m.Channel == "" {
				m.Channel = notify.Email
			}
			if err := tx.Enqueue(ctx, m); err != nil {
				return err
			}
		}
		return nil
	})
}

func about(k notify.Kind, m member.ID, cause, to string) notify.Message {
	return notify.Message{Occasion: notify.Occasion{Kind: k, Member: m, Cause: cause}, Recipient: to}
}

// Who has no address any more, whose mails come back, who does without, and who is
// no delegate any more is sent nothing, and the ledger says why.
func TestWhoCannotOrWillNotBeTold(t *testing.T) {
	eachTown(t, func(t *testing.T, tw *town) {
		shed := tw.payer("Red Shed")
		ada, bo, cy, di := tw.person("Ada", shed), tw.person("Bo", shed), tw.person("Cy"), tw.person("Di", shed)
		tw.write(store.Entries, func(ctx context.Context, tx *store.Tx) error {
			return errors.Join(tx.SetBounce(ctx, store.Bounce{Recipient: string(ada), Address: "ada@people.example", At: tx.Now()}),
				tx.SetWish(ctx, store.Wish{Recipient: string(bo), Declined: []notify.Kind{notify.Opportunity}}))
		})
		tw.enqueue(about(notify.DelegateWelcome, shed, "1", string(ada)), about(notify.DelegateWelcome, shed, "2", "c_gone"),
			about(notify.DelegateWelcome, shed, "3", string(cy)), about(notify.DelegateWelcome, shed, "4", string(di)),
			about(notify.Opportunity, "", "5", string(bo)), about(notify.Opportunity, "", "5", string(di)),
			notify.Message{Occasion: notify.Occasion{Kind: notify.DecisionOpened, Cause: "6"}, Recipient: notify.Room, Channel: notify.Matrix})
		work := func(_ context.Context, _ *store.Tx, _ store.OutboxRow, _ Recipient, data letter.Data) (letter.Data, Verdict, error) {
			return data, Goes(), nil
		}
		tw.step(tw.dispatcher(func(o *Options) { o.Extra = map[notify.Kind]Gather{notify.Opportunity: work} }))
		tw.is("welcome", tw.became(notify.DelegateWelcome), "no_address bounced, no_address gone, sent, suppressed dropped, suppressed superseded")
		tw.is("work", tw.became(notify.Opportunity), "sent, suppressed opted_out")
		tw.is("in no room", tw.became(notify.DecisionOpened), "suppressed no_room")
		tw.is("mails", tw.mails.texts(), "di@people.example delegate_welcome Dear Di: Red Shed\ndi@people.example opportunity Dear Di: ")
	})
}

// That a member has a delegate is told to its contact, and to the account that it pays
// from, while they are that, and while the person is one.
func TestContactsAndPayersAreToldOfADelegate(t *testing.T) {
	eachTown(t, func(t *testing.T, tw *town) {
		shed, barn := tw.payer("Red Shed"), tw.payer("Blue Barn")
		tw.write(store.Entries, func(ctx context.Context, tx *store.Tx) error {
			_, err := tx.SetAccountDetails(ctx, []store.AccountDetail{{Account: "acc-shed", Slug: "shed", Name: "Shed Ltd", Emails: []string{"money@shed.example"}, Seen: tx.Now()},
				{Account: "acc-barn", Slug: "barn", Name: "Barn Ltd", Emails: []string{"money@barn.example"}, Seen: tx.Now()}})
			return errors.Join(err, tx.SetContact(ctx, store.Contact{ID: "c_shed", Member: shed, Email: "office@shed.example"}),
				tx.SetContact(ctx, store.Contact{ID: "c_barn", Member: barn, Email: "office@barn.example"}),
				tx.AddLinks(ctx, store.LinkRow{ID: "l_1", Member: shed, Account: "acc-shed"}, store.LinkRow{ID: "l_2", Member: barn, Account: "acc-barn"}))
		})
		for i, to := range []string{"c_shed", "c_barn", notify.AccountPrefix + "acc-shed", notify.AccountPrefix + "acc-barn", notify.AccountPrefix + "acc-none"} {
			tw.enqueue(about(notify.DelegateAdded, shed, fmt.Sprint(i), to))
		}
		tw.step(tw.dispatcher())
		tw.is("told", tw.mails.texts(), "money@shed.example delegate_added Dear Shed Ltd: Red Shed\noffice@shed.example delegate_added Dear Red Shed: Red Shed")
	})
}

// The letter about a ballot is about one member: two of them go in two mails.
func TestTwoBallotsAreTwoMails(t *testing.T) {
	tw := newTown(t, dbtest.SQLiteDSN(t))
	shed, barn := tw.payer("Red Shed"), tw.payer("Blue Barn")
	ada := tw.person("Ada", shed, barn)
	tw.person("Bo", shed, barn)
	by := func(id member.ID) chair.By {
		return chair.By{Actor: member.Actor{ID: string(ada), Label: "someone"}, Member: id}
	}
	tw.later(time.Hour)
	made, err := tw.chair.Propose(t.Context(), by(shed), decisions.Proposal{Text: decisions.Text{Title: "A calendar", Changes: "We use one.", Affects: "All.", Channel: "the room"},
		Size: decisions.Large, Kind: decisions.General, Visibility: decisions.Public})
	tw.ok(err)
	id := made.Receipt.Decision
	_, err = tw.chair.Open(t.Context(), id, by(shed))
	tw.ok(err)
	for _, m := range []member.ID{shed, barn} {
		_, err = tw.chair.Cast(t.Context(), id, by(m), decisions.Favour, "")
		tw.ok(err)
	}
	tw.beat()
	d := tw.dispatcher(func(o *Options) {
		o.Letter = func(d letter.Data) (subject, text, page string, err error) {
			l, err := letter.BuiltIn().Render(d)
			return l.Subject, "", "", err
		}
	})
	for range 5 {
		tw.step(d)
		tw.later(time.Minute)
	}
	tw.is("the ledger", tw.became(notify.BallotCast), "sent")
}

// Decisions: who has answered is not reminded, and nobody once it is decided. The
// room is told what its event is.
func TestDecisionsAreLookedAtAgain(t *testing.T) {
	eachTown(t, func(t *testing.T, tw *town) {
		id, by := tw.opened("Red Shed", "Blue Barn")
		_, err := tw.chair.Cast(t.Context(), id, by(0), decisions.Favour, "")
		tw.ok(err)
		cause := string(id) + "/2"
		var said, event string
		room := func(o *Options) {
			o.Announcement = func(d letter.Data) (string, string, error) {
				return fmt.Sprint(d.Kind, " ", d.Decision.Title, " ", d.Decision.Seats), "", nil
			}
			o.Room = func(_ context.Context, txn, text, html string) (string, error) { said = text; return "$event", nil }
			o.Taken = func(_ context.Context, _ *store.Tx, ns []store.OutboxRow, e string) error { event += e; return nil }
			o.Letter = func(d letter.Data) (string, string, string, error) {
				return string(d.Kind), fmt.Sprint(d.To, " ", d.Decision.Waited), "", nil
			}
		}
		d := tw.dispatcher(room)
		tw.enqueue(about(notify.NotVoted, "", cause, by(0).Actor.ID), about(notify.NotVoted, "", cause, by(1).Actor.ID))
		tw.step(d)
		tw.is("mails", tw.mails.texts(), "ada@people.example decision_opened Ada []\nbo@people.example decision_opened Bo []\n"+
			"bo@people.example not_voted Bo [Blue Barn]")
		tw.is("reminded", tw.became(notify.NotVoted), "recovered, sent")
		tw.is("the room", said+event, "decision_opened A calendar 14$event")

		_, err = tw.chair.Withdraw(t.Context(), id, by(0), "no need")
		tw.ok(err)
		tw.enqueue(about(notify.DecisionMoreTime, "", cause, by(1).Actor.ID), about(notify.DecisionResult, "", cause, by(1).Actor.ID))
		tw.step(d)
		tw.is("once it is decided", tw.became(notify.DecisionMoreTime)+", "+tw.became(notify.DecisionResult), "suppressed superseded, no_address, sent")
		tw.is("announced", tw.announced(id), "the federation's room")
	})
}

// announced is where the opening of a decision is recorded as announced.
func (tw *town) announced(id chair.ID) (places string) {
	tw.t.Helper()
	v, err := tw.chair.Read(tw.t.Context(), id)
	tw.ok(err)
	for _, a := range v.Decision.Announced {
		places += a.Place
	}
	return places
}

// What was written for the treasurers when there was none goes to those who are.
func TestEachTreasurerIsTold(t *testing.T) {
	eachTown(t, func(t *testing.T, tw *town) {
		told := func(o *Options) {
			o.Fill = func(_ context.Context, _ *store.Tx, n store.OutboxRow, base letter.Data) (letter.Data, bool, error) {
				return base, n.Cause != "snapshot:3", nil // that is over
			}
		}
		tw.enqueue(about(notify.Stale, "", "snapshot:1", notify.Treasurers))
		d := tw.dispatcher(told)
		tw.step(d)
		tw.is("nobody", tw.became(notify.Stale), "no_address")
		tom, tess := tw.person("Tom"), tw.person("Tess")
		for _, p := range []member.PersonID{tom, tess} {
			tw.ok(tw.roll.SetRole(t.Context(), tw.operator(), p, member.Treasurer, true))
		}
		tw.hush()
		tw.enqueue(about(notify.Stale, "", "snapshot:2", notify.Treasurers), about(notify.Stale, "", "snapshot:3", string(tom)),
			about(notify.Stale, "", "snapshot:4", string(tw.person("Una"))))
		tw.step(d)
		tw.step(d)
		tw.is("mails", tw.mails.texts(), "tess@people.example stale Dear Tess: \ntom@people.example stale Dear Tom: ")
		tw.is("the ledger", tw.became(notify.Stale), "no_address, sent, suppressed superseded")
	})
}

// Mails to one domain are apart, and those to others do not wait for them.
func TestDomainsTakeTurns(t *testing.T) {
	eachTown(t, func(t *testing.T, tw *town) {
		for _, name := range []string{"Red Shed", "Blue Barn", "Old Mill"} {
			tw.payer(name)
		}
		tw.person("Ada", tw.ids["Old Mill"])
		tw.late()
		d := tw.dispatcher(func(o *Options) { o.Pace = notify.NewPace(time.Second) })
		began := tw.clock()
		for i, want := range []int{2, 3, 4, 4} {
			next := tw.step(d)
			if taken, _ := tw.mails.counts(); taken != want {
				t.Errorf("after %s %d mails went, want %d", tw.clock().Sub(began), taken, want)
			}
			if i < 2 && next != tw.clock().Add(time.Second) {
				t.Errorf("the next may go at %s", next)
			}
			tw.later(time.Second)
		}
	})
}

// A kind whose letter nothing fills waits, and is not lost.
func TestAKindThatNothingFillsWaits(t *testing.T) {
	eachTown(t, func(t *testing.T, tw *town) {
		tw.enqueue(about(notify.Digest, "", "1", string(tw.person("Tom"))))
		if next := tw.step(tw.dispatcher()); next != tw.clock()+instant.Day/24 {
			t.Errorf("it is looked at again at %s", next)
		}
		tw.is("the ledger", tw.became(notify.Digest), "waiting")
	})
}

// A notice that cannot be looked at keeps no other from going.
func TestANoticeThatPuzzlesKeepsNobody(t *testing.T) {
	eachTown(t, func(t *testing.T, tw *town) {
		tom := string(tw.person("Tom", tw.payer("Red Shed")))
		puzzled := true
		d := tw.dispatcher(func(o *Options) {
			o.Extra = map[notify.Kind]Gather{notify.Digest: func(_ context.Context, _ *store.Tx, n store.OutboxRow, _ Recipient, data letter.Data) (letter.Data, Verdict, error) {
				if n.Cause == "1" && puzzled {
					return data, Verdict{}, errors.New("it makes no sense")
				}
				return data, Goes(), nil
			}}
		})
		tw.enqueue(about(notify.Digest, "", "1", tom), about(notify.Digest, "", "2", tom))
		if next := tw.step(d); next != tw.clock().Add(puzzledFor) {
			t.Errorf("it is looked at again at %s", next)
		}
		tw.is("then", tw.became(notify.Digest), "sent, waiting")
		puzzled = false
		tw.later(puzzledFor)
		tw.step(d)
		tw.is("at last", tw.became(notify.Digest), "sent")
	})
}
