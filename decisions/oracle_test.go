package decisions_test

import (
	"fmt"
	"math/big"
	"sort"
	"strings"
	"time"

	"coopcloud.tech/goodstanding/decisions"
	"coopcloud.tech/goodstanding/internal/instant"
	"coopcloud.tech/goodstanding/member"
)

// oracle tells, from the events that people brought about and from the roll,
// what a decision comes to. It was written from domain.md, section 5, without
// the package: it keeps nothing, reads the whole story anew for each question,
// finds the closings by itself, and counts with fractions of its own.
type oracle struct{}

// take has nothing to keep.
func (*oracle) take(*assembly, decisions.Event) {}

// told is what the oracle says of one instant.
type told struct {
	state    string
	deadline string
	closed   instant.Instant
	votes    map[string]int
	waiting  []string
	objects  int
	holds    bool
}

// story is a reading of the events under way.
type story struct {
	w        *assembly
	events   []decisions.Event // without closings
	state    string
	day      time.Time // noon of the deadline's date, in UTC
	opened   int       // index of the opening or escalation
	asked    int       // index from which announcements count
	revised  int       // index of the event from which ballots count
	size     string
	seats    map[string]bool
	settled  map[string]agreed
	edited   instant.Instant
	imported bool // and nobody has gone on with it here
	closed   instant.Instant
	finished *told
}

// agreed is what two people have settled of a member, after which deadline; "" for any.
type agreed struct {
	counts bool
	of     string
}

func (o *oracle) tell(w *assembly, at instant.Instant) told {
	s := &story{w: w, seats: map[string]bool{}, settled: map[string]agreed{}}
	for _, ev := range w.log {
		if ev.Kind == decisions.Close || ev.At > at {
			continue
		}
		s.closeBy(ev.At)
		if s.finished != nil {
			return told{state: fmt.Sprintf("%s, and yet %s happened", s.state, ev.Kind)}
		}
		s.events = append(s.events, ev)
		s.happen(len(s.events)-1, ev)
		if s.state == "overdue" {
			s.tryClose(ev.At)
		}
	}
	s.closeBy(at)
	if s.finished != nil {
		return *s.finished
	}
	out := s.count(at, false)
	out.state, out.deadline = s.state, s.date()
	return out
}

func (s *story) date() string {
	if s.day.IsZero() {
		return ""
	}
	return s.day.Format(time.DateOnly)
}

// over is when the day of the deadline is over where the federation lives.
func (s *story) over() instant.Instant {
	return instant.Of(time.Date(s.day.Year(), s.day.Month(), s.day.Day()+1, 0, 0, 0, 0, s.w.zone))
}

func (s *story) today(at instant.Instant) time.Time {
	y, m, d := at.Time().In(s.w.zone).Date()
	return time.Date(y, m, d, 12, 0, 0, 0, time.UTC)
}

func (s *story) rule() decisions.SizeRules {
	if s.size == "medium" {
		return s.w.rules.Medium
	}
	return s.w.rules.Large
}

// atLeast moves the deadline to a day, if it is an earlier one, and the
// decision runs.
func (s *story) atLeast(day time.Time) {
	s.state = "open"
	if s.day.Before(day) {
		s.day = day
	}
}

func (s *story) happen(i int, ev decisions.Event) {
	notice := s.rule().Notice
	switch ev.Kind {
	case decisions.Import:
		s.state, s.size, s.imported = ev.Imported.State.Words(), string(ev.Proposal.Size), true
	case decisions.Propose, decisions.Edit:
		s.imported = false
		s.state, s.size = "draft", string(ev.Proposal.Size)
		s.day = time.Time{}
		if !ev.Proposal.Deadline.IsZero() {
			s.day, _ = time.Parse(time.DateOnly+" 15", ev.Proposal.Deadline.String()+" 12")
		}
	case decisions.Log:
		s.state = "logged"
	case decisions.Open:
		s.begin(i, ev)
		s.state = "open"
		if s.day.IsZero() {
			s.day = s.today(ev.At).AddDate(0, 0, notice)
		}
	case decisions.Escalate:
		if s.state == "logged" {
			s.day = time.Time{}
		}
		s.size = string(ev.Size)
		s.begin(i, ev)
		s.atLeast(s.today(ev.At).AddDate(0, 0, s.rule().Notice))
	case decisions.Announce:
		if s.state == "overdue" && s.silentPasses() && !s.heard() {
			s.atLeast(s.today(ev.At).AddDate(0, 0, notice))
		}
	case decisions.Amend:
		if ev.Editorial {
			s.edited = ev.At
			s.atLeast(s.today(ev.At + 3*instant.Day))
			return
		}
		s.revised = i
		s.atLeast(s.today(ev.At).AddDate(0, 0, notice))
	case decisions.CallMaterial:
		s.revised = i
		s.atLeast(s.today(ev.At).AddDate(0, 0, notice))
	case decisions.MoreTime:
		if today := s.today(ev.At); s.day.Before(today) {
			s.day = today
		}
		s.day, s.state = s.day.AddDate(0, 0, s.rule().MoreTime), "open"
	case decisions.Withdraw:
		s.finish("withdrawn", ev.At)
	case decisions.Stall:
		s.state = "stalled"
	case decisions.Reopen:
		if ev.Anew {
			s.asked = i
		}
		if s.imported {
			s.imported = false
			s.begin(i, ev)
		}
		s.day, _ = time.Parse(time.DateOnly+" 15", ev.Deadline.String()+" 12")
		s.state = "open"
	case decisions.End:
		t := s.count(ev.At, false)
		if s.tryClose(ev.At); s.finished != nil {
			return
		}
		if t.votes["block"] > 0 || t.objects > 0 {
			s.finish("stopped", ev.At)
		} else {
			s.finish("not carried", ev.At)
		}
	case decisions.Join, decisions.AddSeat:
		s.seats[string(ev.Member)] = true
	case decisions.RemoveSeat:
		delete(s.seats, string(ev.Member))
	case decisions.Settle:
		s.settled[string(ev.Member)] = agreed{ev.Counts, ev.Deadline.String()}
	}
}

func (s *story) begin(i int, ev decisions.Event) {
	s.opened, s.revised, s.asked = i, i, i
	s.seats, s.settled = map[string]bool{}, map[string]agreed{}
	for _, seat := range ev.Electorate {
		s.seats[string(seat.Member)] = true
	}
}

func (s *story) finish(state string, at instant.Instant) {
	s.state, s.closed = state, at
	t := s.count(at, false)
	t.state, t.deadline, t.closed = state, s.date(), at
	s.finished = &t
}

// closeBy finds what the deadline led to.
func (s *story) closeBy(at instant.Instant) {
	for s.finished == nil && s.state == "open" && at >= s.over() {
		over := s.over()
		s.state = "overdue"
		s.tryClose(over)
		if s.finished != nil || !s.silentPasses() || s.heard() {
			continue
		}
		for _, ev := range s.events[s.asked:] { // told too late: silence is counted from then on
			if ev.Kind == decisions.Announce {
				if day := s.today(ev.At).AddDate(0, 0, s.rule().Notice); day.After(s.day) {
					s.day, s.state = day, "open"
				}
				break
			}
		}
	}
}

// tryClose ends an overdue decision where both ways to count those who have
// gone since the deadline agree.
func (s *story) tryClose(at instant.Instant) {
	verdict := func(stayed bool) string {
		t := s.count(at, stayed)
		_, unanswered := s.concerns(at, stayed)
		switch {
		case t.holds && (!s.silentPasses() || s.heard()):
			return "passed"
		case !t.holds && len(t.waiting) == 0 && t.votes["block"]+t.votes["against"]+t.objects+unanswered == 0:
			return "not carried"
		}
		return ""
	}
	if a, b := verdict(false), verdict(true); a == b && a != "" {
		s.finish(a, at)
	}
}

// heard: told on a day that leaves the notice before the deadline's day.
func (s *story) heard() bool {
	for _, ev := range s.events[s.asked:] {
		if ev.Kind == decisions.Announce && !s.today(ev.At).AddDate(0, 0, s.rule().Notice).After(s.day) {
			return true
		}
	}
	return false
}

func (s *story) silentPasses() bool {
	for _, c := range s.rule().PassesIf {
		if text := c.String(); strings.HasPrefix(text, "favour") || text == "turnout all" {
			return false
		}
	}
	return true
}

// last is the newest ballot or retraction of a member that counts, and whether
// an objection of it stands; -1 for none.
func (s *story) last(name string) (ballot, objection int) {
	ballot, objection = -1, -1
	for i := s.revised; i < len(s.events); i++ {
		ev := s.events[i]
		if string(ev.By.Member) != name {
			continue
		}
		switch ev.Kind {
		case decisions.Cast:
			ballot = i
		case decisions.Retract:
			ballot = -1
		case decisions.Object:
			objection = i
		case decisions.Unobject:
			objection = -1
		}
	}
	return ballot, objection
}

// counts says whether a member is counted at all at an instant.
func (s *story) counts(name string, v decisions.Verdict, stayed bool) bool {
	if v.Membership != decisions.Suspended && v.Membership != decisions.Left {
		return true
	}
	if a, ok := s.settled[name]; ok && (a.of == "" || a.of == s.date()) {
		return a.counts
	}
	return stayed && !s.day.IsZero() && v.Since >= s.over()
}

func (s *story) count(at instant.Instant, stayed bool) told {
	t := told{votes: map[string]int{}}
	r, _ := s.w.look(at)
	cast := 0
	for name := range s.seats {
		v := r[member.ID(name)]
		if !s.counts(name, v, stayed) {
			continue
		}
		ballot, objection := s.last(name)
		objects := objection >= 0
		gone := v.Membership == decisions.Suspended || v.Membership == decisions.Left
		if ballot >= 0 {
			answer := string(s.events[ballot].Answer)
			t.votes[answer]++
			cast++
			objects = objects || s.size == "medium" && answer == "against"
		} else if v.Vote || gone {
			t.waiting = append(t.waiting, name)
		}
		if objects {
			t.objects++
		}
	}
	sort.Strings(t.waiting)
	t.holds = true
	_, unanswered := s.concerns(at, stayed)
	for _, c := range s.rule().PassesIf {
		t.holds = t.holds && s.holds(c.String(), &t, cast, unanswered)
	}
	return t
}

// holds reads a line of the policy as a person would.
func (s *story) holds(text string, t *told, cast, unanswered int) bool {
	switch text {
	case "turnout all":
		return len(t.waiting) == 0
	case "no block":
		return t.votes["block"] == 0
	case "no against":
		return t.votes["against"] == 0
	case "no objection":
		return t.objects == 0
	case "concerns answered":
		return unanswered == 0
	case "favour > against":
		return t.votes["favour"] > t.votes["against"]
	}
	words := strings.Fields(text)
	favour := big.NewRat(int64(t.votes["favour"]), 1)
	asked, _ := new(big.Rat).SetString(words[2])
	switch {
	case strings.HasSuffix(text, "of electorate"):
		return favour.Cmp(asked.Mul(asked, big.NewRat(int64(cast+len(t.waiting)), 1))) > 0
	case strings.HasSuffix(text, "of voters"):
		return cast > 0 && favour.Cmp(asked.Mul(asked, big.NewRat(int64(cast), 1))) >= 0
	}
	return favour.Cmp(asked) >= 0
}

// concerns counts those that stand and those of them without an answer: an
// answer holds for the same words of the same member.
func (s *story) concerns(at instant.Instant, stayed bool) (standing, unanswered int) {
	r, _ := s.w.look(at)
	for name := range s.seats {
		if !s.counts(name, r[member.ID(name)], stayed) {
			continue
		}
		ballot, objection := s.last(name)
		for _, i := range []int{ballot, objection} {
			if i < 0 || s.events[i].Words == "" || s.events[i].Kind == decisions.Cast && s.events[i].Answer != decisions.Against && s.events[i].Answer != decisions.Block {
				continue
			}
			standing++
			if !s.answered(i) {
				unanswered++
			}
		}
	}
	return standing, unanswered
}

// answered follows a concern back through the times it was said in the same
// words, one ballot or one objection after the other.
func (s *story) answered(i int) bool {
	numbers := map[int]int{} // index to the number of the concern, as people see them
	n := 0
	for j := s.opened; j < len(s.events); j++ {
		ev := s.events[j]
		if ev.Kind == decisions.Object || ev.Kind == decisions.Cast && (ev.Answer == decisions.Against || ev.Answer == decisions.Block) {
			n++
			numbers[j] = n
		}
	}
	for {
		for j := i + 1; j < len(s.events); j++ {
			if s.events[j].Kind == decisions.AnswerConcern && s.events[j].Concern == numbers[i] {
				return true
			}
		}
		before := -1
		for j := s.opened; j < i; j++ {
			ev := s.events[j]
			if ev.By.Member != s.events[i].By.Member {
				continue
			}
			switch {
			case ev.Kind == s.events[i].Kind:
				before = j
			case ev.Kind == decisions.Retract && s.events[i].Kind == decisions.Cast, ev.Kind == decisions.Unobject && s.events[i].Kind == decisions.Object:
				before = -1
			}
		}
		if before < 0 || s.events[before].Words != s.events[i].Words || numbers[before] == 0 {
			return false
		}
		i = before
	}
}

// check holds what a decision reads like against the oracle.
func (o *oracle) check(w *assembly, at instant.Instant, s *seen) {
	w.t.Helper()
	if diff := o.differ(w, at, s); diff != "" {
		w.fail("the oracle differs: %s", diff)
	}
}

func (o *oracle) differ(w *assembly, at instant.Instant, s *seen) string {
	want := o.tell(w, at)
	if s.d.State == "" {
		return ""
	}
	if want.state != s.d.State.Words() {
		return fmt.Sprintf("at %s it says %s, not %s", at, want.state, s.d.State.Words())
	}
	if s.d.State == decisions.Draft || s.d.State == decisions.Logged || s.d.State == decisions.Stalled || s.d.Untaken() {
		return ""
	}
	if want.deadline != s.d.Deadline.String() {
		return fmt.Sprintf("at %s the deadline is %s, not %s", at, want.deadline, s.d.Deadline)
	}
	if s.d.State == decisions.Withdrawn {
		return ""
	}
	t := s.o.Tally
	got := fmt.Sprint(t.Favour, t.Against, t.Abstain, t.Block, len(t.Objections), len(t.Waiting), s.o.Holds())
	said := fmt.Sprint(want.votes["favour"], want.votes["against"], want.votes["abstain"], want.votes["block"], want.objects, len(want.waiting), want.holds)
	if got != said {
		return fmt.Sprintf("at %s it counts %s, not %s", at, said, got)
	}
	if s.d.State.Final() && want.closed != s.o.At {
		return fmt.Sprintf("it closed at %s, not %s", want.closed, s.o.At)
	}
	return ""
}

// compare asks about every instant at which something happened, and the ends of
// the days between.
func (o *oracle) compare(w *assembly) {
	w.t.Helper()
	for _, ev := range w.log {
		s := w.read(max(ev.At, w.now))
		o.check(w, max(ev.At, w.now), &s)
	}
}
