package syncer

import (
	"slices"
	"time"

	"coopcloud.tech/goodstanding/internal/arrange"
	"coopcloud.tech/goodstanding/internal/instant"
	"coopcloud.tech/goodstanding/member"
	"coopcloud.tech/goodstanding/store"
)

// changes are the rows that one snapshot adds to what is stored.
type changes struct {
	accounts      []store.AccountRow
	details       []store.AccountDetail
	contributions []store.ContributionRow
	missing       []store.MissingRow
	elsewhere     []store.ElsewhereRow
	charges       []store.ChargeRow
	payers        []store.PayerRow
	coverages     []store.CoverageRow
	flags         []store.ChargeFlags
	refunds       []store.RefundRow
}

// rows is how many rows of the log the changes are; names are no log.
func (c *changes) rows() int {
	return len(c.accounts) + len(c.contributions) + len(c.missing) + len(c.charges) +
		len(c.payers) + len(c.coverages) + len(c.flags) + len(c.refunds) + len(c.elsewhere)
}

// reconciled is a reading held against what is stored.
type reconciled struct {
	st     *stored
	rd     *reading
	number int64 // the snapshot's
	// version is where in contributions the new version of one stands.
	version map[string]int
	// shown are the charges and accounts of this snapshot that are not as they are stored.
	shownCharges  map[string]*shownCharge
	shownAccounts map[member.AccountID]*shownAccount
	// paid are the accounts that only stored charges name; see knownPayer.
	paid map[member.AccountID]bool
	changes
}

// reconcile finds what a snapshot changes. It is a pure function: the same
// reading against what it has left itself changes nothing.
func reconcile(st *stored, rd *reading, number int64) *reconciled {
	r := &reconciled{
		st: st, rd: rd, number: number,
		version:       make(map[string]int, len(rd.contributions)),
		shownCharges:  make(map[string]*shownCharge, len(rd.charges)),
		shownAccounts: make(map[member.AccountID]*shownAccount, len(rd.accounts)),
	}
	for i := range rd.charges {
		r.shownCharges[rd.charges[i].row.ID] = &rd.charges[i]
	}
	for i := range rd.accounts {
		r.shownAccounts[rd.accounts[i].row.ID] = &rd.accounts[i]
	}
	// What was read is nearly all to be written: what is stored as it is shown is not there.
	r.accounts = slices.Grow(r.accounts, len(rd.accounts))
	r.contributions = slices.Grow(r.contributions, len(rd.contributions))
	r.charges = slices.Grow(r.charges, len(rd.charges))
	r.diffAccounts()
	r.diffContributions()
	r.diffCharges()
	r.diffPayers()
	r.diffFlags()
	r.diffRefunds()
	r.diffMissing()
	r.diffElsewhere()
	r.fixCoverages()
	r.diffDetails()
	return r
}

func (r *reconciled) diffAccounts() {
	for _, a := range r.rd.accounts {
		before, known := r.st.accounts.get(a.row.ID)
		row := a.row
		row.Effective, row.Snapshot = r.rd.start, r.number
		if !known || versionOf(before) != a.row {
			r.accounts = append(r.accounts, row)
		}
	}
}

// versionOf is an account without what tells one version from another.
func versionOf(a store.AccountRow) store.AccountRow {
	a.Effective, a.Snapshot, a.Known = 0, 0, 0
	return a
}

func (r *reconciled) diffContributions() {
	for _, c := range r.rd.contributions {
		before, known := r.st.contributions.get(c.row.ID)
		if known && outdated(before, c) {
			continue
		}
		row := c.completed(before)
		if known && contentOf(before) == row {
			continue
		}
		row.Effective, row.Snapshot = r.effective(c), r.number
		r.version[row.ID] = len(r.contributions)
		r.contributions = append(r.contributions, row)
	}
}

// completed is a contribution as shown with what is known of it and not shown: that
// means unknown, never gone; and a first success stays one.
func (c *shownContribution) completed(before store.ContributionRow) store.ContributionRow {
	row := c.row
	if row.Interval = c.every; !c.known {
		row.Interval = before.Interval
	}
	if row.Account == "" {
		row.Account = before.Account
	}
	if row.Processed == 0 {
		row.Processed = before.Processed
	}
	return row
}

// now is a contribution that this snapshot shows, as it stands now.
func (r *reconciled) now(id string) (c store.ContributionRow, here bool) {
	if i, moved := r.version[id]; moved {
		return r.contributions[i], true
	}
	if !r.rd.listed.has(id) {
		return store.ContributionRow{}, false
	}
	return r.st.contributions.at(id), true
}

// stale is how much older than a stored version a row has to say it is before
// it is taken for one that a cache kept: clocks differ by less.
const stale = 24 * time.Hour

// outdated says that a row would end a retry or a pause and is older than the
// stored version that began it: a cache answered. Only these two statuses keep
// a grace open, so a wrong guess keeps it open a little longer, to its bound.
func outdated(before store.ContributionRow, now shownContribution) bool {
	keeps := func(status string) bool { return status == failing || status == paused }
	if !keeps(before.Status) || keeps(now.row.Status) {
		return false
	}
	return now.row.LastCharged < before.LastCharged ||
		now.row.LastCharged == before.LastCharged && now.updated != 0 && now.updated < before.Effective.Add(-stale)
}

// contentOf is a contribution without what tells one version from another.
func contentOf(c store.ContributionRow) store.ContributionRow {
	c.Effective, c.Snapshot, c.Known = 0, 0, 0
	return c
}

// effective is when a version began (domain.md, section 2): with the snapshot
// that first showed it, in the store's first snapshot when upstream last
// touched the row.
func (r *reconciled) effective(c shownContribution) instant.Instant {
	if r.st.any || c.changed == 0 {
		return r.rd.start
	}
	return min(c.changed, r.rd.start)
}

func (r *reconciled) diffCharges() {
	for _, c := range r.rd.charges {
		if r.st.charges.has(c.row.ID) {
			continue
		}
		row := c.row
		row.Snapshot = r.number
		if row.Account == "" {
			row.Account = r.payerOf(row.Contribution)
		}
		r.charges = append(r.charges, row)
	}
}

// payerOf is who pays a contribution as far as is known.
func (r *reconciled) payerOf(contribution string) member.AccountID {
	if c, ok := r.now(contribution); ok {
		return c.Account
	}
	return r.st.payerOf(contribution)
}

// diffPayers gives stored charges without a payer theirs, once it is shown.
func (r *reconciled) diffPayers() {
	for id := range r.st.hidden {
		c := r.st.charges.at(id)
		var payer member.AccountID
		if now, shown := r.shownCharges[c.ID]; shown {
			payer = now.row.Account
		}
		if payer == "" {
			now, _ := r.now(c.Contribution)
			payer = now.Account
		}
		if payer != "" {
			r.payers = append(r.payers, store.PayerRow{Charge: c.ID, Account: payer, Snapshot: r.number})
		}
	}
	arrange.By(r.payers, func(a, b store.PayerRow) int { return compare(a.Charge, b.Charge) })
}

// diffFlags notes which charges are disputed, under review or refunded now; a
// charge that was never marked has no row.
func (r *reconciled) diffFlags() {
	for _, c := range r.rd.charges {
		if sameMarks(r.st.flags[c.row.ID], c.flags) {
			continue
		}
		row := c.flags
		row.Snapshot = r.number
		r.flags = append(r.flags, row)
	}
}

func sameMarks(a, b store.ChargeFlags) bool {
	return a.Disputed == b.Disputed && a.InReview == b.InReview && a.Refunded == b.Refunded
}

// namesCharge is how long a refund may lack the charge that it gives back: upstream makes
// the refund first, and says of which charge it is a moment later. What is stored stays as
// it is, so a refund that was read in between would never end anything.
const namesCharge = 24 * time.Hour

// diffRefunds keeps a refund of an unknown charge, too: the charge may be
// older than what was read so far. A new one that names no charge is left for the next
// reading, which asks for it again: it asks for a month before this one, at least.
func (r *reconciled) diffRefunds() {
	for _, f := range r.rd.refunds {
		if _, known := r.st.refunds[f.ID]; known || f.Charge == "" && r.rd.start.Sub(f.At) < namesCharge {
			continue
		}
		f.Snapshot = r.number
		r.refunds = append(r.refunds, f)
	}
}
