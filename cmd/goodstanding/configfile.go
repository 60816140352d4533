package main

import (
	"bytes"
	"errors"
	"fmt"
	"io"
	"os"
	"regexp"
	"strconv"
	"strings"

	"go.yaml.in/yaml/v3"
)

// configFile is a settings file that was read: its settings by name, and the
// part about the federation, which is looked at later.
type configFile struct {
	path       string
	settings   map[string]*yaml.Node // by setting name, "OC_SLUG" or "OC_TOKEN_FILE"
	federation *yaml.Node
	faults     *ConfigFaults
}

// largestConfig bounds a settings file in bytes.
const largestConfig = 1 << 20

// readConfigFile reads the file strictly: an unknown or doubled key is a fault
// that names line, column and the nearest known key.
func readConfigFile(at raw, faults *ConfigFaults) *configFile {
	c := &configFile{path: at.value, settings: map[string]*yaml.Node{}, faults: faults}
	text, err := os.ReadFile(at.value)
	if err != nil {
		faults.All = append(faults.All, ConfigFault{string(at.from), fmt.Sprintf("the settings file %s cannot be read (%s): correct the path", at.value, cause(err))})
		return c
	}
	if root := c.parse(text); root != nil {
		c.top(root)
	}
	return c
}

// parse gives the root of the one YAML document; nil after a fault and for an
// empty file.
func (c *configFile) parse(text []byte) *yaml.Node {
	if len(text) > largestConfig {
		c.faultAt(1, 1, "the file is larger than 1 MiB; settings are a page")
		return nil
	}
	dec := yaml.NewDecoder(bytes.NewReader(text))
	var doc yaml.Node
	err := dec.Decode(&doc)
	if errors.Is(err, io.EOF) {
		return nil
	}
	if err == nil {
		var more yaml.Node
		if e := dec.Decode(&more); e == nil {
			c.faultAt(more.Line, max(more.Column, 1), "a second document begins here (---); a settings file has one")
			return nil
		} else if !errors.Is(e, io.EOF) {
			err = e
		}
	}
	if err != nil {
		line, what := yamlFault(err)
		c.faultAt(line, 1, "this is not YAML: %s", what)
		return nil
	}
	if len(doc.Content) == 0 || doc.Content[0].Tag == "!!null" {
		return nil
	}
	return doc.Content[0]
}

var yamlMessage = regexp.MustCompile(`(?s)^yaml: (?:line (\d+): )?(.*)$`)

// yamlFault takes the line out of the reader's message.
func yamlFault(err error) (line int, what string) {
	m := yamlMessage.FindStringSubmatch(err.Error())
	if m == nil {
		return 1, err.Error()
	}
	line, _ = strconv.Atoi(m[1]) // "" is line 1
	return max(line, 1), m[2]
}

func (c *configFile) faultAt(line, column int, format string, args ...any) {
	c.faults.All = append(c.faults.All, ConfigFault{c.place(line, column), fmt.Sprintf(format, args...)})
}

func (c *configFile) fault(n *yaml.Node, format string, args ...any) {
	c.faultAt(n.Line, n.Column, format, args...)
}

func (c *configFile) place(line, column int) string {
	return fmt.Sprintf("%s:%d:%d", c.path, line, column)
}

// top reads the outermost keys.
func (c *configFile) top(root *yaml.Node) {
	keys := map[string]string{} // key to setting name
	known := []string{"federation"}
	for _, s := range settings {
		if s.name == "CONFIG" {
			continue
		}
		keys[s.key()] = s.name
		known = append(known, s.key())
		if s.secret {
			keys[s.key()+"_file"] = s.name + "_FILE"
			known = append(known, s.key()+"_file")
		}
	}
	c.each(root, "the file", known, func(key string, v *yaml.Node) {
		if key == "federation" {
			c.federation = v
			return
		}
		if v.Kind != yaml.ScalarNode {
			c.fault(v, "%s takes one value, not a list or further keys", key)
			return
		}
		c.settings[keys[key]] = v
	})
}

// each calls f for every known key of a mapping, and tells the others.
func (c *configFile) each(n *yaml.Node, what string, known []string, f func(key string, v *yaml.Node)) {
	if n.Kind != yaml.MappingNode {
		c.fault(n, "%s has to hold keys and values, such as %s:", what, known[0])
		return
	}
	seen := map[string]int{}
	for i := 0; i+1 < len(n.Content); i += 2 {
		k, v := n.Content[i], n.Content[i+1]
		if v.Kind == yaml.AliasNode {
			v = v.Alias
		}
		line, twice := seen[k.Value]
		switch {
		case !contains(known, k.Value):
			near, _ := nearest(k.Value, known)
			c.fault(k, "%q is no key of %s; the nearest is %q", clip(k.Value), what, near)
		case twice:
			c.fault(k, "%q stands here a second time; the first is on line %d", k.Value, line)
		default:
			seen[k.Value] = k.Line
			if v.Tag != "!!null" {
				f(k.Value, v)
			}
		}
	}
}

// value is a setting of the file with its place; "" when it is not there.
func (c *configFile) value(name string) (string, origin) {
	n, ok := c.settings[name]
	if !ok {
		return "", ""
	}
	return strings.TrimSpace(n.Value), origin(c.place(n.Line, n.Column))
}

// text is a single value.
func (c *configFile) text(key string, n *yaml.Node) string {
	if n.Kind != yaml.ScalarNode {
		c.fault(n, "%s takes one value, not a list or further keys", key)
		return ""
	}
	return strings.TrimSpace(n.Value)
}

// list is a list of single values; one value alone is a list of one.
func (c *configFile) list(key string, n *yaml.Node) (out []string) {
	if n.Kind == yaml.ScalarNode {
		return []string{strings.TrimSpace(n.Value)}
	}
	if n.Kind != yaml.SequenceNode {
		c.fault(n, "%s takes a list, such as [one, two]", key)
		return nil
	}
	for _, item := range n.Content {
		if s := c.text(key, item); s != "" {
			out = append(out, s)
		}
	}
	return out
}
