package roll

import (
	"cmp"
	"context"
	"fmt"
	"net/url"
	"slices"
	"strings"

	"coopcloud.tech/goodstanding/internal/arrange"
	"coopcloud.tech/goodstanding/member"
	"coopcloud.tech/goodstanding/store"
)

// Suggestion is a pair that may belong together: an unmatched payer and a
// member. It is never applied by itself; `link MEMBER ACCOUNT` does.
type Suggestion struct {
	Account      AccountRef
	AccountName  string
	Member       member.ID
	Handle, Name string
	// Score orders suggestions; the most likely have the highest.
	Score   int
	Reasons []string
}

// SuggestLinks lists likely pairs of unmatched payers and members with the
// reasons, the most likely first. No reason repeats an e-mail address.
func (r *Roll) SuggestLinks(ctx context.Context) ([]Suggestion, error) {
	var out []Suggestion
	err := r.db.View(ctx, func(tx *store.Tx) error {
		now := r.now()
		payers, err := tx.Unmatched(ctx, now)
		if err != nil {
			return err
		}
		inv, err := takeInventory(ctx, tx, now)
		if err != nil {
			return err
		}
		m, err := newMatcher(ctx, tx, inv, payers)
		if err == nil {
			out = m.pairs()
		}
		return err
	})
	if err != nil {
		return nil, fmt.Errorf("suggest links: %w", err)
	}
	return out, nil
}

// matcher is what likely pairs are found by.
type matcher struct {
	payers  []store.UnmatchedPayer // those whom a member can stand behind
	members []store.MemberInfo     // those that stay
	// known are the addresses of a member's contacts and delegates, small letters.
	known map[member.ID][]string
	// delegates are the names of a member's delegates, as they are compared.
	delegates map[member.ID][]string
	// plain are the members' names as they are compared.
	plain map[member.ID]string
	// payerBefore is the newest charge of a contribution that counts for a
	// member, and whose it is.
	payerBefore map[string]paidBefore
	// slugBefore are the accounts whose slug an account of that member had before.
	slugBefore map[member.AccountID]member.ID
}

type paidBefore struct {
	member member.ID
	charge store.ChargeRow
}

func newMatcher(ctx context.Context, tx *store.Tx, inv *inventory, payers []store.UnmatchedPayer) (*matcher, error) {
	m := &matcher{known: map[member.ID][]string{}, delegates: map[member.ID][]string{}, plain: map[member.ID]string{}, payerBefore: map[string]paidBefore{}}
	for _, p := range payers {
		if unfit(p.Account) == "" {
			m.payers = append(m.payers, p)
		}
	}
	for _, e := range inv.all {
		if !e.stays {
			continue
		}
		m.members = append(m.members, e.MemberInfo)
		m.plain[e.ID] = plainName(e.Detail.Name)
		for _, c := range e.contacts {
			m.know(e.ID, c.Email)
		}
		for _, p := range inv.delegates[e.ID] {
			m.know(e.ID, p.Email)
			m.delegates[e.ID] = append(m.delegates[e.ID], plainName(p.Name))
		}
	}
	former, err := tx.FormerAccounts(ctx)
	if err != nil {
		return nil, err
	}
	m.slugBefore = inv.slugsBefore(former)
	charges, err := tx.Charges(ctx)
	if err != nil {
		return nil, err
	}
	m.readPayersBefore(inv, charges)
	return m, nil
}

func (m *matcher) know(id member.ID, address string) {
	if address != "" {
		m.known[id] = append(m.known[id], strings.ToLower(address))
	}
}

// readPayersBefore finds contributions whose earlier charges were made by an
// account that was linked to a member: upstream merged accounts, or the payer
// was changed (domain.md, section 2, "Money decides"). The newest such charge
// says whose.
func (m *matcher) readPayersBefore(inv *inventory, charges map[string]store.ChargeRow) {
	for _, c := range charges {
		owner := inv.owner(c.Account, c.Created)
		if c.Contribution == "" || owner == nil || !owner.stays {
			continue
		}
		if was, ok := m.payerBefore[c.Contribution]; !ok || laterCharge(c, was.charge) {
			m.payerBefore[c.Contribution] = paidBefore{owner.ID, c}
		}
	}
}

func (m *matcher) pairs() []Suggestion {
	var out []Suggestion
	near := newResemblance(m)
	for _, p := range m.payers {
		name := plainName(p.Name)
		for _, place := range near.of(m, &p, name) {
			i := m.members[place]
			s := Suggestion{Account: AccountRef{ID: p.Account.ID, Slug: p.Slug}, AccountName: p.Name,
				Member: i.ID, Handle: i.Detail.Handle, Name: i.Detail.Name}
			m.weigh(&s, &p, &i, name)
			if s.Score > 0 {
				out = append(out, s)
			}
		}
	}
	arrange.By(out, func(a, b Suggestion) int {
		return cmp.Or(cmp.Compare(b.Score, a.Score), cmp.Compare(a.Account.Slug, b.Account.Slug),
			cmp.Compare(a.Account.ID, b.Account.ID), cmp.Compare(a.Handle, b.Handle), cmp.Compare(a.Member, b.Member))
	})
	return out
}

// The reasons that point to a person who pays for an organisation.
const (
	reasonAddress  = "its e-mail address is that of a contact or delegate of this member"
	reasonDelegate = "its name is that of a delegate of this member"
)

// weigh collects the reasons for a pair, the strongest first; name is the
// payer's as it is compared.
func (m *matcher) weigh(s *Suggestion, p *store.UnmatchedPayer, i *store.MemberInfo, name string) {
	add := func(is bool, score int, reason string) {
		if is {
			s.Score += score
			s.Reasons = append(s.Reasons, reason)
		}
	}
	paid := slices.ContainsFunc(p.Contributions, func(c store.ContributionRow) bool { return m.payerBefore[c.ID].member == i.ID })
	add(paid, 10, "its contribution was paid by an account of this member before")
	mail := slices.ContainsFunc(p.Emails, func(e string) bool { return slices.Contains(m.known[i.ID], strings.ToLower(e)) })
	add(mail, 8, reasonAddress)
	handle := i.Detail.Handle
	other := m.plain[i.ID]
	add(name != "" && slices.Contains(m.delegates[i.ID], name), 7, reasonDelegate)
	// A slug that was taken over says nothing (open-collective.md, section 11, case 26).
	add(handle != "" && strings.EqualFold(p.Slug, handle) && m.slugBefore[p.Account.ID] != i.ID, 6, "its slug is the member's handle")
	same := name != "" && name == other
	add(same, 6, "the names are the same")
	add(!same && similar(name, other), 3, "the names are similar")
	site := hostOf(i.Detail.Website)
	at := slices.ContainsFunc(p.Emails, func(e string) bool { return site != "" && domainOf(e) == site })
	add(at && !mail, 4, "its e-mail address is at the member's website, "+site)
}

// plainName is a name as it is compared: small letters, digits and spaces,
// without the words for what a body legally is.
func plainName(name string) string {
	words := strings.Split(member.Handle(name), "-")
	legal := []string{"ltd", "limited", "co", "op", "coop", "cooperative", "cic", "cio", "ev", "scic", "scop", "sccl", "inc", "llc", "the"}
	kept := slices.DeleteFunc(slices.Clone(words), func(w string) bool { return slices.Contains(legal, w) })
	if len(kept) == 0 {
		kept = words
	}
	return strings.Join(kept, " ")
}

// similar says whether two names differ by a slip of the finger, or one begins
// with the whole words of the other.
func similar(a, b string) bool {
	if min(len(a), len(b)) < 4 {
		return false
	}
	if strings.HasPrefix(a+" ", b+" ") || strings.HasPrefix(b+" ", a+" ") {
		return true
	}
	return letters(a, b) <= slips(len(a), len(b))
}

// slips is by how many letters two names of these lengths may differ and be similar.
func slips(a, b int) int { return max(1, min(a, b)/6) }

func hostOf(website string) string {
	u, err := url.Parse(website)
	if err != nil {
		return ""
	}
	return strings.TrimPrefix(strings.ToLower(u.Hostname()), "www.")
}

func domainOf(address string) string {
	_, domain, _ := strings.Cut(address, "@")
	return strings.ToLower(domain)
}
