package main

import (
	"fmt"
	"strings"

	"github.com/alecthomas/kong"
)

// The groups of commands and flags, in the order of --help.
var groups = []kong.Group{
	{Key: "daily", Title: "Every day"},
	{Key: "members", Title: "Members"},
	{Key: "decisions", Title: "Decisions"},
	{Key: "rules", Title: "Rules, holds and notices"},
	{Key: "people", Title: "People and the provider list"},
	{Key: "running", Title: "Running it"},
	{Key: "settings", Title: "Settings"},
	{Key: "change", Title: "Who and why"},
}

// help prints the help of the program or of one command.
func (a *app) help(_ kong.HelpOptions, ctx *kong.Context) error {
	p := a.out
	n := ctx.Selected()
	if n == nil {
		n = deepest(ctx)
	}
	if n == nil {
		a.helpRoot(ctx.Model)
		return p.err
	}
	p.line("%s", p.bold("Usage: ")+summary(n))
	p.line("")
	p.wrap(0, sentence(n.Help))
	if n.Detail != "" {
		p.line("")
		p.line("%s", strings.Trim(n.Detail, "\n"))
	}
	a.helpArguments(n)
	if len(n.Children) > 0 {
		p.line("")
		p.line("%s", p.bold("Commands"))
		var rows [][2]string
		for _, c := range n.Children {
			if !c.Hidden {
				rows = append(rows, [2]string{strings.TrimPrefix(summary(c), path(n)+" "), c.Help})
			}
		}
		p.pairs(rows)
	}
	a.helpFlags("Flags", n.Flags)
	if n.Parent != nil && n.Parent.Parent != nil {
		a.helpFlags("Flags of all "+path(n.Parent), n.Parent.Flags)
	}
	p.line("")
	p.line("Flags of every command and the exit codes: goodstanding --help")
	return p.err
}

func (a *app) helpArguments(n *kong.Node) {
	if len(n.Positional) == 0 {
		return
	}
	a.out.line("")
	a.out.line("%s", a.out.bold("Arguments"))
	var rows [][2]string
	for _, arg := range n.Positional {
		rows = append(rows, [2]string{strings.ToUpper(arg.Name), arg.Help})
	}
	a.out.pairs(rows)
}

func (a *app) helpFlags(title string, flags []*kong.Flag) {
	var rows [][2]string
	for _, f := range flags {
		if !f.Hidden {
			rows = append(rows, [2]string{flagForm(f), f.Help})
		}
	}
	if len(rows) == 0 {
		return
	}
	a.out.line("")
	a.out.line("%s", a.out.bold(title))
	a.out.pairs(rows)
}

// flagForm is a flag as it is typed.
func flagForm(f *kong.Flag) string {
	s := "--" + f.Name
	if f.Short != 0 {
		s = fmt.Sprintf("-%c, %s", f.Short, s)
	}
	if f.IsBool() {
		return s
	}
	return s + " " + placeholder(f)
}

func placeholder(f *kong.Flag) string {
	if f.PlaceHolder != "" {
		return f.PlaceHolder
	}
	return strings.ToUpper(f.Name)
}

// summary is how a command is typed, with its arguments.
func summary(n *kong.Node) string {
	s := path(n)
	if len(n.Children) > 0 {
		return s + " COMMAND"
	}
	for _, f := range n.Flags {
		if f.Required {
			s += " " + flagForm(f)
		}
	}
	for _, arg := range n.Positional {
		name := strings.ToUpper(arg.Name)
		if arg.IsCumulative() {
			name += "…"
		}
		if !arg.Required {
			name = "[" + name + "]"
		}
		s += " " + name
	}
	for _, f := range n.Flags {
		if !f.Required && !f.Hidden {
			return s + " [flags]"
		}
	}
	return s
}

// sentence ends a text with a full stop.
func sentence(s string) string {
	if s == "" || strings.HasSuffix(s, ".") || strings.HasSuffix(s, "?") {
		return s
	}
	return s + "."
}

func (a *app) helpRoot(model *kong.Application) {
	p := a.out
	p.line("%s", p.bold("Usage: ")+"goodstanding COMMAND [flags]")
	p.line("")
	p.wrap(0, model.Help)
	p.line("")
	p.line("%s", strings.Trim(firstSteps, "\n"))
	for _, g := range groups {
		var rows [][2]string
		for _, c := range model.Children {
			if !c.Hidden && c.Group != nil && c.Group.Key == g.Key {
				rows = append(rows, [2]string{c.Name, c.Help})
			}
		}
		if len(rows) > 0 {
			p.line("")
			p.line("%s", p.bold(g.Title))
			p.pairs(rows)
		}
	}
	a.helpSettings(model)
	p.line("")
	p.line("%s", p.bold("Exit codes"))
	var rows [][2]string
	for _, e := range exitCodes {
		rows = append(rows, [2]string{fmt.Sprint(e.code), e.what})
	}
	p.pairs(rows)
	p.line("")
	p.line("goodstanding COMMAND --help says more about a command, with examples.")
}

// helpSettings lists the flags of every command, then the settings with their variables.
func (a *app) helpSettings(model *kong.Application) {
	var own []*kong.Flag
	for _, f := range model.Flags {
		if f.Group == nil || f.Group.Key != "settings" {
			own = append(own, f)
		}
	}
	a.helpFlags("Flags of every command", own)
	a.out.line("")
	a.out.line("%s", a.out.bold("Settings")+": by flag, else environment ("+prefix+"OC_SLUG …), else settings file")
	var rows [][2]string
	for _, s := range settings {
		left := s.name
		if s.secret {
			left += " or " + s.name + "_FILE"
		}
		if f := s.ownFlag(); f != "" {
			left = f + ", " + left
		}
		rows = append(rows, [2]string{left, s.help + " [" + s.standard + "]"})
	}
	a.out.pairs(rows)
}

// ownFlag is the flag that sets it; a secret's names a file.
func (s setting) ownFlag() string {
	switch {
	case s.flag != "":
		return "--" + s.flag
	case s.secret:
		return "--" + dashed(s.name+"_FILE")
	}
	return ""
}

// dashed is a setting's name as a flag.
func dashed(name string) string { return strings.ReplaceAll(strings.ToLower(name), "_", "-") }

const firstSteps = `
  goodstanding demo                                     see it work, on invented members
  export GOODSTANDING_OC_SLUG=your-collective           the last part of its address
  goodstanding sync                                     read Open Collective
  goodstanding members adopt --all                      take over who pays
  goodstanding status                                   everything on one screen`
