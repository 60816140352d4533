package main

import (
	"context"

	"coopcloud.tech/goodstanding/member"
	"coopcloud.tech/goodstanding/roll"
)

type matrixCmd struct {
	change
	Person string `arg:"" help:"Name, e-mail address or id"`
	ID     string `arg:"" optional:"" name:"matrix-id" help:"@name:server"`
	Off    bool   `help:"Take it away"`
}

// Help says what it is good for.
func (matrixCmd) Help() string {
	return `
Whoever has the id votes by it, with signs on the announcements in the federation's
Matrix room: so only the person and the operator may note it, and an id belongs to
one person.

  goodstanding people matrix Bo @bo:example.org
  goodstanding people matrix Bo --off`
}

// Run notes it.
func (c matrixCmd) Run(ctx context.Context, a *app) error {
	if c.Off == (c.ID != "") {
		return &usageError{"say under which Matrix id, such as @bo:example.org, or --off to take it away"}
	}
	return a.person(ctx, c.Person, c.change, func(d *desk, by roll.By, id member.PersonID) error {
		if err := d.roll.SetMatrix(ctx, by, id, c.ID); err != nil {
			return err
		}
		words := "%s sets signs as %s."
		if c.Off {
			words = "%s sets no signs any more.%s"
		}
		return d.done(roll.Report{}, map[string]any{"person": id}, words, clean(c.Person), clean(c.ID))
	})
}
