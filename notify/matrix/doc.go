// Package matrix carries announcements to the federation's room, and reads what
// is answered there: a small client of the Matrix client-server API (version 1.x,
// https://spec.matrix.org), for one account and one room.
//
// The room is the one of the options. The client joins no other, sends to no
// other and hands out nothing of another, whoever invites it.
//
// What the homeserver says decides. A message that it has taken has an event id,
// and sending it again under the same transaction id gives the same event id:
// so whoever does not know whether a message arrived sends it again. A message
// that it will never take (400, 413) wraps *notify.Rejection; everything else
// may be tried again, after *Error.Wait where the homeserver says how long.
//
// The token travels in the Authorization header alone. No error repeats it, nor
// what the homeserver says beside its error code.
package matrix
