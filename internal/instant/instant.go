// Package instant is the one representation of time in this program: a whole
// number of microseconds since 1970-01-01T00:00:00Z, in UTC.
//
// Both database engines store it as a BIGINT (docs/architecture.md, "Two
// engines, one SQL"); rules compare it as an integer. The zero Instant means
// "absent": no fact of this program happened at the epoch. Spans of instants
// are half-open, [from, until): a zero from has no beginning, a zero until has
// no end.
package instant

import (
	"fmt"
	"strconv"
	"time"
)

// Instant is a point in time in microseconds UTC; 0 means absent.
type Instant int64

// Max is later than every instant a fact may carry. It stands for "everything
// that is stored" as a known time and for "no end" in computations.
const Max Instant = 1<<62 - 1

// Day is the length of one day in microseconds.
const Day = Instant(24 * time.Hour / time.Microsecond)

// Of truncates t to a microsecond. The zero time.Time becomes the zero Instant.
func Of(t time.Time) Instant {
	if t.IsZero() {
		return 0
	}
	return Instant(t.UnixMicro())
}

// Date is midnight UTC at the start of the given day.
func Date(year int, month time.Month, day int) Instant {
	return Of(time.Date(year, month, day, 0, 0, 0, 0, time.UTC))
}

// Parse reads RFC 3339 ("2026-06-01T00:00:00Z", any offset, any fraction) or a
// plain date ("2026-06-01", midnight UTC).
func Parse(s string) (Instant, error) {
	if t, err := time.Parse(time.RFC3339Nano, s); err == nil {
		return Of(t), nil
	}
	if t, err := time.Parse(time.DateOnly, s); err == nil {
		return Of(t), nil
	}
	return 0, fmt.Errorf("%q is not an instant: write 2026-06-01 or 2026-06-01T09:00:00Z", s)
}

// Time is the instant as a time.Time in UTC; the zero Instant is the zero Time.
func (i Instant) Time() time.Time {
	if i == 0 {
		return time.Time{}
	}
	return time.UnixMicro(int64(i)).UTC()
}

// IsZero says that the instant is absent.
func (i Instant) IsZero() bool { return i == 0 }

// Add shifts the instant by d, truncated to a microsecond.
func (i Instant) Add(d time.Duration) Instant { return i + Instant(d/time.Microsecond) }

// Sub is the time from j to i.
func (i Instant) Sub(j Instant) time.Duration { return time.Duration(i-j) * time.Microsecond }

// In says whether i lies in the half-open span [from, until), where a zero
// bound is open.
func (i Instant) In(from, until Instant) bool {
	return (from == 0 || i >= from) && (until == 0 || i < until)
}

// String is RFC 3339 in UTC with as many digits as needed; "" when absent.
func (i Instant) String() string {
	if i == 0 {
		return ""
	}
	return i.Time().Format("2006-01-02T15:04:05.999999Z07:00")
}

// Day is the calendar day in UTC, "2006-01-02"; "" when absent.
func (i Instant) Day() string {
	if i == 0 {
		return ""
	}
	return i.Time().Format(time.DateOnly)
}

// MarshalJSON writes an RFC 3339 string, or null when absent.
func (i Instant) MarshalJSON() ([]byte, error) {
	if i == 0 {
		return []byte("null"), nil
	}
	return strconv.AppendQuote(nil, i.String()), nil
}

// UnmarshalJSON reads what MarshalJSON writes.
func (i *Instant) UnmarshalJSON(b []byte) error {
	if string(b) == "null" {
		*i = 0
		return nil
	}
	s, err := strconv.Unquote(string(b))
	if err != nil {
		return fmt.Errorf("instant: %w", err)
	}
	v, err := Parse(s)
	if err != nil {
		return err
	}
	*i = v
	return nil
}

// AddMonths is the same day and time of day n calendar months later in UTC,
// clamped to the month's last day (31 January + 1 month is 28 or 29 February).
func (i Instant) AddMonths(n int) Instant {
	t := i.Time()
	y, m, d := t.Date()
	first := time.Date(y, m+time.Month(n), 1, 0, 0, 0, 0, time.UTC)
	last := first.AddDate(0, 1, -1).Day()
	if d > last {
		d = last
	}
	clock := t.Sub(time.Date(y, m, t.Day(), 0, 0, 0, 0, time.UTC))
	return Of(time.Date(first.Year(), first.Month(), d, 0, 0, 0, 0, time.UTC).Add(clock))
}

// MonthStart is 00:00 UTC on the first of the month n months after i's month.
func (i Instant) MonthStart(n int) Instant {
	y, m, _ := i.Time().Date()
	return Date(y, m+time.Month(n), 1)
}
