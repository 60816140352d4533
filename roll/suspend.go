package roll

import (
	"context"

	"coopcloud.tech/goodstanding/eligibility"
	"coopcloud.tech/goodstanding/internal/instant"
	"coopcloud.tech/goodstanding/member"
	"coopcloud.tech/goodstanding/notify"
	"coopcloud.tech/goodstanding/store"
)

const (
	// aloneAtMost is how long one contact person alone can suspend (domain.md, section 8).
	aloneAtMost = 7 * instant.Day
	// aloneAgain is how long after such a suspension one contact person alone
	// cannot suspend the same member again, so that seven days are not made
	// into a month.
	aloneAgain = 30 * instant.Day
)

// Suspend suspends a member under the code of co-operation from at (0: now,
// never earlier) until an instant (domain.md, section 8). Two contact people
// may without an end (until 0); one alone for at most seven days (until 0: for
// seven), and not on top of, or soon after, another suspension.
func (r *Roll) Suspend(ctx context.Context, by By, id member.ID, at, until instant.Instant) (Report, error) {
	return r.enter(ctx, by, actionSuspend, "suspend the member", string(id), func(a *act) error {
		people := a.contactPeople()
		if people == 0 {
			return nil
		}
		at := a.notBefore(at)
		if people == 1 && until == 0 {
			until = at + aloneAtMost
		}
		a.refuseAll(spanFaults("the suspension", at, until))
		if _, ok := a.member(id); !ok {
			return nil
		}
		h := a.history(id)
		if since, left := h.left(at); left {
			a.refuse("%s left on %s", a.handle(id), a.date(since))
		}
		if people == 1 {
			a.suspendAlone(h, at, until)
		} else if s, ok := h.suspended(at); ok && s.Until == until {
			a.refuse("it is suspended since %s already, and until then", a.date(s.At))
		}
		if a.refused() {
			return nil
		}
		a.payload["at"], a.payload["until"] = at, until
		if err := a.takeBack(ctx, h.planned(at, eligibility.Suspended)); err != nil {
			return err
		}
		row := store.MembershipRow{ID: a.r.newID("e"), Member: id, Kind: eligibility.Suspended, At: at, Until: until, By: a.author}
		if _, already := h.suspended(at); already { // no step will find that it goes on
			a.tellMember(notify.Suspended, id, row)
		}
		return a.tx.AddMembership(ctx, row)
	})
}

// notBefore is at, or now; it refuses the past, because ballots rest on it.
func (a *act) notBefore(at instant.Instant) instant.Instant {
	if at != 0 && at < a.now {
		a.refuse("it cannot begin in the past: leave the instant out, or name a later one")
	}
	return a.orNow(at)
}

// suspendAlone holds one contact person to seven days.
func (a *act) suspendAlone(h history, at, until instant.Instant) {
	if until > at+aloneAtMost {
		a.refuse("one contact person alone suspends for at most seven days, until %s; for longer a second one is needed", dayText(at+aloneAtMost))
	}
	if s, ok := h.suspended(at); ok {
		a.refuse("it is suspended since %s; what goes on takes two contact people", a.date(s.At))
		return
	}
	if len(h.planned(at, eligibility.Suspended)) > 0 {
		a.refuse("a suspension is planned already; changing it takes two contact people")
	}
	if s, ok := h.last(at, eligibility.Suspended); ok && s.Until != 0 && at < s.Until+aloneAgain {
		a.refuse("it was suspended for a few days on %s; within thirty days of that a second contact person is needed", a.date(s.At))
	}
}

// Restore ends a suspension at an instant (0: now, never earlier), and takes
// back those planned for later. It takes two contact people.
func (r *Roll) Restore(ctx context.Context, by By, id member.ID, at instant.Instant) (Report, error) {
	return r.enter(ctx, by, actionRestore, "end the suspension", string(id), func(a *act) error {
		switch a.contactPeople() {
		case 0:
			return nil
		case 1:
			a.refuse("it takes a second contact person")
			return nil
		}
		at := a.notBefore(at)
		a.refuseAll(dateFaults("the end of the suspension", at))
		if _, ok := a.member(id); !ok {
			return nil
		}
		h := a.history(id)
		_, suspended := h.suspended(at)
		planned := h.planned(at, eligibility.Suspended)
		if !suspended && len(planned) == 0 {
			a.refuse("%s is not suspended", a.handle(id))
		}
		if a.refused() {
			return nil
		}
		a.payload["at"] = at
		if err := a.takeBack(ctx, planned); err != nil || !suspended {
			return err
		}
		return a.event(ctx, id, eligibility.Restored, at)
	})
}
