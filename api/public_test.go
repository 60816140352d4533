package api

import (
	"encoding/json"
	"fmt"
	"maps"
	"net/http"
	"slices"
	"strings"
	"testing"
	"time"

	"coopcloud.tech/goodstanding/eligibility"
	"coopcloud.tech/goodstanding/internal/dbtest"
	"coopcloud.tech/goodstanding/internal/instant"
	"coopcloud.tech/goodstanding/member"
	"coopcloud.tech/goodstanding/roll"
)

// shown is what each public operation may show, field by field (domain.md,
// section 8). A path names the keys from the root; [] is every item of a list.
// A public route without a line here fails the test: whoever adds one decides
// here what the public sees. "text" is a document without keys; "document" is
// part of the program and holds no data.
var shown = map[string][]string{
	"getHealth":          {"status"},
	"getReadiness":       {"status"},
	"getOpenAPIYAML":     {"document"},
	"getOpenAPIJSON":     {"document"},
	"getProvidersSchema": {"document"},
	"getProviders": append([]string{"schema", "federation", "changed_at", "providers[]"},
		append(beneath("providers[].", providerKeys), beneath("[].", providerKeys)...)...),
	"getProvidersMarkdown": {"text"},
	"getMembers": append(beneath("items[].", []string{"id", "name", "kind", "website", "summary", "member_since", "decision", "provider"}),
		"items[]", "next"),
	"getMembersMarkdown": {"text"},
	"getPolicyMarkdown":  {"text"},
	"getPolicy": slices.Concat([]string{"id", "from", "decided_by", "words[]", "words[].topic", "words[].text",
		"versions[]", "versions[].id", "versions[].from", "versions[].decided_by", "rules.admission"},
		beneath("rules.dues.", []string{"minimums[]", "minimums[].amount.minor", "minimums[].amount.currency", "minimums[].interval", "count_tax",
			"one_off", "late_seconds", "stale_after_seconds", "interrupted_seconds", "brake.share", "brake.at_least", "brake.within_seconds", "review_by"}),
		rightKeys("vote"), rightKeys("listing"), rightKeys("services"), sizeKeys("medium"), sizeKeys("large"),
		beneath("rules.decisions.", []string{"ballots", "policy_changes", "notice_too_short"}),
		beneath("rules.notices.", []string{"payment_late_seconds", "before_grace_ends_seconds", "waiver_ends_seconds",
			"not_voted.after", "not_voted.before_deadline_seconds", "not_voted.overdue_every_seconds"})),
	"listDecisions": append(beneath("items[].", itemKeys), "next"),
	"getDecision": slices.Concat(itemKeys, []string{"changes", "affects", "channel", "link", "enacts", "attachment", "zone", "policy", "rule", "entries", "head", "imported", "members"},
		beneath("rule.", []string{"notice_days", "more_time_days", "answers[]", "ballots", "heard", "lines[].rule", "lines[].words", "lines[].holds", "lines[].count"}),
		beneath("revisions[].", []string{"title", "changes", "affects", "channel", "link", "attachment"}),
		beneath("concerns[].", []string{"number", "at", "words", "answer", "answered_at", "stands"}),
		beneath("ballots[].", []string{"name", "at", "answer", "revision", "concern"})),
	"getDecisionRecord": slices.Concat([]string{"format", "head", "electorate.seats", "electorate.sha256", "outcome.state", "outcome.at", "outcome.sensitivity"},
		beneath("decision.", []string{"id", "number", "size", "kind", "visibility", "zone", "state", "deadline"}),
		beneath("rules.", []string{"policy", "ballots", "notice", "answers[]", "passes_if[]", "more_time"}),
		beneath("tally.", []string{"favour", "against", "abstain", "block", "waiting", "objections", "unanswered"}),
		beneath("entries[].", []string{"seq", "at", "kind", "number", "state", "due", "private", "prev", "hash", "text", "words", "name",
			"text.salt", "text.body", "words.salt", "words.body", "name.salt", "name.body"}),
		beneath("entries[].public.", []string{"zone", "size", "kind", "visibility", "policy", "ballots", "rule.notice", "rule.answers[]", "rule.passes_if[]", "rule.more_time",
			"seats", "electorate", "deadline", "ends", "revision", "voter", "name", "answer", "concern", "answered", "words", "text"})),
	"getDecisionsFeed":     {"text"},
	"getDecisionsMarkdown": {"text"},
	"getOpportunitiesFeed": {"text"},
	"listOpportunities": append(beneath("items[].", []string{"id", "title", "summary", "contact", "url", "budget", "by", "stand", "posted", "public_from", "closes"}),
		"next"),
	"getDecisionMarkdown": {"text"},
}

// itemKeys are what everybody sees of a decision in a list; of one for members the
// first four.
var itemKeys = append([]string{"number", "visibility", "state", "state_in_words", "id", "size", "kind", "title", "proposed", "opened", "deadline", "ends", "closed",
	"revision", "stands", "lacking", "sensitivity", "tally"}, beneath("tally.", []string{"favour", "against", "abstain", "block", "objections", "concerns", "unanswered", "waiting"})...)

// problemKeys are those of every problem.
var problemKeys = []string{"type", "title", "status", "detail", "errors[]"}

var providerKeys = []string{"id", "name", "url", "summary", "contact.label", "contact.href", "logo", "place",
	"services[]", "languages[]", "member_since"}

func beneath(prefix string, keys []string) []string {
	return mapped(keys, func(k string) string { return prefix + k })
}

func rightKeys(right string) []string {
	return beneath("rules.rights."+right+".", []string{"dues", "members[]", "grace_seconds"})
}

func sizeKeys(size string) []string {
	return beneath("rules.decisions."+size+".", []string{"notice_days", "answers[]", "passes_if[]", "more_time_days"})
}

// shownHeaders are the headers that a public answer may have.
var shownHeaders = []string{"Access-Control-Allow-Headers", "Access-Control-Allow-Methods", "Access-Control-Allow-Origin",
	"Access-Control-Expose-Headers", "Access-Control-Max-Age", "Allow", "Cache-Control", "Content-Encoding", "Content-Length",
	"Content-Security-Policy", "Content-Type", "Cross-Origin-Resource-Policy", "Date", "Etag", "Goodstanding-As-Of",
	"Goodstanding-Stale", "Link", "Referrer-Policy", "Request-Id", "Retry-After", "Vary", "Www-Authenticate", "X-Content-Type-Options"}

// paths are the paths of all keys in a JSON value that hold something that is
// no object.
func paths(v any, at string, out map[string]bool) {
	switch v := v.(type) {
	case map[string]any:
		for key, inner := range v {
			paths(inner, strings.TrimPrefix(at+"."+key, "."), out)
		}
	case []any:
		for _, inner := range v {
			paths(inner, at+"[]", out)
		}
	default:
		out[at] = true
	}
}

// stateWords are never public in what is about members.
func stateWords() (words []string) {
	for s := eligibility.StateLeft; s.String() != ""; s++ {
		words = append(words, s.String())
	}
	return slices.DeleteFunc(words, func(w string) bool { return w == "left" || w == "short" || w == "current" }) // words of English
}

// publicVisits are all public routes, in every form in which they answer.
func publicVisits(c *council) map[string][]string {
	out := map[string][]string{}
	for _, r := range routes() {
		if r.scope != everybody {
			continue
		}
		path := asked(r)
		out[r.operation] = []string{path, path + "?nonsense=canary&canary=1", path + "?format=array"}
		if c != nil && strings.Contains(r.path, "{decision}") { // for members, withdrawn, a draft, noted, none
			for _, word := range []string{"2", "3", c.draft, c.noted, "canary"} {
				out[r.operation] = append(out[r.operation], strings.Replace(r.path, "{decision}", word, 1))
			}
		}
	}
	return out
}

// TestThePublicSeesThisAndNothingElse walks the table of routes: every key of
// every public answer is on the list above, no private value stands in any body
// or header, and no answer depends on who asks.
func TestThePublicSeesThisAndNothingElse(t *testing.T) {
	w := newWorld(t)
	brake(w)
	c := w.decide()
	asked := 0
	for operation, visited := range publicVisits(c) {
		allow, ok := shown[operation]
		if !ok {
			t.Errorf("%s is public, and nobody has said what it may show: add it to shown, by domain.md, section 8", operation)
			continue
		}
		used := map[string]bool{}
		for _, path := range visited {
			for _, method := range []string{"GET", "HEAD", "OPTIONS", "POST", "DELETE"} {
				got := w.ask(method, path)
				asked++
				checkHeaders(t, method+" "+path, got.Header)
				checkValues(t, operation, method+" "+path, got)
				checkKeys(t, operation, path, got, allow, used)
				if method == "GET" && !strings.HasPrefix(operation, "getDecision") && !strings.HasPrefix(operation, "list") || operation == "getDecisionsFeed" {
					if with := w.ask(method, path, "Authorization: Bearer "+w.token); with.body != got.body {
						t.Errorf("%s answers otherwise to somebody with a token", path)
					}
				}
			}
		}
		for _, key := range allow {
			if key != "text" && key != "document" && !used[key] && !mayBeAbsent[key] {
				t.Errorf("%s was never seen showing %s: the test does not see it, or the list is too long", operation, key)
			}
		}
	}
	if asked < 11*3*5 {
		t.Errorf("only %d answers were looked at", asked)
	}
}

// mayBeAbsent are keys of lists whose every item is an object, and of which
// nothing but the items' own keys shows.
var mayBeAbsent = map[string]bool{"entries[].public.answered": true, "items[]": true, "providers[]": true, "words[]": true, "versions[]": true, "rules.dues.minimums[]": true}

func checkHeaders(t *testing.T, where string, h http.Header) {
	t.Helper()
	for name, values := range h {
		if !slices.Contains(shownHeaders, name) {
			t.Errorf("%s has the header %s, which nobody allowed", where, name)
		}
		for _, c := range canaries {
			if strings.Contains(strings.ToLower(fmt.Sprint(values)), c) {
				t.Errorf("%s: the header %s holds %q", where, name, c)
			}
		}
	}
}

func checkValues(t *testing.T, operation, where string, got reply) {
	t.Helper()
	for _, name := range []string{`Fir"`, `Birch"`, `Dogwood"`, "李"} { // of members and people who are on no public list of decisions
		if strings.HasPrefix(where, "GET "+decisionsPath) && strings.Contains(got.body, name) {
			t.Errorf("%s names %s, who has not answered", where, name)
		}
	}
	body := strings.ToLower(got.body)
	for _, c := range canaries {
		if strings.Contains(body, c) {
			t.Errorf("%s shows a private value (%q)", where, c)
		}
	}
	if operation == "getPolicy" || operation == "getPolicyMarkdown" || slices.Contains(shown[operation], "document") {
		return // they speak of states in general; TestRulesAndDocumentsHoldNoData
	}
	for _, s := range stateWords() {
		if strings.Contains(body, s) {
			t.Errorf("%s says %q", where, s)
		}
	}
}

func checkKeys(t *testing.T, operation, path string, got reply, allow []string, used map[string]bool) {
	t.Helper()
	kind := got.Header.Get("Content-Type")
	if !strings.HasSuffix(kind, "json") || got.body == "" || got.StatusCode < 400 && slices.Contains(allow, "document") {
		return
	}
	if got.StatusCode >= 400 {
		allow = problemKeys
	} else if slices.Contains(allow, "text") {
		t.Errorf("%s is JSON, %s promises text", path, operation)
	}
	var value any
	if err := json.Unmarshal([]byte(got.body), &value); err != nil {
		t.Errorf("%s: %v", path, err)
	}
	found := map[string]bool{}
	paths(value, "", found)
	for key := range found {
		if !slices.Contains(allow, key) {
			t.Errorf("%s shows %q, which is not public", path, key)
		}
	}
	if got.StatusCode < 400 {
		maps.Copy(used, found)
	}
}

// TestRulesAndDocumentsHoldNoData: they are the same in a federation where
// nobody is.
func TestRulesAndDocumentsHoldNoData(t *testing.T) {
	full, empty := newWorld(t), bare(t, dbtest.SQLite(t)())
	empty.refresh()
	n := 0
	for operation, visited := range publicVisits(nil) {
		if operation != "getDecisionsFeed" && slices.Contains(shown[operation], "document") || strings.HasPrefix(operation, "getPolicy") {
			n++
			if a, b := full.get(visited[0]), empty.get(visited[0]); a.body != b.body || a.StatusCode != 200 || len(a.body) < 500 {
				t.Errorf("%s: depends on who is a member", operation)
			}
		}
	}
	if n != 5 {
		t.Errorf("%d documents were compared", n)
	}
}

// TestAllMembersLookAlike: whatever happens to a member's standing, what the
// public sees of the members stays the same to the letter.
func TestAllMembersLookAlike(t *testing.T) {
	w := newWorld(t)
	look := func() string {
		w.refresh()
		return w.get("/api/v1/members").body + w.get("/api/v1/members.md").body
	}
	before := look()
	ctx := t.Context()
	cora, err := w.r.ActorAs(ctx, "Cora Canaryperson", "")
	w.ok(err)
	carl, err := w.r.ActorAs(ctx, "Carl Canaryperson", "")
	w.ok(err)
	two := roll.By{Actor: cora, Second: &carl, Reason: "canaryreason"}
	for name, change := range map[string]func(){
		"suspended": func() { w.must(w.r.Suspend(ctx, two, w.fir, 0, 0)) },
		"restored":  func() { w.must(w.r.Restore(ctx, two, w.birch, 0)) },
		"waived": func() {
			_, _, err := w.r.Waive(ctx, w.by("labour"), w.nora, instant.Date(2026, 6, 1), 0, "")
			w.ok(err)
		},
		"unlinked": func() { w.must(w.r.Unlink(ctx, w.by("mistake"), w.fir, "acc-canary-fir", 0)) },
		"delegate": func() { w.person("Dora Canaryperson", []member.ID{w.fir}) },
		"lapsed":   func() { w.later(24 * time.Hour) },
		"applied": func() {
			w.add(roll.NewMember{Name: "Gorse Canary", Kind: member.Organisation, Applied: true})
		},
	} {
		change()
		if after := look(); after != before {
			t.Errorf("%s: the public sees it:\n%s", name, after)
		}
	}
	for _, change := range []func(){
		func() { w.must(w.r.Leave(ctx, w.by("wished so"), w.fir, 0)) },
		func() { w.must(w.r.Admit(ctx, w.by("agreed"), w.cedar, 0, "014")) },
	} {
		change()
		after := look()
		if after == before {
			t.Error("who leaves or is admitted is not seen")
		}
		before = after
	}
}

// Before the list is public, nobody is shown to be a provider.
func TestNobodyIsAProviderBeforeTheListIsPublic(t *testing.T) {
	w := newWorld(t)
	w.ok(w.r.PublishProviders(t.Context(), w.by("a mistake"), false))
	w.refresh()
	got := w.get("/api/v1/members")
	if got.StatusCode != 200 || strings.Contains(got.body, `"provider": true`) || strings.Contains(w.get("/api/v1/members.md").body, "contact](") {
		t.Errorf("who would be listed shows: %s", got.body)
	}
	for _, path := range []string{"/api/v1/providers", "/api/v1/providers?format=array", "/api/v1/providers.md"} {
		got := w.get(path)
		if got.StatusCode != 404 || !strings.Contains(got.body, `"urn:goodstanding:problem:not-published"`) || !strings.Contains(got.body, `"2 of 6 profiles are ready"`) {
			t.Errorf("%s: %d %s", path, got.StatusCode, got.body)
		}
	}
}
