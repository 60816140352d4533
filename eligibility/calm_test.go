package eligibility_test

import (
	"testing"
	"time"

	"coopcloud.tech/goodstanding/eligibility"
	"coopcloud.tech/goodstanding/internal/instant"
)

// Nobody is calm before the first snapshot, nor under a hold that was not acknowledged by
// the last one, as far as that was known; and what is said under one may be another thing
// in the next instant.
func TestNobodyIsCalmUnderAHold(t *testing.T) {
	const last, known = 1000, 2000
	const stale = last + 1000 + 1 // the policy's millisecond
	ps := eligibility.Policies{{ID: "p", StaleAfter: time.Millisecond}}
	for name, tt := range map[string]struct {
		holds      []eligibility.Hold
		calm, same instant.Instant // until when, the second asked right after the snapshot
	}{
		"no hold":                     {nil, instant.Max, stale},
		"one that stands":             {[]eligibility.Hold{{Known: 500}}, 0, last + 3},
		"acknowledged before":         {[]eligibility.Hold{{Known: 500, AckAt: 900, AckKnown: 900}}, instant.Max, stale},
		"acknowledged at it":          {[]eligibility.Hold{{Known: 500, AckAt: last, AckKnown: last}}, instant.Max, stale},
		"acknowledged after it":       {[]eligibility.Hold{{Known: 500, AckAt: last + 1, AckKnown: last + 1}}, 0, stale},
		"acknowledged now":            {[]eligibility.Hold{{Known: 500, AckAt: last + 2, AckKnown: last + 2}}, 0, stale},
		"acknowledged later":          {[]eligibility.Hold{{Known: 500, AckAt: last + 10, AckKnown: last + 10}}, 0, last + 3},
		"acknowledged, known just":    {[]eligibility.Hold{{Known: 500, AckAt: 900, AckKnown: known}}, instant.Max, stale},
		"acknowledged, not yet known": {[]eligibility.Hold{{Known: 500, AckAt: 900, AckKnown: known + 1}}, 0, last + 3},
		"the second one of two":       {[]eligibility.Hold{{Known: 500, AckAt: 900, AckKnown: 900}, {Known: 600}}, 0, last + 3},
	} {
		f := &eligibility.Facts{Holds: tt.holds, Snapshots: eligibility.Snapshots{{Number: 1, Start: last, Known: last}}}
		if got := ps.CalmUntil(f, known); got != tt.calm {
			t.Errorf("%s: calm until %d, want %d", name, got, tt.calm)
		}
		if got := ps.SameUntil(f, last, known); got != last+1 { // after it the snapshot itself counts, too
			t.Errorf("%s: the same until %d, want %d", name, got, last+1)
		}
		if got := ps.SameUntil(f, last+2, known); got != tt.same {
			t.Errorf("%s: after the snapshot the same until %d, want %d", name, got, tt.same)
		}
	}
	seen := &eligibility.Facts{Snapshots: eligibility.Snapshots{{Number: 1, Start: last, Known: last}}}
	if got := ps.SameUntil(seen, stale, known); got != instant.Max {
		t.Errorf("once the data is stale: the same until %d", got)
	}
	none := &eligibility.Facts{}
	if got := ps.CalmUntil(none, known); got != 0 {
		t.Errorf("before the first snapshot: calm until %d", got)
	}
	if got := ps.SameUntil(none, 5, known); got != instant.Max {
		t.Errorf("before the first snapshot: the same until %d", got)
	}
}

// Whoever was charged since it was paused by its payer is not called that, also where
// upstream told of the pause by a status that this version does not know.
func TestChargedSinceAPauseByTheStatusThatNobodyKnows(t *testing.T) {
	ps, f := typical()
	first, last := f.Contributions[0], f.Charges[len(f.Charges)-1]
	paused, charged := first, first
	paused.Status, paused.PausedByPayer, paused.Effective = eligibility.StatusUnknown, true, last.From.AddMonths(-1)+1
	charged.Effective = last.From
	paused.Known, charged.Known = paused.Effective, charged.Effective
	at := last.Due.AddMonths(3)
	f.Snapshots = append(f.Snapshots, eligibility.Snapshot{Number: 100_000, Start: at, Known: at})
	for name, tt := range map[string]struct {
		versions []eligibility.Contribution
		byPayer  bool
	}{
		"paused":  {[]eligibility.Contribution{first, {ID: first.ID, Account: first.Account, Status: eligibility.StatusUnknown, PausedByPayer: true, ProcessedAt: first.ProcessedAt, Interval: first.Interval, Effective: last.From + 1, Known: last.From + 1}}, true},
		"charged": {[]eligibility.Contribution{first, paused, charged}, false},
	} {
		f.Contributions = tt.versions
		s := ps.Assess(f, at, instant.Max)
		if _, says := s.Reason(eligibility.CodeInterruptedByPayer); s.State == eligibility.StateCurrent || says != tt.byPayer {
			t.Errorf("%s: %s, interrupted by its payer: %v, want %v", name, s.State, says, tt.byPayer)
		}
	}
}
