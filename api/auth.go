package api

import (
	"context"
	"net/http"
	"slices"
	"strconv"
	"strings"
	"time"

	"coopcloud.tech/goodstanding/chair"
	"coopcloud.tech/goodstanding/internal/instant"
	"coopcloud.tech/goodstanding/member"
	"coopcloud.tech/goodstanding/roll"
	"coopcloud.tech/goodstanding/store"
)

// asker is who asks: nobody, a program with its token, or a person who is signed
// in or whose token it is.
type asker struct {
	token  roll.Token       // the zero value for nobody and for who is signed in
	person store.PersonInfo // the zero value for nobody and for a program
	signed bool
}

func (w *asker) isPerson() bool { return w.person.ID != "" }

// facilitates says that the person may look after the decisions of others.
func (w *asker) facilitates() bool { return slices.Contains(w.person.Roles, member.Facilitator) }

// keepsElectorate says that the person may read who may vote.
func (w *asker) keepsElectorate() bool {
	return w.facilitates() || slices.Contains(w.person.Roles, member.Treasurer)
}

func (w *asker) delegateOf(id member.ID) bool {
	return slices.ContainsFunc(w.person.Delegates, func(d store.Delegation) bool { return d.Member == id })
}

// actor is the person to the chair, which looks up again what it may.
func (w *asker) actor() member.Actor {
	return member.Actor{ID: string(w.person.ID), Label: w.person.Name}
}

// permit asks again, in the transaction that acts, whether the token counts.
func (w *asker) permit(s roll.Scope) func(context.Context, *store.Tx) error {
	if w.signed {
		return nil
	}
	return func(ctx context.Context, tx *store.Tx) error { return roll.CheckToken(ctx, tx, w.token, s) }
}

// inside says that the asker may read what members read of decisions: a program
// or a person with the scope, or a person who is signed in; and of persons those
// who hold an office, or act for a member that is admitted and has not left.
func (c *call) inside() bool {
	w := &c.who
	if !w.signed && !w.token.Has(roll.ScopeDecisions) {
		return false
	}
	if !w.isPerson() {
		return !w.signed
	}
	return chair.Inside(roll.ActorOf(w.person), c.s.hall.voters)
}

// identify says who asks, where also persons may. Whoever sends a token is asked
// for it alone. Who is signed in is not believed what another website made the
// browser send.
func (a *API) identify(c *call, to route) (asker, error) {
	if len(c.r.Header.Values("Authorization")) > 0 {
		return c.s.bearer(c, to)
	}
	if a.o.SignedIn == nil {
		return asker{}, nil
	}
	actor, ok, err := a.o.SignedIn(c.r, c.now)
	if err != nil && to.by == richer { // what everybody reads goes on without
		return asker{}, nil
	}
	if err != nil || !ok {
		return asker{}, err
	}
	if err := a.cross.Check(c.r); err != nil {
		return asker{}, refuse(crossOrigin, "a change is taken from this site's own pages, or with a token: open the page here and do it there")
	}
	person, known := c.s.book.Person(member.PersonID(actor.ID))
	if !known {
		return asker{}, refuse(signInMissing, "the person who was signed in is not known here any more: ask a treasurer")
	}
	return asker{person: person, signed: true}, nil
}

// bearer is whose token a request has. On a public route it needs no scope.
func (s *snapshot) bearer(c *call, to route) (asker, error) {
	token, refused := s.find(c.r, c.now)
	if refused != nil {
		return asker{}, refused
	}
	if to.by != richer && !token.Has(to.scope) {
		return asker{}, lacking(to.scope)
	}
	w := asker{token: token}
	if token.Person == "" {
		return w, nil
	}
	var known bool
	if w.person, known = s.book.Person(token.Person); !known {
		return asker{}, refuse(tokenInvalid, "the person it stands for is not known here any more").with("WWW-Authenticate", invalidToken)
	}
	return w, nil
}

// admit says who asks, and refuses whom the route is not for.
func (a *API) admit(c *call, to route) error {
	var err error
	if c.who, err = a.identify(c, to); err != nil {
		return err
	}
	c.token = c.who.token
	nobody := !c.who.isPerson() && c.token.ID == ""
	switch {
	case to.by == richer:
	case nobody && a.o.SignedIn != nil:
		return refuse(signInMissing, "sign in, or send a token with the scope %s as Authorization: Bearer gs_…", to.scope).with("WWW-Authenticate", needToken)
	case nobody:
		return missing(to.scope)
	case to.by == persons && !c.who.isPerson():
		return refuse(personMissing, "this token stands for no person, and may not act as one: make one with goodstanding token create NAME --scope %s --for PERSON", to.scope)
	case to.by == offices && c.who.isPerson() && !c.who.keepsElectorate():
		return refuse(notYours, "only a treasurer, a facilitator or the operator may")
	case to.by == treasurers && c.who.isPerson() && !slices.Contains(c.who.person.Roles, member.Treasurer):
		return refuse(notYours, "only a treasurer or the operator may")
	}
	return nil
}

// pace refuses a change by whoever has made very many a moment ago: a person, by
// sign-in and tokens together, or a program's token.
func (a *API) pace(c *call) error {
	who := string(c.who.person.ID)
	if who == "" {
		who = c.token.ID
	}
	if a.o.Pace == nil || who == "" || c.r.Method == http.MethodGet || c.r.Method == http.MethodHead {
		return nil
	}
	wait := a.o.Pace(who, c.now)
	if wait <= 0 {
		return nil
	}
	seconds := strconv.Itoa(max(1, int(wait.Round(time.Second)/time.Second)))
	return refuse(tooOften, "nothing was changed: wait %s s and send it again", seconds).with("Retry-After", seconds)
}

// by is who acts, for the chair.
func (c *call) by(s roll.Scope, forMember member.ID) chair.By {
	return chair.By{Actor: c.who.actor(), Member: forMember, Permit: c.who.permit(s)}
}

// How to send a token, in the header of a refusal.
const (
	needToken    = `Bearer realm="goodstanding"`
	invalidToken = `Bearer realm="goodstanding", error="invalid_token"`
)

func missing(scope roll.Scope) *refusal {
	return refuse(tokenMissing, "send a token with the scope %s as Authorization: Bearer gs_…", scope).with("WWW-Authenticate", needToken)
}

func lacking(scope roll.Scope) *refusal {
	return refuse(scopeMissing, "this needs a token with the scope %s", scope).
		with("WWW-Authenticate", `Bearer realm="goodstanding", error="insufficient_scope", scope="`+string(scope)+`"`)
}

// authorise finds the token of a request and says whether it has the scope.
func (s *snapshot) authorise(r *http.Request, scope roll.Scope, now instant.Instant) (roll.Token, *refusal) {
	if len(r.Header.Values("Authorization")) == 0 {
		return roll.Token{}, missing(scope)
	}
	token, refused := s.find(r, now)
	if refused == nil && !token.Has(scope) {
		refused = lacking(scope)
	}
	return token, refused
}

// find is the token of a request. One that is unknown, revoked or expired is
// refused alike. Tokens are looked up by the hash of their text, among those that
// the snapshot read, so reading goes on with the database stopped.
func (s *snapshot) find(r *http.Request, now instant.Instant) (roll.Token, *refusal) {
	given := r.Header.Values("Authorization")
	kind, text, _ := strings.Cut(given[0], " ")
	token, ok := s.tokens.Of(strings.TrimSpace(text))
	if len(given) > 1 || !strings.EqualFold(kind, "Bearer") || !ok || !token.Standing(now) {
		return roll.Token{}, refuse(tokenInvalid, "it is unknown, revoked or expired, or not sent as Authorization: Bearer gs_…").with("WWW-Authenticate", invalidToken)
	}
	return token, nil
}
