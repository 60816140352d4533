package main

import (
	"bytes"
	"context"
	"fmt"
	"path/filepath"
	"regexp"
	"strings"
	"time"

	"coopcloud.tech/goodstanding/internal/instant"
)

// scene is what the members do on a day, as they would type it.
type scene struct {
	on    instant.Instant
	words string
	typed []line
}

// line is one command, and who types it.
type line struct {
	as      string // "" for whoever runs the program
	args    []string
	hushed  bool   // the command is left out, with what it prints: it is like the one before
	instead string // what is told in its place; "" for nothing
}

// at is nine o'clock UTC on a day of the story.
func at(month time.Month, day int) instant.Instant {
	return instant.Date(2026, month, day).Add(9 * time.Hour)
}

func by(as string, args ...string) line { return line{as: as, args: args} }

// delegates are who speaks for the members that the first reading has shown.
var delegates = []struct{ name, member string }{
	{"Ada", "birch-hosting-co-op"}, {"Bo", "clover-web-co-op"}, {"Dana", "dandelion-it"}, {"Eli", "elder-press-cic"},
	{"Fay", "fern-radio-co-op"}, {"Gus", "gorse-maps-co-op"}, {"Hazel", "hazel-example"}, {"Ira", "iris-care-co-op"},
}

// people adds those who act: a treasurer, and somebody for each member, one of
// them a facilitator.
func (s *show) people(ctx context.Context) error {
	s.heading("Who speaks for them")
	if err := s.typed(ctx, line{args: []string{"people", "add", "tess@people.example", "--name", "Tess", "--role", "treasurer", "--reason", "elected"}}); err != nil {
		return err
	}
	for i, d := range delegates {
		if err := s.typed(ctx, line{args: speaker(d.name, d.member), hushed: i > 0}); err != nil {
			return err
		}
	}
	s.p.line("%s", s.p.dim("The same for the others: Fay, a facilitator too, and each with an address of its own."))
	return nil
}

func speaker(name, of string) []string {
	args := []string{"people", "add", strings.ToLower(name) + "@people.example", "--name", name, "--delegate-of", of, "--reason", "named by the member"}
	if name == "Fay" {
		args = append(args, "--role", "facilitator")
	}
	return args
}

// scenes are the decisions of the story: a medium one that passes by silence
// while Open Collective is down, and a large one in which a member that has
// lapsed is refused, and another blocks, until the text is amended.
func scenes() []scene {
	return []scene{
		{at(time.February, 23), "A medium decision: it goes ahead at its deadline unless a member objects", []line{
			{args: speaker("June", "juniper-seeds-co-op"), hushed: true},
			by("Ada", "decisions", "propose", "--size", "medium", "--title", "One calendar", "--changes", "We keep all our dates in one calendar.",
				"--affects", "all members", "--channel", "#general", "--until", "2026-03-04"),
			by("Ada", "decisions", "open", aDraft),
			by("Ada", "decisions", "announce", "1", "--place", "#general"),
			{args: []string{"decisions", "announcement", "1"}},
		}},
		{at(time.March, 5).Add(time.Hour), "Its deadline is past; nobody has objected", []line{
			{args: []string{"decisions", "list", "--all"}},
		}},
		{at(time.March, 23), "A large decision: everybody's answer is asked for", []line{
			by("Bo", "decisions", "propose", "--size", "large", "--title", "A backup host", "--changes", "We rent a host for backups, at £60.00 a month.",
				"--affects", "all members", "--channel", "#general", "--until", "2026-04-12"),
			by("Bo", "decisions", "open", aDraft),
			by("Bo", "decisions", "cast", "2", "favour"),
			by("Ada", "decisions", "cast", "2", "favour"),
			by("Fay", "decisions", "cast", "2", "block", "--because", "It eats half of the dues"),
			by("Dana", "decisions", "cast", "2", "favour"),
		}},
		{at(time.March, 27), "The proposer answers and amends: what was answered before has to be confirmed", []line{
			by("Bo", "decisions", "answer", "2", "1", "Half the size is enough for now"),
			by("Bo", "decisions", "amend", "2", "--changes", "We rent a small host for backups, at £20.00 a month."),
			by("Fay", "decisions", "cast", "2", "favour"),
			{as: "Ada", args: []string{"decisions", "cast", "2", "favour"}, hushed: true},
			{as: "Bo", args: []string{"decisions", "cast", "2", "favour"}, hushed: true},
			{as: "Eli", args: []string{"decisions", "cast", "2", "favour"}, hushed: true},
			{as: "Gus", args: []string{"decisions", "cast", "2", "favour"}, hushed: true},
			{as: "Ira", args: []string{"decisions", "cast", "2", "abstain"}, hushed: true,
				instead: "In the same way Ada, Bo, Eli and Gus confirm theirs, or answer for the first time; Ira abstains."},
			{args: []string{"decisions", "show", "2"}},
		}},
		{at(time.April, 2), "Who has a vote again is asked again", []line{
			by("Hazel", "decisions", "cast", "2", "favour"),
			by("June", "decisions", "cast", "2", "favour"),
		}},
		{at(time.April, 13), "Both decisions, and whether anybody has changed what was recorded", []line{
			{args: []string{"decisions", "show", "2"}},
			{args: []string{"decisions", "list", "--all"}},
			{args: []string{"verify"}},
		}},
		{at(time.June, 19), "Something to decide for whoever goes on with the demo", []line{
			by("Ada", "decisions", "propose", "--size", "large", "--title", "A meeting in autumn", "--changes", "We meet in October, for two days.",
				"--affects", "all members", "--channel", "#general", "--until", "2026-07-10"),
			by("Ada", "decisions", "open", aDraft),
		}},
	}
}

// nextScene is when the members act next; 0 for never again.
func (s *show) nextScene() instant.Instant {
	if len(s.scenes) == 0 {
		return 0
	}
	return s.scenes[0].on
}

// act shows the scenes whose time has come.
func (s *show) act(ctx context.Context) error {
	for len(s.scenes) > 0 && s.scenes[0].on <= s.script.Now() {
		next := s.scenes[0]
		s.scenes = s.scenes[1:]
		s.heading("%s: %s", minute(s.script.Now(), s.d.cfg.Federation.Zone), next.words)
		for _, l := range next.typed {
			if err := s.typed(ctx, l); err != nil {
				return err
			}
			s.pace(ctx, calm)
		}
		s.pace(ctx, reading)
	}
	return nil
}

// aDraft stands for the draft that was made last.
const aDraft = "DRAFT"

// draftID is how propose tells a draft's id; hashOf is where an entry's hash begins.
var (
	draftID = regexp.MustCompile(`de_\w+`)
	hashOf  = regexp.MustCompile(`\b[0-9a-f]{64}\b`)
)

// typed carries out a command line on the demo's store as if it had been typed,
// and shows it with what it prints. A refusal is part of the story; anything else
// that goes wrong ends it. Hashes hold randomness and would be others each time:
// they are left out.
func (s *show) typed(ctx context.Context, l line) error {
	args := mapped(l.args, func(word string) string {
		if word == aDraft {
			return s.draft
		}
		return word
	})
	if l.as != "" {
		args = append(args, "--as", l.as)
	}
	if !l.hushed {
		s.command(strings.Join(mapped(args, quoted), " "))
	}
	var said bytes.Buffer
	env := s.d.app.env
	env.Stdout, env.Stderr, env.Terminal, env.Width = &said, &said, false, s.p.width
	env.Environ = []string{"GOODSTANDING_OC_SLUG=" + s.script.Collective(), "GOODSTANDING_DATA=" + s.d.cfg.Data,
		"GOODSTANDING_DATABASE=sqlite://" + filepath.Join(s.d.cfg.Data, databaseName), "GOODSTANDING_LOG_LEVEL=warn"}
	switch code := Run(ctx, args, env); code {
	case exitOK, exitRefused:
	default:
		return fmt.Errorf("the demo's own %s failed (%d): %s", strings.Join(args[:2], " "), code, strings.TrimSpace(said.String()))
	}
	if id := draftID.FindString(said.String()); id != "" {
		s.draft = id
	}
	if l.instead != "" {
		s.p.line("%s", s.p.dim(l.instead))
	}
	if !l.hushed {
		for _, text := range strings.Split(strings.TrimRight(hashOf.ReplaceAllString(said.String(), "…"), "\n"), "\n") {
			s.p.line("%s", text)
		}
	}
	return nil
}

// quoted is a word as a shell wants it.
func quoted(word string) string {
	if strings.ContainsAny(word, " #£*$'\"") || word == "" {
		return `"` + word + `"`
	}
	return word
}
