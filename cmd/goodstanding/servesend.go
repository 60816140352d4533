package main

import (
	"context"
	"errors"
	"time"

	"coopcloud.tech/goodstanding/chair"
	"coopcloud.tech/goodstanding/dispatch"
	"coopcloud.tech/goodstanding/internal/loop"
	"coopcloud.tech/goodstanding/notify"
	"coopcloud.tech/goodstanding/notify/email"
	"coopcloud.tech/goodstanding/notify/letter"
)

// longestSend bounds the pause between two looks at the outbox: it is noted once a
// minute that sending is at work, and another process may have written to it.
const longestSend = time.Minute

// newSender is what sends the notices by the settings; mails go over the connection
// of those for signing in.
func (d *desk) newSender(p parts, c *chair.Chair, mails *email.Sender) (*dispatch.Dispatcher, error) {
	f := d.cfg.Federation
	o := dispatch.Options{
		DB: d.db, Roll: d.roll, Decision: c.LetterAbout, Heard: c.Heard, Pace: notify.NewPace(0), Unreachable: unreachable, Letter: d.letter, Announcement: d.cfg.Letters().Announcement,
		Federation: dispatch.Federation{Name: f.Name, URL: f.URL, RollURL: d.cfg.PublicURL, PayURL: f.PayURL, Zone: f.Zone},
		Now:        p.now, NewID: d.app.env.NewID, Random: p.random, Observe: p.metrics.Sent, Log: d.log,
	}
	if len(f.Languages) > 0 {
		o.Federation.Language = f.Languages[0]
	}
	if mails != nil {
		o.Email = mails
		o.Federation.Treasurers = d.cfg.SignIn.SMTP.ReplyTo.Address
	}
	return dispatch.New(o)
}

// letter is a letter as its parts.
func (d *desk) letter(data letter.Data) (subject, text, html string, err error) {
	l, err := d.cfg.Letters().Render(data)
	return l.Subject, l.Text, l.HTML, err
}

// unreachable says that no mail can be handed in now.
func unreachable(err error) bool {
	_, is := errors.AsType[*email.Unreachable](err)
	return is
}

// send runs the loop that sends notices, until the context ends.
func (s *shift) send(ctx context.Context) {
	loop.Run(ctx, s.sender.Step, loop.Options{
		Max: longestSend, Random: s.random, Now: s.now, Poke: s.pokeSend, Failed: s.sendFailed,
		Backoff: func(_ error, n int) time.Duration { return loop.Exponential(time.Second, time.Minute, n) },
	})
}

func (s *shift) sendFailed(err error, n int, pause time.Duration) {
	s.desk.log.Warn().Err(err).Int("in_a_row", n).Stringer("next_in", pause.Round(time.Second)).Msg("the notices could not be looked at")
}
