// Package chair runs decisions on the register (domain.md, section 5): who asks
// and for which member, what the roll says then, one event in one transaction,
// and the closing of what is due before it.
//
// What an event means and whether it may happen is package decisions' alone.
// The chair reads the log of a decision, gives it the event, and writes what
// comes of it: an entry of the decision's own hash chain, which is also its
// audit row. A decision is locked before anything of it is read, so that
// casting, amending and closing exclude each other on every replica.
//
// An entry's public part holds what everybody may read. Members stand in it as
// words that only the decision's secret leads back to a member, the same word
// for the same member: so one can see that nobody was counted twice without
// reading who answered what where ballots are for members alone. Texts stand
// beside the chain, by their salted hashes, and can be erased.
package chair
