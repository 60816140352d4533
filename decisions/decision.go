package decisions

import (
	"maps"
	"slices"
	"time"

	"coopcloud.tech/goodstanding/internal/instant"
	"coopcloud.tech/goodstanding/member"
)

// Ballot is what a member answered; the last one counts.
type Ballot struct {
	Member member.ID       `json:"member"`
	Person member.PersonID `json:"person"`
	At     instant.Instant `json:"at"`
	Answer Answer          `json:"answer"`
	// Concern is the number of the concern that it carries; 0 for none.
	Concern int `json:"concern,omitempty"`
	// Verdict is what the roll said of the member when it was cast.
	Verdict Verdict `json:"verdict"`
	// Revision is the text that it was cast on.
	Revision int `json:"revision"`
}

// Objection is a member's standing objection.
type Objection struct {
	Member   member.ID       `json:"member"`
	At       instant.Instant `json:"at"`
	Concern  int             `json:"concern"`
	Revision int             `json:"revision"`
}

// Concern is what a ballot or an objection carries in words, and its answer.
type Concern struct {
	Number   int             `json:"number"`
	Member   member.ID       `json:"member"`
	At       instant.Instant `json:"at"`
	Words    string          `json:"words"`
	Answer   string          `json:"answer,omitempty"`
	Answered instant.Instant `json:"answered,omitempty"`
}

// Announcement says when and where the members were told.
type Announcement struct {
	At    instant.Instant `json:"at"`
	Place string          `json:"place"`
}

// editorialSpan is how long an editorial amendment leaves, and how long it can
// be called material.
const editorialSpan = 72 * time.Hour

// nudgeSpan is the least time between two nudges.
const nudgeSpan = 3 * 24 * time.Hour

// Decision is what a log of events comes to. It is a value: Apply returns
// another one and changes nothing. The zero value but for the zone is a
// decision that nobody has proposed.
type Decision struct {
	// Zone is the federation's time zone, in which deadlines are dates.
	Zone *time.Location

	State    State
	Number   int // 0 until it is opened
	Proposal Proposal
	Proposer member.ID
	Proposed instant.Instant

	Policy     string // id of the version whose rules hold for it
	Rules      Rules
	Electorate Electorate
	Opened     instant.Instant // when it was opened, or last escalated
	Begun      instant.Instant // when members could answer it first, whatever became of it since
	Anew       instant.Instant // when its members were asked last: then, by a new text, or by a reopening
	Deadline   Day
	Announced  []Announcement // of this opening

	// Revision counts the texts that were decided on, from 1 at the opening on;
	// an editorial amendment makes no new one.
	Revision  int
	Revisions []Text          // all texts since the opening, the newest last
	Editorial instant.Instant // when the newest text came, if it came as an editorial amendment

	// Ballots and Objections are the last of each member.
	Ballots    map[member.ID]Ballot
	Objections map[member.ID]Objection
	Concerns   []Concern
	Asked      map[member.ID]bool // for more time
	Nudged     instant.Instant
	// Settled are members who left or were suspended after the deadline, and
	// whether they count all the same.
	Settled map[member.ID]Settlement
	// Removed are members whom two people took out of the electorate.
	Removed map[member.ID]bool

	// Imported is what a file said of a decision that was begun elsewhere; nil for
	// one that was proposed here. TakenUp: somebody went on with it here since, so
	// that no file tells of it any more.
	Imported *Imported
	Told     string // what the file tells of its result, in its own words
	TakenUp  bool

	Last    instant.Instant // of all events
	Outcome *Outcome        // once it is final
}

// New is a decision that nobody has proposed yet.
func New(zone *time.Location) Decision { return Decision{Zone: zone} }

// Size is the proposal's.
func (d *Decision) Size() Size { return d.Proposal.Size }

// Rule is the rule of its size; the zero value for a small one.
func (d *Decision) Rule() SizeRules { return d.Rules.Of(d.Proposal.Size) }

// Of is the rule of a size; the zero value for small, which has none.
func (r Rules) Of(s Size) SizeRules {
	switch s {
	case Medium:
		return r.Medium
	case Large:
		return r.Large
	}
	return SizeRules{}
}

// Ends is the instant at which the deadline is past; 0 while there is none.
func (d *Decision) Ends() instant.Instant {
	if d.Deadline.IsZero() {
		return 0
	}
	return d.Deadline.End(d.Zone)
}

// Due says that the deadline is past and nobody has closed it yet: nothing else
// may happen before that is done.
func (d *Decision) Due(now instant.Instant) bool { return d.State == Opened && now >= d.Ends() }

// Lacks says that answers to it may be missing from a log that may lack what was done
// elsewhere from one instant until another: it runs, its members were not asked anew since
// and told of that, and at the first of them they could answer. By what is there alone
// nothing closes it. No log is read by it.
func (d *Decision) Lacks(from, until instant.Instant) bool {
	return d.State.Running() && d.Begun <= until && !d.toldAnew(until) && (d.State == Overdue || d.Ends() > from)
}

// toldAnew says that its members were asked anew after an instant, and that this was
// announced at least the size's notice before the deadline: who answered before does not
// know else that it is to be said again. An announcement from before that does not tell it.
func (d *Decision) toldAnew(until instant.Instant) bool {
	return d.Anew > until && slices.ContainsFunc(d.Announced, func(a Announcement) bool { return a.At >= d.Anew && d.inTime(a) })
}

// HasBallot says that the member's ballot is that one already: the same answer to
// the newest text, with the same concern in words.
func (d *Decision) HasBallot(id member.ID, answer Answer, words string) bool {
	b, cast := d.Ballots[id]
	if !cast || b.Answer != answer || b.Revision != d.Revision {
		return false
	}
	return b.Concern == 0 || d.Concerns[b.Concern-1].Words == words
}

// Clone is the same decision, which shares nothing that Take changes.
func (d *Decision) Clone() Decision {
	c := *d
	c.Announced, c.Revisions, c.Concerns = slices.Clone(d.Announced), slices.Clone(d.Revisions), slices.Clone(d.Concerns)
	c.Ballots, c.Objections = maps.Clone(d.Ballots), maps.Clone(d.Objections)
	c.Asked, c.Settled, c.Removed = maps.Clone(d.Asked), maps.Clone(d.Settled), maps.Clone(d.Removed)
	return c
}

// Apply is the decision after an event, or a *Refusal with every reason and the
// decision as it was. It, Follow and Take are the only ways in which a decision changes.
func (d *Decision) Apply(ev Event) (Decision, error) {
	if reasons := d.refuse(&ev); len(reasons) > 0 {
		return *d, &Refusal{Event: ev.Kind, State: d.State, Reasons: reasons}
	}
	c := d.Clone()
	c.take(&ev)
	return c, nil
}

// Take is Apply for a decision of the caller's own (Clone), which becomes the one after
// the event: who applies many events copies it once.
func (d *Decision) Take(ev *Event) error {
	if reasons := d.refuse(ev); len(reasons) > 0 {
		return &Refusal{Event: ev.Kind, State: d.State, Reasons: reasons}
	}
	d.take(ev)
	return nil
}

// take changes a decision by an event that is not refused.
func (d *Decision) take(ev *Event) {
	d.State, d.Last = transitions[d.State][ev.Kind], ev.At
	effects[ev.Kind](d, ev)
}

// Fold is what a whole log comes to; the error is that of the first event that
// could not have happened.
func Fold(zone *time.Location, events []Event) (Decision, error) {
	d := New(zone)
	return d.Follow(events)
}

// Follow is what a decision comes to by the events that follow, as if each were
// applied to what the one before it left; the error is that of the first that could
// not have happened. The decision itself does not change, and is copied once,
// however many events there are.
func (d *Decision) Follow(events []Event) (Decision, error) {
	c := d.Clone()
	for i := range events {
		if err := c.Take(&events[i]); err != nil {
			return c, err
		}
	}
	return c, nil
}

// effects are what events do, once they are allowed.
var effects map[EventKind]func(*Decision, *Event)

func init() {
	nothing := func(*Decision, *Event) {}
	effects = map[EventKind]func(*Decision, *Event){
		Propose: (*Decision).propose, Edit: (*Decision).edit, Log: nothing, Open: (*Decision).open, Announce: (*Decision).announce,
		Amend: (*Decision).amend, CallMaterial: (*Decision).callMaterial, Cast: (*Decision).cast, Retract: (*Decision).retract,
		Object: (*Decision).object, Unobject: (*Decision).unobject, MoreTime: (*Decision).moreTime, Escalate: (*Decision).escalate,
		AnswerConcern: (*Decision).answerConcern, Nudge: (*Decision).nudge, Withdraw: nothing, Stall: nothing, Reopen: (*Decision).reopen,
		End: (*Decision).end, Join: (*Decision).seat, AddSeat: (*Decision).seat, RemoveSeat: (*Decision).unseat, Settle: (*Decision).settle,
		Close: (*Decision).close, Import: (*Decision).takeOver,
	}
}

func (d *Decision) propose(ev *Event) {
	d.Proposal, d.Proposer, d.Proposed = *ev.Proposal, ev.By.Member, ev.At
}

func (d *Decision) edit(ev *Event) {
	if d.Untaken() {
		d.Proposer, d.TakenUp = ev.By.Member, true
	}
	d.Proposal = *ev.Proposal
}

// begin is what opening and escalating have in common.
func (d *Decision) begin(ev *Event, notice int) {
	d.Policy, d.Rules, d.Electorate, d.Opened, d.Anew = ev.Policy, *ev.Rules, slices.Clone(ev.Electorate), ev.At, ev.At
	d.Electorate.sort()
	if d.Begun == 0 {
		d.Begun = ev.At
	}
	if d.Number == 0 {
		d.Number = ev.Number
	}
	d.Announced, d.Nudged = nil, 0
	d.Ballots, d.Objections = map[member.ID]Ballot{}, map[member.ID]Objection{}
	d.Concerns, d.Asked, d.Settled, d.Removed = nil, map[member.ID]bool{}, map[member.ID]Settlement{}, map[member.ID]bool{}
	d.Revision++
	d.Revisions, d.Editorial = append(d.Revisions, d.Proposal.Text), 0
	if d.Deadline.IsZero() {
		d.Deadline = DayOf(ev.At, d.Zone).Add(notice)
	}
}

func (d *Decision) open(ev *Event) {
	d.Deadline = d.Proposal.Deadline
	d.begin(ev, ev.Rules.Of(d.Size()).Notice)
}

// escalate: the number and the text stay, the rest begins anew.
func (d *Decision) escalate(ev *Event) {
	d.Proposal.Size = ev.Size
	notice := ev.Rules.Of(ev.Size).Notice
	d.begin(ev, notice)
	d.leave(ev.At, notice)
}

// leave moves the deadline to at least so many days from now.
func (d *Decision) leave(now instant.Instant, days int) {
	d.State = Opened
	if day := DayOf(now, d.Zone).Add(days); d.Deadline.Before(day) {
		d.Deadline = day
	}
}

func (d *Decision) announce(ev *Event) {
	d.Announced = append(d.Announced, Announcement{ev.At, ev.Words})
	if d.State == Overdue && d.Rule().silent() && !d.heard() {
		d.leave(ev.At, d.Rule().Notice)
	}
}

// heard says that the opening, or the reopening that came last, was announced on a day at
// least the size's notice before the deadline's (domain.md, section 5, "Silence counts only
// when it was heard").
func (d *Decision) heard() bool {
	return slices.ContainsFunc(d.Announced, d.inTime)
}

// inTime says that an announcement lies at least the size's notice before the deadline.
func (d *Decision) inTime(a Announcement) bool {
	return DayOf(a.At, d.Zone).Until(d.Deadline) >= d.Rule().Notice
}

func (d *Decision) amend(ev *Event) {
	d.Proposal.Text = *ev.Text
	d.Revisions = append(d.Revisions, *ev.Text)
	if !ev.Editorial {
		d.renew(ev.At)
		return
	}
	d.Editorial, d.State = ev.At, Opened
	if day := DayOf(ev.At.Add(editorialSpan), d.Zone); d.Deadline.Before(day) {
		d.Deadline = day
	}
}

func (d *Decision) callMaterial(ev *Event) { d.renew(ev.At) }

// renew begins a revision: ballots and objections of older ones stay visible
// and count when they are confirmed.
func (d *Decision) renew(now instant.Instant) {
	d.Revision++
	d.Editorial, d.Anew = 0, now
	d.leave(now, d.Rule().Notice)
}

// concern keeps what a member says, with the answer that the same words had.
func (d *Decision) concern(ev *Event, before int) int {
	c := Concern{Number: len(d.Concerns) + 1, Member: ev.By.Member, At: ev.At, Words: ev.Words}
	if before > 0 {
		if old := d.Concerns[before-1]; old.Words == ev.Words {
			c.Answer, c.Answered = old.Answer, old.Answered
		}
	}
	d.Concerns = append(d.Concerns, c)
	return c.Number
}

func (d *Decision) cast(ev *Event) {
	b := Ballot{Member: ev.By.Member, Person: ev.By.Person, At: ev.At, Answer: ev.Answer, Verdict: ev.By.Verdict, Revision: d.Revision}
	if carriesConcern(ev.Answer) {
		b.Concern = d.concern(ev, d.Ballots[ev.By.Member].Concern)
	}
	d.Ballots[ev.By.Member] = b
}

// carriesConcern: against and block say why in words.
func carriesConcern(a Answer) bool { return a == Against || a == Block }

func (d *Decision) retract(ev *Event) { delete(d.Ballots, ev.By.Member) }

func (d *Decision) object(ev *Event) {
	before := d.Objections[ev.By.Member].Concern
	d.Objections[ev.By.Member] = Objection{Member: ev.By.Member, At: ev.At, Concern: d.concern(ev, before), Revision: d.Revision}
}

func (d *Decision) unobject(ev *Event) { delete(d.Objections, ev.By.Member) }

func (d *Decision) moreTime(ev *Event) {
	d.Asked[ev.By.Member] = true
	from := d.Deadline
	if today := DayOf(ev.At, d.Zone); from.Before(today) {
		from = today
	}
	d.Deadline, d.State = from.Add(d.Rule().MoreTime), Opened
}

func (d *Decision) answerConcern(ev *Event) {
	c := &d.Concerns[ev.Concern-1]
	c.Answer, c.Answered = ev.Words, ev.At
}

func (d *Decision) nudge(ev *Event) { d.Nudged = ev.At }

func (d *Decision) reopen(ev *Event) {
	d.Deadline, d.Anew = ev.Deadline, ev.At
	if ev.Anew {
		d.Announced = nil
	}
	if d.Untaken() { // nothing of it was decided here: it begins as an opening does
		d.Proposer, d.TakenUp = ev.By.Member, true
		d.begin(ev, 0)
	}
}

func (d *Decision) seat(ev *Event) {
	d.Electorate = d.Electorate.with(Seat{ev.Member, ev.Verdict})
	delete(d.Removed, ev.Member)
}

func (d *Decision) unseat(ev *Event) {
	d.Electorate = d.Electorate.without(ev.Member)
	d.Removed[ev.Member] = true
}

func (d *Decision) settle(ev *Event) { d.Settled[ev.Member] = Settlement{ev.Counts, ev.Deadline} }
