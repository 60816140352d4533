package roll

import (
	"context"

	"coopcloud.tech/goodstanding/store"
)

// actionRepair is the audit chain's word for making anew what follows from the log,
// as in actions.go.
const actionRepair = "repair"

// RepairStandings records what the facts gave where something else is recorded, and
// tells nobody of it but the audit chain; the wrong rows stay, and do not count any
// more, as if they had never been written. It says how many standings were mended. A
// treasurer or the operator may.
func (r *Roll) RepairStandings(ctx context.Context, by By) (mended int, err error) {
	return r.repair(ctx, by, "standings", func(tx *store.Tx) (int, error) {
		p, err := r.newReplay(ctx, tx)
		if err != nil || p == nil {
			return 0, err
		}
		rows := p.mend()
		return len(rows), tx.MendStandings(ctx, rows...)
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

// mend are the rows that put the wrong ones right, each by what was known when the
// wrong one was written. The oldest comes first, since later ones may repeat it.
func (p *replay) mend() (out []store.MendedStanding) {
	for i := range p.facts {
		f := &p.facts[i]
		rows := p.rows[f.Member]
		for j := range rows {
			row := &rows[j]
			is, ok := p.fits(f, row)
			if ok {
				continue
			}
			known := row.Known
			*row = standingRow(&is, row.Worse)
			row.Known = known
			out = append(out, store.MendedStanding{StandingRow: *row, Mends: known})
		}
	}
	return out
}
