package web

import (
	"bytes"
	"cmp"
	"net/http"
	"net/url"
	"slices"
	"strconv"
	"strings"
	"time"

	"coopcloud.tech/goodstanding/eligibility"
	"coopcloud.tech/goodstanding/internal/arrange"
	"coopcloud.tech/goodstanding/internal/instant"
	"coopcloud.tech/goodstanding/internal/tongue"
	"coopcloud.tech/goodstanding/roll"
)

// boardPage is every member, with its state and what comes.
type boardPage struct {
	Tabs               []tab
	Total, Good, Shown int
	AsOf               moment
	Ago                string // how old the reading is
	Stale              bool
	States             *statesPicture
	Lapsing            *lapsePicture
	State, StateWords  string // the only state that is shown; "" for all
	Soon               bool   // those alone who lapse soon
	Find               string
	Sorts              []choice
	Rows               []boardRow
	Pager              pager
	CSV, All           string
}

type boardRow struct {
	Name, Handle, Address string
	State, Words          string
	Vote                  string // "yes", "no", or "yes, with a reminder"
	Held                  bool
	PaidThrough, Changes  moment
	Delegates             int
}

// choice is a link that chooses what is shown, or how.
type choice struct {
	Words, Href string
	Here        bool
}

// tab leads from one of the treasurers' pages to another.
type tab = choice

var boardTabs = []tab{{"Members", boardPath, false}, {"To sort out", deskPath, false}, {"Payers", payersPath, false}, {"Holds", holdsPath, false}, {"Notices", noticesPath, false}, {"Listings", approvalPath, false},
	{"Pictures", picturesPath, false}, {"Rules", boardRulesPath, false}, {"Set-up", setUpPath, false}}

func (b *board) tabs(here string) (out []tab) {
	for _, one := range boardTabs {
		out = append(out, tab{b.say(one.Words), one.Href, one.Href == here})
	}
	return out
}

// The treasurers' other pages.
const (
	memberPath  = boardPath + "/members/"
	deskPath    = boardPath + "/desk"
	holdsPath   = boardPath + "/holds"
	noticesPath = boardPath + "/notices"
	setUpPath   = boardPath + "/set-up"
)

// lapseWithin is how far ahead the board looks for who lapses.
const lapseWithin = 30 * instant.Day

// boardQuery is what part of the board is asked for, as its address says it.
type boardQuery struct {
	state eligibility.State
	soon  bool
	find  string
	sort  string
}

// boardSorts are the orders of the board; the first one is the usual one.
var boardSorts = []struct{ word, words string }{{words: "name"}, {word: "state", words: "state"}, {word: "paid", words: "paid through"}, {word: "next", words: "next change"}}

func (b *board) query() (q boardQuery) {
	q.state, _ = eligibility.ParseState(b.field("state"))
	q.soon, q.find, q.sort = b.field("soon") != "", strings.TrimSpace(b.field("find")), b.field("sort")
	return q
}

// address is where the board shows what a query asks for.
func (q boardQuery) address(path string) string {
	v := url.Values{}
	if q.state != eligibility.StateNone {
		v.Set("state", q.state.String())
	}
	if q.soon {
		v.Set("soon", "yes")
	}
	if q.find != "" {
		v.Set("find", q.find)
	}
	if q.sort != "" {
		v.Set("sort", q.sort)
	}
	if len(v) == 0 {
		return path
	}
	return path + "?" + v.Encode()
}

// choose gives the rows that the query asks for, in its order.
func (q boardQuery) choose(all *roll.Board) []roll.Row {
	soon := map[string]bool{}
	for i := range all.Lapsing {
		soon[string(all.Lapsing[i].ID)] = true
	}
	find := strings.ToLower(q.find)
	rows := slices.DeleteFunc(slices.Clone(all.Rows), func(r roll.Row) bool {
		return q.state != eligibility.StateNone && r.Standing.State != q.state || q.soon && !soon[string(r.ID)] ||
			find != "" && !strings.Contains(strings.ToLower(r.Name+"\x00"+r.Handle), find)
	})
	arrange.By(rows, func(x, y roll.Row) int {
		switch q.sort {
		case "state":
			return cmp.Compare(statePlace(x.Standing.State), statePlace(y.Standing.State))
		case "paid":
			return cmp.Compare(x.Standing.PaidThrough, y.Standing.PaidThrough)
		case "next":
			return cmp.Compare(uint64(x.Standing.ChangesAt-1), uint64(y.Standing.ChangesAt-1)) // never comes last
		}
		return 0
	})
	return rows
}

func statePlace(s eligibility.State) int {
	words := roll.StateWords()
	for i, w := range words {
		if w.State == s {
			return i
		}
	}
	return len(words)
}

// overview is the board.
func (b *board) overview() error {
	all, err := b.p.o.Roll.Board(b.v.r.Context(), lapseWithin, b.v.language())
	if err != nil {
		return err
	}
	q := b.query()
	rows := q.choose(&all)
	page := boardPage{Tabs: b.tabs(boardPath), Total: len(all.Rows), Shown: len(rows), Soon: q.soon, Find: q.find, All: boardPath, CSV: q.address(boardPath + ".csv"),
		AsOf: b.minute(all.AsOf), Stale: all.Stale, Ago: b.ago(all.At.Sub(all.AsOf)), Lapsing: b.lapseOf(all.At, all.Lapsing)}
	if q.state != eligibility.StateNone {
		page.State, page.StateWords = q.state.String(), roll.WordsIn(b.v.language(), q.state)
	}
	counts := map[eligibility.State]int{}
	for i := range all.Rows {
		s := &all.Rows[i].Standing
		counts[s.State]++
		if s.State.GoodStanding() {
			page.Good++
		}
	}
	page.States = b.statesOf(counts, q)
	for _, s := range boardSorts {
		to := q
		to.sort = s.word
		page.Sorts = append(page.Sorts, choice{b.say(s.words), to.address(boardPath), s.word == q.sort})
	}
	rows, page.Pager = paged(b.reading, rows, mostOnPage)
	for i := range rows {
		page.Rows = append(page.Rows, b.row(&rows[i]))
	}
	return b.page(http.StatusOK, "board", b.say("Board"), page)
}

func (b *board) row(r *roll.Row) boardRow {
	s := &r.Standing
	_, held := s.Reason(eligibility.CodeHeld)
	return boardRow{Name: r.Name, Handle: r.Handle, Address: memberAddress(r), State: s.State.String(), Words: r.People, Vote: b.mayVote(s), Held: held,
		PaidThrough: b.day(s.PaidThrough), Changes: b.day(s.ChangesAt), Delegates: r.Delegates}
}

// memberAddress is a member's page for treasurers: by its id, since a handle can
// be given to another member.
func memberAddress(r *roll.Row) string { return memberPath + url.PathEscape(string(r.ID)) }

func (b *board) mayVote(s *eligibility.Standing) string {
	if !s.Has(eligibility.Vote) {
		return b.say("no")
	}
	if re, ok := s.Reason(eligibility.CodeAdvisory); ok && re.Rights.Has(eligibility.Vote) {
		return b.say("yes, with a reminder")
	}
	return b.say("yes")
}

// csv is the same as a file for spreadsheets.
func (b *board) csv() error {
	all, err := b.p.o.Roll.Board(b.v.r.Context(), lapseWithin, tongue.English())
	if err != nil {
		return err
	}
	all.Rows = b.query().choose(&all)
	var out bytes.Buffer
	if err := all.WriteCSV(&out); err != nil {
		return err
	}
	h := b.v.w.Header()
	h.Set("Content-Type", "text/csv; charset=utf-8")
	h.Set("Content-Disposition", `attachment; filename="board.csv"`)
	h.Set("Content-Length", strconv.Itoa(out.Len()))
	b.v.w.WriteHeader(http.StatusOK)
	_, _ = b.v.w.Write(out.Bytes()) // a client that went away is no fault of ours
	return nil
}

// ago says how long something has been, in one unit.
func (b *board) ago(d time.Duration) string {
	switch {
	case d < time.Minute:
		return b.say("less than a minute ago")
	case d < 2*time.Hour:
		return b.count(int(d/time.Minute), "minute ago", "minutes ago")
	case d < 48*time.Hour:
		return b.count(int(d/time.Hour), "hour ago", "hours ago")
	}
	return b.count(int(d/(24*time.Hour)), "day ago", "days ago")
}
