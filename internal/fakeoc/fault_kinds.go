package fakeoc

import "maps"

// faultKind is what a kind does, and what can be said about it.
type faultKind struct {
	words  string
	params map[string]faultParam
	on     []string
	// wire: it writes to the connection itself. Only one of these can strike one
	// request, and it is then the outermost.
	wire bool
	// patience: the client has to give up by itself.
	patience bool
	// plausible: nobody can tell the answer from a true one.
	plausible bool
	do        func(*faultCall)
}

// faultKinds are all kinds. Beside them ParseFault and FaultKinds need nothing.
var faultKinds map[string]faultKind

func init() {
	faultKinds = map[string]faultKind{}
	for _, group := range []map[string]faultKind{
		answerFaults, bodyFaults, listFaults, valueFaults, collectiveFaults, errorFaults, pastFaults, pausedFaults, wireFaults,
	} {
		maps.Copy(faultKinds, group)
	}
}

// The operations by what they read.
var (
	strikesPreflight = []string{"DuesPreflight"}
	strikesOrders    = []string{"DuesOrders", "DuesOrdersFrom"}
	strikesPaused    = []string{"DuesPausedByUser"}
	strikesCharges   = []string{"DuesTransactions", "DuesTransactionsFrom"}
	strikesLists     = []string{
		"DuesOrders", "DuesOrdersFrom", "DuesPausedByUser", "DuesTransactions", "DuesTransactionsFrom", "DuesRefunds", "DuesRefundsFrom",
	}
)
