package opencollective

import (
	"fmt"
	"strings"
	"time"

	"coopcloud.tech/goodstanding/internal/money"
)

// Incomplete: the rows that could be read are not all there are, in every try.
type Incomplete struct {
	Op    string
	Tries int
	What  string
	// Ties: more rows share one createdAt than one request can return, so that no
	// number of tries helps.
	Ties bool
}

// Error says what is wrong and what would help, in one sentence.
func (e *Incomplete) Error() string {
	if e.Ties {
		return fmt.Sprintf("%s on Open Collective cannot be read whole: %s", inPlain(e.Op), e.What)
	}
	return fmt.Sprintf("%s on Open Collective changed while they were read, or came incomplete, in %d tries (%s); "+
		"nothing was changed, it is asked again later", inPlain(e.Op), e.Tries, e.What)
}

// Class is ClassIncomplete.
func (e *Incomplete) Class() string { return ClassIncomplete }

// Retryable says yes, after a minute, unless it is for ties.
func (e *Incomplete) Retryable() (time.Duration, bool) {
	if e.Ties {
		return 0, false
	}
	return time.Minute, true
}

// SlugUnknown: no account has this slug. Now is the slug that the pinned
// collective has today, "" when that is not known.
type SlugUnknown struct {
	Slug string
	Now  string
}

// Error says what is wrong and what would help, in one sentence.
func (e *SlugUnknown) Error() string {
	if e.Now != "" {
		return fmt.Sprintf("%s is called %s on Open Collective now: set GOODSTANDING_OC_SLUG=%s", e.Slug, e.Now, e.Now)
	}
	return fmt.Sprintf("Open Collective knows no collective %q: set GOODSTANDING_OC_SLUG to the last part of "+
		"the collective's address there, https://opencollective.com/SLUG", e.Slug)
}

// Class is ClassSlugUnknown.
func (e *SlugUnknown) Class() string { return ClassSlugUnknown }

// Retryable says no: somebody has to act.
func (e *SlugUnknown) Retryable() (time.Duration, bool) { return 0, false }

// OtherAccount: the slug has come to mean another account than the one this
// store was filled from (freed slugs can be taken: open-collective.md, fact 8).
type OtherAccount struct {
	Slug   string
	Pinned string // the id this store was filled from
	Found  string // the id that the slug means now
	// Now is the slug that the pinned collective has today, "" when that is not known.
	Now string
}

// Error says what is wrong and what would help, in one sentence.
func (e *OtherAccount) Error() string {
	remedy := "find out what the collective is called today and set GOODSTANDING_OC_SLUG to that; " +
		"for another collective use another database"
	if e.Now != "" {
		remedy = fmt.Sprintf("the collective is called %s today: set GOODSTANDING_OC_SLUG=%s", e.Now, e.Now)
	}
	return fmt.Sprintf("%s now belongs to another Open Collective account (%s, not %s); nothing was changed: %s",
		e.Slug, e.Found, e.Pinned, remedy)
}

// Class is ClassOtherAccount.
func (e *OtherAccount) Class() string { return ClassOtherAccount }

// Retryable says no: somebody has to act.
func (e *OtherAccount) Retryable() (time.Duration, bool) { return 0, false }

// OtherCurrency: the collective is kept in another currency than the store was
// filled with.
type OtherCurrency struct {
	Slug         string
	Known, Found money.Currency
}

// Error says what is wrong and what would help, in one sentence.
func (e *OtherCurrency) Error() string {
	return fmt.Sprintf("%s is kept in %s on Open Collective now, it was %s; nothing was changed: "+
		"ask the collective's host whether that is meant, then give the policy a minimum in %s",
		e.Slug, e.Found, e.Known, e.Found)
}

// Class is ClassOtherCurrency.
func (e *OtherCurrency) Class() string { return ClassOtherCurrency }

// Retryable says no: somebody has to act.
func (e *OtherCurrency) Retryable() (time.Duration, bool) { return 0, false }

// Archived: the collective was closed upstream, which cancels every order.
type Archived struct {
	Slug string
}

// Error says what is wrong and what would help, in one sentence.
func (e *Archived) Error() string {
	return fmt.Sprintf("%s is archived on Open Collective, which cancels every contribution; nothing was changed: "+
		"an administrator can unarchive it there, or set GOODSTANDING_OC_SLUG to the collective that took over", e.Slug)
}

// Class is ClassArchived.
func (e *Archived) Class() string { return ClassArchived }

// Retryable says no: somebody has to act.
func (e *Archived) Retryable() (time.Duration, bool) { return 0, false }

// TokenIgnored: a token is configured, and upstream answers as if to nobody.
type TokenIgnored struct{}

// Error says what is wrong and what would help, in one sentence.
func (e *TokenIgnored) Error() string {
	return "Open Collective treats the token as nobody: it has to be a personal token of a collective's " +
		"administrator (not an OAuth token); put a working one into GOODSTANDING_OC_TOKEN_FILE, or remove it to read public data"
}

// Class is ClassTokenIgnored.
func (e *TokenIgnored) Class() string { return ClassTokenIgnored }

// Retryable says no: somebody has to act.
func (e *TokenIgnored) Retryable() (time.Duration, bool) { return 0, false }

// ClockApart: the clock of this machine and upstream's say different times, so nobody
// knows which dues have run out.
type ClockApart struct {
	Ours, Theirs time.Time
}

// Error says what is wrong and what would help, in one sentence.
func (e *ClockApart) Error() string {
	const form = "2006-01-02 15:04"
	return fmt.Sprintf("the clock of this machine says %s and Open Collective's %s (UTC); nothing was changed: set the right one, by NTP for instance (timedatectl set-ntp true)",
		e.Ours.UTC().Format(form), e.Theirs.UTC().Format(form))
}

// Class is ClassClockApart.
func (e *ClockApart) Class() string { return ClassClockApart }

// Retryable says no: somebody has to act.
func (e *ClockApart) Retryable() (time.Duration, bool) { return 0, false }

func joined(words []string) string {
	if len(words) == 0 {
		return "unsaid"
	}
	return strings.Join(words, ", ")
}

// inPlain is a query in plain words.
func inPlain(op string) string {
	switch op {
	case opPreflight:
		return "the collective itself"
	case opOrders:
		return "the contributions"
	case opPaused:
		return "the contributions that their payers paused"
	case opTransactions:
		return "the transactions"
	case opRefunds:
		return "the refunds"
	}
	return "the " + op
}
