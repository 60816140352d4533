package store

import (
	"context"

	"coopcloud.tech/goodstanding/internal/instant"
	"coopcloud.tech/goodstanding/member"
)

// Motion is what one person has asked for that needs a second one (domain.md,
// sections 5 and 8). It is no fact, and can be changed.
type Motion struct {
	ID       string          `db:"id"`
	Kind     string          `db:"kind"`     // a change of an electorate, by its word, or "pause"
	Decision string          `db:"decision"` // whose electorate; "" for a pause
	About    member.ID       `db:"about"`
	Reason   string          `db:"reason"`
	Person   member.PersonID `db:"person"` // who asked
	Member   member.ID       `db:"member"` // for whom the person acts; "" for none
	At       instant.Instant `db:"at"`
	Ended    instant.Instant `db:"ended"`   // 0 while it waits
	Outcome  string          `db:"outcome"` // MotionCarried or MotionWithdrawn; "" while it waits
}

// What became of a motion.
const (
	MotionCarried   = "carried"
	MotionWithdrawn = "withdrawn"
)

// SetMotion stores a motion, or what became of it.
func (tx *Tx) SetMotion(ctx context.Context, m Motion) error {
	return put(ctx, tx, "motion", upsert("id", "reason", "ended", "outcome"), m)
}

// Motions are those that wait, the oldest first.
func (tx *Tx) Motions(ctx context.Context) ([]Motion, error) {
	rows, err := selectRows[Motion](ctx, tx, `SELECT `+names[Motion]("")+` FROM motion WHERE ended = 0 ORDER BY at, id`)
	return rows, wrap("read the motions", err)
}

// MotionsOf are all that a person has asked for, the oldest first.
func (tx *Tx) MotionsOf(ctx context.Context, person member.PersonID) ([]Motion, error) {
	rows, err := selectRows[Motion](ctx, tx, `SELECT `+names[Motion]("")+` FROM motion WHERE person = $1 ORDER BY at, id`, string(person))
	return rows, wrap("read the motions of a person", err)
}

// Motion finds one by its id.
func (tx *Tx) Motion(ctx context.Context, id string) (m Motion, ok bool, err error) {
	m, ok, err = selectOne[Motion](ctx, tx, `SELECT `+names[Motion]("")+` FROM motion WHERE id = $1`, id)
	return m, ok, wrap("look for a motion", err)
}
