package main

import (
	"context"
	"fmt"

	"coopcloud.tech/goodstanding/internal/instant"
	"coopcloud.tech/goodstanding/roll"
)

// demoLink signs an invented person in.
type demoLink struct{ as, link string }

// visitors are the demo's pages. Its links are shown, not mailed: the people are
// invented, and nothing else ever does this.
func (s *show) visitors(ctx context.Context, url string, end instant.Instant, memory remembering) (*visitors, []demoLink, error) {
	o := s.d.signInOptions()
	o.BaseURL, o.Federation, o.PlainCookies = url, "The demo", true
	began := s.d.app.env.Clock() // links and sessions end, although the story's clock stands still
	o.Now = func() instant.Instant { return end.Add(s.d.app.env.Clock().Sub(began)) }
	o.ShowLinks = func(link string) { s.p.line("A link was asked for: %s", link) }
	v, err := s.d.visitors(o, memory, nil, nil, nil, nil)
	if err != nil {
		return nil, nil, err
	}
	links, err := s.links(ctx, v)
	return v, links, err
}

// nobody is somebody with no role, who speaks for no member.
var nobody = roll.NewPerson{Name: "Noor", Email: "noor@people.example"}

// links makes a link for people of the story who may do different things.
func (s *show) links(ctx context.Context, v *visitors) (out []demoLink, err error) {
	by, err := s.d.by(ctx, change{Reason: "to look at the demo in a browser"})
	if err != nil {
		return nil, err
	}
	if _, err := s.d.roll.AddPerson(ctx, by, nobody); err != nil {
		return nil, err
	}
	for _, who := range []struct{ as, name string }{
		{"Tess, treasurer", "Tess"}, {"Ada, delegate of Birch Hosting Co-op", "Ada"},
		{"Fay, facilitator and delegate of Fern Radio Co-op", "Fay"}, {"Noor, nobody: no role, delegate of no member", nobody.Name},
	} {
		id, err := s.d.roll.FindPerson(ctx, who.name)
		if err != nil {
			return nil, err
		}
		link, _, err := v.signin.PrintLink(ctx, by, id)
		if err != nil {
			return nil, fmt.Errorf("make a link into the demo: %w", err)
		}
		out = append(out, demoLink{who.as, link})
	}
	return out, nil
}
