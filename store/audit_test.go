package store_test

import (
	"context"
	"fmt"
	"strings"
	"testing"

	"coopcloud.tech/goodstanding/internal/dbtest"
	"coopcloud.tech/goodstanding/store"
)

// chain writes n audited entries, each with a reason of its own.
func chain(t testing.TB, db *store.DB, n int) (reasons []store.TextID) {
	t.Helper()
	for i := range n {
		write(t, db, store.Entries, days(i), func(ctx context.Context, tx *store.Tx) error {
			reason, err := tx.AddText(ctx, fmt.Sprintf("because %d", i))
			if err != nil {
				return err
			}
			reasons = append(reasons, reason)
			seq, hash, err := tx.Audit(ctx, store.Entry{Actor: "pe_1", Action: "waive", Subject: fmt.Sprintf("mb_%d", i%2),
				Payload: struct {
					Z int    `json:"z"`
					A string `json:"a"`
				}{i, "<é>"}, Reason: reason})
			if seq != int64(i+1) || len(hash) != 64 {
				t.Errorf("link %d: number %d, hash %q", i+1, seq, hash)
			}
			return err
		})
	}
	return reasons
}

func verify(t testing.TB, db *store.DB) (r store.AuditReport) {
	t.Helper()
	view(t, db, func(ctx context.Context, tx *store.Tx) (err error) {
		r, err = tx.VerifyAudit(ctx)
		return err
	})
	return r
}

func TestTheAuditChain(t *testing.T) {
	dbtest.Each(t, func(t *testing.T, open func() *store.DB) {
		db := open()
		if r := verify(t, db); !r.OK() || r.Rows != 0 || r.Head != strings.Repeat("0", 64) {
			t.Errorf("the empty chain: %+v", r)
		}
		chain(t, db, 5)
		r := verify(t, db)
		if !r.OK() || r.Rows != 5 {
			t.Errorf("the chain: %+v", r)
		}
		view(t, db, func(ctx context.Context, tx *store.Tx) error {
			all, err := tx.AuditRows(ctx, store.AuditQuery{})
			if err != nil {
				return err
			}
			if len(all) != 5 || all[4].Hash != r.Head || all[4].Prev != all[3].Hash || all[0].Payload != `{"a":"<é>","z":0}` || all[1].At != days(1) {
				t.Errorf("the rows: %+v", all)
			}
			of0, err := tx.AuditRows(ctx, store.AuditQuery{Subject: "mb_0", After: 1, Limit: 1})
			if err == nil && (len(of0) != 1 || of0[0].Seq != 3) {
				t.Errorf("narrowed: %+v", of0)
			}
			return err
		})
	})
}

// The hash is fixed for ever: an independent verifier computes it like this.
func TestTheHashOfALinkIsStable(t *testing.T) {
	db := dbtest.SQLite(t)()
	write(t, db, store.Entries, noon, func(ctx context.Context, tx *store.Tx) error {
		_, hash, err := tx.Audit(ctx, store.Entry{Actor: "operator:ada", Action: "people.add", Subject: "pe_1", Payload: map[string]any{"role": "treasurer"}})
		const want = "3bad47b1ba0c789d362653a197b7643c139fa1ba05d5b2b9ed09b9d5953a99b7"
		if hash != want {
			t.Errorf("the hash is %s, want %s", hash, want)
		}
		return err
	})
}

func TestTamperingIsFound(t *testing.T) {
	off := map[string]string{"sqlite": `DROP TRIGGER audit_append_only_update; DROP TRIGGER audit_append_only_delete`, "postgres": `DROP TRIGGER audit_append_only ON audit`}
	dbtest.Each(t, func(t *testing.T, open func() *store.DB) {
		for _, c := range []struct {
			statement string
			at        int64
			why       string
		}{
			{`UPDATE audit SET payload = '{"a":"x","z":2}' WHERE seq = 3`, 3, "its content does not fit its hash"},
			{`UPDATE audit SET actor = 'pe_2' WHERE seq = 5`, 5, "its content does not fit its hash"},
			{`DELETE FROM audit WHERE seq = 2`, 2, "row 2 is missing"},
			{`DELETE FROM audit WHERE seq = 5`, 5, "row 5 is missing"},
			{`UPDATE audit SET prev = reason_hash WHERE seq = 4`, 4, "it does not follow the row before"},
			{`UPDATE audit_head SET hash = prev FROM audit WHERE audit.seq = 5`, 5, "the head row names another end"},
			{`UPDATE text SET body = 'something else' WHERE body = 'because 3'`, 4, "the text of its reason was changed"},
			{`DELETE FROM audit_head`, 1, "the head row is missing"},
		} {
			db := dbtest.SQLite(t)()
			if strings.HasSuffix(t.Name(), "postgres") {
				db = dbtest.Postgres(t)()
			}
			chain(t, db, 5)
			store.Exec(t, db, off[db.Engine()])
			store.Exec(t, db, c.statement)
			if r := verify(t, db); r.BrokenAt != c.at || r.Why != c.why {
				t.Errorf("%s: %+v, want row %d: %s", c.statement, r, c.at, c.why)
			}
		}
	})
}

func TestAReasonThatWasErasedStillFits(t *testing.T) {
	dbtest.Each(t, func(t *testing.T, open func() *store.DB) {
		db := open()
		reasons := chain(t, db, 3)
		write(t, db, store.NoStream, noon, func(ctx context.Context, tx *store.Tx) error { return tx.EraseText(ctx, reasons[1]) })
		if r := verify(t, db); !r.OK() || r.Rows != 3 {
			t.Errorf("the chain: %+v", r)
		}
		view(t, db, func(ctx context.Context, tx *store.Tx) error {
			texts, err := tx.Texts(ctx, reasons...)
			same(t, "the texts left", texts, map[store.TextID]string{reasons[0]: "because 0", reasons[2]: "because 2"})
			return err
		})
	})
}

func TestAuditRefusesWhatCannotBeChained(t *testing.T) {
	db := dbtest.SQLite(t)()
	for _, c := range []struct {
		e    store.Entry
		want string
	}{
		{store.Entry{Actor: "a", Action: "b", Payload: []int{1}}, "payload: want a JSON object"},
		{store.Entry{Actor: "a", Action: "b", Payload: func() {}}, "payload: json: unsupported type"},
		{store.Entry{Actor: "a", Action: "b", Reason: "tx_none"}, "there is no text tx_none to be the reason"},
		{store.Entry{Action: "b"}, "CHECK constraint failed"},
	} {
		err := db.InTx(t.Context(), store.Entries, noon, func(tx *store.Tx) error {
			_, _, err := tx.Audit(t.Context(), c.e)
			return err
		})
		if err == nil || !strings.Contains(err.Error(), c.want) {
			t.Errorf("%+v: %v, want %s", c.e, err, c.want)
		}
	}
	if r := verify(t, db); !r.OK() || r.Rows != 0 {
		t.Errorf("the chain after refusals: %+v", r)
	}
}

func TestCountingTheAuditChain(t *testing.T) {
	dbtest.Each(t, func(t *testing.T, open func() *store.DB) {
		db := open()
		chain(t, db, 5)
		view(t, db, func(ctx context.Context, tx *store.Tx) error {
			for _, x := range []struct {
				actor, subject string
				by, about      int64
			}{{"pe_1", "mb_0", 5, 3}, {"pe_2", "mb_1", 0, 2}, {"", "", 0, 0}} {
				by, about, err := tx.AuditCount(ctx, x.actor, x.subject)
				if err != nil {
					return err
				}
				if by != x.by || about != x.about {
					t.Errorf("%+v: %d and %d", x, by, about)
				}
			}
			return nil
		})
	})
}
