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

// The cookies' names. The prefix makes browsers refuse a cookie that is not
// Secure, has a Domain or another Path.
const (
	hostPrefix  = "__Host-"
	sessionName = "goodstanding"
	openIDName  = "goodstanding-openid"
)

// cookie is one of this service's cookies; lasts 0 takes it away.
func (s *Service) cookie(name, value string, lasts instant.Instant) *http.Cookie {
	c := &http.Cookie{Name: s.cookieName(name), Value: value, Path: "/", HttpOnly: true, Secure: !s.o.PlainCookies, SameSite: http.SameSiteLaxMode,
		MaxAge: int(lasts / (instant.Day / (24 * 60 * 60)))}
	if lasts == 0 {
		c.MaxAge = -1
	}
	return c
}

func (s *Service) cookieName(name string) string {
	if s.o.PlainCookies {
		return name
	}
	return hostPrefix + name
}

// token is what a request's cookie holds; "" for none.
func (s *Service) token(r *http.Request, name string) string {
	c, err := r.Cookie(s.cookieName(name))
	if err != nil {
		return ""
	}
	return c.Value
}

// SignedIn says who asks, with the roles and delegations that stand now; false
// for somebody who is not signed in. An error says only that the database could
// not be asked.
func (s *Service) SignedIn(r *http.Request, now instant.Instant) (actor member.Actor, in bool, err error) {
	token := s.token(r, sessionName)
	if token == "" {
		return actor, false, nil
	}
	err = s.o.DB.View(r.Context(), func(tx *store.Tx) error {
		actor, in = member.Actor{}, false
		session, ok, err := tx.Session(r.Context(), hashOf(token), now)
		if err != nil || !ok {
			return err
		}
		p, ok, err := roll.Visitor(r.Context(), tx, session.Person)
		if ok {
			actor, in = roll.ActorOf(p), true
		}
		return err
	})
	if err != nil {
		return member.Actor{}, false, fmt.Errorf("look for who is signed in: %w", err)
	}
	return actor, in, nil
}

// begin begins a session: who says, inside the transaction, whose. The session
// that the browser had before ends.
func (s *Service) begin(r *http.Request, way store.Way, who func(tx *store.Tx) (member.PersonID, store.Way, error)) (*http.Cookie, error) {
	ctx := r.Context()
	token, hash := newToken()
	err := s.o.DB.InTx(ctx, store.Entries, s.o.Now(), func(tx *store.Tx) error {
		id, by, err := who(tx)
		if err != nil {
			return err
		}
		if by != "" {
			way = by
		}
		p, ok, err := roll.Visitor(ctx, tx, id)
		if err != nil || !ok {
			return errors.Join(err, unless(ok, ErrUnknown))
		}
		if old, had, err := tx.Session(ctx, hashOf(s.token(r, sessionName)), tx.Now()); err != nil {
			return err
		} else if had {
			if _, err := tx.EndSession(ctx, old.ID); err != nil {
				return err
			}
		}
		err = tx.AddSession(ctx, store.Session{ID: s.o.NewID("s"), Hash: hash, Person: id, Way: way, Created: tx.Now(), Expires: tx.Now() + SessionFor})
		if err == nil {
			_, err = s.o.Roll.SignIn(ctx, tx, p, way)
		}
		return err
	})
	switch {
	case errors.Is(err, ErrOver), errors.Is(err, ErrUnknown):
		return nil, err
	case err != nil:
		return nil, fmt.Errorf("sign in: %w", err)
	}
	return s.cookie(sessionName, token, SessionFor), nil
}

// SignOut ends the session of a request, or with everywhere all sessions of its
// person and the links that were not used. The cookie takes the browser's away.
// Somebody who is not signed in is told the same.
func (s *Service) SignOut(r *http.Request, everywhere bool) (*http.Cookie, error) {
	gone := s.cookie(sessionName, "", 0)
	ctx, hash := r.Context(), hashOf(s.token(r, sessionName))
	if _, in, err := s.SignedIn(r, s.o.Now()); err != nil || !in {
		return gone, err
	}
	err := s.o.DB.InTx(ctx, store.Entries, s.o.Now(), func(tx *store.Tx) error {
		session, ok, err := tx.Session(ctx, hash, tx.Now())
		if err != nil || !ok {
			return err
		}
		p, _, err := roll.Visitor(ctx, tx, session.Person)
		if err != nil {
			return err
		}
		n := 1
		if everywhere {
			n, err = tx.EndSessions(ctx, session.Person)
		} else {
			_, err = tx.EndSession(ctx, session.ID)
		}
		if err != nil {
			return err
		}
		return s.o.Roll.SignOut(ctx, tx, roll.By{Actor: roll.ActorOf(p), Reason: "signed out"}, session.Person, n)
	})
	if err != nil {
		return nil, fmt.Errorf("sign out: %w", err)
	}
	return gone, nil
}

// Sessions are the sessions that count now, of one person or, with "", of all,
// the oldest first.
func (s *Service) Sessions(ctx context.Context, id member.PersonID) (all []store.Session, err error) {
	err = s.o.DB.View(ctx, func(tx *store.Tx) error {
		all, err = tx.Sessions(ctx, id, s.o.Now())
		return err
	})
	if err != nil {
		return nil, fmt.Errorf("list the sessions: %w", err)
	}
	return all, nil
}

// EndSessions ends all sessions of a person, and the links that were not used.
// The person may, treasurers and the operator. It says how many sessions there
// were; without one nothing is entered.
func (s *Service) EndSessions(ctx context.Context, by roll.By, id member.PersonID) (n int, err error) {
	err = s.o.DB.InTx(ctx, store.Entries, s.o.Now(), func(tx *store.Tx) error {
		if err := s.o.Roll.MayEndSessions(ctx, tx, by, id); err != nil {
			return err
		}
		if n, err = tx.EndSessions(ctx, id); err != nil || n == 0 {
			return err
		}
		return s.o.Roll.SignOut(ctx, tx, by, id, n)
	})
	return n, err
}
