package roll

import (
	"context"
	"errors"
	"fmt"
	"strings"

	"coopcloud.tech/goodstanding/eligibility"
	"coopcloud.tech/goodstanding/internal/instant"
	"coopcloud.tech/goodstanding/member"
	"coopcloud.tech/goodstanding/store"
)

// SetProfile replaces a member's entry in the provider list; an empty one
// takes it away, with its logo. Every fault is told at once. A delegate of the member, a
// treasurer or the operator may. An entry that was approved once stays so:
// edits go live (domain.md, section 3).
func (r *Roll) SetProfile(ctx context.Context, by By, id member.ID, p Profile) (Report, error) {
	p = p.tidy()
	return r.enter(ctx, by, actionProfile, "set the profile", string(id), func(a *act) error {
		if _, ok := a.member(id); !ok || !a.keeperOr(id) {
			return nil
		}
		for _, f := range append(p.faults(), p.gaps()...) {
			a.refuse("%s: %s", f.field, f.text)
		}
		if a.refused() {
			return nil
		}
		if p.empty() {
			if err := errors.Join(a.tx.RemoveProfile(ctx, id), a.tx.RemoveLogo(ctx, id)); err != nil {
				return err
			}
		} else if err := a.tx.SetProfile(ctx, storedProfile(id, p)); err != nil {
			return err
		}
		return a.condition(ctx, id, eligibility.HasProfile, !p.empty(), 0)
	})
}

// Consent notes that a member agrees to be listed, on which day (0: now) and
// in which words; or, with on false, that it no longer does, from now on: the
// listing goes at once. A delegate of the member, a treasurer or the operator
// may; who gave the word is the actor, in a treasurer's case on the member's
// behalf, as the words say.
func (r *Roll) Consent(ctx context.Context, by By, id member.ID, on bool, date instant.Instant, words string) (Report, error) {
	words = unixLines(strings.TrimSpace(words))
	action, what := actionConsent, "note the consent"
	if !on {
		action, what = actionWithdrawConsent, "withdraw the consent"
	}
	return r.enter(ctx, by, action, what, string(id), func(a *act) error {
		if _, ok := a.member(id); !ok || !a.keeperOr(id) {
			return nil
		}
		if !on {
			return a.condition(ctx, id, eligibility.Consents, false, 0)
		}
		if words == "" {
			a.refuse("the words are needed: in which words did the member agree?")
		}
		a.refuseAll(textFaults("the words", words, longestText, true))
		a.refuseAll(dateFaults("the consent", date))
		if date > a.now {
			a.refuse("the consent lies in the future: write the day on which it was given")
		}
		if a.refused() {
			return nil
		}
		given := store.Consent{Member: id, Words: words, Given: a.orNow(date), GivenBy: a.actor.Label}
		if err := a.tx.SetConsent(ctx, given); err != nil {
			return err
		}
		return a.condition(ctx, id, eligibility.Consents, true, date)
	})
}

// Approve says yes to a member's listing, which is needed once (domain.md,
// section 3). A treasurer, a facilitator or the operator may.
func (r *Roll) Approve(ctx context.Context, by By, id member.ID) (Report, error) {
	return r.approve(ctx, by, id, true)
}

// Withdraw takes the yes of Approve back, at once: the listing needs a new one.
// A member that no longer wants to be listed withdraws its consent.
func (r *Roll) Withdraw(ctx context.Context, by By, id member.ID) (Report, error) {
	return r.approve(ctx, by, id, false)
}

func (r *Roll) approve(ctx context.Context, by By, id member.ID, yes bool) (Report, error) {
	action, what := actionApprove, "approve the listing"
	if !yes {
		action, what = actionWithdrawApproval, "withdraw the approval"
	}
	return r.enter(ctx, by, action, what, string(id), func(a *act) error {
		if _, ok := a.member(id); !ok || !a.lister() {
			return nil
		}
		if yes {
			profiles, err := a.tx.Profiles(ctx)
			if err != nil {
				return err
			}
			if _, ok := profiles[id]; !ok {
				a.refuse("%s has no profile that could be approved: goodstanding providers set %s", a.handle(id), a.handle(id))
			}
		}
		if a.refused() {
			return nil
		}
		a.own(id)
		return a.condition(ctx, id, eligibility.Approved, yes, 0)
	})
}

// lister lets those through who may say yes to a listing.
func (a *act) lister() bool {
	if a.actor.Operator || a.actor.Has(member.Treasurer) || a.actor.Has(member.Facilitator) {
		return true
	}
	a.refuse("only a treasurer, a facilitator or the operator may; a member that wants to be listed no longer withdraws its consent")
	return false
}

// condition turns a condition of the listing on or off, unless it is so
// already; from the given instant when nothing was said of it before, else
// from now on. What holds already is refused where a person asks for nothing
// else.
func (a *act) condition(ctx context.Context, id member.ID, kind eligibility.ProfileKind, on bool, from instant.Instant) error {
	facts, err := a.tx.Facts(ctx, id)
	if err != nil {
		return err
	}
	last := newestConditions(facts[0].Profile)[kind]
	if last.On == on {
		switch {
		case kind == eligibility.HasProfile, on && kind == eligibility.Consents:
			return nil // the text beside it may have changed
		case on:
			a.refuse("%s is approved already", a.handle(id))
		case kind == eligibility.Consents:
			a.refuse("%s has not agreed to be listed, so there is nothing to withdraw", a.handle(id))
		default:
			a.refuse("%s is not approved, so there is nothing to withdraw", a.handle(id))
		}
		return nil
	}
	if from == 0 || last.ID != "" && from <= last.At {
		from = clock(a.now, last.At)
	}
	return a.tx.AddProfileEvents(ctx, store.ProfileEvent{ID: a.r.newID("e"), Member: id, Kind: kind, On: on, At: from, By: a.author})
}

// PublishProviders makes the provider list public, or takes it back. A
// treasurer or the operator may.
func (r *Roll) PublishProviders(ctx context.Context, by By, on bool) error {
	action, what := actionPublish, "publish the provider list"
	if !on {
		action, what = actionUnpublish, "take the provider list back"
	}
	_, err := r.enter(ctx, by, action, what, "", func(a *act) error {
		if !a.keeper() {
			return nil
		}
		since, _, err := a.tx.Setting(ctx, settingPublished)
		switch {
		case err != nil:
			return err
		case on && since != "":
			a.refuse("it is public since %s", since)
		case !on && since == "":
			a.refuse("it is not public")
		}
		if a.refused() {
			return nil
		}
		value := ""
		if on {
			value = a.now.String()
		}
		return a.tx.SetSetting(ctx, settingPublished, value)
	})
	return err
}

// Provider is one entry of the provider list: what everybody sees, and no more
// (domain.md, section 8). Absent texts are empty, absent lists have no items.
type Provider struct {
	ID   member.ID
	Name string
	Kind member.Kind
	Profile
	// Uploaded is the name of the logo that was uploaded, which replaces the address in
	// the profile; "" for none. See LogoAddress.
	Uploaded    string
	MemberSince instant.Instant
}

// NamelessIndividual stands for an individual who has not chosen a public name.
const NamelessIndividual = "an individual member"

// Providers are the members that have the right to be listed now, by name,
// whether or not the list is public yet.
func (r *Roll) Providers(ctx context.Context) ([]Provider, error) {
	b, err := r.Book(ctx)
	if err != nil {
		return nil, fmt.Errorf("list the providers: %w", err)
	}
	return b.Providers(r.now()), nil
}

// publicName is the name that everybody may see (domain.md, section 8).
func publicName(m store.MemberInfo) string {
	switch {
	case m.Detail.PublicName != "":
		return m.Detail.PublicName
	case m.Kind == member.Individual:
		return NamelessIndividual
	}
	return nameOf(m)
}
