package chair

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"

	"coopcloud.tech/goodstanding/decisions"
	"coopcloud.tech/goodstanding/internal/arrange"
	"coopcloud.tech/goodstanding/member"
	"coopcloud.tech/goodstanding/publish"
	"coopcloud.tech/goodstanding/roll"
	"coopcloud.tech/goodstanding/store"
)

// What an import does with a file.
const (
	ImportNew     = "new"       // a decision that was not known
	ImportAgain   = "changed"   // an imported one, of which the file says something else now
	ImportSame    = "unchanged" // it says what is stored
	ImportRefused = "refused"   // what was made here is not replaced
)

// Importing is what an import does with one file.
type Importing struct {
	File    publish.File
	Action  string
	ID      ID // "" for a decision that was not known, before it is stored
	Reasons []string

	event decisions.Event
}

// ImportFault says why nothing was imported: every file that cannot be, with all
// its reasons.
type ImportFault struct{ Rows []Importing }

func (e *ImportFault) Error() string {
	var parts []string
	for _, r := range e.Rows {
		parts = append(parts, fmt.Sprintf("%s (decision %d): %s", r.File.Path, r.File.Number, strings.Join(r.Reasons, "; ")))
	}
	return "nothing was imported: " + strings.Join(parts, "; ")
}

// Import enters what files say of decisions that were made, or begun, elsewhere:
// all of them or, with an *ImportFault, none. A file that says what is stored
// changes nothing. It tells nobody anything, ever (domain.md, section 5). With
// dry nothing is written, and what could not be imported is told in the rows.
func (c *Chair) Import(ctx context.Context, actor member.Actor, files []publish.File, dry bool) (rows []Importing, err error) {
	if dry {
		err = c.db.View(ctx, func(tx *store.Tx) error {
			rows, err = c.planImport(ctx, tx, actor, files)
			return err
		})
		return rows, importError(err)
	}
	if _, err := c.CloseDue(ctx); err != nil {
		return nil, err
	}
	err = c.db.InTx(ctx, store.Decisions, c.now(), func(tx *store.Tx) error {
		if rows, err = c.planImport(ctx, tx, actor, files); err != nil {
			return err
		}
		fault := &ImportFault{}
		for _, r := range rows {
			if r.Action == ImportRefused {
				fault.Rows = append(fault.Rows, r)
			}
		}
		if len(fault.Rows) > 0 {
			return fault
		}
		for i := range rows {
			if err := c.enter(ctx, tx, &rows[i]); err != nil {
				return err
			}
		}
		return nil
	})
	return rows, importError(err)
}

func importError(err error) error {
	var fault *ImportFault
	var register *roll.Refused
	if err == nil || errors.As(err, &fault) || errors.As(err, &register) {
		return err
	}
	return fmt.Errorf("import decisions: %w", err)
}

// planImport says what is done with each file, by number.
func (c *Chair) planImport(ctx context.Context, tx *store.Tx, actor member.Actor, files []publish.File) ([]Importing, error) {
	by, err := importer(ctx, tx, actor)
	if err != nil {
		return nil, err
	}
	rows := make([]Importing, 0, len(files))
	first := map[int]string{}
	twice := map[int][]string{}
	for i := range files {
		f := &files[i]
		if _, seen := first[f.Number]; !seen {
			first[f.Number] = f.Path
		} else {
			twice[f.Number] = append(twice[f.Number], f.Path)
		}
	}
	for _, f := range files {
		row := Importing{File: f, event: decisions.Event{Kind: decisions.Import, By: by, Number: f.Number, Words: f.Told}}
		proposal, imported := f.Proposal, f.Imported
		row.event.Proposal, row.event.Imported = &proposal, &imported
		if err := c.weigh(ctx, tx, &row); err != nil {
			return nil, err
		}
		if others := twice[f.Number]; len(others) > 0 {
			row.Action = ImportRefused
			row.Reasons = append(row.Reasons, fmt.Sprintf("%d files have this number: %s", 1+len(others), strings.Join(append([]string{first[f.Number]}, others...), ", ")))
		}
		rows = append(rows, row)
	}
	arrange.By(rows, func(a, b Importing) int { return cmp.Compare(a.File.Number, b.File.Number) })
	return rows, nil
}

// importer is who imports, with the roles that stand in this transaction.
func importer(ctx context.Context, tx *store.Tx, actor member.Actor) (decisions.Party, error) {
	by := decisions.Party{Person: member.PersonID(actor.ID), Operator: actor.Operator}
	if actor.Operator {
		return by, nil
	}
	people, err := tx.People(ctx)
	for _, p := range people {
		if p.ID == by.Person {
			by.Facilitator = slices.Contains(p.Roles, member.Facilitator)
		}
	}
	return by, err
}

// weigh says what one file does to what is stored.
func (c *Chair) weigh(ctx context.Context, tx *store.Tx, row *Importing) error {
	head, known, err := tx.DecisionNumbered(ctx, int64(row.File.Number))
	if err != nil {
		return err
	}
	d := decisions.New(c.zone)
	if known {
		row.ID = ID(head.Decision)
		o := &opened{c: c, tx: tx, id: row.ID}
		if err := o.read(ctx); err != nil {
			return err
		}
		d = o.d
		same := d.Untaken() && d.Tells(&row.event)
		if !same && !d.Untaken() { // this program's own page of it tells nothing new
			p, err := c.printed(ctx, tx, row.ID)
			if err != nil {
				return err
			}
			same = p.Public() && p.Markdown() == row.File.Text
		}
		if same {
			row.Action = ImportSame
			return nil
		}
	}
	row.event.At = max(c.now(), d.Last)
	_, err = d.Apply(row.event)
	var no *decisions.Refusal
	switch {
	case errors.As(err, &no):
		row.Action = ImportRefused
		for _, r := range no.Reasons {
			text := r.Text
			if r.Code == decisions.WrongState { // it runs: other files' words would not help
				text = fmt.Sprintf("it is %s here, and no file replaces it", d.State.Words())
			}
			row.Reasons = append(row.Reasons, text)
		}
		return nil
	case err != nil:
		return err
	}
	row.Action = ImportNew
	if known {
		row.Action = ImportAgain
	}
	return nil
}

// enter stores what one file says.
func (c *Chair) enter(ctx context.Context, tx *store.Tx, row *Importing) error {
	if row.Action == ImportSame {
		return nil
	}
	var o *opened
	var err error
	if row.ID == "" {
		row.ID = ID(c.newID("de"))
		o, err = c.begun(ctx, tx, row.ID)
	} else {
		o, err = c.take(ctx, tx, row.ID)
	}
	if err != nil {
		return err
	}
	row.event.At = max(tx.Now(), o.d.Last)
	after, err := o.d.Apply(row.event)
	if err != nil {
		return err
	}
	return o.write(ctx, []decisions.Event{row.event}, after)
}

// begun is a decision without an entry.
func (c *Chair) begun(ctx context.Context, tx *store.Tx, id ID) (*opened, error) {
	row, err := tx.AddDecision(ctx, string(id), c.zone.String())
	if err != nil {
		return nil, err
	}
	o := &opened{c: c, tx: tx, id: id, row: row, d: decisions.New(c.zone)}
	o.head, _, err = tx.LockDecision(ctx, string(id))
	return o, err
}
