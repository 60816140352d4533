// Package fakeoc is an Open Collective to run on one's own machine, for the
// demo, for tests, and for whoever wants to try things out: real HTTP, upstream's
// GraphQL, its limits, tokens and errors, on a clock that is moved by hand.
//
//   - World is the state: accounts, contributions and the ledger. What time brings
//     it does itself, by upstream's rules (open-collective.md, section 3); what
//     people do are lines such as "cancel alfa" (Verbs). Recording makes a world of
//     answers that the genuine server gave.
//   - Server answers for a world. Queries are held against sdl.graphql, a part of
//     upstream's schema.
//   - Faults spoil its answers, Proxy the connection.
//   - Scenario is a story in a text file, Stage plays it and is driven over HTTP.
//   - Film shows the recorded collective scene by scene (testdata/film/README.md),
//     the administrator's view to whoever brings a token and the public's view to
//     whoever does not. It never refuses for a rate limit.
//
// It is written from the genuine server's behaviour and shares nothing with the
// client that reads it.
package fakeoc
