package main

import (
	"fmt"
	"strings"

	"github.com/alecthomas/kong"
)

// explainUsage says what is wrong with a command line, naming the nearest
// command or flag, and where to read on.
func explainUsage(model *kong.Application, wrong *kong.ParseError) string {
	node := model.Node
	if wrong.Context != nil {
		if s := wrong.Context.Selected(); s != nil {
			node = s
		} else if c := deepest(wrong.Context); c != nil {
			node = c
		}
	}
	text := wrong.Error()
	switch {
	case strings.HasPrefix(text, "unexpected argument "):
		text = unknownCommand(model, node, firstWord(strings.TrimPrefix(text, "unexpected argument ")))
	case strings.HasPrefix(text, "unknown flag "):
		text = unknownFlag(model, node, firstWord(strings.TrimPrefix(text, "unknown flag ")))
	case strings.HasPrefix(text, "expected one of "):
		text = fmt.Sprintf("%s needs a command: %s", path(node), strings.Join(childNames(node), ", "))
	case strings.HasPrefix(text, "expected "):
		missing, _, _ := strings.Cut(strings.TrimPrefix(text, "expected "), ">")
		text = fmt.Sprintf("%s is missing: %s", strings.ToUpper(strings.Trim(missing, `"<`)), summary(node))
	}
	return fmt.Sprintf("%s (%s --help says more)", text, path(node))
}

// deepest is the last command that was understood.
func deepest(c *kong.Context) *kong.Node {
	var last *kong.Node
	for _, p := range c.Path {
		if p.Command != nil {
			last = p.Command
		}
	}
	return last
}

// firstWord cuts the parser's own guess off.
func firstWord(s string) string {
	word, _, _ := strings.Cut(s, ", did you mean")
	return strings.Trim(word, `"`)
}

func childNames(n *kong.Node) (out []string) {
	for _, c := range n.Children {
		if !c.Hidden {
			out = append(out, c.Name)
		}
	}
	return out
}

// unknownCommand names the nearest command, also one that stands deeper.
func unknownCommand(model *kong.Application, n *kong.Node, word string) string {
	if n.Parent != nil && n.Parent.DefaultCmd == n { // its name was not typed
		n = n.Parent
	}
	if len(n.Children) == 0 {
		return fmt.Sprintf("%q is one argument too many for %s", clip(word), path(n))
	}
	for _, leaf := range model.Leaves(true) { // "export" means "members export"
		if leaf.Name == word && leaf.Parent != n {
			return fmt.Sprintf("there is no command %q; did you mean %q?", path(n)+" "+clip(word), path(leaf))
		}
	}
	near, _ := nearest(word, childNames(n))
	return fmt.Sprintf("there is no command %q; the nearest is %q", path(n)+" "+clip(word), path(n)+" "+near)
}

func unknownFlag(model *kong.Application, n *kong.Node, word string) string {
	var names []string
	for at := n; at != nil; at = at.Parent {
		for _, f := range at.Flags {
			names = append(names, "--"+f.Name)
		}
	}
	near, _ := nearest(word, names)
	return fmt.Sprintf("%s has no flag %s; the nearest is %s", path(n), clip(word), near)
}

// path is the command as it is typed.
func path(n *kong.Node) string {
	if n.Parent == nil {
		return "goodstanding"
	}
	return path(n.Parent) + " " + n.Name
}
