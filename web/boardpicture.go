package web

import (
	"math"
	"slices"
	"strconv"
	"time"

	"coopcloud.tech/goodstanding/eligibility"
	"coopcloud.tech/goodstanding/internal/instant"
	"coopcloud.tech/goodstanding/roll"
)

// statesPicture is how many members are in each state: a bar for each, beside the
// links of a table.
type statesPicture struct {
	Title         string
	Width, Height int
	Rows          []stateRow
}

// stateRow is a state that somebody is in.
type stateRow struct {
	State, Words string
	Count        int
	Href         string
	Here         bool // it is the one that is shown
	Y, Width     int  // of its bar
}

// The measures of the picture, in its own units.
const (
	statesWidth = 320
	stateStep   = 30
	stateBar    = 16
)

// statesOf draws the states that somebody is in. The longest bar takes the whole
// width; one member among thousands is still seen.
func (b *board) statesOf(counts map[eligibility.State]int, q boardQuery) *statesPicture {
	p := &statesPicture{Width: statesWidth}
	most := 1
	for _, n := range counts {
		most = max(most, n)
	}
	for _, w := range roll.StateWords() {
		n := counts[w.State]
		if n == 0 {
			continue
		}
		if p.Title != "" {
			p.Title += ", "
		}
		words := roll.WordsIn(b.v.language(), w.State)
		p.Title += strconv.Itoa(n) + " " + words
		to := boardQuery{state: w.State, sort: q.sort}
		p.Rows = append(p.Rows, stateRow{State: w.State.String(), Words: words, Count: n, Href: to.address(boardPath), Here: q.state == w.State,
			Y: p.Height + (stateStep-stateBar)/2, Width: max(3, statesWidth*n/most)})
		p.Height += stateStep
	}
	if len(p.Rows) == 0 {
		p.Title, p.Height = b.say("No members yet"), stateStep
	}
	return p
}

// lapsePicture is who lapses on which of the next days: a column for each day.
type lapsePicture struct {
	Title         string
	Width, Height int
	Days          []lapseDay
	Ticks         []string   // days at equal distances, the first and the last among them
	Rows          []lapseRow // the first ones
	Total         int
	All           string // where all are listed
}

type lapseDay struct{ X, Y, Width, Height, Count int }

type lapseRow struct {
	Name, Address string
	On            moment
}

// The measures of the picture, in its own units.
const (
	lapseDays   = int(lapseWithin / instant.Day)
	lapseStep   = 16
	lapseBar    = 12
	lapseHeight = 96
	lapseUnit   = 12 // of one member, while they are few
	mostLapsing = 8  // in the table beside the picture
)

// lapseOf draws who lapses after an instant, by the days of the federation's zone.
func (b *board) lapseOf(now instant.Instant, list []roll.Lapse) *lapsePicture {
	p := &lapsePicture{Width: (lapseDays + 1) * lapseStep, Height: lapseHeight, Total: len(list), All: boardQuery{soon: true, sort: "next"}.address(boardPath)}
	p.Title = b.sayf("Nobody lapses in the next %d days", lapseDays)
	if len(list) > 0 {
		p.Title = b.sayf("%s in the next %d days, the first on %s", b.count(len(list), "member lapses", "members lapse"), lapseDays, b.day(list[0].On).Words)
	}
	p.Rows = b.lapseRows(list, mostLapsing)
	counts := b.lapsesByDay(now, list)
	most := slices.Max(counts)
	for day, n := range counts {
		if n == 0 {
			continue
		}
		h := n * lapseUnit
		if most*lapseUnit > lapseHeight {
			h = max(4, lapseHeight*n/most)
		}
		p.Days = append(p.Days, lapseDay{X: day * lapseStep, Y: lapseHeight - h, Width: lapseBar, Height: h, Count: n})
	}
	for day := 0; day <= lapseDays; day += 10 {
		p.Ticks = append(p.Ticks, b.shortDay(now.Time().In(b.p.o.Zone).AddDate(0, 0, day)))
	}
	return p
}

// shortDay is a day without its year, as a picture has room for it: "2 Jan".
func (b *board) shortDay(day time.Time) string {
	return strconv.Itoa(day.Day()) + " " + b.v.language().ShortMonth(day.Month())
}

// lapsesByDay counts who lapses on which of the next days, today first.
func (b *board) lapsesByDay(now instant.Instant, list []roll.Lapse) []int {
	counts := make([]int, lapseDays+1)
	for i := range list {
		counts[min(lapseDays, max(0, b.daysBetween(now, list[i].On)))]++
	}
	return counts
}

// lapseRows are the first ones, for the table beside a picture.
func (b *board) lapseRows(list []roll.Lapse, most int) (rows []lapseRow) {
	for i := range list[:min(most, len(list))] {
		rows = append(rows, lapseRow{list[i].Name, memberAddress(&list[i].Row), b.day(list[i].On)})
	}
	return rows
}

// daysBetween counts the days of the zone's calendar from one instant to another.
func (b *board) daysBetween(from, to instant.Instant) int {
	day := func(t instant.Instant) float64 {
		y, m, d := t.Time().In(b.p.o.Zone).Date()
		return float64(instant.Date(y, m, d))
	}
	return int(math.Round((day(to) - day(from)) / float64(instant.Day)))
}
