package roll

import (
	"context"
	"errors"
	"slices"
	"strings"
	"unicode/utf8"

	"coopcloud.tech/goodstanding/eligibility"
	"coopcloud.tech/goodstanding/internal/arrange"
	"coopcloud.tech/goodstanding/internal/instant"
	"coopcloud.tech/goodstanding/member"
	"coopcloud.tech/goodstanding/store"
)

// Adopt says which unmatched payers become members.
type Adopt struct {
	// All adopts every payer with a charge on a recurring contribution, or with
	// a PENDING or PROCESSING one.
	All bool
	// MeetingDues adopts those whose state would be current or grace.
	MeetingDues bool
	// Accounts adopts these, whatever they paid; one that cannot be is refused.
	Accounts []member.AccountID
	// Since is when they were admitted; 0 is each one's first charge, else the
	// creation of its contribution.
	Since instant.Instant
	// Dry adopts nobody and says what would be.
	Dry bool
}

// AdoptedRow is a payer that became a member, linked to its account for all
// time, or from when it was last linked to another member.
type AdoptedRow struct {
	Account AccountRef
	Name    string
	Member  member.ID
	Since   instant.Instant
	State   eligibility.State // StateNone while the store has no policy
}

// LeftOutRow is an unmatched payer that did not.
type LeftOutRow struct {
	Account AccountRef
	Name    string
	Why     string
}

// Adoption is what an adoption did, both lists by slug.
type Adoption struct {
	Adopted []AdoptedRow
	LeftOut []LeftOutRow
	// NoDelegate counts the members nobody can vote for.
	NoDelegate int
}

// errNobody ends the transaction of a change that turns out to be about nobody.
var errNobody = errors.New("about nobody")

// Adopt makes members of payers that are matched to nobody: an INDIVIDUAL
// becomes an individual, everything else an organisation. Incognito, guest and
// deleted accounts are never adopted. It is for treasurers and the operator,
// and takes over who is a member already, so that no decision is asked for.
//
// A name that looks like an e-mail address is not taken over; the slug stands
// in. Nobody gets a public name: that is for each to choose.
func (r *Roll) Adopt(ctx context.Context, by By, ad Adopt) (Adoption, Report, error) {
	var out Adoption
	var tried Report
	report, err := r.enter(ctx, trial(by, ad.Dry), actionAdopt, "adopt the payers", "", func(a *act) error {
		out = Adoption{}
		if !a.keeper() {
			return nil
		}
		a.refuseAll(dateFaults("the admission", ad.Since))
		if !ad.All && !ad.MeetingDues && len(ad.Accounts) == 0 {
			a.refuse("say whom: --all, --meeting-dues, or accounts")
		}
		links, err := a.tx.Links(ctx)
		if err != nil {
			return err
		}
		chosen, err := a.choose(ctx, ad, links, &out)
		if err != nil || a.refused() {
			return err
		}
		if err := a.adoptAll(ctx, chosen, ad.Since, links, &out); err != nil {
			return err
		}
		if ad.Dry {
			if tried, err = r.afterEntry(ctx, a.tx, because{}); err != nil {
				return err
			}
			return errTrial
		}
		if len(chosen) == 0 {
			return errNobody
		}
		return nil
	})
	switch {
	case errors.Is(err, errTrial):
		err, report = nil, tried
	case errors.Is(err, errNobody):
		err = nil
	}
	if err != nil {
		return Adoption{}, Report{}, err
	}
	out.states(report)
	return out, report, nil
}

// erasedPayer is why a payer is not adopted among others whose names were erased: a
// member's names are stored again.
const erasedPayer = "its names were erased: name it, if it is to be a member"

// choose sorts the unmatched payers into those to adopt and those left out.
func (a *act) choose(ctx context.Context, ad Adopt, links []store.LinkState, out *Adoption) ([]candidate, error) {
	all, err := a.r.candidates(ctx, a.tx, a.now)
	if err != nil {
		return nil, err
	}
	arrange.By(all, func(x, y candidate) int {
		return strings.Compare(x.Slug+"\x00"+string(x.Account.ID), y.Slug+"\x00"+string(y.Account.ID))
	})
	details, err := a.tx.AccountDetails(ctx)
	if err != nil {
		return nil, err
	}
	var chosen []candidate
	for _, c := range all {
		named := slices.Contains(ad.Accounts, c.Account.ID)
		why := ad.leavesOut(&c, named)
		if why == "" && !named && details[c.Account.ID].Erased() {
			why = erasedPayer
		}
		if _, next := a.spanFor(c.Account.ID, links); why == "" && next != 0 {
			why = "it will be linked to a member on " + a.date(next)
		}
		switch {
		case why == "":
			chosen = append(chosen, c)
		case named:
			a.refuse("%s: %s", c.word(), why)
		default:
			out.LeftOut = append(out.LeftOut, LeftOutRow{Account: c.ref(), Name: c.memberName(), Why: why})
		}
	}
	return chosen, a.unmatchedOnly(ctx, all, ad.Accounts)
}

// spanFor is linkableFrom of an account among all links.
func (a *act) spanFor(id member.AccountID, links []store.LinkState) (from, next instant.Instant) {
	return linkableFrom(id, links, a.now)
}

// linkableFrom is from when an account that is linked to nobody now can be
// linked: since its last link ended (0: for all time); next is when another
// begins (0: never).
func linkableFrom(id member.AccountID, links []store.LinkState, now instant.Instant) (from, next instant.Instant) {
	for _, l := range links {
		switch {
		case l.Account != id:
		case l.Until != 0 && l.Until <= now:
			from = max(from, l.Until)
		case next == 0 || l.From < next:
			next = l.From
		}
	}
	return from, next
}

// leavesOut says why a payer is not adopted; "" when it is.
func (ad *Adopt) leavesOut(c *candidate, named bool) string {
	state := c.standing.State
	switch {
	case unfit(c.Account) != "":
		return unfit(c.Account)
	case named:
		return ""
	case ad.All && (c.recurring || c.underWay):
		return ""
	case ad.MeetingDues && (state == eligibility.StateCurrent || state == eligibility.StateGrace):
		return ""
	case ad.MeetingDues && !ad.All:
		return "its dues are not paid: it would be " + state.String()
	case ad.All:
		return "it has no charge on a recurring contribution, and none is under way"
	}
	return "it was not named"
}

// unmatchedOnly refuses accounts that were named and are no unmatched payers.
func (a *act) unmatchedOnly(ctx context.Context, all []candidate, named []member.AccountID) error {
	for _, id := range named {
		if slices.ContainsFunc(all, func(c candidate) bool { return c.Account.ID == id }) {
			continue
		}
		acc, err := a.account(ctx, id)
		if err != nil {
			return err
		}
		if !acc.shown {
			continue // refused already
		}
		before := len(a.reasons)
		if err := a.linkable(ctx, acc, "", 0, 0); err != nil {
			return err
		}
		if len(a.reasons) == before {
			a.refuse("%s has never paid or promised anything", acc.word())
		}
	}
	return nil
}

// adoptAll writes the members with their links, each with an audit row.
func (a *act) adoptAll(ctx context.Context, chosen []candidate, since instant.Instant, links []store.LinkState, out *Adoption) error {
	ids := []member.ID{}
	added := make([]store.LinkRow, 0, len(chosen)) // stored at once: each time all links are looked at
	for _, c := range chosen {
		m := NewMember{Name: c.memberName(), Kind: c.kind()}
		id := member.ID(a.r.newID("m"))
		from, _ := a.spanFor(c.Account.ID, links)
		at := since
		if at == 0 {
			at = a.orNow(max(c.first, from))
		}
		if err := a.add(ctx, id, m, at); err != nil {
			return err
		}
		added = append(added, store.LinkRow{ID: a.r.newID("l"), Member: id, Account: c.Account.ID, From: from, By: a.author})
		if err := a.alsoAudit(ctx, actionAdd, string(id), map[string]any{"at": at, "account": c.Account.ID}); err != nil {
			return err
		}
		ids = append(ids, id)
		out.Adopted = append(out.Adopted, AdoptedRow{Account: c.ref(), Name: m.Name, Member: id, Since: at})
	}
	if err := a.tx.AddLinks(ctx, added...); err != nil {
		return err
	}
	clear(a.payload)
	a.payload["members"] = ids
	out.NoDelegate = a.withoutDelegate(ids)
	return nil
}

// withoutDelegate counts the members that nobody can vote for, with the new ones.
func (a *act) withoutDelegate(fresh []member.ID) int {
	has, isNew := map[member.ID]bool{}, map[member.ID]bool{}
	for _, id := range fresh {
		isNew[id] = true
	}
	for _, p := range a.people {
		for _, d := range p.Delegates {
			has[d.Member] = true
		}
	}
	n := 0
	for _, m := range a.members {
		if m.MergedInto == "" && !has[m.ID] && (isNew[m.ID] || a.history(m.ID).admitted(a.now)) {
			n++
		}
	}
	return n
}

// states fills in what the assessment made of the new members.
func (out *Adoption) states(report Report) {
	to := make(map[member.ID]eligibility.State, len(report.Transitions))
	for _, t := range report.Transitions {
		to[t.Member] = t.To
	}
	for i := range out.Adopted {
		if state, ok := to[out.Adopted[i].Member]; ok {
			out.Adopted[i].State = state
		}
	}
}

func (c *candidate) ref() AccountRef { return AccountRef{ID: c.Account.ID, Slug: c.Slug} }

func (c *candidate) word() string { return (&account{AccountRow: c.Account, slug: c.Slug}).word() }

// memberName is the name a member made of this account gets: its own, unless
// that says nothing or may be an e-mail address.
func (c *candidate) memberName() string {
	name := strings.TrimSpace(c.Name)
	if name == "" || looksLikeAddress(name) || !utf8.ValidString(name) || len(nameFaults("", name)) > 0 {
		name = c.Slug
	}
	if name == "" || looksLikeAddress(name) {
		name = "Account " + string(c.Account.ID)
	}
	return name
}
