package eligibility_test

import (
	"testing"
	"time"

	"coopcloud.tech/goodstanding/eligibility"
	"coopcloud.tech/goodstanding/internal/instant"
)

// The date that a snapshot shows is believed only for the newest charge of an
// ACTIVE contribution, and only from a week on and within the longest first period; the
// calendar decides otherwise (domain.md, section 2, "Coverage of a charge", a and b).
func TestWhichDueIsBelieved(t *testing.T) {
	from := instant.Date(2026, time.January, 20)
	calendar, year := instant.Date(2026, time.February, 1), instant.Date(2027, time.January, 1)
	good := eligibility.DueFacts{From: from, Interval: eligibility.Monthly, Active: true, Newest: true}
	shown := func(next instant.Instant, but func(*eligibility.DueFacts)) eligibility.DueFacts {
		d := good
		d.NextCharge = next
		if but != nil {
			but(&d)
		}
		return d
	}
	yearly := func(d *eligibility.DueFacts) { d.Interval = eligibility.Yearly }
	for _, c := range []struct {
		what string
		d    eligibility.DueFacts
		want instant.Instant
	}{
		{"a date a month away", shown(from+31*instant.Day, nil), from + 31*instant.Day},
		{"seven days away", shown(from+7*instant.Day, nil), from + 7*instant.Day},
		{"less than seven days away", shown(from+7*instant.Day-1, nil), calendar},
		{"a microsecond away", shown(from+1, nil), calendar},
		{"a yearly date minutes away", shown(from+instant.Day/200, yearly), year},
		{"PayPal's date minutes away", shown(from+instant.Day/200, func(d *eligibility.DueFacts) { d.PayPal = true }), instant.Date(2026, time.February, 20)},
		{"48 days away", shown(from+48*instant.Day, nil), from + 48*instant.Day},
		{"more than 48 days away", shown(from+48*instant.Day+1, nil), calendar},
		{"a yearly date 370 days away", shown(from+370*instant.Day, yearly), from + 370*instant.Day},
		{"a yearly date more than 370 days away", shown(from+370*instant.Day+1, yearly), year},
		{"the instant of the charge", shown(from, nil), calendar},
		{"a date before the charge", shown(from-instant.Day, nil), calendar},
		{"no date", shown(0, nil), calendar},
		{"not active", shown(from+31*instant.Day, func(d *eligibility.DueFacts) { d.Active = false }), calendar},
		{"not the newest", shown(from+31*instant.Day, func(d *eligibility.DueFacts) { d.Newest = false }), calendar},
		{"not the newest, the first", shown(from+31*instant.Day, func(d *eligibility.DueFacts) { d.Newest, d.First = false, true }),
			instant.Date(2026, time.March, 1)},
		{"a one-off", shown(from+31*instant.Day, func(d *eligibility.DueFacts) { d.Interval = eligibility.OneOff }), 0},
		{"PayPal without a date", shown(0, func(d *eligibility.DueFacts) { d.PayPal = true }), instant.Date(2026, time.February, 20)},
	} {
		if got := c.d.Due(); got != c.want {
			t.Errorf("%s: %s, want %s", c.what, got, c.want)
		}
	}
}
