package roll

import (
	"context"
	"fmt"
	"slices"

	"coopcloud.tech/goodstanding/eligibility"
	"coopcloud.tech/goodstanding/internal/instant"
	"coopcloud.tech/goodstanding/internal/money"
	"coopcloud.tech/goodstanding/member"
	"coopcloud.tech/goodstanding/notify"
	"coopcloud.tech/goodstanding/policy"
	"coopcloud.tech/goodstanding/store"
)

// settingPublished holds since when the provider list is public, RFC 3339; ""
// once it was taken back.
const settingPublished = "providers_published_at"

// Status is the whole state on one screen.
type Status struct {
	At         instant.Instant
	Collective string // slug as last seen; "" before the first snapshot
	Name       string
	Currency   string
	Snapshot   int64           // number of the last complete one; 0 for none
	AsOf       instant.Instant // its start
	Stale      bool
	LastPull   PullInfo
	// Dues is the rule in words with £10.00.
	Dues      []string
	Policy    policy.Version
	PolicyErr string // a policy fault in words; "" for none
	Members   int
	States    map[eligibility.State]int
	Unmatched []Payer
	// Desk counts what is to be sorted out, see Roll.Desk.
	Desk int
	// NoDelegate names the members nobody can vote for.
	NoDelegate     []string
	Supporters     int
	NoticesStarted bool
	NoticesSince   instant.Instant  // since when they are on; 0 while they are off
	NoticesToCome  int              // that a start would let go
	Notices        map[string]int64 // by state
	// Batches count what waits for a yes or no, in the order of notify.Batches.
	Batches []BatchCount
	// NoticesFailed counts the notices that failed in the last failedTold.
	NoticesFailed   int
	Holds           []Hold          // those that stand
	NextChange      instant.Instant // the earliest changes_at; 0 for none
	NextChangeNames []string
	LateClocks      int64
	Treasurers      int
	Applications    int // to join, that wait for a yes or no
	// ProvidersPublished says that the provider list is public.
	ProvidersPublished bool
	// ToApprove names the members whose entry in the provider list waits for a yes.
	ToApprove []string
	// ToDo are the next steps, each a sentence with its command; in other languages
	// they are phrases (package tongue).
	ToDo []string
}

// BatchCount is how many notices wait in a batch for a yes or no.
type BatchCount struct {
	Batch notify.Batch
	N     int
}

// failedTold is for how long the status tells of a notice that failed.
const failedTold = 7 * instant.Day

// PullInfo is the last attempt to read Open Collective.
type PullInfo struct {
	At       instant.Instant // 0: never tried
	Outcome  string          // "complete", or the class of what went wrong
	Detail   string
	Requests int
}

// Status reads the whole state.
func (r *Roll) Status(ctx context.Context) (Status, error) {
	var st Status
	err := r.db.View(ctx, func(tx *store.Tx) error {
		st = Status{At: r.now(), States: map[eligibility.State]int{}}
		for _, part := range []func(context.Context, *store.Tx) error{
			st.source, r.statusRoll(&st), r.statusDesk(&st), st.counts, st.notices,
		} {
			if err := part(ctx, tx); err != nil {
				return err
			}
		}
		st.toDo()
		return nil
	})
	if err != nil {
		return Status{}, fmt.Errorf("read the status: %w", err)
	}
	return st, nil
}

// source is where the data comes from and how old it is.
func (st *Status) source(ctx context.Context, tx *store.Tx) error {
	pulls, err := tx.Pulls(ctx, 1)
	if err != nil {
		return err
	}
	if len(pulls) > 0 {
		p := pulls[0]
		st.LastPull = PullInfo{At: p.Started, Outcome: p.Outcome, Detail: p.Detail, Requests: p.Requests}
	}
	last, ok, err := tx.LastSnapshot(ctx)
	if err != nil || !ok {
		return err
	}
	st.Snapshot, st.AsOf, st.Currency = last.Number, last.Start, last.Currency.String()
	details, err := tx.AccountDetails(ctx)
	if err != nil {
		return err
	}
	st.Collective, st.Name = details[last.Collective].Slug, details[last.Collective].Name
	return nil
}

// statusRoll counts the members by state and finds what changes next.
func (r *Roll) statusRoll(st *Status) func(context.Context, *store.Tx) error {
	return func(ctx context.Context, tx *store.Tx) error {
		b, err := r.book(ctx, tx)
		if err != nil {
			return err
		}
		v := b.View(Query{At: st.At}, st.At)
		st.Members, st.Stale = len(v.Rows), v.Stale
		for i := range v.Rows {
			row := &v.Rows[i]
			st.States[row.Standing.State]++
			if row.Delegates == 0 && row.Standing.State != eligibility.StateLeft {
				st.NoDelegate = append(st.NoDelegate, row.Name)
			}
			st.next(row)
		}
		for i := range b.facts {
			f := &b.facts[i]
			if at := newestConditions(f.Profile); at[eligibility.HasProfile].On && at[eligibility.Consents].On && !at[eligibility.Approved].On && inside(f, b.look(st.At, 0, st.At)) {
				st.ToApprove = append(st.ToApprove, b.Name(f.Member))
			}
		}
		version, ok := b.Policy(st.At)
		if !ok {
			return nil
		}
		st.Policy = version
		st.Dues = append(st.Dues, minimumWords(&version.Eligibility))
		if c, err := money.ParseCurrency(st.Currency); err == nil {
			if fault := policy.CheckCurrency(version, c); fault != nil {
				st.PolicyErr = fault.Error()
			}
		}
		return nil
	}
}

// next keeps the earliest change, and who it is about.
func (st *Status) next(row *Row) {
	at := row.Standing.ChangesAt
	if at == 0 || st.NextChange != 0 && at > st.NextChange {
		return
	}
	if at != st.NextChange {
		st.NextChange, st.NextChangeNames = at, nil
	}
	st.NextChangeNames = append(st.NextChangeNames, row.Name)
}

// statusDesk lists what waits for the treasurer.
func (r *Roll) statusDesk(st *Status) func(context.Context, *store.Tx) error {
	return func(ctx context.Context, tx *store.Tx) error {
		var err error
		if st.Unmatched, err = r.unmatched(ctx, tx); err != nil {
			return err
		}
		if st.Holds, err = r.holds(ctx, tx, false); err != nil {
			return err
		}
		entries, err := r.desk(ctx, tx, st.At)
		if err != nil {
			return err
		}
		st.Desk = len(undismissed(entries, false))
		supporters, err := tx.Supporters(ctx)
		st.Supporters = len(supporters)
		return err
	}
}

// counts reads what is only counted.
func (st *Status) counts(ctx context.Context, tx *store.Tx) error {
	counters, err := tx.Counters(ctx)
	if err != nil {
		return err
	}
	st.LateClocks = counters.LateClocks()
	published, _, err := tx.Setting(ctx, settingPublished)
	if err != nil {
		return err
	}
	st.ProvidersPublished = published != ""
	people, err := tx.People(ctx)
	if err != nil {
		return err
	}
	for _, p := range people {
		if slices.Contains(p.Roles, member.Treasurer) {
			st.Treasurers++
		}
	}
	applications, err := tx.Applications(ctx)
	for _, a := range applications {
		if a.Confirmed != 0 && a.Outcome == store.Undecided {
			st.Applications++
		}
	}
	return err
}

// notices counts them, and what of them waits for a word.
func (st *Status) notices(ctx context.Context, tx *store.Tx) (err error) {
	if st.NoticesSince, err = noticesStarted(ctx, tx); err != nil {
		return err
	}
	st.NoticesStarted = st.NoticesSince != 0
	counts, err := tx.NoticeDetails(ctx)
	if err != nil {
		return err
	}
	st.Notices = map[string]int64{}
	waiting := map[notify.Batch]int{}
	for _, c := range counts {
		st.Notices[string(c.State)] += c.N
		if b, ok := notify.BatchOf(c.Detail); ok && c.State == notify.HeldState {
			waiting[b] += int(c.N)
		}
	}
	for _, b := range batchesInOrder(waiting) {
		st.Batches = append(st.Batches, BatchCount{b, waiting[b]})
	}
	failed, err := tx.NoticePage(ctx, store.NoticeQuery{State: notify.Failed, Since: max(1, st.At-failedTold)})
	if err != nil {
		return err
	}
	st.NoticesFailed = len(failed)
	if st.NoticesStarted {
		return nil
	}
	st.NoticesToCome, err = tx.NoticesToCome(ctx, st.At)
	return err
}

// reviewTold is how long before the policy's review_by the treasurers are told.
const reviewTold = 30 * instant.Day

// toDo are the next steps, the most pressing first.
func (st *Status) toDo() {
	step := func(when bool, format string, args ...any) {
		if when {
			st.ToDo = append(st.ToDo, fmt.Sprintf(format, args...))
		}
	}
	step(len(st.Holds) > 0, "Look at what is held: goodstanding holds show")
	step(st.PolicyErr != "", "Mend the policy: goodstanding policy check --store")
	for _, b := range st.Batches {
		step(true, "Say yes or no to %s, because %s: goodstanding notices release %s (or drop %s)", noticesWord(b.N), BatchWords(b.Batch), b.Batch, b.Batch)
	}
	step(st.NoticesFailed > 0, "Look why %s failed in the last week: goodstanding notices --state failed", noticesWord(st.NoticesFailed))
	step(st.Applications == 1, "Say yes or no to 1 application to join: goodstanding members applications")
	step(st.Applications > 1, "Say yes or no to %d applications to join: goodstanding members applications", st.Applications)
	step(st.Snapshot == 0, "Read Open Collective: goodstanding sync")
	step(st.Snapshot > 0 && st.Stale, "Read Open Collective again: goodstanding sync")
	step(st.Members == 0 && st.Snapshot > 0, "Take over the payers as members: goodstanding members adopt --all (or members import FILE)")
	step(st.Members > 0 && st.Desk == 1, "To sort out: 1 entry: goodstanding desk")
	step(st.Members > 0 && st.Desk > 1, "To sort out: %d entries: goodstanding desk", st.Desk)
	step(st.States[eligibility.StateUnknown] > 0 && st.Snapshot > 0, "Link members without an account: goodstanding link --suggest")
	if by := st.Policy.ReviewBy; by != 0 {
		step(st.At >= by-reviewTold && st.At < by, "Look at the dues again by %s, as the policy wants: its next version names another day", by.Time().Format("2 January 2006"))
		step(st.At >= by, "Look at the dues again: the policy wanted that by %s, and its next version names another day", by.Time().Format("2 January 2006"))
	}
	step(st.Treasurers == 0, "Name a treasurer: goodstanding people add EMAIL --name NAME --role treasurer")
	step(len(st.NoDelegate) > 0, "Name delegates for %d members: goodstanding people add EMAIL --name NAME --delegate-of MEMBER", len(st.NoDelegate))
	step(len(st.ToApprove) == 1, "Say yes or no to 1 entry of the provider list: goodstanding providers approve MEMBER")
	step(len(st.ToApprove) > 1, "Say yes or no to %d entries of the provider list: goodstanding providers approve MEMBER", len(st.ToApprove))
	step(!st.NoticesStarted && st.NoticesToCome > 0, "Notices are off, %d to come: goodstanding notices start", st.NoticesToCome)
	step(!st.NoticesStarted && st.NoticesToCome == 0 && st.Members > 0 && st.Treasurers > 0, "Notices are off: goodstanding notices start")
}

func noticesWord(n int) string {
	if n == 1 {
		return "1 notice"
	}
	return fmt.Sprintf("%d notices", n)
}
