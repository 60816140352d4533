package syncer

import (
	"errors"
	"reflect"
	"slices"
	"strings"
	"testing"
	"time"

	"coopcloud.tech/goodstanding/eligibility"
	"coopcloud.tech/goodstanding/internal/instant"
	"coopcloud.tech/goodstanding/member"
	"coopcloud.tech/goodstanding/roll"
	"coopcloud.tech/goodstanding/store"
	"coopcloud.tech/goodstanding/syncer/opencollective"
)

// knot is a collective with three monthly payers who have paid twice.
func knot() *upstream {
	u := empty()
	for _, name := range []string{"alder", "birch", "cedar"} {
		o := monthly(name, at("2026-05-02"))
		o.NextCharge = at("2026-07-01")
		u.orders = append(u.orders, o)
		u.charges = append(u.charges, paidBy(o, at("2026-05-02")), paidBy(o, at("2026-06-01T06:00:00Z")))
	}
	return u
}

func TestWhenAVersionBegan(t *testing.T) {
	u, m := knot(), newMemory(t)
	u.order("or-alder").Updated = at("2026-06-01T06:00:01Z")
	u.order("or-birch").Updated = 0
	u.order("or-cedar").Updated = at("2026-06-10T00:00:01Z") // within the reading
	m.see(u)
	for id, want := range map[string]string{
		"or-alder": "2026-06-01T06:00:01Z", // upstream last touched it then
		"or-birch": "2026-05-02",           // created, and never touched
		"or-cedar": "2026-06-10",           // not after the snapshot's start
	} {
		if got := m.st.contributions.at(id).Effective; got != at(want) {
			t.Errorf("the first version of %s began %s, want %s", id, got, want)
		}
	}
	u.now = func() instant.Instant { return at("2026-06-11") }
	u.order("or-alder").Status = cancelled
	u.orders = append(u.orders, monthly("dogwood", at("2026-06-10T12:00:00Z")))
	m.see(u)
	for _, id := range []string{"or-alder", "or-dogwood"} {
		if c := m.st.contributions.at(id); c.Effective != at("2026-06-11") || c.Snapshot != 2 {
			t.Errorf("%s is effective %s in snapshot %d, want the second snapshot's start", id, c.Effective, c.Snapshot)
		}
	}
	if got := m.st.accounts.at("acc-dogwood").Effective; got != at("2026-06-11") {
		t.Errorf("the account's version began %s", got)
	}
}

// Every stored column makes a version when it changes; what is not stored
// (when upstream touched the row) makes none.
func TestWhatMakesAVersion(t *testing.T) {
	type order = opencollective.Order
	for name, c := range map[string]struct {
		change func(o *order)
		want   int
	}{
		"status":                       {func(o *order) { o.Status = failing }, 1},
		"frequency":                    {func(o *order) { o.Frequency = frequencyYear }, 1},
		"amount":                       {func(o *order) { o.Amount = pounds(11) }, 1},
		"total":                        {func(o *order) { o.Total = pounds(11) }, 1},
		"tax":                          {func(o *order) { o.Tax = opencollective.Amount{Money: pounds(1), Given: true} }, 1},
		"tip":                          {func(o *order) { o.Tip = opencollective.Amount{Money: pounds(1), Given: true} }, 1},
		"created":                      {func(o *order) { o.Created++ }, 1},
		"processed":                    {func(o *order) { o.Processed++ }, 1},
		"last charged":                 {func(o *order) { o.LastCharged++ }, 1},
		"next charge":                  {func(o *order) { o.NextCharge++ }, 1},
		"tier":                         {func(o *order) { o.Tier = "" }, 1},
		"quantity":                     {func(o *order) { o.Quantity = 2 }, 1},
		"service":                      {func(o *order) { o.Service = servicePayPal }, 1},
		"method":                       {func(o *order) { o.Method = "BACS_DEBIT" }, 1},
		"legacy id":                    {func(o *order) { o.LegacyID++ }, 1},
		"updated":                      {func(o *order) { o.Updated++ }, 0},
		"other name of the collective": {func(o *order) { o.ToAccount = "acc_col" }, 0},
	} {
		t.Run(name, func(t *testing.T) {
			u, m := knot(), newMemory(t)
			m.see(u)
			c.change(u.order("or-birch"))
			if m.see(u); len(m.last.contributions) != c.want {
				t.Errorf("%d versions, want %d", len(m.last.contributions), c.want)
			}
			if n := m.see(u); n != 0 {
				t.Errorf("the same again changed %d rows", n)
			}
		})
	}
}

func TestWhoPausedMakesAVersion(t *testing.T) {
	u, m := knot(), newMemory(t)
	u.order("or-birch").Status = paused
	m.see(u)
	u.paused = map[string]bool{"or-birch": true}
	if n := m.see(u); n != 1 || !m.st.contributions.at("or-birch").PausedByPayer {
		t.Errorf("%d rows, %+v", n, m.st.contributions.at("or-birch"))
	}
}

func TestTheLastKnownIntervalGoesOn(t *testing.T) {
	u, m := knot(), newMemory(t)
	m.see(u)
	for _, word := range []string{"", "FORTNIGHTLY"} {
		u.order("or-birch").Frequency = word
		m.see(u)
		c := m.st.contributions.at("or-birch")
		if c.Interval != eligibility.Monthly || c.Frequency != word {
			t.Errorf("frequency %q: %v kept as %q", word, c.Interval, c.Frequency)
		}
		want := Drift{What: "frequency", Word: word, IDs: []string{"or-birch"}}
		if odd := m.last.rd.odd; len(odd) != 1 || odd[0].What != want.What || odd[0].Word != word || !slices.Equal(odd[0].IDs, want.IDs) {
			t.Errorf("drift %v, want %v", odd, want)
		}
	}
	u.order("or-birch").Frequency = frequencyYear
	if m.see(u); m.st.contributions.at("or-birch").Interval != eligibility.Yearly {
		t.Error("a frequency that is known again does not count")
	}
}

func TestAnUnknownStatusIsKeptAsItCame(t *testing.T) {
	u, m := knot(), newMemory(t)
	u.order("or-birch").Status, u.order("or-cedar").Status = "SNOOZED", "SNOOZED"
	m.see(u)
	if got := m.st.contributions.at("or-birch").Status; got != "SNOOZED" {
		t.Errorf("kept as %q", got)
	}
	if odd := m.last.rd.odd; len(odd) != 1 || odd[0].Word != "SNOOZED" || len(odd[0].IDs) != 2 {
		t.Errorf("drift %v", odd)
	}
	// What was paid is covered all the same.
	if m.st.coverages.len() != 6 {
		t.Errorf("%d coverages, want 6", m.st.coverages.len())
	}
}

func TestAnUnknownKindIsLeftOut(t *testing.T) {
	u, m := knot(), newMemory(t)
	u.charges[0].Kind = "BARTER"
	m.see(u)
	if m.st.charges.len() != 5 || m.last.rd.odd[0].What != "kind" {
		t.Errorf("%d charges, drift %v", m.st.charges.len(), m.last.rd.odd)
	}
}

func TestAPayerWhoIsHiddenStaysThePayer(t *testing.T) {
	u, m := knot(), newMemory(t)
	m.see(u)
	u.order("or-birch").Payer = opencollective.Account{}
	u.order("or-birch").Status = failing
	hidden := paidBy(*u.order("or-cedar"), at("2026-06-09"))
	hidden.Account = ""
	late := paidBy(*u.order("or-birch"), at("2026-06-08"))
	u.charges = append(u.charges, hidden, late)
	m.see(u)
	if c := m.st.contributions.at("or-birch"); c.Account != "acc-birch" || c.Status != failing {
		t.Errorf("the hidden payer's contribution is %+v", c)
	}
	if got := m.st.charges.at(hidden.ID).Account; got != "acc-cedar" {
		t.Errorf("a charge without payer on a contribution with one belongs to %q", got)
	}
	if got := m.st.charges.at(late.ID).Account; got != "acc-birch" {
		t.Errorf("a charge of a hidden payer belongs to %q", got)
	}
	if still := m.st.accounts.has("acc-birch"); !still || len(m.last.accounts) != 0 {
		t.Errorf("the account's versions: %v", m.last.accounts)
	}
}

func TestAChargeGetsItsPayerOnce(t *testing.T) {
	u, m := knot(), newMemory(t)
	o := monthly("dogwood", at("2026-05-02"))
	c := paidBy(o, at("2026-05-02"))
	c.Account = ""
	hidden := o
	hidden.Payer = opencollective.Account{}
	u.orders, u.charges = append(u.orders, hidden), append(u.charges, c)
	m.see(u)
	if got := m.st.charges.at(c.ID).Account; got != "" {
		t.Fatalf("the payer is %q before anybody was shown", got)
	}
	*u.order(o.ID) = o
	m.see(u)
	if len(m.last.payers) != 1 || m.st.charges.at(c.ID).Account != "acc-dogwood" {
		t.Fatalf("payers %v", m.last.payers)
	}
	// Another payer later (a merge) takes what comes, not what came.
	*u.order(o.ID) = monthly("dogwood", at("2026-05-02"))
	u.order(o.ID).Payer = payer("elm")
	u.charges[len(u.charges)-1].Account = "acc-elm"
	after := paidBy(*u.order(o.ID), at("2026-06-02"))
	u.charges = append(u.charges, after)
	m.see(u)
	if got := m.st.charges.at(c.ID).Account; got != "acc-dogwood" || len(m.last.payers) != 0 {
		t.Errorf("the old charge went to %q", got)
	}
	if got := m.st.charges.at(after.ID).Account; got != "acc-elm" || m.st.contributions.at(o.ID).Account != "acc-elm" {
		t.Errorf("the new charge went to %q, the contribution to %q", got, m.st.contributions.at(o.ID).Account)
	}
}

// An entity that upstream calls by another form of id stays what it was.
func TestIDsChangeTheirForm(t *testing.T) {
	u, m := knot(), newMemory(t)
	m.see(u)
	for i := range u.orders {
		o := &u.orders[i]
		o.ID, o.Payer.ID = o.PublicID, "acc_"+o.Payer.ID[len("acc-"):]
	}
	for i := range u.charges {
		c := &u.charges[i]
		c.Order, c.Account = "or_"+c.Order[len("or-"):], "acc_"+c.Account[len("acc-"):]
	}
	if n := m.see(u); n != 0 || len(m.last.details) != 0 {
		t.Errorf("%d rows: %+v %+v %+v", n, m.last.contributions, m.last.accounts, m.last.missing)
	}
	c := paidBy(*u.order("or_birch"), at("2026-06-09"))
	u.charges = append(u.charges, c)
	if m.see(u); m.st.charges.at(c.ID).Contribution != "or-birch" || m.st.charges.at(c.ID).Account != "acc-birch" {
		t.Errorf("a new charge was stored as %+v", m.st.charges.at(c.ID))
	}
}

func TestIDsAreMatchedByTheStrongestName(t *testing.T) {
	for name, c := range map[string]struct {
		now  ident
		want string
	}{
		"by public id":                 {ident{"new", "pub-1", 0}, "one"},
		"by id":                        {ident{"one", "", 0}, "one"},
		"by a public id as id":         {ident{"pub-1", "", 0}, "one"},
		"by legacy id":                 {ident{"new", "pub-new", 1}, "one"},
		"public id before legacy id":   {ident{"new", "pub-2", 1}, "two"},
		"public id before id":          {ident{"one", "pub-2", 0}, "two"},
		"by nothing":                   {ident{"new", "pub-new", 9}, "new"},
		"nothing is no match for none": {ident{"new", "", 0}, "new"},
	} {
		t.Run(name, func(t *testing.T) {
			r := newRegister(0)
			r.add(ident{"one", "pub-1", 1})
			r.add(ident{"two", "pub-2", 2})
			r.add(ident{"bare", "", 0})
			got, err := r.match("orders", []ident{c.now})
			if err != nil || got[0] != c.want {
				t.Errorf("%v is %v (%v), want %s", c.now, got, err, c.want)
			}
			if again := r.resolve(c.now.id, 0); again != c.want {
				t.Errorf("a mention of %s resolves to %s", c.now.id, again)
			}
		})
	}
}

func TestTwoEntitiesNeverShareAnID(t *testing.T) {
	r := newRegister(0)
	r.add(ident{"one", "pub-1", 1})
	got, err := r.match("orders", []ident{{"one", "pub-9", 9}, {"other", "pub-1", 1}})
	var drift *opencollective.SchemaDrift
	if !errors.As(err, &drift) {
		t.Errorf("got %v, %v; want schema drift", got, err)
	}
}

// A charge stored before its contribution was ever listed ties the two even
// when the id's form changes in between.
func TestAContributionFirstNamedByACharge(t *testing.T) {
	u, m := empty(), newMemory(t)
	o := monthly("alder", at("2026-06-01"))
	c := paidBy(o, at("2026-06-01"))
	u.charges = []opencollective.Charge{c}
	m.see(u)
	o.ID = "or2-alder"
	c.Order = o.ID
	u.orders, u.charges = []opencollective.Order{o}, []opencollective.Charge{c}
	m.see(u)
	if ok := m.st.contributions.has("or-alder"); !ok || m.st.contributions.len() != 1 {
		t.Errorf("stored as %v", m.st.contributions)
	}
	if fixed := m.st.coverages.has(c.ID); !fixed || m.st.missing["or-alder"].Streak != 0 {
		t.Errorf("coverage fixed: %v, missing %v", fixed, m.st.missing)
	}
}

func TestASlugMeansAnotherAccount(t *testing.T) {
	u, m := knot(), newMemory(t)
	m.see(u)
	u.order("or-alder").Payer.Slug = "alder-was-here"
	thief := monthly("thief", at("2026-06-09"))
	thief.Payer.Slug = "alder"
	u.orders = append(u.orders, thief)
	u.charges = append(u.charges, paidBy(thief, at("2026-06-09")))
	m.see(u)
	if got := m.st.charges.at(u.charges[len(u.charges)-1].ID).Account; got != "acc-thief" {
		t.Errorf("the taker's charge belongs to %s", got)
	}
	if got := m.st.contributions.at("or-alder").Account; got != "acc-alder" {
		t.Errorf("the renamed payer's contribution belongs to %s", got)
	}
	if !slices.Contains(m.said, "alder is another account on Open Collective now; it was alder Ltd before, whose standing does not move with it") {
		t.Errorf("says %q", m.said)
	}
}

// Of several that had a slug before it is the one that was seen with it last, and not
// now this one and now that.
func TestWhoseSlugItWas(t *testing.T) {
	r := &reconciled{st: &stored{}}
	for id, seen := range map[member.AccountID]instant.Instant{"acc-1": at("2026-05-01"), "acc-2": at("2026-06-02"), "acc-3": at("2026-06-01"), "acc-4": at("2026-06-02")} {
		r.st.details.set(id, store.AccountDetail{Account: id, Slug: "alder", Seen: seen})
	}
	for range 20 {
		if got := r.formerOwner(store.AccountDetail{Account: "acc-5", Slug: "alder"}); got != "acc-2" {
			t.Fatalf("it was %s before", got)
		}
	}
	if got := r.formerOwner(store.AccountDetail{Account: "acc-3", Slug: "alder"}); got != "" {
		t.Errorf("who has kept a slug has it from %s", got)
	}
}

func TestMissingAndBack(t *testing.T) {
	u, m := knot(), newMemory(t)
	m.see(u)
	o := u.drop("or-birch")
	for i, want := range []int{1, 0, 0} {
		if n := m.see(u); n != want || m.st.missing["or-birch"].Streak != 1 || m.st.missing["or-birch"].Snapshot != 2 {
			t.Errorf("sighting %d changed %d rows: %v", i+1, n, m.st.missing)
		}
	}
	if m.st.charges.len() != 6 || m.st.coverages.len() != 6 {
		t.Errorf("money disappeared: %d charges", m.st.charges.len())
	}
	u.orders = append(u.orders, o)
	if n := m.see(u); n != 1 || m.st.missing["or-birch"].Streak != 0 {
		t.Errorf("its return changed %d rows: %v", n, m.st.missing)
	}
}

func TestFlagsAndRefunds(t *testing.T) {
	u, m := knot(), newMemory(t)
	m.see(u)
	if len(m.st.flags) != 0 {
		t.Errorf("unmarked charges have rows: %v", m.st.flags)
	}
	c := &u.charges[1]
	for _, step := range []struct{ disputed, review, refunded bool }{{true, false, false}, {true, true, false}, {false, false, true}, {false, false, false}} {
		c.Disputed, c.InReview, c.Refunded = step.disputed, step.review, step.refunded
		if n := m.see(u); n != 1 {
			t.Errorf("%+v changed %d rows", step, n)
		}
		if f := m.st.flags[c.ID]; f.Disputed != step.disputed || f.InReview != step.review || f.Refunded != step.refunded {
			t.Errorf("%+v stored as %+v", step, f)
		}
	}
	u.refunds = append(u.refunds, backOf(*c, at("2026-06-09")), backOf(opencollective.Charge{ID: "never-read", Amount: pounds(3)}, at("2026-06-08")))
	if n := m.see(u); n != 2 {
		t.Errorf("two refunds changed %d rows", n)
	}
	if f := m.st.refunds["back-never-read"]; f.Charge != "never-read" || f.Minor != -300 || f.At != at("2026-06-08") {
		t.Errorf("the refund of an unknown charge is %+v", f)
	}
	u.refunds = nil
	if n := m.see(u); n != 0 || len(m.st.refunds) != 2 {
		t.Errorf("refunds that are no longer listed: %d rows, %d kept", n, len(m.st.refunds))
	}
}

// A refund is there before upstream says which charge it gives back. Read in between it
// is left for the next reading, in which it ends what the charge paid for; one that stays
// so for a day is stored as it is.
func TestARefundWaitsForItsCharge(t *testing.T) {
	const orphan = "a payment that was never read was given back on 9 June"
	const dayLong = 24 * time.Hour
	made := at("2026-06-09")
	for name, c := range map[string]struct {
		joined        time.Duration // after it was made; 0 for never
		read          []time.Duration
		rows          []int
		charge, words string
	}{
		"joined at once":                {time.Nanosecond, []time.Duration{time.Second, time.Hour}, []int{1, 0}, "named", "was given back"},
		"joined by the next reading":    {time.Minute, []time.Duration{time.Second, time.Hour, 2 * time.Hour}, []int{0, 1, 0}, "named", "was given back"},
		"joined within the day":         {23 * time.Hour, []time.Duration{0, time.Hour, dayLong - time.Second, dayLong}, []int{0, 0, 1, 0}, "named", "was given back"},
		"joined, and read weeks later":  {time.Minute, []time.Duration{time.Second, 40 * dayLong}, []int{0, 1}, "named", "was given back"},
		"never joined":                  {0, []time.Duration{time.Second, dayLong - time.Microsecond, dayLong, 2 * dayLong}, []int{0, 0, 1, 0}, "", orphan},
		"first read when it was old":    {0, []time.Duration{3 * dayLong, 4 * dayLong}, []int{1, 0}, "", orphan},
		"made while it was read":        {time.Minute, []time.Duration{-time.Second, time.Hour}, []int{0, 1}, "named", "was given back"},
		"joined when it had been a day": {2 * dayLong, []time.Duration{dayLong, 3 * dayLong}, []int{1, 0}, "", orphan},
	} {
		t.Run(name, func(t *testing.T) {
			u, m := knot(), newMemory(t)
			u.now = func() instant.Instant { return at("2026-06-08") }
			m.see(u)
			f := backOf(u.charges[1], made)
			charge := f.Charge
			for i, after := range c.read {
				u.now = func() instant.Instant { return made.Add(after) }
				if f.Charge = ""; c.joined != 0 && after >= c.joined {
					f.Charge = charge
				}
				u.refunds = []opencollective.Refund{f}
				n := m.see(u)
				if n != c.rows[i] || n > 0 && (len(m.said) != 1 || !strings.Contains(m.said[0], c.words)) {
					t.Errorf("read %s after it was made %d rows changed, want %d, and it says %q", after, n, c.rows[i], m.said)
				}
			}
			want := store.RefundRow{ID: f.ID, At: made, Kind: "REFUND", Minor: -1000, Snapshot: m.st.refunds[f.ID].Snapshot}
			if c.charge != "" {
				want.Charge = charge
			}
			if got := m.st.refunds[f.ID]; got != want {
				t.Errorf("stored is %+v, want %+v", got, want)
			}
		})
	}
}

func TestAddressesThatMayNotBeSeenAreKept(t *testing.T) {
	u, m := knot(), newMemory(t)
	m.see(u)
	u.order("or-birch").Payer.Emails = nil
	if m.see(u); len(m.last.details) != 0 || len(m.st.details.at("acc-birch").Emails) != 1 {
		t.Errorf("no right to see: %+v", m.st.details.at("acc-birch"))
	}
	u.order("or-birch").Payer.Emails = []string{}
	if m.see(u); len(m.last.details) != 1 || len(m.st.details.at("acc-birch").Emails) != 0 {
		t.Errorf("none there: %+v", m.st.details.at("acc-birch"))
	}
	for _, same := range [][]string{nil, {}, nil} {
		u.order("or-birch").Payer.Emails = same
		if n := m.see(u); n != 0 || len(m.last.details) != 0 {
			t.Errorf("%#v after none: %d rows and %d names changed", same, n, len(m.last.details))
		}
	}
}

func TestWhatTheRollIsTold(t *testing.T) {
	u, m := knot(), newMemory(t)
	m.see(u)
	told := func(want roll.SnapshotInfo) {
		t.Helper()
		if got := m.last.info(u.snapshot()); !reflect.DeepEqual(got, want) {
			t.Errorf("told %+v, want %+v", got, want)
		}
	}
	told(roll.SnapshotInfo{Number: 1, Start: at("2026-06-10"), Currency: "GBP"})
	u.now = func() instant.Instant { return at("2026-06-10").Add(time.Hour) }
	m.see(u)
	told(roll.SnapshotInfo{Number: 2, Start: at("2026-06-10").Add(time.Hour), Previous: at("2026-06-10"), Currency: "GBP"})
}
