package policy

import (
	"errors"
	"fmt"
	"strconv"
	"strings"
	"time"

	"coopcloud.tech/goodstanding/decisions"
	"coopcloud.tech/goodstanding/internal/instant"
	"coopcloud.tech/goodstanding/internal/money"
)

const (
	day     = 24 * time.Hour
	maxDays = 3650
)

// days reads a span of whole days, "21d", of at least least days.
func (f field) days(usual, least int) (time.Duration, bool) {
	return f.daysWithin(bounds{usual: usual, least: least, most: maxDays})
}

// bounds are what a number may be.
type bounds struct {
	usual       int // what an absent key means, and what messages show
	least, most int
	because     string // why nothing less than least, told with a refusal; may be ""
}

func (f field) daysWithin(b bounds) (d time.Duration, ok bool) {
	if f.absent() {
		return time.Duration(b.usual) * day, true
	}
	s, ok := f.text(fmt.Sprintf("a number of days such as %dd", b.usual))
	if !ok {
		return 0, false
	}
	n, err := wholeOf(s, "d")
	switch {
	case err != nil:
		f.fault("%q is not a number of days: write it as %dd", clip(s), b.usual)
	case n < b.least && b.because != "":
		f.fault("%s is too short: write %dd or more; %s", clip(s), b.least, b.because)
	case n < b.least || n > b.most:
		f.fault("%s is out of bounds: write a number of days from %dd to %dd", clip(s), b.least, b.most)
	default:
		return time.Duration(n) * day, true
	}
	return 0, false
}

// hours reads a span of whole hours or days, "24h" or "2d", from 1h to 90d.
func (f field) hours(otherwise int) time.Duration {
	if f.absent() {
		return time.Duration(otherwise) * time.Hour
	}
	s, ok := f.text(fmt.Sprintf("a number of hours or days such as %dh or 2d", otherwise))
	if !ok {
		return 0
	}
	unit, n, err := time.Hour, 0, error(nil)
	if strings.HasSuffix(s, "d") {
		unit = day
		n, err = wholeOf(s, "d")
	} else {
		n, err = wholeOf(s, "h")
	}
	d := time.Duration(n) * unit
	switch {
	case err != nil:
		f.fault("%q is not a number of hours or days: write it as %dh or 2d", clip(s), otherwise)
	case d < time.Hour || d > 90*day:
		f.fault("%s is out of bounds: write a span from 1h to 90d", clip(s))
	}
	return d
}

var errNotWhole = errors.New("not a whole number")

// wholeOf reads digits, and a minus for the message's sake, before a unit.
func wholeOf(s, unit string) (int, error) {
	number, ok := strings.CutSuffix(s, unit)
	if !ok || strings.Trim(strings.TrimPrefix(number, "-"), "0123456789") != "" || len(number) > 7 {
		return 0, errNotWhole
	}
	return strconv.Atoi(number)
}

// count reads a whole number.
func (f field) count(b bounds) (int, bool) {
	if f.absent() {
		return b.usual, true
	}
	wanted := fmt.Sprintf("a whole number such as %d", b.usual)
	s, ok := f.text(wanted)
	if !ok {
		return 0, false
	}
	n, err := wholeOf(s, "")
	switch {
	case err != nil:
		f.fault("%q is not a whole number: write one such as %d", clip(s), b.usual)
	case n < b.least || n > b.most:
		f.fault("%s is out of bounds: write a whole number from %d to %d", clip(s), b.least, b.most)
	default:
		return n, true
	}
	return 0, false
}

// boolean reads true or false, and nothing else that looks like it.
func (f field) boolean(otherwise bool) (v, ok bool) {
	if f.absent() {
		return otherwise, true
	}
	switch s, ok := f.text("true or false"); {
	case !ok:
		return false, false
	case s == "true", s == "false":
		return s == "true", true
	default:
		f.fault("%q is neither true nor false: write true or false", clip(s))
		return false, false
	}
}

// date reads a day, "2022-05-15", or an instant with its offset.
func (f field) date() (instant.Instant, bool) {
	s, ok := f.text("a date such as 2022-05-15")
	if !ok {
		return 0, false
	}
	t, err := instant.Parse(s)
	switch {
	case err != nil:
		f.fault("%q is not a date: write it as 2022-05-15, or with a time as 2022-05-15T09:00:00Z", clip(s))
	case t.Time().Year() < 1971 || t.IsZero():
		f.fault("%s is too early: write a date from 1971-01-01 on", clip(s))
	default:
		return t, true
	}
	return 0, false
}

// amount reads "GBP 10.00", more than nothing.
func (f field) amount() (money.Money, bool) {
	s, ok := f.text("an amount such as GBP 10.00")
	if !ok {
		return money.Money{}, false
	}
	return f.positive(s)
}

func (f field) positive(s string) (money.Money, bool) {
	m, err := money.Parse(clip(s))
	switch {
	case err != nil:
		f.fault("%v", err)
		return money.Money{}, false
	case m.Minor == 0:
		f.fault("%s is nothing: write an amount above zero", m)
		return money.Money{}, false
	}
	return m, true
}

// fraction reads an exact fraction above 0 and below 1, "1/3".
func (f field) fraction(otherwise decisions.Fraction) decisions.Fraction {
	if f.absent() {
		return otherwise
	}
	s, ok := f.text("a fraction such as " + otherwise.String())
	if !ok {
		return otherwise
	}
	v, err := decisions.ParseFraction(clip(s))
	switch {
	case err != nil:
		f.fault("%v", err)
	case v.Zero() || v.Whole():
		f.fault("%s is out of bounds: write a fraction above 0/1 and below 1/1, such as %s", clip(s), otherwise)
	}
	return v
}

// share reads an exact share from 0 to 1, "10%" or "1/10".
func (f field) share(otherwise decisions.Fraction) decisions.Fraction {
	if f.absent() {
		return otherwise
	}
	s, ok := f.text("a share such as 10% or 1/10")
	if !ok {
		return otherwise
	}
	v, err := parseShare(s)
	if err != nil {
		f.fault("%q is not a share from 0 to 1: write it as 10%% or 1/10", clip(s))
	}
	return v
}

func parseShare(s string) (decisions.Fraction, error) {
	if !strings.HasSuffix(s, "%") {
		return decisions.ParseFraction(s)
	}
	n, err := wholeOf(s, "%")
	if err != nil {
		return decisions.Fraction{}, err
	}
	return decisions.NewFraction(int64(n), 100)
}
