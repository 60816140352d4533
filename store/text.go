package store

import (
	"context"
	"crypto/rand"
	"crypto/sha256"
	"encoding/hex"
	"fmt"
	"strings"

	"coopcloud.tech/goodstanding/internal/instant"
	"coopcloud.tech/goodstanding/member"
)

// textRow is a text about a person. What is chained of it is the SHA-256 of
// salt and body, so that an erased text cannot be guessed from its hash.
type textRow struct {
	ID   TextID `db:"id"`
	Salt string `db:"salt"` // 16 random bytes in hexadecimal
	Body string `db:"body"`
}

func (t textRow) hash() string {
	sum := sha256.Sum256([]byte(t.Salt + "\n" + t.Body))
	return hex.EncodeToString(sum[:])
}

// AddText keeps a text about a person beside the log, under a fresh id. The
// empty text needs none: its id is "".
func (tx *Tx) AddText(ctx context.Context, body string) (TextID, error) {
	if body == "" {
		return "", nil
	}
	row := saltedText(body)
	return row.ID, insertOne(ctx, tx, "text", row)
}

func saltedText(body string) textRow {
	salt := make([]byte, 16)
	rand.Read(salt) // never fails: crypto/rand ends the program instead
	return textRow{ID: TextID(NewID("tx")), Salt: hex.EncodeToString(salt), Body: body}
}

// Texts are the texts with those ids; one that was erased is absent.
func (tx *Tx) Texts(ctx context.Context, ids ...TextID) (map[TextID]string, error) {
	texts := make(map[TextID]string, len(ids))
	for len(ids) > 0 {
		n := min(len(ids), chunkParams)
		rows, err := selectRows[textRow](ctx, tx, `SELECT id, salt, body FROM text WHERE id IN (`+placeholders(n)+`)`, asArgs(ids[:n])...)
		if err != nil {
			return nil, fmt.Errorf("read the texts: %w", err)
		}
		for _, r := range rows {
			texts[r.ID] = r.Body
		}
		ids = ids[n:]
	}
	return texts, nil
}

// EraseText erases a text; the hash in a chain stays and still verifies.
func (tx *Tx) EraseText(ctx context.Context, id TextID) error {
	return tx.erase(ctx, `DELETE FROM text WHERE id = $1`, string(id))
}

// personTexts are the places that name a text about a person by its id, but for what
// is written in this transaction: why the person is removed stays to be read.
const personTexts = `SELECT reason FROM person_role WHERE person = $1 AND known < $2
	UNION SELECT reason FROM delegate WHERE person = $1 AND known < $2
	UNION SELECT reason FROM audit WHERE subject = $1 AND at < $2
	UNION SELECT reason FROM audit WHERE subject IN (SELECT id FROM api_token WHERE person = $1)
	UNION SELECT reason FROM audit WHERE subject IN (SELECT id FROM opportunity WHERE person = $1)
	UNION SELECT reason FROM audit WHERE ` + aboutBounce + ` AND payload LIKE '%"' || $1 || '"%'`

// formsOf are the applications to join from a person's address.
const formsOf = `FROM application a JOIN person p ON lower(p.email) = lower(a.email) WHERE p.id = $1`

// Reason is why somebody did something, as it was written down.
type Reason struct {
	At     instant.Instant `db:"at"`
	Action string          `db:"action"` // the audit chain's word
	Body   string          `db:"body"`
}

// ReasonsAbout are the reasons about a person that ErasePerson would erase, the oldest
// first, without who gave them: why offices and delegations were given and taken, tokens
// made and revoked, an application declined, a mail noted as come back.
func (tx *Tx) ReasonsAbout(ctx context.Context, id member.PersonID) ([]Reason, error) {
	rows, err := selectRows[Reason](ctx, tx, `SELECT a.at, a.action, t.body FROM audit a JOIN text t ON t.id = a.reason
		WHERE a.reason IN (`+personTexts+` UNION SELECT a.reason `+formsOf+`) ORDER BY a.seq`, string(id), int64(tx.known)+1)
	return rows, wrap("read the reasons about a person", err)
}

// ErasePerson erases everything a person could be recognised by: name, address,
// label, applications to join from that address with why they were declined, how it
// wanted to be told things, what it did in the room, what its tokens are called, and
// every text that audit rows, roles and delegations about it, its tokens or the
// opportunities that it posted name; it ends its sessions. Roles and delegations stay,
// by id.
func (tx *Tx) ErasePerson(ctx context.Context, id member.PersonID) error {
	if err := tx.eraseSigns(ctx, id); err != nil {
		return err
	}
	for _, statement := range []string{
		`DELETE FROM text WHERE id IN (SELECT a.reason ` + formsOf + `)`,
		`DELETE FROM application_link WHERE application IN (SELECT a.id ` + formsOf + `)`,
		`DELETE FROM application WHERE id IN (SELECT a.id ` + formsOf + `)`,
		`DELETE FROM person WHERE id = $1`,
		`DELETE FROM actor_label WHERE id = $1`,
		`DELETE FROM session WHERE person = $1`,
		`DELETE FROM sign_in_link WHERE person = $1`,
		`DELETE FROM confirm_link WHERE person = $1`,
		`DELETE FROM person_matrix WHERE person = $1`,
		`DELETE FROM bounce WHERE recipient = $1`,
		`DELETE FROM notice_wish WHERE recipient = $1`,
		`UPDATE api_token SET name = id WHERE person = $1`,
	} {
		if err := tx.erase(ctx, statement, string(id)); err != nil {
			return err
		}
	}
	return tx.erase(ctx, `DELETE FROM text WHERE id IN (`+personTexts+`)`, string(id), int64(tx.known))
}

// placeholders are $1 to $n, for an IN list.
func placeholders(n int) string { return placeholdersFrom(1, n) }

// placeholdersFrom are n placeholders, the first of which has that number.
func placeholdersFrom(first, n int) string {
	var s strings.Builder
	for i := range n {
		if i > 0 {
			s.WriteString(", ")
		}
		fmt.Fprintf(&s, "$%d", first+i)
	}
	return s.String()
}

// asArgs are identifiers as a driver takes them.
func asArgs[S ~string](ids []S) []any {
	args := make([]any, len(ids))
	for i, id := range ids {
		args[i] = string(id)
	}
	return args
}
