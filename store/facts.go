package store

import (
	"cmp"
	"context"
	"fmt"

	"coopcloud.tech/goodstanding/eligibility"
	"coopcloud.tech/goodstanding/internal/arrange"
	"coopcloud.tech/goodstanding/member"
)

// Facts assembles all facts of the members, in the order of the ids given; of
// all members by id when none is given. It takes a constant number of queries,
// however many members there are. An id that is no member's is refused with
// *NoSuchMember.
//
// A member has the charges and contributions of every account that was ever
// linked to it, also by a link since revoked, and the charges that its entered
// payments name; which of them count at an instant is for the rules to say. A
// correction shows as a second version of the fact, which is known from where
// the first one is gone.
func (tx *Tx) Facts(ctx context.Context, ids ...member.ID) ([]eligibility.Facts, error) {
	a, err := tx.newAssembly(ctx, ids)
	if err != nil {
		return nil, fmt.Errorf("assemble the facts: %w", err)
	}
	for _, step := range []func(context.Context) error{
		a.membership, a.links, a.waivers, a.payments, a.profile, a.holds, a.recorded,
		a.charges, a.contributions, a.refunds,
	} {
		if err := step(ctx); err != nil {
			return nil, fmt.Errorf("assemble the facts: %w", err)
		}
	}
	return a.finish(), nil
}

// Few is how many members at most are read by their ids. Of more everything is read and
// sifted here: a longer list of ids would cost the engines more than it saves.
const Few = 200

// assembly is the facts of some members under way.
type assembly struct {
	tx    *Tx
	heirs heirs
	order []member.ID
	facts map[member.ID]*eligibility.Facts
	// filter is the condition on a column that holds a member's id, with its
	// arguments: "IN ($1, …)", or "IS NOT NULL" for all members.
	filter string
	args   []any
	// by lists the members that were ever linked to an account, without repetition.
	by map[member.AccountID][]member.ID
	// named lists the members whose payments name a charge.
	named map[string][]member.ID
	// charged lists the members that have a charge.
	charged map[string][]member.ID
}

func (tx *Tx) newAssembly(ctx context.Context, ids []member.ID) (*assembly, error) {
	own, args := few(ids)
	rows, err := selectRows[MemberRow](ctx, tx, `SELECT `+names[MemberRow]("")+` FROM member WHERE id `+own+` ORDER BY id`, args...)
	if err != nil {
		return nil, err
	}
	heirs, err := tx.heirs(ctx)
	if err != nil {
		return nil, err
	}
	a := &assembly{
		tx: tx, heirs: heirs, facts: make(map[member.ID]*eligibility.Facts, len(rows)),
		by: make(map[member.AccountID][]member.ID), named: make(map[string][]member.ID), charged: make(map[string][]member.ID),
	}
	all := byKey(rows, func(r MemberRow) member.ID { return r.ID })
	a.order = ids
	if len(ids) == 0 {
		for _, r := range rows {
			a.order = append(a.order, r.ID)
		}
	}
	for _, id := range a.order {
		row, ok := all[id]
		if !ok {
			return nil, &NoSuchMember{Word: string(id)}
		}
		a.facts[id] = &eligibility.Facts{Member: id, Kind: row.Kind}
	}
	a.filter, a.args = heirs.few(ids)
	return a, a.snapshots(ctx)
}

// few is the condition on a column that holds one of the ids, with its arguments, and
// one that lets everything through where there are none or too many.
func few[T ~string](ids []T) (filter string, args []any) {
	if len(ids) == 0 || len(ids) > Few {
		return "IS NOT NULL", nil
	}
	return "IN (" + placeholders(len(ids)) + ")", asArgs(ids)
}

// few is the same for the members whose entries become facts of the given ones.
func (h heirs) few(ids []member.ID) (filter string, args []any) {
	if len(ids) > Few {
		return few(ids)
	}
	return few(h.losers(ids))
}

// snapshots are shared by all members.
func (a *assembly) snapshots(ctx context.Context) error {
	rows, err := a.tx.Snapshots(ctx)
	if err != nil {
		return err
	}
	shared := make(eligibility.Snapshots, len(rows))
	for i, s := range rows {
		shared[i] = eligibility.Snapshot{Number: s.Number, Start: s.Start, Known: s.Known}
	}
	for _, f := range a.facts {
		f.Snapshots = shared
	}
	return nil
}

// query runs one of the assembly's queries: each has one %s for the filter,
// and may have it several times as %[1]s.
func query[T any](ctx context.Context, a *assembly, text string) ([]T, error) {
	return selectRows[T](ctx, a.tx, fmt.Sprintf(text, a.filter), a.args...)
}

// everybody says that no ids were given, or so many that all are read.
func (a *assembly) everybody() bool { return len(a.args) == 0 }

// among is query where only rows whose column is among others are wanted, and all rows
// where all members are: what is nobody's is sifted out here.
func among[T any](ctx context.Context, a *assembly, text, column, of string) ([]T, error) {
	if a.everybody() {
		return selectRows[T](ctx, a.tx, text)
	}
	return query[T](ctx, a, text+` WHERE `+column+` IN (`+of+`)`)
}

// finish hands the facts out in the order asked for, each list in a fixed one.
func (a *assembly) finish() []eligibility.Facts {
	out := make([]eligibility.Facts, 0, len(a.order))
	for _, id := range a.order {
		f := a.facts[id]
		arrange.By(f.Contributions, func(x, y eligibility.Contribution) int {
			return cmp.Or(cmp.Compare(x.ID, y.ID), cmp.Compare(x.Known, y.Known))
		})
		arrange.By(f.Charges, func(x, y eligibility.Charge) int {
			return cmp.Or(cmp.Compare(x.From, y.From), cmp.Compare(x.ID, y.ID))
		})
		arrange.By(f.Refunds, func(x, y eligibility.Refund) int {
			return cmp.Or(cmp.Compare(x.At, y.At), cmp.Compare(x.ID, y.ID))
		})
		out = append(out, *f)
	}
	return out
}
