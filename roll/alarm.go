package roll

import (
	"context"
	"fmt"

	"coopcloud.tech/goodstanding/eligibility"
	"coopcloud.tech/goodstanding/internal/instant"
	"coopcloud.tech/goodstanding/notify"
	"coopcloud.tech/goodstanding/store"
)

// alarm is what the treasurers are told because the program cannot do its work
// (domain.md, section 6, last row of the table): at once, and once for each
// cause, in the transaction that finds it. No member is ever told of it.
//
// Each speaks of the last complete snapshot or of something older, so nothing
// has to be read before it is sent (notify.Message.About).
type alarm struct {
	tx       *store.Tx
	rules    *rules
	snapshot store.Snapshot // the last complete one; its number is 0 before the first
	out      *outgoing
	waiting  []notify.Message
}

func newAlarm(ctx context.Context, tx *store.Tx, ru *rules) (*alarm, error) {
	a := &alarm{tx: tx, rules: ru}
	var err error
	if a.out, err = newOutgoing(ctx, tx); err != nil {
		return nil, err
	}
	a.snapshot, _, err = tx.LastSnapshot(ctx)
	return a, err
}

func (a *alarm) add(k notify.Kind, cause string, about instant.Instant) {
	a.waiting = append(a.waiting, notify.Message{
		Occasion: notify.Occasion{Kind: k, Cause: cause}, About: about, DueAt: a.tx.Now(), State: notify.Waiting,
	})
}

// reading is the last complete snapshot as the cause of an alarm: what goes
// wrong after another one is told again.
func (a *alarm) reading() string { return fmt.Sprintf("snapshot:%d", a.snapshot.Number) }

// stale tells that the last complete snapshot is older than the policy wants
// (domain.md, section 3, "Confirmed worsening"), unless the treasurers know why:
// they were told of the very trouble in which the last attempt ended.
func (a *alarm) stale(ctx context.Context) error {
	if at := staleAt(a.rules, a.snapshot, a.tx.Now(), a.tx.Known()); at == 0 || a.tx.Now() < at {
		return nil
	}
	known, err := a.troubleKnown(ctx)
	if err == nil && !known {
		a.add(notify.Stale, a.reading(), a.snapshot.Start)
	}
	return err
}

// troubleKnown says that the last attempt to read ended in a trouble that the
// treasurers were told of.
func (a *alarm) troubleKnown(ctx context.Context) (known bool, err error) {
	pulls, err := a.tx.Pulls(ctx, 1)
	if err != nil || len(pulls) == 0 {
		return false, err
	}
	cause := a.reading() + "/" + pulls[0].Outcome
	for _, m := range a.waiting {
		known = known || m.Occasion.Cause == cause
	}
	for _, k := range []Trouble{AuthenticationFailure, SchemaDrift} {
		if known {
			break
		}
		err = a.tx.Beside(ctx, func(tx *store.Tx) (err error) {
			known, err = tx.Told(ctx, notify.Occasion{Kind: notify.Kind(k), Cause: cause})
			return err
		})
		if err != nil {
			return false, err
		}
	}
	return known, nil
}

// staleAt is the first instant at which a snapshot is stale by the policy that
// is in force at now; 0 for never.
func staleAt(ru *rules, s store.Snapshot, now, known instant.Instant) instant.Instant {
	p, ok := ru.policies.InForce(now, known)
	if !ok || p.StaleAfter <= 0 || s.Number == 0 {
		return 0
	}
	return s.Start.Add(p.StaleAfter) + 1
}

// policyFault tells that the policy in force counts no money of the collective
// (domain.md, section 4), once for each version.
func (a *alarm) policyFault() {
	p, ok := a.rules.policies.InForce(a.tx.Now(), a.tx.Known())
	if ok && a.snapshot.Number != 0 && !p.HasMinimum(a.snapshot.Currency) {
		a.add(notify.PolicyFault, "policy:"+p.ID, a.snapshot.Start)
	}
}

// review tells that the dues are to be looked at again, once before the day that
// the version in force names and once when it has begun (federation.md, section
// 6b, scenario 24).
func (a *alarm) review() {
	p, ok := a.rules.inForce(a.tx.Now(), a.tx.Known())
	now := a.tx.Now()
	if !ok || p.ReviewBy == 0 || now < p.ReviewBy-reviewTold {
		return
	}
	a.add(notify.DuesReview, "policy:"+p.ID()+"/coming", 0)
	if now >= p.ReviewBy {
		a.waiting[len(a.waiting)-1].State, a.waiting[len(a.waiting)-1].Detail = notify.Suppressed, notify.TooLate
		a.add(notify.DuesReview, "policy:"+p.ID()+"/past", 0)
	}
}

// remindAfter is how long a hold stands before the treasurers are reminded.
const remindAfter = 7 * 24 * 60 * 60 * 1e9

// overdue reminds of the holds that nobody has acknowledged for a week and that
// still keep somebody.
func (a *alarm) overdue(holds []store.Hold, keeps func(hold string) bool) {
	for _, h := range holds {
		if h.Standing() && a.tx.Now() >= h.SetAt.Add(remindAfter) && keeps(h.ID) {
			a.add(notify.HoldReminder, "hold:"+h.ID, h.SetAt)
		}
	}
}

// unknownWords tells of words of upstream's that this version does not know
// (domain.md, section 2, "What upstream's statuses do"), once for each.
func (a *alarm) unknownWords(words []string) {
	for _, w := range words {
		a.add(notify.SchemaDrift, "word:"+shorten(w), a.snapshot.Start)
	}
}

// tell gives what was found to those who are told, each treasurer by itself.
func (a *alarm) tell(ctx context.Context) error {
	if len(a.waiting) == 0 {
		return nil
	}
	to, err := a.out.treasurers(ctx)
	if err != nil {
		return err
	}
	for _, m := range a.waiting {
		a.out.add(m, notify.Treasurers, to...)
	}
	return nil
}

// alarms are what an assess step finds to tell the treasurers.
func (a *assessment) alarms(ctx context.Context) error {
	holds, err := a.tx.Holds(ctx)
	if err != nil {
		return err
	}
	if h := a.hold; h != nil {
		a.alarm.add(notify.Brake, "hold:"+h.ID, h.SetAt)
	}
	if err := a.alarm.stale(ctx); err != nil {
		return err
	}
	a.alarm.policyFault()
	a.alarm.overdue(holds, a.keeps)
	a.alarm.review()
	if err := a.digest(ctx); err != nil {
		return err
	}
	return a.alarm.tell(ctx)
}

// keeps says whether a hold still keeps a right of somebody.
func (a *assessment) keeps(hold string) bool {
	for i := range a.members {
		held, ok := a.members[i].now.Reason(eligibility.CodeHeld)
		for _, ref := range held.Facts {
			if ok && ref.Kind == eligibility.RefHold && ref.ID == hold {
				return true
			}
		}
	}
	return false
}

// NextAlarm is the first instant after another at which an assess step may have
// something to tell the treasurers although nothing else happens: the last
// snapshot becomes stale, a hold has stood for a week, another policy version
// begins, the dues are to be looked at again, or a digest is due; 0 for none.
func (b *Book) NextAlarm(after instant.Instant) (next instant.Instant) {
	consider := func(at instant.Instant) {
		if at > after && (next == 0 || at < next) {
			next = at
		}
	}
	consider(staleAt(b.rules, b.snapshot, after, b.known))
	if p, ok := b.rules.inForce(after, b.known); ok && p.ReviewBy != 0 {
		consider(p.ReviewBy - reviewTold)
		consider(p.ReviewBy)
	}
	for _, h := range b.holds {
		if h.Standing() {
			consider(h.SetAt.Add(remindAfter))
		}
	}
	for _, v := range b.rules.versions {
		consider(v.From())
	}
	if b.notices {
		_, digest := digestTime(after, b.zone)
		consider(digest)
	}
	return next
}
