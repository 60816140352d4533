package signin

import (
	"context"
	"errors"
	"net/netip"
	"time"

	"coopcloud.tech/goodstanding/internal/instant"
	"coopcloud.tech/goodstanding/internal/loop"
	"coopcloud.tech/goodstanding/notify"
	"coopcloud.tech/goodstanding/roll"
)

// How often one client may apply to join: a whole office may share an address, and
// whoever applies corrects it once or twice.
const (
	applyBurst = 6
	applyEvery = 10 * time.Minute
)

// ErrTooOften says that a client has applied too often lately.
var ErrTooOften = errors.New("too many applications came from there lately")

// ConfirmLetter is a mail that asks an applicant whether the address is theirs.
type ConfirmLetter struct {
	Language string
	Link     string
	Until    instant.Instant // when the link is over
}

// TakesApplications says whether somebody can apply to join: the address has to be
// confirmed by a mail.
func (s *Service) TakesApplications() bool {
	return s.o.Mail != nil && s.o.Confirm != nil || s.o.ShowLinks != nil
}

// Apply takes an application to join, to be confirmed by a link that is mailed. A
// *roll.Refused says what is wrong with it; ErrTooOften and roll.ErrManyApplications
// that none is taken now. Otherwise the answer depends on nothing that is stored.
func (s *Service) Apply(ctx context.Context, n roll.NewApplication, client netip.Addr) error {
	if err := s.o.Roll.CheckApplication(n); err != nil {
		return err
	}
	if !s.applicants.allow(client, s.o.Now().Time()) {
		s.o.Log.Warn().Msg("a client applies too often: nothing is kept")
		return ErrTooOften
	}
	if err := s.o.Roll.Apply(ctx, n); err != nil {
		return err
	}
	s.applied.Poke()
	return nil
}

// longestApply bounds how long the mails to applicants are not looked at: another
// process may have taken an application.
const longestApply = 5 * time.Minute

// mailApplicants mails the links to applicants, until the context ends. They go as
// links for signing in do, at once and whether or not a treasurer has started the
// notices: who gets one has asked for it. What waits is kept with the application, so
// that no end of the program loses it.
func (s *Service) mailApplicants(ctx context.Context) {
	if !s.TakesApplications() {
		return
	}
	loop.Run(ctx, s.mailNext, loop.Options{
		Max: longestApply, Now: s.o.Now, Poke: s.applied,
		Backoff: func(_ error, n int) time.Duration { return loop.Exponential(time.Second, time.Minute, n) },
		Failed: func(err error, _ int, _ time.Duration) {
			s.o.Log.Warn().Err(err).Msg("a mail to an applicant could not be sent yet")
		},
	})
}

// mailNext sends the mails that are due.
func (s *Service) mailNext(ctx context.Context) (next instant.Instant, err error) {
	for {
		m, next, ok, err := s.o.Roll.NextApplicationMail(ctx)
		if err != nil || !ok {
			return next, err
		}
		within, cancel := context.WithTimeout(ctx, sendWithin)
		err = s.mailApplicant(within, m)
		cancel()
		if _, refused := errors.AsType[*notify.Rejection](err); refused {
			s.o.Log.Warn().Err(err).Msg("a mail to an applicant was refused")
			err = nil
		}
		if err == nil {
			err = s.o.Roll.ApplicationMailed(context.WithoutCancel(ctx), m.ID)
		}
		if err != nil {
			return 0, err
		}
	}
}

func (s *Service) mailApplicant(ctx context.Context, m roll.ApplicationMail) error {
	link := s.absolute(roll.ApplicationPath + m.Token)
	if s.o.ShowLinks != nil {
		s.o.ShowLinks(link)
		return nil
	}
	e := notify.Envelope{ID: s.o.NewID("ap"), To: m.Email}
	var err error
	if e.Subject, e.Text, e.HTML, err = s.o.Confirm(ConfirmLetter{Language: m.Language, Link: link, Until: m.Expires}); err != nil {
		return err
	}
	return s.o.Mail.Send(ctx, e)
}
