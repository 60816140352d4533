package api

import (
	"context"
	"time"
)

// status is the answer of a health check that is well.
type status struct {
	Status string `json:"status"`
}

// health says that the process answers, and nothing else.
func (a *API) health(*call) (any, error) { return status{"alive"}, nil }

// slowReady is how long the database may take to be called ready.
const slowReady = 2 * time.Second

// ready says that the database answers with the right schema and that a policy
// is loaded. Whether Open Collective can be read has no part in it: the roll
// goes on without. A problem lists everything that is missing, and no detail of
// the place.
func (a *API) ready(c *call) (any, error) {
	var faults []string
	ctx, cancel := context.WithTimeout(c.ctx, slowReady)
	defer cancel()
	want := a.schema.Load()
	switch have, err := a.o.DB.SchemaVersion(ctx); {
	case err != nil:
		faults = append(faults, "the database does not answer")
	case want != 0 && have != want:
		faults = append(faults, "the database has another schema than this program works with")
	}
	switch s := a.current.Load(); {
	case s == nil:
		faults = append(faults, "the roll was not read yet")
	case s.policy == "":
		faults = append(faults, "no policy is loaded")
	}
	if len(faults) > 0 {
		return nil, (&refusal{kind: notReady, detail: "not everything is there", reasons: faults}).with("Retry-After", "2")
	}
	return status{"ready"}, nil
}
