package web

import (
	"net/http"
	"slices"
	"strconv"
	"strings"

	"coopcloud.tech/goodstanding/roll"
)

// deskPage is what is to be sorted out.
type deskPage struct {
	Tabs    []tab
	Total   int
	Kinds   []choice
	Kind    string
	All     bool // also what was left as it is
	Other   string
	Entries []deskLine
	Pager   pager
	Act     deedForm
}

type deskLine struct {
	ID, Kind                 string
	Sentence, Action, Amount string
	Acts                     []actLine
	Elsewhere                choice // where it is done, if no act does it; the zero value for nowhere
	Name, Address            string // of the member; "" for none
	Account                  string
	Since                    moment
	Left                     *leftLine // nil while it is open
}

// leftLine says who left an entry as it is, and why.
type leftLine struct {
	At       moment
	Who, Why string
}

// mostEntries bounds the entries on one page.
const mostEntries = 50

// kindWords name the kinds of the desk as a heading does.
var kindWords = map[roll.DeskKind]string{
	roll.DeskSlugTaken: "Slug taken over", roll.DeskPayerChanged: "Payer changed", roll.DeskUnknownWord: "Not understood", roll.DeskDisputed: "Charge disputed", roll.DeskRefunded: "Charge refunded",
	roll.DeskVanished: "Contribution vanished", roll.DeskGone: "Account gone", roll.DeskNotCharged: "Not charged", roll.DeskCancelled: "Paid but cancelled", roll.DeskWrongCurrency: "Other currency",
	roll.DeskIgnored: "Money that is ignored", roll.DeskLeftover: "Money left over", roll.DeskYearly: "Yearly, below the monthly rule", roll.DeskPersonPays: "Person pays for organisation",
	roll.DeskTwoAccounts: "Two accounts alike", roll.DeskUnmatched: "Payer is no member", roll.DeskWrongTier: "Other tier", roll.DeskWrongAccount: "Other project or event", roll.DeskRenamed: "Account renamed",
	roll.DeskNoDelegate: "No delegate", roll.DeskNoAnswer: "Answers no decision",
}

func (b *board) kindWord(k roll.DeskKind) string {
	if w := kindWords[k]; w != "" {
		return b.say(w)
	}
	return capital(strings.ReplaceAll(string(k), "_", " "))
}

// toSort shows what is to be sorted out.
func (b *board) toSort() error { return b.sorting(http.StatusOK, deedForm{}) }

func (b *board) sorting(status int, act deedForm) error {
	entries, err := b.p.o.Roll.Desk(b.v.r.Context(), true)
	if err != nil {
		return err
	}
	page := deskPage{Tabs: b.tabs(deskPath), Act: act}
	if b.v.r.Method != http.MethodPost {
		page.Kind, page.All = b.field("kind"), b.field("all") != ""
	}
	address := func(kind string, all bool) string {
		to := deskPath
		if kind != "" {
			to += "?kind=" + kind
		}
		if all {
			to += map[bool]string{true: "?", false: "&"}[kind == ""] + "all=yes"
		}
		return to
	}
	page.Other = address("", !page.All)
	counts := map[roll.DeskKind]int{}
	entries = slices.DeleteFunc(entries, func(e roll.DeskEntry) bool { return !page.All && e.Dismissed != nil })
	for i := range entries {
		counts[entries[i].Kind]++
	}
	page.Total = len(entries)
	for _, k := range roll.DeskKinds() {
		if n := counts[k]; n > 0 {
			page.Kinds = append(page.Kinds, choice{strconv.Itoa(n) + " × " + b.kindWord(k), address(string(k), page.All), string(k) == page.Kind})
		}
	}
	entries = slices.DeleteFunc(entries, func(e roll.DeskEntry) bool { return page.Kind != "" && string(e.Kind) != page.Kind })
	entries, page.Pager = paged(b.reading, entries, mostEntries)
	for i := range entries {
		page.Entries = append(page.Entries, b.entry(&entries[i], act))
	}
	return b.page(status, "boarddesk", b.say("To sort out"), page)
}

func (b *board) entry(e *roll.DeskEntry, act deedForm) deskLine {
	line := deskLine{ID: e.ID, Kind: b.kindWord(e.Kind), Sentence: e.SentenceIn(b.v.language()), Action: plainly(e.ActionIn(b.v.language())), Name: e.Name, Account: e.Account.Slug, Since: b.day(e.Since),
		Acts: b.actLines(e.Acts, act), Elsewhere: b.elsewhere(e)}
	if e.Member != "" {
		line.Address = memberAddress(&roll.Row{ID: e.Member})
	}
	if e.Amount != nil {
		line.Amount = e.Amount.Symbol()
	}
	if was := e.Dismissed; was != nil {
		line.Left = &leftLine{b.minute(was.At), was.By, was.Reason}
	}
	return line
}

// elsewhere is the page on which an entry is sorted out that no act sorts out.
func (b *board) elsewhere(e *roll.DeskEntry) choice {
	of := memberAddress(&roll.Row{ID: e.Member})
	switch {
	case e.Kind == roll.DeskWrongAccount && e.Member == "":
		return choice{Words: b.say("Link an account on a member’s page"), Href: boardPath}
	case e.Member == "":
		return choice{}
	case e.Kind == roll.DeskNoDelegate:
		return choice{Words: b.say("Name a delegate"), Href: of + "#people"}
	case e.Kind == roll.DeskRefunded, e.Kind == roll.DeskYearly, e.Kind == roll.DeskWrongAccount:
		return choice{Words: b.say("Enter a payment"), Href: of + "#payments"}
	case len(e.Acts) > 0:
		return choice{}
	}
	return choice{Words: b.say("Look at the member"), Href: of}
}

// dismiss leaves an entry as it is.
func (b *board) dismiss() error {
	err := b.p.o.Roll.Dismiss(b.v.r.Context(), b.by, b.field("entry"))
	if reasons, is := refused(err); is {
		return b.sorting(http.StatusConflict, b.refusedForm(b.field("entry"), reasons))
	}
	if err != nil {
		return err
	}
	return b.done(b.say("Left as it is"), b.say("The entry is no longer listed. It returns when its facts change."), roll.Report{}, deskPath, b.say("What else is to be sorted out"))
}

// refusedForm is a form with why it was refused.
func (b *board) refusedForm(deed string, reasons []string) deedForm {
	form := deedForm{Deed: deed, sent: b.field}
	for _, one := range reasons {
		why := told(b.v.language(), one)
		form.Reasons = append(form.Reasons, phrase{plainly(why.Text), why.Lang})
	}
	return form
}

// holdsPage is what is held, and for whom.
type holdsPage struct {
	Tabs  []tab
	All   bool
	Holds []holdLine
	Act   deedForm
}

type holdLine struct {
	ID, Likely string
	Set        moment
	Members    []heldLine
	Keeps      int       // how many members it still keeps
	Left       *leftLine // who acknowledged it; nil while it stands
}

type heldLine struct {
	Name, Address, Kept, WouldBe, WouldState string
	Over                                     bool
}

// holds shows what is held.
func (b *board) holds() error { return b.held(http.StatusOK, deedForm{}) }

func (b *board) held(status int, act deedForm) error {
	page := holdsPage{Tabs: b.tabs(holdsPath), All: b.field("all") != "", Act: act}
	list, err := b.p.o.Roll.Holds(b.v.r.Context(), page.All)
	if err != nil {
		return err
	}
	for _, h := range list {
		line := holdLine{ID: h.ID, Likely: b.say(h.Likely), Set: b.minute(h.SetAt)}
		for _, m := range h.Members {
			if !m.Over {
				line.Keeps++
			}
			line.Members = append(line.Members, heldLine{m.Name, memberAddress(&roll.Row{ID: m.ID}), roll.WordsIn(b.v.language(), m.Kept), roll.WordsIn(b.v.language(), m.Computed), m.Computed.String(), m.Over})
		}
		if h.AcknowledgedAt != 0 {
			line.Left = &leftLine{b.minute(h.AcknowledgedAt), h.AcknowledgedBy, h.Reason}
		}
		page.Holds = append(page.Holds, line)
	}
	return b.page(status, "boardholds", b.say("Holds"), page)
}

// acknowledge ends a hold.
func (b *board) acknowledge() error {
	report, err := b.p.o.Roll.Acknowledge(b.v.r.Context(), b.by, b.field("hold"))
	if reasons, is := refused(err); is {
		return b.held(http.StatusConflict, b.refusedForm(b.field("hold"), reasons))
	}
	if err != nil {
		return err
	}
	return b.done(b.say("The hold is acknowledged"), b.say("Those it still kept stand as the rules say now."), report, holdsPath, b.say("Holds"))
}
