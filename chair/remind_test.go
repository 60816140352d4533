package chair

import (
	"fmt"
	"strings"
	"testing"
	"time"

	"coopcloud.tech/goodstanding/decisions"
	"coopcloud.tech/goodstanding/internal/instant"
	"coopcloud.tech/goodstanding/member"
	"coopcloud.tech/goodstanding/notify"
	"coopcloud.tech/goodstanding/roll"
)

const week = 7 * 24 * time.Hour

// Those waited for are reminded after a third of the time, three days before the
// deadline, and every week once it is overdue; the proposer is told who they are.
func TestReminders(t *testing.T) {
	eachTold(t, func(t *testing.T, r *room) {
		id := r.opened(proposal(decisions.Large))
		ends := r.ends(id)
		third, before := r.now+(ends-r.now)/3, ends.Add(-3*24*time.Hour)
		r.remind(third)
		r.later(time.Hour)
		r.cast(id, 1, decisions.Favour, "")
		r.now = third - 1
		r.remind(third)
		r.wantTold(notify.NotVoted, "")
		r.now = third
		r.remind(before)
		asked := "2/third Delegate 00, 2/third Delegate 02, 2/third Fay, 2/third contact of Post, 2/third nobody about Mute no_address"
		r.wantTold(notify.NotVoted, asked)
		r.wantTold(notify.StillMissing, "")
		r.later(time.Hour)
		r.cast(id, 2, decisions.Favour, "")
		r.now = before.Add(time.Minute)
		r.remind(0)
		_, r.c = r.parts(r.db) // another process, which remembers nothing
		r.remind(0)
		asked = "2/before Delegate 00, 2/before Fay, 2/before contact of Post, 2/before nobody about Mute no_address, " + asked
		r.wantTold(notify.NotVoted, asked)
		r.wantTold(notify.StillMissing, "2/before Delegate 00, 2/before Fay")
		r.now = ends.Add(time.Minute)
		r.remind(ends.Add(week))
		r.wantTold(notify.NotVoted, asked)
		r.wantTold(notify.StillMissing, "2/before Delegate 00, 2/before Fay, 5/overdue Delegate 00, 5/overdue Fay")
		r.now = ends.Add(week)
		r.remind(ends.Add(2 * week))
		weekly := func(n, state string) string {
			return "5/overdue/" + n + " Delegate 00" + state + ", 5/overdue/" + n + " Fay" + state + ", 5/overdue/" + n + " contact of Post" + state + ", 5/overdue/" + n +
				" nobody about Mute no_address, "
		}
		asked += ", " + weekly("1", "")
		r.wantTold(notify.NotVoted, asked[:len(asked)-2])
		r.now = ends.Add(4*week + time.Hour) // the program was away: the newest one goes
		r.remind(ends.Add(5 * week))
		asked += weekly("2", " suppressed too_late") + weekly("3", " suppressed too_late") + weekly("4", "")
		r.wantTold(notify.NotVoted, asked[:len(asked)-2])
		for _, row := range r.rows(notify.NotVoted) {
			if row.Cause == string(id)+"/5/overdue/3" && row.DueAt != ends.Add(3*week) {
				t.Errorf("the third weekly reminder was due at %s", row.DueAt)
			}
		}
	})
}

// What was missed while the program was away is recorded, and is not sent.
func TestRemindersThatWereMissed(t *testing.T) {
	r := oneRoom(t, 1)
	r.starts()
	id := r.opened(proposal(decisions.Large))
	ends := r.ends(id)
	third := r.now + (ends-r.now)/3
	r.now = third.Add(23 * time.Hour)
	r.remind(ends.Add(-3 * 24 * time.Hour))
	r.wantTold(notify.NotVoted, "2/third Delegate 00, 2/third Fay") // restarted within a day
	other := r.opened(proposal(decisions.Large))
	r.cast(other, 0, decisions.Favour, "")
	r.later(3 * 24 * time.Hour)
	_, err := r.c.Retract(t.Context(), other, r.by(0)) // was not waited for after a third of the time
	r.ok(err)
	r.now = r.ends(other).Add(time.Hour)
	r.remind(ends.Add(week))
	late := "2/before Delegate 00 suppressed too_late, 2/before Delegate 00 suppressed too_late, 2/before Fay suppressed too_late, 2/before Fay suppressed too_late, "
	told := "2/third Delegate 00, 2/third Fay"
	r.wantTold(notify.NotVoted, late+told)
	r.wantTold(notify.StillMissing, late+"3/overdue Delegate 00, 3/overdue Fay, 5/overdue Delegate 00, 5/overdue Fay")
	r.later(8 * 24 * time.Hour)
	_, err = r.c.Amend(t.Context(), other, r.by(0), func(t *decisions.Text) { t.Changes = "We use two." }, false)
	r.ok(err)
	r.remind(ends.Add(2 * week))
	weekly := ", 3/overdue/1 Delegate 00, 3/overdue/1 Fay, 5/overdue/1 Delegate 00 suppressed too_late, 5/overdue/1 Fay suppressed too_late" // that one is open again
	r.wantTold(notify.NotVoted, late+told+weekly)
}

// A deadline that moves is reminded of anew, and a new text is; a member that has
// its vote back later is not told what others were told before.
func TestRemindersFollowTheDeadline(t *testing.T) {
	r := oneRoom(t, 1)
	ctx := t.Context()
	r.starts()
	late, _, err := r.roll.Add(ctx, r.operator("joined"), roll.NewMember{Name: "Late", Kind: member.Organisation, Since: instant.Date(2026, 1, 1)})
	r.ok(err)
	_, err = r.roll.NoAccount(ctx, r.operator("pays by transfer"), late, true)
	r.ok(err)
	lea := r.person("Lea", late)
	r.later(time.Minute)
	p := proposal(decisions.Large)
	p.Deadline = decisions.Day{Year: 2026, Month: 6, Date: 30}
	id := r.opened(p)
	r.now += (r.ends(id) - r.now) / 3
	before := r.ends(id).Add(-3 * 24 * time.Hour)
	r.remind(before)
	third := "2/third Delegate 00, 2/third Fay"
	r.wantTold(notify.NotVoted, third)
	r.waive(late)
	r.later(time.Hour)
	_, r.c = r.parts(r.db)
	r.remind(before)
	r.wantTold(notify.NotVoted, third)
	r.now = before
	r.remind(0)
	told := "2/before Delegate 00, 2/before Fay, 2/before Lea, " + third
	r.wantTold(notify.NotVoted, told)
	r.later(time.Hour)
	_, err = r.c.Amend(ctx, id, r.by(0), func(t *decisions.Text) { t.Changes = "We use two." }, false)
	r.ok(err)
	if r.ends(id) == before.Add(3*24*time.Hour) {
		t.Fatal("the deadline did not move")
	}
	again := r.now + (r.ends(id)-r.now)/3
	r.remind(again)
	r.now = again
	r.remind(r.ends(id).Add(-3 * 24 * time.Hour))
	r.wantTold(notify.NotVoted, told+", 3/third Delegate 00, 3/third Fay, 3/third Lea")
	r.now = r.ends(id).Add(-3 * 24 * time.Hour)
	r.remind(0)
	r.wantTold(notify.NotVoted, told+", 3/before Delegate 00, 3/before Fay, 3/before Lea, 3/third Delegate 00, 3/third Fay, 3/third Lea")
	r.cast(id, 0, decisions.Favour, "")
	for who, asked := range map[string]bool{r.who[0].ID: false, r.fay.ID: false, lea.ID: true} {
		if (r.letter(notify.NotVoted, who) != nil) != asked {
			t.Errorf("%s is asked right before it goes: %v, want %v", who, !asked, asked)
		}
	}
}

// A person who nudges reminds at once, in a medium decision too, which has no
// reminders of its own.
func TestNudging(t *testing.T) {
	r := oneTold(t)
	id := r.opened(proposal(decisions.Medium))
	r.cast(id, 0, decisions.Favour, "")
	r.later(5 * 24 * time.Hour)
	r.remind(0)
	r.wantTold(notify.NotVoted, "")
	_, err := r.c.Nudge(t.Context(), id, r.by(0))
	r.ok(err)
	nudged := "4 Delegate 01, 4 Delegate 02, 4 Fay, 4 contact of Post, 4 nobody about Mute no_address"
	r.wantTold(notify.NotVoted, nudged)
	_, err = r.c.Escalate(t.Context(), id, r.by(1), decisions.Large, "It is dear.")
	r.ok(err)
	r.remind(r.now + (r.ends(id)-r.now)/3)
	r.wantTold(notify.NotVoted, nudged) // the time as a medium one is history
}

// The first reminder is left out where the one before the deadline comes sooner,
// and that one where the deadline was set when its moment was past.
func TestStages(t *testing.T) {
	third, err := decisions.ParseFraction("1/3")
	if err != nil {
		t.Fatal(err)
	}
	const day = instant.Day
	r := rhythm{third, 3 * 24 * time.Hour, week}
	for name, c := range map[string]struct {
		s    span
		r    rhythm
		now  instant.Instant
		want string
	}{
		"a week":                   {span{seq: 2, textSeq: 2, ends: 7 * day}, r, day, "2/third 2.33, 2/before 4.00"},
		"four days":                {span{seq: 2, textSeq: 2, ends: 4 * day}, r, day, "2/before 1.00"},
		"two days":                 {span{seq: 2, textSeq: 2, ends: 2 * day}, r, day, "2/third 0.67"},
		"a deadline that moved":    {span{seq: 9, textSeq: 2, from: 2 * day, ends: 9 * day}, r, day, "2/third 3.00, 9/before 6.00"},
		"no first reminder":        {span{seq: 2, textSeq: 2, ends: 7 * day}, rhythm{decisions.Fraction{}, r.before, week}, day, "2/before 4.00"},
		"none before the deadline": {span{seq: 2, textSeq: 2, ends: 6 * day}, rhythm{third, 0, week}, day, "2/third 2.00"},
		"overdue for eight days":   {span{seq: 5, textSeq: 2}, r, 8 * day, "5/overdue 0.00, 5/overdue/1 7.00, 5/overdue/2 14.00"},
		"overdue, and no reminder": {span{seq: 5, textSeq: 2}, rhythm{third, r.before, 0}, 8 * day, "5/overdue 0.00"},
	} {
		var got []string
		for _, s := range c.s.stages(c.r, c.now) {
			got = append(got, fmt.Sprintf("%d/%s %.2f", s.seq, s.name, float64(s.at)/float64(day)))
		}
		if strings.Join(got, ", ") != c.want {
			t.Errorf("%s: %s, want %s", name, strings.Join(got, ", "), c.want)
		}
	}
}

// The moment of a stage is exact where a fraction of microseconds is not whole.
func TestPart(t *testing.T) {
	f, err := decisions.ParseFraction("2/3")
	if err != nil {
		t.Fatal(err)
	}
	for of, want := range map[instant.Instant]instant.Instant{0: 0, 1: 0, 2: 1, 3: 2, 8: 5, 3 << 60: 2 << 60} {
		if got := part(of, f); got != want {
			t.Errorf("2/3 of %d is %d, want %d", of, got, want)
		}
	}
}
