package syncer

import (
	"slices"

	"coopcloud.tech/goodstanding/member"
	"coopcloud.tech/goodstanding/store"
)

// diffDetails finds names and addresses that are not stored as they are shown.
// They stand beside the log and can be erased; no fact rests on them. Those of an
// account that was erased are not stored, though Open Collective shows them as before.
func (r *reconciled) diffDetails() {
	for _, a := range r.rd.accounts {
		before, known := r.st.details.get(a.row.ID)
		after := a.detail(before)
		if after.Seen = r.rd.start; !known || !sameNames(before, after) {
			r.details = append(r.details, after)
		}
	}
	r.collectiveDetails()
	r.slugsOfCharges()
	r.namesElsewhere()
}

// detail are the names of an account as shown, without when that was. No right to see
// the addresses says nothing about them.
func (a *shownAccount) detail(before store.AccountDetail) store.AccountDetail {
	after := store.AccountDetail{Account: a.row.ID, Slug: a.slug, Name: a.name, Emails: a.emails}
	if a.emails == nil {
		after.Emails = before.Emails
	}
	return after
}

// collectiveDetails keep what the collective calls itself, so that people read
// where the data comes from also where no slug is set.
func (r *reconciled) collectiveDetails() {
	after := r.rd.collective
	before := r.st.details.at(after.Account)
	if r.rd.payers.has(after.Account) || before.Slug == after.Slug && before.Name == after.Name {
		return
	}
	after.Emails = before.Emails
	r.details = append(r.details, after)
}

// slugsOfCharges keeps the slug of an account that pays without being the
// payer of any listed contribution: the treasurer has to call it something.
func (r *reconciled) slugsOfCharges() {
	done := map[member.AccountID]bool{}
	for _, c := range r.rd.charges {
		id := c.row.Account
		known := r.st.details.has(id)
		if id == "" || c.slug == "" || r.rd.payers.has(id) || known || done[id] {
			continue
		}
		done[id] = true
		r.details = append(r.details, store.AccountDetail{Account: id, Slug: c.slug, Seen: r.rd.start})
	}
}

func sameNames(a, b store.AccountDetail) bool {
	return a.Slug == b.Slug && a.Name == b.Name && slices.Equal(a.Emails, b.Emails)
}
