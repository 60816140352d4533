package roll

import (
	"context"
	"errors"
	"io"
	"strings"

	"coopcloud.tech/goodstanding/member"
	"coopcloud.tech/goodstanding/store"
)

// errTrial ends the transaction of a trial: everything is taken back.
var errTrial = errors.New("only a trial")

// trial gives a change that is only tried a reason, which nobody will read.
func trial(by By, dry bool) By {
	if dry && strings.TrimSpace(by.Reason) == "" {
		by.Reason = "a trial"
	}
	return by
}

// ImportPayments enters the payments of a CSV list. Its columns are member,
// amount (GBP 120.00), received, months or from and to, and where there are any
// charge, reference and reason (else the change's own). It is one change: if a
// row has a problem nothing is entered, and the error is a *Refused that tells
// every problem of every row with its line. With dry nothing is entered either;
// the Report says what would follow. It is for treasurers and the operator.
func (r *Roll) ImportPayments(ctx context.Context, by By, in io.Reader, dry bool) (Import, Report, error) {
	lines, err := readPayments(in)
	if err != nil {
		return Import{}, Report{}, err
	}
	var im Import
	var tried Report
	report, err := r.enter(ctx, trial(by, dry), actionImportPayments, importPaymentsWhat, "", func(a *act) error {
		im = Import{}
		if !a.keeper() {
			return nil
		}
		rows, err := a.checkPayments(ctx, lines, &im)
		if err != nil || a.refused() {
			return err
		}
		if err := a.enterPayments(ctx, lines, rows); err != nil || !dry {
			return err
		}
		if tried, err = r.afterEntry(ctx, a.tx, because{}); err != nil {
			return err
		}
		return errTrial
	})
	if errors.Is(err, errTrial) {
		return im, tried, nil
	}
	im.Applied = err == nil
	return im, report, err
}

const importPaymentsWhat = "import the payments"

// checkPayments checks every line and refuses the change with all problems.
func (a *act) checkPayments(ctx context.Context, lines []payLine, im *Import) ([]store.PaymentRow, error) {
	t, err := a.till(ctx)
	if err != nil {
		return nil, err
	}
	rows := make([]store.PaymentRow, len(lines))
	for i, l := range lines {
		row := ImportRow{Line: l.line, Name: l.member, Action: ActionNew}
		if rows[i], err = t.checkLine(ctx, l, &row); err != nil {
			return nil, err
		}
		im.Rows = append(im.Rows, row)
	}
	a.refuseAll(im.reasons())
	return rows, nil
}

// checkLine says everything that is wrong with one line, or gives its row.
func (t *till) checkLine(ctx context.Context, l payLine, row *ImportRow) (p store.PaymentRow, err error) {
	why := reasons(l.problems)
	entry := l.entry
	if !l.broken {
		if entry.Member, err = t.a.memberOf(ctx, l.member, &why); err != nil {
			return p, err
		}
	}
	if len(l.problems) == 0 {
		if p, err = t.checkRest(ctx, entry, &why); err != nil {
			return p, err
		}
	}
	if entry.Member != "" {
		row.Name = t.a.handle(entry.Member)
	}
	if row.Problems = why; len(why) > 0 {
		row.Action = ""
	}
	return p, nil
}

// memberOf finds the member that a line names.
func (a *act) memberOf(ctx context.Context, word string, why *reasons) (member.ID, error) {
	if word == "" {
		why.refuse("member: is needed")
		return "", nil
	}
	id, err := findMember(ctx, a.tx, word)
	_, missing := errors.AsType[*NotFound](err)
	_, several := errors.AsType[*Ambiguous](err)
	if missing || several {
		why.refuse("member: %v", err)
		return "", nil
	}
	return id, err
}

// enterPayments writes checked payments, each with its reason and audit row.
func (a *act) enterPayments(ctx context.Context, lines []payLine, rows []store.PaymentRow) error {
	ids := make([]string, len(rows))
	for i := range rows {
		row := &rows[i]
		row.ID, row.By = a.r.newID("pay"), a.author
		if why := lines[i].reason; why != "" {
			text, err := a.tx.AddText(ctx, why)
			if err != nil {
				return err
			}
			row.Reason = text
		}
		payload := map[string]any{}
		tellPayment(payload, *row)
		if a.actor.Has(member.Treasurer) && a.actor.DelegateOf(row.Member) {
			payload["own"] = true
		}
		entry := store.Entry{Actor: a.author.Actor, Action: actionPay, Subject: string(row.Member), Payload: payload, Reason: row.Reason}
		seq, _, err := a.tx.Audit(ctx, entry)
		if err == nil && payload["own"] == true {
			err = tellOwn(ctx, a.tx, actionPay, a.author.Actor, seq)
		}
		if err != nil {
			return err
		}
		ids[i] = row.ID
	}
	a.payload["payments"] = ids
	return a.tx.AddPayments(ctx, rows...)
}
