package roll

import (
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
	"coopcloud.tech/goodstanding/store"
)

// writes puts a notice about ash to dora, with what c changes.
func (s *stage) writes(cause string, state notify.State, detail string, c ...func(*notify.Message)) {
	s.t.Helper()
	m := notify.Message{Occasion: notify.Occasion{Kind: notify.PaymentLate, Member: s.ash, Cause: cause}, Recipient: s.dora.ID,
		Channel: notify.Email, About: s.now, DueAt: s.now.Add(-time.Hour), State: state, Detail: detail}
	for _, f := range c {
		f(&m)
	}
	s.ok(s.db.InTx(s.t.Context(), store.NoStream, s.now, func(tx *store.Tx) error { return tx.Enqueue(s.t.Context(), m) }))
}

// due moves the moment of a notice.
func due(d time.Duration) func(*notify.Message) {
	return func(m *notify.Message) { m.DueAt = m.About.Add(d) }
}

func to(recipient string) func(*notify.Message) {
	return func(m *notify.Message) { m.Recipient = recipient }
}

// by cause: the notices of the stage.
func (s *stage) noticesByCause() map[string]Notice {
	s.t.Helper()
	all, err := s.r.Notices(s.t.Context(), NoticesQuery{})
	s.ok(err)
	out := map[string]Notice{}
	for _, n := range all {
		out[n.Cause] = n
	}
	return out
}

// TestEveryStateAnswersWhy: for every state and detail that there is, one sentence
// says why somebody got a notice, or did not; no two are alike, and none names an
// address.
func TestEveryStateAnswersWhy(t *testing.T) {
	s := newStage(t, dbtest.SQLite(t)())
	_, _, err := s.r.StartNotices(t.Context(), as(s.tara))
	s.ok(err)
	const what = "“payment late” about Ash Workers' Co-op"
	want := map[string]string{
		"waiting":     "Dora did not get " + what + " yet: it is due since 15 June 2026, 11:00 (UTC) and goes with the next mails (goodstanding serve sends them).",
		"later":       "Dora did not get " + what + " yet: its moment comes on 15 June 2026, 13:00 (UTC).",
		"held stale":  "Dora did not get " + what + " yet: Open Collective was not read since what it speaks of happened; after the next complete reading it goes, or is not needed, by itself.",
		"held brake":  "Dora did not get " + what + " yet: members are held, and nobody is told about dues until somebody has acknowledged that (goodstanding holds show).",
		"sent":        "Dora got " + what + " on 15 June 2026, 12:00 (UTC): the mail server took it.",
		"room":        "The room got “decision opened” on 15 June 2026, 12:00 (UTC): it stands in the room.",
		"failed":      "Dora did not get " + what + ": the mail server refused it for good.",
		"failed 550":  "Dora did not get " + what + ": the mail server refused it for good (5.1.1).",
		"no mailbox":  "Dora did not get " + what + ": the mail server knows no such mailbox, or that one takes nothing any more.",
		"this one":    "Dora did not get " + what + ": the mail server did not take this one for good, though it takes others.",
		"our sender":  "Dora did not get " + what + ": the mail server takes nothing from this sender (goodstanding check-config shows the settings).",
		"gave up":     "Dora did not get " + what + ": the mail server did not take it for days.",
		"recovered":   "Dora did not get " + what + ": what it was about was over before it went.",
		"before":      "Dora did not get " + what + ": notices were off when its moment came, on 15 June 2026, 11:00 (UTC), so it is never sent.",
		"welcome":     "Dora did not get “welcome to a new delegate” about Ash Workers' Co-op: notices were off when its moment came, on 15 June 2026, 11:00 (UTC), so it does not go by itself; inviting the delegates lets it go (goodstanding members invite).",
		"no address":  "Nobody got " + what + ": no address is known.",
		"gone":        "Dora did not get " + what + ": the address that was there when it was written is gone.",
		"bounced":     "Dora did not get " + what + ": mails to the address came back (goodstanding notices bounced --undo, once it works again).",
		"too late":    "Dora did not get " + what + ": its moment had passed before it could go.",
		"opted out":   "Dora did not get " + what + ": this kind was declined (goodstanding people mails).",
		"dropped":     "Dora did not get " + what + ": a treasurer said no to it.",
		"nothing":     "Dora did not get " + what + ": nothing bad was told before, so nothing good is.",
		"superseded":  "Dora did not get " + what + ": a later notice says more.",
		"no room":     "Dora did not get " + what + ": it is for the room, and no room is set up.",
		"new word":    "Dora did not get " + what + ": it was not told (of another version).",
		"account":     "The account of Ash Workers' Co-op got " + what + " on 15 June 2026, 12:00 (UTC): the mail server took it.",
		"treasurers":  "The treasurers got “digest” on 15 June 2026, 12:00 (UTC): the mail server took it.",
		"who is gone": "Somebody who was removed (p_gone) got " + what + " on 15 June 2026, 12:00 (UTC): the mail server took it.",
	}
	for cause, c := range map[string]struct {
		state  notify.State
		detail string
		change func(*notify.Message)
	}{
		"waiting": {notify.Waiting, "", nil}, "later": {notify.Waiting, "", due(time.Hour)},
		"held stale": {notify.HeldState, notify.HeldStale, nil}, "held brake": {notify.HeldState, notify.HeldBrake, nil},
		"sent": {notify.Sent, "", nil}, "failed": {notify.Failed, "", nil}, "failed 550": {notify.Failed, "5.1.1", nil}, "recovered": {notify.Recovered, "", nil},
		"no mailbox": {notify.Failed, notify.RefusedRecipient, nil}, "this one": {notify.Failed, notify.RefusedMessage, nil},
		"our sender": {notify.Failed, notify.RefusedPolicy, nil}, "gave up": {notify.Failed, notify.GaveUp, nil},
		"before": {notify.BeforeStart, "", nil}, "welcome": {notify.BeforeStart, "", func(m *notify.Message) { m.Occasion.Kind = notify.DelegateWelcome }}, "no address": {notify.NoAddress, "", to("")}, "gone": {notify.NoAddress, notify.AddressGone, nil},
		"bounced": {notify.NoAddress, notify.AddressBounced, nil}, "too late": {notify.Suppressed, notify.TooLate, nil}, "opted out": {notify.Suppressed, notify.OptedOut, nil},
		"dropped": {notify.Suppressed, notify.Dropped, nil}, "nothing": {notify.Suppressed, notify.NothingTold, nil}, "superseded": {notify.Suppressed, notify.Superseded, nil},
		"no room": {notify.Suppressed, notify.NoRoom, nil}, "new word": {notify.Suppressed, "of_another_version", nil},
		"room": {notify.Sent, "", func(m *notify.Message) {
			m.Recipient, m.Channel, m.Occasion.Kind, m.Occasion.Member = notify.Room, notify.Matrix, notify.DecisionOpened, ""
		}},
		"account": {notify.Sent, "", to(notify.AccountPrefix + "acc-elm")}, "who is gone": {notify.Sent, "", to("p_gone")},
		"treasurers": {notify.Sent, "", func(m *notify.Message) {
			m.Recipient, m.Occasion.Kind, m.Occasion.Member = notify.Treasurers, notify.Digest, ""
		}},
	} {
		if c.change == nil {
			c.change = func(*notify.Message) {}
		}
		s.writes(cause, c.state, c.detail, c.change)
	}
	for _, b := range notify.Batches() {
		cause := "batch " + string(b)
		s.writes(cause, notify.HeldState, b.Detail())
		want[cause] = fmt.Sprintf("Dora did not get %s yet: %s, so it waits for a treasurer's yes or no (goodstanding notices release %s, or drop).", what, BatchWords(b), b)
	}
	got := s.noticesByCause()
	seen := map[string]string{}
	for cause, sentence := range want {
		n := got[cause]
		if n.Why != sentence {
			t.Errorf("%s\n got  %s\n want %s", cause, n.Why, sentence)
		}
		if other := seen[n.Why]; other != "" || strings.Contains(n.Why+n.To, "@") || n.StateWords == "" || len(n.Steps) != 1 {
			t.Errorf("%s reads like %q, names an address, or lacks words: %+v", cause, other, n)
		}
		seen[n.Why] = cause
	}
	for _, st := range notify.States() {
		if !slices.ContainsFunc(sortedNotices(got), func(n Notice) bool { return n.State == st }) {
			t.Errorf("no notice was %s: the test does not see it", st)
		}
	}
}

func sortedNotices(m map[string]Notice) (out []Notice) {
	for _, n := range m {
		out = append(out, n)
	}
	return out
}

// What is told about a decision names it by its number, by the id in the cause.
func TestANoticeNamesItsDecision(t *testing.T) {
	s := newStage(t, dbtest.SQLite(t)())
	s.ok(s.db.InTx(t.Context(), store.Decisions, s.now, func(tx *store.Tx) error {
		if _, err := tx.AddDecision(t.Context(), "de_1", "UTC"); err != nil {
			return err
		}
		head, _, err := tx.LockDecision(t.Context(), "de_1")
		if err != nil {
			return err
		}
		entry := store.NewDecisionEntry{At: s.now, Kind: "open", Number: 12, State: "open", Public: map[string]any{}, Private: map[string]any{}}
		err = dbtest.AppendDecision(t.Context(), tx, head, entry)
		return err
	}))
	about := func(m *notify.Message) { m.Occasion.Kind, m.Occasion.Member = notify.BallotCast, s.ash }
	s.writes("de_1/3", notify.Sent, "", about)
	s.writes("de_2/3", notify.Sent, "", about)
	for cause, want := range map[string]string{"de_1/3": "Ash Workers' Co-op, decision 12", "de_2/3": "Ash Workers' Co-op"} {
		if n := s.noticesByCause()[cause]; n.About != want {
			t.Errorf("%s is about %q, want %q", cause, n.About, want)
		}
	}
}

// Every kind, and every batch, has words of its own.
func TestEveryKindOfNoticeHasWords(t *testing.T) {
	seen := map[string]notify.Kind{}
	for _, k := range notify.Kinds() {
		if words := NoticeWords(k); words == string(k) && k != notify.Lapsed && k != notify.Paused && k != notify.Suspended && k != notify.Opportunity && k != notify.Digest || seen[words] != "" {
			t.Errorf("%s has no words of its own: %q", k, words)
		}
		seen[NoticeWords(k)] = k
	}
	if len(noticeWords) != len(notify.Kinds()) || len(batchWords) != len(notify.Batches()) || NoticeWords("new") != "new" {
		t.Error("there are words for what is not there, or for nothing")
	}
	for _, k := range notify.Kinds() {
		if requiredWhy[k.Group()] == "" && !k.Optional() {
			t.Errorf("nobody is told why %s cannot be declined", k)
		}
	}
}

// TestNoticesAreStartedByATreasurer: the plan says what goes, the start lets go
// that and nothing else, each word is in the audit chain, and refusals say why.
func TestNoticesAreStartedByATreasurer(t *testing.T) {
	eachStage(t, func(t *testing.T, s *stage) {
		before, err := s.r.NoticesPlan(t.Context()) // the stage was set with notices off
		s.ok(err)
		s.writes("past", notify.BeforeStart, "")
		s.writes("soon", notify.BeforeStart, "", due(2*time.Hour))
		s.writes("sooner", notify.BeforeStart, "", due(time.Hour))
		s.writes("import", notify.HeldState, notify.ByImport.Detail())
		s.writes("stale", notify.HeldState, notify.HeldStale)
		s.writes("left over", notify.Waiting, "", due(3*time.Hour))
		if n := s.noticesByCause()["left over"]; !strings.HasSuffix(n.Why, " yet: notices are off, and were stopped while it was on its way.") {
			t.Errorf("what was on its way: %s", n.Why)
		}
		if n := s.noticesByCause()["soon"]; n.Why != "Dora did not get “payment late” about Ash Workers' Co-op yet: notices are off; it goes on 15 June 2026, 14:00 (UTC) if a treasurer starts them before that (goodstanding notices start)." {
			t.Errorf("while they are off: %s", n.Why)
		}
		plan, err := s.r.NoticesPlan(t.Context())
		s.ok(err)
		if plan.Started != 0 || plan.Missed != before.Missed+1 || len(plan.Go) != 4 || plan.Go[0].Cause != "stale" || plan.Go[1].Cause != "sooner" || plan.Go[3].Cause != "left over" || plan.Go[1].To != "Dora" || plan.Go[1].Name != "Ash Workers' Co-op" ||
			len(plan.Batches) != 1 || plan.Batches[0].Batch != notify.ByImport || plan.Batches[0].Notices[0].To != "Dora" {
			t.Fatalf("the plan: %+v", plan)
		}
		_, _, err = s.r.ReleaseNotices(t.Context(), as(s.tara), "")
		wantReasons(t, err, "notices are off: start them first (goodstanding notices start)")
		_, _, err = s.r.ReleaseNotices(t.Context(), as(s.tara), "lnk")
		wantReasons(t, err, "notices are off: start them first (goodstanding notices start)", `nothing waits in a batch "lnk": there is import`)
		_, _, err = s.r.StopNotices(t.Context(), as(s.tara))
		wantReasons(t, err, "they are off")
		if err.Error() != "cannot stop the notices: they are off" {
			t.Error(err)
		}

		n, _, err := s.r.StartNotices(t.Context(), as(s.tara))
		s.ok(err)
		row, why := s.lastAudit()
		if n != 2 || row.Action != "start_notices" || row.Actor != s.tara.ID || row.Payload != `{"notices":2}` || why != "because the meeting said so" {
			t.Errorf("%d wait, audited as %+v, %q", n, row, why)
		}
		got := s.noticesByCause()
		for cause, state := range map[string]notify.State{"past": notify.BeforeStart, "soon": notify.Waiting, "sooner": notify.Waiting, "import": notify.HeldState, "stale": notify.HeldState} {
			if got[cause].State != state {
				t.Errorf("%s is %s, want %s", cause, got[cause].State, state)
			}
		}
		_, _, err = s.r.StartNotices(t.Context(), as(s.tara))
		wantReasons(t, err, "they are on since 15 June 2026")
		_, _, err = s.r.StartNotices(t.Context(), By{Actor: s.tara})
		wantReasons(t, err, "a reason is needed: say why with --reason", "they are on since 15 June 2026")
		if plan, err = s.r.NoticesPlan(t.Context()); err != nil || plan.Started != s.now || len(plan.Go) != 0 || plan.Missed != before.Missed+1 {
			t.Errorf("the plan while they are on: %+v, %v", plan, err)
		}

		n, _, err = s.r.ReleaseNotices(t.Context(), as(s.tara), notify.ByImport)
		s.ok(err)
		if row, _ = s.lastAudit(); n != 1 || row.Action != "release_notices" || row.Payload != `{"batches":["import"],"notices":1}` {
			t.Errorf("released %d, audited as %+v", n, row)
		}
		_, _, err = s.r.DropNotices(t.Context(), as(s.tara), "")
		wantReasons(t, err, "nothing waits for a yes or no")
		s.writes("gap", notify.HeldState, notify.ByGap.Detail())
		s.writes("link", notify.HeldState, notify.ByLink.Detail())
		n, _, err = s.r.DropNotices(t.Context(), as(s.tara), "")
		s.ok(err)
		if row, _ = s.lastAudit(); n != 2 || row.Action != "drop_notices" || s.noticesByCause()["gap"].Detail != notify.Dropped {
			t.Errorf("dropped %d, audited as %+v", n, row)
		}

		s.now = s.now.Add(90 * time.Minute) // sooner is due now
		n, _, err = s.r.StopNotices(t.Context(), as(s.tara))
		s.ok(err)
		got = s.noticesByCause()
		if row, _ = s.lastAudit(); n != 5 || row.Action != "stop_notices" || got["soon"].State != notify.BeforeStart {
			t.Errorf("stopped %d, audited as %+v: %+v", n, row, got["soon"])
		}
		if why := got["sooner"].Why; !strings.HasSuffix(why, ": notices were stopped before it went, and its moment is past.") {
			t.Error(why)
		}
		if steps := got["soon"].Steps; len(steps) != 3 || steps[1].Words != "waiting" || steps[2].Words != "notices were off" {
			t.Errorf("its steps: %+v", steps)
		}
	})
}

// What time has brought up to the start is as it was while notices were off.
func TestAStartTellsNothingOfBefore(t *testing.T) {
	s := newStage(t, dbtest.SQLite(t)())
	_, err := s.r.Link(t.Context(), s.operator("its account"), s.birch, "acc-elm", 0, 0) // paid until 1 July
	s.ok(err)
	s.now = instant.Date(2026, 9, 1) // nobody has looked since
	s.again(func(*store.Tx, int64) error { return nil })
	_, _, err = s.r.StartNotices(t.Context(), as(s.tara))
	s.ok(err)
	all, err := s.r.Notices(t.Context(), NoticesQuery{Member: s.birch})
	s.ok(err)
	if len(all) == 0 {
		t.Fatal("birch has lapsed, and nothing was written")
	}
	for _, n := range all {
		if n.State == notify.Waiting && n.DueAt <= s.now {
			t.Errorf("what happened before the start goes: %+v", n)
		}
	}
}

func TestNoticesAreListed(t *testing.T) {
	s := newStage(t, dbtest.SQLite(t)())
	count := func(q NoticesQuery) int {
		got, err := s.r.Notices(t.Context(), q)
		s.ok(err)
		return len(got)
	}
	members, persons, all := count(NoticesQuery{Member: s.ash}), count(NoticesQuery{Person: member.PersonID(s.bert.ID)}), count(NoticesQuery{}) // as the stage was set
	both := members + count(NoticesQuery{Member: s.birch})
	s.writes("a", notify.Sent, "")
	s.writes("b", notify.Sent, "", to(s.bert.ID), func(m *notify.Message) { m.Occasion.Member = s.birch })
	s.writes("c", notify.Waiting, "", func(m *notify.Message) { m.Occasion.Kind = notify.Lapsed })
	for name, c := range map[string]struct {
		q    NoticesQuery
		want int
	}{
		"all": {NoticesQuery{}, all + 3}, "member": {NoticesQuery{Member: s.ash}, members + 2}, "person": {NoticesQuery{Person: member.PersonID(s.bert.ID)}, persons + 1},
		"kind": {NoticesQuery{Kind: notify.Lapsed}, 1}, "state": {NoticesQuery{State: notify.Sent}, 2}, "since": {NoticesQuery{Since: s.now + 1e6}, 0}, "limit": {NoticesQuery{Limit: 1}, 1},
	} {
		if got, err := s.r.Notices(t.Context(), c.q); err != nil || len(got) != c.want {
			t.Errorf("by %s: %d, %v, want %d", name, len(got), err, c.want)
		}
	}
	_, err := s.r.Merge(t.Context(), s.operator("one co-op now"), s.ash, s.birch)
	s.ok(err)
	if got, err := s.r.Notices(t.Context(), NoticesQuery{Member: s.birch}); err != nil || len(got) != both+3 {
		t.Errorf("after the merge: %d, %v", len(got), err)
	}
	for _, f := range []func() error{
		func() error { _, err := s.r.Notice(t.Context(), "nt_none"); return err },
		func() error { _, err := s.r.Notices(t.Context(), NoticesQuery{After: "nt_none"}); return err },
	} {
		err := f()
		if _, ok := errors.AsType[*NotFound](err); !ok || err.Error() != `there is no notice "nt_none"` {
			t.Errorf("one that is not there: %v", err)
		}
	}
}

// An address that fails is noted for all who have it, and never repeated.
func TestMailsThatComeBackAreNoted(t *testing.T) {
	eachStage(t, func(t *testing.T, s *stage) {
		s.ok(s.db.InTx(t.Context(), store.NoStream, s.now, func(tx *store.Tx) error {
			return tx.SetContact(t.Context(), store.Contact{ID: "c_ash", Member: s.ash, Email: "Dora@people.example"})
		}))
		who, err := s.r.Bounced(t.Context(), as(s.tara), "Dora")
		s.ok(err)
		sameAs(t, who, []string{"Dora", "contact of Ash Workers' Co-op"})
		row, _ := s.lastAudit()
		if row.Action != "note_bounce" || row.Subject != s.dora.ID || strings.Contains(row.Payload, "@") {
			t.Errorf("the audit row: %+v", row)
		}
		_, err = s.r.Bounced(t.Context(), as(s.tara), "dora@PEOPLE.example")
		wantReasons(t, err, "that was noted on 15 June 2026 already")
		_, err = s.r.Bounced(t.Context(), By{Actor: s.tara}, "c_ash")
		wantReasons(t, err, "a reason is needed: say why with --reason", "that was noted on 15 June 2026 already")
		for word, want := range map[string]string{"nobody@people.example": `there is no address "…@…"`, "Nobody": `there is no person "Nobody"`} {
			if _, err := s.r.Bounced(t.Context(), as(s.tara), word); err == nil || err.Error() != want {
				t.Errorf("%s: %v, want %s", word, err, want)
			}
		}
		who, err = s.r.NotBounced(t.Context(), as(s.tara), "c_ash")
		s.ok(err)
		if row, _ = s.lastAudit(); len(who) != 2 || row.Action != "undo_bounce" {
			t.Errorf("taken back for %q, audited as %+v", who, row)
		}
		_, err = s.r.NotBounced(t.Context(), as(s.tara), "Bert")
		wantReasons(t, err, "it is not noted that mails to Bert come back")
	})
}

func TestAPersonChoosesItsMails(t *testing.T) {
	eachStage(t, func(t *testing.T, s *stage) {
		dora := member.PersonID(s.dora.ID)
		s.r.languages = func() []string { return []string{"en", "es"} }
		set := func(c NewWish) error { _, err := s.r.SetWish(t.Context(), as(s.dora), dora, c); return err }
		s.ok(set(NewWish{Language: "es", Decline: []notify.Kind{notify.Opportunity, notify.BallotCast}}))
		s.ok(set(NewWish{Accept: []notify.Kind{notify.Opportunity}, Decline: []notify.Kind{notify.NotVoted}}))
		w, err := s.r.Wish(t.Context(), dora)
		s.ok(err)
		sameAs(t, w, Wish{Language: "es", Declined: []notify.Kind{notify.BallotCast, notify.NotVoted}})
		row, _ := s.lastAudit()
		if row.Action != "set_mail_wish" || row.Payload != `{"declined":["ballot_cast","not_voted"],"language":"es"}` {
			t.Errorf("the audit row: %+v", row)
		}
		wantReasons(t, set(NewWish{}), "say what is to change: a language, or kinds to decline or to accept")
		wantReasons(t, set(NewWish{Language: "xx", Decline: []notify.Kind{notify.Lapsed, notify.Suspended, notify.DelegateAdded, notify.DecisionOpened, notify.Brake, notify.Digest, "news"},
			Accept: []notify.Kind{notify.Digest}}),
			`there are no mails in "xx": choose from en, es`, `there is no kind of notice "news"`,
			"lapsed cannot be declined: a member is told before its rights change", "suspended cannot be declined: a member is told when its rights are suspended",
			"delegate_added cannot be declined: who acts for a member is told to all who do", "decision_opened cannot be declined: silence counts only when the proposal was heard",
			"brake cannot be declined: it says what keeps the roll from being right", "digest is declined and accepted at once")
		_, err = s.r.SetWish(t.Context(), as(s.tara), dora, NewWish{Language: "en"})
		wantReasons(t, err, "only the person itself or the operator may")
	})
}

// A program whose token has the scope stands in for a treasurer, and no other.
func TestATokenStartsTheNotices(t *testing.T) {
	s := newStage(t, dbtest.SQLite(t)())
	for scope, want := range map[Scope]string{ScopeNotices: "the token is revoked, has expired or lacks the scope notices:write", ScopeNoticesWrite: ""} {
		_, token, err := s.r.CreateToken(t.Context(), as(s.tara), "with "+string(scope), []string{string(scope)}, 0)
		s.ok(err)
		_, _, err = s.r.StartNotices(t.Context(), ByToken(token, "time to begin"))
		if want == "" {
			s.ok(err)
			continue
		}
		wantReasons(t, err, want)
	}
}
