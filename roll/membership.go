package roll

import (
	"context"

	"coopcloud.tech/goodstanding/eligibility"
	"coopcloud.tech/goodstanding/internal/instant"
	"coopcloud.tech/goodstanding/member"
	"coopcloud.tech/goodstanding/notify"
	"coopcloud.tech/goodstanding/store"
)

// pauseNotice is how long before a pause that others ask for the member is told
// (domain.md, section 8).
const pauseNotice = 7 * instant.Day

// Leave ends a membership at an instant (0: now), past or to come. It is for
// the member's delegates, treasurers and the operator. Links stay: what was
// paid stays paid.
func (r *Roll) Leave(ctx context.Context, by By, id member.ID, at instant.Instant) (Report, error) {
	return r.enter(ctx, by, actionLeave, "end the membership", string(id), func(a *act) error {
		if !a.keeperOr(id) {
			return nil
		}
		a.refuseAll(dateFaults("the end", at))
		if _, ok := a.member(id); !ok {
			return nil
		}
		at := a.orNow(at)
		h := a.history(id)
		if since, left := h.left(at); left {
			a.refuse("%s left on %s", a.handle(id), a.date(since))
		} else if _, joined := h.door(at); !joined {
			a.refuse("%s was not on the roll yet on %s", a.handle(id), a.date(at))
		}
		for _, later := range h.planned(at, eligibility.Admitted) {
			a.refuse("%s is admitted on %s, which is later", a.handle(id), a.date(later.At))
		}
		if a.refused() {
			return nil
		}
		a.own(id)
		a.payload["at"] = at
		if err := a.takeBack(ctx, h.planned(at, eligibility.Left)); err != nil {
			return err
		}
		return a.event(ctx, id, eligibility.Left, at)
	})
}

// Pause pauses a membership (domain.md, section 8): it takes the vote away. A
// delegate of the member does so at once or from at on. Otherwise it takes a
// facilitator and a second person of another member (By.Second), and seven
// days of notice. at 0 is the earliest instant that is allowed. keepListing is
// the member's choice to stay listed; a delegate may choose anew while the
// pause lasts.
func (r *Roll) Pause(ctx context.Context, by By, id member.ID, at instant.Instant, keepListing bool) (Report, error) {
	return r.enter(ctx, by, actionPause, "pause the member", string(id), func(a *act) error {
		return a.pause(ctx, id, at, keepListing)
	})
}

// pause is Pause within its change.
func (a *act) pause(ctx context.Context, id member.ID, at instant.Instant, keepListing bool) error {
	itself, ok := a.pausers(id)
	if !ok {
		return nil
	}
	if _, ok := a.member(id); !ok {
		return nil
	}
	at = a.pauseFrom(at, itself)
	h := a.history(id)
	planned := h.planned(max(at, a.now), eligibility.Paused)
	if a.admittedAt(id, at) {
		a.notPausedAlready(h, at, itself, keepListing)
	}
	if a.refused() {
		return nil
	}
	a.payload["at"], a.payload["listing"] = at, keepListing
	if err := a.takeBack(ctx, planned); err != nil {
		return err
	}
	row := store.MembershipRow{ID: a.r.newID("e"), Member: id, Kind: eligibility.Paused, At: at, Listing: keepListing, By: a.author}
	if !itself {
		a.tellMember(notify.PauseComing, id, row)
	}
	return a.tx.AddMembership(ctx, row)
}

// pauseFrom is when the pause begins; it refuses what is too early.
func (a *act) pauseFrom(at instant.Instant, itself bool) instant.Instant {
	a.refuseAll(dateFaults("the pause", at))
	soonest := a.now
	if !itself {
		soonest += pauseNotice
	}
	switch {
	case at == 0:
		return soonest
	case !itself && at < soonest:
		a.refuse("the member must be told seven days before: the earliest is %s", dayText(soonest))
	}
	return at
}

func (a *act) notPausedAlready(h history, at instant.Instant, itself, keepListing bool) {
	pause, paused := h.paused(at)
	planned := h.planned(max(at, a.now), eligibility.Paused)
	switch {
	case paused && !(itself && pause.Listing != keepListing):
		a.refuse("it is paused since %s", a.date(pause.At))
	case len(planned) > 0 && !itself:
		a.refuse("a pause from %s on is planned already", a.date(planned[0].At))
	}
}

// Resume ends a pause at an instant (0: now), and takes back those planned for
// later. It is for those who may pause; no notice is needed.
func (r *Roll) Resume(ctx context.Context, by By, id member.ID, at instant.Instant) (Report, error) {
	return r.enter(ctx, by, actionResume, "end the pause", string(id), func(a *act) error {
		if _, ok := a.pausers(id); !ok {
			return nil
		}
		a.refuseAll(dateFaults("the end of the pause", at))
		if _, ok := a.member(id); !ok {
			return nil
		}
		at := a.orNow(at)
		h := a.history(id)
		_, paused := h.paused(at)
		planned := h.planned(max(at, a.now), eligibility.Paused)
		if !paused && len(planned) == 0 {
			a.refuse("%s is not paused, and no pause is planned", a.handle(id))
		}
		if a.refused() {
			return nil
		}
		a.payload["at"] = at
		if err := a.takeBack(ctx, planned); err != nil || !paused {
			return err
		}
		return a.event(ctx, id, eligibility.Resumed, at)
	})
}
