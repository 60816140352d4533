package eligibility_test

import (
	"fmt"
	"reflect"
	"strings"

	"coopcloud.tech/goodstanding/eligibility"
	"coopcloud.tech/goodstanding/internal/instant"
	"coopcloud.tech/goodstanding/internal/money"
)

// describe writes policies and facts so that a disagreement can be read: one
// line per fact, only the fields that are set, instants as dates.
func describe(ps eligibility.Policies, f *eligibility.Facts) string {
	var b strings.Builder
	fmt.Fprintf(&b, "member %s, %s\n", f.Member, f.Kind)
	for _, list := range []any{ps, f.Membership, f.Links, f.Contributions, f.Charges, f.Refunds, f.Waivers,
		f.Payments, f.Profile, f.Holds, f.Recorded} {
		v := reflect.ValueOf(list)
		for i := range v.Len() {
			fmt.Fprintf(&b, "%-15s%s\n", strings.ToLower(v.Type().Elem().Name()), fields(v.Index(i)))
		}
	}
	b.WriteString("snapshots     ")
	for _, s := range f.Snapshots {
		fmt.Fprintf(&b, " %s", short(s.Start))
	}
	return b.String() + "\n"
}

// fields writes the fields of a struct that are not zero.
func fields(v reflect.Value) string {
	var out []string
	for i := range v.NumField() {
		x := v.Field(i)
		if x.IsZero() {
			continue
		}
		out = append(out, v.Type().Field(i).Name+"="+value(x))
	}
	return strings.Join(out, " ")
}

func value(x reflect.Value) string {
	switch v := x.Interface().(type) {
	case instant.Instant:
		return short(v)
	case eligibility.State:
		return v.String()
	case eligibility.Kept:
		return "(" + fields(x) + ")"
	case money.Money:
		return v.String()
	}
	return fmt.Sprint(x.Interface())
}

// short is a date where the instant is a midnight.
func short(t instant.Instant) string {
	switch {
	case t == instant.Max:
		return "ever"
	case t%instant.Day == 0:
		return t.Day()
	}
	return t.String()
}
