// Package api is the federation's roll as JSON over HTTP: OpenAPI 3.1, RFC 9457
// problems, every route in one file. Its room is drawn; this version serves
// nothing.
package api
