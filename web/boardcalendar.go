package web

import (
	"time"

	"coopcloud.tech/goodstanding/internal/instant"
	"coopcloud.tech/goodstanding/roll"
)

// calendarPicture is the next days as a wall calendar has them, a row for each week,
// with how many lapse on which.
type calendarPicture struct {
	Title         string
	Width, Height int
	Names         []calendarName
	Days          []calendarDay
	Rows          []lapseRow
	Total         int
	All           string // where all are listed
}

type calendarName struct {
	X     int
	Words string
}

// calendarDay is one day: X and Y are those of its corner, TextX and TextY of its
// number, CountX and CountY of how many lapse on it.
type calendarDay struct {
	X, Y, TextX, TextY, CountX, CountY int
	Words                              string // the number, with the month on its first day
	Count                              int
	Today                              bool
}

// The measures of the calendar, in its own units.
const (
	calendarStep = 52
	calendarCell = 48
	calendarHead = 24
	mostListed   = 40 // in the table beside it
)

// calendarOf draws who lapses on which of the next days, of the federation's zone.
func (b *board) calendarOf(now instant.Instant, list []roll.Lapse) *calendarPicture {
	p := &calendarPicture{Title: b.lapseOf(now, list).Title, Width: 7*calendarStep - (calendarStep - calendarCell), Total: len(list), All: boardQuery{soon: true, sort: "next"}.address(boardPath)}
	p.Rows = b.lapseRows(list, mostListed)
	for i := range 7 {
		p.Names = append(p.Names, calendarName{i*calendarStep + calendarCell/2, b.v.language().ShortWeekday(time.Weekday((i + 1) % 7))})
	}
	today := now.Time().In(b.p.o.Zone)
	before := (int(today.Weekday()) + 6) % 7 // days of this week that are past
	for i, n := range b.lapsesByDay(now, list) {
		day := today.AddDate(0, 0, i)
		place := before + i
		one := calendarDay{X: place % 7 * calendarStep, Y: calendarHead + place/7*calendarStep, Words: day.Format("2"), Count: n, Today: i == 0}
		if i == 0 || day.Day() == 1 {
			one.Words = b.shortDay(day)
		}
		one.TextX, one.TextY, one.CountX, one.CountY = one.X+5, one.Y+15, one.X+calendarCell/2, one.Y+39
		p.Days = append(p.Days, one)
		p.Height = one.Y + calendarCell
	}
	return p
}
