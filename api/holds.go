package api

import (
	"coopcloud.tech/goodstanding/eligibility"
	"coopcloud.tech/goodstanding/internal/instant"
	"coopcloud.tech/goodstanding/member"
	"coopcloud.tech/goodstanding/roll"
)

// holdAnswer is a hold with the members it keeps. Who acknowledged it and why
// are for the treasurers' eyes, and are not told here.
type holdAnswer struct {
	ID             string          `json:"id"`
	Cause          string          `json:"cause"`
	Likely         string          `json:"likely"`
	SetAt          instant.Instant `json:"set_at"`
	AcknowledgedAt instant.Instant `json:"acknowledged_at"`
	Members        []heldAnswer    `json:"members"`
}

// heldAnswer is a member under a hold: the state that is kept, the one that
// would be, and whether the hold is over for it.
type heldAnswer struct {
	Member   member.ID         `json:"member"`
	Name     string            `json:"name"`
	Kept     eligibility.State `json:"kept"`
	Computed eligibility.State `json:"computed"`
	Over     bool              `json:"over"`
}

func (a *API) holds(c *call) (any, error) {
	all := c.query.choice("all", "false", "true") == "true"
	p := c.query.page()
	if err := c.query.err(); err != nil {
		return nil, err
	}
	var holds []holdAnswer
	for _, h := range c.s.holds {
		if all || h.AcknowledgedAt == 0 {
			holds = append(holds, holdOf(h))
		}
	}
	return paged(holds, func(h holdAnswer) string { return h.ID }, p)
}

func holdOf(h roll.Hold) holdAnswer {
	return holdAnswer{ID: h.ID, Cause: h.Cause, Likely: h.Likely, SetAt: h.SetAt, AcknowledgedAt: h.AcknowledgedAt,
		Members: mapped(h.Members, func(m roll.HeldMember) heldAnswer {
			return heldAnswer{Member: m.ID, Name: m.Name, Kept: m.Kept, Computed: m.Computed, Over: m.Over}
		})}
}
