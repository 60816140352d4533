package tongue

import (
	"slices"
	"strconv"
	"strings"
	"time"

	"coopcloud.tech/goodstanding/internal/instant"
)

// pattern puts the parts of a time into a pattern. Pages say hundreds of dates, and a
// strings.Replacer takes longer to be made than to replace.
func (t *Tongue) pattern(pattern string, at time.Time) string {
	var b strings.Builder
	for {
		before, rest, gap := strings.Cut(pattern, "{")
		b.WriteString(before)
		if !gap {
			return b.String()
		}
		var name string
		name, pattern, _ = strings.Cut(rest, "}")
		b.WriteString(t.part(name, at))
	}
}

// part is one part of a time; what is none is left as it stands.
func (t *Tongue) part(name string, at time.Time) string {
	switch name {
	case "weekday":
		return t.word["weekday."+strconv.Itoa(int(at.Weekday()))]
	case "d":
		return strconv.Itoa(at.Day())
	case "month":
		return t.Month(at.Month())
	case "y":
		return strconv.Itoa(at.Year())
	case "time":
		return at.Format("15:04")
	case "zone":
		return at.Location().String()
	}
	return "{" + name + "}"
}

// in is an instant in a zone; nil is UTC.
func in(at instant.Instant, zone *time.Location) time.Time {
	if zone == nil {
		zone = time.UTC
	}
	return at.Time().In(zone)
}

// Month is a month's name.
func (t *Tongue) Month(m time.Month) string { return t.word["month."+strconv.Itoa(int(m))] }

// ShortMonth is the first three letters of a month's name.
func (t *Tongue) ShortMonth(m time.Month) string {
	name := []rune(t.Month(m))
	return string(name[:min(3, len(name))])
}

// ShortWeekday is the first two letters of a weekday's name.
func (t *Tongue) ShortWeekday(day time.Weekday) string {
	name := []rune(t.word["weekday."+strconv.Itoa(int(day))])
	return string(name[:min(2, len(name))])
}

// MonthYear is a month with its year: "July 2026".
func (t *Tongue) MonthYear(at time.Time) string { return t.pattern(t.Say("{month} {y}"), at) }

// Date is a day in a zone: "22 June 2026".
func (t *Tongue) Date(at instant.Instant, zone *time.Location) string {
	return t.pattern(t.word["date"], in(at, zone))
}

// Weekday is a day with its weekday, whatever the time: "Thursday 26 February 2026".
func (t *Tongue) Weekday(at time.Time) string {
	return t.pattern(t.Say("{weekday} {d} {month} {y}"), at)
}

// Minute is an instant to the minute, with the zone: "22 June 2026, 15:04
// (Europe/London)".
func (t *Tongue) Minute(at instant.Instant, zone *time.Location) string {
	return t.pattern(t.Say("{d} {month} {y}, {time} ({zone})"), in(at, zone))
}

// DateIn is a day with its zone, and with the time where it is not midnight there.
func (t *Tongue) DateIn(at instant.Instant, zone *time.Location) string {
	local := in(at, zone)
	if h, m, s := local.Clock(); h != 0 || m != 0 || s != 0 {
		return t.Minute(at, zone)
	}
	return t.Date(at, zone) + " (" + local.Location().String() + ")"
}

// Timed is a day with its weekday, time and zone.
func (t *Tongue) Timed(at instant.Instant, zone *time.Location) string {
	return t.pattern(t.word["timed"], in(at, zone))
}

// Deadline is the end of a day, which is stored as the instant that the next one
// begins (domain.md, section 5): "the end of Thursday 26 February 2026
// (Europe/London)". Another instant is said with its time.
func (t *Tongue) Deadline(at instant.Instant, zone *time.Location) string {
	local := in(at, zone)
	if h, m, s := local.Clock(); h != 0 || m != 0 || s != 0 {
		return t.Timed(at, zone)
	}
	return t.pattern(t.word["deadline"], local.AddDate(0, 0, -1))
}

// And joins: "A, B and C". Some languages have another "and" before some
// sounds: Spanish says e before i and hi.
func (t *Tongue) And(items []string) string {
	if len(items) < 2 {
		return strings.Join(items, "")
	}
	last := items[len(items)-1]
	and := t.word["and"]
	for _, sound := range strings.Fields(t.word["and.other_before"]) {
		if strings.HasPrefix(strings.ToLower(last), sound) {
			and = t.word["and.other"]
		}
	}
	return strings.Join(items[:len(items)-1], ", ") + " " + and + " " + last
}

// Or joins: "A, B or C".
func (t *Tongue) Or(items []string) string {
	if len(items) < 2 {
		return strings.Join(items, "")
	}
	return strings.Join(items[:len(items)-1], ", ") + " " + t.Say("or") + " " + items[len(items)-1]
}

// Missing are the small words of other that t does not have.
func (t *Tongue) Missing(other *Tongue) (out []string) {
	for key := range other.word {
		if _, ok := t.word[key]; !ok {
			out = append(out, key)
		}
	}
	slices.Sort(out)
	return out
}
