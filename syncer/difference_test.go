package syncer

import (
	"fmt"
	"slices"
	"strings"
	"testing"
	"time"

	"coopcloud.tech/goodstanding/internal/instant"
	"coopcloud.tech/goodstanding/internal/money"
	"coopcloud.tech/goodstanding/syncer/opencollective"
)

func TestTheDifferenceInWords(t *testing.T) {
	noon := at("2026-06-10").Add(12 * time.Hour)
	failed := func(u *upstream) { u.order("or-birch").Status = failing }
	for name, c := range map[string]struct {
		before func(u *upstream) // on top of the knot
		change func(u *upstream)
		want   []string
	}{
		"nothing": {nil, func(*upstream) {}, nil},
		"a card is refused": {nil, func(u *upstream) {
			u.order("or-birch").Status, u.order("or-birch").NextCharge = failing, at("2026-06-12")
		}, []string{"birch Ltd's card was refused; Open Collective is trying again on 12 June"}},
		"a payment fails that is no card's": {nil, func(u *upstream) {
			u.order("or-birch").Status, u.order("or-birch").Method, u.order("or-birch").NextCharge = failing, "BACS_DEBIT", at("2027-01-02")
		}, []string{"birch Ltd's payment failed; Open Collective is trying again on 2 January 2027"}},
		"a card that never worked is nobody's news": {func(u *upstream) {
			u.order("or-birch").Processed, u.order("or-birch").Status = 0, fresh
		}, failed, nil},
		"it went through": {failed, func(u *upstream) {
			u.order("or-birch").Status = active
			u.charges = append(u.charges, paidBy(*u.order("or-birch"), noon))
		}, []string{"birch Ltd's payment of £10.00 went through after all"}},
		"a new card without money": {failed, func(u *upstream) { u.order("or-birch").Status = active },
			[]string{"birch Ltd's contribution is active again; the money has not come yet"}},
		"cancelled": {nil, func(u *upstream) { u.order("or-birch").Status = cancelled },
			[]string{"birch Ltd cancelled; paid up until 1 July"}},
		"cancelled after failing": {func(u *upstream) { failed(u); u.charges = u.charges[:3] },
			func(u *upstream) { u.order("or-birch").Status = cancelled },
			[]string{"birch Ltd's contribution was cancelled after its payments had failed; was paid up until 1 June"}},
		"cancelled with nothing paid": {func(u *upstream) { u.charges = nil },
			func(u *upstream) { u.order("or-birch").Status = cancelled },
			[]string{"birch Ltd cancelled; nothing is paid ahead"}},
		"cancelled and given back": {nil, func(u *upstream) {
			u.order("or-birch").Status = cancelled
			u.refunds = append(u.refunds, backOf(u.charges[3], noon), backOf(u.charges[2], noon))
		}, []string{
			"birch Ltd's charge of £10.00 made on 1 June was given back",
			"birch Ltd's charge of £10.00 made on 2 May was given back",
			"birch Ltd cancelled; nothing is paid ahead",
		}},
		"cancelled before the first payment": {func(u *upstream) {
			u.order("or-birch").Processed, u.order("or-birch").Status = 0, pending
		}, func(u *upstream) { u.order("or-birch").Status = cancelled },
			[]string{"birch Ltd's contribution was cancelled before its first payment"}},
		"paused by somebody": {nil, func(u *upstream) { u.order("or-birch").Status = paused },
			[]string{"birch Ltd's contribution was paused"}},
		"paused by the payer": {nil, func(u *upstream) {
			u.order("or-birch").Status, u.paused = paused, map[string]bool{"or-birch": true}
		}, []string{"birch Ltd's contribution was paused by the payer"}},
		"resumed": {func(u *upstream) { u.order("or-birch").Status = paused },
			func(u *upstream) { u.order("or-birch").Status = active },
			[]string{"birch Ltd's contribution goes on after its pause; nothing was charged since"}},
		"resumed and paid": {func(u *upstream) { u.order("or-birch").Status = paused }, func(u *upstream) {
			u.order("or-birch").Status = active
			u.charges = append(u.charges, paidBy(*u.order("or-birch"), at("2026-06-09")))
		}, []string{"birch Ltd paid £10.00 on 9 June", "birch Ltd's contribution goes on after its pause"}},
		"other statuses": {nil, func(u *upstream) {
			u.order("or-alder").Status, u.order("or-birch").Status, u.order("or-cedar").Status = rejected, expired, "SNOO\x1b[2JZED"
		}, []string{
			"alder Ltd's contribution was rejected", "birch Ltd's contribution expired",
			`cedar Ltd's contribution has a status that this version does not know: "SNOO[2JZED"`,
		}},
		"under way": {nil, func(u *upstream) {
			u.order("or-alder").Status, u.order("or-birch").Status, u.order("or-cedar").Status = processing, inReview, unconfirmed
		}, []string{
			"alder Ltd's contribution is being processed by the payer's bank", "birch Ltd's contribution is under review",
			"cedar Ltd's contribution waits for the payer to confirm it with the bank",
		}},
		"disputed, said once": {nil, func(u *upstream) { u.order("or-birch").Status = disputed; u.charges[3].Disputed = true },
			[]string{"birch Ltd's charge of £10.00 made on 1 June is disputed: the payer's bank asks for it back"}},
		"disputed without a charge": {nil, func(u *upstream) { u.order("or-birch").Status = disputed },
			[]string{"birch Ltd's contribution is disputed: the payer's bank asks for money back"}},
		"no longer disputed": {func(u *upstream) { u.charges[3].Disputed = true }, func(u *upstream) { u.charges[3].Disputed = false },
			[]string{"birch Ltd's charge of £10.00 made on 1 June is no longer disputed"}},
		"reviewed": {func(u *upstream) { u.charges[3].InReview = true }, func(u *upstream) {
			u.charges[3].InReview, u.charges[1].InReview = false, true
		}, []string{
			"alder Ltd's charge of £10.00 made on 1 June is under review",
			"birch Ltd's charge of £10.00 made on 1 June is no longer under review",
		}},
		"rejected with the money": {nil, func(u *upstream) {
			f := backOf(u.charges[3], noon)
			f.Kind = "REJECT"
			u.refunds = append(u.refunds, f)
		}, []string{"birch Ltd's charge of £10.00 made on 1 June was rejected and given back"}},
		"given back, never read": {nil, func(u *upstream) {
			u.refunds = append(u.refunds, backOf(opencollective.Charge{ID: "x", Amount: pounds(3)}, at("2026-06-09")))
		}, []string{"a payment that was never read was given back on 9 June"}},
		"less": {nil, func(u *upstream) { u.order("or-birch").Amount = pounds(5) },
			[]string{"birch Ltd will pay £5.00 instead of £10.00 a month from the next charge"}},
		"yearly": {nil, func(u *upstream) {
			u.order("or-birch").Amount, u.order("or-birch").Frequency = pounds(120), frequencyYear
		}, []string{"birch Ltd will pay £120.00 a year instead of £10.00 a month from the next charge"}},
		"a promise that has ended": {func(u *upstream) { u.order("or-birch").Status = cancelled },
			func(u *upstream) { u.order("or-birch").Amount = pounds(5) }, nil},
		"tax": {nil, func(u *upstream) {
			u.order("or-birch").Tax = opencollective.Amount{Money: money.Money{Minor: 167, Currency: gbp}, Given: true}
		}, []string{"birch Ltd's contribution of £10.00 a month holds £1.67 tax now, it was £0.00"}},
		"tier": {nil, func(u *upstream) { u.order("or-birch").Tier = "" },
			[]string{"birch Ltd's contribution lost its tier on the collective's page"}},
		"merged": {nil, func(u *upstream) { u.order("or-birch").Payer = payer("cedar") },
			[]string{"birch Ltd's contribution is paid by cedar Ltd now: two accounts became one, or it was handed over"}},
		"a new payer": {nil, func(u *upstream) {
			o := monthly("dogwood", at("2026-06-09"))
			u.orders, u.charges = append(u.orders, o), append(u.charges, paidBy(o, at("2026-06-09")))
		}, []string{"a new payer: dogwood Ltd, £10.00 a month", "dogwood Ltd paid £10.00 on 9 June"}},
		"a promise of a first payment": {nil, func(u *upstream) {
			o := monthly("dogwood", at("2026-06-09"))
			o.Status, o.Processed, o.Frequency, o.Amount = pending, 0, frequencyOnce, pounds(120)
			u.orders = append(u.orders, o)
		}, []string{"a new payer: dogwood Ltd, £120.00 promised, not paid yet"}},
		"a stolen card was tried": {nil, func(u *upstream) {
			o := monthly("dogwood", at("2026-06-09"))
			o.Status, o.Processed, o.Frequency = failing, 0, frequencyOnce
			u.orders = append(u.orders, o)
		}, nil},
		"a first payment went through": {func(u *upstream) {
			u.order("or-birch").Status, u.order("or-birch").Processed = processing, 0
		}, func(u *upstream) { u.order("or-birch").Status, u.order("or-birch").Processed = active, noon },
			[]string{"birch Ltd's first payment went through"}},
		"another contribution": {nil, func(u *upstream) {
			o := monthly("second", at("2026-06-09"))
			o.Payer = payer("birch")
			u.orders = append(u.orders, o)
		}, []string{"birch Ltd has another contribution: £10.00 a month"}},
		"added funds": {nil, func(u *upstream) {
			c := paidBy(*u.order("or-birch"), noon)
			c.Kind, c.Amount = kindAddedFunds, pounds(120)
			u.charges = append(u.charges, c)
		}, []string{"£120.00 was added to the collective's funds for birch Ltd"}},
		"the host": {nil, func(u *upstream) { u.collective.HostID, u.collective.HostSlug = "host-2", "kind-host" },
			[]string{"the collective has another fiscal host now, kind-host: Open Collective pauses contributions then"}},
		"no host": {nil, func(u *upstream) { u.collective.HostID, u.collective.HostSlug = "", "" },
			[]string{"the collective has no fiscal host any more: Open Collective pauses contributions then"}},
		"frozen": {nil, func(u *upstream) { u.collective.Frozen = true },
			[]string{"the collective was frozen on Open Collective: nobody is charged"}},
		"thawed": {func(u *upstream) { u.collective.Frozen = true }, func(u *upstream) { u.collective.Frozen = false },
			[]string{"the collective is no longer frozen on Open Collective"}},
		"another name": {nil, func(u *upstream) { u.order("or-birch").Payer.Name = "Birch\u202e & Sons\n" },
			[]string{"birch Ltd (birch) is now named Birch & Sons on Open Collective"}},
		"an address as a name is never shown": {nil, func(u *upstream) { u.order("or-birch").Payer.Name = "birch@example.test" }, nil},
		"archived and suspended": {nil, func(u *upstream) {
			u.order("or-birch").Payer.Archived, u.order("or-cedar").Payer.Suspended = true, true
		}, []string{"birch Ltd's account was archived on Open Collective", "cedar Ltd's account was suspended on Open Collective"}},
		"no longer archived, no longer a guest": {func(u *upstream) {
			u.order("or-birch").Payer.Archived, u.order("or-cedar").Payer.Guest = true, true
		}, func(u *upstream) { u.order("or-birch").Payer.Archived, u.order("or-cedar").Payer.Guest = false, false },
			[]string{"birch Ltd's account is no longer archived on Open Collective", "cedar Ltd was a guest and has an account on Open Collective now"}},
		"no longer listed": {nil, func(u *upstream) { u.drop("or-birch") },
			[]string{"birch Ltd's contribution is no longer listed on Open Collective; what was paid stays on record"}},
		"an incognito payer": {func(u *upstream) {
			u.order("or-birch").Payer.Incognito, u.order("or-birch").Payer.Name = true, "Incognito"
		}, func(u *upstream) { u.order("or-birch").Status = cancelled },
			[]string{"an incognito payer (birch) cancelled; paid up until 1 July"}},
		"two of one name": {func(u *upstream) {
			for i := range u.orders {
				u.orders[i].Payer.Name = "Trees"
			}
		}, func(u *upstream) { u.order("or-birch").Status = paused }, []string{"Trees (birch)'s contribution was paused"}},
		"a name that ends in s": {func(u *upstream) { u.order("or-birch").Payer.Name = "Birches" },
			func(u *upstream) { u.order("or-birch").Status = paused }, []string{"Birches' contribution was paused"}},
	} {
		t.Run(name, func(t *testing.T) {
			u, m := knot(), newMemory(t)
			if c.before != nil {
				c.before(u)
			}
			m.see(u)
			u.now = func() instant.Instant { return noon }
			c.change(u)
			m.see(u)
			if !slices.Equal(m.said, c.want) {
				t.Errorf("says %q\nwant %q", m.said, c.want)
			}
			if strings.Contains(strings.Join(m.said, ""), "@") {
				t.Errorf("an address in %q", m.said)
			}
		})
	}
}

func TestManyPaymentsAreASum(t *testing.T) {
	u, m := empty(), newMemory(t)
	for i := range 13 {
		o := monthly(fmt.Sprintf("tree%02d", i), at("2026-05-02"))
		u.orders = append(u.orders, o)
	}
	m.see(u)
	for i, o := range u.orders {
		c := paidBy(o, at("2026-06-01"))
		if i == 0 {
			c.Amount.Currency = money.Currency{'E', 'U', 'R'}
		}
		u.charges = append(u.charges, c)
	}
	m.see(u)
	if want := []string{"13 charges came in: €10.00, £120.00"}; !slices.Equal(m.said, want) {
		t.Errorf("says %q", m.said)
	}
}

func TestAReturnIsTold(t *testing.T) {
	u, m := knot(), newMemory(t)
	m.see(u)
	o := u.drop("or-birch")
	m.see(u)
	u.orders = append(u.orders, o)
	m.see(u)
	if want := []string{"birch Ltd's contribution is listed on Open Collective again"}; !slices.Equal(m.said, want) {
		t.Errorf("says %q", m.said)
	}
}

// Dates are those of the federation's time zone.
func TestDatesAreTheFederations(t *testing.T) {
	london, err := time.LoadLocation("Europe/London")
	if err != nil {
		t.Skip("no time zones on this machine")
	}
	u, m := knot(), newMemory(t)
	m.see(u)
	o := u.order("or-birch")
	o.Status, o.NextCharge = failing, at("2026-06-12T23:30:00Z")
	before := m.st
	m.see(u)
	m.st = before
	rd, err := normalise(u.snapshot(), before, nil)
	if err != nil {
		t.Fatal(err)
	}
	got := difference(reconcile(before, rd, 2), u.collective, nil, london)
	if m.said[0] != "birch Ltd's card was refused; Open Collective is trying again on 12 June" ||
		got[0] != "birch Ltd's card was refused; Open Collective is trying again on 13 June" {
		t.Errorf("UTC says %q, London %q", m.said, got)
	}
}

func TestWarnings(t *testing.T) {
	u, m := empty(), newMemory(t)
	o := monthly("alder", at("2026-06-01"))
	o.Status, o.Frequency = "SNOOZED", ""
	u.orders = []opencollective.Order{o}
	u.charges = []opencollective.Charge{
		{ID: "odd", Kind: "BARTER", Created: at("2026-06-01"), Amount: pounds(1)},
		{ID: "lone", Kind: kindPayment, Created: at("2026-06-01"), Amount: pounds(1), Order: "or-gone"},
	}
	to := monthly("birch", at("2026-06-01"))
	to.ToAccount, to.ToSlug = "acc-club", "book-club"
	ticket := to
	ticket.ID, ticket.Frequency = "or-ticket", frequencyOnce
	u.elsewhere = []opencollective.Order{to, ticket}
	m.see(u)
	for i, s := range []sighting{{}, {payer: doesNotExist}, {contribution: doesNotExist}, {contribution: exists}} {
		got := warnings(newWords(m.last, time.UTC), Counts{DroppedCharges: 1}, map[string]sighting{"or-gone": s})
		want := []string{
			"1 new recurring contribution to a project or an event left out: no dues",
			"1 credit left out: money of the collective coming back to it",
			"1 charge names a contribution that Open Collective does not list (or-gone): " +
				[]string{"its payer may be gone or hidden", "its payer's account is gone", "it was deleted, or its payer's account is gone", "it still exists, but is not listed"}[i],
		}
		if !slices.Equal(got, want) {
			t.Errorf("sighting %d warns\n%q\nwant\n%q", i, got, want)
		}
	}
}

func TestUnknownWordsAreSaid(t *testing.T) {
	for _, c := range []struct {
		drift Drift
		want  string
	}{
		{Drift{"status", "SNOOZED", []string{"a"}}, `unknown status "SNOOZED" (1 contribution): the money that was paid decides; look for a newer version of goodstanding`},
		{Drift{"frequency", "", []string{"a", "b"}}, "unknown frequency none (2 contributions): the last known interval goes on; look for a newer version of goodstanding"},
		{Drift{"kind", "BARTER", []string{"a"}}, `unknown kind "BARTER" (1 charge): left out; look for a newer version of goodstanding`},
	} {
		if got := c.drift.String(); got != c.want {
			t.Errorf("says %q, want %q", got, c.want)
		}
	}
}

func TestCleanNames(t *testing.T) {
	for in, want := range map[string]string{
		"Zoë O'Brien-Łukasz 🐝 <b>x</b>": "Zoë O'Brien-Łukasz 🐝 <b>x</b>",
		" two\n lines\t":                "two lines",
		"\x1b[31mred\x00":               "[31mred",
		"a\u202eb\u200bc":               "abc",
		strings.Repeat("x", 70):         strings.Repeat("x", 59) + "…",
		"":                              "",
	} {
		if got := clean(in); got != want {
			t.Errorf("clean(%q) = %q, want %q", in, got, want)
		}
	}
}
