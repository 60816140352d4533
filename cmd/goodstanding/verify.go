package main

import (
	"context"
	"fmt"

	"coopcloud.tech/goodstanding/chair"
	"coopcloud.tech/goodstanding/store"
)

type verifyCmd struct{}

// Help says what it looks at.
func (verifyCmd) Help() string {
	return `
Recomputes the hash chain of everything that people did and that of every
decision, from the beginning, and tells the first link that does not fit. A
decision is also played again: what its entries say in public has to be what
happened. Exit code 1 when anything is wrong.

  goodstanding verify`
}

// verifyAnswer is what was found, in JSON.
type verifyAnswer struct {
	OK        bool             `json:"ok"`
	Audit     chainAnswer      `json:"audit"`
	Decisions []verifiedAnswer `json:"decisions"`
}

type chainAnswer struct {
	OK       bool   `json:"ok"`
	Entries  int64  `json:"entries"`
	Head     string `json:"head"`
	BrokenAt int64  `json:"broken_at,omitempty"`
	Why      string `json:"why,omitempty"`
}

type verifiedAnswer struct {
	ID     string `json:"id"`
	Number int64  `json:"number,omitempty"`
	chainAnswer
}

// Run verifies.
func (verifyCmd) Run(ctx context.Context, a *app) error {
	return a.at(ctx, needStore, func(d *desk) error {
		var audit store.AuditReport
		err := d.db.View(ctx, func(tx *store.Tx) (err error) {
			audit, err = tx.VerifyAudit(ctx)
			return err
		})
		if err != nil {
			return err
		}
		all, err := d.chair().Verify(ctx)
		if err != nil {
			return err
		}
		out := verifyAnswer{OK: audit.OK(), Audit: chainAnswer{audit.OK(), audit.Rows, audit.Head, audit.BrokenAt, audit.Why}, Decisions: []verifiedAnswer{}}
		for _, v := range all {
			out.OK = out.OK && v.OK()
			out.Decisions = append(out.Decisions, verifiedAnswer{v.Decision, v.Number, verifiedOf(v)})
		}
		if a.cli.JSON {
			if err := a.out.json(out); err != nil {
				return err
			}
		} else {
			printVerified(a.out, &out)
		}
		if !out.OK {
			return silent{exitFailed}
		}
		return a.out.err
	})
}

func verifiedOf(v chair.Verified) chainAnswer {
	out := chainAnswer{v.OK(), v.Entries, v.Head, v.BrokenAt, v.Why}
	if v.Wrong != "" {
		out.Why = v.Wrong
	}
	return out
}

func printVerified(p *printer, out *verifyAnswer) {
	t := &table{columns: []column{{title: "CHAIN"}, {title: "ENTRIES", right: true}, {title: "WHOLE"}, {title: "ENDS WITH"}}}
	add := func(name string, c chainAnswer) {
		whole := "yes"
		switch {
		case c.BrokenAt > 0:
			whole = p.warn(fmt.Sprintf("no, at entry %d: %s", c.BrokenAt, c.Why))
		case !c.OK:
			whole = p.warn("no: " + c.Why)
		}
		t.add(name, fmt.Sprint(c.Entries), whole, c.Head)
	}
	add("what people did", out.Audit)
	for _, d := range out.Decisions {
		name := "draft " + d.ID
		if d.Number > 0 {
			name = fmt.Sprintf("decision %d", d.Number)
		}
		add(name, d.chainAnswer)
	}
	t.print(p)
}
