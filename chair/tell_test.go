package chair

import (
	"fmt"
	"slices"
	"strings"
	"testing"
	"time"

	"coopcloud.tech/goodstanding/decisions"
	"coopcloud.tech/goodstanding/internal/dbtest"
	"coopcloud.tech/goodstanding/internal/instant"
	"coopcloud.tech/goodstanding/member"
	"coopcloud.tech/goodstanding/notify"
	"coopcloud.tech/goodstanding/roll"
	"coopcloud.tech/goodstanding/store"
)

// starts is a treasurer who starts the notices.
func (r *room) starts() {
	r.t.Helper()
	r.ok(r.db.InTx(r.t.Context(), store.NoStream, r.now, func(tx *store.Tx) error {
		return tx.SetSetting(r.t.Context(), store.SettingNotices, r.now.String())
	}))
}

// rows are the notices of a kind.
func (r *room) rows(kind notify.Kind) (out []store.OutboxRow) {
	r.t.Helper()
	r.ok(r.db.View(r.t.Context(), func(tx *store.Tx) (err error) {
		out, err = tx.Notices(r.t.Context(), store.OutboxQuery{Kind: kind})
		return err
	}))
	return out
}

// told are the notices of a kind in words, sorted: the cause without the decision,
// for which member, to whom, the state.
func (r *room) told(kind notify.Kind) string {
	r.t.Helper()
	var out []string
	r.ok(r.db.View(r.t.Context(), func(tx *store.Tx) error {
		names := map[string]string{"": "nobody"}
		people, err := tx.People(r.t.Context())
		for _, p := range people {
			names[string(p.ID)] = p.Name
		}
		members, err2 := tx.Members(r.t.Context())
		for _, m := range members {
			names[string(m.ID)] = m.Detail.Name
		}
		contacts, err3 := tx.Contacts(r.t.Context())
		for _, c := range contacts {
			names[c.ID] = "contact of " + names[string(c.Member)]
		}
		r.ok(err)
		r.ok(err2)
		r.ok(err3)
		rows, err := tx.Notices(r.t.Context(), store.OutboxQuery{Kind: kind})
		for _, row := range rows {
			_, about, _ := strings.Cut(row.Cause, "/")
			to := row.Recipient
			if name, ok := names[to]; ok {
				to = name
			}
			line := about + " " + to
			if row.Member != "" {
				line += " about " + names[string(row.Member)]
			}
			if (row.Channel == notify.Matrix) != (row.Recipient == notify.Room) {
				line += " over " + string(row.Channel)
			}
			if row.State != notify.Waiting {
				line += " " + string(row.State)
			}
			out = append(out, strings.TrimSpace(line+" "+row.Detail))
		}
		return err
	}))
	slices.Sort(out)
	return strings.Join(out, ", ")
}

func (r *room) wantTold(kind notify.Kind, want string) {
	r.t.Helper()
	if got := r.told(kind); got != want {
		r.t.Errorf("%s: %s\nwant %s", kind, got, want)
	}
}

// bare adds a member without a delegate.
func (r *room) bare(name string, contacts ...roll.Contact) member.ID {
	r.t.Helper()
	id, _, err := r.roll.Add(r.t.Context(), r.operator("joined"), roll.NewMember{Name: name, Kind: member.Organisation, Since: instant.Date(2026, 1, 1), Contacts: contacts})
	r.ok(err)
	r.waive(id)
	return id
}

// eachTold is a federation whose notices are on: Fay is delegate of two of its
// three members, one more has a contact alone and one nobody, and one takes a
// break.
func eachTold(t *testing.T, f func(*testing.T, *room)) {
	t.Helper()
	eachRoom(t, 3, "seed-2022", func(t *testing.T, r *room) { r.toldOf(); f(t, r) })
}

// oneTold is eachTold where what the database does was tested elsewhere.
func oneTold(t *testing.T) *room {
	t.Helper()
	r := oneRoom(t, 3)
	r.toldOf()
	return r
}

// oneRoom is a federation on SQLite alone.
func oneRoom(t *testing.T, members int) *room {
	t.Helper()
	return newRoom(t, dbtest.SQLite(t), members, "seed-2022")
}

func (r *room) toldOf() {
	r.t.Helper()
	ctx := r.t.Context()
	r.ok(r.roll.SetDelegate(ctx, r.operator("asked"), member.PersonID(r.fay.ID), r.ids[1], true))
	r.bare("Post", roll.Contact{Email: "post@org.example"})
	r.bare("Mute", roll.Contact{Matrix: "@mute:example.org"})
	away := r.admit("Away", "Delegate Away")
	_, err := r.roll.Pause(ctx, roll.By{Actor: r.who[3], Reason: "winter"}, away, 0, false)
	r.ok(err)
	r.later(time.Minute)
	r.starts()
	r.later(time.Minute)
}

// everybody are all that are told of what happens to a decision, by the number of
// the entry.
func everybody(seq int) string {
	to := []string{"Delegate 00", "Delegate 01", "Delegate 02", "Fay", "contact of Post", "nobody about Mute no_address", "room"}
	for i := range to {
		to[i] = fmt.Sprintf("%d %s", seq, to[i])
	}
	return strings.Join(to, ", ")
}

// What happens to a decision is told to the room and, once each, to those who act
// for a member of its electorate; who takes a break is told nothing.
func TestTheMembersAreTold(t *testing.T) {
	eachTold(t, func(t *testing.T, r *room) {
		ctx := t.Context()
		id := r.opened(proposal(decisions.Medium))
		r.wantTold(notify.DecisionOpened, everybody(2))
		for _, row := range r.rows(notify.DecisionOpened) {
			if row.DueAt != r.now || row.About != 0 {
				t.Errorf("%s is due at %s and speaks of %s", row.Recipient, row.DueAt, row.About)
			}
		}
		change := func(words string) func(*decisions.Text) { return func(t *decisions.Text) { t.Changes = words } }
		_, err := r.c.Amend(ctx, id, r.by(0), change("We use two."), true)
		r.ok(err)
		r.wantTold(notify.DecisionAmended, everybody(3))
		_, err = r.c.CallMaterial(ctx, id, r.by(1))
		r.ok(err)
		r.wantTold(notify.DecisionAmended, everybody(3)+", "+everybody(4))
		_, err = r.roll.Pause(ctx, roll.By{Actor: r.who[2], Reason: "winter"}, r.ids[2], 0, false)
		r.ok(err)
		r.later(time.Hour)
		_, err = r.c.MoreTime(ctx, id, r.by(1), "It is summer.")
		r.ok(err)
		without := func(seq int) string {
			return strings.Replace(everybody(seq), fmt.Sprintf("%d Delegate 02, ", seq), "", 1)
		}
		r.wantTold(notify.DecisionMoreTime, without(5)) // who has a seat, and takes a break now
		_, err = r.c.Escalate(ctx, id, r.by(1), decisions.Large, "It is dear.")
		r.ok(err)
		r.wantTold(notify.DecisionEscalated, without(6))
		_, err = r.c.Stall(ctx, id, By{Actor: r.fay, Member: r.ids[0]}, "It is summer.")
		r.ok(err)
		_, err = r.c.Reopen(ctx, id, By{Actor: r.fay, Member: r.ids[0]}, decisions.Day{Year: 2026, Month: 8, Date: 1})
		r.ok(err)
		r.wantTold(notify.DecisionOpened, everybody(2)+", "+without(8))
		_, err = r.c.Withdraw(ctx, id, r.by(0), "Nobody wants it.")
		r.ok(err)
		r.wantTold(notify.DecisionResult, without(9))
		r.wantTold(notify.BallotCast, "")
		r.whole()
	})
}

// A result is told by whoever closes: the ballot that comes too late, or the last
// one after the deadline. A draft is told to nobody.
func TestTheResultIsToldByWhoeverCloses(t *testing.T) {
	r := oneTold(t)
	ctx := t.Context()
	draft, err := r.c.Propose(ctx, r.by(0), proposal(decisions.Large))
	r.ok(err)
	_, err = r.c.Withdraw(ctx, draft.Receipt.Decision, r.by(0), "A mistake.")
	r.ok(err)
	id := r.opened(proposal(decisions.Medium))
	_, err = r.c.Announce(ctx, id, r.by(0), "the room")
	r.ok(err)
	ends := r.ends(id)
	r.now = ends.Add(time.Hour)
	if _, err = r.c.Cast(ctx, id, r.by(1), decisions.Favour, ""); err == nil {
		t.Error("a ballot after the deadline")
	}
	r.wantTold(notify.DecisionResult, everybody(4))
	for _, row := range r.rows(notify.DecisionResult) {
		if row.DueAt != ends {
			t.Errorf("due at %s", row.DueAt)
		}
	}
	if closed, err := r.c.CloseDue(ctx); err != nil || len(closed) != 0 {
		t.Errorf("%v, %v", closed, err)
	}
	r.wantTold(notify.DecisionResult, everybody(4))
}

// The other delegates of a member learn that its vote was cast, changed or taken
// back, and by whom not.
func TestTheOtherDelegatesAreToldOfABallot(t *testing.T) {
	eachTold(t, func(t *testing.T, r *room) {
		id := r.opened(proposal(decisions.Large))
		r.cast(id, 0, decisions.Favour, "")
		r.cast(id, 2, decisions.Favour, "") // has no other delegate
		_, err := r.c.Put(t.Context(), id, r.by(0), decisions.Favour, "")
		r.ok(err)
		r.wantTold(notify.BallotCast, "3 Fay about Member 00")
		_, err = r.c.Retract(t.Context(), id, By{Actor: r.fay, Member: r.ids[0]})
		r.ok(err)
		r.wantTold(notify.BallotCast, "3 Fay about Member 00, 5 Delegate 00 about Member 00")
	})
}

// Until the notices are started all of it is kept as before their start, and so is
// what happened before, whoever closes it later.
func TestBeforeTheStartNobodyIsTold(t *testing.T) {
	r := oneRoom(t, 2)
	id := r.opened(proposal(decisions.Medium))
	r.wantTold(notify.DecisionOpened, "2 Delegate 00 before_start, 2 Delegate 01 before_start, 2 Fay before_start, 2 room before_start")
	_, err := r.c.Announce(t.Context(), id, r.by(0), "the room")
	r.ok(err)
	r.now = r.ends(id).Add(time.Hour)
	r.starts()
	if _, err := r.c.CloseDue(t.Context()); err != nil {
		t.Fatal(err)
	}
	r.wantTold(notify.DecisionResult, "4 Delegate 00 before_start, 4 Delegate 01 before_start, 4 Fay before_start, 4 room before_start")
}

// A member that is added to an electorate is told of the opening, and nobody else
// once more.
func TestWhoIsAddedIsTold(t *testing.T) {
	r := oneTold(t)
	id := r.opened(proposal(decisions.Large))
	r.later(time.Minute)
	late := r.admit("Late", "Delegate Late")
	r.later(time.Minute)
	_, err := r.c.ChangeElectorate(t.Context(), id, By{Actor: r.fay, Member: r.ids[0], Second: &r.who[2], SecondMember: r.ids[2]}, AddSeat, late, "It was left out.")
	r.ok(err)
	r.wantTold(notify.DecisionOpened, everybody(2)+", 3 Delegate Late")
}

// What was imported announces nothing, also where its file tells later how it
// ended; what a facilitator takes up here is opened here.
func TestImportedDecisionsAnnounceNothing(t *testing.T) {
	r := oneTold(t)
	all := func() (n int) {
		for _, k := range notify.Kinds() {
			if k.Group() == notify.AboutDecisions {
				n += len(r.rows(k))
			}
		}
		return n
	}
	r.imports(readFile(t, "large/025.md", file25), readFile(t, "passed/002.md", file2))
	r.later(time.Minute)
	if got := r.imports(readFile(t, "withdrawn/002.md", strings.Replace(file2, "Passed on", "Withdrawn on", 1))); got != "changed" {
		t.Errorf("its file says how it ended: %s", got)
	}
	r.remind(0)
	if n := all(); n != 0 {
		t.Errorf("%d notices", n)
	}
	_, err := r.c.Reopen(t.Context(), mustFind(r, "25"), By{Actor: r.fay, Member: r.ids[0]}, decisions.Day{Year: 2026, Month: 7, Date: 1})
	r.ok(err)
	r.wantTold(notify.DecisionOpened, everybody(2))
}

// ends is the instant of a decision's deadline.
func (r *room) ends(id ID) instant.Instant {
	r.t.Helper()
	d := r.read(id).Decision
	return d.Ends()
}

// remind lets the daemon look, and says when it wants to look again: n is that
// instant, 0 for none.
func (r *room) remind(want instant.Instant) {
	r.t.Helper()
	if _, err := r.c.CloseDue(r.t.Context()); err != nil {
		r.t.Fatal(err)
	}
	next, err := r.c.Remind(r.t.Context())
	r.ok(err)
	if next != want {
		r.t.Errorf("%s: the next reminder is at %s, want %s", r.now, next, want)
	}
}
