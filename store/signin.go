package store

import (
	"context"
	"fmt"

	"coopcloud.tech/goodstanding/internal/instant"
	"coopcloud.tech/goodstanding/member"
)

// Way says how somebody signed in.
type Way string

// The ways, which are words of the schema.
const (
	ByMail    Way = "mail"    // by a mailed link
	ByOpenID  Way = "openid"  // by an OpenID Connect provider
	ByPrinted Way = "printed" // by a link that the operator printed
)

// Session is one signing in of a person on one browser. No fact rests on it;
// that it began and that it was ended stand in the audit chain.
type Session struct {
	ID string `db:"id"`
	// Hash is the SHA-256 of the cookie's token in hexadecimal. The token itself
	// is stored nowhere.
	Hash    string          `db:"hash"`
	Person  member.PersonID `db:"person"`
	Way     Way             `db:"way"`
	Created instant.Instant `db:"created"`
	// Expires is the first instant at which it no longer counts.
	Expires instant.Instant `db:"expires"`
}

// SignInLink is a link that signs a person in, once.
type SignInLink struct {
	// Hash is the SHA-256 of the link's token in hexadecimal. The token itself is
	// stored nowhere.
	Hash   string          `db:"hash"`
	Person member.PersonID `db:"person"`
	Way    Way             `db:"way"`
	// Next is the path that the link leads to; "" for none.
	Next    string          `db:"next"`
	Created instant.Instant `db:"created"`
	// Expires is the first instant at which it no longer counts.
	Expires instant.Instant `db:"expires"`
	// Used is when somebody signed in by it; 0 while nobody has.
	Used instant.Instant `db:"used"`
}

// AddSession stores a session. It is written in the stream Entries with its
// audit row.
func (tx *Tx) AddSession(ctx context.Context, s Session) error {
	if tx.stream != Entries {
		return fmt.Errorf("add to session: %w", ErrWrongStream)
	}
	return insertOne(ctx, tx, "session", s)
}

// Session finds a session that counts at an instant by the hash of its token.
func (tx *Tx) Session(ctx context.Context, hash string, at instant.Instant) (s Session, ok bool, err error) {
	s, ok, err = selectOne[Session](ctx, tx, `SELECT `+names[Session]("")+` FROM session WHERE hash = $1 AND expires > $2`, hash, int64(at))
	return s, ok, wrap("look for a session", err)
}

// Sessions are the sessions that count at an instant, of one person or, with
// "", of all, the oldest first.
func (tx *Tx) Sessions(ctx context.Context, person member.PersonID, at instant.Instant) ([]Session, error) {
	rows, err := selectRows[Session](ctx, tx,
		`SELECT `+names[Session]("")+` FROM session WHERE ($1 = '' OR person = $1) AND expires > $2 ORDER BY created, id`, string(person), int64(at))
	return rows, wrap("read the sessions", err)
}

// EndSession ends a session by its id; ok is false when there is none.
func (tx *Tx) EndSession(ctx context.Context, id string) (ok bool, err error) {
	n, err := tx.remove(ctx, `DELETE FROM session WHERE id = $1`, id)
	return n == 1, wrap("end a session", err)
}

// EndSessions ends all sessions of a person, voids the links by which the person
// could begin one, and says how many sessions there were.
func (tx *Tx) EndSessions(ctx context.Context, person member.PersonID) (n int, err error) {
	if n, err = tx.remove(ctx, `DELETE FROM session WHERE person = $1`, string(person)); err == nil {
		_, err = tx.remove(ctx, `DELETE FROM sign_in_link WHERE person = $1 AND used = 0`, string(person))
	}
	return n, wrap("end the sessions of a person", err)
}

func (tx *Tx) remove(ctx context.Context, statement string, args ...any) (int, error) {
	if tx.readOnly {
		return 0, ErrWrongStream
	}
	return affected(tx.q.ExecContext(ctx, statement, args...))
}

// AddSignInLink stores a link.
func (tx *Tx) AddSignInLink(ctx context.Context, l SignInLink) error {
	return insertOne(ctx, tx, "sign_in_link", l)
}

// SignInLink finds a link by the hash of its token, used and expired ones too.
func (tx *Tx) SignInLink(ctx context.Context, hash string) (l SignInLink, ok bool, err error) {
	l, ok, err = selectOne[SignInLink](ctx, tx, `SELECT `+names[SignInLink]("")+` FROM sign_in_link WHERE hash = $1`, hash)
	return l, ok, wrap("look for a link", err)
}

// SignInLinks are the links of a person that were made after an instant, the
// newest first.
func (tx *Tx) SignInLinks(ctx context.Context, person member.PersonID, after instant.Instant) ([]SignInLink, error) {
	rows, err := selectRows[SignInLink](ctx, tx,
		`SELECT `+names[SignInLink]("")+` FROM sign_in_link WHERE person = $1 AND created > $2 ORDER BY created DESC, hash`, string(person), int64(after))
	return rows, wrap("read the links of a person", err)
}

// UseSignInLink uses a link up at an instant; ok is false when it is used,
// expired or unknown.
func (tx *Tx) UseSignInLink(ctx context.Context, hash string, at instant.Instant) (ok bool, err error) {
	n, err := tx.remove(ctx, `UPDATE sign_in_link SET used = $1 WHERE hash = $2 AND used = 0 AND expires > $1`, int64(at), hash)
	return n == 1, wrap("use a link", err)
}

// PruneSignIn removes the sessions that are over at an instant, and the links that
// expired before another one, those to contacts too.
func (tx *Tx) PruneSignIn(ctx context.Context, at, linksBefore instant.Instant) (n int, err error) {
	sessions, err := tx.remove(ctx, `DELETE FROM session WHERE expires <= $1`, int64(at))
	if err != nil {
		return 0, wrap("remove what is over", err)
	}
	links, err := tx.remove(ctx, `DELETE FROM sign_in_link WHERE expires <= $1`, int64(linksBefore))
	if err != nil {
		return 0, wrap("remove what is over", err)
	}
	confirm, err := tx.remove(ctx, `DELETE FROM confirm_link WHERE expires <= $1`, int64(linksBefore))
	return sessions + links + confirm, wrap("remove what is over", err)
}

// WasDelegate says whether a person was delegate of a member at a known time.
func (tx *Tx) WasDelegate(ctx context.Context, id member.ID, person member.PersonID, known instant.Instant) (bool, error) {
	last, ok, err := selectOne[DelegateRow](ctx, tx,
		`SELECT `+names[DelegateRow]("")+` FROM delegate WHERE member = $1 AND person = $2 AND known <= $3 ORDER BY known DESC, id DESC LIMIT 1`,
		string(id), string(person), int64(known))
	return ok && last.Event != DelegateRemoved, wrap("look for a delegate", err)
}
