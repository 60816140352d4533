package roll

import (
	"context"
	"slices"
	"strings"

	"coopcloud.tech/goodstanding/member"
	"coopcloud.tech/goodstanding/notify"
	"coopcloud.tech/goodstanding/store"
)

// MailLanguages are the languages that mails come in; the first one is for whoever
// has not chosen (Options.Languages).
func (r *Roll) MailLanguages() []string { return r.languages() }

// Wish is how a person wants to be told things.
type Wish struct {
	Language string        // one of Roll.MailLanguages; "" for who has not chosen
	Declined []notify.Kind // the optional kinds that the person does without
}

// NewWish changes a wish.
type NewWish struct {
	Language string // "" leaves it
	Decline  []notify.Kind
	Accept   []notify.Kind
}

// OptionalKinds are the kinds of notices that a person may decline.
func OptionalKinds() []notify.Kind {
	return slices.DeleteFunc(notify.Kinds(), func(k notify.Kind) bool { return !k.Optional() })
}

// Wish reads how a person wants to be told things.
func (r *Roll) Wish(ctx context.Context, id member.PersonID) (w Wish, err error) {
	err = r.db.View(ctx, func(tx *store.Tx) error {
		row, err := tx.Wish(ctx, string(id))
		w = Wish{Language: row.Language, Declined: row.Declined}
		return err
	})
	return w, findError("read what mails are wished for", err)
}

// SetWish changes how a person wants to be told things: the person itself may,
// and the operator. Nobody can decline what the rules require.
func (r *Roll) SetWish(ctx context.Context, by By, id member.PersonID, change NewWish) (w Wish, err error) {
	_, err = r.enter(ctx, by, actionMailWish, "change the mails", string(id), func(a *act) error {
		if !a.actor.Operator && a.actor.ID != string(id) {
			a.refuse("only the person itself or the operator may")
			return nil
		}
		a.knownPerson(id)
		a.refuseAll(change.faults(r.MailLanguages()))
		if a.refused() {
			return nil
		}
		all, err := a.tx.Wishes(ctx)
		if err != nil {
			return err
		}
		row := change.on(all[string(id)])
		row.Recipient = string(id)
		if err := a.tx.SetWish(ctx, row); err != nil {
			return err
		}
		a.payload["language"], a.payload["declined"] = row.Language, append([]notify.Kind{}, row.Declined...)
		w = Wish{Language: row.Language, Declined: row.Declined}
		return nil
	})
	return w, err
}

// on is a wish with the changes.
func (c *NewWish) on(row store.Wish) store.Wish {
	if c.Language != "" {
		row.Language = c.Language
	}
	var declined []notify.Kind
	for _, k := range OptionalKinds() {
		if (slices.Contains(row.Declined, k) || slices.Contains(c.Decline, k)) && !slices.Contains(c.Accept, k) {
			declined = append(declined, k)
		}
	}
	row.Declined = declined
	return row
}

func (c *NewWish) faults(languages []string) []string {
	var w reasons
	if c.Language != "" && !slices.Contains(languages, c.Language) {
		w.refuse("there are no mails in %q: choose from %s", shorten(c.Language), strings.Join(languages, ", "))
	}
	if c.Language == "" && len(c.Decline)+len(c.Accept) == 0 {
		w.refuse("say what is to change: a language, or kinds to decline or to accept")
	}
	for _, k := range slices.Concat(c.Decline, c.Accept) {
		if _, known := notify.ParseKind(string(k)); !known {
			w.refuse("there is no kind of notice %q", shorten(string(k)))
		}
	}
	for _, k := range c.Decline {
		if why := requiredWhy[k.Group()]; why != "" && !k.Optional() {
			w.refuse("%s cannot be declined: %s", k, why)
		}
		if slices.Contains(c.Accept, k) {
			w.refuse("%s is declined and accepted at once", k)
		}
	}
	return w
}

// RequiredWhy says why a kind of notice cannot be declined; "" for one that can.
func RequiredWhy(k notify.Kind) string {
	if k.Optional() {
		return ""
	}
	return requiredWhy[k.Group()]
}

// requiredWhy says why the kinds of a group that are not optional are not.
var requiredWhy = map[notify.Group]string{
	notify.AboutDues:       "a member is told before its rights change",
	notify.AboutMembership: "a member is told when its rights are suspended",
	notify.AboutDelegates:  "who acts for a member is told to all who do",
	notify.AboutDecisions:  "silence counts only when the proposal was heard",
	notify.AboutJoining:    "nobody reads an application before its address is confirmed",
	notify.ForTreasurers:   "it says what keeps the roll from being right",
}
