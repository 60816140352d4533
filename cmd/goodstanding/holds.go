package main

import (
	"context"

	"coopcloud.tech/goodstanding/roll"
)

// holdsCmd is goodstanding holds.
type holdsCmd struct {
	Show        holdsShowCmd       `cmd:"" help:"What is held, for whom and why"`
	Acknowledge holdAcknowledgeCmd `cmd:"" help:"End a hold: those it still keeps lose their rights now"`
}

type holdsShowCmd struct {
	All bool `help:"Also those that were acknowledged"`
}

// Help says what a hold is.
func (holdsShowCmd) Help() string {
	return `
When one reading of Open Collective would take rights from many members at once,
nobody loses anything until somebody has looked: that is a hold. It ends by
itself for whoever pays.

  goodstanding holds show
  goodstanding holds show --all`
}

// Run shows the holds.
func (c holdsShowCmd) Run(ctx context.Context, a *app) error {
	return a.at(ctx, needStore, func(d *desk) error {
		holds, err := d.roll.Holds(ctx, c.All)
		if err != nil {
			return err
		}
		if a.cli.JSON {
			return a.out.json(mapped(holds, holdOf))
		}
		if len(holds) == 0 {
			a.out.line("Nothing is held.")
		}
		for i, h := range holds {
			if i > 0 {
				a.out.line("")
			}
			d.printHold(h)
		}
		return a.out.err
	})
}

func (d *desk) printHold(h roll.Hold) {
	p, zone := d.app.out, d.cfg.Federation.Zone
	p.line("%s set on %s", p.bold(h.ID), minute(h.SetAt, zone))
	p.wrap(0, "Likely cause: "+h.Likely+".")
	t := &table{columns: []column{{title: "MEMBER", least: 10}, {title: "KEPT AS"}, {title: "WOULD BE"}, {title: "HELD"}}}
	for _, m := range h.Members {
		held := p.warn("yes")
		if m.Over {
			held = "no longer"
		}
		t.add(clean(m.Name), roll.WordsOf(m.Kept), paintState(p, m.Computed, roll.WordsOf(m.Computed)), held)
	}
	t.print(p)
	if h.AcknowledgedAt != 0 {
		p.line("Acknowledged on %s by %s: %s", minute(h.AcknowledgedAt, zone), clean(h.AcknowledgedBy), clean(h.Reason))
		return
	}
	p.line("If it is right that they lose their rights: goodstanding holds acknowledge %s --reason TEXT", h.ID)
}

type holdAcknowledgeCmd struct {
	change
	Hold string `arg:"" help:"The hold's id"`
}

// Help shows how to use it.
func (holdAcknowledgeCmd) Help() string {
	return `
  goodstanding holds acknowledge h_… --reason "the host moved; they were told"`
}

// Run acknowledges.
func (c holdAcknowledgeCmd) Run(ctx context.Context, a *app) error {
	return a.at(ctx, needStore, func(d *desk) error {
		holds, err := d.roll.Holds(ctx, false)
		if err != nil {
			return err
		}
		keeps := 0
		for _, h := range holds {
			if h.ID != c.Hold {
				continue
			}
			for _, m := range h.Members {
				if !m.Over {
					keeps++
				}
			}
			if !a.cli.JSON {
				d.printHold(h)
			}
		}
		by, err := d.because(ctx, c.change)
		if err != nil {
			return err
		}
		if keeps > 1 {
			if err := a.confirm("Let these members lose their rights now?"); err != nil {
				return err
			}
		}
		report, err := d.roll.Acknowledge(ctx, by, c.Hold)
		if err != nil {
			return err
		}
		return d.done(report, nil, "The hold %s is acknowledged.", clean(c.Hold))
	})
}
