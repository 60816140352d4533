package roll

import (
	"cmp"
	"context"
	"fmt"
	"slices"
	"strings"
	"time"

	"coopcloud.tech/goodstanding/internal/arrange"
	"coopcloud.tech/goodstanding/internal/instant"
	"coopcloud.tech/goodstanding/internal/money"
	"coopcloud.tech/goodstanding/member"
	"coopcloud.tech/goodstanding/store"
)

// DeskKind is a word for what is to be sorted out (domain.md, section 7). The
// words are a closed set; none is ever renamed or given another meaning.
type DeskKind string

// The kinds, the most pressing first: that is the order of the desk.
const (
	// Somebody could get what is another's, or a right rests on what was not understood.
	DeskSlugTaken    DeskKind = "slug_taken"    // an account has the slug now that a member's account had
	DeskPayerChanged DeskKind = "payer_changed" // a member's contribution is paid by another account now
	DeskUnknownWord  DeskKind = "unknown_word"  // a null frequency, or a status that this version does not know
	// Money went back, or does not come.
	DeskDisputed   DeskKind = "charge_disputed"
	DeskRefunded   DeskKind = "charge_refunded" // while it still paid for dues
	DeskVanished   DeskKind = "contribution_vanished"
	DeskGone       DeskKind = "account_gone"       // deleted, or suspended by Open Collective
	DeskNotCharged DeskKind = "not_charged"        // active, but its date is past
	DeskCancelled  DeskKind = "paid_but_cancelled" // money newer than the cancellation
	// Money came, and does not count.
	DeskWrongCurrency DeskKind = "wrong_currency" // the policy has no minimum in it
	DeskIgnored       DeskKind = "ignored_money"  // enough for dues, but one-off or added funds
	DeskLeftover      DeskKind = "leftover_money" // what one-off money leaves beside whole months
	DeskYearly        DeskKind = "yearly_below_monthly"
	// It is not known whose money it is.
	DeskPersonPays  DeskKind = "person_for_organisation"
	DeskTwoAccounts DeskKind = "two_accounts" // that look like one member
	DeskUnmatched   DeskKind = "unmatched_payer"
	// Nothing is lost meanwhile.
	DeskWrongTier    DeskKind = "wrong_tier"
	DeskWrongAccount DeskKind = "wrong_account" // to a project or an event
	DeskRenamed      DeskKind = "account_renamed"
	DeskNoDelegate   DeskKind = "no_delegate"
	DeskNoAnswer     DeskKind = "no_answer" // in none of the last 3 large decisions
)

// DeskKinds lists all kinds in the order of the desk.
func DeskKinds() []DeskKind {
	return []DeskKind{DeskSlugTaken, DeskPayerChanged, DeskUnknownWord, DeskDisputed, DeskRefunded, DeskVanished, DeskGone, DeskNotCharged,
		DeskCancelled, DeskWrongCurrency, DeskIgnored, DeskLeftover, DeskYearly, DeskPersonPays, DeskTwoAccounts, DeskUnmatched,
		DeskWrongTier, DeskWrongAccount, DeskRenamed, DeskNoDelegate, DeskNoAnswer}
}

// DeskEntry is one thing to be sorted out. No text of it holds an amount or an
// e-mail address.
type DeskEntry struct {
	// ID is the same as long as the entry is about the same things.
	ID   string
	Kind DeskKind
	// Member is whom it is about, with handle and name; "" for nobody.
	Member       member.ID
	Handle, Name string
	Account      AccountRef // the zero value for none
	// Contributions and Charges are ids of what it rests on.
	Contributions, Charges []string
	// Since is when what it tells began; 0 where that is not known.
	Since instant.Instant
	// Amount is the money it is about; nil for none.
	Amount *money.Money
	// Sentence says what was found, Action what to do about it, both for people.
	Sentence, Action string
	// Remedy is a command line that can be pasted into a shell as it is; only
	// words in capitals (EMAIL, NAME) have to be filled in.
	Remedy string
	// Acts are remedies that are one act of a treasurer, the likeliest first; none for
	// what is to be asked, or done elsewhere.
	Acts []DeskAct
	// Dismissed says that somebody looked at it and left it as it is; nil while
	// it is open.
	Dismissed *Dismissed

	sentence, action said
	zone             *time.Location

	bare  string // the remedy without what an amount can be told from
	facts string // digest of what it rests on
}

// Dismissed is who dismissed an entry, when and why.
type Dismissed struct {
	At         instant.Instant
	By, Reason string
}

// WithoutAmounts is the entry for those who may not read amounts: its amount is
// gone, and a number in its remedy from which one could be told is a word in
// capitals.
func (e DeskEntry) WithoutAmounts() DeskEntry {
	e.Amount, e.Acts = nil, nil
	if e.bare != "" {
		e.Remedy = e.bare
	}
	return e
}

// Desk lists what is to be sorted out now, the most pressing first, then by
// when it began, by name and by id; with all also what was dismissed, each in
// its place. An entry goes when what it tells is no longer so; one that was
// dismissed returns when the facts change that it rests on.
//
// Where domain.md is silent: nothing is on the desk about who has left, about
// supporters' payments, and about orders that never were and never will be paid
// (cards are tested on collectives); a refund that the store's first snapshot
// brought is there only if its charge would still pay for dues then; ignored
// money is there only if the member's dues were not paid otherwise for all the
// time that it is enough for.
func (r *Roll) Desk(ctx context.Context, all bool) ([]DeskEntry, error) {
	var out []DeskEntry
	err := r.db.View(ctx, func(tx *store.Tx) error {
		entries, err := r.desk(ctx, tx, r.now())
		out = undismissed(entries, all)
		return err
	})
	if err != nil {
		return nil, fmt.Errorf("find what is to be sorted out: %w", err)
	}
	return out, nil
}

// undismissed are the entries that nobody dismissed, or all.
func undismissed(entries []DeskEntry, all bool) []DeskEntry {
	if all {
		return slices.Clone(entries)
	}
	return slices.DeleteFunc(slices.Clone(entries), func(e DeskEntry) bool { return e.Dismissed != nil })
}

// desk is everything on the desk, the dismissed entries too.
func (r *Roll) desk(ctx context.Context, tx *store.Tx, now instant.Instant) ([]DeskEntry, error) {
	s, err := r.newSorting(ctx, tx, now)
	if err != nil {
		return nil, err
	}
	for _, find := range []func(*sorting){
		(*sorting).slugsTaken, (*sorting).payersChanged, (*sorting).unknownWords, (*sorting).disputes, (*sorting).refunded,
		(*sorting).vanished, (*sorting).accountsGone, (*sorting).notCharged, (*sorting).cancelled,
		(*sorting).moneyThatCountsNothing, (*sorting).yearly, (*sorting).payersOfOrganisations, (*sorting).membersAlike,
		(*sorting).unmatchedPayers, (*sorting).wrongTiers, (*sorting).wrongAccounts, (*sorting).renamed, (*sorting).noDelegates, (*sorting).noAnswers,
	} {
		find(s)
	}
	kinds := DeskKinds()
	arrange.By(s.out, func(a, b DeskEntry) int {
		return cmp.Or(cmp.Compare(slices.Index(kinds, a.Kind), slices.Index(kinds, b.Kind)), cmp.Compare(a.Since, b.Since),
			strings.Compare(strings.ToLower(a.Name), strings.ToLower(b.Name)), cmp.Compare(a.ID, b.ID))
	})
	return s.out, dismissed(ctx, tx, s.out)
}

// dismissed marks the entries whose dismissal still holds.
func dismissed(ctx context.Context, tx *store.Tx, entries []DeskEntry) error {
	rows, err := tx.Dismissals(ctx)
	if err != nil || len(rows) == 0 {
		return err
	}
	labels, err := tx.ActorLabels(ctx)
	if err != nil {
		return err
	}
	var reasons []store.TextID
	for _, row := range rows {
		reasons = append(reasons, row.Reason)
	}
	texts, err := tx.Texts(ctx, reasons...)
	if err != nil {
		return err
	}
	for i := range entries {
		if row, ok := rows[entries[i].ID]; ok && row.Facts == entries[i].facts {
			entries[i].Dismissed = &Dismissed{At: row.Known, By: labels[row.Actor], Reason: texts[row.Reason]}
		}
	}
	return nil
}
