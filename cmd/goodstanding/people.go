package main

import (
	"context"
	"fmt"
	"strings"

	"coopcloud.tech/goodstanding/member"
	"coopcloud.tech/goodstanding/roll"
)

// peopleCmd is goodstanding people.
type peopleCmd struct {
	Add      personAddCmd    `cmd:"" help:"Add a person, with roles and as delegate"`
	List     personListCmd   `cmd:"" help:"Who may do what"`
	Role     personRoleCmd   `cmd:"" help:"Give a person a role, or take it"`
	Delegate delegateCmd     `cmd:"" help:"Make a person delegate of a member, or end that"`
	Matrix   matrixCmd       `cmd:"" help:"Note under which Matrix id a person sets signs in the room"`
	Confirm  confirmCmd      `cmd:"" help:"Say that a delegate speaks for the member indeed"`
	Mails    personMailsCmd  `cmd:"" help:"In which language a person reads mails, and which it declines"`
	Export   personExportCmd `cmd:"" help:"What is kept about a person, to be handed to it"`
	Remove   personRemoveCmd `cmd:"" help:"Remove a person with all roles"`

	SignInLink signInLinkCmd `cmd:"" help:"Print a link that signs a person in, once"`
	Sessions   sessionsCmd   `cmd:"" help:"Who is signed in"`
	SignOut    signOutCmd    `cmd:"" help:"End all sessions of a person"`
}

// roleWords are the roles as they are typed.
const roleWords = "treasurer, facilitator or contact_person"

func roleOf(word string) (member.Role, error) {
	if r, ok := member.ParseRole(strings.ReplaceAll(word, "-", "_")); ok {
		return r, nil
	}
	near, _ := nearest(word, []string{string(member.Treasurer), string(member.Facilitator), string(member.ContactPerson)})
	return "", &usageError{fmt.Sprintf("there is no role %q; the nearest is %s (there are %s)", clip(word), near, roleWords)}
}

type personAddCmd struct {
	change
	Email      string   `arg:"" help:"The person's e-mail address"`
	Name       string   `help:"The person's name; needed"`
	Role       []string `placeholder:"ROLE" help:"treasurer, facilitator or contact_person; may be repeated"`
	DelegateOf []string `placeholder:"MEMBER" help:"May act for this member; may be repeated"`
}

// Help shows how to use it.
func (personAddCmd) Help() string {
	return `
  goodstanding people add ada@example.org --name "Ada Example" --role treasurer
  goodstanding people add bo@example.org --name "Bo Example" --delegate-of alfa`
}

// Run adds.
func (c personAddCmd) Run(ctx context.Context, a *app) error {
	p := roll.NewPerson{Email: c.Email, Name: c.Name}
	for _, word := range c.Role {
		r, err := roleOf(word)
		if err != nil {
			return err
		}
		p.Roles = append(p.Roles, r)
	}
	return a.at(ctx, needStore, func(d *desk) error {
		for _, word := range c.DelegateOf {
			id, err := d.roll.Find(ctx, word)
			if err != nil {
				return err
			}
			p.DelegateOf = append(p.DelegateOf, id)
		}
		by, err := d.by(ctx, c.change)
		if err != nil {
			return err
		}
		id, err := d.roll.AddPerson(ctx, by, p)
		if err != nil {
			return err
		}
		return d.done(roll.Report{}, map[string]any{"person": id}, "Added %s (%s).", clean(c.Name), id)
	})
}

type personListCmd struct{}

// personAnswer is a person in JSON.
type personAnswer struct {
	Person    string        `json:"person"`
	Name      string        `json:"name"`
	Email     string        `json:"email"`
	Roles     []member.Role `json:"roles"`
	Delegates []string      `json:"delegate_of"`
	Matrix    string        `json:"matrix"` // the id under which signs count; "" for none
}

// Run lists.
func (personListCmd) Run(ctx context.Context, a *app) error {
	return a.at(ctx, needStore, func(d *desk) error {
		people, err := d.roll.People(ctx)
		if err != nil {
			return err
		}
		ids, err := d.roll.MatrixIDs(ctx)
		if err != nil {
			return err
		}
		if a.cli.JSON {
			return a.out.json(mapped(people, func(p roll.Person) personAnswer {
				return personAnswer{string(p.ID), p.Name, p.Email, filled(p.Roles), mapped(p.Delegates, func(m roll.DelegateOf) string { return m.Handle }), ids[p.ID]}
			}))
		}
		if len(people) == 0 {
			a.out.line("Nobody yet. The first treasurer: goodstanding people add EMAIL --name NAME --role treasurer")
			return a.out.err
		}
		t := &table{columns: []column{{title: "NAME", least: 8}, {title: "E-MAIL", least: 10}, {title: "ROLES"}, {title: "DELEGATE OF", least: 10}, {title: "ID"}}}
		if len(ids) > 0 {
			t.columns = append(t.columns, column{title: "MATRIX", least: 10})
		}
		for _, p := range people {
			var roles, of []string
			for _, r := range p.Roles {
				roles = append(roles, string(r))
			}
			for _, m := range p.Delegates {
				of = append(of, m.Handle)
			}
			cells := []string{clean(p.Name), clean(p.Email), strings.Join(roles, ", "), strings.Join(of, ", "), string(p.ID)}
			if len(ids) > 0 {
				cells = append(cells, clean(ids[p.ID]))
			}
			t.add(cells...)
		}
		t.print(a.out)
		return a.out.err
	})
}

type personRoleCmd struct {
	change
	Person string `arg:"" help:"Name, e-mail address or id"`
	Role   string `arg:"" help:"treasurer, facilitator or contact_person"`
	Off    bool   `help:"Take it"`
}

// Help shows how to use it.
func (personRoleCmd) Help() string {
	return `
The last treasurer is removed only by the operator.

  goodstanding people role Ada facilitator
  goodstanding people role Ada treasurer --off`
}

// Run gives or takes a role.
func (c personRoleCmd) Run(ctx context.Context, a *app) error {
	role, err := roleOf(c.Role)
	if err != nil {
		return err
	}
	return a.person(ctx, c.Person, c.change, func(d *desk, by roll.By, id member.PersonID) error {
		if err := d.roll.SetRole(ctx, by, id, role, !c.Off); err != nil {
			return err
		}
		words := "%s is %s now."
		if c.Off {
			words = "%s is no longer %s."
		}
		return d.done(roll.Report{}, map[string]any{"person": id}, words, clean(c.Person), strings.ReplaceAll(string(role), "_", " "))
	})
}

// person runs a change about one person.
func (a *app) person(ctx context.Context, word string, c change, f func(d *desk, by roll.By, id member.PersonID) error) error {
	return a.at(ctx, needStore, func(d *desk) error {
		id, err := d.roll.FindPerson(ctx, word)
		if err != nil {
			return err
		}
		by, err := d.by(ctx, c)
		if err != nil {
			return err
		}
		return f(d, by, id)
	})
}

type delegateCmd struct {
	change
	Person string `arg:"" help:"Name, e-mail address or id"`
	Member string `arg:"" help:"The member"`
	Off    bool   `help:"No longer"`
}

// Help shows how to use it.
func (delegateCmd) Help() string {
	return `
Any delegate may act for the member; the member has one vote. A treasurer cannot
make himself a delegate.

  goodstanding people delegate Bo alfa
  goodstanding people delegate Bo alfa --off`
}

// Run makes a delegate.
func (c delegateCmd) Run(ctx context.Context, a *app) error {
	return a.person(ctx, c.Person, c.change, func(d *desk, by roll.By, id member.PersonID) error {
		m, err := d.roll.Find(ctx, c.Member)
		if err != nil {
			return err
		}
		if err := d.roll.SetDelegate(ctx, by, id, m, !c.Off); err != nil {
			return err
		}
		words := "%s is delegate of %s."
		if c.Off {
			words = "%s is no longer delegate of %s."
		}
		return d.done(roll.Report{}, map[string]any{"person": id, "member": m}, words, clean(c.Person), d.name(ctx, m))
	})
}

type confirmCmd struct {
	change
	second
	Person string `arg:"" help:"Name, e-mail address or id of the new delegate"`
	Member string `arg:"" help:"The member"`
}

// Help says who may.
func (confirmCmd) Help() string {
	return `
A delegate who was added while a decision is open may act in it only when another
delegate of the member has confirmed it. Where a member has neither another delegate
nor a contact, a facilitator and a --second person of another member confirm it.

  goodstanding people confirm Bo alfa --as Ada --reason "one of us"
  goodstanding people confirm Bo alfa --as Fay --second Sol --reason "rang the office"`
}

// Run confirms.
func (c confirmCmd) Run(ctx context.Context, a *app) error {
	return a.at(ctx, needStore, func(d *desk) error {
		id, err := d.roll.FindPerson(ctx, c.Person)
		if err != nil {
			return err
		}
		m, err := d.roll.Find(ctx, c.Member)
		if err != nil {
			return err
		}
		by, err := d.two(ctx, c.change, c.second)
		if err != nil {
			return err
		}
		if err := d.roll.ConfirmDelegate(ctx, by, id, m); err != nil {
			return err
		}
		return d.done(roll.Report{}, map[string]any{"person": id, "member": m}, "%s is confirmed as delegate of %s.", clean(c.Person), d.name(ctx, m))
	})
}

type personRemoveCmd struct {
	change
	Person string `arg:"" help:"Name, e-mail address or id"`
}

// Help shows how to use it.
func (personRemoveCmd) Help() string {
	return `
Ends all roles and delegations, signs the person out everywhere and erases name,
address and Matrix id. What he or she did stays, by id. It cannot be undone: who comes
back is added anew. The reason stays to be read and must not name the person.

  goodstanding people remove Ada --reason "left the federation"`
}

// Run removes.
func (c personRemoveCmd) Run(ctx context.Context, a *app) error {
	return a.person(ctx, c.Person, c.change, func(d *desk, by roll.By, id member.PersonID) error {
		if err := a.confirm("Remove this person with all roles?"); err != nil {
			return err
		}
		return d.erased(ctx, map[string]any{"person": id}, "Removed.", func() error { return d.roll.RemovePerson(ctx, by, id) })
	})
}
