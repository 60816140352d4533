package chair

import (
	"context"
	"encoding/json"
	"fmt"
	"maps"
	"slices"

	"coopcloud.tech/goodstanding/decisions"
	"coopcloud.tech/goodstanding/internal/instant"
	"coopcloud.tech/goodstanding/member"
	"coopcloud.tech/goodstanding/roll"
	"coopcloud.tech/goodstanding/store"
)

// Placed is what comparing one decision with the register found.
type Placed struct {
	Decision string
	Number   int64
	// Head is the hash of the chain's end, by its head row.
	Head string
	// Checked is how many electorates and counts were compared.
	Checked int64
	// Wrong is the first that does not fit, in words; "" for none.
	Wrong string
}

// VerifyPlaces compares the decisions with the register, as it knows the past now:
// who had a place in the electorate at the opening, and whose vote counted at the
// deadline (domain.md, section 5). known are decisions that were compared before,
// by id, with the hash of their end then; these are left out while they have not
// moved.
func (c *Chair) VerifyPlaces(ctx context.Context, known map[string]string) (out []Placed, err error) {
	err = c.db.View(ctx, func(tx *store.Tx) error {
		out = nil
		heads, err := tx.DecisionHeads(ctx)
		if err != nil {
			return err
		}
		var past *roll.Hindsight
		for _, h := range heads {
			if h.Seq == 0 || known[h.Decision] == h.Hash {
				continue
			}
			if past == nil { // which takes its time, where there are many members
				if past, err = c.roll.Hindsight(ctx, tx); err != nil {
					return err
				}
			}
			entries, err := tx.DecisionEntries(ctx, h.Decision)
			if err != nil {
				return err
			}
			out = append(out, placed(past, &h, entries))
		}
		return nil
	})
	if err != nil {
		return nil, fmt.Errorf("compare the decisions with the register: %w", err)
	}
	return out, nil
}

// placed compares one decision.
func placed(past *roll.Hindsight, h *store.DecisionHead, entries []store.DecisionEntry) Placed {
	p := Placed{Decision: h.Decision, Number: h.Number, Head: h.Hash}
	for i := range entries {
		var what private
		if json.Unmarshal([]byte(entries[i].Private), &what) != nil {
			continue // which the chain tells of
		}
		wrong := ""
		switch ev := &what.Event; {
		case ev.Electorate != nil:
			wrong = seatsFault(past, ev)
		case ev.Kind == decisions.Close && ev.Roll != nil:
			wrong = votesFault(past, ev)
		default:
			continue
		}
		p.Checked++
		if wrong != "" && p.Wrong == "" {
			p.Wrong = fmt.Sprintf("entry %d: %s", entries[i].Seq, wrong)
		}
	}
	return p
}

// otherKnown is how many other times of knowledge are tried for an electorate, on each
// side. What was known when a decision was opened is noted nowhere: it is what was known
// at its instant, or just before where something else was entered at the same one, or a
// little later where a clock was behind; and where it was opened by a clock that was ahead,
// what was known before others were entered by clocks that were right.
const otherKnown = 5

// seatsFault compares an electorate with the register.
func seatsFault(past *roll.Hindsight, ev *decisions.Event) string {
	var has []member.ID
	for _, s := range ev.Electorate {
		has = append(has, s.Member)
	}
	slices.Sort(has)
	var first []member.ID
	for i, known := range slices.Concat([]instant.Instant{ev.At, ev.At - 1}, past.MembershipKnown(ev.At, otherKnown), past.BeforeMembershipKnown(ev.At, otherKnown)) {
		var is []member.ID
		for _, s := range past.Voters(ev.At, known).Electorate() {
			is = append(is, s.Member)
		}
		if slices.Equal(has, is) {
			return ""
		}
		if i == 0 {
			first = is
		}
	}
	return fmt.Sprintf("its electorate of %d is not that of the register then, of %d", len(has), len(first))
}

// votesFault compares what a count rested on with the register. A decision is
// closed at its deadline by what was known then, whenever that is done, and maybe by an
// earlier version of the program.
func votesFault(past *roll.Hindsight, ev *decisions.Event) string {
	wrong := votesUnlike(ev, past.Voters(ev.At, ev.At))
	if wrong != "" && votesUnlike(ev, past.VotersBefore(ev.At, ev.At)) == "" {
		return ""
	}
	return wrong
}

func votesUnlike(ev *decisions.Event, is decisions.Roll) string {
	for _, id := range slices.Sorted(maps.Keys(ev.Roll)) {
		if has, now := ev.Roll[id], is[id]; has.Vote != now.Vote || has.Membership != now.Membership {
			return fmt.Sprintf("it was counted with the member %s as %s, and the register says %s", id, voteWords(has), voteWords(now))
		}
	}
	return ""
}

func voteWords(v decisions.Verdict) string {
	if v.Vote {
		return string(v.Membership) + " with a vote"
	}
	return string(v.Membership) + " without a vote"
}
