package eligibility_test

import (
	"fmt"
	"strings"

	"coopcloud.tech/goodstanding/eligibility"
	"coopcloud.tech/goodstanding/internal/instant"
	"coopcloud.tech/goodstanding/member"
)

// facts is the table of the lines that tell a fact: by their first word.
var factLines = map[string]func(*story, *words){
	"note":         func(_ *story, w *words) { w.left = nil },
	"member":       (*story).memberLine,
	"applied":      event(eligibility.Applied),
	"admitted":     event(eligibility.Admitted),
	"left":         event(eligibility.Left),
	"paused":       event(eligibility.Paused),
	"resumed":      event(eligibility.Resumed),
	"suspended":    event(eligibility.Suspended),
	"restored":     event(eligibility.Restored),
	"no-account":   event(eligibility.NoAccount),
	"linkable":     event(eligibility.Linkable),
	"link":         (*story).linkLine,
	"not-linked":   func(s *story, _ *words) { s.notLinked = true },
	"contribution": (*story).contributionLine,
	"charge":       (*story).chargeLine,
	"refund":       (*story).refundLine,
	"waiver":       (*story).waiverLine,
	"payment":      (*story).paymentLine,
	"profile":      condition(eligibility.HasProfile),
	"consent":      condition(eligibility.Consents),
	"approval":     condition(eligibility.Approved),
	"listable":     (*story).listableLine,
	"hold":         (*story).holdLine,
	"recorded":     (*story).recordedLine,
	"snapshot":     (*story).snapshotLine,
	"snapshots":    (*story).snapshotsLine,
}

// learned reads "known DATE" and "undone DATE"; without them a fact is known
// from its effective instant on.
func learned(w *words, effective instant.Instant) (known, gone instant.Instant) {
	known = effective
	if w.has("known") {
		known = w.when()
	}
	if w.has("undone") {
		gone = w.when()
	}
	return known, gone
}

func (s *story) memberLine(w *words) {
	kind, ok := member.ParseKind(w.word("a kind of member"))
	if !ok {
		w.fail("a member is an organisation or an individual")
	}
	s.facts.Kind = kind
}

func event(kind eligibility.MembershipKind) func(*story, *words) {
	return func(s *story, w *words) {
		m := eligibility.MembershipFact{ID: fmt.Sprintf("e%d", len(s.facts.Membership)+1), Kind: kind, At: w.when()}
		if kind == eligibility.Paused {
			m.Listing = w.has("listed")
		}
		if kind == eligibility.Suspended && w.has("until") {
			m.Until = w.when()
		}
		m.Known, m.Gone = learned(w, m.At)
		s.facts.Membership = append(s.facts.Membership, m)
	}
}

func (s *story) linkLine(w *words) {
	l := eligibility.Link{ID: fmt.Sprintf("l%d", len(s.facts.Links)+1), Account: member.AccountID(w.word("an account"))}
	if w.has("from") {
		l.From = w.when()
	}
	if w.has("until") {
		l.Until = w.when()
	}
	l.Known, l.Gone = learned(w, l.From)
	s.facts.Links = append(s.facts.Links, l)
}

// account reads "by ACCOUNT", "by nobody-shown", or nothing: the story's own.
func account(w *words) member.AccountID {
	switch {
	case w.has("by nobody-shown"):
		return ""
	case w.has("by"):
		return member.AccountID(w.word("an account"))
	}
	return "account"
}

func (s *story) contributionLine(w *words) {
	c := eligibility.Contribution{ID: w.word("a contribution")}
	c.Interval = oneOf(w, "interval", intervalWords)
	c.Status = oneOf(w, "status", statusWords())
	w.must("from")
	c.Effective = w.when()
	c.Account = account(w)
	if w.has("next") {
		c.NextCharge = w.when()
	}
	c.PausedByPayer = w.has("paused-by-payer")
	s.facts.Contributions = append(s.facts.Contributions, c)
	s.intervals[c.ID] = c.Interval
}

// statusWords are upstream's statuses in small letters with dashes.
func statusWords() map[string]eligibility.Status {
	out := map[string]eligibility.Status{"unheard-of": eligibility.StatusUnknown}
	for i := eligibility.StatusNew; i <= eligibility.StatusInReview; i++ {
		out[strings.ToLower(strings.ReplaceAll(i.String(), "_", "-"))] = i
	}
	return out
}

// chargeLine reads a charge, or several alike on several days.
func (s *story) chargeLine(w *words) {
	c := eligibility.Charge{Contribution: w.word("a contribution"), Kind: eligibility.ContributionCharge, Amount: w.amount()}
	w.must("on")
	var days []instant.Instant
	for len(w.left) > 0 && strings.HasPrefix(w.left[0], "20") {
		days = append(days, w.when())
	}
	c.Account = account(w)
	c.OrderMinor = c.Amount.Minor
	if w.has("tax") {
		c.TaxMinor = w.amount().Minor
	}
	if w.has("added funds") {
		c.Kind = eligibility.AddedFunds
	}
	paypal := w.has("through paypal")
	var due, listed instant.Instant
	if w.has("due") {
		due = w.when()
	}
	unlisted := w.has("unlisted")
	if unlisted && w.has("until") {
		listed = w.when()
	}
	for _, day := range days {
		s.charge(c, day, due, paypal)
		if unlisted {
			s.listedAt[len(s.facts.Charges)-1] = listed
		}
	}
	if len(days) == 0 {
		w.fail("the day of the charge is missing")
	}
}

// charge adds one charge with its coverage: until due, or by the calendar.
func (s *story) charge(c eligibility.Charge, day, due instant.Instant, paypal bool) {
	interval, ok := s.intervals[c.Contribution]
	if !ok {
		interval = eligibility.Monthly
	}
	first := true
	for _, x := range s.facts.Charges {
		first = first && x.Contribution != c.Contribution
	}
	c.ID, c.From, c.Interval, c.Due = c.Contribution+"@"+short(day), day, interval, due
	if due == 0 {
		c.Due = eligibility.ComputedDue(day, interval, first, paypal)
	}
	s.facts.Charges = append(s.facts.Charges, c)
}

func (s *story) refundLine(w *words) {
	r := eligibility.Refund{Charge: w.word("a charge")}
	r.ID = "refund-of-" + r.Charge
	w.must("on")
	r.At = w.when()
	known := false
	for _, c := range s.facts.Charges {
		known = known || c.ID == r.Charge
	}
	if !known {
		w.fail("no charge %q was told before its refund", r.Charge)
	}
	s.facts.Refunds = append(s.facts.Refunds, r)
}
