package roll

import (
	"context"
	"fmt"
	"slices"
	"time"

	"coopcloud.tech/goodstanding/internal/instant"
	"coopcloud.tech/goodstanding/store"
)

// LongestOverlap bounds how long a token counts beside the one that replaces it: a
// program is given the next one within days, or nobody does it at all.
const LongestOverlap = 30 * 24 * time.Hour

// Rotation says how a token is replaced.
type Rotation struct {
	// Overlap is how long the old one counts on, at most until the end that it had; 0
	// ends it at once, as one that was lost must.
	Overlap time.Duration
	// Expires is the end of the new one; 0 for the end that the old one had, if any.
	Expires instant.Instant
}

// RotateToken makes a token that replaces another (its id, or its name): with the
// name, the scopes and the person of the old one, and a text of its own, which is
// returned this once. Nothing is granted that the old one did not grant. Whoever may
// make such a token may; old is what the old one is from now on.
func (r *Roll) RotateToken(ctx context.Context, by By, word string, o Rotation) (text string, t, old Token, err error) {
	const what = "replace the token"
	id, err := r.findToken(ctx, what, word)
	if err != nil {
		return "", Token{}, Token{}, err
	}
	text = newTokenText()
	row, was := store.Token{ID: r.newID("t"), Hash: TokenHash(text)}, store.Token{}
	var labels map[string]string
	_, err = r.enter(ctx, by, actionRotateToken, what, row.ID, func(a *act) error {
		tokens, err := a.tx.Tokens(ctx)
		if err != nil {
			return err
		}
		i := slices.IndexFunc(tokens, func(t store.Token) bool { return t.ID == id })
		if i < 0 {
			return fmt.Errorf("the token %s is not there any more", id)
		}
		was = tokens[i]
		if !a.mayMakeToken(was.Person) || !a.rotatable(was, o) {
			return nil
		}
		row.Name, row.Scopes, row.Person, row.Expires = was.Name, was.Scopes, was.Person, o.Expires
		if row.Expires == 0 {
			row.Expires = was.Expires
		}
		row.Created, row.CreatedBy = a.now, a.actor.ID
		if was.Person != "" {
			a.payload["for"] = was.Person
		}
		a.payload["scopes"], a.payload["expires"], a.payload["replaces"] = row.Scopes, int64(row.Expires), was.ID
		if err := a.endReplaced(ctx, &was, o.Overlap); err != nil {
			return err
		}
		if labels, err = a.tx.ActorLabels(ctx); err != nil {
			return err
		}
		return a.tx.AddToken(ctx, row)
	})
	if err != nil {
		return "", Token{}, Token{}, err
	}
	return text, tokenOf(row, labels), tokenOf(was, labels), nil
}

// rotatable refuses what would revive a token that is over, or make one that is.
func (a *act) rotatable(old store.Token, o Rotation) bool {
	a.refuseAll(dateFaults("the end", o.Expires))
	if !tokenOf(old, nil).Standing(a.now) {
		a.refuse("it no longer counts: make another one with goodstanding token create")
	}
	if o.Expires != 0 && o.Expires <= a.now {
		a.refuse("the new one would have ended already: write an end that lies in the future, or none")
	}
	if o.Overlap < 0 || o.Overlap > LongestOverlap {
		a.refuse("both may count for 30 days at most: write --overlap 24h, or --overlap 0 for ending the old one at once")
	}
	return !a.refused()
}

// endReplaced has the old token end after the overlap, or now.
func (a *act) endReplaced(ctx context.Context, old *store.Token, overlap time.Duration) error {
	if overlap == 0 {
		old.Revoked, old.RevokedBy = a.now, a.actor.ID
		_, err := a.tx.RevokeToken(ctx, old.ID, a.now, a.actor.ID)
		return err
	}
	end := a.now.Add(overlap)
	if old.Expires == 0 || end < old.Expires {
		old.Expires = end
	}
	a.payload["ends"] = int64(old.Expires)
	return a.tx.EndToken(ctx, old.ID, old.Expires)
}
