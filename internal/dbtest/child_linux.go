package dbtest

import (
	"os/exec"
	"syscall"
)

// mortal makes the kernel send the child a SIGTERM when its parent ends,
// however it ends.
func mortal(c *exec.Cmd) {
	attributes(c).Pdeathsig = syscall.SIGTERM
}

// runAs makes the child run as the user, unless uid is negative.
func runAs(c *exec.Cmd, uid, gid int) {
	if uid >= 0 {
		attributes(c).Credential = &syscall.Credential{Uid: uint32(uid), Gid: uint32(gid)}
	}
}

func attributes(c *exec.Cmd) *syscall.SysProcAttr {
	if c.SysProcAttr == nil {
		c.SysProcAttr = &syscall.SysProcAttr{}
	}
	return c.SysProcAttr
}
