package roll

import (
	"context"

	"coopcloud.tech/goodstanding/member"
	"coopcloud.tech/goodstanding/store"
)

// Supporter marks a payer as supporter, who gives and is no member (domain.md,
// section 1), or takes the mark back. It is for treasurers and the operator.
func (r *Roll) Supporter(ctx context.Context, by By, acc member.AccountID, on bool) error {
	what := "mark the supporter"
	if !on {
		what = "take the supporter's mark back"
	}
	_, err := r.enter(ctx, by, actionSupporter, what, string(acc), func(a *act) error {
		if !a.keeper() {
			return nil
		}
		marked, err := a.tx.Supporters(ctx)
		if err != nil {
			return err
		}
		account, err := a.account(ctx, acc)
		if err != nil {
			return err
		}
		switch _, is := marked[acc]; {
		case is && on:
			a.refuse("%s is marked as supporter already", account.word())
		case !is && !on:
			a.refuse("%s is not marked as supporter", account.word())
		}
		for _, l := range account.links {
			if on && (l.Until == 0 || l.Until > a.now) {
				a.refuse("%s is linked to %s: end that link first (unlink)", account.word(), a.handle(l.Member))
			}
		}
		if a.refused() {
			return nil
		}
		a.payload["on"] = on
		return a.tx.AddSupporters(ctx, store.SupporterRow{ID: a.r.newID("s"), Account: acc, On: on, By: a.author})
	})
	return err
}
