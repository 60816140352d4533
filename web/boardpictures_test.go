package web

import (
	"fmt"
	"regexp"
	"strings"
	"testing"
	"time"

	"coopcloud.tech/goodstanding/eligibility"
	"coopcloud.tech/goodstanding/internal/instant"
	"coopcloud.tech/goodstanding/internal/money"
	"coopcloud.tech/goodstanding/roll"
)

func drawing() *board {
	return &board{reading: &reading{p: &Pages{o: Options{Zone: time.UTC}}}}
}

// inside fails unless a part lies within the picture.
func (p columnPart) inside(t *testing.T, width, height int) {
	t.Helper()
	if p.X < 0 || p.Y < 0 || p.Width <= 0 || p.Height < 0 || p.X+p.Width > width || p.Y+p.Height > height {
		t.Errorf("%+v does not lie within %d × %d", p, width, height)
	}
}

// The parts of a column lie on each other and come to its total, whatever the number
// of members and of months.
func TestTheCourseIsDrawn(t *testing.T) {
	for _, n := range []int{0, 1, 20, 5000} {
		for _, months := range []int{1, 3, 24} {
			points := make([]roll.CoursePoint, months)
			for i := range points {
				late := n / 7
				points[i] = roll.CoursePoint{At: instant.Date(2025, 1, 15).AddMonths(i), Total: n, States: map[eligibility.State]int{
					eligibility.StateCurrent: n - late - n/3, eligibility.StateLapsed: n / 3, eligibility.StateGrace: late}}
			}
			p := drawing().courseOf(points)
			if len(p.Columns) != months || p.Most != n || p.Last != "now" || (p.First != "") != (months >= columnsLeast) {
				t.Fatalf("%d members, %d months: %+v", n, months, p)
			}
			for _, c := range p.Columns {
				sum, y := 0, p.Height
				for _, count := range c.Counts {
					sum += count
				}
				for _, part := range c.Parts {
					part.inside(t, p.Width, p.Height)
					if y -= part.Height; part.Y != y {
						t.Errorf("%d members: %+v does not lie on what is below", n, part)
					}
				}
				if n > 0 && y != 0 || sum != n || c.Total != n {
					t.Errorf("%d members: a column of %d counts %d and ends at %d", n, c.Total, sum, y)
				}
			}
			want := map[int]string{0: "No members yet", 1: "1 member now, 1 paid up", 20: "20 members now, 12 paid up, 2 payment late, 6 dues not paid", 5000: "5000 members now, 2620 paid up"}[n]
			if !strings.HasPrefix(p.Title, want) {
				t.Errorf("the title of %d is %q", n, p.Title)
			}
		}
	}
	if p := drawing().courseOf([]roll.CoursePoint{{At: 1, Total: 2, States: map[eligibility.State]int{eligibility.StateCurrent: 2}}, {At: 2, Total: 4, States: map[eligibility.State]int{eligibility.StateCurrent: 4}}}); p.Columns[0].Parts[0].Height != columnsHeight/2 || p.Columns[1].Parts[0].Height != columnsHeight {
		t.Errorf("half as many are not half as high: %+v", p.Columns)
	}
}

// Each currency has a picture of its own; the bars are as high as their amounts, and
// nothing is said of what is to come in.
func TestTheMoneyIsDrawn(t *testing.T) {
	eur := money.Currency{'E', 'U', 'R'}
	months := make([]roll.MoneyMonth, 14)
	for i := range months {
		months[i] = roll.MoneyMonth{From: instant.Date(2025, 7, 1).AddMonths(i), Received: map[money.Currency]int64{}, Expected: map[money.Currency]int64{gbp: 10_000}}
		if i < 12 {
			months[i].Received[gbp] = 5_000
		}
	}
	months[3].Received[eur] = money.MaxMinor
	list := drawing().moneyOf(months, 12)
	if len(list) != 2 || list[0].Currency != "GBP" || list[1].Currency != "EUR" {
		t.Fatalf("pictures of %+v", list)
	}
	p := list[0]
	if p.Title != "From Jul 2025 to Jun 2026 £600.00 came in and £1200.00 was expected" {
		t.Errorf("the title is %q", p.Title)
	}
	bars := map[string]int{}
	for _, one := range list {
		for _, b := range one.Bars {
			b.inside(t, one.Width, one.Height)
			bars[fmt.Sprint(one.Currency, " ", b.Class, " ", b.Height)]++
		}
	}
	if bars["GBP expected 1000"] != 14 || bars["GBP received 500"] != 12 || bars["EUR received 1000"] != 1 || len(bars) != 3 {
		t.Errorf("bars: %v", bars)
	}
	if p.Rows[11].Month != "June 2026" || !p.Rows[11].Here || p.Rows[11].Received != "£50.00" || p.Rows[12].Received != "" || p.Rows[12].Expected != "£100.00" || p.Last != "Aug 2026" {
		t.Errorf("rows: %+v", p.Rows)
	}
	if list := drawing().moneyOf([]roll.MoneyMonth{{From: 0}}, 1); len(list) != 0 {
		t.Errorf("a picture of nothing: %+v", list)
	}
}

// The calendar has every day once, each below its weekday.
func TestTheCalendarIsDrawn(t *testing.T) {
	for _, n := range []int{0, 1, 20, 5000} {
		now := instant.Date(2026, 3, 20).Add(20 * time.Hour) // a Friday
		list := make([]roll.Lapse, n)
		for i := range list {
			list[i].On = now + instant.Instant(i)*lapseWithin/instant.Instant(n)
		}
		p, sum := drawing().calendarOf(now, list), 0
		seen := map[string]bool{}
		for i, d := range p.Days {
			sum += d.Count
			seen[fmt.Sprint(d.X, d.Y)] = true
			if weekday := (int(now.Time().AddDate(0, 0, i).Weekday()) + 6) % 7; d.X != weekday*calendarStep || d.X+calendarCell > p.Width || d.Y+calendarCell > p.Height || d.TextX <= d.X || d.CountY >= d.Y+calendarCell {
				t.Errorf("%+v", d)
			}
		}
		if sum != n || len(seen) != 31 || len(p.Rows) != min(n, mostListed) || p.Days[0].Words != "20 Mar" || !p.Days[0].Today || p.Days[12].Words != "1 Apr" || p.Days[13].Words != "2" || p.Names[0].Words != "Mo" || p.Names[6].Words != "Su" {
			t.Errorf("%d: %+v", n, p)
		}
	}
}

// The page itself: with nobody, with some, and quickly with very many.
func boardPictures(t *testing.T, f *federation) {
	p := f.get("/board/pictures").want(t, 200, "<h1>Pictures</h1>", `<a href="/board/pictures" aria-current="page">Pictures</a>`, `<a href="/board/pictures" aria-current="true">12 months</a>`, "Dues in GBP, by month", "<title>", " came in and ",
		"what was given back is left out", "Who has applied or left is not counted", "A forecast: as if every later reading showed nothing new.")
	if got := len(regexp.MustCompile(`<svg [^>]*role="img" aria-label="[^"]+"`).FindAllString(p.body, -1)); got != 3 {
		t.Errorf("%d pictures have a title", got)
	}
	for _, bad := range []string{"NaN", "Inf", `width="-`, `height="-`, `y="-`, "goodstanding "} {
		if strings.Contains(p.body, bad) {
			t.Errorf("the page holds %s", bad)
		}
	}
	f.get("/board/pictures?months=24").want(t, 200, `<a href="/board/pictures?months=24" aria-current="true">24 months</a>`)
	f.get("/board/pictures?months=9999").want(t, 200, `aria-current="true">12 months</a>`)
}

func TestPicturesOfNobody(t *testing.T) {
	s := newSite(t, nil)
	token := s.link("")
	s.post("/sign-in/link", "token", token).leads(t, "/me")
	s.get("/board/pictures").want(t, 200, "1 member now", "Nothing came in yet, and nothing is promised.", "Nobody, even if nothing more is paid.")
	s.unread.Store(true)
	s.get("/board/pictures").want(t, 503, "In a moment")
}
