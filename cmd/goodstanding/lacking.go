package main

import (
	"context"
	"fmt"

	"coopcloud.tech/goodstanding/chair"
	"coopcloud.tech/goodstanding/decisions"
)

// lackingAnswer is a decision to which answers may be missing, in JSON.
type lackingAnswer struct {
	ID       chair.ID        `json:"id"`
	Number   int             `json:"number"`
	State    decisions.State `json:"state"`
	Deadline decisions.Day   `json:"deadline"`
	Past     bool            `json:"past"`   // its deadline, at which it was not closed
	Stands   string          `json:"stands"` // by the answers that are here
}

// lacking are the decisions to which answers may be missing (chair.View.Lacking).
func (d *desk) lacking(ctx context.Context) ([]lackingAnswer, error) {
	all, err := d.chair().Lacking(ctx)
	now := d.app.env.Now()
	return mapped(all, func(v chair.View) lackingAnswer {
		x := &v.Decision
		return lackingAnswer{v.ID, x.Number, x.State, x.Deadline, now >= x.Ends(), v.Outcome.Stands()}
	}), err
}

// printLacking lists them after what is to be said of them.
func printLacking(p *printer, all []lackingAnswer, words string) {
	if len(all) == 0 {
		return
	}
	p.wrap(0, p.warn("Answers may be missing.")+" "+words)
	t := &table{columns: []column{{title: "DECISION"}, {title: "STATE"}, {title: "UNTIL"}, {title: "BY THE ANSWERS THAT ARE HERE"}}}
	for _, x := range all {
		until := x.Deadline.String()
		if x.Past {
			until += ", past"
		}
		t.add(fmt.Sprintf("decision %d", x.Number), x.State.Words(), until, x.Stands)
	}
	t.print(p)
	p.line("")
}
