package store

import (
	"coopcloud.tech/goodstanding/eligibility"
	"coopcloud.tech/goodstanding/internal/instant"
	"coopcloud.tech/goodstanding/internal/money"
	"coopcloud.tech/goodstanding/member"
)

// Entries are what people do (domain.md, section 2). They are written in the
// stream Entries, and are corrected by further rows, never changed. Spans are
// half-open; a zero From is "always", a zero Until "for ever".

// TextID names a text that can be erased (see Tx.AddText); "" is none.
type TextID string

// By says who made an entry and why. Actor is member.Actor.ID.
type By struct {
	Actor  string `db:"actor"`
	Reason TextID `db:"reason"`
}

// MemberRow is a member; its names stand in MemberDetail.
type MemberRow struct {
	ID   member.ID   `db:"id"`
	Kind member.Kind `db:"kind"`
	// AdmittedBy is the number of the decision that it was entered with; "" for
	// none. MemberInfo.Decision also knows of later admissions.
	AdmittedBy string `db:"admitted_by"`
	By
	Known instant.Instant `db:"known"`
}

// MembershipRow is one event of a membership, effective from At.
type MembershipRow struct {
	ID     string                     `db:"id"`
	Member member.ID                  `db:"member"`
	Kind   eligibility.MembershipKind `db:"kind"`
	At     instant.Instant            `db:"at"`
	// Until ends a suspension by itself; 0 for all else.
	Until instant.Instant `db:"until"`
	// Listing is the member's own choice to stay listed during a pause.
	Listing bool `db:"listing"`
	// Decision is the number of the decision behind it; "" for none.
	Decision string `db:"decision"`
	By
	Known instant.Instant `db:"known"`
}

// VoidRow takes back a membership event that was entered by mistake.
type VoidRow struct {
	Event string `db:"event"`
	By
	Known instant.Instant `db:"known"`
}

// LinkRow ties an account to a member for a span. An account is linked to at
// most one member at a time.
type LinkRow struct {
	ID      string           `db:"id"`
	Member  member.ID        `db:"member"`
	Account member.AccountID `db:"account"`
	From    instant.Instant  `db:"valid_from"`
	Until   instant.Instant  `db:"valid_until"`
	By
	Known instant.Instant `db:"known"`
}

// LinkEnd gives a link another end, or revokes it as if it had never been. The
// newest of a link's ends holds.
type LinkEnd struct {
	Link    string          `db:"link"`
	Revoked bool            `db:"revoked"`
	Until   instant.Instant `db:"valid_until"` // 0 exactly when revoked
	By
	Known instant.Instant `db:"known"`
}

// WaiverRow forgives dues for a span.
type WaiverRow struct {
	ID     string          `db:"id"`
	Member member.ID       `db:"member"`
	From   instant.Instant `db:"valid_from"`
	Until  instant.Instant `db:"valid_until"`
	// Decision is the number of a decision the treasurer names; "" for none.
	Decision string `db:"decision"`
	By
	Known instant.Instant `db:"known"`
}

// WaiverEnd gives a waiver another end, or revokes it as if it had never been.
// The newest of a waiver's ends holds.
type WaiverEnd struct {
	Waiver  string          `db:"waiver"`
	Revoked bool            `db:"revoked"`
	Until   instant.Instant `db:"valid_until"` // 0 exactly when revoked
	By
	Known instant.Instant `db:"known"`
}

// PaymentRow is money that the treasurer entered.
type PaymentRow struct {
	ID       string          `db:"id"`
	Member   member.ID       `db:"member"`
	Amount   money.Money     `db:"amount_minor,currency"`
	Months   int             `db:"months"`
	From     instant.Instant `db:"valid_from"`
	Until    instant.Instant `db:"valid_until"`
	Received instant.Instant `db:"received"`
	// Charge is the charge of Open Collective that this payment lets count; "" for none.
	Charge string `db:"charge"`
	// Reference is the bank's or the file's own; it is kept as a digest only,
	// which is what a reader gets. One that was seen before is refused.
	Reference string `db:"reference"`
	By
	Known instant.Instant `db:"known"`
}

// PaymentUndo reverses an entered payment.
type PaymentUndo struct {
	Payment string `db:"payment"`
	By
	Known instant.Instant `db:"known"`
}

// ProfileEvent turns one condition of a listing on or off from At.
type ProfileEvent struct {
	ID     string                  `db:"id"`
	Member member.ID               `db:"member"`
	Kind   eligibility.ProfileKind `db:"kind"`
	On     bool                    `db:"is_on"`
	At     instant.Instant         `db:"at"`
	By
	Known instant.Instant `db:"known"`
}

// SupporterRow marks a payer as supporter (gives, is no member), or takes the
// mark back. The newest row of an account holds.
type SupporterRow struct {
	ID      string           `db:"id"`
	Account member.AccountID `db:"account"`
	On      bool             `db:"is_on"`
	By
	Known instant.Instant `db:"known"`
}

// MergeRow says that two members were one. From Known on the links, waivers
// and payments of the loser are facts of the winner and no longer of the
// loser; membership and profile events, holds and recorded standings stay
// where they are. The caller ends the loser's membership.
type MergeRow struct {
	Loser  member.ID `db:"loser"`
	Winner member.ID `db:"winner"`
	By
	Known instant.Instant `db:"known"`
}

// RoleRow gives a person a role or takes it. The newest row of a person and
// role holds.
type RoleRow struct {
	ID     string          `db:"id"`
	Person member.PersonID `db:"person"`
	Role   member.Role     `db:"role"`
	On     bool            `db:"is_on"`
	By
	Known instant.Instant `db:"known"`
}

// DelegateEvent is what happened to a delegate.
type DelegateEvent string

// The events of a delegate. Confirmed follows Added where domain.md, section 8
// asks for another's word.
const (
	DelegateAdded     DelegateEvent = "added"
	DelegateRemoved   DelegateEvent = "removed"
	DelegateConfirmed DelegateEvent = "confirmed"
)

// DelegateRow makes a person delegate of a member, confirms or removes it.
type DelegateRow struct {
	ID     string          `db:"id"`
	Member member.ID       `db:"member"`
	Person member.PersonID `db:"person"`
	Event  DelegateEvent   `db:"event"`
	By
	Known instant.Instant `db:"known"`
}

// DismissalRow dismisses an entry of the desk (domain.md, section 7). It holds
// while the entry rests on the same facts; the newest row of an entry counts.
type DismissalRow struct {
	ID    string `db:"id"`
	Entry string `db:"entry"`
	// Kind is the entry's: a word of a closed set.
	Kind string `db:"kind"`
	// Facts is the digest, in hexadecimal, of the ids and instants on which the
	// entry rested.
	Facts string `db:"facts"`
	By
	Known instant.Instant `db:"known"`
}

// PolicyRow is one version of the policy as it was loaded. Its text is parsed
// elsewhere.
type PolicyRow struct {
	ID   string          `db:"id"`
	From instant.Instant `db:"valid_from"`
	Text string          `db:"body"`
	// SHA256 of Text, in hexadecimal.
	SHA256 string `db:"sha256"`
	// DecidedBy is the number of the decision that enacted it; "" for none.
	DecidedBy string `db:"decided_by"`
	// Backdated says that From was in the past when it was loaded.
	Backdated bool `db:"backdated"`
	By
	Known instant.Instant `db:"known"`
}
