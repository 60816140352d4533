package syncer

import (
	"coopcloud.tech/goodstanding/eligibility"
	"coopcloud.tech/goodstanding/internal/arrange"
	"coopcloud.tech/goodstanding/member"
	"coopcloud.tech/goodstanding/store"
	"coopcloud.tech/goodstanding/syncer/opencollective"
)

// Contributions to the collective's projects and events are no dues (domain.md,
// section 2, "Coverage of a charge"). Members pay there by mistake, so those
// that recur are kept for the desk, with the names that treasurers need: no
// ticket and no gift, no address, and nothing that a verdict could rest on.

// readElsewhere takes the recurring ones.
func (rd *reading) readElsewhere(snap *opencollective.Snapshot, accounts *canonical) error {
	named := map[member.AccountID]bool{}
	name := func(id member.AccountID, slug, words string) {
		if id != "" && slug != "" && !named[id] {
			named[id] = true
			rd.places = append(rd.places, store.AccountDetail{Account: id, Slug: slug, Name: words, Seen: rd.start})
		}
	}
	for _, o := range snap.Elsewhere {
		every, known := eligibility.ParseInterval(o.Frequency)
		if !known || every == eligibility.OneOff {
			continue
		}
		payer, err := accounts.resolve(string(o.Payer.ID), o.Payer.LegacyID)
		if err != nil {
			return err
		}
		to, err := accounts.account(o.ToAccount)
		if err != nil {
			return err
		}
		row := store.ElsewhereRow{ID: o.ID, Account: member.AccountID(payer), ToAccount: to, Status: o.Status,
			Every: every, Amount: o.Amount, Created: o.Created, Processed: o.Processed, Listed: true}
		rd.elsewhere = append(rd.elsewhere, row)
		name(row.ToAccount, o.ToSlug, "")
		name(row.Account, o.Payer.Slug, o.Payer.Name)
	}
	return nil
}

// diffElsewhere notes what changed, and what is gone.
func (r *reconciled) diffElsewhere() {
	here := map[string]bool{}
	note := func(row store.ElsewhereRow) {
		row.Effective, row.Snapshot, row.Known = r.rd.start, r.number, 0
		r.elsewhere = append(r.elsewhere, row)
	}
	for _, row := range r.rd.elsewhere {
		here[row.ID] = true
		before, known := r.st.elsewhere[row.ID]
		if row.Account == "" { // not shown means unknown
			row.Account = before.Account
		}
		before.Effective, before.Snapshot, before.Known = 0, 0, 0
		if !known || before != row {
			note(row)
		}
	}
	for id, before := range r.st.elsewhere {
		if before.Listed && !here[id] {
			before.Listed = false
			note(before)
		}
	}
	arrange.By(r.elsewhere, func(a, b store.ElsewhereRow) int { return compare(a.ID, b.ID) })
}

// newElsewhere counts those that no snapshot has shown before.
func (r *reconciled) newElsewhere() (n int) {
	for _, row := range r.elsewhere {
		if _, known := r.st.elsewhere[row.ID]; !known {
			n++
		}
	}
	return n
}

// namesElsewhere keeps the names of projects, events and of who pays there. The
// list of the collective's own contributions knows a payer's better.
func (r *reconciled) namesElsewhere() {
	named := map[member.AccountID]bool{}
	for _, d := range r.details {
		named[d.Account] = true
	}
	for _, d := range r.rd.places {
		before, known := r.st.details.get(d.Account)
		if named[d.Account] || r.rd.payers.has(d.Account) || before.Erased() || known && before.Slug == d.Slug && (d.Name == "" || before.Name == d.Name) {
			continue
		}
		if d.Name == "" {
			d.Name = before.Name
		}
		d.Emails = before.Emails
		r.details = append(r.details, d)
	}
}
