// Package web is the pages for the public, members, facilitators and
// treasurers, made on the server and working without JavaScript. Its room is
// drawn; this version has no page.
package web
