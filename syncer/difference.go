package syncer

import (
	"cmp"
	"fmt"
	"slices"
	"time"

	"coopcloud.tech/goodstanding/internal/arrange"
	"coopcloud.tech/goodstanding/internal/instant"
	"coopcloud.tech/goodstanding/store"
	"coopcloud.tech/goodstanding/syncer/opencollective"
)

// rank orders the sentences of a difference.
type rank uint8

const (
	aboutCollective rank = iota
	moneyBack
	worse
	promises
	newcomers
	better
	accountNews
)

type sentence struct {
	rank rank
	text string
}

// account of what changed, in the making.
type account struct {
	*words
	sightings map[string]sighting
	lines     []sentence
	// paidNow are the contributions with a charge in this snapshot, moneyTold
	// those with a refund or a dispute.
	paidNow, moneyTold map[string]bool
	due                map[string]instant.Instant // see paidUntil
}

func newAccount(r *reconciled, sightings map[string]sighting, zone *time.Location) *account {
	a := &account{
		words: newWords(r, zone), sightings: sightings,
		paidNow: map[string]bool{}, moneyTold: map[string]bool{},
	}
	for _, c := range r.charges {
		a.paidNow[c.Contribution] = true
	}
	for _, f := range r.refunds {
		c, _ := a.chargeOf(f.Charge)
		a.moneyTold[c.Contribution] = true
	}
	for _, f := range r.flags {
		c, _ := a.chargeOf(f.Charge)
		a.moneyTold[c.Contribution] = true
	}
	return a
}

func (a *account) say(r rank, format string, args ...any) {
	a.lines = append(a.lines, sentence{r, fmt.Sprintf(format, args...)})
}

// difference says in plain words what a snapshot changed: a function of what
// was stored, what is shown now, and what the look-ups told.
func difference(r *reconciled, c opencollective.Collective, sightings map[string]sighting, zone *time.Location) []string {
	a := newAccount(r, sightings, zone)
	if !r.st.any {
		a.firstReading(c)
	} else {
		a.collective(c)
		a.refundsAndDisputes()
		a.missingOnes()
		for _, now := range r.contributions {
			if before, known := r.st.contributions.get(now.ID); known {
				a.status(before, now)
				a.promise(before, now)
			} else {
				a.newContribution(now)
			}
		}
		a.payments()
		a.accountChanges()
	}
	arrange.By(a.lines, func(x, y sentence) int {
		return cmp.Or(cmp.Compare(x.rank, y.rank), cmp.Compare(x.text, y.text))
	})
	var out []string
	for _, l := range slices.Compact(a.lines) {
		out = append(out, l.text)
	}
	return out
}

// firstReading sums up: everything is new, so nothing is news.
func (a *account) firstReading(c opencollective.Collective) {
	since := ""
	if len(a.charges) > 0 {
		since = " since " + a.day(a.charges[0].Created)
	}
	a.say(aboutCollective, "%s was read for the first time: %s of %s, %s%s, %s", cmp.Or(clean(c.Name), clean(c.Slug)),
		count(a.rd.listed.len(), "contribution"), count(a.rd.payers.len(), "payer"),
		count(len(a.charges), "charge"), since, count(len(a.refunds), "refund"))
}

func (a *account) collective(c opencollective.Collective) {
	last := a.st.last
	switch {
	case last.Host != c.HostID && c.HostID == "":
		a.say(aboutCollective, "the collective has no fiscal host any more: Open Collective pauses contributions then")
	case last.Host != c.HostID:
		a.say(aboutCollective, "the collective has another fiscal host now, %s: Open Collective pauses contributions then", clean(c.HostSlug))
	}
	switch {
	case c.Frozen && !last.Frozen:
		a.say(aboutCollective, "the collective was frozen on Open Collective: nobody is charged")
	case !c.Frozen && last.Frozen:
		a.say(aboutCollective, "the collective is no longer frozen on Open Collective")
	}
	if last.Currency != c.Currency {
		a.say(aboutCollective, "the collective is kept in %s now, it was %s", c.Currency, last.Currency)
	}
}

func (a *account) refundsAndDisputes() {
	for _, f := range a.refunds {
		c, known := a.chargeOf(f.Charge)
		if !known {
			a.say(moneyBack, "a payment that was never read was given back%s", a.onDay(f.At))
			continue
		}
		verb := "was given back"
		if f.Kind == "REJECT" {
			verb = "was rejected and given back"
		}
		a.say(moneyBack, "%s charge of %s%s %s", whose(a.payerOfCharge(c)), c.Amount.Symbol(), a.made(c), verb)
	}
	for _, f := range a.flags {
		before := a.st.flags[f.Charge]
		c, _ := a.chargeOf(f.Charge)
		what := fmt.Sprintf("%s charge of %s%s", whose(a.payerOfCharge(c)), c.Amount.Symbol(), a.made(c))
		switch {
		case f.Disputed && !before.Disputed:
			a.say(moneyBack, "%s is disputed: the payer's bank asks for it back", what)
		case before.Disputed && !f.Disputed:
			a.say(moneyBack, "%s is no longer disputed", what)
		case f.InReview && !before.InReview:
			a.say(moneyBack, "%s is under review", what)
		case before.InReview && !f.InReview:
			a.say(moneyBack, "%s is no longer under review", what)
		}
	}
}

// made says when a charge was made.
func (a *account) made(c store.ChargeRow) string { return " made on " + a.day(c.Created) }

// payerOfCharge is who paid, in words.
func (a *account) payerOfCharge(c store.ChargeRow) string {
	return a.who(cmp.Or(c.Account, a.payerOf(c.Contribution)))
}

// missingOnes says which contributions are gone or back. One that no list has
// ever shown is no change, see warnings.
func (a *account) missingOnes() {
	for _, id := range a.gone() {
		before, known := a.st.contributions.get(id)
		if !known {
			continue
		}
		name := a.who(before.Account)
		switch s := a.sightings[id]; {
		case s.payer == doesNotExist:
			a.say(worse, "%s account is gone on Open Collective; what was paid stays on record", whose(name))
		case s.contribution == doesNotExist:
			a.say(worse, "%s contribution was deleted on Open Collective; what was paid stays on record", whose(name))
		default:
			a.say(worse, "%s contribution is no longer listed on Open Collective; what was paid stays on record", whose(name))
		}
	}
	for _, id := range a.back() {
		a.say(better, "%s contribution is listed on Open Collective again", whose(a.who(a.payerOf(id))))
	}
}

// count is "1 charge" or "2 charges".
func count(n int, what string) string {
	if n == 1 {
		return "1 " + what
	}
	return fmt.Sprintf("%d %ss", n, what)
}
