package store

import (
	"context"
	"fmt"
	"time"

	"coopcloud.tech/goodstanding/internal/instant"
	"coopcloud.tech/goodstanding/member"
)

// Token lets a program read the API. No fact rests on it; that it was made or
// revoked stands in the audit chain.
type Token struct {
	ID string `db:"id"`
	// Hash is the SHA-256 of the token's text in hexadecimal. The text itself
	// is stored nowhere.
	Hash string `db:"hash"`
	// Name says what it is for, in the words of whoever made it.
	Name string `db:"name"`
	// Scopes are what may be read with it.
	Scopes []string `db:"scopes"`
	// Created and CreatedBy (member.Actor.ID) say when and by whom it was made.
	Created   instant.Instant `db:"created"`
	CreatedBy string          `db:"created_by"`
	// Expires is the first instant at which it no longer counts; 0 for never.
	Expires instant.Instant `db:"expires"`
	// Revoked is since when it no longer counts; 0 while it stands.
	Revoked   instant.Instant `db:"revoked"`
	RevokedBy string          `db:"revoked_by"`
	// Person is whom it stands for; "" for a token that stands for a program.
	Person member.PersonID `db:"person"`
	// Used is when it was last used, as far as that was noted (NoteTokenUse); 0 for
	// never.
	Used instant.Instant `db:"used"`
}

// TokenUseEvery is how long a use stands before a later one is noted: what Token.Used
// says may be older than the last use by as much, and not by more.
const TokenUseEvery = time.Hour

// NoteTokenUse notes that a token was used at an instant, unless a use within the
// TokenUseEvery before it was noted already. That is no change of what is kept: no
// counter goes up, and no serializable transaction can collide with it but one that
// changes the same token.
func (db *DB) NoteTokenUse(ctx context.Context, id string, at instant.Instant) error {
	err := db.plainly(ctx, func(q conn) error {
		_, err := q.ExecContext(ctx, `UPDATE api_token SET used = $1 WHERE id = $2 AND used <= $3`, int64(at), id, int64(at.Add(-TokenUseEvery)))
		return err
	})
	return wrap("note that a token was used", err)
}

// AddToken stores a new token. It is written in the stream Entries with its
// audit row, so that whoever polls the counters learns of it.
func (tx *Tx) AddToken(ctx context.Context, t Token) error {
	if tx.stream != Entries {
		return fmt.Errorf("add to api_token: %w", ErrWrongStream)
	}
	return insertOne(ctx, tx, "api_token", t)
}

// RevokeToken ends a token at an instant. One that was revoked before stays as
// it is; ok is false then, and when there is no such token.
func (tx *Tx) RevokeToken(ctx context.Context, id string, at instant.Instant, by string) (ok bool, err error) {
	if tx.stream != Entries {
		return false, fmt.Errorf("revoke a token: %w", ErrWrongStream)
	}
	n, err := affected(tx.q.ExecContext(ctx,
		`UPDATE api_token SET revoked = $1, revoked_by = $2 WHERE id = $3 AND revoked = 0`, int64(at), by, id))
	return n == 1, wrap("revoke a token", err)
}

// EndToken has a token count no longer than until an instant. One that is revoked, or
// ends before that anyway, stays as it is.
func (tx *Tx) EndToken(ctx context.Context, id string, expires instant.Instant) error {
	if tx.stream != Entries {
		return fmt.Errorf("end a token: %w", ErrWrongStream)
	}
	_, err := tx.q.ExecContext(ctx,
		`UPDATE api_token SET expires = $1 WHERE id = $2 AND revoked = 0 AND (expires = 0 OR expires > $1)`, int64(expires), id)
	return wrap("end a token", err)
}

// Tokens are all tokens ever made, the oldest first.
func (tx *Tx) Tokens(ctx context.Context) ([]Token, error) {
	rows, err := selectRows[Token](ctx, tx, `SELECT `+names[Token]("")+` FROM api_token ORDER BY created, id`)
	return rows, wrap("read the tokens", err)
}
