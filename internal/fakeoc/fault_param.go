package fakeoc

import (
	"encoding/json"
	"fmt"
	"maps"
	"slices"
	"strconv"
	"strings"
	"time"
)

// faultParam is one parameter of a kind: what holds where it is not given, and
// what it may be.
type faultParam struct {
	otherwise string
	check     func(string) error
}

func faultWord(otherwise string) faultParam {
	return faultParam{otherwise, func(string) error { return nil }}
}

func faultNumber(otherwise string) faultParam {
	return faultParam{otherwise, func(s string) error {
		if _, err := strconv.ParseInt(s, 10, 64); err != nil {
			return fmt.Errorf("want a whole number such as %s", otherwise)
		}
		return nil
	}}
}

func faultShare(otherwise string) faultParam {
	return faultParam{otherwise, func(s string) error {
		if v, err := strconv.ParseFloat(s, 64); err != nil || !(v >= 0 && v <= 1) {
			return fmt.Errorf("want a share from 0 to 1 such as %s", otherwise)
		}
		return nil
	}}
}

func faultWait(otherwise string) faultParam {
	return faultParam{otherwise, func(s string) error {
		if d, err := time.ParseDuration(s); err != nil || d < 0 {
			return fmt.Errorf("want a span of time such as %s", otherwise)
		}
		return nil
	}}
}

func faultJSONValue(otherwise string) faultParam {
	return faultParam{otherwise, func(s string) error {
		if !json.Valid([]byte(s)) {
			return fmt.Errorf("want JSON without spaces such as %s", otherwise)
		}
		return nil
	}}
}

func faultPlaceParam(otherwise string) faultParam {
	return faultParam{otherwise, func(s string) error {
		_, err := parseFaultPlace(s)
		return err
	}}
}

func faultOneOf(otherwise string, more ...string) faultParam {
	all := append([]string{otherwise}, more...)
	return faultParam{otherwise, func(s string) error {
		if !slices.Contains(all, s) {
			return fmt.Errorf("want one of %s", strings.Join(all, ", "))
		}
		return nil
	}}
}

// knownParams lists a kind's parameters for an error.
func (k faultKind) knownParams() string {
	if len(k.params) == 0 {
		return "it has none"
	}
	var all []string
	for _, name := range slices.Sorted(maps.Keys(k.params)) {
		all = append(all, name+"="+k.params[name].otherwise)
	}
	return "known are " + strings.Join(all, ", ")
}

// number, share and wait read parameters that check has let through.
func (f Fault) number(name string) int64 {
	v, _ := strconv.ParseInt(f.param(name), 10, 64)
	return v
}

func (f Fault) share(name string) float64 {
	v, _ := strconv.ParseFloat(f.param(name), 64)
	return v
}

func (f Fault) wait(name string) time.Duration {
	v, _ := time.ParseDuration(f.param(name))
	return v
}
