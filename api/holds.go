package api

import (
	"errors"

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

// worsened is a member that lost rights when a hold ended: which ones, and the
// states before and after.
type worsened struct {
	Member member.ID         `json:"member"`
	Name   string            `json:"name"`
	From   eligibility.State `json:"from"`
	To     eligibility.State `json:"to"`
	Lost   []string          `json:"lost"`
}

// acknowledged is a hold that was ended, and whom that made worse.
type acknowledged struct {
	Hold     holdAnswer `json:"hold"`
	Worsened []worsened `json:"worsened"`
}

// acknowledge ends a hold, once. The token's scope stands in for the treasurers'
// right to it (domain.md, section 3, "Brake").
func (a *API) acknowledge(c *call) (any, error) {
	reason := c.body.text("reason", "say in words why those it keeps may lose their rights")
	if err := c.body.err(); err != nil {
		return nil, err
	}
	report, err := a.o.Roll.Acknowledge(c.ctx, roll.ByToken(c.token, reason), c.r.PathValue("hold"))
	if _, unknown := errors.AsType[*roll.NotFound](err); unknown {
		return nil, refuse(notFound, "no hold has this id: /api/v1/holds lists them all")
	}
	if err != nil {
		return nil, err
	}
	a.seeSoon(c.ctx)
	return acknowledged{Hold: holdOf(*report.Acknowledged), Worsened: worse(report.Transitions)}, nil
}

// worse are the transitions by which a member lost a right.
func worse(all []roll.Transition) []worsened {
	out := []worsened{}
	for _, t := range all {
		w := worsened{Member: t.Member, Name: t.Name, From: t.From, To: t.To}
		for _, change := range t.Changes {
			if change.Worse {
				w.Lost = append(w.Lost, change.What)
			}
		}
		if w.Lost != nil {
			out = append(out, w)
		}
	}
	return out
}
