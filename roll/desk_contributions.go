package roll

import (
	"time"

	"coopcloud.tech/goodstanding/eligibility"
	"coopcloud.tech/goodstanding/internal/instant"
	"coopcloud.tech/goodstanding/store"
)

// What contributions tell that does not fit together.

// unknownWords finds contributions with a null frequency or a status that this
// version does not know (domain.md, section 2: the last known interval and the
// money go on).
func (s *sorting) unknownWords() {
	for _, c := range s.listed() {
		_, knownInterval := eligibility.ParseInterval(c.Frequency)
		knownStatus := eligibility.ParseStatus(c.Status) != eligibility.StatusUnknown
		if knownInterval && knownStatus || knownStatus && !payable(c) {
			continue
		}
		what := tell("no longer says how often it is paid")
		switch {
		case !knownStatus && c.Status == "":
			what = tell("no longer says how it stands")
		case !knownStatus:
			what = tell("has the status %q, which this version does not know", shorten(c.Status))
		case c.Frequency != "":
			what = tell("is paid %q, which this version does not know", shorten(c.Frequency))
		}
		f := s.aboutContribution(DeskUnknownWord, c)
		f.Since, f.rests = c.Effective, []any{c.Status, c.Frequency}
		f.sentence = tell("The %s contribution of %s %s.", every(c.Interval), s.whoPays(c), what)
		f.action = tell("What was known last goes on, and the money that was paid decides. Look for a newer version of goodstanding.")
		f.because = "a newer version is on its way"
		s.add(f)
	}
}

// aboutContribution begins an entry about one contribution.
func (s *sorting) aboutContribution(kind DeskKind, c store.ContributionRow) finding {
	f := finding{DeskEntry: DeskEntry{Kind: kind, Account: s.ref(c.Account), Contributions: []string{c.ID}}, subject: []string{c.ID}}
	if m := s.paidBy(c); m != nil {
		f.Member = m.ID
	}
	return f
}

// whoPays is the member behind a contribution, else the payer, in words.
func (s *sorting) whoPays(c store.ContributionRow) said {
	if m := s.paidBy(c); m != nil {
		return proper(memberWord(m))
	}
	return s.payerWord(c.Account)
}

// vanished finds contributions that two complete snapshots in a row did not
// list (domain.md, section 3); what was paid is not touched by it.
func (s *sorting) vanished() {
	for id, row := range s.missing {
		if row.Streak == 0 || row.Snapshot >= s.last.Number {
			continue
		}
		c, shown := s.contributions[id]
		newest := s.newest(id)
		if newest.ID == "" && !payable(c) {
			continue
		}
		if !shown {
			c = store.ContributionRow{ID: id, Account: newest.Account}
		}
		if _, is := s.supporters[c.Account]; is || s.hasLeft(c) {
			continue
		}
		f := s.aboutContribution(DeskVanished, c)
		f.Since, f.rests = row.Known, []any{row.Snapshot}
		f.sentence = tell("The %s contribution of %s is no longer listed on Open Collective; two complete readings lack it.", every(c.Interval), s.whoPays(c))
		if !shown {
			f.sentence = tell("Charges by %s name a contribution that Open Collective does not list.", s.whoPays(c))
		}
		f.action = tell("What was paid stays on record. Ask whether the account is gone, and how dues are paid from now on.")
		f.because = "asked the payer"
		s.add(f)
	}
}

// hasLeft says that a contribution is that of a member who left.
func (s *sorting) hasLeft(c store.ContributionRow) bool {
	m := s.owner(c.Account, s.now)
	return m != nil && !m.stays
}

// afterRetries is how long after a due date upstream may still charge by itself
// (domain.md, section 2, "retrying").
const afterRetries = 30 * 24 * time.Hour

// notCharged finds contributions that are ACTIVE and whose date is past by more
// than the policy's late: PayPal tells no failure (open-collective.md, section
// 11, cases 36 and 48). A date in the future is believed until all tries after
// the newest charge's due date must be over. It is asked as of the last snapshot.
func (s *sorting) notCharged() {
	version, ok := s.rules.inForce(s.now, s.known)
	if !ok {
		return
	}
	late := version.Eligibility.Late
	for _, c := range s.listed() {
		m := s.paidBy(c)
		if m == nil || eligibility.ParseStatus(c.Status) != eligibility.StatusActive || c.Interval == eligibility.OneOff {
			continue
		}
		newest := s.newest(c.ID)
		missed := s.missed(c, newest, late)
		if missed == 0 {
			continue
		}
		f := s.aboutContribution(DeskNotCharged, c)
		f.Since, f.rests = missed, []any{c.NextCharge, newest.ID}
		f.sentence = tell("The %s contribution of %s is active on Open Collective, but was not charged on %s.", every(c.Interval), memberWord(m), missed)
		f.action = tell("No error was told, as with PayPal. Ask the member to look at the payment method there.")
		f.because = "asked the member to look at the payment method"
		s.add(f)
	}
}

// missed is the date on which an active contribution was to be charged and was
// not; 0 for none.
func (s *sorting) missed(c store.ContributionRow, newest store.ChargeRow, late time.Duration) instant.Instant {
	due := s.coverages[newest.ID].Due
	switch {
	case c.NextCharge != 0 && c.NextCharge.Add(late) < s.last.Start && newest.Created < c.NextCharge-instant.Day:
		return c.NextCharge
	case due != 0 && c.NextCharge == 0 && due.Add(late) < s.last.Start, due != 0 && due.Add(afterRetries) < s.last.Start:
		return due
	}
	return 0
}

// cancelled finds contributions that were cancelled and paid after that
// (domain.md, section 7; open-collective.md, section 11, cases 41 and 58): the
// money counts, and the member stays.
func (s *sorting) cancelled() {
	for _, c := range s.listed() {
		since := s.cancelledSince(c)
		m := s.paidBy(c)
		if since == 0 || m == nil {
			continue
		}
		var later []store.ChargeRow
		for _, charge := range s.of[c.ID] {
			if charge.Created > since && s.refunds[charge.ID] == nil && s.ownerOf(charge) == m {
				later = append(later, charge)
			}
		}
		if len(later) == 0 {
			continue
		}
		newest := later[len(later)-1]
		f := s.aboutContribution(DeskCancelled, c)
		f.Charges, f.Since, f.Amount, f.rests = ids(later), newest.Created, &newest.Amount, []any{newest.ID}
		f.sentence = tell("The %s contribution of %s is cancelled on Open Collective, but was paid after that, on %s.",
			every(c.Interval), memberWord(m), newest.Created)
		f.action = tell("The money counts for what it pays. Ask the member to set the contribution up anew, or to stop paying.")
		f.because = "asked the member which of the two is meant"
		s.add(f)
	}
}

// cancelledSince is when the newest version of a contribution that is CANCELLED
// or EXPIRED became so; 0 for any other.
func (s *sorting) cancelledSince(c store.ContributionRow) (since instant.Instant) {
	ended := func(st eligibility.Status) bool {
		return st == eligibility.StatusCancelled || st == eligibility.StatusExpired
	}
	m := s.owner(c.Account, s.now)
	if m == nil || !ended(eligibility.ParseStatus(c.Status)) {
		return 0
	}
	for _, v := range s.factsOf[m.ID].Contributions { // in order of knowledge
		switch {
		case v.ID != c.ID:
		case !ended(v.Status):
			since = 0
		case since == 0:
			since = v.Effective
		}
	}
	return since
}

// fewest is how many members one tier must have to be the tier for dues.
const fewest = 3

// wrongTiers finds members whose contribution is on another tier than those of
// most members who pay as often. No rule looks at tiers: the money counts.
func (s *sorting) wrongTiers() {
	for _, interval := range []eligibility.Interval{eligibility.Monthly, eligibility.Yearly} {
		on := map[string]map[*standingEntry]bool{}
		all := map[*standingEntry][]store.ContributionRow{}
		for _, c := range s.listed() {
			m := s.paidBy(c)
			if m == nil || c.Tier == "" || c.Interval != interval || !running(c) {
				continue
			}
			if on[c.Tier] == nil {
				on[c.Tier] = map[*standingEntry]bool{}
			}
			on[c.Tier][m] = true
			all[m] = append(all[m], c)
		}
		for tier, members := range on {
			if len(members) < fewest || 2*len(members) <= len(all) {
				continue
			}
			for m, list := range all {
				if !members[m] {
					s.wrongTier(m, list[0], len(members), len(all), tier)
				}
			}
		}
	}
}

func (s *sorting) wrongTier(m *standingEntry, c store.ContributionRow, on, all int, tier string) {
	f := s.aboutContribution(DeskWrongTier, c)
	f.Since, f.rests = c.Created, []any{c.Tier, tier}
	f.sentence = tell("The %s contribution of %s is on another tier than those of %d of the %d members who pay %s on a tier.", every(c.Interval), memberWord(m), on, all, every(c.Interval))
	f.action = tell("The money counts all the same. If the tier was chosen by mistake, ask the member to choose the one for dues.")
	f.because = "meant to be on that tier"
	s.add(f)
}

// running says that upstream goes on charging, or trying to, or will again.
func running(c store.ContributionRow) bool { return goesOn(c.Status, c.Processed != 0) }

// goesOn is running, by upstream's status and whether it was ever charged.
func goesOn(status string, charged bool) bool {
	switch eligibility.ParseStatus(status) {
	case eligibility.StatusActive, eligibility.StatusPaused, eligibility.StatusProcessing:
		return true
	case eligibility.StatusError:
		return charged
	}
	return false
}
