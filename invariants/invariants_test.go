package invariants

import (
	"errors"
	"fmt"
	"slices"
	"strings"
	"testing"
	"time"

	"coopcloud.tech/goodstanding/chair"
	"coopcloud.tech/goodstanding/decisions"
	"coopcloud.tech/goodstanding/internal/dbtest"
	"coopcloud.tech/goodstanding/internal/instant"
	"coopcloud.tech/goodstanding/member"
	"coopcloud.tech/goodstanding/policy"
	"coopcloud.tech/goodstanding/roll"
	"coopcloud.tech/goodstanding/store"
)

// house is a small federation with a decision that was answered and closed.
type house struct {
	t    *testing.T
	now  instant.Instant
	db   *store.DB
	roll *roll.Roll
	c    *Checker
	ids  []member.ID
}

func newHouse(t *testing.T, db *store.DB) *house {
	t.Helper()
	h := &house{t: t, now: instant.Date(2026, 6, 1).Add(12 * time.Hour), db: db}
	now := func() instant.Instant { h.now += 1000; return h.now }
	h.roll = roll.New(db, roll.Options{Now: now, Zone: time.UTC})
	board := chair.New(db, h.roll, chair.Options{Now: now, Zone: time.UTC})
	h.c = New(Options{DB: db, Roll: h.roll, Chair: board, Now: now})
	file, err := policy.Preset(policy.DefaultPreset)
	h.ok(err)
	_, _, err = h.roll.EnsurePolicy(t.Context(), h.by(), file, false)
	h.ok(err)
	var who []chair.By
	for i := range 3 {
		id, _, err := h.roll.Add(t.Context(), h.by(), roll.NewMember{Name: fmt.Sprintf("Member %d", i), Kind: member.Organisation, Since: instant.Date(2026, 1, 1)})
		h.ok(err)
		_, _, err = h.roll.Waive(t.Context(), h.by(), id, instant.Date(2026, 1, 1), 0, "")
		h.ok(err)
		person, err := h.roll.AddPerson(t.Context(), h.by(), roll.NewPerson{Name: fmt.Sprintf("Delegate %d", i), Email: fmt.Sprintf("d%d@people.example", i), DelegateOf: []member.ID{id}})
		h.ok(err)
		h.ids = append(h.ids, id)
		who = append(who, chair.By{Actor: member.Actor{ID: string(person), Label: "a delegate"}, Member: id})
	}
	h.now += 3600e6
	done, err := board.Propose(t.Context(), who[0], decisions.Proposal{Size: decisions.Large, Kind: decisions.General, Visibility: decisions.Public,
		Text: decisions.Text{Title: "A shared calendar", Changes: "We use one.", Affects: "All members.", Channel: "the room"}})
	h.ok(err)
	_, err = board.Open(t.Context(), done.Receipt.Decision, who[0])
	h.ok(err)
	_, err = board.Cast(t.Context(), done.Receipt.Decision, who[1], decisions.Favour, "")
	h.ok(err)
	h.now = h.now.Add(60 * 24 * time.Hour)
	_, err = board.CloseDue(t.Context())
	h.ok(err)
	return h
}

func (h *house) ok(err error) {
	h.t.Helper()
	if err != nil {
		h.t.Fatal(err)
	}
}

func (h *house) by() roll.By {
	return roll.By{Actor: member.Actor{ID: "op_test", Label: "operator:test", Operator: true}, Reason: "a test"}
}

// broken checks that these invariants do not hold, and all others do.
func (h *house) broken(what string, want ...Name) Report {
	h.t.Helper()
	report, err := h.c.Check(h.t.Context(), false)
	h.ok(err)
	if got := report.Broken(); !slices.Equal(got, want) {
		h.t.Fatalf("%s: broken are %v, want %v\n%+v", what, got, want, report.Results)
	}
	return report
}

func fault(r *Report, name Name) string {
	for _, found := range r.Results {
		if found.Name == name {
			return strings.Join(found.Faults, "; ")
		}
	}
	return ""
}

// What cannot be made anew is found, told, and refused to be repaired: also beside
// something that could.
func TestWhatIsRecordedForGoodIsNotRepaired(t *testing.T) {
	dbtest.Each(t, func(t *testing.T, open func() *store.DB) {
		h := newHouse(t, open())
		fine := h.broken("nothing was touched")
		for i, r := range fine.Results {
			if r.Name != Names()[i] || r.Checked == 0 && r.Name != Uniqueness || r.Todo() != "" {
				t.Errorf("%+v", r)
			}
		}
		first := h.ids[0]
		var notice string
		h.ok(h.db.View(t.Context(), func(tx *store.Tx) error {
			all, err := tx.Notices(t.Context(), store.OutboxQuery{Limit: 1})
			if len(all) == 1 {
				notice = all[0].ID
			}
			return err
		}))
		for _, c := range []struct {
			what, do, undo string
			want           []Name
			says           string
		}{
			{"an audit row", `UPDATE audit SET action = 'waive' WHERE seq = 1`, `UPDATE audit SET action = 'add_policy' WHERE seq = 1`,
				[]Name{AuditChain}, "at entry 1: its content does not fit its hash"},
			{"an entry of a decision", `UPDATE decision_entry SET at = at + 1 WHERE seq = 3`, `UPDATE decision_entry SET at = at - 1 WHERE seq = 3`,
				[]Name{DecisionChains}, "decision 1 at entry 3: its content does not fit its hash"},
			{"the end of a decision", `UPDATE decision_head SET state = 'passed'`, `UPDATE decision_head SET state = (SELECT state FROM decision_entry ORDER BY seq DESC LIMIT 1)`,
				[]Name{DecisionChains}, "decision 1 at entry 4: the head row names another end"},
			{"a waiver that there is not", `INSERT INTO waiver_end (waiver, revoked, valid_until, actor, reason, known) VALUES ('wa_gone', 1, 0, 'op', '', 1)`,
				`DELETE FROM waiver_end`, []Name{References}, "waiver_end.waiver names wa_gone, which is not in waiver"},
			{"a snapshot that there is not", `INSERT INTO hold (id, cause, set_at, since, snapshot, known) VALUES ('h_1', 'many', 9, 1, 7, 9)`,
				`DELETE FROM hold`, []Name{References}, "hold.snapshot names 7, which is not in snapshot"},
			{"a step of a notice that is missing", `UPDATE ledger SET seq = 2 WHERE outbox = '` + notice + `'`, `UPDATE ledger SET seq = 1 WHERE outbox = '` + notice + `'`,
				[]Name{Notices}, "the notice " + notice + " has 1 steps in the ledger, and the last one is number 2"},
			{"a notice that was sent twice", `UPDATE outbox SET state = 'sent' WHERE id = '` + notice + `'; ` +
				`INSERT INTO ledger (outbox, seq, at, state, detail) VALUES ('` + notice + `', 2, 9, 'sent', ''), ('` + notice + `', 3, 9, 'sent', '')`,
				`UPDATE outbox SET state = 'before_start' WHERE id = '` + notice + `'; DELETE FROM ledger WHERE outbox = '` + notice + `' AND seq > 1`,
				[]Name{Notices}, "the notice " + notice + " was sent twice, by its ledger"},
			{"an account linked twice", `INSERT INTO link (id, member, account, valid_from, valid_until, actor, reason, known) VALUES ` +
				`('li_1', '` + string(first) + `', 'ac_1', 0, 0, 'op', '', 9), ('li_2', '` + string(h.ids[1]) + `', 'ac_1', 5, 0, 'op', '', 9)`,
				`DELETE FROM link`, []Name{Uniqueness}, "the account ac_1 is linked twice at a time, by li_1 and li_2"},
			{"a member that never joined", `UPDATE membership_event SET kind = 'left' WHERE member = '` + string(first) + `'`,
				`UPDATE membership_event SET kind = 'admitted' WHERE kind = 'left'`, []Name{Electorates, Standings},
				"decision 1, entry 2: its electorate of 3 is not that of the register then, of 2"},
		} {
			dbtest.Tamper(t, h.db, c.do)
			report := h.broken(c.what, c.want...)
			if got := fault(&report, c.want[0]); got != c.says {
				t.Errorf("%s: says %q, want %q", c.what, got, c.says)
			}
			done, err := h.c.Repair(t.Context(), h.by(), &report)
			beyond, ok := errors.AsType[*NotRepairable](err)
			if want := "nothing was repaired: " + string(c.want[0]) + " cannot be made anew from anything. Stop goodstanding, keep the database, " +
				"and restore the last backup in which they hold"; !ok || len(done) > 0 || beyond.Error() != want {
				t.Errorf("%s: repaired %v, %v", c.what, done, err)
			}
			dbtest.Tamper(t, h.db, c.undo)
			h.broken(c.what + ", undone")
		}
	})
}

// What follows from something else is found and made anew, with an audit row, and
// sends nothing that was not to go.
func TestWhatIsDerivedIsMadeAnew(t *testing.T) {
	dbtest.Each(t, func(t *testing.T, open func() *store.DB) {
		h := newHouse(t, open())
		for _, c := range []struct {
			what, do string
			want     Name
			count    int
			says     string
		}{
			{"a counter", `UPDATE counter SET known = 5 WHERE stream = 'entries'`, Counters, 2, "the counter of entries stands at "},
			{"a counter that is gone", `DELETE FROM counter WHERE stream = 'entries'`, Counters, 2, "the counter of entries stands at "},
			{"a notice let go", `UPDATE outbox SET state = 'waiting' WHERE id = (SELECT min(id) FROM outbox)`, Notices, 1, ", and its last step in the ledger says before_start"},
			{"a notice without its steps", `DELETE FROM ledger WHERE outbox = (SELECT min(id) FROM outbox)`, Notices, 1, " is before_start, and has no step in the ledger"},
			{"a notice that is over by its row", `UPDATE outbox SET state = 'sent' WHERE id = (SELECT max(id) FROM outbox)`, Notices, 1, " is sent, and its last step in the ledger says before_start"},
			{"a standing", `UPDATE standing SET vote = 0, state = 'lapsed' WHERE member = '` + string(h.ids[1]) + `' AND state = 'waived'`, Standings, 1, "recorded is lapsed, "},
		} {
			dbtest.Tamper(t, h.db, c.do)
			report := h.broken(c.what, c.want)
			if got := fault(&report, c.want); !strings.Contains(got, c.says) {
				t.Errorf("%s: says %q, want %q", c.what, got, c.says)
			}
			for _, r := range report.Results {
				if want := "goodstanding verify --repair makes it anew from the log"; r.Name == c.want && r.Todo() != want {
					t.Errorf("%s: to do is %q", c.what, r.Todo())
				}
			}
			done, err := h.c.Repair(t.Context(), h.by(), &report)
			h.ok(err)
			if want := []Repaired{{c.want, c.count}}; !slices.Equal(done, want) {
				t.Errorf("%s: made anew were %v, want %v", c.what, done, want)
			}
			h.broken(c.what + ", repaired")
			h.ok(h.db.View(t.Context(), func(tx *store.Tx) error {
				rows, err := tx.AuditRows(t.Context(), store.AuditQuery{Subject: string(c.want)})
				if err == nil && (len(rows) == 0 || rows[len(rows)-1].Payload != fmt.Sprintf(`{"%s":%d}`, c.want, c.count)) {
					t.Errorf("%s: the audit chain says %+v", c.what, rows)
				}
				ready, _, err2 := tx.Ready(t.Context(), instant.Max)
				if ready > 0 {
					t.Errorf("%s: %d notices may go now", c.what, ready)
				}
				return errors.Join(err, err2)
			}))
		}
		_, err := h.roll.RepairCounters(t.Context(), roll.By{Actor: member.Actor{ID: "p_x", Label: "Somebody"}, Reason: "I want to"})
		if err == nil || !strings.Contains(err.Error(), "only a treasurer or the operator may") {
			t.Errorf("somebody else repairs: %v", err)
		}
	})
}

// A brief look leaves out what did not move, and sees what did.
func TestABriefLook(t *testing.T) {
	h := newHouse(t, dbtest.SQLite(t)())
	full, err := h.c.Check(t.Context(), true)
	h.ok(err)
	brief, err := h.c.Check(t.Context(), true)
	h.ok(err)
	for i, r := range brief.Results {
		if less := r.Checked < full.Results[i].Checked; less != (r.Name == Electorates) || !r.OK() {
			t.Errorf("%s: %d looked at, %d before", r.Name, r.Checked, full.Results[i].Checked)
		}
	}
	dbtest.Tamper(t, h.db, `UPDATE standing SET vote = 0`)
	if brief, err = h.c.Check(t.Context(), true); err != nil || brief.OK() {
		t.Errorf("a standing was changed, and found is %v, %v", brief.Broken(), err)
	}
}

// Of many faults the first are told, and how many more there are.
func TestOfManyFaultsTheFirstAreTold(t *testing.T) {
	var r Result
	for i := range 9 {
		r.add(fmt.Sprint(i))
	}
	if !slices.Equal(r.Faults, []string{"0", "1", "2", "3", "4"}) || r.More != 4 || r.OK() {
		t.Errorf("%+v", r)
	}
}
