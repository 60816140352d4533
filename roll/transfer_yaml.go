package roll

import (
	"errors"
	"fmt"
	"io"
	"regexp"
	"strconv"
	"strings"

	"go.yaml.in/yaml/v3"
)

// membersKey is the one key of a YAML list.
const membersKey = "members"

// readYAML reads `members:` with one entry for each member, strictly.
func readYAML(data []byte) ([]sheetRow, error) {
	var doc yaml.Node
	dec := yaml.NewDecoder(strings.NewReader(string(data)))
	switch err := dec.Decode(&doc); {
	case errors.Is(err, io.EOF):
		return nil, refuseFile(yamlForm)
	case err != nil:
		return nil, refuseFile(yamlFault(err))
	}
	if err := dec.Decode(new(yaml.Node)); !errors.Is(err, io.EOF) {
		return nil, refuseFile("the file holds more than one YAML document: " + yamlForm)
	}
	root := doc.Content[0]
	if root.Kind != yaml.MappingNode || len(root.Content) != 2 || root.Content[0].Value != membersKey {
		return nil, refuseFile(yamlForm)
	}
	list := root.Content[1]
	if isNothing(list) {
		return nil, nil
	}
	if list.Kind != yaml.SequenceNode {
		return nil, refuseFile(yamlForm)
	}
	return yamlRows(list)
}

const yamlForm = `a list of members is one key "members:" with one entry for each member below it; goodstanding members import --format yaml --template prints an example`

// yamlRows reads the entries; unknown keys are faults of the whole file.
func yamlRows(list *yaml.Node) ([]sheetRow, error) {
	var rows []sheetRow
	var unknown []string
	for _, item := range list.Content {
		if item.Kind != yaml.MappingNode || tagged(item) {
			rows = append(rows, sheetRow{line: item.Line, broken: true, problems: []string{"the entry is no group of keys such as \"name: Example Co-operative\""}})
			continue
		}
		row, strange := yamlRow(item)
		rows = append(rows, row)
		unknown = append(unknown, strange...)
	}
	if unknown != nil {
		return nil, refuseFile(unknown...)
	}
	return rows, nil
}

// yamlRow reads one entry; strange tells its unknown keys.
func yamlRow(item *yaml.Node) (row sheetRow, strange []string) {
	row = sheetRow{line: item.Line, cells: map[string][]string{}}
	seen := map[string]bool{}
	for i := 0; i+1 < len(item.Content); i += 2 {
		key, value := item.Content[i], item.Content[i+1]
		c, ok := columnNamed(key.Value)
		switch {
		case !ok || key.Kind != yaml.ScalarNode:
			strange = append(strange, fmt.Sprintf("line %d, column %d: the key %q is not known; the nearest is %q",
				key.Line, key.Column, shorten(key.Value), nearestColumn(key.Value)))
			continue
		case seen[c.name]:
			row.fault("%s: the key stands there twice (line %d)", c.name, key.Line)
			continue
		}
		seen[c.name] = true
		if items, why := yamlItems(c, value); why != "" {
			row.fault("%s: %s", c.name, why)
		} else if len(items) > 0 {
			row.cells[c.name] = items
		}
	}
	return row, strange
}

// yamlItems are the texts of a value; why says what is wrong with it.
func yamlItems(c sheetColumn, n *yaml.Node) (items []string, why string) {
	switch {
	case isNothing(n):
		return nil, ""
	case tagged(n), n.Kind == yaml.AliasNode, n.Kind == yaml.MappingNode:
		return nil, "a text is wanted here, without tags (!), references (*) or groups"
	case n.Kind == yaml.ScalarNode:
		if text := strings.TrimSpace(n.Value); text != "" {
			items = one(text)
		}
		return items, ""
	case c.parting == partOne:
		return nil, "one text is wanted here, not a list"
	}
	for _, item := range n.Content {
		if item.Kind != yaml.ScalarNode || tagged(item) || isNothing(item) {
			return nil, "a list of texts is wanted here"
		}
		if text := strings.TrimSpace(item.Value); text != "" {
			items = append(items, text)
		}
	}
	return items, ""
}

func tagged(n *yaml.Node) bool { return n.Style&yaml.TaggedStyle != 0 || n.Anchor != "" }

func isNothing(n *yaml.Node) bool { return n.Kind == yaml.ScalarNode && n.ShortTag() == "!!null" }

var yamlLine = regexp.MustCompile(`^yaml: (?:line (\d+): )?(.*)`)

// yamlFault puts the parser's complaint into our words, as far as it can be.
func yamlFault(err error) string {
	m := yamlLine.FindStringSubmatch(err.Error())
	if m == nil {
		return "the file is not YAML: " + shorten(err.Error())
	}
	where := "the file"
	if n, err := strconv.Atoi(m[1]); err == nil {
		where = fmt.Sprintf("line %d", n)
	}
	return fmt.Sprintf("%s is not YAML: %s", where, shorten(m[2]))
}

// writeYAML writes the entries. Texts are always quoted, so that no reader
// takes a name for a number, a date or a yes.
func writeYAML(w io.Writer, rows []map[string][]string) error {
	list := &yaml.Node{Kind: yaml.SequenceNode}
	if len(rows) == 0 {
		list.Style = yaml.FlowStyle
	}
	for _, row := range rows {
		item := &yaml.Node{Kind: yaml.MappingNode}
		for _, c := range sheetColumns {
			if items := row[c.name]; len(items) > 0 {
				item.Content = append(item.Content, &yaml.Node{Kind: yaml.ScalarNode, Value: c.name}, yamlValue(c, items))
			}
		}
		list.Content = append(list.Content, item)
	}
	out := yaml.NewEncoder(w)
	out.SetIndent(2)
	root := &yaml.Node{Kind: yaml.MappingNode, Content: []*yaml.Node{{Kind: yaml.ScalarNode, Value: membersKey}, list}}
	if err := out.Encode(root); err != nil {
		return fmt.Errorf("write the list of members: %w", err)
	}
	return out.Close()
}

func yamlValue(c sheetColumn, items []string) *yaml.Node {
	if c.parting == partOne {
		return yamlText(items[0])
	}
	list := &yaml.Node{Kind: yaml.SequenceNode}
	for _, s := range items {
		list.Content = append(list.Content, yamlText(s))
	}
	return list
}

func yamlText(s string) *yaml.Node {
	return &yaml.Node{Kind: yaml.ScalarNode, Tag: "!!str", Value: s, Style: yaml.DoubleQuotedStyle}
}
