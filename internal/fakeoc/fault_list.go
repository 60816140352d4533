package fakeoc

import (
	"bytes"
	"encoding/json"
	"slices"
	"strconv"
)

// rewordFault lets f change the data of a good answer; an answer without data
// passes as it is.
func rewordFault(f func(c *faultCall, data map[string]any)) func(*faultCall) {
	return func(c *faultCall) {
		a := c.next()
		if whole, data := openFault(a.body); data != nil {
			f(c, data)
			a.body = closeFault(whole)
		}
		a.send(c.w)
	}
}

// openFault reads an answer; data is nil when it has none.
func openFault(body []byte) (whole, data map[string]any) {
	dec := json.NewDecoder(bytes.NewReader(body))
	dec.UseNumber()
	if dec.Decode(&whole) != nil {
		return nil, nil
	}
	data, _ = whole["data"].(map[string]any)
	return whole, data
}

func closeFault(whole map[string]any) []byte {
	var b bytes.Buffer
	enc := json.NewEncoder(&b)
	enc.SetEscapeHTML(false)
	if err := enc.Encode(whole); err != nil {
		panic("fakeoc: " + err.Error()) // it was read from JSON
	}
	return b.Bytes()
}

// rowsFault changes the rows of a list. matching then sets the total to what
// came, so that counting cannot tell.
func rowsFault(matching bool, f func(c *faultCall, nodes []any) []any) func(*faultCall) {
	return rewordFault(func(c *faultCall, data map[string]any) {
		list, _ := data[faultRoot(c.op)].(map[string]any)
		nodes, ok := list["nodes"].([]any)
		if !ok {
			return
		}
		after := f(c, nodes)
		list["nodes"] = after
		if matching {
			shiftTotals(data, len(after)-len(nodes), faultRoot(c.op), "grand")
		}
	})
}

// shiftTotals adds to the totals of some roots.
func shiftTotals(data map[string]any, by int, roots ...string) {
	for _, root := range roots {
		list, _ := data[root].(map[string]any)
		if total, ok := list["totalCount"].(json.Number); ok {
			n, _ := total.Int64()
			list["totalCount"] = json.Number(strconv.Itoa(max(int(n)+by, 0)))
		}
	}
}

// spoilHalf keeps half of the rows: every second, the older or the newer ones.
func spoilHalf(c *faultCall, nodes []any) []any {
	n := len(nodes)
	switch c.param("keep") {
	case "old":
		return slices.Clone(nodes[:n/2])
	case "new":
		return slices.Clone(nodes[n-n/2:])
	}
	kept := make([]any, 0, n/2)
	for i := 0; i < n; i += 2 {
		kept = append(kept, nodes[i])
	}
	return kept
}

// spoilWithoutOne leaves out the row at an index.
func spoilWithoutOne(c *faultCall, nodes []any) []any {
	for _, i := range faultIndices(c.param("row"), len(nodes)) {
		return slices.Delete(slices.Clone(nodes), i, i+1)
	}
	return nodes
}

// spoilCopied puts the row at an index into the place of its neighbour.
func spoilCopied(c *faultCall, nodes []any) []any {
	all := slices.Clone(nodes)
	for _, i := range faultIndices(c.param("row"), len(all)) {
		if i+1 < len(all) {
			all[i+1] = all[i]
		} else if i > 0 {
			all[i-1] = all[i]
		}
	}
	return all
}

// spoilAdded lists the row at an index twice, one after the other.
func spoilAdded(c *faultCall, nodes []any) []any {
	for _, i := range faultIndices(c.param("row"), len(nodes)) {
		return slices.Insert(slices.Clone(nodes), i, nodes[i])
	}
	return nodes
}

func spoilNone(*faultCall, []any) []any { return []any{} }

func spoilReversed(_ *faultCall, nodes []any) []any {
	all := slices.Clone(nodes)
	slices.Reverse(all)
	return all
}

func spoilCapped(c *faultCall, nodes []any) []any {
	return nodes[:min(len(nodes), int(c.number("most")))]
}

// spoilMoving withholds the last row every other time.
func spoilMoving(c *faultCall, nodes []any) []any {
	if c.all.turn(c.op)%2 == 0 || len(nodes) == 0 {
		return nodes
	}
	return nodes[:len(nodes)-1]
}

var (
	faultKeep = map[string]faultParam{"keep": faultOneOf("every-second", "old", "new")}
	faultRow  = map[string]faultParam{"row": faultNumber("0")}
)

// listFaults spoil which rows come; the total matches where the name says so.
var listFaults = map[string]faultKind{
	"half":              {words: "half of the rows, with the total of all", params: faultKeep, on: strikesLists, do: rowsFault(false, spoilHalf)},
	"half-matching":     {words: "half of the rows, with a total that matches", params: faultKeep, on: strikesLists, do: rowsFault(true, spoilHalf)},
	"none":              {words: "no row, with the total of all", on: strikesLists, do: rowsFault(false, spoilNone)},
	"none-matching":     {words: "no row, with a total that matches", on: strikesLists, do: rowsFault(true, spoilNone)},
	"missing":           {words: "one row is missing", params: faultRow, on: strikesLists, do: rowsFault(false, spoilWithoutOne)},
	"missing-matching":  {words: "one row is missing, and the total matches", params: faultRow, on: strikesLists, do: rowsFault(true, spoilWithoutOne)},
	"duplicate":         {words: "one row stands in the place of another", params: faultRow, on: strikesLists, do: rowsFault(false, spoilCopied)},
	"duplicate-matches": {words: "one row comes twice, and the total counts it twice", params: faultRow, on: strikesLists, do: rowsFault(true, spoilAdded)},
	"reversed":          {words: "the rows come the newest first", on: strikesLists, do: rowsFault(false, spoilReversed)},
	"capped": {
		words: "fewer rows come at once than were asked for", params: map[string]faultParam{"most": faultNumber("20")},
		on: strikesLists, do: rowsFault(false, spoilCapped),
	},
	"moving": {words: "a row is there in one answer and not in the next", on: strikesLists, do: rowsFault(true, spoilMoving)},
	"total": {
		words: "the total is wrong by so many", params: map[string]faultParam{"by": faultNumber("1")}, on: strikesLists,
		do: rewordFault(func(c *faultCall, data map[string]any) { shiftTotals(data, int(c.number("by")), faultRoot(c.op)) }),
	},
	"grand": {
		words: "the number of all rows changes from one page to the next", params: map[string]faultParam{"by": faultNumber("-1")},
		on: []string{"DuesOrdersFrom", "DuesTransactionsFrom", "DuesRefundsFrom"},
		do: rewordFault(func(c *faultCall, data map[string]any) { shiftTotals(data, int(c.number("by")), "grand") }),
	},
}
