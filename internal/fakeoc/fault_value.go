package fakeoc

import (
	"encoding/json"
	"strings"
)

// valueFault puts a value at a place.
func valueFault(place, value string) func(*faultCall) {
	return rewordFault(func(c *faultCall, data map[string]any) { putFault(data, faultRoot(c.op), place, value) })
}

func putFault(data map[string]any, root, at, value string) {
	p, err := parseFaultPlace(at)
	if err != nil {
		panic("fakeoc: " + err.Error()) // checked when it was read
	}
	p.find(data, root, func(s faultSpot) { s.set(faultValue(value)) })
}

// faultValue reads a value that check has let through.
func faultValue(value string) any {
	dec := json.NewDecoder(strings.NewReader(value))
	dec.UseNumber()
	var v any
	if err := dec.Decode(&v); err != nil {
		panic("fakeoc: " + err.Error())
	}
	return v
}

// placeFault is a fault of the value at a place.
func placeFault(words, place, value string, on []string) faultKind {
	return faultKind{
		words: words, params: map[string]faultParam{"at": faultPlaceParam(place), "to": faultJSONValue(value)}, on: on,
		do: rewordFault(func(c *faultCall, data map[string]any) { putFault(data, faultRoot(c.op), c.param("at"), c.param("to")) }),
	}
}

// valueFaults spoil single values. Places are from the root on.
var valueFaults = map[string]faultKind{
	"value":            placeFault("another value at a place", "totalCount", "null", nil),
	"value-null":       placeFault("null where a value was", "nodes[0].id", "null", nil),
	"unknown-status":   placeFault("a status that no version knows", "nodes[*].status", `"HIBERNATING"`, strikesOrders),
	"unknown-interval": placeFault("a frequency that no version knows", "nodes[*].frequency", `"FORTNIGHTLY"`, strikesOrders),
	"unknown-kind":     placeFault("a kind of transaction that no version knows", "nodes[*].kind", `"BARTER"`, strikesCharges),
	"unknown-type":     placeFault("an account of another type", "nodes[*].fromAccount.type", `"ROBOT"`, strikesOrders),
	"number-text":      placeFault("a number that comes as text", "nodes[0].amount.valueInCents", `"1000"`, strikesLists),
	"number-fraction":  placeFault("a number with a fraction", "nodes[0].amount.valueInCents", "1000.5", strikesLists),
	"number-negative":  placeFault("a number below nothing", "nodes[0].amount.valueInCents", "-1000", strikesCharges),
	"number-large":     placeFault("a number that no amount reaches", "nodes[0].amount.valueInCents", "9223372036854775807", strikesLists),
	"number-larger":    placeFault("a number that no machine word holds", "nodes[0].amount.valueInCents", "1e400", strikesLists),
	"wrong-currency":   placeFault("amounts in another currency", "nodes[*].amount.currency", `"USD"`, strikesLists),
	"renamed-type":     placeFault("another name of a type", "nodes[*].fromAccount.__typename", `"Person"`, strikesOrders),
	"dropped": {
		words: "a field is no longer there", params: map[string]faultParam{"at": faultPlaceParam("nodes[*].status")},
		do: rewordFault(func(c *faultCall, data map[string]any) {
			p, err := parseFaultPlace(c.param("at"))
			if err != nil {
				panic("fakeoc: " + err.Error())
			}
			p.find(data, faultRoot(c.op), func(s faultSpot) { s.drop() })
		}),
	},
	"renamed-root": {
		words: "the root has another name",
		do: rewordFault(func(c *faultCall, data map[string]any) {
			data["contributions"] = data[faultRoot(c.op)]
			delete(data, faultRoot(c.op))
		}),
	},
}

// collectiveFaults spoil what upstream says of the collective and the token.
var collectiveFaults = map[string]faultKind{
	"other-account": {
		words: "another account has the slug", on: strikesPreflight,
		do: rewordFault(func(_ *faultCall, data map[string]any) {
			for name, value := range map[string]string{
				"id": `"acc_Zz9Yy8Xx7Ww6Vv5Uu4Tt3"`, "publicId": `"acc_Zz9Yy8Xx7Ww6Vv5Uu4Tt3"`, "legacyId": "777001",
			} {
				putFault(data, "account", name, value)
			}
		}),
	},
	"other-currency": {
		words: "the collective is kept in another currency", params: map[string]faultParam{"to": faultJSONValue(`"EUR"`)}, on: strikesPreflight,
		do: rewordFault(func(c *faultCall, data map[string]any) { putFault(data, "account", "currency", c.param("to")) }),
	},
	"archived":  {words: "the collective is archived", on: strikesPreflight, do: valueFault("isArchived", "true")},
	"frozen":    {words: "the collective is frozen", on: strikesPreflight, do: valueFault("isFrozen", "true")},
	"suspended": {words: "the collective is suspended", on: strikesPreflight, do: valueFault("isSuspended", "true")},
	"unhosted":  {words: "the collective has no host", on: strikesPreflight, do: valueFault("host", "null")},
	"other-host": {
		words: "the collective has another host", on: strikesPreflight,
		do: valueFault("host", `{"id":"acc_Hh1Ii2Jj3Kk4Ll5Mm6Nn7","slug":"other-host","name":"Another Host","currency":"EUR"}`),
	},
	"slug-gone": {words: "nobody has the slug", on: strikesPreflight, do: valueFault("data.account", "null")},
	"me-null":   {words: "the token is taken for nobody's", on: strikesPreflight, do: valueFault("data.me", "null")},
	"not-admin": {words: "the token's owner is no administrator any more", on: strikesPreflight, do: valueFault("isAdmin", "false")},
}
