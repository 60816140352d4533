package decisions

import (
	"slices"
	"strconv"
	"strings"
)

// refuse lists every reason why an event cannot happen; none when it can. In
// the wrong state the rest is not looked at: it would speak of another time.
func (d *Decision) refuse(ev *Event) []Reason {
	if !May(d.State, ev.Kind) {
		return []Reason{wrongState(d.State, ev.Kind)}
	}
	r := refusing{Decision: d, ev: ev, today: DayOf(ev.At, d.Zone)}
	if ev.At < d.Last {
		r.add(NotNewest, "it is older than what has happened since")
	}
	if d.Due(ev.At) && ev.Kind != Close && !(ev.Kind == Stall && ev.Lost) {
		r.add(WrongState, "its deadline is past, and what that leads to has to be written first")
	}
	checks[ev.Kind](&r)
	return r.reasons
}

// refusing collects the reasons against one event.
type refusing struct {
	*Decision
	ev      *Event
	today   Day
	reasons []Reason
}

func (r *refusing) add(code Code, format string, args ...any) {
	r.reasons = append(r.reasons, because(code, format, args...))
}

// checks are what events ask for, beside the state.
var checks = map[EventKind]func(*refusing){
	Propose:       func(r *refusing) { r.voting(); r.proposal() },
	Edit:          func(r *refusing) { r.editing(); r.proposal() },
	Log:           func(r *refusing) { r.proposing(); r.only(Small) },
	Open:          (*refusing).opening,
	Announce:      func(r *refusing) { r.announcing(); r.worded("the place") },
	Amend:         (*refusing).amending,
	CallMaterial:  (*refusing).calling,
	Cast:          (*refusing).casting,
	Retract:       (*refusing).retracting,
	Object:        func(r *refusing) { r.seated(); r.voting(); r.concerned("an objection") },
	Unobject:      (*refusing).unobjecting,
	MoreTime:      (*refusing).askingMoreTime,
	Escalate:      (*refusing).escalating,
	AnswerConcern: (*refusing).answering,
	Nudge:         (*refusing).nudging,
	Withdraw:      func(r *refusing) { r.proposing() },
	Stall:         func(r *refusing) { r.facilitating(); r.worded("the reason") },
	Reopen:        func(r *refusing) { r.facilitating(); r.takingUp(); r.later(r.ev.Deadline) },
	End:           func(r *refusing) { r.proposingOrFacilitating(); r.covered() },
	Join:          (*refusing).joining,
	AddSeat:       func(r *refusing) { r.two(); r.joining(); r.worded("the reason") },
	RemoveSeat:    func(r *refusing) { r.two(); r.leaving(); r.worded("the reason") },
	Settle:        func(r *refusing) { r.two(); r.others(); r.leaving(); r.worded("the reason") },
	Close:         (*refusing).closing,
	Import:        (*refusing).importing,
}

// seated: the member has a place in the electorate.
func (r *refusing) seated() {
	if !r.Electorate.Has(r.ev.By.Member) {
		r.add(NoSeat, "the member has no place in the electorate of this decision: it was not an admitted member, or was paused or suspended, when the decision was opened")
	}
}

// voting: the roll says yes.
func (r *refusing) voting() {
	v := r.ev.By.Verdict
	if v.Vote {
		return
	}
	why := v.Why
	if why == "" {
		why = "the member has no vote now"
	}
	r.add(NoVote, "%s", why)
}

func (r *refusing) isProposer() bool {
	return r.ev.By.Member != "" && r.ev.By.Member == r.Proposer
}

func (r *refusing) proposing() {
	if !r.isProposer() {
		r.add(NotProposer, "only delegates of the member that proposed it may do that")
	}
}

func (r *refusing) facilitating() {
	if !r.ev.By.Facilitator {
		r.add(NotFacilitator, "only a facilitator may do that")
	}
}

func (r *refusing) proposingOrFacilitating() {
	if !r.isProposer() && !r.ev.By.Facilitator {
		r.add(NotAllowed, "only a facilitator, or delegates of the member that proposed it, may do that")
	}
}

// announcing: what the room, or the mail of every member waited for, has accepted
// the program records itself (domain.md, section 5, "Silence counts only when it
// was heard").
func (r *refusing) announcing() {
	if !r.ev.By.Program {
		r.proposingOrFacilitating()
	}
}

func (r *refusing) worded(what string) {
	if strings.TrimSpace(r.ev.Words) == "" {
		r.add(ReasonMissing, "%s is missing", what)
	}
}

func (r *refusing) concerned(what string) {
	if strings.TrimSpace(r.ev.Words) == "" {
		r.add(ConcernMissing, "%s says in words what the concern is", what)
	}
}

func (r *refusing) only(s Size) {
	if r.Size() != s {
		r.add(ProposalWrong, "the decision is %s, not %s", r.Size(), s)
	}
}

func (r *refusing) proposal() {
	if r.ev.Proposal == nil {
		r.add(TextMissing, "there is no proposal")
		return
	}
	r.reasons = append(r.reasons, r.ev.Proposal.mistakes()...)
}

func (r *refusing) opening() {
	if r.Untaken() {
		r.add(NotProposer, "nobody has taken this imported draft up: a member with a vote does so by editing it")
		return
	}
	r.proposingOrFacilitating()
	if r.isProposer() {
		r.voting()
	}
	r.reasons = append(r.reasons, r.Proposal.missing()...)
	if r.Size() == Small {
		r.add(ProposalWrong, "a small decision is not opened, only logged")
		return
	}
	rules := r.ev.Rules
	switch {
	case rules == nil || r.Number == 0 && r.ev.Number < 1:
		r.add(TextMissing, "an opening needs a number and the rules in force")
		return
	case len(r.ev.Electorate) == 0:
		r.add(NoSeat, "nobody could answer: there is no admitted member that is neither paused nor suspended")
	}
	if r.Proposal.Deadline.IsZero() {
		return
	}
	r.later(r.Proposal.Deadline)
	if n := rules.Weigh(r.Size(), r.today, r.Proposal.Deadline); n.Short() && !n.Past() && rules.NoticeTooShort == Refuse && !r.ev.By.Facilitator {
		r.add(NoticeTooShort, "%s: the first day is %s; a facilitator may open it all the same", n.Words(r.Size()), n.First.Words())
	}
}

// later: the new deadline is not past.
func (r *refusing) later(day Day) {
	if day.IsZero() || day.Before(r.today) {
		r.add(DeadlinePast, "the deadline has to be %s or later", r.today.Words())
	}
}

func (r *refusing) amending() {
	r.proposing()
	if r.ev.Text == nil {
		r.add(TextMissing, "there is no text")
		return
	}
	after := Proposal{Text: *r.ev.Text, Kind: r.Proposal.Kind}
	r.reasons = append(r.reasons, after.missing()...)
	if *r.ev.Text == r.Proposal.Text {
		r.add(Unchanged, "the text is the same as before")
	}
}

func (r *refusing) calling() {
	r.seated()
	switch {
	case r.Editorial == 0:
		r.add(NothingThere, "the newest text did not come by an editorial amendment")
	case r.ev.At >= r.Editorial.Add(editorialSpan):
		r.add(TooLate, "the editorial amendment is more than 72 hours old")
	}
}

func (r *refusing) casting() {
	r.seated()
	r.voting()
	if !r.Rule().Offers(r.ev.Answer) {
		var offered []string
		for _, a := range r.Rule().Answers {
			offered = append(offered, string(a))
		}
		r.add(NotOffered, "%q is no answer to this decision: answer %s", r.ev.Answer, either(offered))
		return
	}
	if carriesConcern(r.ev.Answer) {
		r.concerned("the answer " + string(r.ev.Answer))
	}
}

func (r *refusing) retracting() {
	if _, ok := r.Ballots[r.ev.By.Member]; !ok {
		r.add(NothingThere, "the member has no ballot to retract")
	}
}

func (r *refusing) unobjecting() {
	if _, ok := r.Objections[r.ev.By.Member]; !ok {
		r.add(NothingThere, "the member has no objection to withdraw")
	}
}

func (r *refusing) askingMoreTime() {
	r.seated()
	r.voting()
	r.worded("the reason")
	if r.Rule().MoreTime == 0 {
		r.add(NotOffered, "no more time can be asked for in a %s decision", r.Size())
	}
	if r.Asked[r.ev.By.Member] {
		r.add(UsedUp, "the member has asked for more time before; that is possible once in each decision")
	}
}

func (r *refusing) escalating() {
	if r.State != Logged { // who may call for a larger size is who may answer
		r.seated()
	}
	r.voting()
	r.worded("the reason")
	if r.ev.Size.rank() <= r.Size().rank() {
		r.add(NotLarger, "%q is no larger size than %s", r.ev.Size, r.Size())
	}
	if r.ev.Rules == nil || r.Number == 0 && r.ev.Number < 1 {
		r.add(TextMissing, "escalating needs a number and the rules in force")
	}
	if len(r.ev.Electorate) == 0 {
		r.add(NoSeat, "nobody could answer: there is no admitted member that is neither paused nor suspended")
	}
}

func (r *refusing) answering() {
	r.proposing()
	r.worded("the answer")
	if !slices.Contains(r.standing(), r.ev.Concern) {
		r.add(ConcernUnknown, "no concern with the number %d stands", r.ev.Concern)
	}
}

func (r *refusing) nudging() {
	r.proposingOrFacilitating()
	if r.Nudged != 0 && r.ev.At < r.Nudged.Add(nudgeSpan) {
		r.add(TooSoon, "those waited for were reminded less than three days ago, on %s", DayOf(r.Nudged, r.Zone).Words())
	}
	if r.covered() && len(r.Count(r.ev.Roll).Waiting) == 0 {
		r.add(NobodyMissing, "nobody is waited for")
	}
}

// joining: the seat is free, and the member may have it.
func (r *refusing) joining() {
	if r.Electorate.Has(r.ev.Member) {
		r.add(AlreadyThere, "the member has a place in the electorate")
	}
	if r.ev.Verdict.Membership != Admitted {
		r.add(NoSeat, "the member is not admitted, or is paused or suspended")
	}
	if r.ev.Kind == Join && r.Removed[r.ev.Member] {
		r.add(NoSeat, "two people took the member out of the electorate: two have to add it again")
	}
}

func (r *refusing) leaving() {
	if !r.Electorate.Has(r.ev.Member) {
		r.add(NothingThere, "the member has no place in the electorate")
	}
}

// covered: the roll says something of every seat.
func (r *refusing) covered() bool {
	for _, s := range r.Electorate {
		if _, ok := r.ev.Roll[s.Member]; !ok {
			r.add(TextMissing, "the roll says nothing of a member of the electorate")
			return false
		}
	}
	return true
}

func (r *refusing) closing() {
	r.covered()
	if r.State == Opened && r.ev.At < r.Ends() {
		r.add(TooSoon, "its deadline is not past: until then everybody may answer")
	}
}

// two: an amendment of the electorate needs two people of different members,
// one of them a facilitator.
func (r *refusing) two() {
	a, b := r.ev.By, r.ev.Second
	if a.Person == "" || b.Person == "" || a.Person == b.Person || a.Member == "" || b.Member == "" || a.Member == b.Member {
		r.add(SecondMissing, "two people of different members have to agree")
	}
	if !a.Facilitator && !b.Facilitator {
		r.add(NotFacilitator, "one of the two has to be a facilitator")
	}
}

// others: neither of the two is of the member that it is about.
func (r *refusing) others() {
	if r.ev.Member == r.ev.By.Member || r.ev.Member == r.ev.Second.Member {
		r.add(SecondMissing, "the two have to be of other members than the one it is about")
	}
}

// Warnings are what a proposer should know about an event that is allowed.
func (d *Decision) Warnings(ev *Event) (out []string) {
	if ev.Kind != Open || ev.Rules == nil || d.Proposal.Deadline.IsZero() {
		return nil
	}
	if n := ev.Rules.Weigh(d.Size(), DayOf(ev.At, d.Zone), d.Proposal.Deadline); n.Short() {
		out = append(out, n.Words(d.Size()))
	}
	return out
}

func count(n int, what string) string {
	if n == 1 {
		return "1 " + what
	}
	return strconv.Itoa(n) + " " + what + "s"
}
