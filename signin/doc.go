// Package signin finds out who is asking: a mailed link or an OpenID Connect
// provider, and the session that follows (domain.md, section 8). Its room is
// drawn; nobody can sign in with this version.
package signin
