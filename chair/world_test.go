package chair

import (
	"errors"
	"fmt"
	"strings"
	"testing"
	"time"

	"coopcloud.tech/goodstanding/decisions"
	"coopcloud.tech/goodstanding/internal/dbtest"
	"coopcloud.tech/goodstanding/internal/instant"
	"coopcloud.tech/goodstanding/member"
	"coopcloud.tech/goodstanding/policy"
	"coopcloud.tech/goodstanding/roll"
	"coopcloud.tech/goodstanding/store"
)

// room is a federation whose members have their dues waived, with a delegate
// each, and a facilitator who is delegate of the first.
type room struct {
	t    *testing.T
	now  instant.Instant
	db   *store.DB
	open func() *store.DB
	roll *roll.Roll
	c    *Chair
	ids  []member.ID
	who  []member.Actor // delegates
	fay  member.Actor
}

func eachRoom(t *testing.T, members int, preset string, f func(*testing.T, *room)) {
	t.Helper()
	dbtest.Each(t, func(t *testing.T, open func() *store.DB) { f(t, newRoom(t, open, members, preset)) })
}

func newRoom(t *testing.T, open func() *store.DB, members int, preset string) *room {
	t.Helper()
	r := &room{t: t, open: open, now: instant.Date(2026, 6, 1).Add(12 * time.Hour), db: open()}
	r.roll, r.c = r.parts(r.db)
	name, forMembers := strings.CutSuffix(preset, ", ballots for members")
	name, strict := strings.CutSuffix(name, ", short notice refused")
	words, err := policy.PresetText(name)
	r.ok(err)
	if strict {
		words = []byte(strings.Replace(string(words), "notice_too_short: warn", "notice_too_short: refuse", 1))
	}
	if forMembers {
		words = []byte(strings.Replace(string(words), "ballots: public", "ballots: members", 1))
	}
	file, err := policy.Parse(name, words)
	r.ok(err)
	_, _, err = r.roll.EnsurePolicy(t.Context(), r.operator("starts"), file, false)
	r.ok(err)
	for i := range members {
		r.admit(fmt.Sprintf("Member %02d", i), fmt.Sprintf("Delegate %02d", i))
	}
	r.fay = r.person("Fay", r.ids[0])
	r.ok(r.roll.SetRole(t.Context(), r.operator("chosen"), member.PersonID(r.fay.ID), member.Facilitator, true))
	r.now = r.now.Add(time.Hour)
	return r
}

// parts are another process on the same database.
func (r *room) parts(db *store.DB) (*roll.Roll, *Chair) {
	zone, err := time.LoadLocation("Europe/London")
	r.ok(err)
	now := func() instant.Instant { return r.now }
	book := roll.New(db, roll.Options{Now: now, Zone: zone})
	return book, New(db, book, Options{Now: now, Zone: zone})
}

func (r *room) ok(err error) {
	r.t.Helper()
	if err != nil {
		r.t.Fatal(err)
	}
}

// hindsight is what the register says of the past.
func (r *room) hindsight() (past *roll.Hindsight) {
	r.t.Helper()
	r.ok(r.db.View(r.t.Context(), func(tx *store.Tx) (err error) {
		past, err = r.roll.Hindsight(r.t.Context(), tx)
		return err
	}))
	return past
}

func (r *room) operator(why string) roll.By {
	return roll.By{Actor: member.Actor{ID: "op_test", Label: "operator:test", Operator: true}, Reason: why}
}

// admit adds a member with its dues waived, and a delegate.
func (r *room) admit(name, delegate string) member.ID {
	r.t.Helper()
	id, _, err := r.roll.Add(r.t.Context(), r.operator("joined"), roll.NewMember{Name: name, Kind: member.Organisation, Since: instant.Date(2026, 1, 1), Decision: "9"})
	r.ok(err)
	r.waive(id)
	r.ids = append(r.ids, id)
	r.who = append(r.who, r.person(delegate, id))
	return id
}

func (r *room) waive(id member.ID) {
	r.t.Helper()
	_, _, err := r.roll.Waive(r.t.Context(), r.operator("solidarity"), id, instant.Date(2026, 1, 1), 0, "")
	r.ok(err)
}

func (r *room) person(name string, of ...member.ID) member.Actor {
	r.t.Helper()
	id, err := r.roll.AddPerson(r.t.Context(), r.operator("asked"), roll.NewPerson{Name: name,
		Email: strings.ReplaceAll(strings.ToLower(name), " ", ".") + "@people.example", DelegateOf: of})
	r.ok(err)
	return member.Actor{ID: string(id), Label: name}
}

// by is a delegate of the member with that number.
func (r *room) by(i int) By { return By{Actor: r.who[i], Member: r.ids[i]} }

func (r *room) later(d time.Duration) { r.now = r.now.Add(d) }

func text() decisions.Text {
	return decisions.Text{Title: "A shared calendar", Changes: "We use one.", Affects: "All members.", Channel: "the room"}
}

func proposal(size decisions.Size) decisions.Proposal {
	return decisions.Proposal{Text: text(), Size: size, Kind: decisions.General, Visibility: decisions.Public}
}

// opened proposes and opens a decision.
func (r *room) opened(p decisions.Proposal) ID {
	r.t.Helper()
	done, err := r.c.Propose(r.t.Context(), r.by(0), p)
	r.ok(err)
	_, err = r.c.Open(r.t.Context(), done.Receipt.Decision, r.by(0))
	r.ok(err)
	return done.Receipt.Decision
}

func (r *room) cast(id ID, i int, a decisions.Answer, concern string) Result {
	r.t.Helper()
	done, err := r.c.Cast(r.t.Context(), id, r.by(i), a, concern)
	r.ok(err)
	return done
}

func (r *room) read(id ID) View {
	r.t.Helper()
	v, err := r.c.Read(r.t.Context(), id)
	r.ok(err)
	return v
}

// eraseTexts erases every text of a decision.
func (r *room) eraseTexts(id ID) {
	r.t.Helper()
	r.ok(r.db.InTx(r.t.Context(), store.NoStream, r.now, func(tx *store.Tx) error {
		entries, err := tx.DecisionEntries(r.t.Context(), string(id))
		if err != nil {
			return err
		}
		for _, e := range entries {
			for _, part := range strings.Split(e.Private, `"`) {
				if strings.HasPrefix(part, "tx_") {
					if err := tx.EraseText(r.t.Context(), store.TextID(part)); err != nil {
						return err
					}
				}
			}
		}
		return nil
	}))
}

// whole says that every decision verifies.
func (r *room) whole() {
	r.t.Helper()
	all, err := r.c.Verify(r.t.Context())
	r.ok(err)
	for _, v := range all {
		if !v.OK() {
			r.t.Errorf("%+v", v)
		}
	}
	if len(all) == 0 {
		r.t.Error("nothing to verify")
	}
	places, err := r.c.VerifyPlaces(r.t.Context(), nil)
	r.ok(err)
	for _, p := range places {
		if p.Wrong != "" {
			r.t.Errorf("decision %d: %s", p.Number, p.Wrong)
		}
	}
}

// refused is a refusal with exactly these words.
func (r *room) refused(err error, want string) {
	r.t.Helper()
	var no *decisions.Refusal
	var yours *NotYours
	if !errors.As(err, &no) && !errors.As(err, &yours) || err.Error() != want {
		r.t.Errorf("%v\nwant %s", err, want)
	}
}
