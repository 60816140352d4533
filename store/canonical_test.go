package store_test

import (
	"encoding/json"
	"testing"

	"pgregory.net/rapid"

	"coopcloud.tech/goodstanding/store"
)

// entry has its keys in no order, and everything that what is chained may have.
type entry struct {
	Words string           `json:"words"`
	Event map[string]any   `json:"event"`
	At    int64            `json:"at"`
	Part  float64          `json:"part"`
	On    bool             `json:"on"`
	Raw   json.RawMessage  `json:"raw"`
	None  *entry           `json:"none"`
	Some  []entry          `json:"some,omitempty"`
	Any   any              `json:"any"`
	By    map[string]int64 `json:"by"`
}

// TestCanonicalJSON: sorting what was written comes to the same as reading it and
// writing it again, whatever it is.
func TestCanonicalJSON(t *testing.T) {
	plain := rapid.StringMatching(`[a-zé_<&{},:\[\]]{0,6}`)
	odd := rapid.OneOf(plain, rapid.String(), rapid.SampledFrom([]string{"\"\\", "\u2028", "\xff"}))
	raw := rapid.SampledFrom([]string{`{"b":1,"a":[ 1.50, {"z":null,"y":true} ]}`, `{"a":1,"a":2}`, `"é"`, "\"\u2028\"", "\"\u2029\"", "\"\xff\"", `-0`, `1e400`, `[]`, `{}`})
	rapid.Check(t, func(t *rapid.T) {
		text := rapid.SampledFrom([]*rapid.Generator[string]{plain, odd}).Draw(t, "texts")
		numbers := rapid.MapOf(text, rapid.Int64())
		leaf := rapid.OneOf(rapid.Just[any](nil), rapid.Map(text, func(s string) any { return s }), rapid.Map(numbers, func(m map[string]int64) any { return m }))
		one := func(label string) entry {
			return entry{Words: text.Draw(t, label), Event: rapid.MapOf(text, leaf).Draw(t, label), At: rapid.Int64().Draw(t, label), Part: rapid.Float64Range(-1e30, 1e30).Draw(t, label),
				Raw: json.RawMessage(raw.Draw(t, label)), Any: leaf.Draw(t, label), By: numbers.Draw(t, label)}
		}
		e := one("outer")
		if rapid.Bool().Draw(t, "more") {
			e.Some = []entry{one("first"), one("second")}
		}
		written, err := json.Marshal(e)
		if err != nil {
			t.Fatal(err)
		}
		want, err := store.ReadJSON(written)
		if err != nil {
			t.Fatal(err)
		}
		if got, err := store.CanonicalJSON(e); err != nil || got != want {
			t.Errorf("%v\ngot  %s\nwant %s", err, got, want)
		}
	})
	for given, want := range map[any]string{nil: "{}", (*entry)(nil): "{}", struct {
		B, A int
	}{1, 2}: `{"A":2,"B":1}`} {
		if got, err := store.CanonicalJSON(given); err != nil || got != want {
			t.Errorf("%v, %s, want %s", err, got, want)
		}
	}
	if _, err := store.CanonicalJSON([]int{1}); err == nil {
		t.Error("a list is no object")
	}
}
