package syncer

import (
	"strings"
	"time"
	"unicode"

	"coopcloud.tech/goodstanding/eligibility"
	"coopcloud.tech/goodstanding/internal/instant"
	"coopcloud.tech/goodstanding/member"
	"coopcloud.tech/goodstanding/store"
)

// words makes plain words of one reconciled snapshot, for people.
type words struct {
	*reconciled
	zone *time.Location
	// several are the names that several accounts have; see shared.
	several map[string]bool
	// fresh are the charges that this snapshot brought, by id.
	fresh map[string]store.ChargeRow
}

func newWords(r *reconciled, zone *time.Location) *words {
	w := &words{reconciled: r, zone: zone, fresh: map[string]store.ChargeRow{}}
	for _, c := range r.charges {
		w.fresh[c.ID] = c
	}
	return w
}

// shared says whether several accounts have the name. All are looked through once
// somebody is named at all, which most snapshots have no need of.
func (w *words) shared(name string) bool {
	if w.several != nil {
		return w.several[name]
	}
	w.several = map[string]bool{}
	seen := map[string]member.AccountID{}
	note := func(d store.AccountDetail) {
		name := nameIn(d)
		if other, taken := seen[name]; taken && other != d.Account {
			w.several[name] = true
		}
		seen[name] = d.Account
	}
	for id := range w.st.details.ids() {
		note(w.detail(id))
	}
	for _, d := range w.details {
		note(d)
	}
	return w.several[name]
}

// detail are the newest names known of an account.
func (w *words) detail(id member.AccountID) store.AccountDetail {
	if a, ok := w.shownAccounts[id]; ok {
		return store.AccountDetail{Account: id, Slug: a.slug, Name: a.name}
	}
	if d, ok := w.st.details.get(id); ok {
		return d
	}
	for _, d := range w.details {
		if d.Account == id {
			return d
		}
	}
	return store.AccountDetail{Account: id}
}

// chargeOf is a charge, stored or new.
func (w *words) chargeOf(id string) (store.ChargeRow, bool) {
	if c, ok := w.st.charges.get(id); ok {
		return c, true
	}
	c, ok := w.fresh[id]
	return c, ok
}

// who is what people read for an account: its name, with the slug where two
// have the same; never an address, also where somebody uses one as a name.
func (w *words) who(id member.AccountID) string {
	if id == "" {
		return "a payer who is not shown"
	}
	row := w.st.accounts.at(id)
	if a, ok := w.shownAccounts[id]; ok {
		row = a.row
	}
	d := w.detail(id)
	name := nameIn(d)
	switch {
	case row.Incognito:
		return withSlug("an incognito payer", d.Slug)
	case name == "":
		return "account " + string(id)
	case w.shared(name):
		return withSlug(name, d.Slug)
	}
	return name
}

// nameIn is the name to show: the account's own, else its slug.
func nameIn(d store.AccountDetail) string {
	if name := clean(d.Name); name != "" && !strings.Contains(name, "@") {
		return name
	}
	return clean(d.Slug)
}

func withSlug(name, slug string) string {
	if slug = clean(slug); slug == "" || slug == name {
		return name
	}
	return name + " (" + slug + ")"
}

// longestName bounds a name in a sentence.
const longestName = 60

// clean makes a foreign text safe to print on one line: nothing that moves a
// cursor, hides or reorders text.
func clean(s string) string {
	s = strings.Map(func(r rune) rune {
		if unicode.IsSpace(r) {
			return ' '
		}
		if !unicode.IsPrint(r) {
			return -1
		}
		return r
	}, s)
	runes := []rune(strings.Join(strings.Fields(s), " "))
	if len(runes) > longestName {
		return string(runes[:longestName-1]) + "…"
	}
	return string(runes)
}

// whose is the genitive of a name.
func whose(name string) string {
	if strings.HasSuffix(name, "s") {
		return name + "'"
	}
	return name + "'s"
}

// day writes a date as people do, without the year where it is this one.
func (w *words) day(i instant.Instant) string {
	t, now := i.Time().In(w.zone), w.rd.start.Time().In(w.zone)
	if t.Year() == now.Year() {
		return t.Format("2 January")
	}
	return t.Format("2 January 2006")
}

// onDay is " on 2 January" for a day other than the snapshot's own.
func (w *words) onDay(i instant.Instant) string {
	if w.day(i) == w.day(w.rd.start) {
		return ""
	}
	return " on " + w.day(i)
}

// promise is what a contribution pays, in words.
func promise(c store.ContributionRow) string {
	switch c.Interval {
	case eligibility.Monthly:
		return c.Amount.Symbol() + " a month"
	case eligibility.Yearly:
		return c.Amount.Symbol() + " a year"
	}
	return c.Amount.Symbol() + " once"
}
