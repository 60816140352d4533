package main

import (
	"embed"
	"fmt"
	"slices"
	"strings"

	"github.com/alecthomas/kong"
)

// completionCmd is goodstanding completion.
type completionCmd struct {
	Shell string   `arg:"" help:"bash, zsh or fish"`
	Words []string `arg:"" optional:"" help:"What is typed so far, after --: then only how its last word may go on is printed"`
}

// Help shows how to use it.
func (completionCmd) Help() string {
	return `
Prints a script that lets a shell complete commands and flags at the tab key.
The script asks this program for the words, so that it never has to be renewed.

  goodstanding completion bash > /etc/bash_completion.d/goodstanding
  goodstanding completion zsh > /usr/local/share/zsh/site-functions/_goodstanding
  goodstanding completion fish > ~/.config/fish/completions/goodstanding.fish
  goodstanding completion bash -- members ad`
}

// The scripts ask for words in the form of their shell.
//
//go:embed completion
var completionScripts embed.FS

// describedAs is how a shell takes a word with what it means; bash takes words alone.
var describedAs = map[string]string{"bash": "", "zsh": ":", "fish": "\t"}

// Run prints the script, or the words.
func (c completionCmd) Run(a *app, k *kong.Context) error {
	between, known := describedAs[c.Shell]
	if !known {
		return &usageError{fmt.Sprintf("there is no completion for the shell %q: there are bash, zsh and fish", clip(c.Shell))}
	}
	if len(c.Words) == 0 {
		script, err := completionScripts.ReadFile("completion/goodstanding." + c.Shell)
		if err != nil {
			return err
		}
		_, err = a.env.Stdout.Write(script)
		return err
	}
	for _, w := range goOn(k.Model.Node, c.Words) {
		if between != "" {
			w.word += between + w.help
		}
		a.out.line("%s", w.word)
	}
	return a.out.err
}

// completed is a word that may stand on a command line.
type completed struct{ word, help string }

// goOn are the words that the last of those typed may become: commands, or flags
// where it begins with a dash. There are none for what only the user knows, such
// as the value of a flag.
func goOn(root *kong.Node, typed []string) (out []completed) {
	node, awaited := understood(root, typed[:len(typed)-1])
	last := typed[len(typed)-1]
	if awaited {
		return nil
	}
	may := func(word, help string) {
		if strings.HasPrefix(word, last) {
			out = append(out, completed{word, help})
		}
	}
	if strings.HasPrefix(last, "-") {
		for n := node; n != nil; n = n.Parent {
			for _, f := range n.Flags {
				if !f.Hidden {
					may("--"+f.Name, f.Help)
				}
			}
		}
		return out
	}
	for _, c := range node.Children {
		if !c.Hidden {
			may(c.Name, c.Help)
		}
	}
	return out
}

// understood is the command that some words come to; awaited says that the last of
// them is a flag whose value comes next.
func understood(root *kong.Node, words []string) (node *kong.Node, awaited bool) {
	node = root
	for _, w := range words {
		switch {
		case awaited:
			awaited = false
		case strings.HasPrefix(w, "-"):
			awaited = takesValue(node, w)
		default:
			for _, c := range node.Children {
				if c.Name == w || slices.Contains(c.Aliases, w) {
					node = c
					break
				}
			}
		}
	}
	return node, awaited
}

// takesValue says that a flag, as it is typed, has its value in the next word.
func takesValue(node *kong.Node, typed string) bool {
	for n := node; n != nil; n = n.Parent {
		for _, f := range n.Flags {
			if typed == "--"+f.Name || f.Short != 0 && typed == "-"+string(f.Short) {
				return !f.IsBool()
			}
		}
	}
	return false
}
