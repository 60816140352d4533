// Package opencollective reads Open Collective's GraphQL API v2 and hands over
// either one complete snapshot of a collective or a typed error, never
// anything between (domain.md, section 3, "Complete snapshot or nothing").
//
// The contract:
//
//   - An answer counts only if it is HTTP 200, one well-formed JSON object, with
//     non-null data and the root that was asked for. Everything else becomes one
//     of the error types of this package, each with a Class for metrics and a
//     Retryable that says whether and when another try makes sense. The one
//     exception is a payer whom upstream does not show: that contribution's
//     payer is unknown (Account ""), and the contribution stays.
//   - Nothing is invented and nothing is defaulted: null is not 0, an unknown
//     status is handed over as upstream's own word, and a required field that is
//     missing is SchemaDrift with the path that lacks it.
//   - All requests of a Client share one token bucket that stays below upstream's
//     limit in every window of a minute, and wait out a 429.
//   - No token, e-mail address, amount or piece of a body appears in an error.
//   - That an answer is the one upstream sent comes from TLS: over plain HTTP,
//     meant for this machine alone, a changed digit is another amount and nobody
//     can tell.
//   - Which payers paused themselves is believed only where upstream also says
//     whom somebody else paused, and names nobody twice (paused.go).
//
// The package knows nothing about members and standings and stores nothing.
package opencollective
