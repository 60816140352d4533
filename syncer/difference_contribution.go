package syncer

import (
	"cmp"
	"maps"
	"slices"
	"strings"

	"coopcloud.tech/goodstanding/eligibility"
	"coopcloud.tech/goodstanding/internal/instant"
	"coopcloud.tech/goodstanding/internal/money"
	"coopcloud.tech/goodstanding/member"
	"coopcloud.tech/goodstanding/store"
)

// status says what a new status means to people.
func (a *account) status(before, now store.ContributionRow) {
	if before.Status == now.Status {
		return
	}
	name := a.who(now.Account)
	switch now.Status {
	case failing:
		a.refused(name, now)
	case cancelled:
		a.cancelled(name, before, now)
	case paused:
		by := ""
		if now.PausedByPayer {
			by = " by the payer"
		}
		a.say(worse, "%s contribution was paused%s", whose(name), by)
	case active:
		a.activeAgain(name, before, now)
	default:
		if text := statusWords[now.Status]; a.moneyTold[now.ID] && (now.Status == disputed || now.Status == refunded) {
			return // the charge's own sentence says it
		} else if text != "" {
			a.say(worse, "%s contribution %s", whose(name), text)
		} else if !knownStatus[now.Status] {
			a.say(worse, "%s contribution has a status that this version does not know: %q", whose(name), clean(now.Status))
		}
	}
}

// statusWords are those that need no more than a phrase. PAID is told by its charge.
var statusWords = map[string]string{
	rejected:    "was rejected",
	expired:     "expired",
	disputed:    "is disputed: the payer's bank asks for money back",
	refunded:    "was given back",
	processing:  "is being processed by the payer's bank",
	pending:     "waits for a bank transfer",
	inReview:    "is under review",
	unconfirmed: "waits for the payer to confirm it with the bank",
}

// refused: a first payment that never went through is nobody's news (dozens
// are tries of stolen cards).
func (a *account) refused(name string, now store.ContributionRow) {
	if now.Processed == 0 {
		return
	}
	what := "payment failed"
	if now.PaymentType == typeCreditCard {
		what = "card was refused"
	}
	again := ""
	if now.NextCharge > a.rd.start {
		again = " on " + a.day(now.NextCharge)
	}
	a.say(worse, "%s %s; Open Collective is trying again%s", whose(name), what, again)
}

func (a *account) cancelled(name string, before, now store.ContributionRow) {
	until := "nothing is paid ahead"
	switch due := a.paidUntil(now.ID); {
	case due > a.rd.start:
		until = "paid up until " + a.day(due)
	case due > 0:
		until = "was paid up until " + a.day(due)
	}
	switch {
	case now.Processed == 0:
		a.say(worse, "%s contribution was cancelled before its first payment", whose(name))
	case before.Status == failing:
		a.say(worse, "%s contribution was cancelled after its payments had failed; %s", whose(name), until)
	default:
		a.say(worse, "%s cancelled; %s", name, until)
	}
}

// paidUntil is the end of the last coverage that a contribution's charges
// bought; one that was given back bought nothing.
func (a *account) paidUntil(contribution string) instant.Instant {
	if a.due == nil {
		a.due = a.lastDues()
	}
	return a.due[contribution]
}

func (a *account) lastDues() map[string]instant.Instant {
	back := map[string]bool{}
	for _, f := range a.st.refunds {
		back[f.Charge] = true
	}
	for _, f := range a.refunds {
		back[f.Charge] = true
	}
	due := map[string]instant.Instant{}
	add := func(v store.CoverageRow) {
		if c, _ := a.chargeOf(v.Charge); !back[v.Charge] {
			due[c.Contribution] = max(due[c.Contribution], v.Due)
		}
	}
	for _, v := range a.st.coverages.all() {
		add(v)
	}
	for _, v := range a.coverages {
		add(v)
	}
	return due
}

func (a *account) activeAgain(name string, before, now store.ContributionRow) {
	charged := a.paidNow[now.ID]
	switch {
	case before.Status == paused && charged:
		a.say(better, "%s contribution goes on after its pause", whose(name))
	case before.Status == paused:
		a.say(better, "%s contribution goes on after its pause; nothing was charged since", whose(name))
	case charged: // told by the charge
	case before.Status == failing:
		a.say(better, "%s contribution is active again; the money has not come yet", whose(name))
	case before.Processed == 0 && now.Processed != 0:
		a.say(better, "%s first payment went through", whose(name))
	default:
		a.say(better, "%s contribution is active again", whose(name))
	}
}

// promise says what the payer will pay from now on, and who it is.
func (a *account) promise(before, now store.ContributionRow) {
	name := func() string { return a.who(now.Account) } // most changes are no change of a promise
	ended := now.Status == cancelled || now.Status == expired || now.Status == rejected || now.Status == refunded
	switch {
	case before.Processed == 0 || ended:
	case before.Amount != now.Amount || before.Interval != now.Interval:
		a.say(promises, "%s will pay %s from the next charge", name(), insteadOf(before, now))
	case before.Tax != now.Tax:
		a.say(promises, "%s contribution of %s holds %s tax now, it was %s", whose(name()), promise(now),
			money.Money{Minor: now.Tax, Currency: now.Amount.Currency}.Symbol(),
			money.Money{Minor: before.Tax, Currency: before.Amount.Currency}.Symbol())
	}
	if before.Tier != "" && now.Tier == "" {
		a.say(promises, "%s contribution lost its tier on the collective's page", whose(name()))
	}
	if before.Account != "" && before.Account != now.Account {
		a.say(promises, "%s contribution is paid by %s now: two accounts became one, or it was handed over",
			whose(a.who(before.Account)), name())
	}
}

// insteadOf names both promises, the interval once where it is the same.
func insteadOf(before, now store.ContributionRow) string {
	if before.Interval == now.Interval {
		return now.Amount.Symbol() + " instead of " + promise(before)
	}
	return promise(now) + " instead of " + promise(before)
}

// newContribution greets a payer; tries that never came to a payment are left out.
func (a *account) newContribution(now store.ContributionRow) {
	if !serious(now) {
		return
	}
	what := promise(now)
	if now.Processed == 0 {
		what = now.Amount.Symbol() + " promised, not paid yet"
	}
	if a.knownPayer(now.Account) && now.Account != "" {
		a.say(newcomers, "%s has another contribution: %s", a.who(now.Account), what)
		return
	}
	a.say(newcomers, "a new payer: %s, %s", a.who(now.Account), what)
}

// manyPayments is where single payments become a sum.
const manyPayments = 12

func (a *account) payments() {
	if len(a.charges) > manyPayments {
		a.say(better, "%s came in: %s", count(len(a.charges), "charge"), sums(a.charges))
		return
	}
	for _, c := range a.charges {
		name := a.payerOfCharge(c)
		switch before := a.st.contributions.at(c.Contribution); {
		case c.Kind == eligibility.AddedFunds:
			a.say(better, "%s was added to the collective's funds for %s%s", c.Amount.Symbol(), name, a.onDay(c.Created))
		case before.Status == failing && before.Processed != 0:
			a.say(better, "%s payment of %s went through after all%s", whose(name), c.Amount.Symbol(), a.onDay(c.Created))
		default:
			a.say(better, "%s paid %s%s", name, c.Amount.Symbol(), a.onDay(c.Created))
		}
	}
}

// sums adds amounts up, each currency for itself.
func sums(charges []store.ChargeRow) string {
	total := map[money.Currency]int64{}
	for _, c := range charges {
		total[c.Amount.Currency] += c.Amount.Minor
	}
	currencies := slices.SortedFunc(maps.Keys(total), func(x, y money.Currency) int { return cmp.Compare(x.String(), y.String()) })
	var parts []string
	for _, c := range currencies {
		parts = append(parts, money.Money{Minor: total[c], Currency: c}.Symbol())
	}
	return strings.Join(parts, ", ")
}

// accountChanges says which accounts are called or kept otherwise.
func (a *account) accountChanges() {
	for _, now := range a.details {
		before, known := a.st.details.get(now.Account)
		if known {
			a.renamed(before, now)
		}
		if other := a.formerOwner(now); other != "" {
			a.say(accountNews, "%s is another account on Open Collective now; it was %s before, whose standing does not move with it",
				clean(now.Slug), a.who(other))
		}
	}
	for _, now := range a.accounts {
		before, known := a.st.accounts.get(now.ID)
		if !known {
			continue
		}
		name := a.who(now.ID)
		for _, f := range []struct {
			before, now bool
			word        string
		}{{before.Archived, now.Archived, "archived"}, {before.Suspended, now.Suspended, "suspended"}} {
			if f.now && !f.before {
				a.say(accountNews, "%s account was %s on Open Collective", whose(name), f.word)
			} else if f.before && !f.now {
				a.say(accountNews, "%s account is no longer %s on Open Collective", whose(name), f.word)
			}
		}
		if before.Guest && !now.Guest {
			a.say(accountNews, "%s was a guest and has an account on Open Collective now", name)
		}
	}
}

func (a *account) renamed(before, now store.AccountDetail) {
	if before.Slug != "" && before.Slug != now.Slug {
		a.say(accountNews, "%s is now called %s on Open Collective", clean(before.Slug), clean(now.Slug))
	}
	old, name := clean(before.Name), clean(now.Name)
	if old != name && old != "" && name != "" && !strings.Contains(old+name, "@") {
		a.say(accountNews, "%s is now named %s on Open Collective", withSlug(old, now.Slug), name)
	}
}

// formerOwner is another account that had the slug which this one has now: a
// freed slug can be taken by anybody (open-collective.md, fact 8). Of several it is
// the one that was seen with it last.
func (r *reconciled) formerOwner(now store.AccountDetail) member.AccountID {
	if now.Slug == "" || r.st.details.at(now.Account).Slug == now.Slug {
		return ""
	}
	var owner store.AccountDetail
	for _, d := range r.st.details.all() {
		if d.Slug != now.Slug || d.Account == now.Account {
			continue
		}
		if owner.Account == "" || cmp.Or(cmp.Compare(d.Seen, owner.Seen), cmp.Compare(owner.Account, d.Account)) > 0 {
			owner = d
		}
	}
	return owner.Account
}
