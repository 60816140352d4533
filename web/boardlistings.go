package web

import (
	"net/http"
	"strings"

	"coopcloud.tech/goodstanding/member"
	"coopcloud.tech/goodstanding/roll"
)

// approvalPath is where entries of the provider list are looked at, and the list is
// published.
const approvalPath = boardPath + "/listings"

// approvalRoutes are for treasurers and facilitators; the list as a whole is
// published by treasurers (domain.md, sections 3 and 8).
func approvalRoutes() []route {
	post := func(path string, answer func(*board) error) route {
		return route{method: http.MethodPost, path: approvalPath + path, answer: forApprovers(answer), who: offices}
	}
	return []route{
		{method: http.MethodGet, path: approvalPath, answer: forApprovers((*board).listings), who: offices},
		post("/approve", (*board).approve),
		post("/withdraw", (*board).withdrawYes),
		post("/publish", func(b *board) error { return b.publish(true) }),
		post("/unpublish", func(b *board) error { return b.publish(false) }),
	}
}

var notApproverPage = notice{"For treasurers and facilitators", "Entries of the provider list are looked at by the federation's treasurers and facilitators. Your own member's entry is on its own page.", listingPath, "Your member's entry"}

// forApprovers lets through who may say yes to entries.
func forApprovers(answer func(*board) error) func(*Pages, *visit) error {
	return forOffice(answer, approvalPath, approves, notApproverPage)
}

// approvalPage are the entries: those that wait for a yes first.
type approvalPage struct {
	Tabs      []tab
	Treasurer bool
	Done      string
	Published bool
	Waiting   []approvalCard
	Said      []approvalCard // yes was said to
	Early     []approvalCard // that are not ready for a yes
	Shown     []string       // whom the list shows, or would show
	Act       deedForm
}

// approvalCard is an entry as it would be shown, with what it takes.
type approvalCard struct {
	Card       providerCard
	ID         member.ID
	Member     string // the member's own name, where it is shown under another one
	Listed     bool
	Missing    []phrase
	Words      string // those of the consent
	GivenBy    string
	Given      moment
	Approved   moment
	EditedHere string // address where a treasurer edits it; "" for who may not
}

var approvalDone = map[string]string{
	"approved": "Yes is said. Later edits of the entry go live by themselves, and stand in the treasurers' digest.", "withdrawn": "The yes is taken back: the entry is not shown until somebody says yes again.",
	"published": "The list of providers is public.", "unpublished": "The list of providers is not public any more.",
}

func (b *board) listings() error { return b.approvals(http.StatusOK, deedForm{}) }

// approvals answers with the page, and with a form that was refused, if there is one.
func (b *board) approvals(status int, act deedForm) error {
	all, err := b.p.o.Roll.Listings(b.v.r.Context(), b.by.Actor)
	if err != nil {
		return err
	}
	published, err := b.p.o.Roll.Published(b.v.r.Context())
	if err != nil {
		return err
	}
	page := approvalPage{Treasurer: b.by.Actor.Has(member.Treasurer), Published: published, Act: act}
	if page.Treasurer {
		page.Tabs = b.tabs(approvalPath)
	}
	if act.Deed == "" {
		page.Done = b.say(approvalDone[b.v.r.URL.Query().Get("done")])
	}
	for i := range all {
		l, card := &all[i], b.approvalCard(&all[i], page.Treasurer)
		if l.Ready {
			page.Shown = append(page.Shown, l.Entry.Name)
		}
		switch {
		case l.Approved != 0:
			page.Said = append(page.Said, card)
		case l.HasProfile && l.Agrees:
			page.Waiting = append(page.Waiting, card)
		default:
			page.Early = append(page.Early, card)
		}
	}
	return b.page(status, "boardlistings", b.say("Listings"), page)
}

func (b *board) approvalCard(l *roll.Listing, edits bool) approvalCard {
	c := approvalCard{Card: b.providerCard(&l.Entry), ID: l.ID, Listed: l.Listed, Words: l.Consent.Words, GivenBy: l.Consent.GivenBy, Given: b.day(l.Consent.Given), Approved: b.day(l.Approved)}
	if l.Name != l.Entry.Name {
		c.Member = l.Name
	}
	if edits || b.by.Actor.DelegateOf(l.ID) {
		c.EditedHere = listingAddress(l.ID, "")
	}
	for _, x := range l.Conditions {
		if x.OK || x.Code == roll.NeedsApproval || x.Code == roll.NeedsList { // which the page says elsewhere
			continue
		}
		if x.Code == roll.NeedsDues && !edits { // what a member pays is for treasurers to know
			x.Words = "As things stand it is not shown; a treasurer can tell why"
		}
		c.Missing = append(c.Missing, sentence(told(b.v.lang, x.Words)))
	}
	return c
}

// changed carries out a change of the list and leads back to the page; a refusal is
// told there.
func (b *board) changed(deed, done string, do func() error) error {
	err := do()
	if reasons, is := refused(err); is {
		return b.approvals(http.StatusConflict, b.refusedForm(deed, reasons))
	}
	if err != nil {
		return err
	}
	return b.p.goTo(b.v, approvalPath+"?done="+done)
}

// approve says yes to an entry, once; a second press finds it said.
func (b *board) approve() error {
	ctx, id := b.v.r.Context(), member.ID(b.field("member"))
	if strings.TrimSpace(b.by.Reason) == "" {
		b.by.Reason = "looked at on the page"
	}
	return b.changed(string(id), "approved", func() error {
		l, err := b.p.o.Roll.Listing(ctx, b.by.Actor, id)
		if err != nil || l.Approved != 0 {
			return err
		}
		_, err = b.p.o.Roll.Approve(ctx, b.by, id)
		return err
	})
}

func (b *board) withdrawYes() error {
	id := member.ID(b.field("member"))
	return b.changed(string(id), "withdrawn", func() error {
		_, err := b.p.o.Roll.Withdraw(b.v.r.Context(), b.by, id)
		return err
	})
}

// publish makes the whole list public, or takes it back; what is so already stays so.
func (b *board) publish(on bool) error {
	deed, done := "publish", "published"
	if !on {
		deed, done = "unpublish", "unpublished"
	}
	return b.changed(deed, done, func() error {
		is, err := b.p.o.Roll.Published(b.v.r.Context())
		if err != nil || is == on && b.by.Actor.Has(member.Treasurer) && strings.TrimSpace(b.by.Reason) != "" {
			return err
		}
		return b.p.o.Roll.PublishProviders(b.v.r.Context(), b.by, on)
	})
}
