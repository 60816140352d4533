// Package invariants looks whether what must always hold does hold, and puts right
// what follows from the log and from nothing else.
//
// The contract:
//
//   - A check reads, each in a transaction of its own, and changes nothing. It tells
//     ids and numbers, never a name or an address.
//   - What is recorded once and for all (the chains, facts, who had a place) is never
//     repaired: Repair refuses, and a backup is the way back.
//   - What is derived (recorded standings, counters, where a notice stands) is made
//     anew from what it follows from, in one transaction with a row of the audit
//     chain, and tells no member anything.
package invariants
