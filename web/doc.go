// Package web is the pages for the public, members, facilitators and
// treasurers, made on the server and working without JavaScript: the public ones,
// those for signing in (package signin) and joining, those of delegates, proposers
// and facilitators (docs/pages.md), and the treasurers' (docs/board.md).
//
// The public pages are made of what is in memory (Memory) and ask the database
// nothing but who is signed in, and for them whether it has moved on (CatchUp), and a
// decision that they name and memory lacks; that only where a browser has a session.
// Pictures are SVG, with a title and a table or list that says the same.
//
// All routes come together in routes.go, each with who may ask. What a page shows that is about a person is
// kept by no cache. Whatever changes something is a POST that another site
// cannot make a browser send (http.CrossOriginProtection), and no page runs a
// script, loads anything from elsewhere or lets itself be framed. Addresses of
// links never reach a log: what is logged is the route's pattern.
package web
