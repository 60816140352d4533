package roll

import "strings"

// pullWords say how an attempt to read Open Collective ended; the words are those of
// the syncer's outcomes, a closed set (store.Pull.Outcome).
var pullWords = map[string]string{
	"complete":       "read whole",
	"rate_limited":   "Open Collective asked to wait",
	"unauthorised":   "Open Collective refuses the token",
	"forbidden":      "the token may not read what is needed",
	"token_ignored":  "Open Collective does not know the token",
	"schema_drift":   "Open Collective answers in a form that this version does not know",
	"upstream_down":  "Open Collective did not answer",
	"partial":        "part of the answer was missing",
	"incomplete":     "the answer did not fit together",
	"not_found":      "what was asked for is not there",
	"slug_unknown":   "there is no collective of that name",
	"other_account":  "another collective has that name now",
	"other_currency": "the collective is kept in another currency now",
	"archived":       "the collective is archived",
	"clock_apart":    "the clock of the server is wrong",
	"cancelled":      "it took too long, or was ended",
	"superseded":     "a newer reading was stored meanwhile",
	"database":       "the database did not take it",
	"assessment":     "the standings could not be worked out",
}

// PullWords say how an attempt to read Open Collective ended; a word that this version
// does not know stands for itself.
func PullWords(outcome string) string {
	if words := pullWords[outcome]; words != "" {
		return words
	}
	return strings.ReplaceAll(outcome, "_", " ")
}

// PullComplete says that an attempt brought a complete reading.
func (p PullInfo) PullComplete() bool { return p.Outcome == pullComplete }
