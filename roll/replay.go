package roll

import (
	"cmp"
	"context"
	"fmt"
	"slices"

	"coopcloud.tech/goodstanding/eligibility"
	"coopcloud.tech/goodstanding/internal/instant"
	"coopcloud.tech/goodstanding/member"
	"coopcloud.tech/goodstanding/store"
)

// A recorded standing follows from the facts that were known when it was written:
// assessed again at its instant, by what was known then, it has to come out the
// same. A wrong one is mended by another that stands for it, by what was known then.

// Replayed is what assessing all recorded standings again found.
type Replayed struct {
	Standings int64 // how many were assessed again
	Wrong     []WrongStanding
	// Missing are members of which no standing is recorded, by id.
	Missing []member.ID
}

// WrongStanding is a recorded standing that the facts do not give.
type WrongStanding struct {
	Row store.StandingRow
	// Is is what the facts give.
	Is eligibility.Standing
}

func (w *WrongStanding) String() string {
	return fmt.Sprintf("of the member %s at %s: recorded is %s, the facts give %s", w.Row.Member, w.Row.At, standingWords(&w.Row), standingWords(new(standingRow(&w.Is, false))))
}

func standingWords(r *store.StandingRow) string {
	rights := ""
	for i, has := range []bool{r.Vote, r.Listing, r.Services} {
		if has {
			rights += ", " + eligibility.Rights[i].String()
		}
	}
	if rights == "" {
		rights = ", no right"
	}
	return r.State.String() + rights + " (policy " + cmp.Or(r.Policy, "none") + ")"
}

// Replay assesses recorded standings again, and changes nothing: those recorded at
// or after a time of knowledge, and what was recorded last of each member; with 0
// all of them.
func (r *Roll) Replay(ctx context.Context, since instant.Instant) (out Replayed, err error) {
	err = r.db.View(ctx, func(tx *store.Tx) error {
		p, err := r.newReplay(ctx, tx)
		if err != nil || p == nil {
			out = Replayed{}
			return err
		}
		out = p.run(since)
		return nil
	})
	if err != nil {
		return Replayed{}, fmt.Errorf("assess the standings again: %w", err)
	}
	return out, nil
}

// replay has all that is needed to assess recorded standings again.
type replay struct {
	rules *rules
	facts []eligibility.Facts
	rows  map[member.ID][]store.StandingRow // those that count, in the order of knowledge
}

// newReplay reads it; nil when there is no policy yet, and so no standing.
func (r *Roll) newReplay(ctx context.Context, tx *store.Tx) (*replay, error) {
	ru, err := r.rulesOf(ctx, tx)
	if err != nil || len(ru.versions) == 0 {
		return nil, err
	}
	p := &replay{rules: ru, rows: map[member.ID][]store.StandingRow{}}
	if p.facts, err = tx.Facts(ctx); err != nil {
		return nil, err
	}
	all, err := tx.StandingsSince(ctx, 0)
	if err != nil {
		return nil, err
	}
	for _, row := range all {
		p.rows[row.Member] = append(p.rows[row.Member], row)
	}
	return p, nil
}

func (p *replay) run(since instant.Instant) (out Replayed) {
	for i := range p.facts {
		f := &p.facts[i]
		rows := p.rows[f.Member]
		if len(rows) == 0 {
			out.Missing = append(out.Missing, f.Member)
			continue
		}
		last := rows[len(rows)-1].Known
		for i := range rows {
			row := &rows[i]
			if row.Known < since && row.Known < last {
				continue
			}
			out.Standings++
			if is, ok := p.fits(f, row); !ok {
				out.Wrong = append(out.Wrong, WrongStanding{*row, is})
			}
		}
	}
	return out
}

// fits is the standing at the instant of a row by what was known when it was written,
// and says whether that is what the row says; ok, too, is what an earlier version of the
// program gave.
func (p *replay) fits(f *eligibility.Facts, row *store.StandingRow) (is eligibility.Standing, ok bool) {
	then := p.then(f, row)
	is = p.rules.policies.Assess(&then, row.At, row.Known)
	if follows(row, &is) || row.State != eligibility.StateUnknown {
		return is, follows(row, &is)
	}
	then = breaksLast(&then)
	was := p.rules.policies.Assess(&then, row.At, row.Known)
	return is, follows(row, &was)
}

// breaksLast are facts as the program read them until 30 November 2026: the verdict that
// was recorded in a break or a suspension was one to fall back on, so that a member about
// whom nothing could be said had no vote when the break was over. What was recorded so, and
// what was decided by it, is no fault of the database; the next assess step gives the vote back.
func breaksLast(f *eligibility.Facts) eligibility.Facts {
	then := *f
	then.Recorded = slices.Clone(f.Recorded)
	for i := range then.Recorded {
		switch r := &then.Recorded[i]; r.State {
		case eligibility.StatePaused, eligibility.StateSuspended:
			r.State = eligibility.StateLapsed // any that counts
		}
	}
	return then
}

// then are the facts about a member that a row rests on: of the recorded standings,
// those before it.
func (p *replay) then(f *eligibility.Facts, row *store.StandingRow) eligibility.Facts {
	then := *f
	then.Recorded = nil
	for _, r := range p.rows[f.Member] {
		if r.Known < row.Known {
			then.Recorded = append(then.Recorded, eligibility.Recorded{At: r.At, Known: r.Known, State: r.State, Vote: r.Vote, Listing: r.Listing, Services: r.Services})
		}
	}
	return then
}

// follows says whether a row is what the facts give. The codes of the reasons are
// left aside: another version of the program may have more of them.
func follows(row *store.StandingRow, is *eligibility.Standing) bool {
	return row.State == is.State && row.Policy == is.Policy && row.Vote == is.Has(eligibility.Vote) &&
		row.Listing == is.Has(eligibility.Listing) && row.Services == is.Has(eligibility.Services)
}
