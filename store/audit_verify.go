package store

import (
	"context"
	"fmt"
)

// verifyPage is how many rows are held in memory at once.
const verifyPage = 2000

// VerifyAudit recomputes the whole chain and tells the first link that does
// not fit: a changed, missing or added row, a wrong head, or a reason whose
// text was changed (one that was erased still fits).
func (tx *Tx) VerifyAudit(ctx context.Context) (AuditReport, error) {
	head, ok, err := selectOne[auditHead](ctx, tx, `SELECT seq, hash FROM audit_head WHERE one = 1`)
	if err != nil {
		return AuditReport{}, fmt.Errorf("verify the audit chain: %w", err)
	}
	c := chainCheck{prev: chainStart}
	if !ok {
		return c.broken(1, "the head row is missing"), nil
	}
	for c.report.OK() {
		rows, err := tx.AuditRows(ctx, AuditQuery{After: c.report.Rows, Limit: verifyPage})
		if err != nil {
			return AuditReport{}, fmt.Errorf("verify the audit chain: %w", err)
		}
		if len(rows) == 0 {
			break
		}
		texts, err := tx.reasonTexts(ctx, rows)
		if err != nil {
			return AuditReport{}, fmt.Errorf("verify the audit chain: %w", err)
		}
		for _, r := range rows {
			if !c.follow(r, texts) {
				break
			}
		}
	}
	return c.finish(head), nil
}

// reasonTexts are the texts that the rows name and that were not erased.
func (tx *Tx) reasonTexts(ctx context.Context, rows []AuditRow) (map[TextID]textRow, error) {
	var ids []TextID
	for _, r := range rows {
		if r.Reason != "" {
			ids = append(ids, r.Reason)
		}
	}
	if len(ids) == 0 {
		return nil, nil
	}
	texts, err := selectRows[textRow](ctx, tx, `SELECT id, salt, body FROM text WHERE id IN (`+placeholders(len(ids))+`)`, asArgs(ids)...)
	return byKey(texts, func(t textRow) TextID { return t.ID }), err
}

// chainCheck walks the chain from its start.
type chainCheck struct {
	report AuditReport
	prev   string
}

// follow checks the next row; false ends the walk.
func (c *chainCheck) follow(r AuditRow, texts map[TextID]textRow) bool {
	want := c.report.Rows + 1
	text, kept := texts[r.Reason]
	switch {
	case r.Seq != want:
		c.broken(want, fmt.Sprintf("row %d is missing", want))
	case r.Prev != c.prev:
		c.broken(r.Seq, "it does not follow the row before")
	case r.link() != r.Hash:
		c.broken(r.Seq, "its content does not fit its hash")
	case kept && text.hash() != r.ReasonHash:
		c.broken(r.Seq, "the text of its reason was changed")
	default:
		c.report.Rows, c.prev = r.Seq, r.Hash
		return true
	}
	return false
}

func (c *chainCheck) broken(seq int64, why string) AuditReport {
	c.report.BrokenAt, c.report.Why = seq, why
	return c.report
}

// finish compares the end of the walk with the head row.
func (c *chainCheck) finish(head auditHead) AuditReport {
	c.report.Head = head.Hash
	if c.report.OK() && (head.Seq != c.report.Rows || head.Hash != c.prev) {
		if head.Seq > c.report.Rows {
			return c.broken(c.report.Rows+1, fmt.Sprintf("row %d is missing", c.report.Rows+1))
		}
		return c.broken(c.report.Rows, "the head row names another end")
	}
	return c.report
}
