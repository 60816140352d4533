// Package email carries notices by SMTP. A Sender knows one server and keeps
// one connection to it, which it uses again for as long as the server lets it.
//
// What the server says decides. Nil is its 250 to the whole mail, and nothing
// else. A refusal for good (5xx) wraps *notify.Rejection, which says whether it is
// about the recipient, the message, or us; one for now (4xx) is a
// *notify.Deferral. A connection that breaks, or a time that is over, after the
// last byte of the mail left and before the answer came wraps *notify.Unknown:
// nobody knows. After every other error (a server that cannot be reached, a
// password it does not take, a connection that breaks earlier) nothing was
// accepted. The same envelope has the same Message-ID whenever it is sent. No
// error repeats an address, a password or a server's words, which may hold one.
package email
