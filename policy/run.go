package policy

import (
	"fmt"
	"strconv"
	"strings"

	"coopcloud.tech/goodstanding/eligibility"
	"coopcloud.tech/goodstanding/internal/instant"
	"coopcloud.tech/goodstanding/internal/tongue"
)

// Failure is an example that came out otherwise than it says.
type Failure struct {
	File         string // as given to Parse
	Line, Column int
	Name         string
	Differences  []Difference
	Reasons      []string // of the standing that came, in its order
}

// Difference is what came otherwise than it was wanted, in the words of the file.
type Difference struct{ What, Wanted, Got string }

// Wrong are the differences in a language: "state: wanted current, got short".
func (f Failure) Wrong(t *tongue.Tongue) string {
	var out []string
	for _, d := range f.Differences {
		out = append(out, t.Sayf("%s: wanted %s, got %s", d.What, d.Wanted, d.Got))
	}
	return strings.Join(out, "; ")
}

// String tells the failure on one line.
func (f Failure) String() string {
	reasons := "none"
	if len(f.Reasons) > 0 {
		reasons = strings.Join(f.Reasons, ", ")
	}
	return fmt.Sprintf("%s:%d:%d: %q: %s (reasons: %s)", f.File, f.Line, f.Column, f.Name, f.Wrong(tongue.English()), reasons)
}

// RunExamples asks every example of the file under the file's own versions
// and gives those that fail, in the file's order. assess is
// eligibility.Policies.Assess.
func RunExamples(file *File, assess func(ps eligibility.Policies, f *eligibility.Facts, at, known instant.Instant) eligibility.Standing) []Failure {
	var out []Failure
	ps := file.Policies()
	for _, e := range file.Examples {
		got := assess(ps, e.Facts(), e.At, e.At)
		if wrong := e.Want.wrong(got); len(wrong) > 0 {
			out = append(out, Failure{File: file.Name, Line: e.Line, Column: e.Column, Name: e.Name, Differences: wrong, Reasons: reasonWords(got)})
		}
	}
	return out
}

// wrong lists what the standing has otherwise than wanted.
func (w Want) wrong(got eligibility.Standing) (out []Difference) {
	differs := func(what, wanted, came string) {
		if wanted != came {
			out = append(out, Difference{what, wanted, came})
		}
	}
	if w.State != eligibility.StateNone {
		differs("state", w.State.String(), got.State.String())
	}
	for _, r := range w.Rights {
		differs(rightWords[r.Right], yesNo(r.OK), yesNo(got.Has(r.Right)))
	}
	if p := w.PaidThrough; p != nil {
		print := inDate
		if p.Day {
			print = instant.Instant.Day
		}
		differs("paid_through", orNever(p.At, print), orNever(got.PaidThrough, print))
	}
	return out
}

func yesNo(b bool) string { return strconv.FormatBool(b) }

func orNever(t instant.Instant, print func(instant.Instant) string) string {
	if t.IsZero() {
		return "never"
	}
	return print(t)
}

func reasonWords(s eligibility.Standing) (out []string) {
	for _, r := range s.Reasons {
		w := r.Code.String()
		if r.Since != 0 {
			w += " since " + r.Since.Day()
		}
		if r.Until != 0 {
			w += " until " + r.Until.Day()
		}
		out = append(out, w)
	}
	return out
}
