package decisions

import (
	"fmt"
	"time"

	"coopcloud.tech/goodstanding/internal/instant"
	"coopcloud.tech/goodstanding/internal/tongue"
)

// Day is a calendar date in the federation's time zone. Deadlines are such
// dates, and notice counts calendar days between them (domain.md, section 5).
// The zero Day is absent.
type Day struct {
	Year  int
	Month time.Month
	Date  int
}

// ParseDay reads a date such as "2026-02-26".
func ParseDay(s string) (Day, error) {
	t, err := time.Parse(time.DateOnly, s)
	if err != nil {
		return Day{}, fmt.Errorf("%q is not a date: write 2026-02-26", s)
	}
	return dayOf(t), nil
}

// DayOf is the date that people in the zone have at an instant.
func DayOf(i instant.Instant, zone *time.Location) Day { return dayOf(i.Time().In(zone)) }

func dayOf(t time.Time) Day {
	y, m, d := t.Date()
	return Day{y, m, d}
}

// IsZero says that there is no date.
func (d Day) IsZero() bool { return d == Day{} }

// noon is a time on the date, for arithmetic that no clock change disturbs.
func (d Day) noon() time.Time { return time.Date(d.Year, d.Month, d.Date, 12, 0, 0, 0, time.UTC) }

// Add is the date so many days later; n may be negative.
func (d Day) Add(n int) Day { return dayOf(d.noon().AddDate(0, 0, n)) }

// Until is the number of calendar days from d to e: 13 from 1 June to 14 June.
func (d Day) Until(e Day) int { return int(e.noon().Sub(d.noon()) / (24 * time.Hour)) }

// Before says that d is an earlier date than e.
func (d Day) Before(e Day) bool { return d.Until(e) > 0 }

// End is the instant at which the next day begins in the zone: what happens
// then is too late for this one. Where the clocks go forward at midnight it is
// the first instant that the next day has.
func (d Day) End(zone *time.Location) instant.Instant {
	next := d.Add(1)
	t := time.Date(next.Year, next.Month, next.Date, 0, 0, 0, 0, zone)
	for dayOf(t) != next { // midnight is left out: look for the first hour that is not
		t = t.Add(time.Hour)
	}
	return instant.Of(t)
}

// String is the date as ParseDay reads it; "" for none.
func (d Day) String() string {
	if d.IsZero() {
		return ""
	}
	return d.noon().Format(time.DateOnly)
}

// Words is the date for people, with its weekday: "Thursday 26 February 2026".
func (d Day) Words() string { return d.WordsIn(tongue.English()) }

// WordsIn is Words in a language.
func (d Day) WordsIn(t *tongue.Tongue) string { return t.Weekday(d.noon()) }

// MarshalText writes the date as String does.
func (d Day) MarshalText() ([]byte, error) { return []byte(d.String()), nil }

// UnmarshalText reads a date as ParseDay does; an empty text is no date.
func (d *Day) UnmarshalText(b []byte) (err error) {
	if len(b) == 0 {
		*d = Day{}
		return nil
	}
	*d, err = ParseDay(string(b))
	return err
}
