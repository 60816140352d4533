package chair

import (
	"errors"
	"maps"
	"strings"
	"testing"
	"time"

	"coopcloud.tech/goodstanding/decisions"
	"coopcloud.tech/goodstanding/eligibility"
	"coopcloud.tech/goodstanding/internal/instant"
	"coopcloud.tech/goodstanding/member"
	"coopcloud.tech/goodstanding/policy"
	"coopcloud.tech/goodstanding/roll"
	"coopcloud.tech/goodstanding/store"
)

// A large decision from its draft to its end.
func TestALargeDecision(t *testing.T) {
	eachRoom(t, 3, "seed-2022", func(t *testing.T, r *room) {
		ctx := t.Context()
		done, err := r.c.Propose(ctx, r.by(0), proposal(decisions.Large))
		r.ok(err)
		id := done.Receipt.Decision
		if done.Number != 0 || done.Decision.State != decisions.Draft || done.Seq != 1 || len(done.Hash) != 64 {
			t.Errorf("a draft: %+v", done.Receipt)
		}
		done, err = r.c.Open(ctx, id, r.by(0))
		r.ok(err)
		if done.Number != 1 || done.Decision.Deadline.String() != "2026-06-08" || len(done.Decision.Electorate) != 3 || done.Outcome.Stands() != "waiting for 3" {
			t.Errorf("opened: %+v %s", done.Receipt, done.Outcome.Stands())
		}
		if again, err := r.c.Find(ctx, "1"); err != nil || again != id {
			t.Errorf("number 1 is %s, %v", again, err)
		}
		r.later(time.Hour)
		r.cast(id, 0, decisions.Favour, "")
		r.cast(id, 1, decisions.Against, "Too dear.")
		_, err = r.c.Cast(ctx, id, r.by(2), decisions.Block, "")
		r.refused(err, "the ballot is refused: the answer block says in words what the concern is")
		_, err = r.c.AnswerConcern(ctx, id, r.by(0), 1, "It costs nothing.")
		r.ok(err)
		receipt := r.cast(id, 2, decisions.Favour, "").Receipt
		v := r.read(id)
		if v.Outcome.Stands() != "would pass" || v.Decision.Concerns[0].Words != "Too dear." || v.Head.Hash != receipt.Hash || v.Head.Seq != receipt.Seq {
			t.Errorf("%s, %+v", v.Outcome.Stands(), v.Head)
		}
		r.whole()
		if next, err := r.c.NextDue(ctx); err != nil || next != instant.Date(2026, 6, 8).Add(23*time.Hour) {
			t.Errorf("the next deadline is %s, %v", next, err)
		}
		r.now = instant.Date(2026, 6, 8).Add(23*time.Hour - 1) // one microsecond too early: London is an hour ahead
		if closed, err := r.c.CloseDue(ctx); err != nil || len(closed) != 0 || r.read(id).Decision.State != decisions.Opened {
			t.Errorf("closed %+v, %v", closed, err)
		}
		r.later(30 * 24 * time.Hour)
		if v := r.read(id); v.Decision.State != decisions.Passed || v.Outcome.At != instant.Date(2026, 6, 8).Add(23*time.Hour) || v.Head.State != "open" {
			t.Errorf("read a month later: %s at %s, stored %s", v.Decision.State, v.Outcome.At, v.Head.State)
		}
		closed, err := r.c.CloseDue(ctx)
		if err != nil || len(closed) != 1 || closed[0] != (Closed{id, 1, decisions.Passed, instant.Date(2026, 6, 8).Add(23 * time.Hour)}) {
			t.Errorf("%+v, %v", closed, err)
		}
		if closed, err := r.c.CloseDue(ctx); err != nil || len(closed) != 0 {
			t.Errorf("closed again: %+v, %v", closed, err)
		}
		if next, err := r.c.NextDue(ctx); err != nil || next != 0 {
			t.Errorf("the next deadline is %s, %v", next, err)
		}
		if _, err := r.c.Cast(ctx, id, r.by(1), decisions.Favour, ""); err == nil || err.Error() != "the ballot is refused: the decision is passed, which is final" {
			t.Errorf("%v", err)
		}
		r.whole()
	})
}

// A ballot at the deadline's instant is late, whoever notices first: the act
// that comes too late closes the decision and is refused.
func TestTheDeadlineHoldsWithoutAJob(t *testing.T) {
	eachRoom(t, 3, "seed-2022", func(t *testing.T, r *room) {
		id := r.opened(proposal(decisions.Medium))
		_, err := r.c.Announce(t.Context(), id, r.by(0), "the room")
		r.ok(err)
		r.now = instant.Date(2026, 6, 8).Add(23 * time.Hour)
		_, err = r.c.Cast(t.Context(), id, r.by(1), decisions.Against, "Too dear.")
		r.refused(err, "the ballot is refused: the decision is passed, which is final")
		if v := r.read(id); v.Head.State != "passed" || len(v.Decision.Ballots) != 0 || v.Outcome.At != r.now {
			t.Errorf("%+v", v.Head)
		}
		r.whole()
	})
}

// Whose dues are not paid has no vote, and reads why and what to do; it has a
// place in the electorate, and votes once they are.
func TestAMemberWithoutAVote(t *testing.T) {
	eachRoom(t, 2, "seed-2022", func(t *testing.T, r *room) {
		late, _, err := r.roll.Add(t.Context(), r.operator("joined"), roll.NewMember{Name: "Late", Kind: member.Organisation, Since: instant.Date(2026, 1, 1)})
		r.ok(err)
		_, err = r.roll.NoAccount(t.Context(), r.operator("pays by transfer"), late, true)
		r.ok(err)
		lea := r.person("Lea", late)
		r.later(time.Minute)
		id := r.opened(proposal(decisions.Large))
		v := r.read(id)
		if len(v.Decision.Electorate) != 3 || len(v.Outcome.Tally.Waiting) != 2 || len(v.Outcome.Tally.Unable) != 1 {
			t.Errorf("%d seats, %+v", len(v.Decision.Electorate), v.Outcome.Tally)
		}
		_, err = r.c.Cast(t.Context(), id, By{Actor: lea}, decisions.Favour, "")
		if err == nil || !strings.HasPrefix(err.Error(), "the ballot is refused: no right to vote: ") || !strings.Contains(err.Error(), "£10.00") && !strings.Contains(err.Error(), "Open Collective") {
			t.Errorf("says %v", err)
		}
		_, err = r.c.Propose(t.Context(), By{Actor: lea}, proposal(decisions.Large))
		if err == nil || !strings.HasPrefix(err.Error(), "proposing this is refused: no right to vote: ") {
			t.Errorf("says %v", err)
		}
		r.waive(late)
		r.later(time.Minute)
		done, err := r.c.Cast(t.Context(), id, By{Actor: lea}, decisions.Favour, "")
		r.ok(err)
		if done.Outcome.Tally.Favour != 1 || len(done.Outcome.Tally.Waiting) != 2 {
			t.Errorf("%+v", done.Outcome.Tally)
		}
		r.whole()
	})
}

// A passed admission makes the applicant a member from the closing instant on.
func TestADecisionAdmits(t *testing.T) {
	eachRoom(t, 2, "coopcloud-2023", func(t *testing.T, r *room) {
		ctx := t.Context()
		ash, _, err := r.roll.Add(ctx, r.operator("asked"), roll.NewMember{Name: "Ash", Kind: member.Organisation, Applied: true})
		r.ok(err)
		asa := r.person("Asa", ash)
		r.later(time.Minute)
		p := proposal(decisions.Large)
		p.Kind, p.Applicant = decisions.Admit, ash
		id := r.opened(p)
		// A second one about the same applicant is opened only once this is over.
		again, err := r.c.Propose(ctx, r.by(1), p)
		r.ok(err)
		refusedFor := func(want string) {
			t.Helper()
			_, err := r.c.Open(ctx, again.Receipt.Decision, r.by(1))
			if refused, ok := errors.AsType[*roll.Refused](err); !ok || refused.Reasons[0] != want {
				t.Errorf("opened anew: %v, want %s", err, want)
			}
		}
		refusedFor("decision 1 about the same applicant is being taken")
		_, err = r.c.Cast(ctx, id, By{Actor: asa}, decisions.Favour, "")
		if err == nil || !strings.Contains(err.Error(), "no place in the electorate") || !strings.Contains(err.Error(), "no right to vote") {
			t.Errorf("says %v", err)
		}
		r.cast(id, 0, decisions.Favour, "")
		r.cast(id, 1, decisions.Favour, "")
		state := func(at instant.Instant) eligibility.State {
			x, err := r.roll.Explain(ctx, ash, at, 0)
			r.ok(err)
			return x.Standing.State
		}
		v := r.read(id)
		ends := v.Decision.Ends()
		r.now = ends.Add(48 * time.Hour)
		if _, err := r.c.CloseDue(ctx); err != nil {
			t.Fatal(err)
		}
		if before, then := state(ends-1), state(ends); before != eligibility.StateApplied || then == eligibility.StateApplied {
			t.Errorf("%s before, %s then", before, then)
		}
		seen, err := r.roll.View(ctx, roll.Query{Members: []member.ID{ash}})
		r.ok(err)
		if seen.Rows[0].MemberSince != ends {
			t.Errorf("a member since %s, want %s", seen.Rows[0].MemberSince, ends)
		}
		refusedFor("who would be admitted has not applied, or is a member already")
		next := r.opened(proposal(decisions.Large))
		if got := r.read(next).Decision; len(got.Electorate) != 3 || got.Number != 2 {
			t.Errorf("%d seats, number %d", len(got.Electorate), got.Number)
		}
		r.whole()
	})
}

// An admission that passes late, by a ballot after the deadline, admits too.
func TestALateBallotAdmits(t *testing.T) {
	eachRoom(t, 3, "coopcloud-2023", func(t *testing.T, r *room) {
		ash, _, err := r.roll.Add(t.Context(), r.operator("asked"), roll.NewMember{Name: "Ash", Kind: member.Organisation, Applied: true})
		r.ok(err)
		p := proposal(decisions.Large)
		p.Kind, p.Applicant = decisions.Admit, ash
		id := r.opened(p)
		r.cast(id, 0, decisions.Favour, "")
		r.later(20 * 24 * time.Hour)
		if v := r.read(id); v.Decision.State != decisions.Overdue {
			t.Fatalf("%s", v.Decision.State)
		}
		if done := r.cast(id, 1, decisions.Favour, ""); done.Decision.State != decisions.Passed || done.Outcome.At != r.now {
			t.Errorf("%s at %s", done.Decision.State, done.Outcome.At)
		}
		v, err := r.roll.View(t.Context(), roll.Query{Members: []member.ID{ash}})
		r.ok(err)
		if v.Rows[0].MemberSince != r.now {
			t.Errorf("a member since %s, want %s", v.Rows[0].MemberSince, r.now)
		}
	})
}

func TestWhoActs(t *testing.T) {
	eachRoom(t, 3, "seed-2022", func(t *testing.T, r *room) {
		ctx := t.Context()
		both := r.person("Bo", r.ids[1], r.ids[2])
		nobody := r.person("Nia")
		r.later(time.Minute)
		id := r.opened(proposal(decisions.Large))
		cast := func(by By) error {
			_, err := r.c.Cast(ctx, id, by, decisions.Favour, "")
			return err
		}
		r.refused(cast(By{Actor: member.Actor{ID: "op_test", Operator: true}}), "decisions are people's: say who acts (on the command line with --as NAME); the operator has no voice in them")
		r.refused(cast(By{Actor: both}), "Bo is delegate of 2 members: say for which one (on the command line with --member MEMBER)")
		r.refused(cast(By{Actor: r.who[0], Member: r.ids[1]}), "Delegate 00 is no delegate of that member: its delegates, or a treasurer, can add one (goodstanding people delegate)")
		if err := cast(By{Actor: nobody}); err == nil || !strings.Contains(err.Error(), "no place in the electorate") {
			t.Errorf("says %v", err)
		}
		forged := r.who[0]
		forged.Roles, forged.Delegates = []member.Role{member.Facilitator}, r.ids
		_, err := r.c.Stall(ctx, id, By{Actor: forged}, "No time.")
		r.refused(err, "stalling this is refused: only a facilitator may do that")
		r.ok(cast(By{Actor: both, Member: r.ids[2]}))
		r.ok(cast(By{Actor: r.who[2]}))
		if v := r.read(id); v.Outcome.Tally.Favour != 1 || v.Decision.Ballots[r.ids[2]].Person != member.PersonID(r.who[2].ID) {
			t.Errorf("%+v", v.Outcome.Tally)
		}
		r.later(time.Minute)
		fresh := r.person("Fin", r.ids[1])
		r.refused(cast(By{Actor: fresh}), "Fin became a delegate while the decision was open: another delegate of the member, or its contact, has to confirm that first (goodstanding people confirm)")
		// As a facilitator, Fin acts for no member: the decision can be run.
		r.ok(r.roll.SetRole(ctx, r.operator("chosen"), member.PersonID(fresh.ID), member.Facilitator, true))
		_, err = r.c.Stall(ctx, id, By{Actor: fresh}, "Summer.")
		r.ok(err)
		_, err = r.c.Reopen(ctx, id, By{Actor: fresh}, decisions.Day{Year: 2026, Month: time.July, Date: 1})
		r.ok(err)
		r.refused(cast(By{Actor: fresh}), "Fin became a delegate while the decision was open: another delegate of the member, or its contact, has to confirm that first (goodstanding people confirm)")
		r.ok(r.roll.ConfirmDelegate(ctx, roll.By{Actor: r.who[1], Reason: "one of us"}, member.PersonID(fresh.ID), r.ids[1]))
		r.ok(cast(By{Actor: fresh}))
		late := r.person("Lou", r.ids[1])
		r.later(time.Minute)
		other := r.opened(proposal(decisions.Large))
		_, err = r.c.Cast(ctx, other, By{Actor: late}, decisions.Favour, "")
		r.ok(err)
		_, err = r.c.Cast(ctx, "de_none", By{Actor: late}, decisions.Favour, "")
		if err == nil || err.Error() != `there is no decision "de_none": see goodstanding decisions list` {
			t.Errorf("says %v", err)
		}
		r.whole()
	})
}

// The facilitator's part, more time, amendments, escalating and the electorate.
func TestTheRestOfTheTable(t *testing.T) {
	eachRoom(t, 3, "seed-2022", func(t *testing.T, r *room) {
		ctx := t.Context()
		fay := By{Actor: r.fay}
		id := r.opened(proposal(decisions.Medium))
		step := func(what string, state decisions.State) func(Result, error) {
			return func(done Result, err error) {
				t.Helper()
				if err != nil || done.Decision.State != state {
					t.Errorf("%s: %s, %v", what, done.Decision.State, err)
				}
			}
		}
		step("announce", "open")(r.c.Announce(ctx, id, fay, "the room"))
		step("object", "open")(r.c.Object(ctx, id, r.by(1), "Too dear."))
		step("withdraw the objection", "open")(r.c.Unobject(ctx, id, r.by(1)))
		step("more time", "open")(r.c.MoreTime(ctx, id, r.by(1), "On holiday."))
		step("amend", "open")(r.c.Amend(ctx, id, r.by(0), func(t *decisions.Text) { t.Changes = "We use two." }, false))
		step("amend editorially", "open")(r.c.Amend(ctx, id, r.by(0), func(t *decisions.Text) { t.Title = "Calendars" }, true))
		step("call it material", "open")(r.c.CallMaterial(ctx, id, r.by(2)))
		step("nudge", "open")(r.c.Nudge(ctx, id, r.by(0)))
		step("cast", "open")(r.c.Cast(ctx, id, r.by(2), decisions.Favour, ""))
		step("retract", "open")(r.c.Retract(ctx, id, r.by(2)))
		step("stall", "stalled")(r.c.Stall(ctx, id, fay, "No time."))
		day, err := decisions.ParseDay("2026-09-01")
		r.ok(err)
		step("reopen", "open")(r.c.Reopen(ctx, id, fay, day))
		step("escalate", "open")(r.c.Escalate(ctx, id, r.by(2), decisions.Large, "It concerns all."))
		if v := r.read(id); v.Decision.Size() != decisions.Large || v.Decision.Number != 1 || v.Decision.Proposal.Title != "Calendars" || v.Decision.Proposal.Changes != "We use two." {
			t.Errorf("%+v", v.Decision.Proposal)
		}
		step("cast", "open")(r.c.Cast(ctx, id, r.by(2), decisions.Block, "No."))
		r.later(200 * 24 * time.Hour)
		step("end", "stopped")(r.c.End(ctx, id, fay, "Nobody moves."))
		small, err := r.c.Propose(ctx, r.by(1), proposal(decisions.Small))
		r.ok(err)
		edited := proposal(decisions.Small)
		edited.Title = "Tea"
		step("edit", "draft")(r.c.Edit(ctx, small.Receipt.Decision, r.by(1), edited))
		step("log", "logged")(r.c.Log(ctx, small.Receipt.Decision, r.by(1)))
		step("escalate", "open")(r.c.Escalate(ctx, small.Receipt.Decision, r.by(2), decisions.Medium, "It is not small."))
		v := r.read(small.Receipt.Decision)
		if v.Decision.Number != 2 || v.Decision.Proposal.Title != "Tea" {
			t.Errorf("%+v", v.Decision)
		}
		step("withdraw", "withdrawn")(r.c.Withdraw(ctx, small.Receipt.Decision, r.by(1), "Coffee, then."))
		list, err := r.c.List(ctx)
		r.ok(err)
		if len(list) != 2 || list[0].Decision.Number != 1 || list[1].Decision.State != decisions.Withdrawn {
			t.Errorf("%d decisions", len(list))
		}
		r.whole()
	})
}

// A member that was wrongly left out is added by two people of different members.
func TestTheElectorateIsAmended(t *testing.T) {
	eachRoom(t, 3, "seed-2022", func(t *testing.T, r *room) {
		id := r.opened(proposal(decisions.Large))
		r.later(time.Minute)
		ash := r.admit("Ash", "Asa")
		by := By{Actor: r.fay}
		_, err := r.c.ChangeElectorate(t.Context(), id, by, AddSeat, ash, "Its form was lost.")
		r.refused(err, "adding to the electorate is refused: two people of different members have to agree")
		by.Second = &r.who[1]
		r.later(time.Minute)
		done, err := r.c.ChangeElectorate(t.Context(), id, by, AddSeat, ash, "Its form was lost.")
		r.ok(err)
		if !done.Decision.Electorate.Has(ash) || len(done.Outcome.Tally.Waiting) != 4 {
			t.Errorf("%+v", done.Outcome.Tally)
		}
		done, err = r.c.ChangeElectorate(t.Context(), id, by, RemoveSeat, ash, "It was not.")
		r.ok(err)
		if done.Decision.Electorate.Has(ash) {
			t.Error("it still has a place")
		}
		if _, err := r.c.ChangeElectorate(t.Context(), id, by, "paint", ash, "?"); err == nil || err.Error() != `"paint" is no change of an electorate: write add, remove, in or out` {
			t.Errorf("says %v", err)
		}
		r.whole()
	})
}

// A passed policy decision enacts the attached version from the closing instant on.
func TestADecisionEnactsAPolicy(t *testing.T) {
	eachRoom(t, 2, "coopcloud-2023", func(t *testing.T, r *room) {
		ctx := t.Context()
		whole, changed := attached(r)
		p := proposal(decisions.Large)
		p.Kind, p.Version = decisions.Policy, "coopcloud-2026"
		done, err := r.c.Propose(ctx, r.by(0), p)
		r.ok(err)
		id := done.Receipt.Decision
		_, err = r.c.Open(ctx, id, r.by(0))
		r.refused(err, "opening this is refused: the version of the policy is not attached")
		for _, bad := range []struct{ text, want string }{
			{"policies: [", "the attached policy"},
			{whole, "cannot enact the attached policy: the file has to hold the version coopcloud-2026 alone"},
		} {
			p.Attachment = bad.text
			_, err = r.c.Edit(ctx, id, r.by(0), p)
			r.ok(err)
			if _, err = r.c.Open(ctx, id, r.by(0)); err == nil || !strings.Contains(err.Error(), bad.want) {
				t.Errorf("says %v, want %q", err, bad.want)
			}
		}
		p.Attachment = changed
		_, err = r.c.Edit(ctx, id, r.by(0), p)
		r.ok(err)
		_, err = r.c.Open(ctx, id, r.by(0))
		r.ok(err)
		_, err = r.c.Amend(ctx, id, r.by(0), func(t *decisions.Text) { t.Attachment = "policies: [" }, false)
		if err == nil || !strings.Contains(err.Error(), "the attached policy:1:") {
			t.Errorf("says %v", err)
		}
		_, err = r.c.Amend(ctx, id, r.by(0), func(t *decisions.Text) { t.Attachment = whole }, true)
		if err == nil || !strings.Contains(err.Error(), "the file has to hold the version coopcloud-2026 alone") {
			t.Errorf("says %v", err)
		}
		r.cast(id, 0, decisions.Favour, "")
		r.cast(id, 1, decisions.Favour, "")
		v := r.read(id)
		ends := v.Decision.Ends()
		r.now = ends.Add(24 * time.Hour)
		if _, err := r.c.CloseDue(ctx); err != nil {
			t.Fatal(err)
		}
		in, ok, err := r.roll.PolicyInForce(ctx)
		r.ok(err)
		if !ok || in.ID() != "coopcloud-2026" || in.From() != ends || in.DecidedBy != "1" || in.Decisions.Large.MoreTime != 21 && in.Decisions.Medium.MoreTime != 21 {
			t.Errorf("in force: %s from %s by %q", in.ID(), in.From(), in.DecidedBy)
		}
		next := r.opened(proposal(decisions.Large))
		if got := r.read(next).Decision; got.Policy != "coopcloud-2026" || got.Number != 2 {
			t.Errorf("the next is decided by %s", got.Policy)
		}
		p.Version, p.Attachment = "coopcloud-2026", changed
		again, err := r.c.Propose(ctx, r.by(0), p)
		r.ok(err)
		if _, err = r.c.Open(ctx, again.Receipt.Decision, r.by(0)); err == nil || !strings.Contains(err.Error(), "version coopcloud-2026 is stored already, and a version never changes: give the changed rules a new id") {
			t.Errorf("says %v", err)
		}
		r.whole()
	})
}

// attached is the text of the policy in force, and one that a decision can enact.
func attached(r *room) (whole, changed string) {
	r.t.Helper()
	preset, err := policy.PresetText("coopcloud-2023")
	r.ok(err)
	whole, _, _ = strings.Cut(string(preset), "\ntests:")
	return whole, strings.Replace(strings.Replace(whole, "id: coopcloud-2023", "id: coopcloud-2026", 1), "more_time: 7d", "more_time: 21d", 1)
}

// A policy whose text was erased cannot be enacted: the decision passes all the
// same, the audit chain says that nothing was enacted, and whoever acts on another
// decision is not kept from it.
func TestAnErasedPolicyKeepsNothingOpen(t *testing.T) {
	eachRoom(t, 2, "coopcloud-2023", func(t *testing.T, r *room) {
		ctx := t.Context()
		p := proposal(decisions.Large)
		p.Kind, p.Version = decisions.Policy, "coopcloud-2026"
		_, p.Attachment = attached(r)
		id, other := r.opened(p), r.opened(proposal(decisions.Large))
		r.cast(id, 0, decisions.Favour, "")
		r.cast(id, 1, decisions.Favour, "")
		r.eraseTexts(id)
		_, r.c = r.parts(r.db) // with nothing in memory
		v := r.read(id)
		r.now = v.Decision.Ends()
		if done := r.cast(other, 0, decisions.Favour, ""); done.Decision.State != decisions.Overdue {
			t.Errorf("the other is %s", done.Decision.State)
		}
		if v := r.read(id); v.Head.State != "passed" {
			t.Errorf("it is %s", v.Head.State)
		}
		in, _, err := r.roll.PolicyInForce(ctx)
		r.ok(err)
		if in.ID() != "coopcloud-2023" {
			t.Errorf("in force: %s", in.ID())
		}
		r.ok(r.db.View(ctx, func(tx *store.Tx) error {
			rows, err := tx.AuditRows(ctx, store.AuditQuery{})
			if err != nil {
				return err
			}
			if last := rows[len(rows)-1]; last.Action != "decided" || !strings.Contains(last.Payload, `"decision":1`) || !strings.Contains(last.Payload, `"not_enacted":"coopcloud-2026"`) {
				t.Errorf("the audit chain ends with %s %s", last.Action, last.Payload)
			}
			return nil
		}))
		r.whole()
	})
}

// The same where nothing can be said of the member's dues: it has the vote that it had
// before the break. A decision that an earlier version closed without that vote is no
// fault of the database.
func TestCastingEndsAPauseOfWhoHasNoAccount(t *testing.T) {
	eachRoom(t, 3, "seed-2022", func(t *testing.T, r *room) {
		ctx := t.Context()
		var waivers []store.WaiverState
		r.ok(r.db.View(ctx, func(tx *store.Tx) (err error) {
			waivers, err = tx.Waivers(ctx, r.ids[2])
			return err
		}))
		_, err := r.roll.EndWaiver(ctx, r.operator("a mistake"), r.ids[2], waivers[0].ID, waivers[0].From)
		r.ok(err)
		_, err = r.roll.Pause(ctx, roll.By{Actor: r.who[2], Reason: "winter"}, r.ids[2], 0, false)
		r.ok(err)
		r.later(time.Minute)
		id := r.opened(proposal(decisions.Large))
		r.later(time.Minute)
		if done := r.cast(id, 2, decisions.Favour, ""); done.Outcome.Tally.Favour != 1 {
			t.Errorf("%+v", done.Outcome.Tally)
		}
		if x, err := r.roll.Explain(ctx, r.ids[2], 0, 0); err != nil || x.Standing.State != eligibility.StateUnknown || !x.Standing.Has(eligibility.Vote) {
			t.Errorf("after the break it is %s, %v", x.Standing.State, err)
		}
		r.cast(id, 0, decisions.Favour, "")
		r.cast(id, 1, decisions.Favour, "")
		r.later(60 * 24 * time.Hour)
		_, err = r.c.CloseDue(ctx)
		r.ok(err)
		r.whole()

		past := r.hindsight()
		v := r.read(id)
		ev := v.Events[len(v.Events)-1]
		counted := func(i int) string {
			other := ev
			other.Roll = maps.Clone(ev.Roll)
			was := other.Roll[r.ids[i]]
			was.Vote = !was.Vote
			other.Roll[r.ids[i]] = was
			return votesFault(past, &other)
		}
		if !ev.Roll[r.ids[2]].Vote || votesFault(past, &ev) != "" || counted(2) != "" || counted(1) == "" {
			t.Errorf("as it was counted %q, as earlier versions did %q, as none did %q", votesFault(past, &ev), counted(2), counted(1))
		}
	})
}

// Who takes a break ends it by casting, and joins the electorate; a ballot that is
// refused ends nothing.
func TestCastingEndsAPause(t *testing.T) {
	eachRoom(t, 3, "seed-2022", func(t *testing.T, r *room) {
		ctx := t.Context()
		_, err := r.roll.Pause(ctx, roll.By{Actor: r.who[2], Reason: "winter"}, r.ids[2], 0, false)
		r.ok(err)
		r.later(time.Minute)
		id := r.opened(proposal(decisions.Large))
		if v := r.read(id); len(v.Decision.Electorate) != 2 {
			t.Fatalf("%d seats", len(v.Decision.Electorate))
		}
		r.later(time.Minute)
		paused := func() bool {
			x, err := r.roll.Explain(ctx, r.ids[2], 0, 0)
			r.ok(err)
			return x.Standing.State == eligibility.StatePaused
		}
		_, err = r.c.Cast(ctx, id, r.by(2), decisions.Block, "")
		r.refused(err, "the ballot is refused: the answer block says in words what the concern is")
		if !paused() {
			t.Error("a refused ballot ended the pause")
		}
		done := r.cast(id, 2, decisions.Favour, "")
		if paused() || !done.Decision.Electorate.Has(r.ids[2]) || done.Outcome.Tally.Favour != 1 || len(done.Outcome.Tally.Waiting) != 2 {
			t.Errorf("paused %v, %+v", paused(), done.Outcome.Tally)
		}
		r.whole()
	})
}
