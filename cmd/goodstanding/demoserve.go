package main

import (
	"context"
	"strings"
	"time"

	"golang.org/x/sync/errgroup"

	"coopcloud.tech/goodstanding/api"
	"coopcloud.tech/goodstanding/internal/instant"
	"coopcloud.tech/goodstanding/roll"
)

// furnishing is how long the demo's clock goes on at the story's end, so that what
// is added there has happened.
const furnishing = time.Second

// serve answers over HTTP what the story came to, until the context
// ends. The clock stands still there, so that nothing goes stale while one looks.
func (s *show) serve(ctx context.Context, d *door, front *front) error {
	token, err := s.key(ctx)
	if err == nil {
		err = s.furnish(ctx)
	}
	if err != nil {
		return err
	}
	end := s.script.Now().Add(2 * furnishing)
	var answers *api.API
	memory := func(instant.Instant) (api.Memory, bool) { return answers.Memory(end) }
	v, links, err := s.visitors(ctx, d.url(), end, memory)
	if err != nil {
		return err
	}
	answers, err = api.New(api.Options{
		Roll: s.d.roll, Chair: s.d.chair(), DB: s.d.db, Now: func() instant.Instant { return end }, Zone: s.d.cfg.Federation.Zone,
		Federation: api.Federation{Name: "The demo"}, SignedIn: v.signin.SignedIn, Log: s.d.log,
	})
	if err == nil {
		err = answers.Refresh(ctx)
	}
	if err != nil {
		return err
	}
	front.serve(v.pages.Before(answers.Handler()))
	s.served(d.url(), token, links)
	g, work := errgroup.WithContext(ctx)
	g.Go(func() error { return d.serve(work) })
	g.Go(func() error {
		answers.Watch(work)
		return nil
	})
	g.Go(func() error {
		v.run(work)
		return nil
	})
	return g.Wait()
}

// key is a token that opens everything. The members are invented, and
// its store goes with the demo.
func (s *show) key(ctx context.Context) (string, error) {
	by, err := s.d.by(ctx, change{Reason: "to look at the demo over HTTP"})
	if err != nil {
		return "", err
	}
	all := mapped(roll.ProgramScopes(), func(x roll.Scope) string { return string(x) })
	text, _, err := s.d.roll.CreateToken(ctx, by, "demo", all, 0)
	return text, err
}

// served says what to look at.
func (s *show) served(url, token string, links []demoLink) {
	s.heading("Served at %s until you press control-C", url)
	s.p.line("In a browser: %s", url)
	for _, path := range []string{"/api/v1/members.md", "/api/v1/policy", "/api/v1/decisions", "/api/v1/decisions/2/record", "/api/v1/openapi.yaml", "/readyz"} {
		s.p.line("  curl %s%s", url, path)
	}
	s.p.line("With a token, which this demo made:")
	for _, path := range []string{"/api/v1/roll", "/api/v1/members/" + s.who + "/eligibility", "/api/v1/syncs"} {
		s.p.line("  curl -H 'Authorization: Bearer %s' %s%s", token, url, path)
	}
	s.p.line("Sign in, each link once, within 15 minutes; links that %s/sign-in is asked for are shown here:", url)
	for _, l := range links {
		s.p.line("  as %s", l.as)
		s.p.line("  %s", l.link)
	}
	s.p.line("%s", strings.TrimSpace("The clock stands still at the story's end, "+minute(s.script.Now(), s.d.cfg.Federation.Zone)+"."))
}
