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
//
// The notices that an entry causes are written in its transaction (tell.go), each
// by the id of the decision and the number of the entry, for the room and for those
// who act for a member of the electorate that is neither paused, suspended nor gone.
// A person gets one, for however many members. Reminders follow from the chain
// (stages.go) and are written by who closes (Remind). What a notice says is asked
// when it goes (LetterAbout), and what was accepted then is the announcement that
// silence is counted after (Heard). Where domain.md is silent:
//
//   - A draft that is withdrawn, and a decision that is stalled, are told to nobody;
//     one that is reopened is told as an opening, one that is withdrawn as a result.
//   - A deadline that moves because the opening was announced too late is told like
//     more time. A member that is added to an electorate is told of the opening.
//   - The room reads the number, the deadline and the outcome of a decision for
//     members alone, and no more: it may be open to anybody.
//   - A new text, or a deadline that moves, is reminded of anew. The first reminder is
//     left out where the one before the deadline comes sooner. The weekly ones begin a
//     week after the deadline. A reminder that is found more than a day after its
//     moment, or after the deadline, is recorded as too late; of the weekly ones that
//     were missed the newest goes.
//   - Two people who amend an electorate may act one after the other: what one asks for
//     waits thirty days, in the register (roll.Move), and changes nothing; all that the
//     rules ask of both is looked at when the other agrees, and the entry is theirs.
//   - The same draft sent again under its id (Save) is the draft that is there.
package chair
