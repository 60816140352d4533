package publish

import (
	"regexp"
	"strconv"
	"strings"
	"time"

	"coopcloud.tech/goodstanding/decisions"
)

var (
	yearFirst = regexp.MustCompile(`^((?:19|20|21)[0-9]{2})[-/.]([0-9]{1,2})[-/.]([0-9]{1,2})(?:[t ].*)?$`)
	yearLast  = regexp.MustCompile(`^([0-9]{1,2})[-/.]([0-9]{1,2})[-/.]((?:19|20|21)[0-9]{2})$`)
	dayWord   = regexp.MustCompile(`^(?:[a-z]+day,?\s+)?(?:the\s+)?([0-9]{1,2})(?:st|nd|rd|th)?\s+(?:of\s+)?([a-z]+)\.?,?\s+((?:19|20|21)[0-9]{2})$`)
	wordDay   = regexp.MustCompile(`^(?:[a-z]+day,?\s+)?([a-z]+)\.?\s+([0-9]{1,2})(?:st|nd|rd|th)?,?\s+((?:19|20|21)[0-9]{2})$`)
)

// readDay reads a date as people write it; order says which of two numbers was
// taken for the day, where that had to be guessed.
func readDay(s string) (day decisions.Day, order decisions.Flag, ok bool) {
	s = strings.ToLower(strings.Join(strings.Fields(s), " "))
	if m := yearFirst.FindStringSubmatch(s); m != nil {
		day, ok = aDay(m[1], m[2], m[3])
		return day, "", ok
	}
	if m := yearLast.FindStringSubmatch(s); m != nil {
		day, ok = aDay(m[3], m[2], m[1])
		other, both := aDay(m[3], m[1], m[2])
		switch {
		case ok && both && day != other:
			return day, decisions.DayFirst, true
		case ok:
			return day, "", true
		}
		return other, decisions.MonthFirst, both
	}
	if m := dayWord.FindStringSubmatch(s); m != nil {
		day, ok = aDay(m[3], monthOf(m[2]), m[1])
		return day, "", ok
	}
	if m := wordDay.FindStringSubmatch(s); m != nil {
		day, ok = aDay(m[3], monthOf(m[1]), m[2])
		return day, "", ok
	}
	return decisions.Day{}, "", false
}

// monthOf is the number of a month's name, or of its first letters, three or more.
func monthOf(s string) string {
	for m := time.January; m <= time.December; m++ {
		if len(s) >= 3 && strings.HasPrefix(strings.ToLower(m.String()), s) {
			return strconv.Itoa(int(m))
		}
	}
	return ""
}

func aDay(year, month, date string) (decisions.Day, bool) {
	y, err1 := strconv.Atoi(year)
	m, err2 := strconv.Atoi(month)
	d, err3 := strconv.Atoi(date)
	if err1 != nil || err2 != nil || err3 != nil {
		return decisions.Day{}, false
	}
	t := time.Date(y, time.Month(m), d, 12, 0, 0, 0, time.UTC)
	day := decisions.Day{Year: y, Month: time.Month(m), Date: d}
	if t.Year() != y || t.Month() != day.Month || t.Day() != d {
		return decisions.Day{}, false
	}
	return day, true
}
