// Package api is the federation's roll as JSON over HTTP: OpenAPI 3.1, RFC 9457
// problems, every route in one file (routes.go).
//
// # Contract
//
// Answers come from memory: an immutable snapshot behind an atomic pointer,
// which Refresh rebuilds when the database's counters moved and Watch keeps
// fresh within a second. While the database cannot be reached the last
// snapshot goes on, and every answer carries "Goodstanding-Stale: true". What
// depends on the clock (a standing now, what a deadline led to) is worked out when
// it is asked for, or, for the public lists and for decisions, anew when the next
// change is due.
//
// What needs no token is public, and shows only what domain.md, section 8,
// names; a test walks the routes and proves it. Of decisions members read more
// (hall.go says who sees how much). Everything else but the webhook needs a token
// with the route's scope, in the header Authorization and nowhere else, or, where a
// person asks, a session (auth.go).
//
// A change is refused with every reason, or made whole in one transaction of the
// roll or of the chair, where the token is looked up again; the API adds no rule of
// its own. Bodies are JSON objects (fields.go). What a token does no website can
// have a visitor's browser do; what a session does is held to the site's own pages.
// Whoever acts on a decision may say which state of it was read (If-Match), which
// is checked in that transaction. Apart from changes two things are written: since
// when the provider list is what it is, so that all replicas say the same, and who
// has read the electorate.
//
// A webhook's call is a hint (hook.go): nothing in it is read.
//
// Logs hold the route's pattern, never the address asked for; no token, no name
// and no amount.
package api
