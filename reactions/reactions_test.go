package reactions

import (
	"errors"
	"fmt"
	"math/rand/v2"
	"strings"
	"testing"
	"time"

	"coopcloud.tech/goodstanding/chair"
	"coopcloud.tech/goodstanding/decisions"
	"coopcloud.tech/goodstanding/internal/dbtest"
	"coopcloud.tech/goodstanding/internal/fakematrix"
	"coopcloud.tech/goodstanding/member"
	"coopcloud.tech/goodstanding/notify"
	"coopcloud.tech/goodstanding/notify/matrix"
	"coopcloud.tech/goodstanding/roll"
	"coopcloud.tech/goodstanding/store"
)

// link is where the answers lead.
const link = " https://roll.example.org/decisions/1"

// TestAVoteByASign: on both engines, by invitation into the room: cast, changed,
// taken back, with the concern in words, and one that is refused.
func TestAVoteByASign(t *testing.T) {
	dbtest.Each(t, func(t *testing.T, open func() *store.DB) {
		w := newWorld(t, open())
		id, event := w.opened(decisions.Large)
		yes := w.home.React(w.room, ada, event, "👍🏽")
		refusal := w.home.React(w.room, flo, event, "👍")
		w.step()
		w.expect(id, event, "1 favour", flo+": Not counted: "+wordsNoVote+"."+link)
		for _, line := range w.home.Thread(w.room, event, bot) {
			t.Log(line)
		}
		no := w.home.React(w.room, ada, event, "👎")
		w.step()
		w.expect(id, event, `1 against "(asked for in the room)"`, ada+": Counted against. What is the concern? Your next words in this thread become it, "+
			"to be read with the ballot; until then it reads “(asked for in the room)”.")
		w.home.Say(w.room, bo, event, "I wonder.") // nobody asked him
		w.home.Say(w.room, ada, "", "outside of the thread")
		w.home.Say(w.room, ada, event, "Everybody would see when I am away.")
		w.home.Say(w.room, ada, event, "By the way, hello.")
		w.step()
		w.expect(id, event, `1 against "Everybody would see when I am away."`, ada+": Noted as the concern of your ballot, word by word.")
		said := len(w.home.Thread(w.room, event, bot))
		w.home.Remove(w.room, ada, yes) // changes nothing: it made no ballot that counts
		w.home.Remove(w.room, flo, refusal)
		w.step()
		w.expect(id, event, `1 against "Everybody would see when I am away."`, ada+": Noted as the concern of your ballot, word by word.")
		w.home.Remove(w.room, ada, no)
		w.step()
		w.expect(id, event, "", ada+": Taken back: your member has no ballot now. Another sign is another ballot.")
		if got := len(w.home.Thread(w.room, event, bot)); got != said+1 {
			t.Errorf("%d answers, want %d", got, said+1)
		}
		all, err := w.chair.Verify(t.Context())
		w.ok(err)
		for _, v := range all {
			if !v.OK() {
				t.Errorf("%+v", v)
			}
		}
	})
}

// TestTheSignsAreFolded: whatever skin tone or variation a client sends; any
// other sign is no vote.
func TestTheSignsAreFolded(t *testing.T) {
	for sign, want := range map[string]decisions.Answer{
		"👍": "favour", "👍️": "favour", "👍🏻": "favour", "👍🏿": "favour", "👎": "against", "👎🏼": "against", "🤷": "abstain", "🤷‍♀️": "abstain",
		"🤷🏽‍♂️": "abstain", "🤷🏾": "abstain", "🛑": "block", "🛑️": "block",
		"❤️": "", "👍👍": "", "👍👎": "", "": "", ":+1:": "", "♂️": "", "🏽": "", "👌": "", "👍 ": "",
	} {
		if got, is := choiceOf(sign); got != want || is != (want != "") {
			t.Errorf("%q is %q", sign, got)
		}
	}
}

// TestOnlyTheAnswersOfTheRule: a sign for an answer that the rule has not is
// refused, with what can be answered.
func TestOnlyTheAnswersOfTheRule(t *testing.T) {
	w := onSQLite(t)
	id, event := w.opened(decisions.Medium)
	w.home.React(w.room, ada, event, "🛑")
	w.home.React(w.room, ada, event, "🎉") // no vote, no answer
	w.step()
	v, err := w.chair.Read(t.Context(), id)
	w.ok(err)
	if v.Decision.Rule().Offers(decisions.Block) {
		t.Fatal("the rule has a block")
	}
	w.expect(id, event, "", ada+`: Not counted: "block" is no answer to this decision: answer favour, against or abstain.`+link)
	events := w.home.Events(w.room)
	const html = `@ada:example.org: Not counted: &#34;block&#34; is no answer to this decision: answer favour, against or abstain. ` +
		`<a href="https://roll.example.org/decisions/1">https://roll.example.org/decisions/1</a>`
	if got := events[len(events)-1].Content["formatted_body"]; got != html {
		t.Errorf("%s", got)
	}
}

// TestWhoCannotVoteByASign: who acts for several members, for none, or is known to
// nobody, gets a link; an unknown account gets it once. The bot's own signs are
// nobody's.
func TestWhoCannotVoteByASign(t *testing.T) {
	w := onSQLite(t)
	id, event := w.opened(decisions.Large)
	w.home.React(w.room, bot, event, "👍")
	w.home.React(w.room, cy, event, "👍")
	w.step()
	w.expect(id, event, "", cy+": "+wordsSeveral+link)
	for _, sign := range []string{"👍", "👎", "🤷"} {
		w.home.React(w.room, nobody, event, sign)
	}
	w.step()
	w.expect(id, event, "", nobody+": "+wordsUnknown+link)
	if all := w.home.Thread(w.room, event, bot); len(all) != 2 {
		t.Errorf("%d answers: %q", len(all), all)
	}
	w.ok(w.roll.SetDelegate(t.Context(), w.operator(), member.PersonID(w.people[bo].ID), w.ids[1], false))
	w.home.React(w.room, bo, event, "👍")
	w.step()
	w.expect(id, event, "", bo+": "+wordsNobody+link)
	w.ok(w.roll.SetDelegate(t.Context(), w.operator(), member.PersonID(w.people[bo].ID), w.ids[1], true))
	w.home.React(w.room, bo, event, "🤷")
	w.step()
	w.expect(id, event, "", bo+": "+wordsNotYours+link)
	// Nothing that was said tells anybody's name, member or standing.
	for _, line := range w.home.Thread(w.room, event, bot) {
		if strings.Contains(line, "Member ") || strings.Contains(line, "waive") || strings.Contains(line, "dues") {
			t.Error(line)
		}
	}
	for _, e := range w.home.Events(w.room) {
		if html, ok := e.Content["formatted_body"].(string); ok && strings.Contains(html, "decisions/1") &&
			!strings.HasSuffix(html, ` <a href="https://roll.example.org/decisions/1">https://roll.example.org/decisions/1</a>`) {
			t.Error(html)
		}
	}
}

// TestTooLate: a sign, and the removal of one, after the closing.
func TestTooLate(t *testing.T) {
	w := onSQLite(t)
	id, event := w.opened(decisions.Medium)
	yes := w.home.React(w.room, ada, event, "👍")
	w.step()
	w.home.React(w.room, bo, event, "👍")
	w.step()
	w.ok(w.announce(id))
	w.now = w.now.Add(40 * 24 * time.Hour)
	w.home.React(w.room, bo, event, "👎")
	w.step()
	w.expect(id, event, "1 favour, 2 favour", bo+": Too late: the decision is passed, and your sign was not counted.")
	w.home.Remove(w.room, ada, yes)
	w.step()
	w.expect(id, event, "1 favour, 2 favour", ada+": Too late: the decision is passed, and the ballot stands.")
}

// TestWordsThatComeTooLate: the ballot keeps the concern that it has, and nobody
// reads that it was not counted.
func TestWordsThatComeTooLate(t *testing.T) {
	w := onSQLite(t)
	id, event := w.opened(decisions.Large)
	w.home.React(w.room, bo, event, "👎")
	w.step()
	_, err := w.chair.Withdraw(t.Context(), id, chair.By{Actor: w.people[ada], Member: w.ids[0]}, "A mistake.")
	w.ok(err)
	w.home.Say(w.room, bo, event, "Too dear.")
	w.step()
	w.expect(id, event, `2 against "(asked for in the room)"`, bo+": Too late: the decision is withdrawn, and the concern of your ballot stays as it is.")
}

// announce records that the members were told, so that silence counts.
func (w *world) announce(id chair.ID) error {
	_, err := w.chair.Announce(w.t.Context(), id, chair.By{Actor: w.people[ada], Member: w.ids[0]}, "the room")
	return err
}

// TestTheConcernIsKept: who says the same again keeps the words; a ballot that was
// changed elsewhere does not take what is said in the room afterwards, and no sign
// that was overtaken takes it back.
func TestTheConcernIsKept(t *testing.T) {
	w := onSQLite(t)
	id, event := w.opened(decisions.Large)
	w.home.React(w.room, ada, event, "🛑")
	w.home.Say(w.room, ada, event, "It is against the law.")
	w.step()
	w.home.React(w.room, ada, event, "🛑️")
	w.step()
	w.expect(id, event, `1 block "It is against the law."`, ada+": Counted as a block.")
	last := w.home.React(w.room, ada, event, "👎")
	w.step()
	_, err := w.chair.Cast(t.Context(), id, chair.By{Actor: w.people[ada], Member: w.ids[0]}, decisions.Favour, "")
	w.ok(err)
	said := w.said(event)
	w.home.Say(w.room, ada, event, "I have thought again.")
	w.home.Remove(w.room, ada, last)
	w.step()
	w.expect(id, event, "1 favour", said)
}

// TestAModeratorRemovesASign: the ballot stands.
func TestAModeratorRemovesASign(t *testing.T) {
	w := onSQLite(t)
	id, event := w.opened(decisions.Large)
	sign := w.home.React(w.room, ada, event, "👍")
	w.step()
	w.home.Remove(w.room, bo, sign)
	w.step()
	w.expect(id, event, "1 favour", bo+": "+wordsByOthers)
}

// TestAnAccountThatIsNotNotedAnyMore: whoever has lost an account has not lost the
// ballot that was cast by it. Neither has who is noted for it now got that ballot.
func TestAnAccountThatIsNotNotedAnyMore(t *testing.T) {
	for name, next := range map[string]string{"nobody's": "", "another person's": bo} {
		t.Run(name, func(t *testing.T) {
			w := onSQLite(t)
			id, event := w.opened(decisions.Large)
			sign := w.home.React(w.room, ada, event, "👎")
			w.step()
			w.ok(w.roll.SetMatrix(t.Context(), w.operator(), member.PersonID(w.people[ada].ID), ""))
			if next != "" {
				w.ok(w.roll.SetDelegate(t.Context(), w.operator(), member.PersonID(w.people[next].ID), w.ids[0], true))
				w.ok(w.roll.SetMatrix(t.Context(), w.operator(), member.PersonID(w.people[next].ID), ada))
			}
			w.home.Say(w.room, ada, event, "I am somebody else.")
			w.home.Remove(w.room, ada, sign)
			w.step()
			w.expect(id, event, `1 against "(asked for in the room)"`, ada+": "+wordsNotNoted)
			if all := w.home.Thread(w.room, event, bot); len(all) != 2 { // the question, and that
				t.Errorf("answers: %q", all)
			}
		})
	}
}

// TestWhoIsNoDelegateAnyMore: neither takes the member's ballot back nor words it.
func TestWhoIsNoDelegateAnyMore(t *testing.T) {
	w := onSQLite(t)
	id, event := w.opened(decisions.Large)
	sign := w.home.React(w.room, bo, event, "👎")
	w.step()
	w.ok(w.roll.SetDelegate(t.Context(), w.operator(), member.PersonID(w.people[bo].ID), w.ids[1], false))
	w.home.Say(w.room, bo, event, "Too dear.")
	w.step()
	w.expect(id, event, `2 against "(asked for in the room)"`, bo+": "+wordsNoMore+link)
	w.home.Remove(w.room, bo, sign)
	w.step()
	w.expect(id, event, `2 against "(asked for in the room)"`, bo+": "+wordsNoMore+link)
	if n := len(w.home.Thread(w.room, event, bot)); n != 3 {
		t.Errorf("%d answers", n)
	}
}

// TestASignBeforeItsAnnouncementIsKnown: the answer that the room has the message
// was lost, and somebody was quick.
func TestASignBeforeItsAnnouncementIsKnown(t *testing.T) {
	w := onSQLite(t)
	id, _ := w.opened(decisions.Large)
	event, err := w.client.Post(t.Context(), notify.Room, "nt_again", "Decision 1 has more time.", "", matrix.Thread{})
	w.ok(err)
	w.home.React(w.room, ada, event, "👍")
	gone := w.home.React(w.room, bo, event, "👍")
	w.step()
	w.home.Remove(w.room, bo, gone)
	w.step()
	w.expect(id, event, "", "")
	w.announced(event, id)
	w.step()
	w.expect(id, event, "1 favour", ada+": Counted in favour.")
	other := w.home.Say(w.room, bo, "", "Tea?")
	w.home.React(w.room, ada, other, "👍")
	w.step()
	w.now = w.now.Add(25 * time.Hour)
	w.step()
	w.announced(other, id) // never happens to a message that is none; it shows that the sign is forgotten
	w.step()
	if n := w.casts(id); n != 1 {
		t.Errorf("%d ballots", n)
	}
}

// TestAnEarlySignIsOlder: a sign that waited until its event was known as an announcement
// is older than one that was set after it, and counted meanwhile.
func TestAnEarlySignIsOlder(t *testing.T) {
	w := onSQLite(t)
	const eve = "@eve:room.example"
	w.person(eve, w.ids[0])
	w.now = w.now.Add(time.Minute)
	id, first := w.opened(decisions.Large)
	second, err := w.client.Post(t.Context(), notify.Room, "nt_again", "Decision 1 has more time.", "", matrix.Thread{})
	w.ok(err)
	w.home.React(w.room, ada, second, "👍")
	w.now = w.now.Add(time.Minute)
	w.home.React(w.room, eve, first, "🤷")
	w.step()
	w.expect(id, first, "1 abstain", eve+": Counted as standing aside.")
	w.announced(second, id)
	w.step()
	w.expect(id, second, "1 abstain", ada+": "+wordsLaterAnswer+link)
	w.home.React(w.room, ada, second, "👎")
	w.step()
	if got := w.ballots(id); !strings.HasPrefix(got, "1 against") {
		t.Errorf("a sign that is set now: %s", got)
	}
}

// TestAfterACrash: at each place in between, a ballot is cast once and answered
// once.
func TestAfterACrash(t *testing.T) {
	for _, place := range []string{"after the receipt", "after the ballot", "after a refusal", "before the answer", "the answer was lost"} {
		t.Run(place, func(t *testing.T) {
			w := onSQLite(t)
			id, event := w.opened(decisions.Large)
			who, want := ada, "1 favour"
			if place == "after a refusal" {
				who, want = flo, ""
			}
			sign := w.home.React(w.room, who, event, "👍")
			reading, err := w.client.Sync(t.Context(), w.reader.since, 0)
			w.ok(err)
			w.ok(w.reader.receive(t.Context(), reading))
			s, err := w.reader.again(t.Context(), sign)
			w.ok(err)
			switch place {
			case "after the ballot", "after a refusal":
				// The transaction that casts is committed, and then nothing more happens.
				s.Member = w.ids[0]
				if who == flo {
					s.Member = w.ids[4]
				}
				v, err := w.chair.Read(t.Context(), id)
				w.ok(err)
				_, err = w.chair.Cast(t.Context(), id, w.reader.by(s, "x", &v), s.Choice, "")
				if refused := (*decisions.Refusal)(nil); err != nil && !errors.As(err, &refused) {
					t.Fatal(err)
				}
				if s, err = w.reader.again(t.Context(), sign); err != nil || s.State != store.SignActing {
					t.Fatal(s, err)
				}
				// Meanwhile the member votes elsewhere: that is the last word.
				if who == ada {
					_, err = w.chair.Cast(t.Context(), id, chair.By{Actor: w.people[ada], Member: w.ids[0]}, decisions.Abstain, "")
					w.ok(err)
					want = "1 abstain"
				}
			case "before the answer":
				w.ok(w.reader.act(t.Context()))
			case "the answer was lost":
				w.home.Once("sendMessage", fakematrix.Fault{Lose: true})
				if err := w.reader.finish(t.Context()); err == nil || !strings.HasPrefix(err.Error(), "answer a sign: send to the room: the connection to ") {
					t.Fatal(err)
				}
			}
			before := w.casts(id)
			w.restart()
			w.step()
			w.step()
			if got := w.ballots(id); got != want {
				t.Errorf("counted is %q, want %q", got, want)
			}
			if n := w.casts(id); place != "after the receipt" && n != before {
				t.Errorf("%d ballots, %d before", n, before)
			}
			all := w.home.Thread(w.room, event, bot)
			if len(all) != 1 || !strings.HasPrefix(all[0], who+": ") {
				t.Errorf("answers: %q", all)
			}
			if s, err = w.reader.again(t.Context(), sign); err != nil || s.State != store.SignAnswered || s.Sender+s.Words+s.Answer != "" {
				t.Errorf("%+v %v", s, err)
			}
		})
	}
}

// TestTwoReadersAtOnce: two processes of one federation read the same room: one
// ballot, one answer.
func TestTwoReadersAtOnce(t *testing.T) {
	w := onSQLite(t)
	id, event := w.opened(decisions.Large)
	w.home.React(w.room, ada, event, "👍")
	w.home.React(w.room, bo, event, "👎")
	other := *w.reader
	done := make(chan error, 1)
	go func() {
		_, err := other.Step(w.until(20 * time.Second))
		done <- err
	}()
	_, err := w.reader.Step(w.until(20 * time.Second))
	w.ok(errors.Join(err, <-done))
	w.step()
	if n, all := w.casts(id), w.home.Thread(w.room, event, bot); n != 2 || len(all) != 2 {
		t.Errorf("%d ballots, %d answers: %q", n, len(all), all)
	}
}

// TestWhatNobodyTypes: a message with a NUL in its words or in what it is about stops
// nobody from voting. What nobody types is left out of the words, which are noted.
func TestWhatNobodyTypes(t *testing.T) {
	dbtest.Each(t, func(t *testing.T, open func() *store.DB) {
		w := newWorld(t, open())
		id, event := w.opened(decisions.Large)
		relates := func(how, event string) map[string]any {
			return map[string]any{"m.relates_to": map[string]any{"rel_type": how, "event_id": event, "key": "👍"}, "msgtype": "m.text", "body": "words"}
		}
		w.home.React(w.room, ada, event, "👎")
		w.home.Send(w.room, ada, "m.reaction", relates("m.annotation", event+"\x00"))
		w.home.Send(w.room, nobody, "m.room.message", relates("m.thread", "\x00"))
		w.home.Send(w.room, nobody, "m.room.redaction", map[string]any{"redacts": "$\x00"})
		w.home.Say(w.room, ada, event, "Too\x00 dear.\x1b\r\n\tVery.\x00")
		w.home.React(w.room, bo, event, "👍")
		w.step()
		w.expect(id, event, `1 against "Too dear.\n\tVery.", 2 favour`, bo+": Counted in favour.")
		want := ""
		for _, kind := range []string{"m.reaction", "m.room.message", "m.room.redaction"} {
			want += `{"level":"warn","kind":"` + kind + `","message":"an event of the room cannot be taken, and is passed"}` + "\n"
		}
		if got := w.log.String(); got != `{"level":"info","message":"the Matrix room was joined by its invitation"}`+"\n"+want {
			t.Errorf("logged\n%s", got)
		}
	})
}

// TestWhatCannotBeStored: an event that the database refuses for a reason of its own is
// passed, and those after it count.
func TestWhatCannotBeStored(t *testing.T) {
	for name, about := range map[string]string{"no value": "$\x00", "too long for an index": random(40_000)} {
		t.Run(name, func(t *testing.T) {
			dbtest.Each(t, func(t *testing.T, open func() *store.DB) {
				w := newWorld(t, open())
				id, event := w.opened(decisions.Large)
				w.log.Reset()
				place, err := w.client.Sync(t.Context(), w.reader.since, 0)
				w.ok(err)
				w.ok(w.reader.receive(t.Context(), matrix.Reading{Next: place.Next, Events: []matrix.Event{
					{Kind: matrix.Sign, ID: "$a" + about, Sender: ada, About: event, Text: "👎"},
					{Kind: matrix.Sign, ID: "$b", Sender: bo, About: event, Text: "👍"},
				}}))
				w.restart()
				w.step()
				ballots, logged := "2 favour", `{"level":"warn","kind":"m.reaction","message":"an event of the room cannot be taken, and is passed"}`+"\n"
				if w.db.Engine() == "sqlite" { // which takes both
					ballots, logged = `1 against "(asked for in the room)", 2 favour`, ""
				}
				w.expect(id, event, ballots, bo+": Counted in favour.")
				if got := w.log.String(); got != logged {
					t.Errorf("logged\n%s", got)
				}
			})
		})
	}
}

// random is a text that cannot be made shorter by much.
func random(n int) string {
	source, text := rand.New(rand.NewPCG(1, 2)), make([]byte, n)
	for i := range text {
		text[i] = 'a' + byte(source.IntN(26))
	}
	return string(text)
}

// TestWordsThatAreNoConcern: those that are too long are not noted, which the thread
// says; the next ones are.
func TestWordsThatAreNoConcern(t *testing.T) {
	w := onSQLite(t)
	id, event := w.opened(decisions.Large)
	w.home.React(w.room, ada, event, "👎")
	w.step()
	w.home.Say(w.room, ada, event, strings.Repeat("é", 4001))
	w.step()
	w.expect(id, event, `1 against "(asked for in the room)"`, ada+": Not noted as the concern of your ballot: what you wrote has 4001 characters, at most 4000 are taken. "+
		"Your next words in this thread become it.")
	words := strings.Repeat("é", 4000)
	w.home.Say(w.room, ada, event, words)
	w.step()
	w.expect(id, event, `1 against "`+words+`"`, ada+": Noted as the concern of your ballot, word by word.")
	// Words of before they were read as they are now.
	w.home.React(w.room, bo, event, "🛑")
	w.step()
	w.ok(w.reader.receive(t.Context(), matrix.Reading{Next: w.reader.since, Events: []matrix.Event{{Kind: matrix.Reply, ID: "$old", Sender: bo, About: event, Text: "N\x00o"}}}))
	w.step()
	w.expect(id, event, `1 against "`+words+`", 2 block "(asked for in the room)"`, bo+": Not noted as the concern of your ballot: "+
		"what you wrote holds a control character (U+0000): write it on one line, as plain text. Your next words in this thread become it.")
}

// TestAskedToWait: 429 on the answer keeps nobody from voting, says how long to
// wait, and is made good afterwards. A reading that is asked to wait loses nothing.
func TestAskedToWait(t *testing.T) {
	w := onSQLite(t)
	id, event := w.opened(decisions.Large)
	limited := &fakematrix.Fault{Status: 429, Code: "M_LIMIT_EXCEEDED", RetryAfter: 1500 * time.Millisecond}
	w.home.Refuse(func(op string) *fakematrix.Fault {
		if op == "sendMessage" {
			return limited
		}
		return nil
	})
	w.home.React(w.room, ada, event, "👍")
	_, err := w.reader.Step(t.Context())
	if matrix.Waits(err) != 1500*time.Millisecond || !errors.Is(err, matrix.ErrLimited) {
		t.Fatal(err)
	}
	w.home.React(w.room, bo, event, "👍")
	if _, err = w.reader.Step(t.Context()); matrix.Waits(err) != 1500*time.Millisecond {
		t.Fatal(err)
	}
	w.expect(id, event, "1 favour, 2 favour", "")
	w.home.Refuse(nil)
	w.home.Once("sync", *limited)
	if _, err = w.reader.Step(t.Context()); matrix.Waits(err) != 1500*time.Millisecond {
		t.Fatal(err)
	}
	if all := w.home.Thread(w.room, event, bot); len(all) != 2 {
		t.Errorf("answers: %q", all)
	}
}

// TestThePlaceIsLost: a homeserver that does not know any more where the reading
// was: it begins anew, counts nothing twice, and takes no old words for a concern.
func TestThePlaceIsLost(t *testing.T) {
	w := onSQLite(t)
	id, event := w.opened(decisions.Large)
	w.home.Say(w.room, ada, event, "Good morning.")
	w.step()
	w.home.React(w.room, ada, event, "👎")
	w.step()
	w.reader.since = "of another homeserver"
	w.home.React(w.room, bo, event, "👍")
	if _, err := w.reader.Step(t.Context()); err == nil || !strings.HasSuffix(err.Error(), "the homeserver says 400 M_INVALID_PARAM") {
		t.Fatal(err)
	}
	w.step()
	w.expect(id, event, `1 against "(asked for in the room)", 2 favour`, bo+": Counted in favour.")
	if n := w.casts(id); n != 2 {
		t.Errorf("%d ballots", n)
	}
}

// TestThePlaceIsLostAfterMuch: what happened since the last event that was read is found,
// though it is more than a first reading tells; where that event is not found, or is not
// known, the log says that signs may be missing. A first reading of a busy room does not.
func TestThePlaceIsLostAfterMuch(t *testing.T) {
	const gap = `{"level":"warn","message":"more happened in the room than can be read at once: signs may be missing, and can be set again"}` + "\n"
	const joined = `{"level":"info","message":"the Matrix room was joined by its invitation"}` + "\n"
	for name, x := range map[string]struct {
		lose     func(w *world)
		ballots  string
		logged   string
		restarts bool
	}{
		"by another homeserver":    {func(w *world) { w.reader.since = "of another homeserver" }, `1 against "Too dear.", 2 favour`, "", false},
		"in the store, by another": {func(w *world) { w.place("of another homeserver") }, `1 against "Too dear.", 2 favour`, "", true},
		"by another account":       {func(w *world) { w.account() }, `1 against "Too dear.", 2 favour`, joined, true},
		"with an event that is gone": {func(w *world) { w.reader.since, w.reader.last = "of another homeserver", "$gone" },
			`1 against "(asked for in the room)", 2 favour`, gap, false},
		"without an event": {func(w *world) { w.reader.since, w.reader.last = "of another homeserver", "" }, "1 against \"(asked for in the room)\"", gap, false},
	} {
		t.Run(name, func(t *testing.T) {
			w := onSQLite(t)
			id, event := w.opened(decisions.Large)
			w.home.React(w.room, ada, event, "👎")
			w.step()
			w.log.Reset()
			w.home.Say(w.room, ada, event, "Too dear.")
			w.home.React(w.room, bo, event, "👍")
			for range 120 {
				w.home.Say(w.room, cy, "", "Tea?")
			}
			x.lose(w)
			if x.restarts {
				w.restart()
			}
			if _, err := w.reader.Step(t.Context()); err != nil && !strings.HasSuffix(err.Error(), "the homeserver says 400 M_INVALID_PARAM") {
				t.Fatal(err)
			}
			w.step()
			if got := w.ballots(id); got != x.ballots {
				t.Errorf("counted is %q, want %q", got, x.ballots)
			}
			if got := w.log.String(); got != x.logged {
				t.Errorf("logged\n%s", got)
			}
			w.home.React(w.room, bo, event, "🤷")
			w.step()
			if got := w.ballots(id); !strings.HasSuffix(got, ", 2 abstain") {
				t.Error(got)
			}
		})
	}
}

// TestAFirstReading: of a room in which much was said before says nothing of a gap; its
// end is noted, also where there is nothing to read.
func TestAFirstReading(t *testing.T) {
	for _, before := range []int{0, 120} {
		w := onSQLite(t)
		for range before {
			w.home.React(w.room, cy, "$tea", "🍵"+fmt.Sprint(before))
		}
		w.step()
		w.restart()
		id, event := w.opened(decisions.Large)
		w.home.React(w.room, ada, event, "👍")
		for i := range 120 {
			w.home.React(w.room, cy, "$tea", fmt.Sprint(i))
		}
		w.restart()
		w.step()
		w.expect(id, event, "1 favour", ada+": Counted in favour.")
		if got, want := w.log.String(), `{"level":"info","message":"the Matrix room was joined by its invitation"}`+"\n"; got != want {
			t.Errorf("logged\n%s", got)
		}
	}
}

// TestAnEncryptedRoom: signs are off, from the start or from when it was encrypted.
func TestAnEncryptedRoom(t *testing.T) {
	w := onSQLite(t)
	id, event := w.opened(decisions.Large)
	w.home.React(w.room, ada, event, "👍")
	w.home.Encrypt(w.room, ada)
	w.step() // what was set before it counts
	w.home.React(w.room, bo, event, "👍")
	next, err := w.reader.Step(t.Context())
	w.ok(err)
	if next != w.now.Add(time.Hour) {
		t.Errorf("it looks again at %s", next)
	}
	w.restart()
	w.step()
	w.expect(id, event, "1 favour", ada+": Counted in favour.")
}

// TestNotInvited: the account waits for its invitation and counts what comes after.
func TestNotInvited(t *testing.T) {
	w := onSQLite(t)
	other := w.home.Room("secret", ada)
	w.home.Invite(other, ada, bot)
	fresh, token := w.home.User("other", "")
	w.client = client(t, w.home.URL, token, w.room)
	w.restart()
	next, err := w.reader.Step(t.Context())
	w.ok(err)
	if next != w.now.Add(time.Minute) || strings.Contains(fmt.Sprint(w.home.Members(w.room)), fresh) || strings.Contains(fmt.Sprint(w.home.Members(other)), fresh) {
		t.Errorf("%s %v", next, w.home.Members(w.room))
	}
	w.home.Invite(w.room, ada, fresh)
	w.step()
	if !strings.Contains(fmt.Sprint(w.home.Members(w.room)), fresh) {
		t.Error("the invitation was not taken")
	}
}

// TestAPauseEndsByVoting: the chair's own rule holds for a sign, too.
func TestAPauseEndsByVoting(t *testing.T) {
	w := onSQLite(t)
	_, err := w.roll.Pause(t.Context(), roll.By{Actor: w.people[bo], Reason: "a rest"}, w.ids[1], 0, false)
	w.ok(err)
	id, event := w.opened(decisions.Large)
	w.home.React(w.room, bo, event, "👍")
	w.step()
	w.expect(id, event, "2 favour", bo+": Counted in favour.")
}

// TestALaterAnswerStands: a sign that was received and not acted on, because the
// program was down, does not overrule what the member has answered since, nor that
// it took its answer back; a sign that is set afterwards does.
func TestALaterAnswerStands(t *testing.T) {
	for _, back := range []bool{false, true} {
		w := onSQLite(t)
		id, event := w.opened(decisions.Large)
		by := chair.By{Actor: w.people[ada], Member: w.ids[0]}
		w.home.React(w.room, ada, event, "👍")
		reading, err := w.client.Sync(t.Context(), w.reader.since, 0)
		w.ok(err)
		w.ok(w.reader.receive(t.Context(), reading))
		w.now = w.now.Add(time.Minute)
		_, err = w.chair.Cast(t.Context(), id, by, decisions.Against, "It costs too much.")
		w.ok(err)
		want := `1 against "It costs too much."`
		if back {
			_, err = w.chair.Retract(t.Context(), id, by)
			w.ok(err)
			want = ""
		}
		w.restart()
		w.step()
		w.expect(id, event, want, ada+": "+wordsLaterAnswer+link)
		w.home.React(w.room, ada, event, "🤷")
		w.step()
		w.expect(id, event, "1 abstain", ada+": Counted as standing aside.")
	}
}

// TestTheSameAnswerAgainIsNewer: who gives the answer that stands once more on the page
// that shows it has answered later than the sign that it set in between, although that is
// read last. The same form sent twice is one answer: the sign came after it, and counts.
func TestTheSameAnswerAgainIsNewer(t *testing.T) {
	for _, again := range []bool{true, false} {
		w := onSQLite(t)
		id, event := w.opened(decisions.Large)
		w.step()
		by := chair.By{Actor: w.people[ada], Member: w.ids[0], AmongOthers: true}
		answer := func(seen string) chair.Result {
			by.Seen = seen
			done, err := w.chair.Put(t.Context(), id, by, decisions.Against, "It costs too much.")
			w.ok(err)
			return done
		}
		v, err := w.chair.Read(t.Context(), id)
		w.ok(err)
		first := answer(v.Head.Hash)
		w.now = w.now.Add(time.Minute)
		w.home.React(w.room, ada, event, "👍")
		w.now = w.now.Add(time.Minute)
		seen, entries := v.Head.Hash, first.Seq
		if again {
			seen, entries = first.Head, first.Seq+1
		}
		for range 2 { // pressed twice
			if done := answer(seen); done.Seq != entries {
				t.Errorf("again %v: entry %d, want %d", again, done.Seq, entries)
			}
		}
		w.now = w.now.Add(time.Hour)
		w.step()
		if again {
			w.expect(id, event, `1 against "It costs too much."`, ada+": "+wordsLaterAnswer+link)
			continue
		}
		w.expect(id, event, "1 favour", ada+": Counted in favour.")
	}
}

// TestTheLastOfSignsThatWaited: a sign, the words to it and another sign that were
// received together are acted on in their order, and the last sign counts.
func TestTheLastOfSignsThatWaited(t *testing.T) {
	w := onSQLite(t)
	id, event := w.opened(decisions.Large)
	w.home.React(w.room, ada, event, "👎")
	w.home.Say(w.room, ada, event, "Too dear.")
	w.home.React(w.room, ada, event, "👍")
	reading, err := w.client.Sync(t.Context(), w.reader.since, 0)
	w.ok(err)
	w.ok(w.reader.receive(t.Context(), reading))
	w.step()
	w.expect(id, event, "1 favour", ada+": Counted in favour.")
	if n := w.casts(id); n != 3 {
		t.Errorf("%d ballots in the chain, want all three", n)
	}
}

// TestTheNewestAnnouncement: a sign on what announced another text, or a smaller
// size, is no answer to the one that is decided on now; an editorial amendment
// leaves it one.
func TestTheNewestAnnouncement(t *testing.T) {
	w := onSQLite(t)
	id, old := w.opened(decisions.Medium)
	by := chair.By{Actor: w.people[ada], Member: w.ids[0]}
	next := func() string {
		w.now = w.now.Add(time.Minute)
		event, err := w.client.Post(t.Context(), notify.Room, fmt.Sprint("nt_", w.now), "Decision 1 is another one.", "", matrix.Thread{})
		w.ok(err)
		w.announced(event, id)
		return event
	}
	w.now = w.now.Add(time.Minute)
	_, err := w.chair.Amend(t.Context(), id, by, func(x *decisions.Text) { x.Affects = "All of us." }, true)
	w.ok(err)
	w.home.React(w.room, bo, old, "👍")
	w.step()
	w.expect(id, old, "2 favour", bo+": Counted in favour.")
	w.now = w.now.Add(time.Minute)
	_, err = w.chair.Amend(t.Context(), id, by, func(x *decisions.Text) { x.Changes = "We use two." }, false)
	w.ok(err)
	newer := next()
	w.home.React(w.room, ada, old, "👍")
	w.step()
	if w.said(old) != ada+": "+wordsOldText+link || strings.Contains(w.ballots(id), "1 ") {
		t.Errorf("%s: %s", w.ballots(id), w.said(old))
	}
	w.home.React(w.room, ada, newer, "👍")
	w.step()
	if w.said(newer) != ada+": Counted in favour." || !strings.Contains(w.ballots(id), "1 favour") {
		t.Errorf("%s: %s", w.ballots(id), w.said(newer))
	}
	w.now = w.now.Add(time.Minute)
	_, err = w.chair.Escalate(t.Context(), id, by, decisions.Large, "It is dear.")
	w.ok(err)
	w.home.React(w.room, bo, newer, "👍")
	w.step()
	w.expect(id, newer, "", bo+": "+wordsOldText+link)
	large := next()
	w.home.React(w.room, bo, large, "👍")
	w.step()
	w.expect(id, large, "2 favour", bo+": Counted in favour.")
}

// TestAnAnnouncementThatIsNotedLate: which text an announcement told of does not depend
// on when the room was known to have it, nor on whose clock was ahead then. One that was
// noted by an older program goes by its instant.
func TestAnAnnouncementThatIsNotedLate(t *testing.T) {
	dbtest.Each(t, func(t *testing.T, open func() *store.DB) {
		w := newWorld(t, open())
		by := chair.By{Actor: w.people[ada], Member: w.ids[0]}
		id, noted := w.opened(decisions.Large)
		amend := func(changes string) {
			_, err := w.chair.Amend(t.Context(), id, by, func(x *decisions.Text) { x.Changes = changes }, false)
			w.ok(err)
		}
		post := func(txn string) (event string, err error) {
			return w.client.Post(t.Context(), notify.Room, txn, "Decision 1 has more time.", "", matrix.Thread{})
		}
		refused := func(event, ballots string) {
			t.Helper()
			w.home.React(w.room, bo, event, "👍")
			w.step()
			w.expect(id, event, ballots, bo+": "+wordsOldText+link)
		}
		opening := w.end(id)

		// The room has it, and its answer was lost; what is sent again is the first one.
		w.home.Once("sendMessage", fakematrix.Fault{Lose: true})
		if _, err := post("nt_lost"); err == nil {
			t.Fatal("the answer was not lost")
		}
		w.now = w.now.Add(time.Minute)
		amend("We use two.")
		w.now = w.now.Add(time.Minute)
		lost, err := post("nt_lost")
		w.ok(err)
		w.announcedAs(lost, id, opening)
		refused(lost, "")

		// It was noted by a clock that was ahead of the one of the amendment.
		ahead, err := post("nt_ahead")
		w.ok(err)
		told := w.end(id)
		w.now = w.now.Add(30 * time.Second)
		w.announcedAs(ahead, id, told)
		w.now = w.now.Add(-20 * time.Second)
		amend("We use three.")
		w.now = w.now.Add(time.Minute)
		refused(ahead, "")
		refused(noted, "")

		// What an older program has noted.
		before, err := post("nt_before")
		w.ok(err)
		w.announcedAs(before, id, 0)
		w.home.React(w.room, bo, before, "👍")
		w.step()
		w.expect(id, before, "2 favour", bo+": Counted in favour.")
		amend("We use four.")
		refused(before, "2 favour") // that of the text before
	})
}

// TestASignThatIsReadLate: what the member answered elsewhere after a sign was set
// stands, also where the room could not be read until then, and whoever's clock is wrong:
// what was received before is older. A sign that was set afterwards counts.
func TestASignThatIsReadLate(t *testing.T) {
	const minutes = time.Minute
	for name, x := range map[string]struct {
		homes           time.Duration // how far the homeserver's clock is ahead
		set, read, cast time.Duration // when each is done, by whoever's clock does it
		order           string
		counts          bool
	}{
		"the homeserver was away":                {0, 0, 60 * minutes, 30 * minutes, "set cast read", false},
		"it was read before, by a clock ahead":   {60 * minutes, 0, 30 * minutes, 10 * minutes, "set read cast", false},
		"it is newer, and a clock is behind":     {10 * minutes, 0, 0, 5 * minutes, "cast set read", true},
		"it is newer":                            {0, 10 * minutes, 11 * minutes, 5 * minutes, "cast set read", true},
		"it is newer by less than a millisecond": {0, 900 * time.Microsecond, minutes, 300 * time.Microsecond, "cast set read", true},
		"the homeserver says that it is older":   {-60 * minutes, 10 * minutes, 11 * minutes, 5 * minutes, "cast set read", false},
		"the homeserver says that it is to come": {60 * minutes, 0, minutes, 2 * minutes, "set read cast", false},
		"the homeserver says nothing of use":     {-1_000_000 * time.Hour, 10 * minutes, 11 * minutes, 5 * minutes, "cast set read", true},
		"nothing of use, and it was read before": {-1_000_000 * time.Hour, 0, 30 * minutes, 10 * minutes, "set read cast", false},
	} {
		t.Run(name, func(t *testing.T) {
			dbtest.Each(t, func(t *testing.T, open func() *store.DB) {
				w := newWorld(t, open())
				id, event := w.opened(decisions.Large)
				w.step()
				begin := w.now.Add(time.Minute)
				w.skew = x.homes
				for _, what := range strings.Fields(x.order) {
					switch what {
					case "set":
						w.now = begin.Add(x.set)
						w.home.React(w.room, ada, event, "👍")
					case "cast":
						w.now = begin.Add(x.cast)
						_, err := w.chair.Cast(t.Context(), id, chair.By{Actor: w.people[ada], Member: w.ids[0]}, decisions.Against, "It costs too much.")
						w.ok(err)
					case "read":
						w.now = begin.Add(x.read)
						reading, err := w.client.Sync(t.Context(), w.reader.since, 0)
						w.ok(err)
						w.ok(w.reader.receive(t.Context(), reading))
					}
				}
				w.restart()
				w.step()
				if x.counts {
					w.expect(id, event, "1 favour", ada+": Counted in favour.")
					return
				}
				w.expect(id, event, `1 against "It costs too much."`, ada+": "+wordsLaterAnswer+link)
				w.skew, w.now = 0, begin.Add(2*time.Hour)
				w.home.React(w.room, ada, event, "🤷")
				w.step()
				w.expect(id, event, "1 abstain", ada+": Counted as standing aside.")
			})
		})
	}
}
