package roll

import (
	"fmt"
	"regexp"
	"strings"

	"coopcloud.tech/goodstanding/eligibility"
	"coopcloud.tech/goodstanding/internal/instant"
	"coopcloud.tech/goodstanding/member"
	"coopcloud.tech/goodstanding/store"
)

// upstreamID is the form of an account's id on Open Collective, old and new.
var upstreamID = regexp.MustCompile(`^(?:[0-9a-z]{8}(?:-[0-9a-z]{8}){3}|acc_[0-9A-Za-z]+)$`)

// compareAccounts finds the links that a row adds.
func (p *importPlan) compareAccounts(row *plannedRow) {
	for _, a := range row.accounts {
		id, why := p.account(a.word)
		if why != "" {
			row.fault("accounts", "%s", why)
			continue
		}
		if p.linked(row, id, a) {
			continue
		}
		why = strings.Join(p.refuseLink(row, id, a), "; ")
		if why != "" {
			row.fault("accounts", "%s: %s", shorten(a.word), why)
			continue
		}
		link := store.LinkRow{ID: p.r.newID("l"), Member: row.id, Account: id, From: a.from, Until: a.until}
		row.links = append(row.links, link)
		if row.was.noAccount && !row.noAccount && p.now.In(a.from, a.until) {
			p.addEvent(row, eligibility.Linkable, p.now)
			row.was.noAccount = false
		}
		p.inv.links[id] = append(p.inv.links[id], store.LinkState{LinkRow: link})
	}
}

// account finds the one account that goes by a word.
func (p *importPlan) account(word string) (id member.AccountID, why string) {
	switch found := p.inv.accountsNamed(word); {
	case len(found) == 1:
		return found[0], ""
	case len(found) > 1:
		return "", fmt.Sprintf("%d payers are called %s: write the id of the one that is meant (%s)", len(found), word, joinIDs(found))
	case upstreamID.MatchString(word):
		return member.AccountID(word), ""
	case !p.inv.read:
		return "", fmt.Sprintf("nothing was read from Open Collective yet, so %q cannot be looked up: run goodstanding sync first, or leave the cell empty and link the account later", shorten(word))
	}
	return "", fmt.Sprintf("no payer called %q was seen; run goodstanding sync first, or write its id", shorten(word))
}

func joinIDs(ids []member.AccountID) string {
	words := make([]string, len(ids))
	for i, id := range ids {
		words[i] = string(id)
	}
	return strings.Join(words, ", ")
}

// linked says that what the row asks for stands already: a link with the same
// span, or, where it names no span, one that holds now.
func (p *importPlan) linked(row *plannedRow, id member.AccountID, a accountSpan) bool {
	for _, l := range p.inv.links[id] {
		if l.Member != row.id {
			continue
		}
		if l.From == a.from && l.Until == a.until || a.from == 0 && a.until == 0 && p.now.In(l.From, l.Until) {
			return true
		}
	}
	return false
}

// refuseLink are all reasons against a link.
func (p *importPlan) refuseLink(row *plannedRow, id member.AccountID, a accountSpan) (why []string) {
	seen := p.inv.accounts[id]
	if not := unfit(seen); not != "" {
		why = append(why, "cannot be linked: "+not)
	}
	if _, ok := p.inv.supporters[id]; ok {
		why = append(why, "is marked as supporter: take the mark back first")
	}
	for _, l := range p.inv.links[id] {
		if !overlaps(a.from, a.until, l.From, l.Until) {
			continue
		}
		if l.Member == row.id {
			why = append(why, "is linked to this member"+spanWords(l.From, l.Until)+" already: end that link first (unlink)")
		} else {
			why = append(why, "is linked to "+p.nameOf(l.Member)+spanWords(l.From, l.Until)+", and an account belongs to one member at a time")
		}
	}
	return why
}

// nameOf is the word for another member in a message: its handle, or the line
// that enters it.
func (p *importPlan) nameOf(id member.ID) string {
	if e := p.inv.members[id]; e != nil {
		if e.Detail.Handle != "" {
			return e.Detail.Handle
		}
		return string(id)
	}
	for _, row := range p.rows {
		if row.id == id {
			return fmt.Sprintf("the member of line %d", row.line)
		}
	}
	return string(id)
}

// overlaps says whether two half-open spans share an instant.
func overlaps(from, until, from2, until2 instant.Instant) bool {
	return (until2 == 0 || from < until2) && (until == 0 || from2 < until)
}

func spanWords(from, until instant.Instant) string {
	s := ""
	if from != 0 {
		s += " from " + from.Day()
	}
	if until != 0 {
		s += " until " + until.Day()
	}
	return s
}
