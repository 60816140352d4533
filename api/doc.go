// Package api is the federation's roll as JSON over HTTP: OpenAPI 3.1, RFC 9457
// problems, every route in one file (routes.go).
//
// # Contract
//
// Answers come from memory: an immutable snapshot behind an atomic pointer,
// which Refresh rebuilds when the database's counters moved and Watch keeps
// fresh within a second. While the database cannot be reached the last
// snapshot goes on, and every answer carries "Goodstanding-Stale: true". What
// depends on the clock (a standing now) is worked out when it is asked for, or,
// for the public lists, rendered anew when the next change is due.
//
// What needs no token is public, and shows only what domain.md, section 8,
// names; a test walks the routes and proves it. Everything else but the webhook
// needs a token with the route's scope, in the header Authorization and nowhere
// else.
//
// A change is a POST with a JSON object (fields.go). It is refused with every
// reason, or made whole in one transaction of the roll, where the token is looked
// up again; the audit chain names the token. Only the header Authorization says
// who asks, so no website can have a visitor's browser change anything. Apart
// from that one thing is written: since when the provider list is what it is, so
// that all replicas say the same.
//
// A webhook's call is a hint (hook.go): nothing in it is read.
//
// Logs hold the route's pattern, never the address asked for; no token, no name
// and no amount.
package api
