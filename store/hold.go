package store

import (
	"context"
	"fmt"

	"coopcloud.tech/goodstanding/eligibility"
	"coopcloud.tech/goodstanding/internal/instant"
	"coopcloud.tech/goodstanding/member"
)

// HoldRow suspends the worsening of some members' rights (domain.md, section
// 3, "Brake"). It is written by the pull that set it, or by an entry.
type HoldRow struct {
	ID string `db:"id"`
	// Cause is a word of a closed set.
	Cause string `db:"cause"`
	// SetAt is the start of the snapshot that set it, Since that of the one before.
	SetAt    instant.Instant `db:"set_at"`
	Since    instant.Instant `db:"since"`
	Snapshot int64           `db:"snapshot"`
	Known    instant.Instant `db:"known"`
}

// HoldMember is what a hold keeps for one member.
type HoldMember struct {
	Hold     string            `db:"hold"`
	Member   member.ID         `db:"member"`
	State    eligibility.State `db:"state"`
	Vote     bool              `db:"vote"`
	Listing  bool              `db:"listing"`
	Services bool              `db:"services"`
}

// HoldAck acknowledges a hold, once: the members still held worsen at At.
type HoldAck struct {
	Hold string          `db:"hold"`
	At   instant.Instant `db:"at"`
	By
	Known instant.Instant `db:"known"`
}

// Hold is a hold with its members and, once acknowledged, its acknowledgement.
type Hold struct {
	HoldRow
	Members []HoldMember
	Ack     HoldAck // the zero value while it stands
}

// Standing says that nobody has acknowledged the hold yet.
func (h Hold) Standing() bool { return h.Ack.At == 0 }

// AddHold stores a hold with what it keeps.
func (tx *Tx) AddHold(ctx context.Context, h HoldRow, kept []HoldMember) error {
	if err := insertOne(ctx, tx, "hold", h); err != nil {
		return err
	}
	for i := range kept {
		kept[i].Hold = h.ID
	}
	return insertAll(ctx, tx, "hold_member", kept)
}

// AcknowledgeHold ends a hold for the members it still keeps.
func (tx *Tx) AcknowledgeHold(ctx context.Context, a HoldAck) error {
	return insertOne(ctx, tx, "hold_ack", a)
}

// Holds are all holds ever set, the oldest first.
func (tx *Tx) Holds(ctx context.Context) ([]Hold, error) {
	rows, err := selectRows[HoldRow](ctx, tx, `SELECT `+names[HoldRow]("")+` FROM hold ORDER BY known, id`)
	if err != nil {
		return nil, fmt.Errorf("read the holds: %w", err)
	}
	kept, err := selectRows[HoldMember](ctx, tx, `SELECT `+names[HoldMember]("")+` FROM hold_member ORDER BY hold, member`)
	if err != nil {
		return nil, fmt.Errorf("read what the holds keep: %w", err)
	}
	acks, err := selectRows[HoldAck](ctx, tx, `SELECT `+names[HoldAck]("")+` FROM hold_ack`)
	if err != nil {
		return nil, fmt.Errorf("read the acknowledgements: %w", err)
	}
	members := make(map[string][]HoldMember)
	for _, k := range kept {
		members[k.Hold] = append(members[k.Hold], k)
	}
	ack := byKey(acks, func(a HoldAck) string { return a.Hold })
	holds := make([]Hold, len(rows))
	for i, r := range rows {
		holds[i] = Hold{HoldRow: r, Members: members[r.ID], Ack: ack[r.ID]}
	}
	return holds, nil
}
