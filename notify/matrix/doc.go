// Package matrix carries announcements to the federation's room. Its room is
// drawn; this version sends nothing.
package matrix
