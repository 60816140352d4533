package signin

import (
	"context"
	"errors"
	"fmt"
	"net/mail"
	"net/netip"
	"slices"
	"strings"
	"sync"
	"time"

	"coopcloud.tech/goodstanding/internal/instant"
	"coopcloud.tech/goodstanding/internal/tongue"
	"coopcloud.tech/goodstanding/member"
	"coopcloud.tech/goodstanding/notify"
	"coopcloud.tech/goodstanding/roll"
	"coopcloud.tech/goodstanding/store"
)

// How often a link is mailed to one account.
const (
	leastBetween = minute
	mostAnHour   = 6
	mostADay     = 20
)

// mostWaiting bounds what waits to be answered, and what waits to be tried again.
const mostWaiting = 256

// sendWithin bounds one try to hand a mail in.
const sendWithin = 30 * time.Second

// pauses are how long to wait after a mail that could not be handed in. After
// the last one it is given up: the link would be over soon.
var pauses = []instant.Instant{minute / 12, minute / 2, 2 * minute, 5 * minute}

// ask is one request for a link on its way to a mail.
type ask struct {
	email string          // as it was typed; "" for a link that is sent anew
	again string          // the hash of that link's token
	next  string          // where to go after signing in
	in    *tongue.Tongue  // the language of the page on which it was asked
	mail  notify.Envelope // the mail, once it is made
	tries int
	due   instant.Instant // when to try again
}

// Ask takes a request for a link to an address, to be answered after this. The
// fault says what is wrong with the address itself, "" for nothing: it depends
// on nothing that is stored. The mail is in the language that the person wants
// mails in, else in that of the page.
func (s *Service) Ask(address, next string, client netip.Addr, in *tongue.Tongue) (fault string) {
	address = strings.TrimSpace(address)
	if address == "" {
		return "Write your e-mail address."
	}
	if a, err := mail.ParseAddress(address); err != nil || a.Name != "" || a.Address != address || len(address) > 254 {
		return "That is no e-mail address: write it as name@example.org."
	}
	s.take(ask{email: address, next: Next(next), in: in}, client)
	return ""
}

// AskAgain takes a request for a new link to the address that a link was for
// whose time is over.
func (s *Service) AskAgain(token string, client netip.Addr, in *tongue.Tongue) {
	s.take(ask{again: hashOf(token), in: in}, client)
}

func (s *Service) take(a ask, client netip.Addr) {
	if !s.clients.allow(client, s.o.Now().Time()) {
		s.o.Log.Warn().Msg("a client asks for too many sign-in links: nothing is sent")
		return
	}
	s.taken.Add(1)
	select {
	case s.asked <- a:
	default:
		s.answered.Add(1)
		s.o.Log.Warn().Msg("too many requests for sign-in links wait: one is dropped")
	}
}

// Run answers what is asked, mails applicants their links, and removes what is over,
// until the context ends.
func (s *Service) Run(ctx context.Context) {
	var applicants sync.WaitGroup
	defer applicants.Wait()
	applicants.Go(func() { s.mailApplicants(ctx) })
	var later []ask
	for tidy := instant.Instant(0); ctx.Err() == nil; {
		now := s.o.Now()
		if now >= tidy {
			s.tidy(ctx)
			tidy = now + 60*minute
		}
		wake := tidy
		for _, a := range later {
			wake = min(wake, a.due)
		}
		timer := time.NewTimer(wake.Sub(now))
		select {
		case <-ctx.Done():
		case a := <-s.asked:
			later = s.answer(ctx, later, a)
			s.answered.Add(1)
		case <-timer.C:
			now = s.o.Now()
			due := slices.DeleteFunc(slices.Clone(later), func(a ask) bool { return a.due > now })
			later = slices.DeleteFunc(later, func(a ask) bool { return a.due <= now })
			for _, a := range due {
				later = s.answer(ctx, later, a)
			}
		}
		timer.Stop()
	}
}

// tidy removes sessions, links and applications that are over.
func (s *Service) tidy(ctx context.Context) {
	now := s.o.Now()
	err := s.o.DB.InTx(ctx, store.NoStream, now, func(tx *store.Tx) error {
		_, err := tx.PruneSignIn(ctx, now, now-linksKept)
		return errors.Join(err, roll.PruneApplications(ctx, tx))
	})
	if err != nil && ctx.Err() == nil {
		s.o.Log.Warn().Err(err).Msg("what is over could not be removed")
	}
}

// answer mails a link, if there is somebody to mail it to; what could not be
// done now joins those to be tried later.
func (s *Service) answer(ctx context.Context, later []ask, a ask) []ask {
	within, cancel := context.WithTimeout(ctx, sendWithin)
	defer cancel()
	err := s.mail(within, &a)
	_, refused := errors.AsType[*notify.Rejection](err)
	switch {
	case err == nil || ctx.Err() != nil:
	case refused:
		s.o.Log.Warn().Err(err).Msg("a sign-in mail was refused")
	case a.tries >= len(pauses) || len(later) >= mostWaiting:
		s.o.Log.Error().Err(err).Int("tries", a.tries+1).Msg("a sign-in mail could not be sent and is given up")
	default:
		a.due = s.o.Now() + pauses[a.tries]
		a.tries++
		s.o.Log.Warn().Err(err).Int("tries", a.tries).Msg("a sign-in mail could not be sent yet")
		return append(later, a)
	}
	return later
}

func (s *Service) mail(ctx context.Context, a *ask) error {
	if a.mail.To == "" {
		to, link, err := s.allowed(ctx, a)
		if err != nil || to.Email == "" {
			return err
		}
		if s.o.ShowLinks != nil {
			s.o.ShowLinks(link)
			return nil
		}
		a.mail = s.envelope(to, link, a.in)
	}
	if s.o.Mail == nil {
		return nil
	}
	return s.o.Mail.Send(ctx, a.mail)
}

// allowed makes a link where somebody is known and has not asked too often; else
// nobody is to be written to.
func (s *Service) allowed(ctx context.Context, a *ask) (to store.Person, link string, err error) {
	if !s.ByMail() {
		return to, "", nil
	}
	known, err := s.addressee(ctx, a)
	if err != nil || known == "" {
		return to, "", err
	}
	err = s.o.DB.InTx(ctx, store.NoStream, s.o.Now(), func(tx *store.Tx) error {
		to, link = store.Person{}, ""
		p, ok, err := tx.PersonByEmail(ctx, known)
		if err != nil || !ok {
			return err
		}
		if ok, err = s.seldom(ctx, tx, p.ID); err != nil || !ok {
			return err
		}
		wish, err := tx.Wish(ctx, string(p.ID))
		if err != nil {
			return err
		}
		if tongue.Known(wish.Language) {
			a.in = tongue.Of(wish.Language)
		}
		link, err = s.newLink(ctx, tx, p.ID, store.ByMail, a.next, tx.Now(), MailedFor)
		to = p
		return err
	})
	if err != nil {
		return store.Person{}, "", fmt.Errorf("make a link to sign in by: %w", err)
	}
	return to, link, nil
}

// addressee is the address that is known here, "" for none; for a link that is
// sent anew, where that led is taken over.
func (s *Service) addressee(ctx context.Context, a *ask) (email string, err error) {
	err = s.o.DB.View(ctx, func(tx *store.Tx) error {
		email = ""
		if a.again == "" {
			p, _, err := tx.PersonByEmail(ctx, a.email)
			email = p.Email
			return err
		}
		l, ok, err := tx.SignInLink(ctx, a.again)
		if err != nil || !ok {
			return err
		}
		people, err := tx.People(ctx)
		for _, p := range people {
			if p.ID == l.Person {
				email, a.next = p.Email, l.Next
			}
		}
		return err
	})
	return email, err
}

// seldom says whether the account may be mailed another link.
func (s *Service) seldom(ctx context.Context, tx *store.Tx, id member.PersonID) (bool, error) {
	links, err := tx.SignInLinks(ctx, id, tx.Now()-instant.Day)
	if err != nil {
		return false, err
	}
	hour, day := 0, 0
	for _, l := range links {
		if l.Way != store.ByMail {
			continue
		}
		if l.Created > tx.Now()-leastBetween {
			return false, nil
		}
		if day++; l.Created > tx.Now()-60*minute {
			hour++
		}
	}
	return hour < mostAnHour && day < mostADay, nil
}

// envelope is the mail with a link.
func (s *Service) envelope(to store.Person, link string, in *tongue.Tongue) notify.Envelope {
	until := (s.o.Now() + MailedFor).Time().In(s.o.Zone)
	federation := oneLine(s.o.Federation)
	return notify.Envelope{
		ID: s.o.NewID("si"), To: (&mail.Address{Name: to.Name, Address: to.Email}).String(), Subject: in.Sayf("Sign in to %s", federation),
		Text: strings.Join([]string{
			in.Sayf("Hello %s,", oneLine(to.Name)),
			in.Sayf("open this link to sign in to %s. It works once, until %s on %s (%s).", federation, until.Format("15:04"), in.Date(instant.Of(until), s.o.Zone), s.o.Zone),
			link,
			in.Say("The page that opens has one button. Programs that look at the links of a mail do not press it."),
			in.Sayf("You get this because somebody wrote your address at %s. If that was not you, do nothing: without the link nobody gets in.", s.absolute("/sign-in")),
		}, "\n\n") + "\n",
	}
}

// oneLine is a text without control characters.
func oneLine(s string) string {
	return strings.Map(func(r rune) rune {
		if r < ' ' || r == 0x7f {
			return ' '
		}
		return r
	}, s)
}
