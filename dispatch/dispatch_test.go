package dispatch

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"
	"testing"
	"time"

	"coopcloud.tech/goodstanding/internal/dbtest"
	"coopcloud.tech/goodstanding/internal/instant"
	"coopcloud.tech/goodstanding/member"
	"coopcloud.tech/goodstanding/notify"
	"coopcloud.tech/goodstanding/notify/letter"
	"coopcloud.tech/goodstanding/policy"
	"coopcloud.tech/goodstanding/roll"
	"coopcloud.tech/goodstanding/store"
)

// A member that is late is told, once; the control of all that follow.
func TestAMemberThatIsLateIsToldOnce(t *testing.T) {
	eachTown(t, func(t *testing.T, tw *town) {
		tw.payer("Red Shed")
		tw.late()
		d := tw.dispatcher()
		for range 3 {
			tw.step(d)
			tw.later(time.Hour)
		}
		tw.step(tw.dispatcher()) // a restart
		tw.is("mails", tw.mails.texts(), "red-shed@members.example payment_late Dear Red Shed: Red Shed")
		tw.is("the ledger", tw.became(notify.PaymentLate), "sent")
	})
}

// Where a waiver followed the coverage, what is late is late since the waiver's end.
func TestALateMailSaysSinceWhen(t *testing.T) {
	tw := newTown(t, dbtest.SQLiteDSN(t))
	paid, never := tw.join("Blue Barn"), tw.join("Red Shed")
	tw.pay(paid, instant.Date(2026, 3, 1))
	for _, id := range []member.ID{paid, never} {
		_, _, err := tw.roll.Waive(t.Context(), tw.operator(), id, instant.Date(2026, 4, 1), instant.Date(2026, 7, 1), "")
		tw.ok(err)
	}
	tw.late()
	var since []string
	tw.step(tw.dispatcher(func(o *Options) {
		o.Letter = func(d letter.Data) (string, string, string, error) {
			since = append(since, d.Members[0].Name+" "+d.Members[0].Happened.String())
			return plainLetter(d)
		}
	}))
	slices.Sort(since)
	tw.is("late since", strings.Join(since, ", "), "Blue Barn 2026-07-01T00:00:00Z, Red Shed 2026-07-01T00:00:00Z")
}

// A right that unpaid dues do not take is none of those that a reminder speaks of.
func TestALateMailSpeaksOfWhatDuesTake(t *testing.T) {
	tw := newTown(t, dbtest.SQLiteDSN(t))
	text, err := policy.PresetText(policy.DefaultPreset)
	tw.ok(err)
	other := strings.NewReplacer("id: seed-2022", "id: unlisted", "from: 2022-05-15", "from: 2026-06-11", "listing:  {dues: enforced", "listing:  {dues: advisory").Replace(string(text))
	file, err := policy.Parse("other.yaml", []byte(other))
	tw.ok(err)
	_, _, err = tw.roll.EnsurePolicy(t.Context(), tw.operator(), file, false)
	tw.ok(err)
	shed := tw.payer("Red Shed")
	_, err = tw.roll.SetProfile(t.Context(), tw.operator(), shed, roll.Profile{Summary: "Sheds."})
	tw.ok(err)
	_, err = tw.roll.Consent(t.Context(), tw.operator(), shed, true, 0, "by mail")
	tw.ok(err)
	_, err = tw.roll.Approve(t.Context(), tw.operator(), shed)
	tw.ok(err)
	tw.late()
	told := ""
	tw.step(tw.dispatcher(func(o *Options) {
		o.Letter = func(d letter.Data) (string, string, string, error) {
			told += fmt.Sprint(d.Members[0].Vote, d.Members[0].Listing, d.Members[0].RightsUntil)
			return plainLetter(d)
		}
	}))
	tw.is("vote, listing, until", told, "true false 2026-07-22T00:00:00Z")
}

// Who pays between the writing of a notice and its sending is told nothing.
func TestAMemberThatPaidMeanwhileIsToldNothing(t *testing.T) {
	eachTown(t, func(t *testing.T, tw *town) {
		paid := tw.payer("Blue Barn")
		tw.payer("Red Shed")
		tw.late()
		tw.pay(paid, instant.Date(2026, 7, 1))
		tw.step(tw.dispatcher())
		tw.is("mails", tw.mails.texts(), "red-shed@members.example payment_late Dear Red Shed: Red Shed")
		tw.is("the ledger", tw.became(notify.PaymentLate), "recovered, sent")
	})
}

// Lapsed, told, back: told. Nothing bad told: nothing good told.
func TestLapsedAndBackAgain(t *testing.T) {
	eachTown(t, func(t *testing.T, tw *town) {
		lapsing, quiet := tw.payer("Red Shed"), tw.payer("Blue Barn")
		d := tw.dispatcher()
		tw.mails.says(func(e notify.Envelope) error {
			if e.To == `"Blue Barn" <blue-barn@members.example>` {
				return &notify.Rejection{Reason: "no", Class: notify.OfMessage}
			}
			return nil
		})
		for day := instant.Date(2026, 7, 2); day < instant.Date(2026, 7, 26); day += instant.Day {
			tw.at(day)
			tw.snapshot()
			tw.step(d)
		}
		tw.pay(lapsing, instant.Date(2026, 7, 25))
		tw.pay(quiet, instant.Date(2026, 7, 25))
		tw.step(d)
		tw.is("mails", tw.mails.texts(), "red-shed@members.example back_in_standing Dear Red Shed: Red Shed\n"+
			"red-shed@members.example before_grace_ends Dear Red Shed: Red Shed\n"+
			"red-shed@members.example lapsed Dear Red Shed: Red Shed\n"+
			"red-shed@members.example payment_late Dear Red Shed: Red Shed")
		tw.is("lapsed", tw.became(notify.Lapsed), "failed refused_message, sent")
		tw.is("back", tw.became(notify.BackInStanding), "sent, suppressed nothing_told")
	})
}

// Nothing goes before a treasurer starts the notices.
func TestNothingGoesBeforeTheStart(t *testing.T) {
	eachTown(t, func(t *testing.T, tw *town) {
		tw.payer("Red Shed")
		tw.late()
		tw.write(store.NoStream, func(ctx context.Context, tx *store.Tx) error { return tx.NoticesOff(ctx) })
		tw.step(tw.dispatcher())
		tw.is("mails", tw.mails.texts(), "")
		tw.is("the ledger", tw.became(notify.PaymentLate), "waiting")
	})
}

// What is held goes by itself once it may: after a reading that is new enough.
func TestWhatIsHeldGoesLater(t *testing.T) {
	eachTown(t, func(t *testing.T, tw *town) {
		tw.payer("Red Shed")
		tw.at(instant.Date(2026, 7, 6))
		tw.snapshot()
		tw.at(instant.Date(2026, 7, 7).Add(time.Hour)) // it is due, and Open Collective was read before that
		tw.beat()
		d := tw.dispatcher()
		tw.step(d)
		tw.is("before the reading", tw.became(notify.PaymentLate), "held stale")
		tw.step(d)
		tw.is("mails", tw.mails.texts(), "")
		tw.snapshot()
		tw.step(d)
		tw.is("after it", tw.became(notify.PaymentLate), "sent")
		tw.is("mails then", tw.mails.texts(), "red-shed@members.example payment_late Dear Red Shed: Red Shed")
	})
}

// Upstream down for days: no member is told anything. And who lapses with many
// others is told nothing before a treasurer has looked.
func TestNobodyIsToldInAnOutageOrUnderABrake(t *testing.T) {
	eachTown(t, func(t *testing.T, tw *town) {
		for _, name := range []string{"Red Shed", "Blue Barn", "Old Mill", "Tin Roof"} {
			tw.payer(name)
		}
		tw.late()
		tw.later(26 * time.Hour) // longer than the policy trusts a reading
		d := tw.dispatcher()
		tw.step(d)
		tw.is("in the outage", tw.became(notify.PaymentLate), "held stale")
		for day := instant.Date(2026, 7, 16); day < instant.Date(2026, 7, 24); day += instant.Day {
			tw.at(day)
			tw.snapshot() // in the last one four of sixteen lapse: the brake
		}
		tw.beat()
		tw.step(d)
		tw.is("under the brake", tw.became(notify.PaymentLate)+", "+tw.became(notify.BeforeGraceEnds), "held brake, held brake")
		tw.is("mails", tw.mails.texts(), "")
		var hold string
		tw.write(store.NoStream, func(ctx context.Context, tx *store.Tx) error {
			holds, err := tx.Holds(ctx)
			if len(holds) != 1 {
				t.Fatalf("%d holds were set, want 1", len(holds))
			}
			hold = holds[0].ID
			return err
		})
		_, err := tw.roll.Acknowledge(t.Context(), tw.operator(), hold)
		tw.ok(err)
		tw.later(time.Hour)
		tw.snapshot()
		tw.step(d)
		tw.is("acknowledged", tw.became(notify.Lapsed), "sent")
		tw.is("what was late then", tw.became(notify.PaymentLate), "suppressed too_late")
	})
}

// A person who acts for three members gets one mail that names them all, and one
// mail where a contact has the same address.
func TestOneMailNamesAllMembers(t *testing.T) {
	eachTown(t, func(t *testing.T, tw *town) {
		three := []string{"Red Shed", "Blue Barn", "Old Mill"}
		ada := tw.person("Ada")
		for _, name := range three {
			id := tw.payer(name)
			tw.acts(ada, id)
		}
		tw.write(store.NoStream, func(ctx context.Context, tx *store.Tx) error {
			return tx.SetContact(ctx, store.Contact{ID: "c_same", Member: tw.ids["Red Shed"], Email: "Ada@PEOPLE.example"})
		})
		tw.late()
		tw.step(tw.dispatcher())
		tw.is("mails", tw.mails.texts(), "ada@people.example payment_late Dear Ada: Blue Barn, Old Mill, Red Shed\n"+
			"blue-barn@members.example payment_late Dear Blue Barn: Blue Barn\n"+
			"old-mill@members.example payment_late Dear Old Mill: Old Mill\n"+
			"red-shed@members.example payment_late Dear Red Shed: Red Shed")
		letters := map[string]int{}
		for _, n := range tw.rows() {
			if n.Kind == notify.PaymentLate {
				letters[n.Letter]++
			}
		}
		if len(letters) != 4 {
			t.Errorf("the notices went in %d letters, want 4: %v", len(letters), letters)
		}
	})
}

// Who has paid meanwhile is not named in the mail about the others, and does not keep
// it from going.
func TestOneMailLeavesOutWhoHasPaid(t *testing.T) {
	eachTown(t, func(t *testing.T, tw *town) {
		ada := tw.person("Ada")
		var paid []member.ID
		for _, name := range []string{"Red Shed", "Blue Barn", "Old Mill", "Far Field"} {
			id := tw.payer(name)
			tw.acts(ada, id)
			if name != "Old Mill" {
				paid = append(paid, id)
			}
		}
		tw.write(store.NoStream, func(ctx context.Context, tx *store.Tx) error {
			contacts, err := tx.Contacts(ctx)
			for _, c := range contacts {
				err = errors.Join(err, tx.RemoveContact(ctx, c.ID))
			}
			return err
		})
		tw.late()
		for _, id := range paid {
			tw.pay(id, instant.Date(2026, 7, 1))
		}
		tw.step(tw.dispatcher())
		tw.is("mails", tw.mails.texts(), "ada@people.example payment_late Dear Ada: Old Mill")
		tw.is("the ledger", tw.became(notify.PaymentLate), "recovered, sent")
	})
}

// On another attempt the same notices travel under the same Message-ID; what joins
// later has a mail of its own. The pauses grow up to where it is given up.
func TestAnotherAttemptIsTheSameMail(t *testing.T) {
	eachTown(t, func(t *testing.T, tw *town) {
		ada := tw.person("Ada")
		for _, name := range []string{"Red Shed", "Blue Barn"} {
			tw.acts(ada, tw.payer(name))
		}
		tw.write(store.NoStream, func(ctx context.Context, tx *store.Tx) error {
			contacts, err := tx.Contacts(ctx)
			for _, c := range contacts {
				err = errors.Join(err, tx.RemoveContact(ctx, c.ID))
			}
			return err
		})
		var tried []notify.Envelope
		tw.mails.says(func(e notify.Envelope) error {
			if e.Subject == string(notify.PaymentLate) {
				tried = append(tried, e)
			}
			return &notify.Deferral{Reason: "later"}
		})
		tw.late()
		began, d := tw.clock(), tw.dispatcher()
		var pauses []time.Duration
		for range 3 {
			next := tw.step(d)
			pauses = append(pauses, next.Sub(tw.clock()))
			tw.at(next)
		}
		if want := []time.Duration{time.Minute, 2 * time.Minute, 4 * time.Minute}; len(pauses) != 3 || pauses[0] != want[0] || pauses[1] != want[1] || pauses[2] != want[2] {
			t.Errorf("the pauses are %v, want %v", pauses, want)
		}
		tw.is("between attempts", tw.became(notify.PaymentLate), "waiting retried")
		for range 40 {
			tw.snapshot()
			next := tw.step(d)
			if next == 0 || next > began.Add(7*24*time.Hour) {
				break
			}
			tw.at(next)
		}
		tw.is("in the end", tw.became(notify.PaymentLate), "failed gave_up")
		var gave instant.Instant
		tw.ok(tw.db.View(t.Context(), func(tx *store.Tx) error {
			rows, err := tx.Notices(t.Context(), store.OutboxQuery{Kind: notify.PaymentLate})
			if err != nil {
				return err
			}
			steps, err := tx.Ledger(t.Context(), rows[0].ID)
			gave = steps[len(steps)-1].At
			return err
		}))
		if gone := gave.Sub(began); gone < giveUpAfter || gone > giveUpAfter+longestPause {
			t.Errorf("given up after %s", gone)
		}
		for _, e := range tried {
			if e.ID != tried[0].ID || e.Text != "Dear Ada: Blue Barn, Red Shed" {
				t.Errorf("another attempt was %s %q, the first %s", e.ID, e.Text, tried[0].ID)
			}
		}
	})
}
