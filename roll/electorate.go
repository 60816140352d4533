package roll

import (
	"context"
	"slices"

	"coopcloud.tech/goodstanding/eligibility"
	"coopcloud.tech/goodstanding/internal/instant"
	"coopcloud.tech/goodstanding/member"
)

// actionReadElectorate is the audit chain's word for reading who may vote, as in
// actions.go.
const actionReadElectorate = "read_electorate"

// Electorate is who may answer a decision that is opened at an instant, or one
// that is open: for a federation that votes in another tool.
type Electorate struct {
	At, Known, AsOf instant.Instant
	Stale           bool
	Policy          string // id of the version in force
	Voters          []Voter
}

// Voter is a member with a place in the electorate. Vote says whether it may
// cast now.
type Voter struct {
	Member       member.ID
	Handle, Name string
	Vote         bool
}

// Electorate reads it, which the audit chain notes: who is on it and who is not
// tells how members stand. Of an open decision the places are given, as seats,
// with its id; nil and "" for one that is opened now. It is for treasurers,
// facilitators, the operator and programs with the scope.
func (r *Roll) Electorate(ctx context.Context, by By, decision string, seats []member.ID) (Electorate, error) {
	var e Electorate
	_, err := r.enter(ctx, by, actionReadElectorate, "read the electorate", decision, func(a *act) error {
		if may, err := a.mayReadElectorate(ctx); err != nil || !may || a.refused() {
			return err
		}
		e = Electorate{}
		known := a.tx.Known()
		voters, err := r.Voters(ctx, a.tx, a.now, known)
		if err != nil {
			return err
		}
		book, err := r.book(ctx, a.tx)
		if err != nil {
			return err
		}
		places := seats
		if decision == "" {
			places = nil
			for _, s := range voters.Electorate() {
				places = append(places, s.Member)
			}
		}
		view := book.View(Query{At: a.now, Known: known, Members: append([]member.ID{}, places...)}, a.now)
		e.At, e.Known, e.AsOf, e.Stale, e.Policy = view.At, view.Known, view.AsOf, view.Stale, view.Policy
		for _, row := range view.Rows {
			if slices.Contains(places, row.ID) {
				e.Voters = append(e.Voters, Voter{row.ID, row.Handle, row.Name, row.Standing.Has(eligibility.Vote)})
			}
		}
		a.payload["places"] = len(e.Voters)
		return nil
	})
	return e, err
}

func (a *act) mayReadElectorate(ctx context.Context) (bool, error) {
	office := a.actor.Operator || a.actor.Has(member.Treasurer) || a.actor.Has(member.Facilitator)
	if a.by.Token == "" || a.by.Token != a.by.Actor.ID { // a person, perhaps by its token
		if !office {
			a.refuse("only a treasurer, a facilitator or the operator may")
			return false, nil
		}
	}
	if a.by.Token == "" {
		return true, nil
	}
	return a.keeperOrToken(ctx, ScopeElectorate)
}
