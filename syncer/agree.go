package syncer

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"fmt"
	"maps"
	"slices"
	"strings"
	"time"

	"coopcloud.tech/goodstanding/eligibility"
	"coopcloud.tech/goodstanding/internal/instant"
	"coopcloud.tech/goodstanding/store"
	"coopcloud.tech/goodstanding/syncer/opencollective"
)

// A total that matches its rows does not prove that all rows came: a fault
// upstream can leave some out and count what is left. What can be known is
// whether a snapshot agrees with itself and with what was read before:
//
//   - Orders are read before transactions, so each charge that the orders tell
//     of (lastChargedAt) is among the transactions, or stored already.
//   - New money comes in the currency of the promise that it keeps.
//   - Charges stay as they were: money that moved does not change afterwards.
//   - Contributions that paid disappear one by one, with their payers' accounts,
//     not by the dozen; and one that can still be looked up, with its payer, is
//     also listed.
//   - Money that came before the orders were read names one of them, or one that
//     is gone, as a look-up says. Without its contribution it would cover nothing.
//
// Where that does not hold the snapshot is no complete one (domain.md, section
// 3): it is thrown away and read again. Only what is new against the stored
// version is looked at, and a few oddities are let pass where many are normal,
// so that old data cannot make reading impossible. For the same reason a
// contradiction that upstream has repeated for patience is believed: then it is
// no fault of an hour but what upstream has, and the treasurer is told. Charges keep what is
// stored of them, so it is noted how they are told (settingTold). What repeats
// is one kind of contradiction: that another one came before says nothing of it. And
// it was read as often as repeatedOn says: an outage between two readings is no
// repeating. Of several kinds at once all have to be.
const (
	// patience is how long a contradiction is taken for a fault. The shortest
	// grace is 21 days, so it costs nobody a right.
	patience = 3 * 24 * time.Hour
	// repeatedOn is on how many different days, counted back from the reading that is
	// to be believed, its own among them.
	repeatedOn = 3
	// nearEnough is how much older than lastChargedAt its charge may be. Genuine
	// ones are younger by milliseconds; lastChargedAt of charges before November
	// 2024 was filled in from another date (open-collective.md, section 11, case
	// 59), and two charges of one contribution lie 12 days apart at least.
	nearEnough = 7 * 24 * time.Hour
	// Where an oddity cannot be told from a fault so many are let pass, and one in
	// so many: charges lacking at the first reading, charges told otherwise,
	// contributions gone.
	fewOdd, oneOddIn = 2, 5
	// attemptsBack bounds how far back attempts are looked at: more than a try
	// every minute, the most that hints bring about, for as long as patience lasts.
	attemptsBack = 5000
)

// detailContradiction marks the attempt of a pull that ended in a *Contradiction. The
// words of its kinds follow; versions before 30 November 2026 noted none.
const (
	detailContradiction = "contradiction"
	beforeKinds         = ": "
	betweenKinds        = ", "
)

// Contradiction says that a snapshot does not agree with itself, or with what
// was read before.
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
	// Altered counts stored charges that are told with other money or another date.
	Altered int
	// Vanished counts contributions that paid and are listed no longer, where they
	// are too many at once.
	Vanished int
	// Unlisted counts contributions that are missing from the list and that
	// upstream still knows, as the collective's, with their payers.
	Unlisted int
	// Unshown counts contributions that money came from and that no list has shown,
	// unless they can be looked up no more.
	Unshown int
}

// Error says what does not fit and what follows.
func (e *Contradiction) Error() string {
	return fmt.Sprintf("Open Collective contradicts itself: %s; nothing was changed, it is asked again later "+
		"and believed if it keeps saying so for %d days, read on at least %d different ones", e.says(), int(patience/(24*time.Hour)), repeatedOn)
}

// kind is how often one thing contradicts.
type kind struct {
	n int
	// word is what an attempt is noted with; none is ever renamed.
	word string
	// lookedUp: it is found by looking up what a snapshot lacks (lookedUp), in a step after
	// that in which the others are (contradiction).
	lookedUp     bool
	what, format string
}

// all are all kinds that can be, in the order in which they are told.
func (e *Contradiction) all() []kind {
	return []kind{
		{e.Uncharged, "uncharged", false, "contribution", "it says that %s charged, and does not list what was paid"},
		{e.Foreign, "foreign", false, "charge", "%s paid in another currency than promised"},
		{e.Altered, "altered", false, "charge", "%s told otherwise than before"},
		{e.Vanished, "vanished", false, "contribution", "%s listed before and not now"},
		{e.Unlisted, "unlisted", true, "contribution", "%s not listed, but can be looked up"},
		{e.Unshown, "unshown", true, "contribution", "%s paid, and not listed"},
		{e.Recoined, "recoined", false, "contribution", "%s moved to another currency, which cannot be"},
		{e.Repaused, "repaused", false, "contribution", "%s paused by somebody else, and now by the payer, without having moved"},
	}
}

// kinds are those that there are in a contradiction.
func (e *Contradiction) kinds() []kind {
	return slices.DeleteFunc(e.all(), func(k kind) bool { return k.n == 0 })
}

func (e *Contradiction) says() string {
	var parts []string
	for _, k := range e.kinds() {
		parts = append(parts, fmt.Sprintf(k.format, were(k.n, k.what)))
	}
	return strings.Join(parts, "; ")
}

// detail is what its attempt is noted with: "contradiction: uncharged, foreign".
func (e *Contradiction) detail() string {
	var words []string
	for _, k := range e.kinds() {
		words = append(words, k.word)
	}
	return detailContradiction + beforeKinds + strings.Join(words, betweenKinds)
}

// contradicted says whether an attempt was noted with a kind of contradiction.
func contradicted(detail, word string) bool {
	words, ok := strings.CutPrefix(detail, detailContradiction+beforeKinds)
	return ok && slices.Contains(strings.Split(words, betweenKinds), word)
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

// agree refuses a contradiction unless upstream has kept saying so for long;
// nil is none.
func (a *attempt) agree(ctx context.Context, e *Contradiction) error {
	if e == nil || *e == (Contradiction{}) {
		return nil
	}
	before, err := a.sinceComplete(ctx)
	if err != nil {
		return err
	}
	for _, k := range e.kinds() {
		if !lasts(k, before, a.started) {
			return e
		}
	}
	a.altered = a.altered || e.Altered > 0
	a.believed = append(a.believed, "Open Collective has contradicted itself for days and is believed now: "+e.says())
	return nil
}

// sinceComplete are the attempts since the last complete snapshot.
func (a *attempt) sinceComplete(ctx context.Context) (pulls []store.Pull, err error) {
	err = a.db.View(ctx, func(tx *store.Tx) error {
		pulls, err = tx.Pulls(ctx, attemptsBack) // the newest first
		return err
	})
	if i := slices.IndexFunc(pulls, func(p store.Pull) bool { return p.Outcome == OutcomeComplete }); i >= 0 {
		pulls = pulls[:i]
	}
	return pulls, err
}

// lasts says whether upstream has kept saying a kind of contradiction, by the attempts
// before the one that begins now: for patience, and on enough days of 24 hours each,
// counted back from now, so that a weekly reading is believed too, the third time. An
// attempt that was looked at for that kind and has others of the same step alone ends it.
func lasts(k kind, before []store.Pull, now instant.Instant) bool {
	all := (&Contradiction{}).all()
	first, days := now, map[time.Duration]bool{0: true}
	for _, p := range before { // the newest first
		if contradicted(p.Detail, k.word) {
			first = min(first, p.Started)
			days[max(0, now.Sub(p.Started)/(24*time.Hour))] = true
			continue
		}
		if slices.ContainsFunc(all, func(other kind) bool { return other.lookedUp == k.lookedUp && contradicted(p.Detail, other.word) }) {
			break
		}
	}
	return now.Sub(first) >= patience && len(days) >= repeatedOn
}

// contradiction holds a snapshot against itself and what is stored.
func (r *reconciled) contradiction() *Contradiction {
	return &Contradiction{Uncharged: r.uncharged(), Foreign: r.foreign(), Altered: r.altered(), Vanished: r.vanished(),
		Recoined: r.recoined(), Repaused: r.repaused()}
}

// lookedUp holds a snapshot against what was found by looking up what it lacks:
// what was listed before and is not now, and what only money has named.
func (r *reconciled) lookedUp(seen map[string]sighting) *Contradiction {
	e := &Contradiction{}
	for id, s := range seen {
		if listed := r.st.contributions.has(id); listed && s.contribution == exists && s.payer == exists && s.ours {
			e.Unlisted++
		}
	}
	for _, id := range r.unshown() {
		s := seen[id]
		hidden := s.contribution == exists && !s.ours
		if s.contribution != doesNotExist && s.payer != doesNotExist && !hidden {
			e.Unshown++ // also where it could not be looked up: nobody lapses by what was not found out
		}
	}
	return e
}

// unshown are the contributions that no list has shown and that money has come
// from, in this snapshot first, before its orders were read. Money that came
// while the last one was read is judged now. At the first reading there are
// those of payers who left Open Collective long ago, and no standing to lose.
func (r *reconciled) unshown() []string {
	if !r.st.any {
		return nil
	}
	ids := map[string]bool{}
	note := func(c store.ChargeRow) {
		before := r.st.contributions.has(c.Contribution)
		if c.Contribution != "" && !before && !r.rd.listed.has(c.Contribution) && c.Created <= r.rd.start {
			ids[c.Contribution] = true
		}
	}
	for _, c := range r.charges {
		note(c)
	}
	if len(r.st.unlisted) > 0 {
		for _, c := range r.st.charges.all() {
			if c.Created > r.st.last.Start {
				note(c)
			}
		}
	}
	return slices.Sorted(maps.Keys(ids))
}

// fewOf says whether n of all are so few that they may be oddities.
func fewOf(n, all int) bool { return n <= max(fewOdd, all/oneOddIn) }

func (r *reconciled) uncharged() int {
	oldest := r.rd.start.AddMonths(-window).Add(nearEnough) // what lies further back was not asked for
	moved := map[string]bool{}
	for _, now := range r.contributions {
		before := r.st.contributions.at(now.ID)
		if now.Interval != eligibility.OneOff && now.Amount.Minor > 0 && now.LastCharged >= oldest && now.LastCharged > before.LastCharged {
			moved[now.ID] = true
		}
	}
	charges, lacking := r.chargesOf(moved), 0
	for _, now := range r.contributions {
		all := charges[now.ID]
		if moved[now.ID] && (len(all) == 0 || all[len(all)-1].Created < now.LastCharged.Add(-nearEnough)) {
			lacking++
		}
	}
	if !r.st.any && fewOf(lacking, len(moved)) {
		return 0
	}
	return lacking
}

func (r *reconciled) foreign() (n int) {
	if !r.st.any {
		return 0
	}
	for _, c := range r.charges {
		promise, here := r.now(c.Contribution)
		if here && c.Kind == eligibility.ContributionCharge && c.Amount.Currency != promise.Amount.Currency {
			n++
		}
	}
	return n
}

func (r *reconciled) recoined() (n int) {
	for _, now := range r.contributions {
		before, known := r.st.contributions.get(now.ID)
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
		before, known := r.st.contributions.get(c.row.ID)
		if known && before.Status == paused && c.row.Status == paused && !before.PausedByPayer && c.row.PausedByPayer &&
			c.updated != 0 && c.updated <= before.Effective {
			n++
		}
	}
	return n
}

// altered leaves out what was believed once: it is told so again by every snapshot.
func (r *reconciled) altered() int {
	n := 0
	for _, mark := range r.otherwise() {
		if !r.st.told[mark] {
			n++
		}
	}
	if fewOf(n, r.rd.chargesBefore) {
		return 0
	}
	return n
}

// otherwise are the charges that are told with other money or another date than they are
// stored with: of each a mark of how it is told.
func (r *reconciled) otherwise() (marks []string) {
	for _, c := range r.rd.charges {
		before, known := r.st.charges.get(c.row.ID)
		if known && (before.Amount != c.row.Amount || before.Created != c.row.Created) {
			sum := sha256.Sum256(fmt.Appendf(nil, "%s %d %s %d", c.row.ID, c.row.Amount.Minor, c.row.Amount.Currency, c.row.Created))
			marks = append(marks, hex.EncodeToString(sum[:8]))
		}
	}
	slices.Sort(marks)
	return marks
}

// vanished leaves out what never paid: upstream removes tries of stolen cards
// by the dozen.
func (r *reconciled) vanished() int {
	if r.absent() == 0 {
		return 0
	}
	paid, n := 0, 0
	for id, c := range r.st.contributions.all() {
		if c.Processed == 0 || r.st.missing[id].Streak > 0 {
			continue
		}
		paid++
		if !r.rd.listed.has(id) {
			n++
		}
	}
	if fewOf(n, paid) {
		return 0
	}
	return n
}
