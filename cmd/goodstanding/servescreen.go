package main

import (
	"context"
	"fmt"
	"os"

	"coopcloud.tech/goodstanding/roll"
)

// tell prints on one screen what the daemon uses and what is off.
func (s *server) tell(ctx context.Context) error {
	d := s.first.desk
	st, err := d.roll.Status(ctx)
	if err != nil {
		return err
	}
	if s.app.cli.JSON {
		return s.app.out.json(s.answer(&st))
	}
	p := s.app.out
	screen := &statusScreen{d: d, p: p, st: &st}
	p.line("%s", p.bold("goodstanding "+version()+" serves"+named(d.cfg.Federation.Name)))
	screen.labelled("Source", "%s, every %s", sourceWords(d.cfg), d.cfg.Every)
	if d.cfg.OCToken == "" {
		p.wrap(12, noToken)
	}
	screen.labelled("Database", "%s", d.db.Where())
	screen.dues()
	screen.labelled("Listening", "%s", s.doors[0].url())
	if d.cfg.PublicURL != "" {
		screen.labelled("", "reached by the world at %s", d.cfg.PublicURL)
	}
	screen.labelled("Metrics", "%s", s.metricsWords())
	proxies := d.cfg.proxyWords()
	if proxies == "" {
		proxies = "none"
	}
	screen.labelled("Proxies", "trusted: %s", proxies)
	if d.cfg.HookSecret != "" {
		screen.labelled("Webhook", "on, below /hooks/opencollective/")
	}
	screen.labelled("Sign-in", "%s", signInWords(d.cfg))
	screen.labelled("Room", "%s", roomWords(d.cfg))
	screen.running()
	for _, w := range d.cfg.Warnings {
		screen.labelled("Note", "%s", w)
	}
	p.line("Control-C stops it; kill -HUP %d makes it read settings and policy again.", os.Getpid())
	return p.err
}

// sourceWords is where the money is read.
func sourceWords(c *Config) string { return fmt.Sprintf("%s at %s", c.OCSlug, c.OCURL) }

func named(federation string) string {
	if federation == "" {
		return ""
	}
	return " " + clean(federation)
}

func (s *server) metricsWords() string {
	if len(s.doors) < 2 {
		return "off"
	}
	return s.doors[1].url() + "/metrics"
}

// answer is the screen of serve --json.
func (s *server) answer(st *roll.Status) map[string]any {
	c := s.first.desk.cfg
	out := map[string]any{
		"version": version(), "collective": c.OCSlug, "source": c.OCURL, "token": c.OCToken != "", "every": c.Every.String(),
		"database": s.first.desk.db.Where(), "policy": st.Policy.ID(), "listening": s.doors[0].url(), "public_url": c.PublicURL,
		"metrics": s.metricsWords(), "mails": st.NoticesStarted, "providers_published": st.ProvidersPublished,
		"trusted_proxies": c.proxyWords(), "webhook": c.HookSecret != "", "sign_in": filled(c.SignIn.words()), "room": c.matrixOptions().Room, "warnings": filled(c.Warnings), "pid": os.Getpid(),
	}
	return out
}
