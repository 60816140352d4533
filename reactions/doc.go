// Package reactions reads the signs that people set on an announcement in the
// federation's room and casts them through the chair, with all its checks. Its
// room is drawn; this version reads no room.
package reactions
