package web

import (
	"net/http"
	"slices"

	"coopcloud.tech/goodstanding/internal/tongue"
	"coopcloud.tech/goodstanding/member"
	"coopcloud.tech/goodstanding/notify"
	"coopcloud.tech/goodstanding/roll"
)

// NoticesPath is where one's notices are, and where the form about them goes.
const NoticesPath = homePath + "/notices"

// noticesPage is what somebody was told, or was not, and how he or she wants to be.
type noticesPage struct {
	Notices   []noticeLine
	Older     string // address of those that were written before; "" for none
	Newest    bool   // these are the newest
	Languages []languageChoice
	Groups    []wishGroup
	Saved     bool
}

type noticeLine struct {
	Words, About, State, Why string
	Went                     bool
	Written                  moment
}

type languageChoice struct {
	Code, Words string
	Chosen      bool
}

// wishGroup are kinds that are required, or not, for one reason.
type wishGroup struct {
	Title, Why string // Why is "" where they can be declined
	Kinds      []wishKind
}

type wishKind struct {
	Kind   notify.Kind
	Words  string
	Wanted bool
}

// mostNotices bounds one page of them.
const mostNotices = 40

// groupTitles are the groups of kinds that persons get, in the order of the page.
var groupTitles = []struct {
	group notify.Group
	title string
}{
	{notify.AboutDecisions, "Decisions"}, {notify.AboutOpportunities, "Opportunities"}, {notify.AboutDues, "Dues of your members"},
	{notify.AboutDelegates, "Who acts for your members"}, {notify.AboutMembership, "Pauses and suspensions"}, {notify.AboutJoining, "New members"}, {notify.AboutMotions, "What takes two people"}, {notify.ForTreasurers, "For treasurers"},
}

func (m *mine) notices() error {
	ctx := m.v.r.Context()
	after := m.v.r.URL.Query().Get("after")
	list, err := m.p.o.Roll.Notices(ctx, roll.NoticesQuery{Person: m.person(), After: after, Limit: mostNotices + 1, In: m.v.lang})
	if err != nil {
		return m.refused(err, "There are no such notices", "", NoticesPath, "The newest notices")
	}
	page := noticesPage{Newest: after == "", Saved: m.v.r.URL.Query().Has("saved")}
	if len(list) > mostNotices {
		list = list[:mostNotices]
		page.Older = NoticesPath + "?after=" + list[mostNotices-1].ID
	}
	for i := range list {
		n := &list[i]
		page.Notices = append(page.Notices, noticeLine{n.Words, n.About, n.StateWords, plainly(n.Why), n.State == notify.Sent, m.minute(n.LastStep())})
	}
	wish, err := m.p.o.Roll.Wish(ctx, m.person())
	if err != nil {
		return err
	}
	all := m.p.o.Roll.MailLanguages()
	chosen := wish.Language
	if chosen == "" && slices.Contains(all, m.v.wanted.Code()) { // who has not chosen is offered the language of the page
		chosen = m.v.wanted.Code()
	}
	for i, code := range all {
		page.Languages = append(page.Languages, languageChoice{code, (&reading{p: m.p, v: m.v}).languageWords(code), chosen == code || chosen == "" && i == 0})
	}
	page.Groups = m.groups(&wish)
	return m.p.show(m.v, http.StatusOK, "notices", m.say("Notices"), page)
}

// groups are the kinds of notices that somebody can get: those that can be declined
// apart from those that the rules require.
func (m *mine) groups(wish *roll.Wish) (out []wishGroup) {
	for _, required := range []bool{false, true} {
		for _, g := range groupTitles {
			if !m.hears(g.group) {
				continue
			}
			group := wishGroup{Title: m.say(g.title)}
			for _, k := range notify.Kinds() {
				if k.Group() != g.group || k.Optional() == required || k == notify.DelegateConfirm || k == notify.ApplicationConfirm { // which go to those whom nobody knows by name
					continue
				}
				group.Why = m.say(roll.RequiredWhy(k))
				group.Kinds = append(group.Kinds, wishKind{k, capital(m.say(roll.NoticeWords(k))), !slices.Contains(wish.Declined, k)})
			}
			if len(group.Kinds) > 0 {
				out = append(out, group)
			}
		}
	}
	return out
}

// hears says that notices of a group can go to the person.
func (m *mine) hears(g notify.Group) bool {
	switch g {
	case notify.ForTreasurers:
		return m.actor.Has(member.Treasurer)
	case notify.AboutJoining:
		return roll.Admits(m.actor)
	}
	return true
}

// wish changes how one wants to be told things: a kind without its tick is declined.
func (m *mine) wish() error {
	change := roll.NewWish{Language: m.sent("language")}
	for _, k := range roll.OptionalKinds() {
		if !m.hears(k.Group()) {
			continue // the form does not show it
		}
		if slices.Contains(m.v.r.PostForm["kind"], string(k)) {
			change.Accept = append(change.Accept, k)
		} else {
			change.Decline = append(change.Decline, k)
		}
	}
	if _, err := m.p.o.Roll.SetWish(m.v.r.Context(), m.by(), m.person(), change); err != nil {
		return m.refused(err, "Not saved", "", NoticesPath, "Back to the notices")
	}
	// Who said it here wants the pages so, too, whatever was chosen before.
	if m.v.chosen && tongue.Known(change.Language) {
		http.SetCookie(m.v.w, m.p.languageCookie(change.Language))
	}
	return m.p.goTo(m.v, NoticesPath+"?saved=yes")
}
