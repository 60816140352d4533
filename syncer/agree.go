package syncer

import (
	"context"
	"errors"
	"fmt"
	"strings"
	"time"

	"coopcloud.tech/goodstanding/eligibility"
	"coopcloud.tech/goodstanding/internal/instant"
	"coopcloud.tech/goodstanding/store"
	"coopcloud.tech/goodstanding/syncer/opencollective"
)

// A total that matches its rows does not prove that all rows came: a fault
// upstream can leave out charges and count what is left. What can be known is
// whether the two lists of one snapshot agree. Orders are read before
// transactions, so each charge that the orders tell of (lastChargedAt) has to be
// among the transactions, or be stored already. Where it is not, or where new
// money comes in another currency than the promise it keeps, the snapshot is no
// complete one (domain.md, section 3): it is thrown away and read again.
//
// Only what has changed since the stored version is held against the charges,
// so that an oddity of years ago cannot make reading impossible. For the same
// reason a contradiction that upstream has repeated for patience is believed:
// then it is no fault of an hour but what upstream has, and the treasurer is
// told.
const (
	// patience is how long a contradiction is taken for a fault. The shortest
	// grace is 21 days, so it costs nobody a right.
	patience = 3 * 24 * time.Hour
	// nearEnough is how much older than lastChargedAt its charge may be. Genuine
	// ones are younger by milliseconds; lastChargedAt of charges before November
	// 2024 was filled in from another date (open-collective.md, section 11, case
	// 59), and two charges of one contribution lie 12 days apart at least.
	nearEnough = 7 * 24 * time.Hour
	// The first reading has nothing stored that would tell an old oddity from a
	// fault: so many, and one in so many, may lack their charge there.
	oddAtFirst, oneOddIn = 2, 5
	// attemptsBack bounds how far back attempts are looked at: more than a try
	// every five minutes for as long as patience lasts.
	attemptsBack = 1000
)

// detailContradiction marks the attempt of a pull that ended in a *Contradiction.
const detailContradiction = "contradiction"

// Contradiction says that one snapshot's contributions and charges do not fit
// together.
type Contradiction struct {
	// Uncharged counts contributions that were charged, going by themselves,
	// without that charge being listed.
	Uncharged int
	// Foreign counts new charges in another currency than their contribution.
	Foreign int
	// Recoined counts contributions whose currency is not the one they had:
	// upstream fixes it when a contribution is made (open-collective.md, section 3.3).
	Recoined int
	// Repaused counts contributions that somebody else had paused, that nothing has
	// moved since, and that their payer is now said to have paused.
	Repaused int
}

// Error says what does not fit and what follows.
func (e *Contradiction) Error() string {
	return fmt.Sprintf("Open Collective contradicts itself: %s; nothing was changed, it is asked again later "+
		"and believed if it keeps saying so for %d days", e.says(), int(patience/(24*time.Hour)))
}

func (e *Contradiction) says() string {
	var parts []string
	if n := e.Uncharged; n > 0 {
		parts = append(parts, fmt.Sprintf("it says that %s charged, and does not list what was paid", were(n, "contribution")))
	}
	if n := e.Foreign; n > 0 {
		parts = append(parts, fmt.Sprintf("%s paid in another currency than promised", were(n, "charge")))
	}
	if n := e.Recoined; n > 0 {
		parts = append(parts, fmt.Sprintf("%s moved to another currency, which cannot be", were(n, "contribution")))
	}
	if n := e.Repaused; n > 0 {
		parts = append(parts, fmt.Sprintf("%s paused by somebody else, and now by the payer, without having moved", were(n, "contribution")))
	}
	return strings.Join(parts, "; ")
}

func were(n int, what string) string {
	if n == 1 {
		return "1 " + what + " was"
	}
	return count(n, what) + " were"
}

// Class is opencollective.ClassIncomplete.
func (e *Contradiction) Class() string { return opencollective.ClassIncomplete }

// Retryable says yes, after a minute.
func (e *Contradiction) Retryable() (time.Duration, bool) { return time.Minute, true }

// agree refuses a snapshot that contradicts itself, unless upstream has kept
// saying so for long.
func (a *attempt) agree(ctx context.Context, r *reconciled) error {
	e := r.contradiction()
	if e == nil {
		return nil
	}
	since, err := a.contradictedSince(ctx)
	if err != nil {
		return err
	}
	if since != 0 && a.started.Sub(since) >= patience {
		a.believed = e
		return nil
	}
	return e
}

// contradictedSince is when the first attempt since the last complete snapshot
// began that ended in a contradiction; 0 for none.
func (a *attempt) contradictedSince(ctx context.Context) (since instant.Instant, err error) {
	err = a.db.View(ctx, func(tx *store.Tx) error {
		pulls, err := tx.Pulls(ctx, attemptsBack)
		if err != nil {
			return err
		}
		for _, p := range pulls { // the newest first
			if p.Outcome == OutcomeComplete {
				break
			}
			if p.Detail == detailContradiction {
				since = p.Started
			}
		}
		return nil
	})
	return since, err
}

// contradiction holds what is new in the contributions against the charges;
// nil when they agree.
func (r *reconciled) contradiction() *Contradiction {
	e := &Contradiction{Uncharged: r.uncharged(), Foreign: r.foreign(), Recoined: r.recoined(), Repaused: r.repaused()}
	if *e == (Contradiction{}) {
		return nil
	}
	return e
}

func (r *reconciled) uncharged() int {
	oldest := r.rd.start.AddMonths(-window).Add(nearEnough) // what lies further back was not asked for
	charges := r.chargesByContribution()
	moved, lacking := 0, 0
	for id, now := range r.now {
		before := r.st.contributions[id]
		if now.Interval == eligibility.OneOff || now.Amount.Minor <= 0 || now.LastCharged < oldest || now.LastCharged <= before.LastCharged {
			continue
		}
		moved++
		all := charges[id]
		if len(all) == 0 || all[len(all)-1].Created < now.LastCharged.Add(-nearEnough) {
			lacking++
		}
	}
	if !r.st.any && lacking <= max(oddAtFirst, moved/oneOddIn) {
		return 0
	}
	return lacking
}

func (r *reconciled) foreign() (n int) {
	if !r.st.any {
		return 0
	}
	for _, c := range r.charges {
		promise, here := r.now[c.Contribution]
		if here && c.Kind == eligibility.ContributionCharge && c.Amount.Currency != promise.Amount.Currency {
			n++
		}
	}
	return n
}

func (r *reconciled) recoined() (n int) {
	for id, now := range r.now {
		before, known := r.st.contributions[id]
		if known && before.Amount.Currency != now.Amount.Currency {
			n++
		}
	}
	return n
}

// repaused: who paused a contribution is settled when it is first seen paused,
// for as long as upstream's updatedAt says that it was left alone.
func (r *reconciled) repaused() (n int) {
	for _, c := range r.rd.contributions {
		before, known := r.st.contributions[c.row.ID]
		if known && before.Status == paused && c.row.Status == paused && !before.PausedByPayer && c.row.PausedByPayer &&
			c.updated != 0 && c.updated <= before.Effective {
			n++
		}
	}
	return n
}

// isContradiction says whether an attempt ended for that reason.
func isContradiction(err error) bool {
	var e *Contradiction
	return errors.As(err, &e)
}
