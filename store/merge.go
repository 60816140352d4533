package store

import (
	"context"
	"fmt"
	"slices"

	"coopcloud.tech/goodstanding/internal/instant"
	"coopcloud.tech/goodstanding/member"
)

// heirs says who has a merged member's links, waivers and payments.
type heirs map[member.ID]MergeRow

func (tx *Tx) heirs(ctx context.Context) (heirs, error) {
	rows, err := selectRows[MergeRow](ctx, tx, `SELECT `+names[MergeRow]("")+` FROM merge`)
	if err != nil {
		return nil, fmt.Errorf("read the merges: %w", err)
	}
	return byKey(rows, func(m MergeRow) member.ID { return m.Loser }), nil
}

// of is who has them now. A member is merged at most once, and never into one
// that was merged before it (AddMerge), so this ends.
func (h heirs) of(id member.ID) member.ID {
	for {
		m, merged := h[id]
		if !merged {
			return id
		}
		id = m.Winner
	}
}

// ownership is a span of known times in which an entry is a fact of a member.
type ownership struct {
	member      member.ID
	known, gone instant.Instant // gone 0: for ever
}

// owners are the members of whom an entry that was learned at known is a fact,
// one after the other.
func (h heirs) owners(id member.ID, known instant.Instant) []ownership {
	out := []ownership{{member: id, known: known}}
	for {
		last := &out[len(out)-1]
		m, merged := h[last.member]
		if !merged {
			return out
		}
		if m.Known <= last.known { // learned after the merge: the winner's from the start
			last.member = m.Winner
			continue
		}
		last.gone = m.Known
		out = append(out, ownership{member: m.Winner, known: m.Known})
	}
}

// MergeInto is the merge by which what was one member's came to be another's, at
// whatever remove; ok is false where none did.
func (tx *Tx) MergeInto(ctx context.Context, from, into member.ID) (m MergeRow, ok bool, err error) {
	heirs, err := tx.heirs(ctx)
	if err != nil {
		return MergeRow{}, false, err
	}
	for m, ok = heirs[from]; ok && m.Winner != into; {
		m, ok = heirs[m.Winner]
	}
	return m, ok, nil
}

// losers are the members whose entries become facts of the given ones, at
// whatever remove; the given ones are among them.
func (h heirs) losers(ids []member.ID) []member.ID {
	wanted := make(map[member.ID]bool, len(ids))
	for _, id := range ids {
		wanted[id] = true
	}
	all := slices.Clone(ids)
	for loser := range h {
		for id := loser; ; {
			m, merged := h[id]
			if !merged {
				break
			}
			if id = m.Winner; wanted[id] {
				if !slices.Contains(all, loser) {
					all = append(all, loser)
				}
				break
			}
		}
	}
	slices.Sort(all)
	return all
}

// AddMerge says that two members were one; see MergeRow. A member is merged at
// most once, and into one that still stands: anything else is refused with
// *MergeRefused.
func (tx *Tx) AddMerge(ctx context.Context, row MergeRow) error {
	heirs, err := tx.heirs(ctx)
	if err != nil {
		return err
	}
	for _, id := range []member.ID{row.Loser, row.Winner} {
		if m, merged := heirs[id]; merged {
			return &MergeRefused{Member: id, Into: m.Winner}
		}
	}
	if row.Loser == row.Winner {
		return &MergeRefused{Member: row.Loser, Into: row.Winner}
	}
	return insertOne(ctx, tx, "merge", row)
}
