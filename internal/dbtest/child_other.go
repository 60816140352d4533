//go:build !linux

package dbtest

import "os/exec"

// mortal does nothing where a kernel has no signal for a parent's end: a test
// binary that is killed leaves its server behind there.
func mortal(*exec.Cmd) {}

// runAs does nothing: tests are not run as root there.
func runAs(*exec.Cmd, int, int) {}
