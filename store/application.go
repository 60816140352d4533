package store

import (
	"context"

	"coopcloud.tech/goodstanding/internal/instant"
	"coopcloud.tech/goodstanding/member"
)

// ApplicationOutcome is what became of an application.
type ApplicationOutcome string

// The outcomes, which are words of the schema.
const (
	Undecided ApplicationOutcome = ""
	Accepted  ApplicationOutcome = "accepted" // it became an applicant, to be admitted later
	Declined  ApplicationOutcome = "declined"
)

// Application is what somebody typed who wants to join. It is no fact: it can be
// changed, and is removed some time after it was decided about.
type Application struct {
	ID   string      `db:"id"`
	Kind member.Kind `db:"kind"`
	// The texts are those of the form.
	Name           string `db:"name"`
	Website        string `db:"website"`
	Summary        string `db:"summary"`
	Involvement    string `db:"involvement"`
	Sponsor        string `db:"sponsor"`
	Representative string `db:"representative"`
	Email          string `db:"email"`
	Matrix         string `db:"matrix"`
	Language       string `db:"language"`
	Consent        string `db:"consent"` // what was agreed to, in words

	Created instant.Instant `db:"created"`
	Tries   int64           `db:"tries"`  // how often the mail with the link was tried
	TryAt   instant.Instant `db:"try_at"` // when it may be tried; 0 once that is seen to
	// Confirmed is when the link was used; 0 before, when nobody but the applicant may
	// read of it.
	Confirmed instant.Instant    `db:"confirmed"`
	Decided   instant.Instant    `db:"decided"`
	DecidedBy string             `db:"decided_by"` // an actor's id
	Outcome   ApplicationOutcome `db:"outcome"`
	Member    member.ID          `db:"member"` // that it became; "" for none
	Reason    TextID             `db:"reason"` // why it was declined
}

// SetApplication stores an application. What was typed never changes.
func (tx *Tx) SetApplication(ctx context.Context, a Application) error {
	return put(ctx, tx, "application", upsert("id", "tries", "try_at", "confirmed", "decided", "decided_by", "outcome", "member", "reason"), a)
}

// Applications are all applications, those that nobody has confirmed too, the
// oldest first.
func (tx *Tx) Applications(ctx context.Context) ([]Application, error) {
	rows, err := selectRows[Application](ctx, tx, `SELECT `+names[Application]("")+` FROM application ORDER BY created, id`)
	return rows, wrap("read the applications", err)
}

// Application finds one by its id.
func (tx *Tx) Application(ctx context.Context, id string) (a Application, ok bool, err error) {
	a, ok, err = selectOne[Application](ctx, tx, `SELECT `+names[Application]("")+` FROM application WHERE id = $1`, id)
	return a, ok, wrap("look for an application", err)
}

// UnconfirmedApplications counts those that nobody has confirmed.
func (tx *Tx) UnconfirmedApplications(ctx context.Context) (int, error) {
	n, ok, err := selectOne[struct {
		N int64 `db:"n"`
	}](ctx, tx, `SELECT COUNT(*) AS n FROM application WHERE confirmed = 0`)
	if !ok {
		return 0, wrap("count the applications", err)
	}
	return int(n.N), wrap("count the applications", err)
}

// ApplicationsFrom are those with an e-mail address, whatever its capitals, that
// were made after an instant, the oldest first.
func (tx *Tx) ApplicationsFrom(ctx context.Context, email string, after instant.Instant) ([]Application, error) {
	rows, err := selectRows[Application](ctx, tx,
		`SELECT `+names[Application]("")+` FROM application WHERE lower(email) = lower($1) AND created > $2 ORDER BY created, id`, email, int64(after))
	return rows, wrap("read the applications from an address", err)
}

// ApplicationToMail is the one whose mail with a link comes first, of those that
// nobody has confirmed; ok is false for none.
func (tx *Tx) ApplicationToMail(ctx context.Context) (a Application, ok bool, err error) {
	a, ok, err = selectOne[Application](ctx, tx,
		`SELECT `+names[Application]("")+` FROM application WHERE try_at > 0 AND confirmed = 0 ORDER BY try_at, id LIMIT 1`)
	return a, ok, wrap("look for an application to mail", err)
}

// ApplicationLink is a link by which an applicant confirms an application.
type ApplicationLink struct {
	// Hash is the SHA-256 of the link's token in hexadecimal. The token itself is
	// stored nowhere.
	Hash        string          `db:"hash"`
	Application string          `db:"application"`
	Created     instant.Instant `db:"created"`
}

// AddApplicationLink stores a link.
func (tx *Tx) AddApplicationLink(ctx context.Context, l ApplicationLink) error {
	return insertOne(ctx, tx, "application_link", l)
}

// ApplicationOf is the application that a link confirms, by the hash of its token.
func (tx *Tx) ApplicationOf(ctx context.Context, hash string) (a Application, ok bool, err error) {
	a, ok, err = selectOne[Application](ctx, tx,
		`SELECT `+names[Application]("a.")+` FROM application a JOIN application_link l ON l.application = a.id WHERE l.hash = $1`, hash)
	return a, ok, wrap("look for an application", err)
}

// PruneApplications removes those that were made up to an instant and that nobody
// has confirmed, and those that were decided about up to another one, with the
// texts and links that belong to them.
func (tx *Tx) PruneApplications(ctx context.Context, unconfirmed, decided instant.Instant) (n int, err error) {
	const over = `(confirmed = 0 AND created <= $1 OR decided > 0 AND decided <= $2)`
	for _, statement := range []string{
		`DELETE FROM text WHERE id IN (SELECT reason FROM application WHERE ` + over + `)`,
		`DELETE FROM application_link WHERE application IN (SELECT id FROM application WHERE ` + over + `)`,
		`DELETE FROM application WHERE ` + over,
	} {
		if n, err = tx.remove(ctx, statement, int64(unconfirmed), int64(decided)); err != nil {
			break
		}
	}
	return n, wrap("remove applications that are over", err)
}
