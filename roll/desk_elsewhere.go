package roll

import (
	"cmp"
	"maps"
	"slices"

	"coopcloud.tech/goodstanding/eligibility"
	"coopcloud.tech/goodstanding/internal/arrange"
	"coopcloud.tech/goodstanding/internal/tongue"
	"coopcloud.tech/goodstanding/member"
	"coopcloud.tech/goodstanding/store"
)

// mostNamed is how many payers one entry names.
const mostNamed = 5

// wrongAccounts finds what is paid regularly to a project or an event of the
// collective, which is no dues (open-collective.md, section 11, case 44): each
// contribution of a member whose dues are not paid otherwise, and for each
// project those of accounts that are linked to nobody, of which one may be a
// member's. What supporters give there, and members beside their dues, is what
// it says.
func (s *sorting) wrongAccounts() {
	strangers := map[member.AccountID][]store.ElsewhereRow{}
	for _, id := range slices.Sorted(maps.Keys(s.elsewhere)) {
		c := s.elsewhere[id]
		_, supporter := s.supporters[c.Account]
		if !c.Listed || supporter || !goesOn(c.Status, c.Processed != 0) {
			continue
		}
		switch m := s.owner(c.Account, s.now); {
		case m == nil:
			strangers[c.ToAccount] = append(strangers[c.ToAccount], c)
		case m.stays && !paidOtherwise(s.standing(m.ID).State):
			s.wrongAccount(m, c)
		}
	}
	for _, to := range slices.Sorted(maps.Keys(strangers)) {
		s.strangersAt(to, strangers[to])
	}
}

// paidOtherwise says that nothing is owed.
func paidOtherwise(state eligibility.State) bool {
	return state == eligibility.StateCurrent || state == eligibility.StateWaived
}

func (s *sorting) wrongAccount(m *standingEntry, c store.ElsewhereRow) {
	amount := c.Amount
	s.add(finding{DeskEntry: DeskEntry{Kind: DeskWrongAccount, Member: m.ID, Account: s.ref(c.Account), Contributions: []string{c.ID},
		Since: c.Created, Amount: &amount,
		sentence: tell("The %s contribution of %s goes to %s, a project or an event of the collective, and is no dues.", every(c.Every), memberWord(m), s.slug(c.ToAccount)),
		action:   tell("If dues were meant, ask the member to contribute to the collective itself; what went to the project until then can be entered as a payment (goodstanding pay), if you agree that it counts."),
	}, subject: []string{c.ID}, rests: []any{c.ToAccount}, because: "meant for the project"})
}

func (s *sorting) strangersAt(to member.AccountID, list []store.ElsewhereRow) {
	arrange.By(list, func(a, b store.ElsewhereRow) int {
		return cmp.Or(cmp.Compare(a.Created, b.Created), cmp.Compare(a.ID, b.ID))
	})
	f := finding{DeskEntry: DeskEntry{Kind: DeskWrongAccount, Since: list[0].Created}, subject: []string{string(to)}, because: "meant for the project"}
	var names several
	seen := map[string]bool{}
	for _, c := range list {
		f.Contributions = append(f.Contributions, c.ID)
		f.rests = append(f.rests, c.ID)
		name := s.payerWord(c.Account)
		if words := name.in(tongue.English(), nil); !seen[words] {
			seen[words] = true
			names = append(names, name)
		}
	}
	if len(names) == 1 {
		f.Account = s.ref(list[0].Account)
		f.sentence = tell("%s is linked to nobody and pays regularly to %s, a project or an event of the collective, which is no dues.", begin(names[0]), s.slug(to))
	} else {
		f.sentence = tell("%d payers who are linked to nobody pay regularly to %s, a project or an event of the collective, which is no dues: %s.", len(names), s.slug(to), listed(names))
	}
	f.action = tell("If one of them is a member and meant dues by it, link the account (goodstanding link) and ask the member to contribute to the collective itself.")
	s.add(f)
}

// listed joins names, the first few of many.
func listed(names several) said {
	if more := len(names) - mostNamed; more > 0 {
		return tell("%s and %d more", commas(names[:mostNamed]), more)
	}
	return tell("%s", names)
}
