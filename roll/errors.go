package roll

import (
	"fmt"
	"strings"
)

// NotFound says that nothing goes by that word.
type NotFound struct {
	What    string // "member", "account", "person", "hold", …
	Word    string
	Nearest []string // what it may have meant; handles or slugs
}

func (e *NotFound) Error() string {
	s := fmt.Sprintf("there is no %s %q", e.What, e.Word)
	if len(e.Nearest) > 0 {
		s += "; nearest: " + strings.Join(e.Nearest, ", ")
	}
	return s
}

// Ambiguous says that several things go by that word.
type Ambiguous struct {
	What    string
	Word    string
	Matches []string
}

func (e *Ambiguous) Error() string {
	return fmt.Sprintf("%q fits several of %s: %s; write more of it, or the id", e.Word, plural(e.What), strings.Join(e.Matches, ", "))
}

func plural(s string) string {
	if s == "person" {
		return "people"
	}
	return s + "s"
}

// Refused says that a change may not be made, with every reason. Nothing was
// changed.
type Refused struct {
	What    string // the change, "link", "pause", …
	Reasons []string
}

func (e *Refused) Error() string {
	return fmt.Sprintf("cannot %s: %s", strings.ReplaceAll(e.What, "_", " "), strings.Join(e.Reasons, "; "))
}
