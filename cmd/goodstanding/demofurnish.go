package main

import (
	"context"
	"image/color"

	"coopcloud.tech/goodstanding/roll"
)

// furnished are entries of the provider list, for who looks at the demo's pages.
var furnished = []struct {
	member string
	roll.Profile
}{
	{"birch-hosting-co-op", roll.Profile{URL: "https://birch.example.org/", Summary: "Hosting on machines that we own, for groups that want to know where their data is.", ContactLabel: "Write to Birch",
		ContactHref: "mailto:hello@birch.example.org", Place: "Leeds", Services: []string{"hosting", "backups", "e-mail"}, Languages: []string{"en", "cy"}}},
	{"clover-web-co-op", roll.Profile{URL: "https://clover.example.org/", Summary: "Websites for co-operatives, from the first sketch to the day-to-day care.", ContactHref: "https://clover.example.org/contact",
		Place: "Valencia", Services: []string{"websites", "design"}, Languages: []string{"es", "ca", "en"}}},
	{"dandelion-it", roll.Profile{URL: "https://dandelion.example.org/", Summary: "We move groups away from big platforms, and stay until everybody finds their way.", ContactLabel: "Ask in our room",
		ContactHref: "matrix:r/help:dandelion.example.org", Place: "Glasgow", Services: []string{"migration", "training", "hosting"}, Languages: []string{"en", "gd"}}},
	{"fern-radio-co-op", roll.Profile{URL: "https://fern.example.org/", Summary: "Streaming and podcasts for community radio.", ContactHref: "mailto:studio@fern.example.org", Place: "Bristol",
		Services: []string{"streaming", "hosting"}, Languages: []string{"en", "pt"}}},
	{"gorse-maps-co-op", roll.Profile{URL: "https://gorse.example.org/", Summary: "Maps that you may copy, print and keep.", ContactHref: "https://gorse.example.org/", Place: "Cork",
		Services: []string{"maps", "websites"}, Languages: []string{"en", "ga", "fr"}}},
}

// furnish adds to the story's end what its pages would lack: a provider list,
// opportunities, and what the federation says of itself.
func (s *show) furnish(ctx context.Context) error {
	f := &s.d.cfg.Federation
	f.About = "Nine small co-operatives and people who run computers for others, share what that costs, and decide together."
	f.PayURL = "https://example.org/contribute"
	f.Code = CodeOfCooperation{Name: "Our code of co-operation", URL: "https://example.org/code", ContactPeople: []string{"Fay (Fern Radio), fay@example.org", "Hazel, hazel@example.org"}}
	by, err := s.d.by(ctx, change{Reason: "to look at the demo's pages"})
	if err != nil {
		return err
	}
	r := s.d.roll
	for _, one := range furnished {
		id, err := r.Find(ctx, one.member)
		if err != nil {
			return err
		}
		if _, err := r.SetProfile(ctx, by, id, one.Profile); err != nil {
			return err
		}
		if _, err := r.Consent(ctx, by, id, true, 0, "said so at the meeting"); err != nil {
			return err
		}
		if _, err := r.Approve(ctx, by, id); err != nil {
			return err
		}
	}
	if err := s.furnishLogo(ctx, by, furnished[0].member); err != nil {
		return err
	}
	if err := r.PublishProviders(ctx, by, true); err != nil {
		return err
	}
	gorse, err := r.Find(ctx, "gorse-maps-co-op")
	if err != nil {
		return err
	}
	for _, o := range []roll.NewOpportunity{
		{Title: "A map of community gardens", Summary: "A council wants a map that residents keep up to date themselves.\n\nWe look for somebody who has built forms for phones before.",
			Contact: "work@gorse.example.org", URL: "https://gorse.example.org/gardens", Budget: "about £4,000", Member: gorse, PublicFrom: s.script.Now().Add(furnishing)},
		{Title: "Moving a choir's e-mail", Summary: "Forty mailboxes, before the autumn.", Contact: "Ask Tess", Budget: "£600"},
	} {
		if _, err := r.PostOpportunity(ctx, by, o); err != nil {
			return err
		}
	}
	return nil
}

// furnishLogo uploads a logo for a member, so that the pages show one.
func (s *show) furnishLogo(ctx context.Context, by roll.By, of string) error {
	picture, err := demoLogo(color.NRGBA{R: 14, G: 95, B: 89, A: 255}, color.NRGBA{R: 240, G: 166, B: 58, A: 255})
	if err != nil {
		return err
	}
	id, err := s.d.roll.Find(ctx, of)
	if err == nil {
		_, err = s.d.roll.SetLogo(ctx, by, id, picture)
	}
	return err
}
