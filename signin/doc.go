// Package signin finds out who is asking: a mailed link or an OpenID Connect
// provider, and the session that follows (domain.md, section 8).
//
// Asking for a link is answered before anything is looked up, and always alike:
// neither the answer nor the time it takes tells who is known here. The link is
// mailed afterwards, by Run, outside any transaction. It counts for half an hour
// and once, and only Open uses it up, which the pages call for the one button of
// the link's page: programs that fetch every link of a mail change nothing.
//
// Tokens of links and of sessions are 32 random bytes. What is stored is their
// SHA-256; no log, error or metric has one. A session lasts thirty days from
// signing in, has a token of its own each time, and ends with signing out, and
// with its person. Signing in and out are entries of the audit chain, with the
// pauses that signing in ends (roll.SignIn).
//
// How often one may ask is limited twice: by client address, in memory, with a
// bounded number of addresses, and by account, by the links that were made for
// it. Over a limit the answer is the same, and nothing is sent.
//
// Who applies to join confirms the address in the same way: by a link that is mailed
// at once, and the button of its page. How often one client may apply is limited
// here, how many mails one address gets by the register (roll.Apply).
//
// The cookies are Secure, HttpOnly, SameSite=Lax and have the prefix __Host-,
// so that no other site of the same domain can set one. Browsers keep such a
// cookie over plain http for this very computer alone (Firefox and Chromium do,
// Safari does not), which is what Options.PlainCookies is for: without Secure
// and without the prefix, for addresses of the loopback network only.
package signin
