package roll

import (
	"context"
	"fmt"
	"slices"
	"strings"

	"coopcloud.tech/goodstanding/internal/instant"
	"coopcloud.tech/goodstanding/member"
	"coopcloud.tech/goodstanding/store"
)

// importPlan is what an import would write, row by row.
type importPlan struct {
	r      *Roll
	actor  member.Actor
	inv    *inventory
	rules  *rules
	now    instant.Instant
	lines  map[member.ID]int // by which line each member is named
	taken  map[string]member.ID
	rows   []*plannedRow
	result Import
}

// plannedRow is what one row of the file writes.
type plannedRow struct {
	record
	id  member.ID
	was *standingEntry // what stands; an empty one for a new member
	rowWrites
}

// rowWrites are the rows of the store that a row of the file writes. Authors
// are filled in when they are written.
type rowWrites struct {
	member     *store.MemberRow
	detail     *store.MemberDetail
	voids      []string
	membership []store.MembershipRow
	links      []store.LinkRow
	contacts   []store.Contact
	persons    []store.Person
	mandates   []store.DelegateRow
	entry      *store.Profile
	consent    *store.Consent
	events     []store.ProfileEvent
}

func (w *rowWrites) empty() bool {
	return w.member == nil && w.detail == nil && w.entry == nil && w.consent == nil &&
		len(w.voids)+len(w.membership)+len(w.links)+len(w.contacts)+len(w.persons)+len(w.mandates)+len(w.events) == 0
}

// plan compares the records with what stands.
func (a *act) plan(ctx context.Context, records []record) (*importPlan, error) {
	inv, err := takeInventory(ctx, a.tx, a.now)
	if err != nil {
		return nil, err
	}
	ru, err := a.r.rulesOf(ctx, a.tx)
	if err != nil {
		return nil, err
	}
	p := &importPlan{r: a.r, actor: a.actor, inv: inv, rules: ru, now: a.now, lines: map[member.ID]int{}, taken: map[string]member.ID{}}
	for _, e := range inv.members {
		if e.Detail.Handle != "" {
			p.taken[e.Detail.Handle] = e.ID
		}
	}
	for _, rec := range records {
		p.rows = append(p.rows, &plannedRow{record: rec})
	}
	p.match()
	for _, row := range p.rows {
		p.compare(row)
		p.result.Rows = append(p.result.Rows, row.told())
	}
	return p, nil
}

func (row *plannedRow) told() ImportRow {
	out := ImportRow{Line: row.line, Name: row.name, Problems: row.problems}
	for _, s := range []string{row.was.Detail.Name, row.handle} {
		if out.Name == "" {
			out.Name = s
		}
	}
	switch {
	case len(row.problems) > 0:
	case row.member != nil:
		out.Action = ActionNew
	case row.empty():
		out.Action = ActionSame
	default:
		out.Action = ActionChanged
	}
	return out
}

// empty says that the register says all of it already.
func (p *importPlan) empty() bool {
	return !slices.ContainsFunc(p.rows, func(row *plannedRow) bool { return !row.empty() })
}

// tell puts into the audit row what is done: ids only.
func (p *importPlan) tell(a *act) {
	added, changed, decisions := []member.ID{}, []member.ID{}, map[member.ID]string{}
	for _, row := range p.rows {
		switch {
		case row.member != nil:
			added = append(added, row.id)
		case !row.empty():
			changed = append(changed, row.id)
		}
		if len(row.links) > 0 {
			a.own(row.id)
		}
		if row.admits() && row.decision != "" {
			decisions[row.id] = row.decision
		}
	}
	a.payload["added"], a.payload["changed"], a.payload["decisions"] = added, changed, decisions
}

func (row *plannedRow) fault(column, format string, args ...any) {
	row.problems = append(row.problems, column+": "+fmt.Sprintf(format, args...))
}

// faulty says that a problem of the column is told already.
func (row *plannedRow) faulty(column string) bool {
	return slices.ContainsFunc(row.problems, func(s string) bool { return strings.HasPrefix(s, column+":") })
}

// compare finds what a row changes and what forbids it.
func (p *importPlan) compare(row *plannedRow) {
	if row.member == nil && row.was.ID == "" {
		return // nobody could be matched, which is told
	}
	p.compareDetail(row)
	p.compareDoor(row)
	p.compareFixed(row)
	p.checkAdmission(row)
	p.compareAccounts(row)
	p.compareContacts(row)
	p.compareDelegates(row)
	p.compareProfile(row)
	p.compareConsent(row)
	p.compareApproval(row)
}

func (p *importPlan) compareDetail(row *plannedRow) {
	d := row.was.Detail
	d.Member = row.id
	keep := func(s *string, with string) {
		if with != "" {
			*s = with
		}
	}
	keep(&d.Name, row.name)
	keep(&d.PublicName, row.publicName)
	keep(&d.Website, row.website)
	keep(&d.Summary, row.summary)
	keep(&d.Handle, row.handle)
	if d.Name == "" && !row.faulty("name") {
		row.fault("name", "is needed for a new member")
	}
	if d.Handle == "" {
		d.Handle = p.freeHandle(d.Name, string(row.kind))
	}
	switch owner, ok := p.taken[d.Handle]; {
	case !ok:
		p.taken[d.Handle] = row.id
	case owner != row.id && row.member == nil:
		row.fault("handle", "%s is the handle of another member", d.Handle)
	}
	if d != row.was.Detail {
		row.detail = &d
	}
}

// freeHandle makes a handle out of a name that no member and no row has.
func (p *importPlan) freeHandle(name, otherwise string) string {
	base := member.Handle(name)
	if base == "" {
		base = otherwise
	}
	base = strings.Trim(base[:min(len(base), longestWord-4)], "-")
	handle := base
	for n := 2; p.handleWanted(handle); n++ {
		handle = fmt.Sprintf("%s-%d", base, n)
	}
	return handle
}

func (p *importPlan) handleWanted(handle string) bool {
	_, taken := p.taken[handle]
	return taken || slices.ContainsFunc(p.rows, func(row *plannedRow) bool { return row.handle == handle })
}

// compareFixed refuses to change what is fixed for a member once entered.
func (p *importPlan) compareFixed(row *plannedRow) {
	if row.member != nil {
		if row.kind == "" && !row.faulty("kind") {
			row.fault("kind", "is needed for a new member: write organisation or individual")
		}
		return
	}
	if row.kind != "" && row.kind != row.was.Kind {
		row.fault("kind", "the member was entered as %s, and a kind never changes: enter the other one as a new member, and let this one leave", row.was.Kind)
	}
	if row.decision != "" && row.decision != row.was.Decision && !row.admits() {
		row.fault("decision", "the member was entered with %s, which never changes: leave the cell empty", decisionWords(row.was.Decision))
	}
}

func decisionWords(number string) string {
	if number == "" {
		return "no decision"
	}
	return "decision " + number
}
