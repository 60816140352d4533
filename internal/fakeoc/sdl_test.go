package fakeoc

import (
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/vektah/gqlparser/v2"
	"github.com/vektah/gqlparser/v2/ast"
)

// shared is the folder with the genuine server's schema and answers. It is no
// part of this repository; at home a test is skipped without it, in CI the
// folder's presence decides.
func shared(t *testing.T, part string) string {
	t.Helper()
	root := os.Getenv("GOODSTANDING_SHARED")
	if root == "" {
		root = filepath.Join("..", "..", "..", "shared")
	}
	path := filepath.Join(root, "oc", part)
	if _, err := os.Stat(path); err != nil {
		if _, there := os.Stat(root); there == nil && os.Getenv("CI") == "true" {
			t.Fatalf("%s could not be read although its folder is there: %v", part, err)
		}
		t.Skipf("NOT RUN: there is no oc/%s to hold the fake against; set GOODSTANDING_SHARED to the folder that has it", part)
	}
	return path
}

// Whatever the fake offers is upstream's: every type, field, argument, default
// and value.
func TestSDLIsASubsetOfUpstreams(t *testing.T) {
	text, err := os.ReadFile(shared(t, "schemaV2.graphql"))
	if err != nil {
		t.Fatal(err)
	}
	theirs, problem := gqlparser.LoadSchema(&ast.Source{Name: "schemaV2.graphql", Input: string(text)})
	if problem != nil {
		t.Fatal(problem)
	}
	if found := strangers(schema(), theirs); len(found) > 0 {
		t.Errorf("upstream has not:\n%s", strings.Join(found, "\n"))
	}
	for _, wrong := range [][2]string{
		{"{ nodes: [Order] }", "{ nodes: [Order]! }"}, {"limit: Int! = 100", "limit: Int! = 50"},
		{"INCOMING OUTGOING", "INCOMING OUTGOING BOTH"}, {"type Tier {", "type Tier { colour: String"}, {"Credit implements", "Credits implements"},
		{"field: DateTimeField! = CREATED_AT", "field: DateTimeField! = PAID_AT"}, {"onlySubscriptions: Boolean", "onlySubscription: Boolean"},
	} {
		bent := strings.Replace(sdl, wrong[0], wrong[1], 1)
		if bent == sdl {
			t.Errorf("the schema has no %q to bend", wrong[0])
		}
		ours, err := loadSDL(bent)
		if err == nil && len(strangers(ours, theirs)) == 0 {
			t.Errorf("%q passes for upstream's", wrong[1])
		}
	}
	t.Logf("RAN: %d types are upstream's", len(schema().Types))
}

// strangers are what the first schema has and the second has not.
func strangers(ours, theirs *ast.Schema) (out []string) {
	for name, def := range ours.Types {
		other := theirs.Types[name]
		if other == nil || other.Kind != def.Kind {
			out = append(out, def.Name+" of kind "+string(def.Kind))
			continue
		}
		for _, i := range def.Interfaces {
			if !slices.Contains(other.Interfaces, i) {
				out = append(out, name+" as a kind of "+i)
			}
		}
		for _, v := range def.EnumValues {
			if other.EnumValues.ForName(v.Name) == nil {
				out = append(out, name+"."+v.Name)
			}
		}
		for _, f := range def.Fields {
			out = append(out, strangeField(name, f, other.Fields.ForName(f.Name))...)
		}
	}
	slices.Sort(out)
	return out
}

func strangeField(of string, f, other *ast.FieldDefinition) (out []string) {
	name := of + "." + f.Name
	if other == nil || other.Type.String() != f.Type.String() || other.DefaultValue.String() != f.DefaultValue.String() {
		return []string{name + ": " + f.Type.String()}
	}
	for _, a := range f.Arguments {
		b := other.Arguments.ForName(a.Name)
		if b == nil || a.Type.String() != b.Type.String() || a.DefaultValue.String() != b.DefaultValue.String() {
			out = append(out, name+"("+a.Name+": "+a.Type.String()+" = "+a.DefaultValue.String()+")")
		}
	}
	return out
}

// Every field of every object type has a resolver, and no resolver is for nothing.
func TestEveryFieldHasAResolver(t *testing.T) {
	used := map[string]int{}
	for name, def := range schema().Types {
		if def.BuiltIn || def.Kind != ast.Object {
			continue
		}
		for _, f := range def.Fields {
			if strings.HasPrefix(f.Name, "__") {
				continue
			}
			if offered()[name][f.Name] == nil {
				t.Errorf("%s.%s has no resolver", name, f.Name)
			}
			used[name]++
		}
	}
	for name, fields := range offered() {
		if schema().Types[name] == nil {
			t.Errorf("%s has resolvers, but is no type", name)
		}
		for field := range fields {
			if name != "Query" && schema().Types[name].Fields.ForName(field) == nil && !slices.Contains([]string{"host", "parent", "tiers", "isApproved", "email", "isGuest"}, field) {
				t.Errorf("%s.%s has a resolver, but is no field", name, field)
			}
		}
	}
	if used["Order"] < 20 {
		t.Errorf("an order has %d fields only", used["Order"])
	}
}
