// Package chair runs decisions: it opens, amends, casts, objects, escalates,
// closes and records them on the roll, one serializable transaction each
// (domain.md, section 5). Its room is drawn; the decisions themselves come with
// the issue that builds them.
package chair
