package web

import (
	"crypto/sha256"
	"encoding/hex"
	"net/http"
	"net/url"
	"slices"
	"strings"

	"coopcloud.tech/goodstanding/notify"
	"coopcloud.tech/goodstanding/roll"
)

// boardNoticesPage is whether notices go, what waits for a word, and the last ones.
type boardNoticesPage struct {
	Tabs    []tab
	Started moment // the zero value while they are off
	Go      []goingLine
	Going   int // notices in Go
	More    int // lines of Go that are not listed
	Missed  int
	Lacking []lackingLine
	Seen    string      // a mark of Go
	Stop    []goingLine // that a stop keeps from going
	Stops   int         // notices in Stop
	NoStop  int         // lines of Stop that are not listed
	Batches []batchLine
	States  []choice
	State   string
	Last    []boardNoticeLine
	Next    string // where those after them are; "" for nowhere
	Act     deedForm
}

// lackingLine is a decision to which answers may be missing, and which a start lets be
// closed again.
type lackingLine struct{ Address, Name, Until, Stands string }

// goingLine is what would go at one moment about one thing, with all whom it goes to.
type goingLine struct {
	Due          moment
	Words, About string
	To           []string
	More         int // recipients that are not named
}

type batchLine struct {
	Batch, Words string
	N            int
	Go           []goingLine
	More         int
	Seen         string // a mark of what waits in it
}

// The bounds of what the page of notices lists.
const (
	mostGoing = 40
	mostTo    = 6
	mostLast  = 30
)

// notices shows the notices.
func (b *board) notices() error { return b.noticebook(http.StatusOK, deedForm{}) }

func (b *board) noticebook(status int, act deedForm) error {
	ctx := b.v.r.Context()
	plan, err := b.p.o.Roll.NoticesPlanIn(ctx, b.v.lang)
	if err != nil {
		return err
	}
	page := boardNoticesPage{Tabs: b.tabs(noticesPath), Started: b.minute(plan.Started), Going: len(plan.Go), Missed: plan.Missed, Act: act}
	lacking, err := b.p.o.Chair.Lacking(ctx)
	if err != nil {
		return err
	}
	for i := range lacking {
		v := &lacking[i]
		page.Lacking = append(page.Lacking, lackingLine{"/decisions/" + key(v), nameOf(b.v.lang, &v.Decision), untilWords(b.v.lang, &v.Decision), v.Outcome.StandsIn(b.v.lang)})
	}
	page.Go, page.More = b.going(plan.Go)
	page.Stop, page.NoStop = b.going(plan.Stop)
	page.Seen, page.Stops = markOf(plan.Go), len(plan.Stop)
	for _, one := range plan.Batches {
		line := batchLine{Batch: string(one.Batch), Words: b.say(one.Words), N: len(one.Notices), Seen: markOf(one.Notices)}
		line.Go, line.More = b.going(one.Notices)
		page.Batches = append(page.Batches, line)
	}
	q := roll.NoticesQuery{Limit: mostLast + 1, In: b.v.lang}
	if status == http.StatusOK {
		q.After = b.field("after")
		for _, s := range notify.States() {
			if string(s) == b.field("state") {
				q.State, page.State = s, string(s)
			}
		}
	}
	list, err := b.p.o.Roll.Notices(ctx, q)
	if _, is := refused(err); is { // of a link from long ago
		q.After = ""
		list, err = b.p.o.Roll.Notices(ctx, q)
	}
	if err != nil {
		return err
	}
	if len(list) > mostLast {
		list = list[:mostLast]
		page.Next = noticesPath + "?" + url.Values{"state": {page.State}, "after": {list[mostLast-1].ID}}.Encode() + "#last"
	}
	page.Last = b.noticeLines(list)
	page.States = append(page.States, choice{b.say("all"), noticesPath + "#last", page.State == ""})
	for _, s := range notify.States() {
		page.States = append(page.States, choice{b.say(roll.NoticeStateWords(s)), noticesPath + "?state=" + string(s) + "#last", page.State == string(s)})
	}
	return b.page(status, "boardnotices", b.say("Notices"), page)
}

// going puts together what goes at one moment, of one kind, about one thing.
func (b *board) going(list []roll.Notice) (lines []goingLine, more int) {
	for i := 0; i < len(list); {
		first := &list[i]
		line := goingLine{Due: b.day(first.DueAt), Words: capital(first.Words), About: first.About}
		for ; i < len(list) && list[i].DueAt == first.DueAt && list[i].Kind == first.Kind && list[i].About == first.About; i++ {
			if len(line.To) < mostTo {
				line.To = append(line.To, list[i].To)
			} else {
				line.More++
			}
		}
		if len(lines) < mostGoing {
			lines = append(lines, line)
		} else {
			more++
		}
	}
	return lines, more
}

// markOf tells one list of notices from another, so that nobody lets go what was not
// shown.
func markOf(list []roll.Notice) string {
	ids := make([]string, len(list))
	for i := range list {
		ids[i] = list[i].ID
	}
	slices.Sort(ids)
	sum := sha256.Sum256([]byte(strings.Join(ids, "\n")))
	return hex.EncodeToString(sum[:8])
}

// moved refuses a word about notices that are others by now than the page has shown:
// those that a start lets go, or those of a batch.
func (b *board) moved(batch notify.Batch) error {
	seen := b.field("seen")
	if seen == "" {
		return nil
	}
	plan, err := b.p.o.Roll.NoticesPlan(b.v.r.Context())
	if err != nil {
		return err
	}
	now := plan.Go
	if batch != "" {
		now = nil
		for _, one := range plan.Batches {
			if one.Batch == batch {
				now = one.Notices
			}
		}
		if len(now) == 0 { // the roll says so better
			return nil
		}
	} else if plan.Started != 0 {
		return nil
	}
	if markOf(now) == seen {
		return nil
	}
	return &roll.Refused{What: "say so", Reasons: []string{"what would go has changed since this page was shown: look at it again"}}
}

// startNotices, stopNotices, releaseNotices and dropNotices are a treasurer's word.
func (b *board) startNotices() error {
	if err := b.moved(""); err != nil {
		return b.said("start", "", "", roll.Report{}, err)
	}
	n, report, err := b.p.o.Roll.StartNotices(b.v.r.Context(), b.by)
	return b.said("start", "Notices are on", b.waits(n, "Nothing waits yet.", "%d notice waits for its moment, and goes if it is still true then.", "%d notices wait for their moments, and go if they are still true then."), report, err)
}

func (b *board) stopNotices() error {
	n, report, err := b.p.o.Roll.StopNotices(b.v.r.Context(), b.by)
	return b.said("stop", "Notices are off", b.waits(n, "No notice waited. Another start lets go what is still to come.", "%d notice does not go. Another start lets go what is still to come.", "%d notices do not go. Another start lets go what is still to come."), report, err)
}

func (b *board) releaseNotices() error {
	batch := notify.Batch(b.field("batch"))
	if err := b.moved(batch); err != nil {
		return b.said("release", "", "", roll.Report{}, err)
	}
	n, report, err := b.p.o.Roll.ReleaseNotices(b.v.r.Context(), b.by, batch)
	return b.said("release", "Released", b.waits(n, "Nothing waits yet.", "%d notice waits for the next mails, and goes if it is still true then.", "%d notices wait for the next mails, and go if they are still true then."), report, err)
}

func (b *board) dropNotices() error {
	batch := notify.Batch(b.field("batch"))
	if err := b.moved(batch); err != nil {
		return b.said("drop", "", "", roll.Report{}, err)
	}
	n, report, err := b.p.o.Roll.DropNotices(b.v.r.Context(), b.by, batch)
	return b.said("drop", "Dropped", b.waits(n, "No notice waited.", "%d notice is never sent.", "%d notices are never sent."), report, err)
}

// waits says of how many notices something is so.
func (b *board) waits(n int, none, one, more string) string {
	switch n {
	case 0:
		return b.say(none)
	case 1:
		return b.sayf(one, n)
	}
	return b.sayf(more, n)
}

func (b *board) said(deed, title, text string, report roll.Report, err error) error {
	if reasons, is := refused(err); is {
		return b.noticebook(http.StatusConflict, b.refusedForm(deed, reasons))
	}
	if err != nil {
		return err
	}
	return b.done(b.say(title), text, report, noticesPath, b.say("Notices"))
}
