package fakeoc

import (
	"encoding/json"

	"coopcloud.tech/goodstanding/internal/instant"
)

var activityFields = fields{
	"id":          plain(func(a *Activity) any { return &a.ID }),
	"type":        plain(func(a *Activity) any { return &a.Type }),
	"createdAt":   plain(func(a *Activity) any { return &a.Created }),
	"isSystem":    plain(func(a *Activity) any { return a.System }),
	"data":        plain(func(*Activity) any { return json.RawMessage("{}") }),
	"fromAccount": of(func(x *run, a *Activity, _ given) (any, error) { return x.shown(a.From) }),
	"account":     of(func(x *run, a *Activity, _ given) (any, error) { return x.shown(a.Of) }),
	"order": plain(func(a *Activity) any {
		if a.Order == nil {
			return nil
		}
		return a.Order
	}),
}

// rootActivities are for administrators: whoever is none of an asked account
// gets null instead of rows.
func (x *run) rootActivities(args given) (any, error) {
	if x.viewer() == nil {
		return nil, refusal{"Unauthorized", "You need to be logged in to manage account"}
	}
	if err := x.scoped("account"); err != nil {
		return nil, err
	}
	if err := tooMany(args, 1000, "1,000 activities"); err != nil {
		return nil, err
	}
	of := map[*Account]bool{}
	for _, ref := range args.list("account") {
		m, _ := ref.(map[string]any)
		a, err := x.refer(m)
		if err != nil {
			return nil, err
		}
		if !x.administers(x.viewer(), a) {
			return &page{limit: args.number("limit"), offset: args.number("offset")}, nil
		}
		of[a] = true
	}
	from, err := args.at("dateFrom")
	if err != nil {
		return nil, err
	}
	to, err := args.at("dateTo")
	if err != nil {
		return nil, err
	}
	var rows []*Activity
	types := args.choice("type")
	all := types.has("ACTIVITY_ALL")
	for _, a := range x.World.activities {
		if (all || types.has(a.Type)) && (of[a.Of] || of[a.From]) && (from == 0 || a.Created >= from) && (to == 0 || a.Created <= to) {
			rows = append(rows, a)
		}
	}
	p := pageOf(rows, args)
	p.nodes = func() []any {
		sorted(rows, args.object("orderBy"), args, func(a *Activity) instant.Instant { return a.Created }, func(*Activity) int64 { return 0 })
		return items(cut(rows, args))
	}
	return p, nil
}
