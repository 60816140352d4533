package syncer

import (
	"testing"
	"time"

	"coopcloud.tech/goodstanding/eligibility"
	"coopcloud.tech/goodstanding/internal/instant"
	"coopcloud.tech/goodstanding/syncer/opencollective"
)

func at(s string) instant.Instant {
	i, err := instant.Parse(s)
	if err != nil {
		panic(err)
	}
	return i
}

const unfixed = "not yet"

// Each clause of domain.md, section 2, "Coverage of a charge", seen by the
// store's first snapshot.
func TestWhatAChargePaysFor(t *testing.T) {
	type order = opencollective.Order
	for _, c := range []struct {
		name    string
		taken   string // start of the snapshot
		first   string // processedAt
		change  func(*order)
		charges []string
		kind    string
		want    []string // due of each charge; "" for a one-off
		every   eligibility.Interval
	}{
		{
			name: "the newest charge of an active contribution lasts until its next charge", taken: "2026-06-02", first: "2026-05-09",
			change: func(o *order) { o.NextCharge = at("2026-07-01T09:05:00Z") }, charges: []string{"2026-05-09", "2026-06-01T06:00:00Z"},
			want: []string{"2026-06-01", "2026-07-01T09:05:00Z"}, every: eligibility.Monthly,
		}, {
			name: "joined on 16 July: 47 days to 1 September are upstream's own", taken: "2026-07-17", first: "2026-07-16",
			change: func(o *order) { o.NextCharge = at("2026-09-01") }, charges: []string{"2026-07-16"},
			want: []string{"2026-09-01"}, every: eligibility.Monthly,
		}, {
			name: "48 days are believed", taken: "2026-07-17", first: "2026-07-14",
			change: func(o *order) { o.NextCharge = at("2026-08-31") }, charges: []string{"2026-07-14"},
			want: []string{"2026-08-31"}, every: eligibility.Monthly,
		}, {
			name: "more than 48 days are not", taken: "2026-07-17", first: "2026-07-14",
			change: func(o *order) { o.NextCharge = at("2026-08-31T00:00:01Z") }, charges: []string{"2026-07-14"},
			want: []string{"2026-08-01"}, every: eligibility.Monthly,
		}, {
			name: "a next charge before the charge says nothing", taken: "2026-06-02", first: "2026-05-09",
			change: func(o *order) { o.NextCharge = at("2026-06-01") }, charges: []string{"2026-06-01T06:00:00Z"},
			want: []string{"2026-07-01"}, every: eligibility.Monthly,
		}, {
			name: "the date of a renewal that was charged while it was read, minutes before that date", taken: "2026-07-01T05:59:30Z", first: "2026-05-09",
			change: func(o *order) { o.NextCharge = at("2026-07-01T06:05:00Z") }, charges: []string{"2026-06-01T06:00:00Z", "2026-07-01T06:00:00Z"},
			want: []string{"2026-07-01", "2026-08-01"}, every: eligibility.Monthly,
		}, {
			name: "PayPal's, too", taken: "2026-06-20T08:59:30Z", first: "2026-05-20T09:00:00Z",
			change: func(o *order) { o.Service = servicePayPal; o.NextCharge = at("2026-06-20T09:04:00Z") }, charges: []string{"2026-05-20T09:00:00Z", "2026-06-20T09:00:00Z"},
			want: []string{"2026-06-20T09:00:00Z", "2026-07-20T09:00:00Z"}, every: eligibility.Monthly,
		}, {
			name: "a next charge a week after the charge is believed", taken: "2026-06-26", first: "2026-05-09",
			change: func(o *order) { o.NextCharge = at("2026-07-02T06:00:00Z") }, charges: []string{"2026-06-25T06:00:00Z"},
			want: []string{"2026-07-02T06:00:00Z"}, every: eligibility.Monthly,
		}, {
			name: "one sooner is not", taken: "2026-06-26", first: "2026-05-09",
			change: func(o *order) { o.NextCharge = at("2026-07-02T05:59:59Z") }, charges: []string{"2026-06-25T06:00:00Z"},
			want: []string{"2026-07-01"}, every: eligibility.Monthly,
		}, {
			name: "a failing contribution's next charge is a retry: the calendar decides", taken: "2026-06-20", first: "2026-05-09",
			change:  func(o *order) { o.Status = failing; o.NextCharge = at("2026-06-24") },
			charges: []string{"2026-06-01T06:00:00Z"}, want: []string{"2026-07-01"}, every: eligibility.Monthly,
		}, {
			name: "a cancelled one keeps a date that means nothing", taken: "2026-06-20", first: "2026-05-09",
			change:  func(o *order) { o.Status = cancelled; o.NextCharge = at("2026-07-10") },
			charges: []string{"2026-06-01T06:00:00Z"}, want: []string{"2026-07-01"}, every: eligibility.Monthly,
		}, {
			name: "the first charge after the 15th also pays for the month after", taken: "2026-06-20", first: "2026-05-16T09:00:00Z",
			change:  func(o *order) { o.Status = cancelled },
			charges: []string{"2026-05-16T08:59:00Z"}, want: []string{"2026-07-01"}, every: eligibility.Monthly,
		}, {
			name: "the first charge on the 15th does not", taken: "2026-06-20", first: "2026-05-15T09:00:00Z",
			change:  func(o *order) { o.Status = cancelled },
			charges: []string{"2026-05-15T09:00:00Z"}, want: []string{"2026-06-01"}, every: eligibility.Monthly,
		}, {
			name: "a later charge after the 15th (a retry) does not either", taken: "2026-06-20", first: "2026-04-02",
			change:  func(o *order) { o.Status = cancelled },
			charges: []string{"2026-04-02", "2026-05-19"}, want: []string{"2026-05-01", "2026-06-01"}, every: eligibility.Monthly,
		}, {
			name: "first means within a day of processedAt, on either side", taken: "2026-06-20", first: "2026-05-20",
			change:  func(o *order) { o.Status = cancelled },
			charges: []string{"2026-05-19", "2026-05-21", "2026-05-21T00:00:01Z"},
			want:    []string{"2026-07-01", "2026-07-01", "2026-06-01"}, every: eligibility.Monthly,
		}, {
			name: "without processedAt the oldest charge known is the first", taken: "2026-06-20", first: "2026-05-20",
			change:  func(o *order) { o.Status = processing; o.Processed = 0 },
			charges: []string{"2026-05-20", "2026-06-16"}, want: []string{"2026-07-01", "2026-07-01"}, every: eligibility.Monthly,
		}, {
			name: "yearly: the next charge, up to 370 days", taken: "2026-07-02", first: "2025-07-05",
			change:  func(o *order) { o.Frequency = frequencyYear; o.NextCharge = at("2027-07-01") },
			charges: []string{"2025-07-05", "2026-07-01"}, want: []string{"2026-07-01", "2027-07-01"}, every: eligibility.Yearly,
		}, {
			name: "yearly by the calendar: paid on 30 January, due on 1 January", taken: "2026-07-02", first: "2026-01-30",
			change:  func(o *order) { o.Frequency = frequencyYear; o.NextCharge = at("2027-02-05") },
			charges: []string{"2026-01-30"}, want: []string{"2027-01-01"}, every: eligibility.Yearly,
		}, {
			name: "PayPal by the calendar: one month later, clamped", taken: "2026-03-20", first: "2026-01-31T09:00:00Z",
			change:  func(o *order) { o.Service = servicePayPal; o.NextCharge = 0 },
			charges: []string{"2026-01-31T09:00:00Z"}, want: []string{"2026-02-28T09:00:00Z"}, every: eligibility.Monthly,
		}, {
			name: "PayPal yearly, from a leap day", taken: "2026-03-20", first: "2024-02-29T09:00:00Z",
			change:  func(o *order) { o.Service = servicePayPal; o.Frequency = frequencyYear; o.NextCharge = 0 },
			charges: []string{"2024-02-29T09:00:00Z"}, want: []string{"2025-02-28T09:00:00Z"}, every: eligibility.Yearly,
		}, {
			name: "a one-off that is done covers nothing by itself", taken: "2026-05-20", first: "2026-05-09",
			change:  func(o *order) { o.Frequency = frequencyOnce; o.Status = paid; o.NextCharge = 0 },
			charges: []string{"2026-05-09"}, want: []string{""}, every: eligibility.OneOff,
		}, {
			name: "a one-off that was done a moment ago may still turn out monthly", taken: "2026-05-09T00:09:59Z", first: "2026-05-09",
			change:  func(o *order) { o.Frequency = frequencyOnce; o.Status = paid; o.NextCharge = 0 },
			charges: []string{"2026-05-09"}, want: []string{unfixed},
		}, {
			name: "ten minutes are enough", taken: "2026-05-09T00:10:00Z", first: "2026-05-09",
			change:  func(o *order) { o.Frequency = frequencyOnce; o.Status = paid; o.NextCharge = 0 },
			charges: []string{"2026-05-09"}, want: []string{""},
		}, {
			name: "a one-off without processedAt waits", taken: "2026-05-20", first: "2026-05-09",
			change:  func(o *order) { o.Frequency = frequencyOnce; o.Status = paid; o.Processed = 0 },
			charges: []string{"2026-05-09"}, want: []string{unfixed},
		}, {
			name: "a one-off under review waits", taken: "2026-05-20", first: "2026-05-09",
			change:  func(o *order) { o.Frequency = frequencyOnce; o.Status = inReview },
			charges: []string{"2026-05-09"}, want: []string{unfixed},
		}, {
			name: "an unknown frequency at first sight waits", taken: "2026-05-20", first: "2026-05-09",
			change:  func(o *order) { o.Frequency = "FORTNIGHTLY" },
			charges: []string{"2026-05-09"}, want: []string{unfixed},
		}, {
			name: "added funds have the interval of their contribution", taken: "2026-05-20", first: "2026-05-09", kind: kindAddedFunds,
			change:  func(o *order) { o.Frequency = frequencyOnce; o.Status = paid },
			charges: []string{"2026-05-09"}, want: []string{""}, every: eligibility.OneOff,
		},
	} {
		t.Run(c.name, func(t *testing.T) {
			u := empty()
			u.now = func() instant.Instant { return at(c.taken) }
			o := monthly("alder", at(c.first))
			c.change(&o)
			u.orders = []opencollective.Order{o}
			for _, created := range c.charges {
				charge := paidBy(o, at(created))
				if c.kind != "" {
					charge.Kind = c.kind
				}
				u.charges = append(u.charges, charge)
			}
			m := newMemory(t)
			m.see(u)
			for i, charge := range u.charges {
				v, fixed := m.st.coverages.get(charge.ID)
				switch {
				case c.want[i] == unfixed:
					if fixed {
						t.Errorf("the charge of %s is fixed: %+v", charge.Created, v)
					}
				case !fixed:
					t.Errorf("the charge of %s is not fixed", charge.Created)
				case v.Interval != c.every || v.Due != due(c.want[i]) || v.OrderMinor != 1000:
					t.Errorf("the charge of %s: %v until %s, want %v until %s", charge.Created, v.Interval, v.Due, c.every, c.want[i])
				}
			}
		})
	}
}

func due(s string) instant.Instant {
	if s == "" {
		return 0
	}
	return at(s)
}

// A due is fixed once: whatever upstream shows later does not move it.
func TestACoverageNeverMoves(t *testing.T) {
	u, m := empty(), newMemory(t)
	o := monthly("alder", at("2026-06-01T06:00:00Z"))
	u.orders, u.charges = []opencollective.Order{o}, []opencollective.Charge{paidBy(o, at("2026-06-01T06:00:00Z"))}
	m.see(u)
	fixed := m.st.coverages.at(u.charges[0].ID)
	if fixed.Due != at("2026-07-01") {
		t.Fatalf("due %s", fixed.Due)
	}
	for _, change := range []func(o *opencollective.Order){
		func(o *opencollective.Order) { o.NextCharge = at("2026-07-15") },
		func(o *opencollective.Order) { o.Amount, o.Total = pounds(50), pounds(50) },
		func(o *opencollective.Order) { o.Status = cancelled },
		func(o *opencollective.Order) { o.Frequency = frequencyOnce },
		func(o *opencollective.Order) { o.Service = servicePayPal },
		func(o *opencollective.Order) { o.Processed = at("2026-06-09") },
	} {
		change(u.order(o.ID))
		if m.see(u); len(m.last.contributions) != 1 || len(m.last.coverages) != 0 {
			t.Errorf("the change gave %d versions and %d coverages, want 1 and 0", len(m.last.contributions), len(m.last.coverages))
		}
	}
	if m.st.coverages.at(u.charges[0].ID) != fixed {
		t.Errorf("moved from %+v to %+v", fixed, m.st.coverages.at(u.charges[0].ID))
	}
}

// The newest charge counts among all that are known, also those that this
// snapshot no longer lists.
func TestNewestIsAmongAllThatIsKnown(t *testing.T) {
	u, m := empty(), newMemory(t)
	o := monthly("alder", at("2026-05-02"))
	o.NextCharge = at("2026-06-15")
	late := paidBy(o, at("2026-06-01"))
	u.orders, u.charges = []opencollective.Order{o}, []opencollective.Charge{late}
	m.see(u)
	u.charges = []opencollective.Charge{paidBy(o, at("2026-05-02"))}
	m.see(u)
	if got := m.st.coverages.at(u.charges[0].ID).Due; got != at("2026-06-01") {
		t.Errorf("an older charge that came later is due %s, want the calendar's 2026-06-01", got)
	}
}

// One reading asks for the contributions first and for the money afterwards:
// between the two a first payment may go through.
func TestAChargeThatWasFasterThanItsContribution(t *testing.T) {
	u, m := empty(), newMemory(t)
	first := at("2026-06-09T23:59:00Z")
	o := monthly("alder", first)
	o.Status, o.Frequency, o.Processed, o.LastCharged = pending, frequencyOnce, 0, 0
	o.NextCharge = 0
	u.orders, u.charges = []opencollective.Order{o}, []opencollective.Charge{paidBy(o, first)}
	m.see(u)
	if m.st.charges.len() != 1 || m.st.coverages.len() != 0 {
		t.Fatalf("%d charges, %d coverages; want the money stored and its coverage open", m.st.charges.len(), m.st.coverages.len())
	}
	o = monthly("alder", first)
	o.NextCharge = at("2026-07-01")
	u.orders = []opencollective.Order{o}
	u.now = func() instant.Instant { return at("2026-06-10").Add(30 * time.Minute) }
	m.see(u)
	v := m.st.coverages.at(u.charges[0].ID)
	if v.Interval != eligibility.Monthly || v.Due != at("2026-07-01") {
		t.Errorf("the coverage is %+v, want monthly until 1 July", v)
	}
}

func TestAChargeWaitsForItsContribution(t *testing.T) {
	u, m := empty(), newMemory(t)
	o := monthly("alder", at("2026-04-02"))
	o.NextCharge = at("2026-07-01T09:00:00Z")
	u.charges = []opencollective.Charge{paidBy(o, at("2026-06-01")), paidBy(o, at("2026-05-01")), paidBy(o, at("2026-04-02"))}
	m.see(u)
	if m.st.coverages.len() != 0 || m.st.missing[o.ID].Streak != 1 {
		t.Fatalf("coverages %v, missing %v", m.st.coverages, m.st.missing)
	}
	// The contribution appears when its old charges are no longer listed.
	u.orders, u.charges = []opencollective.Order{o}, nil
	m.see(u)
	want := map[string]string{"2026-04-02": "2026-05-01", "2026-05-01": "2026-06-01", "2026-06-01": "2026-07-01T09:00:00Z"}
	for created, until := range want {
		if got := m.st.coverages.at(paidBy(o, at(created)).ID).Due; got != at(until) {
			t.Errorf("the charge of %s is due %s, want %s", created, got, until)
		}
	}
	if m.st.missing[o.ID].Streak != 0 {
		t.Errorf("it is back, and still noted as missing")
	}
}

// A charge on a contribution that is known but not listed now (its payer was
// deleted meanwhile) is covered by the calendar.
func TestAChargeAfterItsContributionLeftTheList(t *testing.T) {
	u, m := empty(), newMemory(t)
	o := monthly("alder", at("2026-05-02"))
	o.NextCharge = at("2026-07-15")
	u.orders = []opencollective.Order{o}
	m.see(u)
	u.drop(o.ID)
	hidden := paidBy(o, at("2026-06-01"))
	hidden.Account, hidden.AccountSlug = "", ""
	u.charges = []opencollective.Charge{hidden}
	m.see(u)
	if got := m.st.coverages.at(hidden.ID).Due; got != at("2026-07-01") {
		t.Errorf("due %s, want 2026-07-01", got)
	}
	if got := m.st.charges.at(hidden.ID).Account; got != "acc-alder" {
		t.Errorf("the payer is %q, want the contribution's", got)
	}
}

func TestAddedFundsWithoutAContribution(t *testing.T) {
	u, m := empty(), newMemory(t)
	u.charges = []opencollective.Charge{
		{ID: "funds", Kind: kindAddedFunds, Created: at("2026-06-01"), Amount: pounds(120), Account: "acc-birch", AccountSlug: "birch"},
		{ID: "payment", Kind: kindPayment, Created: at("2026-06-01"), Amount: pounds(10), Account: "acc-birch", AccountSlug: "birch"},
	}
	m.see(u)
	v, fixed := m.st.coverages.get("funds")
	if !fixed || v.Interval != eligibility.OneOff || v.Due != 0 || v.OrderMinor != 12000 || v.TaxMinor != 0 {
		t.Errorf("added funds: %+v %v", v, fixed)
	}
	if m.st.coverages.has("payment") {
		t.Error("a payment without a contribution was fixed: nothing says what it is for")
	}
	if len(m.st.missing) != 0 {
		t.Errorf("nothing was named, and %v is missing", m.st.missing)
	}
	if got := m.st.details.at("acc-birch").Slug; got != "birch" {
		t.Errorf("the payer's slug is %q", got)
	}
}

func TestTaxIsFixedWithTheCharge(t *testing.T) {
	u, m := empty(), newMemory(t)
	o := monthly("alder", at("2026-06-01"))
	o.Amount = pounds(12)
	o.Tax = opencollective.Amount{Money: pounds(2), Given: true}
	u.orders, u.charges = []opencollective.Order{o}, []opencollective.Charge{paidBy(o, at("2026-06-01"))}
	m.see(u)
	if v := m.st.coverages.at(u.charges[0].ID); v.OrderMinor != 1200 || v.TaxMinor != 200 {
		t.Errorf("%+v", v)
	}
}
