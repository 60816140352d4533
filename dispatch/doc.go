// Package dispatch sends what the outbox holds (domain.md, section 6).
//
// One process sends at a time: the one that has the lease by which its database is
// fenced. A mail is one commit before it leaves and one after it: the first looks
// again at whether what it says still holds and claims its notices, the second
// records what the server said, and needs the claim alone. Where nobody else has
// written meanwhile it is the first commit of the next mail, too. A copy too many is
// possible only where a process ends between the server's yes and the second
// commit; then the next one tries again under the same Message-ID once the claim
// has expired. After three attempts of which nobody knows the outcome a treasurer
// decides.
//
// Nothing goes before a treasurer has started the notices, nor from a copy of the
// database, nor after days of silence without a treasurer's word.
package dispatch
