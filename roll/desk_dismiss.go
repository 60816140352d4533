package roll

import (
	"context"
	"slices"
	"strings"

	"coopcloud.tech/goodstanding/store"
)

// Dismiss leaves an entry of the desk as it is, with the reason: it is no
// longer listed, until the facts change that it rests on (domain.md, section
// 7). It is for treasurers and the operator. Refused is an entry that is not on
// the desk, and one that was dismissed already.
func (r *Roll) Dismiss(ctx context.Context, by By, entry string) error {
	entry = strings.TrimSpace(entry)
	_, err := r.enter(ctx, by, actionDismiss, "dismiss the entry", entry, func(a *act) error {
		if !a.keeper() {
			return nil
		}
		entries, err := r.desk(ctx, a.tx, a.now)
		if err != nil {
			return err
		}
		i := slices.IndexFunc(entries, func(e DeskEntry) bool { return e.ID == entry })
		switch {
		case i < 0:
			a.refuse("there is no entry %q on the desk (goodstanding desk --all lists them)", shorten(entry))
		case entries[i].Dismissed != nil:
			was := entries[i].Dismissed
			a.refuse("it was dismissed on %s by %s already", a.date(was.At), was.By)
		}
		if a.refused() {
			return nil
		}
		e := entries[i]
		if e.Member != "" {
			a.own(e.Member)
			a.payload["member"] = e.Member
		} else if e.Account.ID != "" {
			a.payload["account"] = e.Account.ID // so that erasing the account finds the reason
		}
		a.payload["kind"], a.payload["facts"] = e.Kind, e.facts
		return a.tx.AddDismissals(ctx, store.DismissalRow{ID: r.newID("di"), Entry: e.ID, Kind: string(e.Kind), Facts: e.facts, By: a.author})
	})
	return err
}
