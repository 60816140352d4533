// Package fakeoc is an Open Collective to run on one's own machine: it serves
// the demo and the tests over real HTTP.
//
// Film replays answers that the genuine server software gave on invented data,
// scene by scene (testdata/film/README.md). Within a scene it answers as that
// server did: the same rows in the same order, the same shape of errors, the
// administrator's view to whoever brings a token and the public's view to whoever
// does not. It never refuses for a rate limit, so that a demo need not wait.
//
// Server serves a World: an Open Collective that lives by upstream's rules. Its
// queries are validated against sdl.graphql, a subset of upstream's schema, and
// its answers are held against the genuine server's in conformance_test.go,
// conformance_film_test.go, errors_test.go and lists_test.go.
package fakeoc
