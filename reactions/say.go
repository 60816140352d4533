package reactions

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"fmt"
	"html"
	"strings"

	"coopcloud.tech/goodstanding/chair"
	"coopcloud.tech/goodstanding/decisions"
	"coopcloud.tech/goodstanding/notify"
	"coopcloud.tech/goodstanding/notify/matrix"
	"coopcloud.tech/goodstanding/store"
)

// What is said in the room, after the account's id and a colon. A link follows.
const (
	wordsUnknown     = "Not counted: nobody here is known by this Matrix account. Sign in to vote; whoever runs the program can note your account, so that your signs count."
	wordsNobody      = "Not counted: you act for no member here. A member's delegates, or a treasurer, can make you its delegate."
	wordsSeveral     = "Not counted: you act for several members, and a sign does not say for which one. Vote for each of them on the page of the decision."
	wordsNotYours    = "Not counted: that you act for your member has to be confirmed first, since you became its delegate while this was open. Where and how is on the page of the decision."
	wordsNoMore      = "Not counted: you do not act for that member any more. Its ballot stands as it is."
	wordsOldText     = "Not counted: the decision has another text, or another size, since this was announced. Set your sign on the newest announcement, or answer on the page of the decision."
	wordsLaterAnswer = "Not counted: as far as the clocks tell, your member has answered in another way since you set this sign, and that answer stands. If that is not so, answer on the page of the decision."
	wordsNoVote      = "your member has no vote now; why, and what to do, is to be read when you are signed in"
	wordsNoSeat      = "your member has no place in the electorate of this decision"
	wordsByOthers    = "The sign was removed by somebody else. The ballot stands: only who set a sign takes it back."
	wordsNotNoted    = "The ballot stands: this Matrix account is not noted any more for the person who cast it, who can take it back when signed in."
)

var choices = map[decisions.Answer]string{decisions.Favour: "in favour", decisions.Against: "against", decisions.Abstain: "as standing aside", decisions.Block: "as a block"}

func receipt(made *entry) string {
	return fmt.Sprintf("Receipt: entry %d of decision %d, %.16s.", made.seq, made.d.Number, made.hash)
}

func wordsCounted(made *entry, s store.RoomSign) string {
	text := "Counted " + choices[s.Choice] + ". " + receipt(made)
	if s.Awaits {
		text += " What is the concern? Your next words in this thread become it, to be read with the ballot; until then it reads “" + Placeholder + "”."
	}
	return text
}

func wordsConcern(made *entry) string {
	return "Noted as the concern of your ballot, word by word. " + receipt(made)
}

// wordsUnfit say why what somebody wrote is no concern. The ballot waits for other words.
func wordsUnfit(faults []string) string {
	return "Not noted as the concern of your ballot: " + strings.Join(faults, "; ") + ". Your next words in this thread become it."
}

func wordsTakenBack(made *entry) string {
	return "Taken back: your member has no ballot now. " + receipt(made) + " Another sign is another ballot."
}

// refuse says why an act was refused. What is nobody's business in the room is not
// said there.
func (r *Reader) refuse(ctx context.Context, s store.RoomSign, no *decisions.Refusal) error {
	if no.State.Final() {
		what := "your sign was not counted"
		switch s.Kind {
		case store.SignRemoved:
			what = "the ballot stands"
		case store.SignReply:
			what = "the concern of your ballot stays as it is"
		}
		return r.tell(ctx, s, late, fmt.Sprintf("Too late: the decision is %s, and %s.", no.State.Words(), what))
	}
	var reasons []string
	for _, reason := range no.Reasons {
		switch reason.Code {
		case decisions.NoVote:
			reasons = append(reasons, wordsNoVote)
		case decisions.NoSeat:
			reasons = append(reasons, wordsNoSeat)
		default:
			reasons = append(reasons, reason.Text)
		}
	}
	return r.tell(ctx, s, refused, "Not counted: "+strings.Join(reasons, "; ")+"."+r.link(ctx, s))
}

// link leads to the page of the decision; "" where there is none to lead to.
func (r *Reader) link(ctx context.Context, s store.RoomSign) string {
	if r.o.PublicURL == "" {
		return ""
	}
	v, err := r.o.Chair.Read(ctx, chair.ID(s.Decision))
	if err != nil || v.Decision.Number == 0 {
		return ""
	}
	return fmt.Sprintf(" %s/decisions/%d", r.o.PublicURL, v.Decision.Number)
}

// tell notes what came of a sign, and what is to be said of it; "" says nothing.
// Rows that changed with it are noted, too.
func (r *Reader) tell(ctx context.Context, s store.RoomSign, outcome, text string, others ...store.RoomSign) error {
	s.State, s.Outcome, s.Words, s.Answer = store.SignTold, outcome, "", text
	if text == "" {
		s.State, s.Sender = store.SignAnswered, ""
	}
	return r.note(ctx, append(others, s)...)
}

func (r *Reader) note(ctx context.Context, rows ...store.RoomSign) error {
	return r.o.DB.InTx(ctx, store.NoStream, r.o.Now(), func(tx *store.Tx) error {
		for _, s := range rows {
			if err := tx.SetRoomSign(ctx, s); err != nil {
				return err
			}
		}
		return nil
	})
}

// answer says in the threads what is to be said.
func (r *Reader) answer(ctx context.Context) error {
	var told []store.RoomSign
	err := r.o.DB.View(ctx, func(tx *store.Tx) (err error) {
		told, err = tx.RoomSigns(ctx, store.SignTold)
		return err
	})
	if err != nil {
		return fmt.Errorf("answer a sign: %w", err)
	}
	for _, s := range told {
		text := s.Sender + ": " + s.Answer
		_, err := r.o.Client.Post(ctx, notify.Room, transaction(s.Event), text, r.formatted(text), matrix.Thread{Root: s.Announcement, Answers: s.Event})
		if no, final := errors.AsType[*notify.Rejection](err); final {
			r.o.Log.Warn().Str("reason", no.Reason).Msg("a sign could not be answered in the room")
		} else if err != nil {
			return fmt.Errorf("answer a sign: %w", r.lost(err))
		}
		s.State, s.Sender, s.Answer = store.SignAnswered, "", ""
		if err := r.note(ctx, s); err != nil {
			return fmt.Errorf("answer a sign: %w", err)
		}
	}
	return nil
}

// transaction is the id under which a sign is answered: always the same.
func transaction(event string) string {
	sum := sha256.Sum256([]byte("answer\n" + event))
	return "gs-" + hex.EncodeToString(sum[:16])
}

// formatted is a text as HTML: all of it escaped, and the link at its end a link.
func (r *Reader) formatted(text string) string {
	i := -1
	if r.o.PublicURL != "" {
		i = strings.LastIndex(text, " "+r.o.PublicURL+"/decisions/")
	}
	if i < 0 {
		return html.EscapeString(text)
	}
	link := html.EscapeString(text[i+1:])
	return html.EscapeString(text[:i+1]) + `<a href="` + link + `">` + link + `</a>`
}
