package fakeoc

import (
	"slices"
	"time"

	"coopcloud.tech/goodstanding/internal/instant"
)

// listed is a membership as it is listed: of the account itself or inherited
// from its parent. shown is the account at its other end.
type listed struct {
	*Membership
	inherited bool
	shown     *Account
}

var memberFields = fields{
	"id":            plain(func(m listed) any { return m.ID }),
	"publicId":      plain(func(m listed) any { return m.PublicID }),
	"role":          plain(func(m listed) any { return m.Role }),
	"since":         plain(func(m listed) any { return m.Since }),
	"createdAt":     plain(func(m listed) any { return m.Since }),
	"updatedAt":     plain(func(m listed) any { return m.Since }),
	"inherited":     plain(func(m listed) any { return m.inherited }),
	"publicMessage": plain(func(listed) any { return nil }),
	"description":   plain(func(listed) any { return nil }),
	"tier": plain(func(m listed) any {
		if m.Tier == nil || m.Tier.Deleted {
			return nil
		}
		return m.Tier
	}),
	"totalDonations": seeing(func(x *run, m listed) any { return x.donated(m.Membership.Account, m.Of) }),
	"isActive":       seeing(func(x *run, m listed) any { return x.lately(m.Membership) }),
	"account": of(func(x *run, m listed, _ given) (any, error) {
		if m.shown.Incognito && !x.administers(x.viewer(), m.Of) && !x.administers(x.viewer(), m.shown) {
			return nil, nil
		}
		return x.shown(m.shown)
	}),
}

// handedDown are the roles that a project has from its parent.
var handedDown = []string{"ADMIN", "MEMBER", "ACCOUNTANT", "COMMUNITY_MANAGER"}

// membersOf lists who belongs to an account, oldest first; deleted and private
// ones are left out (open-collective.md, section 2).
func (x *run) membersOf(a *Account, args given) (any, error) {
	if err := tooMany(args, 1000, "1,000 members"); err != nil {
		return nil, err
	}
	email := args.text("email")
	if email != "" && !x.administers(x.viewer(), a) {
		return nil, refusal{"BadRequest", `Only admins can lookup for members using the "email" argument`}
	}
	inherit, said := args["includeInherited"].(bool)
	var rows []listed
	roles, kinds := args.choice("role"), args.choice("accountType")
	for _, m := range x.members {
		own := m.Of == a
		inherited := !own && a.Parent != nil && m.Of == a.Parent && (inherit || !said) && slices.Contains(handedDown, m.Role)
		if (own || inherited) && x.lists(m, roles, kinds, email) {
			rows = append(rows, listed{m, inherited, m.Account})
		}
	}
	p := pageOf(rows, args)
	p.nodes = func() []any {
		sorted(rows, args.object("orderBy"), args, func(m listed) instant.Instant { return m.Since },
			func(m listed) int64 { return m.LegacyID })
		return items(cut(rows, args))
	}
	return p, nil
}

func (x *run) lists(m *Membership, roles, kinds choice, email string) bool {
	return !m.Account.Deleted && x.mayView(x.viewer(), m.Account) && roles.has(m.Role) &&
		kinds.has(m.Account.Type) && (email == "" || slices.Contains(m.Account.Emails, email))
}

// lately is upstream's isActive: always true without a tier that recurs, else
// whether money came within 45 days or a year.
func (x *run) lately(m *Membership) bool {
	if m.Tier == nil || m.Tier.Frequency != "MONTHLY" && m.Tier.Frequency != "YEARLY" {
		return true
	}
	since := x.now.Add(-45 * 24 * time.Hour)
	if m.Tier.Frequency == "YEARLY" {
		since = x.now.AddMonths(-12)
	}
	return slices.ContainsFunc(x.transactions, func(t *Transaction) bool {
		return t.counts() && t.Opposite == m.Account && t.Account == m.Of && t.Created >= since
	})
}
