// Package reactions reads the signs that people set on an announcement in the
// federation's room and casts them through the chair, with all its checks
// (domain.md, section 5).
//
// A sign stands for an answer (decisions.Answer.Sign), whatever its skin tone. Its
// sender is a person by the Matrix id that the roll keeps, and acts for the one
// member that the person is delegate of. The last sign counts; taking back the
// sign that made the ballot in force takes the ballot back, and taking back any
// other changes nothing. Against and block count at once, with Placeholder for
// the concern, and the person's next words in the thread become it; who says the
// same again keeps the words. What was done, or why nothing was, is answered in
// the thread.
//
// Nothing is done twice and nothing is forgotten: what is read is stored together
// with the place up to which the room was read; the transaction that casts marks
// the sign, so that a ballot and its mark are committed together or not at all;
// what came of it is noted before it is answered; and the answer's transaction id
// is made of the sign's event, so that answering twice is once.
//
// Where the specification is silent:
//
//   - The instant of a sign is its receipt: the ballot has the instant of the
//     transaction that casts it. What was received before a crash, and could not
//     be cast before the deadline, is too late. When it was set, as its homeserver says,
//     tells only whether the member has answered elsewhere since: that answer stands.
//   - The room may be open to the world, so nothing is said there of a member's
//     standing, its name or its delegates (domain.md, section 8): who has no vote is
//     told that alone, and where the reason is to be read.
//   - Only who set a sign takes it back: when a moderator removes it, or when the
//     account is not noted for that person any more, the ballot stands, and the
//     thread says so. The same account's words are no concern of that ballot then.
//   - A sign on a message that is not known as an announcement is kept for a day, if
//     a known person set it: the answer that the room has it may have been lost.
//   - An unknown account is answered once for each announcement.
//   - What cannot be stored for a reason of its own is passed, and what came after it
//     counts.
//   - Where the homeserver does not know the place any more, the last event that was
//     read is looked for; where that is not found, what is met on the way is taken, but
//     no words, which may be older than any question, and the log says that signs may
//     be missing.
//   - A room that is encrypted cannot be read: there signs are off.
package reactions
