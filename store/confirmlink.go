package store

import (
	"context"

	"coopcloud.tech/goodstanding/internal/instant"
	"coopcloud.tech/goodstanding/member"
)

// ConfirmLink is a link by which a member's contact says, once, that a person
// speaks for the member (domain.md, section 8).
type ConfirmLink struct {
	// Hash is the SHA-256 of the link's token in hexadecimal. The token itself is
	// stored nowhere.
	Hash    string          `db:"hash"`
	Notice  string          `db:"notice"` // id of the outbox row whose mail has it
	Member  member.ID       `db:"member"`
	Person  member.PersonID `db:"person"`
	Contact string          `db:"contact"` // id of the contact that it was made for
	Created instant.Instant `db:"created"`
	Expires instant.Instant `db:"expires"` // the first instant at which it no longer counts
	Used    instant.Instant `db:"used"`    // 0 while nobody has used it
}

// AddConfirmLink stores a link.
func (tx *Tx) AddConfirmLink(ctx context.Context, l ConfirmLink) error {
	return insertOne(ctx, tx, "confirm_link", l)
}

// ConfirmLink finds a link by the hash of its token, used and expired ones too.
func (tx *Tx) ConfirmLink(ctx context.Context, hash string) (l ConfirmLink, ok bool, err error) {
	l, ok, err = selectOne[ConfirmLink](ctx, tx, `SELECT `+names[ConfirmLink]("")+` FROM confirm_link WHERE hash = $1`, hash)
	return l, ok, wrap("look for a link", err)
}

// ConfirmLinks are those about a person that are not removed yet, the oldest first.
func (tx *Tx) ConfirmLinks(ctx context.Context, person member.PersonID) ([]ConfirmLink, error) {
	rows, err := selectRows[ConfirmLink](ctx, tx, `SELECT `+names[ConfirmLink]("")+` FROM confirm_link WHERE person = $1 ORDER BY created, hash`, string(person))
	return rows, wrap("read the links about a person", err)
}

// UseConfirmLink uses a link up at an instant, and all others for the same person
// and member; ok is false when it is used, expired or unknown.
func (tx *Tx) UseConfirmLink(ctx context.Context, l ConfirmLink, at instant.Instant) (ok bool, err error) {
	n, err := tx.remove(ctx, `UPDATE confirm_link SET used = $1 WHERE hash = $2 AND used = 0 AND expires > $1`, int64(at), l.Hash)
	if err == nil && n == 1 {
		_, err = tx.remove(ctx, `UPDATE confirm_link SET used = $1 WHERE member = $2 AND person = $3 AND used = 0`, int64(at), string(l.Member), string(l.Person))
	}
	return n == 1, wrap("use a link", err)
}
