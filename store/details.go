package store

import (
	"context"
	"fmt"
	"strings"

	"coopcloud.tech/goodstanding/member"
)

// upsert is the end of an insert that replaces the named columns of a row that
// is there already.
func upsert(key string, columns ...string) string {
	set := make([]string, len(columns))
	for i, c := range columns {
		set[i] = c + " = excluded." + c
	}
	return "ON CONFLICT (" + key + ") DO UPDATE SET " + strings.Join(set, ", ")
}

// put inserts or replaces one row of details.
func put[T any](ctx context.Context, tx *Tx, table, conflict string, row T) error {
	_, err := insert(ctx, tx, table, conflict, []T{row})
	return err
}

// SetMemberDetail stores the names of a member. A handle that another member
// has is refused with *HandleTaken.
func (tx *Tx) SetMemberDetail(ctx context.Context, d MemberDetail) error {
	other, ok, err := selectOne[MemberDetail](ctx, tx,
		`SELECT `+names[MemberDetail]("")+` FROM member_detail WHERE handle = $1 AND member <> $2`, d.Handle, string(d.Member))
	if err != nil {
		return fmt.Errorf("look for a handle: %w", err)
	}
	if ok {
		return &HandleTaken{Handle: d.Handle, Member: other.Member}
	}
	return put(ctx, tx, "member_detail", upsert("member", "handle", "name", "public_name", "website", "summary"), d)
}

// SetContact stores a contact of a member.
func (tx *Tx) SetContact(ctx context.Context, c Contact) error {
	return put(ctx, tx, "contact", upsert("id", "member", "email", "matrix"), c)
}

// RemoveContact erases a contact, and that its address did not work.
func (tx *Tx) RemoveContact(ctx context.Context, id string) error {
	for _, statement := range []string{`DELETE FROM contact WHERE id = $1`, `DELETE FROM bounce WHERE recipient = $1`, `DELETE FROM notice_wish WHERE recipient = $1`} {
		if err := tx.erase(ctx, statement, id); err != nil {
			return err
		}
	}
	return nil
}

// Contacts are the contacts of all members, in order of member and id.
func (tx *Tx) Contacts(ctx context.Context) ([]Contact, error) {
	rows, err := selectRows[Contact](ctx, tx, `SELECT `+names[Contact]("")+` FROM contact ORDER BY member, id`)
	return rows, wrap("read the contacts", err)
}

// SetProfile stores a member's entry in the provider list.
func (tx *Tx) SetProfile(ctx context.Context, p Profile) error {
	return put(ctx, tx, "profile",
		upsert("member", "url", "summary", "contact_label", "contact_href", "logo", "place", "services", "languages"), p)
}

// RemoveProfile erases a member's entry in the provider list.
func (tx *Tx) RemoveProfile(ctx context.Context, id member.ID) error {
	return tx.erase(ctx, `DELETE FROM profile WHERE member = $1`, string(id))
}

// Profiles are the entries of all members that have one.
func (tx *Tx) Profiles(ctx context.Context) (map[member.ID]Profile, error) {
	rows, err := selectRows[Profile](ctx, tx, `SELECT `+names[Profile]("")+` FROM profile`)
	return byKey(rows, func(p Profile) member.ID { return p.Member }), wrap("read the profiles", err)
}

// SetConsent stores a member's word.
func (tx *Tx) SetConsent(ctx context.Context, c Consent) error {
	return put(ctx, tx, "consent", upsert("member", "words", "given", "given_by"), c)
}

// Consents are the words of all members that gave theirs.
func (tx *Tx) Consents(ctx context.Context) (map[member.ID]Consent, error) {
	rows, err := selectRows[Consent](ctx, tx, `SELECT `+names[Consent]("")+` FROM consent`)
	return byKey(rows, func(c Consent) member.ID { return c.Member }), wrap("read the consents", err)
}

// SetPerson stores a person. An e-mail address of another person is refused
// with *EmailTaken.
func (tx *Tx) SetPerson(ctx context.Context, p Person) error {
	other, ok, err := tx.PersonByEmail(ctx, p.Email)
	if err != nil {
		return err
	}
	if ok && p.Email != "" && other.ID != p.ID {
		return &EmailTaken{Person: other.ID}
	}
	return put(ctx, tx, "person", upsert("id", "email", "name"), p)
}

// PersonByEmail finds a person by e-mail address, whatever its capitals; ok is
// false when nobody has it.
func (tx *Tx) PersonByEmail(ctx context.Context, email string) (p Person, ok bool, err error) {
	if email == "" {
		return p, false, nil
	}
	p, ok, err = selectOne[Person](ctx, tx,
		`SELECT `+names[Person]("")+` FROM person WHERE lower(email) = lower($1) AND email <> ''`, email)
	return p, ok, wrap("look for a person", err)
}

// actorLabel is what people read for an actor's id.
type actorLabel struct {
	ID    string `db:"id"`
	Label string `db:"label"`
}

// SetActorLabel stores what people read for an actor's id.
func (tx *Tx) SetActorLabel(ctx context.Context, id, label string) error {
	return put(ctx, tx, "actor_label", upsert("id", "label"), actorLabel{ID: id, Label: label})
}

// ActorLabels is what people read for actors' ids.
func (tx *Tx) ActorLabels(ctx context.Context) (map[string]string, error) {
	rows, err := selectRows[actorLabel](ctx, tx, `SELECT id, label FROM actor_label`)
	labels := make(map[string]string, len(rows))
	for _, r := range rows {
		labels[r.ID] = r.Label
	}
	return labels, wrap("read the actors' labels", err)
}
