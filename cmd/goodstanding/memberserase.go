package main

import (
	"context"

	"coopcloud.tech/goodstanding/member"
	"coopcloud.tech/goodstanding/roll"
)

type eraseCmd struct {
	change
	memberArg
}

// Help says what goes and what stays.
func (eraseCmd) Help() string {
	return `
Erases names, contacts, profile, logo and application of a member that has left, the
reasons of its entries, and names and addresses of the accounts that it paid by. Its
payments, standings and answers stay, by id, and so does what stands in a published
record. It cannot be undone: who comes back is added anew. The reason stays to be read
and must not name the member. A person who acted for it is erased by people remove.
Keep the lines that are printed beside the backups: an older one has it still.

  goodstanding members erase hildegard --reason "asked for by mail"`
}

// Run erases.
func (c eraseCmd) Run(ctx context.Context, a *app) error {
	return a.about(ctx, c.Member, func(d *desk) (roll.By, error) { return d.because(ctx, c.change) }, func(d *desk, by roll.By, id member.ID) error {
		a.note.line("Erased is what %s could be recognised by. That cannot be undone.", d.name(ctx, id))
		if err := a.confirm("Erase this member?"); err != nil {
			return err
		}
		return d.erased(ctx, map[string]any{"member": id}, "Erased. What stays of it goes by "+string(id)+".", func() error { return d.roll.EraseMember(ctx, by, id) })
	})
}

type eraseAccountCmd struct {
	change
	Account string `arg:"" help:"The account's slug or id"`
}

// Help says what it is for.
func (eraseAccountCmd) Help() string {
	return `
Erases names and addresses of an Open Collective account that is no member's. Open
Collective goes on showing who has paid: readings leave its names out until it is
linked to a member. Its payments stay, by id; the reason stays to be read. Keep the
line that is printed beside the backups: an older one has it still.

  goodstanding members erase-account kind-stranger --reason "asked for by mail"`
}

// Run erases.
func (c eraseAccountCmd) Run(ctx context.Context, a *app) error {
	return a.at(ctx, needStore, func(d *desk) error {
		acc, err := d.roll.FindAccount(ctx, c.Account)
		if err != nil {
			return err
		}
		by, err := d.because(ctx, c.change)
		if err != nil {
			return err
		}
		a.note.line("Erased are names and addresses of the account %s. That cannot be undone.", acc)
		if err := a.confirm("Erase names and addresses of this account?"); err != nil {
			return err
		}
		return d.erased(ctx, map[string]any{"account": acc}, "Erased. What stays of it goes by "+string(acc)+".", func() error { return d.roll.EraseAccount(ctx, by, acc) })
	})
}
