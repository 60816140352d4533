package fakeoc

import (
	"fmt"
	"strconv"
	"strings"
)

// payVerbs are what payers do with their contributions, and what happens to them.
var payVerbs = map[string]verb{
	"join": {"SLUG CURRENCY AMOUNT monthly|yearly|once [METHOD] [tier=T] [tip=A] [tax=A] [quantity=N] [to=SLUG] [first=STATUS]",
		"the account (made where there is none) contributes; METHOD is card, paypal, bacs, sepa, manual or balance", 4, (*World).verbJoin},
	"refuse":      {"SLUG [N]", "the account's next N tries to pay are refused; without N every one until accept", 1, (*World).verbRefuse},
	"accept":      {"SLUG", "the account's card works again", 1, (*World).verbAccept},
	"update-card": {"ORDER", "the payer gives another card: ACTIVE at once, before any money moves", 1, (*World).verbUpdateCard},
	"cancel":      {"ORDER [silently]", "the payer cancels; silently: by removing the card, or on PayPal's side", 1, (*World).verbCancel},
	"pause":       {"ORDER [by=USER|HOST|PLATFORM|COLLECTIVE]", "the contribution is paused", 1, (*World).verbPause},
	"resume":      {"ORDER", "the contribution goes on", 1, (*World).verbResume},
	"amount":      {"ORDER AMOUNT", "another amount from the next charge on", 2, (*World).verbAmount},
	"refund":      {"ORDER [cancel]", "the last payment is given back; the contribution goes on unless cancel is said", 1, (*World).verbRefund},
	"reject":      {"ORDER", "the collective rejects the contributor: money back, REJECTED", 1, (*World).verbReject},
	"dispute":     {"ORDER", "the payer's bank disputes the last payment", 1, (*World).verbDispute},
	"settle":      {"ORDER won|lost", "the dispute ends; the contribution is cancelled either way", 2, (*World).verbSettle},
	"review":      {"ORDER", "the payment is looked at by the processor", 1, (*World).verbReview},
	"approve":     {"ORDER", "the look ends well", 1, (*World).verbApprove},
	"confirm":     {"ORDER", "the payer confirms a first payment, or a bank transfer arrives", 1, (*World).verbConfirm},
	"funds":       {"SLUG AMOUNT [order=ORDER]", "the host books money that came another way", 2, (*World).verbFunds},
	"late-charge": {"ORDER", "money arrives although the contribution has ended; the status stays", 1, (*World).verbLateCharge},
	"charge":      {"ORDER", "the contribution is charged now, whatever the calendar says", 1, (*World).verbCharge},
	"fail":        {"ORDER", "the charge is tried now and refused", 1, (*World).verbFail},
	"gift-card":   {"SLUG", "the account gives gift cards: a backer without a contribution", 1, (*World).verbGiftCard},
}

func (w *World) verbRefuse(s *said) error {
	a, err := w.account(s.at(0))
	if err != nil {
		return err
	}
	if s.at(1) == "" {
		a.pays = payer{broken: true}
		return nil
	}
	n, err := strconv.Atoi(s.at(1))
	if err != nil || n < 1 {
		return fmt.Errorf("%q is no number of tries", s.at(1))
	}
	a.pays.refuse = n
	return nil
}

func (w *World) verbAccept(s *said) error {
	a, err := w.account(s.at(0))
	if err == nil {
		a.pays = payer{}
	}
	return err
}

// with finds the order that the first word names and lets f change it.
func (w *World) with(s *said, f func(*Order) error) error {
	o, err := w.order(s.at(0))
	if err != nil {
		return err
	}
	return f(o)
}

func (w *World) verbUpdateCard(s *said) error {
	return w.with(s, func(o *Order) error {
		if o.Subscription == nil {
			return fmt.Errorf("it does not recur")
		}
		o.From.pays = payer{}
		if o.Status == "ERROR" || o.Status == "PAUSED" {
			w.goOn(o)
		}
		return nil
	})
}

// goOn makes a contribution ACTIVE; what is due is charged by the next hourly job.
func (w *World) goOn(o *Order) {
	o.Status, o.PausedBy, o.Updated = "ACTIVE", "", w.stamp()
	s := o.Subscription
	s.Active = true
	if s.NextPeriod.AddMonths(months(s.Interval)) <= w.now { // what was missed while paused is not asked for again
		s.NextPeriod = w.now.MonthStart(0)
		s.NextCharge = min(s.NextCharge, w.now)
	}
}

func (w *World) verbCancel(s *said) error {
	silently := s.has("silently")
	return w.with(s, func(o *Order) error {
		o.Status, o.PausedBy, o.Updated = "CANCELLED", "", w.stamp()
		o.stop()
		if o.Subscription != nil && o.Subscription.External && silently {
			o.Subscription.NextCharge = 0
		}
		if !silently {
			w.note("SUBSCRIPTION_CANCELED", o, false)
		}
		return nil
	})
}

func (w *World) verbPause(s *said) error {
	by := s.option("by")
	if by == "" {
		by = "USER"
	}
	return w.with(s, func(o *Order) error {
		if o.Subscription == nil || !o.Subscription.Active {
			return fmt.Errorf("it does not recur, or has ended")
		}
		w.pause(o, by)
		return nil
	})
}

func (w *World) pause(o *Order, by string) {
	o.Status, o.PausedBy, o.Updated = "PAUSED", by, w.stamp()
	o.stop()
	w.note("SUBSCRIPTION_PAUSED", o, by != "USER")
}

func (w *World) verbResume(s *said) error {
	return w.with(s, func(o *Order) error {
		if o.Status != "PAUSED" {
			return fmt.Errorf("it is %s, not PAUSED", o.Status)
		}
		w.goOn(o)
		w.note("SUBSCRIPTION_RESUMED", o, false)
		return nil
	})
}

func (w *World) verbAmount(s *said) error {
	amount, err := minor(s.at(1))
	if err != nil {
		return err
	}
	return w.with(s, func(o *Order) error {
		o.Total, o.Updated = amount+o.Tip, w.stamp()
		return nil
	})
}

func (w *World) verbRefund(s *said) error {
	cancel := s.has("cancel")
	return w.with(s, func(o *Order) error {
		if err := w.refund(o, "REFUND"); err != nil {
			return err
		}
		if o.Interval == "" {
			o.Status, o.Updated = "REFUNDED", w.stamp()
		}
		if cancel {
			o.Status, o.Updated = "CANCELLED", w.stamp()
			o.stop()
		}
		w.note("CONTRIBUTION_REFUNDED", o, false)
		return nil
	})
}

// refund gives the last payment back: a DEBIT in the collective's ledger.
func (w *World) refund(o *Order, kind string) error {
	t := w.lastPayment(o)
	if t == nil {
		return fmt.Errorf("it has no payment that could be given back")
	}
	w.made++
	back := &Transaction{
		LegacyID: int64(w.made), ID: w.uuid(), Group: w.uuid(), Type: "DEBIT", Kind: t.Kind,
		Amount: -t.Amount, Currency: t.Currency, Created: w.stamp(), IsRefund: true, RefundKind: kind,
		Refund: t, Account: t.Account, Opposite: t.Opposite, Order: o,
	}
	back.Cleared = back.Created
	t.Refund, t.RefundKind, t.Disputed = back, kind, false
	w.transactions = append(w.transactions, back)
	return nil
}

func (w *World) verbReject(s *said) error {
	return w.with(s, func(o *Order) error {
		if w.lastPayment(o) != nil {
			if err := w.refund(o, "REJECT"); err != nil {
				return err
			}
		}
		o.Status, o.Updated = "REJECTED", w.stamp()
		o.stop()
		w.removeBacker(o)
		w.note("CONTRIBUTION_REJECTED", o, false)
		return nil
	})
}

func (w *World) removeBacker(o *Order) {
	kept := w.members[:0]
	for _, m := range w.members {
		if m.Role == "BACKER" && m.Account == o.From && m.Of == o.To {
			continue
		}
		kept = append(kept, m)
	}
	w.members = kept
}

func (w *World) verbDispute(s *said) error {
	return w.with(s, func(o *Order) error {
		t := w.lastPayment(o)
		if t == nil {
			return fmt.Errorf("it has no payment to dispute")
		}
		t.Disputed = true
		o.Status, o.Updated = "DISPUTED", w.stamp()
		o.stop()
		return nil
	})
}

func (w *World) verbSettle(s *said) error {
	how := s.at(1)
	return w.with(s, func(o *Order) error {
		t := w.lastPayment(o)
		switch {
		case o.Status != "DISPUTED" || t == nil:
			return fmt.Errorf("it is %s, not DISPUTED", o.Status)
		case how == "lost":
			if err := w.refund(o, "DISPUTE"); err != nil {
				return err
			}
		case how != "won":
			return fmt.Errorf("%q is no end of a dispute: write won or lost", how)
		}
		t.Disputed = false
		o.Status, o.Updated = "CANCELLED", w.stamp()
		if o.Interval == "" && how == "won" {
			o.Status = "PAID"
		}
		return nil
	})
}

func (w *World) verbReview(s *said) error {
	return w.with(s, func(o *Order) error {
		if t := w.lastPayment(o); t != nil {
			t.InReview = true
		}
		o.Status, o.Updated = "IN_REVIEW", w.stamp()
		return nil
	})
}

func (w *World) verbApprove(s *said) error {
	return w.with(s, func(o *Order) error {
		if o.Status != "IN_REVIEW" {
			return fmt.Errorf("it is %s, not IN_REVIEW", o.Status)
		}
		if t := w.lastPayment(o); t != nil {
			t.InReview = false
		}
		if o.Subscription == nil && o.Interval != "" {
			w.subscribe(o)
			return nil
		}
		o.Status, o.Updated = "ACTIVE", w.stamp()
		if o.Interval == "" {
			o.Status = "PAID"
		}
		return nil
	})
}

// subscribe gives a contribution whose money is booked its subscription.
func (w *World) subscribe(o *Order) {
	next := firstDates(o.Processed, o.Interval)
	o.Subscription = &Subscription{Interval: o.Interval, Active: true, LastCharged: o.Processed, NextCharge: next, NextPeriod: next}
	o.Status, o.Updated = "ACTIVE", w.stamp()
}

func (w *World) verbConfirm(s *said) error {
	return w.with(s, func(o *Order) error {
		switch o.Status {
		case "PENDING", "REQUIRE_CLIENT_CONFIRMATION", "NEW", "PROCESSING", "ERROR":
		default:
			return fmt.Errorf("it is %s: nothing waits for a confirmation", o.Status)
		}
		o.settles = 0
		if o.Subscription != nil {
			w.succeeded(o)
			return nil
		}
		w.first(o)
		return nil
	})
}

func (w *World) verbFunds(s *said) error {
	slug := s.at(0)
	amount, err := minor(s.at(1))
	if err != nil {
		return err
	}
	if word := s.option("order"); word != "" {
		o, err := w.order(word)
		if err == nil {
			w.credit(o, amount, "ADDED_FUNDS")
		}
		return err
	}
	a := w.find(slug)
	if a == nil {
		a = w.newAccount(slug, accountSpec{kind: "VENDOR"})
	}
	c := w.collective()
	o := &Order{Status: "PAID", Quantity: 1, Currency: c.Currency, Total: amount, NoTip: true, From: a, To: c}
	w.describe(o)
	o.LegacyID, o.ID, o.PublicID = w.ids("or", w.now)
	o.Created = w.stamp()
	w.enlist(o)
	t := w.credit(o, amount, "ADDED_FUNDS")
	o.Processed, o.Updated = t.Created, t.Created
	return nil
}

func (w *World) verbLateCharge(s *said) error {
	return w.with(s, func(o *Order) error {
		if !o.ended() {
			return fmt.Errorf("it is %s: it has not ended", o.Status)
		}
		w.book(o, o.Amount())
		o.Updated = w.stamp()
		return nil
	})
}

func (w *World) verbCharge(s *said) error {
	return w.with(s, func(o *Order) error {
		if o.Subscription == nil {
			return fmt.Errorf("it does not recur")
		}
		w.succeeded(o)
		return nil
	})
}

func (w *World) verbFail(s *said) error {
	return w.with(s, func(o *Order) error {
		if o.Subscription != nil && o.Subscription.External {
			return fmt.Errorf("PayPal's refusals leave no trace: use refuse")
		}
		w.refused(o)
		return nil
	})
}

func (w *World) verbGiftCard(s *said) error {
	a := w.find(s.at(0))
	if a == nil {
		a = w.newAccount(s.at(0), accountSpec{kind: "ORGANIZATION"})
	}
	w.join("BACKER", a, w.collective(), nil)
	return nil
}

// tier is the collective's tier with the slug.
func (w *World) tier(of *Account, slug string) (*Tier, error) {
	var have []string
	for _, t := range w.tiers {
		if t.Of == of && !t.Deleted {
			if t.Slug == slug {
				return t, nil
			}
			have = append(have, t.Slug)
		}
	}
	return nil, fmt.Errorf("%s has no tier %q: it has %s", of.Slug, slug, strings.Join(have, ", "))
}
