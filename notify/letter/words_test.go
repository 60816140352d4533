package letter

import (
	"strings"
	"testing"
	"time"

	"coopcloud.tech/goodstanding/decisions"
	"coopcloud.tech/goodstanding/eligibility"
	"coopcloud.tech/goodstanding/internal/instant"
	"coopcloud.tech/goodstanding/member"
)

func TestDatesAndLists(t *testing.T) {
	london, err := time.LoadLocation("Europe/London")
	if err != nil {
		t.Fatal(err)
	}
	late := instant.Date(2026, time.February, 27) // the end of the 26th
	summer := instant.Date(2026, time.July, 1)    // one o'clock in London
	for lang, want := range map[string][]string{
		"en": {"27 February 2026", "the end of Thursday 26 February 2026 (Europe/London)", "Wednesday 1 July 2026, 01:00 (Europe/London)", "A", "A and B", "A, B and Inés"},
		"es": {"27 de febrero de 2026", "el final del jueves 26 de febrero de 2026 (Europe/London)", "miércoles 1 de julio de 2026, 01:00 (Europe/London)", "A", "A y B", "A, B e Inés"},
	} {
		w := BuiltIn().language(lang).tongue
		got := []string{w.Date(late, london), w.Deadline(late, london), w.Deadline(summer, london), w.And([]string{"A"}), w.And([]string{"A", "B"}), w.And([]string{"A", "B", "Inés"})}
		for i := range want {
			if got[i] != want[i] {
				t.Errorf("%s: %q, want %q", lang, got[i], want[i])
			}
		}
	}
}

// What other packages say in English is said in Spanish: every condition, state,
// role and standing that there is.
func TestSpanishSaysWhatTheProgramSays(t *testing.T) {
	var all []string
	for _, form := range decisions.Forms() {
		for _, fraction := range []string{"1/2", "1/3", "2/3", "1/4", "3/4", "3/5"} {
			c, err := decisions.ParseCondition(strings.NewReplacer("N", "3", "F", fraction).Replace(form))
			if err != nil {
				t.Fatal(err)
			}
			all = append(all, c.Clause())
		}
	}
	for _, one := range []string{"favour >= 1", "favour >= 1/1 of voters"} {
		c, err := decisions.ParseCondition(one)
		if err != nil {
			t.Fatal(err)
		}
		all = append(all, c.Clause())
	}
	for _, s := range []decisions.State{decisions.Opened, decisions.Overdue, decisions.Stalled, decisions.Passed, decisions.Stopped, decisions.NotPassed, decisions.Withdrawn} {
		all = append(all, string(s), s.Words())
	}
	for _, a := range []decisions.Answer{decisions.Favour, decisions.Against, decisions.Abstain, decisions.Block} {
		all = append(all, string(a))
	}
	for _, s := range []decisions.Size{decisions.Small, decisions.Medium, decisions.Large} {
		all = append(all, string(s))
	}
	for _, r := range []member.Role{member.Treasurer, member.Facilitator, member.ContactPerson} {
		all = append(all, string(r))
	}
	for state := eligibility.StateLeft; state <= eligibility.StateUnpaid; state++ {
		s := eligibility.Standing{State: state, PaidThrough: instant.Date(2026, time.July, 1)}
		all = append(all, s.People(nil))
		s.PaidThrough, s.Verdicts[0] = 0, eligibility.Verdict{OK: true, Until: instant.Date(2026, time.July, 1)}
		all = append(all, s.People(nil))
	}
	w := BuiltIn().language("es")
	for _, english := range all {
		if got := w.say(english); got == english && english != "" && !strings.HasSuffix(english, "no date") {
			t.Errorf("%q is not said in Spanish", english)
		}
	}
	for english, want := range map[string]string{
		"£10.00 a month or €60.00 a year":  "£10.00 al mes o €60.00 al año",
		"CHF 10.00 a month":                "CHF 10.00 al mes",
		"Paid up until 1 July 2026":        "Cuotas pagadas hasta el 1 de julio de 2026",
		"at least 3 members are in favour": "al menos 3 miembros están a favor",
		"something nobody knows, 3":        "something nobody knows, 3",
	} {
		if got := w.say(english); got != want {
			t.Errorf("%q is %q, want %q", english, got, want)
		}
	}
}
