package fakeoc

import (
	"fmt"
	"slices"
	"strings"
	"testing"

	"coopcloud.tech/goodstanding/internal/instant"
)

// town is a collective with nobody in it.
func town(t *testing.T, start string) *World {
	t.Helper()
	at, err := when(start)
	if err != nil {
		t.Fatal(err)
	}
	w := NewWorld(at, 1)
	say(t, w, "collective coop GBP")
	return w
}

func say(t *testing.T, w *World, lines ...string) {
	t.Helper()
	for _, line := range lines {
		if err := w.Do(line); err != nil {
			t.Fatal(err)
		}
	}
}

func until(t *testing.T, w *World, to string) {
	t.Helper()
	at, err := when(to)
	if err != nil {
		t.Fatal(err)
	}
	w.AdvanceTo(at)
}

// one is the only order, or the payer's.
func one(t *testing.T, w *World, word string) *Order {
	t.Helper()
	o, err := w.order(word)
	if err != nil {
		t.Fatal(err)
	}
	return o
}

// paidOn are the days on which a payer's money moved.
func paidOn(w *World, slug string) string {
	var days []string
	for _, t := range w.transactions {
		if t.Type == "CREDIT" && t.Opposite.Slug == slug {
			days = append(days, t.Created.Day())
		}
	}
	return strings.Join(days, " ")
}

// The first dates are upstream's own examples (open-collective.md, section 3.1).
func TestFirstDates(t *testing.T) {
	for _, tt := range []struct{ joined, interval, next string }{
		{"2026-07-16", "monthly", "2026-09-01"},
		{"2026-02-15", "monthly", "2026-03-01"},
		{"2026-01-15", "monthly", "2026-02-01"},
		{"2026-01-16", "monthly", "2026-03-01"},
		{"2026-01-31", "monthly", "2026-03-01"}, // a month later is the 28th of February, after the 15th: one more
		{"2026-12-20", "monthly", "2027-02-01"},
		{"2026-01-30", "yearly", "2027-01-01"},
		{"2026-01-01", "yearly", "2027-01-01"},
	} {
		w := town(t, tt.joined+"T09:00")
		say(t, w, "join alfa GBP 10 "+tt.interval)
		if got := one(t, w, "alfa").Subscription.NextCharge.Day(); got != tt.next {
			t.Errorf("joined %s %s: next charge %s, want %s", tt.joined, tt.interval, got, tt.next)
		}
	}
}

func TestACardIsChargedOnTheFirst(t *testing.T) {
	w := town(t, "2026-01-10T12:30")
	say(t, w, "join alfa GBP 10 monthly", "join quebec GBP 120 yearly", "join once GBP 500 once")
	until(t, w, "2027-02-20")
	if got, want := paidOn(w, "alfa"), "2026-01-10 2026-02-01 2026-03-01 2026-04-01 2026-05-01 2026-06-01 2026-07-01 2026-08-01 "+
		"2026-09-01 2026-10-01 2026-11-01 2026-12-01 2027-01-01 2027-02-01"; got != want {
		t.Errorf("alfa paid on\n%s, want\n%s", got, want)
	}
	if got, want := paidOn(w, "quebec"), "2026-01-10 2027-01-01"; got != want {
		t.Errorf("quebec paid on %s, want %s", got, want)
	}
	if got := paidOn(w, "once"); got != "2026-01-10" || one(t, w, "once").Status != "PAID" {
		t.Errorf("once paid on %s and is %s", got, one(t, w, "once").Status)
	}
}

// Six tries on the days 0, 2, 4, 9, 14 and 19; the sixth cancels, and the next
// date stays in the future.
func TestRefusals(t *testing.T) {
	w := town(t, "2026-01-10")
	say(t, w, "join alfa GBP 10 monthly", "refuse alfa")
	var tries []string
	for day := instant.Date(2026, 2, 1); day < instant.Date(2026, 3, 15); day += instant.Day {
		before := len(w.activities)
		w.AdvanceTo(day + instant.Day - 1000)
		if len(w.activities) > before {
			tries = append(tries, day.Day())
		}
	}
	if got, want := strings.Join(tries, " "), "2026-02-01 2026-02-03 2026-02-05 2026-02-10 2026-02-15 2026-02-20"; got != want {
		t.Errorf("tried on %s, want %s", got, want)
	}
	if o := one(t, w, "alfa"); o.Status != "CANCELLED" || o.Subscription.NextCharge != instant.Date(2026, 2, 25) || o.Subscription.Active {
		t.Errorf("after six refusals: %s, next charge %s", o.Status, o.Subscription.NextCharge.Day())
	}
}

// A late payment does not move the anchor; a new card makes it ACTIVE before any
// money moves, and keeps the retry date and the count.
func TestRecovery(t *testing.T) {
	w := town(t, "2026-01-10")
	say(t, w, "join alfa GBP 10 monthly", "refuse alfa 3")
	until(t, w, "2026-02-06")
	o := one(t, w, "alfa")
	if o.Status != "ERROR" || o.Subscription.NextCharge != instant.Date(2026, 2, 10) || o.Subscription.Retries != 3 {
		t.Fatalf("after three refusals: %s, %s", o.Status, o.Subscription.NextCharge.Day())
	}
	say(t, w, "update-card alfa")
	if o.Status != "ACTIVE" || paidOn(w, "alfa") != "2026-01-10" || o.Subscription.Retries != 3 {
		t.Errorf("a new card: %s, paid on %s", o.Status, paidOn(w, "alfa"))
	}
	until(t, w, "2026-02-11")
	if got, want := paidOn(w, "alfa"), "2026-01-10 2026-02-10"; got != want || o.Subscription.NextCharge != instant.Date(2026, 3, 1) {
		t.Errorf("paid on %s, next charge %s; want %s and the 1st of March", got, o.Subscription.NextCharge.Day(), want)
	}
}

// PayPal's refusals leave no trace: ACTIVE with a date in the past.
func TestPayPal(t *testing.T) {
	w := town(t, "2026-01-22T09:05")
	say(t, w, "join pal GBP 10 monthly paypal")
	until(t, w, "2026-02-23")
	o := one(t, w, "pal")
	if got := paidOn(w, "pal"); got != "2026-01-22 2026-02-22" || o.Subscription.NextCharge.Day() != "2026-03-22" {
		t.Errorf("paid on %s, next %s", got, o.Subscription.NextCharge)
	}
	say(t, w, "refuse pal")
	before := len(w.activities)
	until(t, w, "2026-04-20")
	if o.Status != "ACTIVE" || o.Subscription.NextCharge.Day() != "2026-03-22" || len(w.activities) != before {
		t.Errorf("refused by PayPal: %s, next %s, %d activities more", o.Status, o.Subscription.NextCharge, len(w.activities)-before)
	}
	say(t, w, "accept pal")
	until(t, w, "2026-04-27")
	if !strings.HasPrefix(paidOn(w, "pal"), "2026-01-22 2026-02-22 2026-04-2") {
		t.Errorf("paid on %s after PayPal's refusals ended", paidOn(w, "pal"))
	}
	say(t, w, "cancel pal silently")
	if o.Subscription.NextCharge != 0 || o.Status != "CANCELLED" {
		t.Errorf("cancelled on PayPal's side: %s, next %s", o.Status, o.Subscription.NextCharge)
	}
}

func TestFundsAreBooked(t *testing.T) {
	w := town(t, "2026-01-10")
	say(t, w, "join bank GBP 10 monthly", "cancel bank")
	until(t, w, "2026-02-03")
	say(t, w, "funds bank 12.50 order=bank", "funds bank 300")
	o := one(t, w, "bank#1")
	if got := paidOn(w, "bank"); got != "2026-01-10 2026-02-03 2026-02-03" || o.Status != "CANCELLED" {
		t.Errorf("paid on %s, %s", got, o.Status)
	}
	if n := len(w.transactions); w.transactions[n-2].Order != o || w.transactions[n-1].Order == o {
		t.Error("the first belongs to the contribution that has ended, the second to none before")
	}
}

func TestBankDebitTakesDays(t *testing.T) {
	w := town(t, "2026-01-10")
	say(t, w, "join bank GBP 10 monthly bacs")
	o := one(t, w, "bank")
	if o.Status != "PROCESSING" || o.Frequency() != "ONETIME" {
		t.Errorf("at once: %s %s", o.Status, o.Frequency())
	}
	until(t, w, "2026-01-14")
	if o.Status != "ACTIVE" || o.Frequency() != "MONTHLY" || paidOn(w, "bank") != "2026-01-13" {
		t.Errorf("three days later: %s %s %s", o.Status, o.Frequency(), paidOn(w, "bank"))
	}
	until(t, w, "2026-02-02")
	if o.Status != "PROCESSING" || paidOn(w, "bank") != "2026-01-13" {
		t.Errorf("a renewal: %s %s", o.Status, paidOn(w, "bank"))
	}
	until(t, w, "2026-02-05")
	if o.Status != "ACTIVE" || paidOn(w, "bank") != "2026-01-13 2026-02-04" {
		t.Errorf("the renewal ends: %s %s", o.Status, paidOn(w, "bank"))
	}
}

func TestExpiry(t *testing.T) {
	w := town(t, "2026-01-10")
	say(t, w, "join bank GBP 10 monthly manual", "join alfa GBP 10 monthly", "pause alfa")
	until(t, w, "2026-03-11")
	if s := one(t, w, "bank").Status; s != "EXPIRED" {
		t.Errorf("a transfer that never came: %s", s)
	}
	if s := one(t, w, "alfa").Status; s != "PAUSED" {
		t.Errorf("paused: %s", s)
	}
	until(t, w, "2027-01-12")
	if s := one(t, w, "alfa").Status; s != "EXPIRED" {
		t.Errorf("paused for a year: %s", s)
	}
}

// A host change pauses everybody, nobody is charged; who resumes is charged
// within the hour where the date has passed, once, and on the 1st again.
func TestHostChange(t *testing.T) {
	w := town(t, "2026-01-10")
	say(t, w, "join alfa GBP 10 monthly", "join bravo GBP 10 monthly", "change-host new-host")
	until(t, w, "2026-04-20")
	if got := one(t, w, "alfa"); got.Status != "PAUSED" || got.PausedBy != "HOST" || paidOn(w, "alfa") != "2026-01-10" {
		t.Errorf("paused: %s by %s, paid on %s", got.Status, got.PausedBy, paidOn(w, "alfa"))
	}
	say(t, w, "resume alfa")
	until(t, w, "2026-05-02")
	if got, want := paidOn(w, "alfa"), "2026-01-10 2026-04-20 2026-05-01"; got != want {
		t.Errorf("resumed: paid on %s, want %s", got, want)
	}
	say(t, w, "join bravo GBP 12 monthly")
	if s := one(t, w, "bravo#1").Status; s != "CANCELLED" {
		t.Errorf("a new contribution leaves the paused one %s", s)
	}
}

func TestMoneyGoesBack(t *testing.T) {
	w := town(t, "2026-01-10")
	say(t, w, "join alfa GBP 10 monthly tip=1.50 tax=2", "join bravo GBP 10 monthly", "join charlie GBP 10 monthly", "refund alfa", "reject bravo", "dispute charlie")
	if o := one(t, w, "alfa"); o.Status != "ACTIVE" || o.Amount() != 1000 || o.Total != 1150 || o.Tax != 200 {
		t.Errorf("a refund leaves the contribution as it is: %s %d %d", o.Status, o.Amount(), o.Total)
	}
	if o := one(t, w, "bravo"); o.Status != "REJECTED" || o.Subscription.Active {
		t.Errorf("rejected: %s", o.Status)
	}
	if w.seesPrivate(w.find("ada-admin"), w.find("bravo")) || !w.seesPrivate(w.find("ada-admin"), w.find("alfa")) {
		t.Error("the rejected contributor's address is seen, or the other's is not")
	}
	if o := one(t, w, "charlie"); o.Status != "DISPUTED" {
		t.Errorf("disputed: %s", o.Status)
	}
	say(t, w, "settle charlie lost")
	debits := 0
	for _, row := range w.transactions {
		if row.Type == "DEBIT" && row.IsRefund && row.Refund.Refund == row && row.Amount == -1000 {
			debits++
		}
	}
	if debits != 3 {
		t.Errorf("%d refunds, want 3", debits)
	}
}

func TestAccountsChange(t *testing.T) {
	w := town(t, "2026-01-10")
	say(t, w, "join alfa GBP 10 monthly", "join bravo GBP 10 monthly")
	alfa := w.find("alfa")
	say(t, w, "rename alfa zulu", "take alfa individual")
	if w.find("alfa") == alfa || w.find("zulu") != alfa || one(t, w, "zulu").From != alfa {
		t.Error("a slug that was taken over leads to the old account")
	}
	say(t, w, "merge bravo zulu")
	if o := one(t, w, "zulu#2"); o.From != alfa || w.find("bravo") != nil {
		t.Error("a merge leaves the contribution with the account that is gone")
	}
	say(t, w, "tier gold MONTHLY 10", "join delta GBP 10 monthly tier=gold", "delete-tier gold")
	if o := one(t, w, "delta"); o.Status != "CANCELLED" || o.Tier != nil || !o.Subscription.Active {
		t.Errorf("a deleted tier: %s, active %v", o.Status, o.Subscription.Active)
	}
	until(t, w, "2026-02-02")
	if o := one(t, w, "delta"); o.Status != "ACTIVE" {
		t.Errorf("the charging job brings back what a deleted tier cancelled: %s", o.Status)
	}
}

// The same seed and the same story give the same world, ids included.
func TestTheSameSeedIsTheSameWorld(t *testing.T) {
	story := func() string {
		w := town(t, "2026-03-10")
		say(t, w, "join alfa GBP 10 monthly", "join bravo GBP 10 monthly bacs", "wait 60d", "join charlie GBP 10 yearly", "refund alfa")
		var b strings.Builder
		for _, o := range w.orders {
			fmt.Fprintln(&b, o.ID, o.PublicID, o.Status, o.Created, o.Updated)
		}
		for _, row := range w.transactions {
			fmt.Fprintln(&b, row.ID, row.Created, row.Amount)
		}
		return b.String()
	}
	a, b := story(), story()
	if a != b || !strings.Contains(a, "or_") {
		t.Errorf("two runs differ:\n%s\n%s", a, b)
	}
	w := town(t, "2026-04-02")
	say(t, w, "join alfa GBP 10 monthly", "wait 2d", "join bravo GBP 10 monthly")
	if old, young := one(t, w, "alfa"), one(t, w, "bravo"); old.ID == old.PublicID || young.ID != young.PublicID || len(old.ID) != 35 {
		t.Errorf("ids %s and %s: want the hashed form before 3 April 2026 and the public one after", old.ID, young.ID)
	}
}

// No two facts share an instant, and none lies in the future.
func TestFactsHaveInstantsOfTheirOwn(t *testing.T) {
	w := town(t, "2026-01-01")
	for i := range 40 {
		say(t, w, fmt.Sprintf("join payer-%d GBP 10 monthly", i))
	}
	until(t, w, "2026-03-01")
	var seen []instant.Instant
	for _, row := range w.transactions {
		if row.Created > w.Now() || slices.Contains(seen, row.Created) {
			t.Fatalf("%s at %s, the clock is at %s", row.ID, row.Created, w.Now())
		}
		seen = append(seen, row.Created)
	}
	if len(seen) != 120 {
		t.Errorf("%d payments of 40 payers on three days", len(seen))
	}
}

func TestWhatCannotBeDone(t *testing.T) {
	w := town(t, "2026-01-10")
	say(t, w, "join alfa GBP 10 monthly")
	for line, want := range map[string]string{
		"":                                      "nothing is said: write a verb, one of accept, account,",
		"explode":                               `"explode" is no verb: write one of accept, account,`,
		"join":                                  "join: something is missing: write join SLUG CURRENCY AMOUNT monthly|yearly|once",
		"join bravo GBP ten monthly":            `join bravo GBP ten monthly: "ten" is no amount: write 10 or 10.00`,
		"join bravo GBP 10 weekly":              `"weekly" is no interval: write monthly, yearly or once`,
		"join bravo GBP 10 monthly tier=gold":   `coop has no tier "gold"`,
		"cancel bravo":                          `"bravo" pays nothing: name a payer's slug, slug#2, or an order's id`,
		"cancel alfa#3":                         "alfa has 1 contributions, not one that is called alfa#3",
		"resume alfa":                           "it is ACTIVE, not PAUSED",
		"settle alfa won":                       "it is ACTIVE, not DISPUTED",
		"rename alfa coop":                      "there is an account coop already",
		"wait soon":                             `"soon" is no length of time: write 90m, 36h, 3d or 2w`,
		"account alfa robot":                    `"robot" is no kind: write organisation, individual, vendor, fund or collective`,
		"cancel alfa soon":                      "cancel alfa soon: soon is too much: write cancel ORDER [silently]",
		"join bravo GBP 10 monthly colour=blue": "colour=blue is too much: write join SLUG CURRENCY AMOUNT monthly|yearly|once [METHOD]",
		"join bravo GBP 10 monthly cash":        `"cash" is no method: write card, paypal, bacs, sepa, manual or balance`,
		"unfreeze now":                          "now is too much: write unfreeze",
		"accept alfa twice":                     "accept alfa twice: twice is too much: write accept SLUG",
	} {
		before, status := len(w.orders), one(t, w, "alfa").Status
		err := w.Do(line)
		if err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("%q: %v, want %s", line, err, want)
		}
		if len(w.orders) != before || one(t, w, "alfa").Status != status {
			t.Errorf("%q was refused and something was done", line)
		}
	}
}
