package store

import (
	"context"

	"coopcloud.tech/goodstanding/member"
	"coopcloud.tech/goodstanding/notify"
)

// memberTexts are the places that name a text about a member by its id.
const memberTexts = `SELECT reason FROM member WHERE id = $1
	UNION SELECT reason FROM membership_event WHERE member = $1
	UNION SELECT v.reason FROM membership_void v JOIN membership_event e ON e.id = v.event WHERE e.member = $1
	UNION SELECT reason FROM link WHERE member = $1
	UNION SELECT e.reason FROM link_end e JOIN link l ON l.id = e.link WHERE l.member = $1
	UNION SELECT reason FROM waiver WHERE member = $1
	UNION SELECT e.reason FROM waiver_end e JOIN waiver w ON w.id = e.waiver WHERE w.member = $1
	UNION SELECT reason FROM payment WHERE member = $1
	UNION SELECT u.reason FROM payment_undo u JOIN payment p ON p.id = u.payment WHERE p.member = $1
	UNION SELECT reason FROM profile_event WHERE member = $1
	UNION SELECT reason FROM merge WHERE loser = $1 OR winner = $1
	UNION SELECT reason FROM delegate WHERE member = $1
	UNION SELECT reason FROM application WHERE member = $1
	UNION SELECT reason FROM audit WHERE subject = $1
	UNION SELECT reason FROM audit WHERE payload LIKE '%"member":"' || $1 || '"%'
	UNION SELECT reason FROM audit WHERE subject IN (SELECT id FROM opportunity WHERE member = $1)
	UNION SELECT reason FROM audit WHERE ` + aboutBounce + ` AND payload LIKE '%"' || $1 || '"%'
	UNION SELECT a.reason FROM audit a JOIN contact c ON a.payload LIKE '%"' || c.id || '"%' WHERE ` + aboutBounce + ` AND c.member = $1`

// aboutBounce are the audit rows on mails that come back. Their reasons may hold the
// address; their payload names the recipients and, but in older rows, the members.
const aboutBounce = `action IN ('note_bounce', 'undo_bounce')`

// othersTexts are those that entries of other members name, too: who adopts or pays in
// a list gives one reason for all of it, which is about none of them. Why a person was
// added or removed is the person's, though the member had it as a delegate.
const othersTexts = `SELECT reason FROM member WHERE id <> $1
	UNION SELECT reason FROM link WHERE member <> $1
	UNION SELECT reason FROM payment WHERE member <> $1
	UNION SELECT reason FROM delegate WHERE member <> $1
	UNION SELECT reason FROM audit WHERE action IN ('add_person', 'remove_person')`

// EraseMember erases names, contacts, profile, logo and consent of a member, the
// application that it came from, what was asked about it of a second person, and
// every text that its entries and the audit rows about it name. Its facts stay.
func (tx *Tx) EraseMember(ctx context.Context, id member.ID) error {
	for _, statement := range []string{
		`DELETE FROM text WHERE id IN (` + memberTexts + `) AND id NOT IN (` + othersTexts + `)`,
		`DELETE FROM member_detail WHERE member = $1`,
		`DELETE FROM bounce WHERE recipient IN (SELECT id FROM contact WHERE member = $1)`,
		`DELETE FROM notice_wish WHERE recipient IN (SELECT id FROM contact WHERE member = $1)`,
		`DELETE FROM contact WHERE member = $1`,
		`DELETE FROM confirm_link WHERE member = $1`,
		`DELETE FROM profile WHERE member = $1`,
		`DELETE FROM logo WHERE member = $1`,
		`DELETE FROM consent WHERE member = $1`,
		`DELETE FROM application_link WHERE application IN (SELECT id FROM application WHERE member = $1)`,
		`DELETE FROM application WHERE member = $1`,
		`UPDATE motion SET reason = '' WHERE about = $1`,
	} {
		if err := tx.erase(ctx, statement, string(id)); err != nil {
			return err
		}
	}
	return nil
}

// accountTexts are the places that name a text about an account by its id.
const accountTexts = `SELECT reason FROM supporter WHERE account = $1
	UNION SELECT reason FROM audit WHERE subject = $1
	UNION SELECT reason FROM audit WHERE action = 'dismiss_entry' AND payload LIKE '%"account":"' || $1 || '"%'
	UNION SELECT reason FROM audit WHERE ` + aboutBounce + ` AND payload LIKE '%"` + notify.AccountPrefix + `' || $1 || '"%'`

// erasedAccount is AccountDetail.Erased in SQL.
const erasedAccount = `slug = '' AND name = '' AND seen = 0`

// EraseAccount erases names and addresses of an account, former ones too, that mails to
// it come back, and what was said of it by itself. What stays is an empty row, because
// Open Collective goes on showing who has paid: by it SetAccountDetails stores no
// names of the account any more, until it is linked to a member again (AddLinks).
func (tx *Tx) EraseAccount(ctx context.Context, id member.AccountID) error {
	for _, s := range []struct{ statement, id string }{
		{`DELETE FROM text WHERE id IN (` + accountTexts + `) AND id NOT IN (SELECT reason FROM supporter WHERE account <> $1)`, string(id)},
		{`DELETE FROM account_former WHERE account = $1`, string(id)},
		{`DELETE FROM account_detail WHERE account = $1`, string(id)},
		{`DELETE FROM bounce WHERE recipient = $1`, notify.AccountPrefix + string(id)},
		{`DELETE FROM notice_wish WHERE recipient = $1`, notify.AccountPrefix + string(id)},
	} {
		if err := tx.erase(ctx, s.statement, s.id); err != nil {
			return err
		}
	}
	return insertOne(ctx, tx, "account_detail", AccountDetail{Account: id})
}

// nameAgain lets the names of accounts be stored again that were erased.
func (tx *Tx) nameAgain(ctx context.Context, links []LinkRow) error {
	var ids []member.AccountID
	for _, l := range links {
		ids = append(ids, l.Account)
	}
	for len(ids) > 0 {
		n := min(len(ids), chunkParams)
		if err := tx.erase(ctx, `DELETE FROM account_detail WHERE `+erasedAccount+` AND account IN (`+placeholders(n)+`)`, asArgs(ids[:n])...); err != nil {
			return err
		}
		ids = ids[n:]
	}
	return nil
}
