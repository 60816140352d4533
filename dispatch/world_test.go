package dispatch

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/rs/zerolog"

	"coopcloud.tech/goodstanding/chair"
	"coopcloud.tech/goodstanding/decisions"
	"coopcloud.tech/goodstanding/eligibility"
	"coopcloud.tech/goodstanding/internal/dbtest"
	"coopcloud.tech/goodstanding/internal/instant"
	"coopcloud.tech/goodstanding/internal/money"
	"coopcloud.tech/goodstanding/member"
	"coopcloud.tech/goodstanding/notify"
	"coopcloud.tech/goodstanding/notify/letter"
	"coopcloud.tech/goodstanding/policy"
	"coopcloud.tech/goodstanding/roll"
	"coopcloud.tech/goodstanding/store"
)

// town is a federation whose members have paid by bank until 1 July 2026, with the
// notices on.
type town struct {
	t     *testing.T
	dsn   string
	db    *store.DB
	mu    sync.Mutex
	now   instant.Instant
	roll  *roll.Roll
	chair *chair.Chair
	ids   map[string]member.ID
	mails *mailbox
}

// eachTown runs a test on both engines.
func eachTown(t *testing.T, f func(*testing.T, *town)) {
	t.Helper()
	for name, dsn := range map[string]func(testing.TB) string{"sqlite": dbtest.SQLiteDSN, "postgres": dbtest.PostgresDSN} {
		t.Run(name, func(t *testing.T) {
			tw := newTown(t, dsn(t))
			f(t, tw)
			tw.wholeLedger()
		})
	}
}

func newTown(t *testing.T, dsn string) *town {
	t.Helper()
	tw := &town{t: t, dsn: dsn, now: instant.Date(2026, 6, 10), ids: map[string]member.ID{}, mails: &mailbox{}}
	tw.open()
	file, err := policy.Preset(policy.DefaultPreset)
	tw.ok(err)
	_, _, err = tw.roll.EnsurePolicy(t.Context(), tw.operator(), file, false)
	tw.ok(err)
	tw.write(store.Entries, func(ctx context.Context, tx *store.Tx) error { return steady(ctx, tx, 12) })
	tw.snapshot()
	tw.setting(store.SettingNotices, tw.now.String())
	return tw
}

// steady adds members whose dues are waived, so that who lapses is never half of
// them.
func steady(ctx context.Context, tx *store.Tx, n int) error {
	since, by := instant.Date(2026, 1, 1), store.By{Actor: "op_test"}
	for i := range n {
		id := fmt.Sprintf("m_steady%02d", i)
		err := errors.Join(tx.AddMembers(ctx, store.MemberRow{ID: member.ID(id), Kind: member.Organisation, By: by}),
			tx.SetMemberDetail(ctx, store.MemberDetail{Member: member.ID(id), Handle: id, Name: "Steady " + id}),
			tx.AddMembership(ctx, store.MembershipRow{ID: "e_" + id, Member: member.ID(id), Kind: eligibility.Admitted, At: since, By: by}),
			tx.AddWaivers(ctx, store.WaiverRow{ID: "w_" + id, Member: member.ID(id), From: since, By: by}))
		if err != nil {
			return err
		}
	}
	return nil
}

// open opens the database as another process would.
func (tw *town) open() {
	tw.t.Helper()
	db, err := store.Open(tw.t.Context(), tw.dsn, store.Options{Version: "test"})
	tw.ok(err)
	tw.t.Cleanup(func() { _ = db.Close() }) // closed already is as good
	tw.db = db
	tw.roll = roll.New(db, roll.Options{Now: tw.clock})
	tw.chair = chair.New(db, tw.roll, chair.Options{Now: tw.clock})
}

func (tw *town) clock() instant.Instant {
	tw.mu.Lock()
	defer tw.mu.Unlock()
	return tw.now
}

func (tw *town) at(i instant.Instant) {
	tw.mu.Lock()
	defer tw.mu.Unlock()
	tw.now = i
}

func (tw *town) later(d time.Duration) { tw.at(tw.clock().Add(d)) }

func (tw *town) ok(err error) {
	tw.t.Helper()
	if err != nil {
		tw.t.Fatal(err)
	}
}

func (tw *town) operator() roll.By {
	return roll.By{Actor: member.Actor{ID: "op_test", Label: "operator:test", Operator: true}, Reason: "a test"}
}

func (tw *town) setting(name, value string) {
	tw.t.Helper()
	tw.write(store.NoStream, func(ctx context.Context, tx *store.Tx) error { return tx.SetSetting(ctx, name, value) })
}

func (tw *town) write(s store.Stream, f func(context.Context, *store.Tx) error) {
	tw.t.Helper()
	tw.ok(tw.db.InTx(tw.t.Context(), s, tw.clock(), func(tx *store.Tx) error { return f(tw.t.Context(), tx) }))
}

// snapshot stores a complete reading of Open Collective that shows nothing new.
func (tw *town) snapshot() {
	tw.t.Helper()
	tw.write(store.Pulls, func(ctx context.Context, tx *store.Tx) error {
		number, err := tx.NextSnapshot(ctx)
		if err != nil {
			return err
		}
		pull, now := fmt.Sprintf("pl_%d", number), tx.Now()
		if err := tx.AddPull(ctx, store.Pull{ID: pull, Started: now, Finished: now, Outcome: "complete"}); err != nil {
			return err
		}
		if err := tx.AddSnapshot(ctx, store.Snapshot{Number: number, Start: now, Pull: pull, Collective: "acc-collective", Currency: gbp}); err != nil {
			return err
		}
		_, err = tw.roll.AfterSnapshot(ctx, tx, roll.SnapshotInfo{Number: number, Start: now, Currency: "GBP"})
		return err
	})
}

var gbp = money.Currency{'G', 'B', 'P'}

// join admits a member with a contact.
func (tw *town) join(name string) member.ID {
	tw.t.Helper()
	id, _, err := tw.roll.Add(tw.t.Context(), tw.operator(), roll.NewMember{Name: name, Kind: member.Organisation, Since: instant.Date(2026, 1, 1),
		Contacts: []roll.Contact{{Email: handle(name) + "@members.example"}}})
	tw.ok(err)
	tw.ids[name] = id
	return id
}

func handle(name string) string { return strings.ReplaceAll(strings.ToLower(name), " ", "-") }

// payer joins and has paid until 1 July.
func (tw *town) payer(name string) member.ID {
	tw.t.Helper()
	id := tw.join(name)
	tw.pay(id, instant.Date(2026, 6, 1))
	return id
}

// pay enters a month's payment.
func (tw *town) pay(id member.ID, from instant.Instant) {
	tw.t.Helper()
	_, _, err := tw.roll.Pay(tw.t.Context(), tw.operator(), roll.PaymentEntry{Member: id, Amount: money.Money{Minor: 1000, Currency: gbp}, Received: from, Months: 1})
	tw.ok(err)
}

func (tw *town) person(name string, of ...member.ID) member.PersonID {
	tw.t.Helper()
	id, err := tw.roll.AddPerson(tw.t.Context(), tw.operator(), roll.NewPerson{Name: name, Email: handle(name) + "@people.example", DelegateOf: of})
	tw.ok(err)
	tw.hush()
	return id
}

// hush drops what people are told because a test sets its scene.
func (tw *town) hush() {
	tw.t.Helper()
	rows := tw.rows()
	tw.write(store.NoStream, func(ctx context.Context, tx *store.Tx) error {
		for _, n := range rows {
			if g := n.Kind.Group(); n.State == notify.Waiting && (g == notify.AboutDelegates || g == notify.ForTreasurers) {
				if err := tx.SetNotice(ctx, n.ID, notify.Suppressed, notify.Dropped); err != nil {
					return err
				}
			}
		}
		return nil
	})
}

// acts makes a person delegate of a member.
func (tw *town) acts(id member.PersonID, of member.ID) {
	tw.t.Helper()
	tw.ok(tw.roll.SetDelegate(tw.t.Context(), tw.operator(), id, of, true))
	tw.hush()
}

// late moves the clock to 8 July: those who paid until 1 July are told that their
// payment is late.
func (tw *town) late() {
	tw.t.Helper()
	tw.at(instant.Date(2026, 7, 6))
	tw.snapshot()
	tw.at(instant.Date(2026, 7, 8))
	tw.snapshot()
	tw.beat()
}

// beat says that sending was at work until now.
func (tw *town) beat() { tw.setting(store.SettingAlive, fmt.Sprint(int64(tw.clock()))) }

// dispatcher is a process that sends.
func (tw *town) dispatcher(change ...func(*Options)) *Dispatcher {
	tw.t.Helper()
	o := Options{DB: tw.db, Roll: tw.roll, Decision: tw.chair.LetterAbout, Heard: tw.chair.Heard, MayHear: tw.chair.MayHear, Email: tw.mails, Now: tw.clock, Random: func() float64 { return 0.5 }, Letter: plainLetter, Log: zerolog.Nop(),
		Federation: Federation{Name: "Loose Knot", Treasurers: "treasurers@loose-knot.example"}, Unreachable: func(err error) (bool, time.Duration) { return err == errDown, 0 }}
	for _, f := range change {
		f(&o)
	}
	d, err := New(o)
	tw.ok(err)
	return d
}

func (tw *town) step(d *Dispatcher) instant.Instant {
	tw.t.Helper()
	next, err := d.Step(tw.t.Context())
	tw.ok(err)
	return next
}

// plainLetter names the kind and the members.
func plainLetter(d letter.Data) (subject, text, html string, err error) {
	var names []string
	for _, m := range d.Members {
		names = append(names, m.Name)
	}
	return string(d.Kind), "Dear " + d.To + ": " + strings.Join(names, ", "), "", nil
}

// rows are the notices, by due time.
func (tw *town) rows() (out []store.OutboxRow) {
	tw.t.Helper()
	tw.ok(tw.db.View(tw.t.Context(), func(tx *store.Tx) (err error) {
		out, err = tx.Notices(tw.t.Context(), store.OutboxQuery{})
		return err
	}))
	return out
}

// became says what became of the notices of a kind: "sent", "held stale", each once.
func (tw *town) became(k notify.Kind) string {
	tw.t.Helper()
	var out []string
	for _, n := range tw.rows() {
		if word := strings.TrimSpace(string(n.State) + " " + n.Detail); n.Kind == k && !slices.Contains(out, word) {
			out = append(out, word)
		}
	}
	slices.Sort(out)
	return strings.Join(out, ", ")
}

func (tw *town) is(what, got, want string) {
	tw.t.Helper()
	if got != want {
		tw.t.Errorf("%s: %q, want %q", what, got, want)
	}
}

// wholeLedger holds each notice to its steps: the last one is where it stands, and
// due = sent + failed + held + waiting + not sent.
func (tw *town) wholeLedger() {
	tw.t.Helper()
	tw.ok(tw.db.View(tw.t.Context(), func(tx *store.Tx) error {
		ctx := tw.t.Context()
		all, err := tx.Notices(ctx, store.OutboxQuery{})
		if err != nil {
			return err
		}
		counts, err := tx.NoticeCounts(ctx)
		if err != nil {
			return err
		}
		var sum int64
		for _, s := range notify.States() {
			sum += counts[s]
		}
		if sum != int64(len(all)) {
			tw.t.Errorf("%d notices are due, %d are accounted for", len(all), sum)
		}
		for _, n := range all {
			steps, err := tx.Ledger(ctx, n.ID)
			if err != nil {
				return err
			}
			if last := steps[len(steps)-1]; last.State != n.State || last.Detail != n.Detail {
				tw.t.Errorf("%s: it is %s %q, its last step %s %q", n.Occasion, n.State, n.Detail, last.State, last.Detail)
			}
		}
		return nil
	}))
}

// mailbox takes mails, and answers as it is told to.
type mailbox struct {
	mu     sync.Mutex
	taken  []notify.Envelope
	tried  int
	answer func(notify.Envelope) error
}

var errDown = fmt.Errorf("the mail server cannot be reached")

func (m *mailbox) Send(_ context.Context, e notify.Envelope) error {
	m.mu.Lock()
	defer m.mu.Unlock()
	m.tried++
	if m.answer != nil {
		if err := m.answer(e); err != nil {
			return err
		}
	}
	m.taken = append(m.taken, e)
	return nil
}

func (m *mailbox) says(f func(notify.Envelope) error) {
	m.mu.Lock()
	defer m.mu.Unlock()
	m.answer = f
}

// texts are what was taken, "ADDRESS: text", in order of both.
func (m *mailbox) texts() string {
	m.mu.Lock()
	defer m.mu.Unlock()
	var out []string
	for _, e := range m.taken {
		to := e.To[strings.LastIndexByte(e.To, '<')+1:]
		out = append(out, strings.TrimSuffix(to, ">")+" "+e.Subject+" "+e.Text)
	}
	slices.Sort(out)
	return strings.Join(out, "\n")
}

func (m *mailbox) counts() (taken, tried int) {
	m.mu.Lock()
	defer m.mu.Unlock()
	return len(m.taken), m.tried
}

// opened is a large decision that the first of some new members has opened; by is who
// acts for each of them.
func (tw *town) opened(members ...string) (id chair.ID, by func(i int) chair.By) {
	tw.t.Helper()
	return tw.openedAs(decisions.Large, members...)
}

func (tw *town) openedAs(size decisions.Size, members ...string) (id chair.ID, by func(i int) chair.By) {
	tw.t.Helper()
	var all []chair.By
	for i, name := range members {
		one := tw.payer(name)
		all = append(all, chair.By{Actor: member.Actor{ID: string(tw.person([]string{"Ada", "Bo", "Cy", "Di"}[i], one)), Label: "someone"}, Member: one})
	}
	return tw.proposed(size, all[0]), func(i int) chair.By { return all[i] }
}

// proposed is a decision that somebody has opened, an hour later.
func (tw *town) proposed(size decisions.Size, by chair.By) chair.ID {
	tw.t.Helper()
	tw.later(time.Hour)
	made, err := tw.chair.Propose(tw.t.Context(), by, decisions.Proposal{Text: decisions.Text{Title: "A calendar", Changes: "We use one.", Affects: "All.", Channel: "the room"},
		Size: size, Kind: decisions.General, Visibility: decisions.Public})
	tw.ok(err)
	_, err = tw.chair.Open(tw.t.Context(), made.Receipt.Decision, by)
	tw.ok(err)
	return made.Receipt.Decision
}
