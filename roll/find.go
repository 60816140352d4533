package roll

import (
	"context"
	"errors"
	"fmt"
	"maps"
	"slices"
	"strings"

	"coopcloud.tech/goodstanding/member"
	"coopcloud.tech/goodstanding/store"
)

// Find finds a member by id, handle, slug of a linked account (with or without
// a leading @), or a beginning of its name that no other has; capitals do not
// matter. A merged member leads to the one it was merged into. The error is a
// *NotFound that names the nearest, or an *Ambiguous that lists the matches.
func (r *Roll) Find(ctx context.Context, word string) (id member.ID, err error) {
	err = r.db.View(ctx, func(tx *store.Tx) error {
		id, err = findMember(ctx, tx, word)
		return err
	})
	return id, findError("find the member", err)
}

func findMember(ctx context.Context, tx *store.Tx, word string) (member.ID, error) {
	word = strings.TrimSpace(word)
	m, err := tx.FindMember(ctx, word)
	if _, missing := errors.AsType[*store.NoSuchMember](err); missing && strings.HasPrefix(word, "@") {
		m, err = tx.FindMember(ctx, word[1:])
	}
	if none, ok := errors.AsType[*store.NoSuchMember](err); ok {
		return "", &NotFound{What: "member", Word: word, Nearest: none.Nearest}
	}
	if many, ok := errors.AsType[*store.AmbiguousMember](err); ok {
		return "", &Ambiguous{What: "member", Word: word, Matches: many.Handles}
	}
	return m.ID, err
}

// findError names the look-up in an error that is none of its own.
func findError(what string, err error) error {
	if err == nil {
		return nil
	}
	if _, ok := errors.AsType[*NotFound](err); ok {
		return err
	}
	if _, ok := errors.AsType[*Ambiguous](err); ok {
		return err
	}
	return fmt.Errorf("%s: %w", what, err)
}

// FindAccount finds an Open Collective account that upstream has shown, by its
// id, public id or current slug (with or without a leading @). A slug that an
// account had before finds nothing: somebody else may take it.
func (r *Roll) FindAccount(ctx context.Context, word string) (id member.AccountID, err error) {
	err = r.db.View(ctx, func(tx *store.Tx) error {
		id, err = findAccount(ctx, tx, word)
		return err
	})
	return id, findError("find the account", err)
}

func findAccount(ctx context.Context, tx *store.Tx, word string) (member.AccountID, error) {
	word = strings.TrimSpace(word)
	slug := strings.ToLower(strings.TrimPrefix(word, "@"))
	accounts, err := tx.Accounts(ctx)
	if err != nil {
		return "", err
	}
	details, err := tx.AccountDetails(ctx)
	if err != nil {
		return "", err
	}
	if slug == "" {
		return "", &NotFound{What: "account", Word: word}
	}
	if _, ok := accounts[member.AccountID(word)]; ok {
		return member.AccountID(word), nil
	}
	var found, slugs []string
	for id, row := range accounts {
		have := strings.ToLower(details[id].Slug)
		if row.PublicID == word || have == slug {
			found = append(found, string(id))
		}
		slugs = append(slugs, have)
	}
	switch slices.Sort(found); len(found) {
	case 0:
		return "", &NotFound{What: "account", Word: word, Nearest: closest(slug, slugs)}
	case 1:
		return member.AccountID(found[0]), nil
	}
	return "", &Ambiguous{What: "account", Word: word, Matches: found}
}

// FindPerson finds a person by id, e-mail address, whole name, or a beginning
// of the name that nobody else has. No error repeats an address.
func (r *Roll) FindPerson(ctx context.Context, word string) (id member.PersonID, err error) {
	err = r.db.View(ctx, func(tx *store.Tx) error {
		p, err := findPerson(ctx, tx, word)
		id = p.ID
		return err
	})
	return id, findError("find the person", err)
}

func findPerson(ctx context.Context, tx *store.Tx, word string) (store.PersonInfo, error) {
	word = strings.TrimSpace(word)
	people, err := tx.People(ctx)
	if err != nil {
		return store.PersonInfo{}, err
	}
	people = slices.DeleteFunc(people, func(p store.PersonInfo) bool { return p.Name == "" && p.Email == "" })
	lower := strings.ToLower(word)
	ways := []func(store.PersonInfo) bool{
		func(p store.PersonInfo) bool { return string(p.ID) == word },
		func(p store.PersonInfo) bool { return strings.ToLower(p.Email) == lower },
		func(p store.PersonInfo) bool { return strings.ToLower(p.Name) == lower },
		func(p store.PersonInfo) bool { return strings.HasPrefix(strings.ToLower(p.Name), lower) },
	}
	for _, fits := range ways {
		var found []store.PersonInfo
		for _, p := range people {
			if word != "" && fits(p) {
				found = append(found, p)
			}
		}
		if len(found) == 1 {
			return found[0], nil
		}
		if len(found) > 1 {
			return store.PersonInfo{}, &Ambiguous{What: "person", Word: veil(word), Matches: personNames(found)}
		}
	}
	return store.PersonInfo{}, &NotFound{What: "person", Word: veil(word), Nearest: nearestPeople(lower, people)}
}

func personNames(people []store.PersonInfo) []string {
	out := make([]string, len(people))
	for i, p := range people {
		out[i] = fmt.Sprintf("%s (%s)", p.Name, p.ID)
	}
	slices.Sort(out)
	return out
}

func nearestPeople(lower string, people []store.PersonInfo) []string {
	names := map[string]string{}
	for _, p := range people {
		names[strings.ToLower(p.Name)] = p.Name
	}
	near := closest(lower, slices.Sorted(maps.Keys(names)))
	for i, n := range near {
		near[i] = names[n]
	}
	return near
}

// veil hides what may be an e-mail address: errors end up in logs.
func veil(word string) string {
	if looksLikeAddress(word) {
		return "…@…"
	}
	return word
}

// ActorAs says who is asking on the command line: the person that name finds,
// with the roles and delegations that stand now; without a name the operator,
// whoever is logged in as login on the host (domain.md, section 8). What the
// audit chain keeps of an operator is an id of its own, never the login name.
func (r *Roll) ActorAs(ctx context.Context, name, login string) (actor member.Actor, err error) {
	err = r.db.View(ctx, func(tx *store.Tx) error {
		if strings.TrimSpace(name) == "" {
			actor, err = r.operator(ctx, tx, login)
			return err
		}
		p, err := findPerson(ctx, tx, name)
		actor = ActorOf(p)
		return err
	})
	return actor, findError("find who is asking", err)
}

// ActorOf is a person as whoever asks for something.
func ActorOf(p store.PersonInfo) member.Actor {
	actor := member.Actor{ID: string(p.ID), Label: p.Name, Roles: p.Roles}
	for _, d := range p.Delegates {
		actor.Delegates = append(actor.Delegates, d.Member)
	}
	return actor
}

const operatorPrefix = "op"

// operator is the operator with the id that an earlier change gave the login
// name, or with a fresh one.
func (r *Roll) operator(ctx context.Context, tx *store.Tx, login string) (member.Actor, error) {
	if login = strings.TrimSpace(login); login == "" || len(nameFaults("login", login)) > 0 {
		login = "unknown"
	}
	label := "operator:" + login
	labels, err := tx.ActorLabels(ctx)
	if err != nil {
		return member.Actor{}, err
	}
	var known []string
	for id, l := range labels {
		if l == label && strings.HasPrefix(id, operatorPrefix) {
			known = append(known, id)
		}
	}
	if len(known) > 0 {
		return member.Actor{ID: slices.Min(known), Label: label, Operator: true}, nil
	}
	return member.Actor{ID: r.newID(operatorPrefix), Label: label, Operator: true}, nil
}

// looksLikeAddress says whether a text may be an e-mail address.
func looksLikeAddress(s string) bool { return strings.Contains(s, "@") }
