package eligibility_test

import (
	"fmt"

	"coopcloud.tech/goodstanding/eligibility"
	"coopcloud.tech/goodstanding/internal/instant"
)

// What people enter, and what the program itself writes down.

func (s *story) waiverLine(w *words) {
	x := eligibility.Waiver{ID: fmt.Sprintf("w%d", len(s.facts.Waivers)+1)}
	w.must("from")
	x.From = w.when()
	if w.has("until") {
		x.Until = w.when()
	}
	x.Known, x.Gone = learned(w, x.From)
	s.facts.Waivers = append(s.facts.Waivers, x)
}

func (s *story) paymentLine(w *words) {
	p := eligibility.Payment{ID: fmt.Sprintf("p%d", len(s.facts.Payments)+1), Amount: w.amount()}
	w.must("from")
	p.From = w.when()
	w.must("until")
	p.Until = w.when()
	for p.Months = 1; p.From.AddMonths(p.Months) < p.Until && p.Months < 1000; p.Months++ {
		continue
	}
	if w.fault == nil && p.From.AddMonths(p.Months) != p.Until {
		w.fail("%s to %s are no whole months", short(p.From), short(p.Until))
	}
	if w.has("for") {
		p.Charge = w.word("a charge")
	}
	p.Known, p.Gone = learned(w, p.From)
	s.facts.Payments = append(s.facts.Payments, p)
}

func condition(kind eligibility.ProfileKind) func(*story, *words) {
	return func(s *story, w *words) {
		on := oneOf(w, "word for a condition of the listing", map[string]bool{"given": true, "withdrawn": false})
		p := eligibility.ProfileFact{ID: fmt.Sprintf("f%d", len(s.facts.Profile)+1), Kind: kind, On: on, At: w.when()}
		p.Known, _ = learned(w, p.At)
		s.facts.Profile = append(s.facts.Profile, p)
	}
}

// listableLine is all three conditions at once.
func (s *story) listableLine(w *words) {
	from := w.when()
	for i, kind := range []eligibility.ProfileKind{eligibility.HasProfile, eligibility.Consents, eligibility.Approved} {
		s.facts.Profile = append(s.facts.Profile, eligibility.ProfileFact{ID: fmt.Sprintf("listable%d", i+1), Kind: kind,
			On: true, At: from, Known: from})
	}
}

// gives reads the rights of a hold or a record, up to the next known word.
func gives(w *words) (vote, listing, services bool) {
	if w.has("nothing") {
		return false, false, false
	}
	for len(w.left) > 0 {
		r, ok := rightWords[w.left[0]]
		if !ok {
			break
		}
		w.left = w.left[1:]
		vote, listing, services = vote || r == eligibility.Vote, listing || r == eligibility.Listing, services || r == eligibility.Services
	}
	if !vote && !listing && !services {
		w.fail("no right is named: vote, listing, services or nothing")
	}
	return vote, listing, services
}

func stateWord(w *words) eligibility.State {
	word := w.word("a state")
	state, ok := eligibility.ParseState(word)
	if !ok && w.fault == nil {
		w.fail("%q is no state", word)
	}
	return state
}

func (s *story) holdLine(w *words) {
	h := eligibility.Hold{ID: fmt.Sprintf("h%d", len(s.facts.Holds)+1), Cause: "host"}
	w.must("set")
	h.SetAt = w.when()
	w.must("after")
	h.Since = w.when()
	w.must("keeps")
	h.Kept.Vote, h.Kept.Listing, h.Kept.Services = gives(w)
	w.must("as")
	h.Kept.State = stateWord(w)
	h.Known = h.SetAt + 1
	if w.has("cause") {
		h.Cause = w.word("a cause")
	}
	if w.has("acknowledged") {
		h.AckAt = w.when()
		h.AckKnown, _ = learned(w, h.AckAt)
	}
	s.facts.Holds = append(s.facts.Holds, h)
}

func (s *story) recordedLine(w *words) {
	var r eligibility.Recorded
	r.At = w.when()
	r.State = stateWord(w)
	w.must("gives")
	r.Vote, r.Listing, r.Services = gives(w)
	r.Known, _ = learned(w, r.At)
	s.facts.Recorded = append(s.facts.Recorded, r)
}

func (s *story) snapshotLine(w *words) {
	for len(w.left) > 0 {
		s.snapshot(w.when())
	}
}

func (s *story) snapshotsLine(w *words) {
	step := oneOf(w, "pace", map[string]instant.Instant{"daily": instant.Day, "weekly": 7 * instant.Day,
		"hourly": instant.Day / 24})
	w.must("from")
	from := w.when()
	w.must("until")
	until := w.when()
	for t := from; w.fault == nil && t <= until; t += step {
		s.snapshot(t)
	}
}

// snapshot adds a complete snapshot, stored a microsecond after its start.
func (s *story) snapshot(t instant.Instant) {
	n := len(s.facts.Snapshots)
	s.facts.Snapshots = append(s.facts.Snapshots, eligibility.Snapshot{Number: int64(n + 1), Start: t, Known: t + 1})
}
