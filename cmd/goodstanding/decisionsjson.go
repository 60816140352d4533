package main

import (
	"coopcloud.tech/goodstanding/chair"
	"coopcloud.tech/goodstanding/decisions"
	"coopcloud.tech/goodstanding/internal/instant"
	"coopcloud.tech/goodstanding/member"
)

// decisionAnswer is a decision in JSON.
type decisionAnswer struct {
	ID       chair.ID            `json:"id"`
	Number   int                 `json:"number,omitempty"`
	State    decisions.State     `json:"state"`
	Proposal decisions.Proposal  `json:"proposal"`
	Proposer member.ID           `json:"proposer"`
	Policy   string              `json:"policy,omitempty"`
	Seats    int                 `json:"seats"`
	Deadline decisions.Day       `json:"deadline"`
	Ends     instant.Instant     `json:"ends,omitempty"`
	Revision int                 `json:"revision"`
	Stands   string              `json:"stands,omitempty"`
	Lacking  string              `json:"lacking,omitempty"` // why nothing closes it now
	Outcome  *decisions.Outcome  `json:"outcome,omitempty"`
	Ballots  []decisions.Ballot  `json:"ballots"`
	Concerns []decisions.Concern `json:"concerns"`
	// Imported is what a file said of it; taken_up says that somebody went on with
	// it here since.
	Imported  *decisions.Imported `json:"imported,omitempty"`
	TakenUp   bool                `json:"taken_up,omitempty"`
	Entries   int64               `json:"entries"`
	ChainHead string              `json:"chain_head"`
}

func (d *desk) decisionOf(v chair.View) decisionAnswer {
	x := &v.Decision
	out := decisionAnswer{ID: v.ID, Number: x.Number, State: x.State, Proposal: x.Proposal, Proposer: x.Proposer, Policy: x.Policy, Seats: len(x.Electorate),
		Deadline: x.Deadline, Ends: x.Ends(), Revision: x.Revision, Ballots: ballotsOf(x), Concerns: filled(x.Concerns), Imported: x.Imported, TakenUp: x.TakenUp, Entries: v.Head.Seq, ChainHead: v.Head.Hash}
	if x.State.Running() || x.Outcome != nil {
		out.Outcome = &v.Outcome
	}
	if x.State.Running() {
		out.Stands, out.Lacking = v.Outcome.Stands(), v.Lacking()
	}
	return out
}

// ballotsOf are the last ballots, in the order of the electorate.
func ballotsOf(x *decisions.Decision) []decisions.Ballot {
	out := []decisions.Ballot{}
	for _, s := range x.Electorate {
		if b, ok := x.Ballots[s.Member]; ok {
			out = append(out, b)
		}
	}
	return out
}

// resultAnswer is what an act led to, in JSON.
type resultAnswer struct {
	Decision chair.ID        `json:"decision"`
	Number   int             `json:"number,omitempty"`
	State    decisions.State `json:"state"`
	Stands   string          `json:"stands,omitempty"`
	Warnings []string        `json:"warnings"`
	Entry    int64           `json:"entry"`
	Hash     string          `json:"hash"`
	At       instant.Instant `json:"at"`
}

func (d *desk) resultOf(r chair.Result) resultAnswer {
	out := resultAnswer{Decision: r.Receipt.Decision, Number: r.Number, State: r.Decision.State, Warnings: filled(r.Warnings), Entry: r.Seq, Hash: r.Hash, At: r.At}
	if r.Decision.State.Running() {
		out.Stands = r.Outcome.Stands()
	}
	return out
}
