// Package decisions holds the rules by which the federation decides
// (domain.md, section 5), as data: how much notice a decision of a size needs,
// which answers a member may give, and what must hold for it to pass.
//
// It is pure: standard library only, no clock, no store, no network. Every
// fraction is exact; "more than 1/2" of 26 is 14 and "at least 1/2" is 13.
// The words in which a policy file writes a rule, the words in which a page
// explains it and the rule itself are one value, so that they cannot drift
// apart.
package decisions
