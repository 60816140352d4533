package roll

import (
	"context"
	"fmt"
	"slices"

	"coopcloud.tech/goodstanding/internal/instant"
	"coopcloud.tech/goodstanding/member"
	"coopcloud.tech/goodstanding/store"
)

// AuditLine is one thing that somebody did, for people to read.
type AuditLine struct {
	Seq     int64
	At      instant.Instant
	Who     string
	Action  string // a word of a closed set
	Subject string // an id; "" for the federation
	About   string // the subject as people know it; "" where it has no name
	Member  bool   // the subject is a member
	// Why is the reason; "" where it was erased, and where only contact people
	// read it.
	Why    string
	Closed bool // only contact people read the reason
}

// AuditLog is the end of the audit chain, the newest first, at most limit lines.
// Why somebody was suspended or restored is for contact people alone (domain.md,
// section 8), so no line says it.
func (r *Roll) AuditLog(ctx context.Context, limit int) ([]AuditLine, error) {
	var out []AuditLine
	err := r.db.View(ctx, func(tx *store.Tx) error {
		last, _, err := tx.AuditHead(ctx)
		if err != nil {
			return err
		}
		rows, err := tx.AuditRows(ctx, store.AuditQuery{After: max(0, last-int64(limit))})
		if err != nil {
			return err
		}
		out, err = auditLines(ctx, tx, rows)
		return err
	})
	if err != nil {
		return nil, fmt.Errorf("read the audit log: %w", err)
	}
	return out, nil
}

// auditLines are rows of the chain for people to read, the last one first.
func auditLines(ctx context.Context, tx *store.Tx, rows []store.AuditRow) ([]AuditLine, error) {
	var why []store.TextID
	for _, row := range rows {
		why = append(why, row.Reason)
	}
	texts, err := tx.Texts(ctx, why...)
	if err != nil {
		return nil, err
	}
	labels, err := tx.ActorLabels(ctx)
	if err != nil {
		return nil, err
	}
	members, err := namesOf(ctx, tx)
	if err != nil {
		return nil, err
	}
	names, err := subjectNames(ctx, tx, members)
	if err != nil {
		return nil, err
	}
	var out []AuditLine
	for _, row := range slices.Backward(rows) {
		line := AuditLine{Seq: row.Seq, At: row.At, Who: labels[row.Actor], Action: row.Action, Subject: row.Subject, About: names[row.Subject], Why: texts[row.Reason],
			Closed: row.Action == actionSuspend || row.Action == actionRestore}
		_, line.Member = members[member.ID(row.Subject)]
		if line.Closed {
			line.Why = ""
		}
		out = append(out, line)
	}
	return out, nil
}

// subjectNames are the names of whatever something can be done to.
func subjectNames(ctx context.Context, tx *store.Tx, members map[member.ID]string) (map[string]string, error) {
	names := map[string]string{}
	for id, name := range members {
		names[string(id)] = name
	}
	people, err := tx.People(ctx)
	if err != nil {
		return nil, err
	}
	for _, p := range people {
		names[string(p.ID)] = p.Name
	}
	accounts, err := tx.AccountDetails(ctx)
	if err != nil {
		return nil, err
	}
	for id, a := range accounts {
		names[string(id)] = a.Slug
	}
	return names, nil
}
