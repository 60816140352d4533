package roll

import (
	"context"
	"slices"

	"coopcloud.tech/goodstanding/internal/instant"
	"coopcloud.tech/goodstanding/member"
)

// DeskDeed says what a remedy does. The words are a closed set.
type DeskDeed string

// The deeds of a treasurer that sort an entry out at once.
const (
	DeskLink      DeskDeed = "link"      // the account to the member
	DeskSupporter DeskDeed = "supporter" // mark the account as one's
	DeskAdopt     DeskDeed = "adopt"     // make a member of the account
	DeskPay       DeskDeed = "pay"       // enter the payment
	DeskWaive     DeskDeed = "waive"     // the member's dues until an instant
	DeskMerge     DeskDeed = "merge"     // the member into another
	DeskDelegate  DeskDeed = "delegate"  // make the person delegate of the member
)

// DeskAct is a deed with all that it needs but a reason.
type DeskAct struct {
	Deed    DeskDeed
	Member  member.ID // "" for none
	Into    member.ID // that a member is merged into
	Account member.AccountID
	Person  member.PersonID
	From    instant.Instant // of a link; 0 for all time
	Until   instant.Instant // of a waiver
	Payment PaymentEntry
	// Why is a reason to begin with.
	Why string
	// Name is the member's, To that of the member it is merged into, or of the person.
	Name, To string
	// Mark tells this act from what another look at the desk may offer instead.
	Mark string
}

// act offers deeds, the likeliest first.
func (f *finding) act(acts ...DeskAct) {
	for _, a := range acts {
		a.Mark = digest(f.Kind, f.subject, a)[:16]
		f.Acts = append(f.Acts, a)
	}
}

// linkAct is the deed of linkRemedy.
func (s *sorting) linkAct(m *standingEntry, id member.AccountID) DeskAct {
	from, _ := s.linkSpan(id)
	return DeskAct{Deed: DeskLink, Member: m.ID, Account: id, From: from, Why: "its payments are those of " + memberWord(m)}
}

// payerActs are what can be done about a payer who is linked to nobody: link it to
// whom it looks like, make a member of it, or say that it gives and is none.
func (s *sorting) payerActs(id member.AccountID, like ...*Suggestion) (acts []DeskAct) {
	for _, one := range like {
		if one != nil {
			acts = append(acts, s.linkAct(s.members[one.Member], id))
		}
	}
	if !s.unlinkable(id) {
		acts = append(acts, DeskAct{Deed: DeskAdopt, Account: id, Why: "was admitted as a member"})
	}
	return append(acts, supporterAct(id))
}

func supporterAct(id member.AccountID) DeskAct {
	return DeskAct{Deed: DeskSupporter, Account: id, Why: "gives, and is no member"}
}

// SortOut does what an entry of the desk offers under a mark, as the one who asks. The
// error is a *Refused where the entry is gone, where it offers something else by now,
// and where the deed itself is refused: then nothing was changed.
func (r *Roll) SortOut(ctx context.Context, by By, entry, mark string) (DeskAct, Report, error) {
	entries, err := r.Desk(ctx, true)
	if err != nil {
		return DeskAct{}, Report{}, err
	}
	i := slices.IndexFunc(entries, func(e DeskEntry) bool { return e.ID == entry })
	if i < 0 {
		return DeskAct{}, Report{}, &Refused{What: sortOutWhat, Reasons: []string{"it is not on the desk any more: it may be sorted out already"}}
	}
	return r.sortOut(ctx, by, entries[i].Acts, mark)
}

const sortOutWhat = "sort it out"

// sortOut does the act that has the mark.
func (r *Roll) sortOut(ctx context.Context, by By, acts []DeskAct, mark string) (DeskAct, Report, error) {
	n := slices.IndexFunc(acts, func(a DeskAct) bool { return a.Mark == mark })
	if n < 0 {
		return DeskAct{}, Report{}, &Refused{What: sortOutWhat, Reasons: []string{"what it is about has changed since it was shown: look at it again"}}
	}
	act := acts[n]
	report, err := r.carryOut(ctx, by, &act)
	return act, report, err
}

// named fills in whom acts are about.
func (s *sorting) named(acts []DeskAct) {
	for i := range acts {
		a := &acts[i]
		if m := s.members[a.Member]; m != nil {
			a.Name = memberWord(m)
		}
		if m := s.members[a.Into]; m != nil {
			a.To = memberWord(m)
		}
		for _, p := range s.persons {
			if a.Person != "" && p.ID == a.Person && !looksLikeAddress(p.Name) {
				a.To = p.Name
			}
		}
	}
}

func (r *Roll) carryOut(ctx context.Context, by By, a *DeskAct) (report Report, err error) {
	switch a.Deed {
	case DeskLink:
		return r.Link(ctx, by, a.Member, a.Account, a.From, 0)
	case DeskSupporter:
		return report, r.Supporter(ctx, by, a.Account, true)
	case DeskAdopt:
		_, report, err = r.Adopt(ctx, by, Adopt{Accounts: []member.AccountID{a.Account}})
	case DeskPay:
		_, report, err = r.Pay(ctx, by, a.Payment)
	case DeskWaive:
		_, report, err = r.Waive(ctx, by, a.Member, 0, a.Until, "")
	case DeskMerge:
		return r.Merge(ctx, by, a.Member, a.Into)
	case DeskDelegate:
		return report, r.SetDelegate(ctx, by, a.Person, a.Member, true)
	}
	return report, err
}
