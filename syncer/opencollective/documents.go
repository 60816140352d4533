package opencollective

import (
	_ "embed"
)

// document is one query with what its answer has to look like.
type document struct {
	op   string // the word of metrics and messages; one of Ops
	text string
	root string // the key of data that has to be there
	// mayBeNull: a null root means that what was asked for does not exist.
	mayBeNull bool
	// partialAt is the one place, under the root, where an error beside data is
	// accepted ("*" stands for an index); nil means nowhere.
	partialAt []string
}

// The words for the queries in metrics and messages: a closed set.
const (
	opPreflight    = "preflight"
	opOrders       = "orders"
	opPaused       = "paused"
	opTransactions = "transactions"
	opRefunds      = "refunds"
	opAccount      = "account"
	opOrder        = "order"
)

// Ops lists the words for the queries, in the order in which a pull asks them.
func Ops() []string {
	return []string{opPreflight, opOrders, opPaused, opTransactions, opRefunds, opAccount, opOrder}
}

// The texts begin with the word "query" and hold no comments, as upstream's
// cache and logs expect. What is to be known about them:
//
//   - 11 does not ask for the payer: orders are matched by id, and a payer whom
//     upstream does not show would make the answer a partial one. "others" are the
//     orders that somebody else paused: no order can be in both lists.
//   - 12, 22 and 23 read what 10, 20 and 21 read, from the creation of the last row
//     on; "grand" is the number of all rows since the beginning of the reading, so
//     that each answer shows whether the list has changed meanwhile.
//   - 41 has the fields of 10; an order that was deleted is an error, NotFound,
//     where 40 says null.
var (
	//go:embed queries/00-preflight.graphql
	preflightText string
	//go:embed queries/10-orders.graphql
	ordersText string
	//go:embed queries/11-paused-by-user.graphql
	pausedText string
	//go:embed queries/12-orders-from.graphql
	ordersFromText string
	//go:embed queries/20-transactions.graphql
	transactionsText string
	//go:embed queries/21-refunds.graphql
	refundsText string
	//go:embed queries/22-transactions-from.graphql
	transactionsFromText string
	//go:embed queries/23-refunds-from.graphql
	refundsFromText string
	//go:embed queries/40-account-by-id.graphql
	accountText string
	//go:embed queries/41-order-by-id.graphql
	orderText string
)

// payerOfAnOrder is the one place where upstream may keep something back: a
// private organisation that pays (open-collective.md, section 13.2).
var payerOfAnOrder = []string{"nodes", "*", "fromAccount"}

// payerOfACharge is the same payer, seen from the money: without it one
// private organisation would make every reading of the charges a partial one,
// for ever. The order still says whose charge it is, if anything does.
var payerOfACharge = []string{"nodes", "*", "oppositeAccount"}

var (
	preflightDoc        = document{op: opPreflight, text: preflightText, root: "account", mayBeNull: true}
	ordersDoc           = document{op: opOrders, text: ordersText, root: "orders", partialAt: payerOfAnOrder}
	ordersFromDoc       = document{op: opOrders, text: ordersFromText, root: "orders", partialAt: payerOfAnOrder}
	pausedDoc           = document{op: opPaused, text: pausedText, root: "orders"}
	transactionsDoc     = document{op: opTransactions, text: transactionsText, root: "transactions", partialAt: payerOfACharge}
	transactionsFromDoc = document{op: opTransactions, text: transactionsFromText, root: "transactions", partialAt: payerOfACharge}
	refundsDoc          = document{op: opRefunds, text: refundsText, root: "transactions"}
	refundsFromDoc      = document{op: opRefunds, text: refundsFromText, root: "transactions"}
	accountDoc          = document{op: opAccount, text: accountText, root: "account", mayBeNull: true}
	orderDoc            = document{op: opOrder, text: orderText, root: "order", mayBeNull: true}
)

// statuses are all fourteen values of upstream's OrderStatus: without the list
// upstream leaves PENDING out (open-collective.md, section 0.3).
var statuses = []string{
	"NEW", "REQUIRE_CLIENT_CONFIRMATION", "PAID", "ERROR", "PROCESSING", "REJECTED", "ACTIVE", "CANCELLED",
	"PENDING", "EXPIRED", "DISPUTED", "REFUNDED", "PAUSED", "IN_REVIEW",
}
