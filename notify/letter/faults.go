package letter

import (
	"fmt"
	"regexp"
	"strconv"
	"strings"
)

// Fault is one thing that is wrong with a file of a catalogue.
type Fault struct {
	File string // below the folder, such as es/lapsed.md; "" for the folder
	Line int    // 0 where it is about the whole file
	Text string // what is wrong, and what would be right
}

func (f Fault) String() string {
	if f.File == "" {
		return f.Text
	}
	if f.Line == 0 {
		return f.File + ": " + f.Text
	}
	return f.File + ":" + strconv.Itoa(f.Line) + ": " + f.Text
}

// Faults are all faults of a catalogue, told at once.
type Faults struct{ All []Fault }

func (f *Faults) Error() string {
	lines := make([]string, len(f.All))
	for i, x := range f.All {
		lines[i] = x.String()
	}
	if len(lines) == 1 {
		return lines[0]
	}
	return fmt.Sprintf("%d faults in the templates:\n  %s", len(lines), strings.Join(lines, "\n  "))
}

func (f *Faults) add(file string, line int, format string, args ...any) {
	f.once(Fault{file, line, fmt.Sprintf(format, args...)})
}

// place is how a template tells where it failed.
var place = regexp.MustCompile(`(?s)^template: ([^:]+):([0-9]+)(?::[0-9]+)?: (?:executing "[^"]*" at )?(.*)$`)

// addError takes file and line out of a template's own message.
func (f *Faults) addError(file string, err error) {
	fault := Fault{file, 0, err.Error()}
	if m := place.FindStringSubmatch(err.Error()); m != nil {
		line, _ := strconv.Atoi(m[2])
		fault = Fault{m[1], line, m[3]}
	}
	f.once(fault)
}

// once adds a fault that is not there yet: each letter is tried several times,
// and parts.md stands in all.
func (f *Faults) once(fault Fault) {
	for _, other := range f.All {
		if other == fault {
			return
		}
	}
	f.All = append(f.All, fault)
}

// clip shortens what a message quotes.
func clip(s string) string {
	const most = 60
	if r := []rune(s); len(r) > most {
		return string(r[:most]) + "…"
	}
	return s
}
