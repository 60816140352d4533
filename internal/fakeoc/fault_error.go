package fakeoc

// faultMessages are upstream's codes with what it says (open-collective.md,
// section 1.6).
var faultMessages = map[string]string{
	"Forbidden":                 `The Personal Token is not allowed for operations in scope "transactions".`,
	"Unauthorized":              "You need to be logged in",
	"NotFound":                  "Account Not Found",
	"RateLimitExceeded":         "Rate limit exceeded. Please try again later.",
	"INTERNAL_SERVER_ERROR":     "Cannot read properties of undefined (reading 'id')",
	"GRAPHQL_VALIDATION_FAILED": `Cannot query field "nope" on type "Order".`,
	"BAD_USER_INPUT":            `Variable "$slug" got invalid value.`,
	"InvalidToken":              "Invalid token",
	"UnexpectedError":           "",
}

func faultCode(otherwise string) faultParam {
	more := []string{}
	for code := range faultMessages {
		if code != otherwise {
			more = append(more, code)
		}
	}
	return faultOneOf(otherwise, more...)
}

func faultErrorAt(code string, path []any) map[string]any {
	return map[string]any{
		"message": faultMessages[code], "path": path,
		"locations":  []any{map[string]any{"line": 2, "column": 3}},
		"extensions": map[string]any{"code": code},
	}
}

// errorFaults are errors in GraphQL's own form.
var errorFaults = map[string]faultKind{
	"refused": {
		words:  "the query is refused: data null and one error",
		params: map[string]faultParam{"code": faultCode("Forbidden")},
		do: func(c *faultCall) {
			fixedFault(text(map[string]any{"errors": []any{faultErrorAt(c.param("code"), []any{faultRoot(c.op)})}, "data": nil}))(c)
		},
	},
	"invalid": {
		words:  "the query is refused before it is begun, without data",
		params: map[string]faultParam{"code": faultCode("GRAPHQL_VALIDATION_FAILED"), "status": faultStatus("400")},
		do: func(c *faultCall) {
			body := text(map[string]any{"errors": []any{faultErrorAt(c.param("code"), nil)}})
			faultJSONAnswer(int(c.number("status")), body).send(c.w)
		},
	},
	"partial": {
		words: "an error beside good data, with null at its place",
		params: map[string]faultParam{
			"at": faultPlaceParam("nodes[0].fromAccount"), "code": faultCode("Forbidden"), "keep": faultOneOf("null", "value"),
		},
		do: partialFault,
	},
}

// partialFault reports each value at the place as not to be had, and takes it
// away unless told to keep it.
func partialFault(c *faultCall) {
	a := c.next()
	whole, data := openFault(a.body)
	if data == nil {
		a.send(c.w)
		return
	}
	p, err := parseFaultPlace(c.param("at"))
	if err != nil {
		panic("fakeoc: " + err.Error())
	}
	errs, _ := whole["errors"].([]any)
	p.find(data, faultRoot(c.op), func(s faultSpot) {
		errs = append(errs, faultErrorAt(c.param("code"), s.path))
		if c.param("keep") == "null" {
			s.set(nil)
		}
	})
	if len(errs) > 0 {
		whole["errors"] = errs
	}
	a.body = closeFault(whole)
	a.send(c.w)
}
