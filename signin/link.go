package signin

import (
	"context"
	"errors"
	"fmt"
	"net/http"

	"coopcloud.tech/goodstanding/internal/instant"
	"coopcloud.tech/goodstanding/member"
	"coopcloud.tech/goodstanding/roll"
	"coopcloud.tech/goodstanding/store"
)

// What a link can be refused for.
var (
	// ErrOver says that a link has been used, or that its time is over: a new one
	// can be sent to the same address.
	ErrOver = errors.New("the link has been used, or its time is over")
	// ErrUnknown says that there is no such link, or not any more.
	ErrUnknown = errors.New("there is no such link")
)

// newLink stores a link for a person and gives its address.
func (s *Service) newLink(ctx context.Context, tx *store.Tx, id member.PersonID, way store.Way, next string, now, lasts instant.Instant) (string, error) {
	token, hash := newToken()
	err := tx.AddSignInLink(ctx, store.SignInLink{Hash: hash, Person: id, Way: way, Next: Next(next), Created: now, Expires: now + lasts})
	return s.absolute(LinkPath + token), err
}

// MailLink makes a link for a mail to a person who is known here. It leads to a
// path of the pages and signs in on the way. It counts once, for MailedFor.
func (s *Service) MailLink(ctx context.Context, id member.PersonID, next string) (link string, err error) {
	err = s.o.DB.InTx(ctx, store.NoStream, s.o.Now(), func(tx *store.Tx) error {
		_, ok, err := roll.Visitor(ctx, tx, id)
		if err == nil && !ok {
			err = fmt.Errorf("there is no person %s", id)
		}
		if err == nil {
			link, err = s.newLink(ctx, tx, id, store.ByMail, next, tx.Now(), MailedFor)
		}
		return err
	})
	if err != nil {
		return "", fmt.Errorf("make a link to sign in by: %w", err)
	}
	return link, nil
}

// PrintLink makes a link for the operator to hand to a person. It counts once,
// for PrintedFor. Nobody but the operator may.
func (s *Service) PrintLink(ctx context.Context, by roll.By, id member.PersonID) (link string, expires instant.Instant, err error) {
	err = s.o.DB.InTx(ctx, store.Entries, s.o.Now(), func(tx *store.Tx) error {
		if err := s.o.Roll.PrintLink(ctx, tx, by, id); err != nil {
			return err
		}
		expires = tx.Now() + PrintedFor
		link, err = s.newLink(ctx, tx, id, store.ByPrinted, "", tx.Now(), PrintedFor)
		return err
	})
	if err != nil {
		return "", 0, err
	}
	return link, expires, nil
}

// Look says where an unused link leads. It changes nothing. The error is ErrOver
// or ErrUnknown for a link that signs nobody in.
func (s *Service) Look(ctx context.Context, token string) (next string, err error) {
	l, err := s.link(ctx, token)
	if err == nil && (l.Used != 0 || l.Expires <= s.o.Now()) {
		err = ErrOver
	}
	return l.Next, err
}

func (s *Service) link(ctx context.Context, token string) (l store.SignInLink, err error) {
	err = s.o.DB.View(ctx, func(tx *store.Tx) (err error) {
		var ok bool
		if l, ok, err = tx.SignInLink(ctx, hashOf(token)); err == nil && !ok {
			err = ErrUnknown
		}
		return err
	})
	if err != nil && !errors.Is(err, ErrUnknown) {
		err = fmt.Errorf("look at a link: %w", err)
	}
	return l, err
}

// Open uses a link up and signs its person in: the cookie is the session's, next
// where to go. A link that has just been used by this very browser leads there
// again, without a cookie: somebody pressed the button twice.
func (s *Service) Open(r *http.Request, token string) (cookie *http.Cookie, next string, err error) {
	ctx := r.Context()
	if next, err = s.Look(ctx, token); err != nil && !errors.Is(err, ErrOver) {
		return nil, "", err
	}
	over := err != nil
	if !over {
		cookie, err = s.begin(r, store.ByMail, func(tx *store.Tx) (member.PersonID, store.Way, error) {
			l, ok, err := tx.SignInLink(ctx, hashOf(token))
			if err != nil || !ok {
				return "", "", errors.Join(err, unless(ok, ErrUnknown))
			}
			ok, err = tx.UseSignInLink(ctx, l.Hash, tx.Now())
			return l.Person, l.Way, errors.Join(err, unless(ok, ErrOver))
		})
		over = errors.Is(err, ErrOver)
	}
	if over && s.same(r, token) {
		return nil, next, nil
	}
	if over {
		return nil, "", ErrOver
	}
	return cookie, next, err
}

func unless(ok bool, err error) error {
	if ok {
		return nil
	}
	return err
}

// same says whether the browser is signed in as the person of a link.
func (s *Service) same(r *http.Request, token string) bool {
	l, err := s.link(r.Context(), token)
	if err != nil {
		return false
	}
	actor, in, err := s.SignedIn(r, s.o.Now())
	return err == nil && in && actor.ID == string(l.Person)
}
