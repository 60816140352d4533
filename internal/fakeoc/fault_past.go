package fakeoc

import (
	"bytes"
	"encoding/json"
	"net/http"
	"slices"
)

// faultMemory is how many different good answers to one operation are
// kept for replaying.
const faultMemory = 8

// remember keeps a good answer, each once and the newest last.
func (f *Faults) remember(op string, a faultAnswer) {
	if op == "" || a.status != http.StatusOK {
		return
	}
	f.mu.Lock()
	defer f.mu.Unlock()
	kept := slices.DeleteFunc(f.past[op], func(b faultAnswer) bool { return bytes.Equal(a.body, b.body) })
	kept = append(kept, faultAnswer{a.status, a.header.Clone(), bytes.Clone(a.body)})
	f.past[op] = kept[max(len(kept)-faultMemory, 0):]
}

// before is the answer to an operation so many different answers ago; 0 is the
// last one. ok is false when so many are not remembered.
func (f *Faults) before(op string, age int) (a faultAnswer, ok bool) {
	f.mu.Lock()
	defer f.mu.Unlock()
	kept := f.past[op]
	if age < 0 || age >= len(kept) {
		return faultAnswer{}, false
	}
	return kept[len(kept)-1-age], true
}

// turn counts, for faults that alternate.
func (f *Faults) turn(op string) int {
	f.mu.Lock()
	defer f.mu.Unlock()
	if f.turns == nil {
		f.turns = map[string]int{}
	}
	f.turns[op]++
	return f.turns[op]
}

// pastFaults answer with what was right once, or for another question. Where
// nothing fitting is remembered yet the good answer goes out.
var pastFaults = map[string]faultKind{
	"stale": {
		words:  "a cache answers: what was right so many different answers ago",
		params: map[string]faultParam{"age": faultNumber("1")},
		do: func(c *faultCall) {
			fresh := c.next() // so that the past goes on meanwhile
			if a, ok := c.all.before(c.op, int(c.number("age"))); ok {
				fresh = a
			}
			fresh.send(c.w)
		},
	},
	"other-answer": {
		words:  "the last answer to another question",
		params: map[string]faultParam{"of": faultOneOf("DuesPreflight", FaultOperations()[1:]...)},
		do: func(c *faultCall) {
			if a, ok := c.all.before(c.param("of"), 0); ok {
				a.send(c.w)
				return
			}
			c.next().send(c.w)
		},
	},
}

// pausedFaults are wrong answers to the question which payers paused their
// contributions themselves.
var pausedFaults = map[string]faultKind{
	"paused-all":     pausedKind("the filter is ignored: every paused contribution is in every list", 0, pausedRows(isPausedRef), pausedRows(isPausedRef)),
	"paused-active":  pausedKind("contributions that are not paused are listed", 0, pausedRows(func(o faultOrder) bool { return !isPausedRef(o) }), noRows),
	"paused-unknown": pausedKind("a contribution that nobody knows is listed", 0, unknownOrderRef, noRows),
	"paused-none":    pausedKind("no contribution is listed", 0, noRows, noRows),
	"paused-total":   pausedKind("the total is not that of the rows", 1, pausedRows(isPausedRef), noRows),
	"paused-payers":  plausible(pausedKind("every pause is said to be its payer's", 0, pausedRows(isPausedRef), noRows)),
}

// faultOrder is what query 11 asks of an order; Status is not part of the answer.
type faultOrder struct {
	ID       string `json:"id"`
	PublicID string `json:"publicId"`
	LegacyID int64  `json:"legacyId"`
	Status   string `json:"-"`
}

func isPausedRef(o faultOrder) bool { return o.Status == "PAUSED" }

func unknownOrderRef(*faultCall) []faultOrder {
	return []faultOrder{{ID: "or_Zz9Yy8Xx7Ww6Vv5Uu4Tt3", PublicID: "or_Zz9Yy8Xx7Ww6Vv5Uu4Tt3", LegacyID: 7770001}}
}

// pausedKind answers with contributions that their payers paused and others
// that somebody else did; more is added to the first total.
func pausedKind(words string, more int, byPayer, byOthers func(*faultCall) []faultOrder) faultKind {
	list := func(rows []faultOrder, more int) map[string]any {
		return map[string]any{"totalCount": len(rows) + more, "nodes": append([]faultOrder{}, rows...)}
	}
	return faultKind{words: words, on: strikesPaused, do: func(c *faultCall) {
		fixedFault(text(map[string]any{"data": map[string]any{"orders": list(byPayer(c), more), "others": list(byOthers(c), 0)}}))(c)
	}}
}

func plausible(k faultKind) faultKind {
	k.plausible = true
	return k
}

func noRows(*faultCall) []faultOrder { return nil }

// pausedRows picks rows of the last answer to the list of orders.
func pausedRows(want func(faultOrder) bool) func(*faultCall) []faultOrder {
	return func(c *faultCall) []faultOrder {
		a, _ := c.all.before("DuesOrders", 0)
		var seen struct {
			Data struct {
				Orders struct {
					Nodes []struct {
						faultOrder
						Status string `json:"status"`
					}
				}
			}
		}
		if json.Unmarshal(a.body, &seen) != nil {
			return nil
		}
		var list []faultOrder
		for _, n := range seen.Data.Orders.Nodes {
			n.faultOrder.Status = n.Status
			if want(n.faultOrder) {
				list = append(list, n.faultOrder)
			}
		}
		return list
	}
}
