package chair

import (
	"encoding/json"
	"strings"
	"testing"
	"time"

	"coopcloud.tech/goodstanding/decisions"
	"coopcloud.tech/goodstanding/member"
	"coopcloud.tech/goodstanding/notify"
	"coopcloud.tech/goodstanding/notify/letter"
	"coopcloud.tech/goodstanding/roll"
	"coopcloud.tech/goodstanding/store"
)

// letter is what the newest notice of a kind to a recipient says now; nil for one
// that has nothing to say any more.
func (r *room) letter(kind notify.Kind, to string) *letter.Data {
	r.t.Helper()
	var newest *store.OutboxRow
	for _, row := range r.rows(kind) {
		if row.Recipient == to {
			newest = &row
		}
	}
	if newest == nil {
		r.t.Fatalf("no %s to %s", kind, to)
	}
	return r.letterOf(*newest)
}

func (r *room) letterOf(row store.OutboxRow) (out *letter.Data) {
	r.t.Helper()
	r.ok(r.db.View(r.t.Context(), func(tx *store.Tx) error {
		out = nil
		data, ok, err := r.c.LetterAbout(r.t.Context(), tx, row)
		if ok {
			out = &data
		}
		return err
	}))
	return out
}

// says compares what a letter says of the decision, as JSON without what is empty.
func (r *room) says(data *letter.Data, want string) {
	r.t.Helper()
	if data == nil {
		r.t.Errorf("it says nothing\nwant %s", want)
		return
	}
	text, err := json.Marshal(data.Decision)
	r.ok(err)
	var all map[string]any
	r.ok(json.Unmarshal(text, &all))
	for k, v := range all {
		switch k {
		case "Electorate", "Head", "Opened", "Ends", "Answers", "Rule":
			delete(all, k)
		default:
			if v == nil || v == "" || v == false || v == float64(0) {
				delete(all, k)
			}
		}
	}
	text, err = json.Marshal(all)
	r.ok(err)
	if string(text) != want {
		r.t.Errorf("it says %s\nwant %s", text, want)
	}
}

const common = `"Affects":"All members.","Changes":"We use one.","Channel":"the room","Deadline":"the end of Monday 8 June 2026 (Europe/London)","Number":1`

// What a letter says is what the decision is when it goes, not when it was written.
func TestLetters(t *testing.T) {
	eachRoom(t, 2, "seed-2022", func(t *testing.T, r *room) {
		ctx := t.Context()
		r.starts()
		id := r.opened(proposal(decisions.Large))
		ends := r.ends(id)
		opened := r.letter(notify.DecisionOpened, notify.Room)
		r.says(opened, `{`+common+`,"Proposer":"Member 00","Revision":1,"Seats":2,"Size":"large","State":"open","Title":"A shared calendar","WaitedFor":2}`)
		d := opened.Decision
		if d.Electorate != r.read(id).Decision.Electorate.Hash() || d.Ends != ends || d.Opened != r.now || d.Head != "" || opened.Kind != notify.DecisionOpened {
			t.Errorf("%+v", d)
		}
		if got := strings.Join(d.Rule, "; "); got != "every member waited for has answered; more members are in favour than against; nobody blocks; every concern has been answered" {
			t.Errorf("the rule: %s", got)
		}
		signs := ""
		for _, a := range d.Answers {
			signs += a.Answer + a.Sign + " "
		}
		if signs != "favour👍 against👎 abstain🤷 block🛑 " {
			t.Errorf("signs: %s", signs)
		}
		r.now += (ends - r.now) / 3
		r.remind(ends.Add(-3 * 24 * time.Hour))
		asked := r.letter(notify.NotVoted, r.who[1].ID)
		r.says(asked, `{`+common+`,"Proposer":"Member 00","Revision":1,"Seats":2,"Size":"large","State":"open","Title":"A shared calendar","Waited":["Member 01"],"WaitedFor":2}`)
		r.cast(id, 1, decisions.Against, "Too dear.")
		if r.letter(notify.NotVoted, r.who[1].ID) != nil || r.letter(notify.NotVoted, r.fay.ID) == nil {
			t.Error("who has answered is asked, or who has not is not")
		}
		r.now = ends.Add(-3 * 24 * time.Hour)
		r.remind(0)
		r.says(r.letter(notify.StillMissing, r.fay.ID),
			`{`+common+`,"Proposer":"Member 00","Revision":1,"Seats":2,"Size":"large","State":"open","Title":"A shared calendar","Waited":["Member 00"],"WaitedFor":1}`)
		r.cast(id, 0, decisions.Favour, "")
		if r.letter(notify.StillMissing, r.fay.ID) != nil {
			t.Error("nobody is missing")
		}
		r.now = ends.Add(time.Hour)
		if r.letter(notify.DecisionOpened, notify.Room) == nil { // overdue, whoever closes it
			t.Error("nothing to say of an overdue decision")
		}
		_, err := r.c.End(ctx, id, r.by(0), "It is summer.")
		r.ok(err)
		if r.letter(notify.DecisionOpened, notify.Room) != nil {
			t.Error("the opening is told of what is over")
		}
		result := r.letter(notify.DecisionResult, notify.Room)
		r.says(result, `{`+common+`,"Outcome":"not carried","Proposer":"Member 00","Reasons":["2 of 2 have answered","1 in favour, 1 against","0 blocks","1 of 1 concern without an answer",`+
			`"does not pass; nobody is waited for","It is summer."],"Revision":1,"Seats":2,"Size":"large","State":"not carried",`+
			`"Tally":[{"Answer":"favour","N":1},{"Answer":"against","N":1},{"Answer":"abstain","N":0},{"Answer":"block","N":0}],"Title":"A shared calendar"}`)
		if result.Decision.Head != r.read(id).Head.Hash {
			t.Errorf("the record ends with %s", result.Decision.Head)
		}
	})
}

// A later notice says more than an earlier one that did not go yet.
func TestLettersThatALaterOneReplaces(t *testing.T) {
	r := oneRoom(t, 2)
	ctx := t.Context()
	r.starts()
	id := r.opened(proposal(decisions.Medium))
	why := func(kind notify.Kind, n int, want string) {
		t.Helper()
		var of []store.OutboxRow
		for _, row := range r.rows(kind) {
			if row.Recipient == notify.Room {
				of = append(of, row)
			}
		}
		got := "(nothing)"
		if data := r.letterOf(of[n]); data != nil {
			got = data.Decision.Why
		}
		if got != want {
			t.Errorf("%s: %s, want %s", kind, got, want)
		}
	}
	text := func(words string) func(*decisions.Text) { return func(t *decisions.Text) { t.Changes = words } }
	_, err := r.c.Amend(ctx, id, r.by(0), text("We use two."), true)
	r.ok(err)
	why(notify.DecisionAmended, 0, "editorial")
	_, err = r.c.CallMaterial(ctx, id, r.by(1))
	r.ok(err)
	r.later(time.Minute)
	why(notify.DecisionAmended, 0, "(nothing)")
	why(notify.DecisionAmended, 1, "an editorial amendment was called material")
	_, err = r.c.Amend(ctx, id, r.by(0), text("We use three."), false)
	r.ok(err)
	why(notify.DecisionAmended, 2, "a new text")
	_, err = r.c.MoreTime(ctx, id, r.by(1), "It is summer.")
	r.ok(err)
	why(notify.DecisionMoreTime, 0, "It is summer.")
	why(notify.DecisionOpened, 0, "")
	_, err = r.c.Escalate(ctx, id, r.by(1), decisions.Large, "It is dear.")
	r.ok(err)
	why(notify.DecisionEscalated, 0, "It is dear.")
	why(notify.DecisionMoreTime, 0, "(nothing)")
	why(notify.DecisionOpened, 0, "(nothing)")
	r.cast(id, 0, decisions.Favour, "")
	ballot := r.letter(notify.BallotCast, r.fay.ID)
	if ballot == nil || ballot.By != "Delegate 00" || ballot.Answer != "favour" || len(ballot.Members) != 1 || ballot.Members[0] != (letter.Member{Name: "Member 00", Happened: r.now}) || ballot.Decision.Number != 1 {
		t.Errorf("a ballot: %+v", ballot)
	}
	first := r.rows(notify.BallotCast)[0]
	_, err = r.c.Retract(ctx, id, r.by(0))
	r.ok(err)
	if r.letterOf(first) != nil {
		t.Error("a ballot that was taken back is told of")
	}
	_, err = r.c.Withdraw(ctx, id, r.by(0), "Nobody wants it.")
	r.ok(err)
	r.says(r.letter(notify.DecisionResult, r.fay.ID), strings.NewReplacer("We use one.", "We use three.", "8 June", "15 June").Replace(
		`{`+common+`,"Outcome":"withdrawn","Proposer":"Member 00","Reasons":["Nobody wants it."],"Revision":4,"Seats":2,"Size":"large","State":"withdrawn","Title":"A shared calendar"}`))
}

// Of a decision for members the room reads its number, until when, and the
// outcome; the members read all of it. An individual that chose no name has none in
// the room.
func TestTheRoomReadsNoMembersBusiness(t *testing.T) {
	r := oneRoom(t, 1)
	ctx := t.Context()
	r.starts()
	p := proposal(decisions.Medium)
	p.Visibility = decisions.Members
	id := r.opened(p)
	r.says(r.letter(notify.DecisionOpened, notify.Room),
		`{"Deadline":"the end of Monday 8 June 2026 (Europe/London)","MembersOnly":true,"Number":1,"Revision":1,"Seats":1,"Size":"medium","State":"open","WaitedFor":1}`)
	r.says(r.letter(notify.DecisionOpened, r.fay.ID),
		`{`+common+`,"Proposer":"Member 00","Revision":1,"Seats":1,"Size":"medium","State":"open","Title":"A shared calendar","WaitedFor":1}`)
	_, err := r.c.Withdraw(ctx, id, r.by(0), "Nobody wants it.")
	r.ok(err)
	r.says(r.letter(notify.DecisionResult, notify.Room),
		`{"Deadline":"the end of Monday 8 June 2026 (Europe/London)","MembersOnly":true,"Number":1,"Outcome":"withdrawn","Revision":1,"Seats":1,"Size":"medium","State":"withdrawn"}`)
	ida, _, err := r.roll.Add(ctx, r.operator("joined"), roll.NewMember{Name: "Ida", Kind: member.Individual, Since: r.now})
	r.ok(err)
	r.waive(ida)
	who := r.person("Ida", ida)
	r.later(time.Minute)
	done, err := r.c.Propose(ctx, By{Actor: who}, proposal(decisions.Medium))
	r.ok(err)
	_, err = r.c.Open(ctx, done.Receipt.Decision, By{Actor: who})
	r.ok(err)
	if room, mail := r.letter(notify.DecisionOpened, notify.Room), r.letter(notify.DecisionOpened, r.fay.ID); room.Decision.Proposer != "an individual member" || mail.Decision.Proposer != "Ida" {
		t.Errorf("proposed by %s, and by %s", room.Decision.Proposer, mail.Decision.Proposer)
	}
	two := r.opened(p)
	_, err = r.c.Amend(ctx, two, r.by(0), func(t *decisions.Text) { t.Changes = "We use two." }, true)
	r.ok(err)
	if why := r.letter(notify.DecisionAmended, notify.Room).Decision.Why; why != "editorial" {
		t.Errorf("an editorial amendment is %q", why)
	}
	_, err = r.c.MoreTime(ctx, two, r.by(0), "It is summer.")
	r.ok(err)
	if why := r.letter(notify.DecisionMoreTime, notify.Room).Decision.Why; why != "" {
		t.Errorf("the room reads %q", why)
	}
}

// A notice that is about no entry of a decision is a fault, and says so.
func TestALetterAboutNothing(t *testing.T) {
	r := oneRoom(t, 1)
	id := r.opened(proposal(decisions.Medium))
	for cause, want := range map[string]string{
		"snapshot:1":         "the notice nt_1 is about no decision",
		string(id):           "the notice nt_1 is about no decision",
		string(id) + "/none": "the notice nt_1 is about no decision",
		string(id) + "/9":    "decision " + string(id) + " has no entry 9",
		"de_none/1":          `there is no decision "de_none": see goodstanding decisions list`,
	} {
		r.ok(r.db.View(t.Context(), func(tx *store.Tx) error {
			_, ok, err := r.c.LetterAbout(t.Context(), tx, store.OutboxRow{ID: "nt_1", Kind: notify.DecisionOpened, Cause: cause})
			if ok || err == nil || err.Error() != want {
				t.Errorf("%s: %v, %v\nwant %s", cause, ok, err, want)
			}
			return nil
		}))
	}
}
