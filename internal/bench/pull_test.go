package bench

import (
	"encoding/json"
	"fmt"
	"testing"

	"coopcloud.tech/goodstanding/internal/instant"
)

// rows of a pull of a crowd that is first read: an account, a contribution, a charge
// and its coverage each.
const rowsEach = 4

// pulling is a house in which a crowd was read before, all of them members, and which
// reads it again from a server on this machine.
func pulling(tb testing.TB, n int) *house {
	tb.Helper()
	return pullingFrom(tb, taped(tb, n), n)
}

// pullingFrom is pulling from a tape of a crowd of that size.
func pullingFrom(tb testing.TB, t *tape, n int) *house {
	tb.Helper()
	var h *house
	// Each snapshot begins when its pull does, as it would: at least a microsecond later.
	c := t.client(tb, t.play(tb).URL, func() instant.Instant { return h.now })
	h = newHouse(tb, postgres, t.asked, c)
	h.pull(rowsEach * n)
	h.everybody()
	h.pull(0)
	return h
}

// wire is an order, a charge or a refund with every field that is asked for.
type wire struct {
	ID, PublicID                   string
	LegacyID                       int64
	Status, Frequency, Description *string
	Quantity                       *int64
	CreatedAt, UpdatedAt           *string
	ProcessedAt, LastChargedAt     *string
	NextChargeDate, ClearedAt      *string
	Amount, TotalAmount, TaxAmount *wireAmount
	PlatformTipAmount              *wireAmount
	TotalContributed               *wireAmount
	Tier                           *wireTier
	PaymentMethod                  *struct{ Service, Type *string }
	ToAccount, FromAccount         *wireAccount
	OppositeAccount                *wireAccount
	Group, Type, Kind, RefundKind  *string
	IsRefund, IsRefunded           *bool
	IsDisputed, IsInReview         *bool
	RefundTransaction              *struct{ ID, CreatedAt string }
	Order                          *struct {
		ID       string
		LegacyID int64
	}
}

type wireAmount struct {
	ValueInCents *int64
	Currency     *string
}

type wireTier struct{ ID, Slug, Name, Type, Frequency *string }

type wireAccount struct {
	Typename                             string `json:"__typename"`
	ID, PublicID                         string
	LegacyID                             int64
	Slug, Name, Type                     *string
	IsIncognito, IsArchived, IsSuspended *bool
	IsGuest                              *bool
	Emails                               []string
}

type wirePage struct {
	Data struct {
		Orders, Transactions struct {
			TotalCount int
			Nodes      []wire
		}
	}
}

// unmarshalled is the other side: the standard library alone on the same pages.
func unmarshalled(tb testing.TB, pages [][]byte) (rows int) {
	tb.Helper()
	for _, p := range pages {
		var w wirePage
		if err := json.Unmarshal(p, &w); err != nil {
			tb.Fatal(err)
		}
		rows += len(w.Data.Orders.Nodes) + len(w.Data.Transactions.Nodes)
	}
	return rows
}

// measurePull holds a whole pull that finds nothing new (HTTP with both ends in this
// process, decoding, checks, difference, an assessment of whoever may have moved, which is
// nobody) to unmarshalling.
func measurePull(tb testing.TB) measured {
	const n = 100_000
	h, pages := pulling(tb, n), taped(tb, n).pages()
	ours := func() float64 { return processor(tb, func() { h.pull(0) }) }
	reference := func() float64 {
		return processor(tb, func() {
			if rows := unmarshalled(tb, pages); rows < 2*n {
				tb.Fatalf("%d rows on the pages", rows)
			}
		})
	}
	var took []float64
	r := ratio(3, func() float64 {
		took = append(took, ours())
		return took[len(took)-1] - n*figure1
	}, reference)
	perOrder[n] = spreadOf(took).median / n
	m := r.atMost(2, "x")
	m.words += fmt.Sprintf(" and 1 µs a member; %s µs an order in all", number(perOrder[n]*1e6))
	return m
}

// figure1 is what the goal allows a member to cost beside, in seconds. Where nobody moves
// a member costs less, and what is left of it goes to the pull.
const figure1 = 1e-6

// perOrder is what an order was found to cost, in seconds, by the number of them.
var perOrder = map[int]float64{}

// growthOfPull is what an order costs at three sizes, the dearest by the cheapest.
func growthOfPull(tb testing.TB) measured {
	return growth(tb, func(tb testing.TB, n int) float64 {
		if c, done := perOrder[n]; done {
			return c
		}
		h := pulling(tb, n)
		var all []float64
		for range 3 {
			all = append(all, processor(tb, func() { h.pull(0) })/float64(n))
		}
		return spreadOf(all).median
	})
}

// growth is a cost per head at 1,000, 10,000 and 100,000.
func growth(tb testing.TB, cost func(tb testing.TB, n int) float64) measured {
	tb.Helper()
	var all []float64
	var words string
	for _, n := range []int{1000, 10_000, 100_000} {
		c := cost(tb, n)
		all = append(all, c)
		words += fmt.Sprintf(", %s µs", number(c*1e6))
	}
	s := spreadOf(all)
	return measured{number(s.most/s.least) + "x: " + words[2:], s.most <= 2*s.least}
}
