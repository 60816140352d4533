package roll

import (
	"errors"
	"fmt"

	"coopcloud.tech/goodstanding/eligibility"
	"coopcloud.tech/goodstanding/internal/tongue"
	"coopcloud.tech/goodstanding/policy"
)

// ReadVersion reads the one version of the policy that a decision is to enact, as
// somebody wrote it, with its examples run. The error is a *Refused with everything
// that is wrong, by line and column.
func ReadVersion(text string) (policy.Version, error) {
	file, err := policy.Parse("the version", []byte(text))
	var why []string
	if err != nil {
		var told bool
		if why, told = Reasons(err); !told {
			return policy.Version{}, err
		}
	} else {
		if n := len(file.Versions); n != 1 {
			why = append(why, fmt.Sprintf("it holds %d versions: write the new one alone", n))
		}
		for _, f := range policy.RunExamples(file, eligibility.Policies.Assess) {
			why = append(why, fmt.Sprintf("line %d, column %d: the example %q came out otherwise than it says: %s", f.Line, f.Column, f.Name, f.Wrong(tongue.English())))
		}
	}
	if len(why) > 0 {
		return policy.Version{}, &Refused{What: "read the version", Reasons: why}
	}
	return file.Versions[0], nil
}

// Reasons are what a refusal of a change, or of a policy file, says; false for
// another error, and for none.
func Reasons(err error) (out []string, ok bool) {
	if no, ok := errors.AsType[*Refused](err); ok {
		return no.Reasons, true
	}
	no, ok := errors.AsType[*policy.Faults](err)
	if !ok {
		return nil, false
	}
	for _, f := range no.All {
		out = append(out, fmt.Sprintf("line %d, column %d: %s", f.Line, f.Column, f.Text))
	}
	return out, true
}
