package store

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"fmt"

	"coopcloud.tech/goodstanding/decisions"
	"coopcloud.tech/goodstanding/internal/instant"
	"coopcloud.tech/goodstanding/member"
)

// PersonMatrix is the Matrix id under which a person sets signs in the room.
type PersonMatrix struct {
	Person member.PersonID `db:"person"`
	Matrix string          `db:"matrix"`
}

// SetPersonMatrix stores a person's Matrix id; "" takes it away. One that another
// person has is refused with *MatrixTaken.
func (tx *Tx) SetPersonMatrix(ctx context.Context, p PersonMatrix) error {
	if p.Matrix == "" {
		return tx.erase(ctx, `DELETE FROM person_matrix WHERE person = $1`, string(p.Person))
	}
	other, ok, err := tx.PersonByMatrix(ctx, p.Matrix)
	if err != nil {
		return err
	}
	if ok && other != p.Person {
		return &MatrixTaken{Person: other}
	}
	return put(ctx, tx, "person_matrix", upsert("person", "matrix"), p)
}

// PersonByMatrix is who has a Matrix id; ok is false when nobody has it.
func (tx *Tx) PersonByMatrix(ctx context.Context, matrix string) (id member.PersonID, ok bool, err error) {
	p, ok, err := selectOne[PersonMatrix](ctx, tx, `SELECT `+names[PersonMatrix]("")+` FROM person_matrix WHERE matrix = $1`, matrix)
	return p.Person, ok, wrap("look for a Matrix id", err)
}

// PersonMatrixes are the Matrix ids of all persons who have one.
func (tx *Tx) PersonMatrixes(ctx context.Context) (map[member.PersonID]string, error) {
	rows, err := selectRows[PersonMatrix](ctx, tx, `SELECT `+names[PersonMatrix]("")+` FROM person_matrix`)
	out := make(map[member.PersonID]string, len(rows))
	for _, r := range rows {
		out[r.Person] = r.Matrix
	}
	return out, wrap("read the Matrix ids", err)
}

// Announcement is an event of the room that announces a decision.
type Announcement struct {
	Event    string          `db:"event"`
	Room     string          `db:"room"` // the room's id, or as the settings name it
	Decision string          `db:"decision"`
	At       instant.Instant `db:"at"`
	// Entry is that of the decision's chain which it tells of; 0 for one that was noted
	// before this was.
	Entry int64 `db:"entry"`
}

// Announced notes that the room has an announcement of an entry of a decision's
// chain. It belongs in the transaction that records that the room has accepted it;
// once more changes nothing.
func (tx *Tx) Announced(ctx context.Context, event, room, decision string, entry int64) error {
	a := Announcement{Event: event, Room: room, Decision: decision, At: max(tx.known, tx.now), Entry: entry}
	_, err := insert(ctx, tx, "announced", "ON CONFLICT (event) DO NOTHING", []Announcement{a})
	return err
}

// Announcement finds an announcement by its event.
func (tx *Tx) Announcement(ctx context.Context, event string) (a Announcement, ok bool, err error) {
	a, ok, err = selectOne[Announcement](ctx, tx, `SELECT `+names[Announcement]("")+` FROM announced WHERE event = $1`, event)
	return a, ok, wrap("look for an announcement", err)
}

// SignKind says what somebody did in the room.
type SignKind string

// The kinds, which are words of the schema.
const (
	SignSet     SignKind = "sign"    // a sign was set on an announcement
	SignRemoved SignKind = "removal" // a sign was removed
	SignReply   SignKind = "reply"   // somebody wrote in an announcement's thread
)

// SignState says how far the program has come with it.
type SignState string

// The states, which are words of the schema.
const (
	SignEarly    SignState = "early"    // on an event that is not known as an announcement yet
	SignReceived SignState = "received" // nothing was done yet
	SignActing   SignState = "acting"   // the transaction that acts is committed; what came of it is not noted yet
	SignTold     SignState = "told"     // what came of it is noted; it is not answered yet
	SignAnswered SignState = "answered" // and was answered, or needs no answer
)

// RoomSign is what somebody did in the room about an announced decision.
type RoomSign struct {
	Event string   `db:"event"` // its own, in the room
	Seq   int64    `db:"seq"`   // in the order of receipt
	Kind  SignKind `db:"kind"`
	// Announcement is the event that it is about, which is also the thread's root.
	Announcement string `db:"announcement"`
	Decision     string `db:"decision"` // "" while early
	About        string `db:"about"`    // the sign's event: of a removal, and of a reply that is its concern
	// Sender is the account's Matrix id, until it was answered; Account is its
	// SHA-256 in hexadecimal.
	Sender  string           `db:"sender"`
	Account string           `db:"account"`
	Person  member.PersonID  `db:"person"` // "" for an account that nobody has
	Member  member.ID        `db:"member"` // for whom the person acted
	Choice  decisions.Answer `db:"choice"` // of a sign
	Words   string           `db:"words"`  // of a reply
	At      instant.Instant  `db:"at"`     // of receipt
	State   SignState        `db:"state"`
	Outcome string           `db:"outcome"` // a word of package reactions
	// Before is where the decision's chain ended before the program acted.
	Before int64 `db:"before"`
	// Entry is the entry of the decision's chain that it made; 0 for none.
	Entry int64 `db:"entry"`
	// Awaits: the person's next reply in the thread is the concern of its ballot.
	Awaits bool   `db:"awaits"`
	Answer string `db:"answer"`
	// Sent is when a sign was set, as its homeserver says, which may say anything; 0
	// where it is not known.
	Sent instant.Instant `db:"sent"`
	// Newest is the newest entry of the decision's chain when a sign was received; 0
	// where it is not known, as of one that was early.
	Newest int64 `db:"newest"`
}

// SignAccount is RoomSign.Account for a Matrix id.
func SignAccount(matrix string) string {
	sum := sha256.Sum256([]byte(matrix))
	return hex.EncodeToString(sum[:])
}

// signsOf are what a person did in the room, also before anybody noted whose the account
// is: under the Matrix id that the person has ($2 is its SignAccount), and those that it
// had.
const signsOf = `person = $1 OR person = '' AND (account = $2 OR account IN (SELECT account FROM room_sign WHERE person = $1))`

func (tx *Tx) accountOf(ctx context.Context, id member.PersonID) (string, error) {
	p, _, err := selectOne[PersonMatrix](ctx, tx, `SELECT `+names[PersonMatrix]("")+` FROM person_matrix WHERE person = $1`, string(id))
	return SignAccount(p.Matrix), wrap("look for a Matrix id", err)
}

func (tx *Tx) eraseSigns(ctx context.Context, id member.PersonID) error {
	account, err := tx.accountOf(ctx, id)
	if err != nil {
		return err
	}
	return tx.erase(ctx, `DELETE FROM room_sign WHERE `+signsOf, string(id), account)
}

// SignsOf are what a person did in the room, in the order of receipt.
func (tx *Tx) SignsOf(ctx context.Context, id member.PersonID) ([]RoomSign, error) {
	account, err := tx.accountOf(ctx, id)
	if err != nil {
		return nil, err
	}
	rows, err := selectRows[RoomSign](ctx, tx, `SELECT `+names[RoomSign]("")+` FROM room_sign WHERE `+signsOf+` ORDER BY seq`, string(id), account)
	return rows, wrap("read the signs of a person", err)
}

// InWords is what was done, and what was said by it, for whoever did it to read.
func (s *RoomSign) InWords() (what, said string) {
	switch s.Kind {
	case SignRemoved:
		return "sign removed in the room", ""
	case SignReply:
		return "reply in the room", s.Words
	}
	return "sign set in the room", string(s.Choice)
}

// AddRoomSign stores what was received, behind all that was received before; added
// is false for an event that is there already.
func (tx *Tx) AddRoomSign(ctx context.Context, s RoomSign) (added bool, err error) {
	type newest struct {
		Seq int64 `db:"seq"`
	}
	last, _, err := selectOne[newest](ctx, tx, `SELECT coalesce(max(seq), 0) AS seq FROM room_sign`)
	if err != nil {
		return false, fmt.Errorf("add to room_sign: %w", err)
	}
	s.Seq = last.Seq + 1
	n, err := insert(ctx, tx, "room_sign", "ON CONFLICT (event) DO NOTHING", []RoomSign{s})
	return n == 1, err
}

// SetRoomSign stores what has come of a sign.
func (tx *Tx) SetRoomSign(ctx context.Context, s RoomSign) error {
	return put(ctx, tx, "room_sign",
		upsert("event", "decision", "about", "sender", "person", "member", "words", "state", "outcome", "before", "entry", "awaits", "answer"), s)
}

// RemoveRoomSign forgets what needed nothing.
func (tx *Tx) RemoveRoomSign(ctx context.Context, event string) error {
	return tx.erase(ctx, `DELETE FROM room_sign WHERE event = $1`, event)
}

// RoomSign finds what was received by its own event.
func (tx *Tx) RoomSign(ctx context.Context, event string) (s RoomSign, ok bool, err error) {
	s, ok, err = selectOne[RoomSign](ctx, tx, `SELECT `+names[RoomSign]("")+` FROM room_sign WHERE event = $1`, event)
	return s, ok, wrap("look for a sign", err)
}

// RoomSigns are those in a state, in the order of receipt.
func (tx *Tx) RoomSigns(ctx context.Context, state SignState) ([]RoomSign, error) {
	rows, err := selectRows[RoomSign](ctx, tx, `SELECT `+names[RoomSign]("")+` FROM room_sign WHERE state = $1 ORDER BY seq`, string(state))
	return rows, wrap("read the signs", err)
}

// SignsOn are those about a decision by one account, in the order of receipt.
func (tx *Tx) SignsOn(ctx context.Context, decision, account string) ([]RoomSign, error) {
	rows, err := selectRows[RoomSign](ctx, tx,
		`SELECT `+names[RoomSign]("")+` FROM room_sign WHERE decision = $1 AND account = $2 ORDER BY seq`, decision, account)
	return rows, wrap("read the signs", err)
}

// SignEntries are the entries of a decision's chain that signs have made, each with the
// place of the last of its signs in the order in which signs were received.
func (tx *Tx) SignEntries(ctx context.Context, decision string) (map[int64]int64, error) {
	type row struct {
		Entry int64 `db:"entry"`
		Seq   int64 `db:"seq"`
	}
	rows, err := selectRows[row](ctx, tx, `SELECT entry, seq FROM room_sign WHERE decision = $1 AND entry > 0`, decision)
	out := make(map[int64]int64, len(rows))
	for _, r := range rows {
		out[r.Entry] = max(out[r.Entry], r.Seq)
	}
	return out, wrap("read the signs", err)
}
