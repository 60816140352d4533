package main

import (
	"context"
	"errors"
	"time"

	"coopcloud.tech/goodstanding/chair"
	"coopcloud.tech/goodstanding/dispatch"
	"coopcloud.tech/goodstanding/notify"
	"coopcloud.tech/goodstanding/notify/email"
	"coopcloud.tech/goodstanding/notify/letter"
	"coopcloud.tech/goodstanding/notify/matrix"
	"coopcloud.tech/goodstanding/roll"
	"coopcloud.tech/goodstanding/store"
	"coopcloud.tech/goodstanding/web"
)

// longestSend bounds the pause between two looks at the outbox: it is noted once a
// minute that sending is at work, and another process may have written to it.
const longestSend = time.Minute

// newSender is what sends the notices by the settings; mails go over the connection
// of those for signing in.
func (s *shift) newSender(d *desk, c *chair.Chair) (*dispatch.Dispatcher, error) {
	o := dispatch.Options{
		DB: d.db, Roll: d.roll, Before: s.sender, Decision: c.LetterAbout, Heard: c.Heard, MayHear: c.MayHear, Fill: d.fill, Pace: notify.NewPace(0), Unreachable: unreachable,
		Letter: d.letter, Announcement: d.inRoom,
		Federation: d.cfg.letterhead(),
		Extra:      d.gathering(),
		Now:        s.now, NewID: d.app.env.NewID, Random: s.random, Observe: s.metrics.Sent, Log: d.log,
	}
	if mails := s.visitors.sender; mails != nil {
		o.Email = mails
	}
	if s.matrix != nil {
		o.Room, o.Taken = s.say, s.said
	}
	return dispatch.New(o)
}

// letterhead is what letters say of the federation.
func (c *Config) letterhead() dispatch.Federation {
	f := c.Federation
	head := dispatch.Federation{Name: c.federationName(), URL: f.URL, RollURL: c.PublicURL, SignInURL: c.page("/sign-in"), Unsubscribe: c.page(web.NoticesPath), PayURL: f.PayURL, Zone: f.Zone, DecisionURL: c.decisionPage}
	if len(f.Languages) > 0 {
		head.Language = f.Languages[0]
	}
	if mails := c.SignIn.SMTP; mails != nil {
		head.Treasurers = mails.ReplyTo.Address
	}
	return head
}

// announced is how the opening of a decision would be told to a member, and in the
// room, for who is about to open it.
func (d *desk) announced(p *chair.Preview, to, minimum string) (web.Announced, error) {
	head := d.cfg.letterhead()
	data := head.About(head.Letter(p.Mail.Kind, "", minimum, d.app.env.Now()), *p.Mail)
	data.To = to
	mail, err := d.cfg.Letters().Render(data)
	if err != nil {
		return web.Announced{}, err
	}
	room, _, err := d.cfg.Letters().Announcement(head.About(data, *p.Room))
	return web.Announced{Subject: mail.Subject, Mail: mail.Text, Room: room}, err
}

// say says something in the federation's room.
func (s *shift) say(ctx context.Context, txn, text, html string) (event string, err error) {
	return s.matrix.Post(ctx, s.matrix.Room(), txn, text, html, matrix.Thread{})
}

// said notes what the room has of decisions, so that signs on it are read: by the
// entry that each notice is about, since what was sent again may be what the room took
// the first time, before the text became another.
func (s *shift) said(ctx context.Context, tx *store.Tx, ns []store.OutboxRow, event string) error {
	for _, n := range ns {
		if id, entry, ok := chair.ReadCause(n.Cause); ok && n.Channel == notify.Matrix && n.Kind.Group() == notify.AboutDecisions {
			if err := tx.Announced(ctx, event, s.matrix.Room(), string(id), entry); err != nil {
				return err
			}
		}
	}
	return nil
}

// fill is what the register says in a letter; ok is false where that is over.
func (d *desk) fill(ctx context.Context, tx *store.Tx, n store.OutboxRow, base letter.Data) (data letter.Data, ok bool, err error) {
	data, err = d.roll.LetterAbout(ctx, tx, n, base)
	if errors.Is(err, roll.ErrOver) {
		return base, false, nil
	}
	return data, err == nil, err
}

// letter is a letter as its parts.
func (d *desk) letter(data letter.Data) (subject, text, html string, err error) {
	l, err := d.cfg.Letters().Render(data)
	return l.Subject, l.Text, l.HTML, err
}

// inRoom is what the room reads. Like a letter, it is looked for in the words
// when there is one to write: compiling them takes a start 15 ms and 2 MB.
func (d *desk) inRoom(data letter.Data) (text, html string, err error) {
	return d.cfg.Letters().Announcement(data)
}

// unreachable says that nothing can be handed over now, to nobody: there is no
// connection, or the room is closed to this account, or it asks to wait. What the
// room has already it takes no second time.
func unreachable(err error) (bool, time.Duration) {
	_, noMail := errors.AsType[*email.Unreachable](err)
	_, noRoom := errors.AsType[*matrix.Unreachable](err)
	closed := errors.Is(err, matrix.ErrUnknownToken) || errors.Is(err, matrix.ErrForbidden) || errors.Is(err, matrix.ErrLimited)
	return noMail || noRoom || closed, matrix.Waits(err)
}

func (s *shift) sendFailed(err error, n int, pause time.Duration) {
	s.desk.log.Warn().Err(err).Int("in_a_row", n).Stringer("next_in", pause.Round(time.Second)).Msg("the notices could not be looked at")
}
