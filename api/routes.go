package api

import (
	"net/http"

	"coopcloud.tech/goodstanding/roll"
)

// route is one thing that can be asked for. This file has them all.
type route struct {
	method string // GET answers HEAD, too
	path   string // a pattern of http.ServeMux, without the method
	// operation is the operationId in openapi.yaml; a test compares the two.
	operation string
	// scope is what a token needs; "" is public: what domain.md, section 8,
	// lets everybody see, as public_test.go proves for every such route.
	scope roll.Scope
	// query names the parameters that may be given, at most once each.
	query  []string
	answer func(*API, *call) (any, error)
	// alone says that the answer needs no snapshot.
	alone bool
}

const everybody = roll.Scope("")

// bodies are the keys of the JSON object that an operation takes as its body; all
// others take none, and leave one unread. The answer function asks c.body for
// each, then for c.body.err, and changes something only after that.
var bodies = map[string][]string{
	"acknowledgeHold": {"reason"},
}

// bySecret is for whoever knows the secret in the address. To anybody else such
// a route does not exist.
const bySecret = roll.Scope("secret in the address")

// schemaPath is where the JSON Schema of the provider list is.
const schemaPath = "/api/v1/providers.schema.json"

// routes are all routes.
func routes() []route {
	return []route{
		{http.MethodGet, "/healthz", "getHealth", everybody, nil, (*API).health, true},
		{http.MethodGet, "/readyz", "getReadiness", everybody, nil, (*API).ready, true},

		{http.MethodGet, "/api/v1/openapi.yaml", "getOpenAPIYAML", everybody, nil, static(openAPIYAML), true},
		{http.MethodGet, "/api/v1/openapi.json", "getOpenAPIJSON", everybody, nil, static(openAPIJSON), true},
		{http.MethodGet, schemaPath, "getProvidersSchema", everybody, nil, static(providersJSONSchema), true},

		{http.MethodGet, "/api/v1/providers", "getProviders", everybody, []string{"format"}, (*API).providers, false},
		{http.MethodGet, "/api/v1/providers.md", "getProvidersMarkdown", everybody, nil, (*API).providersMarkdown, false},
		{http.MethodGet, "/api/v1/members", "getMembers", everybody, nil, (*API).members, false},
		{http.MethodGet, "/api/v1/members.md", "getMembersMarkdown", everybody, nil, (*API).membersMarkdown, false},
		{http.MethodGet, "/api/v1/policy", "getPolicy", everybody, nil, (*API).policy, false},
		{http.MethodGet, "/api/v1/policy.md", "getPolicyMarkdown", everybody, nil, (*API).policyMarkdown, false},

		{http.MethodGet, "/api/v1/roll", "getRoll", roll.ScopeRoll, []string{"at", "known", "state", "right", "limit", "after"}, (*API).roll, false},
		{http.MethodGet, "/api/v1/members/{member}/eligibility", "getEligibility", roll.ScopeEligibility, []string{"at", "known"}, (*API).eligibility, false},
		{http.MethodGet, "/api/v1/services", "getServices", roll.ScopeServices, []string{"limit", "after"}, (*API).services, false},
		{http.MethodGet, "/api/v1/holds", "getHolds", roll.ScopeHolds, []string{"all", "limit", "after"}, (*API).holds, false},
		{http.MethodGet, "/api/v1/desk", "getDesk", roll.ScopeDesk, []string{"kind", "all", "limit", "after"}, (*API).desk, false},
		{http.MethodGet, "/api/v1/syncs", "getSyncs", roll.ScopeSyncs, []string{"limit", "after"}, (*API).syncs, false},

		{http.MethodPost, "/api/v1/holds/{hold}/acknowledge", "acknowledgeHold", roll.ScopeHoldsWrite, nil, (*API).acknowledge, false},

		{http.MethodPost, hookPath, "postOpenCollectiveHook", bySecret, nil, (*API).hinted, true},
	}
}
