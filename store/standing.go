package store

import (
	"context"
	"strings"

	"coopcloud.tech/goodstanding/eligibility"
	"coopcloud.tech/goodstanding/internal/instant"
	"coopcloud.tech/goodstanding/member"
)

// StandingRow is a standing as the assess step wrote it when it differed from
// the one before: the row is the transition, too (domain.md, section 6).
type StandingRow struct {
	Member   member.ID         `db:"member"`
	At       instant.Instant   `db:"at"`
	State    eligibility.State `db:"state"`
	Vote     bool              `db:"vote"`
	Listing  bool              `db:"listing"`
	Services bool              `db:"services"`
	// Codes are the reason codes in their fixed order.
	Codes []string `db:"codes"`
	// Policy is the id of the version that decided.
	Policy string `db:"policy"`
	// Worse says that vote or listing went from yes to no because of dues:
	// what the brake counts (domain.md, section 3).
	Worse bool `db:"worse"`
	// AsOf is the start of the last complete snapshot then; 0 for none.
	AsOf  instant.Instant `db:"as_of"`
	Known instant.Instant `db:"known"`
}

// MendedStanding is a standing as it should have been recorded: it counts in the
// place of the one with the same Member and At that is known since Mends.
type MendedStanding struct {
	StandingRow
	Mends instant.Instant `db:"mends"`
}

// standings are those that count, one that was mended as it should have been and
// known from when it was recorded: what followed since is what would have followed
// without the fault. Of several that mend the same one the last counts.
var standings = `(SELECT ` + names[StandingRow]("s.") + ` FROM standing s WHERE NOT EXISTS (
		SELECT 1 FROM standing_mended m WHERE m.member = s.member AND m.at = s.at AND m.mends = s.known)
	UNION ALL SELECT ` + strings.ReplaceAll(names[StandingRow]("m."), "m.known", "m.mends") + ` FROM standing_mended m WHERE NOT EXISTS (
		SELECT 1 FROM standing_mended n WHERE n.member = m.member AND n.at = m.at AND n.mends = m.mends AND n.known > m.known)) counting`

// AddStandings records standings; several of one member must differ in At.
// Written in Pulls or in Entries, by what caused them.
func (tx *Tx) AddStandings(ctx context.Context, rows ...StandingRow) error {
	return insertAll(ctx, tx, "standing", rows)
}

// MendStandings records what counts in the place of standings that are wrong.
func (tx *Tx) MendStandings(ctx context.Context, rows ...MendedStanding) error {
	return insertAll(ctx, tx, "standing_mended", rows)
}

// LastStandings is the standing last recorded of each of those members, of all when
// none is given, that has one. Of more than Few it may tell of others, too.
func (tx *Tx) LastStandings(ctx context.Context, ids ...member.ID) (map[member.ID]StandingRow, error) {
	of, args := few(ids)
	rows, err := selectRows[StandingRow](ctx, tx, `SELECT `+names[StandingRow]("")+` FROM (
		SELECT counting.*, row_number() OVER (PARTITION BY member ORDER BY known DESC, at DESC) AS nth FROM `+standings+`
		WHERE member `+of+`) x WHERE nth = 1`, args...)
	return byKey(rows, func(r StandingRow) member.ID { return r.Member }), wrap("read the last standings", err)
}

// Standings are all standings recorded of one member that count, the oldest first.
func (tx *Tx) Standings(ctx context.Context, id member.ID) ([]StandingRow, error) {
	rows, err := selectRows[StandingRow](ctx, tx,
		`SELECT `+names[StandingRow]("")+` FROM `+standings+` WHERE member = $1 ORDER BY known, at`, string(id))
	return rows, wrap("read a member's standings", err)
}

// StandingsSince are all standings that count and were recorded at or after the known
// time, the oldest first.
func (tx *Tx) StandingsSince(ctx context.Context, known instant.Instant) ([]StandingRow, error) {
	rows, err := selectRows[StandingRow](ctx, tx,
		`SELECT `+names[StandingRow]("")+` FROM `+standings+` WHERE known >= $1 ORDER BY known, at, member`, int64(known))
	return rows, wrap("read the latest standings", err)
}
