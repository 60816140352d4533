// Package email carries notices by SMTP. Its room is drawn; this version sends
// nothing, and every notice stays in the state before_start.
package email
