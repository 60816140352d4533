package roll

import (
	"context"
	"fmt"
	"slices"

	"coopcloud.tech/goodstanding/eligibility"
	"coopcloud.tech/goodstanding/internal/instant"
	"coopcloud.tech/goodstanding/member"
	"coopcloud.tech/goodstanding/store"
)

// account is an Open Collective account as an act sees it.
type account struct {
	store.AccountRow
	slug  string
	shown bool
	links []store.LinkState // of whichever member
}

// word is how refusals name an account: its slug, else its id.
func (a *account) word() string {
	if a.slug != "" {
		return "@" + a.slug
	}
	return string(a.ID)
}

// account is one that upstream has shown; any other is refused.
func (a *act) account(ctx context.Context, id member.AccountID) (*account, error) {
	all, err := a.tx.Accounts(ctx)
	if err != nil {
		return nil, err
	}
	details, err := a.tx.AccountDetails(ctx)
	if err != nil {
		return nil, err
	}
	row, shown := all[id]
	if !shown {
		row.ID = id
		a.refuse("Open Collective has never shown an account %s: run sync, or look at its spelling", id)
	}
	acc := &account{AccountRow: row, slug: details[id].Slug, shown: shown}
	links, err := a.tx.Links(ctx)
	if err != nil {
		return nil, err
	}
	for _, l := range links {
		if l.Account == id {
			acc.links = append(acc.links, l)
		}
	}
	return acc, nil
}

// unfit says why no member can stand behind the account; "" when one can
// (domain.md, section 2; open-collective.md, section 11).
func unfit(row store.AccountRow) string {
	for _, one := range unfitAccounts {
		if one.is(&row) {
			return one.why
		}
	}
	return ""
}

// unfitAccounts are those that no member can stand behind.
var unfitAccounts = []struct {
	is  func(*store.AccountRow) bool
	why string
}{
	{func(row *store.AccountRow) bool { return row.Guest }, "it belongs to a guest, whose account changes when it is claimed"},
	{func(row *store.AccountRow) bool { return row.Incognito }, "it is incognito, and who stands behind it is not ours to tell"},
	{func(row *store.AccountRow) bool { return row.Archived }, "it was deleted on Open Collective"},
}

// Link ties an account to a member for [from, until), by default for all time.
// It is for treasurers and the operator. An account is linked to at most one
// member at a time; a supporter's, guest's, incognito or deleted one to none.
func (r *Roll) Link(ctx context.Context, by By, id member.ID, acc member.AccountID, from, until instant.Instant) (Report, error) {
	return r.enter(ctx, by, actionLink, "link the account", string(id), func(a *act) error {
		if !a.keeper() {
			return nil
		}
		a.refuseAll(spanFaults("the link", from, until))
		if _, ok := a.member(id); ok {
			a.notLeft(id)
		}
		account, err := a.account(ctx, acc)
		if err != nil {
			return err
		}
		if err := a.linkable(ctx, account, id, from, until); err != nil || a.refused() {
			return err
		}
		a.own(id)
		a.payload["account"], a.payload["from"], a.payload["until"] = acc, from, until
		if err := a.tx.AddLinks(ctx, store.LinkRow{ID: a.r.newID("l"), Member: id, Account: acc, From: from, Until: until, By: a.author}); err != nil {
			return err
		}
		if !a.history(id).noAccount(a.now) {
			return nil
		}
		return a.event(ctx, id, eligibility.Linkable, a.now)
	})
}

// linkable refuses an account that cannot be linked for the span.
func (a *act) linkable(ctx context.Context, acc *account, id member.ID, from, until instant.Instant) error {
	if why := unfit(acc.AccountRow); why != "" {
		a.refuse("%s cannot be linked: %s", acc.word(), why)
	}
	supporters, err := a.tx.Supporters(ctx)
	if err != nil {
		return err
	}
	if _, is := supporters[acc.ID]; is {
		a.refuse("%s is marked as supporter: take the mark back first", acc.word())
	}
	for _, l := range acc.links {
		if (until != 0 && l.From >= until) || (l.Until != 0 && from >= l.Until) {
			continue
		}
		way := "end that link first (unlink)"
		if l.Until != 0 && l.Until <= a.now {
			way = "link it from then on (--from " + dayText(l.Until) + ")"
		}
		a.refuse("%s is linked to %s %s: %s", acc.word(), a.handle(l.Member), a.span(l.From, l.Until), way)
	}
	return nil
}

// span is a half-open span in words.
func (a *act) span(from, until instant.Instant) string {
	switch {
	case from == 0 && until == 0:
		return "for all time"
	case from == 0:
		return "until " + a.date(until)
	case until == 0:
		return "since " + a.date(from)
	}
	return fmt.Sprintf("from %s until %s", a.date(from), a.date(until))
}

// Unlink ends the link of an account to a member at an instant (0: now); what
// was charged before still counts for the member. An end at or before the
// link's beginning revokes it whole, as if it had never been; the beginning of
// a link for all time is the account's first charge. It is for treasurers and
// the operator.
func (r *Roll) Unlink(ctx context.Context, by By, id member.ID, acc member.AccountID, until instant.Instant) (Report, error) {
	return r.enter(ctx, by, actionUnlink, "unlink the account", string(id), func(a *act) error {
		if !a.keeper() {
			return nil
		}
		a.refuseAll(dateFaults("the end", until))
		if m, _ := a.info(id); !erased(m) { // whose account may be somebody else's now
			a.member(id)
		}
		account, err := a.account(ctx, acc)
		if err != nil {
			return err
		}
		until := a.orNow(until)
		ends, err := a.endsOf(ctx, account, id, until)
		if err != nil {
			return err
		}
		if len(ends) == 0 && !a.refused() {
			a.refuse("%s is not linked to %s on %s or later", account.word(), a.handle(id), a.date(until))
		}
		if a.refused() {
			return nil
		}
		a.own(id)
		a.payload["account"], a.payload["until"] = acc, until
		a.payload["revoked"] = slices.ContainsFunc(ends, func(e store.LinkEnd) bool { return e.Revoked })
		return a.tx.EndLinks(ctx, ends...)
	})
}

// endsOf are the ends for all links of the account to the member that reach
// beyond until.
func (a *act) endsOf(ctx context.Context, acc *account, id member.ID, until instant.Instant) ([]store.LinkEnd, error) {
	var ends []store.LinkEnd
	for _, l := range acc.links {
		if l.Member != id || l.Until != 0 && l.Until <= until {
			continue
		}
		from := l.From
		if from == 0 {
			var err error
			if from, err = a.firstCharge(ctx, acc.ID); err != nil {
				return nil, err
			}
		}
		end := store.LinkEnd{Link: l.ID, Until: until, By: a.author}
		if from != 0 && until <= from {
			end.Revoked, end.Until = true, 0
		}
		ends = append(ends, end)
	}
	return ends, nil
}

// firstCharge is the instant of the account's first charge; 0 for none.
func (a *act) firstCharge(ctx context.Context, id member.AccountID) (first instant.Instant, err error) {
	charges, err := a.tx.Charges(ctx)
	for _, c := range charges {
		if c.Account == id && (first == 0 || c.Created < first) {
			first = c.Created
		}
	}
	return first, err
}

// NoAccount notes that the member has no Open Collective account, so that it is
// not "unknown" for want of one (domain.md, section 3), or takes that back. It
// is for treasurers and the operator.
func (r *Roll) NoAccount(ctx context.Context, by By, id member.ID, on bool) (Report, error) {
	return r.enter(ctx, by, actionNoAccount, "note that there is no account", string(id), func(a *act) error {
		if !a.keeper() {
			return nil
		}
		m, ok := a.member(id)
		if ok {
			a.notLeft(id)
		}
		for _, l := range m.Links {
			if on && (l.Until == 0 || l.Until > a.now) {
				acc := account{AccountRow: store.AccountRow{ID: l.Account}, slug: l.Slug}
				a.refuse("it is linked to %s: end that link first (unlink)", acc.word())
			}
		}
		switch noted := a.history(id).noAccount(a.now); {
		case noted && on:
			a.refuse("that is noted already")
		case !noted && !on:
			a.refuse("nothing of the kind is noted")
		}
		if a.refused() {
			return nil
		}
		a.own(id)
		a.payload["on"] = on
		kind := eligibility.NoAccount
		if !on {
			kind = eligibility.Linkable
		}
		return a.event(ctx, id, kind, a.now)
	})
}
