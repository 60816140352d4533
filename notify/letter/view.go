package letter

import (
	"reflect"
	"time"

	"coopcloud.tech/goodstanding/internal/instant"
)

// said is a text that people, or other parts of the program, wrote. Where a
// template prints it, it is made harmless for Markdown.
type said string

// String is what a template prints.
func (s said) String() string { return escape(string(s)) }

// bare is the same in a subject, which is no Markdown.
type bare string

// String is what a template prints.
func (s bare) String() string { return flat(string(s)) }

// moment is an instant as templates see it: 0 is no instant, and false.
type moment int64

// String is what a template prints that does not say how.
func (m moment) String() string { return instant.Instant(m).String() }

// view is the data as templates see it: maps of texts, numbers, moments and
// lists. Values without methods that do anything are all a template reaches; a
// field that does not exist is an error.
func (d *Data) view(text func(string) any) map[string]any {
	v := see(reflect.ValueOf(*d), text).(map[string]any)
	v["Group"] = string(d.Kind.Group())
	v["Optional"] = d.Kind.Optional()
	v["One"] = len(d.Members) == 1
	v["First"] = see(reflect.ValueOf(Member{}), text)
	if len(d.Members) > 0 {
		v["First"] = see(reflect.ValueOf(d.Members[0]), text)
	}
	names := make([]any, len(d.Members))
	for i, m := range d.Members {
		names[i] = text(visible(m.Name))
	}
	v["Names"], v["ZoneName"] = names, text(zoneOf(d.Zone).String())
	delete(v, "Zone")
	return v
}

func see(v reflect.Value, text func(string) any) any {
	if at, ok := v.Interface().(instant.Instant); ok {
		return moment(at)
	}
	switch v.Kind() {
	case reflect.String:
		return text(visible(v.String()))
	case reflect.Slice:
		out := make([]any, v.Len())
		for i := range out {
			out[i] = see(v.Index(i), text)
		}
		return out
	case reflect.Struct:
		out := map[string]any{}
		for i := range v.NumField() {
			if f := v.Type().Field(i); f.IsExported() {
				out[f.Name] = see(v.Field(i), text)
			}
		}
		return out
	case reflect.Pointer:
		if v.IsNil() || v.Type() == reflect.TypeFor[*time.Location]() {
			return nil
		}
		return see(v.Elem(), text)
	}
	return v.Interface() // numbers and yes or no
}

// zoneOf is the zone, UTC where none is set.
func zoneOf(zone *time.Location) *time.Location {
	if zone == nil {
		return time.UTC
	}
	return zone
}
