package main

import (
	"fmt"
	"time"

	"coopcloud.tech/goodstanding/internal/instant"
)

// when is an instant on the command line: 2026-06-01 (midnight UTC, at the
// day's start) or 2026-06-01T09:00:00Z.
type when struct{ instant.Instant }

// UnmarshalText reads one.
func (w *when) UnmarshalText(text []byte) error {
	i, err := instant.Parse(string(text))
	if err != nil {
		return err
	}
	if i == 0 {
		return fmt.Errorf("%q is not an instant: it is before all others", text)
	}
	w.Instant = i
	return nil
}

// ago says how long something took or has been, in one unit.
func ago(d time.Duration) string {
	switch {
	case d < 0:
		return "in the future"
	case d < time.Minute:
		return "less than a minute"
	case d < 2*time.Hour:
		return many(int(d/time.Minute), "minute", "minutes")
	case d < 48*time.Hour:
		return many(int(d/time.Hour), "hour", "hours")
	}
	return many(int(d/(24*time.Hour)), "day", "days")
}

// many counts things.
func many(n int, one, more string) string {
	if n == 1 {
		return "1 " + one
	}
	return fmt.Sprintf("%d %s", n, more)
}

// day is a day in the zone, "2 Jan 2026"; "" when absent.
func day(i instant.Instant, zone *time.Location) string {
	if i == 0 {
		return ""
	}
	return i.Time().In(zone).Format("2 Jan 2006")
}

// minute is an instant in the zone, which it names.
func minute(i instant.Instant, zone *time.Location) string {
	if i == 0 {
		return ""
	}
	return i.Time().In(zone).Format("2 January 2006, 15:04") + " (" + zone.String() + ")"
}
