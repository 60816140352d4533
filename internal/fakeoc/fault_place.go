package fakeoc

import (
	"fmt"
	"regexp"
	"strconv"
	"strings"
)

// faultPlace is a way into an answer: names and list indices, from the root that was
// asked for ("nodes[0].amount") or, with a leading "data.", from data itself.
// The index * takes every element, a negative one counts from the end.
type faultPlace struct {
	fromData bool
	steps    []string
}

var faultPlaceStep = regexp.MustCompile(`^([A-Za-z_]+)((?:\[(?:\*|-?[0-9]+)\])*)$`)

func parseFaultPlace(s string) (faultPlace, error) {
	var p faultPlace
	rest, fromData := strings.CutPrefix(s, "data.")
	p.fromData = fromData
	for _, part := range strings.Split(rest, ".") {
		found := faultPlaceStep.FindStringSubmatch(part)
		if found == nil {
			return faultPlace{}, fmt.Errorf("want a place in the answer such as nodes[0].amount, nodes[*].status or data.me")
		}
		p.steps = append(p.steps, found[1])
		p.steps = append(p.steps, strings.FieldsFunc(found[2], func(r rune) bool { return r == '[' || r == ']' })...)
	}
	return p, nil
}

// faultSpot is one value that a place leads to.
type faultSpot struct {
	value any
	path  []any // as an error's path names it
	set   func(any)
	drop  func()
}

// find calls f for each value at the place; an absent member of an object is
// one, too (its value is nil).
func (p faultPlace) find(data map[string]any, root string, f func(faultSpot)) {
	steps := p.steps
	if !p.fromData {
		steps = append([]string{root}, steps...)
	}
	faultDescend(data, steps, nil, f)
}

func faultDescend(v any, steps []string, path []any, f func(faultSpot)) {
	switch v := v.(type) {
	case map[string]any:
		key := steps[0]
		at := append(path[:len(path):len(path)], key)
		if len(steps) > 1 {
			faultDescend(v[key], steps[1:], at, f)
			return
		}
		f(faultSpot{v[key], at, func(to any) { v[key] = to }, func() { delete(v, key) }})
	case []any:
		for _, i := range faultIndices(steps[0], len(v)) {
			at := append(path[:len(path):len(path)], i)
			if len(steps) > 1 {
				faultDescend(v[i], steps[1:], at, f)
				continue
			}
			f(faultSpot{v[i], at, func(to any) { v[i] = to }, func() { v[i] = nil }})
		}
	}
}

// faultIndices are the elements of a list of n that an index means.
func faultIndices(index string, n int) []int {
	if index == "*" {
		all := make([]int, n)
		for i := range all {
			all[i] = i
		}
		return all
	}
	i, err := strconv.Atoi(index)
	if i < 0 {
		i += n
	}
	if err != nil || i < 0 || i >= n {
		return nil
	}
	return []int{i}
}
