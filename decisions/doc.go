// Package decisions holds how the federation decides (domain.md, section 5):
// the rules of a policy version as data, and what a decision comes to.
//
// A decision is a log of events, and everything else is a function of that log,
// of what the roll says of its electorate at an instant, and of that instant:
// Decision.Apply takes one event or refuses it with every reason; Count is the
// tally; Judge what it comes to; CloseDue closes at the deadline's instant,
// however late that is noticed; Step does all of it around one event.
//
// It is pure: standard library only, no clock, no store, no network. Every
// fraction is exact; "more than 1/2" of 26 is 14 and "at least 1/2" is 13.
// The words in which a policy file writes a rule, the words in which a page
// explains it and the rule itself are one value, so that they cannot drift
// apart.
//
// Where domain.md is silent:
//
//   - The proposer is a member: any of its delegates acts as the proposer.
//   - A small decision is "logged", a state of its own that only escalating
//     leaves. Escalating needs a place in the electorate where there is one.
//   - An overdue decision whose deadline moves to a later day (more time, an
//     amendment, an announcement that was missing) is open again.
//   - An overdue decision is judged after each event, not when the roll changes:
//     so a member who objects while a change of the roll would let it pass is
//     heard. Reading it shows what it would come to.
//   - Where an announcement came too late for the deadline, the deadline moves
//     to the size's notice after it, at the deadline's instant.
//   - "favour >= F of voters" does not hold without a voter; "turnout all" is
//     what no silence can reach, even if nobody is waited for.
//   - A concern that is said again in the same words keeps its answer. The
//     concerns that need one are those of ballots and objections that stand.
//   - A ballot that "fell" in the sensitivity line is neither cast nor waited for.
//   - Ending an overdue decision whose lines hold by then passes it.
//   - An imported decision is what its file says, and nobody answers it here. One
//     in progress is "in progress elsewhere", a state of its own: its file tells
//     how it ends, or a facilitator who acts for a member takes it up by reopening
//     it with a deadline, which opens it here for the first time, with the rules
//     and the electorate of that day. A draft is taken up by whoever edits it. Who
//     takes it up is its proposer, and no file tells of it from then on.
//
// Out of scope are decisions in a meeting with the votes of those present
// (federation.md, section 6b, scenario 10), a vote that is frozen after so many
// unpaid months (14) and weighted votes (22): one member has one vote.
package decisions
