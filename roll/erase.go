package roll

import (
	"context"
	"fmt"
	"regexp"
	"slices"
	"strings"
	"unicode"

	"coopcloud.tech/goodstanding/decisions"
	"coopcloud.tech/goodstanding/eligibility"
	"coopcloud.tech/goodstanding/internal/instant"
	"coopcloud.tech/goodstanding/member"
	"coopcloud.tech/goodstanding/store"
)

// The words of the audit chain for erasing; never reused or renamed.
const (
	actionEraseMember  = "erase_member"
	actionEraseAccount = "erase_account"
)

// erasedMember stands for a member whose names were erased.
const erasedMember = "a member that was erased since"

// EraseMember erases what is stored of a member that has left, and of those that were
// merged into it: names, contacts, profile, logo, consent, its application, the reasons
// of its entries, names and addresses of its accounts that are no other's now or later, and
// contacts of opportunities that hold any of those addresses.
// Its facts stay, by id, so that nothing that was decided or counted changes. It is for
// treasurers and the operator, and cannot be undone: who comes back is added anew.
//
// Where domain.md is silent: it is refused while the member has not left, somebody is
// its delegate, a second person is asked about it, or a decision that is not ended has to
// do with it; what stands in a published record, its name beside a ballot too, stays. The
// reason must not name it, because that is what is left to be read.
func (r *Roll) EraseMember(ctx context.Context, by By, id member.ID) error {
	_, err := r.enter(ctx, by, actionEraseMember, "erase the member", string(id), func(a *act) error {
		if !a.keeper() {
			return nil
		}
		if _, ok := a.member(id); !ok {
			return nil
		}
		a.mayBeErased(id)
		a.nobodyActsFor(id)
		if err := a.nothingOpen(ctx, id); err != nil {
			return err
		}
		all := a.mergedInto(id)
		words, err := a.namesOf(ctx, all)
		if err != nil {
			return err
		}
		accounts, err := a.accountsOf(ctx, all)
		if err != nil {
			return err
		}
		theirs, err := a.namesOfAccounts(ctx, accounts)
		if err != nil {
			return err
		}
		words = append(words, theirs...)
		a.reasonNamesNone(words)
		if a.refused() {
			return nil
		}
		return a.eraseMembers(ctx, id, all, accounts, words)
	})
	return err
}

// EraseAccount erases names and addresses of an Open Collective account that is no
// member's, also in contacts of opportunities, and why it was marked as supporter or put
// aside. An address that is also a person's here, or a contact's of a member, stays in
// contacts of opportunities: it is theirs who are still written to by it. Its payments
// stay, by id. Open Collective goes on showing who paid; readings store no name of it any
// more until it is linked to a member. It is for treasurers and the operator.
func (r *Roll) EraseAccount(ctx context.Context, by By, id member.AccountID) error {
	_, err := r.enter(ctx, by, actionEraseAccount, "erase the account", string(id), func(a *act) error {
		if !a.keeper() {
			return nil
		}
		acc, err := a.account(ctx, id)
		if err != nil {
			return err
		}
		if !acc.shown {
			return nil
		}
		if err := a.accountErasable(ctx, acc); err != nil || a.refused() {
			return err
		}
		words, err := a.namesOfAccounts(ctx, []member.AccountID{id})
		if err != nil {
			return err
		}
		if words, err = a.nobodyElses(ctx, words); err != nil {
			return err
		}
		nobodys := func(*store.Opportunity) bool { return false }
		if err := a.forgetContact(ctx, erasedPerson, nobodys, words); err != nil {
			return err
		}
		return a.tx.EraseAccount(ctx, id)
	})
	return err
}

// erased says that a member's names were erased: each other one has a handle.
func erased(m store.MemberInfo) bool { return m.ID != "" && m.Detail.Handle == "" }

// mayBeErased refuses a member that has not left, or comes back.
func (a *act) mayBeErased(id member.ID) {
	h := a.history(id)
	if _, left := h.left(a.now); !left {
		a.refuse("%s has not left: end the membership first (members leave)", a.handle(id))
	}
	for _, kind := range []eligibility.MembershipKind{eligibility.Admitted, eligibility.Applied} {
		for _, e := range h.planned(a.now, kind) {
			a.refuse("%s is a member, or an applicant, again from %s on", a.handle(id), a.date(e.At))
		}
	}
}

// nobodyActsFor refuses a member that somebody is delegate of.
func (a *act) nobodyActsFor(id member.ID) {
	for i := range a.people {
		p := &a.people[i]
		for _, d := range p.Delegates {
			if d.Member == id {
				a.refuse("%s is its delegate: end that first (people delegate %s %s --off), or remove the person (people remove %s)", p.ID, p.ID, a.handle(id), p.ID)
			}
		}
	}
}

// nothingOpen refuses a member that something unfinished is about.
func (a *act) nothingOpen(ctx context.Context, id member.ID) error {
	motions, err := a.tx.Motions(ctx)
	if err != nil {
		return err
	}
	for _, m := range motions {
		if m.About == id {
			a.refuse("a second person is asked about it since %s: have that agreed to or taken back", a.date(m.At))
		}
	}
	heads, err := a.tx.DecisionHeads(ctx)
	if err != nil {
		return err
	}
	for _, h := range heads {
		if decisions.State(h.State).Final() {
			continue
		}
		entries, err := a.tx.DecisionEntries(ctx, h.Decision)
		if err != nil {
			return err
		}
		if slices.ContainsFunc(entries, func(e store.DecisionEntry) bool { return strings.Contains(e.Private, `"`+string(id)+`"`) }) {
			a.refuse("%s has to do with it, and is not ended", decisionWord(h))
		}
	}
	return nil
}

// decisionWord is how refusals name a decision.
func decisionWord(h store.DecisionHead) string {
	if h.Number == 0 {
		return "the draft " + h.Decision
	}
	return fmt.Sprintf("decision %d", h.Number)
}

// mergedInto are the member and those that were merged into it.
func (a *act) mergedInto(id member.ID) []member.ID {
	all := []member.ID{id}
	for _, m := range a.members {
		if m.MergedInto == id {
			all = append(all, m.ID)
		}
	}
	return all
}

// namesOf is what the members could be recognised by in a text.
func (a *act) namesOf(ctx context.Context, ids []member.ID) ([]string, error) {
	var words []string
	for _, id := range ids {
		m, _ := a.info(id)
		words = append(words, m.Detail.Handle, m.Detail.Name, m.Detail.PublicName)
	}
	contacts, err := a.tx.Contacts(ctx)
	for _, c := range contacts {
		if slices.Contains(ids, c.Member) {
			words = append(words, c.Email, c.Matrix)
		}
	}
	return words, err
}

// namesOfAccounts is what the accounts could be recognised by in a text, also what they
// were called before.
func (a *act) namesOfAccounts(ctx context.Context, ids []member.AccountID) ([]string, error) {
	details, err := a.tx.AccountDetails(ctx)
	if err != nil {
		return nil, err
	}
	former, err := a.tx.FormerAccounts(ctx)
	var words []string
	for _, id := range ids {
		words = append(append(words, details[id].Slug, details[id].Name), details[id].Emails...)
	}
	for _, f := range former {
		if slices.Contains(ids, f.Account) {
			words = append(words, f.Slug, f.Name)
		}
	}
	return words, err
}

// nobodyElses are the words but addresses that people have, or contacts of members that
// have not left.
func (a *act) nobodyElses(ctx context.Context, words []string) ([]string, error) {
	contacts, err := a.tx.Contacts(ctx)
	theirs := map[string]bool{}
	for i := range a.people {
		theirs[strings.ToLower(a.people[i].Email)] = true
	}
	for _, c := range contacts {
		if _, left := a.history(c.Member).left(a.now); !left {
			theirs[strings.ToLower(c.Email)] = true
		}
	}
	return slices.DeleteFunc(words, func(w string) bool { return theirs[strings.ToLower(w)] }), err
}

// reasonNamesNone refuses a reason that says what is erased: it stays.
func (a *act) reasonNamesNone(words []string) {
	for _, w := range words {
		if namesIt(a.by.Reason, w) {
			a.refuse("the reason names what is erased, and stays to be read: write it without")
			return
		}
	}
}

// eraseMembers erases all there is about some members, which are one.
func (a *act) eraseMembers(ctx context.Context, id member.ID, all []member.ID, accounts []member.AccountID, words []string) error {
	a.payload["accounts"] = accounts
	own := func(o *store.Opportunity) bool { return slices.Contains(all, o.Member) }
	if err := a.forgetContact(ctx, erasedMember, own, words); err != nil {
		return err
	}
	for _, one := range all {
		if err := a.tx.EraseMember(ctx, one); err != nil {
			return err
		}
		if one != id {
			if err := a.alsoAudit(ctx, actionEraseMember, string(one), map[string]any{"into": id}); err != nil {
				return err
			}
		}
	}
	for _, acc := range accounts {
		if err := a.tx.EraseAccount(ctx, acc); err != nil {
			return err
		}
	}
	return nil
}

// accountsOf are the accounts that were linked to these members and will not be another's.
func (a *act) accountsOf(ctx context.Context, ids []member.ID) ([]member.AccountID, error) {
	links, err := a.tx.Links(ctx)
	if err != nil {
		return nil, err
	}
	others := map[member.AccountID]bool{}
	for _, l := range links {
		if !slices.Contains(ids, l.Member) && reaches(l, a.now) {
			others[l.Account] = true
		}
	}
	out := []member.AccountID{}
	for _, l := range links {
		if slices.Contains(ids, l.Member) && !others[l.Account] && !slices.Contains(out, l.Account) {
			out = append(out, l.Account)
		}
	}
	return out, nil
}

// reaches says that a link holds at t or later.
func reaches(l store.LinkState, t instant.Instant) bool { return l.Until == 0 || l.Until > t }

// forgetContact takes who is erased out of the contacts of opportunities: of its own
// where one of the words stands in it, of all others where one of them is an address
// that does.
func (a *act) forgetContact(ctx context.Context, instead string, own func(*store.Opportunity) bool, words []string) error {
	posted, err := a.tx.Opportunities(ctx)
	if err != nil {
		return err
	}
	for _, o := range posted {
		mine := own(&o)
		if !slices.ContainsFunc(words, func(w string) bool { return mine && mentions(o.Contact, w) || holdsAddress(o.Contact, w) }) {
			continue
		}
		o.Contact = instead
		if err := a.tx.SetOpportunity(ctx, o); err != nil {
			return err
		}
	}
	return nil
}

// mentions says that a text holds a word, in whatever capitals; none holds no word.
func mentions(text, word string) bool {
	return word != "" && strings.Contains(strings.ToLower(text), strings.ToLower(word))
}

// holdsAddress says that a text holds an e-mail address or a Matrix id, and not as a
// part of another one; a word that is none is held by nothing.
func holdsAddress(text, address string) bool {
	return looksLikeAddress(address) &&
		regexp.MustCompile(`(?i)(^|[^\pL\pN._%+-])`+regexp.QuoteMeta(address)+`\.*($|[^\pL\pN.-])`).MatchString(text)
}

// accountErasable refuses an account that is a member's, the collective's own, or erased.
func (a *act) accountErasable(ctx context.Context, acc *account) error {
	collective, _, err := a.tx.Setting(ctx, store.SettingCollective)
	if err != nil {
		return err
	}
	if string(acc.ID) == collective {
		a.refuse("%s is the collective itself", acc.word())
	}
	for _, l := range acc.links {
		if m, _ := a.info(l.Member); reaches(l, a.now) && !erased(m) {
			a.refuse("%s is linked to %s: end that link first (unlink), or erase the member (members erase)", acc.word(), a.handle(l.Member))
		}
	}
	details, err := a.tx.AccountDetails(ctx)
	if err != nil {
		return err
	}
	if details[acc.ID].Erased() {
		a.refuse("%s was erased already", acc.word())
	}
	words, err := a.namesOfAccounts(ctx, []member.AccountID{acc.ID})
	a.reasonNamesNone(words)
	return err
}

// namesIt says that a text holds words as words of its own, in whatever capitals; none
// hold no words.
func namesIt(text, words string) bool {
	fields := func(s string) string {
		return " " + strings.Join(strings.FieldsFunc(strings.ToLower(s), func(r rune) bool { return !unicode.IsLetter(r) && !unicode.IsDigit(r) }), " ") + " "
	}
	w := fields(words)
	return strings.TrimSpace(w) != "" && strings.Contains(fields(text), w)
}
