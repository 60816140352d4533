package main

import (
	"context"

	"coopcloud.tech/goodstanding/chair"
	"coopcloud.tech/goodstanding/decisions"
)

type decisionCastCmd struct {
	decisionArg
	Choice string `arg:"" help:"favour, against, abstain or block, as the decision's rule offers"`
	forMember
	reasoned
}

// Help shows how to use it.
func (decisionCastCmd) Help() string {
	return `
Each member has one vote, whoever of its delegates casts it; the last answer
counts. Against and block say why.

  goodstanding decisions cast 12 favour --as Ada
  goodstanding decisions cast 12 against --as Ada --because "It costs too much"`
}

// Run casts.
func (c decisionCastCmd) Run(ctx context.Context, a *app) error {
	return a.deciding(ctx, c.Decision, c.forMember, agreeing{}, "{it}: the answer is counted.", func(x *deciding) (chair.Result, error) {
		return x.c.Cast(ctx, x.id, x.by, decisions.Answer(c.Choice), c.Because)
	})
}

type decisionRetractCmd struct {
	decisionArg
	forMember
}

// Run retracts.
func (c decisionRetractCmd) Run(ctx context.Context, a *app) error {
	return a.deciding(ctx, c.Decision, c.forMember, agreeing{}, "{it}: the answer is taken back.", func(x *deciding) (chair.Result, error) { return x.c.Retract(ctx, x.id, x.by) })
}

type decisionObjectCmd struct {
	decisionArg
	forMember
	reasoned
}

// Help shows how to use it.
func (decisionObjectCmd) Help() string {
	return `
  goodstanding decisions object 12 --as Ada --because "It costs too much"`
}

// Run objects.
func (c decisionObjectCmd) Run(ctx context.Context, a *app) error {
	return a.deciding(ctx, c.Decision, c.forMember, agreeing{}, "{it}: the objection stands.", func(x *deciding) (chair.Result, error) {
		return x.c.Object(ctx, x.id, x.by, c.Because)
	})
}

type decisionUnobjectCmd struct {
	decisionArg
	forMember
}

// Run withdraws an objection.
func (c decisionUnobjectCmd) Run(ctx context.Context, a *app) error {
	return a.deciding(ctx, c.Decision, c.forMember, agreeing{}, "{it}: the objection is withdrawn.", func(x *deciding) (chair.Result, error) { return x.c.Unobject(ctx, x.id, x.by) })
}

type decisionMoreTimeCmd struct {
	decisionArg
	forMember
	reasoned
}

// Help says what it does.
func (decisionMoreTimeCmd) Help() string {
	return `
Moves the deadline by the span of the rules in force, once for each member.

  goodstanding decisions more-time 12 --as Ada --because "We meet on the 20th"`
}

// Run asks for more time.
func (c decisionMoreTimeCmd) Run(ctx context.Context, a *app) error {
	return a.deciding(ctx, c.Decision, c.forMember, agreeing{}, "{it} has more time.", func(x *deciding) (chair.Result, error) {
		return x.c.MoreTime(ctx, x.id, x.by, c.Because)
	})
}

type decisionEscalateCmd struct {
	decisionArg
	To string `placeholder:"SIZE" help:"medium or large; needed"`
	forMember
	reasoned
}

// Help says what it does.
func (decisionEscalateCmd) Help() string {
	return `
Any member may call for a larger size. The number and the text stay; who may
answer, and all answers, begin anew.

  goodstanding decisions escalate 12 --to large --as Ada --because "It concerns everybody"`
}

// Run escalates.
func (c decisionEscalateCmd) Run(ctx context.Context, a *app) error {
	return a.deciding(ctx, c.Decision, c.forMember, agreeing{}, "{it} is larger now.", func(x *deciding) (chair.Result, error) {
		return x.c.Escalate(ctx, x.id, x.by, decisions.Size(c.To), c.Because)
	})
}

type decisionMaterialCmd struct {
	decisionArg
	forMember
}

// Run calls it material.
func (c decisionMaterialCmd) Run(ctx context.Context, a *app) error {
	return a.deciding(ctx, c.Decision, c.forMember, agreeing{}, "{it}: the amendment counts as one of the meaning.", func(x *deciding) (chair.Result, error) {
		return x.c.CallMaterial(ctx, x.id, x.by)
	})
}

type decisionAmendCmd struct {
	decisionArg
	textFlags
	Editorial bool `help:"No meaning changes: answers stay valid"`
	forMember
}

// Help says what it does.
func (decisionAmendCmd) Help() string {
	return `
Answers to the former text stay visible and count when they are confirmed; the
deadline moves to the size's notice from today, if it would be sooner.

  goodstanding decisions amend 12 --as Ada --changes "We use two calendars"
  goodstanding decisions amend 12 --as Ada --editorial --title "Calendars"`
}

// Run amends.
func (c decisionAmendCmd) Run(ctx context.Context, a *app) error {
	return a.deciding(ctx, c.Decision, c.forMember, agreeing{}, "{it} is amended.", func(x *deciding) (chair.Result, error) {
		return x.c.Amend(ctx, x.id, x.by, c.put, c.Editorial)
	})
}

type decisionAnswerCmd struct {
	decisionArg
	Concern int    `arg:"" help:"The concern's number, as show tells it"`
	Text    string `arg:"" help:"The answer"`
	forMember
}

// Help shows how to use it.
func (decisionAnswerCmd) Help() string {
	return `
  goodstanding decisions answer 12 1 "It costs nothing" --as Ada`
}

// Run answers.
func (c decisionAnswerCmd) Run(ctx context.Context, a *app) error {
	return a.deciding(ctx, c.Decision, c.forMember, agreeing{}, "{it}: the concern is answered.", func(x *deciding) (chair.Result, error) {
		return x.c.AnswerConcern(ctx, x.id, x.by, c.Concern, c.Text)
	})
}

type decisionNudgeCmd struct {
	decisionArg
	forMember
}

// Run nudges.
func (c decisionNudgeCmd) Run(ctx context.Context, a *app) error {
	return a.deciding(ctx, c.Decision, c.forMember, agreeing{}, "{it}: those waited for are to be reminded.", func(x *deciding) (chair.Result, error) { return x.c.Nudge(ctx, x.id, x.by) })
}

type decisionWithdrawCmd struct {
	decisionArg
	forMember
	reasoned
}

// Run withdraws.
func (c decisionWithdrawCmd) Run(ctx context.Context, a *app) error {
	return a.deciding(ctx, c.Decision, c.forMember, agreeing{}, "{it} is withdrawn.", func(x *deciding) (chair.Result, error) {
		return x.c.Withdraw(ctx, x.id, x.by, c.Because)
	})
}

type decisionStallCmd struct {
	decisionArg
	forMember
	reasoned
}

// Help shows how to use it.
func (decisionStallCmd) Help() string {
	return `
A facilitator lets a decision rest, and takes it up again with a new deadline.

  goodstanding decisions stall 12 --as Fay --because "No majority in sight"
  goodstanding decisions reopen 12 --as Fay --until 2026-09-01`
}

// Run stalls.
func (c decisionStallCmd) Run(ctx context.Context, a *app) error {
	return a.deciding(ctx, c.Decision, c.forMember, agreeing{}, "{it} rests.", func(x *deciding) (chair.Result, error) { return x.c.Stall(ctx, x.id, x.by, c.Because) })
}

type decisionReopenCmd struct {
	decisionArg
	Until string `placeholder:"DATE" help:"The new last day on which to answer, 2026-02-26; needed"`
	forMember
}

// Run reopens.
func (c decisionReopenCmd) Run(ctx context.Context, a *app) error {
	day, err := decisions.ParseDay(c.Until)
	if err != nil {
		return &usageError{"--until: " + err.Error()}
	}
	return a.deciding(ctx, c.Decision, c.forMember, agreeing{}, "{it} is open again.", func(x *deciding) (chair.Result, error) {
		return x.c.Reopen(ctx, x.id, x.by, day)
	})
}

type decisionCloseCmd struct {
	decisionArg
	forMember
	reasoned
}

// Help says what it does.
func (decisionCloseCmd) Help() string {
	return `
Decisions close at their deadline by themselves, if nothing stands against it.
The proposer or a facilitator ends an overdue one by the tally as it stands:
stopped where a block or an objection stands, else not carried.

  goodstanding decisions close 12 --as Fay`
}

// Run ends.
func (c decisionCloseCmd) Run(ctx context.Context, a *app) error {
	return a.deciding(ctx, c.Decision, c.forMember, agreeing{}, "{it} is ended.", func(x *deciding) (chair.Result, error) { return x.c.End(ctx, x.id, x.by, c.Because) })
}

type electorateCmd struct {
	decisionArg
	Change string `arg:"" help:"add or remove a member; in or out: whether one that has gone after the deadline counts"`
	About  string `arg:"" help:"The member it is about"`
	forMember
	reasoned
	agreeing
}

// Help shows how to use it.
func (electorateCmd) Help() string {
	return `
Two people of different members agree, one of them a facilitator.

  goodstanding decisions electorate 12 add ash --as Fay --second Bo --because "Its form was lost"`
}

// Run changes.
func (c electorateCmd) Run(ctx context.Context, a *app) error {
	return a.deciding(ctx, c.Decision, c.forMember, c.agreeing, "{it}: the electorate is amended.", func(x *deciding) (chair.Result, error) {
		about, err := x.roll.Find(ctx, c.About)
		if err != nil {
			return chair.Result{}, err
		}
		return x.c.ChangeElectorate(ctx, x.id, x.by, chair.Seat(c.Change), about, c.Because)
	})
}
