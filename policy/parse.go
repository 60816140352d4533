package policy

import (
	"bytes"
	"cmp"
	"errors"
	"io"

	"go.yaml.in/yaml/v3"

	"coopcloud.tech/goodstanding/eligibility"
	"coopcloud.tech/goodstanding/internal/arrange"
	"coopcloud.tech/goodstanding/internal/instant"
)

// maxSize bounds a policy file, in bytes.
const maxSize = 1 << 20

// File is a policy file that has been read without a fault.
type File struct {
	Name     string    // as given to Parse
	Versions []Version // oldest first
	Examples []Example // in the file's order
}

// Policies are the versions as standings need them.
func (f *File) Policies() eligibility.Policies {
	ps := make(eligibility.Policies, len(f.Versions))
	for i, v := range f.Versions {
		ps[i] = v.Eligibility
	}
	return ps
}

// Parse reads a policy file; name stands in messages. The error is a *Faults
// that holds all faults of the file.
func Parse(name string, text []byte) (*File, error) {
	r := &reader{faults: Faults{Name: name}}
	file := &File{Name: name}
	if root := r.document(text); root != nil {
		r.file(root, file)
	}
	if len(r.faults.All) > 0 {
		r.faults.sort()
		return nil, &r.faults
	}
	return file, nil
}

// document is the root of the file's one YAML document; nil after a fault.
func (r *reader) document(text []byte) *yaml.Node {
	if bad := unreadable(text); bad != nil {
		r.faults.All = append(r.faults.All, *bad)
		return nil
	}
	dec := yaml.NewDecoder(bytes.NewReader(text))
	var doc, second yaml.Node
	err := dec.Decode(&doc)
	if errors.Is(err, io.EOF) || err == nil && (len(doc.Content) == 0 || isNull(doc.Content[0])) {
		r.fault(&yaml.Node{}, "", "the file is empty; write policies: and at least one version, or begin with what \"policy init %s\" prints", DefaultPreset)
		return nil
	}
	if err == nil {
		err = dec.Decode(&second)
		if err == nil {
			r.fault(&second, "", "a second document begins here (---); a policy file has one")
		}
	}
	if err != nil && !errors.Is(err, io.EOF) {
		r.faults.All = append(r.faults.All, syntax(err, text))
		return nil
	}
	return doc.Content[0]
}

func (r *reader) file(root *yaml.Node, file *File) {
	o, ok := r.field(root, "").object("policies", "tests")
	if !ok {
		return
	}
	items, ok := o.need("policies", "policies: and under it at least one version").items("- id: seed-2022")
	if ok && len(items) == 0 {
		o.child("policies").fault("the list is empty; write at least one version, beginning with - id: seed-2022")
	}
	ids, froms := make(map[string]int), make(map[instant.Instant]int)
	for _, item := range items {
		item.path = ""
		if v, ok := item.version(ids, froms); ok {
			file.Versions = append(file.Versions, v)
		}
	}
	arrange.By(file.Versions, func(a, b Version) int { return cmp.Compare(a.From(), b.From()) })
	tests, _ := o.may("tests").items("- name: twelve pounds a month is enough")
	for _, item := range tests {
		item.path = ""
		if e, ok := item.example(); ok {
			file.Examples = append(file.Examples, e)
		}
	}
}
