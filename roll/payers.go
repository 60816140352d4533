package roll

import (
	"cmp"
	"context"
	"fmt"
	"slices"
	"strings"

	"coopcloud.tech/goodstanding/eligibility"
	"coopcloud.tech/goodstanding/internal/arrange"
	"coopcloud.tech/goodstanding/internal/instant"
	"coopcloud.tech/goodstanding/internal/money"
	"coopcloud.tech/goodstanding/internal/tongue"
	"coopcloud.tech/goodstanding/member"
	"coopcloud.tech/goodstanding/store"
)

// PayerCard is a payer who is linked to nobody and is no supporter, with what it pays
// and what can be done about it. Its texts hold no amount and no e-mail address.
type PayerCard struct {
	Account AccountRef
	Name    string // "an incognito payer" for who is not shown
	// Sentence says what it does, and why no member can be linked to it, if so.
	Sentence string
	// Amount is what its newest contribution that goes on promises, else what it paid
	// last; nil for neither. Every is how often; "" for a single payment.
	Amount *money.Money
	Every  string
	// Since is its first charge, else when its contribution was made; LastPaid is 0 for
	// never.
	Since, LastPaid instant.Instant
	Charges         int
	// Likely are members that it looks like, the likeliest first, at most mostLikely.
	Likely []Suggestion
	// Acts are one link for each of Likely, and what else can be.
	Acts []DeskAct

	name, sentence said
}

// mostLikely is how many members a payer's card suggests.
const mostLikely = 3

// Payers lists the payers who are linked to nobody: those that go on paying first, then
// by name.
func (r *Roll) Payers(ctx context.Context) ([]PayerCard, error) {
	var out []PayerCard
	err := r.db.View(ctx, func(tx *store.Tx) error {
		s, err := r.newSorting(ctx, tx, r.now())
		if err != nil {
			return err
		}
		likely := map[member.AccountID][]*Suggestion{}
		for _, one := range s.match.pairs() { // the likeliest first
			if list := likely[one.Account.ID]; len(list) < mostLikely {
				likely[one.Account.ID] = append(list, &one)
			}
		}
		out = make([]PayerCard, len(s.payers))
		for i := range s.payers {
			out[i] = s.payerCard(&s.payers[i], likely[s.payers[i].Account.ID])
		}
		arrange.By(out, func(a, b PayerCard) int {
			return cmp.Or(strings.Compare(b.Every, a.Every), strings.Compare(strings.ToLower(a.Name), strings.ToLower(b.Name)), cmp.Compare(a.Account.ID, b.Account.ID))
		})
		return nil
	})
	if err != nil {
		return nil, fmt.Errorf("list the payers: %w", err)
	}
	return out, nil
}

func (s *sorting) payerCard(c *candidate, likely []*Suggestion) PayerCard {
	id := c.Account.ID
	card := PayerCard{Account: s.ref(id), name: s.payerWord(id), Since: c.first, Charges: len(c.Charges)}
	card.sentence = tell("%s %s and is linked to nobody.", begin(card.name), gives(c))
	if why := unfit(c.Account); why != "" {
		card.sentence = tell("%s No member can be linked to it: %s.", card.sentence, phrase(why))
		likely = nil
	}
	card.Name, card.Sentence = card.NameIn(tongue.English()), card.SentenceIn(tongue.English())
	if n := len(c.Charges); n > 0 {
		card.Amount, card.LastPaid = &c.Charges[n-1].Amount, c.Charges[n-1].Created
	}
	newest := instant.Instant(0)
	for i := range c.Contributions {
		if one := &c.Contributions[i]; running(*one) && one.Interval != eligibility.OneOff && one.Created >= newest {
			newest, card.Amount, card.Every = one.Created, &one.Amount, every(one.Interval).in(tongue.English(), nil)
		}
	}
	for _, one := range likely {
		card.Likely = append(card.Likely, *one)
	}
	f := finding{DeskEntry: DeskEntry{Kind: DeskUnmatched}, subject: []string{string(id)}}
	f.act(s.payerActs(id, likely...)...)
	card.Acts = f.Acts
	s.named(card.Acts)
	return card
}

// SortOutPayer does what a payer's card offers under a mark; it is refused like SortOut.
func (r *Roll) SortOutPayer(ctx context.Context, by By, account member.AccountID, mark string) (DeskAct, Report, error) {
	cards, err := r.Payers(ctx)
	if err != nil {
		return DeskAct{}, Report{}, err
	}
	i := slices.IndexFunc(cards, func(c PayerCard) bool { return c.Account.ID == account })
	if i < 0 {
		return DeskAct{}, Report{}, &Refused{What: sortOutWhat, Reasons: []string{"this payer is not without a member any more: it may be sorted out already"}}
	}
	return r.sortOut(ctx, by, cards[i].Acts, mark)
}

// SupporterLine is an account that is marked as a supporter's.
type SupporterLine struct {
	Account AccountRef
	Name    string // "an incognito payer" for who is not shown
	Since   instant.Instant

	name said
}

// Supporters lists the accounts that are marked as supporters', by name.
func (r *Roll) Supporters(ctx context.Context) ([]SupporterLine, error) {
	var out []SupporterLine
	err := r.db.View(ctx, func(tx *store.Tx) error {
		inv, err := takeInventory(ctx, tx, r.now())
		if err != nil {
			return err
		}
		s := &sorting{inventory: inv, zone: r.zone}
		out = nil
		for id, row := range inv.supporters {
			line := SupporterLine{Account: s.ref(id), name: s.payerWord(id), Since: row.Known}
			line.Name = line.NameIn(tongue.English())
			out = append(out, line)
		}
		sortByName(out, func(l SupporterLine) string { return l.Name + "\x00" + string(l.Account.ID) })
		return nil
	})
	if err != nil {
		return nil, fmt.Errorf("list the supporters: %w", err)
	}
	return out, nil
}
