package fakeoc

import (
	"fmt"
	"slices"
	"strings"
)

// accountVerbs are what happens to accounts.
var accountVerbs = map[string]verb{
	"account": {"SLUG KIND [name=NAME] [email=ADDRESS] [guest] [incognito] [private] [admin=SLUG]",
		"an account; KIND is organisation, individual, vendor, fund or collective; _ in NAME is a space", 2, (*World).verbAccount},
	"rename":        {"SLUG NEW", "the account is called NEW from now on; the old slug is free", 2, (*World).verbRename},
	"take":          {"SLUG KIND", "somebody else takes a slug that was freed", 2, (*World).verbTake},
	"merge":         {"SLUG INTO", "the account is merged into another: its contributions go on there", 2, (*World).verbMerge},
	"archive":       {"SLUG", "the account is archived, which cancels its contributions", 1, (*World).verbArchive},
	"suspend":       {"SLUG", "the account is suspended", 1, (*World).verbSuspend},
	"delete":        {"SLUG", "the account is deleted; its contributions vanish from lists", 1, (*World).verbDelete},
	"private":       {"SLUG", "the organisation is private from now on: nobody else is shown who it is", 1, (*World).verbPrivate},
	"confirm-guest": {"SLUG NEW", "a guest confirms the account: the same id, another slug", 2, (*World).verbGuest},
	"token":         {"SECRET SLUG [SCOPE,SCOPE]", "a personal token of the account", 2, (*World).verbToken},
	"token-state":   {"SECRET good|expired|suspended", "the token is expired, suspended or good again", 2, (*World).verbTokenState},
}

// kinds are upstream's account types by our words.
var kinds = map[string]string{
	"organisation": "ORGANIZATION", "individual": "INDIVIDUAL", "vendor": "VENDOR", "fund": "FUND", "collective": "COLLECTIVE",
}

// accountSpec is what may be said of a new account.
type accountSpec struct {
	kind, name, email         string
	guest, incognito, private bool
}

func (w *World) newAccount(slug string, spec accountSpec) *Account {
	a := &Account{Slug: slug, Name: spec.name, Type: spec.kind, Currency: "USD", Active: true, Created: w.now,
		Guest: spec.guest, Incognito: spec.incognito, Private: spec.private}
	if a.Name == "" {
		a.Name = title(slug)
	}
	switch {
	case spec.incognito || spec.kind == "VENDOR":
	case spec.email != "":
		a.Emails = []string{spec.email}
	default:
		a.Emails = []string{slug + "@example.test"}
	}
	a.Spends = spec.kind == "COLLECTIVE" || spec.kind == "FUND"
	a.LegacyID, a.ID, a.PublicID = w.ids("acc", w.now)
	w.open(a)
	return a
}

// title makes a name of a slug: "green-host" is "Green Host".
func title(slug string) string {
	part := strings.Split(slug, "-")
	for i, p := range part {
		if p != "" {
			part[i] = strings.ToUpper(p[:1]) + p[1:]
		}
	}
	return strings.Join(part, " ")
}

func (w *World) verbAccount(s *said) error {
	kind, ok := kinds[s.at(1)]
	switch {
	case !ok:
		return fmt.Errorf("%q is no kind: write organisation, individual, vendor, fund or collective", s.at(1))
	case w.find(s.at(0)) != nil:
		return fmt.Errorf("there is an account %s already", s.at(0))
	}
	var admin *Account
	if slug := s.option("admin"); slug != "" {
		var err error
		if admin, err = w.account(slug); err != nil {
			return err
		}
	}
	a := w.newAccount(s.at(0), accountSpec{kind: kind, name: strings.ReplaceAll(s.option("name"), "_", " "), email: s.option("email"),
		guest: s.has("guest"), incognito: s.has("incognito"), private: s.has("private")})
	if admin != nil {
		a.Admins = append(a.Admins, admin)
		w.join("ADMIN", admin, a, nil)
	}
	return nil
}

// on finds the account that the first word names and lets f change it.
func (w *World) on(s *said, f func(*Account) error) error {
	a, err := w.account(s.at(0))
	if err != nil {
		return err
	}
	return f(a)
}

func (w *World) verbRename(s *said) error {
	return w.on(s, func(a *Account) error {
		if w.find(s.at(1)) != nil {
			return fmt.Errorf("there is an account %s already", s.at(1))
		}
		w.call(a, s.at(1))
		return nil
	})
}

func (w *World) verbTake(s *said) error {
	kind, ok := kinds[s.at(1)]
	if !ok {
		return fmt.Errorf("%q is no kind: write organisation, individual, vendor, fund or collective", s.at(1))
	}
	if w.find(s.at(0)) != nil {
		return fmt.Errorf("%s is not free: rename or delete whoever has it", s.at(0))
	}
	w.newAccount(s.at(0), accountSpec{kind: kind, name: "Somebody Else"})
	return nil
}

func (w *World) verbMerge(s *said) error {
	into, err := w.account(s.at(1))
	if err != nil {
		return err
	}
	return w.on(s, func(from *Account) error {
		if from == into {
			return fmt.Errorf("an account cannot be merged into itself")
		}
		for _, o := range w.orders {
			if o.From == from {
				o.From = into
				into.orders++
			}
		}
		for _, t := range w.transactions {
			if t.Opposite == from {
				t.Opposite = into
			}
		}
		for _, m := range w.members {
			if m.Account == from {
				m.Account, into.listed = into, true
			}
		}
		from.Deleted, from.Slug = true, from.Slug+"-merged"
		return nil
	})
}

func (w *World) verbArchive(s *said) error {
	return w.on(s, func(a *Account) error {
		a.Archived, a.Active = true, false
		for _, o := range w.orders {
			if (o.From == a || o.To == a) && !o.ended() {
				o.Status, o.PausedBy, o.Updated = "CANCELLED", "", w.stamp()
				o.stop()
			}
		}
		return nil
	})
}

func (w *World) verbSuspend(s *said) error {
	return w.on(s, func(a *Account) error { a.Suspended = true; return nil })
}

func (w *World) verbDelete(s *said) error {
	return w.on(s, func(a *Account) error {
		a.Deleted, a.Slug = true, fmt.Sprintf("%s-%d", a.Slug, w.now.Time().UnixMilli())
		w.members = slices.DeleteFunc(w.members, func(m *Membership) bool { return m.Account == a })
		return nil
	})
}

func (w *World) verbPrivate(s *said) error {
	return w.on(s, func(a *Account) error { a.Private = true; return nil })
}

// verbGuest: upstream gives the guest a slug, and a name that says nothing.
func (w *World) verbGuest(s *said) error {
	return w.on(s, func(a *Account) error {
		if !a.Guest {
			return fmt.Errorf("%s is no guest", a.Slug)
		}
		a.Guest = false
		w.call(a, s.at(1))
		if a.Name == "Guest" {
			a.Name = "Incognito"
		}
		return nil
	})
}

// Scopes are those that a token has where nothing else is said.
var Scopes = []string{"account", "transactions"}

func (w *World) verbToken(s *said) error {
	owner, err := w.account(s.at(1))
	if err != nil {
		return err
	}
	t := &Token{Owner: owner, Scopes: Scopes}
	if list := s.at(2); list != "" {
		t.Scopes = strings.Split(list, ",")
	}
	w.tokens[s.at(0)] = t
	return nil
}

func (w *World) verbTokenState(s *said) error {
	t, ok := w.tokens[s.at(0)]
	if !ok {
		return fmt.Errorf("there is no such token")
	}
	switch s.at(1) {
	case "good", "expired", "suspended":
		t.Expired, t.Suspended = s.at(1) == "expired", s.at(1) == "suspended"
		return nil
	}
	return fmt.Errorf("%q is no state of a token: write good, expired or suspended", s.at(1))
}
