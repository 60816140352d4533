package roll

import (
	"context"
	"slices"
	"strings"

	"coopcloud.tech/goodstanding/internal/instant"
	"coopcloud.tech/goodstanding/member"
	"coopcloud.tech/goodstanding/store"
)

// Waive forgives a member its dues for [from, until) (from 0: now; until 0:
// until it is ended) and returns the waiver's id. It is for treasurers and the
// operator, who may name the number of a decision (domain.md, section 5).
// Waivers are private.
func (r *Roll) Waive(ctx context.Context, by By, id member.ID, from, until instant.Instant, decision string) (string, Report, error) {
	decision = strings.TrimSpace(decision)
	waiver := r.newID("w")
	report, err := r.enter(ctx, by, actionWaive, "waive the dues", string(id), func(a *act) error {
		if !a.keeper() {
			return nil
		}
		from := a.orNow(from)
		a.refuseAll(append(spanFaults("the waiver", from, until), decisionFaults(decision)...))
		if _, ok := a.member(id); !ok {
			return nil
		}
		a.notLeft(id)
		standing, err := a.tx.Waivers(ctx, id)
		if err != nil {
			return err
		}
		for _, w := range standing {
			if !w.Revoked && w.From <= from && (w.Until == 0 || from < until && until <= w.Until) {
				a.refuse("the waiver %s covers that already, %s", w.ID, a.span(w.From, w.Until))
			}
		}
		if a.refused() {
			return nil
		}
		a.own(id)
		a.decision(decision)
		a.payload["waiver"], a.payload["from"], a.payload["until"] = waiver, from, until
		return a.tx.AddWaivers(ctx, store.WaiverRow{ID: waiver, Member: id, From: from, Until: until, Decision: decision, By: a.author})
	})
	if err != nil {
		return "", Report{}, err
	}
	return waiver, report, nil
}

// EndWaiver ends a member's waiver at an instant (0: now); at or before its
// beginning it is revoked whole. It is for treasurers and the operator. A
// waiver is made longer by another one.
func (r *Roll) EndWaiver(ctx context.Context, by By, id member.ID, waiver string, at instant.Instant) (Report, error) {
	return r.enter(ctx, by, actionEndWaiver, "end the waiver", string(id), func(a *act) error {
		if !a.keeper() {
			return nil
		}
		a.refuseAll(dateFaults("the end", at))
		if _, ok := a.member(id); !ok {
			return nil
		}
		standing, err := a.tx.Waivers(ctx, id)
		if err != nil {
			return err
		}
		at := a.orNow(at)
		i := slices.IndexFunc(standing, func(w store.WaiverState) bool { return w.ID == waiver })
		switch {
		case i < 0:
			a.refuse("%s has no waiver %q", a.handle(id), shorten(waiver))
		case standing[i].Revoked:
			a.refuse("the waiver was revoked already")
		case standing[i].Until != 0 && standing[i].Until <= at:
			a.refuse("the waiver ends on %s, which is no later; for more time grant another", a.date(standing[i].Until))
		}
		if a.refused() {
			return nil
		}
		end := store.WaiverEnd{Waiver: waiver, Until: at, By: a.author}
		if at <= standing[i].From {
			end.Revoked, end.Until = true, 0
		}
		a.own(id)
		a.payload["waiver"], a.payload["until"], a.payload["revoked"] = waiver, end.Until, end.Revoked
		return a.tx.EndWaivers(ctx, end)
	})
}
