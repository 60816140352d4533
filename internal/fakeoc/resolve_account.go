package fakeoc

import (
	"slices"
)

// accountTypes are the schema's types by upstream's AccountType.
var accountTypes = map[string]string{
	"COLLECTIVE": "Collective", "EVENT": "Event", "FUND": "Fund", "INDIVIDUAL": "Individual",
	"ORGANIZATION": "Organization", "PROJECT": "Project", "VENDOR": "Vendor",
}

// queryFields are the roots.
var queryFields fields

func init() { // the roots lead back to themselves
	queryFields = fields{
		"me":              func(x *run, _ any, _ given) (any, error) { return x.me(), nil },
		"loggedInAccount": func(x *run, _ any, _ given) (any, error) { return x.me(), nil },
		"account":         rootAccount("Account"),
		"collective":      rootAccount("Collective"),
		"organization":    rootAccount("Organization"),
		"individual":      rootAccount("Individual"),
		"order":           func(x *run, _ any, args given) (any, error) { return x.orderBy(args.object("order")) },
		"orders":          func(x *run, _ any, args given) (any, error) { return x.rootOrders(args) },
		"transactions":    func(x *run, _ any, args given) (any, error) { return x.rootTransactions(args) },
		"activities":      func(x *run, _ any, args given) (any, error) { return x.rootActivities(args) },
	}
}

func (x *run) me() any {
	if v := x.viewer(); v != nil {
		return v
	}
	return nil
}

// rootAccount answers account(id, slug, throwIfMissing) and the roots that want
// one type (open-collective.md, section 1.6).
func rootAccount(typeName string) resolver {
	return func(x *run, _ any, args given) (any, error) {
		a, err := x.named(args.text("id"), args.text("slug"))
		switch {
		case err != nil && args.yes("throwIfMissing"):
			return nil, err
		case err != nil:
			return nil, nil
		case typeName != "Account" && accountTypes[a.Type] != typeName:
			return nil, notFound(typeName)
		}
		return a, nil
	}
}

func (x *run) named(id, slug string) (*Account, error) {
	switch {
	case id != "":
		if a := x.byID(id); a != nil {
			return a, nil
		}
		return nil, thrownf("No collective found with id %s", id)
	case slug != "":
		if a := x.find(slug); a != nil {
			return a, nil
		}
		return nil, thrownf("No collective found with slug %s", slug)
	}
	return nil, thrown("Please provide a slug or an id")
}

// byID takes both forms of an id.
func (x *run) byID(id string) *Account {
	i := slices.IndexFunc(x.accounts, func(a *Account) bool { return !a.Deleted && (a.ID == id || a.PublicID == id) })
	if i < 0 {
		return nil
	}
	return x.accounts[i]
}

// refer is the account that a reference names.
func (x *run) refer(ref given) (*Account, error) {
	var a *Account
	switch legacy := ref.number("legacyId"); {
	case ref.text("id") != "":
		a = x.byID(ref.text("id"))
	case legacy != 0:
		if i := slices.IndexFunc(x.accounts, func(a *Account) bool { return !a.Deleted && a.LegacyID == legacy }); i >= 0 {
			a = x.accounts[i]
		}
	case ref.text("slug") != "":
		a = x.find(ref.text("slug"))
	default:
		return nil, thrown("Please provide an id or a slug")
	}
	if a == nil {
		return nil, notFound("Account")
	}
	return a, nil
}

// shown is an account as another thing names it: null once it is deleted, an
// error beside null where it is private to others.
func (x *run) shown(a *Account) (any, error) {
	if a == nil || a.Deleted {
		return nil, nil
	}
	if !x.mayView(x.viewer(), a) {
		return nil, forbidden("This account is private. You must be a member to view it.")
	}
	return a, nil
}

// children are the events and projects of an account.
func (x *run) children(of *Account) (out []*Account) {
	for _, a := range x.accounts {
		if a.Parent == of && !a.Deleted {
			out = append(out, a)
		}
	}
	return out
}

var accountFields = fields{
	"id":          plain(func(a *Account) any { return &a.ID }),
	"legacyId":    plain(func(a *Account) any { return a.LegacyID }),
	"publicId":    plain(func(a *Account) any { return &a.PublicID }),
	"slug":        plain(func(a *Account) any { return &a.Slug }),
	"type":        plain(func(a *Account) any { return &a.Type }),
	"name":        plain(func(a *Account) any { return word(&a.Name) }),
	"legalName":   plain(func(*Account) any { return nil }), // nobody in this world has given one
	"website":     plain(func(*Account) any { return nil }),
	"imageUrl":    plain(image),
	"currency":    plain(currencyOf),
	"isIncognito": plain(func(a *Account) any { return a.Incognito }),
	"isPrivate":   plain(func(a *Account) any { return a.Private }),
	"createdAt":   plain(func(a *Account) any { return moment(&a.Created) }),
	"updatedAt":   plain(func(a *Account) any { return moment(&a.Created) }),
	"isArchived":  plain(func(a *Account) any { return a.Archived }),
	"isFrozen":    plain(func(a *Account) any { return a.Frozen }),
	"isSuspended": plain(func(a *Account) any { return a.Suspended }),
	"isActive":    plain(func(a *Account) any { return a.Active }),
	"isApproved":  plain(func(a *Account) any { return a.Approved }),
	"isGuest":     plain(func(a *Account) any { return a.Guest }),
	"isHost": seeing(func(x *run, a *Account) any {
		return slices.ContainsFunc(x.accounts, func(b *Account) bool { return b.Host == a })
	}),
	"isAdmin": seeing(func(x *run, a *Account) any { return x.administers(x.viewer(), a) }),
	"emails":  seeing(func(x *run, a *Account) any { return x.emails(a) }),
	"email":   seeing(func(x *run, a *Account) any { return x.email(a) }),
	"host":    of(func(x *run, a *Account, _ given) (any, error) { return x.shown(a.Host) }),
	"parent":  of(func(x *run, a *Account, _ given) (any, error) { return x.shown(a.Parent) }),
	"members": of(func(x *run, a *Account, args given) (any, error) { return x.membersOf(a, args) }),
	"orders": of(func(x *run, a *Account, args given) (any, error) {
		return x.ordersOf(a, args)
	}),
	"transactions": of(func(x *run, a *Account, args given) (any, error) {
		return x.transactionsOf([]*Account{a}, args)
	}),
	"childrenAccounts": of(func(x *run, a *Account, args given) (any, error) {
		kinds := args.choice("accountType")
		all := slices.DeleteFunc(x.children(a), func(b *Account) bool { return !kinds.has(b.Type) })
		return pageOf(all, args), nil
	}),
	"tiers": of(func(x *run, a *Account, args given) (any, error) {
		all := slices.DeleteFunc(slices.Clone(x.tiers), func(t *Tier) bool { return t.Of != a || t.Deleted })
		return pageOf(all, args), nil
	}),
}

func image(a *Account) any {
	kind := "logo"
	if a.Type == "INDIVIDUAL" {
		kind = "avatar"
	}
	return "https://images.opencollective.com/" + a.Slug + "/" + kind + ".png"
}

// currencyOf is USD where nothing was chosen, as upstream has it.
func currencyOf(a *Account) any {
	if a.Currency == "" {
		return "USD"
	}
	return a.Currency
}

// emails are null without the right to see them; an empty list is nobody's
// address (open-collective.md, section 6).
func (x *run) emails(a *Account) any {
	if !x.private(a) {
		return nil
	}
	if a.Incognito {
		return []any{}
	}
	return items(a.Emails)
}

func (x *run) email(a *Account) any {
	if a.Incognito || len(a.Emails) == 0 || !x.private(a) {
		return nil
	}
	return a.Emails[0]
}

var tierFields = fields{
	"id":        plain(func(t *Tier) any { return &t.ID }),
	"publicId":  plain(func(t *Tier) any { return &t.ID }),
	"legacyId":  plain(func(t *Tier) any { return t.LegacyID }),
	"slug":      plain(func(t *Tier) any { return word(&t.Slug) }),
	"name":      plain(func(t *Tier) any { return word(&t.Name) }),
	"type":      plain(func(t *Tier) any { return &t.Type }),
	"frequency": plain(func(t *Tier) any { return &t.Frequency }),
	"interval": plain(func(t *Tier) any {
		every := map[string]string{"MONTHLY": "month", "YEARLY": "year", "FLEXIBLE": "flexible"}[t.Frequency]
		return word(&every)
	}),
	"amount": plain(func(t *Tier) any { return &amount{t.Amount, t.Amount == 0, t.Currency} }),
	"amountType": plain(func(t *Tier) any {
		if t.Amount == 0 {
			return "FLEXIBLE"
		}
		return "FIXED"
	}),
	"minimumAmount": plain(func(t *Tier) any { return &amount{0, true, t.Currency} }),
}
