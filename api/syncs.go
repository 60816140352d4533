package api

import (
	"coopcloud.tech/goodstanding/internal/instant"
	"coopcloud.tech/goodstanding/store"
)

// syncAnswer is one attempt to read Open Collective.
type syncAnswer struct {
	ID       string           `json:"id"`
	Started  instant.Instant  `json:"started"`
	Finished instant.Instant  `json:"finished"`
	Outcome  string           `json:"outcome"` // "complete", or the class of what went wrong
	Detail   string           `json:"detail"`
	Requests int              `json:"requests"`
	Counts   map[string]int64 `json:"counts"`
}

func (a *API) syncs(c *call) (any, error) {
	p := c.query.page()
	if err := c.query.err(); err != nil {
		return nil, err
	}
	return paged(mapped(c.s.pulls, syncOf), func(s syncAnswer) string { return s.ID }, p)
}

func syncOf(p store.Pull) syncAnswer {
	counts := p.Counts
	if counts == nil {
		counts = map[string]int64{}
	}
	return syncAnswer{ID: p.ID, Started: p.Started, Finished: p.Finished, Outcome: p.Outcome, Detail: p.Detail, Requests: p.Requests, Counts: counts}
}
