package longrun

import (
	"context"
	"slices"

	"coopcloud.tech/goodstanding/eligibility"
	"coopcloud.tech/goodstanding/internal/instant"
	"coopcloud.tech/goodstanding/member"
	"coopcloud.tech/goodstanding/notify"
	"coopcloud.tech/goodstanding/roll"
	"coopcloud.tech/goodstanding/store"
)

// mailbox is what was written to the outbox in a life whose notices are on.
type mailbox struct {
	on     bool
	total  int64
	lapsed map[member.ID]int // notices that the rights have ended, or that too little is paid
	back   map[member.ID]int
	// revived have the vote back without having paid, since upstream goes on trying:
	// that they lapse for the same coverage again, they were told before.
	revived     map[member.ID]bool
	told, thank int // lapses and returns that were told
}

// startNotices names a treasurer and starts the notices. The digest, which takes
// longer than a day's assessment, is put off for ever: package roll tests it.
func (r *run) startNotices() {
	r.t.Helper()
	ctx := context.Background()
	_, err := r.roll.AddPerson(ctx, r.by, roll.NewPerson{Email: "tara@people.example", Name: "Tara", Roles: []member.Role{member.Treasurer}})
	if err == nil {
		err = r.db.InTx(ctx, store.NoStream, r.life.w.Now(), func(tx *store.Tx) error {
			if err := tx.SetSetting(ctx, "digest", `{"looked":"2099-01-01T00:00:00Z"}`); err != nil {
				return err
			}
			return tx.SetSetting(ctx, store.SettingNotices, r.life.w.Now().String())
		})
	}
	if err != nil {
		r.t.Fatal(err)
	}
	r.mail = mailbox{on: true, lapsed: map[member.ID]int{}, back: map[member.ID]int{}, revived: map[member.ID]bool{}}
}

// dues are the notices of a member by kind. Who lapsed and then paid too little while
// nobody could look has one of each from the same reading, of which only the one that is
// true then is sent: they count as one.
func dues(rows []store.OutboxRow, of member.ID) (lapsed, back int) {
	over := map[instant.Instant]bool{}
	for _, n := range rows {
		over[n.Known] = over[n.Known] || n.Member == of && n.Kind == notify.Lapsed
	}
	for _, n := range rows {
		switch {
		case n.Member != of:
		case n.Kind == notify.Lapsed:
			lapsed++
		case n.Kind == notify.PayingTooLittle && over[n.Known]:
		case n.Kind == notify.PayingTooLittle:
			lapsed++
		case n.Kind == notify.BackInStanding:
			back++
		}
	}
	return lapsed, back
}

// posted holds the outbox to what a complete snapshot changed: who lost the vote
// since the last one, and who has it back, is told, each once, and nobody else; and
// every notice is in one state of the sum (domain.md, section 6).
func (r *run) posted(was, now map[member.ID]eligibility.Standing) {
	r.t.Helper()
	if !r.mail.on {
		return
	}
	rows := r.outbox()
	for id, is := range now {
		before, known := was[id]
		lapsed, back := dues(rows, id)
		more, thanks := lapsed-r.mail.lapsed[id], back-r.mail.back[id]
		r.mail.lapsed[id], r.mail.back[id] = lapsed, back
		voted, votes := before.Has(eligibility.Vote), is.Has(eligibility.Vote)
		good := (before.State == eligibility.StateLapsed || before.State == eligibility.StateShort) &&
			(is.State == eligibility.StateCurrent || is.State == eligibility.StateWaived)
		again := r.mail.revived[id]
		r.mail.revived[id] = votes && is.State == eligibility.StateGrace && (again || known && !voted || more > thanks)
		switch {
		case !known:
			if more+thanks > 0 {
				r.t.Errorf("%s: %s is told of its first assessment", r.life.w.Now(), id)
			}
		case voted && !votes && again && more == 0:
		case voted && !votes && more != 1+thanks: // in a long absence it may have come back in between
			r.t.Errorf("%s: %s has lost the vote as %s and was told %d times (back %d times)", r.life.w.Now(), id, is.State, more, thanks)
			r.tellNotices(id, rows)
		case voted && !votes:
			r.mail.told++
		case !voted && votes && good && thanks < 1:
			r.t.Errorf("%s: %s has the vote back as %s and was told %d times", r.life.w.Now(), id, is.State, thanks)
		case !voted && votes && good:
			r.mail.thank++
		case voted && votes && more > thanks && is.State != eligibility.StateGrace: // in a long absence it may have lapsed before upstream went on trying
			r.t.Errorf("%s: %s votes all along, as %s, and was told that it lapsed", r.life.w.Now(), id, is.State)
			r.tellNotices(id, rows)
		}
	}
}

// tellNotices shows what a member was told, and how it stood.
func (r *run) tellNotices(id member.ID, rows []store.OutboxRow) {
	r.t.Helper()
	r.tell(id)
	for _, n := range rows {
		if n.Member == id {
			r.t.Logf("  it was told of %s %s, due %s, %s %s", n.Kind, n.Cause, n.DueAt, n.State, n.Detail)
		}
	}
	err := r.db.View(context.Background(), func(tx *store.Tx) error {
		all, err := tx.Standings(context.Background(), id)
		for _, s := range all {
			r.t.Logf("  it stood as %s at %s, vote %v, known %s, by %s", s.State, s.At, s.Vote, s.Known, s.Policy)
		}
		return err
	})
	if err != nil {
		r.t.Fatal(err)
	}
}

// outbox is all notices; as many as the states add up to, and never fewer than
// before.
func (r *run) outbox() (rows []store.OutboxRow) {
	r.t.Helper()
	ctx := context.Background()
	err := r.db.View(ctx, func(tx *store.Tx) (err error) {
		counts, err := tx.NoticeCounts(ctx)
		if err != nil {
			return err
		}
		sum := int64(0)
		for _, s := range notify.States() {
			sum += counts[s]
		}
		if rows, err = tx.Notices(ctx, store.OutboxQuery{}); err != nil {
			return err
		}
		if sum != int64(len(rows)) || sum < r.mail.total {
			r.t.Errorf("%s: %d notices, their states add up to %d, before %d", r.life.w.Now(), len(rows), sum, r.mail.total)
		}
		r.mail.total = sum
		return nil
	})
	if err != nil {
		r.t.Fatal(err)
	}
	return rows
}

// delivered looks at a whole life's outbox: nobody is told twice of one occasion,
// nor of a second lapse without a return in between; the treasurers are told of
// each hold once; and each notice is where its ledger ends.
func (r *run) delivered() {
	r.t.Helper()
	ctx := context.Background()
	seen, down := map[string]bool{}, map[string]bool{}
	rows := r.outbox()
	slices.SortStableFunc(rows, func(a, b store.OutboxRow) int { return int(max(-1, min(1, a.DueAt-b.DueAt))) })
	kinds := map[notify.Kind]int{}
	for _, n := range rows {
		kinds[n.Kind]++
		if key := n.Occasion + " " + n.Recipient; seen[key] {
			r.t.Errorf("%s is told twice", key)
		} else {
			seen[key] = true
		}
		who := string(n.Member) + " " + n.Recipient
		switch n.Kind {
		case notify.Lapsed:
			if down[who] {
				r.t.Errorf("%s is told at %s that it lapsed, and was told that before", who, n.DueAt)
			}
			down[who] = true
		case notify.BackInStanding:
			down[who] = false
		}
		err := r.db.View(ctx, func(tx *store.Tx) error {
			steps, err := tx.Ledger(ctx, n.ID)
			if err == nil && (len(steps) == 0 || steps[len(steps)-1].State != n.State || steps[len(steps)-1].Detail != n.Detail) {
				r.t.Errorf("%s is %s, its ledger says %v", n.Occasion, n.State, steps)
			}
			return err
		})
		if err != nil {
			r.t.Fatal(err)
		}
	}
	holds, err := r.roll.Holds(ctx, true)
	if err != nil {
		r.t.Fatal(err)
	}
	if kinds[notify.Brake] != len(holds) {
		r.t.Errorf("the treasurers were told of %d holds, there were %d", kinds[notify.Brake], len(holds))
	}
	r.t.Logf("notices: %v; lapses told %d, returns told %d", kinds, r.mail.told, r.mail.thank)
	if r.mail.on && (r.mail.told == 0 || r.mail.thank == 0 || kinds[notify.Digest] != 0) {
		r.t.Error("too little was told to show anything")
	}
}
