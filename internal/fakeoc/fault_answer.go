package fakeoc

import (
	"encoding/json"
	"fmt"
	"net/http"
	"strconv"
	"strings"
)

const (
	faultJSON = "application/json; charset=utf-8"
	faultHTML = "text/html; charset=UTF-8"

	faultChallengePage = "<!DOCTYPE html><html lang=\"en-US\"><head><title>Just a moment...</title></head>" +
		"<body>Verifying you are human. This may take a few seconds.</body></html>\n"
	faultRouterPage = "<!DOCTYPE html><html><head><title>Application Error</title></head>" +
		"<body><iframe src=\"//www.herokucdn.com/error-pages/application-error.html\"></iframe></body></html>\n"
	faultTimeoutText = "upstream request timeout\n"
)

// answerFaults are whole answers that have nothing to do with what was asked
// (bodies: open-collective.md, sections 1.2 to 1.6).
var answerFaults = map[string]faultKind{
	"429": {
		words: "the rate limit is used up, with or without the headers that say how long",
		params: map[string]faultParam{
			"retry-after": faultWord(""), "limit": faultWord(""), "reset": faultWord(""),
			"as": faultOneOf("json", "page", "nothing"),
		},
		do: func(c *faultCall) {
			a := c.as(429, `{"error":{"message":"Rate limit exceeded. Contact-us to get higher limits."}}`, faultChallengePage)
			for name, param := range map[string]string{
				"Retry-After": "retry-after", "X-RateLimit-Limit": "limit", "X-RateLimit-Reset": "reset",
			} {
				if v := c.param(param); v != "" {
					a.header.Set(name, v)
				}
			}
			if c.param("limit") != "" {
				a.header.Set("X-RateLimit-Remaining", "0")
			}
			a.send(c.w)
		},
	},
	"401": {
		words: "the token is refused; the refusal of an invalid one repeats it",
		params: map[string]faultParam{
			"reason": faultOneOf("invalid", "expired", "suspended", "jwt", "other"), "as": faultOneOf("json", "page", "nothing"),
		},
		do: func(c *faultCall) {
			said := map[string]string{
				"expired": "Expired Personal Token (Api Key)", "suspended": "This Personal Token was suspended",
				"jwt": "jwt expired", "other": "no",
			}[c.param("reason")]
			if c.param("reason") == "invalid" {
				said = "Invalid Personal Token (Api Key): " + c.r.Header.Get("Personal-Token")
			}
			c.as(401, text(map[string]any{"error": map[string]any{"code": 401, "type": "unauthorized", "message": said}}), faultChallengePage).send(c.w)
		},
	},
	"status": {
		words: "a status, with a body as JSON, as a page of the edge, as text, as good data, or none",
		params: map[string]faultParam{
			"code": faultStatus("500"), "as": faultOneOf("json", "page", "text", "data", "nothing"),
		},
		do: statusFault,
	},
	"challenge": {
		words: "the edge asks whether the client is human",
		do:    func(c *faultCall) { faultPage(403, faultChallengePage).send(c.w) },
	},
	"router-error": {
		words: "the router in front of upstream finds nobody behind it",
		do:    func(c *faultCall) { faultPage(503, faultRouterPage).send(c.w) },
	},
	"page":      {words: "a page with status 200", do: func(c *faultCall) { faultPage(200, faultChallengePage).send(c.w) }},
	"json-page": {words: "a page with status 200 that says it is JSON", do: fixedFault(faultChallengePage)},
	"empty":     {words: "no body at all", do: fixedFault("")},
	"blank":     {words: "a body of white space", do: fixedFault(" \r\n\t")},
	"braces":    {words: "an object without anything", do: fixedFault("{}")},
	"null":      {words: "the word null", do: fixedFault("null")},
	"list":      {words: "a list", do: fixedFault("[]")},
	"string":    {words: "a string", do: fixedFault(`"no"`)},
	"data-null": {words: "data null, and no word why", do: fixedFault(`{"data":null}`)},
	"data-none": {words: "data without the root that was asked for", do: fixedFault(`{"data":{}}`)},
	"data-list": {words: "data that is a list", do: fixedFault(`{"data":[]}`)},
	"error-200": {
		words:  "the form of a refusal, with status 200",
		params: map[string]faultParam{"says": faultOneOf("limit", "other")},
		do: func(c *faultCall) {
			said := "Rate limit exceeded. Create a Personal Token to get higher limits."
			if c.param("says") == "other" {
				said = "Something went wrong"
			}
			fixedFault(text(map[string]any{"error": map[string]any{"message": said}}))(c)
		},
	},
}

func faultStatus(otherwise string) faultParam {
	return faultParam{otherwise, func(s string) error {
		if code, err := strconv.Atoi(s); err != nil || code < 200 || code > 599 {
			return fmt.Errorf("want a status from 200 to 599 such as %s", otherwise)
		}
		return nil
	}}
}

func statusFault(c *faultCall) {
	code := int(c.number("code"))
	a := c.as(code, `{"error":{"code":`+strconv.Itoa(code)+`,"message":"Something went wrong"}}`, faultRouterPage)
	switch c.param("as") {
	case "text":
		a.header.Set("Content-Type", "text/plain")
		a.body = []byte(faultTimeoutText)
	case "data":
		a.body = c.next().body
	}
	if code/100 == 3 {
		a.header.Set("Location", endpoint)
	}
	a.send(c.w)
}

// as makes an answer in the form that the parameter "as" names.
func (c *faultCall) as(status int, inJSON, asPage string) faultAnswer {
	switch c.param("as") {
	case "page":
		return faultPage(status, asPage)
	case "nothing":
		return faultAnswer{status: status, header: http.Header{}}
	}
	return faultJSONAnswer(status, inJSON)
}

func faultPage(status int, html string) faultAnswer {
	return faultAnswer{status, http.Header{"Content-Type": {faultHTML}, "Server": {"cloudflare"}}, []byte(html)}
}

func faultJSONAnswer(status int, body string) faultAnswer {
	return faultAnswer{status, http.Header{"Content-Type": {faultJSON}, "Cache-Control": {"no-store"}}, []byte(body)}
}

// fixedFault answers 200 with a body that says it is JSON.
func fixedFault(body string) func(*faultCall) {
	return func(c *faultCall) { faultJSONAnswer(200, body).send(c.w) }
}

// faultRoot is the root that a document asks for, by what it reads.
func faultRoot(op string) string {
	switch {
	case op == "DuesPreflight" || op == "DuesAccount":
		return "account"
	case op == "DuesOrder":
		return "order"
	case strings.HasPrefix(op, "DuesOrders") || op == "DuesPausedByUser":
		return "orders"
	}
	return "transactions"
}

// text writes what cannot fail to be written: maps, strings and raw answers.
func text(v any) string {
	b, err := json.Marshal(v)
	if err != nil {
		panic("fakeoc: " + err.Error())
	}
	return string(b)
}
