package letter

import (
	"maps"
	"path"
	"slices"
	"strconv"
	"strings"
	"text/template"
	"text/template/parse"

	"coopcloud.tech/goodstanding/internal/tongue"
)

// build compiles all languages; with faults, what it gives writes no letter.
func build(all map[string]files, faults *Faults) *Catalogue {
	c := &Catalogue{languages: map[string]*language{}}
	var first *language
	for _, lang := range order(all) {
		l := compile(lang, all[lang], faults)
		c.names, c.languages[lang] = append(c.names, lang), l
		if first == nil {
			first = l
		}
		for _, key := range l.tongue.Missing(first.tongue) {
			faults.add(path.Join(lang, wordsFile), 0, "%q is missing", key)
		}
		for _, key := range first.tongue.Missing(l.tongue) {
			faults.add(path.Join(lang, wordsFile), 0, "%q is no word that letters use", key)
		}
	}
	return c
}

// order is English, Spanish, then all others by name.
func order(all map[string]files) []string {
	names := slices.Sorted(maps.Keys(all))
	rank := map[string]int{"en": -2, "es": -1}
	slices.SortStableFunc(names, func(a, b string) int { return rank[a] - rank[b] })
	return names
}

// compile makes a language of its files.
func compile(lang string, f files, faults *Faults) *language {
	l := &language{name: lang, sheets: map[string]*sheet{}}
	l.tongue = tongue.New(lang, pairs(path.Join(lang, wordsFile), f[wordsFile], faults), pairs(path.Join(lang, phrasesFile), f[phrasesFile], faults))
	parts := path.Join(lang, partsFile)
	set := template.New(parts).Option("missingkey=error").Funcs(l.funcs(nil, nil))
	for _, name := range []string{partsFile, ownParts} {
		set = parsed(set, parts, string(f[name]), faults)
	}
	for _, name := range letters() {
		if text, ok := f[name+".md"]; ok && set != nil {
			l.sheets[name] = newSheet(set, path.Join(lang, name+".md"), string(text), faults)
		}
	}
	return l
}

// newSheet takes the subject, which is the first line, from a letter.
func newSheet(set *template.Template, file, text string, faults *Faults) *sheet {
	first, rest, _ := strings.Cut(strings.ReplaceAll(text, "\r\n", "\n"), "\n")
	subject, ok := strings.CutPrefix(first, "# ")
	if !ok || strings.TrimSpace(subject) == "" {
		faults.add(file, 1, "the first line is the subject: write # and the subject")
		return nil
	}
	one := &sheet{}
	// The body keeps an empty line for the subject, so that faults name the right one.
	for at, source := range map[**template.Template]string{&one.subject: subject, &one.body: "\n" + rest} {
		copied, err := set.Clone()
		if err != nil {
			faults.addError(file, err)
			return nil
		}
		*at = parsed(copied.New(file), file, source, faults)
	}
	return one
}

// parsed parses a text; nil after a fault.
func parsed(t *template.Template, file, text string, faults *Faults) *template.Template {
	if t == nil {
		return nil
	}
	t, err := t.Parse(text)
	if err != nil {
		faults.addError(file, err)
		return nil
	}
	before := len(faults.All)
	for _, each := range t.Templates() {
		if each.Tree != nil && each.ParseName == file {
			check(each.Tree, each.Root, faults)
		}
	}
	if len(faults.All) > before {
		return nil
	}
	return t
}

// check finds the functions that a template calls which are none of its words:
// the library brings some, such as printf, that could show a text of people as it
// stands.
func check(tree *parse.Tree, n parse.Node, faults *Faults) {
	switch n := n.(type) {
	case *parse.ListNode:
		if n != nil {
			for _, one := range n.Nodes {
				check(tree, one, faults)
			}
		}
	case *parse.ActionNode:
		check(tree, n.Pipe, faults)
	case *parse.TemplateNode:
		check(tree, n.Pipe, faults)
	case *parse.IfNode:
		checkBranch(tree, &n.BranchNode, faults)
	case *parse.RangeNode:
		checkBranch(tree, &n.BranchNode, faults)
	case *parse.WithNode:
		checkBranch(tree, &n.BranchNode, faults)
	case *parse.PipeNode:
		if n != nil {
			for _, one := range n.Cmds {
				for _, arg := range one.Args {
					check(tree, arg, faults)
				}
			}
		}
	case *parse.ChainNode:
		check(tree, n.Node, faults)
	case *parse.IdentifierNode:
		if !slices.Contains(allowed, n.Ident) {
			where, _ := tree.ErrorContext(n) // FILE:LINE:COLUMN
			line, _ := strconv.Atoi(strings.Split(where+":0", ":")[1])
			faults.add(tree.ParseName, line, "%q is nothing that a template can use: there are %s", n.Ident, strings.Join(allowed, ", "))
		}
	}
}

func checkBranch(tree *parse.Tree, n *parse.BranchNode, faults *Faults) {
	check(tree, n.Pipe, faults)
	check(tree, n.List, faults)
	check(tree, n.ElseList, faults)
}
