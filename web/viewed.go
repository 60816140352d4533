package web

import (
	"errors"
	"net/http"

	"coopcloud.tech/goodstanding/chair"
)

// reading is what a page of a person takes from memory; false where nothing was read.
func (m *mine) reading() (*reading, bool) {
	memory, ok := m.p.o.Memory(m.p.o.Now())
	if !ok {
		m.p.problem(m.v, http.StatusServiceUnavailable, notReadPage)
		return nil, false
	}
	return &reading{Memory: memory, p: m.p, v: m.v, inside: chair.Inside(m.actor, memory.Voters)}, true
}

// viewed is the decision that the address names, also one that was made since the
// memory was read; nil where the visitor may not read it, which is answered.
func (m *mine) viewed(r *reading) (*chair.View, error) {
	v, err := r.decisionNamed()
	if err != nil {
		return nil, err
	}
	if v == nil || r.sight(v) == chair.Unseen {
		m.p.problem(m.v, http.StatusNotFound, noDecision)
		return nil, nil
	}
	return v, nil
}

// viewedWhole is viewed for a page that shows what members read; others are told so.
func (m *mine) viewedWhole(r *reading) (*chair.View, error) {
	v, err := m.viewed(r)
	if v != nil && r.sight(v) != chair.Whole {
		m.p.problem(m.v, http.StatusForbidden, notice{"For members to do", "This is for those who act for a member.", "/decisions/" + key(v), "The decision"})
		return nil, nil
	}
	return v, err
}

// decisionNamed is the decision that the address names, for who is signed in also one
// that was made since the memory was read; nil for none.
func (r *reading) decisionNamed() (*chair.View, error) {
	if v := chair.Named(r.Views, r.v.segment); v != nil || !r.v.in {
		return v, nil
	}
	ctx := r.v.r.Context()
	id, err := r.p.o.Chair.Find(ctx, r.v.segment)
	if err == nil {
		var v chair.View
		if v, err = r.p.o.Chair.Read(ctx, id); err == nil {
			return &v, nil
		}
	}
	if _, missing := errors.AsType[*chair.NotFound](err); missing {
		return nil, nil
	}
	return nil, err
}
