package store

import (
	"fmt"
	"strings"

	"coopcloud.tech/goodstanding/internal/instant"
	"coopcloud.tech/goodstanding/member"
)

// Problem says what kind of Fault the database has.
type Problem uint8

// The problems that a person has to solve.
const (
	BadDSN          Problem = iota + 1 // the address cannot be read or names an unknown engine
	NoFolder                           // the file's folder is missing or closed to us
	NotADatabase                       // the file is something else
	NotOurs                            // a database of another program
	NewerSchema                        // written by a newer goodstanding
	DiskFull                           // no room left
	ReadOnlyStore                      // the file or server takes no writes
	Unreachable                        // the server does not answer or refuses us
	Busy                               // others kept it locked for too long
	MigrationFailed                    // the schema could not be brought up to date
	NoDatabase                         // there is none yet
	Unsure                             // it went away during a commit, which may have been carried out
	OlderSchema                        // looked at only, and not brought up to date yet
	AtWork                             // a daemon works with a schema that would be changed under it
)

// Fault is a problem with the database that its operator can solve: one
// sentence that says what is wrong, where, and what to do. It never holds a
// password.
type Fault struct {
	Problem Problem
	message string
	cause   error
}

func (f *Fault) Error() string { return f.message }

// Unwrap is the engine's own error; nil for none.
func (f *Fault) Unwrap() error { return f.cause }

// NoSuchMember says that a word names no member.
type NoSuchMember struct {
	Word string
	// Nearest are handles that look like it; may be empty.
	Nearest []string
}

func (e *NoSuchMember) Error() string {
	hint := "goodstanding roll lists all members"
	if len(e.Nearest) > 0 {
		hint = "did you mean " + strings.Join(e.Nearest, " or ") + "?"
	}
	return fmt.Sprintf("no member is called %q by id, handle, linked account or beginning of a name; %s", e.Word, hint)
}

// AmbiguousMember says that a word fits several members.
type AmbiguousMember struct {
	Word    string
	Handles []string
}

func (e *AmbiguousMember) Error() string {
	return fmt.Sprintf("%q fits %d members: %s; write more of the name, or one of these handles",
		e.Word, len(e.Handles), strings.Join(e.Handles, ", "))
}

// LinkOverlap says that an account is linked to a member already.
type LinkOverlap struct {
	Account member.AccountID
	// Link and Member are those that stand; From and Until their span.
	Link        string
	Member      member.ID
	From, Until instant.Instant
}

func (e *LinkOverlap) Error() string {
	span := "for all time"
	switch {
	case e.From != 0 && e.Until != 0:
		span = "from " + e.From.Day() + " to " + e.Until.Day()
	case e.From != 0:
		span = "from " + e.From.Day() + " on"
	case e.Until != 0:
		span = "until " + e.Until.Day()
	}
	return fmt.Sprintf("account %s is linked to member %s %s, and an account is linked to at most one member at a time: end that link first (goodstanding unlink)",
		e.Account, e.Member, span)
}

// ReferenceSeen says that a payment with the same reference was entered before.
type ReferenceSeen struct {
	// Payment is the id of the payment that has it.
	Payment string
	Undone  bool
}

func (e *ReferenceSeen) Error() string {
	undone := ""
	if e.Undone {
		undone = ", which was undone"
	}
	return fmt.Sprintf("a payment with this reference was entered before (%s%s): leave the row out, or give it a reference of its own", e.Payment, undone)
}

// EmailTaken says that another person has an e-mail address. It does not
// repeat the address.
type EmailTaken struct{ Person member.PersonID }

func (e *EmailTaken) Error() string {
	return fmt.Sprintf("another person (%s) has this e-mail address: an address belongs to one person", e.Person)
}

// MatrixTaken says that another person has a Matrix id. It does not repeat the id.
type MatrixTaken struct{ Person member.PersonID }

func (e *MatrixTaken) Error() string {
	return fmt.Sprintf("another person (%s) has this Matrix id: an id belongs to one person", e.Person)
}

// HandleTaken says that another member has a handle.
type HandleTaken struct {
	Handle string
	Member member.ID
}

func (e *HandleTaken) Error() string {
	return fmt.Sprintf("the handle %q belongs to member %s: choose another", e.Handle, e.Member)
}

// MergeRefused says that a member cannot be merged, or merged into.
type MergeRefused struct{ Member, Into member.ID }

func (e *MergeRefused) Error() string {
	if e.Member == e.Into {
		return fmt.Sprintf("member %s cannot be merged into itself: name two members", e.Member)
	}
	return fmt.Sprintf("member %s was merged into %s already: name that one instead", e.Member, e.Into)
}
