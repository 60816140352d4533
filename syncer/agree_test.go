package syncer

import (
	"errors"
	"fmt"
	"reflect"
	"slices"
	"strings"
	"testing"
	"time"

	"coopcloud.tech/goodstanding/internal/instant"
	"coopcloud.tech/goodstanding/internal/money"
	"coopcloud.tech/goodstanding/store"
	"coopcloud.tech/goodstanding/syncer/opencollective"
)

var eur = money.Currency{'E', 'U', 'R'}

// renewed charges an order on an instant, as both lists show it.
func (u *upstream) renewed(id string, on instant.Instant) opencollective.Charge {
	o := u.order(id)
	o.LastCharged, o.Updated, o.NextCharge = on, on, on.MonthStart(1)
	c := paidBy(*o, on+1000) // upstream notes the charge a millisecond before it books it
	u.charges = append(u.charges, c)
	return c
}

// hide takes a charge off the list.
func (u *upstream) hide(c opencollective.Charge) {
	u.charges = slices.DeleteFunc(u.charges, func(x opencollective.Charge) bool { return x.ID == c.ID })
}

// What the two lists of one snapshot say of the same money, and whether the
// snapshot is believed. Beside each refusal stands what must go on passing.
func TestContributionsAndChargesAgree(t *testing.T) {
	const uncharged = "Open Collective contradicts itself: it says that 1 contribution was charged, and does not list what was paid; " +
		"nothing was changed, it is asked again later and believed if it keeps saying so for 3 days, read on at least 3 different ones"
	on := at("2026-06-10T01:00:00Z")
	for name, c := range map[string]struct {
		do          func(u *upstream)
		want, noted string
	}{
		"nothing new":                                          {func(*upstream) {}, "", ""},
		"a charge that both tell of":                           {func(u *upstream) { u.renewed("or-alder", on) }, "", ""},
		"a charge that only the contribution tells of":         {func(u *upstream) { u.hide(u.renewed("or-alder", on)) }, uncharged, "contradiction: uncharged"},
		"a charge newer than what the contribution tells":      {func(u *upstream) { u.charges = append(u.charges, paidBy(*u.order("or-alder"), on)) }, "", ""},
		"an old charge that is stored and not listed":          {func(u *upstream) { u.hide(u.charges[0]) }, "", ""},
		"all charges gone, and the contributions as they were": {func(u *upstream) { u.charges = nil }, "", ""},
		"a contribution that lost its last date":               {func(u *upstream) { u.order("or-alder").LastCharged = 0 }, "", ""},
		"a last date filled in for an old charge":              {func(u *upstream) { u.order("or-alder").LastCharged = at("2026-06-03") }, "", ""},
		"a newcomer with its charge": {func(u *upstream) {
			u.orders = append(u.orders, monthly("dogwood", on))
			u.charges = append(u.charges, paidBy(*u.order("or-dogwood"), on))
		}, "", ""},
		"a newcomer without its charge": {func(u *upstream) { u.orders = append(u.orders, monthly("dogwood", on)) }, uncharged, "contradiction: uncharged"},
		"a newcomer who has not paid yet": {func(u *upstream) {
			o := monthly("dogwood", on)
			o.LastCharged, o.Processed = 0, 0
			u.orders = append(u.orders, o)
		}, "", ""},
		"a contribution of nothing": {func(u *upstream) { o := monthly("dogwood", on); o.Amount = pounds(0); u.orders = append(u.orders, o) }, "", ""},
		"a gift made once": {func(u *upstream) {
			o := monthly("dogwood", on)
			o.Frequency = frequencyOnce
			u.orders = append(u.orders, o)
		}, "", ""},
		"a charge from before the window": {func(u *upstream) { o := monthly("dogwood", at("2025-05-01")); u.orders = append(u.orders, o) }, "", ""},
		"a charge in another currency": {func(u *upstream) {
			c := u.renewed("or-alder", on)
			u.hide(c)
			c.Amount.Currency = eur
			u.charges = append(u.charges, c)
		}, "Open Collective contradicts itself: 1 charge was paid in another currency than promised; nothing was changed, it is asked again later and believed if it keeps saying so for 3 days, read on at least 3 different ones", "contradiction: foreign"},
		"an old charge in another currency": {func(u *upstream) { u.charges[0].Amount.Currency = eur }, "", ""},
		"a promise and its charge in another currency": {func(u *upstream) {
			o := monthly("dogwood", on)
			o.Amount.Currency = eur
			c := paidBy(o, on)
			c.Amount.Currency = eur
			u.orders, u.charges = append(u.orders, o), append(u.charges, c)
		}, "", ""},
		"two that were charged and one that paid otherwise": {func(u *upstream) {
			u.hide(u.renewed("or-alder", on))
			u.hide(u.renewed("or-birch", on))
			c := u.renewed("or-cedar", on)
			u.hide(c)
			c.Amount.Currency = eur
			u.charges = append(u.charges, c)
		}, "it says that 2 contributions were charged, and does not list what was paid; 1 charge was paid in another currency than promised;", "contradiction: uncharged, foreign"},
	} {
		t.Run(name, func(t *testing.T) {
			w := onOne(t)
			u, s := planted(w)
			before := w.rows()
			c.do(u)
			_, err := s.Pull(t.Context())
			if c.want == "" {
				if err != nil {
					t.Errorf("refused: %v", err)
				}
				return
			}
			if err == nil || !strings.Contains(err.Error(), c.want) || opencollective.ClassOf(err) != opencollective.ClassIncomplete {
				t.Errorf("%s: %v\nwant %s", opencollective.ClassOf(err), err, c.want)
			}
			if after, again := opencollective.RetryOf(err); !again || after != time.Minute {
				t.Errorf("retried after %s, %v", after, again)
			}
			if got := w.added(before); got != "pull 1" {
				t.Errorf("added %s", got)
			}
			if p := w.pulls()[0]; p.Outcome != "incomplete" || p.Detail != c.noted {
				t.Errorf("noted as %s %s, want %s", p.Outcome, p.Detail, c.noted)
			}
		})
	}
}

// What upstream fixes when a contribution is made, or paused, and then says
// otherwise of what nothing has moved, is a fault; what was moved is not.
func TestWhatCannotHaveChanged(t *testing.T) {
	w := onOne(t)
	u, s := planted(w)
	good := *u.order("or-alder")
	u.order("or-alder").Amount.Currency = money.Currency{'U', 'S', 'D'}
	if _, err := s.Pull(t.Context()); err == nil || !strings.Contains(err.Error(), "1 contribution was moved to another currency, which cannot be;") {
		t.Errorf("another currency: %v", err)
	}
	*u.order("or-alder") = good
	u.order("or-alder").Status, u.order("or-alder").Updated = paused, w.now
	w.now = w.now.Add(time.Hour)
	if _, err := s.Pull(t.Context()); err != nil {
		t.Fatal(err)
	}
	w.now = w.now.Add(time.Hour)
	u.paused = map[string]bool{"or-alder": true}
	if _, err := s.Pull(t.Context()); err == nil ||
		!strings.Contains(err.Error(), "1 contribution was paused by somebody else, and now by the payer, without having moved;") {
		t.Errorf("paused by another: %v", err)
	}
	u.order("or-alder").Updated = w.now // resumed and paused again, by its payer
	if _, err := s.Pull(t.Context()); err != nil {
		t.Errorf("it was moved meanwhile: %v", err)
	}
}

// many adds members who pay, so that a few odd ones are a small part.
func (u *upstream) many(n int) {
	for i := range n {
		o := monthly(fmt.Sprintf("tree%02d", i), at("2026-05-02"))
		u.orders, u.charges = append(u.orders, o), append(u.charges, paidBy(o, at("2026-05-02")))
	}
}

// Contributions that paid do not disappear by the dozen, and what can be looked
// up is listed; charges stay as they were. A few are let pass.
func TestWhatWasReadBeforeHolds(t *testing.T) {
	gone := func(n int) func(*upstream) {
		return func(u *upstream) { u.orders = u.orders[n:] }
	}
	found := func(o opencollective.Order) func(*upstream) {
		return func(u *upstream) {
			o.ID = u.orders[0].ID
			u.orders, u.found = u.orders[1:], map[string]opencollective.Order{o.ID: o}
		}
	}
	raised := func(n int) func(*upstream) {
		return func(u *upstream) {
			for i := range n {
				u.charges[i].Amount.Minor++
			}
		}
	}
	for name, c := range map[string]struct {
		do   func(*upstream)
		want string
	}{
		"four of twenty are gone":                   {gone(4), ""},
		"five of twenty are gone":                   {gone(5), "5 contributions were listed before and not now"},
		"all are gone":                              {gone(20), "20 contributions were listed before and not now"},
		"one is gone and cannot be looked up":       {gone(1), ""},
		"one is gone and still the collective's":    {found(opencollective.Order{ToAccount: "col-1", Payer: payer("tree00")}), "1 contribution was not listed, but can be looked up"},
		"the same, by the other form of its id":     {found(opencollective.Order{ToAccount: "acc_col", Payer: payer("tree00")}), "1 contribution was not listed, but can be looked up"},
		"one is gone to another account":            {found(opencollective.Order{ToAccount: "acc-project", Payer: payer("tree00")}), ""},
		"one is gone and its payer hidden":          {found(opencollective.Order{ToAccount: "col-1"}), ""},
		"four of twenty charges are told otherwise": {raised(4), ""},
		"five of twenty charges are told otherwise": {raised(5), "5 charges were told otherwise than before"},
		"all are in another currency": {func(u *upstream) {
			for i := range u.charges {
				u.charges[i].Amount.Currency = eur
				u.orders[i].Amount.Currency = eur
			}
		}, "20 charges were told otherwise than before; 20 contributions were moved to another currency, which cannot be"},
		"all charges have another date": {func(u *upstream) {
			for i := range u.charges {
				u.charges[i].Created++
			}
		}, "20 charges were told otherwise than before"},
	} {
		t.Run(name, func(t *testing.T) {
			w := onOne(t)
			u := loose(w)
			u.many(20)
			s := w.syncer(u)
			w.pull(s)
			w.later(time.Hour)
			u.lookUps = map[string]error{}
			for _, o := range u.orders {
				u.lookUps[o.ID] = &opencollective.NotFound{Op: "order"}
			}
			c.do(u)
			for id := range u.found {
				delete(u.lookUps, id)
			}
			_, err := s.Pull(t.Context())
			if (err == nil) != (c.want == "") || err != nil && !strings.HasPrefix(err.Error(), "Open Collective contradicts itself: "+c.want+"; nothing was changed") {
				t.Errorf("%v, want %q", err, c.want)
			}
			if err == nil {
				w.later(time.Hour)
				w.pull(s) // and it stays so
			}
		})
	}
}

// Money that names a contribution which no list has shown yet: the list lacks
// it, or it is gone. What it covers cannot be told, so that its member could
// lapse although it paid.
func TestMoneyNamesAContributionThatIsListed(t *testing.T) {
	const refused = "Open Collective contradicts itself: 1 contribution was paid, and not listed; nothing was changed"
	gone, down := &opencollective.NotFound{Op: "order"}, &opencollective.UpstreamDown{Op: "order"}
	shown := opencollective.Order{ToAccount: "col-1", Payer: payer("elder")}
	for name, c := range map[string]struct {
		paid         time.Duration // after the reading begins
		order, payer error         // what looking them up comes to
		shows        opencollective.Order
		refused      bool
	}{
		"it can be looked up":                        {-time.Minute, nil, nil, shown, true},
		"upstream is down when it is looked up":      {-time.Minute, down, nil, shown, true},
		"its payer cannot be looked up now":          {-time.Minute, nil, down, shown, true},
		"it is gone":                                 {-time.Minute, gone, nil, shown, false},
		"its payer is gone":                          {-time.Minute, nil, gone, shown, false},
		"its payer is hidden":                        {-time.Minute, nil, nil, opencollective.Order{ToAccount: "col-1"}, false},
		"it pays another account":                    {-time.Minute, nil, nil, opencollective.Order{ToAccount: "acc-project", Payer: payer("elder")}, false},
		"it may have begun after the list was read":  {time.Second, nil, nil, shown, false},
		"it began before, in the same second nearly": {0, nil, nil, shown, true},
	} {
		t.Run(name, func(t *testing.T) {
			w := onOne(t)
			u, s := planted(w)
			w.pull(s)
			w.later(time.Hour)
			o := monthly("elder", w.now.Add(c.paid))
			u.charges = append(u.charges, paidBy(o, w.now.Add(c.paid)))
			c.shows.ID = o.ID
			u.lookUps[o.ID], u.lookUps["acc-elder"] = c.order, c.payer
			if c.order == nil {
				u.found = map[string]opencollective.Order{o.ID: c.shows}
			}
			_, err := s.Pull(t.Context())
			if (err != nil) != c.refused || err != nil && !strings.HasPrefix(err.Error(), refused) {
				t.Fatalf("%v, refused should be %v", err, c.refused)
			}
			if c.paid > 0 { // the next reading has to show it
				w.later(time.Hour)
				if _, err := s.Pull(t.Context()); !isContradiction(err) {
					t.Errorf("believed that what began an hour ago is not listed: %v", err)
				}
			}
			if err == nil && c.paid <= 0 {
				w.later(time.Hour)
				w.pull(s) // what is gone stays gone
			}
			u.orders, u.fail = append(u.orders, o), nil
			w.later(time.Hour)
			if r := w.pull(s); r.Counts.NewOrders != 1 {
				t.Errorf("the contribution, once listed: %+v", r.Counts)
			}
		})
	}
}

// Also that contradiction is believed when it lasts, and is then none any more.
func TestMoneyWithoutItsContributionIsBelievedAtLast(t *testing.T) {
	w := onOne(t)
	u, s := planted(w)
	w.pull(s)
	w.later(time.Hour)
	o := monthly("elder", w.now)
	u.charges = append(u.charges, paidBy(o, w.now))
	u.found = map[string]opencollective.Order{o.ID: {ID: o.ID, ToAccount: "col-1", Payer: payer("elder")}}
	for began := w.now; w.now.Sub(began) < patience; w.later(time.Hour) {
		if _, err := s.Pull(t.Context()); !isContradiction(err) {
			t.Fatalf("after %s: %v", w.now.Sub(began), err)
		}
	}
	for range 3 {
		w.pull(s)
		w.later(time.Hour)
	}
}

// The first reading tells an oddity from a fault by how many there are.
func TestTheFirstReadingToleratesOddities(t *testing.T) {
	for odd, refused := range map[int]bool{0: false, 2: false, 4: false, 5: true, 20: true} {
		w := onOne(t)
		u := loose(w)
		for i := range 20 {
			o := monthly(fmt.Sprintf("tree%02d", i), at("2026-06-02"))
			u.orders = append(u.orders, o)
			if i >= odd {
				u.charges = append(u.charges, paidBy(o, at("2026-06-02")))
			}
		}
		_, err := w.syncer(u).Pull(t.Context())
		var e *Contradiction
		if errors.As(err, &e) != refused || (err != nil && !refused) {
			t.Errorf("%d of 20 without a charge: %v, refused should be %v", odd, err, refused)
		}
	}
}

// A contradiction that lasts is believed: reading never becomes impossible.
// What was believed once is no contradiction any more.
func TestAContradictionThatLastsIsBelieved(t *testing.T) {
	onBoth(t, func(w *world) {
		u, s := planted(w)
		u.hide(u.renewed("or-alder", at("2026-06-10T00:20:00Z")))
		began := w.now
		for w.now.Sub(began) < patience {
			if _, err := s.Pull(t.Context()); !isContradiction(err) {
				t.Fatalf("after %s: %v", w.now.Sub(began), err)
			}
			w.later(time.Hour)
		}
		r := w.pull(s)
		want := "Open Collective has contradicted itself for days and is believed now: it says that 1 contribution was charged, and does not list what was paid"
		if !slices.Contains(r.Warnings, want) || r.Counts.ChangedOrders != 1 {
			t.Errorf("warned %q of %d changes", r.Warnings, r.Counts.ChangedOrders)
		}
		w.later(time.Hour)
		if r := w.pull(s); len(r.Warnings) != 0 {
			t.Errorf("warned again: %q", r.Warnings)
		}
		u.hide(u.renewed("or-birch", w.now))
		w.later(time.Hour)
		if _, err := s.Pull(t.Context()); !isContradiction(err) {
			t.Errorf("the next one is believed at once: %v", err)
		}
	})
}

// Charges that were believed to be told otherwise are told so again by every reading, since
// what is stored never changes: that is no contradiction any more, also for another process;
// good news is read at once. Where they are told in a third way, or others are, it is one.
func TestChargesToldOtherwiseAreBelievedOnce(t *testing.T) {
	onBoth(t, func(w *world) {
		ctx := w.t.Context()
		u := loose(w)
		for i := range 10 {
			o := monthly(fmt.Sprintf("tree%02d", i), at("2026-06-02"))
			u.orders = append(u.orders, o)
			u.charges = append(u.charges, paidBy(o, at("2026-06-02")))
		}
		s := w.syncer(u)
		w.pull(s)
		was := slices.Clone(u.charges)
		tell := func(minor int64, who ...int) {
			for _, i := range who {
				u.charges[i].Amount.Minor = minor
			}
		}
		tell(900, 0, 1, 2, 3, 4)
		for began := w.now; w.now.Sub(began) < patience; w.later(6 * time.Hour) {
			if _, err := s.Pull(ctx); !isContradiction(err) {
				w.t.Fatalf("after %s: %v", w.now.Sub(began), err)
			}
		}
		if _, err := s.DryRun(ctx); err != nil { // a trial believes it for itself alone
			w.t.Fatal(err)
		}
		if told := w.stored().told; len(told) != 0 {
			w.t.Errorf("a trial noted %v", told)
		}
		want := "Open Collective has contradicted itself for days and is believed now: 5 charges were told otherwise than before"
		if r := w.pull(s); !slices.Contains(r.Warnings, want) {
			w.t.Errorf("warned %q", r.Warnings)
		}
		for name, s := range map[string]*Syncer{"the same process": s, "another": w.syncer(u)} {
			w.later(time.Hour)
			if r := w.pull(s); len(r.Warnings) != 0 {
				w.t.Errorf("%s warned %q", name, r.Warnings)
			}
		}
		w.later(time.Hour)
		u.renewed("or-tree00", w.now)
		if r := w.pull(s); r.Counts.NewCharges != 1 {
			w.t.Errorf("good news: %+v", r.Counts)
		}
		for _, c := range []struct {
			name  string
			minor int64
			who   []int
		}{{"in a third way", 800, []int{0, 1, 2, 3, 4}}, {"others", 900, []int{5, 6, 7}}} {
			now := slices.Clone(u.charges)
			w.later(time.Hour)
			tell(c.minor, c.who...)
			if _, err := s.Pull(ctx); !isContradiction(err) {
				w.t.Errorf("%s: %v", c.name, err)
			}
			copy(u.charges, now)
		}
		copy(u.charges, was)
		w.later(time.Hour)
		w.pull(s) // as it was stored
		for i := range was {
			if got := w.stored().charges.at(was[i].ID); got.Amount != was[i].Amount {
				w.t.Errorf("stored is %+v", got)
			}
		}
	})
}

// An outage before does not count as time in which upstream repeated itself.
func TestOnlyContradictionsUsePatienceUp(t *testing.T) {
	w := onOne(t)
	u, s := planted(w)
	u.fail = &opencollective.UpstreamDown{Op: "orders", What: "an empty answer"}
	if _, err := s.Pull(t.Context()); err == nil {
		t.Fatal("an outage was taken for an answer")
	}
	w.later(2 * patience)
	u.fail = nil
	u.hide(u.renewed("or-alder", w.now))
	if _, err := s.Pull(t.Context()); !isContradiction(err) {
		t.Errorf("believed after an outage: %v", err)
	}
	w.later(time.Hour)
	u.charges = append(u.charges, paidBy(*u.order("or-alder"), u.order("or-alder").LastCharged))
	if r := w.pull(s); r.Counts.NewCharges != 1 {
		t.Errorf("the charge that came at last: %+v", r.Counts)
	}
}

// What an attempt is noted with for each kind, which the next versions read, too.
func TestKindsOfContradiction(t *testing.T) {
	e := &Contradiction{Uncharged: 1, Foreign: 2, Recoined: 3, Repaused: 4, Altered: 5, Vanished: 6, Unlisted: 7, Unshown: 8}
	if got, want := e.detail(), "contradiction: uncharged, foreign, altered, vanished, unlisted, unshown, recoined, repaused"; got != want {
		t.Errorf("noted as %q, want %q", got, want)
	}
	if reflect.TypeFor[Contradiction]().NumField() != len(e.kinds()) {
		t.Error("one that counts is not told")
	}
	for _, k := range e.kinds() {
		if !contradicted(e.detail(), k.word) || contradicted("contradiction", k.word) || contradicted("contradiction: un"+k.word, k.word) || contradicted("orders", k.word) {
			t.Errorf("%s is not read as it was noted", k.word)
		}
	}
}

// What repeating is: the same kind, for three days, read on three different ones counted
// back from now. When it was read stands in hours before now, the newest first.
func TestWhatIsRepeated(t *testing.T) {
	const us = "contradiction: uncharged"
	now := at("2026-06-20T00:01:00Z")
	hourly := make([]float64, 72)
	for i := range hourly {
		hourly[i] = float64(i + 1)
	}
	for name, c := range map[string]struct {
		detail string
		hours  []float64
		want   bool
	}{
		"never before":                           {us, nil, false},
		"every hour for three days":              {us, hourly, true},
		"every hour for an hour less":            {us, hourly[:71], false},
		"every hour, together with another":      {"contradiction: foreign, uncharged", hourly, true},
		"every hour, and of another kind":        {"contradiction: foreign", hourly, false},
		"every hour, as old versions noted it":   {"contradiction", hourly, false},
		"every hour, and no answer":              {"orders", hourly, false},
		"daily":                                  {us, []float64{24, 48, 72}, true},
		"daily, the third time":                  {us, []float64{24, 48}, false},
		"weekly, the second time":                {us, []float64{168}, false},
		"weekly, the third time":                 {us, []float64{168, 336}, true},
		"once before an outage of four days":     {us, []float64{96}, false},
		"twice within an hour, before and since": {us, []float64{0.02, 0.5, 96, 96.5}, false},
		"on either side of midnight":             {us, []float64{0.1, 96}, false},
		"after an outage, and the day after":     {us, []float64{24, 25, 97}, true},
		"three days in two":                      {us, []float64{20, 40, 60}, false},
		"by a clock that was ahead":              {us, []float64{-30, 80}, false},
	} {
		var before []store.Pull
		for _, h := range c.hours {
			before = append(before, store.Pull{Started: now.Add(-time.Duration(h * float64(time.Hour))), Outcome: "incomplete", Detail: c.detail})
		}
		if got := lasts(kindOf(t, "uncharged"), before, now); got != c.want {
			t.Errorf("%s: %v, want %v", name, got, c.want)
		}
	}
}

// What an attempt found in the same step without a kind ends it; what it found later, or
// what kept it from looking, does not.
func TestWhatEndsRepeating(t *testing.T) {
	now := at("2026-06-20T00:01:00Z")
	for _, c := range []struct {
		word, between string
		want          bool
	}{
		{"uncharged", "contradiction: uncharged, foreign", true},
		{"uncharged", "contradiction: foreign", false},
		{"uncharged", "contradiction: unlisted", true}, // it was believed, and the next step found this
		{"uncharged", "orders", true},
		{"unlisted", "contradiction: foreign", true}, // nothing was looked up
		{"unlisted", "contradiction: unshown", false},
		{"unshown", "contradiction: unlisted, unshown", true},
	} {
		var before []store.Pull
		for h := 1; h <= 80; h++ {
			detail := "contradiction: " + c.word
			if h == 40 {
				detail = c.between
			}
			before = append(before, store.Pull{Started: now.Add(-time.Duration(h) * time.Hour), Outcome: "incomplete", Detail: detail})
		}
		if got := lasts(kindOf(t, c.word), before, now); got != c.want {
			t.Errorf("%s, with %q between: %v, want %v", c.word, c.between, got, c.want)
		}
	}
}

// kindOf is the kind of a word.
func kindOf(t *testing.T, word string) kind {
	t.Helper()
	all := (&Contradiction{}).all()
	i := slices.IndexFunc(all, func(k kind) bool { return k.word == word })
	if i < 0 {
		t.Fatalf("there is no kind %s", word)
	}
	return all[i]
}

// A contradiction that passed, an outage, and one of another kind: that is no repeating,
// nor is it where the first comes back. Each is believed once it has been repeated itself.
func TestAnOutageRepeatsNothing(t *testing.T) {
	onBoth(t, func(w *world) {
		u, s := planted(w)
		refused := func(noted string) {
			w.t.Helper()
			if _, err := s.Pull(w.t.Context()); !isContradiction(err) || w.pulls()[0].Detail != noted {
				w.t.Fatalf("noted as %q, want %q: %v", w.pulls()[0].Detail, noted, err)
			}
		}
		charge := u.renewed("or-alder", w.now)
		u.hide(charge)
		refused("contradiction: uncharged")
		w.later(time.Hour)
		u.fail = &opencollective.UpstreamDown{Op: "orders", What: "an empty answer"}
		for range 4 {
			if _, err := s.Pull(w.t.Context()); err == nil || isContradiction(err) {
				w.t.Fatalf("an outage: %v", err)
			}
			w.later(24 * time.Hour)
		}
		u.fail = nil
		refused("contradiction: uncharged") // the second day on which it says so
		charge.Amount.Currency = eur
		u.charges = append(u.charges, charge)
		w.later(time.Hour)
		for range 3 {
			refused("contradiction: foreign")
			w.later(24 * time.Hour)
		}
		u.order("or-cedar").Amount.Currency = eur
		for range 3 {
			refused("contradiction: foreign, recoined") // one of them has lasted
			w.later(24 * time.Hour)
		}
		if r := w.pull(s); len(r.Warnings) != 1 || !strings.HasSuffix(r.Warnings[0],
			"is believed now: 1 charge was paid in another currency than promised; 1 contribution was moved to another currency, which cannot be") {
			w.t.Errorf("warned %q", r.Warnings)
		}
	})
}

// isContradiction says whether an attempt ended for that reason.
func isContradiction(err error) bool {
	_, ok := errors.AsType[*Contradiction](err)
	return ok
}

// A row that a cache kept ends neither a retry nor a pause; a newer one does,
// and so does money.
func TestAnOlderRowEndsNoRetry(t *testing.T) {
	for name, c := range map[string]struct {
		from, to string
		updated  instant.Instant
		paid     bool
		want     string
	}{
		"failing, and the row of before it failed":  {failing, active, at("2026-05-02"), false, failing},
		"failing, and the card was changed":         {failing, active, at("2026-06-12"), false, active},
		"failing, and the change has no date":       {failing, active, 0, false, active},
		"failing, given up":                         {failing, cancelled, at("2026-06-12"), false, cancelled},
		"failing, and paid by an undated row":       {failing, active, at("2026-05-02"), true, active},
		"paused, and the row of before the pause":   {paused, active, at("2026-05-02"), false, paused},
		"paused, and resumed":                       {paused, active, at("2026-06-12"), false, active},
		"active, and an old row that says it fails": {active, failing, at("2026-05-02"), false, failing},
		"active, and an old row that ended it":      {active, cancelled, at("2026-05-02"), false, cancelled},
	} {
		u, m := knot(), newMemory(t)
		m.see(u)
		u.now = func() instant.Instant { return at("2026-06-11") }
		o := u.order("or-alder")
		o.Status, o.Updated = c.from, at("2026-06-10T12:00:00Z")
		m.see(u)
		u.now = func() instant.Instant { return at("2026-06-13") }
		if c.paid {
			u.renewed("or-alder", at("2026-06-12"))
		}
		o.Status, o.Updated = c.to, c.updated
		m.see(u)
		if got := m.st.contributions.at("or-alder").Status; got != c.want {
			t.Errorf("%s: stored as %s, want %s", name, got, c.want)
		}
	}
}

// A first success that was seen once stays one.
func TestAFirstSuccessStays(t *testing.T) {
	u, m := knot(), newMemory(t)
	m.see(u)
	u.order("or-alder").Processed, u.order("or-alder").Status = 0, failing
	m.see(u)
	if got := m.st.contributions.at("or-alder").Processed; got != at("2026-05-02") {
		t.Errorf("first paid %s", got)
	}
}
