package fakeoc

import (
	"bytes"
	"encoding/json"
	"io"
	"maps"
	"net/http"
	"regexp"
	"slices"
	"strconv"
	"sync"
)

// Faults stands in front of any handler that answers GraphQL over POST and
// spoils what its list of faults says, alone or several at once: the first of
// the list is the outermost. Requests that are no POST pass untouched. It is
// safe for concurrent use, and the list can be changed while it serves.
type Faults struct {
	inner http.Handler

	mu     sync.Mutex
	active []*activeFault
	past   map[string][]faultAnswer // good answers by operation, the oldest first
	turns  map[string]int           // of faults that alternate
}

// activeFault is a fault with its counters.
type activeFault struct {
	Fault
	met, struck int
}

// FaultState is a fault of the list with what it has done so far.
type FaultState struct {
	Fault
	Met    int // requests that it could have struck
	Struck int // requests that it has struck
}

// NewFaults puts an empty list in front of a handler.
func NewFaults(inner http.Handler) *Faults {
	return &Faults{inner: inner, past: map[string][]faultAnswer{}}
}

// Set makes these the faults from now on, each counting from the beginning. A
// fault that ParseFault would refuse is an error, and the list stays.
func (f *Faults) Set(list ...Fault) error {
	active := make([]*activeFault, 0, len(list))
	for _, one := range list {
		if err := one.check(); err != nil {
			return err
		}
		one.Params, one.On = maps.Clone(one.Params), slices.Clone(one.On)
		active = append(active, &activeFault{Fault: one})
	}
	f.mu.Lock()
	defer f.mu.Unlock()
	f.active = active
	return nil
}

// Clear ends all faults. What is remembered of good answers stays.
func (f *Faults) Clear() {
	f.mu.Lock()
	defer f.mu.Unlock()
	f.active = nil
}

// List is what Set was last told, with counters.
func (f *Faults) List() []FaultState {
	f.mu.Lock()
	defer f.mu.Unlock()
	all := make([]FaultState, 0, len(f.active))
	for _, a := range f.active {
		all = append(all, FaultState{Fault: a.Fault, Met: a.met, Struck: a.struck})
	}
	return all
}

// ServeHTTP answers with the faults that are due.
func (f *Faults) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	if r.Method != http.MethodPost {
		f.inner.ServeHTTP(w, r)
		return
	}
	asked, err := io.ReadAll(io.LimitReader(r.Body, maxFaultQuery))
	if err != nil {
		return // the client left while it asked
	}
	op := faultOperation(asked)
	f.chain(f.strike(op), op, asked)(w, r)
}

// maxFaultQuery bounds a request's body.
const maxFaultQuery = 1 << 20

// strike counts the request and finds the faults that are due.
func (f *Faults) strike(op string) []Fault {
	f.mu.Lock()
	defer f.mu.Unlock()
	var due []Fault
	for _, a := range f.active {
		if !a.concerns(op) {
			continue
		}
		if a.met++; a.due(a.met) {
			a.struck++
			due = append(due, a.Fault)
		}
	}
	return due
}

// chain puts faults around the inner handler.
func (f *Faults) chain(due []Fault, op string, asked []byte) http.HandlerFunc {
	serve := func(w http.ResponseWriter, r *http.Request) {
		again := r.Clone(r.Context())
		again.Body = io.NopCloser(bytes.NewReader(asked))
		again.ContentLength = int64(len(asked))
		a := faultAnswerOf(f.inner, again)
		f.remember(op, a)
		a.send(w)
	}
	for _, fault := range slices.Backward(faultsOutermostFirst(due)) {
		next := serve
		serve = func(w http.ResponseWriter, r *http.Request) {
			faultKinds[fault.Kind].do(&faultCall{Fault: fault, w: w, r: r, op: op, inner: next, all: f})
		}
	}
	return serve
}

// faultsOutermostFirst puts the first fault that spoils how an answer travels in front
// and leaves out further ones: an answer travels once.
func faultsOutermostFirst(due []Fault) []Fault {
	var wire, rest []Fault
	for _, f := range due {
		if faultKinds[f.Kind].wire {
			wire = append(wire, f)
		} else {
			rest = append(rest, f)
		}
	}
	return append(wire[:min(len(wire), 1)], rest...)
}

// faultCall is one request that a fault strikes.
type faultCall struct {
	Fault
	w     http.ResponseWriter
	r     *http.Request
	op    string
	inner http.HandlerFunc
	all   *Faults
}

// next is what would be answered without this fault.
func (c *faultCall) next() faultAnswer { return faultAnswerOf(c.inner, c.r) }

var faultNamed = regexp.MustCompile(`(?m)^\s*query\s+(\w+)`)

// operationOf is the name of the document that was asked; "" when it has none.
func faultOperation(asked []byte) string {
	var q struct {
		Query string `json:"query"`
	}
	if json.Unmarshal(asked, &q) != nil {
		return ""
	}
	if found := faultNamed.FindStringSubmatch(q.Query); found != nil {
		return found[1]
	}
	return ""
}

// faultAnswer is a whole answer.
type faultAnswer struct {
	status int
	header http.Header
	body   []byte
}

func (a faultAnswer) send(w http.ResponseWriter) {
	maps.Copy(w.Header(), a.header)
	if a.header.Get("Content-Type") == "" {
		w.Header()["Content-Type"] = nil // no guessing from the body
	}
	if a.status != http.StatusNoContent {
		w.Header().Set("Content-Length", strconv.Itoa(len(a.body)))
	}
	w.WriteHeader(a.status)
	_, _ = w.Write(a.body) // a client that left needs no answer
}

// answerOf keeps what a handler answers instead of sending it.
func faultAnswerOf(h http.Handler, r *http.Request) faultAnswer {
	k := &faultKeeper{faultAnswer{header: http.Header{}}}
	h.ServeHTTP(k, r)
	if k.status == 0 {
		k.status = http.StatusOK
	}
	k.header.Del("Content-Length")
	return k.faultAnswer
}

type faultKeeper struct{ faultAnswer }

func (k *faultKeeper) Header() http.Header { return k.header }

func (k *faultKeeper) WriteHeader(status int) {
	if k.status == 0 {
		k.status = status
	}
}

func (k *faultKeeper) Write(p []byte) (int, error) {
	k.body = append(k.body, p...)
	return len(p), nil
}
