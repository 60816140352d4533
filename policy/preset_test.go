package policy_test

import (
	"testing"

	"coopcloud.tech/goodstanding/eligibility"
	"coopcloud.tech/goodstanding/policy"
)

func TestPresetExamples(t *testing.T) {
	for _, name := range policy.PresetNames() {
		f, err := policy.Preset(name)
		if err != nil {
			t.Fatal(err)
		}
		for _, fail := range policy.RunExamples(f, eligibility.Policies.Assess) {
			t.Errorf("%s:%s", name, fail)
		}
	}
}
