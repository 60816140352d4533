package archtest

// room is what may be imported where, and why. Paths are relative to the
// module; "..." stands for everything below.
type room struct {
	path string
	may  []string // rooms of this module that it may import
	pure bool     // rules only: nothing that waits, stores, logs or looks at a clock
	why  string
}

// ground are the rooms that everything may stand on.
var ground = []string{"internal/instant", "internal/tongue", "internal/arrange"}

var rooms = []room{
	{"internal/instant", nil, true, "the one representation of time stands on nothing"},
	{"internal/tongue", nil, true, "what is said to people, in each language, is text that every room may say"},
	{"internal/arrange", nil, true, "sorting knows nothing of what is sorted"},
	{"internal/money", nil, true, "amounts are integers and stand on nothing"},
	{"internal/logo", nil, true, "a small picture is made of a picture; who may, and where it is kept, is others' business"},
	{"member", nil, true, "identity stands on nothing"},
	{"internal/loop", nil, false, "a loop knows no rule"},
	{"eligibility", []string{"member", "internal/money"}, true, "a verdict is a function of facts, policy and instants"},
	{"decisions", []string{"member"}, true, "an outcome is a function of a log and a clock's reading"},
	{"publish", []string{"decisions", "member"}, true, "a page is text made of a decision, and the reverse; who stores it, or writes the file, is others' business"},
	{"policy", []string{"eligibility", "decisions", "member", "internal/money"}, false, "the policy file is text made into rules; it decides nothing itself"},
	{"notify", []string{"member"}, false, "the contract of notices knows no channel and no store"},
	{"notify/...", []string{"notify", "member"}, false, "a channel carries; it looks nothing up"},
	{"syncer/opencollective", []string{"member", "internal/money"}, false, "the client knows upstream, not our rules"},
	{"migrations", nil, false, "schemas are text"},
	{"store", []string{"member", "eligibility", "decisions", "notify", "migrations", "internal/money"}, false, "the only SQL; it keeps facts and decides nothing"},
	{"roll", []string{"store", "eligibility", "decisions", "policy", "member", "notify", "notify/letter", "internal/logo", "internal/money"}, false, "who is in good standing; knows neither upstream nor a page"},
	{"chair", []string{"roll", "store", "decisions", "publish", "member", "notify", "notify/letter"}, false, "runs decisions on the roll, and fills what letters say of them; it renders and sends nothing"},
	{"invariants", []string{"chair", "roll", "store"}, false, "looks whether what must always hold does; what is wrong is made anew by the rooms that know how"},
	{"syncer", []string{"roll", "store", "eligibility", "syncer/opencollective", "member", "internal/money"}, false, "from upstream's answers to facts; asks the roll to assess"},
	{"dispatch", []string{"roll", "store", "notify", "notify/letter", "eligibility", "policy", "member", "internal/money", "internal/loop"}, false,
		"looks again and hands over; knows the contract of a channel, never one"},
	{"signin", []string{"roll", "store", "notify", "member", "internal/loop"}, false, "who is asking"},
	{"reactions", []string{"chair", "roll", "store", "notify", "notify/matrix", "member", "decisions"}, false, "casts only through the chair"},
	{"internal/caller", nil, false, "reads an address of a request, counts, and sees who has gone"},
	{"api", []string{"internal/caller", "signin", "chair", "roll", "store", "eligibility", "decisions", "publish", "policy", "member", "notify", "internal/money"}, false, "JSON over HTTP; never the pages, never the syncer, never a channel"},
	{"web", []string{"internal/caller", "signin", "chair", "roll", "store", "eligibility", "decisions", "publish", "policy", "member", "notify", "internal/money"}, false, "pages; never the API, never the syncer, never a channel"},
	{"internal/metrics", []string{"invariants", "roll", "store", "eligibility", "decisions", "member", "notify", "syncer", "syncer/opencollective"}, false, "counts what the daemon does and shows; decides nothing"},
	{"internal/fakeoc", nil, false, "a faithful upstream must not share our client's mistakes"},
	{"internal/fakesmtp", nil, false, "a mail server for tests must not share our client's mistakes"},
	{"internal/fakematrix", nil, false, "a homeserver for tests must not share our client's mistakes"},
	{"internal/dbtest", []string{"store", "migrations"}, false, "gives tests a database of their own"},
	{"internal/archtest", nil, false, "reads the house, belongs to no room"},
	{"internal/longrun", []string{"..."}, false, "a whole federation's life, in tests only"},
	{"internal/bench", []string{"..."}, false, "the figures of the whole house, in tests only"},
	{"internal/cases", []string{"..."}, false, "what is known to go wrong, case by case, in tests only"},
	{"internal/mutate", nil, false, "tests the tests of any package; reads it as text"},
	{"cmd/verify-record", nil, false, "who counts again must not share the mistakes of what was counted"},
	{"cmd/goodstanding", []string{"..."}, false, "wires everything and does nothing else"},
}

// impure are packages of the standard library that a rule must not import.
var impure = map[string]string{
	"context":      "a rule does not wait",
	"database/sql": "a rule does not store",
	"net/http":     "a rule does not serve",
	"os":           "a rule does not look around",
	"log":          "a rule does not log",
	"log/slog":     "a rule does not log",
}

// kept are imports that only some rooms may have.
var kept = []struct {
	prefix string
	rooms  []string
	why    string
}{
	{"database/sql", []string{"store", "internal/dbtest"}, "SQL is only in the store"},
	{"github.com/jmoiron/sqlx", []string{"store", "internal/dbtest"}, "SQL is only in the store"},
	{"github.com/lib/pq", []string{"store", "internal/dbtest"}, "drivers are only in the store"},
	{"modernc.org/sqlite", []string{"store", "internal/dbtest"}, "drivers are only in the store"},
	{"github.com/pressly/goose", []string{"store", "internal/dbtest"}, "migrations are run by the store"},
	{"github.com/machinebox/graphql", []string{"syncer/opencollective"}, "the library swallows errors; only the guarded client may use it"},
	{"github.com/prometheus/client_golang", []string{"internal/metrics"}, "metrics have one registry and one page"},
	{"github.com/wneessen/go-mail", []string{"notify/email"}, "mails are handed in at one place"},
	{"github.com/emersion", []string{"internal/fakesmtp"}, "the mail server is for tests"},
	{"github.com/coreos/go-oidc", []string{"signin"}, "who is asking is found out at one place"},
	{"golang.org/x/oauth2", []string{"signin"}, "who is asking is found out at one place"},
	{"github.com/yuin/goldmark", []string{"notify/letter", "web"}, "Markdown is turned into HTML for letters at one place, and for pages at one"},
	{"text/template", []string{"notify/letter"}, "the words of letters are filled in at one place"},
	{"html/template", []string{"web"}, "pages are made at one place"},
	{"github.com/microcosm-cc/bluemonday", []string{"web"}, "texts of people become HTML at one place"},
	{"github.com/rs/zerolog/log", nil, "the global logger is forbidden"},
	{"go.yaml.in/yaml", []string{"policy", "roll", "api", "cmd/goodstanding"}, "YAML is for files that people write"},
}
