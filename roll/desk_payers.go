package roll

import (
	"slices"
	"strings"

	"coopcloud.tech/goodstanding/eligibility"
	"coopcloud.tech/goodstanding/internal/instant"
	"coopcloud.tech/goodstanding/member"
	"coopcloud.tech/goodstanding/store"
)

// Whose money it is. Each payer that is linked to nobody is on the desk once,
// under the most pressing kind that fits.

// change is a member's contribution that another account pays now.
type change struct {
	from, to member.AccountID
	member   *standingEntry
}

// payersChanged finds contributions that were charged to an account of a member
// and are paid by an account of nobody, or of another member, now (domain.md,
// section 2, "Money decides": the desk proposes the link).
func (s *sorting) payersChanged() {
	changed := map[change][]store.ContributionRow{}
	for _, c := range s.listed() {
		before := s.match.payerBefore[c.ID]
		m, newest := s.members[before.member], before.charge
		_, supporter := s.supporters[c.Account]
		if m == nil || c.Account == "" || newest.Account == c.Account || supporter || s.paidBy(c) == m {
			continue
		}
		k := change{newest.Account, c.Account, m}
		changed[k] = append(changed[k], c)
	}
	for k, list := range changed {
		s.payerChanged(k, list)
	}
}

func (s *sorting) payerChanged(k change, list []store.ContributionRow) {
	f := finding{DeskEntry: DeskEntry{Kind: DeskPayerChanged, Member: k.member.ID, Account: s.ref(k.to), Since: list[0].Effective},
		subject: []string{string(k.member.ID), string(k.from), string(k.to)}}
	for _, c := range list {
		f.Contributions = append(f.Contributions, c.ID)
		f.rests = append(f.rests, c.ID)
	}
	name, other := memberWord(k.member), s.owner(k.to, s.now)
	if other != nil {
		f.rests = append(f.rests, other.ID)
		f.sentence = tell("A contribution of %s is paid by %s now, an account of %s.", name, s.slug(k.to), memberWord(other))
		f.action = tell("If Open Collective merged the accounts because the two are one member, merge the members; if another pays from now on, dismiss this.")
		f.because = "another pays from now on"
		if other.stays && other.history.admitted(s.now) {
			f.Remedy = command("members", "merge", memberArg(k.member), memberArg(other), "--reason", "their accounts were merged on Open Collective")
			f.act(DeskAct{Deed: DeskMerge, Member: k.member.ID, Into: other.ID, Why: "their accounts were merged on Open Collective"})
		}
		s.add(f)
		return
	}
	if s.unlinkable(k.to) {
		return // told as an unmatched payer, for which no member can stand
	}
	s.told[k.to] = true
	f.sentence = tell("A contribution of %s is paid by %s now, who is linked to nobody.", name, s.payerWord(k.to))
	f.action = tell("If these are still the dues of %s, link the account. What was charged before stays where it is.", name)
	f.Remedy = s.linkRemedy(k.member, k.to)
	f.act(s.linkAct(k.member, k.to))
	s.add(f)
}

// unlinkable says that no member can stand behind an account, or that it is to
// be linked by a link that is entered already.
func (s *sorting) unlinkable(id member.AccountID) bool {
	_, next := s.linkSpan(id)
	return unfit(s.accounts[id]) != "" || next != 0
}

// linkSpan is from when an account that is linked to nobody now can be linked,
// and when it will be (see act.spanFor).
func (s *sorting) linkSpan(id member.AccountID) (from, next instant.Instant) {
	return linkableFrom(id, s.links[id], s.now)
}

// linkRemedy links an account for all time, or since its last link ended.
func (s *sorting) linkRemedy(m *standingEntry, id member.AccountID) string {
	words := []string{"link", memberArg(m), s.accountArg(id)}
	if from, _ := s.linkSpan(id); from != 0 {
		words = append(words, "--from", whenWord(from))
	}
	return command(words...)
}

// unclaimed are the unmatched payers of whom no more pressing entry tells: who
// promise something now, or paid, for good, while they were linked to nobody.
func (s *sorting) unclaimed() []*candidate {
	var out []*candidate
	for i := range s.payers {
		c := &s.payers[i]
		_, next := s.linkSpan(c.Account.ID)
		if s.told[c.Account.ID] || next != 0 {
			continue
		}
		loose := slices.ContainsFunc(c.Charges, func(c store.ChargeRow) bool {
			return s.owner(c.Account, c.Created) == nil && s.refunds[c.ID] == nil
		})
		alive := slices.ContainsFunc(c.Contributions, func(c store.ContributionRow) bool {
			return running(c) || payable(c) && c.Processed == 0
		})
		if loose || alive {
			out = append(out, c)
		}
	}
	return out
}

// aboutPayer begins an entry about an unmatched payer, with the member it looks like.
func (s *sorting) aboutPayer(kind DeskKind, c *candidate, like *Suggestion) finding {
	f := finding{DeskEntry: DeskEntry{Kind: kind, Account: s.ref(c.Account.ID), Since: c.first}, subject: []string{string(c.Account.ID)}}
	for _, one := range c.Contributions {
		f.Contributions = append(f.Contributions, one.ID)
		f.rests = append(f.rests, one.ID)
	}
	for _, one := range c.Charges {
		f.Charges = append(f.Charges, one.ID)
	}
	if like != nil {
		f.Member = like.Member
		f.rests = append(f.rests, like.Member)
		f.Remedy = s.linkRemedy(s.members[like.Member], c.Account.ID)
	}
	f.act(s.payerActs(c.Account.ID, like)...)
	s.told[c.Account.ID] = true
	return f
}

// payersOfOrganisations finds people who may pay for an organisation: unmatched
// payers with the address or name of its contact or delegate, and individual
// members with the address of one that has not paid (open-collective.md,
// section 3.4: people often pay personally for their co-op).
func (s *sorting) payersOfOrganisations() {
	for _, c := range s.unclaimed() {
		like := s.likeliest[c.Account.ID]
		if like == nil || c.Account.Type != accountIndividual || s.members[like.Member].Kind != member.Organisation ||
			!slices.Contains(like.Reasons, reasonAddress) && !slices.Contains(like.Reasons, reasonDelegate) {
			continue
		}
		f := s.aboutPayer(DeskPersonPays, c, like)
		f.sentence = tell("%s pays as a person and is linked to nobody; it may be for %s (%s).",
			begin(s.payerWord(c.Account.ID)), memberWord(s.members[like.Member]), phrases(like.Reasons))
		f.action = tell("If these are the organisation's dues, link the account to it. Else make a member of the person, or mark the account as a supporter's.")
		s.add(f)
	}
	for _, m := range s.all {
		if org := s.unpaidOrganisationOf(m); org != nil {
			f := finding{DeskEntry: DeskEntry{Kind: DeskPersonPays, Member: org.ID, Account: s.ref(m.Links[0].Account),
				sentence: tell("%s pays as an individual member, and is contact or delegate of %s, which has not paid.", memberWord(m), memberWord(org)),
				action:   tell("If these are the organisation's dues, merge the person into it: the payments become the organisation's, and there is one vote."),
				Remedy:   command("members", "merge", memberArg(m), memberArg(org), "--reason", "paid for the organisation")},
				subject: []string{string(org.ID), string(m.ID)}}
			f.act(DeskAct{Deed: DeskMerge, Member: m.ID, Into: org.ID, Why: "paid for the organisation"})
			s.add(f)
		}
	}
}

// unpaidOrganisationOf is the organisation without dues of which an individual
// member is contact or delegate, by the address of its account; nil for none.
func (s *sorting) unpaidOrganisationOf(m *standingEntry) *standingEntry {
	addresses := s.addresses(m)
	if m.Kind != member.Individual || !m.stays || len(addresses) == 0 {
		return nil
	}
	for _, org := range s.all {
		known := s.match.known[org.ID]
		if org.Kind != member.Organisation || !org.history.admitted(s.now) || !slices.ContainsFunc(addresses, func(a string) bool { return slices.Contains(known, a) }) {
			continue
		}
		switch s.standing(org.ID).State {
		case eligibility.StateUnknown, eligibility.StateUnpaid, eligibility.StateLapsed:
			return org
		}
	}
	return nil
}

// accountIndividual is upstream's word for the account of a person.
const accountIndividual = "INDIVIDUAL"

// addresses are ownAddresses, each member's read once.
func (s *sorting) addresses(m *standingEntry) []string {
	list, read := s.mails[m.ID]
	if !read {
		list = s.ownAddresses(m)
		s.mails[m.ID] = list
	}
	return list
}

// ownAddresses are the addresses of the persons' accounts that are linked to a
// member, small letters. Those of an organisation's account are its
// administrators', who may have several.
func (s *sorting) ownAddresses(m *standingEntry) (out []string) {
	for _, l := range m.Links {
		if s.accounts[l.Account].Type == accountIndividual && s.now.In(l.From, l.Until) {
			for _, a := range s.details[l.Account].Emails {
				out = append(out, strings.ToLower(a))
			}
		}
	}
	return out
}

// membersAlike finds unmatched payers that look like a member who pays from
// another account already, and members that look like one.
func (s *sorting) membersAlike() {
	for _, c := range s.unclaimed() {
		like := s.likeliest[c.Account.ID]
		if like == nil {
			continue
		}
		m := s.members[like.Member]
		i := slices.IndexFunc(m.Links, func(l store.LinkState) bool { return s.now.In(l.From, l.Until) })
		if i < 0 {
			continue
		}
		f := s.aboutPayer(DeskTwoAccounts, c, like)
		f.sentence = tell("%s pays and is linked to nobody; it looks like %s, who pays as %s (%s).",
			begin(s.payerWord(c.Account.ID)), memberWord(m), s.slug(m.Links[i].Account), phrases(like.Reasons))
		f.action = tell("If they are one, link this account, too: what both pay is added up, and there is one vote.")
		s.add(f)
	}
	for i, later := range s.perhapsAlike() {
		for _, j := range later {
			if why := s.alike(s.all[i], s.all[j]); why != "" {
				s.twoMembers(s.all[i], s.all[j], why)
			}
		}
	}
}

// perhapsAlike are, for each member, those after it that have a name or an address
// with it: to compare each with every other takes seconds from some thousands on.
func (s *sorting) perhapsAlike() [][]int {
	with := map[string][]int{}
	keys := make([][]string, len(s.all))
	for i, m := range s.all {
		if !m.stays || len(m.Links) == 0 {
			continue
		}
		if name := s.match.plain[m.ID]; name != "" {
			keys[i] = append(keys[i], "name "+name)
		}
		for _, address := range s.addresses(m) {
			keys[i] = append(keys[i], "address "+address)
		}
		for _, key := range keys[i] {
			with[key] = append(with[key], i)
		}
	}
	out := make([][]int, len(s.all))
	for i := range s.all {
		for _, key := range keys[i] {
			for _, j := range with[key] {
				if j > i {
					out[i] = append(out[i], j)
				}
			}
		}
		slices.Sort(out[i])
		out[i] = slices.Compact(out[i])
	}
	return out
}

// alike says why two members that pay from accounts look like one; "" when they do not.
func (s *sorting) alike(a, b *standingEntry) string {
	admitted := a.history.admitted(s.now) || b.history.admitted(s.now)
	if !admitted || !a.stays || !b.stays || len(a.Links) == 0 || len(b.Links) == 0 {
		return ""
	}
	if name := s.match.plain[a.ID]; name != "" && name == s.match.plain[b.ID] {
		return "the names are the same"
	}
	theirs := s.addresses(b)
	if slices.ContainsFunc(s.addresses(a), func(address string) bool { return slices.Contains(theirs, address) }) {
		return "their accounts have the same e-mail address"
	}
	return ""
}

// twoMembers proposes to merge the member that came later into the other; one
// that is not admitted into one that is.
func (s *sorting) twoMembers(a, b *standingEntry, why string) {
	first, later := a, b
	rank := func(m *standingEntry) (bool, instant.Instant) {
		door, _ := m.history.door(s.now)
		return m.history.admitted(s.now), door.At
	}
	inA, sinceA := rank(a)
	inB, sinceB := rank(b)
	if inB && !inA || inA == inB && sinceB < sinceA {
		first, later = b, a
	}
	f := finding{DeskEntry: DeskEntry{Kind: DeskTwoAccounts, Member: later.ID, Account: s.ref(later.Links[0].Account), Since: max(sinceA, sinceB),
		sentence: tell("%s (%s) and %s (%s) look like one member: %s.", memberWord(first), memberArg(first), memberWord(later), memberArg(later), phrase(why)),
		action:   tell("If they are one, merge them: a member has one vote, whatever it pays from."),
		Remedy:   command("members", "merge", memberArg(later), memberArg(first), "--reason", "the same member twice")},
		subject: []string{string(first.ID), string(later.ID)}}
	f.act(DeskAct{Deed: DeskMerge, Member: later.ID, Into: first.ID, Why: "the same member twice"})
	s.add(f)
}

// unmatchedPayers finds the payers that are linked to nobody and are left.
func (s *sorting) unmatchedPayers() {
	for _, c := range s.unclaimed() {
		like := s.likeliest[c.Account.ID]
		f := s.aboutPayer(DeskUnmatched, c, like)
		who, does := begin(s.payerWord(c.Account.ID)), gives(c)
		f.sentence = tell("%s %s and is linked to nobody.", who, does)
		arg := s.accountArg(c.Account.ID)
		switch why := unfit(c.Account); {
		case like != nil:
			f.sentence = tell("%s %s and is linked to nobody; it looks like %s (%s).", who, does, memberWord(s.members[like.Member]), phrases(like.Reasons))
			f.action = tell("If it is, link the account. Else make a member of it (goodstanding members adopt), or mark it as a supporter's.")
		case why != "":
			f.action = tell("No member can be linked to it: %s. Mark it as a supporter's; a member who pays this way tells the treasurer (goodstanding pay).", phrase(why))
			f.Remedy = command("members", "supporter", arg)
		case c.recurring || len(c.Charges) == 0:
			f.action = tell("If it was admitted as a member, make it one. Else mark it as a supporter's (goodstanding members supporter): paying alone makes nobody a member.")
			f.Remedy = command("members", "adopt", arg)
		default:
			f.action = tell("A gift makes nobody a member: mark the account as a supporter's. If it was dues, link it first (goodstanding link).")
			slices.Reverse(f.Acts) // the supporter's mark comes first
			f.Remedy = command("members", "supporter", arg)
		}
		s.add(f)
	}
}

// gives is what a payer does, in words.
func gives(c *candidate) said {
	switch {
	case len(c.Charges) == 0:
		return tell("has promised a payment")
	case slices.ContainsFunc(c.Contributions, func(c store.ContributionRow) bool { return running(c) && c.Interval != eligibility.OneOff }):
		return tell("pays")
	case c.recurring:
		return tell("has paid")
	}
	return tell("gave once")
}
