package roll

import (
	"context"
	"strings"

	"coopcloud.tech/goodstanding/member"
)

// Face is what a member says of itself in the list of members, which everybody
// reads (domain.md, section 8).
type Face struct {
	// PublicName is the name to be shown under. Without one an organisation is shown by
	// its name, and an individual by none.
	PublicName string
	Website    string
	Summary    string
}

// SetFace replaces what a member says of itself in the list of members. Every fault
// is told at once. A delegate of the member, a treasurer or the operator may. A
// public name under which another member is shown already is refused, so that
// nobody is taken for somebody else; a name that is not public is no reason, since
// that would tell it.
func (r *Roll) SetFace(ctx context.Context, by By, id member.ID, f Face) (Report, error) {
	f = Face{strings.TrimSpace(f.PublicName), strings.TrimSpace(f.Website), unixLines(strings.TrimSpace(f.Summary))}
	return r.enter(ctx, by, actionFace, "change what is public of the member", string(id), func(a *act) error {
		m, ok := a.member(id)
		if !ok || !a.keeperOr(id) {
			return nil
		}
		a.refuseAll(nameFaults("the public name", f.PublicName))
		if looksLikeAddress(f.PublicName) {
			a.refuse("the public name looks like an e-mail address, which must not be shown")
		}
		if strings.EqualFold(f.PublicName, NamelessIndividual) {
			a.refuse("the public name “%s” stands for those who chose none", NamelessIndividual)
		}
		for _, other := range a.members {
			if other.ID != id && other.MergedInto == "" && f.PublicName != "" && strings.EqualFold(publicName(other), f.PublicName) {
				a.refuse("the public name is that of another member: choose another one")
			}
		}
		a.refuseAll(websiteFaults(f.Website))
		a.refuseAll(textFaults("the summary", f.Summary, longestText, true))
		if a.refused() {
			return nil
		}
		m.Detail.PublicName, m.Detail.Website, m.Detail.Summary = f.PublicName, f.Website, f.Summary
		return a.tx.SetMemberDetail(ctx, m.Detail)
	})
}
