package roll

import (
	"strings"

	"coopcloud.tech/goodstanding/member"
	"coopcloud.tech/goodstanding/store"
)

// match finds the member that each row is about: by handle first, then by the
// exact name among the members that no row's handle names.
func (p *importPlan) match() {
	for _, row := range p.rows {
		row.was = &standingEntry{}
		if row.broken {
			continue
		}
		if id, ok := p.taken[row.handle]; ok && row.handle != "" {
			p.claim(row, p.inv.members[id])
		}
	}
	for _, row := range p.rows {
		if row.id == "" && !row.broken {
			p.matchName(row)
		}
	}
	p.matchNew()
}

// claim gives the row a member, unless another row has it.
func (p *importPlan) claim(row *plannedRow, e *standingEntry) {
	if e.MergedInto != "" {
		row.id = e.ID
		row.fault("handle", "%s was merged into %s: write that one", row.handle, p.inv.members[e.MergedInto].Detail.Handle)
		return
	}
	if line, ok := p.lines[e.ID]; ok {
		row.id = e.ID
		row.fault("handle", "line %d is about the same member, %s", line, e.Detail.Handle)
		return
	}
	p.lines[e.ID] = row.line
	row.id, row.was = e.ID, e
}

// matchName finds the member that has the row's name.
func (p *importPlan) matchName(row *plannedRow) {
	var found, claimed []*standingEntry
	for _, e := range p.inv.all {
		if row.name == "" || e.Detail.Name != row.name || e.MergedInto != "" {
			continue
		}
		if _, ok := p.lines[e.ID]; ok {
			claimed = append(claimed, e)
		} else {
			found = append(found, e)
		}
	}
	if len(found) == 0 && row.handle == "" && len(claimed) > 0 {
		found = claimed[:1] // to be told by claim
	}
	switch len(found) {
	case 0:
		p.matchAlike(row)
	case 1:
		p.claim(row, found[0])
	default:
		row.fault("name", "%d members are called so: write the handle of the one that is meant", len(found))
		row.id = found[0].ID
	}
}

// matchAlike refuses a new member whose name stands already but for capitals.
func (p *importPlan) matchAlike(row *plannedRow) {
	if row.name == "" || row.handle != "" {
		return
	}
	for _, e := range p.inv.all {
		if e.MergedInto == "" && strings.EqualFold(e.Detail.Name, row.name) {
			row.fault("name", "%s has that name but for capitals: write its handle if it is meant, else a handle of its own", e.Detail.Handle)
			row.id = e.ID
			return
		}
	}
}

// matchNew gives the other rows a new member each, unless two of them are
// about the same one.
func (p *importPlan) matchNew() {
	handles, names := map[string]int{}, map[string]int{}
	for _, row := range p.rows {
		if row.id != "" || row.broken {
			continue
		}
		if line, ok := handles[row.handle]; ok && row.handle != "" {
			row.fault("handle", "line %d has the same handle", line)
		}
		if line, ok := names[row.name]; ok && row.name != "" && row.handle == "" {
			row.fault("name", "line %d has the same name: if these are two members, give each a handle", line)
		}
		handles[row.handle] = row.line
		names[row.name] = row.line
		row.id = member.ID(p.r.newID("m"))
		row.member = &store.MemberRow{ID: row.id, Kind: row.kind, AdmittedBy: row.decision}
	}
}
