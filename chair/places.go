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
	// Head is the hash of the chain's end then.
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
func (c *Chair) VerifyPlaces(ctx context.Context, known map[string]string) ([]Placed, error) {
	book, err := c.roll.Book(ctx)
	if err != nil {
		return nil, fmt.Errorf("compare the decisions with the register: %w", err)
	}
	all, err := each(ctx, c, "compare the decisions with the register", func(ctx context.Context, tx *store.Tx, id ID) (Placed, error) {
		return placed(ctx, tx, book, id, known)
	})
	return slices.DeleteFunc(all, func(p Placed) bool { return p.Head == "" }), err
}

// placed compares one decision; its head is "" where it was left out.
func placed(ctx context.Context, tx *store.Tx, book *roll.Book, id ID, known map[string]string) (p Placed, err error) {
	entries, err := tx.DecisionEntries(ctx, string(id))
	if err != nil || len(entries) == 0 {
		return p, err
	}
	last := entries[len(entries)-1]
	if known[string(id)] == last.Hash {
		return p, nil
	}
	p = Placed{Decision: string(id), Number: last.Number, Head: last.Hash}
	for i := range entries {
		var what private
		if json.Unmarshal([]byte(entries[i].Private), &what) != nil {
			continue // which the chain tells of
		}
		wrong := ""
		switch ev := &what.Event; {
		case ev.Electorate != nil:
			wrong = seatsFault(book, ev)
		case ev.Kind == decisions.Close && ev.Roll != nil:
			wrong = votesFault(book, ev)
		default:
			continue
		}
		p.Checked++
		if wrong != "" && p.Wrong == "" {
			p.Wrong = fmt.Sprintf("entry %d: %s", entries[i].Seq, wrong)
		}
	}
	return p, nil
}

// laterKnown is how many later times of knowledge are tried for an electorate. What
// was known when a decision was opened is noted nowhere: it is what was known at
// its instant, or just before where something else was entered at the same one, or,
// where a clock was behind, a little later.
const laterKnown = 5

// seatsFault compares an electorate with the register.
func seatsFault(book *roll.Book, ev *decisions.Event) string {
	var has []member.ID
	for _, s := range ev.Electorate {
		has = append(has, s.Member)
	}
	slices.Sort(has)
	var first []member.ID
	for i, known := range append([]instant.Instant{ev.At, ev.At - 1}, book.MembershipKnown(ev.At, laterKnown)...) {
		var is []member.ID
		for _, s := range book.VotersBy(ev.At, known).Electorate() {
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
// closed at its deadline by what was known then, whenever that is done.
func votesFault(book *roll.Book, ev *decisions.Event) string {
	is := book.VotersBy(ev.At, ev.At)
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
