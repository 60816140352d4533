package roll

import (
	"cmp"
	"context"
	"fmt"
	"strings"

	"coopcloud.tech/goodstanding/eligibility"
	"coopcloud.tech/goodstanding/internal/arrange"
	"coopcloud.tech/goodstanding/internal/instant"
	"coopcloud.tech/goodstanding/member"
	"coopcloud.tech/goodstanding/store"
)

// Assess is the assess step by itself: it writes what has changed since the
// standings were last recorded, such as a change that time alone brings. Time
// alone takes no right (domain.md, section 3), so the brake has no say here.
func (r *Roll) Assess(ctx context.Context) (Report, error) {
	var report Report
	err := r.db.InTx(ctx, store.Entries, r.now(), func(tx *store.Tx) error {
		var err error
		report, err = r.afterCalm(ctx, tx, nil)
		return err
	})
	if err != nil {
		return Report{}, fmt.Errorf("assess: %w", err)
	}
	return report, nil
}

// AfterSnapshot assesses inside the transaction of a pull, after the
// snapshot's rows were written, and sets a hold where the brake asks for one. No fact
// may be written after it in the same transaction.
func (r *Roll) AfterSnapshot(ctx context.Context, tx *store.Tx, s SnapshotInfo) (Report, error) {
	return r.afterCalm(ctx, tx, &s)
}

// afterCalm assesses those whom something can have moved since the last such step, and
// notes for the next one whom nothing moves. It is a pull's step where there is a
// snapshot.
func (r *Roll) afterCalm(ctx context.Context, tx *store.Tx, s *SnapshotInfo) (Report, error) {
	a, err := r.beginAssessment(ctx, tx)
	if err != nil || a == nil {
		return Report{}, err
	}
	if err := a.readRestless(ctx); err != nil {
		return Report{}, err
	}
	if s != nil {
		if err := a.brake(ctx, *s); err != nil {
			return Report{}, err
		}
		a.alarm.unknownWords(s.Unknown)
	}
	report, err := a.write(ctx, because{}, s != nil)
	if err != nil {
		return Report{}, err
	}
	return report, a.note(ctx)
}

// afterEntry assesses inside the transaction of a change, as its last step.
func (r *Roll) afterEntry(ctx context.Context, tx *store.Tx, why because) (Report, error) {
	a, err := r.newAssessment(ctx, tx)
	if err != nil || a == nil {
		return Report{}, err
	}
	return a.write(ctx, why, false)
}

// afterRules is afterEntry for rules that are in force from an instant which may be past.
// Where a snapshot was taken since, it takes rights by them only now, and the brake has its
// say as if they had been stored before it.
func (r *Roll) afterRules(ctx context.Context, tx *store.Tx, why because, from instant.Instant) (Report, error) {
	a, err := r.newAssessment(ctx, tx)
	if err != nil || a == nil {
		return Report{}, err
	}
	seen := a.last != 0 && a.last >= from
	if seen {
		s, err := a.lastSnapshot(ctx)
		if err != nil {
			return Report{}, err
		}
		s.Previous = min(s.Previous, from) // what came between took rights by them, too
		if err := a.brake(ctx, s); err != nil {
			return Report{}, err
		}
	}
	return a.write(ctx, why, seen)
}

// lastSnapshot is the last complete snapshot that is stored, as its pull told of it. Of the
// first one the one before is itself.
func (a *assessment) lastSnapshot(ctx context.Context) (SnapshotInfo, error) {
	all, err := a.tx.Snapshots(ctx)
	if err != nil {
		return SnapshotInfo{}, err
	}
	last := all[len(all)-1]
	return SnapshotInfo{Number: last.Number, Start: last.Start, Previous: all[max(0, len(all)-2)].Start, Currency: last.Currency.String()}, nil
}

// assessment is one assess step, over all members or those whom something can have moved.
type assessment struct {
	r       *Roll
	tx      *store.Tx
	rules   *rules
	alarm   *alarm
	now     instant.Instant
	known   instant.Instant
	last    instant.Instant // start of the last complete snapshot; 0 for none
	members []assessed
	// calm are the members that were not read, with those that were before: nil where
	// all are read.
	calm *calm
	hold *store.HoldRow
	kept []store.HoldMember
}

// assessed is one member under assessment.
type assessed struct {
	info  store.MemberInfo
	facts eligibility.Facts
	// before is the standing last recorded; first says that there is none.
	before store.StandingRow
	first  bool
	// now is what holds at the clock's instant.
	now eligibility.Standing
	// moved says that a standing is recorded in this step.
	moved bool
}

// newAssessment reads all that the step needs; nil when there is no policy yet.
func (r *Roll) newAssessment(ctx context.Context, tx *store.Tx) (*assessment, error) {
	a, err := r.beginAssessment(ctx, tx)
	if err != nil || a == nil {
		return nil, err
	}
	return a, a.read(ctx)
}

// beginAssessment is newAssessment before anything is read of the members.
func (r *Roll) beginAssessment(ctx context.Context, tx *store.Tx) (*assessment, error) {
	ru, err := r.rulesOf(ctx, tx)
	if err != nil || len(ru.versions) == 0 {
		return nil, err
	}
	alarm, err := newAlarm(ctx, tx, ru)
	if err != nil {
		return nil, err
	}
	return &assessment{r: r, tx: tx, rules: ru, alarm: alarm, now: tx.Now(), known: tx.Known(), last: alarm.snapshot.Start}, nil
}

// read reads those members, all when none is given, and what was recorded of them last,
// and assesses them.
func (a *assessment) read(ctx context.Context, ids ...member.ID) error {
	infos, err := a.tx.Members(ctx, ids...)
	if err != nil {
		return err
	}
	facts, err := a.tx.Facts(ctx, ids...)
	if err != nil {
		return err
	}
	recorded, err := a.tx.LastStandings(ctx, ids...)
	if err != nil {
		return err
	}
	if len(infos) != len(facts) {
		return fmt.Errorf("assess: there are %d members, and facts about %d", len(infos), len(facts))
	}
	of := make(map[member.ID]int, len(facts))
	for i := range facts {
		of[facts[i].Member] = i
	}
	arrange.By(infos, func(x, y store.MemberInfo) int {
		return cmp.Or(strings.Compare(x.Detail.Name, y.Detail.Name), strings.Compare(string(x.ID), string(y.ID)))
	})
	a.members = make([]assessed, 0, len(infos))
	for _, info := range infos {
		i, ok := of[info.ID]
		if !ok { // a standing made of another's facts would be worse than none
			return fmt.Errorf("assess the member %s: its facts are missing", info.ID)
		}
		m := assessed{info: info, facts: facts[i]}
		before, ok := recorded[info.ID]
		m.before, m.first = before, !ok
		m.now = a.rules.policies.Assess(&m.facts, a.now, a.known)
		a.members = append(a.members, m)
	}
	return nil
}

// longestPath bounds how many transitions one member can have in one step: a
// daemon that was down for years still ends.
const longestPath = 500

// path is every standing of the member since the one last recorded that
// differs from the one before it, each at its own instant, ending with the one
// that holds now (domain.md, section 6).
func (a *assessment) path(m *assessed) []eligibility.Standing {
	if m.first {
		return []eligibility.Standing{m.now}
	}
	var out []eligibility.Standing
	was := recordedStanding(m.before)
	for t, n := m.before.At, 0; n < longestPath; n++ {
		at := a.rules.policies.Assess(&m.facts, t, a.known)
		if t > m.before.At && moved(&was, &at) {
			out, was = append(out, at), at
		}
		if at.ChangesAt == 0 || at.ChangesAt > a.last || at.ChangesAt >= a.now {
			break
		}
		t = at.ChangesAt
	}
	if moved(&was, &m.now) {
		out = append(out, m.now)
	}
	return out
}

// moved says whether a standing is worth recording after another: another
// state, or another verdict on a right.
func moved(before, after *eligibility.Standing) bool {
	return len(eligibility.Compare(before, after)) > 0
}

func recordedStanding(row store.StandingRow) eligibility.Standing {
	s := eligibility.Standing{Member: row.Member, At: row.At, State: row.State, Policy: row.Policy}
	s.Verdicts[eligibility.Vote].OK = row.Vote
	s.Verdicts[eligibility.Listing].OK = row.Listing
	s.Verdicts[eligibility.Services].OK = row.Services
	return s
}

// write records what has changed with the notices it causes. bySnapshot says
// that a snapshot brought it, which is what the brake counts.
func (a *assessment) write(ctx context.Context, why because, bySnapshot bool) (Report, error) {
	steps, post, err := a.find(ctx, why, bySnapshot)
	if err != nil {
		return Report{}, err
	}
	if err := a.tx.AddStandings(ctx, steps.rows...); err != nil {
		return Report{}, err
	}
	report := Report{Transitions: steps.transitions}
	if a.hold != nil {
		report.Hold, report.Held = a.hold.ID, len(a.kept)
	}
	report.Notices, err = post.send(ctx)
	return report, err
}

// steps are the standings that changed since they were last recorded.
type steps struct {
	rows        []store.StandingRow
	transitions []Transition // in order of their instants
}

// find is what write would record, and tell members, and writes nothing.
func (a *assessment) find(ctx context.Context, why because, bySnapshot bool) (found steps, p *post, err error) {
	p = &post{a: a, because: why}
	for i := range a.members {
		m := &a.members[i]
		was := recordedStanding(m.before)
		for _, s := range a.path(m) {
			m.moved = true
			worse := bySnapshot && !m.first && eligibility.Worse(&was, &s)
			found.rows = append(found.rows, standingRow(&s, worse))
			found.transitions = append(found.transitions, a.transition(m, &was, &s))
			if !m.first {
				p.about(m, &was, &s)
			}
			was = s
		}
		if err := p.keepUp(ctx, m); err != nil {
			return steps{}, nil, err
		}
	}
	arrange.By(found.transitions, func(x, y Transition) int { return int(max(-1, min(1, x.At-y.At))) })
	return found, p, nil
}

func (a *assessment) transition(m *assessed, was, is *eligibility.Standing) Transition {
	return Transition{
		Member: m.info.ID, Name: nameOf(m.info), At: is.At, From: was.State, To: is.State,
		Changes: eligibility.Compare(was, is), Why: is.Why(a.r.zone), Reasons: is.Reasons,
	}
}

func standingRow(s *eligibility.Standing, worse bool) store.StandingRow {
	row := store.StandingRow{
		Member: s.Member, At: s.At, State: s.State, Policy: s.Policy, Worse: worse, AsOf: s.AsOf,
		Vote: s.Has(eligibility.Vote), Listing: s.Has(eligibility.Listing), Services: s.Has(eligibility.Services),
		Codes: []string{},
	}
	for _, re := range s.Reasons {
		row.Codes = append(row.Codes, re.Code.String())
	}
	return row
}
