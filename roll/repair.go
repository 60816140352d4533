package roll

import (
	"context"

	"coopcloud.tech/goodstanding/internal/instant"
	"coopcloud.tech/goodstanding/member"
	"coopcloud.tech/goodstanding/store"
)

// actionRepair is the audit chain's word for making anew what follows from the log,
// as in actions.go.
const actionRepair = "repair"

// RepairStandings records anew what the facts give where something else is
// recorded, and tells nobody of it but the audit chain; the wrong rows stay, and do
// not count any more. It says how many standings were mended. A treasurer or the
// operator may.
func (r *Roll) RepairStandings(ctx context.Context, by By) (mended int, err error) {
	return r.repair(ctx, by, "standings", func(tx *store.Tx) (int, error) {
		p, err := r.newReplay(ctx, tx)
		if err != nil || p == nil {
			return 0, err
		}
		rows := p.mend(tx.Known())
		return len(rows), tx.AddStandings(ctx, rows...)
	})
}

// RepairCounters brings the counters to where what is stored says they were. It
// says how many there are. A treasurer or the operator may.
func (r *Roll) RepairCounters(ctx context.Context, by By) (set int, err error) {
	return r.repair(ctx, by, "counters", func(tx *store.Tx) (int, error) { return tx.RaiseCounters(ctx) })
}

// RepairNotices makes the outbox and its ledger say the same of each notice, the
// one of the two that sends less. It says how many were settled. A treasurer or the
// operator may.
func (r *Roll) RepairNotices(ctx context.Context, by By) (settled int, err error) {
	return r.repair(ctx, by, "notices", func(tx *store.Tx) (int, error) { return tx.SettleNotices(ctx) })
}

// repair makes something anew; what is the subject of its audit row, which counts.
func (r *Roll) repair(ctx context.Context, by By, what string, f func(*store.Tx) (int, error)) (n int, err error) {
	_, err = r.enter(ctx, by, actionRepair, "repair the "+what, what, func(a *act) error {
		if !a.keeper() || a.refused() {
			return nil
		}
		n, err = f(a.tx)
		a.payload[what] = n
		return err
	})
	return n, err
}

// mend are the rows that put the wrong ones right, known from now on. The member's
// last standing is among them, since the one known last is taken for it.
func (p *replay) mend(known instant.Instant) (out []store.StandingRow) {
	wrong := map[member.ID]map[instant.Instant]bool{}
	for _, w := range p.run(0).Wrong {
		if wrong[w.Row.Member] == nil {
			wrong[w.Row.Member] = map[instant.Instant]bool{}
		}
		wrong[w.Row.Member][w.Row.At] = true
	}
	for i := range p.facts {
		f := &p.facts[i]
		at, rows := wrong[f.Member], p.rows[f.Member]
		if len(at) == 0 {
			continue
		}
		at[rows[len(rows)-1].At] = true
		for _, row := range rows {
			if at[row.At] {
				s := p.assess(f, row.At, known, at)
				out = append(out, standingRow(&s, row.Worse))
			}
		}
	}
	return out
}
