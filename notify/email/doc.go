// Package email carries notices by SMTP. A Sender knows one server and keeps
// one connection to it, which it uses again for as long as the server lets it.
//
// What the server says decides: accepted is nil; a refusal for good (5xx) of the
// sender, the recipient or the message wraps *notify.Rejection; everything else
// (4xx, a server that cannot be reached, a broken connection, a password it does
// not take) is an error after which the same envelope may be tried again, under
// the same Message-ID. No error repeats an address, a password or a server's
// words, which may hold one.
package email
