package web

import (
	"net/http"
	"strconv"
)

// picturesPage is the federation's dues over time.
type picturesPage struct {
	Tabs     []tab
	AsOf     moment
	Stale    bool
	Spans    []choice
	Course   *coursePicture
	Money    []*moneyPicture
	Calendar *calendarPicture
}

// picturesPath is where they are.
const picturesPath = boardPath + "/pictures"

// The months that the pictures go back: the usual ones, and the most.
const (
	usualMonths  = 12
	mostMonths   = 24
	comingMonths = 2
)

// pictures draws the federation's dues over time, by what is in memory: the past is
// worked out anew for each look, by what is known now.
func (b *board) pictures() error {
	b.p.catchUp(b.v)
	m, ok := b.p.o.Memory(b.p.o.Now())
	if !ok {
		b.p.problem(b.v, http.StatusServiceUnavailable, notReadPage)
		return nil
	}
	b.Memory = m
	months := usualMonths
	if b.field("months") == strconv.Itoa(mostMonths) {
		months = mostMonths
	}
	page := picturesPage{Tabs: b.tabs(picturesPath), AsOf: b.minute(m.AsOf), Stale: m.Stale}
	for _, n := range []int{usualMonths, mostMonths} {
		address := picturesPath
		if n != usualMonths {
			address += "?months=" + strconv.Itoa(n)
		}
		page.Spans = append(page.Spans, choice{b.count(n, "month", "months"), address, n == months})
	}
	page.Course = b.courseOf(m.Book.Course(m.At, months))
	page.Money = b.moneyOf(m.Book.MoneyByMonth(m.At, months, comingMonths), months)
	page.Calendar = b.calendarOf(m.At, m.Book.Lapsing(m.At, m.At+lapseWithin))
	return b.page(http.StatusOK, "boardpictures", b.say("Pictures"), page)
}
