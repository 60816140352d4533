// Package roll keeps the register of members with their standings: who is in
// good standing, and every change that people make to it (domain.md, sections
// 3, 7 and 8).
//
// Each change is one serializable transaction with its audit row, the standings
// it changes and the notices they cause. A change that is refused says all its
// reasons and leaves nothing behind. Nothing read outside a transaction is
// trusted inside it.
//
// The assess step compares each member's standing with the last one recorded
// and writes what changed, each change at its own instant (domain.md, section
// 6). It runs at the end of every change and of every snapshot.
package roll
