package roll

import (
	"context"
	"crypto/rand"
	"crypto/sha256"
	"encoding/base64"
	"encoding/hex"
	"fmt"
	"slices"
	"strings"

	"coopcloud.tech/goodstanding/internal/instant"
	"coopcloud.tech/goodstanding/member"
	"coopcloud.tech/goodstanding/store"
)

// The words of the audit chain for tokens; never reused or renamed.
const (
	actionCreateToken = "create_token"
	actionRevokeToken = "revoke_token"
	actionRotateToken = "rotate_token"
)

// tokenPrefix marks a token, so that people and secret scanners know one.
const tokenPrefix = "gs_"

// tokenBytes is how much of a token is random.
const tokenBytes = 32

// Token is a program's permission to use the API, without its text.
type Token struct {
	ID, Name  string
	Scopes    []Scope // in the order of Scopes
	Created   instant.Instant
	CreatedBy string          // what people read for whoever made it
	Expires   instant.Instant // the first instant at which it no longer counts; 0 for never
	Revoked   instant.Instant // 0 while it stands
	Person    member.PersonID // whom it stands for; "" for a program's
	Used      instant.Instant // when it was last used, to within store.TokenUseEvery; 0 for never
}

// Standing says whether the token counts at an instant.
func (t Token) Standing(now instant.Instant) bool {
	return t.Revoked == 0 && (t.Expires == 0 || now < t.Expires)
}

// Has says whether the token has the scope.
func (t Token) Has(s Scope) bool { return slices.Contains(t.Scopes, s) }

// newTokenText is a fresh token text: "gs_" and 32 random bytes.
func newTokenText() string { return tokenPrefix + secret() }

// secret are 32 random bytes as a text that an address can hold.
func secret() string {
	b := make([]byte, tokenBytes)
	rand.Read(b) // never fails: crypto/rand ends the program instead
	return base64.RawURLEncoding.EncodeToString(b)
}

// TokenHash is under what the text of a token, or of a mailed link, is stored and
// looked up: its SHA-256 in hexadecimal. A random text of 256 bits needs no slow
// hash, and looking a hash up tells nothing about the text by how long it takes.
func TokenHash(text string) string {
	sum := sha256.Sum256([]byte(text))
	return hex.EncodeToString(sum[:])
}

// CreateToken makes a token with scopes (words of Scopes) that ends at expires
// (0: never). The text is returned this once and stored nowhere. The name says
// what it is for; two tokens that stand have different names. A treasurer or
// the operator may.
func (r *Roll) CreateToken(ctx context.Context, by By, name string, scopes []string, expires instant.Instant) (text string, t Token, err error) {
	return r.CreateTokenFor(ctx, by, "", name, scopes, expires)
}

// CreateTokenFor is CreateToken for a token that stands for a person ("" for
// none): it acts as that person, and never may more. Only the person itself and
// the operator may make one, since nobody casts for others (domain.md, section 8).
func (r *Roll) CreateTokenFor(ctx context.Context, by By, person member.PersonID, name string, scopes []string, expires instant.Instant) (text string, t Token, err error) {
	name, text = strings.TrimSpace(name), newTokenText()
	row := store.Token{ID: r.newID("t"), Hash: TokenHash(text), Name: name, Expires: expires, Person: person}
	var faults []string
	row.Scopes, faults = parseScopes(scopes)
	faults = append(faults, personFaults(row.Scopes, person != "")...)
	if name == "" {
		faults = append(faults, "a name is needed: what is the token for?")
	}
	faults = append(append(faults, nameFaults("the name", name)...), dateFaults("the end", expires)...)
	_, err = r.enter(ctx, by, actionCreateToken, "make the token", row.ID, func(a *act) error {
		if !a.mayMakeToken(person) {
			return nil
		}
		a.refuseAll(faults)
		if expires != 0 && expires <= a.now {
			a.refuse("it would have ended already: write an end that lies in the future, or none")
		}
		tokens, err := a.tx.Tokens(ctx)
		if err != nil {
			return err
		}
		for _, other := range tokens {
			if other.Name == name && tokenOf(other, nil).Standing(a.now) {
				a.refuse("another token is called %q (%s): choose another name, or revoke that one first", name, other.ID)
			}
		}
		if a.refused() {
			return nil
		}
		row.Created, row.CreatedBy = a.now, a.actor.ID
		a.payload["scopes"], a.payload["expires"] = row.Scopes, int64(expires)
		if person != "" {
			a.payload["for"] = person
		}
		return a.tx.AddToken(ctx, row)
	})
	if err != nil {
		return "", Token{}, err
	}
	return text, tokenOf(row, map[string]string{by.Actor.ID: by.Actor.Label}), nil
}

func (a *act) mayMakeToken(person member.PersonID) bool {
	switch {
	case person == "":
		return a.keeper()
	case a.actor.Operator || a.actor.ID == string(person):
		_, known := a.knownPerson(person)
		return known
	}
	a.refuse("only the person it stands for, or the operator, may make it")
	return false
}

// CheckToken refuses when a token, as a transaction sees it, does not count any
// more, lacks the scope, or stands for another person than it did.
func CheckToken(ctx context.Context, tx *store.Tx, t Token, s Scope) error {
	rows, err := tx.Tokens(ctx)
	if err != nil {
		return err
	}
	for _, row := range rows {
		if now := tokenOf(row, nil); now.ID == t.ID && now.Standing(tx.Now()) && now.Has(s) && now.Person == t.Person {
			return nil
		}
	}
	return &Refused{What: "do this", Reasons: []string{tokenGone(s)}}
}

func tokenGone(s Scope) string {
	return fmt.Sprintf("the token is revoked, has expired or lacks the scope %s", s)
}

// ListTokens lists all tokens, those that ended too, the oldest first.
func (r *Roll) ListTokens(ctx context.Context) ([]Token, error) {
	var rows []store.Token
	var labels map[string]string
	err := r.db.View(ctx, func(tx *store.Tx) (err error) {
		if rows, err = tx.Tokens(ctx); err != nil {
			return err
		}
		labels, err = tx.ActorLabels(ctx)
		return err
	})
	if err != nil {
		return nil, fmt.Errorf("list the tokens: %w", err)
	}
	out := make([]Token, len(rows))
	for i, row := range rows {
		out[i] = tokenOf(row, labels)
	}
	return out, nil
}

// Tokens are tokens by TokenHash of their text.
type Tokens map[string]Token

// Of is the token that has this text. It is asked for each request of a program, and so
// leaves no garbage where a text has the length of a token's.
func (t Tokens) Of(text string) (Token, bool) {
	var room, hash [2 * sha256.Size]byte
	sum := sha256.Sum256(append(room[:0], text...))
	hex.Encode(hash[:], sum[:])
	token, ok := t[string(hash[:])]
	return token, ok
}

// TokensByHash are the tokens that were not revoked, as a transaction sees
// them. Those that have expired are among them.
func TokensByHash(ctx context.Context, tx *store.Tx) (Tokens, error) {
	rows, err := tx.Tokens(ctx)
	if err != nil {
		return nil, err
	}
	out := make(Tokens, len(rows))
	for _, row := range rows {
		if row.Revoked == 0 {
			out[row.Hash] = tokenOf(row, nil)
		}
	}
	return out, nil
}

func tokenOf(row store.Token, labels map[string]string) Token {
	t := Token{ID: row.ID, Name: row.Name, Created: row.Created, CreatedBy: labels[row.CreatedBy], Expires: row.Expires, Revoked: row.Revoked, Person: row.Person, Used: row.Used}
	for _, s := range row.Scopes {
		t.Scopes = append(t.Scopes, Scope(s))
	}
	return t
}

// RevokeToken ends a token at once. The word is its id, or the name of a token
// that stands; two that stand under one name, since one was replaced, are an
// *Ambiguous with their ids. A treasurer or the operator may.
func (r *Roll) RevokeToken(ctx context.Context, by By, word string) error {
	id, err := r.findToken(ctx, "revoke the token", word)
	if err != nil {
		return err
	}
	_, err = r.enter(ctx, by, actionRevokeToken, "revoke the token", id, func(a *act) error {
		if !a.keeper() || a.refused() {
			return nil
		}
		ok, err := a.tx.RevokeToken(ctx, id, a.now, a.actor.ID)
		if err == nil && !ok {
			a.refuse("it is revoked already")
		}
		return err
	})
	return err
}

// findToken is the id of the token that a word names: its id, or the name of one that
// stands, or else of the newest that ended by itself.
func (r *Roll) findToken(ctx context.Context, what, word string) (string, error) {
	word = strings.TrimSpace(word)
	if strings.HasPrefix(word, tokenPrefix) { // a secret is repeated nowhere
		return "", &Refused{What: what, Reasons: []string{"name it by its id or its name, not by its text: goodstanding token list"}}
	}
	all, err := r.ListTokens(ctx)
	if err != nil {
		return "", err
	}
	var names, standing, ended []string
	for _, t := range all {
		if t.ID == word {
			return t.ID, nil
		}
		if t.Revoked == 0 {
			names = append(names, t.Name)
		}
		switch {
		case t.Name != word || t.Revoked != 0:
		case t.Standing(r.now()):
			standing = append(standing, t.ID)
		default:
			ended = append(ended, t.ID)
		}
	}
	switch {
	case len(standing) > 1: // one was replaced and counts on for a while: ending the wrong one would stop a program
		return "", &Ambiguous{What: "token", Word: word, Matches: standing}
	case len(standing) == 1:
		return standing[0], nil
	case len(ended) > 0:
		return ended[len(ended)-1], nil
	}
	return "", &NotFound{What: "token", Word: word, Nearest: closest(word, names)}
}
