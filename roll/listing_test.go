package roll

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"
	"testing"

	"coopcloud.tech/goodstanding/internal/instant"
	"coopcloud.tech/goodstanding/member"
	"coopcloud.tech/goodstanding/policy"
	"coopcloud.tech/goodstanding/store"
)

// list is a register for the tests of lists and listings: its own clock, ids
// that count, the seed policy, and nobody in it.
type list struct {
	*Roll
	t   *testing.T
	db  *store.DB
	now instant.Instant
}

var startOfList = instant.Date(2026, 6, 1)

func newList(t *testing.T, db *store.DB) *list {
	t.Helper()
	l := &list{t: t, db: db, now: startOfList}
	n := 0
	l.Roll = New(db, Options{
		Now:   func() instant.Instant { return l.now },
		NewID: func(prefix string) string { n++; return fmt.Sprintf("%s_%06d", prefix, n) },
	})
	f, err := policy.Preset(policy.DefaultPreset)
	if err != nil {
		t.Fatal(err)
	}
	if _, _, err := l.EnsurePolicy(t.Context(), byOperator, f, true); err != nil {
		t.Fatal(err)
	}
	return l
}

var byOperator = By{Actor: member.Actor{ID: "op_1", Label: "operator:test", Operator: true}, Reason: "as agreed"}

// takes imports a list that must be good.
func (l *list) takes(format Format, text string) (Import, Report) {
	l.t.Helper()
	im, report, err := l.Import(l.t.Context(), byOperator, strings.NewReader(text), format, false)
	if err != nil {
		l.t.Fatalf("import: %v", err)
	}
	return im, report
}

// refuses imports a list that must be refused and leave nothing behind; it
// returns the reasons.
func (l *list) refuses(format Format, text string) []string {
	l.t.Helper()
	before := l.export(CSV)
	im, _, err := l.Import(l.t.Context(), byOperator, strings.NewReader(text), format, false)
	var refused *Refused
	if !errors.As(err, &refused) {
		l.t.Fatalf("import gave %v, want a refusal", err)
	}
	if im.Applied {
		l.t.Error("a refused import says that it was applied")
	}
	if after := l.export(CSV); after != before {
		l.t.Errorf("a refused import left something behind:\n%s\nwas:\n%s", after, before)
	}
	return refused.Reasons
}

func (l *list) export(format Format) string {
	l.t.Helper()
	var b strings.Builder
	if err := l.Export(l.t.Context(), &b, format); err != nil {
		l.t.Fatalf("export: %v", err)
	}
	return b.String()
}

func (l *list) id(handle string) member.ID {
	l.t.Helper()
	id, err := l.Find(l.t.Context(), handle)
	if err != nil {
		l.t.Fatal(err)
	}
	return id
}

// person adds somebody with roles and delegations, as an actor.
func (l *list) person(name string, roles []member.Role, delegateOf ...member.ID) By {
	l.t.Helper()
	email := strings.ToLower(name) + "@people.example"
	id, err := l.AddPerson(l.t.Context(), byOperator, NewPerson{Name: name, Email: email, Roles: roles, DelegateOf: delegateOf})
	if err != nil {
		l.t.Fatal(err)
	}
	return By{Actor: member.Actor{ID: string(id), Label: name}, Reason: "as agreed"}
}

// seen makes accounts known as a snapshot shows them: id, slug.
func (l *list) seen(accounts ...store.AccountRow) {
	l.t.Helper()
	err := l.db.InTx(l.t.Context(), store.Pulls, l.now, func(tx *store.Tx) error {
		n, err := tx.NextSnapshot(l.t.Context())
		if err != nil {
			return err
		}
		pull := fmt.Sprintf("pull_%d", n)
		if err := tx.AddPull(l.t.Context(), store.Pull{ID: pull, Started: l.now, Finished: l.now, Outcome: "complete"}); err != nil {
			return err
		}
		s := store.Snapshot{Number: n, Start: l.now, Pull: pull, Collective: "coll", Currency: [3]byte{'G', 'B', 'P'}}
		if err := tx.AddSnapshot(l.t.Context(), s); err != nil {
			return err
		}
		var details []store.AccountDetail
		for i := range accounts {
			a := &accounts[i]
			a.Type, a.Effective, a.Snapshot = "ORGANIZATION", l.now, n
			slug := strings.TrimPrefix(string(a.ID), "id-")
			details = append(details, store.AccountDetail{Account: a.ID, Slug: slug, Name: slug, Seen: l.now})
		}
		if _, err := tx.AddAccounts(l.t.Context(), accounts); err != nil {
			return err
		}
		_, err = tx.SetAccountDetails(l.t.Context(), details)
		return err
	})
	if err != nil {
		l.t.Fatal(err)
	}
}

// audited checks the whole chain and returns the rows with that action.
func (l *list) audited(action string) []store.AuditRow {
	l.t.Helper()
	var rows []store.AuditRow
	l.read(func(ctx context.Context, tx *store.Tx) error {
		report, err := tx.VerifyAudit(ctx)
		if err != nil {
			return err
		}
		if !report.OK() {
			l.t.Errorf("the audit chain is broken at %d: %s", report.BrokenAt, report.Why)
		}
		rows, err = tx.AuditRows(ctx, store.AuditQuery{})
		return err
	})
	return slices.DeleteFunc(rows, func(r store.AuditRow) bool { return r.Action != action })
}

func (l *list) read(f func(context.Context, *store.Tx) error) {
	l.t.Helper()
	if err := l.db.View(l.t.Context(), func(tx *store.Tx) error { return f(l.t.Context(), tx) }); err != nil {
		l.t.Fatal(err)
	}
}

// same compares lists of reasons.
func same(t *testing.T, got, want []string) {
	t.Helper()
	if !slices.Equal(got, want) {
		t.Errorf("got:\n  %s\nwant:\n  %s", strings.Join(got, "\n  "), strings.Join(want, "\n  "))
	}
}
