// Package policy reads the federation's policy file (domain.md, section 4):
// dated versions of its rules, each with its own examples.
//
// Its contract:
//
//   - Parsing is strict. An unknown or doubled key, a wrong type, a missing
//     rule and rules that contradict themselves are faults; all faults of a
//     file are told at once, each with line and column, in the file's order.
//   - A Version is complete: what the file leaves to the defaults stands in
//     it, and in its canonical Text, so that a later default changes nothing.
//     Parse(Text) gives the same Version back.
//   - Whether two versions are the same rules is decided by what they mean,
//     not by comments, spaces, order or the way a number is written.
//   - Nothing here looks at a clock, a file or a database.
//
// Where domain.md is silent, this package chose: a grace may be left out for a
// right whose dues are not enforced (21d then); a minimum is more than
// nothing; mails about a payment must go out while the rights still last; a
// size without more_time offers none; dates in the file are midnight UTC.
package policy
