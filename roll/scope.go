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

	ScopeNotices      Scope = "notices:read"  // what was told to whom, what was not, and why; no address
	ScopeNoticesWrite Scope = "notices:write" // start, release and drop notices, and note bounces, in the treasurers' place

	ScopeDecisions      Scope = "decisions:read"  // of decisions what members read: who is waited for, who answered what
	ScopeElectorate     Scope = "electorate:read" // who may vote now, for a vote in another tool
	ScopeDecisionsWrite Scope = "decisions:write" // propose, open, amend and run decisions, as a person
	ScopeBallots        Scope = "ballots:write"   // cast, retract, object and ask for more time, as a person

	ScopeOpportunitiesWrite Scope = "opportunities:write" // tell of funded work, as a person
)

// Scopes lists all scopes in their fixed order.
func Scopes() []Scope {
	return []Scope{ScopeRoll, ScopeEligibility, ScopeAmounts, ScopeServices, ScopeHolds, ScopeSyncs, ScopeDesk, ScopeHoldsWrite, ScopeNotices, ScopeNoticesWrite,
		ScopeDecisions, ScopeElectorate, ScopeDecisionsWrite, ScopeBallots, ScopeOpportunitiesWrite}
}

// personal are the scopes of a token that stands for a person; the rest is for
// programs. acting are those that only such a token may have.
var (
	personal = []Scope{ScopeDecisions, ScopeElectorate, ScopeDecisionsWrite, ScopeBallots, ScopeOpportunitiesWrite}
	acting   = []Scope{ScopeDecisionsWrite, ScopeBallots, ScopeOpportunitiesWrite}
)

// ProgramScopes lists the scopes that a token may have which stands for nobody.
func ProgramScopes() []Scope {
	return slices.DeleteFunc(Scopes(), func(s Scope) bool { return slices.Contains(acting, s) })
}

// personFaults says which scopes a token that stands for a person, or for none,
// may not have.
func personFaults(scopes []string, forPerson bool) (faults []string) {
	for _, w := range scopes {
		switch s := Scope(w); {
		case forPerson && !slices.Contains(personal, s):
			faults = append(faults, fmt.Sprintf("%s is for programs: a token that stands for a person may have %s", s, scopeWords(personal)))
		case !forPerson && slices.Contains(acting, s):
			faults = append(faults, fmt.Sprintf("%s is used in a person's name: say whose with --for", s))
		}
	}
	return faults
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

func scopeList() string { return "choose from " + scopeWords(Scopes()) }

func scopeWords(scopes []Scope) string {
	words := make([]string, len(scopes))
	for i, s := range scopes {
		words[i] = string(s)
	}
	return strings.Join(words, ", ")
}
