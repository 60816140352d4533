package roll

import (
	"fmt"
	"slices"
	"strings"
)

// Scope is something that a token lets a program read or do.
type Scope string

// The scopes: a closed set. A word is never reused or renamed within API v1.
const (
	ScopeRoll        Scope = "roll:read"        // the roll with states, reasons and accounts
	ScopeEligibility Scope = "eligibility:read" // one member's standing and what it rests on
	ScopeAmounts     Scope = "amounts:read"     // beside eligibility:read or desk:read: the amounts, too
	ScopeServices    Scope = "services:read"    // who may use the shared services, with delegates' user names
	ScopeHolds       Scope = "holds:read"       // holds, with the members they keep
	ScopeSyncs       Scope = "syncs:read"       // the attempts to read Open Collective
	ScopeDesk        Scope = "desk:read"        // what is to be sorted out; with amounts:read its amounts
	ScopeHoldsWrite  Scope = "holds:write"      // acknowledge a hold, in the treasurers' place
)

// Scopes lists all scopes in their fixed order.
func Scopes() []Scope {
	return []Scope{ScopeRoll, ScopeEligibility, ScopeAmounts, ScopeServices, ScopeHolds, ScopeSyncs, ScopeDesk, ScopeHoldsWrite}
}

// parseScopes reads scopes, in any order and each once or more. The faults
// name every word that is none.
func parseScopes(words []string) (scopes []string, faults []string) {
	if len(words) == 0 {
		faults = append(faults, "a scope is needed: "+scopeList())
	}
	for _, w := range words {
		if !slices.Contains(Scopes(), Scope(strings.TrimSpace(w))) {
			faults = append(faults, fmt.Sprintf("%q is not a scope: %s", shorten(w), scopeList()))
		}
	}
	for _, s := range Scopes() {
		if slices.ContainsFunc(words, func(w string) bool { return strings.TrimSpace(w) == string(s) }) {
			scopes = append(scopes, string(s))
		}
	}
	return scopes, faults
}

func scopeList() string {
	var words []string
	for _, s := range Scopes() {
		words = append(words, string(s))
	}
	return "choose from " + strings.Join(words, ", ")
}
