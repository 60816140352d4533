package main

import (
	"coopcloud.tech/goodstanding/eligibility"
	"coopcloud.tech/goodstanding/internal/instant"
	"coopcloud.tech/goodstanding/notify"
	"coopcloud.tech/goodstanding/roll"
)

// statusAnswer is status --json. Instants are RFC 3339 or null.
type statusAnswer struct {
	At                 instant.Instant  `json:"at"`
	Source             sourceAnswer     `json:"source"`
	Token              string           `json:"token"` // "set" or "not set"
	Note               string           `json:"note,omitempty"`
	Dues               []string         `json:"dues"`
	Policy             string           `json:"policy"`
	PolicyFault        string           `json:"policy_fault"`
	Members            int              `json:"members"`
	GoodStanding       int              `json:"good_standing"`
	States             map[string]int   `json:"states"`
	Unmatched          []payerAnswer    `json:"unmatched"`
	Desk               int              `json:"desk"` // what is to be sorted out
	NoDelegate         []string         `json:"no_delegate"`
	Supporters         int              `json:"supporters"`
	Treasurers         int              `json:"treasurers"`
	NoticesStarted     bool             `json:"notices_started"`
	NoticesSince       instant.Instant  `json:"notices_since"`   // null while they are off
	NoticesToCome      int              `json:"notices_to_come"` // that a start would let go
	NoticesFailed      int              `json:"notices_failed"`  // in the last week
	Batches            []waitingAnswer  `json:"batches"`         // that wait for a yes or no
	Notices            map[string]int64 `json:"notices"`
	ProvidersPublished bool             `json:"providers_published"`
	Holds              []holdAnswer     `json:"holds"`
	NextChange         instant.Instant  `json:"next_change"`
	NextChangeMembers  []string         `json:"next_change_members"`
	LateClocks         int64            `json:"late_clocks"`
	ToDo               []string         `json:"to_do"`
}

// waitingAnswer is how many notices wait in a batch.
type waitingAnswer struct {
	Batch notify.Batch `json:"batch"`
	N     int          `json:"notices"`
}

type sourceAnswer struct {
	Slug     string          `json:"slug"`
	Name     string          `json:"name"`
	Currency string          `json:"currency"`
	Snapshot int64           `json:"snapshot"`
	AsOf     instant.Instant `json:"as_of"`
	Stale    bool            `json:"stale"`
	LastPull pullAnswer      `json:"last_pull"`
}

type pullAnswer struct {
	At       instant.Instant `json:"at"`
	Outcome  string          `json:"outcome"`
	Detail   string          `json:"detail"`
	Requests int             `json:"requests"`
}

// payerAnswer is an account that pays and is matched to nobody.
type payerAnswer struct {
	Account       accountAnswer   `json:"account"`
	Name          string          `json:"name"`
	Type          string          `json:"type"`
	Incognito     bool            `json:"incognito"`
	Guest         bool            `json:"guest"`
	Contributions int             `json:"contributions"`
	Charges       int             `json:"charges"`
	LastCharge    instant.Instant `json:"last_charge"`
	WouldBe       string          `json:"would_be"`
}

func payerOf(p roll.Payer) payerAnswer {
	return payerAnswer{accountOf(p.Account), p.Name, p.Type, p.Incognito, p.Guest, p.Contributions, p.Charges, p.LastCharge, p.WouldBe.String()}
}

func (d *desk) statusJSON(st *roll.Status) statusAnswer {
	out := statusAnswer{
		At: st.At, Token: d.cfg.OCToken.String(), Dues: filled(st.Dues), Policy: st.Policy.ID(), PolicyFault: st.PolicyErr,
		Source: sourceAnswer{st.Collective, st.Name, st.Currency, st.Snapshot, st.AsOf, st.Stale,
			pullAnswer{st.LastPull.At, st.LastPull.Outcome, st.LastPull.Detail, st.LastPull.Requests}},
		Members: st.Members, States: map[string]int{}, Unmatched: mapped(st.Unmatched, payerOf), Desk: st.Desk, NoDelegate: filled(st.NoDelegate),
		Supporters: st.Supporters, Treasurers: st.Treasurers, NoticesStarted: st.NoticesStarted, Notices: st.Notices,
		NoticesSince: st.NoticesSince, NoticesToCome: st.NoticesToCome, NoticesFailed: st.NoticesFailed,
		Batches:            mapped(st.Batches, func(b roll.BatchCount) waitingAnswer { return waitingAnswer(b) }),
		ProvidersPublished: st.ProvidersPublished, Holds: mapped(st.Holds, holdOf), NextChange: st.NextChange,
		NextChangeMembers: filled(st.NextChangeNames), LateClocks: st.LateClocks, ToDo: filled(st.ToDo),
	}
	if out.Source.Slug == "" {
		out.Source.Slug = d.cfg.OCSlug
	}
	if d.cfg.OCToken == "" {
		out.Note = noToken
	}
	for state, n := range st.States {
		out.States[state.String()] = n
		if state.GoodStanding() {
			out.GoodStanding += n
		}
	}
	return out
}

// filled is an empty list instead of none, so that JSON has [] and not null.
func filled[T any](list []T) []T {
	if list == nil {
		return []T{}
	}
	return list
}

func mapped[T, U any](list []T, f func(T) U) []U {
	out := make([]U, 0, len(list))
	for _, x := range list {
		out = append(out, f(x))
	}
	return out
}

// holdAnswer is a hold in JSON.
type holdAnswer struct {
	ID             string          `json:"id"`
	Cause          string          `json:"cause"`
	Likely         string          `json:"likely"`
	SetAt          instant.Instant `json:"set_at"`
	Members        []heldAnswer    `json:"members"`
	AcknowledgedAt instant.Instant `json:"acknowledged_at"`
	AcknowledgedBy string          `json:"acknowledged_by"`
	Reason         string          `json:"reason"`
}

type heldAnswer struct {
	Member   string            `json:"member"`
	Name     string            `json:"name"`
	Kept     eligibility.State `json:"kept"`
	Computed eligibility.State `json:"computed"`
	Over     bool              `json:"over"`
}

func holdOf(h roll.Hold) holdAnswer {
	return holdAnswer{h.ID, h.Cause, h.Likely, h.SetAt, mapped(h.Members, func(m roll.HeldMember) heldAnswer {
		return heldAnswer{string(m.ID), m.Name, m.Kept, m.Computed, m.Over}
	}), h.AcknowledgedAt, h.AcknowledgedBy, h.Reason}
}
