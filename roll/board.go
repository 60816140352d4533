package roll

import (
	"cmp"
	"context"
	"encoding/csv"
	"fmt"
	"io"
	"strings"

	"coopcloud.tech/goodstanding/eligibility"
	"coopcloud.tech/goodstanding/internal/arrange"
	"coopcloud.tech/goodstanding/internal/instant"
	"coopcloud.tech/goodstanding/internal/tongue"
	"coopcloud.tech/goodstanding/store"
)

// Board is the roll as treasurers look at it: now, and what comes.
type Board struct {
	View
	Lapsing []Lapse
}

// Lapse is a member in good standing that will have lapsed, if every later
// reading is complete and shows nothing new.
type Lapse struct {
	Row
	On instant.Instant
}

// Board reads the roll as it stands, and who lapses within the time that follows
// (domain.md, section 3, on forecasts), the earliest first; in a language, as Book.In
// says it.
func (r *Roll) Board(ctx context.Context, within instant.Instant, in *tongue.Tongue) (Board, error) {
	var out Board
	err := r.db.View(ctx, func(tx *store.Tx) error {
		b, err := r.lately(ctx, tx)
		if err != nil {
			return err
		}
		b, now := b.In(in), r.now()
		out = Board{View: b.View(Query{At: now}, now), Lapsing: b.Lapsing(now, now+within)}
		return nil
	})
	if err != nil {
		return Board{}, fmt.Errorf("read the board: %w", err)
	}
	return out, nil
}

// Lapsing are the members that are in good standing now and will have lapsed by
// an instant, the earliest first, then by name. It is a forecast.
func (b *Book) Lapsing(now, by instant.Instant) []Lapse {
	var out []Lapse
	for i := range b.facts {
		f := &b.facts[i]
		if b.rules.policies.Forecast(f, by, b.known).State != eligibility.StateLapsed {
			continue
		}
		row := b.row(f, b.look(now, 0, now))
		if !row.Standing.State.GoodStanding() {
			continue
		}
		if on := b.lapses(f, row.Standing.ChangesAt, by); on != 0 {
			out = append(out, Lapse{row, on})
		}
	}
	arrange.By(out, func(x, y Lapse) int {
		return cmp.Or(cmp.Compare(x.On, y.On), strings.Compare(strings.ToLower(x.Name), strings.ToLower(y.Name)), cmp.Compare(x.ID, y.ID))
	})
	return out
}

// mostSteps bounds how many changes of one member a forecast goes over.
const mostSteps = 100

// lapses is the first instant up to by, from one change to the next, at which the
// member has lapsed; 0 for none.
func (b *Book) lapses(f *eligibility.Facts, next, by instant.Instant) instant.Instant {
	for range mostSteps {
		if next == 0 || next > by {
			return 0
		}
		s := b.rules.policies.Forecast(f, next, b.known)
		if s.State == eligibility.StateLapsed {
			return next
		}
		next = s.ChangesAt
	}
	return 0
}

// WriteCSV writes the rows for spreadsheets; text that one would run is made
// harmless.
func (v *View) WriteCSV(to io.Writer) error {
	w := csv.NewWriter(to)
	_ = w.Write([]string{"member", "handle", "name", "kind", "state", "state_in_words", "vote", "listing", "services",
		"paid_through", "changes_at", "member_since", "accounts", "as_of", "at", "policy"}) // the writer keeps its error, see below
	for i := range v.Rows {
		r, s := &v.Rows[i], &v.Rows[i].Standing
		var accounts []string
		for _, acc := range r.Accounts {
			accounts = append(accounts, harmless(acc.Slug))
		}
		_ = w.Write([]string{string(r.ID), harmless(r.Handle), harmless(r.Name), string(r.Kind), s.State.String(), r.People,
			yesNo(s.Has(eligibility.Vote)), yesNo(s.Has(eligibility.Listing)), yesNo(s.Has(eligibility.Services)),
			s.PaidThrough.String(), s.ChangesAt.String(), r.MemberSince.String(), strings.Join(accounts, " "), v.AsOf.String(), v.At.String(), s.Policy})
	}
	w.Flush()
	if err := w.Error(); err != nil {
		return fmt.Errorf("write CSV: %w", err)
	}
	return nil
}

// harmless keeps a spreadsheet from running a cell. Unlike safeCell it is never
// read back, so it marks every text that begins with a mark, too.
func harmless(cell string) string {
	if cell != "" && strings.IndexByte(runs+"'", cell[0]) >= 0 {
		return "'" + cell
	}
	return cell
}

func yesNo(b bool) string {
	if b {
		return "yes"
	}
	return "no"
}
