package store

import (
	"context"

	"coopcloud.tech/goodstanding/internal/instant"
	"coopcloud.tech/goodstanding/member"
)

// Opportunity is an announcement of funded work: for members first, for everybody
// later (domain.md, section 1). It is no fact and can be changed.
type Opportunity struct {
	ID      string          `db:"id"`
	Member  member.ID       `db:"member"` // who tells of it; "" for the federation itself
	Person  member.PersonID `db:"person"` // who posted it; "" for the operator
	Title   string          `db:"title"`
	Summary string          `db:"summary"`
	Contact string          `db:"contact"` // whom to write to, as the author wants it read
	URL     string          `db:"url"`
	Budget  string          `db:"budget"` // in the author's words
	Posted  instant.Instant `db:"posted"`
	// PublicFrom is from when on everybody may read it.
	PublicFrom instant.Instant `db:"public_from"`
	Closes     instant.Instant `db:"closes"` // the first instant at which it is over; 0 for no end
	Closed     instant.Instant `db:"closed"` // when somebody closed it; 0 while nobody has
}

// Open says that it stands at an instant.
func (o *Opportunity) Open(at instant.Instant) bool {
	return o.Posted <= at && (o.Closed == 0 || o.Closed > at) && (o.Closes == 0 || at < o.Closes)
}

// Public says that everybody may read it at an instant.
func (o *Opportunity) Public(at instant.Instant) bool { return o.Open(at) && at >= o.PublicFrom }

// SetOpportunity stores an opportunity.
func (tx *Tx) SetOpportunity(ctx context.Context, o Opportunity) error {
	return put(ctx, tx, "opportunity",
		upsert("id", "title", "summary", "contact", "url", "budget", "public_from", "closes", "closed"), o)
}

// Opportunities are all opportunities, the newest first.
func (tx *Tx) Opportunities(ctx context.Context) ([]Opportunity, error) {
	rows, err := selectRows[Opportunity](ctx, tx, `SELECT `+names[Opportunity]("")+` FROM opportunity ORDER BY posted DESC, id`)
	return rows, wrap("read the opportunities", err)
}

// Opportunity finds one by its id.
func (tx *Tx) Opportunity(ctx context.Context, id string) (o Opportunity, ok bool, err error) {
	o, ok, err = selectOne[Opportunity](ctx, tx, `SELECT `+names[Opportunity]("")+` FROM opportunity WHERE id = $1`, id)
	return o, ok, wrap("look for an opportunity", err)
}
