package main

import (
	"context"
	"fmt"

	"coopcloud.tech/goodstanding/internal/instant"
	"coopcloud.tech/goodstanding/member"
	"coopcloud.tech/goodstanding/roll"
)

// demoLink signs an invented person in.
type demoLink struct{ as, link string }

// visitors are the demo's pages. Its links are shown, not mailed: the people are
// invented, and nothing else ever does this.
func (s *show) visitors(ctx context.Context, url string, end instant.Instant) (*visitors, []demoLink, error) {
	o := s.d.signInOptions()
	o.BaseURL, o.Federation, o.PlainCookies = url, "The demo", true
	began := s.d.app.env.Clock() // links and sessions end, although the story's clock stands still
	o.Now = func() instant.Instant { return end.Add(s.d.app.env.Clock().Sub(began)) }
	o.ShowLinks = func(link string) { s.p.line("A link was asked for: %s", link) }
	v, err := s.d.visitors(o, nil)
	if err != nil {
		return nil, nil, err
	}
	links, err := s.links(ctx, v)
	return v, links, err
}

// links adds people who may do different things, and makes a link for each.
func (s *show) links(ctx context.Context, v *visitors) (out []demoLink, err error) {
	by, err := s.d.by(ctx, change{Reason: "to look at the demo in a browser"})
	if err != nil {
		return nil, err
	}
	all, err := s.d.roll.View(ctx, roll.Query{})
	if err != nil || len(all.Rows) == 0 {
		return nil, err
	}
	of := all.Rows[0]
	for _, one := range []struct {
		as string
		p  roll.NewPerson
	}{
		{"treasurer", roll.NewPerson{Name: "Tara Example", Email: "treasurer@people.example", Roles: []member.Role{member.Treasurer}}},
		{"delegate of " + clean(of.Name), roll.NewPerson{Name: "Dee Example", Email: "delegate@people.example", DelegateOf: []member.ID{of.ID}}},
		{"facilitator", roll.NewPerson{Name: "Fay Example", Email: "facilitator@people.example", Roles: []member.Role{member.Facilitator}}},
		{"somebody with no role, delegate of nobody", roll.NewPerson{Name: "Noor Example", Email: "nobody@people.example"}},
	} {
		id, err := s.d.roll.AddPerson(ctx, by, one.p)
		if err != nil {
			return nil, err
		}
		link, _, err := v.signin.PrintLink(ctx, by, id)
		if err != nil {
			return nil, fmt.Errorf("make a link into the demo: %w", err)
		}
		out = append(out, demoLink{one.as, link})
	}
	return out, nil
}
