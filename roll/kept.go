package roll

import (
	"context"
	"fmt"
	"slices"
	"strings"

	"coopcloud.tech/goodstanding/internal/instant"
	"coopcloud.tech/goodstanding/member"
	"coopcloud.tech/goodstanding/store"
)

// Kept is what is stored about a person, beside sessions and decisions, which are
// others' to tell.
type Kept struct {
	Person   Person
	Since    map[member.ID]instant.Instant // when each delegation was entered
	Settled  map[member.ID]bool            // whether it was confirmed since
	Matrix   string
	Wish     Wish
	Bounced  instant.Instant  // since when mails to the address come back; 0 for never
	Contacts []string         // names of the members whose contact has the same address
	Consents []KeptConsent    // that members are listed, which name the person
	Tokens   []Token          // that stand for the person
	Signs    []store.RoomSign // what the person did in the Matrix room
	// Opportunities are those that the person posted.
	Opportunities []store.Opportunity
	// Motions are what the person asked for that needs a second one.
	Motions []store.Motion
	// Applications are those to join that came from the person's address.
	Applications []store.Application
	// Links counts the mailed links to sign in that are not removed yet, Confirming those
	// by which a member's contact confirms that the person speaks for it.
	Links, Confirming int
	// Reasons are what others and the person gave as reasons for changes about the person,
	// without who did. They may tell of somebody else: whoever hands them over reads them
	// first, so no page shows them.
	Reasons []store.Reason
	// Did and About count the audit chain's links that the person made, and those
	// about the person.
	Did, About int64
}

// KeptConsent is that somebody agreed to a member's being listed.
type KeptConsent struct {
	Name  string // the member's
	Words string // what was agreed to
}

// Kept reads what is stored about a person. Only the person and the operator may.
func (r *Roll) Kept(ctx context.Context, who member.Actor, id member.PersonID) (k Kept, err error) {
	if !who.Operator && who.ID != string(id) {
		return k, &Refused{What: "read what is kept", Reasons: []string{"only the person itself or the operator may"}}
	}
	people, err := r.People(ctx)
	if err != nil {
		return k, err
	}
	for _, p := range people {
		if p.ID == id {
			k.Person = p
		}
	}
	err = r.db.View(ctx, func(tx *store.Tx) error { return k.read(ctx, tx, id) })
	if err != nil {
		return k, fmt.Errorf("read what is kept: %w", err)
	}
	return k, nil
}

func (k *Kept) read(ctx context.Context, tx *store.Tx, id member.PersonID) error {
	if err := k.directory(ctx, tx, id); err != nil {
		return err
	}
	wishes, err := tx.Wishes(ctx)
	if err != nil {
		return err
	}
	k.Wish = Wish{Language: wishes[string(id)].Language, Declined: wishes[string(id)].Declined}
	bounces, err := tx.Bounces(ctx)
	if err != nil {
		return err
	}
	k.Bounced = bounces[string(id)].At
	tokens, err := tx.Tokens(ctx)
	if err != nil {
		return err
	}
	k.Tokens = nil
	for _, t := range tokens {
		if t.Person == id {
			k.Tokens = append(k.Tokens, tokenOf(t, nil))
		}
	}
	all, err := tx.Opportunities(ctx)
	if err != nil {
		return err
	}
	k.Opportunities = nil
	for _, o := range all {
		if o.Person == id {
			k.Opportunities = append(k.Opportunities, o)
		}
	}
	if k.Motions, err = tx.MotionsOf(ctx, id); err != nil {
		return err
	}
	if k.Person.Email != "" {
		if k.Applications, err = tx.ApplicationsFrom(ctx, k.Person.Email, 0); err != nil {
			return err
		}
	}
	links, err := tx.SignInLinks(ctx, id, 0)
	if err != nil {
		return err
	}
	k.Links = len(links)
	confirming, err := tx.ConfirmLinks(ctx, id)
	if err != nil {
		return err
	}
	k.Confirming = len(confirming)
	if k.Signs, err = tx.SignsOf(ctx, id); err != nil {
		return err
	}
	if k.Reasons, err = tx.ReasonsAbout(ctx, id); err != nil {
		return err
	}
	k.Did, k.About, err = tx.AuditCount(ctx, string(id), string(id))
	return err
}

// directory reads delegations, the Matrix id, and where the address is a contact's.
func (k *Kept) directory(ctx context.Context, tx *store.Tx, id member.PersonID) error {
	p, _, err := Visitor(ctx, tx, id)
	if err != nil {
		return err
	}
	k.Since, k.Settled = map[member.ID]instant.Instant{}, map[member.ID]bool{}
	for _, d := range p.Delegates {
		k.Since[d.Member], k.Settled[d.Member] = d.Since, d.Confirmed
	}
	ids, err := tx.PersonMatrixes(ctx)
	if err != nil {
		return err
	}
	k.Matrix = ids[id]
	contacts, err := tx.Contacts(ctx)
	if err != nil {
		return err
	}
	members, err := tx.Members(ctx)
	if err != nil {
		return err
	}
	people, err := tx.People(ctx)
	if err != nil {
		return err
	}
	consents, err := consentsOf(ctx, tx, p, people)
	if err != nil {
		return err
	}
	k.Consents = nil
	for _, m := range members {
		if i := slices.IndexFunc(consents, func(c store.Consent) bool { return c.Member == m.ID }); i >= 0 {
			k.Consents = append(k.Consents, KeptConsent{m.Detail.Name, consents[i].Words})
		}
	}
	k.Contacts = nil
	for _, c := range contacts {
		for _, m := range members {
			if m.ID == c.Member && p.Email != "" && strings.EqualFold(c.Email, p.Email) {
				k.Contacts = append(k.Contacts, m.Detail.Name)
			}
		}
	}
	return nil
}
