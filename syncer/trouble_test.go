package syncer

import (
	"fmt"
	"maps"
	"slices"
	"testing"
	"time"

	"coopcloud.tech/goodstanding/roll"
	"coopcloud.tech/goodstanding/store"
	"coopcloud.tech/goodstanding/syncer/opencollective"
)

// occasions are all notices, in the order in which they were written.
func (w *world) occasions() (out []string) {
	w.t.Helper()
	w.view(func(tx *store.Tx) error {
		rows, err := tx.Notices(w.t.Context(), store.OutboxQuery{})
		out = nil
		for _, row := range rows {
			out = append(out, row.Occasion+" to "+row.Recipient)
		}
		return err
	})
	return out
}

// TestTheTreasurersAreToldOfWhatSomebodyHasToMend, in the transaction of the
// failed pull's own row: once until the next good one, and then again. Nobody is
// told of an outage or of a rate limit.
func TestTheTreasurersAreToldOfWhatSomebodyHasToMend(t *testing.T) {
	onBoth(t, func(w *world) {
		u, s := planted(w)
		s.tell = w.roll.AfterFailure
		fail := func(times int, err error) {
			u.fail = err
			for range times {
				w.later(time.Minute)
				if _, err := s.Pull(t.Context()); err == nil {
					w.t.Fatal("the pull succeeded")
				}
			}
			u.fail = nil
		}
		good := func() {
			w.later(time.Minute)
			w.pull(s)
		}
		wants := func(want ...string) {
			w.t.Helper()
			if got := w.occasions(); !slices.Equal(got, want) {
				w.t.Errorf("told %q, want %q", got, want)
			}
		}
		fail(2, &opencollective.UpstreamDown{Op: "orders", What: "a timeout"})
		fail(2, &opencollective.RateLimited{Op: "orders", Wait: time.Second})
		fail(2, &opencollective.Incomplete{Op: "orders"})
		wants()
		before := w.rows()
		fail(1, &opencollective.Unauthorised{Op: "preflight", Reason: "expired"})
		after := w.rows()
		for _, table := range []string{"pull", "outbox", "ledger"} {
			if after[table] != before[table]+1 {
				w.t.Errorf("a refused token added %d rows to %s, want 1", after[table]-before[table], table)
			}
			delete(after, table)
			delete(before, table)
		}
		if !maps.Equal(before, after) {
			w.t.Errorf("a refused token changed more: %v, before %v", after, before)
		}
		fail(3, &opencollective.Unauthorised{Op: "preflight", Reason: "expired"})
		refused := "authentication_failure//snapshot:1/unauthorised to treasurers"
		wants(refused)
		fail(2, &opencollective.SchemaDrift{Op: "orders"})
		drift := "schema_drift//snapshot:1/schema_drift to treasurers"
		wants(refused, drift)
		good()
		wants(refused, drift)
		fail(2, &opencollective.Unauthorised{Op: "preflight", Reason: "expired"})
		wants(refused, drift, "authentication_failure//snapshot:2/unauthorised to treasurers")
		if r, err := s.DryRun(t.Context()); err != nil || r.Snapshot != 3 {
			w.t.Errorf("a dry run: %+v, %v", r, err)
		}
		u.fail = &opencollective.Forbidden{Op: "transactions", Scope: "transactions"}
		if _, err := s.DryRun(t.Context()); err == nil || len(w.occasions()) != 3 {
			w.t.Errorf("a dry run tells somebody: %v, %q", err, w.occasions())
		}
	})
}

// TestEveryClassIsTroubleOrNone: a new class of upstream's has to be thought
// about.
func TestEveryClassIsTroubleOrNone(t *testing.T) {
	want := map[string]roll.Trouble{
		"unauthorised": "authentication_failure", "forbidden": "authentication_failure", "token_ignored": "authentication_failure",
		"schema_drift": "schema_drift",
		"ok":           "", "rate_limited": "", "upstream_down": "", "partial": "", "not_found": "", "incomplete": "", "slug_unknown": "",
		"other_account": "", "other_currency": "", "archived": "", "clock_apart": "", "cancelled": "", "other": "",
	}
	for _, class := range opencollective.Classes() {
		if trouble, thought := want[class]; !thought || troubles[class] != trouble {
			t.Errorf("%s is %q, want %q (thought about: %v)", class, troubles[class], trouble, thought)
		}
	}
}

// TestUnknownWordsAreTold to the roll, as what and which.
func TestUnknownWordsAreTold(t *testing.T) {
	onBoth(t, func(w *world) {
		u, s := planted(w)
		u.order("or-alder").Status = "SNOOZED"
		w.pull(s)
		if got := w.told[len(w.told)-1].Unknown; fmt.Sprint(got) != "[status:SNOOZED]" {
			w.t.Errorf("told of %q", got)
		}
		u.order("or-alder").Status = active
		w.later(time.Minute)
		w.pull(s)
		if got := w.told[len(w.told)-1].Unknown; len(got) != 0 {
			w.t.Errorf("a known word is told: %q", got)
		}
	})
}
