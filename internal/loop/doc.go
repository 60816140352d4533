// Package loop runs a step now and again at its own next instant, with backoff
// and jitter, until its context ends. Its room is drawn; this version has no
// daemon.
package loop
