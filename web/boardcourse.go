package web

import (
	"cmp"
	"fmt"
	"maps"
	"slices"
	"strconv"

	"coopcloud.tech/goodstanding/eligibility"
	"coopcloud.tech/goodstanding/internal/instant"
	"coopcloud.tech/goodstanding/internal/money"
	"coopcloud.tech/goodstanding/roll"
)

// sorts of states that the course tells apart: more could not be told from each other.
var courseSorts = []courseSort{
	{Class: "current", Words: "state|paid up", states: []eligibility.State{eligibility.StateCurrent}},
	{Class: "waived", Words: "state|dues waived", states: []eligibility.State{eligibility.StateWaived}},
	{Class: "grace", Words: "state|payment late", states: []eligibility.State{eligibility.StateGrace}},
	{Class: "short", Words: "state|pay too little", states: []eligibility.State{eligibility.StateShort}},
	{Class: "lapsed", Words: "dues not paid", states: []eligibility.State{eligibility.StateLapsed, eligibility.StateUnpaid, eligibility.StatePending}},
	{Class: "unknown", Words: "others", states: []eligibility.State{eligibility.StateUnknown, eligibility.StatePaused, eligibility.StateSuspended}},
}

type courseSort struct {
	Class, Words string
	states       []eligibility.State
}

// coursePicture is how the members stood over time: a column for each month, made of
// a part for each sort of state. The table beside it says the same.
type coursePicture struct {
	Title         string
	Width, Height int
	Columns       []courseColumn
	Sorts         []courseSort
	Most          int    // that the height stands for
	First, Last   string // below the first and the last column; First is "" where there is one
}

// courseColumn is one instant; its parts lie on each other, the first one lowest.
type courseColumn struct {
	When   moment
	Words  string // the month, or "now"
	Parts  []columnPart
	Counts []int // in the order of the sorts
	Total  int
}

type columnPart struct {
	Class               string
	X, Y, Width, Height int
}

// The measures of columns over time, in their own units; the page stretches them.
const (
	columnsHeight = 1000
	columnStep    = 20
	columnWidth   = 16
	columnsLeast  = 6 // as many are always given room, so that one alone is no wall
)

// courseOf draws the course of the members.
func (b *board) courseOf(points []roll.CoursePoint) *coursePicture {
	p := &coursePicture{Width: max(len(points), columnsLeast) * columnStep, Height: columnsHeight, Last: b.say("now")}
	for _, sort := range courseSorts {
		sort.Words = b.say(sort.Words)
		p.Sorts = append(p.Sorts, sort)
	}
	for i := range points {
		p.Most = max(p.Most, points[i].Total)
	}
	x := p.Width - len(points)*columnStep + (columnStep-columnWidth)/2
	for i, point := range points {
		column := courseColumn{When: b.day(point.At), Words: b.monthWords(point.At), Total: point.Total}
		if i == len(points)-1 {
			column.Words = p.Last
		}
		below := 0
		for _, sort := range courseSorts {
			n := 0
			for _, s := range sort.states {
				n += point.States[s]
			}
			column.Counts = append(column.Counts, n)
			low, high := tall(below, p.Most), tall(below+n, p.Most)
			if below += n; n > 0 {
				column.Parts = append(column.Parts, columnPart{sort.Class, x, columnsHeight - high, columnWidth, high - low})
			}
		}
		p.Columns = append(p.Columns, column)
		x += columnStep
	}
	if len(points) >= columnsLeast {
		p.First = p.Columns[0].Words
	}
	p.Title = b.courseWords(p)
	return p
}

// tall is how high so many of the most are.
func tall[N int | int64](n, most N) int {
	if most <= 0 {
		return 0
	}
	return int(float64(columnsHeight) * float64(n) / float64(most))
}

// courseWords are the title of the course.
func (b *board) courseWords(p *coursePicture) string {
	last := &p.Columns[len(p.Columns)-1]
	if p.Most == 0 {
		return b.say("No members yet")
	}
	words := b.count(last.Total, "member now", "members now")
	for i, sort := range p.Sorts {
		if n := last.Counts[i]; n > 0 {
			words += fmt.Sprintf(", %d %s", n, sort.Words)
		}
	}
	if first := &p.Columns[0]; len(p.Columns) > 1 {
		words += b.sayf("; %d in %s", first.Total, first.Words)
	}
	return words
}

// moneyPicture is what was expected and what came in each month, in one currency.
type moneyPicture struct {
	Currency, Title string
	Width, Height   int
	Bars            []columnPart
	Rows            []moneyRow
	Most            string
	First, Last     string
}

type moneyRow struct {
	Month              string
	Expected, Received string // "" for what is to come
	Here               bool   // the month that runs
}

// The bars of one month stand side by side.
const moneyBar = columnWidth / 2

// moneyOf draws the money of each currency in which there was any, the one with most
// months first.
func (b *board) moneyOf(months []roll.MoneyMonth, past int) (out []*moneyPicture) {
	there := map[money.Currency]int{}
	for i := range months {
		for c := range months[i].Received {
			there[c]++
		}
		for c := range months[i].Expected {
			there[c]++
		}
	}
	for _, c := range slices.SortedFunc(maps.Keys(there), func(x, y money.Currency) int {
		return cmp.Or(cmp.Compare(there[y], there[x]), cmp.Compare(x.String(), y.String()))
	}) {
		out = append(out, b.moneyIn(months, past, c))
	}
	return out
}

func (b *board) moneyIn(months []roll.MoneyMonth, past int, c money.Currency) *moneyPicture {
	for past > columnsLeast && months[0].Received[c] == 0 && months[0].Expected[c] == 0 { // before there was any
		months, past = months[1:], past-1
	}
	p := &moneyPicture{Currency: c.String(), Width: len(months) * columnStep, Height: columnsHeight, First: b.monthWords(months[0].From), Last: b.monthWords(months[len(months)-1].From)}
	most, came, expected := int64(0), int64(0), int64(0)
	for i := range months {
		most = max(most, months[i].Received[c], months[i].Expected[c])
		if i < past {
			came, expected = came+months[i].Received[c], expected+months[i].Expected[c]
		}
	}
	words := func(minor int64) string { return money.Money{Minor: minor, Currency: c}.Symbol() }
	p.Most = words(most)
	for i, month := range months {
		row := moneyRow{Month: b.v.language().MonthYear(month.From.Time()), Expected: words(month.Expected[c]), Here: i == past-1}
		x := i*columnStep + (columnStep-columnWidth)/2
		if h := tall(month.Expected[c], most); h > 0 {
			p.Bars = append(p.Bars, columnPart{"expected", x, columnsHeight - h, moneyBar, h})
		}
		if i < past {
			row.Received = words(month.Received[c])
			if h := tall(month.Received[c], most); h > 0 {
				p.Bars = append(p.Bars, columnPart{"received", x + moneyBar, columnsHeight - h, moneyBar, h})
			}
		}
		p.Rows = append(p.Rows, row)
	}
	p.Title = b.sayf("From %s to %s %s came in and %s was expected", p.First, b.monthWords(months[past-1].From), words(came), words(expected))
	return p
}

// monthWords are a month in short, by UTC: "Jan 2026".
func (b *board) monthWords(from instant.Instant) string {
	at := from.Time()
	return b.v.language().ShortMonth(at.Month()) + " " + strconv.Itoa(at.Year())
}
