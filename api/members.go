package api

import (
	"coopcloud.tech/goodstanding/internal/instant"
	"coopcloud.tech/goodstanding/member"
	"coopcloud.tech/goodstanding/roll"
)

// list is how every list is answered; Next is what to ask for ?after=, nil at
// the end.
type list[T any] struct {
	Items []T     `json:"items"`
	Next  *string `json:"next"`
}

// memberEntry is what everybody may see of a member (domain.md, section 8).
type memberEntry struct {
	ID          member.ID       `json:"id"`
	Name        string          `json:"name"`
	Kind        member.Kind     `json:"kind"`
	Website     string          `json:"website"`
	Summary     string          `json:"summary"`
	MemberSince instant.Instant `json:"member_since"`
	Decision    string          `json:"decision"`
	Provider    bool            `json:"provider"`
}

func memberEntries(ms []roll.PublicMember) []memberEntry {
	return mapped(ms, func(m roll.PublicMember) memberEntry {
		return memberEntry{ID: m.ID, Name: m.Name, Kind: m.Kind, Website: m.Website, Summary: m.Summary,
			MemberSince: m.MemberSince, Decision: m.Decision, Provider: m.Provider}
	})
}

func (a *API) members(c *call) (any, error)         { return c.s.public.members, nil }
func (a *API) membersMarkdown(c *call) (any, error) { return c.s.public.membersText, nil }
