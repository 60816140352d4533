// Package web is the pages for the public, members, facilitators and
// treasurers, made on the server and working without JavaScript. So far it has
// the public ones (docs/pages.md), those for signing in (package signin) and those
// of delegates.
//
// The public pages are made of what is in memory (Memory) and ask the database
// nothing but who is signed in, and for them whether it has moved on (CatchUp), and
// that only where a browser has a session.
// Pictures are SVG, with a title and a table or list that says the same.
//
// Every route stands in routes.go, with who may ask. What a page shows that is about a person is
// kept by no cache. Whatever changes something is a POST that another site
// cannot make a browser send (http.CrossOriginProtection), and no page runs a
// script, loads anything from elsewhere or lets itself be framed. Addresses of
// links never reach a log: what is logged is the route's pattern.
package web
