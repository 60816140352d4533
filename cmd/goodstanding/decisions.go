package main

import (
	"context"
	"fmt"
	"strings"

	"coopcloud.tech/goodstanding/chair"
	"coopcloud.tech/goodstanding/decisions"
	"coopcloud.tech/goodstanding/member"
)

// decisionsCmd is goodstanding decisions.
type decisionsCmd struct {
	List     decisionListCmd     `cmd:"" help:"What is being decided, and what was"`
	Show     decisionShowCmd     `cmd:"" help:"One decision: its rule, how it stands, who is waited for"`
	Propose  decisionProposeCmd  `cmd:"" help:"Make a draft"`
	Edit     decisionEditCmd     `cmd:"" help:"Change a draft"`
	Open     decisionOpenCmd     `cmd:"" help:"Give a draft its number, its electorate and its deadline"`
	Log      decisionLogCmd      `cmd:"" help:"Note a small decision"`
	Announce decisionAnnounceCmd `cmd:"" help:"Record where the members were told of the opening"`

	Cast           decisionCastCmd     `cmd:"" help:"A member's answer; the last one counts"`
	Retract        decisionRetractCmd  `cmd:"" help:"Take a member's answer back"`
	Object         decisionObjectCmd   `cmd:"" help:"A member's objection"`
	WithdrawObject decisionUnobjectCmd `cmd:"" name:"withdraw-objection" help:"Take an objection back"`
	MoreTime       decisionMoreTimeCmd `cmd:"" help:"Ask for more time"`
	Escalate       decisionEscalateCmd `cmd:"" help:"Call for a larger size"`
	CallMaterial   decisionMaterialCmd `cmd:"" help:"Say that an editorial amendment changes the meaning"`
	Amend          decisionAmendCmd    `cmd:"" help:"Change the text of an open decision"`
	Answer         decisionAnswerCmd   `cmd:"" help:"Answer a concern"`
	Nudge          decisionNudgeCmd    `cmd:"" help:"Remind those who are waited for"`
	Withdraw       decisionWithdrawCmd `cmd:"" help:"Take the proposal back, for good"`
	Stall          decisionStallCmd    `cmd:"" help:"Let it rest"`
	Reopen         decisionReopenCmd   `cmd:"" help:"Take a stalled decision up again"`
	Electorate     electorateCmd       `cmd:"" help:"Add to the electorate, remove from it, or settle who counts"`
	Close          decisionCloseCmd    `cmd:"" help:"End an overdue decision by the tally as it stands"`
	Announcement   announcementCmd     `cmd:"" help:"Print the text that tells the members of it"`
	Record         recordCmd           `cmd:"" help:"Write the record by which anybody can count it again"`
	Export         decisionExportCmd   `cmd:"" help:"Write them as the docs site publishes them"`
	Import         decisionImportCmd   `cmd:"" help:"Read what the docs site published of earlier ones"`
}

// decisionArg is what most of these are about.
type decisionArg struct {
	Decision string `arg:"" help:"The decision's number; a draft's id"`
}

// forMember is for whom a person acts.
type forMember struct {
	Member string `placeholder:"MEMBER" help:"For which member, where the person is delegate of several"`
}

// reasoned is what says why.
type reasoned struct {
	Because string `placeholder:"TEXT" help:"The concern or the reason, in words"`
}

// agreeing is another person who agrees, with the member.
type agreeing struct {
	Second       string `placeholder:"NAME" help:"The second person, of another member"`
	SecondMember string `placeholder:"MEMBER" help:"For which member, where that person is delegate of several"`
}

// chair runs the decisions of this database.
func (d *desk) chair() *chair.Chair {
	return chair.New(d.db, d.roll, chair.Options{Now: d.app.env.Now, NewID: d.app.env.NewID, Zone: d.cfg.Federation.Zone})
}

// acting says who acts and for which member.
func (d *desk) acting(ctx context.Context, m forMember, second agreeing) (chair.By, error) {
	var by chair.By
	var err error
	if by.Actor, err = d.roll.ActorAs(ctx, d.app.cli.As, d.app.env.Login); err != nil {
		return by, err
	}
	if by.Member, err = d.named(ctx, m.Member); err != nil || second.Second == "" {
		return by, err
	}
	other, err := d.roll.ActorAs(ctx, second.Second, d.app.env.Login)
	if err != nil {
		return by, err
	}
	by.Second = &other
	by.SecondMember, err = d.named(ctx, second.SecondMember)
	return by, err
}

func (d *desk) named(ctx context.Context, word string) (member.ID, error) {
	if word == "" {
		return "", nil
	}
	return d.roll.Find(ctx, word)
}

// deciding is a command on one decision, with who acts.
type deciding struct {
	*desk
	c  *chair.Chair
	id chair.ID
	by chair.By
}

// deciding finds the decision and who acts, lets f do it, and says what came of it.
func (a *app) deciding(ctx context.Context, word string, m forMember, second agreeing, done string, f func(x *deciding) (chair.Result, error)) error {
	return a.at(ctx, needStore, func(d *desk) error {
		x := &deciding{desk: d, c: d.chair()}
		var err error
		if x.id, err = x.c.Find(ctx, word); err != nil {
			return err
		}
		if x.by, err = d.acting(ctx, m, second); err != nil {
			return err
		}
		result, err := f(x)
		if err != nil {
			return err
		}
		return d.decided(result, done)
	})
}

// decided says what an act led to: a sentence, how the decision stands, and the
// receipt.
func (d *desk) decided(r chair.Result, done string) error {
	a := d.app
	if a.cli.JSON {
		return a.out.json(d.resultOf(r))
	}
	for _, w := range r.Warnings {
		a.out.line("%s %s", a.out.warn("Careful:"), w+".")
	}
	a.out.line("%s", strings.NewReplacer("{it}", callIt(r)).Replace(done))
	if r.Decision.State.Running() || r.Decision.State.Final() {
		a.out.line("%s", d.stands(&r.Decision, &r.Outcome))
	}
	a.out.line("%s", a.out.dim(fmt.Sprintf("Entry %d of the decision's chain: %s", r.Seq, r.Hash)))
	return a.out.err
}

// callIt is how a sentence names a decision.
func callIt(r chair.Result) string {
	if r.Number == 0 {
		return "The draft " + string(r.Receipt.Decision)
	}
	return fmt.Sprintf("Decision %d", r.Number)
}

// stands is how a decision stands, in a sentence.
func (d *desk) stands(x *decisions.Decision, o *decisions.Outcome) string {
	zone := d.cfg.Federation.Zone
	switch {
	case x.Untaken():
		return "It was imported, and nothing was counted here."
	case x.State == decisions.Withdrawn:
		return "It is withdrawn."
	case x.State.Final():
		return fmt.Sprintf("It is %s since %s: %s.", x.State.Words(), minute(o.At, zone), o.Sensitivity)
	case x.State == decisions.Overdue:
		return fmt.Sprintf("It is overdue since the end of %s: %s (%s).", x.Deadline.Words(), o.Stands(), d.tallyWords(o))
	}
	return fmt.Sprintf("Open until the end of %s: %s (%s).", x.Deadline.Words(), o.Stands(), d.tallyWords(o))
}

func (d *desk) tallyWords(o *decisions.Outcome) string {
	t := &o.Tally
	parts := []string{fmt.Sprintf("%d in favour", t.Favour)}
	for _, p := range []struct {
		n    int
		word string
	}{{t.Against, "against"}, {t.Abstain, "abstain"}, {t.Block, "block"}, {len(t.Objections), "object"}, {len(t.Waiting), "waited for"}} {
		if p.n > 0 {
			parts = append(parts, fmt.Sprintf("%d %s", p.n, p.word))
		}
	}
	return strings.Join(parts, ", ")
}

// textFlags are what a proposal says.
type textFlags struct {
	Title   string `placeholder:"TEXT" help:"The title"`
	Changes string `placeholder:"TEXT" help:"What changes"`
	Affects string `placeholder:"TEXT" help:"Whom it affects"`
	Channel string `placeholder:"PLACE" help:"Where it is discussed"`
	Link    string `placeholder:"URL" help:"The write-up"`
}

// put replaces what was given.
func (f textFlags) put(t *decisions.Text) {
	for _, p := range []struct {
		given string
		to    *string
	}{{f.Title, &t.Title}, {f.Changes, &t.Changes}, {f.Affects, &t.Affects}, {f.Channel, &t.Channel}, {f.Link, &t.Link}} {
		if p.given != "" {
			*p.to = p.given
		}
	}
}

type proposalFlags struct {
	textFlags
	Size        string `placeholder:"SIZE" help:"small, medium or large"`
	Until       string `placeholder:"DATE" help:"Last day on which to answer, 2026-02-26; else the size's notice from the opening on"`
	Admit       string `placeholder:"MEMBER" help:"Lets this applicant in when it passes"`
	Enact       string `placeholder:"FILE" help:"Puts the policy version in this file in force when it passes"`
	MembersOnly bool   `help:"Only members may read it; the public sees its number and outcome"`
}

// put replaces what was given.
func (f proposalFlags) put(ctx context.Context, d *desk, p *decisions.Proposal) error {
	f.textFlags.put(&p.Text)
	if f.Size != "" {
		p.Size = decisions.Size(f.Size)
	}
	if f.Until != "" {
		day, err := decisions.ParseDay(f.Until)
		if err != nil {
			return &usageError{"--until: " + err.Error()}
		}
		p.Deadline = day
	}
	if f.MembersOnly {
		p.Visibility = decisions.Members
	}
	if f.Enact != "" {
		return f.attach(p)
	}
	if f.Admit == "" {
		return nil
	}
	id, err := d.roll.Find(ctx, f.Admit)
	p.Kind, p.Applicant = decisions.Admit, id
	return err
}

// attach puts the policy file's one version into the proposal.
func (f proposalFlags) attach(p *decisions.Proposal) error {
	file, err := readPolicy(f.Enact)
	if err != nil {
		return err
	}
	if len(file.Versions) != 1 {
		return &usageError{fmt.Sprintf("--enact: %s holds %d versions, want the new one alone", f.Enact, len(file.Versions))}
	}
	v := file.Versions[0]
	p.Kind, p.Version, p.Attachment = decisions.Policy, v.ID(), v.Text
	return nil
}

type decisionProposeCmd struct {
	proposalFlags
	forMember
}

// Help shows how to use it.
func (decisionProposeCmd) Help() string {
	return `
A draft can be changed freely until it is opened. Medium decisions go ahead at
their deadline unless a member objects; large ones ask for everybody's answer.

  goodstanding decisions propose --as Ada --size medium --title "A shared calendar" \
    --changes "We use one calendar" --affects "all members" --channel "#general"
  goodstanding decisions propose --as Ada --size large --title "Welcome Ash" --admit ash \
    --changes "Ash becomes a member" --affects "all members" --channel "#general"
  goodstanding decisions propose --as Ada --size large --title "Dues" --enact policy-2026.yaml \
    --changes "Twelve pounds a month" --affects "all members" --channel "#general"`
}

// Run proposes.
func (c decisionProposeCmd) Run(ctx context.Context, a *app) error {
	return a.at(ctx, needStore, func(d *desk) error {
		p := decisions.Proposal{Kind: decisions.General, Visibility: decisions.Public}
		if err := c.put(ctx, d, &p); err != nil {
			return err
		}
		by, err := d.acting(ctx, c.forMember, agreeing{})
		if err != nil {
			return err
		}
		result, err := d.chair().Propose(ctx, by, p)
		if err != nil {
			return err
		}
		return d.decided(result, "{it} is made. Open it with: goodstanding decisions open "+string(result.Receipt.Decision))
	})
}

type decisionEditCmd struct {
	decisionArg
	proposalFlags
	forMember
}

// Help shows how to use it.
func (decisionEditCmd) Help() string {
	return `
What is left out stays as it is.

  goodstanding decisions edit de_… --as Ada --until 2026-02-26`
}

// Run edits.
func (c decisionEditCmd) Run(ctx context.Context, a *app) error {
	return a.deciding(ctx, c.Decision, c.forMember, agreeing{}, "{it} is changed.", func(x *deciding) (chair.Result, error) {
		v, err := x.c.Read(ctx, x.id)
		if err != nil {
			return chair.Result{}, err
		}
		p := v.Decision.Proposal
		if err := c.put(ctx, x.desk, &p); err != nil {
			return chair.Result{}, err
		}
		return x.c.Edit(ctx, x.id, x.by, p)
	})
}

type decisionOpenCmd struct {
	decisionArg
	forMember
}

// Run opens.
func (c decisionOpenCmd) Run(ctx context.Context, a *app) error {
	return a.deciding(ctx, c.Decision, c.forMember, agreeing{}, "{it} is open.", func(x *deciding) (chair.Result, error) { return x.c.Open(ctx, x.id, x.by) })
}

type decisionLogCmd struct {
	decisionArg
	forMember
}

// Run logs.
func (c decisionLogCmd) Run(ctx context.Context, a *app) error {
	return a.deciding(ctx, c.Decision, c.forMember, agreeing{}, "{it} is logged.", func(x *deciding) (chair.Result, error) { return x.c.Log(ctx, x.id, x.by) })
}

type decisionAnnounceCmd struct {
	decisionArg
	forMember
	Place string `placeholder:"PLACE" help:"Where the members were told; needed"`
}

// Help says why.
func (decisionAnnounceCmd) Help() string {
	return `
Silence counts only when it was heard: a decision that can pass without an answer
passes only if this was recorded in time. The program records it by itself once
the room, or the mail of every member waited for, has taken what it sends; where
it sends nothing, the proposer or a facilitator does.

  goodstanding decisions announce 12 --as Ada --place "#general, and by mail"`
}

// Run records.
func (c decisionAnnounceCmd) Run(ctx context.Context, a *app) error {
	return a.deciding(ctx, c.Decision, c.forMember, agreeing{}, "{it}: the announcement is recorded.", func(x *deciding) (chair.Result, error) {
		return x.c.Announce(ctx, x.id, x.by, c.Place)
	})
}
