package email

import (
	"errors"
	"net/textproto"
	"strings"
)

// Unreachable says that no connection could be made over which a mail could
// have been handed in: nothing was sent.
type Unreachable struct{ Reason string }

func (u *Unreachable) Error() string { return u.Reason }

// codeOf is the server's answer in an error; 0 for none.
func codeOf(err error) int {
	if p, ok := errors.AsType[*textproto.Error](err); ok {
		return p.Code
	}
	return 0
}

// noStartTLS recognises the library's own words; it has no error value for it.
func noStartTLS(err error) bool {
	return err != nil && strings.Contains(err.Error(), "does not support STARTTLS")
}
