package api

import (
	"net/http"
	"slices"

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
	// by says who may ask beside the scope.
	by asking
}

// waits says that an answer may wait for the database. What programs and everybody read
// is in memory (TestReadsGoOnWithTheDatabaseStopped); /readyz and the desk bound their
// looks by themselves.
func (r *route) waits() bool { return r.method != http.MethodGet || r.by != programs }

// asking is who may ask for a route.
type asking int

const (
	// programs: whoever has a token with the scope; everybody for a public route.
	programs asking = iota
	// richer: everybody, and members read more: by signing in, or by a token with
	// decisions:read.
	richer
	// persons: somebody who is signed in, or a token with the scope that stands for
	// a person.
	persons
	// offices: a token with the scope, or somebody who is signed in and has an office.
	offices
	// treasurers: a token with the scope, or a treasurer who is signed in.
	treasurers
)

const everybody = roll.Scope("")

// bodies are the keys of the JSON object that an operation takes as its body; all
// others take none, and leave one unread. The answer function asks c.body for
// each, then for c.body.err, and changes something only after that.
var bodies = map[string][]string{
	"acknowledgeHold": {"reason"},

	"createDecision":   {"admit", "affects", "changes", "channel", "enact", "link", "member", "size", "title", "until", "visibility"},
	"editDecision":     {"admit", "affects", "changes", "channel", "enact", "link", "member", "size", "title", "until", "visibility"},
	"openDecision":     {"member"},
	"logDecision":      {"member"},
	"announceDecision": {"member", "place"},
	"amendDecision":    {"affects", "changes", "channel", "editorial", "enact", "link", "member", "title"},
	"callMaterial":     {"member"},
	"castBallot":       {"answer", "concern"},
	"objectToDecision": {"concern"},
	"askForMoreTime":   {"member", "reason"},
	"escalateDecision": {"member", "reason", "to"},
	"answerConcern":    {"answer", "member"},
	"nudgeMembers":     {"member"},
	"withdrawDecision": {"member", "reason"},
	"stallDecision":    {"member", "reason"},
	"reopenDecision":   {"member", "until"},
	"closeDecision":    {"member", "reason"},

	"postOpportunity":  {"budget", "contact", "member", "public_from", "summary", "title", "until", "url"},
	"closeOpportunity": {"reason"},

	"startNotices":   {"confirm", "reason"},
	"releaseNotices": {"batch", "reason"},
	"dropNotices":    {"batch", "reason"},
	"noteBounce":     {"address", "reason", "recipient", "undo"},
}

// bySecret is for whoever knows the secret in the address. To anybody else such
// a route does not exist.
const bySecret = roll.Scope("secret in the address")

// schemaPath is where the JSON Schema of the provider list is.
const schemaPath = "/api/v1/providers.schema.json"

// routes are all routes.
func routes() []route {
	return slices.Concat(rollRoutes(), decisionRoutes(), opportunityRoutes(), noticeRoutes())
}

const (
	noticesPath = "/api/v1/notices"
	bouncesPath = "/api/v1/bounces"
)

func noticeRoutes() []route {
	const read, write = roll.ScopeNotices, roll.ScopeNoticesWrite
	return []route{
		{http.MethodGet, noticesPath, "listNotices", read, []string{"member", "kind", "state", "since", "limit", "after"}, (*API).notices, false, treasurers},
		{http.MethodGet, noticesPath + "/{notice}", "getNotice", read, nil, (*API).notice, false, treasurers},
		{http.MethodPost, noticesPath + "/start", "startNotices", write, nil, (*API).startNotices, false, treasurers},
		{http.MethodPost, noticesPath + "/release", "releaseNotices", write, nil, (*API).releaseNotices, false, treasurers},
		{http.MethodPost, noticesPath + "/drop", "dropNotices", write, nil, (*API).dropNotices, false, treasurers},
		{http.MethodPost, bouncesPath, "noteBounce", write, nil, (*API).noteBounce, false, treasurers},
	}
}

func opportunityRoutes() []route {
	return []route{
		{http.MethodGet, opportunitiesPath, "listOpportunities", everybody, []string{"limit", "after"}, (*API).opportunities, false, richer},
		{http.MethodGet, opportunityFeed, "getOpportunitiesFeed", everybody, nil, (*API).opportunitiesFeed, false, programs},
		{http.MethodPost, opportunitiesPath, "postOpportunity", roll.ScopeOpportunitiesWrite, nil, (*API).postOpportunity, false, persons},
		{http.MethodPost, opportunitiesPath + "/{opportunity}/close", "closeOpportunity", roll.ScopeOpportunitiesWrite, nil, (*API).closeOpportunity, false, persons},
	}
}

func rollRoutes() []route {
	return []route{
		{http.MethodGet, "/healthz", "getHealth", everybody, nil, (*API).health, true, programs},
		{http.MethodGet, "/readyz", "getReadiness", everybody, nil, (*API).ready, true, programs},

		{http.MethodGet, "/api/v1/openapi.yaml", "getOpenAPIYAML", everybody, nil, static(openAPIYAML), true, programs},
		{http.MethodGet, "/api/v1/openapi.json", "getOpenAPIJSON", everybody, nil, static(openAPIJSON), true, programs},
		{http.MethodGet, schemaPath, "getProvidersSchema", everybody, nil, static(providersJSONSchema), true, programs},

		{http.MethodGet, "/api/v1/providers", "getProviders", everybody, []string{"format"}, (*API).providers, false, programs},
		{http.MethodGet, "/api/v1/providers.md", "getProvidersMarkdown", everybody, nil, (*API).providersMarkdown, false, programs},
		{http.MethodGet, "/api/v1/members", "getMembers", everybody, nil, (*API).members, false, programs},
		{http.MethodGet, "/api/v1/members.md", "getMembersMarkdown", everybody, nil, (*API).membersMarkdown, false, programs},
		{http.MethodGet, "/api/v1/policy", "getPolicy", everybody, nil, (*API).policy, false, programs},
		{http.MethodGet, "/api/v1/policy.md", "getPolicyMarkdown", everybody, nil, (*API).policyMarkdown, false, programs},

		{http.MethodGet, "/api/v1/roll", "getRoll", roll.ScopeRoll, []string{"at", "known", "state", "right", "limit", "after"}, (*API).roll, false, programs},
		{http.MethodGet, "/api/v1/members/{member}/eligibility", "getEligibility", roll.ScopeEligibility, []string{"at", "known"}, (*API).eligibility, false, programs},
		{http.MethodGet, "/api/v1/services", "getServices", roll.ScopeServices, []string{"limit", "after"}, (*API).services, false, programs},
		{http.MethodGet, "/api/v1/holds", "getHolds", roll.ScopeHolds, []string{"all", "limit", "after"}, (*API).holds, false, programs},
		{http.MethodGet, "/api/v1/desk", "getDesk", roll.ScopeDesk, []string{"kind", "all", "limit", "after"}, (*API).desk, false, programs},
		{http.MethodGet, "/api/v1/syncs", "getSyncs", roll.ScopeSyncs, []string{"limit", "after"}, (*API).syncs, false, programs},

		{http.MethodPost, "/api/v1/holds/{hold}/acknowledge", "acknowledgeHold", roll.ScopeHoldsWrite, nil, (*API).acknowledge, false, programs},

		{http.MethodPost, hookPath, "postOpenCollectiveHook", bySecret, nil, (*API).hinted, true, programs},
	}
}

const (
	decisionsPath = "/api/v1/decisions"
	decisionPath  = decisionsPath + "/{decision}"
	feedPath      = "/api/v1/decisions.atom"
)

func decisionRoutes() []route {
	const write, vote = roll.ScopeDecisionsWrite, roll.ScopeBallots
	return []route{
		{http.MethodGet, decisionsPath, "listDecisions", everybody, []string{"state", "size", "limit", "after"}, (*API).decisions, false, richer},
		{http.MethodGet, feedPath, "getDecisionsFeed", everybody, nil, (*API).feed, false, programs},
		{http.MethodGet, decisionsPath + ".md", "getDecisionsMarkdown", everybody, nil, (*API).decisionsMarkdown, false, programs},
		{http.MethodGet, decisionPath + ".md", "getDecisionMarkdown", everybody, nil, (*API).decisionMarkdown, false, programs},
		{http.MethodGet, decisionPath, "getDecision", everybody, nil, (*API).decision, false, richer},
		{http.MethodGet, decisionPath + "/record", "getDecisionRecord", everybody, nil, (*API).record, false, richer},

		{http.MethodPost, decisionsPath, "createDecision", write, nil, (*API).create, false, persons},
		{http.MethodPost, decisionPath + "/edit", "editDecision", write, nil, deciding((*doing).edit), false, persons},
		{http.MethodPost, decisionPath + "/open", "openDecision", write, nil, deciding((*doing).open), false, persons},
		{http.MethodPost, decisionPath + "/log", "logDecision", write, nil, deciding((*doing).log), false, persons},
		{http.MethodPost, decisionPath + "/announce", "announceDecision", write, nil, deciding((*doing).announce), false, persons},
		{http.MethodPost, decisionPath + "/amend", "amendDecision", write, nil, deciding((*doing).amend), false, persons},
		{http.MethodPost, decisionPath + "/concerns/{concern}/answer", "answerConcern", write, nil, deciding((*doing).answerConcern), false, persons},
		{http.MethodPost, decisionPath + "/nudge", "nudgeMembers", write, nil, deciding((*doing).nudge), false, persons},
		{http.MethodPost, decisionPath + "/withdraw", "withdrawDecision", write, nil, deciding((*doing).withdraw), false, persons},
		{http.MethodPost, decisionPath + "/stall", "stallDecision", write, nil, deciding((*doing).stall), false, persons},
		{http.MethodPost, decisionPath + "/reopen", "reopenDecision", write, nil, deciding((*doing).reopen), false, persons},
		{http.MethodPost, decisionPath + "/close", "closeDecision", write, nil, deciding((*doing).end), false, persons},

		{http.MethodPut, decisionPath + "/ballots/{member}", "castBallot", vote, nil, deciding((*doing).cast), false, persons},
		{http.MethodDelete, decisionPath + "/ballots/{member}", "retractBallot", vote, nil, deciding((*doing).retract), false, persons},
		{http.MethodPut, decisionPath + "/objections/{member}", "objectToDecision", vote, nil, deciding((*doing).object), false, persons},
		{http.MethodDelete, decisionPath + "/objections/{member}", "withdrawObjection", vote, nil, deciding((*doing).unobject), false, persons},
		{http.MethodPost, decisionPath + "/more-time", "askForMoreTime", vote, nil, deciding((*doing).moreTime), false, persons},
		{http.MethodPost, decisionPath + "/escalate", "escalateDecision", vote, nil, deciding((*doing).escalate), false, persons},
		{http.MethodPost, decisionPath + "/call-material", "callMaterial", vote, nil, deciding((*doing).callMaterial), false, persons},

		{http.MethodGet, "/api/v1/me", "getMe", roll.ScopeDecisions, nil, (*API).me, false, persons},
		{http.MethodGet, "/api/v1/electorate", "getElectorate", roll.ScopeElectorate, []string{"decision"}, (*API).electorate, false, offices},
	}
}
